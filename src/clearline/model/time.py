"""Time: UTC or it does not exist.

An ``Instant`` is a whole number of milliseconds since 1970-01-01T00:00:00Z (POSIX, leap seconds
not counted); a ``Millis`` is a length. Spans are closed at the start and open at the end, so that
one that ends when another starts does not meet it. Local time exists only in codecs.
"""

import re
from datetime import UTC, datetime
from typing import Final, NewType

Instant = NewType("Instant", int)
Millis = NewType("Millis", int)

SECOND: Final = 1_000
MINUTE: Final = 60 * SECOND
HOUR: Final = 60 * MINUTE
DAY: Final = 24 * HOUR

# Years 1970 to 2199: an instant outside is a unit error (seconds for milliseconds), not a plan.
INSTANT_MAX: Final = Instant(7_258_118_400_000)

MONTHS: Final = "JANFEBMARAPRMAYJUNJULAUGSEPOCTNOVDEC"

_RFC3339 = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?(Z|z|[+-]\d\d:\d\d)?\Z",
    re.ASCII,
)


def parse_utc(text: str) -> Instant:
    """Read an RFC 3339 time that carries its zone; whatever is finer than 1 ms is cut off.

    Raises ValueError, with a sentence a person can act on, for a time without a zone, for 24:00
    and for a date that does not exist. FM07: a time without a zone is refused, never guessed.
    """
    found = _RFC3339.match(text.strip())
    if found is None:
        raise ValueError(f"{text!r} is not a time such as 2018-09-17T18:39:00Z")
    year, month, day, hour, minute = (int(found[i]) for i in range(1, 6))
    if found[8] is None:
        raise ValueError(f"{text!r} has no zone: end it with Z for UTC")
    if hour == 24:
        raise ValueError(f"{text!r}: write 24:00 as 00:00 of the next day")
    second = int(found[6] or 0)
    if second == 60:
        raise ValueError(f"{text!r}: leap seconds are not used, write the next second")
    moment = datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    ms = int(moment.timestamp()) * SECOND + int((found[7] or "0").ljust(3, "0")[:3])
    zone = found[8]
    if zone not in ("Z", "z"):
        hours, minutes = int(zone[1:3]), int(zone[4:6])
        if hours > 14 or minutes > 59:
            raise ValueError(f"{text!r}: {zone} is not a zone")
        offset = (hours * 60 + minutes) * MINUTE
        ms -= offset if zone[0] == "+" else -offset
    if not 0 <= ms <= INSTANT_MAX:
        raise ValueError(f"{text!r} lies outside the years 1970 to 2199")
    return Instant(ms)


def format_utc(at: Instant) -> str:
    """RFC 3339 in UTC; milliseconds only when there are any: 2018-09-17T18:39:00Z."""
    seconds, ms = divmod(at, SECOND)
    text = datetime.fromtimestamp(seconds, tz=UTC).strftime("%Y-%m-%dT%H:%M:%S")
    return f"{text}.{ms:03d}Z" if ms else f"{text}Z"


def format_dtg(at: Instant) -> str:
    """Date-time group, minutes, UTC: 171839Z SEP 18 (ACP 121 form)."""
    moment = datetime.fromtimestamp(at // SECOND, tz=UTC)
    month = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"][
        moment.month - 1
    ]
    return f"{moment:%d%H%M}Z {month} {moment:%y}"


def format_clock(at: Instant) -> str:
    """Hours, minutes, seconds of the day in UTC: 18:39:00Z."""
    return datetime.fromtimestamp(at // SECOND, tz=UTC).strftime("%H:%M:%SZ")


def format_length(ms: int) -> str:
    """A length of time in words of the duty room: '29 min 00 s', '2 h 05 min', '12 d 04 h'."""
    sign = "-" if ms < 0 else ""
    seconds = abs(ms) // SECOND
    if seconds < 60:
        return f"{sign}{seconds} s"
    if seconds < 3600:
        return f"{sign}{seconds // 60} min {seconds % 60:02d} s"
    if seconds < 86_400:
        return f"{sign}{seconds // 3600} h {seconds % 3600 // 60:02d} min"
    return f"{sign}{seconds // 86_400} d {seconds % 86_400 // 3600:02d} h"
