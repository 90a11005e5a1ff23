"""Signed notes: the specification's own example, strict reading, keys by name and id."""

from base64 import b64decode, b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearline.ledger.note import (
    NOTE_BYTES_MAX,
    SIGNATURES_MAX,
    Note,
    OpenedNote,
    VerifierKey,
    is_key_name,
    open_note,
    read_note,
    read_verifier_key,
    sign_note,
)
from clearline.model.refusal import Code, Refusal
from clearline.signing import PublicKey
from tests.ledger_feed import signer

# The example of the C2SP signed-note specification.
SPEC_KEY = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
SPEC_NOTE = (
    "This is an example message.\n\n"
    "— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Z"
    "tg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n"
).encode()

NAME = "clearline/test"
KEY = VerifierKey(NAME, signer().public)
SIGNED = sign_note("first\n\nthird\n", [(NAME, signer())])


def code_of(result: object) -> Code:
    assert isinstance(result, Refusal), result
    return result.code


def test_the_specifications_example_opens() -> None:
    """The note and the key printed in the specification agree with each other."""
    key = read_verifier_key(SPEC_KEY)
    assert isinstance(key, VerifierKey)
    assert str(key) == SPEC_KEY
    assert open_note(SPEC_NOTE, [key]) == OpenedNote("This is an example message.\n", (key,))


def test_a_signed_note_opens_for_its_key_alone() -> None:
    """Text with blank lines of its own comes back whole; another key is unknown."""
    assert open_note(SIGNED, [KEY]) == OpenedNote("first\n\nthird\n", (KEY,))
    for other in (VerifierKey(NAME, signer("b").public), VerifierKey(NAME + "x", KEY.key)):
        assert code_of(open_note(SIGNED, [other])) is Code.UNKNOWN_KEY
    assert code_of(open_note(SIGNED, [])) is Code.UNKNOWN_KEY


def test_signatures_of_unknown_keys_are_ignored() -> None:
    """Unknown names, ids and algorithms stand beside ours without effect, to the limit."""
    strangers = [(f"witness{n}", signer(f"w{n}")) for n in range(15)]
    note = sign_note("text\n", [*strangers, (NAME, signer())])
    assert open_note(note, [KEY]) == OpenedNote("text\n", (KEY,))
    same_name = "— {} {}\n".format(NAME, b64encode(b"\0\0\0\x09" + bytes(2420)).decode())
    assert open_note(SIGNED + same_name.encode(), [KEY]) == open_note(SIGNED, [KEY])


def test_sixteen_signatures_are_accepted_and_too_many_refused() -> None:
    """The format demands at least sixteen; beyond SIGNATURES_MAX the note is too large."""
    signers = [(f"k{n}", signer(f"k{n}")) for n in range(SIGNATURES_MAX)]
    for count in (16, SIGNATURES_MAX):
        assert isinstance(read_note(sign_note("text\n", signers[:count])), Note)
    full = sign_note("text\n", signers)
    assert code_of(read_note(full + full.splitlines(keepends=True)[-1])) is Code.TOO_LARGE


def test_a_known_keys_bad_signature_spoils_the_note() -> None:
    """Beside a good signature of another known key, and after a good one of its own."""
    other = VerifierKey("other", signer("b").public)
    note = sign_note("text\n", [(NAME, signer()), ("other", signer("b"))])
    assert open_note(note, [KEY, other]) == OpenedNote("text\n", (KEY, other))
    forged = f"— {NAME} {b64encode(KEY.key_id + bytes(64)).decode()}\n".encode()
    assert code_of(open_note(note + forged, [KEY, other])) is Code.BAD_SIGNATURE
    assert isinstance(open_note(note + forged, [other]), OpenedNote)
    short = f"— {NAME} {b64encode(KEY.key_id + bytes(7)).decode()}\n".encode()
    assert code_of(open_note(note + short, [KEY])) is Code.BAD_SIGNATURE


def test_two_wanted_keys_of_one_id_are_both_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    """A party can make two keys collide in four bytes: then either may have signed, no crash."""
    monkeypatch.setattr("clearline.ledger.note._key_id", lambda name, material: b"same")
    twin = VerifierKey(NAME, signer("twin").public)
    note = sign_note("text\n", [(NAME, signer())])
    assert open_note(note, [twin, KEY]) == OpenedNote("text\n", (KEY,))
    assert code_of(open_note(note, [twin])) is Code.BAD_SIGNATURE


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\n",
        b"\n\n",
        b"text\n",
        b"text\n\n",
        SIGNED[:-1],
        SIGNED + b"\n",
        SIGNED + b"\xff",
        SIGNED.replace(b"first", b"fi\x00rst"),
        SIGNED.replace(b"first", b"fi\trst"),
        SIGNED.replace(b"\n", b"\r\n"),
        SIGNED.replace("— ".encode(), b"- "),
        SIGNED.replace("— ".encode(), "—".encode()),
        SIGNED.replace(b"clearline/test", b""),
        SIGNED.replace(b"clearline/test", b"clear+line"),
        SIGNED.replace(b"clearline/test ", b"clearline/test\xc2\xa0"),
        SIGNED.replace(b"clearline/test ", b"clearline/test"),
        SIGNED.rstrip(b"=\n") + b"\n",
        SIGNED.replace(b"=\n", b"= \n"),
        SIGNED + "— name AAAA\n".encode(),
        SIGNED + "— name AAAAAA==\n".encode(),
        SIGNED + "— name AAAAAAB=\n".encode(),
        SIGNED + "— name \n".encode(),
        SIGNED + b"a line that is no signature\n",
    ],
)
def test_malformed_note_is_refused(raw: bytes) -> None:
    """One form only: anything else is no note, for the reader and for whoever asks its key."""
    assert code_of(read_note(raw)) is Code.BAD_NOTE
    assert code_of(open_note(raw, [KEY])) is Code.BAD_NOTE


def test_oversized_note_is_refused() -> None:
    """A note of one byte over the limit is refused before it is read."""
    padding = b"x" * (NOTE_BYTES_MAX - len(SIGNED))
    assert isinstance(read_note(padding + SIGNED), Note)
    assert code_of(read_note(padding + b"x" + SIGNED)) is Code.TOO_LARGE


def test_verifier_key_reads_back() -> None:
    """What is written reads back, whatever letters the base64 happens to hold."""
    for n in range(200):
        key = VerifierKey(f"name/{n}", signer(f"{n}").public)
        assert read_verifier_key(str(key)) == key
    assert any("+" in str(VerifierKey("n", signer(f"{n}").public))[11:] for n in range(200))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "name",
        "name+00000000",
        SPEC_KEY.replace("530d903a", "530d903b"),
        SPEC_KEY.replace("530d903a", "530D903A"),
        SPEC_KEY.replace("example.com/foo", "example.com/bar"),
        SPEC_KEY.replace("example.com/foo", "example com/foo"),
        SPEC_KEY.replace("example.com/foo", "\ud800"),
        SPEC_KEY[:-1],
        SPEC_KEY + "\n",
        "é" + SPEC_KEY,
    ],
)
def test_malformed_verifier_key_is_refused(text: str) -> None:
    """The id is computed and never believed; every other form is refused."""
    assert code_of(read_verifier_key(text)) is Code.BAD_KEY


def test_verifier_key_of_another_algorithm_or_of_small_order_is_refused() -> None:
    """A well-formed key that could never verify here is refused when it is read."""
    small = VerifierKey("name", PublicKey(b"\x01" + bytes(31)))
    refusal = read_verifier_key(str(small))
    assert isinstance(refusal, Refusal)
    assert refusal.clause == "CL-SIG-002"
    from clearline.ledger.note import _key_id

    for material in (b"\x04" + KEY.key.raw, b"\x01" + KEY.key.raw[:31], b"\x01", b""):
        text = f"name+{_key_id('name', material).hex()}+{b64encode(material).decode()}"
        assert code_of(read_verifier_key(text)) is Code.BAD_KEY


def test_key_names_hold_no_space_and_no_plus() -> None:
    """Unicode spaces count as spaces."""
    assert is_key_name("clearline/0123/ISR.0")
    assert is_key_name("пример.example/лог")
    for name in ("", "a b", "a+b", "a\u00a0b", "a\u2003b", "a\u0085b", "a\nb", "a\x00b", "a\x1fb"):
        assert not is_key_name(name)


@given(st.binary(max_size=200))
def test_random_bytes_are_refused_not_raised(raw: bytes) -> None:
    """Whatever arrives becomes a refusal."""
    assert isinstance(open_note(raw, [KEY]), Refusal)
    assert isinstance(open_note(SIGNED + raw, [KEY]), Refusal) or raw == b""


def test_any_flipped_bit_is_refused() -> None:
    """A note with one signature has no bit that does not count."""
    for bit in range(len(SIGNED) * 8):
        spoilt = bytearray(SIGNED)
        spoilt[bit // 8] ^= 1 << bit % 8
        assert isinstance(open_note(bytes(spoilt), [KEY]), Refusal)


def test_base64_has_one_encoding() -> None:
    """The unused bits of the last letter are zero, or one signature would have four forms."""
    encoded = SIGNED.rstrip(b"\n").rpartition(b" ")[2]
    sloppy = encoded[:-2] + bytes([encoded[-2] + 1]) + b"="
    assert b64decode(sloppy) == b64decode(encoded)
    assert code_of(open_note(SIGNED.replace(encoded, sloppy), [KEY])) is Code.BAD_NOTE
