"""A feed written for tests: real keys and hashes, salts and entries made from the index."""

from dataclasses import dataclass, field
from hashlib import sha256

from clearline.ledger.checkpoint import (
    Checkpoint,
    SignedCheckpoint,
    origin_of,
    sign_checkpoint,
)
from clearline.ledger.merkle import Frontier, MemoryHashes, Tree, entry_leaf, new_hashes
from clearline.model.ids import FeedId, LineId
from clearline.signing import SoftwareSigner

LINE = LineId(sha256(b"a line for tests").hexdigest())
ORIGIN = origin_of(LINE, FeedId("ISR.0"))


def signer(name: str = "node key") -> SoftwareSigner:
    """A signer by name: the same name, the same key."""
    return SoftwareSigner(sha256(name.encode()).digest())


def salt(index: int) -> bytes:
    """The salt of the entry at an index."""
    return sha256(b"salt %d" % index).digest()


def entry(index: int, branch: str = "") -> bytes:
    """The bytes of the entry at an index; another branch says something else."""
    return b'{"index":%d,"said":"%s"}' % (index, branch.encode())


def leaf(index: int, branch: str = "") -> bytes:
    """The leaf hash of the entry at an index."""
    return entry_leaf(salt(index), entry(index, branch))


@dataclass
class WrittenFeed:
    """A feed of ``size`` entries that leaves its branch-free form at ``branches_at``."""

    size: int
    branch: str = ""
    branches_at: int = 0
    origin: str = ORIGIN
    signer: SoftwareSigner = field(default_factory=signer)
    hashes: MemoryHashes = field(default_factory=MemoryHashes)

    def __post_init__(self) -> None:
        self.leaves = [
            leaf(i, self.branch if i >= self.branches_at else "") for i in range(self.size)
        ]
        self.hashes.add(new_hashes(Frontier(), self.leaves))
        self.tree = Tree(self.hashes)

    def at(self, size: int) -> Checkpoint:
        """The checkpoint of the first ``size`` entries."""
        return Checkpoint(origin=self.origin, size=size, root=self.tree.root(size))

    def signed(self, size: int) -> SignedCheckpoint:
        """The same, signed."""
        return sign_checkpoint(self.at(size), self.signer)
