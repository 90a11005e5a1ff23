"""Handlers that read what somebody typed or pasted. Nothing is stored or sent."""

import asyncio
from typing import Final

import msgspec

from clearline.api.problems import Refused
from clearline.api.service import Call, Service
from clearline.model.limits import CORRIDOR_MM_MAX, RADIUS_MM_MAX
from clearline.model.refusal import Code, Refusal
from clearline.model.space import Edge, Footprint, LatLon
from clearline.node.queries import refusal_view
from clearline.node.requests import Asked
from clearline.node.views import RefusalView, View
from clearline.notation.position import ask, read_position, write_position
from clearline.notation.reading import Ambiguous, Notation, Position
from clearline.pasting.found import Form, Pasted, Shape, Sort, Undrawn, Wish
from clearline.pasting.read import read_pasted
from clearline.words.reader import Langs

WRITTEN: Final = (Notation.DMS, Notation.DDM, Notation.DECIMAL, Notation.MGRS)


class PlaceAsk(Asked, frozen=True):
    """A place as somebody wrote it. ``notation``: what he says that it is written in."""

    text: str
    notation: Notation | None = None


class ShapeAsk(Asked, frozen=True):
    """A text with places or shapes. ``sort``: what a list of points is; ``width_mm``: radius of
    discs, half width of corridors; ``edge``: of lists, which do not say."""

    text: str
    sort: Sort | None = None
    width_mm: int | None = None
    notation: Notation | None = None
    edge: Edge = Edge.GEODESIC


class MeaningView(View, frozen=True):
    """One meaning of a text, written in every notation. ``cell_mm``: the text names a square, and
    none of its points is farther from ``at``; ``step_mm``: half of its last digit."""

    at: LatLon
    read_as: Notation
    cell_mm: int
    step_mm: int
    swapped: bool
    dms: str
    ddm: str
    decimal: str
    mgrs: str


class PlaceView(View, frozen=True):
    """Every meaning of a text; more than one is a question, which nobody answers but its author."""

    text: str
    meanings: tuple[MeaningView, ...]
    apart_mm: int
    question: RefusalView | None


class UndrawnView(View, frozen=True):
    """Something that cannot be drawn: its text, why, and an area outside of which it states
    nothing, where there is one."""

    label: str
    text: str
    why: RefusalView
    envelope: Footprint | None


class ShapesView(View, frozen=True):
    """What stands in a text: shapes, a question, and what cannot be drawn (CL-NTN-007)."""

    form: Form
    shapes: tuple[Shape, ...]
    question: PlaceView | None
    undrawn: tuple[UndrawnView, ...]


async def read_place(_: Service, call: Call[PlaceAsk]) -> PlaceView:
    """Read a place in any notation: every meaning that it could have, in all notations."""
    found = read_position(call.body.text, notation=call.body.notation)
    if isinstance(found, Refusal):
        raise Refused(msgspec.structs.replace(found, at="/text"))
    return _place(found, call.body.text, call.langs)


async def read_shape(service: Service, call: Call[ShapeAsk]) -> ShapesView:
    """Read a list of coordinates, GeoJSON or KML as shapes; keep what cannot be drawn."""
    asked = call.body
    wish = Wish(sort=asked.sort, width_mm=_width(asked), notation=asked.notation, edge=asked.edge)
    async with service.console.room:
        found = await asyncio.to_thread(read_pasted, asked.text, wish)
    if isinstance(found, Refusal):
        raise Refused(found)
    return _shapes(found, call.langs)


def _width(asked: ShapeAsk) -> int | None:
    high = CORRIDOR_MM_MAX if asked.sort is Sort.CORRIDOR else RADIUS_MM_MAX
    if asked.width_mm is not None and not 0 < asked.width_mm <= high:
        raise Refused(
            Refusal(
                code=Code.NUMBER_RANGE, clause="CL-API-004", at="/width_mm",
                params={"found": str(asked.width_mm)[:24], "low": 1, "high": high},
            )
        )  # fmt: skip
    return asked.width_mm


def _shapes(found: Pasted, langs: Langs) -> ShapesView:
    question = found.question
    return ShapesView(
        form=found.form, shapes=found.shapes,
        question=None if question is None else _place(question, question.text, langs),
        undrawn=tuple(_undrawn(each, langs) for each in found.undrawn),
    )  # fmt: skip


def _undrawn(of: Undrawn, langs: Langs) -> UndrawnView:
    return UndrawnView(
        label=of.label, text=of.text, why=refusal_view(of.why, langs), envelope=of.envelope
    )


def _place(found: Position | Ambiguous, text: str, langs: Langs) -> PlaceView:
    if isinstance(found, Position):
        return PlaceView(text=text, meanings=(_meaning(found),), apart_mm=0, question=None)
    return PlaceView(
        text=text, meanings=tuple(_meaning(each) for each in found.candidates),
        apart_mm=found.apart_mm, question=refusal_view(ask(found), langs),
    )  # fmt: skip


def _meaning(position: Position) -> MeaningView:
    forms = {each.value: write_position(position.at, each) for each in WRITTEN}
    return MeaningView(
        at=position.at, read_as=position.notation, cell_mm=position.cell_mm,
        step_mm=position.step_mm, swapped=position.swapped, dms=forms["dms"], ddm=forms["ddm"],
        decimal=forms["decimal"], mgrs=forms["mgrs"],
    )  # fmt: skip
