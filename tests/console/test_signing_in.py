"""Who is signed in: in which name a window acts, and what it says when that changes."""

from playwright.sync_api import Page, expect

from tests.console.conftest import Opener, Pair


def person_of(page: Page) -> object:
    """In whose name the node takes what this page sends."""
    return page.evaluate("fetch('/v1/session').then((a) => a.json()).then((a) => a.person ?? '')")


def test_window_shows_in_whose_name_it_acts_once_another_signs_in_beside_it(
    pair: Pair, desk: Opener
) -> None:
    """Windows of a browser share the cookie: the first says that it is the second's now."""
    first = desk(pair.alfa, "watch")
    bar = first.page.locator(".shell header")
    expect(bar).to_contain_text("watch officer")
    second = first.page.context.new_page()
    second.goto(f"/console/#link={pair.alfa.link('commander')}")
    second.locator(".shell").wait_for()
    assert person_of(first.page) == "commander"
    said = first.page.get_by_role("alert").filter(has_text="watch was signed in at this window")
    expect(said).to_contain_text("Now it is commander")
    expect(bar).not_to_contain_text("watch officer")
    said.get_by_role("button", name="Close").click()
    expect(said).to_have_count(0)
    expect(second.get_by_text("was signed in at this window")).to_have_count(0)


def test_window_left_in_another_says_that_the_sign_in_has_ended(pair: Pair, desk: Opener) -> None:
    """Signing out in one window shows in the other, with what may have been the reason; the one
    where it was meant says nothing of the kind."""
    first = desk(pair.alfa, "watch")
    beside = first.page.context.new_page()
    beside.goto("/console/?work=settings")
    beside.locator(".shell").wait_for()
    beside.locator("section.work").get_by_role("button", name="Sign out").click()
    expect(first.page.get_by_role("alert")).to_contain_text("has ended")
    expect(beside.get_by_label("Password", exact=True)).to_be_visible()
    expect(beside.get_by_role("alert")).to_have_count(0)


def test_sign_in_that_is_over_says_so_and_the_draft_is_there_after_the_next_link(
    pair: Pair, desk: Opener
) -> None:
    """In the middle of a form: that it has ended, and in the same window, by a link put into its
    address, what was typed is there."""
    here = desk(pair.alfa, "watch")
    here.page.keyboard.press("n")
    label = here.page.get_by_label("Label", exact=True)
    label.fill("Range 7 tonight")
    here.page.context.clear_cookies()
    here.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(here.page.get_by_role("alert")).to_contain_text("has ended")
    here.page.evaluate("(code) => { location.hash = `link=${code}`; }", pair.alfa.link("watch"))
    expect(label).to_have_value("Range 7 tonight")
    assert "link=" not in here.page.url


def test_link_that_lets_nobody_in_is_told_where_another_is_signed_in(
    pair: Pair, desk: Opener
) -> None:
    """Who opens a used link on the machine of another must not take that other's page for his."""
    code = pair.alfa.link("commander")
    with pair.alfa.page(None) as elsewhere:
        assert elsewhere.post("/v1/session", json={"link": code}).status_code == 200
    here = desk(pair.alfa, "watch")
    here.page.evaluate("(code) => { location.hash = `link=${code}`; }", code)
    said = here.page.get_by_role("alert").filter(has_text="The link that was opened let nobody in")
    expect(said).to_contain_text("Still signed in here: watch.")
    expect(said).to_contain_text("the link was used before")
    said.get_by_role("button", name="Close").click()
    expect(said).to_have_count(0)
    here.page.goto(f"/console/?list=inbox#link={code}")
    expect(said).to_contain_text("Still signed in here: watch.")
