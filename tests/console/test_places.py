"""Places typed into emergencies and read-backs: read by the node, never guessed."""

import re

import pytest
from playwright.sync_api import Locator, expect

from clearline.client import asks
from clearline.model.entry import Kind
from clearline.model.space import Disc, LatLon
from clearline.node.views import AskView
from tests.api_node import Running, notice, until
from tests.console import axe
from tests.console.conftest import Desk, Opener, Pair

MGRS = "36S YC 36000 65000"
TWO = "35.30N 036.15E"
"""Degrees with decimals, or degrees and minutes: tens of kilometres apart."""


def said(node: Running, kind: Kind) -> list[AskView]:
    """What a node has been told of a kind."""
    with node.client() as client:
        return [each for each in client.do(asks.asks(node.line)) if each.kind is kind]


def middles(node: Running, told: AskView) -> list[LatLon]:
    """The middles of what an emergency wants to be kept clear."""
    with node.client() as client:
        held = [each for each in client.notices(node.line) if each.ref == told.ref]
    shapes = [volume.footprint for each in held for volume in each.volumes]
    return [shape.centre for shape in shapes if isinstance(shape, Disc)]


def crying(here: Desk, text: str) -> Locator:
    """The dialog of DISTRESS with a place typed into it."""
    here.page.keyboard.press("d")
    dialog = here.page.get_by_role("dialog")
    dialog.get_by_label("At a place:").first.check()
    dialog.locator("input[name=where]").fill(text)
    return dialog


def arrived(pair: Pair, kind: Kind, before: int) -> AskView:
    """The next emergency that the other side has."""
    with pair.bravo.client() as bravo:
        until(bravo, lambda: len(said(pair.bravo, kind)) > before)
    return max(said(pair.bravo, kind), key=lambda each: each.ref.index)


def test_distress_at_a_grid_place_arrives_where_it_is(pair: Pair, desk: Opener) -> None:
    """MGRS, which the page cannot read by itself; Enter at once does not outrun the reading."""
    before = len(said(pair.bravo, Kind.DISTRESS))
    dialog = crying(desk(pair.alfa), MGRS)
    dialog.locator("input[name=where]").press("Enter")
    told = arrived(pair, Kind.DISTRESS, before)
    (middle,) = middles(pair.bravo, told)
    assert abs(middle.lat_e7 / 1e7 - 34.0) < 0.01
    assert abs(middle.lon_e7 / 1e7 - 35.555) < 0.01


def test_distress_with_two_meanings_is_not_held_up_and_keeps_both_clear(
    pair: Pair, desk: Opener
) -> None:
    """Both are shown; sent without a choice, every place that may be meant is to be kept clear;
    with one chosen, that one."""
    here = desk(pair.alfa)
    before = len(said(pair.bravo, Kind.DISTRESS))
    dialog = crying(here, TWO)
    meanings = dialog.locator("input[name=where-meaning]")
    expect(meanings).to_have_count(2)
    expect(dialog).to_contain_text("every one of them is to be kept clear")
    dialog.get_by_role("button", name="Send DISTRESS").click()
    both = middles(pair.bravo, arrived(pair, Kind.DISTRESS, before))
    assert len(both) == 2
    dialog = crying(here, TWO)
    meanings.nth(1).check()
    expect(dialog).not_to_contain_text("every one of them")
    dialog.get_by_role("button", name="Send DISTRESS").click()
    one = middles(pair.bravo, arrived(pair, Kind.DISTRESS, before + 1))
    assert one == [both[1]]


def test_distress_uses_what_the_page_can_read_while_the_node_reads_nothing(
    pair: Pair, desk: Opener
) -> None:
    """The reading is cut: a place with its sides goes all the same; a grid place, which the page
    cannot read without the node, is not guessed."""
    here = desk(pair.alfa)
    before = len(said(pair.bravo, Kind.DISTRESS))
    here.page.route("**/v1/read-place", lambda route: route.abort())
    dialog = crying(here, MGRS)
    dialog.get_by_role("button", name="Send DISTRESS").click()
    expect(dialog.get_by_role("alert")).to_contain_text("Nothing is guessed")
    expect(dialog).to_contain_text("nobody can say yet what this place means")
    dialog.locator("input[name=where]").fill("34°12.000′N 035°18.000′E")
    dialog.get_by_role("button", name="Send DISTRESS").click()
    (middle,) = middles(pair.bravo, arrived(pair, Kind.DISTRESS, before))
    assert middle == LatLon(342_000_000, 353_000_000)


def test_closing_the_dialog_while_the_place_is_read_sends_nothing(pair: Pair, desk: Opener) -> None:
    """Escape is never an action, nor is what was begun before it."""
    here = desk(pair.alfa)
    asked: list[str] = []
    here.page.on("request", lambda request: asked.append(request.url))
    here.page.route("**/v1/read-place", lambda route: None)
    with here.page.expect_request("**/v1/read-place"):
        dialog = crying(here, MGRS)
        dialog.get_by_role("button", name="Send DISTRESS").click()
    here.page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    with here.page.expect_response("**/v1/read-place"):
        here.page.unroute("**/v1/read-place")  # what it held goes on
    here.page.evaluate("() => fetch('/v1/health').then((answer) => answer.text())")
    assert not [url for url in asked if "distress" in url]


def test_two_presses_while_the_place_is_read_are_one_cry(pair: Pair, desk: Opener) -> None:
    """Whoever presses again because nothing seems to happen has cried once."""
    here = desk(pair.alfa)
    asked: list[str] = []
    here.page.on("request", lambda request: asked.append(request.url))
    here.page.route("**/v1/read-place", lambda route: None)
    before = len(said(pair.bravo, Kind.DISTRESS))
    with here.page.expect_request("**/v1/read-place"):
        dialog = crying(here, MGRS)
        send = dialog.get_by_role("button", name="Send DISTRESS")
        send.click()
        send.click()
    with here.page.expect_response("**/v1/read-place"):
        here.page.unroute("**/v1/read-place")  # what it held goes on
    arrived(pair, Kind.DISTRESS, before)
    here.page.evaluate("() => fetch('/v1/health').then((answer) => answer.text())")
    assert len([url for url in asked if "distress" in url]) == 1
    assert len([url for url in asked if "read-place" in url]) == 1


def test_accident_with_two_meanings_waits_for_one_to_be_chosen(pair: Pair, desk: Opener) -> None:
    """What may hurt others is not strewn over places where it is not: the author says which."""
    here = desk(pair.alfa)
    before = len(said(pair.bravo, Kind.ACCIDENT))
    here.page.keyboard.press("Shift+A")
    dialog = here.page.get_by_role("dialog")
    dialog.get_by_label("Around a place:").first.check()
    dialog.locator("input[name=where]").fill(TWO)
    send = dialog.get_by_role("button", name="Send ACCIDENT")
    send.click()
    expect(dialog.get_by_role("alert")).to_contain_text("Which one is meant?")
    assert axe.found(here.page) == []
    dialog.locator("input[name=where-meaning]").first.check()
    send.click()
    assert len(middles(pair.bravo, arrived(pair, Kind.ACCIDENT, before))) == 1


@pytest.mark.parametrize("point", [MGRS, "33°59.946′N 035°33.313′E"])
def test_read_back_is_measured_from_a_point_in_any_notation(
    pair: Pair, desk: Opener, point: str
) -> None:
    """The origin arrives as the node has read it, and the page shows both ways to write it."""
    here = desk(pair.alfa, query="list=inbox")
    label = f"Read from {point[:3].strip()}"
    with pair.bravo.client() as bravo:
        made = notice(pair.bravo.now(), 36.0, 38.0, label=label)
        ref = bravo.file(pair.bravo.line, made).refs[0]
    here.page.locator(f'[data-item="notice:{ref}"]').click()
    expect(here.page.locator("[data-reply]").first).to_be_visible()
    here.page.keyboard.press("b")
    dialog = here.page.get_by_role("dialog")
    dialog.get_by_label("Own point").fill(point)
    expect(dialog.locator("p.place")).to_contain_text(re.compile(r"N 035°.*36S ?YC"))
    dialog.get_by_label("Bearing, degrees true").fill("45")
    dialog.locator('input[name="distance"]').fill("100")
    dialog.get_by_label("Reference of the height").select_option("FL")
    dialog.get_by_label("Upper limit", exact=True).fill("200")
    dialog.locator('input[name="time"]').fill("18:40")
    dialog.get_by_role("button", name="Send READ-BACK").click()
    expect(dialog).to_have_count(0)
    with pair.bravo.client() as bravo:
        until(bravo, lambda: any(n.answers for n in bravo.notices(pair.bravo.line) if n.ref == ref))
        (held,) = [n for n in bravo.notices(pair.bravo.line) if n.ref == ref]
    read_back = held.answers[0].read_back
    assert read_back is not None
    assert abs(read_back.origin.lat_e7 / 1e7 - 34.0) < 0.001
    assert abs(read_back.origin.lon_e7 / 1e7 - 35.555) < 0.001
