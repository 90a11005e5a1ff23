"""Handing over, telling third parties, messages by template, the state of lines: in the page."""

import re

from playwright.sync_api import expect

from clearline.client import Client, asks
from clearline.model.entry import Kind
from tests.api_node import notice, until
from tests.console.conftest import DESKTOP, TABLET, Desk, Opener, Pair, take_watch


def opened(here: Desk, name: str) -> None:
    """A sheet by the menu, as a touch does."""
    here.page.get_by_role("button", name="Menu").click()
    here.page.get_by_role("menuitem", name=re.compile(f"^{name}")).click()


def test_watch_passes_only_when_each_item_was_looked_at(pair: Pair, desk: Opener) -> None:
    """One gives; at the next desk the button waits for every item or a reason; both names are in
    the record, and the page says when it passed."""
    with pair.alfa.client() as client:
        client.file(pair.alfa.line, notice(pair.alfa.now(), 34.2, 35.2, in_minutes=30))
    going, coming = desk(pair.alfa), desk(pair.alfa, "commander")
    opened(going, "Handover")
    going.page.get_by_role("button", name="Give the watch").click()
    expect(going.page.get_by_text("You have the watch until somebody takes it.")).to_be_visible()
    coming.page.keyboard.press("h")
    take = coming.page.get_by_role("button", name="Take the watch and sign")
    expect(take).to_be_disabled()
    take_watch(coming.page)
    with pair.alfa.client() as client:
        last = client.do(asks.handover(pair.alfa.line)).last
    assert last is not None


def test_next_watch_reads_what_came_about_and_by_when_an_answer_is_due(
    pair: Pair, desk: Opener
) -> None:
    """Above the open items: the node's own count of the watch, its loudest alarms in Z, the line
    as it is; at an item with an agreed time, by when."""
    with pair.alfa.client() as client:
        client.file(pair.alfa.line, notice(pair.alfa.now(), 34.6, 35.6, in_minutes=30))
        told = client.do(asks.handover(pair.alfa.line)).watch
    assert told is not None
    assert told.filed > 0
    page = desk(pair.alfa, query="work=handover").page
    summary = page.get_by_role("region", name="Since the watch was taken")
    expect(summary).to_contain_text(re.compile(r"own notices filed or amended: [1-9]"))
    expect(summary).to_contain_text("line to BRAVO: ")
    expect(
        page.locator(".items li", has_text=re.compile(r"due \d\d:\d\d.*Z")).first
    ).to_be_visible()


def test_open_items_read_in_arabic_with_the_english_beside(pair: Pair, desk: Opener) -> None:
    """One sentence each way, no mark left raw among the words."""
    with pair.alfa.client() as client:
        client.file(pair.alfa.line, notice(pair.alfa.now(), 34.3, 35.3, in_minutes=30))
    page = desk(pair.alfa, query="work=handover&lang=ar").page
    items = page.locator(".items li")
    items.first.wait_for()
    expect(items.first).to_contain_text(re.compile("[\u0600-\u06ff]"))
    expect(items.locator("bdi.english").first).to_be_visible()
    expect(page.locator(".items")).not_to_contain_text("UNREVIEWED translation")


def test_third_party_reads_not_told_until_it_is_said_by_which_means(
    pair: Pair, desk: Opener
) -> None:
    """The board counts who is NOT TOLD; TOLD without a means cannot be sent; then the node says
    TOLD, and the page for them has a code to be said on the telephone."""
    with pair.alfa.client() as client:
        made = notice(pair.alfa.now(), 34.9, 35.9, label="Third", in_minutes=40)
        client.file(pair.alfa.line, made)
    here = desk(pair.alfa)
    here.page.keyboard.press("t")
    row = here.page.locator("article", has_text="Third").first
    expect(row).to_contain_text("NOT TOLD")
    row.get_by_role("button", name="Tell them").click()
    row.get_by_role("button", name="Make the page").click()
    expect(row.get_by_text("Code to be said on the telephone")).to_be_visible()
    record = row.get_by_role("button", name="Record it")
    expect(record).to_be_disabled()
    row.get_by_label("By which means").fill("telephone 4411, duty captain")
    record.click()
    told = here.page.locator("article", has_text="Third").filter(has_text="duty captain")
    expect(told).to_contain_text("TOLD")
    expect(told).not_to_contain_text("NOT TOLD")


def third_of_theirs(pair: Pair, label: str) -> str:
    """A notice of BRAVO's of which ALFA is to tell somebody; the name of whom."""
    with pair.bravo.client() as client:
        client.file(
            pair.bravo.line, notice(pair.bravo.now(), 33.1, 34.1, label=label, in_minutes=50)
        )
    with pair.alfa.client() as client:
        until(client, lambda: thirds(client, pair, label) != [])
        return thirds(client, pair, label)[0]


def thirds(client: Client, pair: Pair, label: str) -> list[str]:
    """Who of the represented that ALFA is to tell has not been told of a notice."""
    return [
        third.name
        for found in client.notices(pair.alfa.line)
        for third in found.third_parties
        if found.label == label and third.relay == "ALFA" and third.state == "NOT TOLD"
    ]


def test_duty_to_tell_leads_to_the_telling_before_any_answer_to_the_author(
    pair: Pair, desk: Opener
) -> None:
    """In the detail of an alarm NOT TOLD the first button opens that telling, by t too; that an
    answer tells the third party nothing is said above the answers and with them; told there, the
    duty is done without any answer to the author."""
    name = third_of_theirs(pair, "Relayed")
    page = desk(pair.alfa).page
    rows = page.locator("[data-item^='alert:']", has_text="NOT TOLD").filter(has_text="Relayed")
    rows.filter(has_text=name).first.click()
    detail = page.locator(".detail .sections")
    first = detail.get_by_role("button").first
    expect(first).to_contain_text(f"Tell {name}")
    expect(first.locator("kbd")).to_have_text("t")
    expect(detail).to_contain_text(
        f"An answer to BRAVO, who wrote the notice, tells {name} nothing."
    )
    answers = detail.get_by_role("group", name="Answer to BRAVO")
    expect(answers).to_contain_text(f"Answer to BRAVO alone, not to {name}:")
    page.keyboard.press("t")
    row = page.locator("article", has_text="Relayed").filter(has_text=name)
    expect(row.get_by_role("button", name="Tell them")).to_be_focused()
    page.keyboard.press("Escape")
    first.click()
    row.get_by_label("By which means").fill("telephone 4411, duty captain")
    row.get_by_role("button", name="Record it").click()
    expect(row).to_contain_text("duty captain")
    with pair.alfa.client() as client:
        until(client, lambda: name not in thirds(client, pair, "Relayed"))
        told = [each for each in client.notices(pair.alfa.line) if each.label == "Relayed"]
    assert [answer for each in told for answer in each.answers] == []


def test_who_may_not_tell_reads_what_an_answer_does_not_do(pair: Pair, desk: Opener) -> None:
    """An investigator is offered no telling; an alarm of another kind says nothing of it."""
    name = third_of_theirs(pair, "Looked at")
    page = desk(pair.alfa, "investigator").page
    rows = page.locator("[data-item^='alert:']", has_text="Looked at")
    rows.filter(has_text="NOT TOLD").filter(has_text=name).first.click()
    detail = page.locator(".detail .sections")
    expect(detail).to_contain_text(f"tells {name} nothing")
    expect(detail.get_by_role("button", name=f"Tell {name}")).to_have_count(0)


def test_message_is_a_template_that_each_reads_in_his_language(pair: Pair, desk: Opener) -> None:
    """How a place was read stands beside it; the sentence stands in English and Arabic side
    by side, the Arabic marked as unreviewed; what arrives is the template and its numbers."""
    here = desk(pair.alfa, query="lang=ar")
    there = desk(pair.bravo)
    page = here.page
    page.keyboard.press("m")
    page.locator("button.primary").first.click()
    page.locator("select").first.select_option("report")
    page.locator("input[name=blank-position]").fill("35 30 N 36 15 E")
    page.locator("input[name=blank-position]").blur()
    expect(page.get_by_text("35°30.000′N 036°15.000′E")).to_be_visible()
    page.locator("#blank-at").fill("+0")
    page.locator("#blank-what").select_option("smoke")
    page.locator("#blank-source").select_option("own-crew")
    arabic = page.locator("section[lang=ar]")
    expect(arabic).to_contain_text("غير مُراجَع")
    expect(page.locator("section[lang=en]")).to_contain_text("smoke")
    page.locator("form button.primary").click()
    expect(page.locator("form .badge.good")).to_be_visible()
    there.page.keyboard.press("m")
    expect(there.page.locator("article", has_text="smoke").first).to_be_visible()
    with pair.bravo.client() as client:
        said = [each for each in client.do(asks.asks(pair.bravo.line)) if each.text == "report"]
    assert {field.name for field in said[0].fields} == {"position", "at", "what", "source"}


def test_place_of_a_message_is_the_one_that_stands_there(pair: Pair, desk: Opener) -> None:
    """A place is read, then typed anew, and Send is pressed at once: the first is never sent."""
    page = desk(pair.alfa).page
    page.keyboard.press("m")
    page.get_by_role("button", name="New message").click()
    page.locator("select").first.select_option("report")
    page.locator("#blank-at").fill("+0")
    page.locator("#blank-what").select_option("explosion")
    page.locator("#blank-source").select_option("own-crew")
    where = page.locator("input[name=blank-position]")
    send = page.locator("form button.primary")
    for text in ("34.10000N 35.10000E", "34.20000N 35.20000E"):
        where.fill(text)
        if text.startswith("34.1"):
            expect(send).to_be_enabled()
    send.click()
    expect(page.locator("form .badge.good")).to_be_visible()
    with pair.alfa.client() as client:
        said = client.do(asks.asks(pair.alfa.line))
    newest = max((each for each in said if each.text == "report"), key=lambda each: each.t)
    (place,) = (each.value for each in newest.fields if each.name == "position")
    assert place == "+34.2000000+035.2000000/"


def test_template_names_what_is_to_be_written_in_the_readers_words(
    pair: Pair, desk: Opener
) -> None:
    """Neither the choice of templates nor a sentence that is not filled yet has a blank's sign."""
    page = desk(pair.alfa, query="lang=ar").page
    page.keyboard.press("m")
    page.locator("button.primary").first.click()
    choice = page.locator("select").first
    expect(choice.locator("option", has_text="report · ")).to_contain_text("[")
    expect(choice.locator("option", has_text=re.compile("[{}]"))).to_have_count(0)
    choice.select_option("report")
    expect(page.locator("section[lang=en]")).to_contain_text("[where]")
    expect(page.locator("section[lang=ar]")).to_contain_text(re.compile("\\[[\u0600-\u06ff]"))
    expect(page.locator(".tongues")).not_to_contain_text(re.compile("[{}]"))


def test_suspension_is_seen_with_its_owner_and_ended_by_it_alone(pair: Pair, desk: Opener) -> None:
    """A commander suspends with a reason; both pages say by whom and since when; the other's page
    offers no end of it."""
    ours, theirs = desk(pair.alfa, "commander"), desk(pair.bravo, "commander")
    opened(ours, "Lines")
    suspend = ours.page.get_by_role("button", name="Suspend routine business")
    expect(suspend).to_be_disabled()
    ours.page.get_by_label("Why (the others read it)").fill("orders from above")
    suspend.click()
    block = ours.page.locator(".work .fault", has_text="SUSPENDED by ALFA since")
    expect(block).to_be_visible()
    opened(theirs, "Lines")
    expect(theirs.page.get_by_text("orders from above", exact=True)).to_be_visible()
    expect(theirs.page.get_by_role("button", name="End our suspension")).to_have_count(0)
    ours.page.get_by_role("button", name="End our suspension").click()
    expect(block).to_have_count(0)
    with pair.alfa.client() as client:
        assert client.lines()[0].suspended == ()


def test_line_test_reaches_the_other_page(pair: Pair, desk: Opener) -> None:
    """One touch; the other side has it as something that asks for an answer."""
    here = desk(pair.alfa)
    opened(here, "Lines")
    here.page.get_by_role("button", name="Test the line to a person").click()
    expect(here.page.get_by_text("Recorded at")).to_be_visible()
    there = desk(pair.bravo)
    there.page.keyboard.press("m")
    expect(there.page.locator("article", has_text="TEST").first).to_be_visible()
    with pair.bravo.client() as client:
        found = client.do(asks.asks(pair.bravo.line))
    assert Kind.TEST in {each.kind for each in found}


def test_role_that_may_not_is_not_offered(pair: Pair, desk: Opener) -> None:
    """An investigator sees lines and messages, and nothing that writes."""
    here = desk(pair.alfa, "investigator")
    here.page.get_by_role("button", name="Menu").click()
    expect(here.page.get_by_role("menuitem", name=re.compile("^Lines"))).to_be_visible()
    expect(here.page.get_by_role("menuitem", name=re.compile("^Handover"))).to_have_count(0)
    here.page.get_by_role("menuitem", name=re.compile("^Lines")).click()
    expect(here.page.get_by_role("button", name="Suspend routine business")).to_have_count(0)
    expect(here.page.get_by_role("button", name="Test the line to a person")).to_have_count(0)


def test_item_of_the_handover_is_shown_and_what_was_looked_at_outlives_the_sheet(
    pair: Pair, desk: Opener
) -> None:
    """From the list an alarm's detail is opened beside it; whoever closes the sheet, because
    something rings, finds his looks again; on a tablet the detail is in front."""
    with pair.alfa.client() as client:
        for label in ("Over the bridge", "At the bridge"):
            made = notice(pair.alfa.now(), 34.4, 35.4, label=label, in_minutes=35)
            client.file(pair.alfa.line, made)
    for size in (DESKTOP, TABLET):
        page = desk(pair.alfa, query="work=handover", size=size).page
        item = page.locator(".items li", has_text="Over the bridge").filter(
            has=page.get_by_role("button", name="Show")
        )
        item.first.get_by_role("checkbox").check()
        item.first.get_by_role("button", name="Show").click()
        expect(page.locator(".detail")).to_be_in_viewport()
        expect(page.locator(".detail")).to_contain_text("Over the bridge")
        page.keyboard.press("Escape")
        page.keyboard.press("Escape")
        expect(page.locator(".items")).to_have_count(0)
        page.keyboard.press("h")
        expect(page.locator(".items input:checked")).to_have_count(1)
