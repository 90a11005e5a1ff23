"""clearline movers: own movers as last known; they stay on this node and are never sent."""

import csv
import io
from collections.abc import Iterator, Mapping
from contextlib import suppress
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Final

import msgspec
import typer

from clearline.canonical import UNREADABLE, Plain
from clearline.cli import shapes
from clearline.cli.importing import RowError
from clearline.cli.notice import Id
from clearline.cli.output import REFUSED, AsJson, now, read, show, usage
from clearline.cli.remote import (
    LineName,
    NodeFolder,
    Token,
    Url,
    instant,
    line_id,
    plain,
    run,
)
from clearline.client import Client, asks
from clearline.model.limits import NAME_CHARS_MAX
from clearline.model.space import HeightRef, LatLon
from clearline.model.time import Instant, format_length
from clearline.node.inbound import Mover
from clearline.node.requests import MoverFix, MoverFixes
from clearline.notation import Notation

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)

MOVERS_MAX: Final = 1_000
"""What one request of the API takes."""
CELL_MM: Final = 80_000
"""A mover is a point: a square of at most 100 m, half of whose diagonal is 71 m, may name it."""
_MMS: Final = {
    "kmh": Decimal(1_000_000) / 3600,
    "kt": Decimal(1_852_000) / 3600,
    "ms": Decimal(1000),
}
SPEEDS: Final = tuple(f"speed_{unit}" for unit in _MMS)
NEEDED: Final = ("call_sign", "lat", "lon", "class", "as_of")
COLUMNS: Final = (*NEEDED, *SPEEDS, "height")


@app.command()
def put(
    call_sign: Annotated[
        str | None, typer.Argument(metavar="CALLSIGN", help="One mover; or give --file.")
    ] = None,
    position: Annotated[
        str | None,
        typer.Argument(metavar="PLACE", help="In any notation, WGS 84; a square of 100 m at most."),
    ] = None,
    cls: Annotated[
        str | None, typer.Option("--class", help="The class that it would be filed under.")
    ] = None,
    speed: Annotated[
        str | None, typer.Option("--speed", help="Over the ground: 480kmh, 260kt or 130ms.")
    ] = None,
    height: Annotated[
        str | None, typer.Option("--height", help="Above the ellipsoid only: '900 m W84'.")
    ] = None,
    as_of: Annotated[
        str | None, typer.Option("--as-of", help="When it was there, with its zone; else now.")
    ] = None,
    file: Annotated[
        Path | None,
        typer.Option(
            "--file",
            help="CSV with a header or NDJSON: call_sign lat lon class as_of, speed_kmh or"
            " speed_kt or speed_ms, height; - reads.",
        ),
    ] = None,
    id_: Id = None, node: NodeFolder = None, url: Url = None, token_file: Token = None,
    line: LineName = None, as_json: AsJson = False,
) -> None:  # fmt: skip
    """State where own movers are: exposure and minutes needed are worked out from them.

    Each replaces that of the same call sign. Errors of a file are named by row and column, and
    nothing of it is taken then.

    Example: clearline movers put "TANKER 1" 34.6,35.9 --class air-movement --speed 480kmh
    --node alfa-node
    """
    if (file is None) is (call_sign is None):
        usage("give CALLSIGN LAT,LON or --file")
    if file is not None:
        fixes = _of_file(read(file, as_json=as_json), as_json=as_json)
    else:
        fixes = [_of_flags(call_sign or "", position, cls, speed, height, as_of)]
    _send(MoverFixes(movers=tuple(fixes), id=id_), node, url, token_file, line, as_json=as_json)


@app.command("list")
def list_(
    node: NodeFolder = None, url: Url = None, token_file: Token = None, line: LineName = None,
    as_json: AsJson = False,
) -> None:  # fmt: skip
    """Own movers as last known, with the age of what is known.

    Example: clearline movers list --node alfa-node
    """
    found = run(
        node, url, token_file, lambda client: client.do(asks.movers(line_id(client, line))),
        as_json=as_json,
    )  # fmt: skip
    _show(found, as_json=as_json)


@app.command()
def remove(
    call_signs: Annotated[
        list[str] | None, typer.Argument(metavar="CALLSIGN...", help="Which; or --all.")
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="All of them.")] = False,
    id_: Id = None, node: NodeFolder = None, url: Url = None, token_file: Token = None,
    line: LineName = None, as_json: AsJson = False,
) -> None:  # fmt: skip
    """Take own movers away. With none left the board says NO MOVER DATA, not "nobody exposed".

    Example: clearline movers remove "TANKER 1" --node alfa-node
    """
    if bool(call_signs) is every:
        usage("name the call signs, or say --all")

    def do(client: Client) -> tuple[Mover, ...]:
        name = line_id(client, line)
        held = [mover.call_sign for mover in client.do(asks.movers(name))]
        unknown = [each for each in call_signs or () if each not in held]
        if unknown:
            usage(f"there is no mover {unknown[0]!r}: see clearline movers list")
        gone = tuple(held if every else call_signs or ())
        return client.do(asks.move(name, MoverFixes(gone=gone, id=id_)))

    _show(run(node, url, token_file, do, as_json=as_json), as_json=as_json)


# -- parts


def _send(
    fixes: MoverFixes, node: Path | None, url: str | None, token_file: Path | None,
    line: str | None, *, as_json: bool,
) -> None:  # fmt: skip
    found = run(
        node, url, token_file,
        lambda client: client.do(asks.move(line_id(client, line), fixes)), as_json=as_json,
    )  # fmt: skip
    _show(found, as_json=as_json)


def _show(found: tuple[Mover, ...], *, as_json: bool) -> None:
    text = [
        f"{each.call_sign} ({each.cls}) at {each.position.lat:.5f},{each.position.lon:.5f},"
        f" {each.speed_mms / 1000 * 3.6:.0f} km/h, {_age(each.as_of)}"
        for each in found
    ]
    show(text or ["NO MOVER DATA"], [plain(each) for each in found], as_json=as_json)


def _age(at: Instant) -> str:
    ago = now() - at
    return f"{format_length(ago)} old" if ago >= 0 else f"{format_length(-ago)} ahead of the clock"


def _of_flags(
    call_sign: str, position: str | None, cls: str | None, speed: str | None, height: str | None,
    as_of: str | None,
) -> MoverFix:  # fmt: skip
    if position is None or cls is None or speed is None:
        usage("a mover needs PLACE, --class and --speed")
    try:
        place = shapes.place(position, cell_mm=CELL_MM).at
        return MoverFix(
            call_sign=call_sign, position=place, cls=cls, speed_mms=_speed(speed),
            height_mm=None if height is None else _height(height),
            as_of=now() if as_of is None else instant(as_of),
        )  # fmt: skip
    except ValueError as error:
        usage(str(error))


def _speed(text: str) -> int:
    """A number with its unit. Raises ValueError: a speed without a unit is no speed."""
    said = text.strip().lower().replace("/", "").replace(" ", "")
    for unit, mms in _MMS.items():
        if said.endswith(unit) and (unit != "ms" or not said.endswith("kms")):
            return _mms(said.removesuffix(unit), mms)
    raise ValueError(f"{text!r} is not a speed with its unit: 480kmh, 260kt, 130ms")


def _mms(text: str, factor: Decimal) -> int:
    found = shapes.number(text, "speed")
    if not 0 <= found <= 100_000:
        raise ValueError(f"speed: {text} is not between 0 and 100000")
    return round(found * factor)


def _height(text: str) -> int:
    found = shapes.height(text, upper=True)
    if found.ref is not HeightRef.W84 or found.mm is None:
        raise ValueError(f"{text!r} is not a height above the ellipsoid, such as '900 m W84'")
    return found.mm


def _of_file(raw: bytes, *, as_json: bool) -> list[MoverFix]:
    fixes, errors = read_movers(raw)
    if errors:
        said: Plain = [{"row": e.row, "column": e.column, "text": e.text} for e in errors]
        text = [f"row {e.row}, column {e.column}: {e.text}" for e in errors]
        show(text, {"errors": said}, as_json=as_json)
        raise typer.Exit(REFUSED)
    return fixes


def read_movers(raw: bytes) -> tuple[list[MoverFix], list[RowError]]:
    """Movers of a CSV table or of NDJSON, told apart by the first character; or every error."""
    fixes: list[MoverFix] = []
    errors: list[RowError] = []
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return [], [RowError(1, "", f"not UTF-8 text (byte {error.start})")]
    rows = _json_rows(text) if text.lstrip()[:1] == "{" else _csv_rows(text)
    seen: set[str] = set()
    for n, row in rows:
        if isinstance(row, RowError):
            errors.append(row)
            continue
        if len(fixes) >= MOVERS_MAX:
            return [], [RowError(n, "", f"more than {MOVERS_MAX} movers: divide the file")]
        try:
            fix = _fix(row)
        except _Wrong as wrong:
            errors.append(RowError(n, wrong.column, wrong.text))
            continue
        if fix.call_sign in seen:
            errors.append(RowError(n, "call_sign", f"{fix.call_sign!r} stands twice"))
        seen.add(fix.call_sign)
        fixes.append(fix)
    if not fixes and not errors:
        errors.append(RowError(1, "", "no mover in it"))
    return fixes, errors


Row = tuple[int, "Mapping[str, str] | RowError"]


def _csv_rows(text: str) -> Iterator[Row]:
    reader = csv.DictReader(io.StringIO(text, newline=""))
    header = reader.fieldnames or []
    lacking = [name for name in NEEDED if name not in header]
    if lacking:
        yield 1, RowError(1, lacking[0], "there is no such column")
        return
    try:
        for n, row in enumerate(reader, start=2):
            yield n, {name: (row.get(name) or "").strip() for name in COLUMNS}
    except csv.Error as error:
        yield reader.line_num, RowError(reader.line_num, "", f"not CSV: {error}")


def _json_rows(text: str) -> Iterator[Row]:
    for n, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        try:
            row = msgspec.json.decode(line.encode(), type=dict[str, str | int | float])
        except UNREADABLE as error:
            yield n, RowError(n, "", f"not a JSON object of texts and numbers: {error}")
            continue
        unknown = [name for name in row if name not in COLUMNS]
        if unknown:
            yield n, RowError(n, unknown[0], f"unknown; there are: {', '.join(COLUMNS)}")
            continue
        yield n, {name: str(row.get(name, "")).strip() for name in COLUMNS}


def _place(lat: str, lon: str) -> LatLon:
    """Decimal degrees, as these columns are; or degrees with their signs. Raises ValueError."""
    text = f"{lat};{lon}"
    with suppress(ValueError):
        return shapes.place(text, notation=Notation.DECIMAL).at
    return shapes.place(text).at


class _Wrong(ValueError):
    def __init__(self, column: str, text: str) -> None:
        super().__init__(text)
        self.column, self.text = column, text


def _fix(row: Mapping[str, str]) -> MoverFix:
    """One mover of a row. Raises _Wrong, naming the column."""
    at = "call_sign"
    try:
        for at in NEEDED:
            if not row[at] or len(row[at]) > NAME_CHARS_MAX:
                raise ValueError("is empty or longer than 64 characters")
        at = "lat"
        place = _place(row["lat"], row["lon"])
        at = "as_of"
        as_of = shapes.moment(row["as_of"])
        speeds = [name for name in SPEEDS if row[name]]
        at = speeds[0] if speeds else SPEEDS[0]
        if len(speeds) != 1:
            raise ValueError(f"exactly one of {', '.join(SPEEDS)} must be given")
        speed = _mms(row[at], _MMS[at.removeprefix("speed_")])
        at = "height"
        height = _height(row["height"]) if row["height"] else None
    except ValueError as error:
        raise _Wrong(at, str(error)) from error
    return MoverFix(
        call_sign=row["call_sign"], position=place, cls=row["class"], speed_mms=speed,
        height_mm=height, as_of=as_of,
    )  # fmt: skip
