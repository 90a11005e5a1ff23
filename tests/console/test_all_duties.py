"""More duties than the page holds one by one: each of them can be reached, in the board's order."""

import itertools
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from clearline.model.time import HOUR, Instant
from tests.api_node import Running, until
from tests.console import axe, busy
from tests.console.conftest import Opener, linked

SITES = 1_120
LOUDEST = 1_000
PAGE = 50
TRIES = 10
ROW = ".list section .item"


@pytest.fixture(scope="module")
def flooded(parties: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """ALFA's node, with a duty for each of more sites than are shown one by one."""
    with linked(parties, tmp_path_factory.mktemp("flooded")) as pair:
        now = Instant(pair.alfa.now() + HOUR)
        busy.file(pair.alfa, busy.sites(now, SITES, "protected-site"))
        with pair.alfa.client() as client:
            until(client, lambda: client.board(alerts=0, notices=0).node.open_duties >= SITES)
        yield pair.alfa


def ids(node: Running, **query: str) -> list[str]:
    """The duties as the node gives them, in its order."""
    with node.http() as http:
        return [each["id"] for each in http.get("/v1/alerts", params=query).json()]


def rows(page: Page) -> list[str]:
    """The duties of the page that is open."""
    return shown(page)[1]


def shown(page: Page) -> tuple[str, list[str]]:
    """What is said of the page that is open, and its duties: both at one moment."""
    said, found = page.locator(".list section").evaluate(
        """e => [e.querySelector('[role=status]').textContent,
                 [...e.querySelectorAll('.item')].map(each => each.dataset.item)]"""
    )
    return said, [name.removeprefix("alert:") for name in found]


def read_through(page: Page) -> list[str]:
    """All pages, from the first to where it goes no further."""
    back = page.get_by_role("button", name="Page before")
    on = page.get_by_role("button", name="Next page")
    while back.is_enabled():
        back.click()
    found: list[str] = []
    for first in itertools.count(1, PAGE):
        which = page.locator(".list section").get_by_role("status")
        expect(which).to_have_text(re.compile(rf"^{first} to \d+ of \d+$"))
        said, these = shown(page)
        assert said.startswith(f"{first} to {first - 1 + len(these)} of ")
        found += these
        if on.is_disabled():
            break
        on.click()
    return found


def test_every_duty_can_be_reached_by_pages(flooded: Running, desk: Opener) -> None:
    """What the page holds and all further pages together are the node's duties, each once, in its
    order; the last page ends, and one that is chosen there is shown whole and can be taken."""
    page = desk(flooded, query="list=alerts").page
    page.get_by_role("button", name="The others, page by page").click()
    for _ in range(TRIES):  # duties come about and climb meanwhile, which makes another order
        every = ids(flooded)
        found = read_through(page)
        if found == every[LOUDEST:]:
            break
    assert found == every[LOUDEST:]
    chosen = page.locator(ROW).last.get_attribute("data-item") or ""  # the order may have changed
    page.locator(f'{ROW}[data-item="{chosen}"]').click()
    detail = page.get_by_label("Detail", exact=True)
    expect(detail.get_by_role("button", name=re.compile("^Take")).first).to_be_visible()
    page.keyboard.press("a")
    name = chosen.removeprefix("alert:")
    with flooded.client() as client:
        until(client, lambda: any(a.id == name and a.taken_by for a in client.alerts()))


def test_duties_of_one_severity_are_asked_for(flooded: Running, desk: Opener) -> None:
    """Only those, from where the page's own end; a severity that is none is refused by the node."""
    page = desk(flooded, query="list=alerts").page
    page.get_by_role("button", name="The others, page by page").click()
    weight = page.get_by_label("Severity")
    names = weight.locator("option").evaluate_all("all => all.map(e => e.value).filter(v => v)")
    assert names != []
    weight.select_option(names[0])
    of = ids(flooded, severity=names[0])
    held = set(ids(flooded)[:LOUDEST])
    rest = [each for each in of if each not in held][:PAGE]
    expect(page.locator(f'{ROW}[data-item="alert:{rest[0]}"]')).to_be_visible()
    assert rows(page) == rest
    with flooded.http() as http:
        refused = http.get("/v1/alerts", params={"severity": "loud"})
    assert (refused.status_code, refused.json()["pointer"]) == (422, "?severity")


@pytest.mark.parametrize("lang", ["en", "ar"])
def test_pages_of_duties_have_no_serious_finding(flooded: Running, desk: Opener, lang: str) -> None:
    """The rules of axe, and no row runs out of the list, from right to left, too."""
    page = desk(flooded, query=f"list=alerts&lang={lang}").page
    page.locator(".list section button").first.click()
    page.locator(ROW).first.wait_for()
    assert axe.found(page) == []
    wide = page.locator(".list").evaluate("e => e.scrollWidth - e.clientWidth")
    assert wide <= 1
