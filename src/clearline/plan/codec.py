"""One item of a plan, from bytes to volumes: exact, outward, or refused with its place.

| clause | rule |
|---|---|
| CL-PLN-001 | an item is one JSON object of at most ITEM_BYTES_MAX bytes, no name twice |
| CL-PLN-002 | fields are those of the schema |
| CL-PLN-003 | ``volume`` or ``volumes``; of each volume exactly one outline |
| CL-PLN-004 | a number has a stated unit; a height states its reference, and what belongs to it |
| CL-PLN-005 | a time is RFC 3339 with a zone |
| CL-PLN-006 | a name is one line without control or direction characters |
| CL-PLN-007 | where notices are filed (``strict``) nothing may be left open |
| CL-PLN-008 | with an agreement, a class is one of its classes |
| CL-PLN-009 | of two sources, one has at most HELD_VOLUMES_MAX volumes |
| CL-PLN-010 | a plan has at least one item, and a source at least a byte; a list has its end |

What ``clearline.conflict.validity`` asks of a volume (CL-GEO, CL-HGT, CL-WIN) is asked as well:
``decode_item`` does, ``read_item`` leaves it to the caller.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import ROUND_CEILING
from functools import lru_cache
from math import isfinite
from typing import Final

import msgspec
from msgspec import UNSET, UnsetType
from msgspec.structs import replace

from clearline.conflict.validity import check_volume
from clearline.model.limits import VERTICES_MAX, VOLUMES_MAX
from clearline.model.refusal import Code, Param, Refusal
from clearline.model.space import (
    Corridor,
    Disc,
    Edge,
    Footprint,
    Height,
    HeightRef,
    LatLon,
    Polygon,
    Volume,
)
from clearline.model.time import INSTANT_MAX, Instant, parse_utc
from clearline.plan.heights import factor, ground_of, height_mm, label, no, qnh_of
from clearline.plan.numbers import UNITS, Bad, degrees_e7, whole
from clearline.plan.pointers import in_plan
from clearline.plan.shapes import (
    AltitudeShape,
    ItemShape,
    Length,
    Point,
    TimeShape,
    Volume3DShape,
    Volume4DShape,
)
from clearline.wire.schema import fault, odd_name

BYTES: Final = "CL-PLN-001"
CLOSED: Final = "CL-PLN-002"
OUTLINE: Final = "CL-PLN-003"
TIMES: Final = "CL-PLN-005"
OPEN: Final = "CL-PLN-007"

ITEM_BYTES_MAX: Final = 4 << 20
"""VERTICES_MAX vertices written with 15 decimals and indented take about 1 MB."""
ROUNDING_MM: Final = 10
"""How far rounding to 1e-7 degrees moves a point at most: 5.6 mm each way, 7.9 mm across."""

_EDGES: Final = {str(edge): edge for edge in Edge}
_REFERENCES: Final = {str(ref): ref for ref in HeightRef}
_ZONED: Final = re.compile(r"(?:[Zz]|[+-]\d\d:\d\d)\s*\Z")
_FINE: Final = re.compile(r"\.\d{3}\d*[1-9]")
_DECODER: Final = msgspec.json.Decoder(ItemShape)
_ENCODER: Final = msgspec.json.Encoder()


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanItem:
    """What one item states. ``applied``: what its edges were taken to mean. ``widened``: pointers
    to what was absent and counts as unbounded. ``rounded``: some coordinate of a polygon was finer
    than 1e-7 degrees (discs and corridors were widened by it instead). ``alone``: the item is one
    Volume4D itself."""

    volumes: tuple[Volume, ...]
    id: str | None = None
    cls: str | None = None
    operation: str | None = None
    party: str | None = None
    applied: tuple[str, ...] = ()
    widened: tuple[str, ...] = ()
    rounded: bool = False
    alone: bool = False

    def pointer(self, place: int) -> str:
        """Where the volume at that place stands in the item."""
        return "" if self.alone else f"/volumes/{place}"


def decode_item(raw: bytes, *, strict: bool = False) -> PlanItem | tuple[Refusal, ...]:
    """The item that these bytes state, every volume checked; or all reasons why not.

    ``strict``: an absent height or time is refused, as where notices are filed.
    """
    item = read_item(raw, strict=strict)
    if isinstance(item, Refusal):
        return (item,)
    return tuple(item_faults(item)) or item


def item_faults(item: PlanItem) -> Iterator[Refusal]:
    """What is wrong with an item's volumes, with pointers into the item."""
    for place, volume in enumerate(item.volumes):
        yield from volume_faults(volume, item.pointer(place))


def volume_faults(volume: Volume, at: str) -> tuple[Refusal, ...]:
    """What ``check_volume`` says, but that a window without one of its bounds has no length."""
    found = check_volume(bounded(volume))
    return tuple(
        replace(one, at=at + in_plan(one.at, volume), params=_in_units(one)) for one in found
    )


_SCALES: Final = {
    "CL-GEO-001": (10_000_000, ""),
    "CL-GEO-002": (1_000, " M"),
    "CL-HGT-002": (1_000, " M"),
    "CL-HGT-004": (100, " HPA"),
}
"""Bounds of an entry, whole numbers, are these times what a plan states in these units."""


def _in_units(one: Refusal) -> dict[str, Param]:
    """Bounds in the units that a plan is written in, for its reader."""
    scale, unit = _SCALES.get(one.clause, (1, ""))
    return {
        name: f"{value / scale:.12g}{unit}"
        if name in ("min", "max") and isinstance(value, int)
        else value
        for name, value in one.params.items()
    }


def bounded(volume: Volume) -> Volume:
    """The same volume; where its window lacks a bound, with a short one in its place."""
    if volume.start == 0 and volume.end > 0:
        return replace(volume, start=Instant(volume.end - 1))
    if volume.end == INSTANT_MAX and volume.start < volume.end:
        return replace(volume, end=Instant(volume.start + 1))
    return volume


def read_item(raw: bytes, *, strict: bool = False) -> PlanItem | Refusal:
    """The item that these bytes state, its geometry not yet checked; or the first reason why not.

    Never raises for what is sent.
    """
    if len(raw) > ITEM_BYTES_MAX:
        facts: dict[str, Param] = {"found": len(raw), "limit": ITEM_BYTES_MAX}
        return Refusal(code=Code.TOO_LARGE, clause=BYTES, params=facts)
    try:
        shape = _DECODER.decode(raw)
    except msgspec.ValidationError as mismatch:
        return _misfit(raw, str(mismatch))
    except (ValueError, RecursionError):
        return _not_json(raw)
    if _may_double(raw, shape) and (name := doubled(raw)) is not None:
        return Refusal(
            code=Code.NOT_CANONICAL, clause=BYTES, params={"reason": "duplicate-name", "name": name}
        )
    try:
        return _Reading(strict).item(shape)
    except Bad as bad:
        return bad.refusal


# --- bytes -----------------------------------------------------------------------------------


def _misfit(raw: bytes, message: str) -> Refusal:
    try:
        plain = msgspec.json.decode(raw)
        odd = odd_name(plain, "")
    except (ValueError, RecursionError):
        return _not_json(raw)
    return replace(odd or fault(message, ""), clause=CLOSED)


def _not_json(raw: bytes) -> Refusal:
    return Refusal(code=Code.NOT_JSON, clause=BYTES, params={"reason": why_not_json(raw)})


def why_not_json(raw: bytes) -> str:
    """The reason, of those that ``clearline.words`` knows, why bytes are not read as JSON."""
    if not raw.strip():
        return "empty"
    if raw.startswith((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")):
        return "byte-order-mark"
    odd: list[str] = []  # Python reads NaN and Infinity, and a number of any size

    def number(text: str) -> None:
        if not isfinite(float(text)):
            odd.append(text)

    try:
        json.loads(raw.decode(), parse_constant=odd.append, parse_float=number, parse_int=len)
    except UnicodeDecodeError:
        return "utf-8"
    except (ValueError, RecursionError):
        return "syntax"
    return "no-number" if odd else "syntax"


def _may_double(raw: bytes, shape: ItemShape) -> bool:
    """Whether a name might stand twice: no if writing it again gives as many names, and no
    character was escaped that could hide one."""
    return b"\\" in raw or _ENCODER.encode(shape).count(b'":') != raw.count(b'":')


class _DoubledError(Exception):
    pass


def doubled(raw: bytes) -> str | None:
    """A name that stands twice in one object of these JSON bytes, if there is any."""

    def pairs(found: list[tuple[str, object]]) -> None:
        names = [name for name, _ in found]
        if len(set(names)) != len(names):
            raise _DoubledError(next(n for n in names if names.count(n) > 1))

    try:
        json.loads(raw, object_pairs_hook=pairs, parse_int=len, parse_float=len)
    except _DoubledError as doubled:
        return str(doubled)[:64]
    except (ValueError, RecursionError):
        return None
    return None


# --- meaning ---------------------------------------------------------------------------------


class _Reading:
    """Reads one item; collects what was applied, widened and rounded."""

    def __init__(self, strict: bool) -> None:
        self.strict = strict
        self.applied: set[str] = set()
        self.widened: list[str] = []
        self.rounded = False
        self.moved = False

    def item(self, shape: ItemShape) -> PlanItem:
        if (shape.volume is UNSET) == (shape.volumes is UNSET):
            raise Bad(no(Code.NO_GEOMETRY, OUTLINE, "", problem="volume-or-volumes"))
        if isinstance(shape.volumes, UnsetType):
            assert not isinstance(shape.volume, UnsetType)
            alone = Volume4DShape(shape.volume, shape.time_start, shape.time_end)
            given: tuple[Volume4DShape, ...] = (alone,)
            places: tuple[str, ...] = ("",)
        else:
            given = shape.volumes
            places = tuple(f"/volumes/{k}" for k in range(len(given)))
            if shape.time_start is not UNSET or shape.time_end is not UNSET:
                raise Bad(no(Code.BAD_WINDOW, OUTLINE, "", problem="time-beside-volumes"))
        if not 1 <= len(given) <= VOLUMES_MAX:
            code = Code.TOO_MANY if given else Code.NO_GEOMETRY
            raise Bad(no(code, OUTLINE, "/volumes", found=len(given), high=VOLUMES_MAX))
        _few_enough(given)
        return PlanItem(
            volumes=tuple(self.volume(v, at) for v, at in zip(given, places, strict=True)),
            id=label(shape.id, "/id"),
            cls=label(shape.cls, "/class"),
            operation=label(shape.operation, "/operation"),
            party=label(shape.party, "/party"),
            applied=tuple(sorted(self.applied)),
            widened=tuple(self.widened),
            rounded=self.rounded,
            alone=shape.volume is not UNSET,
        )

    def volume(self, shape: Volume4DShape, at: str) -> Volume:
        inner = f"{at}/volume"
        start = self.time(shape.time_start, f"{at}/time_start", end=False)
        end = self.time(shape.time_end, f"{at}/time_end", end=True)
        return Volume(
            footprint=self.footprint(shape.volume, inner),
            lower=self.height(shape.volume.altitude_lower, f"{inner}/altitude_lower", upper=False),
            upper=self.height(shape.volume.altitude_upper, f"{inner}/altitude_upper", upper=True),
            start=start,
            end=end,
        )

    def time(self, shape: TimeShape | UnsetType, at: str, *, end: bool) -> Instant:
        """Outward: what is finer than a millisecond is cut off a start and added to an end."""
        if isinstance(shape, UnsetType):
            self.open(at, Code.BAD_WINDOW)
            return INSTANT_MAX if end else Instant(0)
        if shape.format != "RFC3339":
            raise Bad(no(Code.BAD_FIELD, TIMES, f"{at}/format", wanted="RFC3339"))
        if len(shape.value) > 64:
            raise Bad(no(Code.BAD_WINDOW, TIMES, f"{at}/value", problem="not-a-time"))
        if not _ZONED.search(shape.value):
            raise Bad(no(Code.NO_TIME_ZONE, TIMES, f"{at}/value", value=shape.value))
        try:
            instant = _instant(shape.value)
        except ValueError:
            problem = no(Code.BAD_WINDOW, TIMES, f"{at}/value", problem="not-a-time")
            raise Bad(problem) from None
        return Instant(instant + 1) if end and _FINE.search(shape.value) else instant

    def open(self, at: str, code: Code) -> None:
        """Something is absent: unbounded, or refused where nothing may be."""
        if self.strict:
            raise Bad(no(code, OPEN, at, problem="absent"))
        self.widened.append(at)

    # -- footprints

    def footprint(self, shape: Volume3DShape, at: str) -> Footprint:
        polygon, circle = shape.outline_polygon, shape.outline_circle
        corridor = shape.outline_corridor
        if sum(each is not UNSET for each in (polygon, circle, corridor)) != 1:
            raise Bad(no(Code.NO_GEOMETRY, OUTLINE, at, problem="one-outline"))
        self.moved = False
        if not isinstance(polygon, UnsetType):
            place = f"{at}/outline_polygon"
            edge = self.edge(polygon.edge, f"{place}/edge")
            outer = self.points(polygon.vertices, f"{place}/vertices")
            holes = tuple(
                self.points(hole, f"{place}/holes/{k}") for k, hole in enumerate(polygon.holes)
            )
            self.applied.add("area:smaller")
            self.rounded = self.rounded or self.moved
            return Polygon(outer=outer, holes=holes, edge=edge)
        if not isinstance(circle, UnsetType):
            place = f"{at}/outline_circle"
            centre = self.point(circle.center, f"{place}/center")
            radius_mm = self.length(circle.radius, f"{place}/radius")
            return Disc(centre=centre, radius_mm=radius_mm)
        assert not isinstance(corridor, UnsetType)
        place = f"{at}/outline_corridor"
        edge = self.edge(corridor.edge, f"{place}/edge")
        line = self.points(corridor.vertices, f"{place}/vertices")
        half_mm = self.length(corridor.half_width, f"{place}/half_width")
        return Corridor(line=line, half_width_mm=half_mm, edge=edge)

    def edge(self, text: str | UnsetType, at: str) -> Edge:
        """Geodesic, as F3548 has it, unless said otherwise."""
        if isinstance(text, UnsetType):
            self.applied.add("edge:geodesic (not stated)")
            return Edge.GEODESIC
        if text not in _EDGES:
            raise Bad(no(Code.BAD_FIELD, OUTLINE, at, wanted="geodesic, lonlat, rhumb"))
        self.applied.add(f"edge:{text}")
        return _EDGES[text]

    def points(self, shapes: tuple[Point, ...], at: str) -> tuple[LatLon, ...]:
        try:  # where each stands is put into words only where something is wrong with one
            return tuple([self.point(shape, "") for shape in shapes])
        except Bad:
            return tuple([self.point(shape, f"{at}/{k}") for k, shape in enumerate(shapes)])

    def point(self, shape: Point, at: str) -> LatLon:
        lat, moved_lat = degrees_e7(bytes(shape.lat), at)
        lon, moved_lon = degrees_e7(bytes(shape.lng), at)
        self.moved = self.moved or moved_lat or moved_lon
        return LatLon(lat, lon)

    def length(self, shape: Length, at: str) -> int:
        """A radius or half width, outward, with room for a centre or line that was rounded."""
        mm = whole(bytes(shape.value), factor(shape.units, at), ROUND_CEILING, f"{at}/value")
        return mm + ROUNDING_MM if self.moved and mm > 0 else mm

    # -- heights

    def height(self, shape: AltitudeShape | UnsetType, at: str, *, upper: bool) -> Height:
        if isinstance(shape, UnsetType):
            self.open(at, Code.BAD_HEIGHT)
            return Height(ref=HeightRef.UNL if upper else HeightRef.SFC)
        if shape.reference not in _REFERENCES:
            wanted = ", ".join(HeightRef)
            raise Bad(no(Code.BAD_HEIGHT, UNITS, f"{at}/reference", wanted=wanted))
        ref = _REFERENCES[shape.reference]
        return Height(
            ref=ref,
            mm=height_mm(shape, ref, at, upper=upper),
            ground=ground_of(shape.ground, f"{at}/ground"),
            qnh=qnh_of(shape.qnh, f"{at}/qnh"),
        )


@lru_cache(maxsize=4096)
def _instant(text: str) -> Instant:
    """Windows of one plan share their times. Raises ValueError."""
    return parse_utc(text)


def _few_enough(given: tuple[Volume4DShape, ...]) -> None:
    """Vertices over all volumes, before anything is made of them."""
    count = 0
    for each in given:
        polygon, corridor = each.volume.outline_polygon, each.volume.outline_corridor
        if not isinstance(polygon, UnsetType):
            count += len(polygon.vertices) + sum(map(len, polygon.holes))
        if not isinstance(corridor, UnsetType):
            count += len(corridor.vertices)
    if count > VERTICES_MAX:
        raise Bad(no(Code.TOO_MANY, OUTLINE, "", found=count, high=VERTICES_MAX))
