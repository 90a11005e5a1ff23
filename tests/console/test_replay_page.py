"""The replay page: claims by claimant, never one course of events, and never taken for now."""

import json
import re
from importlib import resources

from playwright.sync_api import Page, expect

from clearline.scenarios.events import Layer
from tests.api_node import notice
from tests.console.conftest import Opener, Pair

IL20 = "work=replay&rp=il20.israel"
HIT = 1537210980000
"""2018-09-17T19:03:00Z: after the notice's window, within its tail."""


def told(name: str = "il20.israel") -> dict[str, list[dict[str, str]]]:
    """The shipped timeline."""
    file = resources.files("clearline").joinpath("console", "replays", f"{name}.json")
    found: dict[str, list[dict[str, str]]] = json.loads(file.read_bytes())
    return found


def slide(page: Page, to: int) -> None:
    """Move the slider as a hand would."""
    page.get_by_role("slider", name="Time of the replay").evaluate(
        """(slider, to) => {
            slider.value = to;
            slider.dispatchEvent(new Event('input', {bubbles: true}));
        }""",
        to,
    )


def test_replay_is_marked_everywhere_and_opens_with_il20(pair: Pair, desk: Opener) -> None:
    """The word stands above, its day beside it, and the page says that nothing is on a line now."""
    here = desk(pair.alfa, query="work=replay")
    page = here.page
    expect(page.get_by_role("note")).to_contain_text("REPLAY")
    expect(page.get_by_role("note")).to_contain_text("2018-09-17")
    expect(page.get_by_label("What happened")).to_have_value("il20")
    assert "at=" not in page.url, "the watch's own time bar is left alone"


def test_each_claimant_has_a_lane_and_no_claim_stands_in_another(pair: Pair, desk: Opener) -> None:
    """At the end every claim of the file is in the column of who made it, and only there."""
    here = desk(pair.alfa, query=f"{IL20}&rt=1537215000000")
    claims = [each for each in told()["events"] if each["layer"] == Layer.CLAIM.value]
    claimants = {each["by"] for each in claims}
    assert {"ISR", "RUS"} <= claimants
    for by in claimants:
        column = here.page.locator(
            "article.claim", has=here.page.locator(f'h4 bdi:text-is("{by}")')
        )
        expect(column).to_have_count(1)
        others = [each["text"] for each in claims if each["by"] != by]
        own = [each["text"] for each in claims if each["by"] == by]
        expect(column).to_contain_text(own[0])
        for text in others:
            assert text in own or text not in column.inner_text()


def test_slider_brings_what_had_come_about_and_no_more(pair: Pair, desk: Opener) -> None:
    """Before the notice nothing is stated; in its window it is in force; later it is grey."""
    raid = next(each for each in told()["shapes"] if each["id"] == "raid")
    here = desk(pair.alfa, query=IL20)
    page = here.page
    shown = page.get_by_role("img", name="Map of the replay")
    expect(shown).to_have_attribute("data-stated", "0")
    slide(page, int(raid["since"]) + 1000)
    expect(shown).to_have_attribute("data-stated", "1")
    expect(shown).to_have_attribute("data-live", "0")
    slide(page, int(raid["volumes"][0]["start"]) + 1000)  # type: ignore[index]
    expect(shown).to_have_attribute("data-live", "2")
    late = "The Il-20 leaves radar"
    expect(page.get_by_text(late)).to_have_count(0)
    expect(page.locator(".clock").last).to_contain_text("2018-09-17")


def test_keys_step_through_what_happened(pair: Pair, desk: Opener) -> None:
    """] goes to the next thing that came about, \\ to the beginning; the watch stays at now."""
    here = desk(pair.alfa, query=IL20)
    slider = here.page.get_by_role("slider", name="Time of the replay")
    slider.wait_for()
    begun = slider.get_attribute("aria-valuetext")
    assert begun == "2018-09-17T17:30:00Z"
    here.page.keyboard.press("]")
    expect(slider).not_to_have_attribute("aria-valuetext", begun)
    here.page.keyboard.press("\\")
    expect(slider).to_have_attribute("aria-valuetext", begun)
    assert "at=" not in here.page.url


def test_account_of_another_is_looked_at_from_the_same_moment(pair: Pair, desk: Opener) -> None:
    """Changing whose account is played keeps the time; what that account claims takes its place."""
    here = desk(pair.alfa, query=f"{IL20}&rt={HIT}")
    page = here.page
    slider = page.get_by_role("slider", name="Time of the replay")
    expect(slider).to_have_attribute("aria-valuetext", "2018-09-17T19:03:00Z")
    page.get_by_label("Whose account is played").select_option("russia")
    page.wait_for_url(re.compile(r"rp=il20\.russia"))
    expect(slider).to_have_attribute("aria-valuetext", "2018-09-17T19:03:00Z")


def test_alarm_of_now_stands_above_the_replay(pair: Pair, desk: Opener) -> None:
    """A conflict that comes about while somebody watches the past is told on that page."""
    here = desk(pair.alfa, query=IL20)
    here.page.get_by_role("note").wait_for()
    with pair.alfa.client() as alfa, pair.bravo.client() as bravo:
        alfa.file(pair.alfa.line, notice(pair.alfa.now(), 34.5, 35.2, label="Ours"))
        bravo.file(pair.bravo.line, notice(pair.bravo.now(), 34.5, 35.2, label="Theirs"))
    told_now = here.page.get_by_role("alert").filter(has_text="ON THE LINE NOW")
    expect(told_now).to_be_visible()
    here.page.get_by_role("button", name="To the alarms").click()
    expect(here.page.get_by_role("note").filter(has_text="REPLAY")).to_have_count(0)
