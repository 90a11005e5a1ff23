"""Who else a large closure hits (CL-OWN-014, FM28): aerodromes, hospitals and other places of the
deployment's own list, represented parties, movements that others have notified.

Pure, and never more than a warning. "Large" is what the terms ask a reason for. Height plays no
part: who closes the air above a hospital hits its flights. A list that names no such place is no
proof that there is none; the warning counts what is known.
"""

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np

from clearline.conflict.geodesy import ecef_one, norm
from clearline.conflict.outline import outline_of
from clearline.conflict.separation import lateral
from clearline.model.entry import Notice
from clearline.model.refusal import Code, Refusal
from clearline.model.space import Disc, Footprint, Volume
from clearline.model.terms import Agreement, Effect
from clearline.node.reading import Reading
from clearline.notation.gazetteer import Gazetteer, PlaceKind

CLAUSE: Final = "CL-OWN-014"
NAMED_MAX: Final = 5
"""Names in one warning; of more it is said how many."""


def hits(of: Reading, notice: Notice, at: str = "/body") -> Iterator[Refusal]:
    """What a large closure hits, one warning for each sort of thing that is known to be in it. That
    it is large the caller has found."""
    for kind in PlaceKind:
        yield from _warning(kind.value, _places(notice, of.places, kind), at)
    yield from _warning("represented", _represented(notice, of.terms), at)
    yield from _warning("movement", _movements(notice, of), at)


def _warning(what: str, names: Sequence[str], at: str) -> Iterator[Refusal]:
    if not names:
        return
    shown = ", ".join(names[:NAMED_MAX])
    more = f" +{len(names) - NAMED_MAX}" if len(names) > NAMED_MAX else ""
    yield Refusal(
        code=Code.REASON_NEEDED, clause=CLAUSE, at=f"{at}/volumes",
        params={"found": f"closes-{what}", "count": len(names), "name": shown + more},
    )  # fmt: skip


def _places(notice: Notice, places: Gazetteer, kind: PlaceKind) -> list[str]:
    wanted = [place for place in places.places if place.kind is kind]
    if not wanted:
        return []
    centres = np.array([ecef_one(place.at.lat, place.at.lon) for place in wanted])
    wide = np.array([place.radius_mm / 1000 for place in wanted])
    inside = set()
    for volume in notice.volumes:
        outline = outline_of(volume.footprint)
        reach = outline.reach_m + outline.radius_m + wide + 1.0
        for n in np.flatnonzero(norm(centres - outline.centre) <= reach).tolist():
            disc = Disc(centre=wanted[n].at, radius_mm=max(1, wanted[n].radius_mm))
            if n not in inside and _touch(volume.footprint, disc):
                inside.add(n)
    return [wanted[n].names[0] for n in sorted(inside)]


def _represented(notice: Notice, terms: Agreement) -> list[str]:
    return [
        third.id
        for third in terms.represented
        if third.can_be_harmed
        and any(_touch(v.footprint, z.footprint) for v in notice.volumes for z in third.zones)
    ]


def _movements(notice: Notice, of: Reading) -> list[str]:
    moving = {term.id for term in of.terms.classes if term.effect is Effect.MOVEMENT}
    return [
        str(version.ref)
        for version in sorted(of.live(), key=lambda each: each.ref)
        if version.party != of.ls.me
        and version.cls in moving
        and any(_meet(one, other) for one in notice.volumes for other in version.volumes)
    ]


def _meet(one: Volume, other: Volume) -> bool:
    in_time = one.start < other.end and other.start < one.end
    return in_time and _touch(one.footprint, other.footprint)


def _touch(one: Footprint, other: Footprint) -> bool:
    """Whether two footprints meet, or as near as arithmetic can tell."""
    return lateral(one, other, 0).low <= 0
