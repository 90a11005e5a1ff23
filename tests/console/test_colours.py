"""Nothing is told by colour alone: to those who tell few colours or none apart, and to eyes that
are used to the dark, which anything but red would blind."""

import base64
import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from clearline.model.time import HOUR
from tests.api_node import notice, until
from tests.console import busy
from tests.console.conftest import Opener, Pair, comes_true, withdraw_all

BLUE = """async (png) => {
  const image = new Image();
  image.src = `data:image/png;base64,${png}`;
  await image.decode();
  const canvas = new OffscreenCanvas(image.width, image.height);
  const on = canvas.getContext('2d');
  on.drawImage(image, 0, 0);
  const { data } = on.getImageData(0, 0, image.width, image.height);
  let found = 0;
  for (let n = 0; n < data.length; n += 4) {
    // The lightest red of the theme has no more blue than this.
    if (data[n + 2] > 185 || data[n + 2] > data[n] + 15) found += 1;
  }
  return found;
}"""
ONE_COLOUR = """addEventListener('readystatechange', () => {
  for (const name of ['--hazard', '--keep-clear', '--movement', '--unknown', '--inactive'])
    document.documentElement.style.setProperty(name, '#999999');
}, { capture: true, once: true })"""
PATCH = """async ([x, y]) => {
  const canvas = document.querySelector('.host canvas');
  const box = canvas.getBoundingClientRect();
  const ratio = canvas.width / box.width;
  const on = canvas.getContext('2d');
  const { data } = on.getImageData((x - box.left) * ratio - 12, (y - box.top) * ratio - 12, 24, 24);
  return [...data].filter((_, n) => n % 4 === 0).map((each) => (each > 88 ? '#' : '.')).join('');
}"""
HAZARD = "getComputedStyle(document.documentElement).getPropertyValue('--hazard').trim()"
RINGS = "e => e.querySelector('.state').textContent.trim()"
MARKS = """rows => rows.map((row) => [row.querySelector('.mark').textContent.trim(),
  row.querySelector('.unseen').textContent.trim()])"""
BORDERS = """() => Object.fromEntries(['alarm', 'warning', 'good', 'exercise'].map((weight) => {
  const badge = document.createElement('span');
  badge.className = `badge ${weight}`;
  document.body.append(badge);
  const style = getComputedStyle(badge);
  const found = `${style.borderTopStyle} ${style.borderTopWidth}`;
  badge.remove();
  return [weight, found];
}))"""


@pytest.fixture(autouse=True)
def empty_after(pair: Pair) -> Iterator[None]:
    """What a test filed is withdrawn before the next begins."""
    yield
    for node in (pair.alfa, pair.bravo):
        with node.client() as client:
            withdraw_all(client, node)


def an_evening(pair: Pair) -> None:
    """A conflict, a late hazard, an unanswered notice, third parties who are not told."""
    now = pair.alfa.now()
    with pair.alfa.client() as alfa, pair.bravo.client() as bravo:
        alfa.file(pair.alfa.line, notice(now, 35.05, 36.0, label="Firing", in_minutes=25))
        flight = notice(now, 35.1, 36.1, label="Flight", cls="air-movement", in_minutes=40)
        bravo.file(pair.bravo.line, flight)
        until(alfa, lambda: any("Flight" in alert.words for alert in alfa.alerts()))


def test_severity_and_standing_have_a_shape_and_a_word_each(pair: Pair, desk: Opener) -> None:
    """Each severity has a mark of its own and its name; each badge is a word, and one that weighs
    more has another border; what is taken looks unlike what is not. No colour is needed."""
    an_evening(pair)
    page = desk(pair.alfa, "commander", query="list=alerts").page
    rows = page.locator('.list [data-item^="alert:"]')
    rows.filter(has_text="Flight").first.wait_for()
    marks: dict[str, str] = {}

    def of_two_severities() -> bool:
        told = rows.evaluate_all(MARKS)
        marks.update({word: mark for mark, word in told})
        return len(marks) >= 2

    comes_true(page, of_two_severities)
    assert len(set(marks.values())) == len(marks), "one mark for each severity"
    page.locator(".list .badge").first.wait_for()
    words = page.locator(".list .badge").all_inner_texts()
    assert all(re.fullmatch(r"[A-Z ?]{3,}", word) for word in words), words
    borders = page.evaluate(BORDERS)
    assert len(set(borders.values())) == len(borders), borders
    taken = page.locator(f'[data-item="{rows.first.get_attribute("data-item")}"]')
    expect(taken).to_have_css("animation-name", "flash")
    ringing = taken.evaluate(RINGS)
    taken.click()
    page.keyboard.press("a")
    expect(taken).to_have_attribute("data-state", "acknowledged")
    expect(taken).to_have_css("animation-name", "none")
    assert taken.evaluate(RINGS) != ringing, "the word and its sign"
    page.emulate_media(reduced_motion="reduce")
    expect(page.locator(".list .unacknowledged").first).to_have_css("outline-width", "4px")


def test_on_the_map_each_sort_is_told_by_its_hatch_alone(pair: Pair, desk: Opener) -> None:
    """Hazard, what is to be kept clear, and a movement, all in one grey: three hatches differ."""
    places = {"hazardous-air": 35.0, "protected-air": 35.6, "air-movement": 36.2}
    with pair.bravo.client() as bravo:
        for cls, lon in places.items():
            made = notice(pair.bravo.now(), 34.5, lon, label=cls, cls=cls, radius_km=20)
            bravo.file(pair.bravo.line, made)
    at = pair.alfa.now() + HOUR + HOUR // 2
    page = desk(pair.alfa, query=f"map=34.5,35.6,8.5&at={at}").page
    page.add_init_script(ONE_COLOUR)
    themed(page, "Night")
    host = page.locator(".host")
    expect(host).to_have_attribute("data-live", "3")
    page.wait_for_function(f"() => {HAZARD} === '#999999'")
    box = host.bounding_box()
    assert box is not None
    middle, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2 + 34
    width = 256 * 2**8.5 / 360

    def differ() -> bool:
        patches = {page.evaluate(PATCH, [middle + (lon - 35.6) * width, y]) for lon in
                   places.values()}  # fmt: skip
        return len(patches) == 3 and all("#" in patch for patch in patches)

    comes_true(page, differ)


@pytest.mark.parametrize("work", ["replay", "settings", "evidence", "messages", "third"])
def test_in_red_light_nothing_shines_blue_or_white(pair: Pair, desk: Opener, work: str) -> None:
    """Eyes that are used to the dark lose half an hour by one white button."""
    page = desk(pair.alfa, "commander", query=f"work={work}").page
    themed(page, "Red")
    page.get_by_role("button", name="Arm the watch").click()
    if work == "replay":
        page.get_by_role("slider", name="Time of the replay").wait_for()
    if work == "messages":
        page.get_by_role("button", name="New message").click()
    assert shining(page) == 0


def themed(page: Page, theme: str) -> None:
    """The page as it comes up in a theme that was chosen as a person chooses it."""
    address = page.url
    page.locator("button.who").click()
    with page.expect_response(lambda answer: answer.request.method == "PUT"):
        page.get_by_role("group", name="Theme").get_by_role("button", name=theme).click()
    page.goto(address)
    expect(page.locator("html")).to_have_attribute("data-theme", theme.lower())
    page.locator(".shell").wait_for()


def shining(page: Page) -> int:
    """How many points of the window are bluer than red light."""
    picture = page.screenshot(animations="disabled", caret="hide")
    return int(page.evaluate(BLUE, base64.b64encode(picture).decode()))


def test_in_red_light_the_map_is_red_too(pair: Pair, desk: Opener) -> None:
    """Areas, tracks and own movers."""
    an_evening(pair)
    busy.movers(pair.alfa)
    busy.feed(pair.alfa, 20)
    page = desk(pair.alfa, "commander", query="list=alerts&map=35.1,36.1,8").page
    themed(page, "Red")
    page.get_by_role("button", name="Arm the watch").click()
    expect(page.locator(".host")).to_have_attribute("data-movers", "2")
    assert shining(page) == 0
