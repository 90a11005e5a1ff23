"""Standing coordination in the page: one area and period, a measure signed by both, its end."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from clearline.client import asks
from clearline.model.time import HOUR, MINUTE, Instant, format_utc
from clearline.node.standing_view import StandingView
from tests.api_node import Running, notice, until
from tests.console import axe
from tests.console.conftest import Desk, Opener, Pair

MEASURE = "BRAVO holds at FL250"


def signed(node: Running) -> tuple[StandingView, ...]:
    """What the node says is signed."""
    with node.client() as client:
        return client.do(asks.standing(node.line))


def said(at: Instant) -> str:
    """A time as it is typed, to the minute."""
    return format_utc(Instant(at // MINUTE * MINUTE))


def form(here: Desk) -> Page:
    """The form for another area, by the palette."""
    here.page.keyboard.press("Control+k")
    here.page.keyboard.type("sign for another")
    here.page.keyboard.press("Enter")
    expect(here.page.get_by_label("With whom")).to_be_visible()
    return here.page


def filled(page: Page, measure: str, place: str, start: Instant, end: Instant) -> None:
    """An area pasted, its heights, its period."""
    page.get_by_label("Measure", exact=True).fill(measure)
    page.get_by_role("button", name="Paste", exact=True).click()
    page.get_by_label("Text, in DMS").fill(place)
    page.get_by_label("A list of points is").select_option("disc")
    page.get_by_label("Radius or half width").fill("40 km")
    page.get_by_role("button", name="Read it").click()
    page.get_by_role("button", name="Take it into the draft").click()
    expect(page.get_by_text("circle of")).to_be_visible()
    page.get_by_role("group", name="Lower limit").get_by_label("Measured from").select_option("SFC")
    page.get_by_role("group", name="Upper limit").get_by_label("Measured from").select_option("UNL")
    page.get_by_label("Start, Z").fill(said(start))
    page.get_by_label("End, Z").fill(said(end))


def sheet(here: Desk) -> Locator:
    """The sheet of all that is signed."""
    here.page.get_by_role("button", name="Menu").click()
    here.page.get_by_role("menuitem", name=re.compile("^Standing coordination")).click()
    return here.page.get_by_role("region", name="Standing coordination")


def test_area_is_signed_by_both_seen_with_the_conflict_and_ended(pair: Pair, desk: Opener) -> None:
    """One signs, the other is asked and signs the same: in force at both until its end, on the map
    and beside the pair that meets there; ending is two actions of either, and counts for both."""
    ours, theirs = desk(pair.alfa), desk(pair.bravo)
    page = form(ours)
    expect(page.get_by_label("With whom")).to_have_value("BRAVO")
    sign = page.get_by_role("button", name="Sign for this area and period")
    expect(sign).to_be_disabled()
    now = pair.alfa.now()
    filled(page, MEASURE, "34.50000N 35.20000E", Instant(now - MINUTE), Instant(now + 4 * HOUR))
    sign.click()
    here = page.get_by_role("article", name=MEASURE)
    expect(here).to_contain_text("signed by us alone: NOT in force")
    with pair.bravo.client() as bravo:
        until(bravo, lambda: [(v.by, v.holds) for v in signed(pair.bravo)] == [("ALFA", False)])

    theirs.page.get_by_role("button", name=re.compile("^Standing coordination 1$")).click()
    there = theirs.page.get_by_role("article", name=MEASURE)
    expect(there).to_contain_text("they have signed, we have not")
    theirs.page.get_by_role("tab", name=re.compile("^Alarms")).click()
    theirs.page.locator('[data-item^="alert:"]', has_text="signed a coordination").click()
    side = theirs.page.get_by_label("Detail", exact=True)
    side.get_by_role("button", name="See it on the map").press("Enter")
    theirs.page.get_by_role("button", name="Sign the same").press("Enter")
    expect(side).to_contain_text("IN FORCE")
    expect(here).to_contain_text("IN FORCE: both have signed")
    assert {view.holds for view in signed(pair.alfa)} == {True}

    with pair.alfa.client() as alfa, pair.bravo.client() as bravo:
        alfa.file(pair.alfa.line, notice(now, 34.5, 35.2, label="Range 7"))
        bravo.file(pair.bravo.line, notice(now, 34.5, 35.25, label="Relief"))
        until(alfa, lambda: len(alfa.conflicts(pair.alfa.line)) == 1)
    page.get_by_role("tab", name=re.compile("^Conflicts")).click()
    row = page.locator('[data-item^="conflict:"]', has_text="Relief")
    expect(row).to_contain_text(re.compile(f"under “{MEASURE}” until"))

    here.get_by_role("button", name="See it on the map").click()
    detail = page.get_by_label("Detail", exact=True)
    expect(detail.get_by_role("button", name="Relief")).to_be_visible()
    detail.get_by_role("button", name="End it early").click()
    detail.get_by_role("button", name="End it now").click()
    expect(detail.locator(".badge").first).to_have_text("over")
    expect(side.locator(".badge").first).to_have_text("over")
    expect(row).not_to_contain_text("under")
    assert not any(view.holds for view in signed(pair.bravo))


def test_area_is_touched_on_the_map_beneath_what_is_smaller(pair: Pair, desk: Opener) -> None:
    """A touch of the map in an area that is signed opens it; what could not be read is no area."""
    here = desk(pair.bravo)
    page = form(here)
    now = pair.bravo.now()
    filled(page, "East of the road", "33.00000N 39.00000E", now, Instant(now + HOUR))
    page.get_by_role("button", name="Show on the map").click()
    page.get_by_role("button", name="Sign for this area and period").click()
    row = sheet(here).get_by_role("article", name="East of the road")
    row.get_by_role("button", name="See it on the map").click()
    detail = page.get_by_label("Detail", exact=True)
    expect(detail).to_contain_text("Not signed by")
    page.get_by_label("Detail", exact=True).get_by_role("button", name="Close").click()
    expect(detail).not_to_contain_text("East of the road")
    page.locator(".host[data-shapes]").wait_for()
    box = page.locator("main.centre canvas").first.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    expect(detail).to_contain_text("East of the road")


def test_who_may_not_coordinate_sees_it_and_signs_nothing(pair: Pair, desk: Opener) -> None:
    """An investigator has the sheet, and no button that signs or ends."""
    here = desk(pair.alfa, "investigator")
    found = sheet(here)
    expect(found.get_by_text("Two parties sign one measure")).to_be_visible()
    expect(found.get_by_role("button", name="Sign for another area")).to_have_count(0)
    articles = found.get_by_role("article", name="East of the road")
    articles.get_by_role("button", name="See it on the map").click()
    detail = here.page.get_by_label("Detail", exact=True)
    expect(detail).to_contain_text("East of the road")
    expect(detail.get_by_role("button", name="Sign the same")).to_have_count(0)


@pytest.mark.parametrize("lang", ["en", "ar"])
def test_sheet_form_and_detail_have_no_serious_finding(pair: Pair, desk: Opener, lang: str) -> None:
    """The rules of axe in three themes; from right to left nothing runs out of its column."""
    here = desk(pair.alfa, reduced_motion="reduce", query=f"work=standing&lang={lang}")
    page = here.page
    page.locator(".work article").first.wait_for()
    findings = axe.found(page)
    page.locator(".work article button").first.click()
    page.locator(".detail table").wait_for()
    findings += axe.found(page)
    page.evaluate(  # in one: the map writes its place into the address a moment after it moved
        "history.pushState(null, '', '?sel=standing:new');"
        "dispatchEvent(new PopStateEvent('popstate'))"
    )
    page.locator(".detail form").wait_for()
    findings += axe.found(page)
    wide = page.evaluate(
        "[...document.querySelectorAll('.detail *')].filter(e => e.scrollWidth > e.clientWidth + 1"
        " && getComputedStyle(e).overflowX === 'visible' && e.clientWidth > 0).length"
    )
    assert findings == []
    assert wide == 0
