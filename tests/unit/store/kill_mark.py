"""A process that raises a mark until it is killed, and says after each which size is marked."""

import sys
from pathlib import Path

from clearline.node.ports import Mark
from clearline.store.highwater import FileHighWater
from tests.store_cases import FEED, LINE


def main() -> None:
    marks = FileHighWater(Path(sys.argv[1]))
    held = marks.read(LINE, FEED)
    size = held.size + 1 if held is not None else 0
    while True:
        marks.write(LINE, FEED, Mark(size=size, root=b"r" * 32))
        sys.stdout.write(f"{size}\n")
        sys.stdout.flush()
        size += 1


main()
