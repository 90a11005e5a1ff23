"""The top bar on a tablet, with three parties in an exercise: what is below it keeps its room."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.api_node import Running, cli, found, make_parties, notice, running
from tests.console.conftest import TABLET, Opener

ROWS_MAX = 110
"""Two rows of what is touched, and a little."""
LIST_MIN = 330
CUT = """() => [...document.querySelectorAll('.ringing .badge')]
  .filter((each) => each.scrollWidth > each.clientWidth + 1
    || each.getBoundingClientRect().right > each.closest('.ringing').getBoundingClientRect().right)
  .length"""
HATCHED = """() => [...document.querySelectorAll('.ringing li:not(.word)')]
  .every((each) => getComputedStyle(each, '::before').backgroundImage.includes('gradient'))"""


@pytest.fixture(scope="module")
def drill(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """ALFA's node on an exercise of three; the other two are not there."""
    folder = tmp_path_factory.mktemp("three")
    names = ("ALFA", "BRAVO", "CHARLIE")
    make_parties(folder, *names)
    terms = folder / "line.toml"
    cards = [part for name in names for part in ("--party", str(folder / name / "card.json"))]
    _again(folder)
    cli("agreement", "draft", "bilateral-air", *cards, "-o", str(terms))
    terms.write_text(terms.read_text().replace("exercise = false", "exercise = true"))
    for name, of in zip(names, ("line.toml", "line.json", "line.json"), strict=True):
        cli("agreement", "sign", str(folder / of), "--as", str(folder / name))
    with running(found(folder, folder / "alfa", *names)) as node:
        yield node


def _again(folder: Path) -> None:
    """Make room for other terms."""
    for name in ("line.toml", "line.json"):
        (folder / name).unlink()


def test_tablet_in_an_exercise_keeps_its_list_and_says_exercise_once(
    drill: Running, desk: Opener
) -> None:
    """Who is signed in stands in the menu and takes no row of the bar; of what rings, the word
    EXERCISE stands once, whole, and each alarm has the hatch."""
    with drill.client() as client:
        for n in range(3):
            client.file(drill.line, notice(drill.now(), 34.0 + n, 35.0, label=f"Firing {n}"))
    page = desk(drill, size=TABLET, has_touch=True, query="list=alerts").page
    page.get_by_role("button", name="Arm the watch").click()
    rings = page.locator(".ringing li:not(.word)")
    rings.nth(1).wait_for()
    bar = page.locator(".bar").bounding_box()
    alarms = page.locator("#list-alerts").bounding_box()
    assert bar is not None
    assert alarms is not None
    assert (bar["height"] <= ROWS_MAX, alarms["height"] >= LIST_MIN) == (True, True), (bar, alarms)
    assert page.locator(".ringing .badge").count() == 1
    assert page.evaluate(CUT) == 0
    assert page.evaluate(HATCHED)
    assert all(
        not text.startswith("EXERCISE") for text in rings.locator(".about").all_inner_texts()
    )
    expect(page.locator(".bar > .who")).to_be_hidden()
    page.get_by_role("button", name="Menu").click()
    expect(page.get_by_role("menuitem", name="watch officer")).to_be_visible()
