"""A variant of a scenario, played through real nodes on a virtual clock.

It is played twice: once in the best case and once in the worst (``moments``). The events are those
of the worst case; the lead times of the best are shown beside them. Claims stand between the events
with their claimants and change nothing; what the nodes find rests on the acts alone.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from msgspec.structs import replace

from clearline.model.ids import EntryRef, PartyId
from clearline.model.refusal import Refusal
from clearline.model.terms import Agreement
from clearline.model.time import Instant
from clearline.node.drafts import reason_needed
from clearline.node.handover import open_items
from clearline.node.inbound import Connected, Fault, Given, Mover, Outcome, TakenOver
from clearline.node.queries_notices import find, notice_view
from clearline.scenarios.acting import NotWritten, notice_of, state
from clearline.scenarios.checking import Checker
from clearline.scenarios.events import Event, Layer, utc
from clearline.scenarios.moments import Case, Moments
from clearline.scenarios.results import Measured, rows
from clearline.scenarios.script import (
    Act,
    Claim,
    CutLink,
    Expectation,
    FileNotice,
    GiveAnswer,
    GiveWatch,
    KnowFault,
    KnownTo,
    PlaceMover,
    Plead,
    Script,
    TakeAlerts,
    TakeWatch,
    Variant,
    plays_in,
)
from clearline.scenarios.stage import SET_UP_MS, Stage, Unplayable, terms_of
from clearline.scenarios.watch import Watch
from clearline.words.sentences import sentence


@dataclass(frozen=True, slots=True)
class Replay:
    """All events of a variant, in order, and whether everything expected was found."""

    events: tuple[Event, ...]
    met: bool


def replay(script: Script, variant_id: str) -> Replay:
    """Play a variant. Raises Unplayable for a scenario that ``lint`` would have refused."""
    variant = script.variant(variant_id)
    if variant is None:
        raise Unplayable(f"{script.id} has no variant {variant_id!r}")
    agreement = terms_of(script)
    if not isinstance(agreement, Agreement):
        raise Unplayable("; ".join(sentence(refusal) for refusal in agreement))
    leads = _best_leads(script, variant, agreement) if _has_bounds(script, variant) else {}
    worst = _Playing(script, variant, agreement, Case.WORST, leads)
    told = list(worst.play())
    events = [*_preface(script, variant), *_in_order([*_claims(script, variant), *told])]
    events += rows(script, variant, worst.measured())
    met = all(event.met is not False for event in events)
    return Replay(events=tuple(events), met=met)


def _best_leads(
    script: Script, variant: Variant, agreement: Agreement
) -> dict[tuple[str, PartyId], int]:
    best = _Playing(script, variant, agreement, Case.BEST)
    list(best.play())
    return {key: lead.worst_ms for key, lead in best.watch.leads.items()}


def _has_bounds(script: Script, variant: Variant) -> bool:
    """Whether any time that is played is known within bounds only: else both cases are one."""
    known = {case: Moments(script, case) for case in Case}
    for act in script.acts:
        if not plays_in(act.variants, variant.id):
            continue
        for moments in known.values():
            moments.played[act.id] = moments.act(act.at)
        does = act.does
        staged = does.volumes if isinstance(does, FileNotice | Plead) else ()
        whens = [act.at, *(when for volume in staged for when in (volume.start, volume.end))]
        if any(first != last for when in whens for first, last in [known[Case.WORST].bounds(when)]):
            return True
    return False


def _in_order(events: list[Event]) -> list[Event]:
    """By time; what is claimed stands before what the line says at the same moment."""
    return sorted(events, key=lambda event: (event.t or "", event.layer is not Layer.CLAIM))


# --- what is claimed and assumed ------------------------------------------------------------------


def _preface(script: Script, variant: Variant) -> Iterator[Event]:
    yield Event(
        t=utc(script.begins), t_max=utc(script.ends), by="scenario", kind="variant",
        id=variant.id, text=f"{script.title}: {variant.title}", layer=Layer.ASSUMED,
    )  # fmt: skip
    for assumed in script.assumed(variant.id):
        yield Event(
            t=None, by=assumed.by, kind="assumption", id=assumed.id, layer=Layer.ASSUMED,
            text=f"{assumed.what} (why: {assumed.why})",
        )  # fmt: skip
    for claim in _claims_of(script, variant):
        if claim.at is None:
            yield _claim(claim)


def _claims(script: Script, variant: Variant) -> Iterator[Event]:
    for claim in _claims_of(script, variant):
        if claim.at is not None:
            yield _claim(claim)


def _claims_of(script: Script, variant: Variant) -> list[Claim]:
    return [claim for claim in script.claims if claim.id in variant.claims]


def _claim(claim: Claim) -> Event:
    vague = claim.known_to is KnownTo.ABOUT
    about = " (said to be about this time)" if vague else ""
    return Event(
        t=None if claim.at is None else utc(claim.at),
        t_max=None if vague or claim.until in (None, claim.at) else utc(claim.until),
        by=claim.by,
        kind="claim",
        id=claim.id,
        text=f"{claim.what}{about}",
        layer=Layer.CLAIM,
        evidence=claim.evidence.value,
        source=claim.source,
        stated_on=claim.stated_on,
        disputed_by=claim.disputed_by,
    )


# --- one playing ----------------------------------------------------------------------------------


@dataclass(slots=True)
class _Playing:
    """One case of one variant."""

    script: Script
    variant: Variant
    agreement: Agreement
    case: Case
    best_leads: dict[tuple[str, PartyId], int] = field(default_factory=dict)
    stage: Stage = field(init=False)
    watch: Watch = field(init=False)
    moments: Moments = field(init=False)
    refs: dict[str, EntryRef] = field(default_factory=dict)
    refusals: dict[str, Refusal] = field(default_factory=dict)

    def __post_init__(self) -> None:
        began = Instant(self.script.begins - SET_UP_MS)
        self.stage = Stage(self.agreement, began, quiet=self.script.quiet)
        self.watch = Watch(self.stage, best_leads=self.best_leads)
        self.moments = Moments(self.script, self.case)

    def play(self) -> Iterator[Event]:
        """Everything that the scenario has its parties do, and all that the nodes say to it."""
        for _ in self.stage.run_until(self.script.begins):
            pass
        list(self.watch.look())  # what stands before it begins is not part of it
        for at, item in self._agenda():
            yield from self._wait(at)
            if isinstance(item, Act):
                yield from self._act(item)
            elif self.case is Case.WORST:
                yield self._checker().check(item, at)
        yield from self._wait(self.script.ends)

    def _agenda(self) -> list[tuple[Instant, Act | Expectation]]:
        """Acts by time, those of one moment as the file has them; then what is expected then."""
        agenda: list[tuple[Instant, Act | Expectation]] = []
        for act in self.script.acts:
            if plays_in(act.variants, self.variant.id):
                at = self.moments.act(act.at)
                self.moments.played[act.id] = at
                agenda.append((at, act))
        for expected in self.script.expectations:
            if plays_in(expected.variants, self.variant.id):
                agenda.append((self.moments.act(expected.at), expected))
        return sorted(agenda, key=lambda entry: (entry[0], isinstance(entry[1], Expectation)))

    def _wait(self, until: Instant) -> Iterator[Event]:
        for _ in self.stage.run_until(until, self.watch.stops):
            yield from self.watch.look()

    # -- acts

    def _act(self, act: Act) -> Iterator[Event]:
        yield self._told(act)
        match act.does:
            case PlaceMover() as mover:
                self._place(act, mover)
            case CutLink() as link:
                self._link(act.party, link)
            case TakeAlerts() as taking:
                self._take(act.party, taking)
            case KnowFault() as known:
                fault = Fault(fault=known.fault, active=known.active, detail=known.detail)
                self.stage.take(act.party, fault)
            case GiveWatch() as given:
                self._give(act, given)
            case TakeWatch() as taken:
                yield from self._take_watch(act, taken)
            case _:
                yield from self._say(act)
        yield from self.watch.look()

    def _told(self, act: Act) -> Event:
        first, last = self.moments.bounds(act.at)
        kind = type(act.does).__name__
        return Event(
            t=utc(self.stage.now),
            t_min=None if first == last else utc(first),
            by=act.party,
            kind=KINDS[kind],
            id=act.id,
            text=act.says or KINDS[kind],
            layer=Layer.PLAY,
            basis=act.basis,
        )

    def _say(self, act: Act) -> Iterator[Event]:
        role = act.does.role if isinstance(act.does, GiveAnswer) else self.agreement.roles[0]
        try:
            said = state(act, self.moments, self.refs, self._needed(act))
        except NotWritten as missing:
            yield self._line(act, f"cannot be said: {missing} wrote nothing", met=False)
            return
        refusal = self._unreasoned(act)
        yield from self._come_of(act, refusal or self.stage.say(act.party, role, said))

    def _unreasoned(self, act: Act) -> Outcome | None:
        """The refusal by the party's own tools of a closure that gives no reason, as its API has
        it before anything is filed."""
        if not isinstance(act.does, FileNotice) or not act.does.volumes:
            return None
        refusal = reason_needed(self.agreement, notice_of(act.does, self.moments))
        return None if refusal is None else Outcome(refusal=refusal)

    def _come_of(self, act: Act, outcome: Outcome) -> Iterator[Event]:
        if outcome.refusal is not None:
            yield self._refused(act, outcome.refusal)
        elif act.refused is not None:
            yield self._line(act, "was taken, although it should have been refused", met=False)
            self._written(act, outcome)
        else:
            self._written(act, outcome)

    def _written(self, act: Act, outcome: Outcome) -> None:
        self.refs[act.id] = outcome.refs[0]
        self.watch.names[outcome.refs[0]] = act.id

    def _refused(self, act: Act, refusal: Refusal) -> Event:
        self.refusals[act.id] = refusal
        met = None if act.refused is refusal.code else False
        event = self._line(act, f"REFUSED by its own node: {sentence(refusal)}", met=met)
        return replace(event, kind="refused", code=refusal.code.value, clause=refusal.clause)

    def _line(self, act: Act, text: str, *, met: bool | None = None) -> Event:
        return Event(
            t=utc(self.stage.now), by=act.party, kind="problem", about=act.id, text=text,
            layer=Layer.LINE, met=met,
        )  # fmt: skip

    def _needed(self, act: Act) -> int | None:
        """The minutes that the party's own desk shows for what it answers."""
        ref = self.refs.get(act.does.to) if isinstance(act.does, GiveAnswer) else None
        reading = self.stage.look(act.party)
        found = find(reading, ref) if ref is not None else None
        exposure = notice_view(reading, *found).exposure if found is not None else None
        return exposure.minutes_needed if exposure is not None else None

    def _place(self, act: Act, mover: PlaceMover) -> None:
        place = self.script.place(mover.place)
        assert place is not None, "lint has looked"
        self.watch.movers[mover.call_sign] = place.accuracy_m, mover.speed_mms
        self.stage.place(
            act.party,
            Mover(
                call_sign=mover.call_sign,
                position=place.position,
                height_mm=None,
                speed_mms=mover.speed_mms,
                as_of=self.stage.now,
                cls=mover.cls,
            ),
        )

    def _link(self, party: PartyId, link: CutLink) -> None:
        pair = frozenset((party, link.peer))
        if not link.up:
            self.stage.cut.add(pair)
            return
        self.stage.cut.discard(pair)
        for here, there in ((party, link.peer), (link.peer, party)):
            self.stage.take(here, Connected(line=self.stage.line, peer=there, up=True))
        self.stage.settle()

    def _give(self, act: Act, given: GiveWatch) -> None:
        giving = Given(
            id=f"{act.party}-{act.id}", line=self.stage.line, person=given.person, role=given.role
        )
        self.stage.take(act.party, giving)

    def _take_watch(self, act: Act, taken: TakeWatch) -> Iterator[Event]:
        """The next watch sees what is open, and takes it or is stopped."""
        items = open_items(self.stage.nodes[act.party].state, self.stage.look(act.party))
        words = "; ".join(item.words for item in items[:ITEMS_TOLD])
        more = f"; and {len(items) - ITEMS_TOLD} more" if len(items) > ITEMS_TOLD else ""
        said = f"{len(items)} open for the next watch to touch: {words}{more}"
        yield replace(self._line(act, said), kind="open-items")
        touched = tuple(item.id for item in items if not item.id.startswith(taken.leaves))
        taking = TakenOver(
            id=f"{act.party}-{act.id}", line=self.stage.line, person=taken.person, role=taken.role,
            touched=touched, override=taken.override,
        )  # fmt: skip
        outcome = self.stage.take(act.party, taking)
        self.stage.settle()
        yield from self._come_of(act, outcome)

    def _take(self, party: PartyId, taking: TakeAlerts) -> None:
        for alert in self.stage.nodes[party].state.book.open():
            if alert.trouble.kind is taking.alert:
                self.stage.acknowledge(party, alert.id, taking.person, taking.role)

    # -- what came of it

    def _checker(self) -> Checker:
        return Checker(self.stage, self.watch, self.refs, self.refusals)

    def measured(self) -> Measured:
        """What the last table is made of."""
        return Measured(
            stage=self.stage, watch=self.watch, moments=self.moments, refs=self.refs,
            refusals=self.refusals,
        )  # fmt: skip


ITEMS_TOLD = 6
"""Open items that one event names; the rest are counted."""
KINDS = {
    "FileNotice": "notice",
    "EndNotice": "end",
    "GiveAnswer": "answers",
    "TellThird": "relay",
    "Plead": "plea",
    "PlaceMover": "mover",
    "TakeAlerts": "taken",
    "CutLink": "link",
    "KnowFault": "fault",
    "GiveWatch": "watch",
    "TakeWatch": "watch",
}
"""The kind of event for what is done."""
