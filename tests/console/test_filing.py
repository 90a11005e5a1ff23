"""Filing in the page: pasted in five notations, drawn, checked before sending, amended, ended."""

import re

import pytest
from msgspec.structs import replace
from playwright.sync_api import Page, expect

from clearline.client import Client
from clearline.model.entry import Withdraw
from clearline.model.space import Corridor, Disc, Height, HeightRef, Polygon
from clearline.model.time import Instant
from clearline.node.views import NoticeView
from tests.api_node import Running, notice, until
from tests.console.conftest import TABLET, Opener, Pair, comes_true
from tests.console.drafts import PASTED, begun, finished, pasted

WRITTEN = """
window.written = [];
const write = CanvasRenderingContext2D.prototype.fillText;
CanvasRenderingContext2D.prototype.fillText = function (text, x, y) {
  if (this.canvas.isConnected) window.written.push(text);
  return write.call(this, text, x, y);
};
"""
"""Keeps what is written on the map."""
MIDDLE = """async () => {
  for (let n = 0; n < 3; n += 1) await new Promise(requestAnimationFrame);
  const canvas = document.querySelector('.host canvas');
  const on = canvas.getContext('2d');
  const [x, y] = [canvas.width / 2 - 20, canvas.height / 2 - 20];
  return [...on.getImageData(x, y, 40, 40).data].filter((_, n) => n % 4 === 0);
}"""
SHAPES = {"polygon": Polygon, "corridor": Corridor, "disc": Disc, "": Polygon}


def held(node: Running, label: str, count: int) -> list[NoticeView]:
    """Waits until a node holds so many of a label, and gives them."""

    def found(client: Client) -> list[NoticeView]:
        return [each for each in client.notices(node.line) if each.label == label]

    with node.client() as client:
        until(client, lambda: len(found(client)) == count)
        return found(client)


@pytest.mark.parametrize("name", PASTED)
def test_pasted_place_arrives_as_the_same_volume(pair: Pair, desk: Opener, name: str) -> None:
    """Whatever notation it is pasted in, the other node holds the shape that was meant, with its
    heights and times; without a unit for the height nothing could be sent."""
    text, sort = PASTED[name]
    page = begun(desk(pair.alfa), f"pasted {name}")
    pasted(page, text, sort)
    expect(page.get_by_text("Still missing: Upper limit")).to_be_visible()
    finished(page)
    (notice,) = held(pair.bravo, f"pasted {name}", 1)
    (volume,) = notice.volumes
    assert isinstance(volume.footprint, SHAPES[sort])
    assert volume.lower.mm == 100 * 30_480
    assert volume.upper.mm == 6_096_000
    assert volume.end - volume.start == 3_600_000


def test_place_with_two_meanings_is_asked_about(pair: Pair, desk: Opener) -> None:
    """35.30 N may be degrees or degrees and minutes: the page shows how far they lie apart and
    takes nothing before one is chosen."""
    page = begun(desk(pair.alfa), "two meanings")
    page.get_by_role("button", name="Paste", exact=True).click()
    page.get_by_label("Text, in DMS").fill("35.30N 036.15E")
    page.get_by_label("A list of points is").select_option("disc")
    page.get_by_label("Radius or half width").fill("5 NM")
    page.get_by_role("button", name="Read it").click()
    asked = page.get_by_role("alert").filter(has_text="apart")
    expect(asked).to_be_visible()
    expect(page.get_by_role("button", name="Take it into the draft")).to_have_count(0)
    asked.get_by_role("button").first.click()
    page.get_by_role("button", name="Take it into the draft").click()
    expect(page.get_by_text("circle of")).to_be_visible()


def test_what_cannot_be_drawn_stays_as_its_text(pair: Pair, desk: Opener) -> None:
    """A NOTAM that this program cannot draw is shown whole, and never becomes an empty place."""
    page = begun(desk(pair.alfa), "not drawable")
    text = (
        "A1234/26 NOTAMN Q) LLLL/QRTCA/IV/BO/W/000/150/3400N03500E020 E) GUN FIRING WI DANGER AREA"
    )
    page.get_by_role("button", name="Paste", exact=True).click()
    page.get_by_label("Text, in DMS").fill(text)
    page.get_by_role("button", name="Read it").click()
    expect(page.get_by_text("NOT DRAWABLE").first).to_be_visible()
    page.get_by_role("button", name="Take it into the draft").click()
    expect(page.locator("pre")).to_contain_text("GUN FIRING")
    expect(page.get_by_text("Still missing: Place")).to_be_visible()


@pytest.mark.parametrize(
    ("text", "enveloped"),
    [
        ("A1234/26 NOTAMN Q) LLLL/QRTCA/IV/BO/W/000/150/3400N03500E020 E) GUN FIRING", True),
        ("A1234/26 NOTAMN A) LCCC B) 2611221400 C) 2611221800 E) GUN FIRING", False),
        ("ACOID/AIRSPACE ORDER//\nACMID/ACM:CORTYP/NAME:BLUE ONE//\nCORRIDOR/0NM//", False),
    ],
)
def test_envelope_of_what_cannot_be_drawn_is_hatched_where_one_can_be_had(
    pair: Pair, desk: Opener, text: str, enveloped: bool
) -> None:
    """Where the text says outside of which area it says nothing, that area is hatched on the map
    with the words, and beside it the text stays; where it does not, the text stays alone."""
    here = desk(pair.alfa, signed_in=False)
    here.page.add_init_script(WRITTEN)
    here.page.goto("about:blank")
    here.page.goto(f"/console/?map=34,35,8#link={pair.alfa.link()}")
    here.page.locator(".shell").wait_for()
    page = begun(here, "hatched")
    comes_true(page, lambda: ink(page) == ink(page))  # notices of before may be drawn still
    before = ink(page)
    page.get_by_role("button", name="Paste", exact=True).click()
    page.get_by_label("Text, in DMS").fill(text)
    page.get_by_role("button", name="Read it").click()
    page.get_by_role("button", name="Take it into the draft").click()
    expect(page.get_by_text("NOT DRAWABLE").first).to_be_visible()
    expect(page.locator("pre")).to_have_text(text)
    if enveloped:
        page.wait_for_function(
            "() => window.written.some((each) => each.startsWith('NOT DRAWABLE'))"
        )
        comes_true(page, lambda: ink(page) != before)
    else:
        assert page.evaluate("window.written.filter((e) => e.startsWith('NOT DRAWABLE'))") == []
        comes_true(page, lambda: ink(page) == before)


def ink(page: Page) -> list[int]:
    """A patch in the middle of the map, as it is painted."""
    return list(page.evaluate(MIDDLE))


def test_check_asks_the_own_node_and_files_nothing(pair: Pair, desk: Opener) -> None:
    """Before sending nobody else holds anything, every request goes to the own node, and a change
    after the check wants a new one."""
    here = desk(pair.alfa)
    asked: list[str] = []
    here.page.on("request", lambda request: asked.append(request.url))
    page = begun(here, "only checked")
    pasted(page, "33.50000N 34.50000E", "disc")
    page.get_by_role("group", name="Upper limit").get_by_label("Unit").select_option("ft")
    page.get_by_role("button", name="Check before sending").click()
    expect(page.get_by_text("Checked against what this node knows")).to_be_visible()
    expect(page.get_by_text("Nothing has left this node.")).to_be_visible()
    page.get_by_label("Label", exact=True).fill("only checked, changed")
    expect(page.get_by_text("The draft has changed since it was checked.")).to_be_visible()
    expect(page.get_by_role("button", name="Send the notice")).to_be_disabled()
    assert all(url.startswith(pair.alfa.address) for url in asked)
    assert not any(re.search(r"/(notices|amend)$", url) for url in asked if "?" not in url)
    for node in (pair.alfa, pair.bravo):
        with node.client() as client:
            assert not [n for n in client.notices(node.line) if n.label.startswith("only checked")]


def test_drawn_circle_is_amended_with_a_diff_and_withdrawn(pair: Pair, desk: Opener) -> None:
    """Two touches draw a circle; the amendment shows old and new; withdrawing is two actions."""
    here = desk(pair.alfa)
    page = begun(here, "drawn")
    page.get_by_role("button", name="Circle").click()
    box = page.locator("main.centre canvas").first.bounding_box()
    assert box is not None
    middle = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.click(*middle)
    page.mouse.click(middle[0] + 60, middle[1])
    expect(page.get_by_text("circle of")).to_be_visible()
    finished(page)
    page.locator("body").press("y")
    row = page.locator("article", has=page.get_by_role("button", name="drawn", exact=True))
    row.get_by_role("button", name="Amend or extend").click()
    page.get_by_label("Label", exact=True).fill("drawn again")
    table = page.locator("table", has_text="What changes")
    expect(table.locator("del")).to_have_text("drawn")
    expect(table.locator("ins")).to_have_text("drawn again")
    page.get_by_role("button", name="Check before sending").click()
    page.get_by_role("button", name="Send the new version").click()
    expect(page.get_by_text("Sent. It gives no permission")).to_be_visible()
    page.locator("body").press("y")
    row = page.locator("article", has=page.get_by_role("button", name="drawn again", exact=True))
    row.get_by_role("button", name="Withdraw").click()
    row.locator(".sure").get_by_role("button", name="Withdraw").click()
    expect(page.get_by_text("drawn again: said at")).to_be_visible()
    held(pair.bravo, "drawn again", 0)


def test_amendment_keeps_what_nobody_changed(pair: Pair, desk: Opener) -> None:
    """Two places of one notice differ in heights and times, and it is of an operation and marked:
    whoever changes its label changes nothing else of it, on the page and on the line."""
    low, high = (notice(pair.alfa.now(), lat, 37.0).volumes[0] for lat in (31.0, 31.5))
    high = replace(
        high, lower=Height(ref=HeightRef.FL, mm=300 * 30_480), upper=Height(ref=HeightRef.UNL),
        start=Instant(high.start + 600_000), end=Instant(high.end + 600_000),
    )  # fmt: skip
    filed = replace(
        notice(pair.alfa.now(), label="two places"), volumes=(low, high),
        operation="relief", marks=("escort",),
    )  # fmt: skip
    with pair.alfa.client() as client:
        client.file(pair.alfa.line, filed)
    page = desk(pair.alfa).page
    page.keyboard.press("y")
    row = page.locator("article", has=page.get_by_role("button", name="two places", exact=True))
    row.get_by_role("button", name="Amend or extend").click()
    page.get_by_label("Label", exact=True).fill("two places anew")
    expect(page.get_by_text("Each of these places keeps its own heights.")).to_be_visible()
    expect(page.get_by_text("Each of these places keeps its own times.")).to_be_visible()
    expect(page.locator("table", has_text="What changes").locator("tr")).to_have_count(1)
    page.get_by_role("button", name="Check before sending").click()
    page.get_by_role("button", name="Send the new version").click()
    expect(page.get_by_text("Sent. It gives no permission")).to_be_visible()
    (there,) = held(pair.bravo, "two places anew", 1)
    assert there.volumes == (low, high)
    assert (there.operation, there.marks) == ("relief", ("escort",))


def test_amendment_shows_what_changes_after_a_reload_and_does_not_meet_its_own_notice(
    pair: Pair, desk: Opener
) -> None:
    """A page that was loaded anew still says what is changed; the check holds the draft against
    everything but the notice that it follows."""
    with pair.alfa.client() as client:
        client.file(pair.alfa.line, notice(pair.alfa.now(), 31.0, 38.5, label="to move"))
    page = desk(pair.alfa).page
    page.keyboard.press("y")
    row = page.locator("article", has=page.get_by_role("button", name="to move", exact=True))
    row.get_by_role("button", name="Amend or extend").click()
    page.get_by_label("Label", exact=True).fill("moved")
    page.reload()
    changed = page.locator("table", has_text="What changes").locator("tr")
    expect(changed).to_have_count(1)
    expect(changed).to_contain_text("to move")
    page.get_by_role("button", name="Check before sending").click()
    expect(page.get_by_text("Checked against what this node knows")).to_be_visible()
    expect(page.locator(".conflict")).to_have_count(0)


def test_part_that_is_not_drawn_holds_the_notice_back(pair: Pair, desk: Opener) -> None:
    """What could not be drawn outlives the page, and nothing is sent beside it until somebody has
    taken it out."""
    page = begun(desk(pair.alfa), "in part")
    text = "A1234/26 NOTAMN A) LCCC B) 2611221400 C) 2611221800 E) GUN FIRING"
    pasted(page, text, "")
    page.get_by_label("Text, in DMS").fill("33.10000N 33.10000E")
    page.get_by_label("A list of points is").select_option("disc")
    page.get_by_role("button", name="Read it").click()
    page.get_by_role("button", name="Take it into the draft").click()
    page.get_by_role("group", name="Upper limit").get_by_label("Unit").select_option("ft")
    expect(page.get_by_text("circle of")).to_be_visible()
    page.reload()
    expect(page.locator("pre", has_text="GUN FIRING")).to_be_visible()
    page.get_by_role("button", name="Check before sending").click()
    expect(page.get_by_text("Checked against what this node knows")).to_be_visible()
    expect(page.get_by_text("Not all that was pasted is drawn")).to_be_visible()
    send = page.get_by_role("button", name="Send the notice")
    expect(send).to_be_disabled()
    page.locator(".fault", has_text="GUN FIRING").get_by_role("button", name="Remove").click()
    expect(send).to_be_enabled()


def test_notice_that_is_sent_twice_is_filed_once(pair: Pair, desk: Opener) -> None:
    """A second press while the first is under way sends nothing, nor does one while the first waits
    for the node to be reached, also on the page after a reload."""
    here = desk(pair.alfa)
    page = begun(here, "pressed twice")
    pasted(page, "33.20000N 33.20000E", "disc")
    page.get_by_role("group", name="Upper limit").get_by_label("Unit").select_option("ft")
    page.context.route("**/notices", lambda route: route.abort())
    page.get_by_role("button", name="Check before sending").click()
    send = page.get_by_role("button", name="Send the notice")
    expect(send).to_be_enabled()
    send.evaluate("button => { button.click(); button.click(); }")
    expect(page.get_by_text("Not sent yet: it waits")).to_be_visible()
    ids = {each["body"]["id"] for each in unsent(page)}
    assert len(ids) == 1
    page.reload()
    page.get_by_role("button", name="Check before sending").click()
    expect(page.get_by_text("Checked against what this node knows")).to_be_visible()
    expect(page.get_by_text("Not sent yet: it waits")).to_be_visible()
    expect(send).to_be_disabled()
    page.context.unroute("**/notices")
    held(pair.bravo, "pressed twice", 1)


def test_what_the_check_refuses_cannot_be_sent(pair: Pair, desk: Opener) -> None:
    """A floor above its ceiling: the refusal stands beside Send, which is held back until the draft
    is mended and checked again; the node refuses it from everybody."""
    here = desk(pair.alfa)
    page = begun(here, "floor above")
    pasted(page, "31.50000N 41.50000E", "disc")
    page.get_by_role("group", name="Upper limit").get_by_label("Unit").select_option("ft")
    lower = page.get_by_role("group", name="Lower limit")
    lower.get_by_label("Measured from").select_option("AMSL")
    lower.get_by_label("Value").fill("30000")
    lower.get_by_label("Unit").select_option("ft")
    with page.expect_response("**/check") as asked:
        page.get_by_role("button", name="Check before sending").click()
    refused = asked.value.json()["refusals"]
    assert len(refused) == 1
    beside = page.locator(".refused")
    expect(beside).to_contain_text(refused[0]["clause"])
    send = page.get_by_role("button", name="Send the notice")
    expect(send).to_be_disabled()
    notice = asked.value.request.post_data_json["notices"][0]
    with pair.alfa.http() as http:
        answer = http.post(f"/v1/lines/{pair.alfa.line}/notices", json={"body": notice})
    assert answer.status_code >= 400
    assert refused[0]["clause"] in answer.text
    lower.get_by_label("Value").fill("10000")
    page.get_by_role("button", name="Check before sending").click()
    expect(send).to_be_enabled()
    expect(beside).to_have_count(0)
    page.get_by_role("button", name="Throw the draft away").click()


def test_who_has_sent_sees_that_it_is_sent(pair: Pair, desk: Opener) -> None:
    """The check says no conflict in its whole sentence alone, never as a badge; and where the
    button was pressed nobody is left with an empty form that says nothing has left the node."""
    here = desk(pair.alfa, size=TABLET)
    page = begun(here, "seen as sent")
    pasted(page, "31.00000N 41.00000E", "disc")
    page.get_by_role("group", name="Upper limit").get_by_label("Unit").select_option("ft")
    page.get_by_role("button", name="Check before sending").click()
    expect(page.get_by_text("no conflict known in what this node holds")).to_be_visible()
    expect(page.locator(".badge", has_text=re.compile("^no conflict$"))).to_have_count(0)
    expect(page.get_by_text("Nothing has left this node.").first).to_be_visible()
    page.get_by_role("button", name="Send the notice").click()
    expect(page.get_by_text("Sent. It gives no permission")).to_be_in_viewport()
    expect(page.get_by_text("Nothing has left this node.")).to_have_count(0)
    withdraw_label(pair, "seen as sent")


def withdraw_label(pair: Pair, label: str) -> None:
    """End a notice of ALFA's."""
    with pair.alfa.client() as client:
        refs = tuple(n.ref for n in client.notices(pair.alfa.line) if n.label == label)
        client.say(pair.alfa.line, Withdraw(versions=refs))


def unsent(page: Page) -> list[dict[str, dict[str, str]]]:
    """What this browser holds to be sent."""
    kept: list[dict[str, dict[str, str]]] = page.evaluate(
        "JSON.parse(localStorage.getItem('clearline.unsent') ?? '[]')"
    )
    return kept


def test_mover_is_typed_in_and_stays_on_this_node(pair: Pair, desk: Opener) -> None:
    """NO MOVER DATA stands there until one is put; four fields and Enter; the other side has
    nothing of it."""
    here = desk(pair.alfa)
    page = here.page
    page.keyboard.press("v")
    expect(page.get_by_text("NO MOVER DATA")).to_be_visible()
    page.get_by_label("Call sign").fill("LIFTER 2")
    page.get_by_label("Where, in any notation").fill("34°30.000'N 035°30.000'E")
    page.get_by_label("Speed").fill("120")
    expect(page.get_by_role("button", name="Put it there")).to_be_enabled()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="LIFTER 2", exact=True)).to_be_visible()
    expect(page.get_by_text("NO MOVER DATA")).to_have_count(0)
    with pair.bravo.http() as http:
        assert http.get(f"/v1/lines/{pair.bravo.line}/movers").json() == []


def test_mover_is_typed_in_by_keys_alone_and_its_place_is_never_taken_roughly(
    pair: Pair, desk: Opener
) -> None:
    """The cursor stands in the call sign at once, where its letters are no answers to anybody, and
    again after each. A place known to no better than a degree, and a time that has not come, are
    put nowhere."""
    page = desk(pair.alfa).page
    asked: list[str] = []
    page.on("request", lambda r: asked.append(r.url) if r.method == "POST" else None)
    page.keyboard.press("v")
    sign = page.get_by_label("Call sign")
    expect(sign).to_be_focused()
    page.keyboard.type("SEARCH 7")
    page.keyboard.press("Tab")
    page.keyboard.type("31 38")
    page.keyboard.press("Tab")
    page.keyboard.type("90.5")
    expect(page.get_by_role("button", name="Put it there")).to_be_enabled()
    page.keyboard.press("Enter")
    expect(page.locator("form .fault", has_text="This names a place to ±")).to_be_visible()
    assert [url for url in asked if url.endswith(("/movers", "/answers"))] == []
    page.get_by_label("Where, in any notation").fill("31.20000N 38.10000E")
    expect(page.get_by_text("31°12.000′N 038°06.000′E")).to_be_visible()
    page.get_by_label("As of").fill("2099-01-01T00:00Z")
    expect(page.get_by_role("alert").filter(has_text="ahead of now")).to_be_visible()
    expect(page.get_by_role("button", name="Put it there")).to_be_disabled()
    page.get_by_label("As of").fill("")
    expect(page.get_by_role("button", name="Put it there")).to_be_enabled()
    page.get_by_label("Speed").press("Enter")
    expect(page.get_by_role("button", name="SEARCH 7", exact=True)).to_be_visible()
    expect(sign).to_be_focused()
    expect(sign).to_have_value("")
    page.get_by_role("row", name="SEARCH 7").get_by_role("button", name="Take away").click()
    expect(page.get_by_role("button", name="SEARCH 7", exact=True)).to_have_count(0)
