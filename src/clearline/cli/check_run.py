"""A check while it runs: its sources, how far it has come, and Ctrl-C.

The first Ctrl-C ends the reading: what was read by then is answered, and the answer says so. The
second ends the command. A read that waits for a pipe ends at the first one.
"""

import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import BinaryIO, Final

from clearline.cli.getting_ready import uncompiled
from clearline.plan.source import Lines

_HEAD_BYTES: Final = 16
_BAR_CHARS: Final = 40
_PROGRESS_EVERY_S: Final = 0.25
_PROGRESS_AFTER_S: Final = 1.0


class Running:
    """One check. Says on a terminal how far it has come, once it takes more than a second."""

    def __init__(self) -> None:
        self.stopped = False
        self._waits = False
        self.source: Watched | None = None
        self._shows = sys.stderr.isatty()
        self._began = self._said = time.monotonic()

    @contextmanager
    def until_stopped(self) -> Iterator[None]:
        """Within, Ctrl-C is heard. In the end the line is left as it was."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = signal.signal(signal.SIGINT, self._stop)
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, before)
            self.say_nothing()

    def _stop(self, _signal: int, _frame: FrameType | None) -> None:
        again, self.stopped = self.stopped, True
        if again or self._waits:
            raise KeyboardInterrupt

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """Within, a read may wait for as long as it likes: the first Ctrl-C raises already."""
        self._waits = True
        try:
            yield
        finally:
            self._waits = False

    def go_on(self) -> bool:
        """Whether the next item is to be read."""
        if self.source is not None:
            self.source.items += 1
            self.say(self.source)
        return not self.stopped

    def say(self, source: "Watched") -> None:
        """How far this source was read, now and then."""
        if not self._shows:
            return
        at = time.monotonic()
        if at - self._began > _PROGRESS_AFTER_S and at - self._said > _PROGRESS_EVERY_S:
            self._said = at
            sys.stderr.write(f"\r{source.so_far()}\x1b[K")
            sys.stderr.flush()

    def say_nothing(self) -> None:
        """Leave the line as it was."""
        if self._said > self._began:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()


class Headed:
    """A file of which the beginning was looked at; a pipe cannot be wound back."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.head = self._held = file.read(_HEAD_BYTES)

    def readline(self, limit: int = -1, /) -> bytes:
        """The next line."""
        if not self._held:
            return self._file.readline(limit)
        end = self._held.find(b"\n") + 1
        if end:
            line, self._held = self._held[:end], self._held[end:]
            return line
        line, self._held = self._held, b""
        return line + self._file.readline(limit - len(line) if limit >= 0 else -1)

    def read(self, limit: int = -1, /) -> bytes:
        """The next bytes."""
        held, self._held = self._held, b""
        return held + self._file.read(limit - len(held) if limit >= 0 else -1)


class Watched:
    """A source of a check that runs; ``size`` in bytes, infinite for a pipe. It ends where the
    check is stopped."""

    def __init__(self, source: Lines, size: float, name: str, running: Running) -> None:
        self._source, self._size, self._name = source, size, name
        self._running = running
        self._bytes = self.items = 0

    def readline(self, limit: int = -1, /) -> bytes:
        """The next line."""
        return self._read(self._source.readline, limit)

    def read(self, limit: int = -1, /) -> bytes:
        """The next bytes."""
        return self._read(self._source.read, limit)

    def _read(self, read: Callable[[int], bytes], limit: int) -> bytes:
        running = self._running
        running.source = self
        try:
            with running.waiting():
                found = b"" if running.stopped else read(limit)
        except KeyboardInterrupt:
            return b""
        self._bytes += len(found)
        if found:
            running.say(self)
        else:
            running.say_nothing()
        return found

    def so_far(self) -> str:
        """A bar where the size is known, else how much was read."""
        items = f" {self.items} items" if self.items else ""
        if not 0 < self._size < float("inf"):
            return f"{self._name}: {self._bytes / 1e6:.1f} MB{items}{uncompiled()}"
        share = min(1.0, self._bytes / self._size)
        done = int(share * _BAR_CHARS)
        bar = "#" * done + "." * (_BAR_CHARS - done)
        return f"{self._name}: [{bar}] {share:4.0%}{items}{uncompiled()}"
