"""The rule (CL-STA-001), and everything that joins feeds: who is live, who has seen what.

A version is DECONFLICTED for its author when, for every other member M, the author holds M's
contiguous feed up to an entry of M's that has seen that version, was written under terms at least
as new as the author's, and does not list it as refused, and against every live version in what it
holds the verdict is NO. A ``View`` is "what somebody holds": all of ours, or what an author's
latest entry proves.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from msgspec.structs import replace

from clearline.model.entry import Kind
from clearline.model.finding import Judgement, Verdict
from clearline.model.ids import EntryRef, FeedId, PartyId, epoch_of, party_of
from clearline.model.refusal import Code
from clearline.model.terms import Agreement
from clearline.model.time import Instant
from clearline.picture.fold import HazardOf
from clearline.picture.live import end_from_later, later_ends
from clearline.picture.live import find_version as find_version
from clearline.picture.live import live_at as live_at
from clearline.picture.live import live_versions as live_versions
from clearline.picture.situation import End, FeedState, Picture, Version


class State(StrEnum):
    """Standing of a version as a whole."""

    PENDING = "PENDING"
    CONFLICTED = "CONFLICTED"
    UNDETERMINED = "UNDETERMINED"
    COORDINATED = "COORDINATED"
    DECONFLICTED = "DECONFLICTED"


class Why(StrEnum):
    """Why a version is pending with one party; RECEIVED: it is not."""

    RECEIVED = "received"
    NOT_SEEN = "not-seen"
    REFUSED = "refused"
    OLDER_TERMS = "older-terms"
    SUSPENDED = "suspended"
    FORKED = "forked"
    NOT_HELD = "not-held"  # the author holds more of that feed than we do: cannot say


@dataclass(frozen=True, slots=True, kw_only=True)
class WithParty:
    """How a version stands with one other member."""

    party: PartyId
    why: Why
    at: EntryRef | None = None
    code: Code | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Against:
    """A live version that this one cannot be kept apart from, and who filed knowing the other."""

    other: EntryRef
    judgement: Judgement
    coordinated_until: Instant | None = None
    knew: bool = False
    other_knew: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """The standing of one version, party by party and as a whole, with what stands beside it.
    ``unjudged``: how many live versions it is not judged against yet (CL-STA-008)."""

    ref: EntryRef
    state: State
    proved_by: EntryRef | None
    parties: tuple[WithParty, ...]
    against: tuple[Against, ...]
    seals: tuple[EntryRef, ...] = ()
    unjudged: int = 0

    @property
    def pending_on(self) -> tuple[PartyId, ...]:
        """The members that it is still pending with."""
        return tuple(p.party for p in self.parties if p.why is not Why.RECEIVED)


class Verdicts(Protocol):
    """Who judges: sound, symmetric, by the agreed terms alone."""

    def pairs(self, version: Version) -> Iterable[tuple[Version, Judgement]]:
        """All live versions but this one that the verdict with it is known not to be NO for."""

    def unjudged(self, version: Version) -> int:
        """How many live versions it is not judged against yet."""

    def judge(self, a: Version, b: Version) -> Judgement:
        """The verdict on any two versions."""


def epochs(picture: Picture, party: PartyId) -> list[FeedState]:
    """The party's feeds of which anything is held, oldest epoch first."""
    held = [state for feed, state in picture.feeds.items() if party_of(feed) == party]
    return sorted(held, key=lambda state: epoch_of(state.feed))


def suspension(picture: Picture, party: PartyId) -> tuple[EntryRef, Instant, str] | None:
    """The party's suspension in force, whichever epoch it was said in: entry, time, reason."""
    for state in reversed(epochs(picture, party)):
        if state.suspended is not None or state.left is not None or state.resumed is not None:
            return state.suspended if state.left is None else None
    return None


def has_left(picture: Picture, party: PartyId) -> bool:
    """Whether the party's newest record ended with ``leave``."""
    return any(state.left is not None for state in epochs(picture, party)[-1:])


def members(picture: Picture, version: int) -> tuple[PartyId, ...]:
    """Who is a member under a version of the terms."""
    agreement = picture.terms.get(version)
    return tuple(party.id for party in agreement.parties) if agreement is not None else ()


class View:
    """What somebody holds of every feed: sizes of prefixes. ``author``: whose view it is."""

    def __init__(
        self,
        picture: Picture,
        author: PartyId,
        sizes: Mapping[FeedId, int],
        is_hazard: HazardOf,
        proved_by: EntryRef | None,
        live: Collection[EntryRef] | None = None,
    ) -> None:
        self.picture = picture
        self.author = author
        self.sizes = sizes
        self.proved_by = proved_by
        self._feeds: dict[PartyId, list[FeedState]] = {}
        self.complete = proved_by is None
        self._past: dict[EntryRef, Version] = {}
        self._live: Collection[EntryRef] = live if live is not None else self._live_refs(is_hazard)

    @classmethod
    def own(
        cls,
        picture: Picture,
        author: PartyId,
        is_hazard: HazardOf,
        live: Collection[EntryRef] | None = None,
    ) -> "View":
        """Everything that the node itself holds. ``live``: the places of all live versions, for who
        knows them."""
        sizes = {feed: state.size for feed, state in picture.feeds.items()}
        return cls(picture, author, sizes, is_hazard, None, live)

    @classmethod
    def proved(cls, picture: Picture, author: PartyId, is_hazard: HazardOf) -> "View | None":
        """What the author's latest entry proves that it held, or None if it has written nothing."""
        feeds = epochs(picture, author)
        if not feeds:
            return None
        latest = feeds[-1]
        sizes = {feed: steps.value() for feed, steps in latest.seen.items()}
        for state in feeds:
            sizes[state.feed] = state.size
        return cls(picture, author, sizes, is_hazard, EntryRef(latest.feed, latest.size - 1))

    def _live_refs(self, is_hazard: HazardOf) -> frozenset[EntryRef]:
        """Versions live in this view: stated in it, and not ended in it."""
        refs = set()
        if self.complete:
            return frozenset(version.ref for version in live_versions(self.picture, is_hazard))
        for version in live_versions(self.picture, is_hazard):
            # Beyond the author's prefix it may be held ahead or not at all: counted, for caution.
            refs.add(version.ref)
        for feed, state in self.picture.feeds.items():
            size = self.sizes.get(feed, 0)
            later = later_ends(self.picture, feed)
            refs -= {v.ref for v in state.live.values() if v.ref.index >= size}
            stated = (*state.live.values(), *(ended.version for ended in state.ended.values()))
            for version in stated:
                if version.ref.index < size:
                    self._take_back(
                        version, (*version.ends, *later.get(version.ref, ())), is_hazard
                    )
        return frozenset(refs | set(self._past))

    def _take_back(self, version: Version, ends: tuple[End, ...], is_hazard: HazardOf) -> None:
        """Ends that this view has not heard of count for nothing in it."""
        heard = tuple(end for end in ends if end.by.index < self.sizes.get(end.by.feed, 0))
        if len(heard) < len(ends):
            stated = replace(version, cut=None, clear=None, ends=())
            past = end_from_later(stated, heard, is_hazard)
            if past is not None:
                self._past[version.ref] = past

    @property
    def live_refs(self) -> frozenset[EntryRef]:
        """All versions that are live in this view."""
        return frozenset(self._live)

    @property
    def past(self) -> Mapping[EntryRef, Version]:
        """Versions that have been ended since, of which this view has not heard that."""
        return self._past

    def newest_of(self, member: PartyId) -> tuple[FeedId, bool] | None:
        """The member's newest feed of which this view holds anything, and whether it holds more of
        it than is here."""
        feeds = self._feeds_of(member)
        return (feeds[-1].feed, self.sizes[feeds[-1].feed] > feeds[-1].size) if feeds else None

    def is_live(self, ref: EntryRef) -> bool:
        """Whether the version is live in this view."""
        return ref in self._live

    def against(self, version: Version, verdicts: Verdicts) -> list[tuple[Version, Judgement]]:
        """The versions live in this view that the verdict with this one is not NO for."""
        found = [
            (other, judgement)
            for other, judgement in verdicts.pairs(version)
            if other.ref in self._live and other.ref not in self._past
        ]
        for other in self._past.values():  # ended since, but not in what this view holds
            if other.ref == version.ref:
                continue
            judgement = verdicts.judge(version, other)
            if judgement.verdict is not Verdict.NO:
                found.append((other, judgement))
        return found

    def terms_of_author(self) -> int:
        """The version of the terms that the author had adopted."""
        feeds = epochs(self.picture, self.author)
        return feeds[-1].adopted() if feeds else 0

    def _feeds_of(self, member: PartyId) -> list[FeedState]:
        """The member's feeds of which this view holds anything, oldest epoch first."""
        feeds = self._feeds.get(member)
        if feeds is None:
            held = epochs(self.picture, member)
            feeds = self._feeds[member] = [s for s in held if self.sizes.get(s.feed, 0) > 0]
        return feeds

    def with_party(self, version: Version, member: PartyId, terms: int) -> WithParty:
        """Whether the member has seen the version, by what this view holds of the member."""
        feeds = self._feeds_of(member)
        if not feeds:
            return WithParty(party=member, why=Why.NOT_SEEN)
        state = feeds[-1]
        size = self.sizes[state.feed]
        if size > state.size:
            return WithParty(party=member, why=Why.NOT_HELD)
        if state.feed in self.picture.forked:
            return WithParty(party=member, why=Why.FORKED)
        for held in feeds:
            refused = held.refused.get(version.ref)
            if refused is not None and refused[0] < self.sizes[held.feed]:
                at = EntryRef(held.feed, refused[0])
                return WithParty(party=member, why=Why.REFUSED, at=at, code=refused[1])
        if state.left is not None and state.left < size:
            # Nothing can follow a leave: whoever holds it holds all that the member ever filed.
            return WithParty(party=member, why=Why.RECEIVED, at=EntryRef(state.feed, state.left))
        first = receipt_at(self.picture, version.ref, state)
        if first is None or first >= size:
            return WithParty(party=member, why=Why.NOT_SEEN)
        if state.adopted(size) < terms:
            return WithParty(party=member, why=Why.OLDER_TERMS)
        if suspension(self.picture, member) is not None:
            return WithParty(party=member, why=Why.SUSPENDED)
        return WithParty(party=member, why=Why.RECEIVED, at=EntryRef(state.feed, first))


def receipt_at(picture: Picture, ref: EntryRef, state: FeedState) -> int | None:
    """Index of the first entry of a feed that can have seen this one, by its own word and by what
    the other's author knew: what the author had seen when it wrote cannot have seen it. May be
    the entry that comes next."""
    steps = state.seen.get(ref.feed)
    first = steps.first_at_least(ref.index + 1) if steps is not None else None
    if first is None:
        return None
    author = picture.feeds.get(ref.feed)
    known = author.seen.get(state.feed) if author is not None else None
    return max(first, known.value(ref.index + 1)) if known is not None else first


def standing(view: View, version: Version, verdicts: Verdicts, now: Instant) -> Standing:
    """The standing of a version for its author, in a view. ``now`` only ends coordinations."""
    terms = view.terms_of_author()
    everyone = members(view.picture, terms)
    parties = tuple(
        view.with_party(version, member, terms) for member in everyone if member != version.party
    )
    suspended = suspension(view.picture, version.party) is not None
    against = tuple(
        _against(view.picture, version, other, judgement, now)
        for other, judgement in sorted(
            view.against(version, verdicts), key=lambda pair: pair[0].ref
        )
    )
    unjudged = verdicts.unjudged(version)
    state = _as_a_whole(parties, against, everyone, suspended=suspended, judged=not unjudged)
    if version.unreadable is not None and state is State.DECONFLICTED:
        state = State.UNDETERMINED
    return Standing(
        ref=version.ref,
        state=state,
        proved_by=view.proved_by,
        parties=parties,
        against=against,
        seals=_foreign_seals(view.picture, version.party),
        unjudged=unjudged,
    )


def _as_a_whole(
    parties: tuple[WithParty, ...],
    against: tuple[Against, ...],
    everyone: tuple[PartyId, ...],
    *,
    suspended: bool,
    judged: bool,
) -> State:
    """CONFLICTED before UNDETERMINED before PENDING before COORDINATED before DECONFLICTED."""
    open_pairs = [pair for pair in against if pair.coordinated_until is None]
    if any(pair.judgement.verdict is Verdict.YES for pair in open_pairs):
        return State.CONFLICTED
    if open_pairs or not judged:
        return State.UNDETERMINED
    if suspended or not everyone or any(party.why is not Why.RECEIVED for party in parties):
        return State.PENDING
    return State.COORDINATED if against else State.DECONFLICTED


def _against(
    picture: Picture, version: Version, other: Version, judgement: Judgement, now: Instant
) -> Against:
    return Against(
        other=other.ref,
        judgement=judgement,
        coordinated_until=coordinated_until(picture, version, other, now),
        knew=knew(picture, version.ref, other.ref),
        other_knew=knew(picture, other.ref, version.ref),
    )


def knew(picture: Picture, ref: EntryRef, other: EntryRef) -> bool:
    """Whether the entry at ``ref`` was written when its author had processed ``other``."""
    if ref.feed == other.feed:
        return other.index < ref.index
    state = picture.feeds.get(ref.feed)
    if state is None or ref.index >= state.size:
        return False
    steps = state.seen.get(other.feed)
    return steps is not None and steps.value(ref.index + 1) > other.index


def coordinated_until(picture: Picture, a: Version, b: Version, now: Instant) -> Instant | None:
    """Until when both authors have agreed that this exact pair overlaps; None if they have not."""
    pair = (min(a.ref, b.ref), max(a.ref, b.ref))
    signed = []
    for version in (a, b):
        said = [
            agreed
            for state in epochs(picture, version.party)
            if (agreed := state.coordinated.get(pair)) is not None
        ]
        if not said:
            return None
        signed.append(said[-1])
    if a.party == b.party or signed[0].measure != signed[1].measure:
        return None  # one signature, or two different measures, is no agreement
    until = min(signed[0].until, signed[1].until)
    if now >= until or any(
        _amended_since(picture, version, agreed.ref)
        for version, agreed in zip((a, b), signed, strict=True)
    ):
        return None
    return until


def _amended_since(picture: Picture, version: Version, signed: EntryRef) -> bool:
    """Whether the author of a version amended its notice after it signed: that voids the pair."""
    after = (epoch_of(signed.feed), signed.index)
    for state in epochs(picture, version.party):
        ahead = picture.ahead.get(state.feed)
        for other in (
            *state.live.values(),
            *(ended.version for ended in state.ended.values()),
            *(ahead.values() if ahead is not None else ()),
        ):
            amends = other.kind in (Kind.AMEND, Kind.OPEN)
            since = (epoch_of(state.feed), other.ref.index) > after
            if amends and since and other.notice in (version.notice, version.ref):
                return True
    return False


def _foreign_seals(picture: Picture, party: PartyId) -> tuple[EntryRef, ...]:
    """Unopened seals of others: commitments that no verdict has considered."""
    return tuple(
        sorted(
            sealed.ref
            for state in picture.feeds.values()
            if party_of(state.feed) != party
            for sealed in state.seals.values()
            if sealed.opened is None
        )
    )


def adopted_versions(picture: Picture) -> tuple[int, ...]:
    """Versions of the terms between the oldest and the newest that any member judges under: all
    of them apply, the strictest decides."""
    adopted = []
    newest: dict[PartyId, FeedState] = {}
    for feed, state in picture.feeds.items():
        party = party_of(feed)
        if party not in newest or epoch_of(newest[party].feed) < epoch_of(feed):
            newest[party] = state
    for state in newest.values():
        if state.left is None and state.adopted():
            adopted.append(state.adopted())
    if not adopted:
        return ()
    return tuple(v for v in sorted(picture.terms) if min(adopted) <= v <= max(adopted))


def hazard_by(terms: Iterable[Agreement]) -> HazardOf:
    """Whether a class is a hazard under any of these terms; an unknown class counts as one."""
    known: dict[str, bool] = {}
    for agreement in terms:
        for cls in agreement.classes:
            known[cls.id] = known.get(cls.id, False) or cls.effect == "hazard"
    return lambda cls: known.get(cls, True)
