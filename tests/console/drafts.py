"""A notice drafted in the page, by whoever tests what comes of it: its fields, its place from a
text that the node reads, the check, and the sending."""

from playwright.sync_api import Page, expect

from tests.console.conftest import Desk

SQUARE = "[[[35.0,34.0],[35.5,34.0],[35.5,34.4],[35.0,34.4],[35.0,34.0]]]"
PASTED = {
    "dms": (
        "34°00'00\"N 035°00'00\"E\n34°00'00\"N 035°30'00\"E\n34°24'00\"N 035°30'00\"E",
        "polygon",
    ),
    "ddm": ("34°00.000'N 035°00.000'E\n34°00.000'N 035°30.000'E", "corridor"),
    "decimal": ("34.00000N 35.00000E", "disc"),
    "mgrs": ("36S YC 36000 65000", "disc"),
    "geojson": (f'{{"type":"Polygon","coordinates":{SQUARE}}}', ""),
}


def begun(here: Desk, label: str) -> Page:
    """A draft with all but its place."""
    page = here.page
    page.keyboard.press("n")
    side = page.get_by_label("Detail", exact=True)
    expect(side.get_by_role("heading", name="New notice")).to_be_visible()
    page.get_by_label("Class of activity").select_option("hazardous-air")
    page.get_by_label("Label", exact=True).fill(label)
    lower = page.get_by_role("group", name="Lower limit")
    lower.get_by_label("Measured from").select_option("FL")
    lower.get_by_label("Value").fill("100")
    upper = page.get_by_role("group", name="Upper limit")
    upper.get_by_label("Measured from").select_option("AMSL")
    upper.get_by_label("Value").fill("20000")
    page.get_by_label("Start, Z").fill("+180")
    page.get_by_label("End, Z").fill("+60")
    return page


def pasted(page: Page, text: str, sort: str) -> None:
    """A text read by the node and taken into the draft."""
    page.get_by_role("button", name="Paste", exact=True).click()
    page.get_by_label("Text, in DMS").fill(text)
    if sort:
        page.get_by_label("A list of points is").select_option(sort)
    page.get_by_label("Radius or half width").fill("5 NM")
    page.get_by_role("button", name="Read it").click()
    page.get_by_role("button", name="Take it into the draft").click()


def finished(page: Page) -> None:
    """The last unit, the check, and the sending."""
    page.get_by_role("group", name="Upper limit").get_by_label("Unit").select_option("ft")
    page.get_by_role("button", name="Check before sending").click()
    expect(page.get_by_text("Checked against what this node knows")).to_be_visible()
    expect(page.get_by_text("The draft has changed since it was checked.")).to_have_count(0)
    page.get_by_role("button", name="Send the notice").click()
    expect(page.get_by_text("Sent. It gives no permission")).to_be_visible()
