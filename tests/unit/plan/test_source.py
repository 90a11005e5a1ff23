"""One object, a list, or one a line: what is broken is one item, and the rest is judged."""

import io

import pytest

from clearline.model.refusal import Code, Refusal
from clearline.plan.codec import ITEM_BYTES_MAX, read_item
from clearline.plan.source import Piece, pieces
from tests.plan_cases import circle, item, raw

ONE = raw(item(circle(0, 0, 10)))


def split(source: bytes) -> list[Piece]:
    return list(pieces(io.BytesIO(source)))


def places(source: bytes) -> list[tuple[int, str, bool]]:
    return [(p.place, p.unit, isinstance(p.raw, bytes) and p.raw == ONE) for p in split(source)]


def test_one_object_on_one_line_is_one_line() -> None:
    """NDJSON of one."""
    assert places(ONE) == [(1, "line", True)]


def test_one_object_over_several_lines_is_one_item() -> None:
    """As an editor indents it."""
    indented = ONE.replace(b"{", b"{\n  ")
    assert [(p.place, p.unit, p.raw) for p in split(indented)] == [(1, "item", indented)]


def test_a_list_counts_its_items() -> None:
    """However it is indented."""
    assert places(b" [\n" + ONE + b" ,\n " + ONE + b"]\n") == [(1, "item", True), (2, "item", True)]
    assert split(b"[]") == []


def test_lines_are_counted_as_an_editor_counts_them() -> None:
    """Blank lines count and are no items."""
    assert places(b"\n" + ONE + b"\n\n" + ONE) == [(2, "line", True), (4, "line", True)]


@pytest.mark.parametrize("broken", [b"{", b'{"volume": {', b"nonsense", b"\xef\xbb\xbf{}", b"{]"])
def test_a_broken_line_is_one_item(broken) -> None:
    """Wherever it stands, even first, the lines around it are items of their own."""
    assert places(broken + b"\n" + ONE + b"\n") == [(1, "line", False), (2, "line", True)]
    assert places(ONE + b"\n" + broken + b"\n" + ONE) == [
        (1, "line", True),
        (2, "line", False),
        (3, "line", True),
    ]


@pytest.mark.parametrize("cut", [b"[%s,", b"[%s", b"[\n%s , \n", b"[%s, [", b'[%s,{"id', b"["])
def test_a_list_that_was_cut_short_says_so(cut) -> None:
    """However whole its last element is: what stood behind it is not known and was not judged."""
    found = split(cut.replace(b"%s", ONE))
    assert [p.raw for p in found[:-1]] == ([ONE] if b"%s" in cut else [])
    last = found[-1].raw
    if isinstance(last, Refusal):
        assert (last.code, last.params["reason"]) == (Code.NOT_JSON, "list-unclosed")
    else:
        assert isinstance(read_item(last), Refusal)


def test_a_broken_line_before_tracks_is_one_item() -> None:
    """As before volumes."""
    track = b'{"id": "A", "lat": 1, "lon": 2, "speed_mps": 0}'
    assert [p.raw for p in split(b"{\n" + track + b"\n" + track)] == [b"{", track, track]


def test_a_broken_item_of_a_list_is_one_item() -> None:
    """NaN in one element leaves the others."""
    bad = ONE.replace(b"10", b"NaN")
    assert places(b"[" + ONE + b"," + bad + b"," + ONE + b"]") == [
        (1, "item", True),
        (2, "item", False),
        (3, "item", True),
    ]


def test_a_list_that_breaks_off_keeps_what_came_whole() -> None:
    """The torn end is one more item, and refused."""
    assert places(b"[" + ONE + b"," + ONE[:30]) == [(1, "item", True), (2, "item", False)]
    assert places(b"[" + ONE + b"] x") == [(1, "item", True), (2, "item", False)]


def test_an_empty_source_is_refused() -> None:
    """A file without a byte is a failed copy, not an empty list."""
    (found,) = split(b" \n ")
    assert isinstance(found.raw, Refusal)
    assert (found.raw.code, found.raw.clause) == (Code.NOT_JSON, "CL-PLN-010")


def test_a_line_beyond_the_limit_is_refused_and_the_next_is_read() -> None:
    """Its bytes are passed over piece by piece, never held."""
    long = b'{"id": "' + b"x" * (2 * ITEM_BYTES_MAX) + b'"}'
    first, second = split(long + b"\n" + ONE)
    assert isinstance(first.raw, Refusal)
    assert first.raw.code is Code.TOO_LARGE
    assert (second.place, second.raw) == (2, ONE)


def test_a_stream_is_read_line_by_line() -> None:
    """The first item is there before the second is asked for."""

    class Once(io.BytesIO):
        asked = 0

        def readline(self, limit: int | None = -1, /) -> bytes:
            self.asked += 1
            return ONE + b"\n"

    endless = Once()
    found = pieces(endless)
    assert [next(found).place for _ in range(1000)] == list(range(1, 1001))
    assert endless.asked <= 1001
