"""What the record costs: appends, proofs, signatures. Prints one JSON object; ends within 20 s.

    python benchmarks/bench_ledger.py

Medians over repeated runs on one core, the same leaves each time. Budgets are goals: a figure over
its budget is named under ``over_budget`` and makes the exit status 1.
"""

import json
import platform
import statistics
import sys
from collections.abc import Callable
from hashlib import sha256
from time import perf_counter

from clearline.ledger.checkpoint import Checkpoint, origin_of, sign_checkpoint, verify_checkpoint
from clearline.ledger.feed import extend_stored
from clearline.ledger.merkle import (
    Frontier,
    MemoryHashes,
    Tree,
    entry_leaf,
    new_hashes,
    verify_consistency,
    verify_inclusion,
)
from clearline.model.ids import FeedId, LineId
from clearline.signing import PublicKey, SoftwareSigner, is_prime_order, verify

LEAVES = 100_000
PLACES = 2_000
ROUNDS = 7
BUDGET_US = {"inclusion_proof_us": 50.0}


def seconds(run: Callable[[], object]) -> float:
    """Median duration of a run."""
    durations = []
    for _ in range(ROUNDS):
        start = perf_counter()
        run()
        durations.append(perf_counter() - start)
    return statistics.median(durations)


def each_us(run: Callable[[int], object], times: int) -> float:
    """Median duration of one call in microseconds, over calls timed singly."""
    durations = []
    for at in range(times):
        start = perf_counter()
        run(at)
        durations.append(perf_counter() - start)
    return statistics.median(durations) * 1e6


def trees() -> dict[str, float]:
    """Appending and proving in a feed of LEAVES entries."""
    leaves = [sha256(b"%d" % i).digest() for i in range(LEAVES)]
    rows = list(new_hashes(Frontier(), leaves))
    tree = Tree(MemoryHashes(rows))
    root = tree.root(LEAVES)
    places = [int.from_bytes(leaves[i][:4], "big") % (LEAVES - 1) for i in range(PLACES)]
    inclusions = [tree.inclusion(at, LEAVES) for at in places]
    paths = [tree.consistency(at + 1, LEAVES) for at in places]
    roots = [tree.root(at + 1) for at in places]
    one_by_one = leaves[:10_000]

    def append_each() -> None:
        frontier = Frontier()
        for leaf in one_by_one:
            frontier = frontier.append(leaf)

    def inclusion_verified(at: int) -> None:
        index = places[at]
        assert verify_inclusion(leaves[index], index, LEAVES, inclusions[at], root)

    def consistency_verified(at: int) -> None:
        assert verify_consistency(places[at] + 1, roots[at], LEAVES, root, paths[at])

    return {
        "appends_per_s": LEAVES / seconds(lambda: Frontier().extend(leaves)),
        "appends_one_by_one_per_s": len(one_by_one) / seconds(append_each),
        "stored_hashes_appends_per_s": LEAVES
        / seconds(lambda: sum(1 for _ in new_hashes(Frontier(), leaves))),
        "inclusion_proof_us": each_us(lambda at: tree.inclusion(places[at], LEAVES), PLACES),
        "consistency_proof_us": each_us(
            lambda at: tree.consistency(places[at] + 1, LEAVES), PLACES
        ),
        "verify_inclusion_us": each_us(inclusion_verified, PLACES),
        "verify_consistency_us": each_us(consistency_verified, PLACES),
        "entry_leaf_1kB_us": each_us(lambda at: entry_leaf(bytes(32), bytes(1024)), PLACES),
    }


def signatures() -> dict[str, float]:
    """Keys, signatures, checkpoints, and one entry received under its checkpoint."""
    signer = SoftwareSigner(sha256(b"bench").digest())
    message = b"m" * 180
    signature = signer.sign(message)
    origin = origin_of(LineId(sha256(b"line").hexdigest()), FeedId("ISR.0"))
    held = Frontier().extend(sha256(b"%d" % i).digest() for i in range(1_000))
    leaf = sha256(b"next").digest()
    longer = held.append(leaf)
    checkpoint = Checkpoint(origin=origin, size=longer.size, root=longer.root)
    signed = sign_checkpoint(checkpoint, signer)
    fresh = [SoftwareSigner(sha256(b"k%d" % i).digest()).public.raw for i in range(ROUNDS * 20)]

    def receive(_: int) -> None:
        got = verify_checkpoint(signed.text, origin=origin, keys=[signer.public])
        assert got == signed
        extend_stored(held, signed, [leaf])

    return {
        "sign_us": each_us(lambda at: signer.sign(message), PLACES),
        "verify_us": each_us(lambda at: verify(signer.public, message, signature), PLACES),
        "key_check_first_time_us": each_us(
            lambda at: is_prime_order(PublicKey(fresh[at])), len(fresh)
        ),
        "sign_checkpoint_us": each_us(lambda at: sign_checkpoint(checkpoint, signer), PLACES),
        "receive_one_entry_us": each_us(receive, PLACES),
    }


def main() -> int:
    """Measure, print, and say by the exit status whether the budgets hold."""
    figures = {name: round(value, 1) for name, value in (trees() | signatures()).items()}
    over = [name for name, budget in BUDGET_US.items() if figures[name] > budget]
    result = {
        "benchmark": "ledger",
        "python": platform.python_version(),
        "machine": platform.machine(),
        "leaves": LEAVES,
        "medians": figures,
        "budgets_us": BUDGET_US,
        "over_budget": over,
    }
    print(json.dumps(result, indent=1))
    return 1 if over else 0


if __name__ == "__main__":
    sys.exit(main())
