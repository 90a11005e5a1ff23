"""A process that commits until it is killed, and says after each commit which one was durable."""

import sys
from pathlib import Path

from clearline.store.sqlite import SqliteStore
from tests.unit.store.kill_commit import commit_of


def main() -> None:
    store = SqliteStore(Path(sys.argv[1]))
    number = store.journal_end()
    while True:
        store.commit(commit_of(number))
        sys.stdout.write(f"{number}\n")
        sys.stdout.flush()
        number += 1


main()
