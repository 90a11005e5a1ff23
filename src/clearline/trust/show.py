"""Terms as people read them before they sign: numbers with units, duties with owners.

Lengths are shown in metres and, for heights and distances in the air, in the units of the cockpit
beside them; what is signed are the millimetres.
"""

from collections.abc import Iterator
from itertools import groupby

from clearline.model.space import FOOT_MM, Corridor, Disc, Footprint, LatLon, Polygon
from clearline.model.terms import Agreement, Effect, HeightMode, PairTerm
from clearline.model.time import format_length, format_utc
from clearline.trust.agreement import line_of, missing
from clearline.trust.documents import Signed
from clearline.trust.party import fingerprint

NAUTICAL_MILE_MM = 1_852_000
NO_PERMISSION = "A notice gives no permission, and the absence of one removes no protection."


def describe(agreement: Agreement) -> Iterator[str]:
    """The terms, line by line."""
    if agreement.exercise:
        yield "EXERCISE EXERCISE EXERCISE"
    yield f"{agreement.title}, version {agreement.version}"
    yield f"  line       {line_of(agreement)}"
    yield f"  effective  {format_utc(agreement.effective)}"
    yield f"  protocol   {agreement.protocol}, rules {agreement.rules}"
    yield f"  languages  {', '.join(agreement.languages)}"
    yield "Parties"
    for party in agreement.parties:
        yield f"  {party.id} {party.name}: {fingerprint(party.id, party.root_key)}"
    yield from _represented(agreement)
    yield f"Area: {_shape(agreement.area)}"
    yield from _classes(agreement)
    yield from _pairs(agreement)
    yield from _duties(agreement)
    yield from _remarks(agreement)
    yield NO_PERMISSION


def signatures(signed: Signed[Agreement]) -> Iterator[str]:
    """Who has signed and who has not, by name."""
    absent = {party.id for party in missing(signed)}
    for party in signed.body.parties:
        state = "NOT SIGNED" if party.id in absent else "signed"
        yield f"  {party.id} {party.name}: {state}"


def _represented(agreement: Agreement) -> Iterator[str]:
    for third in agreement.represented:
        marks = [
            *(["can do harm"] if third.can_do_harm else []),
            *(["can be harmed"] if third.can_be_harmed else []),
        ]
        yield f"Not on the line: {third.id} {third.name} ({', '.join(marks)})"
        yield (
            f"  told by {third.relay}, else by {third.backup}, "
            f"within {format_length(third.deadline_ms)}"
        )
        for zone in third.zones:
            reach = f", acts {_metres(zone.reach_mm)} beyond it" if zone.reach_mm else ""
            after = f", for {format_length(zone.after_ms)} after a hazard" if zone.after_ms else ""
            yield f"  {zone.label}: {_shape(zone.footprint)}{reach}{after}"


def _classes(agreement: Agreement) -> Iterator[str]:
    yield "Classes"
    for term in agreement.classes:
        where = ", on the ground" if term.on_ground else ""
        tail = f", tail {format_length(term.tail_ms)}" if term.effect is Effect.HAZARD else ""
        yield (
            f"  {term.id}: {term.name} ({term.effect}{where}), "
            f"notice {format_length(term.lead_min_ms)}{tail}"
        )
        if term.reason_above_km2 is not None:
            yield f"    a reason is needed above {term.reason_above_km2} km2"
        if term.reason_above_ms is not None:
            yield f"    a reason is needed above {format_length(term.reason_above_ms)}"
        if term.reconfirm_ms is not None:
            yield f"    confirmed again every {format_length(term.reconfirm_ms)}, else UNCONFIRMED"


def _pairs(agreement: Agreement) -> Iterator[str]:
    yield "Kept apart"

    def measure(pair: PairTerm) -> tuple[str, int, int, int]:
        return (pair.height.value, pair.lateral_mm, pair.vertical_mm, pair.time_ms)

    for (height, lateral, vertical, apart), group in groupby(
        sorted(agreement.pairs, key=lambda pair: (measure(pair), pair.a, pair.b)), measure
    ):
        levels = {
            HeightMode.SEPARATE.value: f"{_feet(vertical)} by height",
            HeightMode.SURFACE.value: f"the hazard reaches the surface, {_feet(vertical)} above it",
            HeightMode.IGNORE.value: "whatever the height",
        }[height]
        miles = f" ({lateral / NAUTICAL_MILE_MM:.1f} NM)"
        yield f"  {_metres(lateral)}{miles}, {levels}, {format_length(apart)} in time:"
        for pair in group:
            yield f"    {pair.a} / {pair.b}"


def _duties(agreement: Agreement) -> Iterator[str]:
    yield "Answers"
    for due in agreement.deadlines:
        yield (
            f"  {due.precedence.name}: receipt {format_length(due.receipt_ms)}, "
            f"answer {format_length(due.answer_ms)}, again every {format_length(due.repeat_ms)}"
        )
        rungs = (f"{rung.role} after {format_length(rung.after_ms)}" for rung in due.ladder)
        yield f"    {', then '.join(rungs)}"
    yield "The line"
    for label, length in (
        ("heartbeat", agreement.heartbeat_ms),
        ("down after", agreement.down_after_ms),
        ("test by people", agreement.line_test_ms),
        ("clocks differ at most", agreement.clock_offset_max_ms),
        ("sightings kept", agreement.sightings_kept_ms),
        ("a picture is stale after", agreement.picture_stale_ms),
    ):
        yield f"  {label} {_short(length)}"
    if agreement.text_check_ms is not None:
        yield f"  text check {_short(agreement.text_check_ms)}"
    yield f"  a place of distress is kept clear within {_metres(agreement.distress_radius_mm)}"
    yield f"  a place read back may differ by {agreement.read_back_mm / 1000:g} m"
    levels = agreement.levels
    yield (
        f"  flight levels judged for {levels.qnh_low_pa / 100:g} to "
        f"{levels.qnh_high_pa / 100:g} hPa"
        f" and {levels.temperature_permille / 10:g} % for temperature"
    )
    for datum in agreement.data:
        yield f"  data {datum.name} sha256 {datum.sha256}"


def _remarks(agreement: Agreement) -> Iterator[str]:
    """What is allowed but ought to be noticed before it is signed."""
    classes = {term.id: term for term in agreement.classes}
    for pair in agreement.pairs:
        a, b = classes[pair.a], classes[pair.b]
        for hazard, other in ((a, b), (b, a)):
            over_people = hazard.effect is Effect.HAZARD and other.on_ground
            if pair.height is HeightMode.SEPARATE and over_people:
                yield (
                    f"NOTE: {hazard.id} above {other.id} counts by height only: "
                    "people on the ground under it are not counted as reached"
                )
    if not agreement.represented:
        yield "NOTE: nobody outside the line is named: whoever else can be harmed is not counted"
    if not agreement.data:
        yield "NOTE: no data is named: heights above mean sea level cannot be compared with others"


def _shape(shape: Footprint) -> str:
    match shape:
        case Polygon():
            holes = f" with {len(shape.holes)} holes" if shape.holes else ""
            return f"polygon {' '.join(map(_point, shape.outer))}, {shape.edge} edges{holes}"
        case Disc():
            return f"disc {_metres(shape.radius_mm)} about {_point(shape.centre)}"
        case Corridor():
            return (
                f"corridor {_metres(shape.half_width_mm)} either side of "
                f"{' '.join(map(_point, shape.line))}, {shape.edge} edges"
            )


def _point(point: LatLon) -> str:
    north = f"{abs(point.lat):.4f}{'N' if point.lat_e7 >= 0 else 'S'}"
    return f"{north},{abs(point.lon):.4f}{'E' if point.lon_e7 >= 0 else 'W'}"


def _metres(mm: int) -> str:
    return f"{mm / 1_000_000:g} km" if mm >= 1_000_000 else f"{mm / 1_000:g} m"


def _feet(mm: int) -> str:
    return f"{mm / 1_000:g} m ({mm / FOOT_MM:.0f} ft)"


def _short(ms: int) -> str:
    return f"{ms} ms" if ms < 1_000 else format_length(ms)
