"""Two thousand worlds in which everything that may happen happens, and the rule holds.

They are played in lots, so that they can be shared out between processes. A world that breaks
prints its seed and the command that plays it again.
"""

from pathlib import Path

import pytest

from tests.simulation.disk import SqliteDisk
from tests.simulation.world import World

LOTS = 40
IN_A_LOT = 50
ON_FILES = 50
"""Worlds whose nodes keep SQLite databases and mark files."""
LEAST = 2_000
FIRST_LONG = 100_000


def seeds_of(lot: int) -> range:
    """The worlds of a lot."""
    return range(1 + lot * IN_A_LOT, 1 + (lot + 1) * IN_A_LOT)


def test_number_of_worlds_does_not_drop() -> None:
    """At least 2,000 different worlds in memory and 50 on files are played."""
    assert len({seed for lot in range(LOTS) for seed in seeds_of(lot)}) >= LEAST
    assert ON_FILES >= 50


@pytest.mark.parametrize("lot", range(LOTS))
def test_every_world_holds(lot: int) -> None:
    """All invariants, after every step and after healing."""
    played = [World(seed).run() for seed in seeds_of(lot)]
    assert len(played) == IN_A_LOT
    assert sum(world.checker.claims_checked for world in played) > 500, "nothing was claimed"
    assert sum(world.checker.kept_checked for world in played) > 500, "nothing was kept"
    assert sum(world.cries > 0 for world in played) > 10, "nobody cried while a record was read"


@pytest.mark.parametrize("lot", range(5))
def test_every_world_on_files_holds(lot: int, tmp_path: Path) -> None:
    """The same on SQLite databases and mark files."""
    share = ON_FILES // 5
    for seed in range(10_001 + lot * share, 10_001 + (lot + 1) * share):
        place = tmp_path / str(seed)
        world = World(seed, make_disk=lambda party, at=place: SqliteDisk(at / party))
        world.run()
        for box in world.boxes.values():
            box.disk.close()


@pytest.mark.long
@pytest.mark.parametrize("lot", range(400))
def test_every_further_world_holds(lot: int) -> None:
    """Twenty thousand more."""
    for seed in range(FIRST_LONG + lot * 50, FIRST_LONG + (lot + 1) * 50):
        World(seed).run()
