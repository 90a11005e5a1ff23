"""The review by command: from a bundle, from a stopped node, two of them, a wish."""

import json
from pathlib import Path

import pytest

from clearline.evidence.parts import Scope
from tests.api_node import cli
from tests.evidence_town import export
from tests.review_town import eventful
from tests.town import BEGIN

PERIOD = ("--from", "2026-03-01T00:00Z", "--to", "2026-03-02T00:00Z")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Both parties' bundles of one eventful day."""
    folder = tmp_path_factory.mktemp("review")
    town = eventful({"BBB": 90_000})
    for party in ("AAA", "BBB"):
        (folder / f"{party}.clb").write_bytes(export(town, party, Scope(desk=True)))
    return folder


def test_review_of_a_bundle_and_two_side_by_side(folder: Path) -> None:
    """Each party makes its own from its own bundle; they agree in all that is public."""
    for party in ("AAA", "BBB"):
        out = str(folder / party)
        said = cli("review", *PERIOD, "--bundle", str(folder / f"{party}.clb"), "-o", out)
        assert "removes no protection" in said
        assert (folder / party / "review.html").read_text().startswith("<!doctype html>")
    files = [str(folder / party / "review.json") for party in ("AAA", "BBB")]
    page = folder / "both.html"
    said = json.loads(cli("review", "compare", *files, "--html", str(page), "--json"))
    assert said["exit"] == 0
    assert {line["found"] for line in said["lines"] if line["public"]} == {"same"}
    assert "They agree" in page.read_text()
    assert "They agree" in cli("review", "compare", *files)


def test_review_as_json_is_the_file(folder: Path, tmp_path: Path) -> None:
    """What --json prints is what the file holds."""
    bundle = str(folder / "AAA.clb")
    cli("review", *PERIOD, "--bundle", bundle, "-o", str(tmp_path / "out"))
    printed = json.loads(cli("review", *PERIOD, "--bundle", bundle, "--json"))
    assert printed == json.loads((tmp_path / "out" / "review.json").read_text())
    assert printed["first"] == BEGIN


def test_altered_review_differs_and_a_foreign_file_is_no_review(
    folder: Path, tmp_path: Path
) -> None:
    """Exit 1 with both values; exit 2 for what is none."""
    raw = cli("review", *PERIOD, "--bundle", str(folder / "AAA.clb"), "--json")
    (tmp_path / "ours.json").write_text(raw)
    (tmp_path / "theirs.json").write_text(raw.replace('"by order"', '"at will"'))
    ours, theirs = str(tmp_path / "ours.json"), str(tmp_path / "theirs.json")
    said = cli("review", "compare", ours, theirs, code=1)
    assert "AAA says by order; AAA says at will" in said
    (tmp_path / "none.json").write_text("{}")
    cli("review", "compare", ours, str(tmp_path / "none.json"), code=2)


def test_what_is_there_is_not_replaced(folder: Path, tmp_path: Path) -> None:
    """Only --force replaces a file."""
    page = tmp_path / "page.html"
    page.write_text("mine")
    bundle = str(folder / "AAA.clb")
    cli("review", *PERIOD, "--bundle", bundle, "--html", str(page), code=2)
    assert page.read_text() == "mine"
    cli("review", *PERIOD, "--bundle", bundle, "--html", str(page), "--force")
    assert page.read_text() != "mine"


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("--from", "2026-03-01T00:00Z"),
        ("--from", "2026-03-01T00:00", "--to", "2026-03-02T00:00Z", "--bundle", "x"),
        ("--from", "2026-03-02T00:00Z", "--to", "2026-03-01T00:00Z", "--bundle", "x"),
        PERIOD,
        (*PERIOD, "--bundle", "x", "--node", "y"),
        (*PERIOD, "--bundle", "no-such-file.clb"),
    ],
)
def test_wrong_use_is_said(arguments: tuple[str, ...]) -> None:
    """A period without an end, a time without a zone, nobody's record: exit 2, in one sentence."""
    assert "clearline: " in cli("review", *arguments, code=2)


def test_schema_is_printed() -> None:
    """The JSON schema of the file."""
    assert json.loads(cli("review", "schema"))["title"] == "Clearline joint review"
