"""What a filter hides and what it never hides, the wall, and an exercise that nobody mistakes."""

import re
from collections.abc import Iterator

import pytest
from msgspec.structs import replace
from playwright.sync_api import expect

from clearline.model.space import Height, HeightRef
from tests.api_node import Running, cli, found, notice, running, until
from tests.console import axe, busy
from tests.console.conftest import Opener, Pair

LINE = "bilateral-air"


@pytest.fixture(scope="module")
def drilling(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A node on one line, and that line is an exercise."""
    folder = tmp_path_factory.mktemp("drill")
    cards: list[str] = []
    for party in ("ALFA", "BRAVO"):
        here = str(folder / party)
        cli("party", "new", party, "--name", f"Party {party}", "--dir", here, "--no-passphrase")
        cards += ["--party", f"{here}/card.json"]
    terms = folder / "line.toml"
    cli("agreement", "draft", LINE, *cards, "-o", str(terms))
    text = terms.read_text()
    assert "exercise = false" in text
    terms.write_text(text.replace("exercise = false", "exercise = true"))
    cli("agreement", "sign", str(terms), "--as", str(folder / "ALFA"))
    cli("agreement", "sign", str(folder / "line.json"), "--as", str(folder / "BRAVO"))
    with running(found(folder, folder / "node", "ALFA", "BRAVO")) as node:
        yield node


def test_filter_holds_in_lists_says_what_rings_unseen_and_is_cleared(
    pair: Pair, desk: Opener
) -> None:
    """One key opens it on the list that is open; what it hides is counted over everything, with the
    alarms that ring; one touch shows all again."""
    with pair.bravo.client() as bravo:
        bravo.file(pair.bravo.line, notice(pair.bravo.now(), 36.5, 37.0, label="Kestrel"))
    here = desk(pair.alfa, query="list=alerts")
    about = here.page.locator('.list .item[data-item^="alert:"]', has_text="Kestrel")
    filed = here.page.locator('.list .item[data-item^="notice:"]', has_text="Kestrel")
    expect(about.first).to_be_visible()
    here.page.keyboard.press("/")
    text = here.page.get_by_label("Text, or /pattern/")
    expect(text).to_be_focused()
    text.fill("no such thing")
    expect(about).to_have_count(0)
    strip = here.page.locator(".filtered")
    expect(strip).to_contain_text("FILTER ON")
    expect(strip).not_to_contain_text("0 of them ringing")
    expect(here.page.locator(".strip")).to_contain_text("not taken")
    here.page.get_by_role("tab", name="Inbox").click()
    expect(filed).to_have_count(0)
    text.fill("/^kes.*l$/")
    expect(filed).to_have_count(1)
    text.fill("/(a+)+$/")
    expect(here.page.get_by_text("This pattern cannot be read")).to_be_visible()
    expect(here.page).to_have_url(re.compile("q="))
    strip.get_by_role("button", name="Show all").click()
    expect(strip).to_have_count(0)
    here.page.get_by_role("tab", name="Alarms").click()
    expect(about.first).to_be_visible()


def test_filter_covers_movers_and_tracks_and_never_who_is_exposed(pair: Pair, desk: Opener) -> None:
    """By name, on list and map alike; a mover of ours inside a hazard stays, whatever is asked."""
    busy.movers(pair.alfa)
    busy.feed(pair.alfa, 3)
    here = desk(pair.alfa, query="list=inview&map=35.0,36.0,6")
    movers = here.page.locator('.list [data-item^="mover:"]')
    tracks = here.page.locator('.list [data-item^="track:"]')
    host = here.page.locator(".host")
    expect(movers).to_have_count(2)
    expect(tracks).to_have_count(3)
    here.page.keyboard.press("/")
    text = here.page.get_by_label("Text, or /pattern/")
    text.fill("4b0001")
    expect(tracks).to_have_count(1)
    expect(movers).to_have_count(0)
    expect(host).to_have_attribute("data-tracks", "1")
    expect(host).to_have_attribute("data-movers", "0")
    text.fill("convoy")
    expect(movers).to_have_count(1)
    expect(movers).to_contain_text("CONVOY 7")
    expect(tracks).to_have_count(0)
    with pair.bravo.client() as bravo, pair.alfa.client() as alfa:
        now = pair.bravo.now()
        hazard = notice(now, 35.1, 36.2, label="Over the mover", radius_km=20, in_minutes=5)
        low, high = Height(ref=HeightRef.SFC), Height(ref=HeightRef.UNL)
        volume = replace(hazard.volumes[0], lower=low, upper=high)
        bravo.file(pair.bravo.line, replace(hazard, volumes=(volume,)))

        def exposed() -> bool:
            found = [n for n in alfa.notices(pair.alfa.line) if n.label == "Over the mover"]
            return any(n.exposure is not None and n.exposure.movers for n in found)

        until(alfa, exposed)
    text.fill("no such thing")
    expect(movers).to_have_count(1)
    expect(movers).to_contain_text("DUSTOFF 1")


def test_no_filter_hides_an_emergency(pair: Pair, desk: Opener) -> None:
    """A STOP stands in list and inbox whatever is asked for."""
    with pair.bravo.page() as page:
        said = page.post(f"/v1/lines/{pair.bravo.line}/stop", json={"body": {}, "id": "filtered"})
    assert said.status_code in (200, 201), said.text
    here = desk(pair.alfa, query="list=alerts&q=no+such+thing&party=NOBODY&cls=none&low=600")
    expect(here.page.locator(".list .item.emergency").first).to_contain_text("STOP")
    here.page.get_by_role("tab", name="Inbox").click()
    expect(here.page.locator('.list .item[data-item^="ask:"]').first).to_contain_text("STOP")


def test_wall_shows_alarms_large_and_offers_nothing_to_choose(pair: Pair, desk: Opener) -> None:
    """No tabs, no detail, larger letters; STOP stays, and one touch leaves it."""
    with pair.bravo.client() as bravo:
        bravo.file(pair.bravo.line, notice(pair.bravo.now(), 37.5, 37.0, label="Merlin"))
    here = desk(pair.alfa, "commander", query="sel=peer:x")
    here.page.get_by_role("button", name="Find", exact=True).click()
    here.page.keyboard.type("wall mode")
    with here.page.expect_response(lambda r: "/v1/duties" in r.url):
        here.page.keyboard.press("Enter")
    expect(here.page.locator(".wall-list")).to_contain_text("Merlin")
    expect(here.page.get_by_role("tab")).to_have_count(0)
    expect(here.page.locator("aside.detail")).to_be_hidden()
    expect(here.page.get_by_role("button", name="STOP").first).to_be_visible()
    expect(here.page.locator("html")).to_have_css("font-size", "22px")
    here.page.get_by_role("button", name="Leave wall mode").click()
    expect(here.page.get_by_role("tab").first).to_be_visible()
    expect(here.page.locator("html")).to_have_css("font-size", "15px")


@pytest.mark.parametrize("work", ["", "settings", "messages", "line", "third", "filing"])
def test_an_exercise_is_said_on_every_sheet(drilling: Running, desk: Opener, work: str) -> None:
    """In words, with a frame and a hatch of its own, whatever sheet is open, in every theme."""
    here = desk(drilling, query=f"work={work}")
    for theme in ("day", "night", "red"):
        here.page.evaluate(f"document.documentElement.dataset.theme = '{theme}'")
        band = here.page.locator(".drill").first
        expect(band).to_contain_text("EXERCISE on")
        expect(band).to_be_visible()
        expect(here.page.locator(".shell")).to_have_css("border-top-width", "8px")
    here.page.keyboard.press("x")
    expect(here.page.get_by_role("dialog").locator(".drill")).to_have_text("EXERCISE")


def test_a_real_line_says_nothing_of_an_exercise(pair: Pair, desk: Opener) -> None:
    """The band and the frame are there for an exercise alone."""
    here = desk(pair.alfa)
    here.page.locator("button.line").wait_for()
    expect(here.page.locator(".drill")).to_have_count(0)
    expect(here.page.locator(".shell.exercise")).to_have_count(0)


def test_palette_keys_filter_wall_and_exercise_have_no_serious_finding(
    drilling: Running, desk: Opener
) -> None:
    """The accessibility rules hold for each, in the colours of all three themes."""
    page = desk(drilling, query="q=nothing", reduced_motion="reduce").page
    page.locator(".filtered").wait_for()
    wrong = {"filter and exercise": axe.found(page)}
    page.keyboard.press("Control+k")
    page.get_by_role("listbox", name="Find a thing").wait_for()
    wrong["palette"] = axe.found(page)
    page.keyboard.press("Escape")
    page.locator("h2, .empty").first.click()
    page.keyboard.press("?")
    page.get_by_role("dialog", name="All keys").wait_for()
    wrong["keys"] = axe.found(page)
    page.keyboard.press("Escape")
    page.keyboard.press("Control+k")
    page.keyboard.type("wall mode")
    page.keyboard.press("Enter")
    page.locator(".wall-list").wait_for()
    wrong["wall"] = axe.found(page)
    assert {name: found for name, found in wrong.items() if found} == {}
