"""Nobody is shut out by how the page is made: the rules of axe on each view in three themes."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from clearline.model.entry import Stop
from tests.api_node import notice, until
from tests.console import axe, busy
from tests.console.conftest import TABLET, Desk, Opener, Pair

LETTERS = {
    "read-back": "b", "unable": "u", "object": "o", "ways out": "p", "coordinate": "c",
    "silence": "z", "call": "l", "stop": "x", "distress": "d", "accident": "Shift+A",
    "keys": "?", "palette": "Control+k",
}  # fmt: skip
"""Dialogs about a selected alarm of a conflict, by the key that opens each."""


@pytest.fixture(scope="module")
def full(pair: Pair) -> Pair:
    """A board with something of each sort on it: a conflict, a notice each, a message, movers,
    tracks, an open STOP of the other's and one of our own."""
    with pair.alfa.client() as alfa, pair.bravo.client() as bravo:
        now = pair.alfa.now()
        alfa.file(pair.alfa.line, notice(now, 34.5, 35.2, label="Range 7"))
        bravo.file(pair.bravo.line, notice(now, 34.5, 35.3, label="Relief", cls="air-movement"))
        bravo.say(pair.bravo.line, Stop())
        alfa.say(pair.alfa.line, Stop())
        until(alfa, lambda: len(alfa.conflicts(pair.alfa.line)) == 1)
        until(alfa, lambda: any(a.kind.value == "stop" for a in alfa.alerts()))
    busy.movers(pair.alfa)
    busy.feed(pair.alfa, 3)
    return pair


@pytest.fixture
def judged() -> Iterator[dict[str, list[str]]]:
    """Findings by what was looked at; there must be none at the end."""
    findings: dict[str, list[str]] = {}
    yield findings
    assert findings
    where: dict[str, list[str]] = {}
    for name, texts in findings.items():
        for text in texts:
            where.setdefault(text, []).append(name)
    assert not where, "\n".join(f"{text}\n  at {', '.join(at)}" for text, at in where.items())


def still(desk: Opener, full: Pair, **how: object) -> Desk:
    """A page on which nothing blinks, so that a colour is one colour."""
    return desk(full.alfa, reduced_motion="reduce", **how)


def test_sign_in_has_no_serious_finding(
    full: Pair, desk: Opener, judged: dict[str, list[str]]
) -> None:
    """The first page that anybody sees, with a refusal on it."""
    page = still(desk, full, signed_in=False).page
    page.get_by_label("Name").fill("nobody")
    page.get_by_label("Password").fill("not the password")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_be_visible()
    judged["sign-in"] = axe.found(page)


def test_lists_and_details_have_no_serious_finding(
    full: Pair, desk: Opener, judged: dict[str, list[str]]
) -> None:
    """Every tab, with the first of each sort of thing opened; a line; the tablet's layout."""
    page = still(desk, full).page
    page.locator('[data-item^="alert:"]').nth(1).wait_for()
    tabs = page.get_by_role("tab")
    for n in range(tabs.count()):
        tabs.nth(n).click()
        name = tabs.nth(n).get_attribute("id") or ""
        judged[name] = axe.found(page)
        for kind in ("alert", "conflict", "notice", "ask"):
            row = page.locator(f'.list [data-item^="{kind}:"]').first
            if row.count() > 0:
                row.click()
                page.get_by_label("Detail", exact=True).locator(".sections").wait_for()
                judged[f"{name} {kind}"] = axe.found(page)
    page.set_viewport_size({"width": TABLET[0], "height": TABLET[1]})
    page.locator("button.line").click()
    judged["line, on a tablet"] = axe.found(page)


def test_sheets_have_no_serious_finding(
    full: Pair, desk: Opener, judged: dict[str, list[str]]
) -> None:
    """Every sheet that the menu offers, whatever is in it: a new one is looked at by being there;
    and the menu itself."""
    page = still(desk, full, role="commander").page
    page.locator("button.line").wait_for()
    menu = page.get_by_role("button", name="Menu")
    menu.click()
    judged["menu"] = axe.found(page)
    names = page.get_by_role("menuitem").evaluate_all("all => all.length")
    page.keyboard.press("Escape")
    for n in range(names):
        menu.click()
        item = page.get_by_role("menuitem").nth(n)
        name = item.inner_text()
        item.click()
        page.locator(".work").wait_for()
        judged[name] = axe.found(page)


def test_dialogs_have_no_serious_finding(
    full: Pair, desk: Opener, judged: dict[str, list[str]]
) -> None:
    """Every answer and emergency that asks something, and the sheets that lie over the page."""
    page = still(desk, full, role="commander").page
    page.get_by_role("tab", name="Conflicts").click()
    page.locator('[data-item^="conflict:"]').first.click()
    opened(page, judged, ("read-back", "unable", "object", "ways out", "coordinate"))
    page.get_by_role("tab", name="Alarms").click()
    page.locator('[data-item^="alert:"]', has_text="Range 7").first.click()
    opened(page, judged, ("silence", "call", "stop", "distress", "accident"))
    opened(page, judged, ("keys", "palette"))


def opened(page: Page, judged: dict[str, list[str]], names: tuple[str, ...]) -> None:
    """Each dialog opened by its key, looked at, and closed by Escape without having acted."""
    for name in names:
        page.keyboard.press(LETTERS[name])
        page.get_by_role("dialog").wait_for()
        judged[name] = axe.found(page)
        page.keyboard.press("Escape")
        expect(page.get_by_role("dialog")).to_have_count(0)


def test_new_notice_has_no_serious_finding(
    full: Pair, desk: Opener, judged: dict[str, list[str]]
) -> None:
    """The draft with the field for pasted text open, and what could not be read."""
    page = still(desk, full).page
    page.locator("button.line").wait_for()
    page.keyboard.press("n")
    judged["draft"] = axe.found(page)
    page.get_by_role("button", name="Paste", exact=True).click()
    page.get_by_label("Text, in DMS").fill("35.30N 036.15E")
    page.get_by_role("button", name="Read it").click()
    page.get_by_role("alert").filter(has_text="apart").wait_for()
    judged["pasted"] = axe.found(page)
