"""A signed picture that somebody changed, replayed, or passed off as another."""

import json

import msgspec
import pytest

from clearline.canonical import encode
from clearline.model.finding import Verdict
from clearline.model.refusal import Refusal
from clearline.model.time import HOUR, Instant
from clearline.plan.answer import Answer
from clearline.plan.check import check_picture
from clearline.plan.report import report
from clearline.plan.snapshot import SignedPicture, read_picture, sign_picture, unexpected
from clearline.trust.documents import DocType, envelope, sign, signed_bytes
from tests.plan_cases import circle, document, lines, picture, picture_bytes
from tests.town import Town, node_key_of, root_of


def leaves(value: object, path: tuple[object, ...] = ()) -> list[tuple[object, ...]]:
    """Every place in a JSON value that holds no other."""
    if isinstance(value, dict):
        return [found for key, each in value.items() for found in leaves(each, (*path, key))]
    if isinstance(value, list):
        return [found for n, each in enumerate(value) for found in leaves(each, (*path, n))]
    return [path]


def flipped(value: object) -> object:
    """Another value of the same kind."""
    if isinstance(value, int):
        return value + 1
    text = str(value)
    return ("1" if text[:1] != "1" else "2") + text[1:]


PLAIN = json.loads(picture_bytes())
PLACES = leaves(PLAIN)


@pytest.mark.parametrize("path", PLACES, ids=lambda path: "/".join(map(str, path)))
def test_flipped_field_is_refused(path) -> None:
    """Each field in turn, the bytes canonical again: the signature covers every one of them."""
    spoilt = json.loads(picture_bytes())
    holder = spoilt
    for step in path[:-1]:
        holder = holder[step]
    holder[path[-1]] = flipped(holder[path[-1]])
    assert isinstance(read_picture(encode(spoilt)), Refusal)


@pytest.mark.parametrize("name", ["live", "feeds", "peers", "agreements", "chains"])
def test_dropped_items_are_refused(name) -> None:
    """Leaving a notice, a feed or a party out is as plain as changing it."""
    spoilt = json.loads(picture_bytes())
    assert spoilt["doc"][name].pop() is not None
    assert isinstance(read_picture(encode(spoilt)), Refusal)


def test_any_flipped_byte_is_refused() -> None:
    """Every tenth byte of the file, one bit."""
    data = picture_bytes().rstrip(b"\n")
    for at in range(0, len(data), 10):
        spoilt = data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]
        assert isinstance(read_picture(spoilt), Refusal), at


@pytest.mark.parametrize("size", [0, 1, 100, -2, -100])
def test_torn_picture_is_refused(size) -> None:
    """A copy that broke off."""
    assert isinstance(read_picture(picture_bytes()[:size]), Refusal)


def test_added_signature_or_space_is_refused() -> None:
    """One form of the bytes, one signature."""
    raw = picture_bytes().rstrip(b"\n")
    assert isinstance(read_picture(raw + b" "), Refusal)
    assert isinstance(read_picture(json.dumps(PLAIN).encode()), Refusal)
    spoilt = json.loads(raw)
    spoilt["sigs"] = spoilt["sigs"] * 2
    assert isinstance(read_picture(encode(spoilt)), Refusal)
    spoilt["sigs"] = []
    assert isinstance(read_picture(encode(spoilt)), Refusal)


def test_signature_made_for_another_kind_of_document_is_refused() -> None:
    """What a key signed as a manifest or over the bare bytes is no picture."""
    body = encode(document())
    key = node_key_of("BRAVO")
    for message in (body, signed_bytes(DocType.MANIFEST, body), signed_bytes(DocType.CARD, body)):
        spoilt = {
            "doc": json.loads(body),
            "sigs": [{"key": key.public.hex, "sig": key.sign(message).hex()}],
            "type": "picture",
        }
        assert isinstance(read_picture(encode(spoilt)), Refusal)
    assert isinstance(read_picture(sign(DocType.CARD, document(), (root_of("BRAVO"),))), Refusal)


def test_picture_of_an_invented_line_shows_another_fingerprint() -> None:
    """Anybody can found a line of his own with the same names: keys and line are others."""
    forged = msgspec.structs.replace(document(), line="1" * 64)
    assert isinstance(read_picture(sign_picture(forged, node_key_of("BRAVO"))), Refusal)
    other = Town(("BRAVO", "CHARLIE"))
    assert other.line != picture().doc.line
    refusal = unexpected(picture(), line=other.line)
    assert refusal is not None


def test_terms_of_another_line_do_not_fit_into_a_picture() -> None:
    """The documents inside must be those of the line that is named."""
    other = Town(("BRAVO", "CHARLIE"))
    ls = other.nodes["BRAVO"].state.lines[other.line]
    agreements = tuple(envelope(signed).decode() for signed in ls.roster.versions)
    forged = msgspec.structs.replace(document(), agreements=agreements)
    assert isinstance(read_picture(sign_picture(forged, node_key_of("BRAVO"))), Refusal)


def test_replayed_old_picture_shows_its_age_and_clears_nothing() -> None:
    """It verifies, for it is genuine; what it says is that it is old."""
    found = read_picture(picture_bytes())
    assert isinstance(found, SignedPicture)
    plan = lines({"class": "air-movement", "volume": circle(-35, -35, 1)})
    answer = check_picture(plan, found, Instant(found.doc.at + 30 * 24 * HOUR))
    assert isinstance(answer, Answer)
    assert (answer.verdict, answer.exit) == (Verdict.UNDETERMINED, 3)
    assert "43200 minutes old" in "\n".join(report(answer))
