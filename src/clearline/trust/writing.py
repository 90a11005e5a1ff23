"""Terms as the text of a draft: exact, so that it compiles to the same record."""

from collections.abc import Iterable, Iterator
from decimal import Decimal

from clearline.model.ids import Digest
from clearline.model.space import Corridor, Disc, Footprint, LatLon, Polygon
from clearline.model.terms import Agreement, PairTerm, Represented
from clearline.model.time import SECOND, format_utc
from clearline.trust.agreement import line_of
from clearline.trust.draft import quote

Row = tuple[str, str | int | bool | Decimal | None]


def next_draft(agreement: Agreement, digest: Digest) -> str:
    """The draft of the next version: same terms, line and predecessor named."""
    return _text(agreement, version=agreement.version + 1, line=line_of(agreement), previous=digest)


def write_draft(agreement: Agreement) -> str:
    """The draft of these very terms."""
    return _text(
        agreement, version=agreement.version, line=agreement.line, previous=agreement.previous
    )


def _text(agreement: Agreement, *, version: int, line: str | None, previous: str | None) -> str:
    check = agreement.text_check_ms
    head: list[Row] = [
        ("title", agreement.title), ("version", version), ("line", line), ("previous", previous),
        ("effective", format_utc(agreement.effective)), ("exercise", agreement.exercise),
        ("protocol", agreement.protocol), ("rules", agreement.rules),
        ("read_back_m", Decimal(agreement.read_back_mm) / 1000),
        ("distress_radius_km", Decimal(agreement.distress_radius_mm) / 1_000_000),
    ]  # fmt: skip
    lines = [
        *_rows(head),
        _words("languages", agreement.languages),
        _words("roles", agreement.roles),
    ]
    lines += _table("times", [
        ("heartbeat_s", _s(agreement.heartbeat_ms)), ("down_after_s", _s(agreement.down_after_ms)),
        ("line_test_s", _s(agreement.line_test_ms)),
        ("clock_offset_max_s", _s(agreement.clock_offset_max_ms)),
        ("sightings_kept_s", _s(agreement.sightings_kept_ms)),
        ("picture_stale_s", _s(agreement.picture_stale_ms)),
        ("text_check_s", None if check is None else _s(check)),
    ])  # fmt: skip
    levels = agreement.levels
    lines += _table("levels", [
        ("qnh_low_hpa", Decimal(levels.qnh_low_pa) / 100),
        ("qnh_high_hpa", Decimal(levels.qnh_high_pa) / 100),
        ("temperature_percent", Decimal(levels.temperature_permille) / 10),
    ])  # fmt: skip
    lines += ["", "[area]", *_shape(agreement.area)]
    for party in agreement.parties:
        lines += _list("parties", [
            ("id", party.id), ("name", party.name), ("root_key", party.root_key),
        ])  # fmt: skip
    for third in agreement.represented:
        lines += _represented(third)
    for term in agreement.classes:
        above, again = term.reason_above_ms, term.reconfirm_ms
        lines += _list("classes", [
            ("id", term.id), ("name", term.name), ("effect", term.effect.value),
            ("on_ground", term.on_ground), ("lead_s", _s(term.lead_min_ms)),
            ("tail_s", _s(term.tail_ms)), ("reason_above_km2", term.reason_above_km2),
            ("reason_above_s", None if above is None else _s(above)),
            ("reconfirm_s", None if again is None else _s(again)),
        ])  # fmt: skip
    for pair in agreement.pairs:
        lines += _pair(pair)
    for due in agreement.deadlines:
        lines += _list("deadlines", [
            ("precedence", due.precedence.value), ("receipt_s", _s(due.receipt_ms)),
            ("answer_s", _s(due.answer_ms)), ("repeat_s", _s(due.repeat_ms)),
        ])  # fmt: skip
        rungs = (f"{{ role = {quote(r.role)}, after_s = {_s(r.after_ms)} }}" for r in due.ladder)
        lines.append(f"ladder = [{', '.join(rungs)}]")
    for datum in agreement.data:
        lines += _list("data", [("name", datum.name), ("sha256", datum.sha256)])
    return "\n".join(lines) + "\n"


def _represented(third: Represented) -> Iterator[str]:
    yield from _list("represented", [
        ("id", third.id), ("name", third.name), ("can_do_harm", third.can_do_harm),
        ("can_be_harmed", third.can_be_harmed), ("relay", third.relay), ("backup", third.backup),
        ("deadline_s", _s(third.deadline_ms)),
    ])  # fmt: skip
    for zone in third.zones:
        yield from _list("represented.zones", [
            ("label", zone.label), ("reach_m", _m(zone.reach_mm)), ("after_s", _s(zone.after_ms)),
        ])  # fmt: skip
        yield from _shape(zone.footprint)


def _pair(pair: PairTerm) -> Iterator[str]:
    yield from _list("pairs", [
        ("a", pair.a), ("b", pair.b), ("height", pair.height.value),
        ("lateral_m", _m(pair.lateral_mm)), ("vertical_m", _m(pair.vertical_mm)),
        ("time_s", _s(pair.time_ms)),
    ])  # fmt: skip


def _shape(shape: Footprint) -> Iterator[str]:
    match shape:
        case Polygon():
            yield from _rows([("shape", "polygon"), ("edge", shape.edge.value)])
            yield f"points = {_points(shape.outer)}"
            if shape.holes:
                yield f"holes = [{', '.join(_points(ring) for ring in shape.holes)}]"
        case Disc():
            yield from _rows([("shape", "disc"), ("radius_m", _m(shape.radius_mm))])
            yield f"centre = {_point(shape.centre)}"
        case Corridor():
            yield from _rows([
                ("shape", "corridor"), ("edge", shape.edge.value),
                ("half_width_m", _m(shape.half_width_mm)),
            ])  # fmt: skip
            yield f"points = {_points(shape.line)}"


def _points(points: Iterable[LatLon]) -> str:
    return f"[{', '.join(_point(point) for point in points)}]"


def _point(point: LatLon) -> str:
    return f"[{Decimal(point.lat_e7).scaleb(-7):f}, {Decimal(point.lon_e7).scaleb(-7):f}]"


def _s(ms: int) -> Decimal:
    return Decimal(ms) / SECOND


def _m(mm: int) -> Decimal:
    return Decimal(mm) / 1_000


def _words(key: str, words: Iterable[str]) -> str:
    return f"{key} = [{', '.join(quote(word) for word in words)}]"


def _table(name: str, rows: list[Row]) -> list[str]:
    return ["", f"[{name}]", *_rows(rows)]


def _list(name: str, rows: list[Row]) -> list[str]:
    return ["", f"[[{name}]]", *_rows(rows)]


def _rows(rows: Iterable[Row]) -> Iterator[str]:
    for key, value in rows:
        match value:
            case None:
                continue
            case bool():
                yield f"{key} = {'true' if value else 'false'}"
            case str():
                yield f"{key} = {quote(value)}"
            case Decimal():
                yield f"{key} = {value:f}"
            case int():
                yield f"{key} = {value}"
