"""Whether a party shows one record to all: gossiped checkpoints judged, forks proved.

A fork is proved by two checkpoints that the feed's keys have signed and one Merkle proof: the
longer tree begins with a tree of the shorter one's size whose root is another. Since the beginning
of a tree is fixed by its root, no honest record has both. Anybody can check it offline with the
keys alone. A consistency proof that fails proves nothing: whoever carried it can have spoilt it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import msgspec

from clearline.ledger.checkpoint import SignedCheckpoint, verify_checkpoint
from clearline.ledger.merkle import HashReader, Tree, verify_consistency
from clearline.model.refusal import Code, Refusal
from clearline.signing import PublicKey


class Fork(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Two checkpoints of one origin that contradict each other, as anybody can check.

    ``proof`` is consistent from (size of ``shorter``, ``beginning``) to ``longer``; with equal
    sizes it is empty and ``beginning`` is the longer's root.
    """

    shorter: bytes
    longer: bytes
    beginning: bytes
    proof: tuple[bytes, ...]


class Verdict(StrEnum):
    """What a gossiped checkpoint is, beside what is held."""

    SAME = "same"
    BEHIND = "behind"  # a beginning of what is held, from one who has not heard more yet
    ROLLED_BACK = "rolled-back"  # a beginning of what is held, from the author: he lost the rest
    AHEAD = "ahead"  # longer than what is held: keep it, ask for the entries or a proof
    FORK = "fork"


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """What is held of a feed: a verified checkpoint, and the stored hashes of all its leaves."""

    signed: SignedCheckpoint
    hashes: HashReader


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """The verdict; with FORK, and only then, its proof."""

    verdict: Verdict
    fork: Fork | None = None


def judge(held: Held, gossiped: SignedCheckpoint, *, newest_of_author: bool) -> Judgement:
    """Judge a verified checkpoint of the same feed (CL-LED-017).

    ``newest_of_author`` says that the feed's own author presents it as his newest one: then a
    shorter one is no delay but ROLLED_BACK, as after a restore from an old copy. AHEAD cannot be
    decided by what is held: it is judged again when the entries up to its size have come.
    """
    ours, theirs = held.signed.checkpoint, gossiped.checkpoint
    assert ours.origin == theirs.origin, "both were verified against one origin"
    if theirs.size > ours.size:
        return Judgement(verdict=Verdict.AHEAD)
    tree = Tree(held.hashes)
    beginning = ours.root if theirs.size == ours.size else tree.root(theirs.size)
    if theirs.root != beginning:
        fork = Fork(
            shorter=gossiped.text,
            longer=held.signed.text,
            beginning=beginning,
            proof=tree.consistency(theirs.size, ours.size),
        )
        return Judgement(verdict=Verdict.FORK, fork=fork)
    if theirs.size == ours.size:
        return Judgement(verdict=Verdict.SAME)
    return Judgement(verdict=Verdict.ROLLED_BACK if newest_of_author else Verdict.BEHIND)


def verify_fork(
    fork: Fork, *, origin: str, keys: Sequence[PublicKey]
) -> tuple[SignedCheckpoint, SignedCheckpoint] | Refusal:
    """The shorter and the longer checkpoint of a fork that somebody claims, when it is one
    (CL-LED-016).

    ``keys`` are those that spoke for the feed at these sizes: a checkpoint beyond the end of its
    key is void, and its key is left out by the caller.
    """
    shorter = verify_checkpoint(fork.shorter, origin=origin, keys=keys)
    if isinstance(shorter, Refusal):
        return shorter
    longer = verify_checkpoint(fork.longer, origin=origin, keys=keys)
    if isinstance(longer, Refusal):
        return longer
    old, new = shorter.checkpoint, longer.checkpoint
    begins = verify_consistency(old.size, fork.beginning, new.size, new.root, fork.proof)
    if not begins or fork.beginning == old.root:
        return Refusal(
            code=Code.BAD_PROOF,
            clause="CL-LED-016",
            params={"shorter": old.size, "longer": new.size},
        )
    return shorter, longer
