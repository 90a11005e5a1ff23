"""What a node does depends on what it was given, not on the order in which a hash keeps it."""

import os
import subprocess
import sys
from pathlib import Path

SCRIPT = """
import hashlib
import msgspec
from clearline.model.entry import Notice, Stop, Withdraw, Precedence
from clearline.node.inbound import Ticked
from clearline.node.snapshot import write_parts
from tests.town import HOUR, Town, at, disc, level, volume

def notice(lat, start=60):
    return Notice(cls="hazardous-air", label="x", volumes=(
        volume(disc(lat, 35.0, 10), at(start), at(start + 60), level(100), level(200)),))

town = Town(("AAA", "BBB", "CCC", "DDD"))
refs = {}
for n, party in enumerate(town.parties):
    refs[party] = town.say(party, notice(34.0 + n / 50), notice(34.05), notice(40.0, start=-30))
town.settle()
town.say("AAA", Stop(), prec=Precedence.FLASH)
town.say("BBB", Withdraw(versions=refs["BBB"]))
del town.nodes["DDD"]
for _ in range(4):
    town.wait(HOUR)
    town.tick()
digest = hashlib.sha256()
for party, node in sorted(town.nodes.items()):
    for part in sorted(write_parts(node.state, part_bytes=1)):
        digest.update(part)
    for record in node.store.journal(0, 100_000):
        digest.update(record.data)
    for intent in (one for who, one in town.rung if who == party):
        digest.update(repr(intent).encode())
    for key, trouble in sorted(node.state.troubles.items()):
        digest.update(repr((key, trouble)).encode())
    for party in town.parties:
        for ref in refs[party][1:] if party != "BBB" else ():
            digest.update(repr(town.standing("AAA", ref)).encode())
print(digest.hexdigest())
"""


def test_same_inputs_give_the_same_bytes_under_any_hash_seed() -> None:
    """Records, journals, rings, troubles and standings come out alike in two processes."""
    root = Path(__file__).parents[3]
    found = set()
    for hash_seed in ("1", "2", "3"):
        done = subprocess.run(
            [sys.executable, "-c", SCRIPT],
            env={**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": str(root)},
            cwd=root, capture_output=True, text=True, check=False, timeout=120,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        found.add(done.stdout)
    assert len(found) == 1
