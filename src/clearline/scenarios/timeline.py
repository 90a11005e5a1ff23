"""A replay as a page shows it: its events, and what is drawn on the map at which times.

Shapes are those that the acts of the variant state, in the case that is played (the worst); what a
node refused is not drawn. Places, zones and claims stand as the scenario has them, with their
claimants: they are never merged into one picture.
"""

from collections.abc import Iterator
from hashlib import sha256

import msgspec

from clearline.model.ids import PartyId
from clearline.model.space import Footprint, LatLon, Volume
from clearline.model.time import Instant
from clearline.scenarios.acting import notice_of, volumes_of
from clearline.scenarios.events import Event
from clearline.scenarios.moments import Case, Moments
from clearline.scenarios.replay import replay
from clearline.scenarios.script import (
    Act,
    EndNotice,
    FileNotice,
    PlaceMover,
    Plead,
    Script,
    plays_in,
)
from clearline.scenarios.stage import Unplayable


class _View(msgspec.Struct, frozen=True, kw_only=True):
    """One closed record of a timeline."""


class PartyShown(_View, frozen=True):
    """Who has a part in it; ``on_line``: its node is played."""

    id: PartyId
    name: str
    on_line: bool


class ZoneShown(_View, frozen=True):
    """A standing area of a represented party."""

    party: PartyId
    label: str
    footprint: Footprint


class PlaceShown(_View, frozen=True):
    """A place of the scenario, known to lie within ``accuracy_m``, by which evidence."""

    id: str
    at: LatLon
    accuracy_m: int
    evidence: str
    note: str


class ShapeShown(_View, frozen=True):
    """What an act states: a notice, or an emergency (``kind``), on the line from ``since`` until
    ``until`` (None: to the end)."""

    id: str
    by: PartyId
    kind: str
    cls: str
    label: str
    volumes: tuple[Volume, ...]
    since: Instant
    until: Instant | None


class MoverShown(_View, frozen=True):
    """An own mover as its party's desk knows it, within ``accuracy_m``, from ``since`` on."""

    call_sign: str
    by: PartyId
    at: LatLon
    accuracy_m: int
    speed_mms: int
    since: Instant


class Timeline(_View, frozen=True):
    """One variant of a scenario. ``made_of``: SHA-256 of the scenario's file."""

    scenario: str
    title: str
    about: str
    variant: str
    variant_title: str
    made_of: str
    begins: Instant
    ends: Instant
    met: bool
    parties: tuple[PartyShown, ...]
    zones: tuple[ZoneShown, ...]
    places: tuple[PlaceShown, ...]
    shapes: tuple[ShapeShown, ...]
    movers: tuple[MoverShown, ...]
    events: tuple[Event, ...]


def digest_of_file(raw: bytes) -> str:
    """What a timeline was made of."""
    return sha256(raw).hexdigest()


def timeline(script: Script, variant_id: str, raw: bytes) -> Timeline:
    """Play a variant; lay out what it shows. ``raw``: the scenario's file. Raises Unplayable."""
    variant = script.variant(variant_id)
    if variant is None:
        raise Unplayable(f"{script.id} has no variant {variant_id!r}")
    played = replay(script, variant_id)
    refused = {event.about for event in played.events if event.kind == "refused"}
    moments = Moments(script, Case.WORST)
    acts = [act for act in script.acts if plays_in(act.variants, variant_id)]
    for act in acts:
        moments.played[act.id] = moments.act(act.at)
    done = [act for act in acts if act.id not in refused]
    return Timeline(
        scenario=script.id,
        title=script.title,
        about=script.about,
        variant=variant.id,
        variant_title=variant.title,
        made_of=digest_of_file(raw),
        begins=script.begins,
        ends=script.ends,
        met=played.met,
        parties=tuple(
            PartyShown(id=each.id, name=each.name, on_line=each.on_line) for each in script.parties
        ),
        zones=tuple(
            ZoneShown(party=party.id, label=zone.label, footprint=zone.footprint)
            for party in script.represented
            for zone in party.zones
        ),
        places=tuple(
            PlaceShown(
                id=place.id, at=place.position, accuracy_m=place.accuracy_m,
                evidence=place.evidence.value, note=place.note,
            )
            for place in script.places
        ),
        shapes=tuple(_shapes(done, moments)),
        movers=tuple(_movers(script, done, moments)),
        events=played.events,
    )  # fmt: skip


def _shapes(acts: list[Act], moments: Moments) -> Iterator[ShapeShown]:
    """What acts state, each until another of them ends or replaces it."""
    ended: dict[str, Instant] = {}
    for act in acts:
        match act.does:
            case EndNotice(of=of):
                ended |= {name: moments.played[act.id] for name in of if name not in ended}
            case FileNotice(amends=str() as name):
                ended.setdefault(name, moments.played[act.id])
            case _:
                continue
    for act in acts:
        match act.does:
            case FileNotice() as filed if filed.volumes:
                notice = notice_of(filed, moments)
                kind, cls, label, volumes = "notice", notice.cls, notice.label, notice.volumes
            case Plead() as plea if plea.volumes:
                volumes = volumes_of(plea.volumes, moments)
                kind, cls, label = plea.kind.value, "", plea.what
            case _:
                continue
        yield ShapeShown(
            id=act.id, by=act.party, kind=kind, cls=cls, label=label, volumes=volumes,
            since=moments.played[act.id], until=ended.get(act.id),
        )  # fmt: skip


def _movers(script: Script, acts: list[Act], moments: Moments) -> Iterator[MoverShown]:
    for act in acts:
        place = script.place(act.does.place) if isinstance(act.does, PlaceMover) else None
        if place is not None and isinstance(act.does, PlaceMover):
            yield MoverShown(
                call_sign=act.does.call_sign, by=act.party, at=place.position,
                accuracy_m=place.accuracy_m, speed_mms=act.does.speed_mms,
                since=moments.played[act.id],
            )  # fmt: skip


__all__ = ["Timeline", "digest_of_file", "timeline"]
