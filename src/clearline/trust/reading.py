"""One table of a TOML draft, read strictly: every key used once, every unit in the key's name.

A draft is written by people, so all its faults are collected, each with a pointer to the key.
Numbers are exact (decimal); what does not come out whole is rounded to the stricter side, which the
caller names: ``up`` for separations, tails and areas, ``down`` for deadlines. FM05: no unit, no
value. CL-AGR-030 to 032.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from enum import StrEnum
from typing import Final, TypeGuard, TypeVar

from clearline.model.refusal import Code, Param, Refusal
from clearline.model.space import Corridor, Disc, Edge, Footprint, LatLon, Polygon
from clearline.model.time import DAY, HOUR, MINUTE, SECOND, Instant, Millis, parse_utc

LENGTHS: Final[Mapping[str, Decimal]] = {
    "m": Decimal(1_000),
    "km": Decimal(1_000_000),
    "nm": Decimal(1_852_000),
    "ft": Decimal("304.8"),
    "fl": Decimal(30_480),
}
"""Millimetres in a unit. ``nm`` is the nautical mile, ``fl`` one flight level of 100 ft."""
TIMES: Final[Mapping[str, Decimal]] = {
    "s": Decimal(SECOND), "min": Decimal(MINUTE), "h": Decimal(HOUR), "d": Decimal(DAY)
}  # fmt: skip
"""Milliseconds in a unit."""
VALUE_MAX: Final = Decimal(10) ** 15
"""Far above every limit of the terms, far below what overflows."""
DEGREE_PLACES: Final = 7
"""Decimal places of a degree that the line carries: about a centimetre."""

Word = TypeVar("Word", bound=StrEnum)
Fallback = TypeVar("Fallback")


class Table:
    """A table at a place of the draft; ``faults`` is shared by all tables of one draft."""

    def __init__(self, found: Mapping[str, object], at: str, faults: list[Refusal]) -> None:
        self._found = found
        self._at = at
        self._faults = faults
        self._used: set[str] = set()

    def fault(self, code: Code, key: str, clause: str = "CL-AGR-030", **params: Param) -> None:
        """Note a fault at a key."""
        at = f"{self._at}/{key}" if key else self._at
        self._faults.append(Refusal(code=code, clause=clause, at=at, params={**params}))

    def close(self) -> None:
        """A key that nobody asked for is a fault: a misspelt key must not be a silent default."""
        for key in sorted(self._found.keys() - self._used):
            self.fault(Code.UNKNOWN_FIELD, key)

    def has(self, key: str) -> bool:
        """Whether the key is there."""
        return key in self._found

    def text(self, key: str) -> str:
        """A text that must be there."""
        found = self._take(key)
        if isinstance(found, str):
            return found
        return self._wrong(key, found, "a text", "")

    def text_or_none(self, key: str) -> str | None:
        """A text that may be absent."""
        return self.text(key) if self.has(key) else None

    def flag(self, key: str) -> bool:
        """true or false; there is no default."""
        found = self._take(key)
        return found if isinstance(found, bool) else self._wrong(key, found, "true or false", False)

    def whole(self, key: str, *, default: int | None = None) -> int:
        """A whole number."""
        found = self._take(key) if default is None or self.has(key) else default
        if isinstance(found, int) and not isinstance(found, bool) and abs(found) < VALUE_MAX:
            return found
        return self._wrong(key, found, "a whole number", 0)

    def word(self, key: str, words: type[Word]) -> Word:
        """One of a closed list of words."""
        found = self._take(key)
        for word in words:
            if found == word.value:
                return word
        return self._wrong(key, found, "one of " + ", ".join(words), next(iter(words)))

    def words(self, key: str) -> tuple[str, ...]:
        """A list of texts; one text stands for a list of one."""
        found = self._take(key)
        if isinstance(found, str):
            return (found,)
        if isinstance(found, list) and all(isinstance(item, str) for item in found):
            return tuple(found)
        return self._wrong(key, found, "a list of texts", ())

    def instant(self, key: str) -> Instant:
        """A time with its zone, as text or as TOML has it; a local time is refused."""
        found = self._take(key)
        try:
            return parse_utc(found.isoformat() if isinstance(found, datetime) else str(found or ""))
        except ValueError as error:
            self.fault(Code.NO_TIME_ZONE, key, why=str(error))
            return Instant(0)

    def length(self, key: str, *, up: bool = True) -> int:
        """Millimetres, from ``key_m``, ``key_km``, ``key_nm``, ``key_ft`` or ``key_fl``."""
        return self._measure(key, LENGTHS, up=up)

    def time(self, key: str, *, up: bool) -> Millis:
        """Milliseconds, from ``key_s``, ``key_min``, ``key_h`` or ``key_d``."""
        return Millis(self._measure(key, TIMES, up=up))

    def time_or_none(self, key: str, *, up: bool) -> Millis | None:
        """The same, or None when no such key is there."""
        return (
            self.time(key, up=up) if any(f"{key}_{unit}" in self._found for unit in TIMES) else None
        )

    def scaled(self, key: str, factor: int, *, up: bool, default: int | None = None) -> int:
        """A number times a factor, rounded; the unit is part of the key's name."""
        if default is not None and not self.has(key):
            return default
        return self._rounded(key, self._take(key), Decimal(factor), up=up)

    def table(self, key: str) -> "Table":
        """A table that must be there; close it after reading."""
        found = self._take(key)
        inner = found if _is_table(found) else self._wrong(key, found, "a table", _NOTHING)
        return Table(inner, f"{self._at}/{key}", self._faults)

    def tables(self, key: str, *, needed: bool = True) -> "Iterator[Table]":
        """Each table of a list, closed after it was read."""
        found = self._take(key) if needed or self.has(key) else []
        if not isinstance(found, list) or not all(map(_is_table, found)):
            self._wrong(key, found, "a list of tables", 0)
            return
        for index, item in enumerate(found):
            inner = Table(item, f"{self._at}/{key}/{index}", self._faults)
            yield inner
            inner.close()

    def footprint(self) -> Footprint:
        """The shape that this table states: polygon, disc or corridor, points as [lat, lon]."""
        match self.text("shape"):
            case "polygon":
                holes = self._take("holes") if self.has("holes") else []
                rings = holes if isinstance(holes, list) else [holes]
                return Polygon(
                    outer=self._points("points", self._take("points")),
                    edge=self.word("edge", Edge),
                    holes=tuple(self._points("holes", ring) for ring in rings),
                )
            case "disc":
                centre = self._points("centre", [self._take("centre")])
                return Disc(
                    centre=centre[0] if centre else LatLon(0, 0), radius_mm=self.length("radius")
                )
            case "corridor":
                return Corridor(
                    line=self._points("points", self._take("points")),
                    half_width_mm=self.length("half_width"),
                    edge=self.word("edge", Edge),
                )
            case found:
                self.fault(Code.NO_GEOMETRY, "shape", "CL-AGR-015", found=found)
                return Disc(centre=LatLon(0, 0), radius_mm=0)

    def _points(self, key: str, found: object) -> tuple[LatLon, ...]:
        pairs = found if isinstance(found, list) else []
        points = tuple(point for pair in pairs if (point := self._point(key, pair)) is not None)
        if not pairs:
            self._wrong(key, found, "a list of [latitude, longitude]", 0)
        return points

    def _point(self, key: str, pair: object) -> LatLon | None:
        """Degrees, exactly: a seventh decimal place is a centimetre, an eighth is not carried."""
        if not isinstance(pair, list) or len(pair) != 2:
            return self._wrong(key, pair, "[latitude, longitude]", None)
        whole: list[int] = []
        for value, most in zip(pair, (90, 180), strict=True):
            number = _decimal(value)
            if number is None or abs(number) > most:
                return self._wrong(key, value, f"decimal degrees up to {most}", None)
            scaled = number.scaleb(DEGREE_PLACES)
            if scaled != scaled.to_integral_value():
                return self._wrong(key, value, f"at most {DEGREE_PLACES} decimal places", None)
            whole.append(int(scaled))
        return LatLon(*whole)

    def _measure(self, key: str, units: Mapping[str, Decimal], *, up: bool) -> int:
        given = [unit for unit in units if f"{key}_{unit}" in self._found]
        if len(given) != 1:
            for unit in given:
                self._used.add(f"{key}_{unit}")
            wanted = " or ".join(f"{key}_{unit}" for unit in units)
            code = Code.BAD_FIELD if given else Code.MISSING_FIELD
            self.fault(code, key, "CL-AGR-031", wanted=f"exactly one of {wanted}")
            return 0
        name = f"{key}_{given[0]}"
        return self._rounded(name, self._take(name), units[given[0]], up=up)

    def _rounded(self, key: str, found: object, factor: Decimal, *, up: bool) -> int:
        number = _decimal(found)
        if number is None or abs(number) > VALUE_MAX:
            return self._wrong(key, found, "a number", 0)
        rounding = ROUND_CEILING if up else ROUND_FLOOR
        return int((number * factor).to_integral_value(rounding=rounding))

    def _take(self, key: str) -> object:
        self._used.add(key)
        return self._found.get(key)

    def _wrong(self, key: str, found: object, wanted: str, instead: Fallback) -> Fallback:
        """Note a fault and go on with a stand-in, so that all faults are found in one go."""
        if found is None:
            self.fault(Code.MISSING_FIELD, key, wanted=wanted)
        else:
            self.fault(Code.BAD_FIELD, key, wanted=wanted, found=str(found)[:60])
        return instead


_NOTHING: Final[Mapping[str, object]] = {}


def _is_table(found: object) -> TypeGuard[Mapping[str, object]]:
    return isinstance(found, dict)


def _decimal(found: object) -> Decimal | None:
    if isinstance(found, bool) or not isinstance(found, int | Decimal):
        return None
    number = Decimal(found)
    return number if number.is_finite() else None
