"""Several desks of one node: each page rings for its own roles, and what one takes all have."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, expect

from clearline.client import Client
from clearline.node.views import AlertView
from tests.api_node import Running, add_desks, found, notice, running, until
from tests.console.conftest import Desk, Opener

HEARD = """() => {
  window.tones = 0;
  const made = AudioContext.prototype.createOscillator;
  AudioContext.prototype.createOscillator = function () {
    window.tones += 1;
    return made.call(this);
  };
}"""


SOUNDED = """
window.sounded = [];
new MutationObserver(() => {
  for (const mark of document.querySelectorAll('[data-item^="alert:"] [aria-label="sounds now"]')) {
    const item = mark.closest('[data-item]').dataset.item;
    if (!window.sounded.includes(item)) window.sounded.push(item);
  }
}).observe(document, { subtree: true, childList: true, attributes: true });
"""
TOLD_MS = 3_000
"""Longer than this no desk waits to be told whether it rings there."""


@pytest.fixture
def node(parties: Path, tmp_path: Path) -> Iterator[Running]:
    """ALFA's node with three desks."""
    folder = found(parties, tmp_path / "alfa", "ALFA", "BRAVO")
    add_desks(folder)
    with running(folder) as alfa:
        yield alfa


def manned(desk: Opener, node: Running, name: str, role: str) -> Desk:
    """A page that is a desk of that name, hears, and counts its tones."""
    here = desk(node, role)
    here.page.add_init_script(SOUNDED)
    choices = f"JSON.stringify({{desk: '{name}'}})"
    here.page.add_init_script(f"localStorage.setItem('clearline.choices', {choices})")
    here.page.reload()
    here.page.locator(".shell").wait_for()
    here.page.evaluate(HEARD)
    with here.page.expect_response(lambda r: f"desk={name}" in r.url):  # who rings where, is told
        here.page.get_by_role("button", name="Arm the watch").click()
    return here


def met(node: Running, lat: float, label: str) -> AlertView:
    """Two notices of our own that meet: a duty of the watch officer's."""
    with node.client() as client:
        for name in (label, f"{label} again"):
            client.file(node.line, notice(node.now(), lat, 35.0, label=name))
        until(client, lambda: about(client, label) != [])
        return about(client, label)[0]


def about(client: Client, label: str) -> list[AlertView]:
    """The conflicts that name it."""
    return [a for a in client.alerts() if a.kind.value == "conflict" and label in a.words]


def row(here: Desk, alert: AlertView) -> Locator:
    """The alarm in a page's list."""
    return here.page.locator(f'[data-item="alert:{alert.id}"]')


def test_each_desk_rings_for_its_roles_and_all_see_what_one_has_taken(
    node: Running, desk: Opener
) -> None:
    """A new duty sounds where the watch officer sits, and is seen without a sound at the chief's
    and at the desk for exercises. Called further it sounds at the chief's; taken there it is quiet
    at every desk, with his name."""
    north = manned(desk, node, "north", "watch")
    chief = manned(desk, node, "chief", "commander")
    drill = manned(desk, node, "drill", "watch")
    alert = met(node, 34.0, "Range")
    expect(row(north, alert).get_by_label("sounds now")).to_be_visible()
    north.page.wait_for_function("() => window.tones > 0")
    for other in (chief, drill):
        expect(row(other, alert)).to_be_visible()
        expect(row(other, alert).get_by_label("sounds now")).to_have_count(0)
        assert other.state("window.tones") == 0
    row(north, alert).click()
    for _ in range(2):
        with north.page.expect_response(lambda r: r.url.endswith("/escalate")):
            north.page.keyboard.press("e")
    expect(row(chief, alert).get_by_label("sounds now")).to_be_visible()
    chief.page.wait_for_function("() => window.tones > 0")
    row(chief, alert).click()
    chief.page.keyboard.press("a")
    for each in (north, chief, drill):
        expect(row(each, alert)).to_have_attribute("data-state", "acknowledged")
        expect(row(each, alert)).to_contain_text("commander")
        expect(row(each, alert).get_by_label("sounds now")).to_have_count(0)
    assert drill.state("window.tones") == 0, "nothing real sounds at the desk for exercises"


def test_desk_that_is_told_nothing_of_an_alarm_does_not_ring_for_it(
    node: Running, desk: Opener
) -> None:
    """The stream tells the desk for exercises nothing of what is real: it stays quiet there however
    long nobody takes it, and so it does on a page that is opened at that desk afterwards."""
    north = manned(desk, node, "north", "watch")
    drill = manned(desk, node, "drill", "watch")
    alert = met(node, 35.0, "Long")
    expect(row(north, alert).get_by_label("sounds now")).to_be_visible()
    later = manned(desk, node, "drill", "watch")
    for each in (drill, later):
        expect(row(each, alert)).to_be_visible()
        each.page.wait_for_function(
            "([t0, most]) => performance.now() - t0 > most + 1000",
            arg=[each.state("performance.now()"), TOLD_MS],
        )
        expect(row(each, alert).get_by_label("sounds now")).to_have_count(0)
        assert drill.state("window.tones") == 0
    assert f"alert:{alert.id}" in str(north.state("window.sounded"))
    assert drill.state("window.sounded") == []


def test_page_of_no_desk_asks_which_it_is_and_rings_there(node: Running, desk: Opener) -> None:
    """Where desks have names, a page of another name counts as none: it asks, and the chosen one
    holds at once."""
    here = desk(node)
    here.page.get_by_role("button", name="Arm the watch").click()
    asked = here.page.get_by_role("alert").filter(has_text="is no desk of this node")
    expect(asked).to_be_visible()
    asked.get_by_role("button", name="north").click()
    expect(asked).to_have_count(0)
    alert = met(node, 33.0, "After it")
    expect(row(here, alert).get_by_label("sounds now")).to_be_visible()
