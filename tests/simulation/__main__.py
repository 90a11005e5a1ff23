"""Play worlds again: ``python -m tests.simulation SEED [SEED ...]``, or ``FIRST-LAST``."""

import sys
import time

from tests.simulation.world import World


def main(arguments: list[str]) -> int:
    """Play each world; one alone is traced."""
    seeds: list[int] = []
    for argument in arguments:
        first, dash, last = argument.partition("-")
        seeds += range(int(first), int(last) + 1) if dash else [int(first)]
    began, failed, turns, claims = time.perf_counter(), 0, 0, 0
    for seed in seeds:
        world = World(seed, trace=print if len(seeds) == 1 else lambda line: None)
        try:
            world.run()
        except Exception as broken:
            failed += 1
            print(f"world {seed}: {type(broken).__name__}: {broken}")
            if len(seeds) == 1:
                raise
        turns += world.turns
        claims += world.checker.claims_checked
    spent = time.perf_counter() - began
    print(f"{len(seeds)} worlds, {failed} broken, {turns} turns, {claims} claims, {spent:.1f} s")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
