"""Telling third parties of many notices at once: one word, a record of its own for each."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from clearline.model.ids import EntryRef
from clearline.model.time import HOUR, Instant
from clearline.node.views import NoticeView
from tests.api_node import Running, until
from tests.console import axe, busy
from tests.console.conftest import Opener, Pair, comes_true, linked

SITES = 240
RELAYED = "**/relayed"


@pytest.fixture(scope="module")
def waiting(parties: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """ALFA's node with many sites, of none of which its third parties were told."""
    with linked(parties, tmp_path_factory.mktemp("waiting")) as pair:
        busy.file(pair.alfa, busy.sites(Instant(pair.alfa.now() + HOUR), SITES, "protected-site"))
        yield pair.alfa


def untold(node: Running) -> dict[tuple[EntryRef, str], NoticeView]:
    """What the node holds for NOT TOLD, by version and third party."""
    with node.client() as client:
        return {
            (notice.ref, third.party): notice
            for notice in client.notices(node.line)
            for third in notice.third_parties
            if third.state == "NOT TOLD"
        }


def bar(page: Page) -> Locator:
    """Where many are told at once."""
    return page.get_by_role("region", name="Tell many at once")


def all_chosen(page: Page, count: int, means: str) -> None:
    """All that wait are chosen, and it is said how they were told."""
    chosen = bar(page).get_by_text(re.compile(rf"^{count} chosen"))

    def every() -> bool:
        for button in bar(page).get_by_role("button", name=re.compile("^Choose all")).all():
            button.click()
        return chosen.is_visible()

    comes_true(page, every)
    bar(page).get_by_label("By which means").fill(means)
    bar(page).get_by_role("button", name="Record it for all that are chosen").click()


def test_nothing_is_recorded_before_number_and_names_are_confirmed(
    waiting: Running, desk: Opener
) -> None:
    """One row and then all are chosen; the question names how many and whom; Escape records
    nothing, and leaves the choice."""
    page = desk(waiting, query="work=third").page
    held = untold(waiting)
    page.get_by_role("checkbox").first.check()
    expect(bar(page).get_by_text(re.compile("^1 chosen: .+ \\(1\\)$"))).to_be_visible()
    sent: list[str] = []
    page.on("request", lambda asked: sent.append(f"{asked.method} {asked.url}"))
    all_chosen(page, len(held), "telephone 4411")
    question = page.get_by_role("dialog", name="Tell many at once")
    expect(question).to_contain_text(f"Record the same for {len(held)}:")
    for third in {third for _, third in held}:
        named = {each.party: each.name for n in held.values() for each in n.third_parties}
        count = sum(party == third for _, party in held)
        expect(question).to_contain_text(f"{named[third]} ({count})")
    page.keyboard.press("Escape")
    expect(question).to_be_hidden()
    expect(bar(page).get_by_text(re.compile(rf"^{len(held)} chosen"))).to_be_visible()
    assert not [each for each in sent if "relayed" in each]
    assert untold(waiting).keys() == held.keys()


def test_what_fails_stays_not_told_and_is_listed_and_the_rest_is_recorded_each_by_itself(
    waiting: Running, desk: Opener
) -> None:
    """Two are refused on the way: they are named with the reason and stay NOT TOLD, all others have
    a record each; told again, those two have one, too."""
    page = desk(waiting, query="work=third").page
    held = untold(waiting)
    lost = sorted(held)[:2]

    def answer(route: Route) -> None:
        body = (route.request.post_data_json or {})["body"]
        if (EntryRef(*body["of"]), body["to"]) not in lost:
            return route.continue_()
        detail = {"title": "No", "detail": "The disk is full.", "code": "CL-X", "status": 507}
        return route.fulfill(status=507, json=detail)

    page.route(RELAYED, answer)
    all_chosen(page, len(held), "radio, duty captain")
    page.get_by_role("button", name=f"Record {len(held)}").click()
    ended = f"Ended: {len(held) - 2} of {len(held)} recorded, 2 not"
    expect(bar(page).get_by_text(ended)).to_be_visible(timeout=120_000)
    listed = bar(page).get_by_role("alert")
    expect(listed.get_by_role("listitem")).to_have_count(2)
    for ref, _ in lost:
        expect(listed).to_contain_text(f"{held[ref, _].label} The disk is full.")
    assert sorted(untold(waiting)) == lost
    with waiting.client() as client:
        thirds = [t for n in client.notices(waiting.line) for t in n.third_parties]
    said = [third for third in thirds if third.means == "radio, duty captain"]
    assert len(said) == len(held) - 2
    page.unroute(RELAYED)
    bar(page).get_by_role("button", name="Choose these again").click()
    bar(page).get_by_role("button", name="Record it for all that are chosen").click()
    page.get_by_role("button", name="Record 2").click()
    with waiting.client() as client:
        until(client, lambda: not untold(waiting))
    expect(page.locator("article.waits")).to_have_count(0)


def test_who_may_not_relay_is_offered_no_choice(waiting: Running, desk: Opener) -> None:
    """An investigator reads the board and chooses nothing."""
    page = desk(waiting, "investigator", query="work=third").page
    page.locator("article").first.wait_for()
    expect(page.get_by_role("checkbox")).to_have_count(0)
    expect(bar(page)).to_have_count(0)


@pytest.mark.parametrize("lang", ["en", "he"])
def test_telling_many_has_no_serious_finding(pair: Pair, desk: Opener, lang: str) -> None:
    """The rules of axe in three themes, with a choice made, from right to left, too."""
    busy.file(pair.alfa, busy.sites(Instant(pair.alfa.now() + HOUR), 3, "protected-site"))
    page = desk(pair.alfa, query=f"work=third&lang={lang}").page
    page.locator(".many button").first.click()
    page.locator(".many input:not([type])").fill("4411")
    findings = axe.found(page)
    page.locator(".many .primary").click()
    page.get_by_role("dialog").wait_for()
    assert findings + axe.found(page) == []
