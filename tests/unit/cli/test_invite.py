"""clearline node invite: a link for one person, once; where the console is."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from clearline.api.people import Role, read_people
from tests.api_node import Running, cli, found, make_parties, running


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A node's folder, not running."""
    parties = tmp_path_factory.mktemp("invited")
    make_parties(parties, "ALFA", "BRAVO")
    return found(parties, parties / "node", "ALFA", "BRAVO")


@pytest.fixture(scope="module")
def node(folder: Path) -> Iterator[Running]:
    """The node, running."""
    with running(folder) as alfa:
        yield alfa


def invited(folder: Path, *more: str) -> dict[str, str]:
    """What the command says."""
    said: dict[str, str] = json.loads(cli("node", "invite", *more, "--node", str(folder), "--json"))
    return said


def test_node_that_is_down_with_an_open_port_has_no_console_yet(folder: Path) -> None:
    """Port 0 takes a free one at each start: there is no address to hand out before."""
    said = cli("node", "invite", "kim", "--node", str(folder), code=1)
    assert "start it first" in said
    assert "kim" not in {each.person for each in read_people(folder / "tokens.json")}


def test_link_of_the_command_signs_in_the_one_it_is_for(node: Running) -> None:
    """A new person needs no token: the link makes him known, in the role that was said."""
    said = invited(node.folder, "kim", "--role", "planner")
    url, _, code = said["url"].partition("#link=")
    assert url == f"{node.address}/console/"
    with node.page(None) as page:
        view = page.post("/v1/session", json={"link": code}).json()
    assert (view["person"], view["role"]) == ("kim", "planner")
    assert view["duties"] == ["watch-officer"]


def test_another_link_for_the_same_person_changes_nothing_of_his(node: Running) -> None:
    """His token, role and sign-ins stay; another role is said, and ends what rested on the old."""
    invited(node.folder, "lee", "--role", "liaison")
    first = {each.person: each for each in read_people(node.folder / "tokens.json")}
    code = invited(node.folder, "lee")["url"].partition("#link=")[2]
    assert first == {each.person: each for each in read_people(node.folder / "tokens.json")}
    with node.page(None) as page:
        assert page.post("/v1/session", json={"link": code}).status_code == 200
        assert page.get("/v1/session").json()["role"] == "liaison"
        assert invited(node.folder, "lee", "--role", "commander")["role"] == "commander"
        assert page.get("/v1/session").status_code == 401
    now = {each.person: each for each in read_people(node.folder / "tokens.json")}
    assert (now["lee"].role, now["lee"].sha256) == (Role.COMMANDER, first["lee"].sha256)


def test_link_is_shown_as_a_picture_for_a_tablet(node: Running) -> None:
    """A QR code in the terminal, unless nobody wants it; a sentence says for whom and how long."""
    said = cli("node", "invite", "kim", "--node", str(node.folder))
    assert "for kim, planner; once, until" in said
    assert "▄" in said or "█" in said
    plain = cli("node", "invite", "kim", "--node", str(node.folder), "--no-qr")
    assert len(plain.strip().splitlines()) == 2


@pytest.mark.parametrize("name", ["", "x" * 121, "a\nb"])
def test_name_that_is_none_is_refused(node: Running, name: str) -> None:
    """Nothing is written for it."""
    before = read_people(node.folder / "tokens.json")
    cli("node", "invite", name, "--node", str(node.folder), code=1)
    assert read_people(node.folder / "tokens.json") == before
