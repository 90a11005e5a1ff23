"""Documents: one form of the bytes, or a refusal; and what makes that form unique."""

import msgspec
import pytest

from clearline import canonical
from clearline.model.entry import BODIES
from clearline.model.refusal import Code, Refusal
from clearline.model.terms import Levels, PartyTerm
from clearline.wire.documents import digest, read_document, write_document

PARTY = b'{"id":"ISR","name":"Israel","root_key":"ab"}'


def test_document_is_read_and_written_alike() -> None:
    """Bytes to record to bytes is identity."""
    party = read_document(PARTY, PartyTerm)
    assert isinstance(party, PartyTerm)
    assert write_document(party) == PARTY


def test_digest_is_sha256_in_hex() -> None:
    """FIPS 180-4, the example of three letters."""
    expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert expected == digest(b"abc")


@pytest.mark.parametrize(
    ("raw", "code", "at"),
    [
        (PARTY + b"\n", Code.NOT_CANONICAL, ""),
        (PARTY.replace(b'"id":"ISR"', b'"id":1'), Code.BAD_FIELD, "/id"),
        (PARTY.replace(b'"name":"Israel",', b""), Code.MISSING_FIELD, ""),
        (PARTY.replace(b'"id"', b'"ad":1,"id"'), Code.UNKNOWN_FIELD, ""),
        (PARTY.replace(b"Israel", "a\u202eb".encode()), Code.BAD_TEXT, "/name"),
        (PARTY.replace(b"Israel", b"\xff"), Code.NOT_JSON, ""),
        (b"", Code.NOT_JSON, ""),
    ],
)
def test_bad_document_is_refused_with_its_place(raw: bytes, code: Code, at: str) -> None:
    """The first fault, in the order of form, text and schema, is named."""
    refusal = read_document(raw, PartyTerm)
    assert isinstance(refusal, Refusal)
    assert (code, at) == (refusal.code, refusal.at)


def test_default_that_is_a_large_number_is_absent_however_it_was_made() -> None:
    """msgspec leaves out a default by identity; two equal numbers need not be one object."""
    levels = Levels(qnh_low_pa=int("95000"), qnh_high_pa=int("104000"))
    assert write_document(levels) == b'{"qnh_high_pa":104000}'
    spelled = b'{"qnh_high_pa":104000,"qnh_low_pa":95000}'
    refusal = read_document(spelled, Levels)
    assert isinstance(refusal, Refusal)
    assert refusal.code is Code.NOT_CANONICAL


@pytest.mark.parametrize("body", BODIES.values())
def test_default_of_an_entrys_field_is_one_object(body: type[msgspec.Struct]) -> None:
    """The fast path compares re-encoded bytes only; so defaults there are None or ()."""
    for field in msgspec.structs.fields(body):
        assert field.default in (msgspec.NODEFAULT, None, ())
        assert field.default_factory is msgspec.NODEFAULT


@pytest.mark.parametrize("value", [1.5, {"é": 1}, 1 << 53, {"a": float("nan")}, ["\ud800"]])
def test_value_without_a_canonical_form_cannot_be_encoded(value: canonical.Plain) -> None:
    """Whoever encodes made the value: a float, a large number, a strange name is a bug of his."""
    with pytest.raises(ValueError, match=r"."):
        canonical.encode(value)
