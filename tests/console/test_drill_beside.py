"""An exercise beside the real line on one page: told apart by hatch, outline and word, chosen or
left out by a person, and never in front of anything real."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from clearline.model.entry import Stop
from clearline.model.ids import LineId
from clearline.model.time import HOUR
from tests.api_node import Running, notice, until
from tests.console import axe
from tests.console.conftest import Desk, Opener, Pair, comes_true, linked
from tests.console.test_colours import PATCH, themed
from tests.console.test_journey import signed_drill

REAL, DRILL = "Real firing", "Drilled firing"
INK_MIN = 12
PLACES = {REAL: 34.0, DRILL: 34.8}
ONE_COLOUR = """addEventListener('readystatechange', () => {
  for (const name of ['--hazard', '--exercise'])
    document.documentElement.style.setProperty(name, '#999999');
}, { capture: true, once: true })"""


class Both:
    """Two linked nodes on a real line and on an exercise, with a conflict on each."""

    def __init__(self, pair: Pair) -> None:
        self.pair = pair
        with pair.alfa.client() as alfa:
            lines = {view.exercise: view.line for view in alfa.lines()}
        self.real: LineId = lines[False]
        self.drill: LineId = lines[True]

    @property
    def node(self) -> Running:
        """ALFA's."""
        return self.pair.alfa


@pytest.fixture(scope="module")
def both(parties: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Both]:
    """On each line a firing of ALFA's and a flight of BRAVO's through it."""
    folder = tmp_path_factory.mktemp("both")
    with linked(parties, folder, signed_drill(parties, folder)) as pair:
        made = Both(pair)
        now = pair.alfa.now()
        with pair.alfa.client() as alfa, pair.bravo.client() as bravo:
            for line, label in ((made.real, REAL), (made.drill, DRILL)):
                lon = PLACES[label]
                alfa.file(line, notice(now, 34.5, lon, label=label, radius_km=20))
                quiet = notice(now, 33.5, lon, label=f"{label} far", radius_km=20)
                alfa.file(line, quiet)
                flight = notice(
                    now, 34.6, lon, label=f"{label} flight", cls="air-movement", radius_km=5
                )
                bravo.file(line, flight)
                until(alfa, lambda line=line: alfa.conflicts(line) != [])
        yield made


def labels(page: Page) -> str:
    """All that stands in the list."""
    return page.locator(".list").inner_text()


def see(here: Desk, side: str, tab: str) -> Page:
    """The page with a choice made in the filter, on a list."""
    page = here.page
    page.locator(f"#tab-{tab}").click()
    page.keyboard.press("/")
    page.get_by_label("Real lines and exercises").select_option(side)
    return page


def test_without_a_choice_both_stand_there_and_an_exercise_says_so(
    both: Both, desk: Opener
) -> None:
    """In each list, and the pairs too; nothing real has the word."""
    page = desk(both.node, query="list=inbox").page
    for tab, kind in (("inbox", "notice"), ("conflicts", "conflict"), ("inview", "notice")):
        page.locator(f"#tab-{tab}").click()
        drilled = page.locator(f'.list [data-item^="{kind}:"]', has_text=DRILL).first
        real = page.locator(f'.list [data-item^="{kind}:"]', has_text=REAL).first
        expect(drilled).to_contain_text("EXERCISE")
        expect(real).to_be_visible()
        expect(real).not_to_contain_text("EXERCISE")


def test_the_address_carries_which_side_is_looked_at(both: Both, desk: Opener) -> None:
    """Real alone hides all of the exercise, on list and map, and says so; who opens the address
    sees the same; one touch shows all again."""
    here = desk(both.node)
    for tab in ("inbox", "conflicts", "alerts", "inview"):
        page = see(here, "real", tab)
        expect(page.locator(".list", has_text=REAL)).to_be_visible()
        expect(page.locator(".list")).not_to_contain_text(DRILL)
    expect(page.locator(".host")).to_have_attribute("data-conflicts", "1")
    expect(page).to_have_url(re.compile("lines=real"))
    expect(page.locator(".filtered")).to_contain_text("hidden")
    other = desk(both.node, query="list=inbox&lines=real").page
    expect(other.locator(".list", has_text=REAL)).to_be_visible()
    expect(other.locator(".list")).not_to_contain_text(DRILL)
    other.get_by_role("button", name="Show all").first.click()
    expect(other.locator(".list", has_text=DRILL)).to_be_visible()


def test_no_drill_hides_a_real_alarm_or_conflict(both: Both, desk: Opener) -> None:
    """With the exercise alone chosen every real alarm and pair stands there still, the page says
    that the real line is hidden, and what of it is quiet is."""
    page = desk(both.node, query="list=inbox&lines=exercise&q=Drilled").page
    expect(page.get_by_text("REAL LINES ARE HIDDEN")).to_be_visible()
    expect(page.locator(".list", has_text=f"{DRILL} far")).to_be_visible()
    expect(page.locator(".list")).not_to_contain_text(f"{REAL} far")
    page.goto(page.url.replace("&q=Drilled", ""))
    page.locator(".shell").wait_for()
    with both.node.client() as client:
        real = {a.id for a in client.alerts() if a.line == both.real}
    page.locator("#tab-alerts").click()
    for name in real:
        expect(page.locator(f'.list [data-item="alert:{name}"]')).to_be_attached()
    page.locator("#tab-conflicts").click()
    expect(page.locator(".list .item", has_text=REAL).first).to_be_visible()
    expect(page.locator(".host")).to_have_attribute("data-conflicts", "2")


def test_an_address_from_an_exercise_that_is_over_hides_nothing(pair: Pair, desk: Opener) -> None:
    """Where there are only real lines, who opens it sees all of them."""
    with pair.alfa.client() as alfa:
        alfa.file(pair.alfa.line, notice(pair.alfa.now(), 33.5, 35.0, label="Quiet"))
    page = desk(pair.alfa, query="list=inbox&lines=exercise").page
    expect(page.locator(".list", has_text="Quiet")).to_be_visible()


def test_an_emergency_of_a_drill_stands_behind_every_real_alarm(both: Both, desk: Opener) -> None:
    """STOP on the exercise is louder than anything that stands on the real line: in the strip, in
    the list, on the wall and in the node's own order the real ones come first all the same."""
    with both.pair.bravo.client() as bravo, both.node.client() as alfa:
        bravo.say(both.drill, Stop())
        until(alfa, lambda: any(a.exercise and a.severity == "emergency" for a in alfa.alerts()))
        sides = [alert.exercise for alert in alfa.alerts()]
    assert sides == sorted(sides)
    page = desk(both.node, query="list=alerts").page
    rows = page.locator('.list [data-item^="alert:"]')
    stopped = rows.filter(has_text="STOP")
    expect(stopped.first).to_contain_text("EXERCISE")
    expect(rows.first).not_to_contain_text("EXERCISE")
    expect(page.locator(".strip")).not_to_contain_text("EXERCISE")
    expect(page.locator('[data-emergency-of="stop"]').first).to_contain_text("EXERCISE")
    page.keyboard.press("Control+k")
    page.keyboard.type("wall mode")
    page.keyboard.press("Enter")
    expect(page.locator(".wall-list .item").first).not_to_contain_text("EXERCISE")
    expect(page.locator(".wall-list .item", has_text="STOP").first).to_contain_text("EXERCISE")
    page.get_by_role("button", name="Leave wall mode").click()


def test_on_the_map_an_exercise_is_told_by_its_hatch_alone(both: Both, desk: Opener) -> None:
    """Two firings, both in one grey: their hatches differ."""
    at = both.node.now() + HOUR + HOUR // 2
    page = desk(both.node, query=f"map=33.5,34.4,8.5&at={at}").page
    page.add_init_script(ONE_COLOUR)
    themed(page, "Night")
    page.wait_for_function("() => document.querySelector('.host')?.dataset.live >= 2")
    box = page.locator(".host").bounding_box()
    assert box is not None
    width = 256 * 2**8.5 / 360
    middle, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2

    def ink(label: str) -> int:
        # A patch holds a whole period of either hatch: wherever it begins, its share is the same.
        patch: str = page.evaluate(PATCH, [middle + (PLACES[label] - 34.4) * width, y])
        return patch.count("#")

    comes_true(page, lambda: ink(REAL) > 0 and ink(DRILL) - ink(REAL) > INK_MIN)


@pytest.mark.parametrize("lang", ["en", "ar"])
def test_choice_of_sides_has_no_serious_finding(both: Both, desk: Opener, lang: str) -> None:
    """The rules of axe in three themes, from right to left, too."""
    page = desk(both.node, query=f"list=inbox&lines=exercise&lang={lang}").page
    page.locator(".filtered").wait_for()
    at = both.node.now() + HOUR + HOUR // 2
    assert axe.found(page) == []
    page.goto(f"/console/?list=conflicts&lang={lang}&at={at}")
    page.locator('.list [data-item^="conflict:"]').first.wait_for()
    page.wait_for_function("() => document.querySelector('.host')?.dataset.live > 0")
    assert axe.found(page) == []
