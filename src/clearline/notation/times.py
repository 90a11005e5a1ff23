"""Times in and out: UTC, or with a zone that is said (FM07).

    171930ZSEP18   17 1930Z SEP 2018   17193045C SEP 18      date-time group, ACP 121
    2018-09-17T19:30Z   2018-09-17T22:30+03:00               RFC 3339

Letters are the military zones: A to M without J are east, N to Y west, Z is UTC; J is nobody's:
the observer's own, and refused like a time without a zone. Shown is always Z first.
"""

import re
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Final

from clearline.model.refusal import Refusal
from clearline.model.time import (
    HOUR,
    INSTANT_MAX,
    MONTHS,
    SECOND,
    Instant,
    format_utc,
    parse_utc,
)
from clearline.notation.reading import no_time
from clearline.notation.script import plain

ZONES: Final = {
    **{letter: hours for hours, letter in enumerate("ABCDEFGHIKLM", 1)},
    **{letter: -hours for hours, letter in enumerate("NOPQRSTUVWXY", 1)},
    "Z": 0,
}
"""Hours that the zone is ahead of UTC, by its letter."""

_GROUP: Final = re.compile(
    r"(?P<day>\d\d) ?(?P<hour>\d\d)(?P<minute>\d\d)(?P<second>\d\d)? ?"
    r"(?:(?P<zone>[A-Z])(?![A-Z]{2} ?(?:\d\d|$)) ?)?"
    r"(?:(?P<month>[A-Z]{3}) ?(?P<year>\d{4}|\d\d)?)?",
    re.ASCII,
)
_NAIVE: Final = re.compile(
    r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?|\d\d?:\d\d(?::\d\d)?", re.ASCII
)


def read_time(text: str) -> Instant | Refusal:
    """The instant that the text states. CL-NTN-004 says what it lacks: a zone first of all."""
    said = plain(text)
    if said is None:
        return no_time(text, "no-time")
    if found := _GROUP.fullmatch(said):
        return _group(text, found)
    if _NAIVE.fullmatch(said):
        return no_time(text, "zone-missing")
    try:
        return parse_utc(said.replace(" ", "T", 1) if said[10:11] == " " else said)
    except ValueError:
        return no_time(text, _fault(said))


def _fault(said: str) -> str:
    clock = said[11:16]
    if clock.startswith("24:"):
        return "hour-24"
    return "leap-second" if said[16:19] == ":60" else "no-time"


def _group(text: str, found: re.Match[str]) -> Instant | Refusal:
    if found["zone"] is None or found["zone"] == "J":
        return no_time(text, "zone-missing")
    if found["month"] is None or found["year"] is None:
        return no_time(text, "month-or-year-missing")
    place = MONTHS.find(found["month"])
    if place < 0 or place % 3:
        return no_time(text, "no-time")
    if found["hour"] == "24":
        return no_time(text, "hour-24")
    if found["second"] == "60":
        return no_time(text, "leap-second")
    year = int(found["year"])
    try:
        local = datetime(
            year if year >= 100 else 2000 + year, place // 3 + 1, int(found["day"]),
            int(found["hour"]), int(found["minute"]), int(found["second"] or 0), tzinfo=UTC,
        )  # fmt: skip
    except ValueError:
        return no_time(text, "no-such-date")
    ms = int(local.timestamp()) * SECOND - ZONES[found["zone"]] * HOUR
    if not 0 <= ms <= INSTANT_MAX:
        return no_time(text, "no-such-date")
    return Instant(ms)


def write_dtg(at: Instant) -> str:
    """171930Z SEP 18; with seconds where there are any: 17193045Z SEP 18. Finer parts are not
    shown. Beyond 2099 the year has four digits."""
    moment = datetime.fromtimestamp(at // SECOND, tz=UTC)
    clock = f"{moment:%d%H%M%S}" if moment.second else f"{moment:%d%H%M}"
    month = MONTHS[3 * moment.month - 3 : 3 * moment.month]
    year = f"{moment:%y}" if 2000 <= moment.year < 2100 else f"{moment.year:04d}"
    return f"{clock}Z {month} {year}"


def show_time(at: Instant, zone: tzinfo | None = None) -> str:
    """Z first, local second with its offset: 2018-09-17T19:03:00Z (22:03:00 +03:00). The local
    date stands there only where it is another. ASCII digits, whatever the language is."""
    return f"{format_utc(at)}{_beside(at, zone, '%H:%M:%S')}"


def show_dtg(at: Instant, zone: tzinfo | None = None) -> str:
    """The same as a date-time group: 171903Z SEP 18 (22:03 +03:00)."""
    return f"{write_dtg(at)}{_beside(at, zone, '%H:%M')}"


def _beside(at: Instant, zone: tzinfo | None, form: str) -> str:
    if zone is None:
        return ""
    moment = datetime.fromtimestamp(at // SECOND, tz=UTC)
    offset = moment.astimezone(zone).utcoffset() or timedelta(0)
    minutes = round(offset.total_seconds() / 60)  # what is shown beside Z must add up
    local = moment + timedelta(minutes=minutes)
    sign = "-" if minutes < 0 else "+"
    hours, rest = divmod(abs(minutes), 60)
    day = "" if local.date() == moment.date() else f"{local:%Y-%m-%d} "
    return f" ({day}{local.strftime(form)} {sign}{hours:02d}:{rest:02d})"
