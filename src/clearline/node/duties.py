"""FINDINGS -> TROUBLES: everything on a line that somebody here must know of or act on.

A pure function of the line's state, the verdicts and the time: the whole set is computed anew at
every turn, so that nothing depends on how it came about. ``alerting`` makes duties of it.
"""

from collections.abc import Iterator

from clearline.model.alert import Severity, Trouble, TroubleKind
from clearline.model.entry import EMERGENCY, Kind, LinkState, Precedence
from clearline.model.finding import Containment, Judgement, Verdict
from clearline.model.ids import EntryRef, PartyId, party_of
from clearline.model.refusal import Param
from clearline.model.terms import Agreement, DeadlineTerm, Effect
from clearline.model.time import SECOND, Instant, Millis
from clearline.node.beats import age_ms
from clearline.node.claims import PROOF_MS
from clearline.node.exposure import exposed_movers
from clearline.node.facts import FINAL_REPLIES as FINAL_REPLIES
from clearline.node.facts import Facts
from clearline.node.facts import extent_end as extent_end
from clearline.node.facts import final_replies as final_replies
from clearline.node.judge import Judge
from clearline.node.readbacks import differs
from clearline.node.state import LineState, Signing
from clearline.picture.lead import class_term
from clearline.picture.situation import Ask, Version
from clearline.picture.standing import Why, coordinated_until, epochs, suspension

RANK = {
    Precedence.FLASH: 0,
    Precedence.IMMEDIATE: 1,
    Precedence.PRIORITY: 2,
    Precedence.ROUTINE: 3,
}


WAIT_MS = 60 * SECOND
"""Papers travel beside the record that names them: after a minute they are missing."""


def troubles(ls: LineState, judge: Judge, now: Instant) -> dict[str, Trouble]:
    """All troubles on the line, by key."""
    terms = ls.terms
    if terms is None or ls.picture.feed(ls.feed).left is not None:
        return {}  # who has left the line has no duties on it
    desk = _Desk(ls, terms, judge, now)
    found: dict[str, Trouble] = {}
    for part in (
        desk.conflicts, desk.answers_due, desk.unanswered, desk.unreceipted, desk.late,
        desk.exposed, desk.not_told, desk.links, desk.records, desk.opened, desk.ends,
        desk.own_feed, desk.read_back,
    ):  # fmt: skip
        for trouble in part():
            found[trouble.key] = trouble
    return found


def more_urgent(a: Precedence, b: Precedence) -> Precedence:
    """The precedence that is handled first."""
    return a if RANK[a] <= RANK[b] else b


def deadline(terms: Agreement, prec: Precedence) -> DeadlineTerm:
    """The agreed deadlines of a precedence; every agreement states all four."""
    return next(term for term in terms.deadlines if term.precedence is prec)


class _Desk:
    """One computation's common parts."""

    def __init__(self, ls: LineState, terms: Agreement, judge: Judge, now: Instant) -> None:
        self.ls, self.terms, self.judge, self.now = ls, terms, judge, now
        self.facts = Facts.of(ls, terms, judge)
        self.over = self.facts.over

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
        for a, b, judgement in self.judge.open_pairs():
            mine = [v for v in (a, b) if v.party == self.ls.me]
            if not mine or not (a.ref in self.facts.live and b.ref in self.facts.live):
                continue
            if a.unreadable is not None or b.unreadable is not None:
                continue  # UNREADABLE says so once, not once for each of our notices
            if judgement.over is not None and judgement.over <= self.now:
                continue
            if coordinated_until(self.ls.picture, a, b, self.now) is not None:
                continue
            yield self._conflict(mine[0], b if mine[0] is a else a, judgement)

    def _conflict(self, own: Version, other: Version, judgement: Judgement) -> Trouble:
        certain = judgement.verdict is Verdict.YES
        kind = TroubleKind.CONFLICT if certain else TroubleKind.UNDETERMINED
        prec = more_urgent(more_urgent(own.prec, other.prec), Precedence.IMMEDIATE)
        params: dict[str, Param] = {"own": own.label, "other": other.label}
        if judgement.lateral_m is not None:
            params["lateral_m"] = round(judgement.lateral_m.low)
        if judgement.vertical_m is not None:
            params["vertical_m"] = round(max(-1e6, min(1e6, judgement.vertical_m.low)))
        if judgement.overlap_start is not None:
            params["starts"] = judgement.overlap_start
        if judgement.settles is not None:
            params["settles"] = judgement.settles
        since = max(own.stated, self._arrived(other))
        return self._make(
            kind,
            f"{min(own.ref, other.ref)}+{max(own.ref, other.ref)}",
            severity=Severity.ALARM if certain else Severity.WARNING,
            prec=prec,
            since=Instant(since),
            group=f"{kind.value}/{own.notice}",
            about=(own.ref, other.ref),
            peer=other.party if other.party != self.ls.me else None,
            params=params,
        )

    def _arrived(self, version: Version) -> Instant:
        return self.ls.arrived.get(version.ref) or version.stated

    # -- what waits for an answer

    def answers_due(self) -> Iterator[Trouble]:
        """Others' notices and pleas that no role here has answered."""
        for version in self.facts.unanswered:
            if self.over[version.ref] <= self.now:
                continue
            yield self._ask(
                TroubleKind.ANSWER_DUE, version.ref, version.prec, Severity.WARNING,
                group=f"answer-due/{version.party}/{version.cls}", label=version.label,
            )  # fmt: skip
        for ask in self._foreign_asks():
            if self.facts.answered(ask.ref, ask.kind):
                continue
            kind = {
                Kind.STOP: TroubleKind.STOP,
                Kind.DISTRESS: TroubleKind.DISTRESS,
                Kind.ACCIDENT: TroubleKind.ACCIDENT,
            }.get(ask.kind, TroubleKind.ANSWER_DUE)
            emergency = ask.kind in EMERGENCY
            yield self._ask(
                kind,
                ask.ref,
                Precedence.FLASH if emergency else ask.prec,
                Severity.EMERGENCY if emergency else Severity.WARNING,
                group=f"{kind.value}/{ask.ref}",
                label=ask.text,
                facts=message_facts(ask),
            )

    def _foreign_asks(self) -> Iterator[Ask]:
        for state in self.ls.picture.feeds.values():
            if party_of(state.feed) != self.ls.me:
                for ask in state.asks.values():
                    if not ask.to or self.ls.me in ask.to:
                        yield ask
        for ask in self.ls.picture.asks_ahead.values():
            if not ask.to or self.ls.me in ask.to:
                yield ask

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
        for found in self.facts.misread:
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
        """Ours that a peer has not answered in time. Silence is never consent (FM10)."""
        asked = [(v.ref, v.kind, v.prec, v.stated, v.label) for v in self._own_open_versions()]
        asked += [
            (ask.ref, ask.kind, ask.prec, ask.t, ask.text)
            for state in self.facts.mine
            for ask in state.asks.values()
            if ask.kind not in (Kind.DISTRESS, Kind.ACCIDENT) or ask.ref.index not in state.live
        ]
        for ref, kind, prec, stated, label in asked:
            term = deadline(self.terms, prec)
            if self.now < stated + term.answer_ms:
                continue
            for party in self.facts.here:
                if not self.facts.answered_by(party, ref, kind):
                    yield self._make(
                        TroubleKind.NO_ANSWER, f"{ref}/{party}", severity=Severity.WARNING,
                        prec=prec, since=Instant(stated + term.answer_ms),
                        group=f"no-answer/{party}", about=(ref,), peer=party, label=label,
                    )  # fmt: skip

    def _own_open_versions(self) -> Iterator[Version]:
        newest: dict[EntryRef, Version] = {}
        for version in self.facts.own:
            if self.over[version.ref] > self.now:
                held = newest.get(version.notice)
                if held is None or held.ref < version.ref:
                    newest[version.notice] = version
        yield from newest.values()

    # -- how far ours got

    def unreceipted(self) -> Iterator[Trouble]:
        """Peers that have not receipted something of ours in time, one trouble a peer; and what
        they could not read."""
        overdue: dict[PartyId, list[Version]] = {}
        for version, with_party in self.facts.unreceived:
            party = with_party.party
            if with_party.why is Why.REFUSED:
                code = with_party.code.value if with_party.code is not None else ""
                yield self._make(
                    TroubleKind.REFUSED_BY_PEER, f"{version.ref}/{party}",
                    severity=Severity.ALARM, prec=Precedence.IMMEDIATE, since=version.stated,
                    about=(version.ref,), peer=party, code=code, label=version.label,
                )  # fmt: skip
            due = version.stated + deadline(self.terms, version.prec).receipt_ms
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
        for version, party, lead in self.facts.late:
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
        if not len(self.ls.movers):
            return
        for version in self.facts.live.values():
            if version.party == self.ls.me or self.over[version.ref] <= self.now:
                continue
            term = class_term(self.terms, version.cls)
            if term is not None and term.effect is not Effect.HAZARD:
                continue
            for found in exposed_movers(self.ls.movers.values(), version, self.now):
                if found.in_time:
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

    def links(self) -> Iterator[Trouble]:
        """Links that are not up, and clocks that differ (FM12, FM24)."""
        for party in self.facts.here:
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
        for version in self.facts.unreadable:
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
        for version in self.facts.open_ended:
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
        for party, peer in sorted(ls.peers.items()):
            if peer.doubted is not None:
                yield self._make(
                    TroubleKind.CLAIM, party, severity=Severity.ALARM, prec=Precedence.IMMEDIATE,
                    since=peer.doubted, peer=party, seconds=PROOF_MS // SECOND,
                )  # fmt: skip
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
        tested = self._last_test()
        if self.now - tested > self.terms.line_test_ms:
            yield self._make(
                TroubleKind.LINE_TEST, "due", severity=Severity.CAUTION, prec=Precedence.ROUTINE,
                since=Instant(tested + self.terms.line_test_ms),
            )  # fmt: skip

    def _last_test(self) -> Instant:
        asks = (ask for state in self.facts.mine for ask in state.asks.values())
        tests = [ask.t for ask in asks if ask.kind is Kind.TEST]
        return Instant(max(tests, default=self.ls.began))


def message_facts(ask: Ask) -> dict[str, Param]:
    """What the sentence of a message is made of: its template and blanks, not its words."""
    if ask.kind is not Kind.MESSAGE:
        return {}
    return {"template": ask.text, **{f"blank_{f.name}": f.value for f in ask.fields}}


def beyond(found: Containment) -> dict[str, Param]:
    """What is outside of an envelope, and by how much, in whole seconds and metres."""
    params: dict[str, Param] = {"why": "outside" if found.outside else "undetermined"}
    if found.outside:
        params["outside"] = ",".join(found.outside)
    if found.settles is not None:
        params["settles"] = found.settles
    sizes = {"time_s": found.time_s, "vertical_m": found.vertical_m, "lateral_m": found.lateral_m}
    for name, bounds in sizes.items():
        if bounds is not None and name.partition("_")[0] in found.outside:
            params[name] = round(min(bounds.low, 1e6))
    return params


def minutes(ms: Millis) -> int:
    """Whole minutes, rounded up."""
    return -(-ms // 60_000)
