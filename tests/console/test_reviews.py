"""Joint reviews and times of alarms in the page: made, saved, laid side by side, wished for."""

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from clearline.client import asks
from clearline.model.ids import EntryRef
from clearline.model.time import HOUR, MINUTE, Instant, format_utc
from tests.api_node import notice, until
from tests.console import axe
from tests.console.conftest import Desk, Opener, Pair

MADE_MS = 60_000
"""A process of its own starts for each review, on a machine that may be busy."""
FROM_AGO, AHEAD = 2 * HOUR, 2 * HOUR
SAID_AND_DRAWN = """rows => rows.map((row) =>
  [row.textContent, row.querySelector('[role=img]').getAttribute('aria-label')])"""


@pytest.fixture(scope="module")
def watched(pair: Pair) -> Pair:
    """A notice of each that meet, so that both desks rang; one alarm is taken, others wait."""
    with pair.alfa.client() as alfa, pair.bravo.client() as bravo:
        alfa.file(pair.alfa.line, notice(pair.alfa.now(), 34.5, 35.2, label="Said by ALFA"))
        bravo.file(pair.bravo.line, notice(pair.bravo.now(), 34.5, 35.3, label="Said by BRAVO"))
        until(alfa, lambda: len(alfa.conflicts(pair.alfa.line)) == 1)
        until(bravo, lambda: len(bravo.notices(pair.bravo.line)) == 2)
        until(alfa, lambda: any(alert.severity == "alarm" for alert in alfa.alerts()))
        ringing = next(alert for alert in alfa.alerts() if alert.severity == "alarm")
        alfa.take(ringing.id)
    return pair


def written(at: int) -> str:
    """A time to the minute, as it is typed."""
    return format_utc(Instant(at // 60_000 * 60_000))[:16] + "Z"


def made(here: Desk, now: int, to: Path, *, desk: bool = False) -> Locator:
    """The review of the hours about now, saved; the report on the page."""
    page = here.page
    section = page.get_by_role("region", name="Make the review of a period")
    section.get_by_label("From, Z").fill(written(now - FROM_AGO))
    section.get_by_label("Until before, Z").fill(written(now + AHEAD))
    if desk:
        section.get_by_label("with our desk’s notes").check()
    section.get_by_role("button", name="Make the review").click()
    report = page.get_by_role("region", name="The review itself")
    report.wait_for(timeout=MADE_MS)
    with page.expect_download() as download:
        page.get_by_role("button", name="Save the review (JSON)").click()
    download.value.save_as(to)
    return report


def laid(page: Page, left: Path, right: Path) -> Locator:
    """Two files side by side."""
    page.get_by_label("One party’s review").set_input_files(left)
    page.get_by_label("The other party’s review").set_input_files(right)
    page.get_by_role("button", name="Lay side by side").click()
    told = page.locator(".told")
    told.wait_for(timeout=MADE_MS)
    return told


def test_each_party_makes_its_review_and_they_are_laid_side_by_side(
    watched: Pair, desk: Opener, tmp_path: Path
) -> None:
    """Both make it on their own page, of their own record; they agree; where one file says
    another thing, both values stand with whose they are, on the page and in what is printed."""
    now = watched.alfa.now()
    ours = desk(watched.alfa, "commander", query="work=review")
    theirs = desk(watched.bravo, "commander", query="work=review")
    a, b = tmp_path / "a.json", tmp_path / "b.json"
    report = made(ours, now, a)
    expect(report.get_by_role("heading", name="Review of ALFA")).to_be_visible()
    expect(report).to_contain_text("Every row names whose claim it is")
    made(theirs, now, b)
    told = laid(ours.page, a, b)
    expect(told).to_contain_text(re.compile("They agree|Nothing differs"), timeout=MADE_MS)
    whole = json.loads(b.read_text())
    row = next(row for row in whole["rows"] if row["section"] == "notices")
    cell = next(cell for cell in row["cells"] if isinstance(cell["value"], int))
    cell["value"] += 7
    changed = tmp_path / "changed.json"
    changed.write_text(json.dumps(whole))
    told = laid(ours.page, a, changed)
    expect(told).to_contain_text("They differ", timeout=MADE_MS)
    differs = ours.page.get_by_role("region", name="The review itself")
    expect(differs).to_contain_text("BRAVO says")
    with ours.page.expect_download() as download:
        ours.page.get_by_role("button", name="Save to print (HTML)").click()
    assert "BRAVO says" in Path(download.value.path()).read_text("utf-8")


def test_period_ends_now_unless_somebody_says_otherwise(watched: Pair, desk: Opener) -> None:
    """What has just come about is in a review for which nobody typed a time; a time that was typed
    stays."""
    page = desk(watched.alfa, "commander", query="work=review").page
    section = page.get_by_role("region", name="Make the review of a period")
    until_ = section.get_by_label("Until before, Z")
    now = watched.alfa.now()
    ends = [written(now + n * MINUTE) for n in range(1, 4)]
    expect(until_).to_have_value(re.compile("|".join(ends)))
    section.get_by_role("button", name="Make the review").click()
    report = page.get_by_role("region", name="The review itself")
    report.wait_for(timeout=MADE_MS)
    expect(report).to_contain_text(str(own_notice(watched)))
    until_.fill(written(now))
    expect(until_).to_have_value(written(now))


def own_notice(watched: Pair) -> EntryRef:
    """Where ALFA's notice stands."""
    with watched.alfa.client() as alfa:
        return next(each.ref for each in alfa.notices(watched.alfa.line) if each.own)


def test_report_that_is_shown_brings_nothing_that_runs(watched: Pair, desk: Opener) -> None:
    """Of a report only text and a few elements are taken over: no script, no link, no handler."""
    here = desk(watched.alfa, "commander", query="work=review")
    hostile = (
        "<!doctype html><body onload=\"window.ran=1\"><h1 onclick='ran()'>Review of X</h1>"
        "<script>window.ran=1</script><img src=x onerror='window.ran=1'><a href='x'>there</a>"
        "<iframe src='x'></iframe><p>told</p></body>"
    )
    answer = {"exit": 0, "result": {}, "page": hostile}
    here.page.route("**/review?*", lambda route: route.fulfill(json=answer))
    here.page.get_by_role("button", name="Make the review").click()
    report = here.page.get_by_role("region", name="The review itself")
    expect(report).to_contain_text("Review of Xtheretold")
    assert report.evaluate("(e) => e.querySelectorAll('script,img,a,iframe').length") == 0
    assert report.evaluate("(e) => [...e.querySelectorAll('*')].some(x => x.onclick)") is False
    assert here.state("window.ran") is None
    assert all("has been blocked" in text for text in here.complaints)
    here.complaints.clear()  # the browser says that it ran none of the handlers


def test_wish_is_noted_here_or_said_to_all(watched: Pair, desk: Opener, tmp_path: Path) -> None:
    """Noted, only the own review with the desk's part has it; said, the other party reads it."""
    here = desk(watched.alfa, "commander", query="work=review")
    form = here.page.get_by_role("form", name="A wish for the agreement")
    form.get_by_label("About what").select_option("lead-times")
    form.get_by_label("The wish, in your words").fill("30 min for convoys")
    form.get_by_role("button", name="Note it here").click()
    expect(form.get_by_label("The wish, in your words")).to_have_value("")
    form.get_by_label("The wish, in your words").fill("45 min near the border")
    form.get_by_label("say it on the line now").check()
    form.get_by_role("button", name="Say it on the line").click()
    with watched.bravo.client() as bravo:

        def said() -> bool:
            found = bravo.do(asks.asks(watched.bravo.line))
            return any(each.text == "review-wish" for each in found)

        until(bravo, said)
    report = made(here, watched.alfa.now(), tmp_path / "wishes.json", desk=True)
    expect(report).to_contain_text("30 min for convoys")
    there = desk(watched.bravo, "commander", query="work=review")
    theirs = made(there, watched.bravo.now(), tmp_path / "theirs.json", desk=True)
    expect(theirs).to_contain_text("45 min near the border")
    expect(theirs).not_to_contain_text("30 min for convoys")


def test_who_may_not_read_the_record_makes_no_review(watched: Pair, desk: Opener) -> None:
    """The watch can compare and wish; making one of the record is not offered."""
    page = desk(watched.alfa, query="work=review").page
    expect(page.get_by_role("button", name="Lay side by side")).to_be_visible()
    expect(page.get_by_role("button", name="Make the review")).to_have_count(0)


def test_times_of_alarms_are_written_and_drawn_and_what_waits_is_named(
    watched: Pair, desk: Opener
) -> None:
    """Per weight and role: how many rang, were taken, and wait; the picture says the same words."""
    page = desk(watched.alfa, query="work=times").page
    rows = page.locator(".work li")
    taken = rows.filter(has_text=re.compile(r"taken: [1-9]"))
    expect(taken.first).to_contain_text("Half within")
    waiting = rows.filter(has_text="NOT TAKEN")
    expect(waiting.first).to_contain_text("the oldest for")
    both = rows.evaluate_all(SAID_AND_DRAWN)
    assert both
    assert all(drawn in said for said, drawn in both), both
    with page.expect_response(lambda answer: "alert-times" in answer.url) as asked:
        page.get_by_role("button", name="30 days").click()
    length = dict(pair.split("=") for pair in asked.value.url.split("?")[1].split("&"))
    assert int(length["until"]) - int(length["from"]) == 30 * 24 * HOUR


@pytest.mark.parametrize("lang", ["en", "ar"])
def test_sheets_have_no_serious_finding(watched: Pair, desk: Opener, lang: str) -> None:
    """The rules of axe in three themes, with a report on the page, from right to left, too."""
    here = desk(
        watched.alfa, "commander", reduced_motion="reduce", query=f"work=review&lang={lang}"
    )
    here.page.locator(".work section button.primary").first.click()
    here.page.locator(".report h3").wait_for(timeout=MADE_MS)
    findings = axe.found(here.page)
    there = desk(watched.alfa, reduced_motion="reduce", query=f"work=times&lang={lang}")
    there.page.locator(".work li svg").first.wait_for()
    findings += axe.found(there.page)
    assert findings == []
