"""A line of one's own to try things on: parties with keys, signed terms, nodes in processes.

Everything is on loopback and in one folder; the line is marked as an exercise, so that nothing of
it can ever be read as real.
"""

import os
import queue
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Final

from clearline.api.people import Person, Role, digest_of, read_people, write_people
from clearline.cli.agreement import DATA
from clearline.cli.founding import found_node
from clearline.cli.inviting import link_for
from clearline.cli.output import now
from clearline.cli.party import fill_party
from clearline.client import Client
from clearline.config import FILE, read_config
from clearline.model.ids import LineId, PartyId
from clearline.model.refusal import Refusal
from clearline.model.terms import Agreement
from clearline.model.time import Instant
from clearline.signing import SoftwareSigner
from clearline.store import keyfile
from clearline.store.party_files import PartyFiles
from clearline.trust.agreement import sign_agreement
from clearline.trust.draft import compile_draft, fill_template
from clearline.trust.party import PartyCard

PORTS: Final = range(20_000, 32_000)
READY_S: Final = 20.0
STOP_S: Final = 10.0
FIXED: Final = "clt_sandbox_{party}_{role}"
"""Tokens that integrators can write into their tests; for a sandbox on loopback only."""


ENDING: Final = tuple(
    signal.Signals[name] for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)
)
"""Ctrl-C, a polite end, and the terminal being closed."""


class SandboxBroken(Exception):
    """A part of the sandbox did not start; the text says which, and why."""


@dataclass(slots=True)
class Running:
    """One node's process."""

    party: PartyId
    folder: Path
    process: "subprocess.Popen[str]"
    url: str
    token: str


@dataclass(slots=True)
class Sandbox:
    """Parties, a line and nodes, under one folder. Use ``stop`` in the end."""

    folder: Path
    names: Mapping[PartyId, str]
    now: Instant
    fixed_tokens: bool = False
    line: LineId = field(init=False)
    running: dict[PartyId, Running] = field(default_factory=dict)
    _taken: set[int] = field(default_factory=set)

    # -- making it

    def make(self) -> None:
        """Keys and cards, terms that all sign, and a node each."""
        cards = [self._party(party) for party in self.names]
        terms = self._terms(cards)
        ports = {party: free_port(self._taken) for party in self.names}
        for party in self.names:
            self._node(party, terms, ports)

    def _party(self, party: PartyId) -> PartyCard:
        folder = self.folder / "parties" / party.lower()
        folder.mkdir(parents=True, mode=0o700)
        return fill_party(PartyFiles(folder), party, self.names[party], None, as_json=False)

    def _terms(self, cards: list[PartyCard]) -> Path:
        """The humanitarian template as an exercise, signed by every root key."""
        template = (
            files("clearline.trust.templates").joinpath("humanitarian.toml").read_text("utf-8")
        )
        text = fill_template(template, cards, self.now, DATA)
        agreement = compile_draft(text.replace("exercise = false", "exercise = true"))
        if not isinstance(agreement, Agreement):
            raise SandboxBroken(f"the template is not valid: {agreement[0].at}")
        roots = [self._root(card) for card in cards]
        raw = sign_agreement(agreement, *roots)
        if isinstance(raw, Refusal):
            raise SandboxBroken(f"the terms were not signed: {raw.code}")
        path = self.folder / "line.json"
        keyfile.create(path, raw)
        return path

    def _root(self, card: PartyCard) -> SoftwareSigner:
        files_ = PartyFiles(self.folder / "parties" / card.id.lower())
        root = keyfile.read_key(files_.key_path("root", card.root_key))
        if isinstance(root, Refusal):
            raise SandboxBroken(f"the root key of {card.id} cannot be read: {root.code}")
        return root

    def _node(self, party: PartyId, terms: Path, ports: Mapping[PartyId, int]) -> None:
        """A node that listens, and calls those that were made before it: one end is enough."""
        folder = self.folder / "nodes" / party.lower()
        parties = self.folder / "parties"
        founded = found_node(
            folder, parties / party.lower(), agreements=[terms],
            documents=[parties / other.lower() for other in self.names if other != party],
            now=self.now, api=f"127.0.0.1:{free_port(self._taken)}",
            listen=f"127.0.0.1:{ports[party]}",
            person=f"{party.lower()}-watch",
        )  # fmt: skip
        self.line = founded.lines[0]
        before = list(self.names)[: list(self.names).index(party)]
        peers = "".join(f'{other} = "127.0.0.1:{ports[other]}"\n' for other in before)
        config = folder / FILE
        text = config.read_text("utf-8").replace("[link.peers]\n", f"[link.peers]\n{peers}", 1)
        keyfile.replace(config, text.encode())
        if self.fixed_tokens:
            self._fix_tokens(folder, party)

    def _fix_tokens(self, folder: Path, party: PartyId) -> None:
        people = []
        for role in (Role.WATCH, Role.COMMANDER, Role.ADMINISTRATOR):
            token = FIXED.format(party=party.lower(), role=role.value)
            name = f"{party.lower()}-{role.value}"
            people.append(
                Person(
                    person=name,
                    role=role,
                    sha256=digest_of(token),
                    made=self.now,
                    duties=("watch-officer",),
                )
            )
            keyfile.replace(folder / "tokens" / f"{role.value}.token", f"{token}\n".encode(), 0o600)
        keyfile.replace(folder / "tokens.json", write_people(tuple(people)), 0o600)

    # -- running it

    def start(self) -> None:
        """Start every node, at once, and wait until each says where its API is."""
        starting = {party: self._spawn(party) for party in self.names}
        for party, (folder, process) in starting.items():
            url = _address(process)
            if url is None:
                log = (folder / "node.log").read_text("utf-8", "replace").splitlines()
                why = log[-1] if log else "it said nothing"
                raise SandboxBroken(f"the node of {party} does not start: {why}")
            token = (folder / "tokens" / "watch.token").read_text("utf-8").strip()
            self.running[party].url, self.running[party].token = url, token

    def _spawn(self, party: PartyId) -> tuple[Path, "subprocess.Popen[str]"]:
        """A process of its own session: Ctrl-C is for the one who started us, who then stops it."""
        folder = self.folder / "nodes" / party.lower()
        with (folder / "node.log").open("ab") as log, undisturbed():
            process = subprocess.Popen(  # noqa: S603 -- our own interpreter and module
                [sys.executable, "-m", "clearline", "node", "run", str(folder), "--quiet"],
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log, text=True,
                start_new_session=True,
            )  # fmt: skip
            self.running[party] = Running(party, folder, process, url="", token="")
        return folder, process

    def client(self, party: PartyId) -> Client:
        """A client of a party's node, with its watch's token."""
        node = self.running[party]
        return Client(node.url, node.token)

    def console(self, party: PartyId) -> str:
        """A fresh one-time link that signs the party's watch in at its console."""
        node = self.running[party]
        placed = read_config(node.folder)
        watch = next(each for each in read_people(placed.tokens) if each.role is Role.WATCH)
        return link_for(placed, watch, now(), node.url)

    def stop(self) -> None:
        """End every node, politely, then surely."""
        for node in self.running.values():
            with suppress(ProcessLookupError):
                node.process.send_signal(signal.SIGTERM)
        for node in self.running.values():
            try:
                node.process.wait(STOP_S)
            except subprocess.TimeoutExpired:
                node.process.kill()
                node.process.wait(STOP_S)
            if node.process.stdout is not None:
                node.process.stdout.close()


@contextmanager
def undisturbed() -> Iterator[None]:
    """What would stop us comes after the block: a process that was started is then known, and is
    not left behind. In the main thread, where signals come; elsewhere none do."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    came: list[int] = []
    before = {n: signal.signal(n, lambda number, _: came.append(number)) for n in ENDING}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        if came:
            signal.raise_signal(came[0])


def free_port(taken: set[int]) -> int:
    """A port of this machine that is free now and not ``taken``, to which it is added. Below those
    that systems hand out to outgoing connections, so that none gets it before the node does."""
    first = PORTS.start + os.getpid() * 16 % len(PORTS)
    ports: list[int] = [*range(first, PORTS.stop), *range(PORTS.start, first)]
    for port in ports:
        if port in taken:
            continue
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        taken.add(port)
        return port
    raise SandboxBroken("no port of this machine is free")


def _address(process: "subprocess.Popen[str]") -> str | None:
    """The address that a node prints when its API is open; None if it ended or said nothing."""
    lines: queue.SimpleQueue[str] = queue.SimpleQueue()

    def read() -> None:
        assert process.stdout is not None, "it was opened with a pipe"
        lines.put(process.stdout.readline())

    threading.Thread(target=read, daemon=True).start()
    try:
        found = lines.get(timeout=READY_S)
    except queue.Empty:
        return None
    word, _, url = found.strip().partition(" ")
    return url if word == "API" else None


__all__ = ["ENDING", "FIXED", "Running", "Sandbox", "SandboxBroken", "free_port"]
