"""STOP, DISTRESS and ACCIDENT from the page: two actions, always, and answered on the screen."""

import re

from playwright.sync_api import Page, expect

from clearline.client import asks
from clearline.model.entry import Kind, Resume, Stop, Suspend
from clearline.model.ids import EntryRef
from clearline.model.space import Disc, LatLon
from clearline.model.time import MINUTE, Instant
from clearline.node.requests import MoverFix, MoverFixes
from clearline.node.views import AskView
from tests.api_node import Running, notice, until
from tests.console.conftest import TABLET, Opener, Pair

LATER = """
(t) => {
  const said = document.querySelector('.clock strong').textContent;
  const then = new Date(t).toISOString().slice(11, 19);
  return said.slice(0, 8) > then || (said < '00:01' && then > '23:58');
}
"""
"""Whether the page's clock has passed a time."""


def newest(node: Running, kind: Kind) -> AskView | None:
    """The newest of a kind that a node holds."""
    with node.client() as client:
        found = [ask for ask in client.do(asks.asks(node.line)) if ask.kind is kind]
    return found[0] if found else None


def arrived(node: Running, kind: Kind, before: EntryRef | None) -> AskView:
    """Waits until a node holds a newer one of a kind."""

    def there() -> bool:
        held = newest(node, kind)
        return held is not None and held.ref != before

    with node.client() as client:
        until(client, there)
    found = newest(node, kind)
    assert found is not None
    return found


def ref_of(view: AskView | None) -> EntryRef | None:
    """Where it stands, if there is one."""
    return None if view is None else view.ref


def test_stop_takes_two_keys_and_halted_stands_in_the_banner_with_the_time_it_took(
    pair: Pair, desk: Opener
) -> None:
    """x opens, Enter sends: the other's page sounds and asks HALTED or CANNOT; its answer stands
    here with the timer stopped at the moment of the answer."""
    here, there = desk(pair.alfa), desk(pair.bravo)
    before = ref_of(newest(pair.bravo, Kind.STOP))
    here.page.keyboard.press("x")
    here.page.keyboard.press("Enter")
    stop = arrived(pair.bravo, Kind.STOP, before)
    assert stop.about == ()
    mine = here.page.locator('[data-emergency-of="stop"]').first
    expect(mine.locator('[data-party="BRAVO"]')).to_contain_text("NO ANSWER YET")
    theirs = there.page.locator('[data-emergency-of="stop"]')
    expect(theirs).to_have_attribute("role", "alert")
    # What counts up is told from what counts down to the answer, in the alarm below it.
    expect(theirs.get_by_text("Time since it was sent")).to_be_visible()
    theirs.get_by_role("button", name="HALTED").click()
    expect(mine.locator('[data-party="BRAVO"]')).to_contain_text("HALTED")
    expect(theirs).to_have_count(0)
    at = newest(pair.alfa, Kind.STOP)
    assert at is not None
    took = (at.answers[-1].t - at.t) // 1000
    here.page.wait_for_function(LATER, arg=at.answers[-1].t + 2_000)
    expect(mine.get_by_label("Time since it was sent")).to_have_text(
        f"{took // 60:02d}:{took % 60:02d}"
    )


def test_escape_never_acts(pair: Pair, desk: Opener) -> None:
    """Opened and closed again, nothing was sent."""
    here = desk(pair.alfa)
    sent: list[str] = []
    here.page.on("request", lambda r: sent.append(r.url) if r.method == "POST" else None)
    for key in ("x", "d", "Shift+A"):
        here.page.keyboard.press(key)
        expect(here.page.get_by_role("dialog")).to_be_visible()
        here.page.keyboard.press("Escape")
        expect(here.page.get_by_role("dialog")).to_have_count(0)
    assert [url for url in sent if re.search("stop|distress|accident", url)] == []


def test_stop_names_what_is_selected(pair: Pair, desk: Opener) -> None:
    """With a notice of the other's selected it is about that one version."""
    here = desk(pair.alfa, query="list=inbox")
    with pair.bravo.client() as bravo:
        filed = bravo.file(pair.bravo.line, notice(pair.bravo.now(), 34.1, 35.1, label="Barrage"))
    here.page.locator(f'[data-item="notice:{filed.refs[0]}"]').click()
    before = ref_of(newest(pair.bravo, Kind.STOP))
    here.page.keyboard.press("x")
    expect(here.page.get_by_role("dialog")).to_contain_text("BRAVO Barrage")
    here.page.keyboard.press("Enter")
    assert arrived(pair.bravo, Kind.STOP, before).about == (filed.refs[0],)


def test_cannot_is_an_answer_that_stays_in_sight(pair: Pair, desk: Opener) -> None:
    """CANNOT of the other stands in the banner, and looks unlike HALTED without any colour."""
    here = desk(pair.alfa)
    with pair.alfa.client() as alfa, pair.bravo.client() as bravo:
        stop = alfa.say(pair.alfa.line, Stop()).refs[0]
        until(bravo, lambda: ref_of(newest(pair.bravo, Kind.STOP)) == stop)
    there = desk(pair.bravo)
    banner = there.page.locator('[data-emergency-of="stop"]').first
    banner.get_by_role("button", name="CANNOT").click()
    answer = here.page.locator('[data-emergency-of="stop"]').first.locator('[data-party="BRAVO"]')
    expect(answer).to_contain_text("CANNOT")
    expect(answer).to_have_css("border-top-style", "double")


def test_distress_of_an_own_mover_is_two_touches(pair: Pair, desk: Opener) -> None:
    """On a tablet: DISTRESS, its mover selected beforehand, send; the other holds a place kept
    clear about the mover. How old the mover's place is stands beside it before it is sent."""
    with pair.alfa.client() as alfa:
        fix = MoverFix(
            call_sign="LIFTER 2", position=LatLon(341_000_000, 351_000_000), speed_mms=50_000,
            as_of=Instant(pair.alfa.now() - 25 * MINUTE), cls="air-movement",
        )  # fmt: skip
        alfa.do(asks.move(pair.alfa.line, MoverFixes(movers=(fix,))))
    here = desk(pair.alfa, size=TABLET, has_touch=True, query="sel=mover:LIFTER 2")
    before = ref_of(newest(pair.bravo, Kind.DISTRESS))
    here.page.get_by_role("button", name="DISTRESS").tap()
    choice = here.page.get_by_role("radio", name=re.compile("LIFTER 2"))
    expect(choice).to_be_checked()
    old = here.page.locator("label.choice", has_text="LIFTER 2")
    expect(old).to_contain_text(re.compile(r"2[56] min \d\d s old"))
    here.page.get_by_role("button", name="Send DISTRESS").tap()
    cry = arrived(pair.bravo, Kind.DISTRESS, before)
    assert "LIFTER 2" in cry.words


def test_distress_without_a_place_keeps_the_whole_agreed_area_clear(
    pair: Pair, desk: Opener
) -> None:
    """d and Enter, nothing selected: not knowing where is said as everywhere, never as nowhere."""
    here = desk(pair.alfa)
    before = ref_of(newest(pair.bravo, Kind.DISTRESS))
    here.page.keyboard.press("d")
    expect(here.page.get_by_role("dialog")).to_contain_text("the whole agreed area")
    here.page.keyboard.press("Enter")
    cry = arrived(pair.bravo, Kind.DISTRESS, before)
    with pair.bravo.client() as bravo:
        area = bravo.do(asks.terms(pair.bravo.line)).area
        kept = [n for n in bravo.notices(pair.bravo.line) if n.ref == cry.ref]
    assert [v.footprint for n in kept for v in n.volumes] == [area]


def test_distress_needs_nothing_that_the_page_has_not_read_yet(pair: Pair, desk: Opener) -> None:
    """On a page that could not read the agreed terms, d and Enter keep the agreed area clear: the
    node has it. No button of an emergency ever waits for a reading."""
    here = desk(pair.alfa)
    here.page.route("**/v1/lines/*/terms", lambda route: route.abort())
    here.page.reload()
    before = ref_of(newest(pair.bravo, Kind.DISTRESS))
    expect(here.page.locator(".line").first).to_be_visible()
    here.page.keyboard.press("d")
    expect(here.page.get_by_role("button", name="Send DISTRESS")).to_be_focused()
    here.page.keyboard.press("Enter")
    assert "place not known" in arrived(pair.bravo, Kind.DISTRESS, before).words


def test_cry_before_any_line_is_known_goes_the_moment_one_is(pair: Pair, desk: Opener) -> None:
    """x and Enter while the lines have not been read: the page says that it waits and to telephone,
    and sends when it knows where to, without another key."""
    here = desk(pair.alfa)
    here.page.route("**/v1/node", lambda route: None)
    here.page.reload()
    here.page.locator('[data-emergency="stop"]').wait_for()
    before = ref_of(newest(pair.bravo, Kind.STOP))
    here.page.keyboard.press("x")
    here.page.keyboard.press("Enter")
    dialog = here.page.get_by_role("dialog")
    expect(dialog).to_contain_text("Goes as soon as this page knows a line. Telephone now.")
    assert ref_of(newest(pair.bravo, Kind.STOP)) == before
    here.page.unroute("**/v1/node")  # what it held goes on
    arrived(pair.bravo, Kind.STOP, before)
    expect(dialog).to_have_count(0)


def test_accident_round_a_place_is_typed_with_its_sides(pair: Pair, desk: Opener) -> None:
    """Shift-A, a place and a radius; a place in whole degrees is refused and nothing goes."""
    here = desk(pair.alfa)
    before = ref_of(newest(pair.bravo, Kind.ACCIDENT))
    here.page.keyboard.press("Shift+A")
    dialog = here.page.get_by_role("dialog")
    dialog.get_by_label("Around a place:").check()
    where = dialog.locator('input[name="where"]')
    where.fill("34 35")
    where.press("Enter")
    expect(dialog.get_by_role("alert")).to_contain_text("Nothing is guessed")
    where.fill("34°06.000′N 035°06.000′E")
    dialog.get_by_label("What, in a few words").fill("drone does not answer")
    dialog.get_by_label("What, in a few words").press("Enter")
    told = arrived(pair.bravo, Kind.ACCIDENT, before)
    assert "drone does not answer" in told.words
    with pair.bravo.client() as bravo:
        held = [n for n in bravo.notices(pair.bravo.line) if n.ref == told.ref]
    discs = [v.footprint for n in held for v in n.volumes]
    assert discs == [Disc(centre=LatLon(341_000_000, 351_000_000), radius_mm=10_000_000)]


def test_stop_goes_on_a_suspended_line_from_a_page_whose_stream_is_cut(
    pair: Pair, desk: Opener
) -> None:
    """With the line suspended and nothing heard the buttons are there, say so, and it arrives."""
    here = desk(pair.alfa)
    with pair.bravo.client("commander") as bravo, pair.alfa.client() as alfa:
        suspended = bravo.say(pair.bravo.line, Suspend(reason="talks")).refs[0]
        try:
            until(alfa, lambda: alfa.lines()[0].suspended != ())
            here.page.route("**/v1/events*", lambda route: route.abort())
            before = ref_of(newest(pair.bravo, Kind.STOP))
            expect(here.page.locator(".line").first).to_be_visible()
            here.page.locator('[data-emergency="stop"]').click()
            dialog = here.page.get_by_role("dialog")
            expect(dialog).to_contain_text("Suspended by BRAVO: emergencies go all the same")
            here.page.get_by_role("button", name="Send STOP").click()
            arrived(pair.bravo, Kind.STOP, before)
        finally:
            bravo.say(pair.bravo.line, Resume(of=suspended))


def within(page: Page, name: str) -> tuple[float, float]:
    """Width and height of a button, all of it on the screen."""
    box = page.get_by_role("button", name=name).first.bounding_box()
    assert box is not None
    size = page.viewport_size
    assert size is not None
    assert box["x"] >= 0
    assert box["y"] >= 0
    assert box["x"] + box["width"] <= size["width"]
    assert box["y"] + box["height"] <= size["height"]
    return box["width"], box["height"]


def test_stop_and_unable_lie_under_a_thumb_on_a_tablet(pair: Pair, desk: Opener) -> None:
    """At 1024 x 768 all of STOP, DISTRESS, ACCIDENT and UNABLE are on the screen without scrolling,
    none smaller than 44 px, and an open question covers none of the emergencies."""
    with pair.bravo.client() as bravo:
        ref = bravo.file(pair.bravo.line, notice(pair.bravo.now(), 34.3, 35.6, label="Thumb"))
    here = desk(pair.alfa, size=TABLET, has_touch=True, query=f"sel=notice:{ref.refs[0]}")
    expect(here.page.locator('[data-reply="UNABLE"]')).to_be_visible()
    for name in ("STOP", "DISTRESS", "ACCIDENT", "UNABLE"):
        width, height = within(here.page, name)
        assert min(width, height) >= 44
    here.page.locator('[data-reply="UNABLE"]').tap()
    expect(here.page.get_by_role("dialog")).to_be_visible()
    here.page.locator('[data-emergency="stop"]').tap()
    expect(here.page.get_by_role("dialog")).to_contain_text("STOP: suspend hazardous activity")


def test_who_only_reads_is_offered_no_emergency(pair: Pair, desk: Opener) -> None:
    """An investigator has neither the buttons nor the keys, and is offered no answer."""
    here = desk(pair.alfa, "investigator")
    expect(here.page.locator("[data-emergency]")).to_have_count(0)
    here.page.keyboard.press("x")
    expect(here.page.get_by_role("dialog")).to_have_count(0)
    expect(here.page.locator("[data-reply]")).to_have_count(0)
