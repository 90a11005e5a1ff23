"""tlog-proof: one file and the entry's bytes, verified offline."""

from base64 import b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearline.ledger.note import NOTE_BYTES_MAX
from clearline.ledger.proof import (
    EXTRA_BYTES_MAX,
    PROOF_TEXT_BYTES_MAX,
    LogProof,
    ProvedEntry,
    read_proof,
    verify_proof,
    write_proof,
)
from clearline.model.refusal import Code, Refusal
from tests.ledger_feed import ORIGIN, WrittenFeed, entry, leaf, salt

FEED = WrittenFeed(50)
KEY = FEED.signer.public


def alone(index: int, size: int) -> bytes:
    """The proof file of an entry of the feed, its salt on the extra line."""
    return write_proof(
        LogProof(
            index=index,
            hashes=FEED.tree.inclusion(index, size),
            checkpoint=FEED.signed(size).text,
            extra=salt(index),
        )
    )


def judged(text: bytes, index: int) -> ProvedEntry | Refusal:
    return verify_proof(text, origin=ORIGIN, keys=[KEY], salt=salt(index), entry=entry(index))


def code_of(result: object) -> Code:
    assert isinstance(result, Refusal), result
    return result.code


TEXT = alone(5, 13)


def test_every_entry_travels_alone() -> None:
    """Each entry at each size to 20, and the first and last of fifty, is proved by its file."""
    places = [(i, s) for s in range(1, 21) for i in range(s)] + [(0, 50), (49, 50)]
    for index, size in places:
        proved = judged(alone(index, size), index)
        assert proved == ProvedEntry(index=index, leaf=leaf(index), signed=FEED.signed(size))


def test_file_has_the_form_of_the_specification() -> None:
    """Header, extra, index, hashes, blank line, the checkpoint verbatim."""
    head, checkpoint = TEXT.split(b"\n\n", 1)
    lines = head.decode().split("\n")
    assert lines[:3] == [
        "c2sp.org/tlog-proof@v1",
        "extra " + b64encode(salt(5)).decode(),
        "index 5",
    ]
    assert lines[3:] == [b64encode(h).decode() for h in FEED.tree.inclusion(5, 13)]
    assert checkpoint == FEED.signed(13).text


def test_written_proof_reads_back_with_and_without_extra_data() -> None:
    """Reading is the inverse of writing; no extra data, no extra line."""
    for extra in (b"", b"\x00", salt(5), bytes(EXTRA_BYTES_MAX)):
        proof = LogProof(index=5, hashes=(leaf(1),), checkpoint=b"any text\n", extra=extra)
        text = write_proof(proof)
        assert read_proof(text) == proof
        assert (b"\nextra " in text) is (extra != b"")


def test_salt_on_the_extra_line_opens_the_entry() -> None:
    """File and entry bytes are enough: the salt that the file carries proves itself."""
    proof = read_proof(TEXT)
    assert isinstance(proof, LogProof)
    proved = verify_proof(TEXT, origin=ORIGIN, keys=[KEY], salt=proof.extra, entry=entry(5))
    assert isinstance(proved, ProvedEntry)


def test_other_entry_salt_index_or_feed_is_refused() -> None:
    """Each of what is bound together can be exchanged by nothing else."""
    assert code_of(judged(TEXT, 6)) is Code.BAD_PROOF
    for wrong_salt, code in (
        (salt(6), Code.BAD_PROOF),
        (salt(5)[:31], Code.BAD_SALT),
        (b"", Code.BAD_SALT),
        (salt(5) + b"x", Code.BAD_SALT),
    ):
        result = verify_proof(TEXT, origin=ORIGIN, keys=[KEY], salt=wrong_salt, entry=entry(5))
        assert code_of(result) is code
    result = verify_proof(TEXT, origin=ORIGIN, keys=[KEY], salt=salt(5), entry=entry(5) + b" ")
    assert code_of(result) is Code.BAD_PROOF
    assert code_of(judged(TEXT.replace(b"index 5", b"index 4"), 5)) is Code.BAD_PROOF
    result = verify_proof(
        TEXT, origin=ORIGIN.replace("ISR", "RUS"), keys=[KEY], salt=salt(5), entry=entry(5)
    )
    assert code_of(result) is Code.UNKNOWN_KEY


def test_proof_under_another_checkpoint_is_refused() -> None:
    """A proof belongs to one size."""
    swapped = TEXT.split(b"\n\n", 1)[0] + b"\n\n" + FEED.signed(14).text
    assert code_of(judged(swapped, 5)) is Code.BAD_PROOF


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"\n\n",
        b"c2sp.org/tlog-proof@v1\n\n" + FEED.signed(1).text,
        TEXT.replace(b"@v1", b"@v2"),
        TEXT.replace(b"\n", b"\r\n"),
        TEXT.replace(b"index 5", b"index 05"),
        TEXT.replace(b"index 5", b"index -5"),
        TEXT.replace(b"index 5", b"index  5"),
        TEXT.replace(b"index 5", b"Index 5"),
        TEXT.replace(b"index 5", b"index 9999999999999"),
        TEXT.replace(b"index 5", "index ٥".encode()),
        TEXT.replace(b"index 5\n", b""),
        TEXT.replace(b"index 5\n", b"index 5\nindex 5\n"),
        TEXT.replace(b"index 5\n", b"index 5\nAAAA\n"),
        TEXT.replace(b"index 5\n", b"index 5\n" + b64encode(bytes(33)) + b"\n"),
        TEXT.replace(b"index 5\n", b"index 5\n" + (b64encode(bytes(32)) + b"\n") * 42),
        TEXT.replace(b"extra ", b"extra"),
        TEXT.replace(b"extra ", b"extra  "),
        TEXT.replace(b"index 5", b"extra AAAA\nindex 5"),
        b"c2sp.org/tlog-proof@v1\nextra \nindex 0\n\n" + FEED.signed(1).text,
        b"c2sp.org/tlog-proof@v1\nextra AAA\nindex 0\n\n" + FEED.signed(1).text,
        b"c2sp.org/tlog-proof@v1\nextra AAAA\n\n" + FEED.signed(1).text,
        b"c2sp.org/tlog-proof@v1\nextra "
        + b64encode(bytes(EXTRA_BYTES_MAX + 1))
        + b"\nindex 0\n\n"
        + FEED.signed(1).text,
    ],
)
def test_malformed_proof_is_refused(text: bytes) -> None:
    """One form only."""
    assert code_of(read_proof(text)) is Code.BAD_PROOF
    assert code_of(judged(text, 5)) is Code.BAD_PROOF


def test_oversized_proof_is_refused() -> None:
    """The limit is checked before anything is read, and leaves room for the largest note."""
    assert PROOF_TEXT_BYTES_MAX > NOTE_BYTES_MAX + 42 * 45 + EXTRA_BYTES_MAX * 4 // 3 + 100
    assert code_of(read_proof(TEXT + bytes(PROOF_TEXT_BYTES_MAX))) is Code.TOO_LARGE


def test_any_flipped_bit_is_refused() -> None:
    """No bit of the file but those of the extra line, which the given salt replaces, is loose."""
    for bit in range(len(TEXT) * 8):
        spoilt = bytearray(TEXT)
        spoilt[bit // 8] ^= 1 << bit % 8
        proof = read_proof(bytes(spoilt))
        if isinstance(proof, LogProof) and proof.extra != salt(5):
            result = verify_proof(
                bytes(spoilt), origin=ORIGIN, keys=[KEY], salt=proof.extra, entry=entry(5)
            )
            assert isinstance(result, Refusal)
        else:
            assert isinstance(judged(bytes(spoilt), 5), Refusal)


@given(st.binary(max_size=200))
def test_random_bytes_are_refused_not_raised(raw: bytes) -> None:
    """Whatever arrives becomes a refusal."""
    assert isinstance(judged(raw, 5), Refusal)
    assert isinstance(judged(b"c2sp.org/tlog-proof@v1\n" + raw, 5), Refusal)
