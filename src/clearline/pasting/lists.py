"""A list of coordinates in any notation that is read here."""

import re
from collections.abc import Iterator
from typing import Final

from clearline.model.limits import VERTICES_MAX
from clearline.model.refusal import Refusal
from clearline.notation.position import read_position, read_positions
from clearline.notation.reading import Ambiguous, Position
from clearline.pasting.found import Form, Pasted, Shape, Sort, Undrawn, Wish, not_drawn, shape_of

_LABEL: Final = re.compile(r"\s*(?:\d{1,3}[):]|[A-Za-z]{1,8}\d{0,3}[):.])\s+(?=\S)")
"""What numbers or names a point in a list: ``3) ``, ``A: ``, ``WP2. ``."""
BEYOND: Final = frozenset({"latitude-range", "longitude-range"})
"""Faults of a text that reads as degrees, and is no place on the earth."""
_JOINED: Final = (
    re.compile(r"\s+(?:-|–|—|->|→|to)\s+"),
    re.compile(r"\s*,\s*(?=[0-9])"),
    re.compile(r"\s+"),
)
"""What stands between points of one line, the surest first."""


def read_list(text: str, wish: Wish) -> Pasted | None:
    """The places of a list as one shape, or the question that they ask; None where the text is no
    list of places."""
    for parts in _divisions(text):
        if not 1 <= len(parts) <= VERTICES_MAX:
            continue
        found = read_positions(parts, notation=wish.notation)
        if isinstance(found, Refusal):
            continue
        if isinstance(found, Ambiguous):
            return Pasted(form=Form.COORDINATES, question=found)
        return _shaped(text, found, wish)
    return None


def fault_of(text: str, wish: Wish) -> str:
    """Why a text is no list of places, by its first line that is none: degrees beyond what there
    are, or no degrees at all."""
    for line in next(_divisions(text))[:VERTICES_MAX]:
        found = read_position(line, notation=wish.notation)
        if isinstance(found, Refusal):
            reason = found.params.get("reason")
            return str(reason) if reason in BEYOND else "no-position"
    return "no-position"


def _divisions(text: str) -> Iterator[list[str]]:
    """The ways in which a text could be a list of places, the plainest first."""
    lines = [_LABEL.sub("", line, count=1).strip() for line in re.split(r"[\n\r;\u061b]+", text)]
    lines = [line for line in lines if line]
    yield lines
    for joint in _JOINED:
        yield [part for line in lines for part in joint.split(line) if part.strip()]


def _shaped(text: str, found: tuple[Position, ...], wish: Wish) -> Pasted:
    points = tuple(position.at for position in found)
    closed = len(points) > 3 and points[0] == points[-1]
    if closed:
        points = points[:-1]
    sort = wish.sort
    if sort is None and len(points) < 3:
        sort = Sort.DISC if len(points) == 1 else Sort.CORRIDOR
    elif sort is None and closed:
        sort = Sort.POLYGON
    cell = max(position.cell_mm for position in found)
    each_alone = sort is Sort.DISC and len(points) > 1
    made = [
        shape_of("", part, sort, wish, wish.edge, text=text, cell_mm=cell,
                 notation=found[0].notation)
        for part in ([(point,) for point in points] if each_alone else [points])
    ]  # fmt: skip
    return Pasted(
        form=Form.COORDINATES,
        shapes=tuple(each for each in made if isinstance(each, Shape)),
        undrawn=tuple(each for each in made if isinstance(each, Undrawn)),
    )


def kept_whole(form: Form, text: str, reason: str) -> Pasted:
    """Nothing of it is drawn; all of it is kept."""
    return Pasted(form=form, undrawn=(not_drawn("", text, reason),))
