"""The evidence page: a bundle is made, verified, laid beside another's; each word has its owner."""

from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.api_node import Running, notice, until
from tests.console.conftest import Opener, Pair

JUDGED_MS = 60_000
"""A process of its own starts for each bundle, on a machine that may be busy."""
BUNDLES: dict[str, bytes] = {}


@pytest.fixture
def bundles(pair: Pair, tmp_path: Path) -> dict[str, Path]:
    """Both parties' bundles over the one line, with a notice of each that both hold."""
    if not BUNDLES:
        with pair.alfa.client() as alfa, pair.bravo.client() as bravo:
            alfa.file(pair.alfa.line, notice(pair.alfa.now(), 34.5, 35.2, label="Said by ALFA"))
            bravo.file(pair.bravo.line, notice(pair.bravo.now(), 36.9, 38.6, label="Said by BRAVO"))
            for client, node in ((alfa, pair.alfa), (bravo, pair.bravo)):
                until(client, lambda c=client, n=node: len(c.notices(n.line)) == 2)  # type: ignore[misc]
        BUNDLES.update({"alfa": exported(pair.alfa), "bravo": exported(pair.bravo)})
    made = {}
    for name, raw in BUNDLES.items():
        made[name] = tmp_path / f"{name}.clb"
        made[name].write_bytes(raw)
    return made


def exported(node: Running) -> bytes:
    """A node's own bundle, as its commander gets it."""
    with node.page("commander") as page:
        answer = page.get(f"/v1/lines/{node.line}/evidence", timeout=60)
    assert answer.status_code == 200, answer.text
    return answer.content


def result(page: Page) -> Locator:
    """What came of it."""
    found = page.get_by_role("region", name="What came of it")
    found.wait_for(timeout=JUDGED_MS)
    return found


def test_who_may_not_export_is_not_offered_it(pair: Pair, desk: Opener) -> None:
    """The watch can look at bundles; making one of the record is not on its page."""
    watch = desk(pair.alfa, "watch", query="work=evidence").page
    watch.get_by_role("region", name="Look at a bundle").wait_for()
    expect(watch.get_by_role("region", name="Export this node's record")).to_have_count(0)
    commander = desk(pair.alfa, "commander", query="work=evidence").page
    expect(commander.get_by_role("region", name="Export this node's record")).to_be_visible()


def test_exported_bundle_is_a_file_and_proves_its_line(
    bundles: dict[str, Path], pair: Pair, desk: Opener
) -> None:
    """It is saved, and verified at a touch: verdict, steps, and whose word each line is."""
    page = desk(pair.alfa, "commander", query="work=evidence").page
    with page.expect_download(timeout=JUDGED_MS) as download:
        page.get_by_role("button", name="Make the bundle and save it").click()
    assert download.value.suggested_filename.startswith("ALFA-")
    assert download.value.suggested_filename.endswith(".clb")
    page.get_by_role("button", name="Verify it here").click()
    found = result(page)
    expect(found).to_contain_text("Record of ALFA")
    expect(found).to_contain_text("A notice gives no permission")
    expect(found.locator("ol li")).not_to_have_count(0)
    row = found.locator("tr", has_text="Said by BRAVO")
    expect(row).to_contain_text("signed claim of BRAVO")
    expect(row).to_contain_text("own word of ALFA, not proved")


def test_changed_bundle_is_never_whole(
    bundles: dict[str, Path], pair: Pair, desk: Opener, tmp_path: Path
) -> None:
    """One byte in the middle: it is refused, or what is wrong is named; never a good verdict."""
    raw = bundles["alfa"].read_bytes()
    bad = tmp_path / "changed.clb"
    at = len(raw) // 2
    bad.write_bytes(raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 :])
    page = desk(pair.bravo, query="work=evidence").page
    page.get_by_label("Bundle (.clb)", exact=True).set_input_files(bad)
    page.get_by_role("button", name="Verify", exact=True).click()
    told = page.locator(".verdict.wrong, .work [role=alert].fault").first
    told.wait_for(timeout=JUDGED_MS)
    expect(page.locator(".verdict.whole, .verdict.part")).to_have_count(0)


def test_two_parties_bundles_stand_side_by_side_each_in_its_own_word(
    bundles: dict[str, Path], pair: Pair, desk: Opener
) -> None:
    """Each entry names who says it; when it was received stands in each party's own column; what
    could be known at a time is told for both."""
    page = desk(pair.alfa, query="work=evidence").page
    page.get_by_label("One party's bundle").set_input_files(bundles["alfa"])
    page.get_by_label("The other party's bundle").set_input_files(bundles["bravo"])
    page.get_by_label("What could be known at (Z)").fill("23:59Z")
    page.get_by_role("button", name="Side by side").click()
    found = result(page)
    for party in ("ALFA", "BRAVO"):
        expect(found).to_contain_text(f"Of {party} alone")
        expect(found).to_contain_text(f"What {party} could know at")
    row = found.locator("tr", has_text="Said by ALFA")
    expect(row.locator("td.left")).to_contain_text("own word of ALFA")
    expect(row.locator("td.right")).to_contain_text("own word of BRAVO")
    with page.expect_download() as download:
        page.get_by_role("button", name="Save the report to print").click()
    assert "<!doctype html" in Path(download.value.path()).read_text(encoding="utf-8").lower()


def test_time_that_is_none_is_not_sent(bundles: dict[str, Path], pair: Pair, desk: Opener) -> None:
    """A time that cannot be read is marked, and the comparison waits for a better one."""
    page = desk(pair.alfa, query="work=evidence").page
    page.get_by_label("One party's bundle").set_input_files(bundles["alfa"])
    page.get_by_label("The other party's bundle").set_input_files(bundles["bravo"])
    field = page.get_by_label("What could be known at (Z)")
    button = page.get_by_role("button", name="Side by side")
    expect(button).to_be_enabled()
    field.fill("quarter to nine")
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(button).to_be_disabled()
