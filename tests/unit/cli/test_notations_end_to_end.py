"""Places, times and a read-back through a running node, as a watch types them."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from clearline.model.ids import EntryRef
from clearline.model.time import HOUR, MINUTE, Instant
from clearline.notation.times import write_dtg
from tests.api_node import Running, cli, found, make_parties, running


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A running node whose watch reads grid references and Damascus time."""
    folder = tmp_path_factory.mktemp("notations")
    make_parties(folder, "ALFA", "BRAVO")
    placed = found(folder, folder / "node", "ALFA", "BRAVO")
    config = Path(placed) / "node.toml"
    text = config.read_text("utf-8")
    table = '[notation]\nwrite = "mgrs"\nzone = "Asia/Damascus"\n'
    head, notation, tail = text.partition("[notation]\n")
    tail = tail.replace('write = "dms"', 'write = "mgrs"\nzone = "Asia/Damascus"', 1)
    config.write_text(head + notation + tail if notation else f"{text}\n{table}", "utf-8")
    with running(placed) as alfa:
        yield alfa


def file(node: Running, place: str, *more: str, code: int = 0) -> str:
    """File a hazard about a place, in an hour, by date-time groups."""
    start = Instant(node.now() // MINUTE * MINUTE + HOUR)
    return cli(
        "notice", "file", "--class", "hazardous-air", "--label", "Range 7", "--disc", place,
        "--lower", "SFC", "--upper", "FL250", "--start", write_dtg(start),
        "--end", write_dtg(Instant(start + HOUR)), "--node", str(node.folder), *more, code=code,
    )  # fmt: skip


def test_every_notation_files_the_same_place_and_is_shown_by_choice(node: Running) -> None:
    """Typed in seconds, minutes and Arabic digits; shown as a grid, Z first and local second."""
    for place in ("353000N0361500E,20", "35°30.0'N 36°15.0'E,20", "٣٥٫٥٠٠ ٣٦٫٢٥٠,20"):
        text = file(node, place)
        assert "20 km around 37S BV 50562 31971, SFC to FL250" in text
        assert "+03:00)" in text
    assert "has 2 meanings" in file(node, "35.30 36.15,20", code=2)
    assert "has no unit" in file(node, "35.5 36.25,20", "--upper", "5000", code=2)


def test_distress_is_sent_for_both_meanings(node: Running) -> None:
    """Nobody is asked anything: two discs, 24 km apart."""
    done = json.loads(
        cli("distress", "crew in the water", "--disc", "35.30 36.15,20", "--node", str(node.folder),
            "--json")
    )  # fmt: skip
    volumes = done["notices"][0]["volumes"]
    assert [v["footprint"]["centre"] for v in volumes] == [
        [353000000, 361500000], [355000000, 362500000]
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("distance", "agrees"), [("22.68", True), ("12.25NM", True), ("31.8", False)]
)
def test_read_back_is_compared_as_it_is_recorded(
    node: Running, distance: str, agrees: bool
) -> None:
    """From a point of one's own, in another notation: the answer says whether it agrees."""
    done = json.loads(file(node, "353000N0361500E,20", "--json"))
    (notice,) = done["notices"]
    ref, start = EntryRef(*notice["ref"]), write_dtg(Instant(notice["start"]))
    cli(
        "answer", str(ref), "READ-BACK",
        "--read-back", f"35°30.0'N 036°00.0'E; 89.9; {distance}; FL250; {start}",
        "--node", str(node.folder),
    )  # fmt: skip
    with node.client() as client:
        (answer,) = client.notice(node.line, ref).answers
    assert answer.read_back_agrees is agrees
    assert ("read-back agrees" in answer.words) is agrees
