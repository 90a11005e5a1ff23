"""Choices of a person and of a computer, saved views, the palette, and the sheet of keys."""

import re

from playwright.sync_api import Locator, expect

from tests.api_node import notice
from tests.console.conftest import Desk, Opener, Pair

NEW = "one long password, made up"


def opened(here: Desk) -> Locator:
    """The sheet of settings, opened from the bar."""
    here.page.locator("button.who").click()
    sheet = here.page.locator("section.work")
    expect(sheet.get_by_role("heading", name="Settings")).to_be_visible()
    return sheet


def test_theme_and_units_hold_at_once_and_at_the_next_computer(pair: Pair, desk: Opener) -> None:
    """What a person chooses is shown at once, and holds for him in another browser: the node keeps
    it; what belongs to the computer stays there."""
    here = desk(pair.alfa, "commander")
    sheet = opened(here)
    with here.page.expect_response(lambda r: r.request.method == "PUT"):
        sheet.get_by_role("button", name="Night").click()
    expect(here.page.locator("html")).to_have_attribute("data-theme", "night")
    sheet.get_by_label("Name of this desk").fill("north")
    with here.page.expect_response(lambda r: r.request.method == "PUT"):
        sheet.get_by_label("Heights").select_option("m")
    there = desk(pair.alfa, "commander", query="work=settings")
    expect(there.page.locator("html")).to_have_attribute("data-theme", "night")
    other = there.page.locator("section.work")
    expect(other.get_by_label("Heights")).to_have_value("m")
    expect(other.get_by_label("Name of this desk")).to_have_value("console")


def test_language_that_nobody_reviewed_says_so(pair: Pair, desk: Opener) -> None:
    """The choice of languages marks what is unreviewed, and the page follows the choice."""
    here = desk(pair.alfa)
    sheet = opened(here)
    tongue = sheet.locator("select").first
    expect(tongue.locator("option[lang=ar]")).to_contain_text("UNREVIEWED")
    expect(tongue.locator("option[lang=en]")).not_to_contain_text("UNREVIEWED")
    with here.page.expect_response(lambda r: r.request.method == "PUT"):
        tongue.select_option("ar")
    expect(here.page.locator("html")).to_have_attribute("dir", "rtl")
    expect(sheet.locator(".badge", has_text="لم تُراجَع")).to_be_visible()
    with here.page.expect_response(lambda r: r.request.method == "PUT"):
        tongue.select_option("en")
    expect(here.page.locator("html")).to_have_attribute("dir", "ltr")


def test_a_view_is_saved_opened_again_and_removed(pair: Pair, desk: Opener) -> None:
    """A saved view brings back list, map and filter from the node, in another browser too."""
    here = desk(pair.alfa, query="list=conflicts&q=bridge&map=5.00,36.0000,37.0000")
    sheet = opened(here)
    sheet.get_by_label("Name of the view").fill("My bridge")
    sheet.get_by_role("button", name="Save what is shown").click()
    expect(sheet.get_by_role("button", name="My bridge", exact=True)).to_be_visible()
    there = desk(pair.alfa)
    opened(there).get_by_role("button", name="My bridge", exact=True).click()
    expect(there.page.locator("section.work")).to_have_count(0)
    expect(there.page).to_have_url(re.compile("list=conflicts"))
    for said in ("list=conflicts", "q=bridge"):
        assert said in there.page.url
    assert "work=" not in there.page.url
    sheet = opened(there)
    sheet.get_by_role("button", name="Remove My bridge").click()
    expect(sheet.get_by_text("No view is saved.")).to_be_visible()


def test_two_pages_of_one_person_do_not_undo_each_others_views(pair: Pair, desk: Opener) -> None:
    """Each change is made on top of what the node has, not on what this page once read."""
    first, second = desk(pair.alfa, "planner"), desk(pair.alfa, "planner")
    for here, name in ((first, "First"), (second, "Second")):
        sheet = opened(here)
        sheet.get_by_label("Name of the view").fill(name)
        sheet.get_by_role("button", name="Save what is shown").click()
        expect(sheet.get_by_role("button", name=name, exact=True)).to_be_visible()
    expect(
        second.page.locator("section.work").get_by_role("button", name="First", exact=True)
    ).to_be_visible()


def test_password_is_changed_here_and_signs_in(pair: Pair, desk: Opener) -> None:
    """Two that differ are not sent; then it is changed, and the new one signs in elsewhere."""
    here = desk(pair.alfa, "investigator")
    sheet = opened(here)
    person = sheet.locator("strong bdi").text_content() or ""
    sheet.get_by_label("New password, 12 signs").fill(NEW)
    sheet.get_by_label("New password once more").fill(NEW + "?")
    change = sheet.get_by_role("button", name="Change the password")
    change.click()
    expect(sheet.get_by_role("alert")).to_contain_text("not the same")
    sheet.get_by_label("New password once more").fill(NEW)
    change.click()
    expect(sheet.get_by_text("Changed.")).to_be_visible()
    there = desk(pair.alfa, signed_in=False)
    there.page.get_by_label("Name").fill(person)
    there.page.get_by_label("Password").fill(NEW)
    there.page.get_by_role("button", name="Sign in").click()
    there.page.locator(".shell").wait_for()
    opened(there).get_by_role("button", name="Sign out").click()
    expect(there.page.get_by_label("Password", exact=True)).to_be_visible()


def test_palette_finds_notices_and_does_what_the_role_may(pair: Pair, desk: Opener) -> None:
    """Ctrl-K finds by parts of a name and opens by Enter; what one may not do is not there."""
    with pair.bravo.client() as bravo:
        bravo.file(pair.bravo.line, notice(pair.bravo.now(), 36.5, 37.0, label="Lämmergeier east"))
    here = desk(pair.alfa)
    alarm = here.page.locator('.list [data-item^="alert:"]', has_text="Lämmergeier")
    expect(alarm.first).to_be_visible()  # it stands among what is found, and is there by then
    here.page.get_by_role("tab", name="In view").click()
    expect(here.page.locator(".item", has_text="Lämmergeier")).to_be_visible()
    here.page.keyboard.press("Control+k")
    here.page.keyboard.type("lamm east")
    finds = here.page.get_by_role("listbox", name="Find a thing")
    options = finds.get_by_role("option")
    expect(options.first).to_be_visible()
    expect(options.filter(has_not_text="Lämmergeier east")).to_have_count(0)
    here.page.keyboard.press("ArrowUp")  # alarms about it stand before it
    expect(options.last).to_have_attribute("aria-selected", "true")
    expect(options.last).to_contain_text("Notice")
    here.page.keyboard.press("Enter")
    expect(here.page.get_by_label("Detail", exact=True)).to_contain_text("Lämmergeier east")
    expect(finds).to_have_count(0)
    here.page.keyboard.press("Control+k")
    expect(here.page.get_by_role("option", name="New notice")).to_have_count(1)
    here.page.keyboard.type("nothing has this name at all")
    expect(here.page.get_by_text("Nothing has this name.")).to_be_visible()
    here.page.keyboard.press("Escape")
    expect(finds).to_have_count(0)
    reader = desk(pair.alfa, "investigator")
    reader.page.get_by_role("button", name="Find", exact=True).click()
    expect(reader.page.get_by_role("option", name="Settings")).to_have_count(1)
    expect(reader.page.get_by_role("option", name="New notice")).to_have_count(0)


def test_key_sheet_lists_the_keys_and_letters_can_be_switched_off(pair: Pair, desk: Opener) -> None:
    """The sheet has what the page obeys; with letters off none acts, and the sheet says so."""
    here = desk(pair.alfa)
    here.page.keyboard.press("?")
    sheet = here.page.get_by_role("dialog", name="All keys")
    for key in ("a", "x", "d", "Ctrl k", "Shift a"):
        expect(sheet.get_by_text(key, exact=True).first).to_be_visible()
    here.page.keyboard.press("Escape")
    expect(sheet).to_be_hidden()
    settings = opened(here)
    with here.page.expect_response(lambda r: r.request.method == "PUT"):
        settings.get_by_label("Single letters act").uncheck()
    here.page.locator("h2").first.click()
    here.page.keyboard.press("?")
    here.page.keyboard.press("Control+k")
    expect(here.page.get_by_role("combobox", name="A part of a name")).to_be_visible()
    expect(sheet).to_be_hidden()
    here.page.keyboard.press("Escape")
    settings.get_by_role("button", name="Show all keys").click()
    expect(sheet).to_contain_text("switched off")
    with here.page.expect_response(lambda r: r.request.method == "PUT"):
        sheet.get_by_role("button", name="Switch them on").click()
    expect(sheet).not_to_contain_text("switched off")
