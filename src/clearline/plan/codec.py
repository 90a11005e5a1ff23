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
| CL-PLN-010 | a plan has at least one item, and a source at least a byte |

What ``clearline.conflict.validity`` asks of a volume (CL-GEO, CL-HGT, CL-WIN) is asked as well:
``decode_item`` does, ``read_item`` leaves it to the caller.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_EVEN, Decimal
from functools import lru_cache
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
    Ground,
    Height,
    HeightRef,
    LatLon,
    Polygon,
    Qnh,
    Volume,
)
from clearline.model.time import INSTANT_MAX, Instant, parse_utc
from clearline.plan.numbers import UNITS, Bad, degrees_e7, whole
from clearline.plan.shapes import (
    AltitudeShape,
    GroundShape,
    ItemShape,
    Length,
    Point,
    QnhShape,
    TimeShape,
    Volume3DShape,
    Volume4DShape,
    W84Height,
)
from clearline.wire.schema import fault, odd_name
from clearline.wire.text import bad_label

BYTES: Final = "CL-PLN-001"
CLOSED: Final = "CL-PLN-002"
OUTLINE: Final = "CL-PLN-003"
TIMES: Final = "CL-PLN-005"
OPEN: Final = "CL-PLN-007"

ITEM_BYTES_MAX: Final = 4 << 20
"""VERTICES_MAX vertices written with 15 decimals and indented take about 1 MB."""
ROUNDING_MM: Final = 10
"""How far rounding to 1e-7 degrees moves a point at most: 5.6 mm each way, 7.9 mm across."""

_MILLIMETRES: Final = {"M": Decimal(1000), "FT": Decimal("304.8")}
_LEVEL_MM: Final = Decimal(30_480)
_HECTOPASCAL: Final = Decimal(100)
_EDGES: Final = {str(edge): edge for edge in Edge}
_REFERENCES: Final = {str(ref): ref for ref in HeightRef}
_NUMBERED: Final = frozenset({HeightRef.W84, HeightRef.AMSL, HeightRef.AGL})
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
    return tuple(replace(one, at=at + _in_plan(one.at, volume)) for one in found)


def bounded(volume: Volume) -> Volume:
    """The same volume; where its window lacks a bound, with a short one in its place."""
    if volume.start == 0 and volume.end > 0:
        return replace(volume, start=Instant(volume.end - 1))
    if volume.end == INSTANT_MAX and volume.start < volume.end:
        return replace(volume, end=Instant(volume.start + 1))
    return volume


def _in_plan(pointer: str, volume: Volume) -> str:
    """A pointer into a ``Volume`` as one into the shape that it was read from."""
    steps = pointer.split("/")[1:]
    if not steps or steps[0] in ("start", "end"):
        return f"/time_{steps[0]}" if steps else ""
    if steps[0] in ("lower", "upper"):
        rest = ["value" if step == "mm" else step for step in steps[1:]]
        return "/".join(["/volume", f"altitude_{steps[0]}", *rest])
    outline = f"outline_{_OUTLINES[type(volume.footprint)]}"
    return "/".join(["/volume", outline, *_outline_steps(steps[1:])])


_OUTLINES: Final = {Polygon: "polygon", Disc: "circle", Corridor: "corridor"}
_STEPS: Final = {
    "outer": ("vertices",),
    "line": ("vertices",),
    "centre": ("center",),
    "radius_mm": ("radius", "value"),
    "half_width_mm": ("half_width", "value"),
}


def _outline_steps(steps: list[str]) -> Iterator[str]:
    """``outer/3/0`` reads ``vertices/3/lat``; ``centre/1`` reads ``center/lng``."""
    at_point = len(steps) == {"outer": 3, "line": 3, "holes": 4, "centre": 2}.get(
        steps[0] if steps else "", 0
    )
    for number, step in enumerate(steps):
        if at_point and number == len(steps) - 1:
            yield "lat" if step == "0" else "lng"
        else:
            yield from _STEPS.get(step, (step,))


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
    if _may_double(raw, shape) and (name := _doubled(raw)) is not None:
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
    reason, offset = "syntax", 0
    try:
        raw.decode()
    except UnicodeDecodeError as broken:
        reason, offset = "utf-8", broken.start
    if raw.startswith(b"\xef\xbb\xbf"):
        reason = "byte-order-mark"
    elif not raw.strip():
        reason = "empty"
    params: dict[str, Param] = {"reason": reason, "offset": offset}
    return Refusal(code=Code.NOT_JSON, clause=BYTES, params=params)


def _may_double(raw: bytes, shape: ItemShape) -> bool:
    """Whether a name might stand twice: no if writing it again gives as many names, and no
    character was escaped that could hide one."""
    return b"\\" in raw or _ENCODER.encode(shape).count(b'":') != raw.count(b'":')


class _DoubledError(Exception):
    pass


def _doubled(raw: bytes) -> str | None:
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
            raise Bad(_no(Code.NO_GEOMETRY, OUTLINE, "", problem="volume-or-volumes"))
        if isinstance(shape.volumes, UnsetType):
            assert not isinstance(shape.volume, UnsetType)
            alone = Volume4DShape(shape.volume, shape.time_start, shape.time_end)
            given: tuple[Volume4DShape, ...] = (alone,)
            places: tuple[str, ...] = ("",)
        else:
            given = shape.volumes
            places = tuple(f"/volumes/{k}" for k in range(len(given)))
            if shape.time_start is not UNSET or shape.time_end is not UNSET:
                raise Bad(_no(Code.BAD_WINDOW, OUTLINE, "", problem="time-beside-volumes"))
        if not 1 <= len(given) <= VOLUMES_MAX:
            code = Code.TOO_MANY if given else Code.NO_GEOMETRY
            raise Bad(_no(code, OUTLINE, "/volumes", found=len(given), high=VOLUMES_MAX))
        _few_enough(given)
        return PlanItem(
            volumes=tuple(self.volume(v, at) for v, at in zip(given, places, strict=True)),
            id=_label(shape.id, "/id"),
            cls=_label(shape.cls, "/class"),
            operation=_label(shape.operation, "/operation"),
            party=_label(shape.party, "/party"),
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
            raise Bad(_no(Code.BAD_FIELD, TIMES, f"{at}/format", wanted="RFC3339"))
        if len(shape.value) > 64:
            raise Bad(_no(Code.BAD_WINDOW, TIMES, f"{at}/value", problem="not-a-time"))
        if not _ZONED.search(shape.value):
            raise Bad(_no(Code.NO_TIME_ZONE, TIMES, f"{at}/value", value=shape.value))
        try:
            instant = _instant(shape.value)
        except ValueError:
            problem = _no(Code.BAD_WINDOW, TIMES, f"{at}/value", problem="not-a-time")
            raise Bad(problem) from None
        return Instant(instant + 1) if end and _FINE.search(shape.value) else instant

    def open(self, at: str, code: Code) -> None:
        """Something is absent: unbounded, or refused where nothing may be."""
        if self.strict:
            raise Bad(_no(code, OPEN, at, problem="absent"))
        self.widened.append(at)

    # -- footprints

    def footprint(self, shape: Volume3DShape, at: str) -> Footprint:
        polygon, circle = shape.outline_polygon, shape.outline_circle
        corridor = shape.outline_corridor
        if sum(each is not UNSET for each in (polygon, circle, corridor)) != 1:
            raise Bad(_no(Code.NO_GEOMETRY, OUTLINE, at, problem="one-outline"))
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
            raise Bad(_no(Code.BAD_FIELD, OUTLINE, at, wanted="geodesic, lonlat, rhumb"))
        self.applied.add(f"edge:{text}")
        return _EDGES[text]

    def points(self, shapes: tuple[Point, ...], at: str) -> tuple[LatLon, ...]:
        return tuple([self.point(shape, f"{at}/{k}") for k, shape in enumerate(shapes)])

    def point(self, shape: Point, at: str) -> LatLon:
        lat, moved_lat = degrees_e7(bytes(shape.lat), at)
        lon, moved_lon = degrees_e7(bytes(shape.lng), at)
        self.moved = self.moved or moved_lat or moved_lon
        return LatLon(lat, lon)

    def length(self, shape: Length, at: str) -> int:
        """A radius or half width, outward, with room for a centre or line that was rounded."""
        mm = whole(bytes(shape.value), _factor(shape.units, at), ROUND_CEILING, f"{at}/value")
        return mm + ROUNDING_MM if self.moved and mm > 0 else mm

    # -- heights

    def height(self, shape: AltitudeShape | UnsetType, at: str, *, upper: bool) -> Height:
        if isinstance(shape, UnsetType):
            self.open(at, Code.BAD_HEIGHT)
            return Height(ref=HeightRef.UNL if upper else HeightRef.SFC)
        if shape.reference not in _REFERENCES:
            wanted = ", ".join(HeightRef)
            raise Bad(_no(Code.BAD_HEIGHT, UNITS, f"{at}/reference", wanted=wanted))
        ref = _REFERENCES[shape.reference]
        return Height(
            ref=ref,
            mm=_height_mm(shape, ref, at, upper=upper),
            ground=_ground(shape.ground, f"{at}/ground"),
            qnh=_qnh(shape.qnh, f"{at}/qnh"),
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
        raise Bad(_no(Code.TOO_MANY, OUTLINE, "", found=count, high=VERTICES_MAX))


def _height_mm(shape: AltitudeShape, ref: HeightRef, at: str, *, upper: bool) -> int | None:
    """Outward: a lower limit down, an upper limit up."""
    rounding = ROUND_CEILING if upper else ROUND_FLOOR
    if ref not in _NUMBERED and shape.units is not UNSET:
        raise Bad(_no(Code.BAD_HEIGHT, UNITS, f"{at}/units", problem="units-forbidden"))
    if isinstance(shape.value, UnsetType):
        if ref in (HeightRef.SFC, HeightRef.UNL):
            return None
        raise Bad(_no(Code.BAD_HEIGHT, UNITS, f"{at}/value", problem="number-missing"))
    if ref in (HeightRef.SFC, HeightRef.UNL):
        raise Bad(_no(Code.BAD_HEIGHT, UNITS, f"{at}/value", problem="number-forbidden"))
    if ref is HeightRef.FL:
        return whole(bytes(shape.value), _LEVEL_MM, rounding, f"{at}/value")
    factor = _factor(shape.units, at)
    return whole(bytes(shape.value), factor, rounding, f"{at}/value")


def _ground(shape: GroundShape | UnsetType, at: str) -> Ground | None:
    if isinstance(shape, UnsetType):
        return None

    def metres(height: W84Height, place: str, rounding: str) -> int:
        if height.reference != "W84":
            raise Bad(_no(Code.BAD_HEIGHT, UNITS, f"{place}/reference", wanted="W84"))
        return whole(bytes(height.value), _factor(height.units, place), rounding, f"{place}/value")

    return Ground(
        low_mm=metres(shape.lower, f"{at}/lower", ROUND_FLOOR),
        high_mm=metres(shape.upper, f"{at}/upper", ROUND_CEILING),
        by=_label(shape.by, f"{at}/by") or "",
    )


def _qnh(shape: QnhShape | UnsetType, at: str) -> Qnh | None:
    """Rounding the setting to whole pascals is made good by a tolerance of one more."""
    if isinstance(shape, UnsetType):
        return None
    if shape.units != "HPA":
        raise Bad(_no(Code.BAD_HEIGHT, UNITS, f"{at}/units", wanted="HPA"))
    raw, tolerance = bytes(shape.value), bytes(shape.tolerance)
    pa = whole(raw, _HECTOPASCAL, ROUND_HALF_EVEN, f"{at}/value")
    exact = pa == whole(raw, _HECTOPASCAL, ROUND_CEILING, f"{at}/value") and pa == whole(
        raw, _HECTOPASCAL, ROUND_FLOOR, f"{at}/value"
    )
    wide = whole(tolerance, _HECTOPASCAL, ROUND_CEILING, f"{at}/tolerance")
    return Qnh(
        pa=pa, tolerance_pa=wide if exact else wide + 1, by=_label(shape.by, f"{at}/by") or ""
    )


def _factor(units: str | UnsetType, at: str) -> Decimal:
    factor = None if isinstance(units, UnsetType) else _MILLIMETRES.get(units)
    if factor is None:
        code = Code.MISSING_FIELD if isinstance(units, UnsetType) else Code.BAD_FIELD
        facts: dict[str, Param] = {"wanted": "M, FT"}
        if code is Code.MISSING_FIELD:
            facts = {"field": "units"}
        raise Bad(Refusal(code=code, clause=UNITS, at=f"{at}/units", params=facts))
    return factor


def _label(text: str | UnsetType, at: str) -> str | None:
    if isinstance(text, UnsetType):
        return None
    refusal = bad_label(text, at)
    if refusal is not None:
        raise Bad(replace(refusal, clause="CL-PLN-006"))
    return text


def _no(code: Code, clause: str, at: str, **params: Param) -> Refusal:
    return Refusal(code=code, clause=clause, at=at, params=params)
