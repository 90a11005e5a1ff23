"""clearline place: read a place in any notation, write it in all; tell two reports apart."""

from typing import Annotated, NoReturn

import typer

from clearline.canonical import Plain
from clearline.cli.output import AsJson, refuse, show
from clearline.model.refusal import Refusal
from clearline.model.space import LatLon
from clearline.notation import Ambiguous, Notation, Position
from clearline.notation.apart import bearing_distance
from clearline.notation.position import ask, read_position, write_position
from clearline.notation.relative import read_report
from clearline.notation.traps import two_places

WRITTEN = (Notation.DMS, Notation.DDM, Notation.DECIMAL, Notation.MGRS)
LIMIT_MM = 100_000
ASKED = 3
"""Exit code: the text has more than one meaning, or the two reports are not one place."""


def command(
    text: Annotated[str, typer.Argument(metavar="PLACE", help="In any notation.")],
    other: Annotated[
        str | None, typer.Argument(metavar="[PLACE]", help="A second report of the same thing.")
    ] = None,
    origin: Annotated[
        str | None, typer.Option("--from", help="Say bearing and distance from this place.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Read a place, and write it in every notation; nothing is sent anywhere.

    Exit 3 if it has more than one meaning: each is shown, with how far they lie apart. Of two
    reports of one thing, such as '9 km S of PLACE' and '3-6 km SW of PLACE', exit 3 if they cannot
    be one place.

    Example: clearline place "37S BV 5056 3197" --from "35°30'N 36°15'E"
    """
    if other is not None:
        _two(text, other, as_json=as_json)
    found = read_position(text)
    if isinstance(found, Ambiguous):
        _asked(found, as_json=as_json)
    if isinstance(found, Refusal):
        refuse(found, as_json=as_json)
    start = None if origin is None else _one(origin, as_json=as_json)
    said, plain = _written(found, start)
    show(said, plain, as_json=as_json)


def _one(text: str, *, as_json: bool) -> LatLon:
    found = read_position(text)
    if isinstance(found, Ambiguous):
        found = ask(found)
    if isinstance(found, Refusal):
        refuse(found, as_json=as_json)
    return found.at


def _written(found: Position, origin: LatLon | None) -> tuple[list[str], dict[str, Plain]]:
    """One position in every notation; how large it is; where it lies from a point."""
    forms = {each.value: write_position(found.at, each) for each in WRITTEN}
    said = [f"{name:8} {form}" for name, form in forms.items()]
    plain: dict[str, Plain] = {
        "at": [found.at.lat_e7, found.at.lon_e7], "read_as": found.notation.value,
        "cell_mm": found.cell_mm, **forms,
    }  # fmt: skip
    if found.cell_mm:
        said.append(f"a square: any point within {found.cell_mm / 1000:.10g} m of its middle")
    if origin is not None:
        bearing, distance = bearing_distance(origin, found.at)
        said.append(f"bearing {bearing / 1000:.3f} true, {distance / 1e6:.3f} km")
        plain |= {"bearing_mdeg": bearing, "distance_mm": distance}
    return said, plain


def _asked(found: Ambiguous, *, as_json: bool) -> NoReturn:
    said = [f"more than one meaning, up to {found.apart_mm / 1e6:.1f} km apart: which was meant?"]
    every: list[Plain] = []
    for candidate in found.candidates:
        lines, plain = _written(candidate, None)
        said += [f"  read as {candidate.notation.value}", *(f"    {line}" for line in lines)]
        every.append(plain)
    show(said, {"apart_mm": found.apart_mm, "candidates": every}, as_json=as_json)
    raise typer.Exit(ASKED)


def _two(text: str, other: str, *, as_json: bool) -> NoReturn:
    reports = []
    for each in (text, other):
        report = read_report(each)
        if isinstance(report, Refusal):
            refuse(report, as_json=as_json)
        reports.append(report)
    found = two_places(reports[0], reports[1], LIMIT_MM)
    if found is None:
        show(["these may be one place"], {"one_place": True}, as_json=as_json)
        raise typer.Exit
    km = found.apart_mm / 1e6
    show(
        [f"NOT ONE PLACE: at least {km:.1f} km apart"],
        {"one_place": False, "apart_mm": found.apart_mm},
        as_json=as_json,
    )
    raise typer.Exit(ASKED)
