"""The text of an agreement that people edit, to the record that parties sign, and back.

A draft is TOML with units in the names of its keys and decimal degrees; its comments explain the
terms to whoever edits them and are not part of what is signed. ``compile_draft`` is strict (unknown
keys, missing pairs, two units at once are faults); ``trust.writing`` gives the text of terms
that exist, from which the next version is made, and which compiles to the same record.
"""

import re
import tomllib
from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from clearline.model.entry import Precedence
from clearline.model.ids import Digest, LineId, PartyId
from clearline.model.refusal import Code, Refusal
from clearline.model.terms import (
    DISTRESS_RADIUS_MM,
    READ_BACK_MM,
    Agreement,
    ClassTerm,
    DataTerm,
    DeadlineTerm,
    Effect,
    HeightMode,
    Levels,
    PairTerm,
    PartyTerm,
    Represented,
    Rung,
    Zone,
)
from clearline.model.time import Instant, format_utc
from clearline.trust.party import PartyCard
from clearline.trust.reading import Table
from clearline.trust.terms_check import faults

DRAFT_CHARS_MAX: Final = 4 << 20
"""As large as the document that it becomes may be, four times over for comments and spaces."""
_BLANK: Final = re.compile(r"\{\{(parties|data|effective|[123])\}\}")


def compile_draft(text: str) -> Agreement | tuple[Refusal, ...]:
    """The terms that a draft states, valid, or everything that is wrong with it. CL-AGR-030."""
    if len(text) > DRAFT_CHARS_MAX:
        return (Refusal(code=Code.TOO_LARGE, clause="CL-AGR-030"),)
    try:
        found = tomllib.loads(text, parse_float=Decimal)
    except (tomllib.TOMLDecodeError, RecursionError, ArithmeticError, ValueError) as error:
        params = {"why": str(error)[:200]}
        return (Refusal(code=Code.BAD_FIELD, clause="CL-AGR-030", params={**params}),)
    wrong: list[Refusal] = []
    agreement = _agreement(Table(found, "", wrong))
    return tuple(wrong) or faults(agreement) or agreement


def fill_template(
    template: str, cards: Sequence[PartyCard], effective: Instant, data: Sequence[DataTerm] = ()
) -> str:
    """A template with the parties of the line put in: ``{{parties}}`` becomes their tables,
    ``{{1}}`` to ``{{3}}`` their ids in the order given (of the last party, when there are fewer),
    ``{{effective}}`` the time from which the terms may be adopted, ``{{data}}`` the data that
    judging may use. Comments stay.

    Raises ValueError for fewer than two cards: a line has two ends.
    """
    if len(cards) < 2:
        raise ValueError("an agreement needs the cards of at least two parties")
    parties = "\n".join(
        f"[[parties]]\nid = {quote(card.id)}\nname = {quote(card.name)}\n"
        f"root_key = {quote(card.root_key)}\n"
        for card in cards
    )
    named = "\n".join(
        f"[[data]]\nname = {quote(term.name)}\nsha256 = {quote(term.sha256)}\n" for term in data
    )
    blanks = {
        "parties": parties.rstrip("\n"),
        "data": named.rstrip("\n"),
        "effective": format_utc(effective),
        **{str(n): cards[min(n, len(cards)) - 1].id for n in (1, 2, 3)},
    }
    # In one pass: what is filled in is never searched for blanks again.
    return _BLANK.sub(lambda found: blanks[found[1]], template)


def _agreement(top: Table) -> Agreement:
    times = top.table("times")
    levels = top.table("levels")
    area = top.table("area")
    back = "read_back_m"
    line, previous = top.text_or_none("line"), top.text_or_none("previous")
    agreement = Agreement(
        v=1,
        title=top.text("title"),
        version=top.whole("version"),
        effective=top.instant("effective"),
        exercise=top.flag("exercise"),
        parties=tuple(_party(table) for table in top.tables("parties")),
        represented=tuple(
            read_represented(table) for table in top.tables("represented", needed=False)
        ),
        area=area.footprint(),
        classes=tuple(_class(table) for table in top.tables("classes")),
        pairs=_pairs(top),
        deadlines=tuple(_deadline(table) for table in top.tables("deadlines")),
        roles=top.words("roles"),
        languages=top.words("languages"),
        heartbeat_ms=times.time("heartbeat", up=False),
        down_after_ms=times.time("down_after", up=False),
        line_test_ms=times.time("line_test", up=False),
        clock_offset_max_ms=times.time("clock_offset_max", up=False),
        sightings_kept_ms=times.time("sightings_kept", up=True),
        picture_stale_ms=times.time("picture_stale", up=False),
        text_check_ms=times.time_or_none("text_check", up=False),
        levels=Levels(
            qnh_low_pa=levels.scaled("qnh_low_hpa", 100, up=False),
            qnh_high_pa=levels.scaled("qnh_high_hpa", 100, up=True),
            temperature_permille=levels.scaled("temperature_percent", 10, up=True),
        ),
        data=tuple(_data(table) for table in top.tables("data", needed=False)),
        protocol=top.text("protocol"),
        rules=top.text("rules"),
        line=None if line is None else LineId(line),
        previous=None if previous is None else Digest(previous),
        read_back_mm=top.scaled(back, 1_000, up=False) if top.has(back) else READ_BACK_MM,
        distress_radius_mm=top.scaled(
            "distress_radius_km", 1_000_000, up=True, default=DISTRESS_RADIUS_MM
        ),
    )
    for table in (times, levels, area, top):
        table.close()
    return agreement


def _party(table: Table) -> PartyTerm:
    return PartyTerm(
        id=PartyId(table.text("id")), name=table.text("name"), root_key=table.text("root_key")
    )


def read_represented(table: Table) -> Represented:
    """A third party without a node, as a draft (or a scenario) states it."""
    return Represented(
        id=PartyId(table.text("id")),
        name=table.text("name"),
        can_do_harm=table.flag("can_do_harm"),
        can_be_harmed=table.flag("can_be_harmed"),
        relay=PartyId(table.text("relay")),
        backup=PartyId(table.text("backup")),
        deadline_ms=table.time("deadline", up=False),
        zones=tuple(
            Zone(
                label=zone.text("label"),
                footprint=zone.footprint(),
                reach_mm=zone.length("reach"),
                after_ms=zone.time("after", up=True),
            )
            for zone in table.tables("zones")
        ),
    )


def _class(table: Table) -> ClassTerm:
    above = "reason_above_km2"
    return ClassTerm(
        id=table.text("id"),
        name=table.text("name"),
        effect=table.word("effect", Effect),
        on_ground=table.flag("on_ground"),
        lead_min_ms=table.time("lead", up=True),
        tail_ms=table.time("tail", up=True),
        reason_above_km2=table.scaled(above, 1, up=False) if table.has(above) else None,
        reason_above_ms=table.time_or_none("reason_above", up=False),
        reconfirm_ms=table.time_or_none("reconfirm", up=False),
    )


def _pairs(top: Table) -> tuple[PairTerm, ...]:
    """Each row stands for every pair of one of ``a`` with one of ``b``. A pair that two rows name
    is a fault of the terms; lists of one row may overlap."""
    terms: list[PairTerm] = []
    for row in top.tables("pairs"):
        pairs = {tuple(sorted((a, b))) for a in row.words("a") for b in row.words("b")}
        height = row.word("height", HeightMode)
        lateral, vertical = row.length("lateral"), row.length("vertical")
        apart = row.time("time", up=True)
        for a, b in sorted(pairs):
            terms.append(
                PairTerm(
                    a=a, b=b, height=height, lateral_mm=lateral, vertical_mm=vertical, time_ms=apart
                )
            )
    return tuple(sorted(terms, key=lambda term: (term.a, term.b)))


def _deadline(table: Table) -> DeadlineTerm:
    return DeadlineTerm(
        precedence=table.word("precedence", Precedence),
        receipt_ms=table.time("receipt", up=False),
        answer_ms=table.time("answer", up=False),
        repeat_ms=table.time("repeat", up=False),
        ladder=tuple(
            Rung(role=rung.text("role"), after_ms=rung.time("after", up=False))
            for rung in table.tables("ladder")
        ),
    )


def _data(table: Table) -> DataTerm:
    return DataTerm(name=table.text("name"), sha256=Digest(table.text("sha256")))


def quote(text: str) -> str:
    """A TOML basic string."""
    out = []
    for char in text:
        if char in '"\\':
            out.append("\\" + char)
        elif ord(char) < 0x20 or ord(char) == 0x7F:
            out.append(f"\\u{ord(char):04x}")
        else:
            out.append(char)
    return '"' + "".join(out) + '"'
