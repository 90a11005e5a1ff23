"""What troubles need of a picture and the terms alone: kept version by version, not found anew.

Most turns bring a heartbeat, only time, or one entry. With ten thousand live notices, looking again
at who has seen and answered each of them would be nearly all that such a turn costs. A cache, not a
state: whatever is here follows from the picture, the terms and the verdicts, and never from the
time; what is brought up entry by entry is what looking at everything gives.
"""

from collections.abc import Generator, Iterator, Mapping
from heapq import heappop, heappush

from clearline.conflict.remembered import corners
from clearline.model.alert import Trouble
from clearline.model.entry import Kind, RelayOutcome
from clearline.model.finding import Judgement, Verdict
from clearline.model.ids import EntryRef, PartyId, party_of
from clearline.model.refusal import Code
from clearline.model.terms import Agreement, Effect, Represented
from clearline.model.time import Instant
from clearline.node import sealed, standing_forms
from clearline.node.backlog import Urgency, parted, urgency_of
from clearline.node.exposing import Exposing
from clearline.node.exposure import exposed_and_looked
from clearline.node.judge import UNITS_SAID, Judge, Pair
from clearline.node.met import ours_first, trouble_of_pair
from clearline.node.open_asks import OpenAsks
from clearline.node.reaction_work import Reacting
from clearline.node.receipts import Receipts
from clearline.node.replied import Replied, answered
from clearline.node.stale import Confirming, Due, confirm_again
from clearline.node.state import LineState
from clearline.picture.changes import Changes, changes
from clearline.picture.fold import HazardOf
from clearline.picture.lead import class_term
from clearline.picture.situation import Agreed, Picture, Version
from clearline.picture.standing import View, coordinated_until, epochs, has_left

UNITS_ZONE = 25
"""One version, or one volume near to it, beside one zone of a represented party, in units of
judging."""
CORNERS_A_UNIT = 2
"""Corners of a footprint beside a zone in about a unit: most of it is making them ready."""


LOOKED_AT_ONCE = 256
"""Versions that are looked at in one step: some milliseconds."""


def extent_end(version: Version, terms: Agreement) -> Instant:
    """When window and tail of the version are over, whoever says so."""
    term = class_term(terms, version.cls)
    tail = term.tail_ms if term is not None else 0
    ends = [min(v.end, version.cut) if version.cut is not None else v.end for v in version.volumes]
    end = max(ends, default=Instant(0)) + tail
    return Instant(min(end, version.clear) if version.clear is not None else end)


class Facts:
    """All of it for one line, kept from picture to picture: an entry costs what it changes.

    ``live``: versions that count. ``over``: when each ends by time. ``own``: ours among them, and
    ``unreadable`` those that could not be read, by place. ``exposes``: represented parties that a
    version exposes; ``unlooked``: versions for which that is not known yet. ``untold``: those that
    this party is relay or backup for, and that nobody has told. ``unread_there``: entries of ours
    that state no version and that a peer could not read: party, entry, code, since when.
    ``open_ended``: own hazards that nobody has declared over. ``to_confirm``: own notices that are
    to be confirmed again. ``outside``: what was opened and is not surely within its envelope, with
    the envelope. ``receipts``: whom versions have reached, and how early; ``replied``: what waits
    for an answer. ``reacting``: what represented parties may do after known hazards, and what of
    ours is within; ``exposing``: own movers beside the hazards of others.
    ``outdated``: who is on the line is not as it was when all of it was looked at; ``again``: how
    many versions ``node.look_again`` has still to look at, for what will stand in their place.
    """

    def __init__(
        self,
        ls: LineState,
        terms: Agreement,
        judge: Judge,
        before: "Facts | None" = None,
        *,
        whole: bool = True,
    ) -> None:
        self.picture, self.me, self.terms = ls.picture, ls.me, terms
        self.others = ls.others
        self.here = [p for p in self.others if not has_left(ls.picture, p)]
        self.live: dict[EntryRef, Version] = {}
        self.over: dict[EntryRef, Instant] = {}
        self.own: dict[EntryRef, Version] = {}
        self.unreadable: dict[EntryRef, Version] = {}
        self.open_ended: dict[EntryRef, Version] = {}
        self.exposes: dict[EntryRef, tuple[Represented, ...]] = {}
        self.unlooked: dict[EntryRef, Version] = {}
        self.to_confirm: Due = []
        self.fits: sealed.Kept = {}
        self.outside: list[tuple[Version, sealed.Found]] = []
        self.within: standing_forms.Kept = {}
        self.unread_there: list[tuple[PartyId, EntryRef, Code, Instant]] = []
        self.half_signed: list[tuple[Version, Version, Agreed]] = []
        self.receipts = Receipts(ls.me, self.others, terms)
        self.replied = Replied(ls.me, self.here, terms)
        self.reacting = Reacting(terms)
        self.exposing = Exposing()
        self._effects = {term.id: term.effect for term in terms.classes}
        self._next: list[tuple[Urgency, EntryRef]] = []
        self._confirming: Confirming = {}
        self._notices: dict[EntryRef, set[EntryRef]] = {}
        self._opened: dict[EntryRef, Version] = {}
        self._untold: dict[EntryRef, tuple[Represented, ...]] = {}
        self._rung: dict[tuple[EntryRef, EntryRef], tuple[Pair, Trouble | None]] = {}
        known = before if before is not None and before.terms is terms else None
        if known is not None:  # what took work to find, of the very same versions
            self._take_over(known, judge)
        self.asks: OpenAsks = OpenAsks(ls.picture, ls.me, terms, self._asks_of(known))
        if before is not None:
            self.replied.go_on(before.replied, self.asks.lasting)
        self.arrived = ls.arrived
        self.outdated, self.again = False, 0
        if whole:
            self._learn(ls, judge, None)

    @staticmethod
    def looking(ls: LineState, terms: Agreement, judge: Judge) -> "Generator[int, None, Facts]":
        """A look at everything in steps of some milliseconds: each says how many versions it looked
        at. ``judge`` is in step with the first one, and what was live then is what is looked at."""
        fresh, is_hazard, live = Facts(ls, terms, judge, whole=False), judge.is_hazard, judge.live
        live = dict(live)  # of the same picture as all the rest, however long the next step waits
        yield len(live)
        yield from fresh._learning(ls, is_hazard, live, None)
        return fresh

    @staticmethod
    def of(ls: LineState, terms: Agreement, judge: Judge) -> "Facts":
        """The facts of this picture: those at hand, brought up to it. ``judge`` is in step. Under
        other terms, or for other members, they stand until ``look_again`` has looked at all."""
        held = judge.facts if isinstance(judge.facts, Facts) else None
        if held is not None and held.me == ls.me and held.follow(ls, judge):
            return held
        judge.facts = fresh = Facts(ls, terms, judge, held)
        judge.again = None
        return fresh

    def are_of(self, picture: Picture, me: PartyId, terms: Agreement) -> bool:
        """Whether they are of this very picture, these terms and these members."""
        same = self.picture is picture and self.me == me and self.terms is terms
        return same and not self.outdated

    # -- brought up to a picture

    def follow(self, ls: LineState, judge: Judge) -> bool:
        """Bring all of it up to a picture that grew out of theirs; False: it did not."""
        if self.picture is ls.picture:
            return True
        changed = changes(self.picture, ls.picture)
        if changed is None:
            return False
        self.outdated |= changed.members
        self.picture, self.arrived = ls.picture, ls.arrived
        self.asks = OpenAsks(ls.picture, ls.me, self.terms, self.asks)
        self._learn(ls, judge, changed)
        return True

    def _take_over(self, before: "Facts", judge: Judge) -> None:
        same = {ref: v for ref, v in before.live.items() if judge.live.get(ref) is v}
        self.exposes = {ref: found for ref, found in before.exposes.items() if ref in same}
        self.fits = {pair: fit for pair, fit in before.fits.items() if pair[0] in same}
        self._rung = before._rung
        if before.here == self.here:
            self.within = before.within
        self.reacting, self.exposing = before.reacting, before.exposing
        self.reacting.keep(judge.live.values())

    def stand_for(self, before: "Facts") -> None:
        """From now on these stand where others did that are of the same picture. What was rung
        about answers stands until it was looked at again; under the same terms all that took work
        to find stays."""
        if before.terms is self.terms:
            self.exposes, self.unlooked, self._next = before.exposes, before.unlooked, before._next
            self._untold, self.fits, self._rung = before._untold, before.fits, before._rung
            self.reacting, self.exposing = before.reacting, before.exposing
            if before.here == self.here:
                self.asks, self.within = before.asks, before.within
        self.replied.go_on(before.replied, self.asks.lasting)

    def _asks_of(self, before: "Facts | None") -> OpenAsks | None:
        return before.asks if before is not None and before.here == self.here else None

    def _learn(self, ls: LineState, judge: Judge, changed: Changes | None) -> None:
        """Look again at what changed; None: at everything."""
        for _ in self._learning(ls, judge.is_hazard, judge.live, changed):
            pass

    def _learning(
        self,
        ls: LineState,
        is_hazard: HazardOf,
        live: Mapping[EntryRef, Version],
        changed: Changes | None,
    ) -> Iterator[int]:
        """The same in steps, each of which says how many versions it looked at."""
        self.mine = epochs(ls.picture, ls.me)
        self.view = View.own(ls.picture, ls.me, is_hazard, live)
        every = changed is None
        refs = set(live) if changed is None else self._touched(changed)
        notices = {self.live[ref].notice for ref in refs if ref in self.live} | refs
        for some in parted(sorted(refs), LOOKED_AT_ONCE):
            for ref in some:
                self._see(ref, live.get(ref))
            yield len(some)
        if changed is None:
            self.exposing.keep(v for v in self.live.values() if self._endangers(v))
        notices |= {self.live[ref].notice for ref in refs if ref in self.live}
        looked = {ref for notice in notices for ref in self._notices.get(notice, ())}
        for some in parted(sorted(looked), LOOKED_AT_ONCE):
            self.receipts.look(self.view, [self.live[ref] for ref in some])
            yield len(some)
        for ref in refs | looked:
            self.replied.drop(ref)
        for some in parted(sorted(looked), LOOKED_AT_ONCE):
            for ref in some:
                self.replied.read_back(ls.picture, self.live[ref])
            yield len(some)
        for some in parted(sorted(notices), LOOKED_AT_ONCE):
            for notice in some:
                self._answers_of(notice)
            yield len(some)
        yield from self._follow_reactions(ls.picture, changed)
        if changed is None or changed.versions or changed.seals:
            self._look_outside()
        if changed is None or changed.refused or changed.grown:
            self.unread_there = self._unread_there()
        self._with_forms = any(state.standing for state in ls.picture.feeds.values())
        if every or (changed is not None and changed.coordinated):
            self._coordinating = {
                pair for state in ls.picture.feeds.values() for pair in state.coordinated
            }
        if every or (changed is not None and (changed.coordinated or changed.versions)):
            self.half_signed = self._half_signed() if self._coordinating else []

    def _follow_reactions(self, picture: Picture, changed: Changes | None) -> Iterator[int]:
        """What ALL CLEAR has ended since; None: all that ever was."""
        if changed is not None:
            self.reacting.follow(picture, sorted(changed.versions))
            return
        for feed, state in sorted(picture.feeds.items()):
            for some in parted(sorted(state.ended), LOOKED_AT_ONCE):
                self.reacting.follow(picture, [EntryRef(feed, place) for place in some])
                yield len(some)
        self.reacting.follow(picture, ())

    def _touched(self, changed: Changes) -> set[EntryRef]:
        """Places of which something may be another than it was."""
        refs = changed.versions | changed.answered | changed.refused | changed.told
        refs |= self.receipts.early({party_of(feed) for feed in changed.grown})
        for party, feed, first, stop in changed.receipts:
            if self.me in (party, party_of(feed)):
                refs.update(EntryRef(feed, index) for index in range(first, stop))
        return refs

    def _see(self, ref: EntryRef, version: Version | None) -> None:
        """What follows from the version at a place and the terms alone."""
        held = self.live.get(ref)
        if held is not version or version is None:
            if held is not None:
                self._forget(held)
            if version is not None:
                self._see_new(version)
        if version is not None and ref in self.exposes:
            self._look_untold(version)

    def _see_new(self, version: Version) -> None:
        ref, mine = version.ref, version.party == self.me
        self.live[ref] = version
        self._notices.setdefault(version.notice, set()).add(ref)
        over = self.over[ref] = extent_end(version, self.terms)
        if version.unreadable is not None:
            self.unreadable[ref] = version
        if version.seal is not None:
            self._opened[ref] = version
        if mine:
            self.own[ref] = version
            self.reacting.put_own(version, over)
            if self._effects.get(version.cls) is Effect.HAZARD and version.clear is None:
                self.open_ended[ref] = version
        elif self._endangers(version):
            self.exposing.put(version)
        if ref not in self.exposes:
            self.unlooked[ref] = version
            heappush(self._next, (urgency_of(version, self.me), ref))

    def _forget(self, version: Version) -> None:
        """A version that is live no more, or that another stands in the place of."""
        ref = version.ref
        for held in (
            self.live, self.over, self.own, self.unreadable, self.open_ended, self.exposes,
            self.unlooked, self._opened, self._untold,
        ):  # fmt: skip
            held.pop(ref, None)
        for each in (self.reacting, self.exposing, self.receipts):
            each.drop(ref)
        self.reacting.drop_own(ref)
        of_notice = self._notices[version.notice]
        of_notice.discard(ref)
        if not of_notice:
            del self._notices[version.notice]

    def _endangers(self, version: Version) -> bool:
        """Whether it is a hazard of another's; a class that is not known counts as one."""
        effect = self._effects.get(version.cls, Effect.HAZARD)
        return version.party != self.me and effect is Effect.HAZARD

    def _answers_of(self, notice: EntryRef) -> None:
        """What follows from all live versions of a notice together."""
        versions = tuple(self.live[ref] for ref in sorted(self._notices.get(notice, ())))
        self.replied.look(self.picture, self.asks, notice, versions)
        last = versions[-1] if versions and versions[-1].party == self.me else None
        confirm_again(self.to_confirm, self._confirming, notice, last, self.terms)

    def newest(self, notice: EntryRef) -> EntryRef:
        """The newest live version of a notice of which one is live."""
        return max(self._notices[notice])

    # -- what is rung about pairs

    def rung_about(
        self, ls: LineState, judge: Judge
    ) -> Iterator[tuple[Trouble, Judgement, Version, Version]]:
        """What is to be rung about pairs with one of ours that are not apart. One that could not be
        read is left out: that is said once, not once for each of our notices."""
        pairs = judge.open_pairs()
        if len(self._rung) > 2 * len(pairs):  # pairs that are open no more
            self._rung = {pair: held for pair, held in self._rung.items() if pair in pairs}
        for place, pair in pairs.items():
            held = self._rung.get(place)
            if held is None or held[0] is not pair:
                held = self._rung[place] = pair, self._of_pair(ls, *pair)
            if held[1] is not None:
                yield held[1], pair[2], pair[0], pair[1]

    def _of_pair(
        self, ls: LineState, a: Version, b: Version, judgement: Judgement
    ) -> Trouble | None:
        if self.me not in (a.party, b.party) or not (a.ref in self.live and b.ref in self.live):
            return None
        if a.unreadable is not None or b.unreadable is not None:
            return None
        # The verdict is of the terms in force, whatever the rest was looked at under.
        terms = ls.terms_in_force or self.terms
        own, other = ours_first(a, b, self.me, terms)
        since = max(own.stated, self.arrived.get(other.ref) or other.stated)
        return trouble_of_pair(
            own, other, judgement,
            line=ls.line, me=self.me, since=Instant(since), exercise=terms.exercise,
        )  # fmt: skip

    # -- coordinations

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
        for party in self.here:
            for state in epochs(self.picture, party):
                for pair, agreed in state.coordinated.items():
                    a, b = (self.live.get(ref) for ref in pair)
                    if a is None or b is None or {a.party, b.party} != {self.me, party}:
                        continue
                    if any(self.newest(each.notice) != each.ref for each in (a, b)):
                        continue  # an amend has voided it
                    own, other = (a, b) if a.party == self.me else (b, a)
                    signed = [mine.coordinated.get(pair) for mine in self.mine]
                    if not any(one is not None and one.measure == agreed.measure for one in signed):
                        found.append((own, other, agreed))
        return found

    # -- looked for a bounded amount at a time

    def look(self, units: int | None = None) -> int:
        """Hold own movers against hazards, then find which represented parties the versions expose
        that nobody has looked at yet, the most urgent first, up to an amount of work (None: all);
        how much was done, in the units of ``node.judge``."""
        done = self.exposing.look(None if units is None else -(-units // 2))
        while self.unlooked and (units is None or done < units):
            urgency, ref = heappop(self._next)
            version = self.unlooked.get(ref)
            if version is None or urgency_of(version, self.me) != urgency:
                continue  # it is live no more, or was looked at
            del self.unlooked[ref]
            self.exposes[ref], looked = exposed_and_looked(self.terms, version)
            self._look_untold(version)
            self.reacting.learn(version)
            zones = sum(len(third.zones) for third in self.terms.represented)
            done += UNITS_SAID + zones * UNITS_ZONE + len(version.volumes)
            done += sum(UNITS_ZONE + corners(each) // CORNERS_A_UNIT for each in looked)
        return done + self.reacting.work(None if units is None else max(0, units - done))

    def reacts_still(self, about: tuple[EntryRef, ...]) -> bool:
        """Whether nobody has looked yet at the reactions to the last of these; or, if it is about
        one of ours as well, at all of ours that may be within them."""
        *own, to = about
        return to in self.unlooked or (bool(own) and self.reacting.waits(to))

    @property
    def waiting(self) -> int:
        """How much is not looked at yet: versions, notices of ours with a reaction, movers, what is
        to be rung about answers; or not again."""
        looks = len(self.unlooked) + self.reacting.waiting + self.exposing.waiting
        return looks + self.replied.waiting + self.again

    # -- who is to be told, what was not read, what was opened

    @property
    def untold(self) -> Iterator[tuple[Version, Represented]]:
        """Who is to be told, as far as was looked: ``unlooked`` versions are not among them yet."""
        for ref, thirds in self._untold.items():
            yield from ((self.live[ref], third) for third in thirds)

    def _look_untold(self, version: Version) -> None:
        thirds = tuple(
            third
            for third in self.exposes[version.ref]
            if self.me in (third.relay, third.backup) and not self._told(version.ref, third.id)
        )
        if thirds:
            self._untold[version.ref] = thirds
        else:
            self._untold.pop(version.ref, None)

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

    def _look_outside(self) -> None:
        self.fits = {pair: fit for pair, fit in self.fits.items() if pair[0] in self._opened}
        self.outside = []
        for version in self._opened.values():
            fit = sealed.fit(self.picture, version, self.terms.levels, self.fits)
            if fit is not None and fit[1].verdict is not Verdict.YES:
                self.outside.append((version, fit))

    # -- answers

    def answered(self, ref: EntryRef, kind: Kind) -> bool:
        """Whether a role here has answered for good."""
        return answered(self.picture, self.asks, self.me, ref, kind)

    def answered_by(self, party: PartyId, ref: EntryRef, kind: Kind) -> bool:
        """Whether a peer has answered one of ours for good."""
        return self.replied.answered_by(self.picture, self.asks, party, ref, kind)
