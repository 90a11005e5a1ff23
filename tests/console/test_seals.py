"""Sealed plans in the page: checked, kept, sealed, opened at the time, and what does not fit."""

import re
from pathlib import Path

import pytest
from msgspec.structs import replace
from playwright.sync_api import Locator, Page, expect

from clearline.cli.sealing import read_plan
from clearline.client import asks
from clearline.model.entry import Notice, Open, Seal
from clearline.model.ids import Digest
from clearline.model.space import Height, HeightRef
from clearline.model.time import HOUR, MINUTE, Instant, format_utc
from tests.api_node import cli, notice, until
from tests.console import axe
from tests.console.conftest import Desk, Opener, Pair
from tests.console.drafts import begun, pasted


def checked(here: Desk, label: str) -> Page:
    """A draft that this node has judged."""
    page = begun(here, label)
    pasted(page, "34.50000N 35.20000E", "disc")
    page.get_by_role("group", name="Upper limit").get_by_label("Unit").select_option("ft")
    page.get_by_role("button", name="Check before sending").click()
    expect(page.get_by_text("Checked against what this node knows")).to_be_visible()
    return page


def kept(page: Page, to: Path, opens: Instant, envelope: str = "") -> Locator:
    """The plan saved in a file; the section that seals it."""
    page.get_by_role("button", name="Seal it instead").click()
    section = page.get_by_role("region", name="Seal this plan")
    section.get_by_label("When we open it").fill(format_utc(Instant(opens // MINUTE * MINUTE)))
    if envelope:
        choice = section.locator("option", has_text=envelope).get_attribute("value")
        section.get_by_label("Our coarse notice").select_option(choice)
    with page.expect_download() as download:
        section.get_by_role("button", name="Save the plan to a file").click()
    download.value.save_as(to)
    return section


def coarse(now: Instant) -> Notice:
    """A large area, from the ground up, for half a day."""
    made = notice(now, 34.5, 35.2, label="Coarse area", radius_km=60, in_minutes=30)
    low, high = Height(ref=HeightRef.SFC), Height(ref=HeightRef.UNL)
    whole = replace(made.volumes[0], lower=low, upper=high, end=Instant(now + 12 * HOUR))
    return replace(made, volumes=(whole,))


def row(page: Page, party: str, text: str) -> Locator:
    """A sealed plan of a party in the sheet."""
    rows = page.locator(".work article", has=page.get_by_text(party, exact=True))
    return rows.filter(has_text=text)


def test_plan_is_sealed_only_when_its_file_is_there_and_opened_with_it(
    pair: Pair, desk: Opener, tmp_path: Path
) -> None:
    """Coarse first; the file is saved and shown again before anything leaves; the other party has a
    digest and a time, never the plan; with the file it is opened, and fits envelope and seal."""
    now = pair.alfa.now()
    with pair.alfa.client() as client:
        client.file(pair.alfa.line, coarse(now))
    here, there = desk(pair.alfa), desk(pair.bravo, query="work=seals")
    page = checked(here, "Fine plan")
    said: list[str] = []
    page.on("request", lambda asked: said.append(asked.url))
    file = tmp_path / "fine.seal"
    section = kept(page, file, Instant(now + 2 * HOUR), "Coarse area")
    expect(section.get_by_text("Without a coarse notice")).to_have_count(0)
    expect(section.get_by_role("button", name="Seal now")).to_have_count(0)
    assert not any(url.endswith("/seal") for url in said)
    wrong = tmp_path / "wrong.seal"
    wrong.write_text(file.read_text().replace("Fine plan", "Other plan"))
    section.get_by_label("Choose that file").set_input_files(wrong)
    expect(section.get_by_role("alert")).to_contain_text("not the file that was just saved")
    section.get_by_label("Choose that file").set_input_files(file)
    section.get_by_role("button", name="Seal now").click()
    expect(row(page, "ALFA", "sealed")).to_have_count(1)
    theirs = row(there.page, "ALFA", "sealed")
    expect(theirs).to_be_visible()
    expect(theirs.get_by_role("button")).to_have_count(0)
    plan = read_plan(file.read_bytes())
    assert plan is not None
    with pair.bravo.client() as bravo:
        (held,) = bravo.do(asks.seals(pair.bravo.line))
        assert held.sha256 == plan.sha256
        assert not [n for n in bravo.notices(pair.bravo.line) if n.label == "Fine plan"]

    ours = row(page, "ALFA", "sealed")
    ours.get_by_role("button", name="Open it", exact=True).click()
    ours.get_by_label("The file that was saved").set_input_files(wrong)
    expect(ours.get_by_role("alert")).to_contain_text("of another seal")
    expect(ours.get_by_role("button", name="Open it to all")).to_have_count(0)
    ours.get_by_label("The file that was saved").set_input_files(file)
    expect(ours.get_by_text("Nothing has left this node.")).to_be_visible()
    expect(ours.get_by_text("earlier than was said")).to_be_visible()
    ours.get_by_role("button", name="Open it to all").click()
    opened = row(there.page, "ALFA", "opened")
    expect(opened).to_contain_text("within its envelope")
    opened.get_by_role("button", name="See the notice").click()
    expect(there.page.get_by_label("Detail", exact=True)).to_contain_text("Fine plan")


def test_command_opens_what_the_page_has_sealed(pair: Pair, desk: Opener, tmp_path: Path) -> None:
    """One file for both: what was sealed here is opened by `clearline open`."""
    page = checked(desk(pair.alfa), "For the command")
    file = tmp_path / "command.seal"
    section = kept(page, file, Instant(pair.alfa.now() + 2 * HOUR))
    expect(section.get_by_text("Without a coarse notice")).to_be_visible()
    section.get_by_label("Choose that file").set_input_files(file)
    section.get_by_role("button", name="Seal now").click()
    expect(row(page, "ALFA", "sealed").last).to_be_visible()
    cli("open", str(file), "--node", str(pair.alfa.folder))
    with pair.alfa.client() as client:
        assert [n for n in client.notices(pair.alfa.line) if n.label == "For the command"]


def test_what_was_opened_and_is_not_what_was_sealed_is_a_finding(pair: Pair, desk: Opener) -> None:
    """The other's sheet says so in words beside who it is; what fits its envelope not, too."""
    there = desk(pair.alfa, query="work=seals")
    with pair.bravo.client() as bravo:
        now = pair.bravo.now()
        far = bravo.file(pair.bravo.line, notice(now, 36.5, 37.0, label="Elsewhere")).refs[0]
        sealed = Seal(sha256=Digest("ab" * 32), opens=Instant(now + MINUTE), envelope=far)
        ref = bravo.say(pair.bravo.line, sealed).refs[0]
        expect(row(there.page, "BRAVO", "sealed")).to_contain_text("abababab")
        other = notice(now, 33.2, 36.0, label="Not what was sealed")
        body = Open(seal=ref, salt="cd" * 32, to=other)
        bravo.do(asks.open_seal(pair.bravo.line, body, mismatch_known="plans changed"))
    found = row(there.page, "BRAVO", "opened")
    expect(found.locator(".fault").first).to_contain_text(
        "What BRAVO opened is not what BRAVO had sealed."
    )
    expect(found).to_contain_text("OUTSIDE its envelope")


def test_seal_is_opened_by_another_plan_only_on_purpose_and_with_the_reason(
    pair: Pair, desk: Opener, tmp_path: Path
) -> None:
    """The file of a changed plan opens nothing before a reason is written; then it goes to all, is
    a finding at the other party, and the reason is in our own record and nowhere else."""
    here, there = desk(pair.alfa), desk(pair.bravo, query="work=seals")
    page = checked(here, "First plan")
    file = tmp_path / "first.seal"
    section = kept(page, file, Instant(pair.alfa.now() + 2 * HOUR))
    section.get_by_label("Choose that file").set_input_files(file)
    section.get_by_role("button", name="Seal now").click()
    ours = row(page, "ALFA", "sealed").last
    changed = tmp_path / "changed.seal"
    changed.write_text(file.read_text().replace("First plan", "Changed plan"))
    ours.get_by_role("button", name="Open it", exact=True).click()
    ours.get_by_label("The file that was saved").set_input_files(changed)
    expect(ours.get_by_role("alert").first).to_contain_text("of another seal")
    expect(ours.get_by_role("button", name="Open it to all")).to_have_count(0)
    on_purpose = ours.get_by_role("button", name="Open it by this other plan")
    expect(on_purpose).to_be_disabled()
    ours.get_by_label("Why (it stays in our own record)").fill("the weather turned")
    findings = axe.found(page)
    on_purpose.click()
    theirs = row(there.page, "ALFA", "opened").filter(has_text="is not what ALFA had sealed")
    expect(theirs.first).to_be_visible()
    with pair.alfa.http("investigator") as http:
        said = http.get(f"/v1/lines/{pair.alfa.line}/desk-record").text
    with pair.bravo.client() as bravo:
        (opened,) = [n for n in bravo.notices(pair.bravo.line) if n.label == "Changed plan"]
        assert opened.party == "ALFA"
    assert "the weather turned" in said
    assert findings == []


def test_seal_that_is_due_is_counted_and_a_role_without_it_is_not_offered(
    pair: Pair, desk: Opener
) -> None:
    """When its time has come the bar says so; an investigator sees it and has no button."""
    with pair.alfa.client() as alfa:
        alfa.say(pair.alfa.line, Seal(sha256=Digest("12" * 32), opens=pair.alfa.now()))
        until(alfa, lambda: any(s.opened is None for s in alfa.do(asks.seals(pair.alfa.line))))
    here = desk(pair.alfa)
    here.page.get_by_role("button", name=re.compile("^Sealed plans 1$")).click()
    due = row(here.page, "ALFA", "TO BE OPENED NOW")
    due.get_by_role("button", name="Open it", exact=True).click()
    due.get_by_label("The file that was saved").set_input_files(
        {"name": "x.seal", "mimeType": "text/plain", "buffer": b"{}"}
    )
    expect(due.get_by_role("alert")).to_contain_text("no file of a sealed plan")
    reader = desk(pair.alfa, "investigator", query="work=seals")
    waits = row(reader.page, "ALFA", "TO BE OPENED NOW")
    expect(waits).to_be_visible()
    expect(waits.get_by_role("button")).to_have_count(0)


@pytest.mark.parametrize("lang", ["en", "he"])
def test_sheet_and_sealing_have_no_serious_finding(pair: Pair, desk: Opener, lang: str) -> None:
    """The rules of axe in three themes, on the sheet and on the section of the draft."""
    here = desk(pair.alfa, reduced_motion="reduce")
    page = checked(here, "Looked at")
    page.get_by_role("button", name="Seal it instead").click()
    page.get_by_role("region", name="Seal this plan").wait_for()
    findings = axe.found(page)
    there = desk(pair.alfa, reduced_motion="reduce", query=f"work=seals&lang={lang}").page
    there.locator(".work article").first.wait_for()
    findings += axe.found(there)
    assert findings == []
