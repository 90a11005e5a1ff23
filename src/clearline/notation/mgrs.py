"""The military grid reference system over WGS 84 UTM and UPS: a square by letters and digits.

NGA.STND.0037 (2014) and DMA TM 8358.1: lettering "AA". Digits are cut off, never rounded, so that a
reference names the square in which the point lies; what is read is that square's middle, and its
size counts. 1 m to 100 km; polar squares included; the zones of Norway and Svalbard are theirs.
"""

import re
from math import floor
from typing import Final, NamedTuple

from clearline.model.refusal import Refusal
from clearline.model.space import DEGREE_E7, LatLon
from clearline.notation.reading import Notation, Position, refuse_place
from clearline.notation.transverse import (
    UPS_FALSE_M,
    polar,
    polar_back,
    transverse,
    transverse_back,
)

SQUARE_M: Final = 100_000
BANDS: Final = "CDEFGHJKLMNPQRSTUVWX"
"""Eight degrees each from 80 S; X has twelve."""
_COLUMNS: Final = ("ABCDEFGH", "JKLMNPQR", "STUVWXYZ")
_ROWS: Final = "ABCDEFGHJKLMNPQRSTUV"
_CYCLE_M: Final = 2_000_000
"""Row letters begin again after twenty squares."""
_FALSE_EAST_M: Final = 500_000.0
_FALSE_NORTH_M: Final = 10_000_000.0
HALF_DIAGONAL_MM: Final = 712
"""Per metre of a square's side: half of its diagonal, over the least scale of the grids, 0.994."""
_SLACK: Final = 0.02
"""A square at the edge of a band or zone that only a sliver of it reaches: taken."""

_UTM: Final = re.compile(
    r"(\d{1,2}) ?([C-HJ-NP-X]) ?([A-HJ-NP-Z]) ?([A-HJ-NP-V])(?: ?(\d{1,10})| (\d{1,5}) (\d{1,5}))?",
    re.ASCII,
)
_UPS: Final = re.compile(
    r"([ABYZ]) ?([A-CF-HJ-LP-UX-Z]) ?([A-HJ-NP-Z])(?: ?(\d{1,10})| (\d{1,5}) (\d{1,5}))?", re.ASCII
)


class _Polar(NamedTuple):
    """Letters of one polar half: columns from an easting, rows from a northing, metres."""

    columns: str
    east_m: int
    rows: str
    north_m: int


_SOUTH_ROWS: Final = "ABCDEFGHJKLMNPQRSTUVWXYZ"
_POLAR: Final = {
    "A": _Polar("JKLPQRSTUXYZ", 800_000, _SOUTH_ROWS, 800_000),
    "B": _Polar("ABCFGHJKLPQR", 2_000_000, _SOUTH_ROWS, 800_000),
    "Y": _Polar("RSTUXYZ", 1_300_000, _SOUTH_ROWS[:14], 1_300_000),
    "Z": _Polar("ABCFGHJ", 2_000_000, _SOUTH_ROWS[:14], 1_300_000),
}


# --- writing -------------------------------------------------------------------------------------


def write_mgrs(at: LatLon, digits: int = 5) -> str:
    """The square that holds the point: 5 digits each way for 1 m, 0 for 100 km."""
    assert 0 <= digits <= 5, "five digits are metres"
    if at.lat >= 84 or at.lat < -80:
        head, east, north = _write_polar(at)
    else:
        head, east, north = _write_utm(at)
    if digits == 0:
        return head
    cut = 10 ** (5 - digits)
    return f"{head} {east % SQUARE_M // cut:0{digits}d} {north % SQUARE_M // cut:0{digits}d}"


def _write_utm(at: LatLon) -> tuple[str, int, int]:
    lat, lon = at.lat, at.lon
    zone, band = zone_of(lat, lon), BANDS[min(19, floor((lat + 80) / 8))]
    from_centre = (lon - _centre(zone) + 540) % 360 - 180
    x, y = transverse(lat, from_centre)
    east, north = floor(x + _FALSE_EAST_M), floor(y if lat >= 0 else y + _FALSE_NORTH_M)
    column = _COLUMNS[(zone - 1) % 3][east // SQUARE_M - 1]
    row = _ROWS[(north // SQUARE_M + (0 if zone % 2 else 5)) % 20]
    return f"{zone:02d}{band} {column}{row}", east, north


def _write_polar(at: LatLon) -> tuple[str, int, int]:
    is_north = at.lat > 0
    east_m, north_m = polar(at.lat, at.lon, north=is_north)
    east, north = floor(east_m), floor(north_m)
    west = east < 2_000_000
    name = ("Y" if west else "Z") if is_north else ("A" if west else "B")
    half = _POLAR[name]
    column = half.columns[(east - half.east_m) // SQUARE_M]
    row = half.rows[(north - half.north_m) // SQUARE_M]
    return f"{name} {column}{row}", east, north


def zone_of(lat: float, lon: float) -> int:
    """The UTM zone, with those that are wider by agreement: 32V, and 31X, 33X, 35X, 37X."""
    zone = floor((lon + 180) / 6) % 60 + 1
    if 56 <= lat < 64 and 3 <= lon < 12:
        return 32
    if lat >= 72 and 0 <= lon < 42:
        return 31 if lon < 9 else 33 if lon < 21 else 35 if lon < 33 else 37
    return zone


def _centre(zone: int) -> int:
    return zone * 6 - 183


def _reach(zone: int, band: str) -> tuple[float, float] | None:
    """Westernmost and easternmost longitude of a zone in a band; None where there is none."""
    if band == "V" and zone in (31, 32):
        return (0.0, 3.0) if zone == 31 else (3.0, 12.0)
    if band == "X" and 31 <= zone <= 37:
        wide = {31: (0.0, 9.0), 33: (9.0, 21.0), 35: (21.0, 33.0), 37: (33.0, 42.0)}
        return wide.get(zone)
    return float(zone * 6 - 186), float(zone * 6 - 180)


# --- reading -------------------------------------------------------------------------------------


def looks_like_mgrs(said: str) -> bool:
    """Whether the plain text has the form of a grid reference; no degrees have that form."""
    return _UTM.fullmatch(said) is not None or _UPS.fullmatch(said) is not None


def read_mgrs(said: str) -> Position | Refusal:
    """The square that the plain text names: its middle and how far its corners lie from there."""
    if found := _UTM.fullmatch(said):
        digits = _digits(found[5], found[6], found[7])
        if digits is None:
            return refuse_place(said, "grid-digits-odd")
        return _read_utm(said, int(found[1]), found[2], found[3] + found[4], digits)
    if found := _UPS.fullmatch(said):
        digits = _digits(found[4], found[5], found[6])
        if digits is None:
            return refuse_place(said, "grid-digits-odd")
        return _read_polar(said, found[1], found[2] + found[3], digits)
    return refuse_place(said, "no-position")


def _digits(joined: str | None, east: str | None, north: str | None) -> tuple[str, str] | None:
    """Both numbers, equally long; None where they are not."""
    if joined is not None:
        if len(joined) % 2:
            return None
        return joined[: len(joined) // 2], joined[len(joined) // 2 :]
    if east is None or north is None:
        return "", ""
    return (east, north) if len(east) == len(north) else None


def _read_utm(
    said: str, zone: int, band: str, square: str, digits: tuple[str, str]
) -> Position | Refusal:
    columns = _COLUMNS[(zone - 1) % 3]
    reach = _reach(zone, band) if 1 <= zone <= 60 else None
    if reach is None or square[0] not in columns:
        return refuse_place(said, "grid-no-such-square")
    side = 10 ** (5 - len(digits[0]))
    east = (columns.index(square[0]) + 1) * SQUARE_M + int(digits[0] or 0) * side
    row = (_ROWS.index(square[1]) - (0 if zone % 2 else 5)) % 20
    first = row * SQUARE_M + int(digits[1] or 0) * side
    south = -80.0 + 8 * BANDS.index(band)
    north = 84.0 if band == "X" else south + 8
    for cycle in range(5):
        low = first + cycle * _CYCLE_M
        if _meets(zone, band, (east, low, side), (south, north), reach):
            x, y = _middle(band, east, low, side)
            lat, lon = transverse_back(x, y)
            return _position(lat, lon + _centre(zone), side)
    return refuse_place(said, "grid-no-such-square")


def _middle(band: str, east: int, north: int, side: int) -> tuple[float, float]:
    shift = _FALSE_NORTH_M if band < "N" else 0.0
    return east + side / 2 - _FALSE_EAST_M, north + side / 2 - shift


def _meets(
    zone: int, band: str, cell: tuple[int, int, int], lats: tuple[float, float],
    lons: tuple[float, float],
) -> bool:  # fmt: skip
    """Whether some of the square lies in its band and zone, by nine of its points."""
    east, north, side = cell
    x, y = _middle(band, east, north, side)
    half = side / 2
    points = [transverse_back(x + i * half, y + j * half) for i in (-1, 0, 1) for j in (-1, 0, 1)]
    centre = _centre(zone)
    found_lats = [lat for lat, _ in points]
    found_lons = [lon + centre for _, lon in points]
    more_lat = _SLACK * (max(found_lats) - min(found_lats))
    more_lon = _SLACK * (max(found_lons) - min(found_lons))
    return (
        max(found_lats) + more_lat >= lats[0]
        and min(found_lats) - more_lat < lats[1]
        and max(found_lons) + more_lon >= lons[0]
        and min(found_lons) - more_lon < lons[1]
    )


def _read_polar(said: str, name: str, square: str, digits: tuple[str, str]) -> Position | Refusal:
    half = _POLAR[name]
    if square[0] not in half.columns or square[1] not in half.rows:
        return refuse_place(said, "grid-no-such-square")
    side = 10 ** (5 - len(digits[0]))
    east = half.east_m + half.columns.index(square[0]) * SQUARE_M + int(digits[0] or 0) * side
    north = half.north_m + half.rows.index(square[1]) * SQUARE_M + int(digits[1] or 0) * side
    is_north = name in "YZ"
    lat, lon = polar_back(east + side / 2, north + side / 2, north=is_north)
    x, y = (min(max(UPS_FALSE_M, edge), edge + side) for edge in (east, north))
    poleward = abs(polar_back(x, y, north=is_north)[0])
    if poleward < (84.0 if is_north else 80.0) - 1e-9:
        return refuse_place(said, "grid-no-such-square")
    return _position(lat, lon, side)


def _position(lat: float, lon: float, side: int) -> Position:
    east = (lon + 180) % 360 - 180
    return Position(
        at=LatLon(round(lat * DEGREE_E7), round(east * DEGREE_E7)),
        notation=Notation.MGRS,
        cell_mm=side * HALF_DIAGONAL_MM,
        step_mm=side * HALF_DIAGONAL_MM,
    )
