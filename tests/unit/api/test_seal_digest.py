"""What a seal commits to, as the API computes it."""

import hashlib

import msgspec

from clearline.api.sealing import SealAsk, SealDigest
from clearline.canonical import encode
from tests.api_node import Running, notice


def asked(node: Running, body: bytes, role: str = "watch") -> tuple[int, bytes]:
    """Ask for a digest."""
    with node.http(role) as http:
        answer = http.post("/v1/seal-digest", content=body)
        return answer.status_code, answer.content


def test_digest_is_of_salt_and_canonical_notice_and_each_salt_is_fresh(shared: Running) -> None:
    """Twice asked there are two salts; with a salt given it is the same digest again."""
    plan = notice(shared.now(), label="قصف")
    body = msgspec.json.encode(SealAsk(notice=plan))
    first, second = (msgspec.json.decode(asked(shared, body)[1], type=SealDigest) for _ in range(2))
    assert first.salt != second.salt
    for made in (first, second):
        whole = bytes.fromhex(made.salt) + encode(plan)
        assert made.sha256 == hashlib.sha256(whole).hexdigest()
    again = msgspec.json.encode(SealAsk(notice=plan, salt=first.salt))
    assert msgspec.json.decode(asked(shared, again)[1], type=SealDigest) == first


def test_salt_that_is_none_and_text_that_has_no_form_are_refused(shared: Running) -> None:
    """A refusal is a value that names the field; nobody is shown a fault of the node."""
    plan = msgspec.json.encode(notice(shared.now(), label="LABEL"))
    status, said = asked(shared, b'{"notice":' + plan + b',"salt":"12"}')
    assert (status, b"/salt" in said) == (422, True), said
    lone = plan.replace(b"LABEL", b"\\ud800")
    status, said = asked(shared, b'{"notice":' + lone + b"}")
    assert status in (400, 422), said


def test_who_may_not_seal_is_refused(shared: Running) -> None:
    """A liaison officer files no plans."""
    body = msgspec.json.encode(SealAsk(notice=notice(shared.now())))
    assert asked(shared, body, "liaison")[0] == 403
