"""Real nodes for tests of the API: parties with keys on disk, SQLite in a folder, uvicorn on a port
that the system chose, each node in a thread with a loop of its own."""

import asyncio
import shutil
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic

import httpx2
from typer.testing import CliRunner

from clearline.api.people import Person, Role, digest_of, new_token, read_people, write_people
from clearline.api.sign_ins import new_link
from clearline.assembly import Node, open_node
from clearline.cli.founding import found_node
from clearline.cli.main import build
from clearline.client import Client
from clearline.config import read_config
from clearline.model.entry import Notice
from clearline.model.ids import LineId
from clearline.model.space import Disc, Height, HeightRef, LatLon, Volume
from clearline.model.time import HOUR, MINUTE, Instant
from clearline.node.ports import JournalRecord
from clearline.node.runtime import Clock
from clearline.store.disk import write_whole

READY_S = 20.0
"""Far more than a node needs to start; a test that waits this long has failed."""


def cli(*arguments: str, code: int = 0) -> str:
    """Run the command line in this process; what it printed."""
    found = CliRunner().invoke(build(arguments), list(arguments), prog_name="clearline")
    assert found.exit_code == code, f"{arguments} gave {found.exit_code}: {found.output}"
    return found.output


def make_parties(folder: Path, *parties: str) -> Path:
    """Party folders and terms that all have signed; gives the terms' file."""
    for party in parties:
        name = f"Party {party}"
        cli("party", "new", party, "--name", name, "--dir", str(folder / party), "--no-passphrase")
    cards = [each for party in parties for each in ("--party", str(folder / party / "card.json"))]
    cli("agreement", "draft", "bilateral-air", *cards, "-o", str(folder / "line.toml"))
    cli("agreement", "sign", str(folder / "line.toml"), "--as", str(folder / parties[0]))
    for party in parties[1:]:
        cli("agreement", "sign", str(folder / "line.json"), "--as", str(folder / party))
    return folder / "line.json"


@dataclass
class Running:
    """A node that runs in a thread."""

    folder: Path
    address: str
    node: Node
    line: LineId
    _loop: asyncio.AbstractEventLoop
    _stop: asyncio.Event
    _thread: threading.Thread
    _failed: list[BaseException] = field(default_factory=list)

    def token(self, role: str = "watch") -> str:
        """The token that a role was given."""
        path = self.folder / "tokens" / f"{role}.token"
        if not path.exists():
            add_person(self.folder, Role(role), role)
        return path.read_text().strip()

    def client(self, role: str = "watch") -> Client:
        """A client in a role."""
        return Client(self.address, self.token(role))

    def http(self, role: str | None = "watch") -> httpx2.Client:
        """A bare HTTP client with a role's token, or none."""
        headers = {"authorization": f"Bearer {self.token(role)}"} if role is not None else {}
        return httpx2.Client(base_url=self.address, headers=headers, trust_env=False, timeout=20)

    def link(self, role: str = "watch") -> str:
        """The code of a fresh one-time link for whoever has a role's token."""
        self.token(role)
        placed = read_config(self.folder)
        who = next(p for p in read_people(placed.tokens) if p.role == role)
        return new_link(placed.sign_ins, who, self.now(), write_whole)

    def page(self, role: str | None = "watch") -> httpx2.Client:
        """What a browser sends from the console, signed in by a link, or not yet."""
        headers = {"origin": self.address, "x-clearline-console": "1"}
        cookies = dict[str, str]()
        if role is not None:
            with self.page(None) as signing_in:
                answer = signing_in.post("/v1/session", json={"link": self.link(role)})
                assert answer.status_code == 200, answer.text
                cookies = dict(signing_in.cookies)
        return httpx2.Client(
            base_url=self.address, headers=headers, cookies=cookies, trust_env=False, timeout=20
        )

    def now(self) -> Instant:
        """The node's time."""
        return self.node.runtime.now()

    def journal(self, first: int) -> list[JournalRecord]:
        """What the node took in from a place in its journal on."""
        return list(self.node.store.journal(first, 10_000))

    def stop(self) -> None:
        """Stop it and wait until it has gone; what went wrong in it is raised."""
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(READY_S)
        assert not self._thread.is_alive(), "the node does not stop"
        if self._failed:
            raise self._failed[0]


def add_person(
    folder: Path,
    role: Role,
    name: str,
    duties: tuple[str, ...] = (),
    until: Instant | None = None,
) -> str:
    """One more person with a token, kept where the first tokens are."""
    token = new_token()
    people = read_people(folder / "tokens.json")
    person = Person(
        person=name, role=role, sha256=digest_of(token), made=Instant(0),
        duties=duties or ("watch-officer",), until=until,
    )  # fmt: skip
    (folder / "tokens.json").write_bytes(write_people((*people, person)))
    (folder / "tokens" / f"{name}.token").write_text(token)
    return token


def start(folder: Path, clock: Clock | None = None) -> Running:
    """Start the node of a folder."""
    node = open_node(folder, clock=clock)
    loop, stop = asyncio.new_event_loop(), asyncio.Event()
    ready, address, failed = threading.Event(), [""], list[BaseException]()

    def tell(text: str) -> None:
        address[0] = text
        ready.set()

    def live() -> None:
        try:
            with asyncio.Runner(loop_factory=lambda: loop) as runner:
                runner.run(node.run(stop, tell))
        except BaseException as error:  # handed to the test
            failed.append(error)
        finally:
            ready.set()

    thread = threading.Thread(target=live, name=f"node {folder.name}")
    thread.start()
    assert ready.wait(READY_S), "the node does not start"
    if failed:
        thread.join()
        raise failed[0]
    return Running(folder, address[0], node, node.runtime.lines[0], loop, stop, thread, failed)


@contextmanager
def running(folder: Path, clock: Clock | None = None) -> Iterator[Running]:
    """A node for as long as the block lasts."""
    node = start(folder, clock)
    try:
        yield node
    finally:
        node.stop()


def found(
    parties: Path, folder: Path, party: str, *peers: str, listen: str | None = None,
    also: Sequence[Path] = (),
) -> Path:  # fmt: skip
    """A new node's folder beside copies of nothing: it refers to the parties' folders. ``also``:
    terms of further lines."""
    found_node(
        folder, parties / party, agreements=[parties / "line.json", *also],
        documents=[parties / peer for peer in peers], now=Clock().now(), api="127.0.0.1:0",
        listen=listen,
    )  # fmt: skip
    return folder


def notice(
    now: Instant, lat: float = 34.5, lon: float = 35.2, *, label: str = "area",
    cls: str = "hazardous-air", radius_km: float = 10, operation: str | None = None,
    in_minutes: int = 60,
) -> Notice:  # fmt: skip
    """A notice an hour ahead, one hour long."""
    return Notice(
        cls=cls,
        label=label,
        operation=operation,
        volumes=(
            Volume(
                footprint=Disc(
                    centre=LatLon(round(lat * 1e7), round(lon * 1e7)),
                    radius_mm=round(radius_km * 1e6),
                ),
                lower=Height(ref=HeightRef.FL, mm=100 * 30_480),
                upper=Height(ref=HeightRef.FL, mm=200 * 30_480),
                start=Instant(now + in_minutes * MINUTE),
                end=Instant(now + in_minutes * MINUTE + HOUR),
            ),
        ),
    )


GIVE_UP_S = 180
"""After this long a red test is better than one that holds up all the others."""


def until(client: Client, holds: Callable[[], bool]) -> None:
    """Wait for something, looking again whenever the node says that anything changed."""
    if holds():
        return
    given_up = monotonic() + GIVE_UP_S
    for _ in client.events(tries=3):
        if holds():
            return
        if monotonic() > given_up:
            break
    raise AssertionError("it never came about")


DESKS = """
[[desks]]
name = "north"
roles = ["watch-officer"]

[[desks]]
name = "chief"
roles = ["duty-senior"]

[[desks]]
name = "drill"
exercise = true
"""
"""Three desks: two that are called, and one for exercises."""


def add_desks(folder: Path) -> None:
    """Give a node three desks, before it runs."""
    config = folder / "node.toml"
    config.write_text(config.read_text().replace("[channels.desk]", f"{DESKS}\n[channels.desk]"))


def copy_parties(parties: Path, to: Path) -> Path:
    """The parties' folders, to change."""
    shutil.copytree(parties, to)
    return to
