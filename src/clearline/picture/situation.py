"""What the picture is made of: versions, ends, one state per feed, and the whole."""

from __future__ import annotations

from enum import StrEnum

import msgspec
from rpds import HashTrieMap

from clearline.model.entry import (
    AheadItem,
    Answer,
    Field,
    FreeText,
    Kind,
    LinkReport,
    Precedence,
    RefusedItem,
    RelayOutcome,
    Seal,
)
from clearline.model.ids import Digest, EntryRef, FeedId, LineId, PartyId, party_of
from clearline.model.refusal import Code
from clearline.model.space import Volume
from clearline.model.terms import Agreement
from clearline.model.time import Instant
from clearline.picture.steps import Steps, Times


class EndKind(StrEnum):
    """How an author ended a version."""

    WITHDRAW = "withdraw"
    ALL_CLEAR = "all-clear"
    AMENDED = "amended"  # a readable amend cleared an entry that this node could not read


class End(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """One end of a version by its author: which entry says so, its time, and from when."""

    kind: EndKind
    by: EntryRef
    t: Instant
    at: Instant


class Version(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """One stated version of a notice, as it now stands.

    ``notice`` is the entry of its first version. ``unreadable`` carries the code of an entry that
    could not be applied: live over the whole area and all time. ``cut``: a hazard that had begun
    was withdrawn then, so its windows end there and its tail follows. ``clear``: by ALL CLEAR
    everything of it ends there, tail included. ``reason`` and ``remark`` are words for people, and
    decide nothing. ``seal`` is what it opened, ``envelope`` the coarse notice that it named then.
    """

    ref: EntryRef
    notice: EntryRef
    kind: Kind
    cls: str
    label: str
    volumes: tuple[Volume, ...]
    stated: Instant
    prec: Precedence
    leaf: Digest
    operation: str | None = None
    marks: tuple[str, ...] = ()
    key: str | None = None
    unreadable: Code | None = None
    cut: Instant | None = None
    clear: Instant | None = None
    ends: tuple[End, ...] = ()
    reason: str | None = None
    remark: FreeText | None = None
    seal: EntryRef | None = None
    envelope: EntryRef | None = None

    @property
    def party(self) -> PartyId:
        """Its author."""
        return party_of(self.ref.feed)


class Ended(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """A version that is no longer live, and the entry of its author that ended it."""

    version: Version
    by: EntryRef


class Ask(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """An entry that asks others for an answer: message, test, STOP, DISTRESS, ACCIDENT. ``text`` is
    a message's template, ``fields`` its blanks."""

    ref: EntryRef
    kind: Kind
    t: Instant
    prec: Precedence
    about: tuple[EntryRef, ...] = ()
    to: tuple[PartyId, ...] = ()
    text: str = ""
    fields: tuple[Field, ...] = ()
    remark: FreeText | None = None


class Answered(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """An answer as it stands in its author's feed."""

    ref: EntryRef
    t: Instant
    answer: Answer


class Agreed(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """One side's ``coordinated``."""

    ref: EntryRef
    t: Instant
    measure: str
    until: Instant


class AgreedArea(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """One side's standing ``coordinated``, with whom."""

    ref: EntryRef
    t: Instant
    measure: str
    until: Instant
    party: PartyId
    volume: Volume


class Told(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """How far a represented party has come with one entry, by its relay's word.

    ``outcome`` is None while the duty is taken and nothing is known yet; ``proof`` is the digest of
    the code that was repeated, None where it is the relay's word alone."""

    ref: EntryRef
    t: Instant
    outcome: RelayOutcome | None
    means: str = ""
    at: Instant | None = None
    proof: Digest | None = None


class Sealed(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """A seal, and the entry that opened it."""

    ref: EntryRef
    seal: Seal
    opened: EntryRef | None = None


class Unreadable(msgspec.Struct, frozen=True, kw_only=True):
    """An entry in a verified feed that this node cannot apply. Frame fields as far as readable:
    what its author refused there stays refused, whatever the body beside it says."""

    feed: FeedId
    index: int
    leaf: Digest
    code: Code
    t: Instant | None = None
    seen: dict[FeedId, int] | None = None
    refused: tuple[RefusedItem, ...] = ()


class FeedState(msgspec.Struct, frozen=True, kw_only=True):
    """The fold of one feed, of its entries alone.

    ``seen`` logs, per other feed, how much of it each entry had seen. ``live`` and ``ended`` hold
    the versions that this feed stated, by index; ``touched`` says, by the index of an entry, which
    of these it ended or shortened; ``ends`` the ends that it spoke of entries in
    earlier epochs, and of its own that are no versions where they are read. ``refused`` maps what
    the author could not read to (index of the entry that first said so, code). ``said_to``: by the
    index of an answer what it answers. ``resumed`` is the entry that ended the last suspension.
    """

    feed: FeedId
    size: int = 0
    t: Instant = Instant(0)
    leaf: Digest = Digest("")
    times: Times = Times()
    seen: HashTrieMap[FeedId, Steps] = HashTrieMap()
    refused: HashTrieMap[EntryRef, tuple[int, Code]] = HashTrieMap()
    ahead: tuple[AheadItem, ...] = ()
    terms: tuple[tuple[int, int], ...] = ()
    joined: bool = False
    left: int | None = None
    live: HashTrieMap[int, Version] = HashTrieMap()
    ended: HashTrieMap[int, Ended] = HashTrieMap()
    touched: HashTrieMap[int, tuple[int, ...]] = HashTrieMap()
    ends: HashTrieMap[EntryRef, tuple[End, ...]] = HashTrieMap()
    answers: HashTrieMap[EntryRef, tuple[Answered, ...]] = HashTrieMap()
    said_to: HashTrieMap[int, EntryRef] = HashTrieMap()
    coordinated: HashTrieMap[tuple[EntryRef, EntryRef], Agreed] = HashTrieMap()
    standing: HashTrieMap[int, AgreedArea] = HashTrieMap()
    told: HashTrieMap[tuple[EntryRef, PartyId], Told] = HashTrieMap()
    asks: HashTrieMap[int, Ask] = HashTrieMap()
    seals: HashTrieMap[int, Sealed] = HashTrieMap()
    suspended: tuple[EntryRef, Instant, str] | None = None
    resumed: int | None = None
    links: tuple[LinkReport, ...] = ()
    handover: tuple[str, Instant] | None = None
    rekeyed: int = 0

    def adopted(self, before: int | None = None) -> int:
        """Version of the terms in force for the author in its entries below ``before``; 0: none."""
        version = 0
        for index, number in self.terms:
            if before is not None and index >= before:
                break
            version = number
        return version


class Picture(msgspec.Struct, frozen=True, kw_only=True):
    """The situation on one line: every feed's fold, what is kept ahead of sequence, the terms.

    ``ahead`` holds entries beyond a gap: they add danger and support no standing. ``forked`` names
    feeds of which contradicting checkpoints are known.
    """

    line: LineId
    feeds: HashTrieMap[FeedId, FeedState] = HashTrieMap()
    ahead: HashTrieMap[FeedId, HashTrieMap[int, Version]] = HashTrieMap()
    asks_ahead: HashTrieMap[EntryRef, Ask] = HashTrieMap()
    branches: HashTrieMap[EntryRef, Version] = HashTrieMap()
    terms: HashTrieMap[int, Agreement] = HashTrieMap()
    forked: HashTrieMap[FeedId, int] = HashTrieMap()

    def feed(self, feed: FeedId) -> FeedState:
        """The feed's state, empty if nothing of it is held."""
        return self.feeds.get(feed) or FeedState(feed=feed)
