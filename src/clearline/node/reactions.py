"""What a party that shoots when it is attacked does after somebody else's hazard (FM08, FM17).

The agreement states it: a represented party that can do harm, its zones, how far they reach and how
long after a hazard it may still act. From a hazard within reach follows a hazard of its own, over
all of the zone and its reach, at every height, from the first window near it until window and tail
are over and the stated time has passed. It is judged against own movers and own notices like any
hazard. It is known here alone: nobody has signed it, and it never touches standing.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from clearline.conflict.lists import judge
from clearline.conflict.separation import lateral
from clearline.conflict.verdict import Extent, Separation
from clearline.model.finding import Verdict
from clearline.model.ids import EntryRef, PartyId
from clearline.model.space import Disc, Footprint, Height, HeightRef, LatLon, Volume
from clearline.model.terms import Agreement, Effect, HeightMode, Zone
from clearline.model.time import MINUTE, Instant
from clearline.node.exposure import NEVER_MINUTES, way_out_m, within
from clearline.node.inbound import Mover
from clearline.node.judge import extents_of
from clearline.picture.lead import class_term
from clearline.picture.situation import Ended, EndKind, Version


@dataclass(frozen=True, slots=True, kw_only=True)
class Reaction:
    """What ``third`` may do from one of its zones, and what of: the hazard ``to``, of ``by``."""

    third: PartyId
    name: str
    zone: Zone
    to: EntryRef
    by: PartyId
    label: str
    operation: str | None
    start: Instant
    until: Instant


def reactions(terms: Agreement, version: Version) -> tuple[Reaction, ...]:
    """Reactions to a version (CL-EXP-003). None to what is no hazard, nor to what cannot be read,
    which counts against everything as it is."""
    term = class_term(terms, version.cls)
    if version.unreadable is not None or (term is not None and term.effect is not Effect.HAZARD):
        return ()
    if term is None:
        extents = tuple(Extent(volume=volume, hazard=True) for volume in version.volumes)
    else:
        extents = extents_of(version, term)
    found = []
    for third in terms.represented:
        for zone in third.zones if third.can_do_harm else ():
            near = [e for e in extents if within(e.volume.footprint, zone.footprint, zone.reach_mm)]
            if near:
                found.append(
                    Reaction(
                        third=third.id, name=third.name, zone=zone, to=version.ref,
                        by=version.party, label=version.label, operation=version.operation,
                        start=min(e.volume.start for e in near),
                        until=Instant(max(e.end for e in near) + zone.after_ms),
                    )
                )  # fmt: skip
    return tuple(found)


def outlasting(terms: Agreement, ended: Iterable[Ended], past: Instant) -> Iterator[Reaction]:
    """Reactions to hazards that ALL CLEAR has ended: their author's word ends no fire but his own.
    ``past``: what was over by then is left out."""
    longest = max((z.after_ms for p in terms.represented for z in p.zones), default=0)
    for each in ended:
        clear = each.version.clear
        if clear is None or clear + longest <= past:
            continue
        if any(end.kind is EndKind.ALL_CLEAR and end.by == each.by for end in each.version.ends):
            yield from (r for r in reactions(terms, each.version) if r.until > past)


def meets(terms: Agreement, reaction: Reaction, own: Version, over: Instant) -> Verdict:
    """Whether a notice of ours that can be hurt comes within the reaction (CL-EXP-003). ``over``:
    when window and tail of ours are over."""
    if own.unreadable is None and over <= reaction.start:
        return Verdict.NO
    term = class_term(terms, own.cls)
    if own.unreadable is not None or (term is not None and term.effect is Effect.HAZARD):
        return Verdict.NO
    if own.party == reaction.by and own.operation and own.operation == reaction.operation:
        return Verdict.NO  # who provokes it knows where he is himself
    if term is None:
        return Verdict.UNDETERMINED
    extents = extents_of(own, term)
    if not extents or reaction.until <= reaction.start:
        return Verdict.NO
    apart = Separation(
        lateral_mm=reaction.zone.reach_mm, height=HeightMode.IGNORE, levels=terms.levels,
        measured=False,
    )  # fmt: skip
    volume = Volume(
        footprint=reaction.zone.footprint, lower=Height(ref=HeightRef.SFC),
        upper=Height(ref=HeightRef.UNL), start=reaction.start, end=reaction.until,
    )  # fmt: skip
    return judge((Extent(volume=volume, hazard=True),), extents, apart).verdict


@lru_cache(maxsize=65_536)
def _to_go_m(zone: Footprint, reach_mm: int, at: LatLon) -> float:
    """Metres that a point has to go to be out of reach of a zone; 0: it is out. Never less than
    the way straight from the zone's nearest edge."""
    inside = way_out_m(zone, at)
    if inside > 0:
        return inside + reach_mm / 1000
    away = lateral(Disc(centre=at, radius_mm=1), zone, reach_mm / 1000).low
    return max(0.0, reach_mm / 1000 - away)


@dataclass(frozen=True, slots=True, kw_only=True)
class Threatened:
    """One of our movers within a reaction: whole minutes that it needs, and that are left."""

    call_sign: str
    minutes_needed: int
    minutes_left: int

    @property
    def in_time(self) -> bool:
        """Whether it can be out before it begins."""
        return self.minutes_needed <= self.minutes_left


def threatened(reaction: Reaction, movers: Iterable[Mover], now: Instant) -> Iterator[Threatened]:
    """Own movers within the zone or its reach, whatever their height (CL-EXP-003)."""
    for mover in movers:
        metres = _to_go_m(reaction.zone.footprint, reaction.zone.reach_mm, mover.position)
        if metres <= 0:
            continue
        # Minutes in whole numbers, the need rounded up and what is left rounded down.
        mm, speed = round(metres * 1000), mover.speed_mms
        needed = -(-mm // (speed * 60)) if speed > 0 else NEVER_MINUTES
        yield Threatened(
            call_sign=mover.call_sign,
            minutes_needed=min(max(1, needed), NEVER_MINUTES),
            minutes_left=(reaction.start - now) // MINUTE,
        )
