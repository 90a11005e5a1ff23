"""One party's record as others hold it: extended without a gap, overtaken with a proof.

What is held of a feed is a contiguous verified prefix (a ``Frontier``). It grows by recomputation:
the receiver hashes every leaf itself and compares roots. A batch may end before the checkpoint
that covers it does, so that a long backlog travels in pieces under one signature; then a
consistency proof shows that the piece is a beginning of the signed tree.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from clearline.ledger.checkpoint import Checkpoint, SignedCheckpoint
from clearline.ledger.merkle import (
    HASH_BYTES,
    Frontier,
    NodeHash,
    entry_leaf,
    is_salt,
    new_hashes,
    verify_consistency,
    verify_inclusion,
)
from clearline.model.refusal import Code, Param, Refusal


@dataclass(frozen=True, slots=True, kw_only=True)
class Extension:
    """A proved extension: the longer prefix, and the rows it adds to the stored hashes."""

    frontier: Frontier
    rows: tuple[NodeHash, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Overtaking:
    """An entry proved to stand at ``index``, beyond the prefix that is held. When the prefix
    arrives, the leaf there must be this one."""

    index: int
    leaf: bytes


def leaves_of(entries: Sequence[tuple[bytes, bytes]]) -> tuple[bytes, ...] | Refusal:
    """The leaf hashes of (salt, bytes) as received, in their order; a salt of another length is
    BAD_SALT, with its place among them (CL-LED-002)."""
    for at, (salt, _) in enumerate(entries):
        if not is_salt(salt):
            return Refusal(
                code=Code.BAD_SALT, clause="CL-LED-002", params={"at": at, "bytes": len(salt)}
            )
    return tuple(entry_leaf(salt, entry) for salt, entry in entries)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rest:
    """What followed in a batch of which only the beginning is taken up now: where the batch ended,
    and the hashes of the complete nodes from there on (``merkle.nodes_between``)."""

    size: int
    nodes: tuple[bytes, ...]


def extend(
    held: Frontier,
    signed: SignedCheckpoint,
    leaves: Sequence[bytes],
    proof: Sequence[bytes] = (),
    rest: Rest | None = None,
) -> Frontier | Refusal:
    """The prefix with the leaf hashes appended, when the signed checkpoint covers exactly that.

    ``leaves`` follow the held prefix without a gap. With the ``rest`` of their batch they end at
    the checkpoint's size, and the proof is empty; or before it, and ``proof`` is consistent from
    the batch's end to the checkpoint.

    Refused (CL-LED-013, CL-LED-014): ROLLBACK, a checkpoint shorter than what is held; FORK, one
    of the held size with another root; GAP, more leaves than the checkpoint has room for; BAD_ROOT,
    leaves that do not give its root; BAD_PROOF, leaves not shown to be its beginning. Only FORK
    concerns the signer, and ``audit`` makes the proof of it; the others may be the carrier's fault.
    """
    tree = signed.checkpoint
    refusal = _misplaced(held, tree, leaves)
    if refusal is not None:
        return refusal
    longer = held.extend(leaves)
    batch = longer if rest is None else longer.grown_to(rest.size, rest.nodes)
    if batch is not None and batch.size == tree.size and batch.root != tree.root:
        return Refusal(code=Code.BAD_ROOT, clause="CL-LED-013", params=_sizes(held, tree))
    if batch is None or not verify_consistency(batch.size, batch.root, tree.size, tree.root, proof):
        return Refusal(code=Code.BAD_PROOF, clause="CL-LED-013", params=_sizes(held, tree))
    return longer


def extend_stored(
    held: Frontier,
    signed: SignedCheckpoint,
    leaves: Sequence[bytes],
    proof: Sequence[bytes] = (),
    rest: Rest | None = None,
) -> Extension | Refusal:
    """``extend``, and the rows of the stored hashes that go into the same transaction."""
    longer = extend(held, signed, leaves, proof, rest)
    if isinstance(longer, Refusal):
        return longer
    return Extension(frontier=longer, rows=tuple(new_hashes(held, leaves)))


def consistent(one: Checkpoint, other: Checkpoint, proof: Sequence[bytes]) -> bool:
    """Whether the proof shows that the shorter of two checkpoints of one origin is a beginning of
    the longer. False is no proof of a fork: the proof may be wrong."""
    if one.origin != other.origin:
        return False
    old, new = (one, other) if one.size <= other.size else (other, one)
    return verify_consistency(old.size, old.root, new.size, new.root, proof)


def overtake(
    prefix_size: int,
    newest: Checkpoint,
    signed: SignedCheckpoint,
    *,
    consistency: Sequence[bytes],
    index: int,
    leaf: bytes,
    inclusion: Sequence[bytes],
) -> Overtaking | Refusal:
    """An entry ahead of sequence, proved (CL-LED-015) by inclusion in a signed checkpoint that is
    consistent with the newest one held of the feed, whichever of the two is longer.

    ``prefix_size`` is the length of the contiguous prefix: an entry inside it is OLD_INDEX.
    ``newest`` is the newest verified checkpoint; of a feed of which nothing is held, size 0.
    """
    tree = signed.checkpoint
    if tree.origin != newest.origin:
        return Refusal(code=Code.FOREIGN_FEED, clause="CL-LED-015", params={"size": tree.size})
    if index < prefix_size:
        return Refusal(
            code=Code.OLD_INDEX, clause="CL-LED-015", params={"index": index, "held": prefix_size}
        )
    if tree.size == newest.size and tree.root != newest.root:
        return Refusal(code=Code.FORK, clause="CL-LED-016", params={"size": tree.size})
    if not consistent(newest, tree, consistency):
        return Refusal(
            code=Code.BAD_PROOF,
            clause="CL-LED-015",
            params={"held": newest.size, "size": tree.size},
        )
    if not verify_inclusion(leaf, index, tree.size, inclusion, tree.root):
        return Refusal(
            code=Code.BAD_PROOF, clause="CL-LED-015", params={"index": index, "size": tree.size}
        )
    return Overtaking(index=index, leaf=leaf)


def _misplaced(held: Frontier, tree: Checkpoint, leaves: Sequence[bytes]) -> Refusal | None:
    """Why the leaves cannot follow what is held under this checkpoint, before any is hashed."""
    params = _sizes(held, tree)
    if tree.size < held.size:
        return Refusal(code=Code.ROLLBACK, clause="CL-LED-014", params=params)
    if tree.size == held.size and tree.root != held.root:
        return Refusal(code=Code.FORK, clause="CL-LED-016", params=params)
    if held.size + len(leaves) > tree.size:
        return Refusal(code=Code.GAP, clause="CL-LED-013", params={**params, "leaves": len(leaves)})
    if any(len(leaf) != HASH_BYTES for leaf in leaves):
        return Refusal(code=Code.BAD_PROOF, clause="CL-LED-003", params=params)
    return None


def _sizes(held: Frontier, tree: Checkpoint) -> dict[str, Param]:
    return {"held": held.size, "size": tree.size}
