"""What another page in the same browser, or somebody who guesses, may try against the console."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from urllib.parse import urlsplit

import httpx2
import pytest

from clearline.api.app import STREAMS_EACH_MAX
from clearline.api.sign_ins import SignIns
from clearline.api.table import BODY_BYTES_MAX, ENDPOINTS, SIGN_IN_BYTES_MAX
from clearline.api.tries import WRONG_MAX
from tests.api_node import Running, found, make_parties, running
from tests.attacks.test_api_hostile_requests import raw

PASSWORD = "correct horse battery"


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A running node."""
    folder = tmp_path_factory.mktemp("strangers")
    make_parties(folder, "ALFA", "BRAVO")
    with running(found(folder, folder / "node", "ALFA", "BRAVO")) as alfa:
        yield alfa


@pytest.fixture
def page(node: Running) -> Iterator[httpx2.Client]:
    """Somebody of the watch who is signed in, in a browser."""
    with node.page() as http:
        yield http


def stop(node: Running) -> str:
    """Where a STOP is said."""
    return f"/v1/lines/{node.line}/stop"


FOREIGN = [
    {"origin": "https://evil.example"},
    {"origin": "null"},
    {"origin": "http://127.0.0.1:1"},
    {"origin": "file://"},
    {"sec-fetch-site": "cross-site"},
    {"sec-fetch-site": "same-site"},
    {"x-clearline-console": ""},
    {"x-clearline-console": "0"},
    {"host": "evil.example"},
    {"host": "127.0.0.1.evil.example"},
    {"host": "localhost.evil.example:8440"},
    {"host": "user@127.0.0.1"},
    {"host": ""},
]


@pytest.mark.parametrize("headers", FOREIGN, ids=str)
def test_another_page_writes_nothing_with_our_cookie(
    node: Running, page: httpx2.Client, headers: dict[str, str]
) -> None:
    """A page of another origin, another port, or a name that was made to lead here: the browser
    sends the cookie along, and nothing is said on the line."""
    answer = page.post(stop(node), json={"body": {}, "id": "forged"}, headers=headers)
    assert answer.status_code in (400, 403), headers
    with node.client() as client:
        assert all(ask.kind != "stop" for ask in client.asks(node.line))


@pytest.mark.parametrize("headers", FOREIGN[4:6] + FOREIGN[8:12], ids=str)
def test_another_page_reads_nothing_with_our_cookie(
    node: Running, page: httpx2.Client, headers: dict[str, str]
) -> None:
    """Neither the board, nor the stream, nor who is signed in."""
    for path in ("/v1/board", "/v1/events", "/v1/session"):
        assert page.get(path, headers=headers).status_code in (400, 403)


def test_a_form_of_another_page_cannot_write(node: Running, page: httpx2.Client) -> None:
    """What needs no permission of ours to be sent (a form, a beacon) sets no header of its own."""
    sent = httpx2.post(
        node.address + stop(node), content='{"body":{},"id":"form"}', cookies=dict(page.cookies),
        headers={"content-type": "text/plain"}, trust_env=False,
    )  # fmt: skip
    assert sent.status_code == 403


def test_every_writing_endpoint_asks_where_the_page_is_from(
    node: Running, page: httpx2.Client
) -> None:
    """None was forgotten: with the cookie of somebody who may, from elsewhere, each says 403."""
    for endpoint in ENDPOINTS:
        if endpoint.method == "GET":
            continue
        path = endpoint.path.format(line=node.line, alert="0" * 24 + ".1", track="t", name="x")
        answer = page.request(endpoint.method, path, headers={"origin": "https://evil.example"})
        assert answer.status_code == 403, path


def test_no_other_origin_is_ever_let_in(node: Running, page: httpx2.Client) -> None:
    """No answer carries a header that opens it to another origin, a preflight least of all."""
    for method, path in (("OPTIONS", stop(node)), ("GET", "/v1/board"), ("GET", "/console/")):
        answer = page.request(
            method, path,
            headers={"origin": "https://evil.example", "access-control-request-method": "POST"},
        )  # fmt: skip
        assert not [name for name in answer.headers if name.startswith("access-control")]


def test_nobody_is_signed_in_as_somebody_else_by_another_page(node: Running) -> None:
    """Signing in is itself only done by our own page (login CSRF): the link is not even used up."""
    code = node.link()
    with node.page(None) as http:
        for headers in FOREIGN:
            answer = http.post("/v1/session", json={"link": code}, headers=headers)
            assert answer.status_code in (400, 403)
            assert "set-cookie" not in answer.headers
        assert http.post("/v1/session", json={"link": code}).status_code == 200


def test_session_that_was_planted_is_not_taken_over(node: Running, page: httpx2.Client) -> None:
    """Session fixation: a value that was there before one signs in is worth nothing afterwards, and
    a session of somebody else that was there ends."""
    name = node.node.service.console.cookie
    before = page.cookies[name]
    for planted in ("x" * 43, before):
        with node.page(None) as http:
            http.cookies.set(name, planted, domain=str(urlsplit(node.address).hostname))
            answer = http.post("/v1/session", json={"link": node.link("planner")})
            value = answer.headers["set-cookie"].partition("=")[2].partition(";")[0]
            assert value not in ("", planted)
    assert page.get("/v1/session").status_code == 401


def test_two_cookies_of_one_name_are_nobodys(node: Running, page: httpx2.Client) -> None:
    """Another server of this host can set a cookie of ours for a deeper path: it is not chosen."""
    name = node.node.service.console.cookie
    with node.page("planner") as other:
        both = f"{name}={other.cookies[name]}; {name}={page.cookies[name]}"
    answer = httpx2.get(node.address + "/v1/session", headers={"cookie": both}, trust_env=False)
    assert answer.status_code == 401


@pytest.mark.parametrize("name", ["watch", "nobody of that name"])
def test_guessing_a_password_is_stopped_and_tells_nothing(node: Running, name: str) -> None:
    """After five wrong ones the name waits, whether there is such a person or not, with the same
    words; the right one is not looked at either, and a link still works."""
    node.node.service.console.tries.__init__()  # the bound for all is another test's
    with node.page() as page:
        if name == "watch":
            assert page.post("/v1/session/password", json={"password": PASSWORD}).status_code == 200
    said = set()
    with node.page(None) as http:
        for n in range(WRONG_MAX):
            answer = http.post("/v1/session", json={"person": name, "password": f"guess {n}"})
            assert answer.status_code == 401
            said.add(answer.json()["detail"])
        last = http.post("/v1/session", json={"person": name, "password": PASSWORD})
        assert (last.status_code, last.json()["clause"]) == (429, "CL-SGN-003")
        assert len(said) == 1
        assert http.post("/v1/session", json={"link": node.link()}).status_code == 200


def test_unknown_name_costs_the_same_work(node: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    """A password is looked at once for each try, whether or not there is anybody: the time that an
    answer takes tells no name."""
    console = node.node.service.console
    console.tries.__init__()
    looked: list[str] = []
    real = type(console.hashing.hasher).verify

    def counted(self: object, hashed: str, password: str) -> bool:
        looked.append(hashed.split("$")[3])
        return real(self, hashed, password)

    monkeypatch.setattr(type(console.hashing.hasher), "verify", counted)
    with node.page("commander") as page:
        page.post("/v1/session/password", json={"password": PASSWORD})
    with node.page(None) as http:
        for name in ("commander", "planner", "no such person"):
            http.post("/v1/session", json={"person": name, "password": "wrong"})
    assert len(looked) == 3
    assert len(set(looked)) == 1, "with the same parameters"


def test_guessed_links_are_refused_and_then_not_looked_at(node: Running) -> None:
    """Sixty wrong ones in a minute, and whoever has no link that holds waits; who has one does
    not."""
    node.node.service.console.tries.__init__()
    with node.page(None) as http:
        statuses = [
            http.post("/v1/session", json={"link": f"guess-{n}"}).status_code for n in range(62)
        ]
        assert statuses == [401] * 60 + [429] * 2
        assert http.post("/v1/session", json={"link": node.link()}).status_code == 200
    node.node.service.console.tries.__init__()


def test_many_guesses_at_once_are_no_more_than_one_after_another(node: Running) -> None:
    """A try counts before it is looked at: ten at the same moment are five."""
    node.node.service.console.tries.__init__()
    with node.page(None) as http, ThreadPoolExecutor(10) as pool:
        said = {"person": "liaison", "password": "guess"}
        statuses = [
            answer.status_code
            for answer in pool.map(lambda _: http.post("/v1/session", json=said), range(10))
        ]
    assert statuses.count(401) <= WRONG_MAX
    assert set(statuses) == {401, 429}
    node.node.service.console.tries.__init__()


def test_who_is_not_signed_in_is_not_listened_to_for_long(node: Running) -> None:
    """A sign-in is short; a bundle of evidence, by who is signed in, may be long."""
    with node.page(None) as http:
        body = b'{"link":"' + b"x" * SIGN_IN_BYTES_MAX + b'"}'
        assert http.post("/v1/session", content=body).status_code == 413
    with node.page() as page:
        large = page.post("/v1/evidence/verify", content=b"x" * (BODY_BYTES_MAX + 1))
        assert large.status_code == 422


def test_one_persons_pages_do_not_use_up_the_streams_of_all(node: Running) -> None:
    """Beyond his share the next stream of the same person is refused, and another's is not; a
    stream that ends makes room."""
    with node.page() as page, node.page("planner") as other, ExitStack() as open_:
        streams = [
            open_.enter_context(page.stream("GET", "/v1/events")) for _ in range(STREAMS_EACH_MAX)
        ]
        heard = [stream.iter_lines() for stream in streams]
        assert {next(lines) for lines in heard} == {"event: hello"}
        with page.stream("GET", "/v1/events") as stream:
            assert stream.status_code == 429
        with other.stream("GET", "/v1/events") as stream:
            assert stream.status_code == 200


BAD = [
    {}, {"link": None}, {"link": "a", "person": "b", "password": "c"}, {"person": "watch"},
    {"password": "x"}, {"link": 7}, {"link": ["a"]}, {"link": "a", "more": 1},
    {"person": "x" * 5000, "password": "y"}, {"person": "watch", "password": "y" * 10_000},
    {"person": "a\u0000b", "password": "\u0000"}, {"link": "../../tokens.json"},
]  # fmt: skip


@pytest.mark.parametrize("body", BAD, ids=range(len(BAD)))
def test_malformed_sign_in_is_refused(node: Running, body: dict[str, object]) -> None:
    """Neither half a sign-in nor an outsize one is anything but a refusal."""
    node.node.service.console.tries.__init__()
    with node.page(None) as http:
        answer = http.post("/v1/session", json=body)
        assert answer.status_code in (401, 422)
        assert "set-cookie" not in answer.headers
        assert answer.json()["clause"]


PATHS = [
    "/console/../tokens.json", "/console/..%2ftokens.json", "/console/%2e%2e/tokens.json",
    "/console//etc/passwd", "/console/%2fetc%2fpasswd", "/console/....//tokens.json",
    "/console/..\\tokens.json", "/console/%00", "/console/assets/../../../words/en.json",
    "/console/index.html/x", "/console/.", "/console/..",
]  # fmt: skip


@pytest.mark.parametrize("path", PATHS)
def test_no_path_leaves_the_consoles_files(node: Running, path: str) -> None:
    """What is asked for is looked up among names; no name reaches a file system."""
    host = urlsplit(node.address).netloc
    head = f"GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode()
    answer = raw(node, head)
    assert answer.split(b" ", 2)[1] in (b"404", b"400"), answer[:200]
    assert b"sha256" not in answer
    assert b"root:" not in answer


def test_sign_ins_hold_no_secret_in_the_open(node: Running, page: httpx2.Client) -> None:
    """Whoever reads the node's files signs in as nobody: links and sessions are there as
    digests."""
    name = node.node.service.console.cookie
    code, value = node.link(), page.cookies[name]
    found_ = [path.read_bytes() for path in (node.folder / "sign-ins").rglob("*") if path.is_file()]
    assert found_
    assert not any(code.encode() in each or value.encode() in each for each in found_)
    assert isinstance(node.node.service.console.sign_ins, SignIns)
