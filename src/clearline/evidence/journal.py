"""What a node's journal says of others: checkpoints, heartbeats and documents, and when they came.

Pure reading; the journal is the node's own word, the checkpoints in it are signed by their writers.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import msgspec

from clearline.canonical import UNREADABLE
from clearline.evidence.parts import Beat, Scope, Seen
from clearline.model.ids import EntryRef, FeedId, LineId, PartyId
from clearline.model.refusal import Refusal
from clearline.model.time import Instant
from clearline.node.inbound import Beaten, Flashed, Papers, Pushed
from clearline.node.ports import Reads

PAGE: Final = 512
"""Journal records read at once."""
Progress = Callable[[str, int, int], None]
"""What is done, how much of it, of how much."""


@dataclass(slots=True)
class Journal:
    """What the journal says of checkpoints, heartbeats and documents."""

    checkpoints: dict[FeedId, list[Seen]] = field(default_factory=dict)
    desks: list[Seen] = field(default_factory=list)
    beats: list[Beat] = field(default_factory=list)
    flashed: dict[EntryRef, Flashed] = field(default_factory=dict)
    papers: dict[bytes, Instant] = field(default_factory=dict)


# --- the journal -----------------------------------------------------------------------------

_BEATEN: Final = msgspec.msgpack.Decoder(tuple[Beaten, Refusal | None])
_PUSHED: Final = msgspec.msgpack.Decoder(tuple[Pushed, Refusal | None])
_FLASHED: Final = msgspec.msgpack.Decoder(tuple[Flashed, Refusal | None])
_PAPERS: Final = msgspec.msgpack.Decoder(tuple[Papers, Refusal | None])


def read_journal(reads: Reads, line: LineId, scope: Scope, progress: Progress) -> Journal:
    """What the journal says of one line, up to the scope's ``at``."""
    journal, end, at = Journal(), reads.journal_end(), 0
    while at < end and (page := reads.journal(at, PAGE)):
        for record in page:
            if scope.at is not None and record.at > scope.at:
                continue
            try:
                _note(journal, line, record.kind, record.data, record.at, scope)
            except UNREADABLE:
                continue  # written by another version: its feeds and alerts stand elsewhere
        at = page[-1].seq + 1
        progress("journal", at, end)
    return journal


def _note(
    journal: Journal, line: LineId, kind: str, data: bytes, at: Instant, scope: Scope
) -> None:
    match kind:
        case "beaten":
            beat, _ = _BEATEN.decode(data)
            if beat.line == line:
                _note_beat(journal, beat, at, scope)
        case "pushed":
            pushed, _ = _PUSHED.decode(data)
            if pushed.line == line:
                _note_text(journal, pushed.feed, pushed.peer, pushed.checkpoint, at)
        case "flashed":
            flashed, refusal = _FLASHED.decode(data)
            if flashed.line == line:
                _note_text(journal, flashed.feed, flashed.peer, flashed.checkpoint, at)
                if refusal is None:
                    journal.flashed[EntryRef(flashed.feed, flashed.index)] = flashed
        case "papers":
            papers, _ = _PAPERS.decode(data)
            if papers.line == line:
                for raw in papers.documents:
                    journal.papers.setdefault(raw, at)
        case _:
            pass


def _note_beat(journal: Journal, beat: Beaten, at: Instant, scope: Scope) -> None:
    if (scope.first or 0) <= at and (scope.until is None or at < scope.until):
        echo = beat.echo
        journal.beats.append(
            Beat(
                peer=beat.peer,
                sequence=beat.sequence,
                sent=beat.sent,
                received=at,
                echo_sent=echo.sent if echo is not None else None,
                echo_received=echo.received if echo is not None else None,
            )
        )
    if beat.desk:
        shown = shown_text(beat.desk)
        last = next((one.text for one in reversed(journal.desks) if one.by == beat.peer), None)
        if shown != last:  # every one that was ever shown: an edit contradicts those before it
            journal.desks.append(Seen(by=beat.peer, received=at, text=shown))
    for head in beat.heads:
        feed = _feed_named(head)
        if feed is not None:
            _note_text(journal, feed, beat.peer, head, at)


def _note_text(journal: Journal, feed: FeedId, by: PartyId, text: bytes, at: Instant) -> None:
    known = journal.checkpoints.setdefault(feed, [])
    shown = shown_text(text)
    if not any(seen.text == shown and seen.by == by for seen in known[-8:]):
        known.append(Seen(by=by, received=at, text=shown))


def shown_text(raw: bytes) -> str:
    """A note as text; bytes that are no UTF-8 were signed by nobody and show as such."""
    return raw.decode("utf-8", "replace")


def _feed_named(text: bytes) -> FeedId | None:
    """The feed that an unverified checkpoint names, to sort it by."""
    first = text[:200].split(b"\n", 1)[0].decode("ascii", "replace")
    parts = first.split("/")
    return FeedId(parts[2]) if len(parts) == 3 else None


def telling(found: Mapping[FeedId, Sequence[Seen]]) -> Iterator[Seen]:
    """For each feed and each who showed one, the newest: the longest history that he stood for."""
    newest: dict[tuple[FeedId, PartyId], Seen] = {}
    for feed, every in found.items():
        for seen in every:
            newest[feed, seen.by] = seen
    for _, seen in sorted(newest.items()):
        yield seen
