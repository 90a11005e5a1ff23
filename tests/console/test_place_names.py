"""Names of places on the map: what the deployment chose, below all that is notified."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.api_node import Running, found, running
from tests.console import axe, busy
from tests.console.conftest import Desk, Opener, comes_true

FIRST = "Latakia"
PLACES = """
[[places]]
names = ["Latakia", "اللاذقية"]
at = "35.5317N 35.7901E"
radius_km = 15
[[places]]
names = ["Hospital of the Cross"]
at = "34.5N 35.2E"
kind = "hospital"
"""
MANY = 300
DRAWN = """
window.drawn = [];
const write = CanvasRenderingContext2D.prototype.fillText;
CanvasRenderingContext2D.prototype.fillText = function (text, x, y) {
  if (this.canvas.isConnected && this.textBaseline === 'top') {
    window.drawn.push([text, x, y, this.measureText(text).width]);
  }
  return write.call(this, text, x, y);
};
const paint = CanvasRenderingContext2D.prototype.setTransform;
CanvasRenderingContext2D.prototype.setTransform = function (...of) {
  if (this.canvas.isConnected) { window.before = window.drawn; window.drawn = []; }
  return paint.apply(this, of);
};
"""
"""What stands on the map in the last whole frame: text, left, top, width."""
LINE_PX = 14
NAMED = ".host[data-names]:not([data-names='0'])"
Written = tuple[str, float, float, float]


@pytest.fixture(scope="module")
def named(parties: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A node whose deployment has named a town, a hospital and many small places."""
    folder = found(parties, tmp_path_factory.mktemp("named") / "alfa", "ALFA", "BRAVO")
    more = "".join(
        f'[[places]]\nnames = ["Well {n}"]\nat = "{lat:.3f}N {lon:.3f}E"\n'
        for n, lat, lon in ((n, 33 + n // 20 * 0.3, 34 + n % 20 * 0.3) for n in range(MANY))
    )
    (folder / "places.toml").write_text(PLACES + more, "utf-8")
    toml = folder / "node.toml"
    said = toml.read_text("utf-8").replace("\n# places =", "\nplaces =")
    assert "\nplaces =" in said
    toml.write_text(said, "utf-8")
    with running(folder) as alfa:
        yield alfa


def opened(desk: Opener, node: Running, at: str, **how: object) -> Page:
    """A map that looks at a place, when its names are there."""
    here: Desk = desk(node, query=f"map={at}", **how)
    here.page.locator(NAMED).wait_for()
    return here.page


def names_on(page: Page) -> int:
    """How many names stand on the map."""
    return int(page.locator(".host").get_attribute("data-names") or "0")


def written(desk: Opener, node: Running, at: str) -> list[Written]:
    """All that is written on the map, after it has come to rest."""
    here = desk(node, signed_in=False)
    here.page.add_init_script(DRAWN)
    here.page.goto(f"/console/?map={at}#link={node.link('watch')}")
    here.page.locator(NAMED).wait_for()
    stands = """() => ['ALFA ', 'Well '].every(
      (name) => window.before?.some(([text]) => text.startsWith(name)))"""
    here.page.wait_for_function(stands)
    return [tuple(each) for each in here.page.evaluate("window.before")]


def test_names_stand_as_the_deployment_wrote_them_and_are_opened_by_a_touch(
    named: Running, desk: Opener
) -> None:
    """The first name on the map, all of them in the detail, in their own script; one switch takes
    them off."""
    page = opened(desk, named, "35.5317,35.7901,11")
    box = page.locator("main.centre canvas").first.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    detail = page.get_by_label("Detail", exact=True)
    expect(detail.get_by_role("heading", name=FIRST)).to_be_visible()
    expect(detail).to_contain_text("اللاذقية")
    assert axe.found(page) == []
    page.get_by_role("button", name="What is shown").click()
    page.get_by_role("checkbox", name="Names of places").uncheck()
    expect(page.locator(".host")).to_have_attribute("data-names", "0")


def test_fewer_names_stand_from_far_away_and_the_larger_place_first(
    named: Running, desk: Opener
) -> None:
    """Of three hundred a handful from far, the town among them; near more of a smaller piece."""
    far = opened(desk, named, "35.5,36.5,4.5")
    near = opened(desk, named, "35.5,36.5,8.2")
    comes_true(far, lambda: 1 <= names_on(far) <= 15)
    comes_true(near, lambda: names_on(near) > 2 * names_on(far))


def test_no_name_lies_on_a_label_of_what_is_notified(named: Running, desk: Opener) -> None:
    """Notices all about: what they say stands whole, a name beside it or not at all."""
    busy.file(named, busy.areas(named.now(), 60, busy.CLASSES))
    for zoom in ("6.5", "7.4", "8.6"):
        texts = written(desk, named, f"34.5,35.2,{zoom}")
        places = [each for each in texts if each[0].startswith(("Well", "Hospital", FIRST))]
        labels = [each for each in texts if each not in places]
        assert places
        assert labels
        assert [(a[0], b[0]) for a in places for b in labels if meet(a, b)] == []


def meet(a: Written, b: Written) -> bool:
    """Whether two lines of text lie on each other."""
    across = a[1] < b[1] + b[3] and b[1] < a[1] + a[3]
    return across and abs(a[2] - b[2]) < LINE_PX


def test_a_node_without_names_has_no_switch_for_them(
    parties: Path, tmp_path: Path, desk: Opener
) -> None:
    """Nothing is made up where nothing is configured."""
    with running(found(parties, tmp_path / "bare", "ALFA", "BRAVO")) as bare:
        page = desk(bare).page
        page.get_by_role("button", name="What is shown").click()
        expect(page.get_by_label("Names of tracks")).to_be_visible()
        expect(page.get_by_role("checkbox", name="Names of places")).to_have_count(0)
