"""Evidence over the API: exported, verified, compared, each by the same command as anybody's; and
replays, from files."""

import json
from importlib import resources

import httpx2
import pytest

from clearline.api.replays import listed
from clearline.api.table import ENDPOINTS
from clearline.scenarios.timeline import Timeline
from tests.api_node import Running, notice


@pytest.fixture(scope="module")
def bundle(shared: Running) -> bytes:
    """The bundle of a line with a notice on it, as the commander's page gets it."""
    with shared.client() as client:
        client.file(shared.line, notice(shared.now()))
    with shared.page("commander") as page:
        answer = page.get(f"/v1/lines/{shared.line}/evidence")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-disposition"].endswith('.clb"')
    return answer.content


def test_bundle_of_the_page_is_whole_when_it_is_verified(shared: Running, bundle: bytes) -> None:
    """What was exported here proves the line that one knows; with another line named it does
    not."""
    with shared.page("watch") as page:
        path = f"/v1/evidence/verify?line={shared.line}"
        view = page.post(path, content=bundle, timeout=60).json()
        assert view["exit"] == view["result"]["exit"] in (0, 3)
        assert view["result"]["line"] == shared.line
        assert view["page"].lower().startswith("<!doctype html")
        other = page.post(f"/v1/evidence/verify?line={'0' * 64}", content=bundle, timeout=60)
        assert other.status_code == 422 or other.json()["exit"] == 1


def test_flipped_byte_is_found(shared: Running, bundle: bytes) -> None:
    """A bundle that was changed is refused, or is found wrong; it is never whole."""
    at = len(bundle) // 2
    bad = bundle[:at] + bytes([bundle[at] ^ 1]) + bundle[at + 1 :]
    with shared.page("watch") as page:
        answer = page.post("/v1/evidence/verify", content=bad, timeout=60)
        assert answer.status_code == 422 or answer.json()["exit"] == 1


def test_two_bundles_are_laid_side_by_side(shared: Running, bundle: bytes) -> None:
    """One after the other in one body, parted by the length of the first."""
    with shared.page("liaison") as page:
        path = f"/v1/evidence/compare?left={len(bundle)}&at={shared.now()}"
        view = page.post(path, content=bundle + bundle, timeout=60).json()
        assert view["result"]["line"] == shared.line
        assert view["result"]["knew"]
        for left in ("0", "x", "-1", str(2 * len(bundle)), "9" * 20):
            bad = page.post(f"/v1/evidence/compare?left={left}", content=bundle + bundle)
            assert (bad.status_code, bad.json()["pointer"]) == (422, "?left")


@pytest.mark.parametrize("junk", [b"", b"x", b"\x00" * 1000, b"PK\x03\x04", b"{" * 100_000])
def test_what_is_no_bundle_is_refused(shared: Running, junk: bytes) -> None:
    """With a code and a clause, and the node goes on."""
    with shared.page("investigator") as page:
        answer = page.post("/v1/evidence/verify", content=junk, timeout=60)
        assert answer.status_code == 422
        assert answer.json()["clause"]
        assert page.get("/v1/board").status_code == 200


@pytest.mark.parametrize(
    "query", ["from=yesterday", "until=-1", "at=9999999999999999", "withhold=--force", "desk=1",
              "withhold=" + "a," * 30]
)  # fmt: skip
def test_wish_that_is_none_never_reaches_the_command(shared: Running, query: str) -> None:
    """What is asked for is looked at before it becomes a word of a command."""
    with shared.http("commander") as http:
        answer = http.get(f"/v1/lines/{shared.line}/evidence?{query}")
    assert (answer.status_code, answer.json()["clause"]) == (422, "CL-API-004")


def test_export_needs_the_right_to_the_record(shared: Running) -> None:
    """And is written down as a look at everything of the others'."""
    with shared.http("watch") as http:
        assert http.get(f"/v1/lines/{shared.line}/evidence").status_code == 403


def test_only_bundles_may_be_large(shared: Running) -> None:
    """The larger bound is that of evidence, and of reviews made of it, alone."""
    assert {e.path for e in ENDPOINTS if e.bytes_max > 8 << 20} == {
        "/v1/evidence/verify", "/v1/evidence/compare", "/v1/reviews/compare"
    }  # fmt: skip


def test_every_replay_that_is_listed_is_there(shared: Running) -> None:
    """Each claim with its claimant, layers never mixed, shapes in the form of the line."""
    with shared.page("investigator") as page:
        listing = page.get("/v1/replays").json()
        assert {"il20", "deir-ez-zor", "wildfire"} <= {each["id"] for each in listing}
        for each in listing:
            for variant in each["variants"]:
                _one(page, each["id"], variant["id"])
        for path in ("il20/nobody", "nothing/russia", "..%2Fil20/russia", "il20/russia.json"):
            assert page.get(f"/v1/replays/{path}").status_code == 404


def _one(page: httpx2.Client, name: str, variant: str) -> None:
    made = page.get(f"/v1/replays/{name}/{variant}")
    assert made.status_code == 200
    timeline = made.json()
    assert (timeline["scenario"], timeline["variant"]) == (name, variant)
    assert timeline["met"]
    claims = [event for event in timeline["events"] if event["layer"] == "claim"]
    parties = {party["id"] for party in timeline["parties"]}
    assert all(claim["by"] in parties and claim["evidence"] in "FMD" for claim in claims)
    for shape in timeline["shapes"]:
        assert shape["volumes"]
        assert shape["by"] in parties


def test_replay_of_the_il20_draws_what_was_stated_and_not_what_was_refused() -> None:
    """The name without an area is not on the map; the notice that followed is, in two areas, from
    the minute in which it was given."""
    folder = resources.files("clearline").joinpath("console", "replays")
    made = json.loads(folder.joinpath("il20.russia.json").read_bytes())
    assert set(made) == set(Timeline.__struct_fields__)
    shapes = {shape["id"]: shape for shape in made["shapes"]}
    assert "name" not in shapes
    assert len(shapes["raid"]["volumes"]) == 2
    assert made["movers"][0]["accuracy_m"] == 40_000
    assert len(listed()) >= 3
