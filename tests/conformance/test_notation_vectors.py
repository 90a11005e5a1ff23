"""The language-neutral vectors of notation: each text means what its vector says."""

import json
from pathlib import Path

import pytest

from clearline.model.refusal import Refusal
from clearline.model.space import Height, LatLon
from clearline.notation import Ambiguous, Notation, Order, Position
from clearline.notation.apart import apart_mm
from clearline.notation.heights import read_height
from clearline.notation.mgrs import write_mgrs
from clearline.notation.position import ask, read_position
from clearline.notation.times import read_time
from clearline.words import sentence

FOLDER = Path(__file__).parent.parent.parent / "vectors" / "notation"
FILES = {path.stem: json.loads(path.read_text("utf-8")) for path in FOLDER.glob("*.json")}


def cases(file: str, part: str) -> list:
    """The cases of a part of a file, under their names."""
    return [pytest.param(case, id=case["name"]) for case in FILES[file][part]]


def read(case: dict) -> Position | Ambiguous | Refusal:
    """A case's text, with what it says beside it."""
    notation = Notation(case["notation"]) if "notation" in case else None
    return read_position(
        case["text"], order=Order(case.get("order", "lat-first")), notation=notation
    )


def refused(found: object, expect: dict, fact: str) -> None:
    """It is the stated refusal, and has a sentence."""
    assert isinstance(found, Refusal), found
    wanted = (expect["code"], expect["clause"], expect[fact])
    assert wanted == (found.code, found.clause, found.params[fact])
    assert sentence(found).endswith(f"{found.clause})")


@pytest.mark.parametrize("case", cases("position", "good"))
def test_place_is_where_its_vector_says(case) -> None:
    """The point to 1e-7 degrees, and how it was written."""
    found = read(case)
    assert isinstance(found, Position), found
    assert case["expect"] == {
        "at": [found.at.lat_e7, found.at.lon_e7],
        "notation": found.notation.value,
    }


@pytest.mark.parametrize("case", cases("position", "ambiguous"))
def test_place_with_several_meanings_gives_them_all(case) -> None:
    """Every meaning, their greatest distance, and a question in words."""
    found = read(case)
    assert isinstance(found, Ambiguous), found
    points = sorted([p.at.lat_e7, p.at.lon_e7] for p in found.candidates)
    low, high = case["expect"]["apart_km"]
    assert case["expect"]["candidates"] == points
    assert low * 1e6 <= found.apart_mm <= high * 1e6
    question = ask(found)
    assert question.clause == "CL-NTN-002"
    assert "meanings" in sentence(question)


@pytest.mark.parametrize("case", cases("position", "bad") + cases("mgrs", "bad"))
def test_no_place_is_refused(case) -> None:
    """Nothing is made of what is no position."""
    refused(read(case), case["expect"], "reason")


@pytest.mark.parametrize("case", cases("mgrs", "good"))
def test_square_is_where_its_vector_says(case) -> None:
    """The middle within 2 cm, and no corner farther than the stated size."""
    found = read(case)
    assert isinstance(found, Position), found
    assert found.notation is Notation.MGRS
    assert apart_mm(found.at, LatLon(*case["expect"]["at"])) <= 20
    side_mm = case["expect"]["side_m"] * 1000
    assert 0.707 * side_mm <= found.cell_mm <= 0.72 * side_mm


@pytest.mark.parametrize("case", FILES["mgrs"]["zones"], ids=lambda case: str(case["at"]))
def test_point_has_the_zone_of_its_vector(case) -> None:
    """Norway, Svalbard, the poles and the edges of bands."""
    assert write_mgrs(LatLon(*case["at"])).startswith(case["head"] + " ")


@pytest.mark.parametrize("case", cases("height", "good"))
def test_height_is_what_its_vector_says(case) -> None:
    """Down as a lower limit, up as an upper one."""
    for side in ("lower", "upper"):
        found = read_height(case["text"], upper=side == "upper")
        assert isinstance(found, Height), found
        assert case["expect"][side] == {
            "ref": found.ref.value,
            **({} if found.mm is None else {"mm": found.mm}),
        }


@pytest.mark.parametrize("case", cases("height", "bad"))
def test_height_without_unit_or_reference_is_refused(case) -> None:
    """No default unit and no default reference, ever."""
    refused(read_height(case["text"], upper=True), case["expect"], "reason")


@pytest.mark.parametrize("case", cases("time", "good"))
def test_time_is_what_its_vector_says(case) -> None:
    """The same instant, however it is written."""
    assert case["expect"]["t"] == read_time(case["text"])


@pytest.mark.parametrize("case", cases("time", "bad"))
def test_time_without_zone_or_date_is_refused(case) -> None:
    """Nobody's clock is guessed."""
    refused(read_time(case["text"]), case["expect"], "problem")


def test_vectors_hold_good_and_bad() -> None:
    """An empty file passes nothing."""
    assert {"position", "mgrs", "height", "time"} == set(FILES)
    assert min(len(file["good"]) for file in FILES.values()) >= 10
    assert min(len(file["bad"]) for file in FILES.values()) >= 10
    assert len(FILES["position"]["ambiguous"]) >= 6
