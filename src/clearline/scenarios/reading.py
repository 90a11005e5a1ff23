"""Bytes of a scenario file to a ``Script``, or everything that is wrong with it.

TOML, or JSON of the same shape. It is read as strictly as the terms of a line are: unknown keys are
refused, units stand in the names of keys, a height says what it is measured from, a time its zone.
"""

import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Final, TypeVar

from clearline.model.alert import TroubleKind
from clearline.model.entry import Precedence, RelayOutcome, Reply
from clearline.model.ids import PartyId
from clearline.model.refusal import Code, Refusal
from clearline.model.space import Corridor, Disc, Edge, Footprint, Height, HeightRef, LatLon
from clearline.model.time import HOUR, MINUTE, SECOND, parse_utc
from clearline.node.views import Phase
from clearline.picture.standing import State
from clearline.scenarios.script import (
    FORMAT,
    Act,
    Assumption,
    Claim,
    CutLink,
    Doing,
    EndNotice,
    Evidence,
    Expectation,
    FileNotice,
    GiveAnswer,
    GiveWatch,
    KnowFault,
    KnownTo,
    Mark,
    Measure,
    Party,
    Place,
    PlaceMover,
    Plead,
    PleaKind,
    Quiet,
    Result,
    Script,
    StagedVolume,
    TakeAlerts,
    TakeWatch,
    TellThird,
    Variant,
    When,
)
from clearline.trust.draft import read_represented
from clearline.trust.reading import LENGTHS, Table

FILE_BYTES_MAX: Final = 1 << 20
"""A scenario is written and read by people; the largest shipped one is under 40 kB."""
KINDS: Final = (
    "notice, amend, withdraw, all-clear, answer, relayed, stop, distress, accident, mover, take, "
    "cut, join, fault, give-watch, take-watch"
)
"""Of acts."""
_MARK: Final = re.compile(r"([A-Za-z][A-Za-z0-9_-]{0,39})(?:([+-])(\d{1,6})(s|min|h))?\Z", re.ASCII)
_HEIGHT: Final = re.compile(r"(-?\d{1,6}(?:\.\d{1,3})?) (m|ft) (AMSL|AGL|W84)\Z", re.ASCII)
_LEVEL: Final = re.compile(r"FL(\d{1,3})\Z", re.ASCII)
_UNITS: Final = {"s": SECOND, "min": MINUTE, "h": HOUR}

Word = TypeVar("Word", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong: a JSON pointer into the file, and a sentence."""

    at: str
    says: str


def read_script(raw: bytes, *, is_json: bool) -> Script | tuple[Fault, ...]:
    """The scenario, or all faults of its form. What its parts mean together, ``lint`` finds."""
    if len(raw) > FILE_BYTES_MAX:
        return (Fault("", f"the file is larger than {FILE_BYTES_MAX} bytes"),)
    try:
        text = raw.decode("utf-8")
        found = _json(text) if is_json else tomllib.loads(text, parse_float=Decimal)
    except (ValueError, RecursionError, ArithmeticError) as error:
        return (Fault("", f"the file cannot be read: {str(error)[:200]}"),)
    if not isinstance(found, dict):
        return (Fault("", "the file must hold one table"),)
    wrong: list[Refusal] = []
    read = _script(Table(found, "", wrong))
    return tuple(_fault(refusal) for refusal in wrong) or read


def _json(text: str) -> object:
    def members(pairs: list[tuple[str, object]]) -> dict[str, object]:
        names = [name for name, _ in pairs]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"the key {twice[0]!r} stands twice in one object")
        return dict(pairs)

    return json.loads(text, parse_float=Decimal, object_pairs_hook=members, parse_constant=_odd)


def _odd(name: str) -> object:
    raise ValueError(f"{name} is not a number")


def _fault(refusal: Refusal) -> Fault:
    """The sentence for a fault of form."""
    facts = refusal.params
    key = refusal.at.rpartition("/")[2]
    if "why" in facts:
        says = str(facts["why"])
    elif refusal.code is Code.MISSING_FIELD:
        says = f"{key!r} is missing: give {facts.get('wanted', 'it')}"
    elif refusal.code is Code.UNKNOWN_FIELD:
        says = f"{key!r} is not a key of this place; is it misspelt?"
    elif refusal.code is Code.NO_GEOMETRY:
        says = "shape must be polygon, disc or corridor, or give 'around' or 'through' places"
    else:
        says = f"{facts.get('found', 'this')!r} is not {facts.get('wanted', 'right')}"
    return Fault(refusal.at, says)


def _script(top: Table) -> Script:
    if top.text("format") != FORMAT:
        top.fault(Code.UNKNOWN_VERSION, "format", why=f"format must be {FORMAT!r}")
    places = tuple(_place(table) for table in top.tables("places", needed=False))
    shapes = _Shapes({place.id: place.position for place in places})
    terms = top.table("terms")
    read = Script(
        id=top.text("id"),
        title=top.text("title"),
        about=top.text("about"),
        template=terms.text("template"),
        agreement_title=terms.text("title"),
        area=_area(terms),
        represented=tuple(
            read_represented(table) for table in terms.tables("represented", needed=False)
        ),
        begins=top.instant("begins"),
        ends=top.instant("ends"),
        parties=tuple(_party(table) for table in top.tables("parties")),
        places=places,
        claims=tuple(_claim(table) for table in top.tables("claims")),
        variants=tuple(_variant(table) for table in top.tables("variants")),
        assumptions=tuple(_assumption(table) for table in top.tables("assumptions", needed=False)),
        acts=tuple(act for table in top.tables("acts") if (act := _act(table, shapes)) is not None),
        expectations=tuple(_expectation(table) for table in top.tables("expect", needed=False)),
        results=tuple(_result(table) for table in top.tables("results", needed=False)),
        quiet=tuple(_quiet(table) for table in top.tables("quiet", needed=False)),
    )
    terms.close()
    top.close()
    return read


def _quiet(table: Table) -> Quiet:
    return Quiet(
        start=table.instant("from"),
        end=table.instant("until"),
        every_ms=table.time("every", up=False),
    )


def _area(terms: Table) -> Footprint | None:
    if not terms.has("area"):
        return None
    table = terms.table("area")
    footprint = table.footprint()
    table.close()
    return footprint


def _party(table: Table) -> Party:
    return Party(
        id=PartyId(table.text("id")), name=table.text("name"), on_line=table.flag("on_line")
    )


def _place(table: Table) -> Place:
    return Place(
        id=table.text("id"),
        position=_position(table),
        accuracy_m=table.length("accuracy") // 1_000,
        evidence=table.word("evidence", Evidence),
        note=table.text_or_none("note") or "",
    )


def _position(table: Table) -> LatLon:
    degrees = 10_000_000
    lat, lon = (table.scaled(key, degrees, up=False) for key in ("lat", "lon"))
    if abs(lat) > 90 * degrees or abs(lon) > 180 * degrees:
        table.fault(Code.NUMBER_RANGE, "lat", why="latitude is up to 90, longitude up to 180")
    return LatLon(lat, lon)


def _claim(table: Table) -> Claim:
    timed = table.has("at")
    return Claim(
        id=table.text("id"),
        at=table.instant("at") if timed else None,
        known_to=table.word("known_to", KnownTo) if timed else None,
        by=PartyId(table.text("by")),
        what=table.text("what"),
        evidence=table.word("evidence", Evidence),
        source=table.text("source"),
        disputed_by=_ids(table, "disputed_by"),
        stated_on=table.text_or_none("stated_on"),
    )


def _variant(table: Table) -> Variant:
    return Variant(
        id=table.text("id"),
        title=table.text("title"),
        claims=_ids(table, "claims"),
        undisputed_only=table.has("undisputed_only") and table.flag("undisputed_only"),
    )


def _assumption(table: Table) -> Assumption:
    return Assumption(
        id=table.text("id"),
        variants=_ids(table, "variants"),
        by=table.text("by"),
        what=table.text("what"),
        why=table.text("why"),
    )


# --- times, places, heights -----------------------------------------------------------------------


def _ids(table: Table, key: str) -> tuple[str, ...]:
    return table.words(key) if table.has(key) else ()


def _when(table: Table, key: str) -> When:
    """``key``, and ``key_latest`` when only bounds are known."""
    first = _mark(table, key)
    latest = f"{key}_latest"
    return When(first=first, last=_mark(table, latest) if table.has(latest) else first)


def _when_or_none(table: Table, key: str) -> When | None:
    return _when(table, key) if table.has(key) else None


def _mark(table: Table, key: str) -> Mark:
    """An instant, or the id of a claim or an earlier act with a shift: C03, call+45s."""
    text = table.text(key)
    if found := _MARK.match(text):
        shift = int(found[3] or 0) * _UNITS[found[4] or "s"]
        return Mark(after=found[1], shift_ms=-shift if found[2] == "-" else shift)
    try:
        return Mark(at=parse_utc(text))
    except ValueError as error:
        why = f"{error}; or the id of a claim or act, such as C03 or call+45s"
        table.fault(Code.NO_TIME_ZONE, key, why=why)
        return Mark()


@dataclass(frozen=True, slots=True)
class _Shapes:
    """Shapes of a scenario: as in the terms, or around and along its places."""

    places: Mapping[str, LatLon]

    def footprint(self, table: Table) -> Footprint:
        """The shape that a table states."""
        if table.has("around"):
            return Disc(centre=self._at(table, "around", 0), radius_mm=table.length("radius"))
        if table.has("through"):
            count = len(table.words("through"))
            return Corridor(
                line=tuple(self._at(table, "through", n) for n in range(count)),
                half_width_mm=table.length("half_width"),
                edge=Edge.GEODESIC,
            )
        return table.footprint()

    def _at(self, table: Table, key: str, n: int) -> LatLon:
        names = table.words(key)
        found = self.places.get(names[n]) if n < len(names) else None
        if found is None:
            table.fault(Code.NOT_FOUND, key, why="names a place that is not among 'places'")
            return LatLon(0, 0)
        return found


def _volumes(table: Table, shapes: _Shapes) -> Iterator[StagedVolume]:
    for inner in table.tables("volumes", needed=False):
        yield StagedVolume(
            footprint=shapes.footprint(inner),
            lower=_height(inner, "lower"),
            upper=_height(inner, "upper"),
            start=_when(inner, "from"),
            end=_when(inner, "until"),
        )


def _height(table: Table, key: str) -> Height:
    text = table.text(key)
    if text in ("SFC", "UNL"):
        return Height(ref=HeightRef(text))
    if level := _LEVEL.match(text):
        return Height(ref=HeightRef.FL, mm=int(level[1]) * int(LENGTHS["fl"]))
    if found := _HEIGHT.match(text):
        return Height(ref=HeightRef(found[3]), mm=int(Decimal(found[1]) * LENGTHS[found[2]]))
    table.fault(
        Code.BAD_HEIGHT, key, why=f"{text[:40]!r} is not SFC, UNL, FL100, '1500 m AMSL' or so"
    )
    return Height(ref=HeightRef.SFC)


# --- acts -----------------------------------------------------------------------------------------


def _act(table: Table, shapes: _Shapes) -> Act | None:
    does = _doing(table, shapes)
    act_id, party = table.text("id"), PartyId(table.text("party"))
    variants, at, basis = _ids(table, "variants"), _when(table, "at"), table.words("basis")
    says = table.text_or_none("says") or ""
    refused = table.word("refused", Code) if table.has("refused") else None
    if does is None:
        return None
    return Act(
        id=act_id, variants=variants, at=at, party=party, basis=basis, says=says, does=does,
        refused=refused,
    )  # fmt: skip


def _doing(table: Table, shapes: _Shapes) -> Doing | None:
    match table.text("kind"):
        case "notice" | "amend" as kind:
            return FileNotice(
                cls=table.text("cls"),
                label=table.text("label"),
                precedence=table.word("precedence", Precedence),
                volumes=tuple(_volumes(table, shapes)),
                amends=table.text("of") if kind == "amend" else None,
                reason=table.text_or_none("reason"),
                operation=table.text_or_none("operation"),
                marks=_ids(table, "marks"),
            )
        case "withdraw" | "all-clear" as kind:
            return EndNotice(of=table.words("of"), clear=kind == "all-clear")
        case "answer":
            return GiveAnswer(
                to=table.text("to"),
                reply=table.word("reply", Reply),
                role=table.text("role"),
                minutes_needed=_whole(table, "minutes_needed"),
                shift_min=_whole(table, "shift_min"),
            )
        case "relayed":
            return TellThird(
                of=table.text("of"),
                to=PartyId(table.text("to")),
                outcome=table.word("outcome", RelayOutcome),
                means=table.text("means"),
            )
        case "stop" | "distress" | "accident" as kind:
            return Plead(
                kind=PleaKind(kind),
                about=_ids(table, "about"),
                what=table.text_or_none("what") or "",
                souls=_whole(table, "souls"),
                volumes=tuple(_volumes(table, shapes)),
            )
        case found:
            return _local(table, found)


def _local(table: Table, kind: str) -> Doing | None:
    """What stays with a party, or happens to its link."""
    match kind:
        case "mover":
            return PlaceMover(
                call_sign=table.text("call_sign"),
                place=table.text("place"),
                speed_mms=_speed(table),
                cls=table.text("cls"),
            )
        case "take":
            return TakeAlerts(
                alert=table.word("alert", TroubleKind),
                person=table.text("person"),
                role=table.text("role"),
            )
        case "cut" | "join":
            return CutLink(peer=PartyId(table.text("peer")), up=kind == "join")
        case "fault":
            return KnowFault(
                fault=table.text("fault"),
                detail=table.text_or_none("detail") or "",
                active=table.flag("active") if table.has("active") else True,
            )
        case "give-watch":
            return GiveWatch(role=table.text("role"), person=table.text("person"))
        case "take-watch":
            return TakeWatch(
                role=table.text("role"),
                person=table.text("person"),
                leaves=_ids(table, "leaves"),
                override=table.text_or_none("override") or "",
            )
        case _:
            table.fault(Code.UNKNOWN_KIND, "kind", why=f"{kind[:40]!r} is not one of {KINDS}")
            return None


def _whole(table: Table, key: str) -> int | None:
    return table.whole(key) if table.has(key) else None


def _speed(table: Table) -> int:
    """Millimetres a second over the ground, from ``speed_kmh`` or ``speed_kt``; rounded down, so
    that the time that it needs is never stated too short."""
    if table.has("speed_kt"):
        return table.scaled("speed_kt", 1_852_000, up=False) // 3_600
    return table.scaled("speed_kmh", 1_000_000, up=False) // 3_600


# --- what must be shown ---------------------------------------------------------------------------


def _expectation(table: Table) -> Expectation:
    return Expectation(
        variants=_ids(table, "variants"),
        at=_when(table, "at"),
        party=PartyId(table.text("party")),
        about=table.text_or_none("about"),
        alert=_word(table, "alert", TroubleKind),
        no_alert=_word(table, "no_alert", TroubleKind),
        rung=table.text_or_none("rung"),
        standing=_word(table, "standing", State),
        phase=_word(table, "phase", Phase),
        lead_time_s=_whole(table, "lead_time_s"),
        lead_time_s_max=_whole(table, "lead_time_s_max"),
        shortfall_s=_whole(table, "shortfall_s"),
        minutes_needed=_whole(table, "minutes_needed"),
        suggested=_word(table, "suggested", Reply),
        not_told=table.words("not_told") if table.has("not_told") else None,
        refused=_word(table, "refused", Code),
        answered=table.words("answered") if table.has("answered") else None,
    )


def _result(table: Table) -> Result:
    return Result(
        id=table.text("id"),
        variants=_ids(table, "variants"),
        failed=table.text("failed"),
        claims=table.words("claims"),
        measure=table.word("measure", Measure),
        line=table.text("line"),
        of=table.text_or_none("of"),
        party=PartyId(table.text("party")) if table.has("party") else None,
        at=_when_or_none(table, "at"),
        alert=_word(table, "alert", TroubleKind),
        places=_ids(table, "places"),
        then_min=_whole(table, "then_min"),
        then_from=_when_or_none(table, "then_from"),
        then_to=_when_or_none(table, "then_to"),
        assumes=_ids(table, "assumes"),
    )


def _word(table: Table, key: str, words: type[Word]) -> Word | None:
    return table.word(key, words) if table.has(key) else None


__all__ = ["FILE_BYTES_MAX", "KINDS", "Fault", "read_script"]
