"""Who else a notice reaches: represented parties by their zones, own movers by position."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from clearline.conflict.geodesy import Floats, arc_high, ecef_one, norm
from clearline.conflict.leave import exit_m
from clearline.conflict.outline import outline_of
from clearline.conflict.separation import lateral
from clearline.model.entry import Kind
from clearline.model.space import Corridor, Footprint, LatLon, Polygon
from clearline.model.terms import Agreement, Effect, Represented
from clearline.model.time import MINUTE, Instant
from clearline.node.inbound import Mover
from clearline.picture.lead import class_term
from clearline.picture.situation import Version

NEVER_MINUTES = 1_000_000
"""One who does not move is not out in time; two years say so."""


@lru_cache(maxsize=65_536)
def _points(footprint: Footprint) -> Floats:
    """The stated points of a footprint, all of which lie in it, as ECEF metres, shape (n, 3)."""
    points: tuple[LatLon, ...]
    if isinstance(footprint, Polygon):
        points = footprint.outer
    elif isinstance(footprint, Corridor):
        points = footprint.line
    else:
        points = (footprint.centre,)
    return np.array([ecef_one(point.lat, point.lon) for point in points])


@lru_cache(maxsize=65_536)
def within(footprint: Footprint, zone: Footprint, reach_mm: int) -> bool:
    """Whether the two come within reach of each other, or that cannot be ruled out. Two of their
    points near enough settle it at once: the nearest points are no farther apart."""
    here, there = _points(footprint), _points(zone)
    if float(arc_high(norm(there - here[0])).min()) <= reach_mm / 1000:
        return True
    return lateral(footprint, zone, reach_mm / 1000).low <= reach_mm / 1000


@lru_cache(maxsize=65_536)
def way_out_m(footprint: Footprint, at: LatLon) -> float:
    """Metres out of a footprint; 0 outside it. Asked at every turn for movers that have not been
    placed anew. Whoever is farther from the middle than any point of it is outside."""
    outline = outline_of(footprint)
    apart = norm(np.array([ecef_one(at.lat, at.lon)]) - outline.centre)
    if float(apart[0]) > outline.reach_m + outline.radius_m + 1.0:
        return 0.0
    return exit_m(footprint, at)


def exposed_parties(terms: Agreement, version: Version) -> tuple[Represented, ...]:
    """Represented parties that must be told of the version (CL-EXP-001, FM08).

    One that can be harmed is exposed by a hazard that reaches one of its zones. One that can do
    harm must know of everything that comes within reach of its zones: of hazards, since it may
    answer an attack with fire, and of movers and sites, since its fire may hit them. A cry for help
    is told to every one of them: whoever is near can help, and whoever shoots must hold (FM19).
    """
    if version.kind is Kind.DISTRESS:
        return terms.represented
    term = class_term(terms, version.cls)
    hazard = term is None or term.effect is Effect.HAZARD
    found = []
    for third in terms.represented:
        if not (third.can_do_harm or (third.can_be_harmed and hazard)):
            continue
        if version.unreadable is not None or any(
            within(volume.footprint, zone.footprint, zone.reach_mm)
            for volume in version.volumes
            for zone in third.zones
        ):
            found.append(third)
    return tuple(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExposedMover:
    """One of our movers inside a hazard: whole minutes that it needs to be out of it, rounded up,
    and that are left until it starts, rounded down."""

    call_sign: str
    minutes_needed: int
    minutes_left: int
    distance_m: float

    @property
    def in_time(self) -> bool:
        """Whether it can be out before the hazard begins."""
        return self.minutes_needed <= self.minutes_left


def exposed_movers(
    movers: Iterable[Mover], version: Version, now: Instant
) -> tuple[ExposedMover, ...]:
    """Own movers inside any of the version's footprints, whatever their height, and the time that
    they need to the nearest edge at their last known speed (CL-EXP-002, FM02)."""
    found = []
    for mover in movers:
        worst: ExposedMover | None = None
        for volume in version.volumes:
            distance = way_out_m(volume.footprint, mover.position)
            if distance <= 0:
                continue
            left = math.floor((volume.start - now) / MINUTE)
            speed = mover.speed_mms / 1000
            needed = math.ceil(distance / speed / 60) if speed > 0 else NEVER_MINUTES
            one = ExposedMover(
                call_sign=mover.call_sign,
                minutes_needed=needed,
                minutes_left=left,
                distance_m=distance,
            )
            if worst is None or needed - left > worst.minutes_needed - worst.minutes_left:
                worst = one
        if worst is not None:
            found.append(worst)
    return tuple(found)
