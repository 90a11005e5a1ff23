"""What the desks show, made into events: every change is told once, by the node that shows it.

Nothing is computed here that the nodes do not compute: figures are read off the same views that the
API and the console read.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass, field

from msgspec.structs import replace

from clearline.model.alert import Trouble, TroubleKind
from clearline.model.ids import EntryRef, PartyId
from clearline.model.time import SECOND, Instant, format_length
from clearline.node import phrases
from clearline.node.queries import asks
from clearline.node.queries_notices import conflicts, notices
from clearline.node.reading import Reading
from clearline.node.views import ConflictView, LeadView, MoverView, NoticeView, Phase, ThirdView
from clearline.scenarios.events import Event, Layer, utc
from clearline.scenarios.stage import Stage

UNTOLD = ("NOT TOLD", "NO ANSWER")


@dataclass(frozen=True, slots=True, kw_only=True)
class Exposed:
    """The worst exposure that a party's desk showed for a notice."""

    call_sign: str
    needed: int
    needed_max: int
    left: int


@dataclass(slots=True)
class Watch:
    """Looks at every desk of a stage. ``names``: acts by the entries that they wrote;
    ``best_leads``: lead times of the best case, by act and receiver, milliseconds; ``movers``: how
    far off (metres) each may be, and its speed (mm/s)."""

    stage: Stage
    names: dict[EntryRef, str] = field(default_factory=dict)
    movers: dict[str, tuple[int, int]] = field(default_factory=dict)
    best_leads: dict[tuple[str, PartyId], int] = field(default_factory=dict)
    leads: dict[tuple[str, PartyId], LeadView] = field(default_factory=dict)
    exposures: dict[tuple[str, PartyId], Exposed] = field(default_factory=dict)
    told: dict[tuple[str, PartyId], Instant] = field(default_factory=dict)
    alarms: dict[tuple[TroubleKind, PartyId], list[Instant]] = field(default_factory=dict)
    stops: set[Instant] = field(default_factory=set)
    _shown: dict[tuple[str, ...], object] = field(default_factory=dict)
    _rang: int = 0

    def look(self) -> Iterator[Event]:
        """What has changed on any desk since the last look."""
        for party in self.stage.nodes:
            reading = self.stage.look(party)
            yield from self._receipts(party)
            views = list(notices(reading))
            for view in views:
                yield from self._notice(party, view)
            yield from self._ended(party, {view.ref for view in views})
            yield from self._conflicts(party, reading)
            yield from self._answers(party, reading, views)
            yield from self._alerts(party)
        yield from self._rings()

    def _new(self, key: tuple[str, ...], value: object = True) -> bool:
        """Whether this was not shown like this before."""
        if key in self._shown and self._shown[key] == value:
            return False
        self._shown[key] = value
        return True

    def _event(self, by: str, kind: str, text: str) -> Event:
        return Event(t=utc(self.stage.now), by=by, kind=kind, text=text, layer=Layer.LINE)

    # -- notices

    def _receipts(self, party: PartyId) -> Iterator[Event]:
        for ref, name in self.names.items():
            if ref.feed.startswith(f"{party}.") or ("receipt", party, name) in self._shown:
                continue
            if self.stage.received(ref, party) is not None:
                self._new(("receipt", party, name))
                author = ref.feed.partition(".")[0]
                said = f"stored, checked and receipted: {name} of {author}"
                yield _with(self._event(party, "receipt", said), about=name, party=author)

    def _notice(self, party: PartyId, view: NoticeView) -> Iterator[Event]:
        name = self.names.get(view.ref)
        if name is None:
            return
        self.stops |= {at for at in (view.start, view.end, view.over) if at is not None}
        yield from self._leads(party, name, view)
        if not view.own:
            yield from self._exposure(party, name, view)
            return
        for third in view.third_parties:
            yield from self._third(party, name, third)
        yield from self._standing(party, name, view)

    def _leads(self, party: PartyId, name: str, view: NoticeView) -> Iterator[Event]:
        for lead in view.leads:
            if lead.provisional or not lead.minimum_ms:
                continue
            if party not in (view.party, lead.party) or not self._new(
                ("lead", party, name, lead.party)
            ):
                continue
            self.leads[name, lead.party] = lead
            best = self.best_leads.get((name, lead.party), lead.worst_ms)
            where = "here" if party == lead.party else f"at {lead.party}"
            said = f"lead time {where} {_range_s(lead.worst_ms, best)}"
            if lead.shortfall_ms:
                said += f", agreed {format_length(lead.minimum_ms)}: LATE by "
                said += format_length(lead.shortfall_ms)
            yield _with(
                self._event(party, "lead", f"{phrases.quoted(view.label)}: {said}"),
                about=name, party=lead.party, lead_time_s=lead.worst_ms // SECOND,
                lead_time_s_max=-(-best // SECOND), lead_minimum_s=lead.minimum_ms // SECOND,
                shortfall_s=-(-lead.shortfall_ms // SECOND),
            )  # fmt: skip

    def _exposure(self, party: PartyId, name: str, view: NoticeView) -> Iterator[Event]:
        found = view.exposure
        if found is None or view.phase is Phase.ENDED_BY_TIME:
            return
        inside = tuple((m.call_sign, m.minutes_needed, m.in_time) for m in found.movers)
        if not self._new(("exposed", party, name), (found.known, inside)):
            return
        label = phrases.quoted(view.label)
        if not found.movers:
            yield _with(self._event(party, "exposed", f"{label}: {found.words}"), about=name)
        for mover in found.movers:
            one = Exposed(
                call_sign=mover.call_sign, needed=mover.minutes_needed,
                needed_max=self._needed_max(mover), left=mover.minutes_left,
            )  # fmt: skip
            self.exposures.setdefault((name, party), one)
            says = f"{label}: {mover.words}"
            if found.suggested is not None and not mover.in_time:
                says += f"; suggested answer {found.suggested.value}"
            yield _with(
                self._event(party, "exposed", says),
                about=name, call_sign=one.call_sign, minutes_needed=one.needed,
                minutes_needed_max=one.needed_max, minutes_left=one.left,
                suggested=None if mover.in_time else found.suggested,
            )  # fmt: skip

    def _needed_max(self, mover: MoverView) -> int:
        """Minutes from the worst place within the accuracy of what is known of the mover's."""
        off_m, speed_mms = self.movers.get(mover.call_sign, (0, 0))
        if not speed_mms:
            return mover.minutes_needed
        return math.ceil((mover.distance_m + off_m) / (speed_mms / 1000) / 60)

    def _third(self, party: PartyId, name: str, third: ThirdView) -> Iterator[Event]:
        if not self._new(("third", name, third.party), third.state):
            return
        if third.state not in UNTOLD:
            self.told.setdefault((name, third.party), third.told_at or self.stage.now)
        kind = "not-told" if third.state in UNTOLD else "told"
        yield _with(
            self._event(party, kind, f"{third.words} (about {name})"),
            about=name, party=third.party, role=f"relay {third.relay}, backup {third.backup}",
        )  # fmt: skip

    def _standing(self, party: PartyId, name: str, view: NoticeView) -> Iterator[Event]:
        stands = view.standing
        if stands is None:
            return
        untold = tuple(t.party for t in view.third_parties if t.state in UNTOLD)
        pending = tuple(w.party for w in stands.parties if w.why != "received")
        if not self._new(("stands", name), (stands.state, untold, pending, view.phase)):
            return
        said = f"{phrases.quoted(view.label)}: {view.words}; {len(untold)} NOT TOLD"
        yield _with(
            self._event(party, "standing", said),
            about=name, standing=stands.state.value, pending_on=pending, phase=view.phase.value,
            not_told=len(untold), not_told_parties=untold,
        )  # fmt: skip

    def _ended(self, party: PartyId, live: set[EntryRef]) -> Iterator[Event]:
        for ref, name in self.names.items():
            own = ref.feed.startswith(f"{party}.")
            gone = own and ("stands", name) in self._shown and ref not in live
            if gone and self._new(("ended", name)):
                said = f"{name} was ended by its author"
                yield _with(self._event(party, "ended", said), about=name)

    # -- conflicts, answers, alarms

    def _conflicts(self, party: PartyId, reading: Reading) -> Iterator[Event]:
        for pair in conflicts(reading, own_only=True):
            a, b = self.names.get(pair.a), self.names.get(pair.b)
            if a is None or b is None or pair.a_party != party:
                continue
            if self._new(("conflict", party, a, b), (pair.verdict, pair.coordinated_until)):
                yield self._conflict(party, a, b, pair)

    def _conflict(self, party: PartyId, a: str, b: str, pair: ConflictView) -> Event:
        event = self._event(party, "conflict", f"verdict {pair.verdict.value}: {pair.words}")
        return _with(event, about=a, party=pair.b_party, id=b, verdict=pair.verdict.value)

    def _answers(
        self, party: PartyId, reading: Reading, views: list[NoticeView]
    ) -> Iterator[Event]:
        """Answers of others as they stand at the desk of whoever asked."""
        said = [(view.ref, view.answers) for view in views if view.own]
        said += [(ask.ref, ask.answers) for ask in asks(reading) if ask.party == party]
        for ref, answers in said:
            name = self.names.get(ref)
            for answer in answers:
                if name is not None and self._new(("answer", party, str(answer.ref))):
                    said_here = f"answer to {name} stands here: {answer.words}"
                    yield _with(
                        self._event(party, "answer", said_here),
                        about=name, party=answer.party, reply=answer.reply.value,
                        role=answer.role, minutes_needed=answer.minutes_needed,
                    )  # fmt: skip

    def _alerts(self, party: PartyId) -> Iterator[Event]:
        for alert in self.stage.nodes[party].state.book.open():
            what = alert.trouble
            if not self._new(("alert", party, what.key)):
                continue
            self.alarms.setdefault((what.kind, party), []).append(alert.raised)
            about = next((self.names[ref] for ref in what.about if ref in self.names), None)
            shortfall = what.params.get("shortfall_s")
            needed, left = what.params.get("minutes_needed"), what.params.get("minutes_left")
            yield _with(
                self._event(party, "alert", phrases.trouble(what)),
                about=about, party=what.peer, alert=what.kind.value,
                severity=what.severity.value,
                shortfall_s=shortfall if isinstance(shortfall, int) else None,
                minutes_needed=needed if isinstance(needed, int) else None,
                minutes_left=left if isinstance(left, int) else None,
            )  # fmt: skip

    def _rings(self) -> Iterator[Event]:
        """The first ring of each higher rung, one event for a desk and role at a moment: nobody
        below has taken it."""
        climbed: dict[tuple[Instant, PartyId, str], list[Trouble]] = {}
        for rang in self.stage.rang[self._rang :]:
            alert = self.stage.nodes[rang.party].state.book.get(rang.ring.alert)
            if rang.ring.rung == 0 or alert is None:
                continue
            what = alert.trouble
            if self._new(("ring", rang.party, what.key, rang.ring.role)):
                climbed.setdefault((rang.at, rang.party, rang.ring.role), []).append(what)
        self._rang = len(self.stage.rang)
        for (at, party, role), troubles in climbed.items():
            first = troubles[0]
            more = f" and {len(troubles) - 1} more" if len(troubles) > 1 else ""
            said = f"nobody has taken it: rings {role}: {phrases.trouble(first)}{more}"
            about = next((self.names[ref] for ref in first.about if ref in self.names), None)
            event = self._event(party, "ring", said)
            yield _with(event, t=utc(at), about=about, alert=first.kind.value, role=role)


def _range_s(worst_ms: int, best_ms: int) -> str:
    worst, best = worst_ms // SECOND, -(-best_ms // SECOND)
    if worst == best:
        return format_length(worst * SECOND)
    return f"between {format_length(worst * SECOND)} and {format_length(best * SECOND)}"


def _with(event: Event, **fields: object) -> Event:
    """The event with more said of it."""
    return replace(event, **fields)


__all__ = ["UNTOLD", "Exposed", "Watch"]
