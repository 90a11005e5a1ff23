"""A small drawing of volumes: outlines, a net of degrees, a scale bar, north. SVG without a map.

Frame: degrees about the middle of what is drawn, east shrunk by the cosine of the latitude; lengths
hold within some per cent for a few hundred kilometres. Edges are drawn straight between points. It
is there to recognise a place by, and not to navigate by: the numbers beside it count.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from math import cos, floor, log10, radians
from typing import Final

from clearline.model.space import Corridor, Disc, Footprint, LatLon
from clearline.notation.apart import point_from

SIDE: Final = 440
"""Width and height of the drawing, in its own units."""
MARGIN: Final = 26
DEGREE_KM: Final = 111.195
LEAST_KM: Final = 4.0
POINTS: Final = 48
STEPS: Final = (5 / 3600, 1 / 60, 2 / 60, 5 / 60, 10 / 60, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """What part of the world is drawn: middle, degrees of latitude to either side, shrinking."""

    lat: float
    lon: float
    half: float

    @property
    def shrink(self) -> float:
        """By how much a degree of longitude is shorter."""
        return max(0.02, cos(radians(self.lat)))

    def xy(self, lat: float, lon: float) -> tuple[float, float]:
        """Where a place is drawn."""
        scale = (SIDE / 2 - MARGIN) / self.half
        east = ((lon - self.lon + 180) % 360 - 180) * self.shrink
        return SIDE / 2 + east * scale, SIDE / 2 - (lat - self.lat) * scale


def _outline(footprint: Footprint) -> list[tuple[float, float]]:
    """Points of the outline, or of the line of a corridor, in degrees."""
    if isinstance(footprint, Disc):
        return [
            _degrees(point_from(footprint.centre, n * 360_000 // POINTS, footprint.radius_mm))
            for n in range(POINTS)
        ]
    points = footprint.line if isinstance(footprint, Corridor) else footprint.outer
    return [_degrees(point) for point in points]


def _degrees(point: LatLon) -> tuple[float, float]:
    return point.lat, point.lon


def _frame(footprints: Iterable[Footprint]) -> Frame:
    points, width = [], 0.0
    for each in footprints:
        points += _outline(each)
        if isinstance(each, Corridor):
            width = max(width, each.half_width_mm / 1e6 / DEGREE_KM)
    first = points[0][1]
    lons = [first + (lon - first + 180) % 360 - 180 for _, lon in points]
    lats = [lat for lat, _ in points]
    lat, lon = (min(lats) + max(lats)) / 2, (min(lons) + max(lons)) / 2
    shrink = max(0.02, cos(radians(lat)))
    half = max((max(lats) - min(lats)) / 2, (max(lons) - min(lons)) / 2 * shrink) + width
    return Frame(lat=lat, lon=lon, half=max(half * 1.25, LEAST_KM / DEGREE_KM))


def drawing(
    footprints: Sequence[Footprint], zones: Sequence[tuple[str, Footprint]], title: str
) -> str:
    """An SVG of the volumes, numbered, with the outlines of the reader's own zones dashed."""
    frame = _frame(footprints)
    shapes = [_shape(frame, zone, "zone") for _, zone in zones]
    shapes += [_shape(frame, each, "volume") for each in footprints]
    numbers = [_number(frame, each, n) for n, each in enumerate(footprints, 1)]
    return "".join(
        [
            f'<svg viewBox="0 0 {SIDE} {SIDE}" role="img" aria-label="{escape(title)}" '
            'xmlns="http://www.w3.org/2000/svg">',
            f'<clipPath id="c"><rect x="{MARGIN}" y="{MARGIN}" width="{SIDE - 2 * MARGIN}" '
            f'height="{SIDE - 2 * MARGIN}"/></clipPath>',
            _net(frame), '<g clip-path="url(#c)">', *shapes, *numbers, "</g>",
            f'<rect class="rim" x="{MARGIN}" y="{MARGIN}" width="{SIDE - 2 * MARGIN}" '
            f'height="{SIDE - 2 * MARGIN}"/>',
            _scale(frame), _north(), "</svg>",
        ]
    )  # fmt: skip


def _path(frame: Frame, points: Iterable[tuple[float, float]], *, closed: bool) -> str:
    places = (frame.xy(*point) for point in points)
    return "M" + "L".join(f"{x:.1f},{y:.1f}" for x, y in places) + ("Z" if closed else "")


def _shape(frame: Frame, footprint: Footprint, kind: str) -> str:
    if not isinstance(footprint, Corridor):
        return f'<path class="{kind}" d="{_path(frame, _outline(footprint), closed=True)}"/>'
    path = _path(frame, _outline(footprint), closed=False)
    wide = 2 * footprint.half_width_mm / 1e6 / DEGREE_KM * (SIDE / 2 - MARGIN) / frame.half
    return (
        f'<path class="{kind} wide" style="stroke-width:{max(wide, 2):.1f}" d="{path}"/>'
        f'<path class="{kind} line" d="{path}"/>'
    )


def _number(frame: Frame, footprint: Footprint, n: int) -> str:
    points = _outline(footprint)
    lat = sum(point[0] for point in points) / len(points)
    first = points[0][1]
    lon = first + sum((p[1] - first + 180) % 360 - 180 for p in points) / len(points)
    x, y = frame.xy(lat, lon)
    return f'<text class="n" x="{x:.1f}" y="{y + 5:.1f}">{n}</text>'


def _net(frame: Frame) -> str:
    """Meridians and parallels with their degrees."""
    low = MARGIN
    high = SIDE - MARGIN
    wide = frame.half / frame.shrink
    found = []
    step = next((each for each in STEPS if 2 * frame.half / each <= 5), STEPS[-1])
    for n in range(
        floor((frame.lat - frame.half) / step) + 1, floor((frame.lat + frame.half) / step) + 1
    ):
        _, y = frame.xy(n * step, frame.lon)
        found.append(f'<path class="net" d="M{low},{y:.1f}H{high}"/>')
        found.append(
            f'<text class="deg" x="{low + 3}" y="{y - 2:.1f}">{_angle(n * step, "NS")}</text>'
        )
    step = next((each for each in STEPS if 2 * wide / each <= 5), STEPS[-1])
    for n in range(floor((frame.lon - wide) / step) + 1, floor((frame.lon + wide) / step) + 1):
        x, _ = frame.xy(frame.lat, n * step)
        lon = (n * step + 180) % 360 - 180
        if not low <= x <= high - 24:
            continue
        found.append(f'<path class="net" d="M{x:.1f},{low}V{high}"/>')
        found.append(f'<text class="deg" x="{x + 2:.1f}" y="{low - 4}">{_angle(lon, "EW")}</text>')
    return "".join(found)


def _angle(degrees: float, letters: str) -> str:
    seconds = round(abs(degrees) * 3600)
    whole, rest = divmod(seconds, 3600)
    tail = f"{rest // 60:02d}&#8242;" + (f"{rest % 60:02d}&#8243;" if rest % 60 else "")
    return f"{whole}&#176;{tail if rest else ''}{letters[degrees < 0]}"


def _scale(frame: Frame) -> str:
    """A bar of a round length, about a quarter of the width."""
    km_wide = 2 * frame.half * DEGREE_KM
    wanted = km_wide / 4
    power = 10.0 ** floor(log10(wanted))
    length = max(each * power for each in (1, 2, 5) if each * power <= wanted)
    pixels = length / km_wide * (SIDE - 2 * MARGIN)
    x, y = MARGIN + 8, SIDE - MARGIN - 10
    return (
        f'<path class="bar" d="M{x},{y - 5}V{y}H{x + pixels:.1f}V{y - 5}"/>'
        f'<text class="deg" x="{x + pixels + 5:.1f}" y="{y}">{length:g} km</text>'
    )


def _north() -> str:
    x, y = SIDE - MARGIN - 16, MARGIN + 12
    return (
        f'<path class="north" d="M{x},{y}l7,20l-7,-5l-7,5z"/>'
        f'<text class="n" x="{x}" y="{y + 36}">N</text>'
    )
