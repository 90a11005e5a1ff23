"""The signed envelope."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearline.model.refusal import Code, Refusal
from clearline.trust.documents import (
    DocType,
    Signed,
    add_signature,
    envelope,
    merge,
    read,
    sign,
    text_fault,
)
from clearline.trust.party import Manifest, PartyCard
from tests.trust_people import ALFA, BRAVO, CHARLIE, good, refused, signer

RAW = sign(DocType.CARD, ALFA.card, (ALFA.root,))


def test_envelope_comes_back_as_it_was_signed() -> None:
    """Reading what was signed gives the record, its signer and the same bytes again."""
    signed = good(read(RAW, DocType.CARD, PartyCard))
    assert ALFA.card == signed.body
    assert {ALFA.root.public.hex} == signed.signers
    assert RAW == envelope(signed)


def test_signature_order_does_not_change_the_envelope() -> None:
    """Two parties that sign in either order, or apart, make the same bytes and the same digest."""
    one = good(read(sign(DocType.CARD, ALFA.card, (BRAVO.root,)), DocType.CARD, PartyCard))
    other = good(read(sign(DocType.CARD, ALFA.card, (ALFA.root,)), DocType.CARD, PartyCard))
    assert add_signature(one, ALFA.root) == add_signature(other, BRAVO.root) == merge(one, other)
    assert one.digest == other.digest
    assert envelope(one) == add_signature(one, BRAVO.root)


def test_signatures_of_different_documents_do_not_merge() -> None:
    """Only signatures over the same terms can be put together."""
    one = good(read(RAW, DocType.CARD, PartyCard))
    other = good(read(sign(DocType.CARD, BRAVO.card, (BRAVO.root,)), DocType.CARD, PartyCard))
    assert "CL-TRU-005" == refused(merge(one, other)).clause


def test_every_flipped_bit_is_refused() -> None:
    """No bit of an envelope can change without a refusal, and none raises."""
    for at in range(len(RAW)):
        for bit in range(8):
            bad = bytearray(RAW)
            bad[at] ^= 1 << bit
            assert isinstance(read(bytes(bad), DocType.CARD, PartyCard), Refusal), (at, bit)


def test_every_truncation_is_refused() -> None:
    """A document cut short anywhere is refused."""
    for size in range(len(RAW)):
        assert isinstance(read(RAW[:size], DocType.CARD, PartyCard), Refusal)


@given(st.binary(max_size=200))
def test_random_bytes_are_refused(raw: bytes) -> None:
    """Whatever somebody sends is a refusal, never an exception."""
    assert isinstance(read(raw, DocType.MANIFEST, Manifest), Refusal)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ((b'"doc":{', b'"doc": {'), Code.NOT_CANONICAL),
        ((b'"type":"card"', b'"type":"card","type":"card"'), Code.NOT_CANONICAL),
        ((b'"v":1}', b'"v":1,"z":1}'), Code.UNKNOWN_FIELD),
        ((b',"v":1}', b"}"), Code.MISSING_FIELD),
        ((b'"v":1}', b'"v":1.5}'), Code.NUMBER_RANGE),
        ((b'"id":"ALFA"', b'"id":"alfa"'), Code.BAD_FIELD),
        ((b'"type":"card"', b'"type":"manifest"'), Code.UNKNOWN_KIND),
        ((b'"name":"ALFA Command"', b'"name":"ALFA Commanb"'), Code.BAD_SIGNATURE),
    ],
)
def test_changed_form_is_refused_with_its_code(change: tuple[bytes, bytes], code: Code) -> None:
    """Each way of breaking the form has its own code."""
    assert change[0] in RAW
    assert code == refused(read(RAW.replace(*change), DocType.CARD, PartyCard)).code


def test_envelope_over_the_limit_is_refused_unread() -> None:
    """A document larger than the limit is not parsed."""
    raw = RAW + b" " * (1 << 20)
    assert Code.TOO_LARGE == refused(read(raw, DocType.CARD, PartyCard)).code


def test_unsigned_envelope_is_refused() -> None:
    """An envelope without a signature says nothing."""
    raw = RAW[: RAW.index(b'"sigs":[') + 8] + b'],"type":"card"}'
    assert Code.NOT_SIGNED == refused(read(raw, DocType.CARD, PartyCard)).code


def test_domain_keeps_types_apart() -> None:
    """A signature for one type of document does not verify for another."""
    as_epoch = sign(DocType.EPOCH, ALFA.card, (ALFA.root,)).replace(b'"epoch"', b'"card"')
    assert Code.BAD_SIGNATURE == refused(read(as_epoch, DocType.CARD, PartyCard)).code


def test_signed_is_generic_over_its_body() -> None:
    """The reader gives back the schema it was asked for."""
    assert isinstance(read(RAW, DocType.CARD, PartyCard), Signed)
    assert isinstance(read(RAW, DocType.CARD, Manifest), Refusal)


@pytest.mark.parametrize(
    "text", ["", " a", "a ", "a\nb", "a\u202eb", "a\u0000", "x" * 121, "\ue000"]
)
def test_text_that_reads_otherwise_is_refused(text: str) -> None:
    """Names are one visible line that everybody reads the same way."""
    assert text_fault(text, 120) is not None


@pytest.mark.parametrize("text", ["A", "القيادة الشمالية", "Nördliches Kommando", "می‌خواهم"])
def test_text_in_any_script_is_taken(text: str) -> None:
    """Names in the parties' own scripts stand as they are."""
    assert text_fault(text, 120) is None


def test_more_signers_are_all_checked() -> None:
    """One bad signature among good ones refuses the whole and points to it."""
    raw = sign(DocType.CARD, ALFA.card, (ALFA.root, BRAVO.root, CHARLIE.root, signer("x")))
    signed = good(read(raw, DocType.CARD, PartyCard))
    last = signed.sigs[-1].sig
    bad = raw.replace(last.encode(), signed.sigs[0].sig.encode())
    assert "/sigs/3" == refused(read(bad, DocType.CARD, PartyCard)).at
