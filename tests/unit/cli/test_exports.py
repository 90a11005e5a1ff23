"""What every export says, and how every export of an exercise is marked (FM26), by command."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from clearline.cli.main import build
from clearline.model.entry import Accident
from clearline.model.entry import Precedence as Prec
from tests.evidence_town import SkewedTown, members, notice
from tests.town import MINUTE, papers_of
from tests.unit.cli.test_evidence import FolderTown

LAW = re.compile(r"gives no permission[;,](?: and)? the absence of one removes no protection")
PERIOD = ("--from", "2026-01-01T00:00Z", "--to", "2027-01-01T00:00Z")
JSON, PAGE = "json", "page"
EXPORTS = {
    "bundle": ("evidence", "export", "AAA", "-o", "out.clb"),
    "verify": ("evidence", "verify", "AAA.clb"),
    "verify as a page": ("evidence", "verify", "AAA.clb", "--html", "out.html"),
    "compare": ("evidence", "compare", "AAA.clb", "BBB.clb"),
    "compare as a page": ("evidence", "compare", "AAA.clb", "BBB.clb", "--html", "out.html"),
    "review": ("review", *PERIOD, "--bundle", "AAA.clb"),
    "review of a node": ("review", *PERIOD, "--node", "AAA"),
    "review as a page": ("review", *PERIOD, "--bundle", "AAA.clb", "--html", "out.html"),
    "reviews": ("review", "compare", "AAA.json", "BBB.json"),
    "reviews as a page": ("review", "compare", "AAA.json", "BBB.json", "--html", "out.html"),
    "use": ("line", "report", "--month", "2026-03", "--bundle", "AAA.clb"),
    "use of a node": ("line", "report", "--month", "2026-03", "--node", "AAA"),
}


def run(*words: str) -> str:
    found = CliRunner().invoke(build(words), list(words))
    assert found.exit_code == 0, (words, found.output, found.exception)
    return found.stdout


def towns(folder: Path, *, exercise: bool) -> SkewedTown:
    """Two nodes in folders under here, with bundles and reviews of each."""
    town = type("Here", (FolderTown,), {"folder": folder})(("AAA", "BBB"), exercise=exercise)
    town.say("AAA", notice(34.0))
    town.say("BBB", Accident(what="drone does not answer"), prec=Prec.FLASH)
    town.settle()
    town.wait(MINUTE)
    town.tick()
    (folder / "terms.json").write_bytes(papers_of(("AAA", "BBB"), exercise=exercise)[0])
    for party in ("AAA", "BBB"):
        run("evidence", "export", party, "-o", f"{party}.clb")
        said = run("review", *PERIOD, "--bundle", f"{party}.clb", "--json")
        (folder / f"{party}.json").write_text(said)
    return town


@pytest.fixture(scope="module", params=[False, True], ids=["real", "exercise"])
def line(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[bool]:
    """Whether the line of the folder that is stood in is an exercise."""
    folder = tmp_path_factory.mktemp("exports")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        town = towns(folder, exercise=request.param)
        yield request.param
        for node in town.nodes.values():
            node.store.close()


@pytest.mark.parametrize("name", EXPORTS)
def test_every_export_says_what_a_notice_is_not_and_marks_a_drill(line: bool, name: str) -> None:
    """As text, as JSON and as a page: no permission, no protection removed. EXERCISE is the first
    word of a drill's text and of its page's title, and a fact of its JSON; a real one has none."""
    words = EXPORTS[name]
    for old in ("out.clb", "out.html"):
        Path(old).unlink(missing_ok=True)
    said = run(*words)
    assert LAW.search(said), said
    assert said.startswith("EXERCISE") is line
    page = Path("out.html")
    if page.exists():
        told = page.read_text()
        assert LAW.search(told)
        assert ("<title>EXERCISE" in told) is line
        assert (told.count("EXERCISE EXERCISE EXERCISE") == 2) is line
    for old in ("out.clb", "out.html"):
        Path(old).unlink(missing_ok=True)
    plain = json.loads(run(*words, "--json"))
    assert LAW.search(" ".join(plain["says"]))
    assert plain["exercise"] is line


def test_bundle_carries_it_in_its_manifest_and_in_its_first_page(line: bool) -> None:
    """The file itself, not only the command that wrote it."""
    assert isinstance(line, bool)
    inside = members(Path("AAA.clb").read_bytes())
    assert LAW.search(inside["README.txt"].decode())
    assert LAW.search(" ".join(json.loads(inside["manifest.json"])["says"]))
