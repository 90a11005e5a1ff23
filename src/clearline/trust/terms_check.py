"""Whether terms can be signed: closed, complete, every name resolved, every number sane.

All faults are returned, each with a JSON pointer into the agreement, so that whoever edits the text
mends it in one go. Nothing here knows who has signed. Code BAD_AGREEMENT throughout, except where a
more telling one exists.

| clause | rule |
|---|---|
| CL-AGR-010 | protocol and record version are known |
| CL-AGR-011 | titles and names are readable text |
| CL-AGR-012 | two to PARTIES_MAX parties, ids and root keys distinct, keys of prime order |
| CL-AGR-013 | a represented party is no party; its relay and its backup are two different parties |
| CL-AGR-014 | a represented party does harm or can be harmed, and has an area where |
| CL-AGR-015 | areas have closed geometry with sane numbers |
| CL-AGR-016 | class ids distinct; there are ``distress`` (keeps clear), ``accident`` (a hazard) |
| CL-AGR-017 | every hazard has a tail; nothing else has one |
| CL-AGR-018 | the matrix has every unordered pair of classes exactly once |
| CL-AGR-019 | one deadline for each precedence, with a ladder of known roles, ever later |
| CL-AGR-020 | heartbeats, limits and times are in order and in range |
| CL-AGR-021 | languages are distinct BCP 47 tags, roles distinct words |
| CL-AGR-022 | data is named once each, by SHA-256 |
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import combinations_with_replacement, pairwise
from typing import Final

from clearline.model.entry import Precedence
from clearline.model.ids import is_digest, is_party_id
from clearline.model.limits import (
    CLASSES_MAX,
    CORRIDOR_MM_MAX,
    HEIGHT_MM_MAX,
    LABEL_CHARS_MAX,
    PARTIES_MAX,
    RADIUS_MM_MAX,
    REPRESENTED_MAX,
    VERTICES_MAX,
)
from clearline.model.refusal import Code, Param, Refusal
from clearline.model.space import Corridor, Disc, Footprint, LatLon, Polygon
from clearline.model.terms import Agreement, ClassTerm, DeadlineTerm, Effect, Represented
from clearline.model.time import DAY, HOUR, INSTANT_MAX, MINUTE, SECOND
from clearline.signing import read_public_key
from clearline.trust.documents import text_fault

PROTOCOL: Final = "clearline/1"
DISTRESS_CLASS: Final = "distress"
"""Class of the volumes of a DISTRESS entry: search and rescue, to be kept clear."""
ACCIDENT_CLASS: Final = "accident"
"""Class of the volumes of an ACCIDENT entry: something unplanned that can hurt."""

ZONES_MAX: Final = 16
"""Areas of one represented party: more are drawn as one."""
ROLES_MAX: Final = 16
"""Roles that a watch room keeps apart."""
RUNGS_MAX: Final = 8
"""Rungs of a ladder: beyond, nobody is left to call."""
LANGUAGES_MAX: Final = 8
DATA_MAX: Final = 32
LEAD_MS_MAX: Final = 14 * DAY
"""The longest notice in use (movements 48 h, INCSEA five days), with room."""
TAIL_MS_MAX: Final = 30 * DAY
"""Unexploded ordnance is a notice of its own, not a tail."""
LATERAL_MM_MAX: Final = CORRIDOR_MM_MAX
DEADLINE_MS_MAX: Final = 7 * DAY
KEPT_MS_MAX: Final = 10 * 366 * DAY
QNH_PA: Final = (85_000, 110_000)
"""Outside the lowest and highest sea-level pressure ever measured."""

_WORD = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", re.ASCII)
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?", re.ASCII)
_RULES = re.compile(r"[a-z][a-z0-9-]*/[1-9][0-9]{0,3}", re.ASCII)


def faults(agreement: Agreement) -> tuple[Refusal, ...]:
    """Everything that keeps these terms from being signed; empty when nothing does."""
    return tuple(
        fault
        for check in (
            _frame, _parties, _represented, _area, _classes, _pairs, _deadlines, _numbers, _names
        )
        for fault in check(agreement)
    )  # fmt: skip


def _frame(agreement: Agreement) -> Iterator[Refusal]:
    if agreement.v != 1:
        yield Refusal(code=Code.UNKNOWN_VERSION, clause="CL-AGR-010", at="/doc/v")
    if agreement.protocol != PROTOCOL:
        yield _no("CL-AGR-010", "/protocol", found=agreement.protocol, wanted=PROTOCOL)
    if _RULES.fullmatch(agreement.rules) is None:
        yield _no("CL-AGR-010", "/rules", found=agreement.rules)
    yield from _text(agreement.title, "/title")
    if agreement.version < 1 or (agreement.version == 1) != (agreement.line is None):
        yield Refusal(code=Code.WRONG_PREDECESSOR, clause="CL-AGR-003", at="/doc/version")
    if (agreement.line is None) != (agreement.previous is None):
        yield Refusal(code=Code.WRONG_PREDECESSOR, clause="CL-AGR-003", at="/doc/previous")
    for name, digest in (("line", agreement.line), ("previous", agreement.previous)):
        if digest is not None and not is_digest(digest):
            yield _no("CL-AGR-003", f"/{name}", found=digest)
    if not 0 <= agreement.effective <= INSTANT_MAX:
        yield _no("CL-AGR-020", "/effective", found=agreement.effective)


def _parties(agreement: Agreement) -> Iterator[Refusal]:
    terms = agreement.parties
    if not 2 <= len(terms) <= PARTIES_MAX:
        yield _no("CL-AGR-012", "/parties", count=len(terms), count_max=PARTIES_MAX)
    yield from _doubles("CL-AGR-012", "/parties", (term.id for term in terms))
    yield from _doubles("CL-AGR-012", "/parties", (term.root_key for term in terms))
    for index, term in enumerate(terms):
        at = f"/parties/{index}"
        if not is_party_id(term.id):
            yield _no("CL-AGR-012", f"{at}/id", found=term.id)
        yield from _text(term.name, f"{at}/name")
        key = read_public_key(term.root_key)
        if isinstance(key, Refusal):
            yield Refusal(
                code=key.code, clause=key.clause, at=f"/doc{at}/root_key", params={"party": term.id}
            )


def _represented(agreement: Agreement) -> Iterator[Refusal]:
    members = {term.id for term in agreement.parties}
    third = agreement.represented
    if len(third) > REPRESENTED_MAX:
        yield _no("CL-AGR-013", "/represented", count=len(third), count_max=REPRESENTED_MAX)
    yield from _doubles("CL-AGR-013", "/represented", (term.id for term in third))
    for index, term in enumerate(third):
        at = f"/represented/{index}"
        if not is_party_id(term.id) or term.id in members:
            yield _no("CL-AGR-013", f"{at}/id", found=term.id)
        yield from _text(term.name, f"{at}/name")
        for role, party in (("relay", term.relay), ("backup", term.backup)):
            if party not in members:
                yield _no("CL-AGR-013", f"{at}/{role}", found=party)
        if term.relay == term.backup:
            yield _no("CL-AGR-013", f"{at}/backup", found=term.backup)
        yield from _range("CL-AGR-013", f"{at}/deadline_ms", term.deadline_ms, SECOND, HOUR)
        yield from _zones(term, at)


def _zones(term: Represented, at: str) -> Iterator[Refusal]:
    if not (term.can_do_harm or term.can_be_harmed):
        yield _no("CL-AGR-014", at, party=term.id)
    if not 1 <= len(term.zones) <= ZONES_MAX:
        yield _no("CL-AGR-014", f"{at}/zones", count=len(term.zones), count_max=ZONES_MAX)
    yield from _doubles("CL-AGR-014", f"{at}/zones", (zone.label for zone in term.zones))
    for index, zone in enumerate(term.zones):
        here = f"{at}/zones/{index}"
        yield from _text(zone.label, f"{here}/label")
        yield from _footprint(zone.footprint, f"{here}/footprint")
        yield from _range("CL-AGR-014", f"{here}/reach_mm", zone.reach_mm, 0, LATERAL_MM_MAX)
        yield from _range("CL-AGR-014", f"{here}/after_ms", zone.after_ms, 0, DAY)


def _area(agreement: Agreement) -> Iterator[Refusal]:
    yield from _footprint(agreement.area, "/area")


def _classes(agreement: Agreement) -> Iterator[Refusal]:
    terms = agreement.classes
    if not 2 <= len(terms) <= CLASSES_MAX:
        yield _no("CL-AGR-016", "/classes", count=len(terms), count_max=CLASSES_MAX)
    yield from _doubles("CL-AGR-016", "/classes", (term.id for term in terms))
    effects = {term.id: term.effect for term in terms}
    for wanted, effect in ((DISTRESS_CLASS, Effect.KEEP_CLEAR), (ACCIDENT_CLASS, Effect.HAZARD)):
        if effects.get(wanted) is not effect:
            yield _no("CL-AGR-016", "/classes", cls=wanted, wanted=str(effect))
    for index, term in enumerate(terms):
        yield from _class(term, f"/classes/{index}")


def _class(term: ClassTerm, at: str) -> Iterator[Refusal]:
    if _WORD.fullmatch(term.id) is None:
        yield _no("CL-AGR-016", f"{at}/id", found=term.id)
    yield from _text(term.name, f"{at}/name")
    yield from _range("CL-AGR-020", f"{at}/lead_min_ms", term.lead_min_ms, 0, LEAD_MS_MAX)
    lowest, highest = (SECOND, TAIL_MS_MAX) if term.effect is Effect.HAZARD else (0, 0)
    yield from _range("CL-AGR-017", f"{at}/tail_ms", term.tail_ms, lowest, highest)
    for name, limit, highest in (
        ("reason_above_km2", term.reason_above_km2, 600_000_000),
        ("reason_above_ms", term.reason_above_ms, 366 * DAY),
    ):
        if limit is not None:
            yield from _range("CL-AGR-020", f"{at}/{name}", limit, 0, highest)
    if term.reconfirm_ms is not None:
        yield from _range("CL-AGR-020", f"{at}/reconfirm_ms", term.reconfirm_ms, HOUR, 366 * DAY)


def _pairs(agreement: Agreement) -> Iterator[Refusal]:
    classes = {term.id for term in agreement.classes}
    most = CLASSES_MAX * (CLASSES_MAX + 1) // 2
    if len(classes) > CLASSES_MAX or len(agreement.pairs) > most:
        # Nothing is compared pair by pair before both are known to be few.
        yield _no("CL-AGR-018", "/pairs", count=len(agreement.pairs), count_max=most)
        return
    given = {(term.a, term.b) for term in agreement.pairs}
    yield from _doubles("CL-AGR-018", "/pairs", (f"{p.a} / {p.b}" for p in agreement.pairs))
    for a, b in combinations_with_replacement(sorted(classes), 2):
        if (a, b) not in given:
            yield _no("CL-AGR-018", "/pairs", missing=f"{a} / {b}")
    for index, term in enumerate(agreement.pairs):
        at = f"/pairs/{index}"
        if term.a not in classes or term.b not in classes or term.a > term.b:
            yield _no("CL-AGR-018", at, pair=f"{term.a} / {term.b}")
            continue
        yield from _range("CL-AGR-020", f"{at}/lateral_mm", term.lateral_mm, 0, LATERAL_MM_MAX)
        yield from _range("CL-AGR-020", f"{at}/vertical_mm", term.vertical_mm, 0, HEIGHT_MM_MAX)
        yield from _range("CL-AGR-020", f"{at}/time_ms", term.time_ms, 0, DAY)


def _deadlines(agreement: Agreement) -> Iterator[Refusal]:
    given = Counter(term.precedence for term in agreement.deadlines)
    for precedence in Precedence:
        if given[precedence] != 1:
            yield _no("CL-AGR-019", "/deadlines", precedence=precedence, count=given[precedence])
    for index, term in enumerate(agreement.deadlines):
        yield from _deadline(term, f"/deadlines/{index}", agreement.roles)


def _deadline(term: DeadlineTerm, at: str, roles: tuple[str, ...]) -> Iterator[Refusal]:
    for name, length in (
        ("receipt_ms", term.receipt_ms),
        ("answer_ms", term.answer_ms),
        ("repeat_ms", term.repeat_ms),
    ):
        yield from _range("CL-AGR-019", f"{at}/{name}", length, SECOND, DEADLINE_MS_MAX)
    if not 1 <= len(term.ladder) <= RUNGS_MAX:
        yield _no("CL-AGR-019", f"{at}/ladder", count=len(term.ladder), count_max=RUNGS_MAX)
    for index, rung in enumerate(term.ladder):
        if rung.role not in roles:
            yield _no("CL-AGR-019", f"{at}/ladder/{index}/role", found=rung.role)
        yield from _range(
            "CL-AGR-019", f"{at}/ladder/{index}/after_ms", rung.after_ms, 0, DEADLINE_MS_MAX
        )
    if any(below.after_ms >= above.after_ms for below, above in pairwise(term.ladder)):
        yield _no("CL-AGR-019", f"{at}/ladder", why="each rung must be later than the one before")


def _numbers(agreement: Agreement) -> Iterator[Refusal]:
    beat = agreement.heartbeat_ms
    yield from _range("CL-AGR-020", "/heartbeat_ms", beat, SECOND, HOUR)
    # A single lost heartbeat must not ring: down after at least two intervals.
    yield from _range("CL-AGR-020", "/down_after_ms", agreement.down_after_ms, 2 * beat, DAY)
    yield from _range("CL-AGR-020", "/line_test_ms", agreement.line_test_ms, MINUTE, 7 * DAY)
    yield from _range(
        "CL-AGR-020", "/clock_offset_max_ms", agreement.clock_offset_max_ms, 1, 10 * MINUTE
    )
    yield from _range(
        "CL-AGR-020", "/sightings_kept_ms", agreement.sightings_kept_ms, HOUR, KEPT_MS_MAX
    )
    yield from _range(
        "CL-AGR-020", "/picture_stale_ms", agreement.picture_stale_ms, SECOND, 7 * DAY
    )
    if agreement.text_check_ms is not None:
        yield from _range("CL-AGR-020", "/text_check_ms", agreement.text_check_ms, MINUTE, DAY)
    near = agreement.distress_radius_mm
    yield from _range("CL-AGR-020", "/distress_radius_mm", near, 1_000_000, RADIUS_MM_MAX)
    yield from _range("CL-AGR-020", "/read_back_mm", agreement.read_back_mm, 1, 100_000_000)
    levels = agreement.levels
    yield from _range("CL-AGR-020", "/levels/qnh_low_pa", levels.qnh_low_pa, *QNH_PA)
    yield from _range("CL-AGR-020", "/levels/qnh_high_pa", levels.qnh_high_pa, *QNH_PA)
    if levels.qnh_low_pa > levels.qnh_high_pa:
        yield _no("CL-AGR-020", "/levels", why="the low pressure is above the high one")
    yield from _range(
        "CL-AGR-020", "/levels/temperature_permille", levels.temperature_permille, 0, 500
    )


def _names(agreement: Agreement) -> Iterator[Refusal]:
    for name, words, pattern, most in (
        ("languages", agreement.languages, _LANGUAGE, LANGUAGES_MAX),
        ("roles", agreement.roles, _WORD, ROLES_MAX),
    ):
        if not 1 <= len(words) <= most:
            yield _no("CL-AGR-021", f"/{name}", count=len(words), count_max=most)
        yield from _doubles("CL-AGR-021", f"/{name}", words)
        for index, word in enumerate(words):
            if pattern.fullmatch(word) is None:
                yield _no("CL-AGR-021", f"/{name}/{index}", found=word)
    if len(agreement.data) > DATA_MAX:
        yield _no("CL-AGR-022", "/data", count=len(agreement.data), count_max=DATA_MAX)
    yield from _doubles("CL-AGR-022", "/data", (term.name for term in agreement.data))
    for index, term in enumerate(agreement.data):
        yield from _text(term.name, f"/data/{index}/name")
        if not is_digest(term.sha256):
            yield _no("CL-AGR-022", f"/data/{index}/sha256", found=term.sha256)


def _footprint(shape: Footprint, at: str) -> Iterator[Refusal]:
    """Closed geometry by its numbers; whether edges cross, the geometry of conflicts judges."""
    match shape:
        case Polygon():
            for index, ring in enumerate((shape.outer, *shape.holes)):
                where = f"{at}/outer" if index == 0 else f"{at}/holes/{index - 1}"
                yield from _points(ring, where, least=3)
                if len(set(ring)) != len(ring):
                    yield _geometry(where, "a point twice: a ring is closed without repeating one")
        case Disc():
            yield from _points((shape.centre,), f"{at}/centre", least=1)
            if not 1 <= shape.radius_mm <= RADIUS_MM_MAX:
                yield _geometry(f"{at}/radius_mm", "a radius out of range")
        case Corridor():
            yield from _points(shape.line, f"{at}/line", least=2)
            if not 1 <= shape.half_width_mm <= CORRIDOR_MM_MAX:
                yield _geometry(f"{at}/half_width_mm", "a half width out of range")


def _points(points: tuple[LatLon, ...], at: str, *, least: int) -> Iterator[Refusal]:
    if not least <= len(points) <= VERTICES_MAX:
        yield _geometry(at, f"{len(points)} points")
    for point in points:
        if abs(point.lat_e7) > 900_000_000 or abs(point.lon_e7) > 1_800_000_000:
            yield _geometry(at, "a point off the globe")
            return


def _doubles(clause: str, at: str, names: Iterable[str]) -> Iterator[Refusal]:
    for name, count in Counter(names).items():
        if count > 1:
            yield _no(clause, at, twice=name)


def _range(clause: str, at: str, value: int, lowest: int, highest: int) -> Iterator[Refusal]:
    if not lowest <= value <= highest:
        yield _no(clause, at, value=value, lowest=lowest, highest=highest)


def _text(text: str, at: str) -> Iterator[Refusal]:
    fault = text_fault(text, LABEL_CHARS_MAX)
    if fault is not None:
        yield Refusal(
            code=Code.BAD_TEXT, clause="CL-AGR-011", at=f"/doc{at}", params={"why": fault}
        )


def _geometry(at: str, why: str) -> Refusal:
    return Refusal(code=Code.BAD_GEOMETRY, clause="CL-AGR-015", at=f"/doc{at}", params={"why": why})


def _no(clause: str, at: str, **params: Param) -> Refusal:
    return Refusal(code=Code.BAD_AGREEMENT, clause=clause, at=f"/doc{at}", params={**params})
