"""Times in and out: one instant, whatever zone it is read or shown in."""

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearline.model.refusal import Code, Refusal
from clearline.model.time import HOUR, MINUTE, SECOND, Instant, parse_utc
from clearline.notation.times import ZONES, read_time, show_time, write_dtg

seconds = st.integers(0, 7_258_118_399).map(lambda s: Instant(s * SECOND))
modern = st.integers(946_684_800 + 86_400, 4_102_444_799 - 86_400).map(
    lambda s: Instant(s // 60 * 60 * SECOND)
)


@given(seconds)
def test_group_that_is_written_is_read(at: Instant) -> None:
    """Seconds too, where there are any."""
    assert at == read_time(write_dtg(at))


@given(modern, st.sampled_from(sorted(ZONES)))
def test_every_zone_letter_is_the_same_instant(at: Instant, letter: str) -> None:
    """Written by a watch in each zone, read as one."""
    local = datetime.fromtimestamp((at + ZONES[letter] * HOUR) // SECOND, tz=UTC)
    text = f"{local:%d%H%M}{letter}{local:%b%y}"
    assert at == read_time(text)
    assert at == read_time(f"{local:%d} {local:%H%M}{letter} {local:%b} {local:%Y}".upper())


@given(modern)
def test_group_without_a_zone_is_refused(at: Instant) -> None:
    """No letter, or Juliett: nobody knows whose clock it was."""
    local = datetime.fromtimestamp(at // SECOND, tz=UTC)
    for zone in ("", "J"):
        for text in (f"{local:%d%H%M}{zone}{local:%b%y}", f"{local:%d %H%M}{zone} {local:%b %Y}"):
            found = read_time(text)
            assert isinstance(found, Refusal), text
            assert found.code is Code.NO_TIME_ZONE


@given(st.text(max_size=40) | st.text(st.sampled_from("0123456789 ZJTSEPOCT:-+."), max_size=24))
def test_no_text_stops_the_reader(text: str) -> None:
    """An instant, or a refusal."""
    found = read_time(text)
    assert isinstance(found, int | Refusal)


@given(seconds, st.integers(-14 * 60, 14 * 60))
def test_z_comes_first_and_local_time_says_its_offset(at: Instant, minutes: int) -> None:
    """Both readings of what is shown are the same instant."""
    shown = show_time(at, timezone(timedelta(minutes=minutes)))
    first, _, local = shown.partition(" (")
    assert at == parse_utc(first)
    day, clock, offset = [first[:10], *local.rstrip(")").split(" ")][-3:]
    assert at == _utc(day, clock, offset)


def _utc(day: str, clock: str, offset: str) -> int:
    """Local date and time less the offset, worked out here."""
    moment = datetime.fromisoformat(f"{day}T{clock}+00:00")
    ahead = (int(offset[1:3]) * 60 + int(offset[4:6])) * (-1 if offset[0] == "-" else 1)
    return int(moment.timestamp()) * SECOND - ahead * MINUTE


@pytest.mark.parametrize(
    ("zone", "shown"),
    [
        ("Asia/Damascus", "2018-09-17T19:03:00Z (22:03:00 +03:00)"),
        ("Asia/Kathmandu", "2018-09-17T19:03:00Z (2018-09-18 00:48:00 +05:45)"),
        ("America/St_Johns", "2018-09-17T19:03:00Z (16:33:00 -02:30)"),
        ("UTC", "2018-09-17T19:03:00Z (19:03:00 +00:00)"),
    ],
)
def test_local_time_stands_second(zone: str, shown: str) -> None:
    """With its date only where that is another."""
    assert shown == show_time(parse_utc("2018-09-17T19:03:00Z"), ZoneInfo(zone))
    assert "2018-09-17T19:03:00Z" == show_time(parse_utc("2018-09-17T19:03:00Z"))
