"""Whatever comes on a feed of live tracks is taken or refused, counted and said; nothing stops."""

import asyncio
import logging

import pytest

from clearline.interfaces.tracks.inbox import Inbox, Source
from clearline.interfaces.tracks.lines import LINE_BYTES_MAX, Splitter
from clearline.model.alert import TroubleKind
from clearline.model.time import SECOND, Instant
from clearline.node.live.book import RATE_MAX, Took
from clearline.node.live.desk import LiveDesk
from clearline.node.live.limits import LiveLimits
from clearline.node.phrases import trouble as sentence
from tests.live_town import LiveTown
from tests.town import Town

NOW = Instant(1_772_323_200_000)
GOOD = b'{"id":"good","lat":1,"lon":2,"speed_mps":0}'
RUBBISH = {
    "no UTF-8": b'{"id":"\xff\xfe","lat":1,"lon":2,"speed_mps":0}',
    "half a record": b'{"id":"a","lat":1,"lo',
    "NaN": b'{"id":"a","lat":NaN,"lon":2,"speed_mps":0}',
    "a number beyond any": b'{"id":"a","lat":1e999,"lon":2,"speed_mps":0}',
    "latitude 91": b'{"id":"a","lat":91,"lon":2,"speed_mps":0}',
    "no speed": b'{"id":"a","lat":1,"lon":2}',
    "two speeds": b'{"id":"a","lat":1,"lon":2,"speed_mps":0,"speed_kt":1}',
    "a list": b"[1,2,3]",
    "deep": b"[" * 4_000,
    "nothing but zeros": b"\x00" * 100,
    "another record's fields": b'{"id":"a","lat":1,"lon":2,"speed_mps":0,"target":1}',
}
"""One line each that is no sighting."""
SOURCE = Source(name="radar")


def told(desk: LiveDesk) -> int:
    """How many records the desk has said something about."""
    return sum(source.counts.total() + source.refused for source in desk.book.sources.values())


def fed(lines: list[bytes], whole: bytes | None = None) -> LiveDesk:
    """A desk after these lines, or a whole file, have come to it by the inbox."""
    desk = LiveDesk(LiveLimits(), {})

    async def run() -> None:
        inbox = Inbox(desk)
        task = asyncio.create_task(inbox.run())
        if whole is not None:
            inbox.put_file(SOURCE, whole, NOW)
        else:
            inbox.put_lines(SOURCE, lines, NOW)
        async with asyncio.timeout(60):
            while not told(desk) >= max(1, len(lines)):
                await inbox.wake.wait()
                inbox.wake.clear()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    asyncio.run(run())
    return desk


@pytest.mark.parametrize("line", RUBBISH.values(), ids=RUBBISH.keys())
def test_line_that_is_no_sighting_is_refused_and_said(
    line: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    """It is counted against its source, its first reason is in the log, and the next is taken."""
    with caplog.at_level(logging.WARNING, "clearline.tracks"):
        desk = fed([line, GOOD])
    source = desk.book.sources["radar"]
    assert (source.refused, source.counts[Took.TAKEN], len(desk.book)) == (1, 1, 1)
    assert [record.getMessage()[:15] for record in caplog.records] == ["radar: refused:"]


def test_one_id_many_times_and_time_backwards_is_one_track() -> None:
    """The newest of its times stands, whatever the order; what is older is counted as that."""
    lines = [
        b'{"id":"a","lat":%d,"lon":2,"speed_mps":0,"time":"2026-03-01T00:00:%02dZ"}' % (n, n % 3)
        for n in range(30)
    ]
    desk = fed(lines)
    counts = desk.book.sources["radar"].counts
    held = desk.book.get("radar/a")
    assert held is not None
    assert (len(desk.book), held.at) == (1, NOW + 2 * SECOND)
    assert counts[Took.TAKEN] + counts[Took.OLDER] == 30
    assert counts[Took.OLDER] > 15


def test_burst_of_fifty_thousand_tracks_is_bounded_and_counted() -> None:
    """Each line is taken, or counted as too many; none of them is lost in silence, and the source
    rings as a flood."""
    lines = [b'{"id":"t%d","lat":1,"lon":2,"speed_mps":0}' % n for n in range(50_000)]
    desk = fed(lines)
    source = desk.book.sources["radar"]
    assert source.counts[Took.TAKEN] == len(desk.book)
    assert source.counts[Took.TAKEN] <= 2 * RATE_MAX
    assert source.counts.total() == len(lines)
    assert source.counts[Took.RATE] >= len(lines) - 2 * RATE_MAX


def test_line_of_a_hundred_megabytes_takes_no_memory_and_is_one_refusal() -> None:
    """In pieces as a socket brings them: the line after it is read."""
    splitter, lines, most = Splitter(), list[bytes](), 0
    piece = b"x" * (1 << 16)
    for _ in range(100 * 16):
        lines += splitter.feed(piece)
        most = max(most, sum(map(len, lines)))
    lines += splitter.feed(b"\n" + GOOD + b"\n")
    assert most <= LINE_BYTES_MAX + 1
    source = fed(lines).book.sources["radar"]
    assert (source.refused, source.counts[Took.TAKEN]) == (1, 1)


@pytest.mark.parametrize("raw", [b"", b"\xff", b"{", b'{"now":1e999,"aircraft":[]}', b"[]"])
def test_file_that_is_no_aircraft_json_is_one_refusal(raw: bytes) -> None:
    """Empty, cut in the middle, of another kind: counted, and no track comes of it."""
    desk = fed([], raw)
    assert (desk.book.sources["radar"].refused, len(desk.book)) == (1, 0)


def test_source_of_which_nothing_is_understood_rings_as_one_that_is_silent() -> None:
    """A feed whose format has changed goes on sending: it does not count as heard."""
    town = Town(("ALFA", "BRAVO"))
    town.wait(10 * SECOND)
    town.tick()
    of = LiveTown(town, "BRAVO", silent_ms={"radar": 20 * SECOND})
    of.see("a", 1, 2)
    for _ in range(40):
        town.wait(SECOND)
        of.desk.book.refuse("radar", town.now)
        of.look()
    (rung,) = of.troubles(TroubleKind.TRACK_SOURCE)
    assert "radar" in sentence(rung)
    of.see("a", 1, 2)
    of.look()
    assert not of.troubles(TroubleKind.TRACK_SOURCE)
