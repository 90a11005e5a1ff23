"""clearline tracks live, feed, bind, tell: tracks in a running node. They never leave it."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, BinaryIO, Final

import typer

from clearline.canonical import Plain
from clearline.cli.notice import Id
from clearline.cli.output import REFUSED, AsJson, show, usage
from clearline.cli.remote import LineName, NodeFolder, Token, Url, line_id, plain, run
from clearline.client import Client, asks
from clearline.model.ids import EntryRef, parse_ref
from clearline.model.refusal import Code, Param, Refusal
from clearline.model.sighting import Binding
from clearline.node.live.track_views import FedView, LiveView, TrackView
from clearline.node.requests import BindingFixes
from clearline.plan.tracks import RECORD, read_track
from clearline.words.sentences import sentence

LINES_AT_ONCE: Final = 500
LINE_BYTES_MAX: Final = 4_096
SHOWN: Final = 100


def live(
    limit: Annotated[int, typer.Option("--limit", help="Tracks that are listed.")] = SHOWN,
    node: NodeFolder = None, url: Url = None, token_file: Token = None, as_json: AsJson = False,
) -> None:  # fmt: skip
    """Live tracks of a running node: sources, own movers first, and what is found.

    Example: clearline tracks live --node alfa-node
    """
    found = run(
        node, url, token_file, lambda client: client.do(asks.tracks(limit=limit)), as_json=as_json
    )
    show(list(_lines(found)), plain(found), as_json=as_json)


def _lines(found: LiveView) -> Iterator[str]:
    yield f"{found.tracks} tracks, {len(found.bindings)} own movers bound"
    for source in found.sources:
        heard = "never heard" if source.heard_s_ago is None else f"heard {source.heard_s_ago} s ago"
        fault = f"; {source.fault.upper()}" if source.fault else ""
        refused = f"; {source.refused} refused" if source.refused else ""
        yield f"source {source.source}: {source.tracks} tracks, {heard}{refused}{fault}"
    for each in found.findings:
        yield f"[{each.finding.grade.value}] {each.words}"
    for track in found.shown:
        yield _track_line(track)
    if found.tracks > len(found.shown):
        yield f"... and {found.tracks - len(found.shown)} more: see --limit"


def _track_line(track: TrackView) -> str:
    seen = track.seen
    own = f" = {track.call_sign}" if track.call_sign else ""
    course = "" if seen.course_deg is None else f", {seen.course_deg:.0f} deg"
    ref = f" {seen.ref.value}" if seen.ref is not None else ""
    height = "" if seen.height_m is None else f", {seen.height_m:.0f} m{ref}"
    height = ", on the ground" if seen.height_m is None and seen.ref is not None else height
    coasting = ", COASTING" if track.coasting else ""
    return (
        f"{seen.name}{own} at {seen.lat:.5f},{seen.lon:.5f}{course},"
        f" {seen.speed_mps * 3.6:.0f} km/h{height}, {track.age_s} s old{coasting}"
    )


def feed(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="NDJSON of tracks; - for stdin.")],
    node: NodeFolder = None, url: Url = None, token_file: Token = None, as_json: AsJson = False,
) -> None:  # fmt: skip
    """Put tracks into a running node, as they come. They raise alarms there and are never sent.

    FILE: as for ``tracks pairs``, one object a line. Exit 1 if any record was refused, else 0.

    Example: receiver | clearline tracks feed - --node alfa-node
    """
    took: dict[str, int] = {}
    refused: list[tuple[int, str, str]] = []

    def do(client: Client) -> None:
        with _opened(file) as source:
            for first, records in _batches(source, refused):
                answer = client.do(asks.feed_tracks(records))
                _count(answer, first, took, refused)

    run(node, url, token_file, do, as_json=as_json)
    counted: Plain = {"took": {**took}, "refused": [
        {"line": n, "code": code, "sentence": text} for n, code, text in refused
    ]}  # fmt: skip
    text = [f"{count} {how}" for how, count in sorted(took.items())] or ["nothing taken"]
    text += [f"line {n} REFUSED: {why} [{code}]" for n, code, why in refused]
    show(text, counted, as_json=as_json)
    if refused:
        raise typer.Exit(REFUSED)


def _opened(file: Path) -> BinaryIO:
    if str(file) == "-":
        return sys.stdin.buffer
    try:
        return file.open("rb")
    except OSError as error:
        usage(f"{file}: {error.strerror or error}")


def _batches(
    source: BinaryIO, refused: list[tuple[int, str, str]]
) -> Iterator[tuple[list[int], list[bytes]]]:
    """Records in lots, with the lines that they stand on. From a pipe each is sent as it comes."""
    places: list[int] = []
    records: list[bytes] = []
    live_input = not source.seekable()
    for number, line in enumerate(iter(lambda: source.readline(LINE_BYTES_MAX + 1), b""), 1):
        text = line.strip()
        if not text:
            continue
        wrong = _wrong(line)
        if wrong is not None:
            refused.append((number, wrong.code.value, sentence(wrong)))
            continue
        places.append(number)
        records.append(text)
        if live_input or len(records) >= LINES_AT_ONCE:
            yield places, records
            places, records = [], []
    if records:
        yield places, records


def _wrong(line: bytes) -> Refusal | None:
    """Why a line is no track: looked at here, so that one bad line does not stop the rest."""
    if len(line) > LINE_BYTES_MAX:
        params: dict[str, Param] = {"found": len(line), "limit": LINE_BYTES_MAX}
        return Refusal(code=Code.TOO_LARGE, clause=RECORD, params=params)
    found = read_track(line)
    return found if isinstance(found, Refusal) else None


def _count(
    answer: FedView, places: list[int], took: dict[str, int], refused: list[tuple[int, str, str]]
) -> None:
    for how, count in answer.took.items():
        took[how] = took.get(how, 0) + count
    refused += [(places[each.place], each.code, each.sentence) for each in answer.refused]


def bind(
    call_sign: Annotated[str | None, typer.Argument(metavar="CALLSIGN")] = None,
    track: Annotated[
        str | None, typer.Argument(metavar="TRACK", help="SOURCE/ID, or an id in any source.")
    ] = None,
    notice: Annotated[
        str | None, typer.Option("--notice", metavar="REF", help="Its own notice: ALFA.0/7.")
    ] = None,
    gone: Annotated[bool, typer.Option("--gone", help="It is that track no more.")] = False,
    id_: Id = None, node: NodeFolder = None, url: Url = None, token_file: Token = None,
    line: LineName = None, as_json: AsJson = False,
) -> None:  # fmt: skip
    """Say which track an own mover is seen as, and beside which notice it is held; or list it all.

    Example: clearline tracks bind "RELIEF 1" 4ca123 --notice ALFA.0/7 --node alfa-node
    """
    fixes = _fixes(call_sign, track, notice, id_, gone=gone)

    def do(client: Client) -> tuple[Binding, ...]:
        name = line_id(client, line)
        return client.do(asks.bindings(name) if fixes is None else asks.bind(name, fixes))

    found = run(node, url, token_file, do, as_json=as_json)
    text = [
        f"{b.call_sign} is {b.track}" + (f", notified by {b.notice}" if b.notice else "")
        for b in found
    ]
    show(text or ["no own mover is bound"], [plain(each) for each in found], as_json=as_json)


def _fixes(
    call_sign: str | None, track: str | None, notice: str | None, id_: str | None, *, gone: bool
) -> BindingFixes | None:
    if call_sign is None:
        return None
    if gone:
        return BindingFixes(gone=(call_sign,), id=id_)
    if track is None:
        usage("give TRACK, or --gone")
    ref: EntryRef | None = None
    if notice is not None:
        try:
            ref = parse_ref(notice)
        except ValueError:
            usage(f"--notice {notice!r} is not an entry, such as ALFA.0/7")
    binding = Binding(call_sign=call_sign, track=track, notice=ref)
    return BindingFixes(bindings=(binding,), id=id_)


def tell(
    call_sign: Annotated[str, typer.Argument(metavar="CALLSIGN")],
    id_: Id = None, node: NodeFolder = None, url: Url = None, token_file: Token = None,
    line: LineName = None, as_json: AsJson = False,
) -> None:  # fmt: skip
    """Tell the line that an own mover is off its route: the message is made of what was found.

    Example: clearline tracks tell "RELIEF 1" --node alfa-node
    """
    found = run(
        node, url, token_file,
        lambda client: client.do(asks.tell_off_route(line_id(client, line), call_sign, id_=id_)),
        as_json=as_json,
    )  # fmt: skip
    show([found.words], plain(found), as_json=as_json)
