"""A bundle's content out of a node's store, whether the node runs or not. Reads, never writes.

The only part of evidence that knows the store's port and the journal. What peers' checkpoints and
heartbeats said is taken from the journal, with the time at which it came.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import msgspec

from clearline.evidence.feed_export import FeedExport, Withhold, read_withhold, why_withheld
from clearline.evidence.journal import Journal, Progress, read_journal, telling
from clearline.evidence.line import key_candidates, read_line
from clearline.evidence.parts import (
    AheadPart,
    AlertStated,
    Content,
    DeskPart,
    FeedPart,
    ForkStated,
    Opening,
    Scope,
    Seen,
    Withheld,
)
from clearline.ledger.access_record import read_access
from clearline.ledger.checkpoint import (
    Checkpoint,
    desk_origin_of,
    sign_checkpoint,
)
from clearline.ledger.merkle import Frontier, commitment
from clearline.ledger.proof import LogProof, write_proof
from clearline.model.alert import Alert
from clearline.model.entry import Kind
from clearline.model.ids import EntryRef, FeedId, LineId, PartyId, party_of
from clearline.model.refusal import Code, Refusal
from clearline.model.time import Instant
from clearline.node.ports import Mark, Reads
from clearline.signing import Signer
from clearline.trust.roster import Roster
from clearline.wire.entry import read_frame

KINDS: Final = ("agreement", "manifest", "root-change", "epoch")
PAGE: Final = 512


def _silent(what: str, done: int, total: int) -> None:
    del what, done, total


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """What goes into ``write_bundle``."""

    content: Content
    withheld: tuple[Withheld, ...]
    uncovered: Mapping[FeedId, int]
    alerts_withheld: int


def gather(
    reads: Reads,
    line: LineId,
    own: FeedId,
    *,
    marks: Mapping[FeedId, Mark],
    signers: Mapping[str, Signer],
    scope: Scope,
    progress: Progress = _silent,
) -> Gathered | Refusal:
    """Everything of a line that a node holds, as the scope asks for it.

    ``own`` is the feed that the node writes, ``marks`` the high-water marks of its feeds: nothing
    is signed beyond one, since another checkpoint of that size may yet come to stand in its place.
    ``signers``: the node's keys by public key. Refused: a line that is not held, an own feed that
    cannot be signed (NOT_SIGNING).
    """
    withhold = read_withhold(scope.withhold)
    sizes = {feed: reads.entry_count(line, feed) for feed in reads.feeds(line)}
    journal = read_journal(reads, line, scope, progress)
    documents = _documents(reads, line, journal, scope)
    read = read_line(documents, _left(reads, line, sizes, scope))
    if isinstance(read, Refusal):
        return read
    if sizes.get(own) and own not in marks:
        return Refusal(
            code=Code.NOT_SIGNING, clause="CL-EVI-005", params={"feed": own, "size": sizes[own]}
        )
    roster = read.roster
    done = _Exported()
    for feed, size in sorted(sizes.items()):
        one = FeedExport(reads, line, feed, _limit(feed, own, size, marks), scope, withhold)
        one.read(progress)
        seen = journal.checkpoints.get(feed, ())
        refusal = done.add(one, roster, own, signers, seen) if one.leaves else None
        if refusal is not None:
            return refusal
    ahead = tuple(_ahead(reads, line, journal, scope, withhold, done.hidden))
    alerts, left_out = _alerts(reads, line, scope, done.hidden, done.received)
    if withhold.reads_of is not None:
        alerts, left_out = (), left_out + len(alerts)
    content = Content(
        documents=documents,
        feeds=tuple(done.feeds),
        proofs=done.proofs,
        ahead=ahead,
        forks=tuple(done.forks),
        received=done.received,
        checkpoints=tuple(telling(journal.checkpoints)),
        desks=tuple(journal.desks),
        beats=tuple(journal.beats),
        alerts=alerts,
        desk=_desk(reads, line, own, roster, signers, scope, withhold) if scope.desk else None,
    )
    return Gathered(
        content=content,
        withheld=tuple(done.withheld),
        uncovered=done.uncovered,
        alerts_withheld=left_out,
    )


@dataclass(slots=True)
class _Exported:
    """What the feeds give, as they are gone through."""

    feeds: list[FeedPart] = field(default_factory=list)
    withheld: list[Withheld] = field(default_factory=list)
    received: dict[FeedId, tuple[Instant, ...]] = field(default_factory=dict)
    proofs: dict[EntryRef, bytes] = field(default_factory=dict)
    forks: list[ForkStated] = field(default_factory=list)
    hidden: set[EntryRef] = field(default_factory=set)
    uncovered: dict[FeedId, int] = field(default_factory=dict)

    def add(
        self,
        one: FeedExport,
        roster: Roster,
        own: FeedId,
        signers: Mapping[str, Signer],
        seen: Sequence[Seen],
    ) -> Refusal | None:
        """One feed, under a checkpoint that covers it; of our own there must be one."""
        found = one.checkpoint(roster, own, signers, seen)
        if isinstance(found, Refusal) and one.feed == own:
            return found
        signed = one.cut(roster) if isinstance(found, Refusal) else found
        self.hidden |= one.hidden
        if one.uncovered:
            self.uncovered[one.feed] = one.uncovered
        if signed is not None:
            self.feeds.append(one.part(signed))
            self.received[one.feed] = tuple(one.received)
            self.withheld += one.withheld()
            self.proofs.update(one.proofs(signed))
            self.forks += one.forks(roster, signed, seen)
        return None


def _limit(feed: FeedId, own: FeedId, size: int, marks: Mapping[FeedId, Mark]) -> int:
    """How much of a feed can be shown: of our own no more than the high-water mark covers."""
    return min(size, marks[feed].size) if feed == own and size else size


def _documents(reads: Reads, line: LineId, journal: Journal, scope: Scope) -> tuple[bytes, ...]:
    stored = [doc.data for kind in KINDS for doc in reads.documents(line, kind)]
    if scope.at is None:
        return tuple(stored)
    return tuple(raw for raw in stored if journal.papers.get(raw, 0) <= scope.at)


def _left(
    reads: Reads, line: LineId, sizes: Mapping[FeedId, int], scope: Scope
) -> frozenset[PartyId]:
    """Parties whose last entry is ``leave``."""
    gone: set[PartyId] = set()
    for feed, size in sizes.items():
        for stored in reads.entries(line, feed, max(0, size - 1), 1):
            if scope.at is not None and stored.received > scope.at:
                continue
            frame = read_frame(stored.data)
            if not isinstance(frame, Refusal) and frame.kind == Kind.LEAVE:
                gone.add(party_of(feed))
    return frozenset(gone)


# --- the rest --------------------------------------------------------------------------------


def _ahead(
    reads: Reads,
    line: LineId,
    journal: Journal,
    scope: Scope,
    withhold: Withhold,
    hidden: set[EntryRef],
) -> Iterator[AheadPart]:
    """Entries held beyond a gap, with their proofs; those not shown go to ``hidden``."""
    for stored in reads.ahead(line):
        ref = EntryRef(stored.feed, stored.index)
        flashed = journal.flashed.get(ref)
        late = scope.at is not None and stored.received > scope.at
        if flashed is None or late or why_withheld(stored, scope, withhold):
            hidden.add(ref)
            continue
        yield AheadPart(
            feed=stored.feed,
            index=stored.index,
            data=stored.data,
            proof=write_proof(
                LogProof(
                    index=stored.index,
                    hashes=flashed.inclusion,
                    checkpoint=flashed.checkpoint,
                    extra=stored.salt,
                )
            ),
        )


def _alerts(
    reads: Reads,
    line: LineId,
    scope: Scope,
    hidden: set[EntryRef],
    received: Mapping[FeedId, Sequence[Instant]],
) -> tuple[tuple[AlertStated, ...], int]:
    """What the node says of its duties; those about withheld entries are only counted."""
    told: list[AlertStated] = []
    left_out = 0
    for alert in reads.alerts(open_only=False):
        if alert.trouble.line != line or not _in_range(alert.raised, scope):
            continue
        if hidden.intersection(alert.trouble.about):
            left_out += 1
            continue
        told.append(_stated(alert, scope.at, received))
    return tuple(told), left_out


def _in_range(at: Instant, scope: Scope) -> bool:
    if scope.at is not None and at > scope.at:
        return False
    return (scope.first or 0) <= at and (scope.until is None or at < scope.until)


def _stated(
    alert: Alert, at: Instant | None, received: Mapping[FeedId, Sequence[Instant]]
) -> AlertStated:
    """An alert, with nothing in it that came after ``at``. How it stood then is not kept."""
    taken = alert.taken_at if at is None or (alert.taken_at or 0) <= at else None
    shown = alert.presented if at is None or (alert.presented or 0) <= at else None
    answer = alert.answer
    if answer is not None and answer.index >= len(received.get(answer.feed, ())):
        answer = None
    now = at is None or alert.changed <= at
    return AlertStated(
        id=alert.id,
        kind=alert.trouble.kind,
        severity=alert.trouble.severity,
        about=alert.trouble.about,
        peer=alert.trouble.peer,
        state=alert.state if now else None,
        raised=alert.raised,
        presented=shown,
        presented_on=alert.presented_on if shown is not None else None,
        taken_at=taken,
        taken_role=alert.taken_role if taken is not None else None,
        answer=answer,
        reply=alert.reply if answer is not None else None,
        answered_role=alert.answered_role if answer is not None else None,
        rung=alert.rung if now else 0,
        rings=alert.rings if now else 0,
    )


def _is_asked_for(data: bytes, reads_of: PartyId | None) -> bool:
    """Whether a record of the desk is shown: every one, or only reads of a party's items."""
    if reads_of is None:
        return True
    read = read_access(data)
    return read is not None and reads_of in read.of


class _Timed(msgspec.Struct):
    t: Instant


def _desk(
    reads: Reads,
    line: LineId,
    own: FeedId,
    roster: Roster,
    signers: Mapping[str, Signer],
    scope: Scope,
    withhold: Withhold,
) -> DeskPart | None:
    """The private desk record: commitments of all of it, records of the time asked for; of them
    only who read a party's items, where that was asked for."""
    leaves: list[bytes] = []
    shown: dict[int, Opening] = {}
    front = Frontier()
    while page := reads.desk(line, len(leaves), PAGE):
        for record in page:
            t = msgspec.json.decode(record.data, type=_Timed).t
            if scope.at is not None and t > scope.at:
                page = ()
                break
            if _in_range(t, scope) and _is_asked_for(record.data, withhold.reads_of):
                shown[len(leaves)] = Opening(salt=record.salt, data=record.data)
            leaves.append(commitment(record.salt, record.data))
            front = front.append(record.leaf)
        if not page:
            break
    keys = key_candidates(roster, own)
    signer = next((signers[key.hex] for key in keys if key.hex in signers), None)
    if signer is None or not leaves:
        return None
    tree = Checkpoint(origin=desk_origin_of(line, own), size=front.size, root=front.root)
    signed = sign_checkpoint(tree, signer)
    return DeskPart(checkpoint=signed.text, leaves=tuple(leaves), shown=shown)
