"""Nothing that can be pressed or that warns is cut: on three screens and in six languages."""

import pytest
from playwright.sync_api import Page, expect

from tests.api_node import notice, until
from tests.console import busy
from tests.console.conftest import TABLET, Opener, Pair, comes_true

SIZES = ((1280, 820), TABLET, (1920, 1080))
LANGUAGES = ("en", "ru", "fr", "ar", "he", "uk")
CUT = """() => {
  const cut = [];
  const texts = document.querySelectorAll(
    '.shell button:not(.item, .what), .shell [role=tab], .shell .badge, .shell .clock strong');
  const name = (el) => `${el.tagName}.${el.className} "${el.textContent.trim().slice(0, 30)}"`;
  for (const el of texts) {
    const box = el.getBoundingClientRect();
    if (box.width === 0 || getComputedStyle(el).visibility === 'hidden') continue;
    const range = document.createRange();
    range.selectNodeContents(el);
    for (const text of range.getClientRects()) {
      if (text.width > 0 && (text.left < box.left - 1 || text.right > box.right + 1)) {
        cut.push(`runs out of its box: ${name(el)}`);
        break;
      }
    }
    if (box.left < -1 || box.right > innerWidth + 1) cut.push(`off the screen: ${name(el)}`);
    for (let up = el.parentElement; up !== null; up = up.parentElement) {
      if (getComputedStyle(up).overflowX === 'visible') continue;
      const room = up.getBoundingClientRect();
      if (box.left < room.left - 1 || box.right > room.right + 1) {
        cut.push(`cut by ${up.tagName}.${up.className}: ${name(el)}`);
        break;
      }
    }
    for (const next of el.parentElement.children) {
      if (next === el || next.tagName !== el.tagName) continue;
      const other = next.getBoundingClientRect();
      const over = Math.min(box.right, other.right) - Math.max(box.left, other.left);
      const down = Math.min(box.bottom, other.bottom) - Math.max(box.top, other.top);
      if (over > 1 && down > 1) cut.push(`lies over another: ${name(el)}`);
    }
  }
  for (const about of document.querySelectorAll(".ringing .about")) {
    if (about.getBoundingClientRect().width < 40) cut.push("what rings has no words");
  }
  return [...new Set(cut)];
}"""
"""What is cut, as texts: contents outside their own box, boxes outside what holds them or the
window, neighbours that lie one over the other."""


@pytest.fixture(scope="module")
def evening(pair: Pair) -> Pair:
    """A conflict, further areas of the other's, own movers: badges and counts everywhere."""
    now = pair.alfa.now()
    busy.file(pair.bravo, busy.areas(now, 12, busy.CLASSES, seed=5))
    with pair.alfa.client() as alfa, pair.bravo.client() as bravo:
        alfa.file(pair.alfa.line, notice(now, 35.05, 36.0, label="Range 7"))
        bravo.file(pair.bravo.line, notice(now, 35.1, 36.1, label="Relief", cls="air-movement"))
        until(alfa, lambda: any("Relief" in alert.words for alert in alfa.alerts()))
    busy.movers(pair.alfa)
    return pair


def fits(page: Page) -> None:
    """Nothing is cut on any of the screens."""
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        comes_true(page, lambda: cut(page) == [], lambda: (page.viewport_size, cut(page)))


def cut(page: Page) -> list[str]:
    """What is cut now."""
    found: list[str] = page.evaluate(CUT)
    return found


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_that_is_pressed_or_warns_is_cut(
    evening: Pair, desk: Opener, language: str
) -> None:
    """Tabs, buttons, badges and the clock have room, with an alarm and its answers open."""
    page = desk(evening.alfa, query=f"list=alerts&lang={language}", reduced_motion="reduce").page
    page.locator(".deaf button").click()
    page.locator('[data-item^="alert:"]', has_text="Relief").first.click()
    page.locator("button.reply").first.wait_for()
    fits(page)
    page.locator("#tab-conflicts").click()
    page.locator(".list .item").first.wait_for()
    fits(page)


def test_what_is_cut_is_found(evening: Pair, desk: Opener) -> None:
    """A tab too wide for the list, a button too narrow for its words: both are told."""
    page = desk(evening.alfa, query="list=alerts").page
    page.locator("button.line").wait_for()
    page.evaluate("document.querySelector('#tab-inview').style.minWidth = '900px'")
    page.evaluate("document.querySelector('button.line').style.width = '44px'")
    told = " ".join(page.evaluate(CUT))
    assert "cut by DIV.tabs" in told
    assert "runs out of its box: BUTTON.line" in told


HALVED = """() => {
  const room = document.querySelector('.alarms').getBoundingClientRect();
  return [...document.querySelectorAll('.alarms .item')]
    .map((each) => each.getBoundingClientRect())
    .filter((box) => box.left < room.right - 1 && box.bottom > room.bottom + 1).length;
}"""
"""Alarms of the wall that are seen in part."""


INSIDE = """() => {
  const room = document.querySelector('.wall-list').getBoundingClientRect();
  const pair = document.querySelector('.wall-list > .item').getBoundingClientRect();
  return pair.bottom <= room.bottom + 1;
}"""
"""Whether the first conflict stands on the wall in full."""


def test_wall_shows_whole_alarms_and_the_conflicts_below_them(evening: Pair, desk: Opener) -> None:
    """Many alarms push no conflict off the wall, and none of them is halved by its lower edge."""
    page = desk(evening.alfa, reduced_motion="reduce").page
    page.locator(".deaf button").click()
    page.keyboard.press("Control+k")
    page.keyboard.type("wall mode")
    page.keyboard.press("Enter")
    pair = page.locator(".wall-list > .item")
    pair.first.wait_for()
    expect(page.locator(".alarms .item")).to_have_count(7)
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        page.wait_for_function(INSIDE)
        page.wait_for_function(f"() => ({HALVED})() === 0")
    page.get_by_role("button", name="Leave wall mode").click()


COVERED = """() => {
  const told = document.querySelector('.said .one').getBoundingClientRect();
  const all = '.list .tabs, .list .scroll, main.centre, aside.detail, header, nav.fronts, footer';
  return [...document.querySelectorAll(all)]
    .filter((each) => getComputedStyle(each).display !== 'none')
    .filter((each) => {
      const box = each.getBoundingClientRect();
      const across = Math.min(told.right, box.right) - Math.max(told.left, box.left);
      const down = Math.min(told.bottom, box.bottom) - Math.max(told.top, box.top);
      return across > 1 && down > 1;
    })
    .map((each) => each.className || each.tagName);
}"""
"""What lies below the word of what came of an action."""


def test_what_came_of_an_action_covers_nothing(evening: Pair, desk: Opener) -> None:
    """It takes its room from the list, which can be scrolled to its last row beside it, on each
    screen."""
    page = desk(evening.alfa, query="list=alerts", reduced_motion="reduce").page
    page.locator(".deaf button").click()
    row = page.locator('.list [data-item^="alert:"][data-state=raised]')
    row.first.click()
    page.evaluate("() => { window.setTimeout = () => 0; }")  # it stays while this looks at it
    page.keyboard.press("a")
    page.locator(".said .one").wait_for()
    for width, height in (*SIZES, (800, 1100)):
        page.set_viewport_size({"width": width, "height": height})
        comes_true(page, lambda: page.evaluate(COVERED) == [], lambda: page.evaluate(COVERED))
        last = page.locator(".list .scroll .item").last
        last.scroll_into_view_if_needed()
        expect(last).to_be_in_viewport()
