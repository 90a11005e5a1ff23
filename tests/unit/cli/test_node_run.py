"""A node from the command line, as a process of its own: made, run, asked, stopped."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

from clearline.assembly import open_node
from clearline.model.time import HOUR, Instant, format_utc
from clearline.node.runtime import Clock
from tests.api_node import cli, found, make_parties, notice, running


def window() -> list[str]:
    """Flags for an hour from now, one hour long."""
    start = Instant(Clock().now() // 60_000 * 60_000 + HOUR)
    return ["--start", format_utc(start), "--end", format_utc(Instant(start + HOUR))]


def test_node_is_made_run_asked_and_stopped(tmp_path: Path) -> None:
    """init refuses a line that is not signed by all and names who is missing; run prints its
    address once; a notice is filed by the command line; SIGINT ends it with 0, state kept and
    nothing left; status reads the node that is down."""
    cli("party", "new", "ALFA", "--name", "A", "--dir", str(tmp_path / "a"), "--no-passphrase")
    cli("party", "new", "BRAVO", "--name", "B", "--dir", str(tmp_path / "b"), "--no-passphrase")
    terms = tmp_path / "line.toml"
    cards = ["--party", str(tmp_path / "a/card.json"), "--party", str(tmp_path / "b/card.json")]
    cli("agreement", "draft", "bilateral-air", *cards, "-o", str(terms))
    cli("agreement", "sign", str(terms), "--as", str(tmp_path / "a"))
    signed, folder = str(tmp_path / "line.json"), str(tmp_path / "node")
    making = [
        "node", "init", folder, "--party", str(tmp_path / "a"), "--agreement", signed,
        "--peer", str(tmp_path / "b"), "--api", "127.0.0.1:0", "--listen", "127.0.0.1:0",
    ]  # fmt: skip
    assert "BRAVO (B)" in cli(*making, code=1)
    assert not Path(folder).exists()
    cli("agreement", "sign", signed, "--as", str(tmp_path / "b"))
    cli(*making)
    assert "not empty" in cli(*making, code=1)

    process = subprocess.Popen(
        [sys.executable, "-m", "clearline", "node", "run", folder, "--quiet"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env={**os.environ, "PYTHONPATH": "src"},
    )  # fmt: skip
    try:
        assert process.stdout is not None
        first = process.stdout.readline()
        assert first.startswith("API http://127.0.0.1:")
        filed = cli(
            "notice", "file", "--node", folder, "--class", "hazardous-air", "--label", "Range",
            "--disc", "34.5,35.2,20", "--lower", "FL100", "--upper", "3000 m W84", "--json",
            *window(),
        )  # fmt: skip
        ref = "/".join(map(str, json.loads(filed)["refs"][0]))
        assert "running" in cli("node", "status", folder)
        assert "NOT TOLD" in cli("notice", "list", "--node", folder)
        alert = json.loads(cli("alerts", "--node", folder, "--json"))[0]["id"]
        assert "taken by watch" in cli("ack", alert, "--note", "seen", "--node", folder)
        assert "DOWN" in cli("line", "status", "--node", folder, code=1)
        backup = str(tmp_path / "backup")
        cli("node", "backup", folder, backup)
        assert "stop it first" in cli("node", "restore", folder, backup, code=1)
        process.send_signal(signal.SIGINT)
        assert process.wait(10) == 0
        assert process.stderr is not None
        assert process.stderr.read() == ""
        console, link = process.stdout.read().splitlines()  # each address is printed once
        assert console == f"console {first.split()[1]}/console/"
        assert link.startswith("link 127.0.0.1:")
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
        for pipe in (process.stdout, process.stderr):
            if pipe is not None:
                pipe.close()
    assert not (Path(folder) / "api.address").exists()
    down = json.loads(cli("node", "status", folder, "--json", code=1))
    assert down["running"] is False
    assert down["node"]["lines"][0]["live"] == 1
    assert "nothing wrong was found" in cli("node", "doctor", folder)
    assert "no node runs" in cli("notice", "withdraw", ref, "--node", folder, code=4)


def test_joiner_makes_its_node_from_every_version_of_the_terms(tmp_path: Path) -> None:
    """A party of version 2 alone takes up the line that version 1 names; version 2 by itself is
    refused with a sentence; the node reads again what it holds."""
    folders = {name: str(tmp_path / name) for name in ("ALFA", "BRAVO", "DELTA")}
    for name, folder in folders.items():
        cli("party", "new", name, "--name", name, "--dir", folder, "--no-passphrase")
    first, second = str(tmp_path / "v1"), str(tmp_path / "v2")
    cards = [
        word for name in ("ALFA", "BRAVO") for word in ("--party", f"{folders[name]}/card.json")
    ]
    cli("agreement", "draft", "bilateral-air", *cards, "-o", f"{first}.toml")
    cli("agreement", "compile", f"{first}.toml", "-o", f"{first}.json")
    for name in ("ALFA", "BRAVO"):
        cli("agreement", "sign", f"{first}.json", "--as", folders[name])
    cli("agreement", "draft", "--from", f"{first}.json",
        "--party", f"{folders['DELTA']}/card.json", "-o", f"{second}.toml")  # fmt: skip
    cli("agreement", "compile", f"{second}.toml", "-o", f"{second}.json")
    for folder in folders.values():
        cli("agreement", "sign", f"{second}.json", "--as", folder)

    node = str(tmp_path / "node")
    making = [
        "node", "init", node, "--party", folders["DELTA"], "--api", "127.0.0.1:0",
        "--peer", folders["ALFA"], "--peer", folders["BRAVO"],
        "--agreement", f"{second}.json",
    ]  # fmt: skip
    assert "every version from the first on" in cli(*making, code=1)
    said = json.loads(cli(*making, "--agreement", f"{first}.json", "--json"))
    opened = open_node(Path(node))
    lines = opened.runtime.lines
    opened.close()
    assert list(lines) == said["lines"], "a start finds the line again"
    assert len(lines) == 1


def test_restored_node_signs_nothing_and_doctor_says_so(tmp_path: Path) -> None:
    """A database put back from before a later mark is found by doctor, and status says it."""
    make_parties(tmp_path, "ALFA", "BRAVO")
    folder = tmp_path / "node"
    found(tmp_path, folder, "ALFA", "BRAVO")
    cli("node", "backup", str(folder), str(tmp_path / "early"))
    with running(folder) as node, node.client() as client:
        client.file(node.line, notice(node.now()))
    for path in folder.glob("clearline.db*"):
        path.unlink()
    cli("node", "restore", str(folder), str(tmp_path / "early"))
    says = cli("node", "doctor", str(folder), code=1)
    assert "restored from an old copy" in says
    assert "SIGNS NOTHING: restored" in cli("node", "status", str(folder), code=1)


def test_doctor_names_what_is_wrong_with_the_configuration(tmp_path: Path) -> None:
    """An unknown key, and the nearest known one."""
    (tmp_path / "node.toml").write_text('[party]\nfolder = "x"\n[api]\nbnd = "127.0.0.1:1"\n')
    assert "did you mean bind?" in cli("node", "doctor", str(tmp_path), code=1)


def test_token_is_given_once_and_taken_away_without_a_restart(tmp_path: Path) -> None:
    """A new token works at once, the person's old one does not, and a revoked one opens nothing."""
    make_parties(tmp_path, "ALFA", "BRAVO")
    with running(found(tmp_path, tmp_path / "node", "ALFA", "BRAVO")) as node:
        folder = str(node.folder)

        def status(token: str) -> int:
            with node.http(None) as http:
                headers = {"authorization": f"Bearer {token}"}
                return http.get("/v1/me", headers=headers).status_code

        old = cli("node", "token", folder, "kim", "--role", "planner").strip()
        assert status(old) == 200
        new = cli("node", "token", folder, "kim", "--until", "2199-01-01T00:00Z").strip()
        assert (status(old), status(new)) == (401, 200)
        cli("node", "token", folder, "kim", "--revoke")
        assert status(new) == 401
        assert "nobody called kim" in cli("node", "token", folder, "kim", "--revoke", code=1)


def test_node_that_neither_listens_nor_calls_says_so(tmp_path: Path) -> None:
    """At its start, in status and in the examination, with what to do; a node that listens says
    nothing of it, and one that cannot meet a member names that member."""
    make_parties(tmp_path, "ALFA", "BRAVO", "DELTA")
    alone = found(tmp_path, tmp_path / "alone", "ALFA", "BRAVO", "DELTA")
    process = subprocess.Popen(
        [sys.executable, "-m", "clearline", "node", "run", str(alone), "--quiet"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env={**os.environ, "PYTHONPATH": "src"},
    )  # fmt: skip
    try:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("API ")
        status = json.loads(cli("node", "status", str(alone), "--json"))
        assert status["alone"] is True
        assert "neither listens nor calls" in cli("node", "status", str(alone))
    finally:
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=20)
    assert "neither listens nor calls" in said
    assert "neither listens nor calls" in cli("node", "doctor", str(alone), code=1)

    calling = found(tmp_path, tmp_path / "calling", "BRAVO", "ALFA", "DELTA")
    toml = calling / "node.toml"
    toml.write_text(toml.read_text().replace("[link.peers]", '[link.peers]\nALFA = "127.0.0.1:1"'))
    examined = cli("node", "doctor", str(calling), code=1)
    assert "no address of DELTA" in examined
    assert "no address of ALFA" not in examined

    listening = found(
        tmp_path, tmp_path / "listening", "DELTA", "ALFA", "BRAVO", listen="127.0.0.1:0"
    )
    assert "nothing wrong was found" in cli("node", "doctor", str(listening))


def test_messages_are_listed_sent_and_read_by_the_command_line(tmp_path: Path) -> None:
    """The list shows a template's blanks; a place in any notation goes out in the one form; what
    does not fit is refused with what belongs there and sends nothing; what was said is read back
    with who has not answered."""
    assert "unknown-aircraft (IMMEDIATE)" in cli("msg", "--list")
    shown = cli("msg", "weather", "--list")
    assert "thunderstorm, icing" in shown
    assert "Weather within" in shown
    make_parties(tmp_path, "ALFA", "BRAVO")
    folder = tmp_path / "node"
    found(tmp_path, folder, "ALFA", "BRAVO")
    whole = [
        "msg", "unknown-aircraft", "--field", "at=2018-09-17T18:39Z", "--field", "height=FL320",
        "--field", "position=351800N 0355400E", "--field", "heading_deg=270",
    ]  # fmt: skip
    with running(folder) as node, node.client() as client:
        at = ["--node", str(folder)]
        assert "left empty" in cli(*whole[:6], *at, code=2)
        assert "no blank 'altitude'" in cli(*whole, "--field", "altitude=1", *at, code=2)
        assert client.asks(node.line) == ()
        cli(*whole, "--to", "BRAVO", *at)
        (view,) = client.asks(node.line)
        assert view.fields[0].value == "+35.3000000+035.9000000/"
        assert view.precedence.name == "IMMEDIATE"
        assert view.words.startswith("Aircraft of unknown identity at 35.30000N 035.90000E")
        told = cli("messages", *at)
        assert view.words in told
        assert "NO ANSWER YET - not agreed: BRAVO" in told
