"""What troubles need of a picture and the terms alone: found once for a picture, not at every turn.

Most turns bring a heartbeat or only time. With a thousand live notices, looking again at who has
seen and answered each of them would be nearly all that such a turn costs. A cache, not a state:
whatever is here follows from the picture, the terms and the verdicts, and never from the time.
"""

from collections.abc import Iterator

from clearline.conflict.remembered import corners
from clearline.model.alert import Trouble
from clearline.model.entry import EMERGENCY, Kind, RelayOutcome
from clearline.model.finding import Judgement, Verdict
from clearline.model.ids import EntryRef, PartyId
from clearline.model.refusal import Code
from clearline.model.terms import Agreement, Effect, Represented
from clearline.model.time import Instant
from clearline.node import sealed, standing_forms
from clearline.node.backlog import urgency_of
from clearline.node.exposing import Exposing
from clearline.node.exposure import exposed_and_looked
from clearline.node.judge import UNITS_CORNER, UNITS_SAID, Judge
from clearline.node.met import ours_first, trouble_of_pair
from clearline.node.open_asks import OpenAsks
from clearline.node.reaction_work import Reacting
from clearline.node.readbacks import misread
from clearline.node.stale import due_versions
from clearline.node.state import LineState
from clearline.picture.lead import Lead, class_term, lead_at
from clearline.picture.situation import Agreed, FeedState, Picture, Version
from clearline.picture.standing import (
    View,
    Why,
    WithParty,
    coordinated_until,
    epochs,
    has_left,
)

UNITS_ZONE = 25
"""One version, or one volume near to it, beside one zone of a represented party, in units of
judging."""


def extent_end(version: Version, terms: Agreement) -> Instant:
    """When window and tail of the version are over, whoever says so."""
    term = class_term(terms, version.cls)
    tail = term.tail_ms if term is not None else 0
    ends = [min(v.end, version.cut) if version.cut is not None else v.end for v in version.volumes]
    end = max(ends, default=Instant(0)) + tail
    return Instant(min(end, version.clear) if version.clear is not None else end)


class Facts:
    """All of it for one line. ``live`` versions stand in the order of ``Judge.live``.

    ``over``: when each ends by time. ``late``: lead times that fall short, by receiver.
    ``unreceived``: ours that a peer has not seen or could not read. ``unread_there``: entries of
    ours that state no version and that a peer could not read: party, entry, code, since when.
    ``unanswered``: the newest version of each notice of others that no role here has answered.
    ``exposes``: represented parties that a version exposes; ``unlooked``: versions for which that
    is not known yet, the most urgent last. ``untold``: those that this party is relay or backup
    for, and that nobody has told. ``outside``: what was opened and is not surely within its
    envelope, with the envelope. ``reacting``: what represented parties may do after known
    hazards, and what of ours is within. ``to_confirm``: own notices that are to be confirmed again.
    """

    def __init__(
        self, ls: LineState, terms: Agreement, judge: Judge, before: "Facts | None" = None
    ) -> None:
        self.picture, self.me, self.terms = ls.picture, ls.me, terms
        self.is_hazard = judge.is_hazard
        self.view = View.own(ls.picture, ls.me, judge.is_hazard)
        self.live = {ref: v for ref, v in judge.live.items() if self.view.is_live(ref)}
        self.own = [v for v in self.live.values() if v.party == self.me]
        self.unreadable = [v for v in self.live.values() if v.unreadable is not None]
        self.mine = epochs(ls.picture, ls.me)
        self.others = ls.others
        self.here = [p for p in self.others if not has_left(ls.picture, p)]
        same = before is not None and before.terms is terms and before.here == self.here
        known = before.asks if before is not None and same else None
        self.asks: OpenAsks = OpenAsks(ls.picture, ls.me, terms, known)
        self.over: dict[EntryRef, Instant] = {}
        self.exposes: dict[EntryRef, tuple[Represented, ...]] = {}
        self.unlooked: list[Version] = []
        self._keep_of_versions(before)
        kept = before.reacting if before is not None and before.terms is terms else None
        self.reacting: Reacting = Reacting.of(
            ls.picture, terms, self.live, self.own, self.over, kept
        )
        self.exposing = self._exposing(before)
        kept_leads = before is not None and before.terms is terms
        self._leads_before = before._leads if before is not None and kept_leads else {}
        self._leads: dict[tuple[EntryRef, PartyId], tuple[Version, Lead]] = {}
        self.late = self._late()
        self._leads_before = {}
        self.unreceived = self._unreceived()
        self.unread_there = self._unread_there()
        self.unanswered = self._unanswered()
        self._untold: list[tuple[Version, Represented]] | None = None
        self.open_ended = self._open_ended()
        self.to_confirm = due_versions(self.own, terms)
        self.misread = misread(ls.picture, self.live, terms, ls.me)
        self.outside = self._outside(before)
        self._own_unanswered: list[Version] | None = None
        self._answered_by: dict[tuple[PartyId, EntryRef, Kind], bool] = {}
        self.arrived = ls.arrived
        self._coordinating = {
            pair for state in ls.picture.feeds.values() for pair in state.coordinated
        }
        self.half_signed = self._half_signed()
        self._with_forms = any(state.standing for state in ls.picture.feeds.values())
        self.within: standing_forms.Kept = before.within if before is not None and same else {}
        self._rung: dict[tuple[EntryRef, EntryRef], tuple[Judgement, Trouble | None]] = {}
        if before is not None and before.terms is terms:
            self._keep_of_pairs(before)

    @staticmethod
    def of(ls: LineState, terms: Agreement, judge: Judge) -> "Facts":
        """The facts of this picture: those at hand if they are of it. ``judge`` is in step."""
        held = judge.facts
        if isinstance(held, Facts) and held.are_of(ls.picture, ls.me, terms, judge):
            return held
        judge.facts = fresh = Facts(ls, terms, judge, held if isinstance(held, Facts) else None)
        return fresh

    def are_of(self, picture: Picture, me: PartyId, terms: Agreement, judge: Judge) -> bool:
        """Whether they are of this very picture, these terms and verdicts."""
        return (
            self.picture is picture
            and self.me == me
            and self.terms is terms
            and self.is_hazard is judge.is_hazard
        )

    def rung_about(
        self, ls: LineState, judge: Judge
    ) -> Iterator[tuple[Trouble, Judgement, Version, Version]]:
        """What is to be rung about pairs with one of ours that are not apart. One that could not be
        read is left out: that is said once, not once for each of our notices."""
        for pair, (a, b, judgement) in judge.open_pairs().items():
            held = self._rung.get(pair)
            if held is None or held[0] is not judgement:
                held = self._rung[pair] = judgement, self._of_pair(ls, a, b, judgement)
            if held[1] is not None:
                yield held[1], judgement, a, b

    def _of_pair(
        self, ls: LineState, a: Version, b: Version, judgement: Judgement
    ) -> Trouble | None:
        if self.me not in (a.party, b.party) or not (a.ref in self.live and b.ref in self.live):
            return None
        if a.unreadable is not None or b.unreadable is not None:
            return None
        own, other = ours_first(a, b, self.me, self.terms)
        since = max(own.stated, self.arrived.get(other.ref) or other.stated)
        return trouble_of_pair(
            own, other, judgement,
            line=ls.line, me=self.me, since=Instant(since), exercise=self.terms.exercise,
        )  # fmt: skip

    def _keep_of_pairs(self, before: "Facts") -> None:
        """What is rung about pairs of the very same versions, which came when they came."""
        same = {
            ref
            for ref, version in self.live.items()
            if before.live.get(ref) is version and before.arrived.get(ref) == self.arrived.get(ref)
        }
        for pair, held in before._rung.items():
            if pair[0] in same and pair[1] in same:
                self._rung[pair] = held

    def coordinated_until(self, a: Version, b: Version, now: Instant) -> Instant | None:
        """Until when both authors have agreed that this exact pair overlaps; None: they have
        not."""
        if not self._coordinating or (min(a.ref, b.ref), max(a.ref, b.ref)) not in (
            self._coordinating
        ):
            return None
        return coordinated_until(self.picture, a, b, now)

    def form_of(self, a: Version, b: Version, now: Instant) -> standing_forms.Form | None:
        """The standing coordination that two versions lie within."""
        if not self._with_forms:
            return None
        ends = max(self.over[a.ref], self.over[b.ref])
        return standing_forms.form_of(
            self.picture, a, b, ends, self.terms.levels, now, self.within
        )  # fmt: skip

    def half_signed_forms(self) -> Iterator[standing_forms.Form]:
        """Standing coordinations that another has signed with us, and we have not."""
        for party in self.here if self._with_forms else ():
            for form in standing_forms.forms(self.picture, party, self.me):
                if form.other is None:
                    yield form

    def _half_signed(self) -> list[tuple[Version, Version, Agreed]]:
        """Pairs of ours and another's that the other has signed to overlap and we have not, or
        under another measure: ours, the other's, what it signed."""
        found = []
        newest = {v.notice: v.ref for v in sorted(self.live.values(), key=lambda v: v.ref)}
        for party in self.here:
            for state in epochs(self.picture, party):
                for pair, agreed in state.coordinated.items():
                    a, b = (self.live.get(ref) for ref in pair)
                    if a is None or b is None or {a.party, b.party} != {self.me, party}:
                        continue
                    if any(newest[each.notice] != each.ref for each in (a, b)):
                        continue  # an amend has voided it
                    own, other = (a, b) if a.party == self.me else (b, a)
                    signed = [mine.coordinated.get(pair) for mine in self.mine]
                    if not any(one is not None and one.measure == agreed.measure for one in signed):
                        found.append((own, other, agreed))
        return found

    def _keep_of_versions(self, before: "Facts | None") -> None:
        """What follows from a version and the terms alone is taken over from the picture before,
        where it is of the very same version."""
        if before is not None and before.terms is not self.terms:
            before = None
        for ref, version in self.live.items():
            if before is not None and before.live.get(ref) is version:
                self.over[ref] = before.over[ref]
                if ref in before.exposes:
                    self.exposes[ref] = before.exposes[ref]
                    continue
            else:
                self.over[ref] = extent_end(version, self.terms)
            self.unlooked.append(version)
        self.unlooked.sort(key=lambda v: (urgency_of(v, self.me), v.ref), reverse=True)

    def _exposing(self, before: "Facts | None") -> Exposing:
        """Own movers beside the hazards of others; a class that is not known counts as one."""
        kept = before.exposing if before is not None and before.terms is self.terms else None
        effects = {term.id: term.effect for term in self.terms.classes}
        hazards = {
            ref: version
            for ref, version in self.live.items()
            if version.party != self.me and effects.get(version.cls, Effect.HAZARD) is Effect.HAZARD
        }
        return Exposing(hazards, kept)

    def look(self, units: int | None = None) -> int:
        """Hold own movers against hazards, then find which represented parties the versions expose
        that nobody has looked at yet, the most urgent first, up to an amount of work (None: all);
        how much was done, in the units of ``node.judge``."""
        done = self.exposing.look(None if units is None else -(-units // 2))
        while self.unlooked and (units is None or done < units):
            version = self.unlooked.pop()
            self.exposes[version.ref], looked = exposed_and_looked(self.terms, version)
            self.reacting.learn(version)
            zones = sum(len(third.zones) for third in self.terms.represented)
            done += UNITS_SAID + zones * UNITS_ZONE + len(version.volumes)
            done += sum(UNITS_ZONE + UNITS_CORNER * corners(each) for each in looked)
            self._untold = None
        return done + self.reacting.work(None if units is None else max(0, units - done))

    @property
    def waiting(self) -> int:
        """How much is not looked at yet: versions, notices of ours with a reaction, movers."""
        return len(self.unlooked) + len(self.reacting.waiting) + self.exposing.waiting

    def _late(self) -> list[tuple[Version, PartyId, Lead]]:
        found = []
        feeds = {party: epochs(self.picture, party) for party in (*self.others, self.me)}
        for version in self.live.values():
            if version.unreadable is not None or version.kind in EMERGENCY:
                continue  # nobody is late with a cry for help
            receivers = self.others if version.party == self.me else (self.me,)
            for party in receivers:
                lead = self._lead(version, party, feeds[party])
                if lead is not None and lead.shortfall_ms > 0:
                    found.append((version, party, lead))
        return found

    def _lead(self, version: Version, party: PartyId, feeds: list[FeedState]) -> Lead | None:
        """A lead time is what it is once the receipt is there, in the receiver's first epoch: it
        comes from entries before that, and no epoch comes before the first."""
        held = self._leads_before.get((version.ref, party))
        if held is not None and held[0] is version and self._is_there(held[1], feeds):
            lead: Lead | None = held[1]
        else:
            lead = lead_at(self.picture, self.terms, version, party, feeds)
        if lead is not None:
            self._leads[version.ref, party] = version, lead
        return lead

    @staticmethod
    def _is_there(lead: Lead, feeds: list[FeedState]) -> bool:
        first = feeds[0] if feeds else None
        if first is None or first.feed != lead.by.feed or lead.by.index >= first.size:
            return False
        return first.times[lead.by.index] == lead.received

    def _unreceived(self) -> list[tuple[Version, WithParty]]:
        adopted = self.view.terms_of_author()
        return [
            (version, with_party)
            for version in self.own
            for party in self.others
            if (with_party := self.view.with_party(version, party, adopted)).why
            in (Why.REFUSED, Why.NOT_SEEN)
        ]

    def _unanswered(self) -> list[Version]:
        newest: dict[EntryRef, Version] = {}
        for version in self.live.values():
            if version.party != self.me and version.unreadable is None:
                held = newest.get(version.notice)
                if held is None or held.ref < version.ref:
                    newest[version.notice] = version
        return [
            version
            for version in newest.values()
            if version.kind not in EMERGENCY and not self.answered(version.ref, version.kind)
        ]

    @property
    def untold(self) -> list[tuple[Version, Represented]]:
        """Who is to be told, as far as was looked: ``unlooked`` versions are not among them yet."""
        if self._untold is None:
            self._untold = [
                (self.live[ref], third)
                for ref, exposed in self.exposes.items()
                for third in exposed
                if self.me in (third.relay, third.backup) and not self._told(ref, third.id)
            ]
        return self._untold

    def _told(self, ref: EntryRef, third: PartyId) -> bool:
        for state in self.picture.feeds.values():
            told = state.told.get((ref, third))
            if told is not None and told.outcome in (RelayOutcome.TOLD, RelayOutcome.ANSWERED):
                return True
        return False

    def _unread_there(self) -> list[tuple[PartyId, EntryRef, Code, Instant]]:
        """A withdrawal, an answer, a message that a peer could not read stands there as a notice
        over everything, until a ``withdraw`` of ours names it."""
        mine = {state.feed: state for state in self.mine}
        said = {ref for state in self.mine for ref in state.ends}
        return [
            (party, ref, code, state.times[at])
            for party in self.here
            for state in epochs(self.picture, party)
            for ref, (at, code) in state.refused.items()
            if (own := mine.get(ref.feed)) is not None
            and ref.index < own.size
            and ref.index not in own.live
            and ref.index not in own.ended
            and ref not in said
        ]

    def _open_ended(self) -> list[Version]:
        """Own hazards that nobody has declared over."""
        found = []
        for version in self.own:
            term = class_term(self.terms, version.cls)
            hazard = term is not None and term.effect is Effect.HAZARD
            if hazard and version.clear is None:
                found.append(version)
        return found

    def _outside(self, before: "Facts | None") -> list[tuple[Version, sealed.Found]]:
        kept: sealed.Kept = {}
        if before is not None and before.terms is self.terms:
            kept = {pair: fit for pair, fit in before.fits.items() if pair[0] in self.live}
        self.fits: sealed.Kept = kept
        found = []
        for version in self.live.values():
            if version.seal is not None:
                fit = sealed.fit(self.picture, version, self.terms.levels, self.fits)
                if fit is not None and fit[1].verdict is not Verdict.YES:
                    found.append((version, fit))
        return found

    def answered(self, ref: EntryRef, kind: Kind) -> bool:
        """Whether a role here has answered for good."""
        return any(
            self.asks.counts(one, kind)
            for state in self.mine
            for one in state.answers.get(ref) or ()
        )

    @property
    def own_unanswered(self) -> list[Version]:
        """Own versions of notices of which some version lacks an answer of somebody."""
        if self._own_unanswered is None:
            open_ = {
                version.notice
                for version in self.own
                if not all(self.answered_by(p, version.ref, version.kind) for p in self.here)
            }
            self._own_unanswered = [v for v in self.own if v.notice in open_]
        return self._own_unanswered

    def answered_by(self, party: PartyId, ref: EntryRef, kind: Kind) -> bool:
        """Whether a peer has answered one of ours for good."""
        asked = (party, ref, kind)
        if asked not in self._answered_by:
            self._answered_by[asked] = any(
                self.asks.counts(one, kind)
                for state in epochs(self.picture, party)
                for one in state.answers.get(ref) or ()
            )
        return self._answered_by[asked]
