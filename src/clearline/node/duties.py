"""FINDINGS -> TROUBLES: everything on a line that somebody here must know of or act on.

A pure function of the line's state, the verdicts and the time, so that nothing depends on how it
came about. ``alerting`` makes duties of it.
"""

from collections.abc import Iterable, Iterator
from functools import partial
from typing import Final

from clearline.model.alert import Severity, Trouble, TroubleKind
from clearline.model.entry import EMERGENCY, Kind, LinkState, Precedence
from clearline.model.ids import EntryRef, PartyId, party_of
from clearline.model.refusal import Param
from clearline.model.terms import Agreement, DeadlineTerm
from clearline.model.time import SECOND, Instant, format_utc
from clearline.node.answer_duties import answer_troubles, no_to_ask
from clearline.node.beats import age_ms
from clearline.node.claims import PROOF_MS
from clearline.node.duty_facts import beyond, message_facts, under_form
from clearline.node.facts import Facts
from clearline.node.facts import extent_end as extent_end
from clearline.node.judge import Judge
from clearline.node.lasting import Lasting
from clearline.node.live.take import live_troubles
from clearline.node.met import MET, about_count, more_urgent
from clearline.node.open_asks import OpenAsks
from clearline.node.reaction_duties import reaction_troubles
from clearline.node.readbacks import differs
from clearline.node.stale import stale_troubles
from clearline.node.state import LineState, Signing
from clearline.picture.situation import Ask, Version
from clearline.picture.standing import Why, epochs, suspension

WAIT_MS = 60 * SECOND
"""Papers travel beside the record that names them: after a minute they are missing."""
JUDGING_MS = 5 * SECOND
"""Pairs that wait to be judged for longer are rung about once, all together; a thousand dense
notices are judged sooner where the verdicts are compiled."""

NONE: Final = Lasting()
"""What lasts where nothing rings; nothing is ever put here."""


def troubles(ls: LineState, judge: Judge, now: Instant) -> tuple[dict[str, Trouble], Lasting]:
    """All troubles on the line, by key: those that are computed anew for every turn, and those that
    stand until something is written (``node.lasting``)."""
    in_force = ls.terms_in_force
    if in_force is None:
        return {}, NONE  # who has left the line has no duties on it
    desk, found = Desk(ls, in_force, judge, now), dict[str, Trouble]()
    terms, facts, lasting = desk.terms, desk.facts, desk.lasting()
    for part in (
        desk.conflicts, desk.judging, desk.answers_due, desk.unanswered, desk.unreceipted,
        desk.late, desk.exposed, desk.not_told, desk.links, desk.records,
        desk.opened, desk.ends, desk.own_feed, desk.read_back,
    ):  # fmt: skip
        for trouble in part():
            found[trouble.key] = trouble
    more = [*live_troubles(ls, terms, found), *reaction_troubles(ls, terms, facts, now)]
    more += answer_troubles(ls, terms, facts, now)
    more += stale_troubles(ls, terms, facts.to_confirm, facts.over, facts.asks.last_words, now)
    found |= {trouble.key: trouble for trouble in more}
    return found, lasting


def still_stands(ls: LineState, judge: Judge, trouble: Trouble, now: Instant) -> bool:
    """Whether what was rung about stands on although nothing is known of it now: the pair is to be
    judged again, and is not yet; or nobody has looked again whom the version exposes, where the
    mover is, or who has answered. It ends only by a verdict, or when there is no such pair or
    version any more."""
    terms = ls.terms_in_force
    if terms is None:
        return False
    facts = Facts.of(ls, terms, judge)
    if trouble.kind is TroubleKind.NOT_TOLD:
        return all(ref in facts.live and ref not in facts.exposes for ref in trouble.about)
    if trouble.kind is TroubleKind.EXPOSED:
        return facts.exposing.waits(trouble.about[0], str(trouble.params["mover"]))
    if trouble.kind is TroubleKind.REACTION:
        return facts.reacts_still(trouble.about)
    if trouble.kind in (TroubleKind.ANSWER_DUE, TroubleKind.NO_ANSWER):
        about = facts.live.get(trouble.about[0])
        return about is not None and facts.replied.stands_on(trouble, about.notice)
    if trouble.kind not in MET or len(trouble.about) != 2:
        return False
    a, b = trouble.about
    if not judge.waits(a, b) or a not in facts.live or b not in facts.live:
        return False
    return facts.coordinated_until(facts.live[a], facts.live[b], now) is None


def deadline(terms: Agreement, prec: Precedence) -> DeadlineTerm:
    """The agreed deadlines of a precedence; every agreement states all four."""
    return next(term for term in terms.deadlines if term.precedence is prec)


class Desk:
    """One computation's common parts. Its terms are those that everything was looked at under."""

    def __init__(self, ls: LineState, terms: Agreement, judge: Judge, now: Instant) -> None:
        self.ls, self.judge, self.now = ls, judge, now
        self.facts = Facts.of(ls, terms, judge)
        self.terms, self.over = self.facts.terms, self.facts.over
        self.answer_ms = {term.precedence: term.answer_ms for term in self.terms.deadlines}
        self.receipt_ms = {term.precedence: term.receipt_ms for term in self.terms.deadlines}

    def _make(
        self,
        kind: TroubleKind,
        key: str,
        *,
        severity: Severity,
        prec: Precedence,
        since: Instant,
        group: str = "",
        about: tuple[EntryRef, ...] = (),
        peer: PartyId | None = None,
        needs_answer: bool = False,
        due: Instant | None = None,
        params: dict[str, Param] | None = None,
        **more: Param,
    ) -> Trouble:
        return Trouble(
            key=f"{kind.value}/{key}",
            kind=kind,
            severity=severity,
            precedence=prec,
            line=self.ls.line,
            group=group or f"{kind.value}/{key}",
            since=since,
            about=about,
            peer=peer,
            needs_answer=needs_answer,
            due=due,
            params={**(params or {}), **more},
            exercise=self.terms.exercise,
        )

    # -- what was found between notices

    def conflicts(self) -> Iterator[Trouble]:
        """Pairs with one of ours that are not NO, unless both authors have coordinated them."""
        for trouble, judgement, a, b in self.facts.rung_about(self.ls, self.judge):
            if judgement.over is not None and judgement.over <= self.now:
                continue
            if self.facts.coordinated_until(a, b, self.now) is None:
                yield under_form(trouble, self.facts.form_of(a, b, self.now))

    def judging(self) -> Iterator[Trouble]:
        """Pairs that are not judged yet, all together, when it takes long (CL-STA-008)."""
        since, pending = self.judge.since, self.judge.pending + self.facts.waiting
        if since is None or not pending or self.now - since < JUDGING_MS:
            return
        yield self._make(
            TroubleKind.JUDGING, "pairs", severity=Severity.CAUTION, prec=Precedence.ROUTINE,
            since=since, count=about_count(pending),
        )  # fmt: skip

    def _arrived(self, version: Version) -> Instant:
        return self.ls.arrived.get(version.ref) or version.stated

    # -- what waits for an answer

    def answers_due(self) -> Iterator[Trouble]:
        """Others' pleas that no role here has answered, as far as they do not last."""
        for ask in self.facts.asks.fresh.values():
            yield self.of_ask(ask)  # since now, whenever that is: it is not known when it came
        for ask in self.ls.picture.asks_ahead.values():
            to_us = not ask.to or self.ls.me in ask.to
            if to_us and not self.facts.answered(ask.ref, ask.kind):
                yield self.of_ask(ask)

    def lasting(self) -> Lasting:
        """What others ask of us, and what peers have not answered of ours in time: made once, and
        looked at again when somebody has written."""
        asks = self.facts.asks
        if self.now < asks.at:
            asks = self.facts.asks = OpenAsks(self.ls.picture, self.ls.me, self.terms)
        asks.at = self.now
        asks.ring_foreign(self.ls.arrived.__contains__, self.of_ask)
        asks.declined.ring(partial(no_to_ask, self.ls, self.terms))
        self.facts.replied.ring(self.now, asks.lasting, self._of_notice)
        for prec in Precedence:
            by = Instant(self.now - self.answer_ms[prec])
            asks.ring_overdue(prec, by, tuple(self.facts.here), self._overdue)
        return asks.lasting

    def _of_notice(
        self, theirs: Version | None, own: tuple[Version, ...]
    ) -> tuple[list[Trouble], Instant | None]:
        """What waits for an answer of a notice: ours to another's, and those of peers to ours that
        are overdue (FM10). Only what is not over by time waits."""
        found: list[Trouble] = []
        then: Instant | None = None
        if theirs is not None and self.over[theirs.ref] > self.now:
            found.append(self._answer_due(theirs))
            known = theirs.ref in self.ls.arrived  # if not, it waits since now, whenever that is
            then = self.over[theirs.ref] if known else Instant(self.now + 1)
        standing = [version for version in own if self.over[version.ref] > self.now]
        for version in standing[-1:]:
            late = Instant(version.stated + self.answer_ms[version.prec])
            then = min(late, self.over[version.ref]) if self.now < late else self.over[version.ref]
            for party in self.facts.here if self.now >= late else ():
                if not self.facts.answered_by(party, version.ref, version.kind):
                    said = self.no_answer(version.ref, party, version.prec, late, version.label)
                    found.append(said)
        return found, then

    def _answer_due(self, version: Version) -> Trouble:
        return self._ask(
            TroubleKind.ANSWER_DUE, version.ref, version.prec, Severity.WARNING,
            group=f"answer-due/{version.party}/{version.cls}", label=version.label,
        )  # fmt: skip

    def _overdue(self, ask: Ask, party: PartyId) -> Trouble:
        late = Instant(ask.t + deadline(self.terms, ask.prec).answer_ms)
        return self.no_answer(ask.ref, party, ask.prec, late, ask.text)

    def of_ask(self, ask: Ask) -> Trouble:
        """What somebody asks of us, or cries."""
        kind = {
            Kind.STOP: TroubleKind.STOP,
            Kind.DISTRESS: TroubleKind.DISTRESS,
            Kind.ACCIDENT: TroubleKind.ACCIDENT,
        }.get(ask.kind, TroubleKind.ANSWER_DUE)
        emergency = ask.kind in EMERGENCY
        return self._ask(
            kind,
            ask.ref,
            Precedence.FLASH if emergency else ask.prec,
            Severity.EMERGENCY if emergency else Severity.WARNING,
            group=f"{kind.value}/{ask.ref}",
            label=ask.text,
            facts=message_facts(ask),
        )

    def _ask(
        self,
        kind: TroubleKind,
        ref: EntryRef,
        prec: Precedence,
        severity: Severity,
        *,
        group: str,
        label: str,
        facts: dict[str, Param] | None = None,
    ) -> Trouble:
        since = self.ls.arrived.get(ref) or self.now
        return self._make(
            kind, str(ref), severity=severity, prec=prec, since=since, group=group, about=(ref,),
            peer=party_of(ref.feed), needs_answer=True,
            due=Instant(since + deadline(self.terms, prec).answer_ms),
            params={"label": label, **(facts or {})},
        )  # fmt: skip

    def read_back(self) -> Iterator[Trouble]:
        """Places that were read back wrongly, at both ends (FM04). Nothing waits for it."""
        for found in self.facts.replied.misread:
            version = found.version
            if self.over[version.ref] <= self.now:
                continue
            mine = version.party == self.ls.me
            yield self._make(
                TroubleKind.READ_BACK, f"{version.ref}/{found.party}", severity=Severity.ALARM,
                prec=more_urgent(version.prec, Precedence.IMMEDIATE), since=found.since,
                group=f"read-back/{version.ref}", about=(version.ref, found.answer),
                peer=found.party if mine else version.party, reader=found.party,
                label=version.label, differs=differs(found.found),
            )  # fmt: skip

    def unanswered(self) -> Iterator[Trouble]:
        """Cries of ours that a peer has not answered in time, and that are no versions any more.
        Silence is never consent (FM10)."""
        for ask in self.facts.asks.cries:
            late = Instant(ask.t + self.answer_ms[ask.prec])
            if self.now < late or ask.ref.index in self.ls.picture.feed(ask.ref.feed).live:
                continue
            for party in self.facts.here:
                if not self.facts.answered_by(party, ask.ref, ask.kind):
                    yield self.no_answer(ask.ref, party, ask.prec, late, ask.text)

    def no_answer(
        self, ref: EntryRef, party: PartyId, prec: Precedence, late: Instant, label: str
    ) -> Trouble:
        """A peer that has not answered one of ours. STANDBY is said with it: the clock went on."""
        held = self.standby(party, ref)
        said: dict[str, Param] = {} if held is None else {"standby": format_utc(held)}
        return self._make(
            TroubleKind.NO_ANSWER, f"{ref}/{party}", severity=Severity.WARNING, prec=prec,
            since=late, group=f"no-answer/{party}", about=(ref,), peer=party, label=label,
            params=said,
        )  # fmt: skip

    def standby(self, party: PartyId, ref: EntryRef) -> Instant | None:
        """When a peer has said STANDBY to one of ours."""
        return self.facts.asks.standby(party, ref)

    # -- how far ours got

    def unreceipted(self) -> Iterator[Trouble]:
        """Peers that have not receipted something of ours in time, one trouble a peer; and what
        they could not read."""
        overdue: dict[PartyId, list[Version]] = {}
        for version, with_party in self.facts.receipts.unreceived:
            party = with_party.party
            if with_party.why is Why.REFUSED:
                code = with_party.code.value if with_party.code is not None else ""
                yield self._make(
                    TroubleKind.REFUSED_BY_PEER, f"{version.ref}/{party}",
                    severity=Severity.ALARM, prec=Precedence.IMMEDIATE, since=version.stated,
                    about=(version.ref,), peer=party, code=code, label=version.label,
                )  # fmt: skip
            due = version.stated + self.receipt_ms[version.prec]
            if with_party.why is Why.NOT_SEEN and self.now >= due:
                overdue.setdefault(party, []).append(version)
        for party, ref, code_, since in self.facts.unread_there:
            yield self._make(
                TroubleKind.REFUSED_BY_PEER, f"{ref}/{party}", severity=Severity.ALARM,
                prec=Precedence.IMMEDIATE, since=since, about=(ref,), peer=party,
                code=code_.value, label=f"entry {ref}",
            )  # fmt: skip
        for party, versions in overdue.items():
            first = min(versions, key=lambda v: (v.stated, v.ref))
            prec = Precedence.ROUTINE
            for version in versions:
                prec = more_urgent(prec, version.prec)
            yield self._make(
                TroubleKind.NO_RECEIPT, party, severity=Severity.WARNING, prec=prec,
                since=first.stated, about=(first.ref,), peer=party,
            )  # fmt: skip

    def late(self) -> Iterator[Trouble]:
        """Lead time that falls short of the agreed one, at this end (FM01)."""
        for version, party, lead in self.facts.receipts.late:
            if self.over[version.ref] <= self.now:
                continue
            yield self._make(
                TroubleKind.LATE, f"{version.ref}/{party}", severity=Severity.CAUTION,
                prec=version.prec, since=lead.received, about=(version.ref,),
                group=f"late/{version.party}/{party}",
                peer=version.party if version.party != self.ls.me else party,
                shortfall_s=lead.shortfall_ms // SECOND,
                lead_s=lead.worst_ms // SECOND, label=version.label,
            )  # fmt: skip

    def exposed(self) -> Iterator[Trouble]:
        """Own movers inside a hazard, or that cannot be out of it in time (FM02)."""
        for version, found in self.facts.exposing.found(self.now):
            if found.in_time or self.over[version.ref] <= self.now:
                continue
            yield self._make(
                TroubleKind.EXPOSED, f"{version.ref}/{found.call_sign}",
                severity=Severity.ALARM, prec=Precedence.FLASH, since=self._arrived(version),
                about=(version.ref,), peer=version.party, mover=found.call_sign,
                minutes_needed=found.minutes_needed, minutes_left=found.minutes_left,
                label=version.label,
            )  # fmt: skip

    def not_told(self) -> Iterator[Trouble]:
        """Represented parties that a live notice exposes and that have not been told (FM08)."""
        for version, third in self.facts.untold:
            if version.unreadable is None and self.over[version.ref] <= self.now:
                continue
            due = Instant(self._arrived(version) + third.deadline_ms)
            mine = third.relay == self.ls.me or (third.backup == self.ls.me and self.now >= due)
            if mine:
                yield self._make(
                    TroubleKind.NOT_TOLD, f"{version.ref}/{third.id}",
                    severity=Severity.ALARM,
                    prec=more_urgent(version.prec, Precedence.PRIORITY),
                    since=self._arrived(version), about=(version.ref,), due=due,
                    group=f"not-told/{third.id}/{version.party}", third=third.id,
                    name=third.name, label=version.label,
                )  # fmt: skip

    # -- the line and the record

    def here(self) -> Iterable[PartyId]:
        """The other members that have not left."""
        return self.facts.here

    def links(self) -> Iterator[Trouble]:
        """Links that are not up, and clocks that differ (FM12, FM24)."""
        for party in self.here():
            peer = self.ls.peers.get(party)
            if peer is None:
                continue
            if peer.state is not LinkState.UP:
                down = peer.state is LinkState.DOWN
                began = self.ls.began
                if down and age_ms(peer, began, self.now) <= self.terms.down_after_ms:
                    continue  # a line that has only just been opened is not yet a fault
                yield self._make(
                    TroubleKind.LINE_DOWN if down else TroubleKind.LINE_DEGRADED, party,
                    severity=Severity.ALARM if down else Severity.CAUTION,
                    prec=Precedence.IMMEDIATE if down else Precedence.ROUTINE,
                    since=peer.since, peer=party,
                )  # fmt: skip
            beyond = abs(peer.offset_ms) - peer.uncertainty_ms
            if peer.round_trip is not None and beyond > self.terms.clock_offset_max_ms:
                yield self._make(
                    TroubleKind.CLOCK, party, severity=Severity.WARNING, prec=Precedence.PRIORITY,
                    since=peer.round_trip, peer=party, offset_ms=peer.offset_ms,
                )  # fmt: skip

    def records(self) -> Iterator[Trouble]:
        """Forks, unreadable entries, suspensions."""
        for feed, common in sorted(self.ls.picture.forked.items()):
            if epochs(self.ls.picture, party_of(feed))[-1].feed != feed:
                continue  # the party has gone on in a new epoch
            yield self._make(
                TroubleKind.FORK, feed, severity=Severity.ALARM, prec=Precedence.IMMEDIATE,
                since=self.ls.picture.feed(feed).t, peer=party_of(feed), common=common,
            )  # fmt: skip
        for version in self.facts.unreadable.values():
            assert version.unreadable is not None, "only such are listed"
            yield self._make(
                TroubleKind.UNREADABLE, str(version.ref), severity=Severity.ALARM,
                prec=Precedence.IMMEDIATE, since=self._arrived(version), about=(version.ref,),
                peer=version.party, code=version.unreadable.value,
            )  # fmt: skip
        for party in self.ls.roster.parties:
            suspended = suspension(self.ls.picture, party)
            if suspended is not None and party != self.ls.me:
                ref, since, reason = suspended
                yield self._make(
                    TroubleKind.SUSPENDED, str(ref), severity=Severity.WARNING,
                    prec=Precedence.PRIORITY, since=since, about=(ref,),
                    peer=party, reason=reason,
                )  # fmt: skip

    def opened(self) -> Iterator[Trouble]:
        """What was opened and is not what was sealed, or is not surely within its envelope (FM27);
        at both ends."""
        for ref in self.ls.mismatched:
            yield self._make(
                TroubleKind.SEAL, str(ref), severity=Severity.WARNING, prec=Precedence.PRIORITY,
                since=self.ls.arrived.get(ref) or self.now, about=(ref,), peer=party_of(ref.feed),
                why="digest",
            )  # fmt: skip
        for version, (envelope, found) in self.facts.outside:
            if self.over[version.ref] <= self.now:
                continue
            yield self._make(
                TroubleKind.SEAL, f"{version.ref}/envelope", severity=Severity.WARNING,
                prec=more_urgent(version.prec, Precedence.PRIORITY), since=self._arrived(version),
                about=(version.ref, envelope), peer=version.party, params=beyond(found),
                label=version.label,
            )  # fmt: skip

    def ends(self) -> Iterator[Trouble]:
        """Own hazards past window and tail that nobody has declared over (FM17)."""
        for version in self.facts.open_ended.values():
            end = self.over[version.ref]
            if self.now >= end:
                yield self._make(
                    TroubleKind.ENDED_BY_TIME, str(version.ref), severity=Severity.CAUTION,
                    prec=Precedence.ROUTINE, since=end, about=(version.ref,), label=version.label,
                )  # fmt: skip

    def own_feed(self) -> Iterator[Trouble]:
        """Own feed not signing, terms that wait, the human line test that is due."""
        ls = self.ls
        if ls.signing is not Signing.READY:
            yield self._make(
                TroubleKind.NOT_SIGNING, ls.signing.value, severity=Severity.ALARM,
                prec=Precedence.IMMEDIATE, since=ls.picture.feed(ls.feed).t, why=ls.signing.value,
            )  # fmt: skip
        yield from self.claims()
        newest = max(ls.picture.terms, default=0)
        if newest > ls.picture.feed(ls.feed).adopted() > 0:
            effective = ls.picture.terms[newest].effective
            if self.now >= effective:
                yield self._make(
                    TroubleKind.TERMS, str(newest), severity=Severity.CAUTION,
                    prec=Precedence.ROUTINE, since=effective, version=newest,
                )  # fmt: skip
        for feed, since in sorted(ls.waits.items()):
            if self.now - since >= WAIT_MS:
                yield self._make(
                    TroubleKind.WAITS, feed, severity=Severity.WARNING, prec=Precedence.PRIORITY,
                    since=since, peer=party_of(feed),
                )  # fmt: skip
        last_test = self.facts.asks.last_test
        tested = self.ls.began if last_test is None else last_test
        if self.now - tested > self.terms.line_test_ms:
            yield self._make(
                TroubleKind.LINE_TEST, "due", severity=Severity.CAUTION, prec=Precedence.ROUTINE,
                since=Instant(tested + self.terms.line_test_ms),
            )  # fmt: skip

    def claims(self) -> Iterator[Trouble]:
        """Peers that say of our own record what they have not shown."""
        for party, peer in sorted(self.ls.peers.items()):
            if peer.doubted is not None:
                yield self._make(
                    TroubleKind.CLAIM, party, severity=Severity.ALARM, prec=Precedence.IMMEDIATE,
                    since=peer.doubted, peer=party, seconds=PROOF_MS // SECOND,
                )  # fmt: skip
