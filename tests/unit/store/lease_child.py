"""A process that takes the lease, says its number, and commits once for each line it is sent."""

import sys
from pathlib import Path

from clearline.node.ports import Commit, LeaseHeld, StaleFence
from clearline.store.lease import FileLease
from clearline.store.sqlite import SqliteStore
from tests.store_cases import FEED, LINE, entry


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def main() -> None:
    store = SqliteStore(Path(sys.argv[1]))
    try:
        lease = FileLease(Path(sys.argv[2]), store)
    except LeaseHeld:
        say("held")
        return
    say(str(lease.fence))
    for _ in sys.stdin:
        index = store.entry_count(LINE, FEED)
        try:
            store.commit(Commit(fence=lease.fence, entries=(entry(index),)))
            say(f"wrote {index}")
        except StaleFence:
            say("stale")


main()
