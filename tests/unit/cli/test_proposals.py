"""A proposal from one desk to the other over the real link, and one action that takes it up."""

import json
from pathlib import Path

from clearline.client import Client, asks
from clearline.model.ids import EntryRef
from clearline.node.views import NoticeView
from tests.api_node import cli, found, make_parties, notice, running, until


def held(client: Client, line: str, ref: EntryRef) -> NoticeView | None:
    """A version as a node shows it, if it holds it."""
    views = client.notices(line)  # type: ignore[arg-type]
    return next((view for view in views if view.ref == ref), None)


def test_proposal_of_a_peer_is_taken_up_in_one_action(tmp_path: Path) -> None:
    """BRAVO sees the ways out, proposes one of them; ALFA reads it and takes it up; the new version
    meets nothing, and BRAVO cannot take up its own proposal to another."""
    make_parties(tmp_path, "ALFA", "BRAVO")
    bravo_folder = found(tmp_path, tmp_path / "b", "BRAVO", "ALFA", listen="127.0.0.1:0")
    alfa_folder = found(tmp_path, tmp_path / "a", "ALFA", "BRAVO")
    with running(bravo_folder) as bravo:
        host, port = bravo.node.links.addresses[0]
        config = alfa_folder / "node.toml"
        text = config.read_text().replace("[link.peers]", f'[link.peers]\nBRAVO = "{host}:{port}"')
        config.write_text(text)
        with running(alfa_folder) as alfa, alfa.client() as a, bravo.client() as b:
            (ours,) = a.file(alfa.line, notice(alfa.now(), label="Range 7")).refs
            until(b, lambda: held(b, bravo.line, ours) is not None)
            theirs = b.file(bravo.line, notice(bravo.now(), label="lift", cls="air-movement")).refs
            until(b, lambda: len(b.conflicts(bravo.line)) == 1)
            shown = cli("conflicts", "--node", str(bravo_folder))
            ways = b.do(asks.ways_out(bravo.line, ours, theirs[0]))
            way = next(w for w in ways if not w.own and (w.proposal.shift_min or 0) > 0)
            command = f"clearline answer {ours} OBJECT --propose shift={way.proposal.shift_min}"
            assert command in shown
            assert f"clearline notice amend {theirs[0]} --shift=" in shown
            arguments = command.split()[1:]
            said = json.loads(cli(*arguments, "--node", str(bravo_folder), "--json"))
            answer = "/".join(map(str, said["refs"][0]))
            until(a, lambda: bool((view := held(a, alfa.line, ours)) and view.answers))
            refused = cli("accept", answer, "--node", str(bravo_folder), "--json", code=1)
            assert "CL-OWN-013" in refused
            done = json.loads(cli("accept", answer, "--node", str(alfa_folder), "--json"))
            assert done["conflicts"] == []
            (now,) = done["notices"]
            assert now["volumes"][0]["start"] == (
                a.notice(alfa.line, ours).volumes[0].start + (way.proposal.shift_min or 0) * 60_000
            )
            nothing = cli("accept", str(ours), "--node", str(alfa_folder), "--json", code=1)
            assert "CL-API-005" in nothing
