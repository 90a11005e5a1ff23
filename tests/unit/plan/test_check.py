"""Every volume against every volume: verdicts, terms, classes, staleness, what the answer says."""

import io
import math
import random
from itertools import product

import msgspec
import pytest

from clearline.conflict.fast import spheres
from clearline.conflict.fast.gridding import grid_of
from clearline.conflict.verdict import Extent, Separation, judge_volumes
from clearline.model.finding import Verdict
from clearline.model.refusal import Code, Refusal
from clearline.model.time import HOUR, MINUTE, Instant, parse_utc
from clearline.plan import batch, compare
from clearline.plan.answer import Answer, exit_code
from clearline.plan.check import Classes, check_notices, check_picture
from clearline.plan.codec import PlanItem, read_item
from clearline.plan.report import report
from clearline.plan.snapshot import SignedPicture
from clearline.trust.agreement import read_agreement
from tests.plan_cases import circle, document, height, item, lines, picture, polygon, raw

NOW = parse_utc("2026-03-01T05:00:00Z")


def agreement():
    signed = read_agreement(document().agreements[0].encode())
    assert not isinstance(signed, Refusal)
    return signed


def check(plan: list, notices: list, **more) -> Answer:
    found = check_notices(lines(*plan), lines(*notices), NOW, **more)
    assert isinstance(found, Answer), found
    return found


def against_picture(plan: list, now: Instant, of: SignedPicture | None = None, **more) -> Answer:
    found = check_picture(lines(*plan), of or picture(), now, **more)
    assert isinstance(found, Answer), found
    return found


def world(seed: int, count: int) -> list[dict[str, object]]:
    """Discs and triangles crowded enough that a good part of the pairs meet."""
    rng = random.Random(seed)
    found = []
    for _ in range(count):
        lat, lon = rng.uniform(34.5, 35.5), rng.uniform(179.5, 180.5)
        lon = lon if lon <= 180 else lon - 360
        if rng.random() < 0.5:
            shape = circle(lat, lon, rng.uniform(500, 60_000))
        else:
            shape = polygon(
                (lat, lon), (lat + 0.3, lon), (lat, lon - 0.4 if lon > 0 else lon + 0.4)
            )
        hour = rng.randint(6, 10)
        low = rng.randint(0, 3000)
        found.append(
            item(
                shape,
                lower=height(low, rng.choice(["W84", "AMSL"])),
                upper=height(low + rng.randint(1, 2000), "AMSL"),
                start=f"2026-03-01T{hour:02d}:00:00Z",
                end=f"2026-03-01T{hour + 3:02d}:00:00Z",
            )
        )
    return [one for one in found if isinstance(read_item(raw(one)), PlanItem)]


def brute(plan: list, notices: list) -> dict[tuple[int, int], Verdict]:
    """Every pair judged by the engine itself."""
    ours, theirs = ([read_item(raw(one)) for one in side] for side in (plan, notices))
    return {
        (i, j): judge_volumes(
            Extent(volume=a.volumes[0]), Extent(volume=b.volumes[0]), Separation()
        ).verdict
        for (i, a), (j, b) in product(enumerate(ours, 1), enumerate(theirs, 1))
    }


@pytest.mark.parametrize("hold_plan", [True, False])
def test_a_grid_finds_what_reading_all_rows_finds(
    monkeypatch: pytest.MonkeyPatch, hold_plan: bool
) -> None:
    """However few rows are held: with a grid over them the answer is the same, byte by byte."""
    plan, notices = world(5, 60), world(6, 90)
    without = msgspec.json.encode(check(plan, notices, hold_plan=hold_plan))
    made: list[object] = []
    monkeypatch.setattr(compare, "GRID_MIN", 1)
    monkeypatch.setattr(spheres, "grid_of", lambda *rows: made.append(1) or grid_of(*rows))
    assert without == msgspec.json.encode(check(plan, notices, hold_plan=hold_plan))
    assert made == [1]
    assert b'"YES"' in without


@pytest.mark.parametrize("hold_plan", [True, False])
def test_every_pair_gets_the_verdict_of_the_engine(hold_plan, monkeypatch) -> None:
    """Batches, spheres and windows leave out no pair that is not NO, whichever side is held."""
    monkeypatch.setattr(batch, "VOLUMES_AT_ONCE", 7)
    monkeypatch.setattr(compare, "_PAIRS_AT_ONCE", 11)
    plan, notices = world(1, 25), world(2, 40)
    answer = check(plan, notices, hold_plan=hold_plan)
    assert answer.plan.refused + answer.against.refused == 0
    # rounding of corners may turn a NO into an UNDETERMINED, never the other way
    found = {(f.plan.place, f.against.place): f.verdict for f in answer.findings}
    expected = {pair: v for pair, v in brute(plan, notices).items() if v is not Verdict.NO}
    assert len(expected) > 30
    assert expected.items() <= found.items()
    assert {v for pair, v in found.items() if pair not in expected} <= {Verdict.UNDETERMINED}
    assert sum(answer.items.values()) == len(plan)


def test_a_hazard_over_a_convoy_is_a_conflict_by_the_terms() -> None:
    """FL150 over people on the ground: by the agreement the hazard reaches the surface."""
    hazard = item(
        circle(35, 36, 5000),
        lower=height(150, "FL", None),
        upper=height(200, "FL", None),
        **{"class": "hazardous-air"},
    )
    convoy = item(
        circle(35, 36, 100),
        lower=height(None, "SFC", None),
        upper=height(300),
        **{"class": "protected-site"},
    )
    without = check([convoy], [hazard])
    assert without.verdict is Verdict.NO
    assert without.terms.kind == "none"
    answer = check([convoy], [hazard], agreement=agreement())
    assert answer.verdict is Verdict.YES
    assert answer.exit == 1
    assert answer.terms.line == document().line


def test_a_tail_counts_by_the_class() -> None:
    """After the window a hazard is still there for as long as its class says; a movement is not."""
    tail = next(c.tail_ms for c in agreement().body.classes if c.id == "hazardous-air")
    assert tail > 2 * MINUTE
    later = item(
        circle(35, 36, 100), start="2026-03-01T07:01:00Z", end="2026-03-01T07:02:00Z",
        **{"class": "air-movement"},
    )  # fmt: skip
    box = item(circle(35, 36, 5000), **{"class": "hazardous-air"})
    assert check([later], [box], agreement=agreement()).verdict is Verdict.YES
    assert check([later], [box]).verdict is Verdict.NO


def test_what_has_no_class_may_be_of_any() -> None:
    """Where classes differ in what they ask for the class is what would settle it."""
    later = item(circle(35, 36, 100), start="2026-03-01T07:25:00Z", end="2026-03-01T07:26:00Z")
    box = item(circle(35, 36, 5000))
    (found,) = check([later], [box], agreement=agreement()).findings
    assert (found.verdict, found.decided_by) == (Verdict.UNDETERMINED, "class")
    far = item(circle(-35, 36, 100))
    assert check([far], [box], agreement=agreement()).verdict is Verdict.NO
    named = Classes(plan="air-movement", notices="hazardous-air")
    assert check([later], [box], agreement=agreement(), classes=named).verdict is Verdict.YES


def test_a_class_that_the_terms_lack_is_refused() -> None:
    """By item, and at once where it was given for all."""
    answer = check(
        [item(circle(0, 0, 1), **{"class": "picnic"})],
        [item(circle(0, 0, 1))],
        agreement=agreement(),
    )
    assert [(r.code, r.clause, r.at) for r in answer.refused] == [
        (Code.UNKNOWN_CLASS, "CL-PLN-008", "/class")
    ]
    refusal = check_notices(
        lines(), lines(), NOW, agreement=agreement(), classes=Classes(plan="picnic")
    )
    assert isinstance(refusal, Refusal)


def test_one_operation_of_one_author_is_not_held_against_itself() -> None:
    """But for another author the same word means nothing, nor where no author is named."""
    ours = {"operation": "op", "party": "ALFA"}
    leg = item(circle(35, 36, 100), **ours)
    assert check([leg], [leg]).verdict is Verdict.NO
    assert check([leg], [{**leg, "party": "BRAVO"}]).verdict is Verdict.YES
    nameless = item(circle(35, 36, 100), operation="op")
    assert check([nameless], [nameless]).verdict is Verdict.YES


def test_refused_items_leave_the_others_judged() -> None:
    """Exit 2, and the conflict is told all the same."""
    good = item(circle(35, 36, 100))
    answer = check([item(circle(95, 36, 100)), good], [good])
    assert answer.exit == 2
    assert answer.findings_count == {"YES": 1, "UNDETERMINED": 0}
    assert [(r.source, r.unit, r.place) for r in answer.refused] == [("plan", "line", 1)]
    only = check([item(circle(95, 36, 100))], [good])
    assert only.verdict is Verdict.UNDETERMINED


def test_a_plan_without_items_is_refused() -> None:
    """Nothing was checked, so nothing is said to be apart."""
    found = check_notices(io.BytesIO(b"[]"), lines(item(circle(0, 0, 1))), NOW)
    assert isinstance(found, Answer)
    assert (found.exit, found.refused[0].clause) == (2, "CL-PLN-010")


def test_no_notices_is_an_answer_that_says_so() -> None:
    """An explicit empty list is compared with, an empty file is refused."""
    plan = [item(circle(0, 0, 1))]
    listed = check_notices(lines(*plan), io.BytesIO(b"[]"), NOW)
    assert isinstance(listed, Answer)
    assert (listed.exit, listed.against.volumes) == (0, 0)
    assert "among 0 volumes" in "\n".join(report(listed))
    empty = check_notices(lines(*plan), io.BytesIO(b""), NOW)
    assert isinstance(empty, Answer)
    assert empty.exit == 2


def test_corners_between_two_grid_points_never_clear() -> None:
    """Two boxes apart by less than rounding may have moved them are not told apart."""
    west = item(polygon((0, 0), (0, 0.00000004), (1, 0)))
    west = item(polygon((0, -1), (0, 0.00000004), (1, -1)))
    east = item(polygon((0, 0.00000009), (0, 1), (1, 1)))
    answer = check([west], [east])
    assert answer.verdict is Verdict.UNDETERMINED
    assert answer.findings[0].settles == "coordinates of at most seven decimals"


def test_findings_stand_by_seriousness() -> None:
    """Conflicts first, then what cannot be ruled out; within both the earliest first."""
    plan = [
        item(
            circle(35, 36, 100),
            lower=height(35, "FL", None),
            upper=height(90, "FL", None),
            id="maybe",
        ),
        item(circle(35, 36, 100), start="2026-03-01T06:30:00Z", id="later"),
        item(circle(35, 36, 100), id="first"),
    ]
    answer = check(plan, [item(circle(35, 36, 100))])
    assert [f.plan.id for f in answer.findings] == ["first", "later", "maybe"]


def test_findings_beyond_the_limit_are_counted(monkeypatch) -> None:
    """The gravest are kept whatever comes first; nothing is dropped without being counted."""
    monkeypatch.setattr(compare, "FINDINGS_MAX", 3)
    maybe = item(circle(35, 36, 100), lower=height(35, "FL", None), upper=height(90, "FL", None))
    box = item(circle(35, 36, 100))
    answer = check([maybe] * 20 + [box], [box])
    assert answer.findings_count == {"YES": 1, "UNDETERMINED": 20}
    assert answer.findings[0].verdict is Verdict.YES
    assert (len(answer.findings), answer.not_listed) == (3, 18)


def test_refusals_beyond_the_limit_are_counted(monkeypatch) -> None:
    """A million broken lines make no answer of a million refusals."""
    monkeypatch.setattr(batch, "LISTED_MAX", 2)
    answer = check([{}] * 5, [item(circle(0, 0, 1))])
    assert (answer.plan.refused, len(answer.refused), answer.not_listed) == (5, 2, 3)


def test_two_sources_too_large_to_hold_are_refused(monkeypatch) -> None:
    """The smaller one is held whole, so it has a limit."""
    monkeypatch.setattr(batch, "HELD_VOLUMES_MAX", 2)
    found = check_notices(lines(*[item(circle(0, 0, 1))] * 3), lines(), NOW)
    assert isinstance(found, Refusal)
    assert (found.code, found.clause) == (Code.TOO_MANY, "CL-PLN-009")


def test_a_plan_is_checked_against_a_picture_by_its_terms() -> None:
    """The live notice is met, with its author, its place in the record and its standing."""
    at = document().at
    meets = {"id": "x", "class": "air-movement", "volume": circle(35.6, 35.7, 100)}
    answer = against_picture([meets], at)
    assert answer.exit == 1
    (found,) = answer.findings
    assert (found.against.party, found.against.label) == ("ALFA", "box")
    assert found.against.ref == str(document().live[0].ref)
    assert found.against.standing
    assert answer.picture.stale is False
    assert answer.terms.kind == "picture"
    text = "\n".join(report(answer))
    assert f"as of {answer.picture.as_of}, 0 minutes old" in text
    assert answer.picture.fingerprint in text


FAR = {"class": "air-movement", "volume": circle(-35, -35, 100)}


def test_an_old_picture_says_no_of_nothing() -> None:
    """Older than agreed: all that would be NO cannot be ruled out, by reason of age alone."""
    at, limit = document().at, agreement().body.picture_stale_ms
    fresh = against_picture([FAR], at)
    assert (fresh.exit, fresh.items["NO"]) == (0, 1)
    old = against_picture([FAR, FAR], Instant(at + limit + 11_000))
    assert (old.exit, old.items) == (3, {"NO": 0, "YES": 0, "UNDETERMINED": 2})
    assert {f.decided_by for f in old.findings} == {"stale"}
    assert f"as of {old.picture.as_of}, 15 minutes old" in "\n".join(report(old))


def test_a_picture_taken_while_the_line_was_down_is_as_old_as_its_last_word() -> None:
    """Exporting again does not make old news new."""
    old = msgspec.structs.replace(document().peers[0], round_trip=Instant(document().at - HOUR))
    doc = msgspec.structs.replace(document(), peers=(old,))
    shown = picture()
    down = SignedPicture(
        doc=doc, key=shown.key, root_key=shown.root_key, roster=shown.roster, terms=shown.terms,
        proved=shown.proved,
    )  # fmt: skip
    answer = against_picture([FAR], doc.at, down)
    assert (answer.exit, answer.picture.reason) == (3, "the line to ALFA was down")


def test_a_picture_from_the_future_says_no_of_nothing() -> None:
    """One of the two clocks is wrong: the age is not known."""
    offset = agreement().body.clock_offset_max_ms
    answer = against_picture([FAR], Instant(document().at - offset - 1))
    assert (answer.exit, answer.picture.stale) == (3, True)


def test_an_unreadable_notice_is_live_everywhere() -> None:
    """What the exporter's node could not read stands against every item of the plan."""
    notice = msgspec.structs.replace(
        document().live[0], unreadable=Code.UNKNOWN_KIND, volumes=(), cls="", label=""
    )
    doc = msgspec.structs.replace(document(), live=(notice,))
    shown = picture()
    blind = SignedPicture(
        doc=doc, key=shown.key, root_key=shown.root_key, roster=shown.roster, terms=shown.terms,
        proved=shown.proved,
    )  # fmt: skip
    answer = against_picture([FAR], doc.at, blind)
    assert (answer.exit, answer.findings[0].decided_by) == (3, "unreadable")


def test_a_notice_of_a_class_that_the_terms_lack_is_live_everywhere() -> None:
    """Between two adoptions one version may not know it: nothing is ruled out by distance."""
    notice = msgspec.structs.replace(document().live[0], cls="picnic")
    doc = msgspec.structs.replace(document(), live=(notice,))
    shown = picture()
    lacking = SignedPicture(
        doc=doc, key=shown.key, root_key=shown.root_key, roster=shown.roster, terms=shown.terms,
        proved=shown.proved,
    )  # fmt: skip
    answer = against_picture([FAR], doc.at, lacking)
    assert (answer.exit, answer.findings[0].decided_by) == (3, "terms")


@pytest.mark.parametrize("refused", [0, 1])
@pytest.mark.parametrize("conflicts", [0, 1])
@pytest.mark.parametrize("undetermined", [0, 1])
def test_exit_codes_follow_the_gravest(refused, conflicts, undetermined) -> None:
    """2 refused, else 1 conflict, else 3 undetermined, else 0."""
    expected = 2 if refused else 1 if conflicts else 3 if undetermined else 0
    assert expected == exit_code(refused, conflicts, undetermined)


@pytest.mark.parametrize("hold_plan", [True, False])
def test_a_check_that_is_stopped_answers_what_was_read(hold_plan) -> None:
    """Whichever side is streamed: what was found among what was read stands, nothing is said of the
    rest, and never that there is no conflict."""
    plan, notices = [item(circle(-35, 33, 100)), *world(5, 60)], world(6, 90)
    whole = check(plan, notices, hold_plan=hold_plan)
    assert whole.items[Verdict.NO] == 1
    held = len(plan) if hold_plan else len(notices)
    asked: list[int] = []

    def go_on() -> bool:
        asked.append(1)
        return len(asked) <= held + 21  # of which one is at the end of what is held

    some = check(plan, notices, hold_plan=hold_plan, go_on=go_on)
    assert some.stopped == (("against",) if hold_plan else ("plan",))
    assert (some.against if hold_plan else some.plan).items == 20
    assert (some.exit, some.verdict) == (130, Verdict.YES)
    assert set(some.findings) < set(whole.findings)
    assert some.items[Verdict.NO] == (0 if hold_plan else 1)
    text = "\n".join(report(some))
    assert "NOT ALL WAS JUDGED" in text
    assert "stopped after 20" in text

    nothing = check(plan, notices, hold_plan=hold_plan, go_on=lambda: False)
    assert (nothing.verdict, nothing.exit) == (Verdict.UNDETERMINED, 130)


def test_a_long_plan_is_never_held(monkeypatch) -> None:
    """However many lines it has: what was read and is not judged yet is one batch at the most, and
    findings stand under the number of their line."""
    monkeypatch.setattr(batch, "VOLUMES_AT_ONCE", 16)
    many = [raw(item(circle(35, 33 + k % 50 * 0.1, 100))) + b"\n" for k in range(1_000)]
    given, judged, behind = iter([*many, b""]), [0], []
    read = [0]

    class Source:
        def readline(self, _limit: int = -1) -> bytes:
            read[0] += 1
            return next(given)

        read = None

    feed = compare.Comparison.feed

    def counted(self, fed, **more) -> None:
        judged[0] += len(fed.items)
        behind.append(read[0] - judged[0])
        feed(self, fed, **more)

    monkeypatch.setattr(compare.Comparison, "feed", counted)
    near = raw(item(circle(35, 33, 100)))
    found = check_notices(Source(), io.BytesIO(near), NOW, hold_plan=False)
    assert max(behind) <= 16
    assert (found.plan.items, judged[0]) == (1_000, 1_000)
    places = [each.plan.place for each in found.findings]
    assert places == list(range(1, 1_001, 50))


def test_ordinary_shapes_never_take_the_slow_look(monkeypatch) -> None:
    """Rings of up to 512 corners, corridors and discs are told valid many at once."""
    slow: list[object] = []
    monkeypatch.setattr(batch, "volume_faults", lambda *given: slow.append(given) or ())
    rings = [
        [(35 + 0.2 * math.sin(k), 33 + 0.2 * math.cos(k)) for k in turns]
        for n in (5, 40, 100, 300, 512)
        for turns in [[2 * math.pi * i / n for i in range(n)]]
    ]
    plan = [item(polygon(*ring)) for ring in rings] + [item(circle(36, 33, 100))]
    assert check(plan, [item(circle(-36, 33, 100))]).plan.items == 6
    assert slow == []


def test_whoever_prepares_is_told_once_and_whether_there_is_much_to_judge(monkeypatch) -> None:
    """Nothing where nothing is near; little where all is known to be; much where the pairs, their
    corners, the batches still to come, or the grid make it so."""
    here, far = item(circle(35, 33, 100)), item(circle(-35, 33, 100))
    ring = [(35 + 0.2 * math.sin(k / 80), 33 + 0.2 * math.cos(k / 80)) for k in range(500)]

    def told(plan: list, notices: list) -> list[bool]:
        said: list[bool] = []
        check(plan, notices, before=said.append)
        return said

    assert told([here], [far] * 3) == []
    assert told([here, here], [far, here]) == [False]
    few = compare.FEW_UNITS // 6
    assert told([here] * 40, [here] * (few // 40)) == [False]
    assert told([here] * 40, [here] * (few // 40 + 1)) == [True]
    monkeypatch.setattr(compare, "FEW_UNITS", 40)
    assert told([here] * 2, [here] * 2) == [False]
    assert told([here] * 2, [item(polygon(*ring))] * 2) == [False]
    assert told([item(polygon(*ring))] * 2, [item(polygon(*ring))] * 2) == [True]
    monkeypatch.undo()
    monkeypatch.setattr(batch, "VOLUMES_AT_ONCE", 2)
    assert told([here], [here] * 3) == [True]
    assert told([here], [far] * 2 + [here]) == [False]
    monkeypatch.setattr(compare, "GRID_MIN", 2)
    assert told([here] * 2, [here] * 3) == [True]
