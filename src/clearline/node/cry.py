"""DISTRESS from as little as is known: one of our own movers, or a place; the node does the rest.

The volume is a disc from the surface up, of the agreed radius about the last known place, kept
clear for six hours from now. A mover whose place is old is somewhere within what it can have
covered since: that is added (FM19). Where nobody knows the place it is the whole agreed area: not
knowing where is everywhere, never nowhere.
"""

from typing import Final

from clearline.model.entry import Distress
from clearline.model.limits import RADIUS_MM_MAX
from clearline.model.refusal import Code, Refusal
from clearline.model.space import Disc, Footprint, Height, HeightRef, LatLon, Volume
from clearline.model.time import HOUR, SECOND, Instant
from clearline.node.requests import Cry
from clearline.node.state import LineState

KEPT_CLEAR_MS: Final = 6 * HOUR
"""How long a place of distress is kept clear unless somebody says otherwise."""
DRIFT_MM_MAX: Final = 300_000_000
"""300 km: beyond it an old position of a fast mover says nothing, and would close the area."""
WHAT: Final = "somebody is in danger"
UNKNOWN_PLACE: Final = ", place not known"


def distress_of(ls: LineState, cry: Cry, now: Instant) -> Distress | Refusal:
    """The entry that a cry becomes, or what it lacks."""
    terms = ls.terms
    if terms is None or not (cry.at or cry.mover or cry.everywhere):
        return Refusal(code=Code.NO_GEOMETRY, clause="CL-API-004", at="/at")
    shapes: list[Footprint] = [terms.area] if cry.everywhere else []
    shapes += [Disc(centre=place, radius_mm=terms.distress_radius_mm) for place in cry.at]
    if cry.mover:
        mover = ls.movers.get(cry.mover)
        if mover is None and not shapes:
            return Refusal(
                code=Code.NOT_FOUND, clause="CL-API-005", at="/mover",
                params={"name": cry.mover[:80]},
            )  # fmt: skip
        if mover is not None:
            age_s = max(0, now - mover.as_of) // SECOND
            shapes.append(_about(mover.position, terms.distress_radius_mm, mover.speed_mms * age_s))
    what = cry.what.strip() or (f"{cry.mover} is in danger" if cry.mover else WHAT)
    if cry.everywhere and not cry.what.strip():
        what += UNKNOWN_PLACE
    volumes = tuple(
        Volume(
            footprint=shape, lower=Height(ref=HeightRef.SFC), upper=Height(ref=HeightRef.UNL),
            start=now, end=Instant(now + KEPT_CLEAR_MS),
        )
        for shape in shapes
    )  # fmt: skip
    return Distress(what=what, volumes=volumes, souls=cry.souls)


def _about(place: LatLon, radius_mm: int, covered_mm: int) -> Disc:
    wide = radius_mm + min(covered_mm, DRIFT_MM_MAX)
    return Disc(centre=place, radius_mm=min(wide, RADIUS_MM_MAX))
