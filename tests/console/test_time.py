"""The time bar and the vertical profile: another time is shown, and never taken for now."""

import re
from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import msgspec
import pytest
from playwright.sync_api import Page, expect

from clearline.model.entry import Notice
from clearline.model.space import Ground, Height, HeightRef
from clearline.model.time import HOUR, MINUTE, Instant
from tests.api_node import notice
from tests.console.conftest import TABLET, Opener, Pair

FILED: dict[str, str] = {}
LATER_MS = 3 * HOUR


def heights(of: Notice, lower: Height, upper: Height) -> Notice:
    """The same notice between two other heights."""
    volumes = tuple(msgspec.structs.replace(v, lower=lower, upper=upper) for v in of.volumes)
    return msgspec.structs.replace(of, volumes=volumes)


@pytest.fixture
def areas(pair: Pair) -> Pair:
    """Two areas that are not apart, with heights from different references; another, for later."""
    if not FILED:
        with pair.alfa.client() as alfa, pair.bravo.client() as bravo:
            first = heights(
                notice(pair.alfa.now(), 34.5, 35.2, label="By level"),
                Height(ref=HeightRef.FL, mm=100 * 30_480),
                Height(ref=HeightRef.FL, mm=150 * 30_480),
            )
            FILED["first"] = str(alfa.file(pair.alfa.line, first).refs[0])
            second = heights(
                notice(pair.bravo.now(), 34.5, 35.2, label="By ground"),
                Height(ref=HeightRef.SFC),
                Height(
                    ref=HeightRef.AGL, mm=3_500_000,
                    ground=Ground(low_mm=200_000, high_mm=900_000, by="survey"),
                ),
            )  # fmt: skip
            FILED["second"] = str(bravo.file(pair.bravo.line, second).refs[0])
            later = notice(Instant(pair.alfa.now() + LATER_MS), 34.9, 35.9, label="Only later")
            FILED["later"] = str(alfa.file(pair.alfa.line, later).refs[0])
    return pair


def shown_at(page: Page) -> int | None:
    """The time in the address."""
    found = parse_qs(urlsplit(page.url).query).get("at")
    return None if found is None else int(found[0])


def until_shown(page: Page, fits: Callable[[int], bool]) -> int:
    """Wait until the slider stands at a time that fits; that time."""
    slider = page.get_by_role("slider", name="Time shown")
    for _ in range(200):
        at = int(slider.get_attribute("aria-valuenow") or 0)
        if fits(at):
            return at
        page.wait_for_function(
            "was => document.querySelector('.timestrip').ariaValueNow !== was", arg=str(at)
        )
    raise AssertionError("it never came about")


def mark(name: str) -> str:
    """Where the bar of a notice lies in the page."""
    return f'.timestrip [data-ref="{FILED[name]}"]'


def test_notice_stands_on_the_time_bar_and_a_touch_selects_it(areas: Pair, desk: Opener) -> None:
    """Its window is a bar; list and bar choose the same; the time shown stays now."""
    here = desk(areas.alfa, query="map=34.5,35.2,8&list=inview")
    for name in FILED:  # one that comes later may move the others
        here.page.locator(mark(name)).wait_for(state="attached")
    bar = here.page.locator(mark("later"))
    box = bar.bounding_box()
    assert box is not None
    here.page.mouse.click(box["x"] + 3, box["y"] + 3)
    expect(here.page.locator(".item[aria-current=true]")).to_contain_text("Only later")
    assert shown_at(here.page) is None


def test_another_time_says_that_it_is_not_now(areas: Pair, desk: Opener) -> None:
    """Scrubbing shows another time, in words, until somebody goes back to now."""
    here = desk(areas.alfa, query="map=34.5,35.2,8&list=inview")
    here.page.locator(mark("first")).wait_for(state="attached")
    said = here.page.get_by_text(re.compile(r"NOT NOW: showing (\d\d-\d\d )?\d\d:\d\dZ")).first
    expect(said).to_be_hidden()
    strip = here.page.locator(".timestrip").bounding_box()
    assert strip is not None
    here.page.mouse.move(strip["x"] + strip["width"] * 0.5, strip["y"] + 5)
    here.page.mouse.down()
    here.page.mouse.move(strip["x"] + strip["width"] * 0.7, strip["y"] + 5, steps=4)
    here.page.mouse.up()
    expect(said).to_be_visible()
    until_shown(here.page, lambda at: at > areas.alfa.now() + 2 * HOUR)
    here.page.get_by_role("button", name="Back to now").click()
    expect(said).to_be_hidden()
    assert shown_at(here.page) is None


def test_what_is_not_in_force_then_is_grey_on_map_and_list(areas: Pair, desk: Opener) -> None:
    """In the window of two the third is idle; in its own it alone is in force."""
    row = ".list .item"
    for at, live, lit in ((70, "2", "By level"), (70 + LATER_MS // MINUTE, "1", "Only later")):
        query = f"map=34.5,35.2,8&list=inview&at={areas.alfa.now() + at * MINUTE}"
        page = desk(areas.alfa, query=query).page
        expect(page.locator(".host")).to_have_attribute("data-live", live)
        expect(page.locator(".timestrip .idle")).to_have_count(3 - int(live))
        for label in ("ALFA By level", "ALFA Only later"):
            told = expect(page.locator(row, has_text=label).last)
            if label.endswith(lit):
                told.not_to_contain_text("not in force")
            else:
                told.to_contain_text("not in force")


def test_keys_step_play_runs_and_the_way_back_is_one_key(areas: Pair, desk: Opener) -> None:
    """[ and ] move the time shown, play runs it on, \\ is now again."""
    here = desk(areas.alfa, query="map=34.5,35.2,8")
    page = here.page
    page.locator(mark("first")).wait_for(state="attached")
    page.keyboard.press("]")
    first = until_shown(page, lambda at: at % (5 * MINUTE) == 0)
    page.keyboard.press("[")
    until_shown(page, lambda at: at == first - 5 * MINUTE)
    page.get_by_label("How fast time runs").select_option("60")
    page.get_by_role("button", name="Let time run").click()
    until_shown(page, lambda at: at > first + MINUTE)
    page.get_by_role("button", name="Hold").click()
    page.locator("body").press("\\")
    expect(page.get_by_text("NOT NOW").first).to_be_hidden()


def test_bar_is_a_slider_for_the_keyboard_and_reaches_as_far_as_asked(
    areas: Pair, desk: Opener
) -> None:
    """It says its time in words; two hours do not hold what comes in three, six do."""
    here = desk(areas.alfa, query="span=2", size=TABLET)
    slider = here.page.get_by_role("slider", name="Time shown")
    expect(slider).to_have_attribute("aria-valuetext", "now")
    expect(here.page.locator(mark("first"))).to_have_count(1)
    expect(here.page.locator(mark("later"))).to_have_count(0)
    here.page.get_by_role("button", name="The next 6 hours").click()
    expect(here.page.locator(mark("later"))).to_have_count(1)
    slider.focus()
    here.page.keyboard.press("ArrowRight")
    expect(slider).to_have_attribute("aria-valuetext", re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:"))


def test_profile_prints_each_bound_with_its_reference(areas: Pair, desk: Opener) -> None:
    """Both intervals as stated, in feet and metres, and that different references do not compare by
    eye; what the node finds stands below."""
    pair_id = "%2B".join(sorted((FILED["first"], FILED["second"])))
    here = desk(areas.alfa, query=f"sel=conflict:{pair_id}")
    profile = here.page.get_by_role("region", name="Heights of both")
    expect(profile).to_contain_text("FL100 – FL150")
    expect(profile).to_contain_text(re.compile(r"3\W048 m / 10\W000 ft FL"))
    expect(profile).to_contain_text(re.compile(r"SFC – 11\W483 ft AGL"))
    expect(profile).to_contain_text(re.compile(r"ground 656 ft to 2\W953 ft AMSL"))
    expect(profile).to_contain_text("different references (FL · AGL)")
    expect(profile).to_contain_text("Apart in height, as the node finds")
