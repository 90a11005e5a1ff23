"""clearline tracks: which tracks lose separation, and which come into notified volumes.

What computes is imported once it is known how much there is to be judged: little is judged at once,
without waiting for the compiler.
"""

from collections.abc import Iterable, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import msgspec
import typer
from rich.console import Console
from rich.status import Status

from clearline.cli.check import REFUSED, _open, _size
from clearline.cli.check_run import Headed, Running, Watched
from clearline.cli.getting_ready import get_ready_for, uncompiled
from clearline.cli.output import AsJson, now, refuse, usage
from clearline.conflict.fast.kept import TRACKS
from clearline.conflict.remembered import corners
from clearline.conflict.tracks.minima import (
    LATERAL_M_MAX,
    LOOKAHEAD_S_MAX,
    VERTICAL_M_MAX,
    Minima,
)
from clearline.conflict.tracks.track import REFS, Fleet, Track
from clearline.conflict.verdict import Extent
from clearline.model.finding import Verdict
from clearline.model.refusal import Refusal
from clearline.model.space import HeightRef
from clearline.model.time import Instant, format_utc, parse_utc
from clearline.plan.answer import RefusedItem, exit_code
from clearline.plan.notified import Notified, of_notices, of_picture
from clearline.plan.snapshot import SNAPSHOT_BYTES_MAX, looks_like_picture, read_picture
from clearline.plan.tracks import TrackFile, read_tracks
from clearline.words.sentences import quoted

if TYPE_CHECKING:
    from clearline.conflict.tracks.pairs import TrackPair
    from clearline.conflict.tracks.volumes import Stay

app = typer.Typer(no_args_is_help=True)
if find_spec("httpx2") is not None:  # these ask a running node; a base install has the others
    from clearline.cli.tracks_live import bind, feed, live, tell

    for each in (live, feed, bind, tell):
        app.command(each.__name__)(each)
FEW_TRACKS: Final = 2_000
"""Pairs of so many are found within a second without compiled loops."""
FEW_CORNERS: Final = 100_000
_VOLUME_CORNERS: Final = 80
"""Tracks in volumes take about 50 microseconds without them for each track and corner, and a volume
as such is worth so many corners: up to here, some five seconds."""
LINES_MAX: Final = 200
"""Rows that are printed; --json has more."""
_HEADS: Final = {
    Verdict.YES: "LOSS",
    Verdict.UNDETERMINED: "CANNOT RULE OUT",
    Verdict.NO: "",
}
Ref = Annotated[
    str | None,
    typer.Option("--alt-ref", help="W84, AMSL, AGL or FL: of heights that do not say so."),
]
At = Annotated[
    str | None, typer.Option("--at", help="Now, UTC; without it the newest time in the file.")
]


@app.command("pairs")
def pairs(
    tracks: Annotated[Path, typer.Argument(metavar="FILE", help="Tracks; - for stdin.")],
    lateral_m: Annotated[float, typer.Option("--lateral-m", help="Lateral minimum, metres.")],
    vertical_m: Annotated[float, typer.Option("--vertical-m", help="Vertical minimum, metres.")],
    lookahead_s: Annotated[float, typer.Option("--lookahead-s", help="How far ahead, seconds.")],
    alt_ref: Ref = None,
    at: At = None,
    as_json: AsJson = False,
) -> None:
    """Every pair of tracks that comes closer than both minima within the look-ahead.

    FILE: a JSON list, or one object a line: id, lat, lon, track_deg, speed_mps (or speed_kt), alt_m
    (or alt_ft, or "ground"), vs_mps (or vs_fpm); also alt_ref, time. Tracks go on along the WGS 84
    geodesic of their course. --json prints a list of pairs: a, b, verdict, entry_s, exit_s,
    closest_s, lateral_closest_m, vertical_closest_m, lateral_now_m, vertical_now_m, settles.
    Refused records are told on standard error.

    Exit 2 if any record was refused, else 1 if any pair loses separation, else 3 if for any it
    cannot be ruled out, else 0.

    Example: clearline tracks pairs tracks.ndjson --lateral-m 9260 --vertical-m 304.8
    --lookahead-s 300 --json
    """
    minima = _minima(lateral_m, vertical_m, lookahead_s)
    read = _read(tracks, at, alt_ref)
    found = _pairs(read, minima)
    _tell_refused(read.refused, as_json=as_json)
    if as_json:
        typer.echo(msgspec.json.encode(found).decode())
    else:
        for line in _table(found):
            typer.echo(line)
        typer.echo(f"{len(read.tracks)} tracks, {_counted(p.verdict for p in found)}")
    raise typer.Exit(_exit(read.refused, [pair.verdict for pair in found]))


@app.command("volumes")
def volumes(
    tracks: Annotated[Path, typer.Argument(metavar="TRACKS", help="Tracks; - for stdin.")],
    against: Annotated[
        Path, typer.Option("--against", help="A signed picture, or notices; - for stdin.")
    ],
    lookahead_s: Annotated[
        float, typer.Option("--lookahead-s", help="How far ahead, seconds.")
    ] = 1200.0,
    alt_ref: Ref = None,
    at: At = None,
    as_json: AsJson = False,
) -> None:
    """Every track that is in a notified volume or comes into one within the look-ahead.

    TRACKS: as for pairs. NOTICES: as clearline check takes them. --json prints a list of stays:
    track, volume, extent, verdict, enter_s (0: in now), leave_s, settles; for those in now way_out:
    exit_m to the nearest edge, and the minutes that a way out takes at the track's speed (and
    turn_dps, where it is stated). Heights are compared by their references: say --alt-ref.

    Exit 2 if any record was refused, else 1 if any track is or comes in, else 3 if for any it
    cannot be ruled out, else 0.

    Example: clearline tracks volumes tracks.ndjson --against notices.ndjson --alt-ref W84 --json
    """
    if str(tracks) == "-" and str(against) == "-":
        usage("only one of TRACKS and --against can be standard input")
    if not 0 < lookahead_s <= LOOKAHEAD_S_MAX:
        usage(f"--lookahead-s {lookahead_s} is not above 0 and at most {LOOKAHEAD_S_MAX:g}")
    read, notices = _read(tracks, at, alt_ref), _notices(against, as_json=as_json)
    moment = read.now or now()
    found = _stays_of(read, notices, lookahead_s, moment)
    refused = (*read.refused, *notices.refused)
    _tell_refused(refused, as_json=as_json)
    for name in notices.anywhere:
        typer.echo(f"CANNOT BE READ, and may be anywhere: {quoted(name)}", err=True)
    if as_json:
        typer.echo(msgspec.json.encode(found).decode())
    else:
        for line in _stays(found):
            typer.echo(line)
        counts = _counted(stay.verdict for stay in found)
        many = f"{len(read.tracks)} tracks, {len(notices.extents)} volumes"
        typer.echo(f"{many} at {format_utc(moment)}, {counts}")
    verdicts = [stay.verdict for stay in found]
    raise typer.Exit(_exit(refused, verdicts + [Verdict.UNDETERMINED] * len(notices.anywhere)))


def _pairs(read: TrackFile, minima: Minima) -> "list[TrackPair]":
    if len(read.tracks) < 2:
        return []
    get_ready_for(TRACKS, many=len(read.tracks) > FEW_TRACKS)
    from clearline.conflict.tracks.pairs import find_pairs
    from clearline.engine import side_by_side

    with _busy(len(read.tracks)), side_by_side() as hands:
        return list(find_pairs(Fleet.of(read.tracks, read.now), minima, hands=hands).each())


def _stays_of(
    read: TrackFile, notices: Notified, lookahead_s: float, moment: Instant
) -> "list[Stay]":
    if not read.tracks or not notices.extents:
        return []
    get_ready_for(TRACKS, many=_cost(read.tracks, notices.extents) > FEW_CORNERS)
    from clearline.conflict.tracks.volumes import Volumes, tracks_in_volumes

    with _busy(len(read.tracks)):
        fleet, volumes = Fleet.of(read.tracks, moment), Volumes.of(notices.ids, notices.extents)
        turns = read.turn_dps
        return list(tracks_in_volumes(fleet, volumes, lookahead_s, moment, turn_dps=turns))


def _cost(tracks: Sequence[Track], extents: Sequence[Extent]) -> int:
    every = sum(_VOLUME_CORNERS + corners(extent.volume.footprint) for extent in extents)
    return len(tracks) * every


def _notices(path: Path, *, as_json: bool) -> Notified:
    try:
        with _open(path) as file:
            source = Headed(file)
            if not looks_like_picture(source.head):
                return of_notices(Watched(source, _size(file, path), "notices", Running()))
            picture = read_picture(source.read(SNAPSHOT_BYTES_MAX + 2))
    except OSError as error:
        usage(f"{error.filename or path}: {error.strerror or error}")
    if isinstance(picture, Refusal):
        refuse(picture, as_json=as_json, code=REFUSED)
    return of_picture(picture)


def _stays(found: "list[Stay]") -> Iterable[str]:
    """A line for each stay, the surest and soonest first."""
    rows = sorted(found, key=lambda stay: (stay.verdict is not Verdict.YES, stay.enter_s))
    for stay in rows[:LINES_MAX]:
        head = "IN" if stay.verdict is Verdict.YES else "CANNOT RULE OUT"
        when = "now" if stay.enter_s == 0 else f"in {stay.enter_s:.0f} s"
        until = "beyond the look-ahead" if stay.leave_s is None else f"{stay.leave_s:.0f} s"
        out = ""
        if stay.way_out is not None:
            out = f"; {stay.way_out.exit_m:.0f} m to the nearest edge"
            if stay.way_out.minutes is not None:
                out += f", {stay.way_out.minutes:.1f} min"
        open_ = f"; open: {stay.settles}" if stay.settles else ""
        who = f"{quoted(stay.track)} in {quoted(stay.volume)}"
        yield f"{head} {who}: {when}, until {until}{out}{open_}"
    if len(found) > LINES_MAX:
        yield f"... and {len(found) - LINES_MAX} more: see --json"


def _minima(lateral_m: float, vertical_m: float, lookahead_s: float) -> Minima:
    for name, value, most in (
        ("--lateral-m", lateral_m, LATERAL_M_MAX),
        ("--vertical-m", vertical_m, VERTICAL_M_MAX),
        ("--lookahead-s", lookahead_s, LOOKAHEAD_S_MAX),
    ):
        if not 0 < value <= most:
            usage(f"{name} {value} is not above 0 and at most {most:g}")
    return Minima(lateral_m=lateral_m, vertical_m=vertical_m, lookahead_s=lookahead_s)


def _read(path: Path, at: str | None, alt_ref: str | None) -> TrackFile:
    ref, moment = None, None if at is None else _instant(at)
    if alt_ref is not None:
        if alt_ref not in REFS or alt_ref == HeightRef.SFC:
            usage(f"--alt-ref {alt_ref} is none of W84, AMSL, AGL, FL")
        ref = HeightRef(alt_ref)
    try:
        with _open(path) as source:
            watched = Watched(source, _size(source, path), "tracks", Running())
            return read_tracks(watched, moment, ref)
    except OSError as error:  # exit 1 would say that there is a loss
        usage(f"{error.filename or path}: {error.strerror or error}")


def _instant(text: str) -> Instant:
    try:
        return parse_utc(text)
    except ValueError as error:
        usage(f"--at {error}")


def _busy(count: int) -> Status:
    """Says on a terminal what is being done; what the first use compiles is said by itself."""
    return Console(stderr=True).status(f"judging {count} tracks{uncompiled()}")


def _table(found: "list[TrackPair]") -> Iterable[str]:
    """A line for each pair, the surest and soonest first."""
    rows = sorted(found, key=lambda pair: (pair.verdict is not Verdict.YES, pair.entry_s))
    for pair in rows[:LINES_MAX]:
        until = "beyond the look-ahead" if pair.exit_s is None else f"{pair.exit_s:.0f} s"
        when = "now" if pair.entry_s == 0 else f"in {pair.entry_s:.0f} s"
        open_ = f"; open: {pair.settles}" if pair.settles else ""
        yield (
            f"{_HEADS[pair.verdict]} {quoted(pair.a)} and {quoted(pair.b)}: {when}, until {until}; "
            f"closest in {pair.closest_s:.0f} s at {pair.lateral_closest_m:.0f} m and "
            f"{_height(pair.vertical_closest_m)} in height; now {pair.lateral_now_m:.0f} m and "
            f"{_height(pair.vertical_now_m)}{open_}"
        )
    if len(found) > LINES_MAX:
        yield f"... and {len(found) - LINES_MAX} more: see --json"


def _height(bounds: tuple[float, float]) -> str:
    low, high = bounds
    if high - low < 1:
        return f"{low:.0f} m"
    return f"{low:.0f} m or more" if high > 1e6 else f"{low:.0f} to {high:.0f} m"


def _counted(verdicts: Iterable[Verdict]) -> str:
    every = list(verdicts)
    sure, open_ = every.count(Verdict.YES), every.count(Verdict.UNDETERMINED)
    return f"{sure} found, {open_} cannot be ruled out"


def _tell_refused(refused: tuple[RefusedItem, ...], *, as_json: bool) -> None:
    """Every refused record on standard error, so that the answer stays a list."""
    for item in refused:
        if as_json:
            typer.echo(msgspec.json.encode({"refused": item}).decode(), err=True)
        else:
            where = f"{item.source} {item.unit} {item.place}"
            typer.echo(f"REFUSED {where}: {item.sentence} [{item.code}]", err=True)


def _exit(refused: tuple[RefusedItem, ...], verdicts: list[Verdict]) -> int:
    return exit_code(
        len(refused), verdicts.count(Verdict.YES), verdicts.count(Verdict.UNDETERMINED)
    )
