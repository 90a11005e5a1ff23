"""A story on a live line: two armed forces and a humanitarian coordinator, told as it happens.

It drives running nodes through the Python client alone, as any tool of a party would: what it tells
is what the nodes answered. Waiting is an argument, so that it can be played slowly to people.
"""

import queue
import threading
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Final

import msgspec

from clearline.client import Alerted, Client, Refused, Unreachable
from clearline.client import asks as ask
from clearline.model.alert import TroubleKind
from clearline.model.entry import (
    Amend,
    Answer,
    LinkState,
    Notice,
    Precedence,
    Proposal,
    Relayed,
    RelayOutcome,
    Reply,
    Withdraw,
)
from clearline.model.ids import EntryRef, LineId, PartyId
from clearline.model.space import (
    FLIGHT_LEVEL_MM,
    Corridor,
    Disc,
    Edge,
    Footprint,
    Height,
    HeightRef,
    LatLon,
    Volume,
)
from clearline.model.time import DAY, HOUR, MINUTE, SECOND, Instant, format_utc
from clearline.node.requests import MoverFix, MoverFixes
from clearline.node.views import AlertView, AnswerView, NoticeView
from clearline.picture.standing import State, Why

AID, NORTH, SOUTH = PartyId("AID"), PartyId("NORTH"), PartyId("SOUTH")
NAMES: Final = {
    AID: "Humanitarian coordinator",
    NORTH: "Northern Command",
    SOUTH: "Southern Command",
}
"""The coordinator first: the template gives its relays to the first and the second."""
WATCH: Final = "watch-officer"
LOOK_S: Final = 0.1
WITHIN_S: Final = 20.0
"""A line on one machine that needs longer for anything is broken; the demo says so and ends."""
ROUTE: Final = ((36.205, 37.150), (36.080, 36.950), (35.930, 36.630))

Pause = Callable[[float], object]


class StoryBroken(Exception):
    """Something did not come about in time; the text says what."""


class Told(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing that happened: when (UTC), at whose node, and what it is."""

    t: str
    by: str
    kind: str
    text: str
    ref: str | None = None
    party: str | None = None
    standing: str | None = None
    received_by: tuple[str, ...] = ()
    not_told: int | None = None
    verdict: str | None = None
    alert: str | None = None
    role: str | None = None
    reply: str | None = None
    shortfall_s: int | None = None
    minutes_needed: int | None = None
    url: str | None = None


@dataclass(slots=True)
class Desk:
    """A party's desk on its own node: it hears what rings there for as long as the node runs."""

    party: PartyId
    client: Client
    line: LineId
    heard: "queue.SimpleQueue[Alerted]" = field(default_factory=queue.SimpleQueue)
    _thread: threading.Thread | None = None

    def open(self) -> None:
        """Keep the desk open: without one, nobody has heard a ring."""
        self._thread = threading.Thread(target=self._listen, name=f"desk {self.party}", daemon=True)
        self._thread.start()

    def _listen(self) -> None:
        try:
            for event in self.client.events(desk="demo", tries=1):
                if isinstance(event, Alerted) and event.ring:
                    self.heard.put(event)
        except (Unreachable, Refused, RuntimeError, OSError):
            return  # the node has stopped, and the desk with it

    def close(self) -> None:
        """After the node has stopped."""
        if self._thread is not None:
            self._thread.join(5)
        self.client.close()

    def rings(self) -> Iterator[Alerted]:
        """What has rung since the last look."""
        while True:
            try:
                yield self.heard.get_nowait()
            except queue.Empty:
                return


@dataclass(slots=True)
class Story:
    """The line's three desks, the clock, and how long to wait between two scenes.

    ``attended``: called while an alarm rings, until it returns True: a person has taken it.
    """

    desks: dict[PartyId, Desk]
    now: Callable[[], Instant]
    pause: Pause
    scene_s: float = 0.0
    attended: Callable[[], bool] = lambda: True

    # -- the scenes

    def play(self) -> Iterator[Told]:
        """All scenes, in order. Raises StoryBroken, Refused, Unreachable."""
        yield self._scene("The three nodes find each other, with certificates pinned in person.")
        yield from self._linked()
        yield self._scene("What must be kept clear is filed. Each entry is a receipt for the rest.")
        convoy = yield from self.filed(AID, self.convoy())
        yield from self.filed(AID, self.hospital())
        yield self._scene("A notice that comes late still goes out, and says by how much.")
        yield from self.filed(SOUTH, self.flight())
        yield from self.moved(18)
        yield self._scene("A hazard at FL150 over the road: what is above reaches those below.")
        hazard = yield from self.filed(NORTH, self.hazard(25 * HOUR + 30 * MINUTE))
        yield from self._conflict(convoy, hazard)
        yield self._scene("Desks ring until a person takes it, and climb to others if nobody does.")
        yield from self._alarms(hazard)
        yield self._scene("People answer, by role; silence would never have meant yes.")
        yield from self._answers(hazard)
        later = yield from self._shifted(hazard)
        yield self._scene("Who is on no line reads NOT TOLD until a relay has told them.")
        yield from self._relayed(convoy)
        yield self._scene("How it stands. It reserves nothing, and gives no permission.")
        yield from self._outcome(convoy, later)

    def _scene(self, text: str) -> Told:
        """What is about to happen, in plain words."""
        self.pause(self.scene_s)
        return Told(t=format_utc(self.now()), by="demo", kind="scene", text=text)

    def _linked(self) -> Iterator[Told]:
        """All three nodes hear each other, and have joined."""
        for desk in self.desks.values():
            self._until(f"{desk.party} to hear the others", partial(_up, desk))
            yield self._told(desk, "line", desk.client.lines()[0].words)

    def filed(self, party: PartyId, notice: Notice) -> Generator[Told, None, EntryRef]:
        """A notice goes out; every other node stores, checks and receipts it."""
        desk = self.desks[party]
        filed = desk.client.file(desk.line, notice, precedence=Precedence.FLASH)
        ref = filed.refs[0]
        yield self._told(desk, "notice", f"{NAMES[party]} files “{notice.label}”", ref=str(ref))
        yield from self._receipts(desk, ref)
        return ref

    def _receipts(self, desk: Desk, ref: EntryRef) -> Iterator[Told]:
        self._until(f"receipts for {ref}", lambda: _received(desk, ref))
        view = desk.client.notice(desk.line, ref)
        for with_ in view.standing.parties if view.standing is not None else ():
            said = f"{with_.party} has stored, checked and receipted “{view.label}”"
            yield self._told(desk, "receipt", said, ref=str(ref), party=with_.party)
        yield self._standing(desk, view)
        for lead in view.leads:
            if lead.shortfall_ms:
                said = f"“{view.label}” at {lead.party}: {lead.words}"
                short = -(-lead.shortfall_ms // SECOND)
                yield self._told(
                    desk, "late", said, ref=str(ref), party=lead.party, shortfall_s=short
                )

    def moved(self, step: int) -> Iterator[Told]:
        """The convoy's own tracks: they stay on the coordinator's node, and are never sent."""
        desk = self.desks[AID]
        lat, lon = along(step)
        fix = MoverFix(
            call_sign="CONVOY7",
            position=LatLon(round(lat * 1e7), round(lon * 1e7)),
            speed_mms=8_000,
            as_of=self.now(),
            cls="convoy-emergency",
        )
        desk.client.do(ask.move(desk.line, MoverFixes(movers=(fix,))))
        yield self._told(desk, "mover", f"CONVOY7 is at {lat:.4f}, {lon:.4f} (local, never sent)")

    def _conflict(self, convoy: EntryRef, hazard: EntryRef) -> Iterator[Told]:
        """Both ends find it, each by itself, from the same record."""
        for party, own in ((AID, convoy), (NORTH, hazard)):
            desk = self.desks[party]
            self._until(f"{party} to find the conflict", partial(_meets, desk))
            (found, *_) = desk.client.conflicts(desk.line)
            said = f"CONFLICT found by {party}'s own node: {found.words}"
            yield self._told(desk, "conflict", said, ref=str(own), verdict=found.verdict.value)
            yield self._standing(desk, desk.client.notice(desk.line, own))
        seen = self.desks[AID].client.notice(self.desks[AID].line, hazard)
        if seen.exposure is not None:
            needed = max((m.minutes_needed for m in seen.exposure.movers), default=None)
            said = f"exposed: {seen.exposure.words}"
            yield self._told(self.desks[AID], "exposed", said, minutes_needed=needed)

    def _alarms(self, hazard: EntryRef) -> Iterator[Told]:
        """They ring until a person takes them; the duty stays open until it is answered."""
        aid = self.desks[AID]
        self._until("the coordinator's alarm", lambda: _duties(aid, TroubleKind.CONFLICT))
        rung, waited_s = False, 0.0
        while not (rung and self.attended()):
            for event in aid.rings():
                rung = rung or event.alert.kind is TroubleKind.CONFLICT
                said = f"RINGS at {AID}: {event.alert.words}"
                yield self._told(aid, "alarm", said, alert=event.alert.kind.value)
            waited_s += LOOK_S
            if not rung and waited_s > WITHIN_S:
                raise StoryBroken(f"waited {WITHIN_S:.0f} s for the coordinator's desk to ring")
            self.pause(LOOK_S)
        for alert in _duties(aid, TroubleKind.CONFLICT):
            taken = aid.client.take(alert.id, note="on the telephone with NORTH", role=WATCH)
            said = f"{taken.taken_by} ({taken.taken_role}) takes it: {taken.words}. It is quiet now"
            yield self._told(aid, "acknowledged", said, alert=taken.kind.value, role=WATCH)
        for alert in _duties(aid, TroubleKind.ANSWER_DUE):
            if hazard in alert.about:
                yield self._told(aid, "duty", f"An answer is still due: {alert.words}")

    def rings(self) -> Iterator[Told]:
        """What has rung at any desk since the last look."""
        for desk in self.desks.values():
            for event in desk.rings():
                said = f"RINGS at {desk.party}: {event.alert.words}"
                yield self._told(desk, "alarm", said, alert=event.alert.kind.value)

    def _answers(self, hazard: EntryRef) -> Iterator[Told]:
        """A person answers; silence would never have meant yes."""
        north, shift = self.desks[NORTH], Proposal(shift_min=180)
        for party, reply, proposal in ((AID, Reply.OBJECT, shift), (SOUTH, Reply.ROGER, None)):
            desk = self.desks[party]
            answer = Answer(to=hazard, reply=reply, role=WATCH, proposal=proposal)
            desk.client.say(desk.line, answer, role=WATCH)
            self._until(f"the answer of {party}", partial(_answer, north, hazard, party))
            (view, *_) = _answer(north, hazard, party)
            said = f"stands at {NORTH}: {view.words}"
            yield self._told(
                north, "answer", said, ref=str(hazard), party=party, reply=view.reply.value
            )

    def _shifted(self, hazard: EntryRef) -> Generator[Told, None, EntryRef]:
        """The hazard is moved three hours; the earlier version stands until it is withdrawn."""
        self.pause(self.scene_s)
        desk = self.desks[NORTH]
        amend = Amend(notice=hazard, to=self.hazard(28 * HOUR + 30 * MINUTE))
        later = desk.client.say(desk.line, amend, precedence=Precedence.FLASH).refs[0]
        said = "Northern Command files it three hours later"
        yield self._told(desk, "amend", said, ref=str(later))
        yield from self._receipts(desk, later)
        desk.client.say(desk.line, Withdraw(versions=(hazard,)))
        yield self._told(desk, "withdraw", "and withdraws the earlier version", ref=str(hazard))
        aid = self.desks[AID]
        self._until("the conflict to end", lambda: not aid.client.conflicts(aid.line))
        return later

    def _relayed(self, convoy: EntryRef) -> Iterator[Told]:
        """Local forces are on no line: they read NOT TOLD until their relay has told them."""
        north = self.desks[NORTH]
        told = Relayed(
            of=convoy,
            to=PartyId("LOCFOR"),
            outcome=RelayOutcome.TOLD,
            means="liaison officer, radio",
            at=self.now(),
        )
        north.client.say(north.line, told)
        aid = self.desks[AID]
        self._until("the relay's word", lambda: _told_locals(aid, convoy))
        for third in aid.client.notice(aid.line, convoy).third_parties:
            yield self._told(aid, "relayed", third.words, ref=str(convoy), party=third.party)

    def _outcome(self, convoy: EntryRef, later: EntryRef) -> Iterator[Told]:
        """How it stands in the end, each in its author's own words."""
        for party, ref in ((AID, convoy), (NORTH, later)):
            desk = self.desks[party]
            self._until(f"{ref} to stand clear of conflicts", partial(_stands, desk, ref))
            yield self._standing(desk, desk.client.notice(desk.line, ref))

    # -- what is filed

    def convoy(self) -> Notice:
        """Tomorrow, by road, within the 24 hours' notice that an emergency movement needs."""
        line = tuple(LatLon(round(a * 1e7), round(b * 1e7)) for a, b in ROUTE)
        road = Corridor(line=line, half_width_mm=500_000, edge=Edge.GEODESIC)
        return self._notice(
            "convoy-emergency", "Evacuation by road", road, 25 * HOUR, 27 * HOUR,
            Height(ref=HeightRef.SFC), Height(ref=HeightRef.SFC),
        )  # fmt: skip

    def hospital(self) -> Notice:
        """A site on the ground, for a month."""
        site = _disc(36.002, 36.705, 0.5)
        surface = Height(ref=HeightRef.SFC)
        return self._notice("static-site", "District hospital", site, 0, 30 * DAY, surface, surface)

    def flight(self) -> Notice:
        """In two hours: 22 hours later than agreed, and so LATE at every desk. It goes out."""
        return self._notice(
            "humanitarian-flight", "Medical flight to the eastern field", _disc(36.6, 40.2, 15),
            2 * HOUR, 3 * HOUR, _level(80), _level(100),
        )  # fmt: skip

    def hazard(self, start_ms: int) -> Notice:
        """At FL150, over the convoy's road: what is above reaches those below."""
        return self._notice(
            "hazardous-air", "Hazardous air activity at FL150", _disc(36.08, 36.95, 6),
            start_ms, start_ms + HOUR, _level(140), _level(160),
        )  # fmt: skip

    def _notice(
        self, cls: str, label: str, footprint: Footprint, start_ms: int, end_ms: int,
        lower: Height, upper: Height,
    ) -> Notice:  # fmt: skip
        now = self.now() // MINUTE * MINUTE + MINUTE
        volume = Volume(
            footprint=footprint,
            lower=lower,
            upper=upper,
            start=Instant(now + start_ms),
            end=Instant(now + end_ms),
        )
        return Notice(cls=cls, label=label, volumes=(volume,))

    # -- telling and waiting

    def _told(
        self, desk: Desk, kind: str, text: str, *, ref: str | None = None,
        party: str | None = None, verdict: str | None = None, alert: str | None = None,
        role: str | None = None, reply: str | None = None, shortfall_s: int | None = None,
        minutes_needed: int | None = None,
    ) -> Told:  # fmt: skip
        return Told(
            t=format_utc(self.now()), by=desk.party, kind=kind, text=text, ref=ref, party=party,
            verdict=verdict, alert=alert, role=role, reply=reply, shortfall_s=shortfall_s,
            minutes_needed=minutes_needed,
        )  # fmt: skip

    def _standing(self, desk: Desk, view: NoticeView) -> Told:
        """Never one word alone: with its time, and who has not been told."""
        stands = view.standing
        untold = [t for t in view.third_parties if t.state in ("NOT TOLD", "NO ANSWER")]
        received = tuple(
            each.party
            for each in (stands.parties if stands is not None else ())
            if each.why is Why.RECEIVED
        )
        return Told(
            t=format_utc(self.now()), by=desk.party, kind="standing", ref=str(view.ref),
            text=f"“{view.label}”: {view.words}; {len(untold)} NOT TOLD",
            standing=None if stands is None else stands.state.value, received_by=received,
            not_told=len(untold),
        )  # fmt: skip

    def _until(self, what: str, holds: Callable[[], object]) -> None:
        """Look again until it holds. Raises StoryBroken."""
        for _ in range(int(WITHIN_S / LOOK_S)):
            if holds():
                return
            self.pause(LOOK_S)
        raise StoryBroken(f"waited {WITHIN_S:.0f} s for {what}")


def along(step: int) -> tuple[float, float]:
    """A point of the convoy's road, latitude and longitude, by twentieths of each leg."""
    leg, part = divmod(step % (20 * (len(ROUTE) - 1)), 20)
    (a, b), (c, d) = ROUTE[leg], ROUTE[leg + 1]
    return a + (c - a) * part / 20, b + (d - b) * part / 20


def _up(desk: Desk) -> bool:
    peers = desk.client.lines()[0].peers
    return all(peer.state is LinkState.UP and peer.joined for peer in peers)


def _received(desk: Desk, ref: EntryRef) -> bool:
    stands = desk.client.notice(desk.line, ref).standing
    return stands is not None and all(each.why is Why.RECEIVED for each in stands.parties)


def _meets(desk: Desk) -> bool:
    return bool(desk.client.conflicts(desk.line))


def _duties(desk: Desk, kind: TroubleKind) -> list[AlertView]:
    return [alert for alert in desk.client.alerts(desk.line) if alert.kind is kind]


def _answer(desk: Desk, ref: EntryRef, party: PartyId) -> list[AnswerView]:
    return [a for a in desk.client.notice(desk.line, ref).answers if a.party == party]


def _told_locals(desk: Desk, ref: EntryRef) -> bool:
    thirds = desk.client.notice(desk.line, ref).third_parties
    return any(third.party == "LOCFOR" and third.state == "TOLD" for third in thirds)


def _stands(desk: Desk, ref: EntryRef) -> bool:
    stands = desk.client.notice(desk.line, ref).standing
    return stands is not None and stands.state is State.DECONFLICTED


def _disc(lat: float, lon: float, radius_km: float) -> Disc:
    centre = LatLon(round(lat * 1e7), round(lon * 1e7))
    return Disc(centre=centre, radius_mm=round(radius_km * 1e6))


def _level(number: int) -> Height:
    return Height(ref=HeightRef.FL, mm=number * FLIGHT_LEVEL_MM)


__all__ = ["AID", "NAMES", "NORTH", "SOUTH", "WATCH", "Desk", "Story", "StoryBroken", "Told"]
