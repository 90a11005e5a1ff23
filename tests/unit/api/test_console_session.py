"""Signing in at the console on a running node: by link, by password, out again, after a restart."""

import json
from itertools import islice
from pathlib import Path

import pytest

from clearline.api.people import PERMISSIONS, Role, read_people, write_people
from clearline.model.entry import Stop
from clearline.words.catalogue import templates
from clearline.words.language import languages
from tests.api_node import Running, found, running

PASSWORD = "correct horse battery"


def test_link_in_cookie_out(shared: Running) -> None:
    """Whoever opens a link is its person until he signs out."""
    with shared.page(None) as page:
        assert page.get("/v1/session").status_code == 401
        answer = page.post("/v1/session", json={"link": shared.link()})
        kept = answer.headers["set-cookie"]
        assert "HttpOnly; SameSite=Strict" in kept
        assert "Path=/;" in kept
        view = answer.json()
        assert (view["person"], view["role"], view["cookie"]) == ("watch", "watch", True)
        assert view["may"] == sorted(PERMISSIONS[Role.WATCH])
        assert view["needs_password"]
        assert shared.now() < view["until"] <= shared.now() + 12 * 3_600_000
        assert page.get("/v1/board").status_code == 200
        said = page.post(f"/v1/lines/{shared.line}/stop", json={"body": {}, "id": "by-cookie"})
        assert said.status_code == 200
        assert page.delete("/v1/session").json() == {"signed_out": True}
        over = page.get("/v1/board")
        assert over.status_code == 401


@pytest.mark.parametrize("role", list(Role))
def test_what_the_page_may_is_what_the_table_says(shared: Running, role: Role) -> None:
    """Each role is told its own actions, and a cookie opens no more than the role's token."""
    with shared.page(role.value) as page:
        assert page.get("/v1/session").json()["may"] == sorted(PERMISSIONS[role])
        status = page.post(f"/v1/lines/{shared.line}/suspend", content=b"{").status_code
        assert (status == 403) is (role is not Role.COMMANDER)


def test_password_is_set_and_signs_in(shared: Running) -> None:
    """With a floor on its length; the one before is asked for unless one came by a link."""
    with shared.page("planner") as page, shared.page(None) as other:
        short = page.post("/v1/session/password", json={"password": "short"})
        assert (short.status_code, short.json()["clause"]) == (422, "CL-SGN-005")
        set_ = page.post("/v1/session/password", json={"password": PASSWORD})
        assert set_.status_code == 200
        assert not set_.json()["needs_password"]
        wrong = other.post("/v1/session", json={"person": "planner", "password": PASSWORD + "x"})
        assert wrong.status_code == 401
        right = other.post("/v1/session", json={"person": "planner", "password": PASSWORD})
        assert right.json()["person"] == "planner"
        change = {"password": PASSWORD + " staple"}
        assert other.post("/v1/session/password", json=change).status_code == 403
        change["current"] = PASSWORD
        assert other.post("/v1/session/password", json=change).status_code == 200
        assert page.get("/v1/session").status_code == 401, "a new password ends other sign-ins"
    raw = (shared.folder / "sign-ins" / "passwords.json").read_text()
    assert "$argon2id$" in raw
    assert PASSWORD not in raw


def test_token_alone_sets_no_password(shared: Running) -> None:
    """A stolen token does not become a password."""
    with shared.http("planner") as http:
        answer = http.post("/v1/session/password", json={"password": PASSWORD})
    assert answer.status_code == 403
    assert "signed in at the console" in answer.json()["detail"]


def test_session_survives_a_restart_and_ends_with_the_person(parties: Path, tmp_path: Path) -> None:
    """A node that comes back knows who was signed in; whoever is taken away is out at once."""
    folder = found(parties, tmp_path / "alfa", "ALFA", "BRAVO")
    with running(folder) as node, node.page() as page:
        cookie = dict(page.cookies)
    with running(folder) as node, node.page(None) as page:
        page.cookies.update(cookie)
        assert page.get("/v1/session").json()["person"] == "watch"
        people = read_people(folder / "tokens.json")
        left = tuple(each for each in people if each.person != "watch")
        (folder / "tokens.json").write_bytes(write_people(left))
        assert page.get("/v1/session").status_code == 401


def test_events_come_by_cookie_and_end_with_it(shared: Running) -> None:
    """What reads streams in a browser can set no header: the cookie is enough. A stream that was
    open ends when its person has signed out."""
    with shared.page() as page, page.stream("GET", "/v1/events?desk=watch") as stream:
        lines = stream.iter_lines()
        first = list(islice(lines, 3))
        assert first[0].startswith("id: ")
        assert first[1] == "event: hello"
        assert json.loads(first[2].removeprefix("data: "))["lines"] == [shared.line]
        with shared.page() as same, shared.client() as writing:
            same.cookies.clear()
            same.cookies.update(dict(page.cookies))
            assert same.delete("/v1/session").json()["signed_out"]
            writing.say(shared.line, Stop())
        assert not [line for line in lines if line.startswith("event: changed")]


def test_sign_in_is_noted_in_the_desk_record(shared: Running) -> None:
    """Who came in under a name, and by what, can be looked up later."""
    with shared.page("liaison"), shared.http("commander") as http:
        notes = http.get(f"/v1/lines/{shared.line}/desk-record?limit=5000").json()
    found_ = [n["record"] for n in notes if n["record"].get("what") == "signed-in"]
    assert {"by": "link", "role": "liaison"} in [each["params"] for each in found_]


def test_words_of_each_language_come_without_a_token(shared: Running) -> None:
    """Signing in has words too; what nobody has reviewed has the English beside it (FM20)."""
    with shared.http(None) as http:
        for tag in languages():
            view = http.get(f"/v1/words/{tag}").json()
            assert view["direction"] == ("rtl" if tag in ("ar", "he") else "ltr")
            assert view["reviewed"] == (tag == "en")
            assert (view["english"] is None) == (tag == "en")
            assert {"signin", "shell"} <= set(view["console"])
            assert set(view["templates"]) == set(templates())
            assert view["languages"] == list(languages())
            assert {each["language"]: each["direction"] for each in view["tongues"]}["he"] == "rtl"
        assert http.get("/v1/words/xx").status_code == 404
