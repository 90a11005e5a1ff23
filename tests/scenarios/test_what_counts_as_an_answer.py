"""What counts as an answer counts everywhere alike: at the desk, in the review, in the month's
report; and an answer is about something that is here."""

import hashlib

import pytest

from clearline.canonical import encode
from clearline.evidence.review.facts import Section
from clearline.evidence.review.use import Use, use
from clearline.model.alert import TroubleKind
from clearline.model.entry import (
    Answer,
    Body,
    Distress,
    Field,
    FreeText,
    Message,
    Notice,
    Open,
    Reply,
    Seal,
    Stop,
)
from clearline.model.entry import Precedence as Prec
from clearline.model.ids import Digest, EntryRef, parse_ref
from clearline.model.refusal import Code
from clearline.model.space import LatLon
from clearline.model.time import DAY, MINUTE, SECOND, Instant
from clearline.node import phrases
from clearline.node.inbound import Say, Ticked
from clearline.node.queries import asks, reading
from clearline.node.queries_notices import find, notice_view
from clearline.node.write import statement
from clearline.notation.readback import measure
from clearline.words.reader import accepted
from clearline.words.sentences import sentence
from tests.evidence_town import checked, export
from tests.liar import Liar
from tests.review_town import made
from tests.town import BEGIN, Town, at, disc, level, volume

OWN_POINT = LatLon(340_000_000, 350_000_000)
PLACE = volume(disc(34.5, 35.25, 10), at(120), at(180), level(100), level(200))
ELSEWHERE = volume(disc(34.7, 35.25, 10), at(120), at(180), level(100), level(200))
NOTICE = Notice(cls="hazardous-air", label="range", volumes=(PLACE,))
ASKED: dict[str, tuple[Body, Prec]] = {
    "notice": (NOTICE, Prec.PRIORITY),
    "stop": (Stop(), Prec.FLASH),
    "distress": (Distress(what="ditching", volumes=(PLACE,)), Prec.FLASH),
    "message": (
        Message(
            template="review-wish", fields=(Field(name="topic", value="lead-times"),),
            remark=FreeText(lang="en", text="ten minutes"),
        ),
        Prec.ROUTINE,
    ),
}  # fmt: skip
RIGHT, WRONG = measure(OWN_POINT, PLACE), measure(OWN_POINT, ELSEWHERE)


def said(to: EntryRef, how: str) -> Answer:
    """An answer of one kind."""
    if how.startswith("read-back"):
        back = WRONG if how.endswith("wrong") else RIGHT
        return Answer(to=to, reply=Reply.READ_BACK, role="watch-officer", read_back=back)
    return Answer(to=to, reply=Reply(how), role="watch-officer")


def at_the_desk(town: Town, ref: EntryRef) -> bool:
    """Whether AAA's board says that BBB still owes an answer."""
    node = town.nodes["AAA"]
    of = reading(node.state, node.tools, town.line, town.now)
    assert of is not None
    held = find(of, ref)
    if held is not None:
        return "BBB" in notice_view(of, *held).unanswered
    (ask,) = [each for each in asks(of) if each.ref == ref]
    return "BBB" in ask.unanswered


@pytest.mark.parametrize("kind", ASKED)
@pytest.mark.parametrize(
    "how", ["ROGER", "HALTED", "STANDBY", "read-back right", "read-back wrong"]
)
def test_desk_review_and_report_count_the_same_answers(kind: str, how: str) -> None:
    """What still waits for an answer at the desk stands as unanswered in the review, and is no
    answer in the month's report; and the reverse."""
    if how == "HALTED" and kind != "stop":
        return
    town = Town(("AAA", "BBB"))
    body, prec = ASKED[kind]
    (ref,) = town.say("AAA", body, prec=prec)
    town.settle()
    town.wait(SECOND)
    town.say("BBB", said(ref, how), prec=prec)
    town.settle()
    town.wait(SECOND)
    waits = at_the_desk(town, ref)
    wrong = how == "read-back wrong" and kind in ("notice", "distress")
    stop = kind == "stop"
    assert waits is (how == "STANDBY" or wrong or (stop and how != "HALTED"))
    review = made(town, "AAA")
    silent = {row.key for row in review.of(Section.UNANSWERED)}
    assert (f"{ref} by BBB" in silent) is waits
    assert (f"{ref} by BBB" in {row.key for row in review.of(Section.ANSWERS)}) is not waits
    month = use(checked(export(town, "AAA")), Instant(BEGIN), Instant(BEGIN + DAY))
    assert isinstance(month, Use)
    (other,) = [one for one in month.parties if one.party == "BBB"]
    assert (other.answers, other.unfinal) == ((0, 1) if waits else (1, 0))


def test_wrong_read_back_is_named_beside_what_stays_unanswered() -> None:
    """Two wrong ones and a STANDBY: one STANDBY, two read back wrongly, no answer; a right one
    then is the answer, and how long it took counts to it."""
    town = Town(("AAA", "BBB"))
    (ref,) = town.say("AAA", NOTICE)
    town.settle()
    for how in ("read-back wrong", "STANDBY", "read-back wrong"):
        town.wait(MINUTE)
        town.say("BBB", said(ref, how))
        town.settle()
    (row,) = made(town, "BBB").of(Section.UNANSWERED)
    found = {cell.name: cell.value for cell in row.cells}
    assert (found["standbys"], found["misreads"]) == (1, 2)
    town.wait(MINUTE)
    (right,) = town.say("BBB", said(ref, "read-back right"))
    town.settle()
    (row,) = made(town, "BBB").of(Section.ANSWERS)
    found = {cell.name: cell.value for cell in row.cells}
    assert (found["answer"], found["took_ms"], found["misreads"]) == (str(right), 4 * MINUTE, 2)


# -- about something that is here


def troubles(town: Town, party: str) -> list:
    """What a desk is rung about because an answer answers nothing."""
    held = town.nodes[party].state.troubles.values()
    return [each for each in held if each.kind is TroubleKind.ANSWERS_NOTHING]


def nothing(town: Town, party: str) -> EntryRef:
    """An entry of a party's that it has not written."""
    return EntryRef(town.at(party).feed, 900)


def test_own_answer_to_what_is_not_held_is_refused() -> None:
    """The node itself refuses it, whoever asks: clause and sentence, and nothing is written."""
    town = Town(("AAA", "BBB"))
    town.settle()
    size = town.at("AAA").picture.feed(town.at("AAA").feed).size
    for to in (nothing(town, "BBB"), parse_ref("BBB.3/0"), parse_ref("ZZZ.0/3")):
        refusal = town.try_to_say("AAA", said(to, "ROGER")).refusal
        assert refusal is not None
        assert (refusal.code, refusal.clause) == (Code.UNKNOWN_REFERENCE, "CL-OWN-016")
        assert str(to) in sentence(refusal)
    assert town.at("AAA").picture.feed(town.at("AAA").feed).size == size


def test_stop_that_came_ahead_of_sequence_is_answered() -> None:
    """What is held beyond a gap is held: HALTED goes at once."""
    town = Town(("AAA", "BBB"))
    liar = Liar(town, "BBB")
    liar.write(NOTICE)
    stop = liar.write(Stop(), prec=Prec.FLASH)
    liar.flash("AAA", stop.index)
    assert town.at("AAA").frontier(liar.feed).size < stop.index
    assert town.try_to_say("AAA", said(stop, "HALTED"), prec=Prec.FLASH).refusal is None


def test_peers_answer_to_what_we_never_wrote_rings() -> None:
    """It is taken, since admission looks at its feed alone; it is said at once, in every language,
    and counts as an answer to nothing. It ends when an entry stands there."""
    town = Town(("AAA", "BBB"))
    liar = Liar(town, "BBB")
    liar.write(said(nothing(town, "AAA"), "ROGER"))
    liar.push("AAA")
    (trouble,) = troubles(town, "AAA")
    assert trouble.params["entry"] == str(nothing(town, "AAA"))
    assert "NOT HERE" in phrases.trouble(trouble)
    for lang in ("ar", "fr", "he", "ru", "uk"):
        assert str(nothing(town, "AAA")) in phrases.trouble(trouble, accepted(f"{lang},en"))
    town.tick()
    assert len(troubles(town, "AAA")) == 1


def test_answer_ahead_of_its_entry_waits_and_rings_only_when_it_stays_away() -> None:
    """BBB answers CCC; AAA has BBB's record and not CCC's yet. For ten seconds that is no trouble;
    then it is; with CCC's record it is over, and the answer stands."""
    town = Town(("AAA", "BBB", "CCC"))
    town.settle()
    (ref,) = town.say("CCC", NOTICE)
    town.push("CCC", "BBB", town.at("CCC").feed)
    (answer,) = town.say("BBB", said(ref, "ROGER"))
    town.wants.clear()
    town.push("BBB", "AAA", town.at("BBB").feed)
    assert not troubles(town, "AAA")
    town.wait(9 * SECOND)
    town.take("AAA", Ticked())
    assert not troubles(town, "AAA")
    town.wait(2 * SECOND)
    town.take("AAA", Ticked())
    (trouble,) = troubles(town, "AAA")
    assert (trouble.about, trouble.peer) == ((answer,), "BBB")
    town.push("CCC", "AAA", town.at("CCC").feed)
    assert not troubles(town, "AAA")


# -- seals


def sealed(town: Town, what: Notice) -> EntryRef:
    """AAA commits to a plan."""
    digest = hashlib.sha256(bytes.fromhex("5a" * 32) + encode(what)).hexdigest()
    (ref,) = town.say("AAA", Seal(sha256=Digest(digest), opens=at(30)))
    return ref


def test_own_seal_is_not_opened_by_another_plan_unless_it_is_said_why() -> None:
    """Refused before it is signed, with clause and sentence; with a reason it goes, the reason
    stands in the private desk record, and both ends are rung all the same."""
    town = Town(("AAA", "BBB"))
    ref = sealed(town, NOTICE)
    other = Open(
        seal=ref, salt="5a" * 32,
        to=Notice(cls="hazardous-air", label="other", volumes=(PLACE,)),
    )  # fmt: skip
    refusal = town.try_to_say("AAA", other).refusal
    assert refusal is not None
    assert (refusal.code, refusal.clause) == (Code.SEAL_MISMATCH, "CL-OWN-017")
    assert "--mismatch-known" in sentence(refusal)
    on_purpose = Say(
        id="purpose", line=town.line, person="kim", role="watch-officer",
        statements=(statement(other, Prec.PRIORITY),), mismatch_known="plan changed by order",
    )  # fmt: skip
    assert town.take("AAA", on_purpose).outcomes[0].refusal is None
    town.settle()
    for party in ("AAA", "BBB"):
        kinds = {each.kind for each in town.nodes[party].state.troubles.values()}
        assert TroubleKind.SEAL in kinds
    noted = [record.data for record in town.nodes["AAA"].store.desk(town.line, 0, 1_000)]
    assert any(b"opened-otherwise" in one and b"plan changed by order" in one for one in noted)
