"""Two nodes as processes: one floods, the other's desk is open; when each STOP was heard there."""

import os
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from clearline.client import Client, Refused, Unreachable
from clearline.client.events import Alerted
from clearline.model.alert import TroubleKind
from clearline.model.ids import LineId
from tests.api_node import found, make_parties

ROOT = Path(__file__).parents[2]
CHILD = Path(__file__).with_name("stop_child.py")
WAIT_S = 240.0


@dataclass
class Heard:
    """What came of it: STOPs by place with the times when they were handed in, committed, heard
    (seconds, one clock), and how many routine entries there were."""

    handed: dict[str, float] = field(default_factory=dict)
    committed: dict[str, float] = field(default_factory=dict)
    heard: dict[str, float] = field(default_factory=dict)
    routine: int = 0

    def latencies(self) -> list[float]:
        """From committed to the desk's event, seconds, ascending."""
        return sorted(self.heard[ref] - self.committed[ref] for ref in self.committed)


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "src")])}


@contextmanager
def _process(*arguments: str) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, *arguments], env=_environment(), text=True, cwd=ROOT,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip
    try:
        yield process
    finally:
        process.terminate()
        process.communicate()


def _listen(client: Client, into: "queue.SimpleQueue[tuple[float, Alerted]]") -> None:
    try:
        for event in client.events(desk="watch", tries=1):
            if isinstance(event, Alerted) and event.alert.kind is TroubleKind.STOP:
                into.put((time.monotonic(), event))
    except (Unreachable, Refused, RuntimeError, OSError):
        return  # the node has stopped


def play(folder: Path, *, rate: int, seconds: int, stops: int) -> Heard:
    """The whole of it. Raises AssertionError where a STOP is not heard within ``WAIT_S``."""
    make_parties(folder, "ALFA", "BRAVO")
    hears = found(folder, folder / "bravo", "BRAVO", "ALFA", listen="127.0.0.1:0")
    with _process("-m", "clearline", "node", "run", str(hears), "--quiet") as bravo:
        assert bravo.stdout is not None
        api = _said(bravo.stdout, "API")
        link = _said(bravo.stdout, "link")
        pleads = found(folder, folder / "alfa", "ALFA", "BRAVO")
        config = pleads / "node.toml"
        text = config.read_text().replace("[link.peers]", f'[link.peers]\nBRAVO = "{link}"')
        config.write_text(text)
        with (
            _process(str(CHILD), str(pleads), str(rate), str(seconds), str(stops)) as alfa,
            Client(api, (hears / "tokens" / "watch.token").read_text().strip()) as client,
        ):
            return _played(alfa, client, stops)


def _said(out: IO[str], word: str) -> str:
    """The address that a node prints."""
    while line := out.readline():
        if line.startswith(word):
            return line.split()[1].strip()
    raise AssertionError(f"no {word}")


def _played(alfa: "subprocess.Popen[str]", client: Client, stops: int) -> Heard:
    assert alfa.stdout is not None
    assert alfa.stdin is not None
    assert alfa.stdout.readline().strip() == "ready"
    line, found_ = client.lines()[0].line, Heard()
    _until_joined(client, line)
    events: queue.SimpleQueue[tuple[float, Alerted]] = queue.SimpleQueue()
    desk = threading.Thread(target=_listen, args=(client, events), daemon=True)
    desk.start()
    alfa.stdin.write("go\n")
    alfa.stdin.flush()
    reader = threading.Thread(target=_read, args=(alfa.stdout, found_), daemon=True)
    reader.start()
    left = time.monotonic() + WAIT_S
    while len(found_.heard) < stops:
        at, event = events.get(timeout=max(0.1, left - time.monotonic()))
        for ref in event.alert.about:
            if str(ref) not in found_.heard:
                found_.heard[str(ref)] = at
    reader.join(WAIT_S)
    assert not reader.is_alive(), "the flood does not end"
    return found_


def _read(out: IO[str], into: Heard) -> None:
    while words := out.readline().split():
        if words[0] == "stop":
            into.handed[words[1]] = float(words[2])
            into.committed[words[1]] = float(words[3])
        elif words[0] == "done":
            into.routine = int(words[1])
            return


def _until_joined(client: Client, line: LineId) -> None:
    """The peer's record has begun here."""
    for _, _ in zip(client.events(tries=3), range(200), strict=False):
        if any(peer.joined for peer in client.lines()[0].peers):
            return
    raise AssertionError(f"{line}: the peer never joined")


__all__ = ["Heard", "play"]
