"""Two parties' real nodes on a line, and a real browser: one page signed in at each.

Nothing sleeps: what must come about is waited for where it shows. The nodes and the browser serve a
whole module; a test that must not leave anything behind makes its own context.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Locator,
    Page,
    TimeoutError,
    expect,
    sync_playwright,
)

from clearline.client import Client
from clearline.model.entry import Withdraw
from tests.api_node import Running, found, make_parties, running

CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = (
    "--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu",
    "--autoplay-policy=user-gesture-required",
)  # fmt: skip
WAIT_MS = 30_000
"""Far more than a page needs on a busy machine; a test that waits this long has failed."""
expect.set_options(timeout=WAIT_MS)
DESKTOP = (1440, 900)
TABLET = (1024, 768)


@dataclass(frozen=True)
class Pair:
    """Two nodes of one line, linked."""

    alfa: Running
    bravo: Running


@dataclass
class Desk:
    """One signed-in page and what it complained of."""

    page: Page
    node: Running
    complaints: list[str]

    def see(self, text: str) -> None:
        """Wait until a text is to be seen."""
        self.page.get_by_text(text).first.wait_for(state="visible", timeout=WAIT_MS)

    def state(self, script: str) -> object:
        """What a script in the page gives."""
        return self.page.evaluate(script)


@pytest.fixture(scope="session")
def parties(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folders of ALFA and BRAVO, and a line that both have signed."""
    folder = tmp_path_factory.mktemp("parties")
    make_parties(folder, "ALFA", "BRAVO")
    return folder


@contextmanager
def linked(parties: Path, folder: Path, *also: Path) -> Iterator[Pair]:
    """ALFA calls BRAVO; both run until the block ends. ``also``: terms of further lines."""
    bravo_folder = found(
        parties, folder / "bravo", "BRAVO", "ALFA", listen="127.0.0.1:0", also=also
    )
    alfa_folder = found(parties, folder / "alfa", "ALFA", "BRAVO", also=also)
    with running(bravo_folder) as bravo:
        host, port = bravo.node.links.addresses[0]
        config = alfa_folder / "node.toml"
        text = config.read_text().replace("[link.peers]", f'[link.peers]\nBRAVO = "{host}:{port}"')
        config.write_text(text)
        with running(alfa_folder) as alfa:
            yield Pair(alfa, bravo)


@pytest.fixture(scope="module")
def pair(parties: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    """The module's two nodes; each test leaves them usable for the next."""
    with linked(parties, tmp_path_factory.mktemp("pair")) as both:
        yield both


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for all tests of a process."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=list(ARGUMENTS))
        yield chromium
        chromium.close()


def comes_true(
    page: Page, holds: Callable[[], bool], stood: Callable[[], object] = lambda: ""
) -> None:
    """Wait for what is read in several steps or from several pages, looking again with each frame:
    while a page moves, one reading is no more than a moment of it. ``stood``: what stood there."""
    given_up = monotonic() + WAIT_MS / 1000
    while not holds():
        assert monotonic() < given_up, f"it never came about: {stood()}"
        page.evaluate("() => new Promise((done) => requestAnimationFrame(() => done()))")


def step_to(page: Page, row: Locator) -> None:
    """Select an item of the list in front by j and k alone; the list may move meanwhile."""

    def reached() -> bool:
        key: str = row.evaluate(WHICH_KEY)
        if key != "":
            page.keyboard.press(key)
        return key == ""

    comes_true(page, reached)


WHICH_KEY = """row => {
  const now = document.querySelector('.list [data-item][aria-current=true]');
  if (now === row) return '';
  return now !== null && (now.compareDocumentPosition(row) & 2) !== 0 ? 'k' : 'j';
}"""


def take_watch(page: Page) -> None:
    """Look at every open item and take the watch. Another item may come about at any moment, also
    between the last one and the button."""
    take = page.get_by_role("button", name="Take the watch and sign")
    unseen = page.locator(".items input:not(:checked)")
    ready = page.locator("button:enabled", has_text="Take the watch and sign")
    taken = page.get_by_text("The watch has passed at")
    expect(take).to_be_visible()

    def passed() -> bool:
        if ready.is_visible():
            with suppress(TimeoutError):
                ready.click(timeout=WAIT_MS / 10)
                expect(taken.or_(unseen).first).to_be_visible()
        elif unseen.count() > 0:
            unseen.first.check()
        return taken.is_visible()

    comes_true(page, passed)


def withdraw_all(client: Client, node: Running) -> None:
    """End what a test has filed of its own, before the next begins."""
    own = [n.ref for n in client.notices(node.line) if n.own]
    if own:
        client.say(node.line, Withdraw(versions=tuple(sorted(own))))


Opener = Callable[..., Desk]


@pytest.fixture
def desk(browser: Browser) -> Iterator[Opener]:
    """Opens a page signed in at a node in a role; nobody's page may have complained at the end."""
    contexts: list[BrowserContext] = []
    desks: list[Desk] = []

    def open_(
        node: Running, role: str = "watch", *, query: str = "", size: tuple[int, int] = DESKTOP,
        signed_in: bool = True, **options: object,
    ) -> Desk:  # fmt: skip
        context = browser.new_context(
            viewport={"width": size[0], "height": size[1]},
            base_url=node.address,
            **options,  # type: ignore[arg-type]
        )
        context.set_default_timeout(WAIT_MS)
        contexts.append(context)
        page = context.new_page()
        made = Desk(page, node, [])
        page.on("pageerror", lambda error: made.complaints.append(str(error)))
        page.on("console", lambda said: _note(made, said))
        desks.append(made)
        tail = f"?{query}" if query else ""
        link = f"#link={node.link(role)}" if signed_in else ""
        page.goto(f"/console/{tail}{link}")
        if signed_in:
            page.locator(".shell").wait_for()
        return made

    yield open_
    complaints = [text for each in desks for text in each.complaints]
    for each in desks:
        if not each.page.is_closed():  # what answers a request in its stead may be under way still
            each.page.unroute_all(behavior="ignoreErrors")
    for context in contexts:
        context.close()
    assert complaints == []


def _note(made: Desk, said: ConsoleMessage) -> None:
    """A refused request is told by the browser, too; only faults of the page count."""
    if said.type == "error" and "Failed to load resource" not in said.text:
        made.complaints.append(said.text)
