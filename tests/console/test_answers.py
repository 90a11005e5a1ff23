"""Answers from the page: two keys each, exactly to what is selected, and seen by its author."""

import math
from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from clearline.client import Client, asks
from clearline.model.entry import Reply
from clearline.model.ids import EntryRef
from clearline.model.space import LatLon
from clearline.model.time import HOUR, Instant, format_utc
from clearline.node.requests import MoverFix, MoverFixes
from clearline.node.views import AnswerView
from tests.api_node import Running, notice, until
from tests.console.conftest import Desk, Opener, Pair, step_to, withdraw_all

ORIGIN = (34.0, 35.0)


OLDER = """
(ms) => {
  const kept = JSON.parse(localStorage.getItem('clearline.unsent'));
  for (const each of kept) each.since -= ms;
  localStorage.setItem('clearline.unsent', JSON.stringify(kept));
}
"""
"""What waits in the page's own queue becomes so much older."""


@pytest.fixture(autouse=True)
def empty_after(pair: Pair) -> Iterator[None]:
    """What a test filed is withdrawn before the next begins, and no mover is left."""
    yield
    for node in (pair.alfa, pair.bravo):
        with node.client() as client:
            withdraw_all(client, node)
            gone = tuple(mover.call_sign for mover in client.do(asks.movers(node.line)))
            if gone:
                client.do(asks.move(node.line, MoverFixes(gone=gone)))


def of_bravo(pair: Pair, desk: Opener, label: str, lat: float) -> tuple[Desk, EntryRef]:
    """A notice of BRAVO's, selected in ALFA's inbox by keys alone."""
    here = desk(pair.alfa, query="list=inbox")
    with pair.bravo.client() as bravo:
        ref = bravo.file(pair.bravo.line, notice(pair.bravo.now(), lat, 35.0, label=label)).refs[0]
    row = here.page.locator(f'[data-item="notice:{ref}"]')
    expect(row).to_be_visible()
    step_to(here.page, row)
    expect(row).to_have_attribute("aria-current", "true")
    expect(here.page.locator("[data-reply]").first).to_be_visible()
    return here, ref


def answers(client: Client, node: Running, ref: EntryRef) -> tuple[AnswerView, ...]:
    """What was answered to a version, as this node holds it."""
    return client.do(asks.notice(node.line, ref)).answers


def answered(pair: Pair, ref: EntryRef, reply: Reply) -> AnswerView:
    """Waits until BRAVO, the author, holds such an answer of ALFA's; gives the newest."""
    with pair.bravo.client() as bravo:
        until(bravo, lambda: any(a.reply is reply for a in answers(bravo, pair.bravo, ref)))
        return [a for a in answers(bravo, pair.bravo, ref) if a.reply is reply][-1]


@pytest.mark.parametrize(
    ("key", "reply"), [("r", Reply.ROGER), ("w", Reply.WILCO), ("s", Reply.STANDBY)]
)
def test_answer_takes_two_keys(pair: Pair, desk: Opener, key: str, reply: Reply) -> None:
    """One selects, one answers; the author holds it with the role, and the page says where it is
    recorded."""
    here, ref = of_bravo(pair, desk, f"To answer {reply.value}", 34.2)
    here.page.keyboard.press(key)
    assert answered(pair, ref, reply).role == "watch-officer"
    here.see("recorded as ALFA.0/")
    expect(here.page.locator(".bar", has_text="we said")).to_contain_text(reply.value)


def test_unable_carries_the_minutes_that_the_node_computed_and_its_author_sees_them(
    pair: Pair, desk: Opener
) -> None:
    """u opens with the minutes of the slowest mover inside filled in, Enter sends; on the author's
    page they stand in the answer."""
    with pair.alfa.client() as alfa:
        fix = MoverFix(
            call_sign="CONVOY 4", position=LatLon(342_000_000, 350_000_000), speed_mms=10_000,
            as_of=pair.alfa.now(), cls="air-movement", height_mm=4_500_000,
        )  # fmt: skip
        alfa.do(asks.move(pair.alfa.line, MoverFixes(movers=(fix,))))
    here, ref = of_bravo(pair, desk, "Over the convoy", 34.2)
    detail = here.page.get_by_label("Detail", exact=True)
    expect(detail).to_contain_text("CONVOY 4 needs")
    with pair.alfa.client() as alfa:
        exposure = alfa.do(asks.notice(pair.alfa.line, ref)).exposure
    assert exposure is not None
    needed = max(mover.minutes_needed for mover in exposure.movers)
    here.page.keyboard.press("u")
    minutes = here.page.get_by_role("dialog").get_by_label("Minutes needed")
    expect(minutes).to_have_value(str(needed))
    here.page.keyboard.press("Enter")
    assert answered(pair, ref, Reply.UNABLE).minutes_needed == needed
    author = desk(pair.bravo, query=f"sel=notice:{ref}")
    said = author.page.get_by_label("Answers").locator("li", has_text="UNABLE")
    expect(said).to_contain_text(f"{needed} min")
    expect(said).to_contain_text("ALFA")


def test_nobody_knows_the_minutes_without_movers_and_the_page_says_so(
    pair: Pair, desk: Opener
) -> None:
    """NO MOVER DATA, the field empty; sent so, the answer has none: never a nought."""
    here, ref = of_bravo(pair, desk, "Unknown minutes", 34.2)
    here.page.keyboard.press("u")
    dialog = here.page.get_by_role("dialog")
    expect(dialog).to_contain_text("NO MOVER DATA")
    expect(dialog.get_by_label("Minutes needed")).to_have_value("")
    here.page.keyboard.press("Enter")
    assert answered(pair, ref, Reply.UNABLE).minutes_needed is None


def bearing_and_km(lat: float, lon: float) -> tuple[float, float]:
    """From ORIGIN due north to a place on its meridian: 0 degrees, by the WGS 84 meridian."""
    assert lon == ORIGIN[1]
    mean = math.radians((lat + ORIGIN[0]) / 2)
    metres = 111_132.954 - 559.822 * math.cos(2 * mean) + 1.175 * math.cos(4 * mean)
    return 0.0, (lat - ORIGIN[0]) * metres / 1000


def read_back(page: Page, km: float, upper: str, start: str, *, reference: str = "FL") -> None:
    """Fill in a read-back measured from 34 N 35 E, and send it."""
    page.keyboard.press("b")
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label("Bearing, degrees true")).to_have_value("")
    dialog.get_by_label("Own point").fill("34°00.000′N 035°00.000′E")
    dialog.get_by_label("Bearing, degrees true").fill("0")
    dialog.get_by_role("combobox", name="Unit").first.select_option("km")
    dialog.locator('input[name="distance"]').fill(f"{km:.2f}")
    dialog.get_by_label("Reference of the height").select_option(reference)
    dialog.get_by_label("Upper limit", exact=True).fill(upper)
    dialog.locator('input[name="time"]').fill(start)
    dialog.locator('input[name="day"]').press("Enter")
    expect(dialog).to_have_count(0)


def clock_of(node: Running, ref: EntryRef) -> str:
    """When it begins, as it is said at a telephone: without its day."""
    with node.client() as client:
        begin = client.do(asks.notice(node.line, ref)).start
    assert begin is not None
    return format_utc(begin)[11:19]


def verdicts(page: Page) -> Locator:
    """What the page says of read-backs."""
    return page.get_by_label("Answers").locator("li", has_text="READ-BACK")


def test_place_read_back_wrongly_is_told_and_then_rightly(pair: Pair, desk: Opener) -> None:
    """Ten kilometres off reads WRONGLY at both ends; measured again it is right, and the fifth step
    says so. Nothing was filled in beforehand."""
    here, ref = of_bravo(pair, desk, "Read me back", 34.3)
    clock = clock_of(pair.bravo, ref)
    _, km = bearing_and_km(34.3, 35.0)
    read_back(here.page, km + 10, "200", clock)
    expect(verdicts(here.page)).to_contain_text("READ BACK WRONGLY")
    author = desk(pair.bravo, query=f"sel=notice:{ref}")
    expect(verdicts(author.page)).to_contain_text("READ BACK WRONGLY")
    read_back(here.page, km, "200", clock)
    expect(verdicts(author.page).last).to_contain_text("read back rightly")
    step = author.page.get_by_label("How far it got with ALFA").locator('[data-step="readback"]')
    expect(step).to_have_attribute("data-state", "yes")


def test_read_back_says_what_is_not_the_same_until_it_is_right(pair: Pair, desk: Opener) -> None:
    """Both at the telephone see which value differs, by how much, and what was measured; another
    reference is no agreement, and does not quiet what was wrong before; a right one does."""
    here, ref = of_bravo(pair, desk, "Which value", 34.3)
    clock = clock_of(pair.bravo, ref)
    _, km = bearing_and_km(34.3, 35.0)
    author = desk(pair.bravo, query=f"sel=notice:{ref}")
    read_back(here.page, km, "210", clock)
    wrong = verdicts(author.page).nth(0)
    expect(wrong).to_contain_text("upper limit by 305 m")
    expect(wrong).to_contain_text("upper limit FL210")
    read_back(here.page, km, "6096", clock, reference="AMSL")
    for page in (here.page, author.page):
        expect(verdicts(page).nth(1)).to_contain_text("not comparable: telephone")
        expect(verdicts(page).nth(1)).to_contain_text("upper limit by another reference")
        expect(verdicts(page).nth(0).locator(".badge.alarm")).to_be_visible()
    read_back(here.page, km, "200", clock)
    expect(verdicts(author.page).nth(2)).to_contain_text("read back rightly")
    expect(verdicts(author.page).locator(".badge.alarm, .badge.warning")).to_have_count(0)


def test_time_without_its_day_is_on_the_day_on_which_it_is_nearest(
    pair: Pair, desk: Opener
) -> None:
    """Before midnight, ten past twelve is tomorrow; the day stands there, and one that is typed
    stays."""
    here, _ = of_bravo(pair, desk, "After midnight", 34.3)
    here.page.keyboard.press("b")
    dialog = here.page.get_by_role("dialog")
    time, day = dialog.locator('input[name="time"]'), dialog.locator('input[name="day"]')
    now = pair.alfa.now()
    for hours in (-11, -1, 1, 11):
        said = format_utc(Instant(now + hours * HOUR))
        time.fill(said[11:16])
        expect(day).to_have_value(said[:10])
    day.fill("2026-01-31")
    time.fill("00:10")
    expect(day).to_have_value("2026-01-31")


def test_place_that_cannot_be_read_is_not_guessed(pair: Pair, desk: Opener) -> None:
    """A point in whole degrees is refused in the dialog; nothing is sent."""
    here, _ = of_bravo(pair, desk, "No sides", 34.3)
    sent: list[str] = []
    here.page.on("request", lambda r: sent.append(r.url) if r.method == "POST" else None)
    here.page.keyboard.press("b")
    dialog = here.page.get_by_role("dialog")
    dialog.get_by_label("Own point").fill("34 35")
    dialog.get_by_label("Bearing, degrees true").fill("0")
    dialog.locator('input[name="distance"]').fill("10")
    dialog.get_by_label("Reference of the height").select_option("FL")
    dialog.get_by_label("Upper limit", exact=True).fill("200")
    dialog.locator('input[name="time"]').fill("12:00")
    dialog.locator('input[name="time"]').press("Enter")
    expect(dialog.get_by_role("alert")).to_contain_text("nothing is guessed")
    assert [url for url in sent if url.endswith("/answers")] == []


def in_conflict(pair: Pair, desk: Opener) -> tuple[Desk, EntryRef, EntryRef]:
    """ALFA's page with a pair selected: its notice and BRAVO's over it."""
    here = desk(pair.alfa, query="list=conflicts")
    with pair.alfa.client() as alfa, pair.bravo.client() as bravo:
        ours = alfa.file(pair.alfa.line, notice(pair.alfa.now(), 34.4, 35.0, label="Ours"))
        theirs = bravo.file(pair.bravo.line, notice(pair.bravo.now(), 34.4, 35.1, label="Theirs"))
    row = here.page.locator('[data-item^="conflict:"]')
    expect(row).to_have_count(1)
    here.page.keyboard.press("j")
    expect(row).to_have_attribute("aria-current", "true")
    return here, ours.refs[0], theirs.refs[0]


def test_way_out_is_proposed_and_taken_up_by_its_author_in_one_press(
    pair: Pair, desk: Opener
) -> None:
    """p shows what the node found for either side; what is proposed arrives as OBJECT with figures,
    and the author's one press makes the version that is apart."""
    here, _, theirs = in_conflict(pair, desk)
    here.page.keyboard.press("p")
    ways = here.page.get_by_role("dialog")
    way = ways.locator(".way", has_text="That of BRAVO: +").first
    expect(way).to_be_visible()
    way.get_by_role("button", name="Propose it").click()
    proposal = answered(pair, theirs, Reply.OBJECT).proposal
    assert proposal is not None
    assert proposal.shift_min is not None
    author = desk(pair.bravo, query=f"sel=notice:{theirs}")
    answer = author.page.get_by_label("Answers").locator("li", has_text="OBJECT")
    expect(answer).to_contain_text(f"+{proposal.shift_min} min")
    answer.get_by_role("button", name="Take it up").click()
    with pair.bravo.client() as bravo:
        until(bravo, lambda: len([n for n in bravo.notices(pair.bravo.line) if n.own]) == 2)
        old, new = sorted(
            (n for n in bravo.notices(pair.bravo.line) if n.own), key=lambda n: n.start or 0
        )
    assert new.start is not None
    assert old.start is not None
    assert new.start - old.start == proposal.shift_min * 60_000


def test_own_version_is_changed_as_a_way_out_says(pair: Pair, desk: Opener) -> None:
    """The node judges it like any other amend, and the changed version meets nothing."""
    here, ours, _ = in_conflict(pair, desk)
    here.page.keyboard.press("p")
    way = here.page.get_by_role("dialog").locator(".way", has_text="Ours: +").first
    way.get_by_role("button", name="Change ours so").click()
    here.see("Changed ours: Ours")
    with pair.alfa.client() as alfa:
        changed = [n for n in alfa.notices(pair.alfa.line) if n.own and n.ref != ours]
    assert [n.conflicts for n in changed] == [()]
    assert changed[0].notice == ours


def test_version_that_was_changed_says_so_and_is_ended_from_its_pair(
    pair: Pair, desk: Opener
) -> None:
    """An amend does not end what it amends, and the pair stands: both sides see that one of it is
    the earlier version, and its author withdraws it from there."""
    here, ours, _ = in_conflict(pair, desk)
    there = desk(pair.bravo, query="list=conflicts")
    row = '[data-item^="conflict:"]'
    expect(there.page.locator(row)).not_to_contain_text("EARLIER VERSION")
    here.page.keyboard.press("p")
    way = here.page.get_by_role("dialog").locator(".way", has_text="Ours: +").first
    way.get_by_role("button", name="Change ours so").click()
    for page in (here.page, there.page):
        expect(page.locator(row)).to_contain_text("EARLIER VERSION")
    there.page.locator(row).click()
    expect(there.page.get_by_role("button", name="See the newest")).to_be_visible()
    expect(there.page.get_by_role("button", name=f"Withdraw {ours}")).to_have_count(0)
    here.page.get_by_role("button", name=f"Withdraw {ours}").click()
    first = here.page.locator("article").first
    expect(first).to_contain_text(str(ours))
    expect(first).to_contain_text("EARLIER VERSION")
    first.get_by_role("button", name="Withdraw").click()
    first.locator(".sure").get_by_role("button", name="Withdraw").click()
    for page in (here.page, there.page):
        expect(page.locator(row)).to_have_count(0)


def test_pair_is_coordinated_when_both_have_signed(pair: Pair, desk: Opener) -> None:
    """Each signs on its own page; after one it still stands as a conflict, after both as
    coordinated until the time."""
    here, _, _ = in_conflict(pair, desk)
    there = desk(pair.bravo, query="list=conflicts")
    for page, count in ((here.page, 0), (there.page, 1)):
        page.locator('[data-item^="conflict:"]').click()
        page.keyboard.press("c")
        dialog = page.get_by_role("dialog")
        dialog.get_by_label("Measure").fill("BRAVO holds at FL250")
        dialog.get_by_label("Measure").press("Enter")
        page.get_by_text("Signed here as coordinated").first.wait_for()
        row = here.page.locator('[data-item^="conflict:"]', has_text="coordinated until")
        expect(row).to_have_count(count)


def test_letters_act_on_a_keyboard_that_writes_no_latin(pair: Pair, desk: Opener) -> None:
    """The key of r answers ROGER on a Russian layout, where it writes another letter."""
    here, ref = of_bravo(pair, desk, "Other letters", 34.2)
    here.page.evaluate(
        "dispatchEvent(new KeyboardEvent('keydown', {key: 'к', code: 'KeyR', bubbles: true}))"
    )
    assert answered(pair, ref, Reply.ROGER).to == ref


def test_answer_that_did_not_reach_the_node_waits_and_goes_once(pair: Pair, desk: Opener) -> None:
    """Cut off from its node the page keeps the answer, says so with its age, and sends it as soon
    as it can, once."""
    here, ref = of_bravo(pair, desk, "Cut off", 34.2)
    here.page.route("**/answers", lambda route: route.abort())
    here.page.keyboard.press("r")
    expect(here.page.get_by_text("Not sent yet")).to_be_visible()
    with pair.bravo.client() as bravo:
        assert answers(bravo, pair.bravo, ref) == ()
    here.page.unroute("**/answers")
    answered(pair, ref, Reply.ROGER)
    expect(here.page.get_by_text("Not sent yet")).to_be_hidden()
    with pair.bravo.client() as bravo:
        assert len(answers(bravo, pair.bravo, ref)) == 1


def test_old_answer_that_was_not_sent_is_asked_about_before_it_goes(
    pair: Pair, desk: Opener
) -> None:
    """Cut off for more than a minute the page sends it only once a person says it is still meant;
    dropped, it never goes."""
    here, ref = of_bravo(pair, desk, "Cut off for long", 34.2)
    here.page.route("**/answers", lambda route: route.abort())
    here.page.keyboard.press("r")
    here.page.keyboard.press("s")
    expect(here.page.get_by_text("Not sent yet")).to_have_count(2)
    here.page.evaluate(OLDER, 70_000)
    here.page.reload()
    old = here.page.locator(".row", has_text="Is it still meant?")
    expect(old).to_have_count(2)
    here.page.unroute("**/answers")
    with pair.bravo.client() as bravo:
        assert answers(bravo, pair.bravo, ref) == ()
    old.filter(has_text="STANDBY").get_by_role("button", name="Do not send").click()
    old.filter(has_text="ROGER").get_by_role("button", name="Still meant: send").click()
    answered(pair, ref, Reply.ROGER)
    expect(old).to_have_count(0)
    with pair.bravo.client() as bravo:
        assert [a.reply for a in answers(bravo, pair.bravo, ref)] == [Reply.ROGER]


def test_stop_beside_a_flight_is_about_all_hazards(pair: Pair, desk: Opener) -> None:
    """A flight has nothing to suspend: chosen, it is no choice of STOP's; a firing is."""
    with pair.bravo.client() as bravo:
        flight = notice(pair.bravo.now(), 34.2, 35.0, label="A flight", cls="air-movement")
        firing = notice(pair.bravo.now(), 34.9, 35.0, label="A firing")
        refs = [bravo.file(pair.bravo.line, each).refs[0] for each in (flight, firing)]
    page = desk(pair.alfa, query="list=inbox").page
    for ref, count in zip(refs, (0, 1), strict=True):
        page.locator(f'[data-item="notice:{ref}"]').click()
        expect(page.get_by_label("Detail", exact=True)).to_contain_text(str(ref))
        page.keyboard.press("x")
        this = page.get_by_role("dialog").get_by_role("radio", name="This:")
        expect(page.get_by_role("dialog")).to_be_visible()
        expect(this).to_have_count(count)
        page.keyboard.press("Escape")


def test_unable_says_no_mover_data_only_where_there_is_none(pair: Pair, desk: Opener) -> None:
    """Beside a flight no minutes are computed; with a mover known that is said so."""
    here, _ = of_bravo(pair, desk, "A hazard", 34.2)
    here.page.keyboard.press("u")
    expect(here.page.get_by_role("dialog")).to_contain_text("NO MOVER DATA")
    here.page.keyboard.press("Escape")
    with pair.alfa.client() as alfa, pair.bravo.client() as bravo:
        fix = MoverFix(
            call_sign="CONVOY 5", position=LatLon(342_000_000, 350_000_000), speed_mms=10_000,
            as_of=pair.alfa.now(), cls="air-movement",
        )  # fmt: skip
        alfa.do(asks.move(pair.alfa.line, MoverFixes(movers=(fix,))))
        flight = notice(pair.bravo.now(), 35.2, 35.0, label="A flight", cls="air-movement")
        ref = bravo.file(pair.bravo.line, flight).refs[0]
    here.page.locator(f'[data-item="notice:{ref}"]').click()
    expect(here.page.locator(".work, .detail").last).to_contain_text("A flight")
    here.page.get_by_role("button", name="Own movers").wait_for()
    here.page.keyboard.press("u")
    dialog = here.page.get_by_role("dialog")
    expect(dialog).to_contain_text("computed for hazards alone")
    expect(dialog).not_to_contain_text("NO MOVER DATA")
