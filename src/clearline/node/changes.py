"""What of a line's notices can look different since it was looked at last. Pure.

What is shown of a notice follows from its version, the feeds, the verdicts, own movers, the terms
and the clock. Few entries touch more than a few notices: one that only says "I have seen so much"
settles what was pending and leaves the rest as it was. Wherever it is not plain which notices an
entry touches, the answer is: all of them.
"""

from dataclasses import dataclass
from typing import Final

from clearline.model.finding import Judgement
from clearline.model.ids import EntryRef, FeedId, PartyId, party_of
from clearline.model.terms import Agreement
from clearline.model.time import INSTANT_MAX, Instant
from clearline.node.duties import deadline, extent_end
from clearline.node.judge import Judge
from clearline.node.reading import Reading
from clearline.node.state import LineState
from clearline.node.views import NoticeView
from clearline.picture.situation import FeedState, Version
from clearline.picture.standing import Why

COMMON: Final = (
    "refused", "ahead", "terms", "joined", "left", "ends", "coordinated", "standing", "seals",
    "suspended", "resumed", "rekeyed",
)  # fmt: skip
"""Of a feed: what bears on every notice, or on some that are not worth finding out."""
WHOLE: Final = ("ahead", "branches", "forked", "terms")
"""Of a picture: the same."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What one party is known to hold, as far as its notices' standings follow from it.
    ``receipts``: of every feed of the others, what it has seen and how much of it the party holds.
    """

    live: frozenset[EntryRef]
    past: tuple[Version, ...]
    newest: tuple[tuple[FeedId, bool] | None, ...]
    receipts: tuple[tuple[FeedId, object, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One version as it was looked at: what of it is held against the next look. ``until``: from
    when on the clock alone can change it. ``waits``: for somebody's receipt. ``restless``: it is
    made anew every time."""

    version: Version
    pairs: tuple[tuple[Version, Judgement], ...]
    unjudged: int
    arrived: Instant | None
    waits: bool
    restless: bool
    until: Instant


@dataclass(slots=True, kw_only=True)
class Basis:
    """A line as it was looked at once."""

    now: Instant
    ls: LineState
    terms: Agreement
    judge: Judge
    judged: int
    places: object
    heard: dict[PartyId, Heard | None]
    _moved: dict[PartyId, frozenset[EntryRef]] | None = None
    _receipted: frozenset[PartyId] = frozenset()

    @classmethod
    def of(cls, of: Reading) -> "Basis":
        """The line as it is read now."""
        members = (of.ls.me, *of.ls.others)
        return cls(
            now=of.now, ls=of.ls, terms=of.terms, judge=of.judge, judged=of.judge.judged,
            places=of.places, heard={party: _heard(of, party, members) for party in members},
        )  # fmt: skip

    def is_of(self, of: Reading) -> bool:
        """Whether everything but the clock is as it was."""
        return (
            self._same_ground(of.ls, of.terms, of.judge, of.places)
            and self.ls.picture is of.ls.picture
            and self.judged == of.judge.judged
        )

    def _same_ground(self, ls: LineState, terms: Agreement, judge: Judge, places: object) -> bool:
        return (
            self.terms is terms
            and self.judge is judge
            and self.places is places
            and self.ls.me == ls.me
            and self.ls.others == ls.others
            and _same(self.ls.movers, ls.movers)
        )

    def touched_since(self, held: "Basis") -> frozenset[EntryRef] | None:
        """Versions that were answered or relayed since then; None: all can have changed. Beside
        them stand those that ``moved``, and those that ``Seen`` tells of."""
        self._moved, self._receipted = {}, frozenset()
        if not held._same_ground(self.ls, self.terms, self.judge, self.places):
            return None
        before, now = held.ls.picture, self.ls.picture
        if not all(_same(getattr(before, name), getattr(now, name)) for name in WHOLE):
            return None
        if set(before.feeds) != set(now.feeds):
            return None
        touched: set[EntryRef] = set()
        for feed, state in now.feeds.items():
            was = before.feeds[feed]
            if was is state:
                continue
            if not all(_same(getattr(was, name), getattr(state, name)) for name in COMMON):
                return None
            touched |= _spoken_of(was, state)
        for party, heard in self.heard.items():
            earlier = held.heard[party]
            if heard is None or earlier is None:
                if heard is not earlier:
                    return None
                continue
            if heard.past != earlier.past or heard.newest != earlier.newest:
                return None
            if not _same_receipts(heard, earlier):
                self._receipted |= {party}
            if heard.live is not earlier.live:
                self._moved[party] = heard.live ^ earlier.live
        return frozenset(touched)

    def moved(self, party: PartyId) -> frozenset[EntryRef]:
        """Versions that the party has come to hold, or to hold as ended, since the last look."""
        return (self._moved or {}).get(party, frozenset())

    def has_receipts(self, party: PartyId) -> bool:
        """Whether the others have written anything since then that may receipt a version of the
        party's, as far as the party holds it."""
        return party in self._receipted


def _heard(of: Reading, party: PartyId, members: tuple[PartyId, ...]) -> Heard | None:
    view = of.view(party)
    if view is None:
        return None
    return Heard(
        live=view.live_refs,
        past=tuple(version for _, version in sorted(view.past.items())),
        newest=tuple(view.newest_of(member) for member in members),
        receipts=tuple(
            (feed, state.seen, view.sizes.get(feed, 0))
            for feed, state in sorted(of.ls.picture.feeds.items())
            if party_of(feed) != party
        ),
    )


def _same_receipts(a: Heard, b: Heard) -> bool:
    """Whether nobody has seen more; what a feed has seen is compared as the very same thing."""
    return len(a.receipts) == len(b.receipts) and all(
        feed == other and seen is held and size == had
        for (feed, seen, size), (other, held, had) in zip(a.receipts, b.receipts, strict=True)
    )


def _same(before: object, now: object) -> bool:
    return before is now or before == now


def _spoken_of(was: FeedState, now: FeedState) -> set[EntryRef]:
    """What a feed has answered, or passed on, between two states of it."""
    found: set[EntryRef] = set()
    if was.answers is not now.answers:
        found |= {to for to, said in now.answers.items() if was.answers.get(to) is not said}
        found |= {to for to in was.answers if to not in now.answers}
    if was.told is not now.told:
        found |= {key[0] for key, told in now.told.items() if was.told.get(key) is not told}
        found |= {key[0] for key in was.told if key not in now.told}
    return found


def same_pairs(seen: Seen, of: Reading, version: Version, moved: frozenset[EntryRef]) -> bool:
    """Whether the verdicts on the version are as they were, and count as they did."""
    if of.judge.unjudged(version) != seen.unjudged:
        return False
    if of.ls.arrived.get(version.ref) != seen.arrived:
        return False
    pairs = tuple(of.judge.pairs(version))
    if len(pairs) != len(seen.pairs):
        return False
    if version.ref in moved:
        return False
    return all(
        a is c and b is d and a.ref not in moved
        for (a, b), (c, d) in zip(pairs, seen.pairs, strict=True)
    )


def is_restless(of: Reading, view: NoticeView) -> bool:
    """Whether what is shown rests on what is not settled yet, or moves with the clock."""
    stands = view.standing
    if stands is None or stands.unjudged:
        return True
    if view.conflicts and any(state.coordinated for state in of.ls.picture.feeds.values()):
        return True  # signatures end with time
    return bool(
        (view.exposure is not None and view.exposure.movers)
        or view.envelope is not None
        or view.reactions
    )


def is_waiting(view: NoticeView) -> bool:
    """Whether somebody's receipt of it is to come."""
    stands = view.standing
    return any(lead.provisional for lead in view.leads) or (
        stands is not None and any(each.why is not Why.RECEIVED for each in stands.parties)
    )


def good_until(of: Reading, version: Version, view: NoticeView) -> Instant:
    """From when on the clock alone can change what is shown: the first of the version's times that
    is still to come."""
    ends = [min(v.end, version.cut) if version.cut is not None else v.end for v in version.volumes]
    times = [
        *(volume.start for volume in version.volumes),
        *ends,
        extent_end(version, of.terms),
        version.stated + deadline(of.terms, version.prec).answer_ms,
        *(each for each in (version.clear, version.cut, view.confirm_by, view.over) if each),
    ]
    if any(lead.provisional for lead in view.leads):
        times.append(Instant(of.counted_from + 1))  # then it counts from the next minute
    return Instant(min((at for at in times if at > of.now), default=INSTANT_MAX))


__all__ = ["Basis", "Heard", "Seen", "good_until", "is_restless", "is_waiting", "same_pairs"]
