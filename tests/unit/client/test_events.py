"""Server-sent events from bytes: whatever the pieces, the same events."""

import itertools
from contextlib import suppress

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearline.api.events import Changed as Said
from clearline.api.events import Reset as SaidReset
from clearline.api.events import frame
from clearline.client.events import (
    BUFFER_BYTES_MAX,
    Changed,
    Event,
    Hello,
    Reader,
    Reset,
    StreamBroken,
)
from clearline.model.ids import LineId

STREAM = (
    frame("hello", {"position": "a-3", "now": 1, "lines": [], "desk": None})
    + b": 123\n\n"
    + frame("changed", Said(lines=(LineId("x\n\ny: z"),), duties=True))
    + frame("news-of-a-later-version", {"what": "ever"})
    + frame("reset", SaidReset(position="a-9"))
)


def read(chunks: list[bytes]) -> tuple[list[Event], str | None]:
    """The events of some chunks, and where the stream would go on."""
    reader = Reader()
    return [event for chunk in chunks for event in reader.feed(chunk)], reader.last


@given(st.lists(st.integers(0, len(STREAM)), max_size=12))
def test_pieces_do_not_matter(cuts: list[int]) -> None:
    """However the network cuts the stream, the events and the place to resume are the same; a line
    break in a value ends nothing, and unknown events and comments are passed over."""
    places = [0, *sorted(cuts), len(STREAM)]
    chunks = [STREAM[a:b] for a, b in itertools.pairwise(places)]
    events, last = read(chunks)
    assert events == [
        Hello(position="a-3", now=1, lines=()),  # type: ignore[arg-type]  # an instant
        Changed(lines=(LineId("x\n\ny: z"),), duties=True),
        Reset(position="a-9"),
    ]
    assert last == "a-9"


def test_first_hello_gives_the_place_and_a_later_one_does_not() -> None:
    """A reader that comes back keeps the id it had, or the gap would be forgotten."""
    reader = Reader("a-1")
    list(reader.feed(STREAM[: STREAM.index(b"\n\n") + 2]))
    assert reader.last == "a-1"


def test_event_without_an_end_is_no_stream() -> None:
    """Memory stays bounded whatever the other end sends."""
    with pytest.raises(StreamBroken):
        list(Reader().feed(b"x" * (BUFFER_BYTES_MAX + 1)))
    with pytest.raises(StreamBroken):
        list(Reader().feed(b"event: hello\ndata: {\n\n"))


@given(st.binary(max_size=300))
def test_no_bytes_break_the_reader(raw: bytes) -> None:
    """Anything is events or StreamBroken."""
    with suppress(StreamBroken):
        list(Reader().feed(raw + b"\n\n"))


def test_frame_is_one_event_whatever_the_text() -> None:
    """JSON holds no line break, so that words of a peer cannot start an event of their own."""
    made = frame("changed", {"lines": ["\n\nevent: alert\ndata: {}\n\n"], "duties": False})
    assert made.count(b"\n\n") == 1
    data = made.split(b"data: ", 1)[1]
    assert msgspec.json.decode(data)["lines"][0].startswith("\n\nevent")
