"""Signatures on terms, versions, and what makes terms fit to be signed."""

import msgspec
import pytest

from clearline.model.entry import Precedence
from clearline.model.ids import LineId, PartyId
from clearline.model.refusal import Code
from clearline.model.space import Disc, Edge, LatLon, Polygon
from clearline.model.terms import Agreement, Effect, Levels, Rung
from clearline.model.time import Instant
from clearline.trust.agreement import (
    class_of,
    countersign,
    deadline_of,
    first_fault,
    line_of,
    may_adopt,
    missing,
    pair_of,
    read_agreement,
    sign_agreement,
    successor_fault,
    unsigned,
)
from clearline.trust.documents import digest_of
from clearline.trust.terms_check import faults
from tests.trust_people import (
    ALFA,
    BRAVO,
    CHARLIE,
    NOON,
    agreed,
    good,
    next_version,
    refused,
    terms,
)

T = terms()
change = msgspec.structs.replace


def test_line_is_named_by_version_one() -> None:
    """The hash of version 1 names the line; later versions carry it."""
    assert digest_of(T) == line_of(T)
    assert line_of(T) == line_of(next_version(next_version(T)))


def test_missing_signer_is_named() -> None:
    """Who has not signed is told by id and name, not as a count."""
    half = agreed(T, ALFA)
    assert ("BRAVO",) == tuple(term.id for term in missing(half))
    fault = unsigned(half)
    assert fault is not None
    assert "BRAVO (BRAVO Command)" == fault.params["missing"]
    assert fault == first_fault(half)
    whole = good(read_agreement(good(countersign(half, BRAVO.root))))
    assert () == missing(whole)
    assert unsigned(whole) is None


def test_stranger_cannot_sign() -> None:
    """A signature by nobody's root key has no place on the terms."""
    assert "CL-AGR-002" == refused(sign_agreement(T, CHARLIE.root)).clause
    assert "CL-AGR-002" == refused(countersign(agreed(T, ALFA), ALFA.node())).clause


def test_version_is_adopted_when_all_signed_and_not_before_its_time() -> None:
    """Both conditions, each with its own refusal."""
    early = may_adopt(agreed(T, ALFA, BRAVO), Instant(NOON - 1))
    assert early is not None
    assert Code.NOT_YET_EFFECTIVE == early.code
    assert may_adopt(agreed(T, ALFA, BRAVO), NOON) is None
    half = may_adopt(agreed(T, ALFA), NOON)
    assert half is not None
    assert Code.NOT_SIGNED == half.code


def test_next_version_names_line_and_predecessor() -> None:
    """Version, line and predecessor's hash must all be right."""
    old = agreed(T, ALFA, BRAVO)
    after = next_version(T, title="Second version")
    assert successor_fault(old, agreed(after, ALFA, BRAVO)) is None
    for wrong in (
        change(after, version=3),
        change(after, previous="d" * 64),
        change(after, line="d" * 64),
    ):
        fault = successor_fault(old, agreed(wrong, ALFA, BRAVO))
        assert fault is not None
        assert Code.WRONG_PREDECESSOR == fault.code
    fault = first_fault(agreed(after, ALFA, BRAVO))
    assert fault is not None
    assert Code.WRONG_PREDECESSOR == fault.code


def test_member_is_not_left_behind_silently() -> None:
    """Leaving somebody out needs their leave on record; else it is a new line."""
    three = terms(ALFA, BRAVO, CHARLIE)
    old = agreed(three, ALFA, BRAVO, CHARLIE)
    new = agreed(next_version(three, parties=three.parties[:2]), ALFA, BRAVO)
    fault = successor_fault(old, new)
    assert fault is not None
    assert ("CL-AGR-004", "CHARLIE") == (fault.clause, fault.params["party"])
    assert successor_fault(old, new, left=frozenset({CHARLIE.id})) is None


def test_exercise_never_becomes_real() -> None:
    """FM26: a line is an exercise or it is not, for ever."""
    old = agreed(T, ALFA, BRAVO)
    fault = successor_fault(old, agreed(next_version(T, exercise=True), ALFA, BRAVO))
    assert fault is not None
    assert Code.EXERCISE_MIXED == fault.code


def test_lookups_find_pairs_in_either_order() -> None:
    """A pair of classes is one pair."""
    assert pair_of(T, "hazardous-air", "air-movement") == pair_of(
        T, "air-movement", "hazardous-air"
    )
    assert pair_of(T, "hazardous-air", "no-such-class") is None
    assert class_of(T, "no-such-class") is None
    for precedence in Precedence:
        assert precedence is deadline_of(T, precedence).precedence


def _class(index: int, **changes: object) -> dict[str, object]:
    classes = list(T.classes)
    classes[index] = change(classes[index], **changes)
    return {"classes": tuple(classes)}


def _third(**changes: object) -> dict[str, object]:
    return {"represented": (change(T.represented[0], **changes), T.represented[1])}


def _zone(**changes: object) -> dict[str, object]:
    third = T.represented[0]
    return _third(zones=(change(third.zones[0], **changes),))


def _due(**changes: object) -> dict[str, object]:
    return {"deadlines": (change(T.deadlines[0], **changes), *T.deadlines[1:])}


def _ring(*points: tuple[int, int]) -> Polygon:
    return Polygon(outer=tuple(LatLon(*point) for point in points), edge=Edge.GEODESIC)


DISTRESS = next(index for index, term in enumerate(T.classes) if term.id == "distress")
SMALL_ORDER = "01" + "0" * 62


@pytest.mark.parametrize(
    ("changes", "clause", "at"),
    [
        ({"v": 2}, "CL-AGR-010", "/doc/v"),
        ({"protocol": "clearline/9"}, "CL-AGR-010", "/doc/protocol"),
        ({"rules": "x"}, "CL-AGR-010", "/doc/rules"),
        ({"title": "a\nb"}, "CL-AGR-011", "/doc/title"),
        ({"version": 0}, "CL-AGR-003", "/doc/version"),
        ({"line": LineId("d" * 64)}, "CL-AGR-003", "/doc/version"),
        ({"parties": T.parties[:1]}, "CL-AGR-012", "/doc/parties"),
        ({"parties": (T.parties[0], T.parties[0])}, "CL-AGR-012", "/doc/parties"),
        (
            {"parties": (T.parties[0], change(T.parties[1], root_key=SMALL_ORDER))},
            "CL-SIG-002",
            "/doc/parties/1/root_key",
        ),
        (_third(id=PartyId("ALFA")), "CL-AGR-013", "/doc/represented/0/id"),
        (_third(relay=PartyId("NOBODY")), "CL-AGR-013", "/doc/represented/0/relay"),
        (_third(backup=PartyId("ALFA")), "CL-AGR-013", "/doc/represented/0/backup"),
        (_third(deadline_ms=0), "CL-AGR-013", "/doc/represented/0/deadline_ms"),
        (_third(can_do_harm=False, can_be_harmed=False), "CL-AGR-014", "/doc/represented/0"),
        (_third(zones=()), "CL-AGR-014", "/doc/represented/0/zones"),
        (_zone(reach_mm=-1), "CL-AGR-014", "/doc/represented/0/zones/0/reach_mm"),
        (
            {"area": _ring((0, 0), (0, 10))},
            "CL-AGR-015",
            "/doc/area/outer",
        ),
        ({"area": _ring((0, 0), (0, 9), (9, 9), (0, 0))}, "CL-AGR-015", "/doc/area/outer"),
        ({"area": _ring((0, 0), (0, 9), (900_000_001, 9))}, "CL-AGR-015", "/doc/area/outer"),
        (
            {"area": Disc(centre=LatLon(0, 0), radius_mm=0)},
            "CL-AGR-015",
            "/doc/area/radius_mm",
        ),
        ({"classes": (*T.classes, T.classes[0])}, "CL-AGR-016", "/doc/classes"),
        (_class(DISTRESS, effect=Effect.MOVEMENT), "CL-AGR-016", "/doc/classes"),
        (_class(0, tail_ms=0), "CL-AGR-017", "/doc/classes/0/tail_ms"),
        (_class(2, tail_ms=60_000), "CL-AGR-017", "/doc/classes/2/tail_ms"),
        ({"pairs": T.pairs[1:]}, "CL-AGR-018", "/doc/pairs"),
        ({"pairs": (*T.pairs, T.pairs[0])}, "CL-AGR-018", "/doc/pairs"),
        (
            {"pairs": (change(T.pairs[0], a="protected-air", b="accident"), *T.pairs[1:])},
            "CL-AGR-018",
            "/doc/pairs/0",
        ),
        (
            {"pairs": (change(T.pairs[0], lateral_mm=-1), *T.pairs[1:])},
            "CL-AGR-020",
            "/doc/pairs/0/lateral_mm",
        ),
        ({"deadlines": T.deadlines[1:]}, "CL-AGR-019", "/doc/deadlines"),
        (_due(ladder=()), "CL-AGR-019", "/doc/deadlines/0/ladder"),
        (_due(repeat_ms=0), "CL-AGR-019", "/doc/deadlines/0/repeat_ms"),
        (
            _due(ladder=(Rung(role="nobody", after_ms=0),)),
            "CL-AGR-019",
            "/doc/deadlines/0/ladder/0/role",
        ),
        (
            _due(ladder=(Rung(role="deputy", after_ms=9), Rung(role="deputy", after_ms=9))),
            "CL-AGR-019",
            "/doc/deadlines/0/ladder",
        ),
        ({"down_after_ms": T.heartbeat_ms}, "CL-AGR-020", "/doc/down_after_ms"),
        ({"levels": Levels(qnh_low_pa=105_000, qnh_high_pa=95_000)}, "CL-AGR-020", "/doc/levels"),
        ({"languages": ()}, "CL-AGR-021", "/doc/languages"),
        ({"languages": ("english",)}, "CL-AGR-021", "/doc/languages/0"),
        ({"roles": ("deputy", "deputy")}, "CL-AGR-021", "/doc/roles"),
    ],
)  # fmt: skip
def test_unfit_terms_are_refused_with_clause_and_place(
    changes: dict[str, object], clause: str, at: str
) -> None:
    """Each rule of the terms, when broken, is told by clause and pointer, and nobody can sign."""
    broken: Agreement = change(T, **changes)
    assert (clause, at) in {(fault.clause, fault.at) for fault in faults(broken)}
    assert not isinstance(sign_agreement(broken, ALFA.root), bytes)


def test_templates_have_no_fault() -> None:
    """What we ship can be signed, by two parties and by three."""
    for name in ("bilateral-air", "humanitarian", "wildfire"):
        for people in ((ALFA, BRAVO), (ALFA, BRAVO, CHARLIE)):
            assert () == faults(terms(*people, name=name))


def test_all_faults_are_told_at_once() -> None:
    """Whoever edits the terms mends them in one go."""
    broken = change(T, title="", languages=(), roles=())
    assert len({fault.at for fault in faults(broken)}) >= 3
