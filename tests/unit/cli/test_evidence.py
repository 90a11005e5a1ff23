"""clearline evidence, on the folder of a node: export, verify, compare, and what they refuse."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from clearline.cli import main as cli
from clearline.model.ids import PartyId
from clearline.node.conductor import Conductor
from clearline.node.ports import Store
from clearline.store import keyfile
from clearline.store.highwater import FileHighWater
from clearline.store.sqlite import SqliteStore
from clearline.trust.party import make_card
from tests.evidence_town import SkewedTown, members, notice
from tests.town import node_key_of, papers_of, root_of, seed


def run(*words: object, code: int = 0) -> Result:
    arguments = [str(word) for word in words]
    result = CliRunner().invoke(cli.build(arguments), arguments)
    assert code == result.exit_code, (result.output, result.exception)
    return result


class FolderTown(SkewedTown):
    """A town whose nodes keep real folders, as ``clearline node init`` lays them out."""

    folder: Path

    def make(self, party: str, store: Store, marks: object) -> Conductor:
        """A node over a database and marks in its folder."""
        folder = self.folder / party
        (folder / "party" / "keys").mkdir(parents=True)
        (folder / "node.toml").write_text('[party]\nfolder = "party"\n')
        card = make_card(PartyId(party), f"Party {party}", root_of(party))
        (folder / "party" / "card.json").write_bytes(card)
        public = node_key_of(party).public.hex
        keyfile.write_key(
            folder / "party" / "keys" / f"node-{public[:16]}.key", seed("node", party, 0), None
        )
        (folder / "highwater").mkdir()
        disk = SqliteStore(folder / "clearline.db")
        return super().make(party, disk, FileHighWater(folder / "highwater"))


@pytest.fixture
def town(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SkewedTown]:
    """Two nodes that run, each in its folder, with a notice between them; the terms beside them."""
    monkeypatch.chdir(tmp_path)
    town = type("Here", (FolderTown,), {"folder": tmp_path})(("AAA", "BBB"))
    town.say("AAA", notice(34.0))
    town.settle()
    town.tick()
    (tmp_path / "terms.json").write_bytes(papers_of(("AAA", "BBB"))[0])
    yield town
    for node in town.nodes.values():
        node.store.close()


@pytest.fixture
def nodes(town: SkewedTown, tmp_path: Path) -> Path:
    """The folder that the nodes' folders are in."""
    assert town.nodes
    return tmp_path


def test_stopped_node_exports_what_the_running_one_did(town: SkewedTown) -> None:
    """The folder is enough: no writer needs to be there."""
    run("evidence", "export", "AAA", "-o", "running.clb")
    for node in town.nodes.values():
        node.store.close()
    run("evidence", "export", "AAA", "-o", "stopped.clb")
    run("evidence", "verify", "stopped.clb", "--agreement", "terms.json")
    one, other = (members(Path(n).read_bytes()) for n in ("running.clb", "stopped.clb"))
    for name in one.keys() - {"manifest.json", "manifest.note"}:
        assert one[name] == other[name]


def test_export_verify_and_compare_on_running_nodes(nodes: Path) -> None:
    """Both nodes' folders give bundles while their writers are open; both verify, and agree."""
    for party in ("AAA", "BBB"):
        said = run("evidence", "export", party, "-o", f"{party}.clb").output
        assert "A notice gives no permission, and the absence of one removes no protection." in said
        run("evidence", "verify", f"{party}.clb", "--agreement", "terms.json")
    told = json.loads(run("evidence", "compare", "AAA.clb", "BBB.clb", "--json").stdout)
    assert told["exit"] == 0
    assert [pair["left"] == pair["right"] for pair in told["feeds"]] == [True, True]


def test_review_of_running_nodes_folders_reconciles(nodes: Path) -> None:
    """From each party's store while its writer is open: both reviews say the same of the line."""
    period = ("--from", "2026-01-01T00:00Z", "--to", "2027-01-01T00:00Z")
    for party in ("AAA", "BBB"):
        said = run("review", *period, "--node", party, "--desk", "-o", f"review-{party}").output
        assert "A notice gives no permission, and the absence of one removes no protection." in said
    files = [f"review-{party}/review.json" for party in ("AAA", "BBB")]
    told = json.loads(run("review", "compare", *files, "--json").stdout)
    assert told["exit"] == 0
    assert "notices" in {line["section"] for line in told["lines"]}


def test_verify_prints_json_with_numbered_steps(nodes: Path) -> None:
    """One object: steps, findings, both clocks, and the sentences that every export carries."""
    run("evidence", "export", "AAA", "-o", "a.clb", "--withhold", "notice")
    told = json.loads(run("evidence", "verify", "a.clb", "--json", code=3).stdout)
    assert [step["number"] for step in told["steps"]] == list(range(1, 13))
    assert [one["what"] for one in told["findings"]] == ["withheld"]
    assert told["says"][0].startswith("A notice gives no permission")
    assert not told["whole"]


def test_altered_file_exits_1_and_is_named(nodes: Path) -> None:
    """A flipped byte inside an entry: exit 1, and the output names a member."""
    run("evidence", "export", "AAA", "-o", "a.clb")
    raw = bytearray(Path("a.clb").read_bytes())
    at = raw.index(b"feeds/AAA.0/entries") + 60
    raw[at] ^= 1
    Path("b.clb").write_bytes(raw)
    assert "feeds/AAA.0/entries" in run("evidence", "verify", "b.clb", code=1).output


def test_foreign_line_exits_1(nodes: Path) -> None:
    """A bundle of another line than the one named is wrong."""
    run("evidence", "export", "AAA", "-o", "a.clb")
    assert "another line" in run("evidence", "verify", "a.clb", "--line", "0" * 64, code=1).output


def test_unusable_input_exits_2(nodes: Path) -> None:
    """What is no bundle, is not there, or is asked for wrongly, is exit 2 with a sentence."""
    Path("no.clb").write_bytes(b"not a bundle")
    for words in (
        ("verify", "no.clb"),
        ("verify", "absent.clb"),
        ("verify", "no.clb", "--line", "xyz"),
        ("export", "AAA", "-o", "x.clb", "--withhold", "join"),
        ("export", "AAA", "-o", "x.clb", "--from", "yesterday"),
        ("export", "absent", "-o", "x.clb"),
    ):
        assert run("evidence", *words, code=2).output.strip()
    assert not Path("x.clb").exists()


def test_output_is_replaced_only_when_forced(nodes: Path) -> None:
    """A file that is there stays as it is without --force, and nothing is left beside it."""
    Path("a.clb").write_text("mine")
    run("evidence", "export", "AAA", "-o", "a.clb", code=2)
    assert Path("a.clb").read_text() == "mine"
    run("evidence", "export", "AAA", "-o", "a.clb", "--force")
    run("evidence", "verify", "a.clb", "--html", "a.html")
    run("evidence", "verify", "a.clb", "--html", "a.html", code=2)
    assert Path("a.html").read_text("utf-8").startswith("<!doctype html>")
    kept = {path.name for path in nodes.iterdir()}
    assert kept == {"AAA", "BBB", "terms.json", "a.clb", "a.html"}


def test_export_changes_nothing_in_the_folder(nodes: Path) -> None:
    """The database and the marks are read, never written."""
    before = {path: path.read_bytes() for path in nodes.glob("AAA/highwater/*")}
    before |= {nodes / "AAA/clearline.db": (nodes / "AAA/clearline.db").read_bytes()}
    run("evidence", "export", "AAA", "-o", "a.clb", "--desk")
    assert before == {path: path.read_bytes() for path in before}


def test_verify_needs_no_store_no_server_and_no_socket(nodes: Path) -> None:
    """In a fresh interpreter without the node's packages, with every socket forbidden."""
    run("evidence", "export", "AAA", "-o", "a.clb")
    program = (
        "import sys\n"
        "for name in ('apsw', 'litestar', 'uvicorn', 'httpx2'): sys.modules[name] = None\n"
        "def forbid(event, _):\n"
        "    assert not event.startswith('socket.'), event\n"
        "sys.addaudithook(forbid)\n"
        "from clearline.cli.main import main\n"
        "main(['evidence', 'verify', 'a.clb', '--html', 'a.html'])\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    assert b"whole and consistent" in done.stdout
