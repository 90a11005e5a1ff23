"""The joint review: what is in it, with whose claims, and two of them side by side."""

import re
from functools import lru_cache
from html import escape

import msgspec
import pytest

from clearline.evidence.parts import Scope
from clearline.evidence.review.facts import (
    BYTES_MAX,
    Review,
    Row,
    Section,
    read_review,
    schema,
    write_review,
)
from clearline.evidence.review.make import review
from clearline.evidence.review.page import (
    reconciled_page,
    reconciled_text,
    review_page,
    review_text,
)
from clearline.evidence.review.reconcile import Found, Reconciled, reconcile
from clearline.evidence.review.words import GRADES, SECTION, Said
from clearline.evidence.words import NOTICE_LINES
from clearline.model.entry import AllClear, Amend, Answer, Field, Message, Notice, Reply
from clearline.model.refusal import Code, Refusal
from clearline.model.time import Instant
from clearline.node.inbound import Noted
from clearline.words.language import Review as WordsReview
from clearline.words.language import digest_of, language, languages, take_reviews
from clearline.words.sentences import ISOLATE, ISOLATE_END, without_isolates
from tests.evidence_town import SkewedTown, checked, export, notice
from tests.liar import Liar
from tests.review_town import DAY, beat, eventful, made
from tests.town import BEGIN, HOUR, MINUTE, SECOND, Town, at

FACTS = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+Z|[A-Z]{3}\.\d+/\d+|\b\d+ (?:min|h|s|d)\b|“[^”]*”")
"""Times, references, lengths and words of parties, as they stand in every language."""


@lru_cache
def town() -> SkewedTown:
    return eventful({"BBB": 90_000})


@lru_cache
def of(party: str) -> Review:
    return made(town(), party)


def cells(row: Row) -> dict:
    return {cell.name: cell.value for cell in row.cells}


def one(section: Section, review_: Review | None = None, **wanted: object) -> dict:
    """The one row of a part whose cells are these."""
    rows = [cells(row) for row in (review_ or of("AAA")).of(section)]
    found = [row for row in rows if wanted.items() <= row.items()]
    assert len(found) == 1, rows
    return found[0]


def both(left: Review, right: Review) -> Reconciled:
    found = reconcile(left, right)
    assert isinstance(found, Reconciled), found
    return found


def test_late_notice_falls_short_by_both_clocks() -> None:
    """30 minutes are agreed; the receiver's clock, 90 s behind the author's, gives 7 minutes and a
    shortfall of 23; the author's own account gives 5 min 30 s and 24 min 30 s."""
    row = one(Section.SHORT)
    assert (row["minimum_ms"], row["receiver_ms"], row["author_ms"]) == (
        30 * MINUTE, 7 * MINUTE, 5 * MINUTE + 30 * SECOND,
    )  # fmt: skip
    assert row["shortfall_ms"] == 23 * MINUTE
    assert row["shortfall_by_author_ms"] == 24 * MINUTE + 30 * SECOND
    counted = one(Section.LEAD_TIMES, author="BBB")
    assert (counted["short"], counted["shortfall_worst_ms"]) == (1, 23 * MINUTE)
    assert one(Section.LEAD_TIMES, author="AAA")["versions"] == 2


def test_answers_take_what_each_clock_says() -> None:
    """How long by the answerer's clock from its receipt; by the asker's from asking."""
    row = one(Section.ANSWERS, reply="UNABLE")
    assert (row["took_ms"], row["took_by_asker_ms"], row["minutes_needed"]) == (20_000, 20_000, 15)
    assert one(Section.ANSWERS, reply="HALTED")["took_ms"] == 5_000
    times = one(Section.ANSWER_TIMES, party="AAA", prec="P")
    assert (times["answered"], times["median_ms"], times["worst_ms"]) == (2, 20_000, 40_000)


def test_silence_is_listed_and_never_counted_as_an_answer() -> None:
    """What nobody answered stands there with how long it waited."""
    silent = {cells(row)["kind"] + "/" + cells(row)["party"]: cells(row)
              for row in of("AAA").of(Section.UNANSWERED)}  # fmt: skip
    assert "accident/BBB" in silent
    assert "notice/AAA" not in silent
    asked = silent["accident/BBB"]
    assert asked["waited_ms"] == BEGIN + DAY - asked["received_at"]


def test_outage_is_told_by_each_end_for_itself() -> None:
    """Ten minutes of nothing: two rows, each of its own party, by its own clock."""
    rows = {row.by: cells(row) for row in of("AAA").of(Section.OUTAGES)
            if cells(row)["since_at"] > BEGIN}  # fmt: skip
    assert set(rows) == {"AAA", "BBB"}
    assert rows["BBB"]["since_at"] - rows["AAA"]["since_at"] == 90_000
    assert rows["AAA"]["length_ms"] == 8 * MINUTE


def test_suspension_has_its_owner_and_its_end() -> None:
    """By whom, from when until when, and the reason that was given."""
    (row,) = of("AAA").of(Section.SUSPENSIONS)
    assert (row.by, cells(row)["label"], cells(row)["length_ms"]) == ("BBB", "by order", 840_000)


def test_test_of_the_line_and_emergencies_are_there() -> None:
    """Who tested, who answered and how fast; STOP and ACCIDENT by their authors."""
    assert one(Section.DRILLS)["took_ms"] == 40_000
    assert {row.by for row in of("AAA").of(Section.EMERGENCIES)} == {"AAA"}
    assert {cells(row)["kind"] for row in of("AAA").of(Section.EMERGENCIES)} == {"stop", "accident"}


def test_disputes_keep_their_claimants() -> None:
    """A read-back that differs, with what settled it; UNABLE; one thing at two places."""
    rows = {cells(row)["what"]: row for row in of("AAA").of(Section.DISPUTES)}
    assert set(rows) == {"UNABLE", "read-back-differs", "two-places"}
    assert (rows["UNABLE"].by, rows["read-back-differs"].by) == ("AAA", "BBB")
    back = cells(rows["read-back-differs"])
    assert round(back["apart_m"] / 1000) == 111
    assert back["settled"] is not None
    assert round(cells(rows["two-places"])["apart_m"] / 1000) == 22


def test_two_reports_of_one_origin_count_once() -> None:
    """FM22: the second report names the first: 2 reports, 1 origin."""
    row = one(Section.ORIGINS)
    assert (row["reports"], row["origins"], row["parties"]) == (2, 1, "AAA BBB")


def test_hazard_that_nobody_ends_is_a_deviation() -> None:
    """Past window and tail without ALL CLEAR; with one that came too late, by how much."""
    fresh = Town(("AAA", "BBB"))
    kept, late = fresh.say("AAA", notice(34.0, start=40), notice(36.0, start=40))
    fresh.settle()
    fresh.wait(4 * HOUR)
    fresh.say("AAA", AllClear(versions=(late,), at=fresh.now))
    fresh.settle()
    found = made(fresh, "BBB")
    rows = {cells(row)["entry"]: cells(row) for row in found.of(Section.DEVIATIONS)}
    tail = next(c.tail_ms for c in fresh.at("AAA").terms.classes if c.id == "hazardous-air")
    over = at(100) + tail
    assert rows[str(kept)]["what"] == "ended-by-time"
    assert rows[str(kept)]["late_ms"] == BEGIN + DAY - over
    assert rows[str(late)]["what"] == "all-clear-late"
    assert rows[str(late)]["late_ms"] == BEGIN + 4 * HOUR - over


def test_hazard_ended_in_time_is_none() -> None:
    """ALL CLEAR within the tail, or withdrawn before it began: nothing to name."""
    fresh = Town(("AAA", "BBB"))
    (kept,) = fresh.say("AAA", notice(34.0, start=40))
    fresh.settle()
    fresh.wait(at(100) - BEGIN)
    fresh.say("AAA", AllClear(versions=(kept,), at=fresh.now))
    fresh.settle()
    assert made(fresh, "BBB").of(Section.DEVIATIONS) == ()


def test_own_wishes_are_shown_to_their_owner_alone_unless_sent() -> None:
    """A wish that was sent is in both reviews; one that was noted only in its owner's, and only
    from a bundle with the desk record."""
    fresh = eventful()
    noted = Noted(
        line=fresh.line, person="officer", what="review wish",
        params={"wish": "45 min for strikes", "topic": "lead-times", "lang": "en"},
    )  # fmt: skip
    fresh.take("AAA", noted)
    ours = made(fresh, "AAA", Scope(desk=True))
    theirs = made(fresh, "BBB", Scope(desk=True))
    bare = made(fresh, "AAA")
    assert [cells(r)["sent"] for r in ours.of(Section.WISHES)] == ["yes", "no"]
    assert one(Section.WISHES, ours, sent="no")["remark"] == "45 min for strikes"
    assert [cells(r)["sent"] for r in theirs.of(Section.WISHES)] == ["yes"]
    assert [cells(r)["sent"] for r in bare.of(Section.WISHES)] == ["yes"]
    assert "45 min" not in review_page(theirs) + review_page(bare)
    found = both(ours, theirs)
    assert found.exit == 0
    assert found.count(Found.ONLY_LEFT, public=False) > 0


def test_two_ends_of_one_history_reconcile_in_all_that_is_public() -> None:
    """Clocks 90 s apart, made by different nodes: every public row is the same."""
    found = both(of("AAA"), of("BBB"))
    assert [line for line in found.lines if line.public and line.found is not Found.SAME] == []
    assert found.count(Found.SAME) == len([row for row in of("AAA").rows if row.public])
    assert found.exit == 0


def test_review_made_later_says_the_same_of_the_period() -> None:
    """What comes after the period changes none of its rows."""
    fresh = eventful()
    until = Instant(fresh.now - MINUTE)

    def now() -> Review:
        found = review(checked(export(fresh, "AAA")), BEGIN, until)
        assert isinstance(found, Review)
        return found

    before = now()
    asked = next(cells(r)["entry"] for r in before.of(Section.UNANSWERED))
    from clearline.model.ids import parse_ref

    author = asked.partition(".")[0]
    other = "BBB" if author == "AAA" else "AAA"
    fresh.say(other, Answer(to=parse_ref(asked), reply=Reply.ROGER, role="watch-officer"))
    fresh.settle()
    beat(fresh, 3)
    assert [r for r in now().rows if r.public] == [r for r in before.rows if r.public]


def test_altered_figure_is_named_with_both_values() -> None:
    """One cell changed in one party's file: that row differs, both values stand, exit 1."""
    rows = list(of("BBB").rows)
    n = next(i for i, row in enumerate(rows) if row.section is Section.SHORT)
    changed = tuple(
        msgspec.structs.replace(cell, value=1) if cell.name == "shortfall_ms" else cell
        for cell in rows[n].cells
    )
    rows[n] = msgspec.structs.replace(rows[n], cells=changed)
    found = both(of("AAA"), msgspec.structs.replace(of("BBB"), rows=tuple(rows)))
    (line,) = [line for line in found.lines if line.public and line.found is Found.DIFFERS]
    (cell,) = line.differing
    assert (cell.name, cell.left, cell.right) == ("shortfall_ms", 23 * MINUTE, 1)
    assert found.exit == 1
    said = "\n".join(reconciled_text(found))
    assert "AAA says 23 min 00 s; BBB says 0 s" in said


def test_row_in_one_alone_is_named() -> None:
    """A public row that one party's review lacks: exit 3, and it stands there."""
    less = tuple(r for r in of("BBB").rows if r.section is not Section.SUSPENSIONS)
    found = both(of("AAA"), msgspec.structs.replace(of("BBB"), rows=less))
    assert found.exit == 3
    (line,) = [line for line in found.lines if line.public and line.found is Found.ONLY_LEFT]
    assert line.section is Section.SUSPENSIONS
    assert both(msgspec.structs.replace(of("AAA"), rows=less), of("BBB")).exit == 3
    assert "Only in the review of" in reconciled_page(found)


def test_withheld_leaves_are_counted_and_what_they_held_is_missed() -> None:
    """A party that withholds its messages: counted on its review, and the rest still stands."""
    less = made(town(), "BBB", Scope(withhold=("message",)))
    assert less.withheld > 0
    assert less.exit == 3
    found = both(of("AAA"), less)
    assert found.exit != 0
    assert [line for line in found.lines
            if line.section is Section.SHORT and line.found is not Found.SAME] == []  # fmt: skip


@pytest.mark.parametrize("change", ["line", "period"])
def test_two_lines_or_two_periods_are_not_compared(change: str) -> None:
    """They are refused, not laid side by side."""
    other = {"line": {"line": "0" * 64}, "period": {"until": Instant(BEGIN + 2 * DAY)}}[change]
    found = reconcile(of("AAA"), msgspec.structs.replace(of("BBB"), **other))
    assert isinstance(found, Refusal)
    assert found.clause == "CL-EVI-017"


def test_confirmation_is_late_with_nothing() -> None:
    """FM15: the same said again after its start is a confirmation, not a short lead time."""
    fresh = Town(("AAA", "BBB"))
    stated = notice(34.0, start=40)
    (first,) = fresh.say("AAA", stated)
    fresh.settle()
    fresh.wait(50 * MINUTE)
    fresh.say("AAA", Amend(notice=first, to=stated))
    fresh.settle()
    found = made(fresh, "BBB")
    assert found.of(Section.SHORT) == ()
    assert one(Section.NOTICES, found)["confirmations"] == 1


def test_file_is_read_as_it_was_written_and_the_same_every_time() -> None:
    """Deterministic bytes, and back."""
    raw = write_review(of("AAA"))
    assert raw == write_review(made(town(), "AAA"))
    assert read_review(raw) == of("AAA")


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"", Code.NOT_JSON),
        (b"[]", Code.BAD_FIELD),
        (b"{", Code.NOT_JSON),
        (b'{"v":1}', Code.BAD_FIELD),
        (b"\xff\xfe", Code.NOT_JSON),
        (b"[" * 100_000, Code.BAD_FIELD),
        (b" " * (BYTES_MAX + 1), Code.TOO_LARGE),
    ],
)
def test_what_is_no_review_is_refused(raw: bytes, code: Code) -> None:
    """Nothing that a file holds can raise."""
    found = read_review(raw)
    assert isinstance(found, Refusal)
    assert (found.code, found.clause) == (code, "CL-EVI-017")


@pytest.mark.parametrize(
    "change",
    [
        {"v": 2},
        {"says": ("all is well",)},
        {"line": "x"},
        {"until": BEGIN},
        {"first": -1},
        {"made": 10**18},
    ],
)
def test_review_that_cannot_be_is_refused(change: dict) -> None:
    """Another version, another text of the law, a period of nothing."""
    raw = write_review(msgspec.structs.replace(of("AAA"), **change))
    assert isinstance(read_review(raw), Refusal)


def test_row_that_stands_twice_is_refused() -> None:
    """Else one of the two would hide in the comparison."""
    doubled = msgspec.structs.replace(of("AAA"), rows=(*of("AAA").rows, of("AAA").rows[0]))
    found = read_review(write_review(doubled))
    assert isinstance(found, Refusal)
    assert found.at == "/rows"


def test_every_row_has_a_key_of_its_own() -> None:
    """No two rows of a review answer to one name."""
    keys = [(row.section, row.key, row.by) for row in of("AAA").rows]
    assert len(keys) == len(set(keys))


def test_pages_fetch_nothing_and_say_what_every_export_says() -> None:
    """Self-contained; the sentence about permission and protection stands on each."""
    pages = [review_page(of("AAA")), reconciled_page(both(of("AAA"), of("BBB")))]
    for page in pages:
        assert not re.search(r"(?:src|href)\s*=|url\(|@import|<script|<img|<link", page)
        assert "default-src 'none'" in page
        for line in NOTICE_LINES:
            assert line in page
    for text in (review_text(of("AAA")), reconciled_text(both(of("AAA"), of("BBB")))):
        assert set(NOTICE_LINES) <= set(text)


def test_words_of_a_party_cannot_act_on_the_page() -> None:
    """A label with markup and a bidi override stands escaped, and turns nothing round."""
    fresh = Town(("AAA", "BBB"))
    fresh.say("AAA", notice(34.0, start=5, label="<script>alert(1)</script>"))
    fresh.settle()
    page = review_page(made(fresh, "BBB"))
    assert "<script>" not in page
    assert "&lt;script&gt;" in page


def test_exercise_is_marked_first_on_every_page() -> None:
    """FM26: a review of an exercise line cannot be read as one of the real one."""
    drill = msgspec.structs.replace(of("AAA"), exercise=True)
    assert review_text(drill)[0].startswith("EXERCISE")
    assert "<title>EXERCISE" in review_page(drill)
    assert review_page(drill).index("EXERCISE EXERCISE") < review_page(drill).index("<h1>")
    assert reconciled_text(both(drill, drill))[0].startswith("EXERCISE")


def test_every_cell_and_part_has_its_words() -> None:
    """No column is headed by a name of the code."""
    reviews = (of("AAA"), made(town(), "AAA", Scope(desk=True)))
    names = {cell.name for found in reviews for row in found.rows for cell in row.cells}
    words = language("en").review
    assert {f"cell-{name}" for name in names} <= set(words)
    assert {f"title-{section.value}" for section in Section} <= set(words)
    assert {row.grade for found in reviews for row in found.rows} <= set(GRADES)


@pytest.mark.parametrize("tag", languages())
def test_review_reads_in_each_language_with_the_same_facts(tag: str) -> None:
    """Headings and sentences of the page and of the lines are the language's; every row, time,
    figure and reference is that of the English one; what nobody reviewed has the English beside it,
    and what a notice is not stands verbatim first."""
    one, english = of("AAA"), Said("en")
    raw, plain = review_page(one, tag), "\n".join(review_text(one, tag))
    assert (ISOLATE in raw) is (language(tag).direction == "rtl")
    assert raw.count(ISOLATE) == raw.count(ISOLATE_END)
    page = without_isolates(raw)
    words = language(tag)
    assert f'<html lang="{tag}" dir="{words.direction}">' in page
    for section in Section:
        own = words.review[f"title-{section.value}"]
        assert escape(own) in page
        assert own.upper() in plain
        assert escape(english(f"title-{section.value}")) in page, "English, or beside it"
    assert all(escape(line) in page and line in plain for line in NOTICE_LINES)
    assert ("UNREVIEWED" in page) is (tag != "en") is ("UNREVIEWED" in plain)
    bare = "\n".join(review_text(one))
    assert set(FACTS.findall(plain)) == set(FACTS.findall(bare))
    assert set(FACTS.findall(page)) == set(FACTS.findall(review_page(one)))
    assert page.count("<tr>") == review_page(one).count("<tr>")
    assert "\N{WHITE SQUARE}" not in plain


def test_reviewed_language_stands_alone_on_the_page() -> None:
    """With a review of the section the mark and the English are gone."""
    words = language("he")
    done = WordsReview(by="watch officer", on="2026-03-01", of=digest_of(words, SECTION))
    take_reviews({"he": {SECTION: done}})
    try:
        page = review_page(of("AAA"), "he")
        assert "UNREVIEWED" not in page
        assert escape(Said("en")("title-short")) not in page
    finally:
        take_reviews({})


@pytest.mark.parametrize("tag", ["ar", "uk"])
def test_two_reviews_side_by_side_read_in_each_language(tag: str) -> None:
    """The outcome, who says what, and what stands in one alone."""
    right = msgspec.structs.replace(of("BBB"), rows=of("BBB").rows[1:])
    found = both(of("AAA"), right)
    said = Said(tag)
    page = without_isolates(reconciled_page(found, tag))
    plain = "\n".join(reconciled_text(found, tag))
    for text in (page, plain):
        assert said(f"exit-{found.exit}-more") in text.replace("&#x27;", "'")
    assert said.html("only-in", party="<bdi class='id ref'>AAA</bdi>") in page
    assert said("only-in", party="AAA") in plain


def test_schema_describes_the_file() -> None:
    """Every field of a review stands in the schema that the command prints."""
    found = msgspec.json.decode(schema())
    described = found["$defs"]["Review"]["properties"]
    assert set(described) == set(msgspec.json.decode(write_review(of("AAA"))))
    assert found["$defs"]["Review"]["additionalProperties"] is False


def test_period_that_ends_before_it_begins_is_refused() -> None:
    """There is no review of nothing."""
    found = review(checked(export(town(), "AAA")), Instant(BEGIN + 1), BEGIN)
    assert isinstance(found, Refusal)
    assert found.code is Code.BAD_WINDOW


def test_notice_counts_are_by_party_and_class() -> None:
    """One of each party's, with versions and ends."""
    assert one(Section.NOTICES, party="AAA", cls="air-movement")["versions"] == 1
    assert one(Section.NOTICES, party="BBB", cls="hazardous-air")["all_clear"] == 1
    assert isinstance(notice(1.0), Notice)


def test_position_that_is_on_no_globe_is_measured_by_nobody() -> None:
    """A report at 99 degrees north, as no tool of ours sends it, neither raises nor disputes."""
    fresh = Town(("AAA", "BBB"))
    liar = Liar(fresh, "AAA")
    first = liar.write(_smoke("+35.0000000+035.0000000/", None))
    liar.write(_smoke("+99.0000000+035.0000000/", str(first)))
    liar.push("BBB")
    found = made(fresh, "BBB")
    assert found.of(Section.DISPUTES) == ()
    assert one(Section.ORIGINS, found)["reports"] == 2


def _smoke(position: str, origin: str | None) -> Message:
    fields = [Field(name="position", value=position)]
    fields += [Field(name="origin", value=origin)] if origin is not None else []
    return Message(template="report", fields=tuple(fields))


def test_receipt_after_the_period_is_none_in_it() -> None:
    """Filed two minutes before the end, received one minute after it: without receipt in this
    review, though the bundle that it is made from holds it."""
    fresh = Town(("AAA", "BBB"))
    fresh.wait(HOUR)
    fresh.say("AAA", notice(34.0, start=300))
    fresh.wants.clear()
    until = Instant(fresh.now + 2 * MINUTE)
    fresh.wait(3 * MINUTE)
    fresh.tick()
    found = review(checked(export(fresh, "AAA")), BEGIN, until)
    assert isinstance(found, Review)
    assert one(Section.LEAD_TIMES, found)["no_receipt"] == 1
    assert one(Section.UNANSWERED, found)["received_at"] is None
    later = review(checked(export(fresh, "AAA")), BEGIN, Instant(until + 2 * MINUTE))
    assert isinstance(later, Review)
    assert one(Section.LEAD_TIMES, later)["no_receipt"] == 0
