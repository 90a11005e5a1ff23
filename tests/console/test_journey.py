"""One watch of two parties from signing in to looking back, side by side in two real browsers, on a
real line and on an exercise beside it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from clearline.client import Client
from clearline.model.ids import LineId
from clearline.model.space import Disc
from tests.api_node import Running, cli, notice, until
from tests.console.conftest import WAIT_MS, Desk, Opener, Pair, linked, take_watch
from tests.console.drafts import PASTED, begun, finished, pasted
from tests.console.test_watch_through import Start, km_north, start_of

PASSWORD = "a long one that was made up"
DRILL = "Exercise Swallow"
JUDGED_MS = 60_000
"""A process of its own starts for a bundle, on a machine that may be busy."""
OWN_POINT = 33.9
"""BRAVO's own point, due south of what it reads back."""


@dataclass(frozen=True)
class Watch:
    """Both nodes, and the two lines that they are on."""

    pair: Pair
    real: LineId
    drill: LineId

    def labels(self, of: Running, line: LineId) -> set[str]:
        """What a node holds on a line, by its labels."""
        with of.client() as client:
            return {each.label for each in client.notices(line)}


def signed_drill(parties: Path, folder: Path) -> Path:
    """Terms of an exercise that both have signed, in a folder of their own."""
    terms = folder / "drill.toml"
    cards = [part for party in ("ALFA", "BRAVO")
             for part in ("--party", str(parties / party / "card.json"))]  # fmt: skip
    cli("agreement", "draft", "bilateral-air", *cards, "-o", str(terms))
    text = terms.read_text().replace("exercise = false", "exercise = true")
    terms.write_text(re.sub(r'^title = ".*"', f'title = "{DRILL}"', text, count=1, flags=re.M))
    cli("agreement", "sign", str(terms), "--as", str(parties / "ALFA"))
    cli("agreement", "sign", str(folder / "drill.json"), "--as", str(parties / "BRAVO"))
    return folder / "drill.json"


@pytest.fixture(scope="module")
def watch(parties: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watch]:
    """Two nodes linked, each on the real line and on the exercise."""
    folder = tmp_path_factory.mktemp("watch")
    with linked(parties, folder, signed_drill(parties, folder)) as pair:
        with pair.alfa.client() as alfa:
            lines = {view.exercise: view.line for view in alfa.lines()}
        for node in (pair.alfa, pair.bravo):
            node.line = lines[False]
        yield Watch(pair, lines[False], lines[True])


def test_two_parties_keep_a_whole_watch(watch: Watch, desk: Opener) -> None:
    """Signed in and hearing, ALFA draws a notice and pastes others in five notations, each checked
    before it goes. BRAVO sees them, reads one back wrongly, is corrected, and is UNABLE with its
    minutes; it says STOP; ALFA tells who is on no line, and hands over. Then a drill beside the
    real line, a suspension that STOP goes through, the evidence of it all, and one night in 2018
    looked at from end to end."""
    pair = watch.pair
    here, there = signed_in(pair, desk)
    armed(here, there)
    drawn(here, watch)
    pasted_in_five_notations(here, watch)
    seen(there.page)
    answered(here.page, there.page, pair)
    met(here, there, watch)
    stopped(here.page, there.page, "HALTED")
    relayed(here.page)
    chief = desk(pair.alfa, "commander")
    handed_over(here.page, chief.page)
    drilled(chief.page, there.page, watch)
    suspended(chief.page, there.page, desk(pair.bravo, "commander").page, watch)
    proved(chief.page)
    looked_back(chief.page)


def signed_in(pair: Pair, desk: Opener) -> tuple[Desk, Desk]:
    """ALFA's officer by a one-time link, BRAVO's by name and password."""
    here = desk(pair.alfa)
    with pair.bravo.page("watch") as first:
        answer = first.post("/v1/session/password", json={"password": PASSWORD})
        assert answer.is_success, answer.text
        person = first.get("/v1/session").json()["person"]
    there = desk(pair.bravo, signed_in=False, query="list=inbox")
    there.page.get_by_label("Name").fill(person)
    there.page.get_by_label("Password").fill(PASSWORD)
    there.page.get_by_role("button", name="Sign in").click()
    there.page.locator(".shell").wait_for()
    return here, there


def armed(*desks: Desk) -> None:
    """One touch, and the desk hears: until then it says that it does not."""
    for each in desks:
        expect(each.page.get_by_text("SOUND IS OFF")).to_be_visible()
        each.page.get_by_role("button", name="Arm the watch").click()
        expect(each.page.get_by_text("SOUND IS OFF")).to_be_hidden()


def on_real_line(page: Page, watch: Watch) -> None:
    """With an exercise beside it the draft goes to the real line unless somebody says otherwise."""
    expect(page.get_by_role("combobox", name="Line", exact=True)).to_have_value(watch.real)


def drawn(here: Desk, watch: Watch) -> None:
    """Two touches on the map make a circle; before it is sent nobody else has anything."""
    page = begun(here, "drawn here")
    on_real_line(page, watch)
    page.get_by_role("button", name="Circle").click()
    box = page.locator("main.centre canvas").first.bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.click(x, y)
    page.mouse.click(x + 60, y)
    expect(page.get_by_text("circle of")).to_be_visible()
    expect(page.get_by_text("Nothing has left this node.")).to_be_visible()
    assert watch.labels(watch.pair.bravo, watch.real) == set()
    finished(page)


def pasted_in_five_notations(here: Desk, watch: Watch) -> None:
    """Each is read by the node, checked and sent; the other side holds all six."""
    for name, (text, sort) in PASTED.items():
        page = begun(here, f"pasted {name}")
        pasted(page, text, sort)
        finished(page)
    wanted = {"drawn here", *(f"pasted {name}" for name in PASTED)}
    with watch.pair.bravo.client() as bravo:
        until(bravo, lambda: {each.label for each in bravo.notices(watch.real)} == wanted)
        found = next(n for n in bravo.notices(watch.real) if n.label == "pasted decimal")
    assert found.volumes[0].footprint == Disc(
        centre=found.volumes[0].footprint.centre,
        radius_mm=9_260_000,  # type: ignore[union-attr]
    )


def seen(other: Page) -> None:
    """In BRAVO's inbox stands each, with how far it was answered."""
    for label in ("drawn here", *(f"pasted {name}" for name in PASTED)):
        expect(row(other, "notice:", label)).to_be_visible()


def row(page: Page, kind: str, text: str) -> Locator:
    """An item of the list in front."""
    return page.locator(f'.list [data-item^="{kind}"]', has_text=text).first


def answered(page: Page, other: Page, pair: Pair) -> None:
    """Read back ten kilometres off, then rightly, then UNABLE: the author's page has each."""
    row(other, "notice:", "pasted decimal").click()
    begin, km = start_of(pair.bravo, "pasted decimal"), km_north(34.0, OWN_POINT)
    read_back(other, km + 10, begin)
    alarm = row(page, "alert:", "DIFFERS")
    expect(alarm).to_contain_text("pasted decimal")
    alarm.click()
    said = page.get_by_label("Answers").locator("li")
    expect(said.filter(has_text="READ BACK WRONGLY")).to_be_visible()
    read_back(other, km, begin)
    expect(said.filter(has_text="read back rightly")).to_be_visible()
    other.keyboard.press("u")
    other.get_by_role("dialog").get_by_label("Minutes needed").fill("25")
    other.keyboard.press("Enter")
    expect(said.filter(has_text="UNABLE")).to_contain_text("25 min")


def read_back(page: Page, km: float, start: Start) -> None:
    """Three values from the own point, none filled in by the page."""
    page.keyboard.press("b")
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Own point").fill("33°54.000′N 035°00.000′E")
    dialog.get_by_label("Bearing, degrees true").fill("0")
    dialog.locator('input[name="distance"]').fill(f"{km:.2f}")
    dialog.get_by_role("combobox", name="Unit").first.select_option("km")
    dialog.get_by_label("Reference of the height").select_option("AMSL")
    dialog.get_by_label("Upper limit", exact=True).fill("20000")
    dialog.get_by_role("combobox", name="Unit").last.select_option("ft")
    dialog.locator('input[name="day"]').fill(start.day)
    dialog.locator('input[name="time"]').fill(start.time)
    page.keyboard.press("Enter")
    expect(dialog).to_have_count(0)


def met(here: Desk, there: Desk, watch: Watch) -> None:
    """BRAVO files a flight through it: the conflict rings on ALFA's page, and is taken there."""
    with watch.pair.bravo.client() as bravo:
        flight = notice(watch.pair.bravo.now(), 34.0, 35.0, label="Medical flight",
                        cls="air-movement", in_minutes=200)  # fmt: skip
        bravo.file(watch.real, flight)
    page = here.page
    page.locator("#tab-alerts").click()
    alarm = row(page, "alert:", "Medical flight")
    expect(alarm).to_contain_text("not taken")
    one = page.locator(f'.list [data-item="{alarm.get_attribute("data-item")}"]')
    one.click()
    page.keyboard.press("a")
    expect(one).to_have_attribute("data-state", "acknowledged")
    expect(row(there.page, "notice:", "Medical flight")).to_be_visible()


def stopped(page: Page, other: Page, answer: str) -> None:
    """STOP from BRAVO in two actions, answered on ALFA's screen; the answer stands with BRAVO."""
    other.keyboard.press("Escape")
    other.keyboard.press("x")
    dialog = other.get_by_role("dialog")
    dialog.get_by_label("All hazardous activity of everybody").check()
    expect(dialog).to_contain_text("NO EXERCISE")
    dialog.get_by_role("button", name="Send STOP").click()
    banner = page.locator('[data-emergency-of="stop"]').first
    banner.get_by_role("button", name=answer).click()
    expect(other.locator('[data-emergency-of="stop"]').first).to_contain_text(answer)


def relayed(page: Page) -> None:
    """Who is on no line is NOT TOLD until it is recorded by which means they were told."""
    page.keyboard.press("t")
    article = page.locator("article", has_text="drawn here").first
    expect(article).to_contain_text("NOT TOLD")
    article.get_by_role("button", name="Tell them").click()
    article.get_by_label("By which means").fill("telephone 4411, duty captain")
    article.get_by_role("button", name="Record it").click()
    told = page.locator("article", has_text="drawn here").filter(has_text="duty captain")
    expect(told).not_to_contain_text("NOT TOLD")
    page.keyboard.press("Escape")


def handed_over(page: Page, next_one: Page) -> None:
    """The next one looks at each open item, then both have signed."""
    page.keyboard.press("h")
    page.get_by_role("button", name="Give the watch").click()
    expect(page.get_by_text("You have the watch until somebody takes it.")).to_be_visible()
    next_one.get_by_role("button", name="Arm the watch").click()
    next_one.keyboard.press("h")
    take = next_one.get_by_role("button", name="Take the watch and sign")
    expect(take).to_be_disabled()
    take_watch(next_one)
    next_one.keyboard.press("Escape")
    page.keyboard.press("Escape")


def drilled(page: Page, other: Page, watch: Watch) -> None:
    """An exercise beside the real line says EXERCISE wherever it stands, the real line NO EXERCISE;
    what is filed in the one is never in the other, and an answer goes to the line that was chosen,
    though both number their entries alike."""
    for each in (page, other):
        band = each.locator(".drill").first
        expect(band).to_contain_text(f"EXERCISE on {DRILL}")
        expect(band).to_contain_text("NO EXERCISE on Air deconfliction line")
    here = Desk(page, watch.pair.alfa, [])
    page.keyboard.press("n")
    page.get_by_role("combobox", name="Line", exact=True).select_option(watch.drill)
    begun(here, "drilled")
    pasted(page, "35.00000N 35.50000E", "disc")
    finished(page)
    exercised = row(other, "notice:", "drilled")
    expect(exercised).to_contain_text("EXERCISE")
    exercised.click()
    other.keyboard.press("r")
    with watch.pair.alfa.client() as alfa:
        until(alfa, lambda: replies(alfa, watch.drill) == {"drilled": {"ROGER"}})
        assert all("ROGER" not in said for said in replies(alfa, watch.real).values())
    for label in ("drawn here", "Medical flight"):
        expect(row(other, "notice:", label)).not_to_contain_text("EXERCISE")
    assert watch.labels(watch.pair.bravo, watch.drill) == {"drilled"}
    assert "drilled" not in watch.labels(watch.pair.bravo, watch.real)


def replies(client: Client, line: LineId) -> dict[str, set[str]]:
    """What was answered to each notice of a line, by its label."""
    found = client.notices(line)
    return {n.label: {said.reply.value for said in n.answers} for n in found if n.answers}


def suspended(page: Page, other: Page, chief: Page, watch: Watch) -> None:
    """BRAVO's commander suspends; routine business says so and STOP goes all the same; it ends when
    its owner ends it."""
    opened(chief, "Lines")
    real = chief.locator(".work article", has_text="Air deconfliction line")
    real.get_by_label("Why (the others read it)").fill("orders from above")
    real.get_by_role("button", name="Suspend routine business").click()
    expect(page.locator(".bar .lines")).to_contain_text("Suspended by BRAVO")
    expect(other.locator(".bar .lines")).to_contain_text("Suspended by BRAVO")
    stopped(page, other, "CANNOT")
    real.get_by_role("button", name="End our suspension").click()
    expect(page.locator(".bar .lines")).not_to_contain_text("Suspended by BRAVO")


def opened(page: Page, name: str) -> None:
    """A sheet, by the menu."""
    page.get_by_role("button", name="Menu").click()
    page.get_by_role("menuitem", name=re.compile(f"^{name}")).click()


def proved(page: Page) -> None:
    """ALFA's bundle is saved and verified: each line has its owner, and STOP and answers are in."""
    opened(page, "Evidence")
    with page.expect_download(timeout=JUDGED_MS) as download:
        page.get_by_role("button", name="Make the bundle and save it").click()
    assert download.value.suggested_filename.endswith(".clb")
    page.get_by_role("button", name="Verify it here").click()
    found = page.get_by_role("region", name="What came of it")
    found.wait_for(timeout=JUDGED_MS)
    expect(found).to_contain_text("Record of ALFA")
    expect(found.locator("tr", has_text="Medical flight").first).to_contain_text("claim of BRAVO")
    expect(found.locator("tr", has_text="UNABLE").first).to_contain_text("claim of BRAVO")
    expect(found).not_to_contain_text("drilled")


def looked_back(page: Page) -> None:
    """The Il-20's night, from end to end by the slider, marked as no part of this watch."""
    opened(page, "Replay")
    expect(page.get_by_role("note").first).to_contain_text("REPLAY")
    expect(page.get_by_label("What happened")).to_have_value("il20")
    slider = page.get_by_role("slider", name="Time of the replay")
    slider.wait_for(timeout=WAIT_MS)
    shown = page.get_by_role("img", name="Map of the replay")
    columns = page.locator("article.claim")
    slid(page, slider, 0.0)
    expect(shown).to_have_attribute("data-stated", "0")
    late = page.get_by_text("The Il-20 leaves radar")
    expect(late).to_have_count(0)
    slid(page, slider, 1.0)
    expect(late.first).to_be_visible()
    for claimant in ("ISR", "RUS"):
        column = columns.filter(has=page.locator(f'h4 bdi:text-is("{claimant}")'))
        expect(column).to_have_count(1)


def slid(page: Page, slider: Locator, share: float) -> None:
    """The slider's handle put there by the pointer, as a hand does."""
    slider.scroll_into_view_if_needed()
    box = slider.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + 2 + share * (box["width"] - 4), box["y"] + box["height"] / 2)
