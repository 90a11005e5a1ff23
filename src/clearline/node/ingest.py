"""BYTES -> RECORD -> PICTURE: what peers send, proved, placed and folded.

The order is the protocol's: (1) the checkpoint is signed by the key that speaks for that place of
the feed, (2) the leaves give its root, (3) bytes become an entry or stand as unreadable, (4) the
entry is screened by its feed and the agreement alone, (5) it is folded. Nothing before (3) looks
inside the bytes. A refused transfer changes nothing.
"""

import hashlib

from msgspec.structs import replace

from clearline.ledger.audit import Fork
from clearline.ledger.checkpoint import SignedCheckpoint
from clearline.ledger.feed import Overtaking
from clearline.model.entry import (
    BARE,
    OVERTAKING,
    TELLING,
    Adopt,
    Answer,
    Entry,
    Message,
    Precedence,
    RefusedItem,
)
from clearline.model.ids import Digest, EntryRef, FeedId, epoch_of, party_of
from clearline.model.limits import AHEAD_MAX
from clearline.model.refusal import Code, Refusal
from clearline.model.time import Instant
from clearline.node.attachments import want_attachments
from clearline.node.checked import check_volume
from clearline.node.claims import size_of, take_claim, take_proof, unlock_if_stated
from clearline.node.inbound import Flashed, Item, Outcome, Pushed, Stated
from clearline.node.intent import Fetch, Send
from clearline.node.ports import StoredDocument, StoredEntry
from clearline.node.proving import Proved, claimed_size, proof_of, proof_of_flash, verified_head
from clearline.node.stale import note_gap
from clearline.node.state import LineState, Signing
from clearline.node.turn import Turn
from clearline.picture.record import admit, keep_ahead, keep_branch, mark_forked, record
from clearline.picture.situation import Answered, Unreadable, Version
from clearline.trust.roster import Admission, admits
from clearline.wire.bodies_v1 import read_entry
from clearline.wire.entry import read_frame


def take_push(turn: Turn, ls: LineState, pushed: Pushed) -> tuple[LineState, Outcome]:
    """Consecutive entries of a feed: what is new of them is folded, and a receipt is owed."""
    feed = pushed.feed
    if party_of(feed) == ls.me:
        return _take_own(turn, ls, pushed)
    held = ls.frontier(feed)
    skip = held.size - pushed.first
    if skip < 0:
        turn.want(Fetch(line=ls.line, peer=pushed.peer, feed=feed, first=held.size))
        ls = note_gap(ls, feed, size_of(verified_head(ls, feed, pushed.checkpoint)), turn.now)
        return ls, _no(Code.GAP, "CL-LNK-004", held=held.size, first=pushed.first)
    if skip >= len(pushed.items) and pushed.items:
        # Held already: the repeat of one who has not heard our receipt. Say again what is held.
        turn.want(Send(line=ls.line, peer=pushed.peer))
        return ls, Outcome()
    return _extend(turn, ls, pushed, skip)


def _extend(turn: Turn, ls: LineState, pushed: Pushed, skip: int) -> tuple[LineState, Outcome]:
    """Prove the extension, then fold it entry by entry."""
    feed, items = pushed.feed, pushed.items[skip:]
    ls, proved = prove(turn, ls, pushed, items)
    if isinstance(proved, Refusal):
        return ls, Outcome(refusal=proved)
    held, signed, leaves, longer = ls.frontier(feed), proved.head, proved.leaves, proved.longer
    before, marks = ls, (len(turn.entries), len(turn.ahead_folded))
    for n, (item, leaf) in enumerate(zip(items, leaves, strict=True)):
        folded = _fold(turn, ls, feed, held.size + n, item, leaf)
        if isinstance(folded, Refusal):
            # Terms that we have not been given: the transfer waits, nothing of it is kept.
            del turn.entries[marks[0] :], turn.ahead_folded[marks[1] :]
            return _waiting(turn, before, feed), Outcome(refusal=folded)
        ls = folded
    turn.keep_rows(ls.line, feed, longer.rows)
    newest = ls.heads.get(feed)
    if newest is None or newest.checkpoint.size < signed.checkpoint.size:
        ls = replace(ls, heads=ls.heads.insert(feed, signed))
    if longer.frontier.size == signed.checkpoint.size:
        turn.keep_head(ls.line, feed, longer.frontier, signed.text)
    turn.changed.add(ls.line)
    frontiers = ls.frontiers.insert(feed, longer.frontier)
    return replace(ls, frontiers=frontiers, waits=ls.waits.discard(feed)), Outcome()


def prove(
    turn: Turn, ls: LineState, pushed: Pushed, items: tuple[Item, ...]
) -> tuple[LineState, Proved | Refusal]:
    """Whether the items follow what is held of the feed. Two signed trees that contradict each
    other are noted, and kept as a proof where they are one."""
    feed = pushed.feed
    signed, proved = proof_of(ls, pushed, items)
    if signed is not None and isinstance(proved, Refusal) and proved.code is Code.FORK:
        ls = _forked(ls, feed, min(ls.frontier(feed).size, signed.checkpoint.size - 1))
        _keep_proof(turn, ls, feed, signed)
        turn.changed.add(ls.line)
    return ls, proved


def _waiting(turn: Turn, ls: LineState, feed: FeedId) -> LineState:
    """The feed cannot be read on: said once it has waited, by the duty WAITS, not by silence."""
    if feed in ls.waits:
        return ls
    turn.changed.add(ls.line)
    return replace(ls, waits=ls.waits.insert(feed, turn.now))


def read_item(
    ls: LineState, feed: FeedId, index: int, data: bytes, leaf: bytes
) -> Entry | Unreadable:
    """The entry at this place, or why it cannot be read there."""
    digest = Digest(leaf.hex())
    entry = read_entry(data, digest)
    if isinstance(entry, Refusal):
        frame = read_frame(data)
        if isinstance(frame, Refusal) or (frame.line, frame.feed, frame.index) != (
            ls.line, feed, index,
        ):  # fmt: skip
            return Unreadable(feed=feed, index=index, leaf=digest, code=entry.code)
        seen = frame.seen if not frame.refused else None
        return Unreadable(
            feed=feed,
            index=index,
            leaf=digest,
            code=entry.code,
            t=frame.t,
            seen=seen,
            refused=frame.refused,
        )
    code = None
    if entry.line != ls.line:
        code = Code.FOREIGN_LINE
    elif entry.feed != feed:
        code = Code.FOREIGN_FEED
    elif entry.index != index:
        code = Code.WRONG_INDEX
    if code is not None:
        return Unreadable(feed=feed, index=index, leaf=digest, code=code)
    return entry


def _fold(
    turn: Turn, ls: LineState, feed: FeedId, index: int, item: Item, leaf: bytes
) -> LineState | Refusal:
    """One proved entry into record and picture."""
    read = read_item(ls, feed, index, item.data, leaf)
    if isinstance(read, Entry):
        if isinstance(read.body, Adopt) and read.body.version not in ls.picture.terms:
            return Refusal(
                code=Code.NOT_SIGNED, clause="CL-LNK-005", params={"version": read.body.version}
            )
        allowed = admits(ls.roster, feed, index, read.kind)
        if allowed is Admission.WAIT:
            return Refusal(code=Code.NOT_SIGNED, clause="CL-TRU-043", params={"feed": feed})
        if allowed is Admission.NO:
            read = not_allowed(read)
    turn.entries.append(
        StoredEntry(
            line=ls.line,
            feed=feed,
            index=index,
            salt=item.salt,
            data=item.data,
            leaf=leaf,
            received=turn.now,
        )
    )
    return fold_read(turn, ls, read, leaf)


def not_allowed(entry: Entry) -> Unreadable:
    """An entry of a kind that does not count at its place (CL-TRU-043)."""
    return Unreadable(
        feed=entry.feed,
        index=entry.index,
        leaf=entry.leaf,
        code=Code.NOT_ALLOWED,
        t=entry.t,
        refused=entry.refused,
    )


def fold_read(turn: Turn, ls: LineState, read: Entry | Unreadable, leaf: bytes) -> LineState:
    """One read entry into the picture, with what this node owes for it."""
    ref = EntryRef(read.feed, read.index)
    admitted = admit(ls.picture, read, check_volume)
    ls = _drop_ahead(turn, ls, ref, leaf)
    ls = replace(ls, picture=record(ls.picture, admitted))
    mine = party_of(read.feed) == ls.me
    if isinstance(admitted, Unreadable):
        if not mine:
            item = RefusedItem(read.feed, read.index, read.leaf, admitted.code)
            ls = replace(ls, unreported=(*ls.unreported, item), owed=True)
        return note_arrival(ls, admitted, turn.now)
    if not mine and admitted.kind not in BARE:
        ls = replace(ls, owed=True)
    if not mine and isinstance(admitted.body, Message):
        want_attachments(turn, admitted.feed, ls.line, admitted.body)
    return note_arrival(ls, admitted, turn.now)


def note_arrival(ls: LineState, admitted: Entry | Unreadable, at: Instant) -> LineState:
    """Remember when something reached this node that its people must know of or answer."""
    ref = EntryRef(admitted.feed, admitted.index)
    told = isinstance(admitted, Unreadable) or admitted.kind in TELLING
    if not told or party_of(admitted.feed) == ls.me or ref in ls.arrived:
        return ls
    return replace(ls, arrived=ls.arrived.insert(ref, at))


def _drop_ahead(turn: Turn, ls: LineState, ref: EntryRef, leaf: bytes) -> LineState:
    """The prefix has arrived where an entry was kept ahead: it is folded once, in its place."""
    kept = ls.stored_ahead.get(ref)
    if kept is None:
        return ls
    if kept.leaf != leaf:
        ls = keep_as_branch(ls, ref)  # and stays stored, so that a start finds it again
    else:
        turn.ahead_folded.append((ls.line, ref.feed, ref.index))
    return replace(ls, stored_ahead=ls.stored_ahead.remove(ref))


def keep_as_branch(ls: LineState, ref: EntryRef) -> LineState:
    """What was proved ahead is not what arrived: two histories, and both stay live."""
    ahead = ls.picture.ahead.get(ref.feed)
    version: Version | None = ahead.get(ref.index) if ahead is not None else None
    picture = ls.picture
    if version is not None:
        picture = keep_branch(picture, version)
    picture = mark_forked(picture, ref.feed, ref.index)
    return replace(ls, picture=picture)


def _forked(ls: LineState, feed: FeedId, common: int) -> LineState:
    ls = replace(ls, picture=mark_forked(ls.picture, feed, common), owed=True)
    if party_of(feed) == ls.me and epoch_of(feed) == epoch_of(ls.feed):
        ls = ls.locked(Signing.FORKED)
    return ls


def _keep_proof(turn: Turn, ls: LineState, feed: FeedId, signed: SignedCheckpoint) -> None:
    """Two signed trees of one size are a proof by themselves: it is kept, so that a start finds it
    and others can be shown it."""
    from clearline.node.forks import FORK_KIND, write_fork

    held = ls.heads.get(feed)
    if held is None or held.checkpoint.size != signed.checkpoint.size:
        return
    fork = Fork(shorter=signed.text, longer=held.text, beginning=held.checkpoint.root, proof=())
    proof = write_fork(feed, fork)
    digest = Digest(hashlib.sha256(proof).hexdigest())
    turn.documents.append(StoredDocument(line=ls.line, kind=FORK_KIND, sha256=digest, data=proof))


def take_flash(turn: Turn, ls: LineState, flash: Flashed) -> tuple[LineState, Outcome]:
    """A FLASH entry, in its place or beyond a gap. Ahead it adds danger and supports nothing."""
    feed = flash.feed
    held = ls.frontier(feed)
    if flash.index < held.size:
        turn.want(Send(line=ls.line, peer=flash.peer, flash=True))
        return ls, Outcome()
    if party_of(feed) == ls.me:  # ours, from before a restore: it comes back in its place
        turn.want(Fetch(line=ls.line, peer=flash.peer, feed=feed, first=held.size))
        return ls, _no(Code.GAP, "CL-LNK-010", held=held.size, first=flash.index)
    ref = EntryRef(feed, flash.index)
    if ref in ls.stored_ahead:
        turn.want(Send(line=ls.line, peer=flash.peer, flash=True))
        return ls, Outcome()
    signed, proved = proof_of_flash(ls, flash)
    if isinstance(proved, Overtaking):
        return _keep(turn, ls, flash, proved.leaf)
    if signed is not None and proved.code is Code.GAP:
        # The sender does not know how far we are: tell it, and it comes again with another proof.
        turn.want(Send(line=ls.line, peer=flash.peer, flash=True))
    if signed is not None and proved.code is Code.FORK:
        ls = _forked(ls, feed, min(held.size, signed.checkpoint.size - 1))
        turn.changed.add(ls.line)
    return ls, Outcome(refusal=proved)


def _keep(turn: Turn, ls: LineState, flash: Flashed, leaf: bytes) -> tuple[LineState, Outcome]:
    """Keep a proved entry beyond the gap, if it is of a kind that may overtake."""
    feed = flash.feed
    read = read_item(ls, feed, flash.index, flash.item.data, leaf)
    if isinstance(read, Unreadable):
        # Its bytes are proved, so it stands in the feed; it is judged when the prefix arrives.
        return ls, _no(read.code, "CL-LNK-008", index=flash.index)
    kept = keep_flash(turn, ls, read, flash.item, leaf)
    if isinstance(kept, Refusal):
        return ls, Outcome(refusal=kept)
    turn.want(Fetch(line=ls.line, peer=flash.peer, feed=feed, first=ls.frontier(feed).size))
    return kept, Outcome()


def keep_flash(
    turn: Turn, ls: LineState, read: Entry, item: Item, leaf: bytes
) -> LineState | Refusal:
    """Keep a proved entry ahead of what is folded, if it is of a kind that may overtake."""
    feed = read.feed
    if read.kind not in OVERTAKING or read.prec is not Precedence.FLASH:
        return _refusal(Code.NOT_ALLOWED, "CL-LNK-008", kind=read.kind.value)
    # Counted over a party's epochs together: our own entries list all that is kept ahead.
    if sum(1 for ref in ls.stored_ahead if party_of(ref.feed) == party_of(feed)) >= AHEAD_MAX:
        return _refusal(Code.TOO_MANY, "CL-LNK-009", found=AHEAD_MAX + 1, high=AHEAD_MAX)
    stored = StoredEntry(
        line=ls.line,
        feed=feed,
        index=read.index,
        salt=item.salt,
        data=item.data,
        leaf=leaf,
        received=turn.now,
    )
    turn.ahead_added.append(stored)
    turn.changed.add(ls.line)
    arrived = ls.arrived if read.ref in ls.arrived else ls.arrived.insert(read.ref, turn.now)
    ls = replace(
        ls,
        picture=keep_ahead(ls.picture, read, check_volume),
        stored_ahead=ls.stored_ahead.insert(read.ref, stored),
        arrived=arrived,
        owed=True,
    )
    return note_answer(ls, read)


def note_answer(ls: LineState, entry: Entry) -> LineState:
    """While the record is being read: an answer that is proved, though it is not folded yet."""
    if ls.loading is None or not isinstance(entry.body, Answer):
        return ls
    answered = Answered(ref=entry.ref, t=entry.t, answer=entry.body)
    answers = (*ls.loading.answers, (entry.body.to, answered))
    return replace(ls, loading=replace(ls.loading, answers=answers))


def take_stated(turn: Turn, ls: LineState, stated: Stated) -> tuple[LineState, Outcome]:
    """What a peer holds: it is sent what it lacks, asked for what we lack; and if it holds more of
    our own feed than we do, we have been restored from an old copy."""
    peer = ls.peers.get(stated.peer)
    if peer is None:
        return ls, _no(Code.UNKNOWN_PARTY, "CL-LNK-001", party=stated.peer)
    said = replace(peer, held=stated.held, proved=stated.proved, stated=True)
    if said != peer:
        ls = replace(ls, peers=ls.peers.insert(stated.peer, said))
    turn.want(Send(line=ls.line, peer=stated.peer))
    own = max(stated.held.get(ls.feed, 0), stated.proved.get(ls.feed, 0))
    if own > ls.frontier(ls.feed).size:
        signed = size_of(verified_head(ls, ls.feed, stated.shown))
        ls = take_claim(turn, ls, stated.peer, own, signed)
    for feed, size in sorted(stated.held.items()):
        ours = ls.frontier(feed).size
        if size <= ours or party_of(feed) not in ls.roster.parties:
            continue
        if party_of(feed) != stated.peer:  # its own feed it pushes by itself
            turn.want(Fetch(line=ls.line, peer=stated.peer, feed=feed, first=ours))
    return unlock_if_stated(turn, ls), Outcome()


def _take_own(turn: Turn, ls: LineState, pushed: Pushed) -> tuple[LineState, Outcome]:
    """Our own record as a peer holds it: taken only to catch up after a restore."""
    held = ls.frontier(pushed.feed)
    if pushed.feed == ls.feed and claimed_size(pushed.checkpoint) > held.size:
        signed = size_of(verified_head(ls, pushed.feed, pushed.checkpoint))
        ls = take_proof(turn, ls, pushed.peer, signed)
        if signed is not None and ls.lock is Signing.READY:
            ls = ls.locked(Signing.OVERTAKEN)
            turn.changed.add(ls.line)
    skip = held.size - pushed.first
    if skip < 0:
        turn.want(Fetch(line=ls.line, peer=pushed.peer, feed=pushed.feed, first=held.size))
        return ls, _no(Code.GAP, "CL-LNK-004", held=held.size, first=pushed.first)
    if skip >= len(pushed.items) or ls.loading is not None:
        return ls, Outcome()
    ls, outcome = _extend(turn, ls, pushed, skip)
    if outcome.refusal is not None and outcome.refusal.code is Code.FORK:
        ls = replace(ls, signing=Signing.FORKED)
    return unlock_if_stated(turn, ls), outcome


def _no(code: Code, clause: str, **params: str | int) -> Outcome:
    return Outcome(refusal=_refusal(code, clause, **params))


def _refusal(code: Code, clause: str, **params: str | int) -> Refusal:
    return Refusal(code=code, clause=clause, params=dict(params))
