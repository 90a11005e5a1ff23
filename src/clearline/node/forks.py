"""A proved fork: kept for ever, and the feed stands still until a new epoch (protocol, Fork)."""

import hashlib

import msgspec
from msgspec.structs import replace

from clearline.ledger.audit import Fork, verify_fork
from clearline.ledger.checkpoint import origin_of
from clearline.model.ids import Digest, FeedId, epoch_of, party_of
from clearline.model.refusal import Code, Refusal
from clearline.node.inbound import Forked, Outcome
from clearline.node.ports import StoredDocument
from clearline.node.proving import claimed_size
from clearline.node.state import LineState, Signing
from clearline.node.turn import Turn
from clearline.picture.record import mark_forked
from clearline.trust.roster import key_for

FORK_KIND = "fork"
"""The kind under which proofs are stored."""


class StoredFork(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A proof as it is stored and handed on: the feed, and the two checkpoints with their proof."""

    feed: FeedId
    fork: Fork


def write_fork(feed: FeedId, fork: Fork) -> bytes:
    """The bytes of a proof: JSON with sorted names, bytes in base64."""
    return msgspec.json.encode(StoredFork(feed=feed, fork=fork), order="sorted")


def read_fork(raw: bytes) -> StoredFork | Refusal:
    """A proof from its bytes; nothing is verified yet."""
    try:
        return msgspec.json.decode(raw, type=StoredFork)
    except (msgspec.DecodeError, ValueError, RecursionError):
        return Refusal(code=Code.BAD_PROOF, clause="CL-LED-016")


def take_forked(turn: Turn, ls: LineState, forked: Forked) -> tuple[LineState, Outcome]:
    """Verify the proof, keep it, and let the feed stand still. A repeat changes nothing."""
    stored = read_fork(forked.proof)
    if isinstance(stored, Refusal):
        return ls, Outcome(refusal=stored)
    common = proved_common(ls, stored)
    if isinstance(common, Refusal):
        return ls, Outcome(refusal=common)
    digest = Digest(hashlib.sha256(forked.proof).hexdigest())
    turn.documents.append(
        StoredDocument(line=ls.line, kind=FORK_KIND, sha256=digest, data=forked.proof)
    )
    if stored.feed in ls.picture.forked:  # another proof of what is known
        return _marked(ls, stored.feed, common), Outcome()
    turn.changed.add(ls.line)
    return replace(_marked(ls, stored.feed, common), owed=True), Outcome()


def load_fork(ls: LineState, raw: bytes) -> LineState:
    """A kept proof, when a node starts."""
    stored = read_fork(raw)
    assert not isinstance(stored, Refusal), "what was stored was taken"
    common = proved_common(ls, stored)
    return ls if isinstance(common, Refusal) else _marked(ls, stored.feed, common)


def proved_common(ls: LineState, stored: StoredFork) -> int | Refusal:
    """The largest size up to which the two histories can agree, when the proof is one: by the keys
    that speak for the feed at the two sizes."""
    feed, fork = stored.feed, stored.fork
    if party_of(feed) not in ls.roster.parties:
        return Refusal(
            code=Code.UNKNOWN_PARTY, clause="CL-LNK-001", params={"party": party_of(feed)}
        )
    sizes = [claimed_size(text) for text in (fork.shorter, fork.longer)]
    keys = [key for size in sizes if (key := key_for(ls.roster, feed, size)) is not None]
    proved = verify_fork(fork, origin=origin_of(ls.line, feed), keys=keys)
    if isinstance(proved, Refusal):
        return proved
    return proved[0].checkpoint.size - 1


def _marked(ls: LineState, feed: FeedId, common: int) -> LineState:
    known = ls.picture.forked.get(feed)
    if known is None or common < known:
        ls = replace(ls, picture=mark_forked(ls.picture, feed, common))
    if party_of(feed) == ls.me and epoch_of(feed) == epoch_of(ls.feed):
        ls = ls.locked(Signing.FORKED)
    return ls
