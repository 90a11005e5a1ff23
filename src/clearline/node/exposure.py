"""Who else a notice reaches: represented parties by their zones, own movers by position."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from clearline.conflict.geodesy import Floats, arc_high, chord_of, ecef_one, norm
from clearline.conflict.leave import exit_m
from clearline.conflict.outline import outline_of, spheres_of
from clearline.conflict.remembered import remembered
from clearline.conflict.separation import lateral
from clearline.model.entry import Kind
from clearline.model.space import Corridor, Footprint, LatLon, Polygon, Volume
from clearline.model.terms import Agreement, Effect, Represented, Zone
from clearline.model.time import MINUTE, Instant
from clearline.node.inbound import Mover
from clearline.picture.lead import class_term
from clearline.picture.situation import Version

NEVER_MINUTES = 1_000_000
"""One who does not move is not out in time; two years say so."""
POINTS_REMEMBERED = 200_000
"""Of all footprints that are remembered: some tens of megabytes."""
SLACK_M = 0.01
"""For float64 arithmetic on coordinates of the earth's size: a million times what it needs."""


@remembered(POINTS_REMEMBERED, len)
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


@lru_cache(maxsize=8_192)
def within(footprint: Footprint, zone: Footprint, reach_mm: int) -> bool:
    """Whether the two come within reach of each other, or that cannot be ruled out. Two of their
    points near enough settle it at once: the nearest points are no farther apart."""
    here, there = _points(footprint), _points(zone)
    if float(arc_high(norm(there - here[0])).min()) <= reach_mm / 1000:
        return True
    return lateral(footprint, zone, reach_mm / 1000).low <= reach_mm / 1000


@lru_cache(maxsize=4_096)
def way_out_m(footprint: Footprint, at: LatLon) -> float:
    """Metres out of a footprint; 0 outside it. Asked at every turn for movers that have not been
    placed anew. Whoever is farther from the middle than any point of it is outside."""
    outline = outline_of(footprint)
    apart = norm(np.array([ecef_one(at.lat, at.lon)]) - outline.centre)
    if float(apart[0]) > outline.reach_m + outline.radius_m + 1.0:
        return 0.0
    return exit_m(footprint, at)


def _near(spheres: tuple[Floats, Floats] | None, zone: Zone) -> list[int]:
    """Which of many footprints may come within reach of a zone, by the spheres around them."""
    if spheres is None:
        return []
    (there,), (reach_m,) = spheres_of((zone.footprint,))
    far_m = spheres[1] + reach_m + chord_of(zone.reach_mm / 1000) + SLACK_M
    near: list[int] = np.flatnonzero(norm(spheres[0] - there) <= far_m).tolist()
    return near


def exposed_parties(terms: Agreement, version: Version) -> tuple[Represented, ...]:
    """Represented parties that must be told of the version (CL-EXP-001, FM08).

    One that can be harmed is exposed by a hazard that reaches one of its zones. One that can do
    harm must know of everything that comes within reach of its zones: of hazards, since it may
    answer an attack with fire, and of movers and sites, since its fire may hit them. A cry for help
    is told to every one of them: whoever is near can help, and whoever shoots must hold (FM19).
    """
    return exposed_and_looked(terms, version)[0]


def exposed_and_looked(
    terms: Agreement, version: Version
) -> tuple[tuple[Represented, ...], list[Footprint]]:
    """``exposed_parties``, and what had to be measured for it: footprints that the spheres around
    them do not keep apart from a zone."""
    if version.kind is Kind.DISTRESS:
        return terms.represented, []
    term = class_term(terms, version.cls)
    hazard = term is None or term.effect is Effect.HAZARD
    footprints = tuple(volume.footprint for volume in version.volumes)
    spheres = spheres_of(footprints) if footprints else None
    found: list[Represented] = []
    looked: list[Footprint] = []
    for third in terms.represented:
        if not (third.can_do_harm or (third.can_be_harmed and hazard)):
            continue
        if version.unreadable is not None:
            found.append(third)
            continue
        near = ((each, n) for each in third.zones for n in _near(spheres, each))
        for zone, n in near:
            looked.append(footprints[n])
            if within(footprints[n], zone.footprint, zone.reach_mm):
                found.append(third)
                break
    return tuple(found), looked


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


def worst_of(mover: Mover, outs: Sequence[tuple[Volume, float]], now: Instant) -> ExposedMover:
    """One who is inside of these volumes, metres from the edge of each: by the one that he is
    latest out of. There is at least one."""
    speed = mover.speed_mms / 1000
    found = []
    for volume, distance in outs:
        left = math.floor((volume.start - now) / MINUTE)
        needed = math.ceil(distance / speed / 60) if speed > 0 else NEVER_MINUTES
        found.append(
            ExposedMover(
                call_sign=mover.call_sign, minutes_needed=needed, minutes_left=left,
                distance_m=distance,
            )
        )  # fmt: skip
    return max(found, key=lambda one: one.minutes_needed - one.minutes_left)


def exposed_movers(
    movers: Iterable[Mover], version: Version, now: Instant
) -> tuple[ExposedMover, ...]:
    """Own movers inside any of the version's footprints, whatever their height, and the time that
    they need to the nearest edge at their last known speed (CL-EXP-002, FM02). For many of both
    there is ``exposing``."""
    found = []
    for mover in movers:
        outs = [
            (volume, distance)
            for volume in version.volumes
            if (distance := way_out_m(volume.footprint, mover.position)) > 0
        ]
        if outs:
            found.append(worst_of(mover, outs, now))
    return tuple(found)
