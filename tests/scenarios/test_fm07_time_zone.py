"""FM07, the time zone: UTC on the wire, Z first on every screen, and nobody's local time taken."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearline.cli import shapes
from clearline.cli.showing import Style
from clearline.model.entry import Notice
from clearline.model.refusal import Refusal
from clearline.model.time import DAY, MINUTE, Instant, parse_utc
from clearline.node.queries import reading
from clearline.node.queries_notices import find, notice_view
from clearline.notation.times import ZONES, read_time
from clearline.words import sentence
from tests.town import BEGIN, SURFACE, UNLIMITED, Town, at, disc, volume

ZONE_OF = {
    "ALFA": "Asia/Jerusalem", "BRAVO": "Europe/Moscow", "CHARLIE": "Asia/Kathmandu"
}  # fmt: skip


@pytest.fixture
def town() -> Town:
    """Three parties, each in a zone of its own."""
    return Town(tuple(ZONE_OF))


def shown(town: Town, party: str, ref) -> tuple[str, Instant]:
    """What the desk of a party shows of a notice's start, and what its node holds."""
    node = town.nodes[party]
    of = reading(node.state, node.tools, town.line, town.now)
    assert of is not None
    held = find(of, ref)
    assert held is not None
    start = notice_view(of, *held).start
    assert start is not None
    return Style(zone=ZoneInfo(ZONE_OF[party])).clock(start), start


def test_every_party_renders_the_same_instant(town: Town) -> None:
    """22:07 at one desk is not 23:00 at another: each reads Z first, and its own clock second."""
    typed = shapes.moment("020107C MAR 26")  # a watch officer three hours ahead of UTC
    assert typed == parse_utc("2026-03-01T22:07Z")
    place = volume(
        disc(34.512, 35.234, 20), typed, Instant(typed + 60 * MINUTE), SURFACE, UNLIMITED
    )
    (ref,) = town.say("ALFA", Notice(cls="hazardous-air", label="Range 7", volumes=(place,)))
    town.settle()
    seen = {party: shown(town, party, ref) for party in ZONE_OF}
    assert {start for _, start in seen.values()} == {typed}
    assert {text.partition(" ")[0] for text, _ in seen.values()} == {"2026-03-01T22:07:00Z"}
    assert seen["ALFA"][0].endswith("(2026-03-02 00:07:00 +02:00)")
    assert seen["BRAVO"][0].endswith("(2026-03-02 01:07:00 +03:00)")
    assert seen["CHARLIE"][0].endswith("(2026-03-02 03:52:00 +05:45)")
    for text, start in seen.values():
        clock, offset = text.rstrip(")").split(" ")[-2:]
        day = text.split("(")[1].split(" ")[0]
        assert start == parse_utc(f"{day}T{clock}{offset}")
    town.check()


@given(
    st.integers(0, 4 * 365).map(lambda day: BEGIN + day * DAY),
    st.integers(0, 24 * 60 - 1),
    st.sampled_from(sorted(ZONES)),
    st.sampled_from(
        ["{0:%d%H%M}{z}{0:%b%y}", "{0:%d} {0:%H%M}{z} {0:%b} {0:%Y}", "{0:%d%H%M}{z} {0:%b} {0:%y}"]
    ),
)
def test_groups_of_every_zone_are_read_and_those_without_refused(
    day: int, minute: int, zone: str, form: str
) -> None:
    """Whatever letter a watch writes, it is the same instant; without one it is no time."""
    at_ms = day + minute * MINUTE
    local = datetime.fromtimestamp(at_ms / 1000 + ZONES[zone] * 3600, tz=UTC)
    assert at_ms == read_time(form.format(local, z=zone).upper())
    for nobody in ("", "J"):
        found = read_time(form.format(local, z=nobody).upper())
        assert isinstance(found, Refusal)
        assert sentence(found).startswith("The time has no zone")


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("2018-09-17T22:07", "has no zone"),
        ("22:07", "has no zone"),
        ("172207 SEP 18", "has no zone"),
        ("172207J SEP 18", "has no zone"),
        ("2018-09-17T24:00Z", "00:00 of the next day"),
        ("172400Z SEP 18", "00:00 of the next day"),
    ],
)
def test_local_time_alone_and_24_00_are_refused(typed: str, says: str) -> None:
    """Nobody guesses whose clock it was."""
    with pytest.raises(ValueError, match=says):
        shapes.moment(typed)


def test_entry_carries_whole_milliseconds_of_utc_alone(town: Town) -> None:
    """There is no field for a zone: what another party sends is one number."""
    (ref,) = town.say(
        "ALFA",
        Notice(
            cls="hazardous-air", label="x",
            volumes=(volume(disc(34.512, 35.234, 5), at(60), at(90)),),
        ),
    )  # fmt: skip
    town.settle()
    held = town.version("BRAVO", ref).volumes[0]
    assert (held.start, held.end) == (at(60), at(90))
    assert isinstance(held.start, int)
