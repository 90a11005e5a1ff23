"""Tracks from bytes: a JSON list or one object a line, each taken or refused by its place.

| field | means |
|---|---|
| ``id`` | text or a whole number, which is held as its digits; once in the file |
| ``lat``, ``lon`` | degrees, WGS 84 |
| ``track_deg`` | course over the ground, degrees true; not needed at speed nought |
| ``speed_mps`` or ``speed_kt`` | ground speed |
| ``alt_m`` or ``alt_ft`` | height, or ``"ground"``; null or absent: not known |
| ``alt_ref`` | what it is measured from: W84, AMSL, AGL or FL; absent: not stated |
| ``vs_mps`` or ``vs_fpm`` | vertical speed, up positive; null or absent: not known |
| ``time`` | when this was so, RFC 3339 with a zone; absent: now |
| ``turn_dps`` | how fast it can turn, degrees a second |

CL-TRK-001 to -004 are ``conflict.tracks.track``'s; -005: a time has a zone and lies within an hour
of now; -006: a record is one JSON object with these fields, each thing stated once.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from difflib import get_close_matches
from math import isfinite
from typing import Final

import msgspec

from clearline.conflict.tracks.track import AGE_S_MAX, Track, age_s, check_track
from clearline.model.refusal import Code, Param, Refusal
from clearline.model.sighting import Sighting
from clearline.model.space import HeightRef
from clearline.model.time import Instant, parse_utc
from clearline.plan.answer import RefusedItem
from clearline.plan.codec import doubled, why_not_json
from clearline.plan.source import Lines, pieces
from clearline.wire.schema import fault, odd_name
from clearline.words.sentences import sentence

FOOT_M: Final = 0.3048
KNOT_MPS: Final = 1852 / 3600
ID_CHARS_MAX: Final = 64
TRACKS_MAX: Final = 1_000_000
"""About 300 bytes each while they are held."""
TIMES: Final = "CL-TRK-005"
RECORD: Final = "CL-TRK-006"
GROUND: Final = "ground"
_TIME_CHARS_MAX: Final = 64
_REFS: Final = {str(r): r for r in (HeightRef.W84, HeightRef.AMSL, HeightRef.AGL, HeightRef.FL)}


class TrackShape(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One record as it is written."""

    id: str | int
    lat: float
    lon: float
    track_deg: float | None = None
    speed_mps: float | None = None
    speed_kt: float | None = None
    alt_m: float | str | None = None
    alt_ft: float | str | None = None
    alt_ref: str | None = None
    vs_mps: float | None = None
    vs_fpm: float | None = None
    time: str | None = None
    turn_dps: float | None = None

    @property
    def name(self) -> str:
        """The id as it is held and told: 17 and ``"17"`` are one track."""
        return str(self.id)


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackFile:
    """What was read: tracks with how fast each can turn (degrees a second, None: not stated), when
    ``now`` is, and what was refused, by its place."""

    tracks: tuple[Track, ...]
    turn_dps: tuple[float | None, ...]
    now: Instant | None
    refused: tuple[RefusedItem, ...]


_EITHER: Final = (
    ("two-heights", "alt_m", "alt_ft"),
    ("two-speeds", "speed_mps", "speed_kt"),
    ("two-rates", "vs_mps", "vs_fpm"),
)
_DECODER: Final = msgspec.json.Decoder(TrackShape)
_NAMES: Final = tuple(f'"{name}"'.encode() for name in TrackShape.__struct_fields__)
_WANTED: Final = {
    "": "object",
    "/id": "text, whole number",
    "/alt_m": "number, ground",
    "/alt_ft": "number, ground",
    "/alt_ref": ", ".join(_REFS),
    "/time": "2018-09-17T18:39:00Z",
}
"""What belongs in a field; a number in every other."""


def read_tracks(
    source: Lines, now: Instant | None = None, ref: HeightRef | None = None
) -> TrackFile:
    """Every record of the source. Never raises for what it holds.

    ``now``: what times are told against; without one, the newest time stated. ``ref``: what heights
    are measured from that do not say so themselves.
    """
    taken: list[tuple[int, str, Track, float | None]] = []
    refused: list[RefusedItem] = []
    seen: set[str] = set()
    for piece in pieces(source):
        found = piece.raw if isinstance(piece.raw, Refusal) else read_track(piece.raw)
        if not isinstance(found, Refusal):
            track, turn = found
            if track.id in seen:
                found = _no(Code.BAD_FIELD, "/id", reason="duplicate-id", id=track.id)
            elif len(seen) >= TRACKS_MAX:
                found = _no(Code.TOO_MANY, "", limit=TRACKS_MAX)
            else:
                seen.add(track.id)
                stated = ref is not None and track.ref is None and track.height_m is not None
                taken.append((piece.place, piece.unit, replace(track, ref=ref) if stated else track,
                              turn))  # fmt: skip
        if isinstance(found, Refusal):
            refused.append(_refused(piece.unit, piece.place, found))
    if now is None:
        now = max((track.at for _, _, track, _ in taken if track.at is not None), default=None)
    fresh = []
    for place, unit, track, turn in taken:
        age = age_s(track, now)
        if abs(age) > AGE_S_MAX:
            facts: dict[str, Param] = {"found": int(age), "max": int(AGE_S_MAX)}
            old = Refusal(code=Code.STALE, clause=TIMES, at="/time", params=facts)
            refused.append(_refused(unit, place, old))
        else:
            fresh.append((track, turn))
    return TrackFile(
        tracks=tuple(track for track, _ in fresh),
        turn_dps=tuple(turn for _, turn in fresh),
        now=now,
        refused=tuple(sorted(refused, key=lambda item: item.place)),
    )


def read_track(raw: bytes) -> tuple[Track, float | None] | Refusal:
    """One record: the track and how fast it can turn; or the first reason why not."""
    try:
        shape = _DECODER.decode(raw)
    except msgspec.ValidationError as mismatch:
        return _misfit(raw, str(mismatch))
    except (ValueError, RecursionError):
        return _no(Code.NOT_JSON, "", reason=why_not_json(raw))
    if _may_double(raw) and (name := doubled(raw)) is not None:
        return _no(Code.NOT_CANONICAL, "", reason="duplicate-name", name=name)
    return take_shape(shape)


def _may_double(raw: bytes) -> bool:
    """Whether a name might stand twice, of which the decoder would take the last."""
    return b"\\" in raw or any(raw.count(name) > 1 for name in _NAMES)


def take_shape(shape: TrackShape) -> tuple[Track, float | None] | Refusal:
    """One record whose fields are of their kinds, as ``read_track``."""
    wrong = next(_twice(shape), None)
    if wrong is not None:
        return wrong
    at: Instant | None = None
    if shape.time is not None:
        found = _time(shape.time)
        if isinstance(found, Refusal):
            return found
        at = found
    speed = _one(shape.speed_mps, shape.speed_kt, KNOT_MPS)
    if speed is None:
        return _no(Code.MISSING_FIELD, "/speed_mps", field="speed_mps")
    on_ground = GROUND in (shape.alt_m, shape.alt_ft)
    track = Track(
        id=shape.name,
        lat=shape.lat,
        lon=shape.lon,
        course_deg=shape.track_deg,
        speed_mps=speed,
        height_m=None if on_ground else _one(shape.alt_m, shape.alt_ft, FOOT_M),
        ref=HeightRef.SFC if on_ground else _REFS.get(shape.alt_ref or ""),
        climb_mps=None if on_ground else _one(shape.vs_mps, shape.vs_fpm, FOOT_M / 60),
        at=at,
    )
    if track.ref is not None and track.height_m is None and not on_ground:
        track = replace(track, ref=None)  # a reference without a height says nothing
    return next(check_track(track), None) or (track, shape.turn_dps)


def sighting_of(
    track: Track, turn_dps: float | None, *, source: str, now: Instant, ref: HeightRef | None = None
) -> Sighting:
    """A checked track as a sighting of a source."""
    return Sighting(
        source=source,
        id=track.id,
        at=track.at if track.at is not None else now,
        lat=float(track.lat),
        lon=float(track.lon),
        course_deg=None if track.course_deg is None else float(track.course_deg),
        speed_mps=float(track.speed_mps),
        height_m=None if track.height_m is None else float(track.height_m),
        ref=ref if track.ref is None and track.height_m is not None else track.ref,
        climb_mps=None if track.climb_mps is None else float(track.climb_mps),
        turn_dps=None if turn_dps is None else float(turn_dps),
    )


def _one(plain: float | str | None, other: float | str | None, factor: float) -> float | None:
    """The one of two that is there, in the first one's unit."""
    if isinstance(plain, int | float):
        return float(plain)
    return other * factor if isinstance(other, int | float) else None


def _twice(shape: TrackShape) -> Iterator[Refusal]:
    """What is stated twice, or in words that mean nothing here."""
    if not 0 < len(shape.name) <= ID_CHARS_MAX or not shape.name.isprintable():
        yield _no(Code.BAD_TEXT, "/id", max=ID_CHARS_MAX)
    for reason, a, b in _EITHER:
        if getattr(shape, a) is not None and getattr(shape, b) is not None:
            yield _no(Code.BAD_FIELD, f"/{b}", reason=reason)
    for field in ("alt_m", "alt_ft"):
        if isinstance(getattr(shape, field), str) and getattr(shape, field) != GROUND:
            yield _no(Code.BAD_FIELD, f"/{field}", wanted=_WANTED[f"/{field}"])
    if shape.alt_ref is not None and shape.alt_ref not in _REFS:
        yield _no(Code.BAD_HEIGHT, "/alt_ref", wanted=", ".join(_REFS))
    turn = shape.turn_dps
    if turn is not None and not (isfinite(turn) and 0 < turn <= 360):
        yield _no(Code.NUMBER_RANGE, "/turn_dps", min=0, max=360)


def _time(text: str) -> Instant | Refusal:
    code, facts = Code.BAD_FIELD, {"reason": "not-a-time"}
    if len(text) <= _TIME_CHARS_MAX:
        try:
            return parse_utc(text)
        except ValueError as error:
            if "no zone" in str(error):
                code, facts = Code.NO_TIME_ZONE, {"value": text}
    return Refusal(code=code, clause=TIMES, at="/time", params={**facts})


def _misfit(raw: bytes, message: str) -> Refusal:
    try:
        odd = odd_name(msgspec.json.decode(raw), "")
    except (ValueError, RecursionError):
        return _no(Code.NOT_JSON, "", reason=why_not_json(raw))
    found = odd or fault(message, "")
    if found.code is Code.BAD_FIELD:
        return _no(found.code, found.at, wanted=_WANTED.get(found.at, "number"))
    params = {**found.params}
    close = get_close_matches(str(params.get("field")), TrackShape.__struct_fields__)
    if found.code is Code.UNKNOWN_FIELD and close:  # not skipped: a misspelt time would be now
        params["known"] = ", ".join(close)
    return msgspec.structs.replace(found, clause=RECORD, params=params)


def _no(code: Code, at: str, **params: Param) -> Refusal:
    return Refusal(code=code, clause=RECORD, at=at, params=params)


def _refused(unit: str, place: int, refusal: Refusal) -> RefusedItem:
    return RefusedItem(
        source="tracks",
        unit=unit,
        place=place,
        code=refusal.code,
        clause=refusal.clause,
        at=refusal.at,
        sentence=sentence(refusal),
    )
