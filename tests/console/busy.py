"""A line with a great deal on it, for measuring and for looking: areas of every sort, small sites
close together, conflicts, an ended hazard, tracks with and without course, own movers."""

import json
import math
import random

import msgspec

from clearline.model.entry import Notice
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
from clearline.model.time import HOUR, MINUTE, Instant
from clearline.node.requests import Batch, MoverFix, MoverFixes
from tests.api_node import Running

CLASSES = ("hazardous-air", "air-movement", "protected-air", "hazardous-surface")
SORTS = ("Range", "Corridor", "Area")
LOW = Height(ref=HeightRef.SFC)


def at(lat: float, lon: float) -> LatLon:
    """A place in degrees."""
    return LatLon(round(lat * 1e7), round(lon * 1e7))


def level(of: int) -> Height:
    """A flight level."""
    return Height(ref=HeightRef.FL, mm=of * 30_480)


def footprint(n: int, lat: float, lon: float, dice: random.Random) -> Footprint:
    """A disc, a corridor or a polygon of some kilometres about a place."""
    if n % 3 == 0:
        return Disc(centre=at(lat, lon), radius_mm=round(dice.uniform(3, 14) * 1e6))
    if n % 3 == 1:
        bearing, long = dice.uniform(0, 6.3), dice.uniform(0.15, 0.5)
        there = (lat + long * math.sin(bearing), lon + long * math.cos(bearing))
        bend = ((lat + there[0]) / 2 + 0.05, (lon + there[1]) / 2)
        line = (at(lat, lon), at(*bend), at(*there))
        half_mm = round(dice.uniform(1, 4) * 1e6)
        return Corridor(line=line, half_width_mm=half_mm, edge=Edge.GEODESIC)
    corners = [
        at(lat + 0.12 * math.sin(a) * r, lon + 0.15 * math.cos(a) * r)
        for a, r in ((k * 2 * math.pi / 7, dice.uniform(0.6, 1.2)) for k in range(7))
    ]
    return Polygon(outer=tuple(corners), edge=Edge.GEODESIC)


def volume(of: Footprint, start: Instant, hours: float, low: Height, high: Height) -> Volume:
    """A volume from a time on."""
    end = Instant(start + round(hours * HOUR))
    return Volume(footprint=of, lower=low, upper=high, start=start, end=end)


def areas(now: Instant, count: int, classes: tuple[str, ...], seed: int = 7) -> list[Notice]:
    """Notices spread over the eastern Mediterranean, some in force now, most later."""
    dice = random.Random(seed)
    found = []
    for n in range(count):
        lat, lon = dice.uniform(32.2, 37.2), dice.uniform(32.0, 40.0)
        begin = Instant(now + round(dice.uniform(-30, 240)) * MINUTE)
        band = (level(50 + 10 * (n % 20)), level(90 + 10 * (n % 20)))
        shape = volume(footprint(n, lat, lon, dice), begin, dice.uniform(1, 4), *band)
        label = f"{SORTS[n % 3]} {n}"
        found.append(Notice(cls=classes[n % len(classes)], label=label, volumes=(shape,)))
    return found


def sites(now: Instant, count: int, cls: str, seed: int = 8) -> list[Notice]:
    """Small sites to be kept clear, crowded as in towns."""
    dice = random.Random(seed)
    found = []
    for n in range(count):
        lat, lon = 36.2 + dice.gauss(0, 0.35), 37.1 + dice.gauss(0, 0.4)
        shape = volume(Disc(centre=at(lat, lon), radius_mm=150_000), now, 48, LOW, level(10))
        found.append(Notice(cls=cls, label=f"Site {n}", volumes=(shape,), operation="sites"))
    return found


def file(node: Running, notices: list[Notice], role: str = "watch") -> None:
    """File them in batches."""
    with node.client(role) as client:
        for first in range(0, len(notices), 50):
            client.file_all(node.line, Batch(notices=tuple(notices[first : first + 50])))


def tracks(count: int, step: int = 0, seed: int = 9) -> bytes:
    """A feed of tracks, each ``step`` times four seconds on along its course."""
    dice = random.Random(seed)
    found = []
    for n in range(count):
        lat, lon = dice.uniform(32.5, 37.5), dice.uniform(32.0, 39.5)
        course, speed = dice.uniform(0, 360), dice.uniform(40, 260)
        far = speed * 4 * step / 111_000
        one = {
            "id": f"{0x4B0000 + n:06x}", "lat": lat + far * math.cos(math.radians(course)),
            "lon": lon + far * math.sin(math.radians(course)) / math.cos(math.radians(lat)),
            "track_deg": course, "speed_mps": speed, "alt_ft": 1000 * dice.randint(1, 38),
            "alt_ref": "FL" if n % 2 else "W84",
        }  # fmt: skip
        found.append(one)
    return json.dumps({"tracks": found}).encode()


def feed(node: Running, count: int, step: int = 0) -> None:
    """Feed the node its tracks."""
    with node.http() as http:
        answer = http.post("/v1/tracks", content=tracks(count, step))
        assert answer.status_code == 200, answer.text


def movers(node: Running) -> None:
    """Two own movers: one known now, one long ago."""
    now = node.now()
    fixes = MoverFixes(
        movers=(
            MoverFix(call_sign="DUSTOFF 1", position=at(35.1, 36.2), speed_mms=60_000,
                     as_of=now, cls="air-movement"),
            MoverFix(call_sign="CONVOY 7", position=at(35.6, 36.9), speed_mms=12_000,
                     as_of=Instant(now - 25 * MINUTE), cls="air-movement"),
        )
    )  # fmt: skip
    with node.http() as http:
        path = f"/v1/lines/{node.line}/movers"
        answer = http.post(path, content=msgspec.json.encode(fixes))
        assert answer.status_code == 200, answer.text
