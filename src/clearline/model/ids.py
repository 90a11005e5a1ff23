"""Names of things on a line: parties, lines, feeds, entries, digests."""

import re
from typing import Final, NewType

import msgspec

PartyId = NewType("PartyId", str)
"""Two to twelve of A-Z and 0-9, first a letter: ISR, RUS, OCHA, TANKER1."""
LineId = NewType("LineId", str)
"""SHA-256, 64 lower-case hex digits, of version 1 of the agreement: the line's name for ever."""
FeedId = NewType("FeedId", str)
"""PARTY.EPOCH, such as ISR.0: one append-only record. A new epoch is a new feed of its party."""
Digest = NewType("Digest", str)
"""SHA-256 as 64 lower-case hex digits."""

PARTY_PATTERN: Final = r"[A-Z][A-Z0-9]{1,11}"
FEED_PATTERN: Final = r"[A-Z][A-Z0-9]{1,11}\.(0|[1-9][0-9]{0,3})"
DIGEST_PATTERN: Final = r"[0-9a-f]{64}"

_PARTY = re.compile(PARTY_PATTERN, re.ASCII)
_FEED = re.compile(FEED_PATTERN, re.ASCII)
_DIGEST = re.compile(DIGEST_PATTERN, re.ASCII)


def is_party_id(text: str) -> bool:
    """Whether the text is a party's id."""
    return _PARTY.fullmatch(text) is not None


def is_feed_id(text: str) -> bool:
    """Whether the text is a feed's id."""
    return _FEED.fullmatch(text) is not None


def is_digest(text: str) -> bool:
    """Whether the text is a SHA-256 in lower-case hex."""
    return _DIGEST.fullmatch(text) is not None


def feed_of(party: PartyId, epoch: int = 0) -> FeedId:
    """The feed that a party writes in an epoch."""
    return FeedId(f"{party}.{epoch}")


def party_of(feed: FeedId) -> PartyId:
    """Whose feed it is."""
    return PartyId(feed.partition(".")[0])


def epoch_of(feed: FeedId) -> int:
    """Which epoch of its party's record the feed is."""
    return int(feed.partition(".")[2])


class EntryRef(
    msgspec.Struct, frozen=True, array_like=True, order=True, forbid_unknown_fields=True
):
    """One entry by its place. On the wire: ["ISR.0", 12]. A version of a notice is named by the
    entry that stated it, a notice by the entry of its first version."""

    feed: FeedId
    index: int

    def __str__(self) -> str:
        return f"{self.feed}/{self.index}"


def parse_ref(text: str) -> EntryRef:
    """Read ISR.0/12, the way people and URLs write an entry's place. Raises ValueError."""
    feed, slash, index = text.partition("/")
    if not slash or not is_feed_id(feed) or not re.fullmatch(r"0|[1-9][0-9]{0,11}", index):
        raise ValueError(f"{text!r} is not an entry's place such as ISR.0/12")
    return EntryRef(FeedId(feed), int(index))
