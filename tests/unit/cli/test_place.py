"""``clearline place``: one place in every notation, its meanings, and two reports held together."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from clearline.cli.main import build
from clearline.model.refusal import Refusal
from clearline.notation.relative import read_report
from clearline.notation.traps import Report


def run(*arguments: str):
    """What the command prints, and its exit code."""
    found = CliRunner().invoke(build(["place"]), ["place", *arguments, "--json"])
    return found.exit_code, json.loads(found.stdout)


def test_place_is_written_in_every_notation() -> None:
    """With bearing and distance from a point of one's own."""
    code, said = run("353000N0361500E", "--from", "35.500°N 36.000°E")
    assert code == 0
    assert said["at"] == [355_000_000, 362_500_000]
    assert said["dms"] == "35°30'00.0\"N 036°15'00.0\"E"
    assert said["mgrs"] == "37S BV 50562 31971"
    assert 89_000 < said["bearing_mdeg"] < 91_000
    assert said["distance_mm"] == pytest.approx(22_684_000, abs=10_000)


def test_place_with_two_meanings_ends_with_a_question() -> None:
    """Exit 3, both meanings in full, and how far they lie apart."""
    code, said = run("35.30 36.15")
    assert code == 3
    assert said["apart_mm"] == pytest.approx(23_977_000, abs=1_000)
    assert [each["read_as"] for each in said["candidates"]] == ["decimal", "dotted"]
    code, said = run("north of Syria")
    assert code == 1
    assert said["refused"][0]["clause"] == "CL-NTN-001"


def test_two_reports_are_told_apart_or_may_be_one() -> None:
    """Exit 3 where they cannot be one place."""
    airfield = "35.2854N 40.1759E"
    code, said = run(f"9 km S of {airfield}", f"3-6 km SW of {airfield}")
    assert (code, said["one_place"]) == (3, False)
    code, said = run(f"9 km S of {airfield}", f"5-9 km SSW of {airfield}")
    assert (code, said["one_place"]) == (0, True)


@pytest.mark.parametrize(
    "text",
    ["9 km S", "9 S of 35N 40E", "9 km SES of 35N 40E", "9-3 km S of 35N 40E",
     "9 km 361 of 35N 40E", "99999 km S of 35N 40E", "9 km S of Damascus", "9 km S of 35.30 36.15"],
)  # fmt: skip
def test_report_that_is_no_place_is_refused(text: str) -> None:
    """Nothing is made of a direction without a point."""
    assert isinstance(read_report(text), Refusal)


@given(st.text(max_size=60) | st.text(st.sampled_from("0123456789 .-KMNSEWOF°"), max_size=40))
def test_no_text_stops_the_reader_of_reports(text: str) -> None:
    """A sector, or a refusal."""
    assert isinstance(read_report(text), Report | Refusal)


@given(st.integers(0, 360), st.integers(1, 9_999), st.sampled_from(["km", "NM", "m"]))
def test_report_is_a_sector_about_what_was_said(bearing: int, n: int, unit: str) -> None:
    """Half a degree to either side, at that distance."""
    found = read_report(f"{n} {unit} {bearing:03d} from 35°30'N 36°15'E")
    assert isinstance(found, Report), found
    assert (found.to_mdeg - found.from_mdeg) % 360_000 == 1_000
    assert (found.from_mdeg + 500) % 360_000 == bearing % 360 * 1000
    assert found.near_mm == found.far_mm == n * {"km": 10**6, "NM": 1_852_000, "m": 1_000}[unit]
