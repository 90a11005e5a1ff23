"""The frame of the page: signing in, the clock, the lines, staleness, what stays in the address."""

import re
from pathlib import Path

from playwright.sync_api import expect

from tests.api_node import found, notice, running
from tests.console.conftest import TABLET, WAIT_MS, Opener, Pair


def test_link_signs_in_once_and_leaves_no_code_in_the_address(pair: Pair, desk: Opener) -> None:
    """The code is gone from the address bar; the cookie holds over a new load of the page."""
    here = desk(pair.alfa)
    assert "link=" not in here.page.url
    here.page.reload()
    here.page.locator(".shell").wait_for()
    assert here.page.evaluate("document.cookie") == "", "no script can read the cookie"


def test_without_a_session_the_page_asks_who_it_is(pair: Pair, desk: Opener) -> None:
    """A wrong name and password is refused in words, and the page stays."""
    here = desk(pair.alfa, signed_in=False)
    here.page.get_by_label("Name").fill("nobody")
    here.page.get_by_label("Password").fill("not the password")
    here.page.get_by_role("button", name="Sign in").click()
    expect(here.page.get_by_role("alert")).to_be_visible()
    expect(here.page.locator(".shell")).to_have_count(0)


def test_top_bar_tells_time_in_z_and_each_line_with_its_age(pair: Pair, desk: Opener) -> None:
    """The clock is the node's and always there; a line's state stands in words beside its mark."""
    here = desk(pair.alfa)
    expect(here.page.locator(".clock strong")).to_have_text(re.compile(r"^\d\d:\d\d:\d\dZ$"))
    line = here.page.locator("button.line")
    expect(line).to_contain_text("BRAVO")
    expect(line).to_contain_text("UP")
    expect(line).to_contain_text(re.compile(r"\d+ s"))
    line.click()
    expect(here.page.get_by_label("Detail", exact=True)).to_contain_text("Its clock beside ours")
    expect(here.page).to_have_url(re.compile("sel=peer"))


def test_disarmed_watch_is_red_and_counts_as_no_desk(pair: Pair, desk: Opener) -> None:
    """Until somebody arms the sound the page says so, and the node holds it for deaf."""
    here = desk(pair.alfa)
    banner = here.page.get_by_text("SOUND IS OFF")
    expect(banner).to_be_visible()
    with here.page.expect_request(lambda r: "/v1/events" in r.url and "desk=" in r.url):
        here.page.get_by_role("button", name="Arm the watch").click()
    expect(banner).to_be_hidden()


def test_page_that_is_no_desk_of_the_node_says_so_and_asks_which(
    parties: Path, tmp_path: Path, desk: Opener
) -> None:
    """A node with desks of its own knows no desk of another name: the page says that nobody counts
    as having heard, goes on showing what changes, and hears as soon as a desk is chosen."""
    folder = found(parties, tmp_path / "desks", "ALFA", "BRAVO")
    config = folder / "node.toml"
    north = '[[desks]]\nname = "north"\nroles = ["watch-officer"]\n'
    config.write_text(config.read_text().replace("[channels.desk]", f"{north}\n[channels.desk]"))
    with running(folder) as node:
        here = desk(node)
        here.page.get_by_role("button", name="Arm the watch").click()
        banner = here.page.get_by_role("alert").filter(has_text="is no desk of this node")
        expect(banner).to_be_visible(timeout=WAIT_MS)
        with here.page.expect_request(lambda r: "desk=north" in r.url):
            banner.get_by_role("button", name="north").click()
        expect(banner).to_be_hidden()
        here.page.context.close()


def test_notice_of_the_other_party_is_on_this_page_at_once(pair: Pair, desk: Opener) -> None:
    """What BRAVO files appears in ALFA's list without anybody's touch, and is chosen on both sides:
    list and address say the same."""
    here = desk(pair.alfa)
    with pair.bravo.client() as bravo:
        bravo.file(pair.bravo.line, notice(pair.bravo.now(), 36.5, 37.0, label="Seen at once"))
    here.page.get_by_role("tab", name="In view").click()
    row = here.page.locator(".item", has_text="Seen at once")
    row.click()
    expect(row).to_have_attribute("aria-current", "true")
    expect(here.page).to_have_url(re.compile(r"sel=notice%3ABRAVO\.0%2F"))
    other = desk(pair.alfa, query=here.page.url.partition("?")[2])
    expect(other.page.locator(".item[aria-current=true]")).to_contain_text("Seen at once")


def test_page_right_to_left_keeps_times_in_order(pair: Pair, desk: Opener) -> None:
    """In Arabic the page runs from right to left; the clock keeps Latin digits in their order."""
    here = desk(pair.alfa, query="lang=ar")
    expect(here.page.locator("html")).to_have_attribute("dir", "rtl")
    expect(here.page.locator(".clock strong")).to_have_text(re.compile(r"^\d\d:\d\d:\d\dZ$"))
    here.page.wait_for_function(
        "() => document.querySelector('.list').getBoundingClientRect().left > 600"
    )  # the list stands on the right


def test_detail_lies_over_the_map_on_a_tablet(pair: Pair, desk: Opener) -> None:
    """At 1024 x 768 list and map share the width, and the detail comes when it is asked for."""
    here = desk(pair.alfa, size=TABLET)
    detail = here.page.get_by_label("Detail", exact=True)
    expect(detail).to_be_hidden()
    here.page.locator("button.line").click()
    expect(detail).to_be_visible()
    here.page.keyboard.press("Escape")
    expect(detail).to_be_hidden()
    wide = here.page.evaluate("document.documentElement.scrollWidth")
    assert wide <= TABLET[0]


def test_stale_feed_says_since_when(pair: Pair, desk: Opener) -> None:
    """Without two heartbeats the page no longer poses as current, and names the time."""
    here = desk(pair.alfa)
    here.page.locator("button.line").wait_for()
    here.page.clock.install()
    here.page.reload()
    here.page.locator("button.line").wait_for()
    here.page.context.set_offline(True)
    here.page.clock.run_for(40_000)
    expect(here.page.get_by_text(re.compile(r"FEED STALE SINCE \d\d:\d\d:\d\dZ"))).to_be_visible()
    link = here.page.locator("button.line")
    expect(link).to_contain_text(re.compile(r"UP as of \d\d:\d\dZ, not known now"))
    expect(link).not_to_contain_text("●")
    here.complaints.clear()  # the browser tells of each request that found nobody


def test_nothing_can_be_pressed_for_a_line_that_is_not_known_yet(pair: Pair, desk: Opener) -> None:
    """While the page has not read its lines, no button takes a press and does nothing; the moment
    it has, what was written goes."""
    page = desk(pair.alfa, "commander").page
    page.route("**/v1/node", lambda route: None)

    def opened(query: str) -> None:
        page.goto("about:blank")
        page.goto(f"/console/?{query}")
        page.locator(".shell").wait_for()

    opened("work=times")
    expect(page.get_by_role("button", name="Read again")).to_be_disabled()
    opened("work=messages&new=message")
    page.get_by_label("What is to be said").select_option("listen-on")
    page.locator("#blank-frequency_khz").fill("121500")
    expect(page.get_by_role("button", name="Send", exact=True)).to_be_disabled()
    opened("work=review")
    page.get_by_label("About what").select_option("lead-times")
    page.get_by_label("The wish, in your words").fill("30 min for convoys")
    note = page.get_by_role("button", name="Note it here")
    expect(note).to_be_disabled()
    page.unroute("**/v1/node")  # what it held goes on
    note.click()
    expect(page.get_by_label("The wish, in your words")).to_have_value("")


def test_newer_of_sheet_and_detail_lies_above_on_a_tablet(pair: Pair, desk: Opener) -> None:
    """There is room for one of the two: a sheet that is opened is seen whole and can be closed, the
    detail comes back with the next choice, be it the same, and Escape closes what is above."""
    with pair.bravo.client() as bravo:
        filed = bravo.file(pair.bravo.line, notice(pair.bravo.now(), 36.1, 36.2, label="Below"))
    page = desk(pair.alfa, size=TABLET, has_touch=True, query="list=inbox").page
    row = page.locator(f'[data-item="notice:{filed.refs[0]}"]')
    detail = page.get_by_label("Detail", exact=True)
    row.tap()
    expect(detail).to_contain_text("Below")
    page.keyboard.press("t")
    sheet = page.locator(".work")
    expect(detail).to_be_hidden()
    close = sheet.get_by_role("button", name="Close")
    box, screen = close.bounding_box(), page.viewport_size
    assert box is not None
    assert screen is not None
    middle = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    assert page.evaluate("([x, y]) => document.elementFromPoint(x, y).ariaLabel", middle) == "Close"
    row.tap()
    expect(detail).to_be_visible()
    page.keyboard.press("Escape")
    expect(detail).to_be_hidden()
    expect(sheet).to_be_visible()
    page.keyboard.press("Escape")
    expect(sheet).to_have_count(0)
