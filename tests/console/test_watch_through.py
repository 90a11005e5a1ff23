"""Whole watches of two parties, side by side in two real browsers: once by keys alone, once by
touch alone, and once each from right to left."""

import math
import re
from collections.abc import Iterator
from typing import NamedTuple

import pytest
from playwright.sync_api import Locator, Page, expect

from clearline.model.time import format_utc
from tests.api_node import Running, notice
from tests.console import axe
from tests.console.conftest import TABLET, Desk, Opener, Pair, comes_true, step_to, withdraw_all

TABS_MAX = 160
"""More than there are places for the focus on a full page."""
TOUCH_MIN = 44
PLACE = "34.30000N 35.00000E"


class Start(NamedTuple):
    """A day and a time of it, as they are typed."""

    day: str
    time: str


@pytest.fixture(autouse=True)
def empty_after(pair: Pair) -> Iterator[None]:
    """What a watch filed is withdrawn before the next begins."""
    yield
    for node in (pair.alfa, pair.bravo):
        with node.client() as client:
            withdraw_all(client, node)


def reach(page: Page, place: Locator) -> None:
    """Bring the focus there by Tab alone."""
    place.wait_for()
    for _ in range(TABS_MAX):
        if place.evaluate("e => e === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"no key leads to {place}")


def press(page: Page, name: str, within: Locator | None = None) -> None:
    """A button, reached and pressed by keys."""
    reach(page, (within or page.locator("body")).get_by_role("button", name=name).first)
    page.keyboard.press("Enter")


def write(page: Page, place: Locator, text: str) -> None:
    """A field, reached and written by keys."""
    reach(page, place)
    page.keyboard.press("Control+a")
    page.keyboard.type(text)


def choose(page: Page, place: Locator, value: str) -> None:
    """A choice, reached and made by the arrows."""
    reach(page, place)
    for _ in range(20):
        if place.input_value() == value:
            return
        page.keyboard.press("ArrowDown")
    raise AssertionError(f"no arrow leads to {value}")


def armed(page: Page) -> None:
    """The watch hears, by keys."""
    press(page, "Arm the watch")
    expect(page.get_by_text("SOUND IS OFF")).to_be_hidden()


def filed(page: Page, label: str) -> None:
    """A notice from n to the node's word that it was sent, with the check in between."""
    page.keyboard.press("n")
    choose(page, page.get_by_label("Class of activity"), "hazardous-air")
    write(page, page.get_by_label("Label", exact=True), label)
    press(page, "Paste")
    write(page, page.get_by_label("Text, in DMS"), PLACE)
    choose(page, page.get_by_label("A list of points is"), "disc")
    write(page, page.get_by_label("Radius or half width"), "5 NM")
    press(page, "Read it")
    press(page, "Take it into the draft")
    for name, level in (("Lower limit", "100"), ("Upper limit", "200")):
        group = page.get_by_role("group", name=name)
        choose(page, group.get_by_label("Measured from"), "FL")
        write(page, group.get_by_label("Value"), level)
    write(page, page.get_by_label("Start, Z"), "+180")
    write(page, page.get_by_label("End, Z"), "+60")
    press(page, "Check before sending")
    expect(page.get_by_text("Checked against what this node knows")).to_be_visible()
    press(page, "Send the notice")
    expect(page.get_by_text("Sent. It gives no permission")).to_be_visible()


def selected(page: Page, label: str) -> None:
    """An item of the list in front, by j alone."""
    row = page.locator(".list [data-item]", has_text=label).first
    expect(row).to_be_visible()
    page.keyboard.press("Escape")
    step_to(page, row)


def read_back(page: Page, km: float, start: Start) -> None:
    """Three values from 34 N 35 E, typed."""
    page.keyboard.press("b")
    dialog = page.get_by_role("dialog")
    write(page, dialog.get_by_label("Own point"), "34°00.000′N 035°00.000′E")
    write(page, dialog.get_by_label("Bearing, degrees true"), "0")
    write(page, dialog.locator('input[name="distance"]'), f"{km:.2f}")
    choose(page, dialog.get_by_role("combobox", name="Unit").first, "km")
    choose(page, dialog.get_by_label("Reference of the height"), "FL")
    write(page, dialog.get_by_label("Upper limit", exact=True), "200")
    write(page, dialog.locator('input[name="day"]'), start.day)
    write(page, dialog.locator('input[name="time"]'), start.time)
    page.keyboard.press("Enter")
    expect(dialog).to_have_count(0)


def km_north(lat: float, of: float) -> float:
    """Kilometres along the meridian of WGS 84, by the usual series."""
    mean = math.radians((lat + of) / 2)
    metres = 111_132.954 - 559.822 * math.cos(2 * mean) + 1.175 * math.cos(4 * mean)
    return (lat - of) * metres / 1000


def start_of(node: Running, label: str) -> Start:
    """When a notice begins, as a node holds it, to be read back: it may be tomorrow."""
    with node.client() as client:
        at = next(n.start for n in client.notices(node.line) if n.label == label)
    assert at is not None
    day, time = format_utc(at)[:19].split("T")
    return Start(day, time)


def test_whole_watch_by_keys_alone(pair: Pair, desk: Opener) -> None:
    """ALFA arms the sound, pastes a notice, has it checked and sends it; BRAVO reads it back
    wrongly, is corrected, and is UNABLE for 25 minutes; BRAVO says STOP, ALFA has halted; ALFA
    tells a third party by telephone, hands over, and withdraws. No mouse, no touch."""
    here, there = desk(pair.alfa), desk(pair.bravo, query="list=inbox")
    for page in (here.page, there.page):
        armed(page)
    filed(here.page, "Range 7")
    answered(here.page, there.page, pair)
    halted(here.page, there.page)
    relayed(here.page)
    passed(here, desk(pair.alfa, "commander"))
    withdrawn(here.page, there.page)


def answered(page: Page, other: Page, pair: Pair) -> None:
    """Wrongly, rightly, and UNABLE; the author's page has each."""
    selected(other, "Range 7")
    begin, km = start_of(pair.bravo, "Range 7"), km_north(34.3, 34.0)
    read_back(other, km + 10, begin)
    press(page, "See it")
    said = page.get_by_label("Answers").locator("li")
    expect(said.filter(has_text="READ BACK WRONGLY")).to_be_visible()
    read_back(other, km, begin)
    expect(said.filter(has_text="read back rightly")).to_be_visible()
    other.keyboard.press("u")
    write(other, other.get_by_role("dialog").get_by_label("Minutes needed"), "25")
    other.keyboard.press("Enter")
    expect(said.filter(has_text="UNABLE")).to_contain_text("25 min")


def halted(page: Page, other: Page) -> None:
    """STOP from the other, HALTED from here, and the other's timer has stopped."""
    other.keyboard.press("Escape")
    other.keyboard.press("x")
    other.keyboard.press("Enter")
    press(page, "HALTED", page.locator('[data-emergency-of="stop"]').first)
    expect(other.get_by_text("HALTED").first).to_be_visible()


def relayed(page: Page) -> None:
    """Who is on no line was told by telephone: it stands so on the board."""
    page.keyboard.press("t")
    row = page.locator("article", has_text="Range 7").first
    expect(row).to_contain_text("NOT TOLD")
    press(page, "Tell them", row)
    write(page, row.get_by_label("By which means"), "telephone 4411, duty captain")
    press(page, "Record it", row)
    told = page.locator("article", has_text="Range 7").filter(has_text="duty captain")
    expect(told).to_contain_text("TOLD")
    page.keyboard.press("Escape")


def passed(going: Desk, coming: Desk) -> None:
    """The next takes the watch, each item looked at."""
    going.page.keyboard.press("h")
    press(going.page, "Give the watch")
    expect(going.page.get_by_text("You have the watch until somebody takes it.")).to_be_visible()
    page = coming.page
    page.keyboard.press("h")
    take = page.get_by_role("button", name="Take the watch and sign")
    expect(take).to_be_visible()
    open_items = page.locator(".items input:not(:checked)")
    taken = page.get_by_text("The watch has passed at")

    def done() -> bool:  # another item may come about at any moment
        if open_items.count() > 0:
            reach(page, open_items.first)
            page.keyboard.press("Space")
        elif take.is_enabled():
            reach(page, take)
            page.keyboard.press("Enter")
            expect(taken.or_(open_items).first).to_be_visible()
        return taken.is_visible()

    comes_true(page, done)
    going.page.keyboard.press("Escape")


def withdrawn(page: Page, other: Page) -> None:
    """Two actions; it is gone from the other's list."""
    page.keyboard.press("y")
    row = page.locator(".work article", has_text="Range 7").first
    press(page, "Withdraw", row)
    press(page, "Withdraw", row.locator(".sure"))
    expect(page.get_by_text("Range 7: said at")).to_be_visible()
    expect(other.locator('.list [data-item^="notice:"]', has_text="Range 7")).to_have_count(0)


def tap(place: Locator) -> None:
    """A thumb on something that is as large as a thumb needs it."""
    place.wait_for()
    box = place.bounding_box()
    assert box is not None
    assert box["height"] >= TOUCH_MIN, (place, box)
    assert box["width"] >= TOUCH_MIN, (place, box)
    place.tap()


def test_whole_watch_by_touch_alone(pair: Pair, desk: Opener) -> None:
    """On a tablet: the sound is armed, an alarm opened and taken, its notice answered UNABLE, STOP
    sent in two touches and answered at the other's tablet. All that is touched is as large as a
    glove needs it, and nothing is wider than the screen."""
    here = desk(pair.alfa, size=TABLET, has_touch=True)
    there = desk(pair.bravo, size=TABLET, has_touch=True)
    page, other = here.page, there.page
    for each in (page, other):
        tap(each.get_by_role("button", name="Arm the watch"))
    with pair.alfa.client() as alfa, pair.bravo.client() as bravo:
        alfa.file(pair.alfa.line, notice(pair.alfa.now(), 34.6, 35.0, label="Ours by touch"))
        bravo.file(pair.bravo.line, notice(pair.bravo.now(), 34.6, 35.1, label="Theirs by touch"))
    tap(page.locator('[data-item^="alert:"]', has_text="Theirs by touch").first)
    detail = page.get_by_label("Detail", exact=True)
    tap(detail.get_by_role("button", name="Take", exact=False).first)
    expect(detail).to_contain_text("(watch-officer)")
    tap(detail.locator('[data-reply="UNABLE"]'))
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Minutes needed").fill("15")
    tap(dialog.get_by_role("button", name="Send UNABLE"))
    tap(other.get_by_role("tab", name="Inbox"))
    tap(other.locator('[data-item^="notice:"]', has_text="Theirs by touch"))
    said = other.get_by_label("Answers").locator("li", has_text="UNABLE")
    expect(said).to_contain_text("15 min")
    tap(page.locator('[data-emergency="stop"]'))
    tap(dialog.get_by_role("button", name="Send STOP"))
    tap(other.locator('[data-emergency-of="stop"]').get_by_role("button", name="HALTED").first)
    expect(page.get_by_text("HALTED").first).to_be_visible()
    for each in (page, other):
        assert each.evaluate("document.documentElement.scrollWidth") <= TABLET[0]


@pytest.mark.parametrize("lang", ["ar", "he"])
def test_watch_from_right_to_left(pair: Pair, desk: Opener, lang: str) -> None:
    """The same keys, the page mirrored: a notice of the other's is chosen, its time reads from left
    to right, ROGER and STOP go out; every list and dialog fits, and axe has no serious finding."""
    label = f"Range {lang}"
    with pair.alfa.client() as alfa:
        alfa.file(pair.alfa.line, notice(pair.alfa.now(), 34.9, 35.05, label="Over it"))
    with pair.bravo.client() as bravo:
        ref = bravo.file(pair.bravo.line, notice(pair.bravo.now(), 34.9, 35.0, label=label)).refs[0]
    here = desk(pair.alfa, query=f"lang={lang}&list=inbox", reduced_motion="reduce")
    page = here.page
    expect(page.locator("html")).to_have_attribute("dir", "rtl")
    selected(page, label)
    row = page.locator(f'[data-item="notice:{ref}"]')
    expect(row.locator(".number").first).to_have_css("direction", "ltr")
    page.keyboard.press("r")
    expect(page.locator(".bar", has_text=label).first).to_contain_text("ROGER")
    assert axe.found(page) == []
    for key in ("h", "t", "y", "Escape"):
        page.keyboard.press(key)
        expect(page.locator("body")).not_to_contain_text("[UNREVIEWED")
        expect(page.locator("body")).not_to_contain_text("\N{WHITE SQUARE}")
    page.get_by_role("tab").nth(3).click()
    expect(page.locator(".list .badge").first).to_be_visible()
    expect(page.locator(".list .badge", has_text=re.compile("[A-Z]{3}"))).to_have_count(0)
    there = desk(pair.bravo, query="list=inbox")
    page.keyboard.press("x")
    box = page.get_by_role("dialog").bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= page.viewport_size["width"]
    page.keyboard.press("Enter")
    stop = there.page.locator('[data-emergency-of="stop"]')
    expect(stop.first).to_be_visible()
    stop.get_by_role("button", name="HALTED").first.click()
    for n in range(page.get_by_role("tab").count()):
        page.get_by_role("tab").nth(n).click()
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
