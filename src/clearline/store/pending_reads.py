"""Reads that are not in the private desk record yet, so that a node that is killed loses none.

A read costs no turn of the node (ADR 0022): it is gathered for minutes. Meanwhile a line for each
stands here, written before the answer goes out. It is not forced onto the disk: a killed process
loses nothing, a machine that loses its power may lose its last seconds. A disk that is full stops
no read: who looks for a conflict is not sent away for want of a log.
"""

import os
from pathlib import Path
from typing import Final

from clearline.store.keyfile import PRIVATE_MODE

BYTES_MAX: Final = 16 << 20
"""Forty people for five minutes fill a tenth; beyond it reads are gathered in memory alone."""


class PendingReads:
    """Two files: reads since they were last handed in (``path``), and those that are handed in and
    not known to be durable yet (beside it, ending in ``.given``)."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._given = path.with_name(path.name + ".given")
        self._size = 0
        self._file: int | None = None

    def left(self) -> list[bytes]:
        """What an earlier process left behind: lines, a torn last one left out. To be asked once,
        before anything is added."""
        found: list[bytes] = []
        for path in (self._given, self._path):
            try:
                raw = path.read_bytes()
            except FileNotFoundError:
                continue
            found += [line for line in raw.split(b"\n")[:-1] if line]
        return found

    def add(self, line: bytes) -> None:
        """One read, before it is answered. Never raises: see above."""
        if self._size + len(line) >= BYTES_MAX:
            return
        try:
            if self._file is None:
                flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT
                self._file = os.open(self._path, flags, PRIVATE_MODE)
            self._size += os.write(self._file, line + b"\n")
        except OSError:
            self.close()

    def give(self) -> None:
        """What was added is handed in to the node; what is added from now on stands apart."""
        self.close()
        if not self._path.exists():
            return
        if self._given.exists():  # handed in before, and not known to be durable: it stays with it
            with self._given.open("ab") as given:
                given.write(self._path.read_bytes())
            self._path.unlink()
        else:
            self._path.replace(self._given)

    def kept(self) -> None:
        """What was handed in is durable."""
        self._given.unlink(missing_ok=True)

    def close(self) -> None:
        """Let go of the file."""
        if self._file is not None:
            os.close(self._file)
        self._file, self._size = None, 0
