"""Reading places and shapes over the API, and what a person saves for himself."""

import pytest

from tests.api_node import Running

TWO = "35.30N 36.15E"


def test_place_comes_back_in_every_notation(shared: Running) -> None:
    """One meaning with its four forms; several as a question with how far they lie apart; none as
    a refusal."""
    with shared.http("planner") as http:
        one = http.post("/v1/read-place", json={"text": "37S BV 5056 3197"}).json()
        (meaning,) = one["meanings"]
        assert meaning["read_as"] == "mgrs"
        assert meaning["mgrs"].replace(" ", "").startswith("37SBV5056")
        assert "°" in meaning["dms"]
        assert one["question"] is None
        two = http.post("/v1/read-place", json={"text": TWO}).json()
        assert len(two["meanings"]) == 2
        assert two["apart_mm"] > 10_000_000
        assert two["question"]["clause"] == "CL-NTN-002"
        said = http.post("/v1/read-place", json={"text": TWO, "notation": "decimal"}).json()
        assert len(said["meanings"]) == 1
        none = http.post("/v1/read-place", json={"text": "north Syria"})
        assert (none.status_code, none.json()["pointer"]) == (422, "/text")


def test_shape_that_comes_back_can_be_checked_as_it_is(shared: Running) -> None:
    """What is drawn is in the form in which a notice is filed."""
    text = "34.5000N 35.2000E\n34.5000N 35.6000E\n34.8000N 35.6000E"
    with shared.http("planner") as http:
        found = http.post("/v1/read-shape", json={"text": text, "sort": "polygon"}).json()
        (footprint,) = found["shapes"][0]["footprints"]
        draft = {
            "cls": "hazardous-air", "label": "pasted",
            "volumes": [
                {
                    "footprint": footprint, "lower": {"ref": "FL", "mm": 3_048_000},
                    "upper": {"ref": "FL", "mm": 6_096_000},
                    "start": shared.now() + 3_600_000, "end": shared.now() + 7_200_000,
                }
            ],
        }  # fmt: skip
        checked = http.post(f"/v1/lines/{shared.line}/check", json={"notices": [draft]})
        assert checked.status_code == 200, checked.text
        asked = http.post("/v1/read-shape", json={"text": f"{TWO}\n{TWO}"}).json()
        assert asked["shapes"] == []
        assert len(asked["question"]["meanings"]) == 2
        kept = http.post("/v1/read-shape", json={"text": "ACMID/x"}).json()
        assert kept["form"] == "aco"
        assert "no reader" in kept["undrawn"][0]["why"]["words"]
        arabic = http.post("/v1/read-shape?lang=ar", json={"text": "ACMID/x"}).json()
        assert "‖" in arabic["undrawn"][0]["why"]["words"], "with the English beside it"


@pytest.mark.parametrize(
    "more", [{"width_mm": 0}, {"width_mm": 10**13}, {"sort": "blob"}, {"edge": "straight"}]
)
def test_wish_out_of_range_is_refused(shared: Running, more: dict[str, object]) -> None:
    """Beside the text nothing is guessed either."""
    with shared.http() as http:
        answer = http.post("/v1/read-shape", json={"text": "x", **more})
    assert answer.status_code == 422
    assert answer.json()["pointer"] in ("/width_mm", "/sort", "/edge")


def test_saved_views_are_ones_own_and_stay(shared: Running) -> None:
    """Each person reads back what he has saved, and nobody else's."""
    saved = {
        "views": [{"name": "north at night", "query": "?map=34.5,35.2,8&theme=red"}],
        "settings": {"units": "ft"},
    }
    with shared.page("planner") as page, shared.page("liaison") as other:
        assert page.get("/v1/console/views").json() == {"views": [], "settings": {}}
        assert page.put("/v1/console/views", json=saved).json() == saved
        assert page.get("/v1/console/views").json() == saved
        assert other.get("/v1/console/views").json() == {"views": [], "settings": {}}
    kept = [path for path in (shared.folder / "sign-ins").iterdir() if "views" in path.name]
    assert [path.stat().st_mode & 0o077 for path in kept] == [0]


@pytest.mark.parametrize(
    "saved",
    [
        {"views": [{"name": "x", "query": "y" * 4_001}]},
        {"views": [{"name": "x" * 200, "query": ""}]},
        {"views": [{"name": "x", "query": ""}] * 101},
        {"views": [{"name": "x", "query": "y" * 4_000}] * 20},
        {"settings": {f"k{n}": "" for n in range(65)}},
        {"settings": {"k": "v" * 1_001}},
        {"more": 1},
    ],
    ids=range(7),
)
def test_saved_views_are_bounded(shared: Running, saved: dict[str, object]) -> None:
    """Nobody fills the node's disk with what he likes to look at."""
    with shared.page("commander") as page:
        assert page.put("/v1/console/views", json=saved).status_code == 422
        assert page.get("/v1/console/views").json() == {"views": [], "settings": {}}
