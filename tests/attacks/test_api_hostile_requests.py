"""What somebody with a socket, or with somebody's token, may try against the API."""

import json
import socket
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

import httpx2
import msgspec
import pytest

from clearline.api.people import Role, read_people, write_people
from clearline.api.service import Service
from clearline.api.table import BODY_BYTES_MAX
from clearline.model.time import Instant
from tests.api_node import Running, add_person, found, make_parties, notice, running


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A running node."""
    folder = tmp_path_factory.mktemp("attacked")
    make_parties(folder, "ALFA", "BRAVO")
    with running(found(folder, folder / "node", "ALFA", "BRAVO")) as alfa:
        yield alfa


def lives(node: Running) -> None:
    """The node still takes a notice."""
    with node.client() as client:
        assert client.file(node.line, notice(node.now())).refs


def raw(node: Running, content: bytes) -> bytes:
    """Bytes onto a bare socket; what comes back."""
    where = urlsplit(node.address)
    with socket.create_connection((str(where.hostname), int(where.port or 0)), timeout=10) as sock:
        with suppress(ConnectionError):
            sock.sendall(content)
        answer = b""
        with suppress(ConnectionError):
            while len(answer) < 65_536 and (chunk := sock.recv(4_096)):
                answer += chunk
                if b"\r\n\r\n" in answer:
                    break
        return answer


PLACES = {
    "radius": "/footprint/radius_mm",
    "place": "/footprint/centre/1",
    "height": "/upper/mm",
    "end": "/end",
}


@pytest.mark.parametrize("big", [2**53, -(2**53), 2**64, 10**400])
@pytest.mark.parametrize("place", PLACES.values(), ids=PLACES)
def test_number_that_no_entry_can_hold_is_refused_where_it_stands(
    node: Running, place: str, big: int
) -> None:
    """A draft or a notice with it is refused with a pointer, and nothing breaks inside."""
    said = msgspec.to_builtins(notice(node.now()))
    within = said["volumes"][0]
    *steps, last = place.split("/")[1:]
    for step in steps:
        within = within[step]
    within[int(last) if last.isdigit() else last] = big
    asked = {"check": ({"notices": [said]}, "/notices/0"), "notices": ({"body": said}, "/body")}
    with node.http() as http:
        for path, (body, at) in asked.items():
            answer = http.post(f"/v1/lines/{node.line}/{path}", content=json.dumps(body))
            assert answer.status_code == 422, answer.text
            told = answer.json()
            assert (told["code"], told["pointer"]) == ("number-range", f"{at}/volumes/0{place}")


def test_oversize_body_is_refused_unread(node: Running) -> None:
    """A body beyond the limit is 413, whether its length is told or not."""
    with node.http() as http:
        path = f"/v1/lines/{node.line}/notices"
        assert http.post(path, content=b" " * (BODY_BYTES_MAX + 1)).status_code == 413

        def chunks() -> Iterator[bytes]:
            for _ in range(BODY_BYTES_MAX // 65_536 + 2):
                yield b" " * 65_536

        with suppress(httpx2.TransportError):  # the node may hang up before all is sent
            assert http.post(path, content=chunks()).status_code == 413
    lives(node)


@pytest.mark.parametrize(
    "bomb",
    [
        b"[" * 200_000,
        b'{"body":' * 50_000,
        b'{"body":{"cls":"a","cls":"b"}}',
        b'{"body":{"volumes":[' + b"{}," * 100_000 + b"{}]}}",
        b'{"id":' + b"9" * 100_000 + b"}",
        b'{"body":NaN}',
        b"\xff\xfe{}",
        b'"\\ud800"',
        b"",
    ],
    ids=["brackets", "depth", "twice", "many", "digits", "nan", "utf16", "surrogate", "nothing"],
)
def test_json_bomb_is_a_refusal(node: Running, bomb: bytes) -> None:
    """Depth, size, doubled names, numbers without end: each is refused with code and clause."""
    with node.http() as http:
        answer = http.post(f"/v1/lines/{node.line}/notices", content=bomb)
    assert 400 <= answer.status_code < 500
    assert answer.json()["clause"]
    lives(node)


def test_duplicate_names_have_no_single_meaning(node: Running) -> None:
    """A notice that states a field twice is refused, whichever of the two would be taken."""
    said = json.dumps({"note": "x"}).replace('"note"', '"note": "y", "note"')
    with node.client() as client:
        client.file(node.line, notice(node.now(), 33.0, 36.0))
        client.file(node.line, notice(node.now(), 33.0, 36.0, label="other"))
        alert = client.alerts()[0].id
    with node.http() as http:
        answer = http.post(f"/v1/alerts/{alert}/ack", content=said.encode())
    assert answer.status_code == 422
    assert answer.json()["code"] == "not-canonical"


@pytest.mark.parametrize(
    "token", ["-", "wrong", "clt_" + "A" * 43, "x" * 5_000, "clt_\u00e9", "' OR 1=1 --"]
)
def test_wrong_token_opens_nothing(node: Running, token: str) -> None:
    """What is nobody's token is 401, whatever it looks like."""
    with node.http(None) as http:
        header = f"Bearer {token}".encode("latin-1", "replace")
        answer = http.get("/v1/board", headers={b"authorization": header})
    assert answer.status_code == 401
    assert "bearer" in answer.headers["www-authenticate"].lower()


def test_token_at_rest_is_no_token(node: Running) -> None:
    """Whoever reads tokens.json cannot get in with what stands there."""
    (person, *_) = read_people(node.folder / "tokens.json")
    with node.http(None) as http:
        headers = {"authorization": f"Bearer {person.sha256}"}
        assert http.get("/v1/board", headers=headers).status_code == 401
    assert "clt_" not in (node.folder / "tokens.json").read_text()


def test_revoked_and_ended_tokens_stop_working_at_once(node: Running) -> None:
    """A token that is taken out of the file, or that has ended, opens nothing; no restart."""
    token = add_person(node.folder, Role.PLANNER, "temporary")
    headers = {"authorization": f"Bearer {token}"}
    with node.http(None) as http:
        assert http.get("/v1/board", headers=headers).status_code == 200
        people = read_people(node.folder / "tokens.json")
        kept = [p for p in people if p.person != "temporary"]
        (node.folder / "tokens.json").write_bytes(write_people(tuple(kept)))
        assert http.get("/v1/board", headers=headers).status_code == 401
        ended = [p for p in people if p.person == "temporary"]
        past = [msgspec.structs.replace(p, until=Instant(1)) for p in ended]
        (node.folder / "tokens.json").write_bytes(write_people((*kept, *past)))
        assert http.get("/v1/board", headers=headers).status_code == 401


def test_damaged_file_of_people_lets_nobody_in(node: Running) -> None:
    """A file of people that cannot be read fails closed, and works again once it is whole."""
    whole = (node.folder / "tokens.json").read_bytes()
    with node.http() as http:
        (node.folder / "tokens.json").write_bytes(b"{")
        assert http.get("/v1/board").status_code == 401
        (node.folder / "tokens.json").write_bytes(whole)
        assert http.get("/v1/board").status_code == 200


def test_role_cannot_be_raised_from_outside(node: Running) -> None:
    """Headers, fields and queries that claim a role change nothing."""
    with node.http("investigator") as http:
        path = f"/v1/lines/{node.line}/stop"
        body = {"body": {}, "role": "administrator"}
        headers = {"x-role": "administrator", "x-forwarded-user": "watch"}
        assert http.post(path, json=body, headers=headers).status_code == 403
        assert http.post(f"{path}?role=watch&action=emergency", json=body).status_code == 403


@pytest.mark.parametrize(
    "path",
    [
        "/v1/lines/../../node.toml", "/v1/lines/%2e%2e%2f%2e%2e%2fnode.toml",
        "/v1/alerts/..%2f..%2ftokens.json", "/node.toml", "/../node.toml", "/v1/lines/%00",
        "/v1/lines/" + "a" * 8_000, "//etc/passwd",
    ],
)  # fmt: skip
def test_path_traversal_reaches_no_file(node: Running, path: str) -> None:
    """No path gives a file; each is 404 or a refusal."""
    answer = raw(
        node,
        f"GET {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {node.token()}\r\n"
        "Connection: close\r\n\r\n".encode(),
    )
    status = int(answer.split(b" ", 2)[1])
    assert 400 <= status < 500, answer[:200]
    assert b"folder =" not in answer


@pytest.mark.parametrize(
    "content",
    [
        b"GET /v1/health HTTP/1.1\r\nHost: x\r\nA: b\nEvil: c\r\n\r\n",
        b"GET /v1/health HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 100_000 + b"\r\n\r\n",
        b"POST /v1/lines HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 9\r\n\r\n",
        b"POST /v1/lines HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    ],
    ids=["header-lines", "long-header", "two-lengths", "negative", "tls", "h2"],
)
def test_malformed_request_is_refused_and_the_node_lives(node: Running, content: bytes) -> None:
    """Nothing that is not HTTP is answered as if it were, and nothing of it is echoed."""
    answer = raw(node, content)
    assert b"Evil" not in answer
    assert not answer or answer.split(b" ", 2)[1][:1] in (b"2", b"4"), answer[:80]
    lives(node)


def test_id_in_a_header_cannot_inject_another(node: Running) -> None:
    """An idempotency key is a word; one with other characters is refused, and two that differ."""
    with node.http() as http:
        path = f"/v1/lines/{node.line}/stop"
        for key in ("a b", "a,b", "../x", "", "x" * 101):
            answer = http.post(path, json={"body": {}}, headers={"idempotency-key": key})
            assert answer.status_code == 422, key
        both = http.post(path, json={"body": {}, "id": "a"}, headers={"idempotency-key": "b"})
        assert both.status_code == 422


def test_bug_in_a_handler_tells_the_caller_nothing(
    node: Running, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Answers carry no stack, no path of this machine, no name of a class."""

    def breaks(_: Service, __: object) -> None:
        raise RuntimeError(f"secret of {tmp_path}")

    monkeypatch.setattr(Service, "look", breaks)  # a planted bug
    with node.http() as http:
        answer = http.get("/v1/lines")
    assert answer.status_code == 500
    assert b"secret" not in answer.content
    assert b"Traceback" not in answer.content
