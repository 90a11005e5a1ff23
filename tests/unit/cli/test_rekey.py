"""A change of keys at a real node: not while an emergency's epoch waits, and what doctor says."""

import json
from pathlib import Path

import pytest

from clearline.model.entry import Precedence, Stop
from clearline.node.views import Wait
from tests.api_node import cli, copy_parties, found, make_parties, notice, running


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """ALFA and BRAVO, their line signed."""
    folder = tmp_path_factory.mktemp("parties")
    make_parties(folder, "ALFA", "BRAVO")
    return folder


def heads(node: Path) -> dict[str, str]:
    """Every record that a node holds, as rekey wants it named."""
    status = json.loads(cli("node", "status", str(node), "--json", code=1))
    (line,) = status["node"]["lines"]
    return {
        each["feed"]: f"{line['line']}:{each['feed']}:{each['size']}:{each['root']}"
        for each in line["heads"]
    }


def test_key_is_not_ended_while_an_emergency_waits_for_the_root_key(
    made: Path, tmp_path: Path
) -> None:
    """A restored node that opened an epoch for STOP: rekey is refused, says what comes first, and
    writes nothing. Once the root key has confirmed the epoch the same rekey is taken, if it names
    every record that the key wrote."""
    parties = copy_parties(made, tmp_path / "parties")
    folder, own = found(parties, tmp_path / "node", "ALFA", "BRAVO"), parties / "ALFA"
    with running(folder) as node, node.client() as client:
        cli("node", "backup", str(folder), str(tmp_path / "backup"))
        client.file(node.line, notice(node.now()))
    for file in folder.glob("clearline.db*"):
        file.unlink()
    cli("node", "restore", str(folder), str(tmp_path / "backup"))
    with running(folder) as node, node.client() as client:
        client.say(node.line, Stop(), precedence=Precedence.FLASH)
        (line,) = client.lines()
        assert ("ALFA.1", True) == (
            line.feed, any(each.what is Wait.CONFIRMATION for each in line.waits)
        )  # fmt: skip
        assert "WAITS for ALFA: an emergency opened ALFA.1" in cli(
            "line", "status", "--node", str(folder), code=1
        )
    ends = [flag for feed, mark in heads(folder).items() if feed.startswith("ALFA.")
            for flag in ("--end", mark)]  # fmt: skip
    rekey = ["party", "rekey", "--dir", str(own), "--node", str(folder)]
    refused = cli(*rekey, *ends, code=1)
    assert "clearline party epoch --epoch 1 --open-from" in refused
    assert "CL-KEY-005" in refused
    assert 1 == len(list((own / "chain").iterdir()))

    opening = folder / "documents" / "epoch.json"
    cli(
        "party", "epoch", "--dir", str(own), "--epoch", "1", "--previous", heads(folder)["ALFA.0"],
        "--open-from", heads(folder)["ALFA.1"].split(":")[2], "-o", str(opening),
    )  # fmt: skip
    with running(folder) as node, node.client() as client:
        (line,) = client.lines()
        assert not any(each.what is Wait.CONFIRMATION for each in line.waits)
    marks = heads(folder)
    forgotten = cli(*rekey, "--end", marks["ALFA.0"], code=2)
    assert f"--end {marks['ALFA.1']}" in forgotten
    cli(*rekey, "--end", marks["ALFA.0"], "--end", marks["ALFA.1"])
    assert 2 == len(list((own / "chain").iterdir()))


def test_node_of_another_party_is_not_looked_at_instead(made: Path, tmp_path: Path) -> None:
    """Naming the wrong folder is said, and no key is ended on its word; nor is there a word in
    silence: without a node one must say that it is elsewhere."""
    other = found(made, tmp_path / "other", "BRAVO", "ALFA")
    rekey = ["party", "rekey", "--dir", str(made / "ALFA"), "--nothing-signed"]
    assert "a node of BRAVO, not of ALFA" in cli(*rekey, "--node", str(other), code=2)
    assert "cannot be looked at" in cli(*rekey, "--node", str(tmp_path), code=2)
    assert "--node-elsewhere" in cli(*rekey, code=2)


def test_doctor_says_which_step_a_new_manifest_lacks(made: Path, tmp_path: Path) -> None:
    """After rekey: start the node. Once it has taken the manifest nothing is left to say; a party's
    folder that is older than the line is bad."""
    parties = copy_parties(made, tmp_path / "parties")
    folder, own = found(parties, tmp_path / "node", "ALFA", "BRAVO"), parties / "ALFA"
    with running(folder):
        pass
    assert "CL-KEY-006" not in cli("node", "doctor", str(folder), code=1)
    cli(
        "party", "rekey", "--dir", str(own), "--node", str(folder), "--end", heads(folder)["ALFA.0"]
    )
    said = cli("node", "doctor", str(folder), code=1)
    assert "manifest 2 of ALFA has not reached" in said
    assert "start the node" in said
    with running(folder) as node, node.client() as client:
        (line,) = client.lines()
        assert (2, 2) == (line.manifest, line.rekeyed)
    assert "CL-KEY-006" not in cli("node", "doctor", str(folder), code=1)
    (own / "chain" / "0002.json").rename(tmp_path / "0002.json")
    assert "the party's folder only 1" in cli("node", "doctor", str(folder), code=1)


def test_doctor_says_why_a_record_still_goes_by_the_old_manifest(
    made: Path, tmp_path: Path
) -> None:
    """A node that may not sign has the manifest and cannot say so in its record: named, with what
    holds it up."""
    parties = copy_parties(made, tmp_path / "parties")
    folder, own = found(parties, tmp_path / "node", "ALFA", "BRAVO"), parties / "ALFA"
    with running(folder) as node, node.client() as client:
        cli("node", "backup", str(folder), str(tmp_path / "backup"))
        client.file(node.line, notice(node.now()))
    for file in folder.glob("clearline.db*"):
        file.unlink()
    cli("node", "restore", str(folder), str(tmp_path / "backup"))
    cli(
        "party", "rekey", "--dir", str(own), "--node", str(folder), "--end", heads(folder)["ALFA.0"]
    )
    with running(folder):
        pass
    said = cli("node", "doctor", str(folder), code=1)
    assert "ALFA.0 is still written under manifest 1, not 2: it signs nothing (restored)" in said
