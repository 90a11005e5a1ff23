"""Bytes made to break a reader: bombs, floods, disguises. Each is refused, in bounded time."""

import sys
import zlib

import pytest

from clearline import canonical
from clearline.model.entry import Entry, Precedence, Receipt, Suspend
from clearline.model.ids import Digest, FeedId, LineId
from clearline.model.limits import ENTRY_BYTES_MAX, LINK_BYTES_MAX
from clearline.model.refusal import Code, Refusal
from clearline.model.time import Instant
from clearline.wire.bodies_v1 import compose, judge, read_entry
from clearline.wire.bundle import END, MAGIC, read_bundle
from clearline.wire.documents import read_document
from clearline.wire.entry import read_frame
from clearline.wire.link import Pull, read_message, write_message
from clearline.wire.rules import _remembered, known_feed_id

LEAF = Digest("00" * 32)


def _receipt() -> bytes:
    return compose(
        line=LineId("ab" * 32),
        feed=FeedId("ISR.0"),
        index=12,
        t=Instant(1_537_209_540_000),
        prec=Precedence.ROUTINE,
        seen={FeedId("RUS.0"): 7},
        body=Receipt(),
    )


def _code(raw: bytes) -> Code:
    refusal = read_entry(raw, LEAF)
    assert isinstance(refusal, Refusal)
    return refusal.code


@pytest.mark.parametrize(
    "bomb",
    [b"[" * 500_000, b'{"a":' * 100_000, b'[{"a":' * 50_000, b'{"body":' + b"[" * 500_000],
)
def test_nesting_bomb_is_refused_at_any_depth_of_the_callers_stack(bomb: bytes) -> None:
    """Brackets without end are too deep, however much of the stack is already used."""

    def deeper(frames: int) -> Code:
        return deeper(frames - 1) if frames else _code(bomb)

    assert deeper(0) is Code.TOO_DEEP
    assert deeper(sys.getrecursionlimit() // 2) is Code.TOO_DEEP


def test_nesting_bomb_inside_a_body_is_refused() -> None:
    """A body is skipped when a frame is read, but never believed unread."""
    raw = _receipt().replace(b'"body":{}', b'"body":{"a":' + b"[" * 20 + b"]" * 20 + b"}")
    assert _code(raw) is Code.TOO_DEEP
    frame = read_frame(raw)
    assert isinstance(frame, Refusal)
    assert frame.code is Code.TOO_DEEP


@pytest.mark.parametrize("size", [ENTRY_BYTES_MAX + 1, 2 << 20, 8 << 20])
def test_oversize_entry_is_refused_unread(size: int) -> None:
    """Beyond the cap not a byte is looked at: even a valid start is refused for its size."""
    assert _code(_receipt().ljust(size)) is Code.TOO_LARGE


def test_flood_of_brackets_side_by_side_is_refused() -> None:
    """A megabyte of small objects is no entry; counting them needs no stack."""
    assert _code(b"[" + b"{}," * 300_000 + b"{}]") is Code.BAD_FIELD


def test_number_of_a_million_digits_is_refused() -> None:
    """A number too long to hold is out of range, not a reason to compute for minutes."""
    raw = _receipt().replace(b'"index":12', b'"index":' + b"7" * 1_000_000)
    assert _code(raw) is Code.NUMBER_RANGE


def test_string_of_backslashes_is_read_in_bounded_time() -> None:
    """A text made to send a pattern back and forth is passed once."""
    assert _code(b'"' + b"\\\\" * 500_000) is Code.NOT_JSON
    assert _code(b'["' + b"\\" * 1_000_001) is Code.NOT_JSON
    assert _code(b'"' * 1_000_001) is Code.NOT_JSON


@pytest.mark.parametrize(
    ("first", "second"),
    [('"index":12', '"index":13,"index":12'), ('"t":1537209540000', '"t":0,"t":1537209540000')],
)
def test_doubled_name_cannot_say_two_things(first: str, second: str) -> None:
    """Two readers might take the first or the last of two equal names: nobody takes either."""
    raw = _receipt().decode().replace(first, second).encode()
    assert _code(raw) is Code.NOT_CANONICAL


def test_reordered_members_are_refused() -> None:
    """The same members in another order are other bytes, so another hash: refused."""
    raw = _receipt()
    moved = b'{"v":1,' + raw[1:-1].replace(b',"v":1', b"") + b"}"
    assert sorted(moved) == sorted(raw)
    assert _code(moved) is Code.NOT_CANONICAL


def test_field_name_that_poses_as_a_path_does_not_move_the_pointer() -> None:
    """The place of a fault is the reader's finding, not the sender's words."""
    name = r"x` - at `$.seen"
    raw = canonical.encode({**_plain(), name: 1})
    refusal = read_entry(raw, LEAF)
    assert isinstance(refusal, Refusal)
    assert (refusal.code, refusal.at) == (Code.UNKNOWN_FIELD, "")


def _plain() -> dict[str, canonical.Plain]:
    plain = canonical.read_plain(_receipt())
    assert isinstance(plain, dict)
    return plain


def test_label_that_reads_backwards_is_refused() -> None:
    """Text that shows as another text than is stored never gets on the line (bidi override)."""
    plain = _plain()
    for text in ("a\u202eb", "\u2066a", "a\u2069", "a\u0000", "a\ufeffb", "a\U000e0041"):
        raw = canonical.encode({**plain, "kind": "suspend", "body": {"reason": text}})
        assert _code(raw) is Code.BAD_TEXT


def test_lone_surrogate_is_judged_before_it_is_written() -> None:
    """Text from a tool that no bytes can hold is refused by judge, not found by a crash."""
    refusal = judge(Suspend(reason="a\ud800"), FeedId("ISR.0"), 3)
    assert refusal is not None
    assert refusal.code is Code.BAD_TEXT


def test_composing_what_would_be_refused_is_a_bug() -> None:
    """Bytes that nobody would admit never come out of compose."""
    with pytest.raises(ValueError, match="would be refused"):
        compose(
            line=LineId("ab" * 32),
            feed=FeedId("ISR.0"),
            index=-1,
            t=Instant(0),
            prec=Precedence.ROUTINE,
            seen={},
            body=Receipt(),
        )


def test_decompression_bomb_stops_at_the_cap() -> None:
    """64 MiB in 64 kB are refused after the cap, not after all of it."""
    packer = zlib.compressobj(9)
    bomb = b"\1" + b"".join(packer.compress(bytes(1 << 20)) for _ in range(64)) + packer.flush()
    assert len(bomb) < LINK_BYTES_MAX // 50
    refusal = read_message(bomb)
    assert isinstance(refusal, Refusal)
    assert refusal.code is Code.TOO_LARGE


def test_announced_array_reserves_nothing() -> None:
    """A message that announces four thousand million members is refused at once."""
    for announced in (b"\xdd", b"\xdf", b"\xc6", b"\xdb"):
        raw = b"\0" + announced + b"\xff\xff\xff\xff"
        assert isinstance(read_message(raw), Refusal)
    assert isinstance(read_message(b"\0" + b"\x91" * 500_000), Refusal)


def test_file_with_an_endless_record_is_refused_before_it_is_read() -> None:
    """A record's length is judged before a byte of it is fetched."""

    def endless() -> object:
        yield MAGIC + b"\x7f\xff\xff\xff"
        raise AssertionError("the record was fetched")

    (refusal,) = read_bundle(endless())
    assert isinstance(refusal, Refusal)
    assert refusal.code is Code.TOO_LARGE


def test_refused_record_does_not_hide_what_follows() -> None:
    """One bad record in a file is named by its place; the next one is still read."""
    pull = write_message(Pull(line=LineId("ab" * 32), feed=FeedId("ISR.0"), first=0, limit=1))
    records = [b"\7bad", pull, b"\0\x90"]
    raw = MAGIC + b"".join(len(one).to_bytes(4, "big") + one for one in records) + END
    assert [item.at for item in read_bundle([raw])] == ["/0", "/1", "/2"]


def test_document_over_its_cap_is_refused_unread() -> None:
    """A caller's cap is held before the bytes are looked at."""
    refusal = read_document(b"x" * 11, Receipt, 10)
    assert isinstance(refusal, Refusal)
    assert refusal.code is Code.TOO_LARGE


def test_entry_is_the_same_value_on_every_reading() -> None:
    """Reading twice gives equal entries: nothing of one reading leaks into the next."""
    first, second = read_entry(_receipt(), LEAF), read_entry(_receipt(), LEAF)
    assert isinstance(first, Entry)
    assert first == second
    assert first.seen is not second.seen


@pytest.mark.parametrize(
    "words",
    [
        b'"index":12.5',
        b'"index":12,"index":12',
        b'"index":12,"%s":1',
        b'"index":12,"%s":1.5',
        b'"index":12,"%s":1,"%s":2',
    ],
)
def test_refusal_does_not_carry_the_senders_words_at_length(words: bytes) -> None:
    """A name of half a megabyte is not handed on in a refusal, which is stored and sent back."""
    name = b"i" * 400_000
    refusal = read_entry(_receipt().replace(b'"index":12', words.replace(b"%s", name)), LEAF)
    assert isinstance(refusal, Refusal)
    assert len(str(refusal)) < 500


def test_long_feed_names_are_not_remembered() -> None:
    """A peer cannot fill the memory of checked feed ids with names that are none."""
    for place in range(50):
        long = f"{place}" * 10_000
        raw = canonical.encode({**_plain(), "seen": {long: 1}})
        assert _code(raw) is Code.BAD_FIELD
    assert not is_kept(long)


def is_kept(name: str) -> bool:
    """Whether asking for the name again is answered from memory."""
    before = _remembered.cache_info().hits
    known_feed_id(name)
    return _remembered.cache_info().hits > before
