"""Plans as people write them, for the tests of the check."""

import io
import json
from functools import lru_cache
from pathlib import Path

from clearline.cli.picture import document_of
from clearline.model.entry import Notice
from clearline.model.time import HOUR, Instant
from clearline.plan.export import export_picture
from clearline.plan.snapshot import PictureDoc, SignedPicture, read_picture
from tests.town import Town, disc, node_key_of, volume

ROOT = Path(__file__).parent.parent
EXAMPLES = ROOT / "examples" / "check"
START, END = "2026-03-01T06:00:00Z", "2026-03-01T07:00:00Z"


def time(value: str) -> dict[str, str]:
    return {"value": value, "format": "RFC3339"}


def circle(lat: float, lng: float, radius_m: float, **more: object) -> dict[str, object]:
    """A disc with nothing else said, as F3548 writes it."""
    radius = {"value": radius_m, "units": "M"}
    return {"outline_circle": {"center": {"lat": lat, "lng": lng}, "radius": radius}, **more}


def polygon(*corners: tuple[float, float], **more: object) -> dict[str, object]:
    return {"outline_polygon": {"vertices": [{"lat": a, "lng": b} for a, b in corners], **more}}


def height(
    value: float | None, reference: str = "W84", units: str | None = "M"
) -> dict[str, object]:
    found: dict[str, object] = {"reference": reference}
    if value is not None:
        found["value"] = value
    if units is not None:
        found["units"] = units
    return found


def item(outline: dict[str, object], **more: object) -> dict[str, object]:
    """From the ellipsoid to 1,000 m, from START to END, unless said otherwise."""
    inner = {
        **outline,
        "altitude_lower": more.pop("lower", height(0)),
        "altitude_upper": more.pop("upper", height(1000)),
    }
    start, end = more.pop("start", START), more.pop("end", END)
    found: dict[str, object] = {
        "volume": {key: value for key, value in inner.items() if value is not None}
    }
    if start is not None:
        found["time_start"] = time(str(start))
    if end is not None:
        found["time_end"] = time(str(end))
    return {**found, **more}


def raw(value: object) -> bytes:
    return json.dumps(value).encode()


def lines(*values: object) -> io.BytesIO:
    """NDJSON."""
    return io.BytesIO(b"".join(raw(value) + b"\n" for value in values))


@lru_cache
def town() -> Town:
    """Two parties; BRAVO holds one notice of ALFA's."""
    made = Town(("ALFA", "BRAVO"))
    window = Instant(made.now + HOUR), Instant(made.now + 2 * HOUR)
    box = Notice(cls="hazardous-air", label="box", volumes=(volume(disc(35.6, 35.7, 8), *window),))
    made.say("ALFA", box)
    made.settle()
    made.wait(10_000)
    made.tick()
    return made


@lru_cache
def document() -> PictureDoc:
    """What BRAVO knows."""
    return document_of(town().nodes["BRAVO"], town().line, town().now)


@lru_cache
def picture_bytes() -> bytes:
    return export_picture(document(), node_key_of("BRAVO"))


def picture() -> SignedPicture:
    found = read_picture(picture_bytes())
    assert isinstance(found, SignedPicture), found
    return found
