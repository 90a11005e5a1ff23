"""readsb's ``aircraft.json`` -> sightings. Pure; never raises.

``now`` is seconds since 1970, ``seen_pos`` how long before it the position was, seconds. Units are
knots, feet, feet a minute. ``alt_baro`` (pressure height: a level) can be the word "ground";
``alt_geom`` is above the ellipsoid and is taken before it. An aircraft without a position is no
sighting; one with a speed and no course is judged where it is, as one that stands still.
"""

from math import isfinite
from typing import Final

import msgspec

from clearline.interfaces.tracks.lines import Read
from clearline.model.refusal import Code, Refusal
from clearline.model.sighting import Sighting
from clearline.model.space import HeightRef
from clearline.model.time import SECOND, Instant
from clearline.node.live.book import check_sighting

FILE_BYTES_MAX: Final = 32 << 20
"""A hundred thousand aircraft of 300 bytes each."""
CLAUSE: Final = "CL-TRK-008"
GROUND: Final = "ground"
KNOT_MPS: Final = 1852 / 3600
FOOT_M: Final = 0.3048
_ID_MAX: Final = 16


class _Aircraft(msgspec.Struct, frozen=True):
    """What is used of an aircraft; whatever else stands there is passed over: the format grows."""

    hex: str
    flight: str | None = None
    lat: float | None = None
    lon: float | None = None
    seen_pos: float | None = None
    alt_baro: float | str | None = None
    alt_geom: float | None = None
    gs: float | None = None
    track: float | None = None
    baro_rate: float | None = None
    geom_rate: float | None = None


class _File(msgspec.Struct, frozen=True):
    now: float
    aircraft: list[msgspec.Raw]


_FILE: Final = msgspec.json.Decoder(_File)
_ONE: Final = msgspec.json.Decoder(_Aircraft)


def read_aircraft(raw: bytes, source: str) -> Read:
    """All aircraft with a position. A file that is none is one refusal; a bad aircraft another."""
    read = Read()
    try:
        file = _FILE.decode(raw)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        read.refuse(Refusal(code=Code.NOT_JSON, clause=CLAUSE, params={"reason": "syntax"}))
        return read
    if not (isfinite(file.now) and 0 <= file.now < 1e11):
        read.refuse(Refusal(code=Code.NUMBER_RANGE, clause=CLAUSE, at="/now"))
        return read
    for piece in file.aircraft:
        try:
            one = _ONE.decode(piece)
        except (msgspec.MsgspecError, ValueError, RecursionError):
            read.refuse(Refusal(code=Code.BAD_FIELD, clause=CLAUSE, at="/aircraft"))
            continue
        if one.lat is None or one.lon is None:
            continue  # heard, and nobody knows where
        seen = _sighting(one, source, file.now)
        wrong = seen if isinstance(seen, Refusal) else check_sighting(seen)
        if isinstance(seen, Refusal) or wrong is not None:
            assert wrong is not None, "what is no sighting is a refusal"
            read.refuse(wrong)
        else:
            read.sightings.append(seen)
    return read


def _sighting(one: _Aircraft, source: str, now_s: float) -> Sighting | Refusal:
    assert one.lat is not None, "asked only of what has a place"
    assert one.lon is not None, "asked only of what has a place"
    if not (0 < len(one.hex) <= _ID_MAX and one.hex.isascii() and one.hex.isprintable()):
        return Refusal(code=Code.BAD_TEXT, clause=CLAUSE, at="/hex", params={"max": _ID_MAX})
    ago = one.seen_pos or 0.0
    if not (isfinite(ago) and 0 <= ago < 1e7):
        return Refusal(code=Code.NUMBER_RANGE, clause=CLAUSE, at="/seen_pos")
    moves = one.track is not None
    on_ground = one.alt_baro == GROUND
    height, ref, climb = _height(one)
    return Sighting(
        source=source,
        id=one.hex,
        at=Instant(round((now_s - ago) * SECOND)),
        lat=one.lat,
        lon=one.lon,
        course_deg=one.track if moves else None,
        speed_mps=(one.gs or 0.0) * KNOT_MPS if moves else 0.0,
        height_m=None if on_ground else height,
        ref=HeightRef.SFC if on_ground else ref,
        climb_mps=None if on_ground or climb is None else climb * FOOT_M / 60,
        call_sign=_call_sign(one.flight),
    )


def _height(one: _Aircraft) -> tuple[float | None, HeightRef | None, float | None]:
    """The height that says most, what it is measured from, and the rate of the same kind."""
    if one.alt_geom is not None:
        rate = one.geom_rate if one.geom_rate is not None else one.baro_rate
        return one.alt_geom * FOOT_M, HeightRef.W84, rate
    if isinstance(one.alt_baro, int | float):
        rate = one.baro_rate if one.baro_rate is not None else one.geom_rate
        return one.alt_baro * FOOT_M, HeightRef.FL, rate
    return None, None, None


def _call_sign(flight: str | None) -> str | None:
    text = (flight or "").strip()[:_ID_MAX]
    return text if text and text.isascii() and text.isprintable() else None
