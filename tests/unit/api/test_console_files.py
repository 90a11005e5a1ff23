"""The console's files as the node serves them: what they are, that they are current, who may
embed them."""

import gzip
import re

import pytest

from clearline.api.own_page import is_own_host
from clearline.api.static_files import MEDIA, held_files
from tests.api_node import Running


def test_page_and_all_that_it_names_is_served(shared: Running) -> None:
    """The root leads to the console; what its page names is there, with its media type, without a
    sign-in."""
    with shared.http(None) as http:
        for path in ("/", "/console"):
            answer = http.get(path)
            assert (answer.status_code, answer.headers["location"]) == (307, "/console/")
        page = http.get("/console/")
        assert page.headers["content-type"] == "text/html; charset=utf-8"
        named = re.findall(r'(?:src|href)="(/console/[^"]+)"', page.text)
        assert named
        for each in named:
            got = http.get(each)
            assert got.status_code == 200
            assert got.headers["content-type"].startswith(MEDIA[each.rpartition(".")[2]])
        assert http.get("/console/nothing.js").status_code == 404


def test_every_file_has_a_media_type_of_its_own() -> None:
    """A browser that sniffs nothing still knows what each file is."""
    assert held_files()
    assert [path for path, file in held_files().items() if "octet-stream" in file.media] == []


def test_file_that_is_current_is_not_sent_again(shared: Running) -> None:
    """A browser asks each time, and gets 304 as long as the bytes are the same."""
    with shared.http(None) as http:
        first = http.get("/console/")
        assert first.headers["cache-control"] == "no-cache"
        tag = first.headers["etag"]
        again = http.get("/console/", headers={"if-none-match": f'"other", {tag}'})
        assert (again.status_code, again.content) == (304, b"")
        assert http.get("/console/", headers={"if-none-match": '"other"'}).status_code == 200


def test_text_is_packed_for_who_takes_it(shared: Running) -> None:
    """A thin line to a far desk carries a fourth of the script; the bytes are the same."""
    with shared.http(None) as http:
        whole = http.get("/console/", headers={"accept-encoding": "identity"})
        packed = http.get("/console/", headers={"accept-encoding": "gzip"})
    assert "content-encoding" not in whole.headers
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.content == whole.content
    for file in held_files().values():
        assert file.packed is None or gzip.decompress(file.packed) == file.content


def test_nothing_inline_nothing_foreign_and_no_frame(shared: Running) -> None:
    """Every file comes with a policy under which words of others that became markup run nothing,
    and no other page frames the console to catch a click on STOP."""
    with shared.http(None) as http:
        for path in ("/console/", "/console/assets/app.js"):
            headers = http.get(path).headers
            policy = dict(
                part.strip().split(" ", 1) for part in headers["content-security-policy"].split(";")
            )
            assert policy["default-src"] == policy["script-src"] == policy["worker-src"] == "'self'"
            assert policy["frame-ancestors"] == policy["object-src"] == "'none'"
            assert "unsafe-eval" not in str(policy)
            assert headers["x-content-type-options"] == "nosniff"
            assert headers["x-frame-options"] == "DENY"
        assert "<script>" not in http.get("/console/").text


@pytest.mark.parametrize(
    ("host", "own"),
    [
        ("127.0.0.1:8440", True), ("localhost:9000", True), ("[::1]:8440", True),
        ("10.1.2.3", True), ("[fe80::1%25eth0]:8440", True), ("Node.Local:8440", True),
        ("node.local.", True), ("evil.example", False), ("localhost.evil.example", False),
        ("127.0.0.1.evil.example", False), ("", False), ("a@127.0.0.1", False),
        ("127.0.0.1/x", False), ("127.0.0.1:x", False), ("[", False),
    ],
)  # fmt: skip
def test_only_names_of_its_own_are_the_nodes(host: str, own: bool) -> None:
    """An address, localhost, or what api.hosts has: any other name may have been made to lead
    here."""
    assert is_own_host(host, frozenset({"node.local"})) is own
