"""The event stream as a browser's reader sees it: ids to go on from, beats that can be seen."""

import asyncio
import json
from dataclasses import dataclass
from itertools import islice

from clearline.api.events import Changes, Gap, stream
from clearline.model.time import Instant


@dataclass
class Standing:
    """What the stream asks of a running node: its time and its lines."""

    lines: tuple[str, ...] = ("a" * 64,)

    def now(self) -> Instant:
        """The node's time."""
        return Instant(1_537_209_660_000)


class Silent:
    """A desk at which nothing rings; or one that has missed something, and then nothing."""

    def __init__(self, *, gap: bool = False) -> None:
        self.gap = gap

    def open(self, desk: str, after: str | None) -> "Silent":
        """This one."""
        return self

    def position(self) -> str:
        """Where it stands."""
        return "abcd-7"

    async def next(self) -> Gap | None:
        """A gap once, then nothing ever."""
        if self.gap:
            self.gap = False
            return Gap()
        await asyncio.Event().wait()
        return None

    def close(self) -> None:
        """Nothing is held."""


def heard(count: int, *, desk: str | None, after: str | None = None, gap: bool = False) -> list:
    """The first events of a stream: id, name, data."""

    async def read() -> list[bytes]:
        found = []
        of = stream(
            Standing(), Silent(gap=gap), Changes(), desk=desk, after=after,
            closing=asyncio.Event(), beat_s=0.001,
        )  # fmt: skip
        async for chunk in of:
            found.append(chunk)
            if len(found) == count:
                await of.aclose()
                break
        return found

    events = []
    for block in asyncio.run(read()):
        fields = dict(line.split(": ", 1) for line in block.decode().strip().split("\n"))
        events.append((fields.get("id"), fields["event"], json.loads(fields["data"])))
    return events


def test_beats_are_events_with_the_nodes_time() -> None:
    """A page sees that the stream lives, though nothing happens, and by whose clock."""
    first, *beats = heard(4, desk="watch")
    assert first[1] == "hello"
    assert first[2]["beat_ms"] == 10_000
    assert [(None, "beat", {"now": 1_537_209_660_000, "position": "abcd-7"})] * 3 == beats


def test_reader_that_heard_no_alert_goes_on_from_where_it_began() -> None:
    """A browser sends back the last id of any event: hello has one, that of the place from which
    alerts follow, which is the reader's own where it came back."""
    assert heard(1, desk="watch")[0][0] == "abcd-7"
    assert heard(1, desk="watch", after="abcd-3")[0][0] == "abcd-3"
    assert heard(1, desk=None)[0][0] is None


def test_reset_moves_the_place_to_go_on_from() -> None:
    """After a gap that cannot be filled the next return does not meet the same gap again."""
    reset = next(each for each in islice(heard(2, desk="watch", gap=True), 2) if each[1] == "reset")
    assert reset == ("abcd-7", "reset", {"position": "abcd-7"})


def test_id_that_a_reader_made_up_cannot_break_the_stream() -> None:
    """An id with a line break would write events of its own: it is not said back."""
    assert heard(1, desk="watch", after="x\nevent: alert\ndata: {}\n\n")[0][0] is None
