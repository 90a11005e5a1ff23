"""Whether what a peer sends stands in its feed where it says: checkpoints, leaves and proofs.

Nothing here looks inside the bytes of an entry, and nothing comes of asking.
"""

from dataclasses import dataclass

from clearline.ledger.checkpoint import Checkpoint, SignedCheckpoint, origin_of, verify_checkpoint
from clearline.ledger.feed import Extension, Overtaking, extend_stored, overtake
from clearline.ledger.merkle import entry_leaf, is_salt
from clearline.model.ids import Digest, FeedId, epoch_of
from clearline.model.limits import FEEDS_MAX
from clearline.model.refusal import Code, Refusal
from clearline.node.inbound import Flashed, Item, Pushed
from clearline.node.state import LineState
from clearline.trust.roster import Place, key_for, place

SIZE_LINE = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Proved:
    """Entries that follow what is held: the head that covers them, their leaves, the tree then."""

    head: SignedCheckpoint
    leaves: list[bytes]
    longer: Extension


def proof_of(
    ls: LineState, pushed: Pushed, items: tuple[Item, ...]
) -> tuple[SignedCheckpoint | None, Proved | Refusal]:
    """Whether the items follow what is held of the feed, and the head that says so or that they
    were held against. Nothing comes of it."""
    feed = pushed.feed
    refusal = _may_follow(ls, feed) or _bad_salts(items)
    if refusal is not None:
        return None, refusal
    signed = verified_head(ls, feed, pushed.checkpoint)
    if isinstance(signed, Refusal):
        return None, signed
    leaves = [entry_leaf(item.salt, item.data) for item in items]
    longer = extend_stored(ls.frontier(feed), signed, leaves, pushed.proof, pushed.rest)
    if isinstance(longer, Refusal):
        return signed, longer
    return signed, Proved(head=signed, leaves=leaves, longer=longer)


def proof_of_flash(
    ls: LineState, flash: Flashed
) -> tuple[SignedCheckpoint | None, Overtaking | Refusal]:
    """Whether the entry stands where it is said to, beyond what is held, and the head that it was
    held against. Nothing comes of it. An emergency of a later epoch is taken even while the earlier
    epoch is not held yet."""
    feed, size = flash.feed, ls.frontier(flash.feed).size
    refusal = _bad_salts((flash.item,))
    if refusal is not None:
        return None, refusal
    signed = verified_head(ls, feed, flash.checkpoint)
    if isinstance(signed, Refusal):
        return None, signed
    leaf = entry_leaf(flash.item.salt, flash.item.data)
    known = _known_at(ls, feed, flash.old_size)
    if known is None:
        return signed, Refusal(
            code=Code.GAP, clause="CL-LNK-010", params={"held": size, "first": flash.old_size}
        )
    return signed, overtake(
        size,
        known,
        signed,
        consistency=flash.consistency,
        index=flash.index,
        leaf=leaf,
        inclusion=flash.inclusion,
    )


def verified_head(ls: LineState, feed: FeedId, text: bytes) -> SignedCheckpoint | Refusal:
    """The checkpoint, if the key that speaks for the feed at that size has signed it."""
    key = key_for(ls.roster, feed, claimed_size(text))
    if key is None:
        return Refusal(code=Code.UNKNOWN_KEY, clause="CL-TRU-002", params={"feed": feed})
    signed = verify_checkpoint(text, origin=origin_of(ls.line, feed), keys=(key,))
    if isinstance(signed, Refusal):
        return signed
    tree = signed.checkpoint
    worth = place(ls.roster, feed, tree.size, Digest(tree.root.hex()), key)
    if isinstance(worth, Refusal):
        return worth
    if worth is Place.VOID:
        return Refusal(
            code=Code.KEY_ENDED, clause="CL-TRU-030", params={"feed": feed, "size": tree.size}
        )
    return signed


def claimed_size(text: bytes) -> int:
    """The size that an unverified checkpoint claims, to look the key up by; 0 if it claims none."""
    lines = text[:400].split(b"\n", SIZE_LINE + 1)
    digits = lines[SIZE_LINE] if len(lines) > SIZE_LINE else b""
    return int(digits) if digits.isdigit() and len(digits) <= 13 else 0


def _may_follow(ls: LineState, feed: FeedId) -> Refusal | None:
    """A later epoch is read only after the earlier one is held up to where the opening says, and
    no more feeds are read than one entry can say that it has seen."""
    if feed not in ls.picture.feeds and len(ls.picture.feeds) >= FEEDS_MAX:
        return Refusal(code=Code.TOO_MANY, clause="CL-LNK-007", params={"limit": FEEDS_MAX})
    if feed in ls.picture.forked:
        return Refusal(code=Code.FORK, clause="CL-LNK-006", params={"feed": feed})
    if epoch_of(feed) == 0:
        return None
    opened = ls.roster.openings.get(feed)
    if opened is None:
        return Refusal(code=Code.GAP, clause="CL-TRU-040", params={"feed": feed})
    before = opened.ruling.previous
    refusal = _may_follow(ls, before.feed)
    if refusal is not None:
        return refusal
    held = ls.frontier(before.feed).size
    if held < before.size:
        return Refusal(
            code=Code.GAP,
            clause="CL-LNK-007",
            params={"feed": before.feed, "held": held, "first": before.size},
        )
    return None


def _bad_salts(items: tuple[Item, ...]) -> Refusal | None:
    for n, item in enumerate(items):
        if not is_salt(item.salt):
            return Refusal(code=Code.BAD_SALT, clause="CL-LED-002", params={"item": n})
    return None


def _known_at(ls: LineState, feed: FeedId, size: int) -> Checkpoint | None:
    """A tree of the feed that we have verified, at this size: our prefix, or the newest head."""
    front, head = ls.frontier(feed), ls.heads.get(feed)
    if size == front.size:
        return Checkpoint(origin=origin_of(ls.line, feed), size=size, root=front.root)
    if head is not None and size == head.checkpoint.size:
        return head.checkpoint
    return None
