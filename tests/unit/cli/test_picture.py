"""clearline picture export: from a node's folder to a file that checks on another machine."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from clearline.cli.main import build
from clearline.model.entry import Notice, Precedence
from clearline.model.ids import PartyId
from clearline.model.time import HOUR, Instant
from clearline.node.conductor import Conductor
from clearline.node.inbound import Say, Ticked
from clearline.node.state import Local
from clearline.node.write import statement
from clearline.plan.snapshot import SignedPicture, read_picture
from clearline.store import keyfile
from clearline.store.highwater import FileHighWater
from clearline.store.party_files import PartyFiles
from clearline.store.sqlite import SqliteStore
from tests.api_node import found, make_parties, notice, running
from tests.plan_cases import circle, raw
from tests.town import BEGIN, disc, seed, volume

NOW = Instant(BEGIN + 40 * 365 * 24 * HOUR)


def run(*words: object, code: int = 0) -> str:
    arguments = [str(word) for word in words]
    result = CliRunner().invoke(build(arguments), arguments)
    assert code == result.exit_code, (result.output, result.exception)
    return result.output


@pytest.fixture
def node(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of ALFA's node, which has filed one notice and then stopped."""
    sealed = keyfile.write_key
    monkeypatch.setattr(
        keyfile,
        "write_key",
        lambda path, seed, passphrase: sealed(path, seed, passphrase, scrypt_n=1 << 10),
    )
    monkeypatch.chdir(tmp_path)
    Path("pass").write_text("horse battery\n")
    for party in ("ALFA", "BRAVO"):
        run("party", "new", party, "--name", party, "--dir", party.lower(),
            "--passphrase-file", "pass")  # fmt: skip
    run("agreement", "draft", "bilateral-air", "--party", "alfa/card.json",
        "--party", "bravo/card.json", "-o", "line.toml",
        "--effective", "2026-01-01T00:00:00Z")  # fmt: skip
    run("agreement", "compile", "line.toml", "-o", "line.json")
    for party in ("alfa", "bravo"):
        run("agreement", "sign", "line.json", "--as", party, "--passphrase-file", "pass",
            "-o", "line.json")  # fmt: skip
    Path("node.toml").write_text('[party]\nfolder = "alfa"\n')
    _live(tmp_path)
    return tmp_path


def _live(folder: Path) -> None:
    """Run ALFA's node for one notice, on its real database."""
    files = PartyFiles(folder / "alfa")
    card = files.card()
    chain = files.chain(card.body.id, card.body.root_key)
    signer = files.node_key(chain)
    store = SqliteStore(folder / "clearline.db")
    conductor = Conductor(
        local=Local(party=PartyId("ALFA"), software="test", rules="clearline/1", geoid=""),
        store=store,
        high_water=FileHighWater(folder / "highwater"),
        signers={signer.public.hex: signer},
        fence=1,
    )
    others = PartyFiles(folder / "bravo").links()
    documents = (Path("line.json").read_bytes(), *files.links(), *others)
    line = conductor.open_line(documents, NOW)
    assert isinstance(line, str), line
    conductor.turn((Ticked(),), NOW, seed("tick"))
    window = Instant(NOW + HOUR), Instant(NOW + 2 * HOUR)
    box = Notice(cls="hazardous-air", label="box", volumes=(volume(disc(35.6, 35.7, 8), *window),))
    say = Say(
        id="one", line=line, person="tester", role="watch-officer",
        statements=(statement(box, Precedence.PRIORITY),),
    )  # fmt: skip
    (outcome,) = conductor.turn((say,), NOW, seed("say")).outcomes
    assert outcome.refusal is None
    store.close()


def test_exported_picture_is_checked_against(node: Path) -> None:
    """From the folder of a node to an answer, without the node."""
    before = (node / "clearline.db").read_bytes()
    told = json.loads(run("picture", "export", "--node", node, "-o", "picture.json", "--json"))
    found = read_picture(Path("picture.json").read_bytes())
    assert isinstance(found, SignedPicture), found
    assert (told["fingerprint"], told["live"]) == (found.fingerprint, 1)
    assert [live.label for live in found.doc.live] == ["box"]
    assert (node / "clearline.db").read_bytes() == before
    Path("plan.json").write_bytes(raw({"class": "air-movement", "volume": circle(35.6, 35.7, 100)}))
    words = run("check", "plan.json", "--against", "picture.json", "--at", told["as_of"], code=1)
    assert "box" in words


def test_exported_picture_is_as_of_the_nodes_last_moment(node: Path) -> None:
    """A node that stands still gives an old picture, whenever it is asked."""
    run("picture", "export", "--node", node, "-o", "picture.json")
    found = read_picture(Path("picture.json").read_bytes())
    assert isinstance(found, SignedPicture)
    assert found.doc.at == NOW


def test_running_node_gives_its_picture_through_the_api(tmp_path: Path) -> None:
    """--url asks a running node for a picture as of now; it verifies under the party's own key, and
    a plan is checked against it."""
    make_parties(tmp_path, "ALFA", "BRAVO")
    with running(found(tmp_path, tmp_path / "node", "ALFA", "BRAVO")) as alfa:
        with alfa.client() as client:
            client.file(alfa.line, notice(alfa.now()))
        token = tmp_path / "node" / "tokens" / "watch.token"
        out = tmp_path / "picture.json"
        told = run("picture", "export", "--url", alfa.address, "--token-file", token, "-o", out,
                   "--json")  # fmt: skip
        with alfa.http("investigator") as reader:
            assert reader.get(f"/v1/lines/{alfa.line}/picture").status_code == 403
    signed = read_picture(out.read_bytes())
    assert isinstance(signed, SignedPicture), signed
    assert (signed.doc.by, len(signed.doc.live)) == ("ALFA", 1)
    assert json.loads(told)["fingerprint"] == signed.fingerprint


def test_export_without_a_node_says_what_is_missing(tmp_path: Path) -> None:
    """Wrong usage, in words."""
    words = run("picture", "export", "--node", tmp_path, "-o", tmp_path / "p", code=2)
    assert "node.toml" in words
    assert not (tmp_path / "p").exists()


def test_export_of_a_line_that_the_node_is_not_on_is_refused(node: Path) -> None:
    """It names the lines that it is on."""
    words = run("picture", "export", "--node", node, "--line", "0" * 64, "-o", "p", code=2)
    assert "is not on line" in words
