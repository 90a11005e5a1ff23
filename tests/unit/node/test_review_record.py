"""Forks, suspensions, ends and restarts: what joins feeds must hold over epochs and starts."""

from msgspec.structs import replace
from rpds import HashTrieMap

from clearline.model.alert import Alert, AlertState, TroubleKind
from clearline.model.entry import (
    Amend,
    Coordinated,
    Field,
    Leave,
    Message,
    Notice,
    Open,
    Precedence,
    Receipt,
    Resume,
    Seal,
    Stop,
    Suspend,
    Withdraw,
)
from clearline.model.ids import Digest, EntryRef, FeedId, PartyId
from clearline.model.refusal import Code
from clearline.node.conductor import Conductor
from clearline.node.inbound import Acknowledge, Ticked
from clearline.picture.situation import FeedState, Picture
from clearline.picture.standing import State, suspension
from tests.liar import Liar
from tests.town import HOUR, MINUTE, Town, at, disc, level, volume

FLASH = Precedence.FLASH


def notice(
    lat: float, *starts: float, cls: str = "hazardous-air", long: float = 60, label: str = "area"
) -> Notice:
    return Notice(
        cls=cls,
        label=label,
        volumes=tuple(
            volume(disc(lat, 35.0, 10), at(start), at(start + long), level(100), level(200))
            for start in starts or (60,)
        ),
    )


def town(*parties: str) -> Town:
    made = Town(parties or ("AAA", "BBB"))
    made.wait(1_000)
    return made


def kinds(here: Town, party: str) -> list[TroubleKind]:
    return sorted(trouble.kind for trouble in here.nodes[party].state.troubles.values())


def restart(here: Town, party: str) -> Conductor:
    node = here.nodes[party]
    again = here.make(party, node.store, node.high_water)
    again.start(here.now)
    here.nodes[party] = again
    return again


def forked_town() -> tuple[Town, EntryRef, EntryRef, EntryRef]:
    """BBB has two histories: one with a FLASH notice that AAA got ahead, one with another there."""
    here = town()
    (north,) = here.say("AAA", notice(34.0))
    (south,) = here.say("AAA", notice(38.0))
    here.settle()
    liar = Liar(here, "BBB")
    liar.write(Receipt())
    twin = liar.fork()
    ref = liar.write(notice(34.0), prec=FLASH)
    liar.flash("AAA", ref.index)
    assert here.standing("AAA", north).state is State.CONFLICTED
    twin.write(notice(38.0))
    twin.push("AAA")
    return here, ref, north, south


def test_notices_of_both_branches_of_a_fork_are_live() -> None:
    """Two notices at one place of a forked feed: neither hides the other from the verdicts."""
    here, _, north, south = forked_town()
    assert here.standing("AAA", south).state is not State.DECONFLICTED
    assert here.standing("AAA", south).against
    assert here.standing("AAA", north).against
    assert TroubleKind.FORK in kinds(here, "AAA")


def test_fork_found_by_an_entry_ahead_stands_after_a_restart() -> None:
    """What was proved to contradict the record stays so, whatever is started again."""
    here, ref, north, south = forked_town()
    restart(here, "AAA")
    here.take("AAA", Ticked())
    assert TroubleKind.FORK in kinds(here, "AAA")
    assert here.at("AAA").picture.forked[ref.feed] == ref.index
    assert here.standing("AAA", south).against
    assert here.standing("AAA", north).against


def test_fork_found_by_a_push_stands_after_a_restart() -> None:
    """A signed checkpoint that contradicts what is held is kept, and rings again after a start."""
    here = town()
    liar = Liar(here, "BBB")
    twin = liar.fork()
    liar.write(notice(34.0))
    liar.push("AAA")
    twin.write(notice(35.0))
    size = here.at("AAA").frontier(liar.feed).size
    done = twin.push("AAA")
    refusal = done.outcomes[0].refusal
    assert refusal is not None
    assert refusal.code is Code.FORK
    before = dict(here.at("AAA").picture.forked.items())
    restart(here, "AAA")
    assert dict(here.at("AAA").picture.forked.items()) == before != {}
    assert size == here.at("AAA").frontier(liar.feed).size


def test_seal_opened_wrongly_rings_after_a_restart() -> None:
    """An opened seal that is not what was committed to is found again by a node that starts."""
    here = town()
    liar = Liar(here, "BBB")
    seal = liar.write(Seal(sha256=Digest("ab" * 32), opens=at(30)))
    liar.write(Open(seal=seal, salt="cd" * 32, to=notice(34.0)))
    liar.push("AAA")
    assert TroubleKind.SEAL in kinds(here, "AAA")
    restart(here, "AAA")
    here.take("AAA", Ticked())
    assert TroubleKind.SEAL in kinds(here, "AAA")


def test_amend_voids_a_coordination() -> None:
    """Both sides agreed to this pair of versions; once one of them amends, the pair stands open."""
    here = town()
    (mine,) = here.say("AAA", notice(34.0, cls="air-movement"))
    (theirs,) = here.say("BBB", notice(34.0))
    here.settle()
    pair = (mine, theirs)
    agreed = Coordinated(pair=pair, measure="by radio", until=at(300))
    here.say("AAA", agreed)
    here.say("BBB", agreed)
    here.settle()
    assert here.standing("AAA", mine).state is State.COORDINATED
    here.say("BBB", Amend(notice=theirs, to=notice(34.05)))
    here.settle()
    assert here.standing("AAA", mine).state is State.CONFLICTED
    (found,) = [one for one in here.standing("AAA", mine).against if one.other == theirs]
    assert found.coordinated_until is None


def test_conflict_of_a_later_leg_rings_after_an_earlier_one_is_over() -> None:
    """Two routes that meet in their first leg and again in a later one stay in conflict until the
    later one is over too."""
    here = town()
    here.say("AAA", notice(34.0, 60, 600, cls="air-movement", long=30))
    here.say("BBB", notice(34.0, 60, 600, cls="air-movement", long=30))
    here.settle()
    assert TroubleKind.CONFLICT in kinds(here, "AAA")
    here.wait(200 * MINUTE)
    here.tick()
    assert TroubleKind.CONFLICT in kinds(here, "AAA")
    here.wait(500 * MINUTE)
    here.tick()
    assert TroubleKind.CONFLICT not in kinds(here, "AAA")


def test_unreadable_notice_is_owed_to_those_who_are_represented() -> None:
    """It may be anywhere: until it is ended its relay has third parties to tell."""
    here = town()
    liar = Liar(here, "BBB")
    ref = liar.write(None, kind="novelty")
    liar.push("AAA")
    about = {
        alert.trouble.about[0]
        for alert in here.nodes["AAA"].state.book.open()
        if alert.trouble.kind is TroubleKind.NOT_TOLD
    }
    assert ref in about


def test_member_who_left_owes_no_answer_and_no_round_trip() -> None:
    """Duties with a member end with its last entry: nobody could ever answer them."""
    here = town("AAA", "BBB", "CCC")
    here.say("AAA", notice(34.0), Stop())
    here.settle()
    here.say("CCC", Leave(reason="done"))
    here.settle()
    del here.nodes["CCC"]
    here.wait(3 * HOUR)
    here.tick()
    owed = {
        alert.trouble.kind
        for alert in here.nodes["AAA"].state.book.open()
        if alert.trouble.peer == "CCC"
    }
    assert owed.isdisjoint({TroubleKind.NO_ANSWER, TroubleKind.LINE_DOWN})


def test_view_of_anothers_standing_ends_nothing_that_he_had_not_heard_ended() -> None:
    """A hazard that was cut after the author's latest entry still counts in what that entry
    proves."""
    here = town("AAA", "BBB", "CCC")
    (mine,) = here.say("AAA", notice(34.0, 60, cls="air-movement"))
    (theirs,) = here.say("BBB", notice(34.0, -30, long=120))
    here.settle()
    here.wait(MINUTE)
    here.say("AAA", Message(template="text-check", fields=(Field(name="check", value=1),)))
    here.settle()
    here.wait(MINUTE)
    assert here.standing("CCC", mine, author="AAA").state is State.CONFLICTED
    here.say("BBB", Withdraw(versions=(theirs,)))
    here.push("BBB", "CCC", here.feed("BBB"))
    assert here.version("CCC", theirs).cut is not None
    assert here.standing("CCC", mine, author="AAA").state is State.CONFLICTED


def test_suspension_outlives_its_epoch_and_ends_in_the_next() -> None:
    """A new epoch neither lifts its party's suspension nor leaves one behind that nobody can
    end."""
    here = town()
    (ref,) = here.say("BBB", Suspend(reason="x"))
    state = here.at("BBB").picture.feed(ref.feed)
    later = FeedState(feed=FeedId("BBB.1"), size=1)
    picture = Picture(line=here.line, feeds=HashTrieMap({state.feed: state, later.feed: later}))
    assert suspension(picture, PartyId("BBB")) is not None
    resumed = replace(later, resumed=0)
    picture = replace(picture, feeds=picture.feeds.insert(later.feed, resumed))
    assert suspension(picture, PartyId("BBB")) is None
    here.say("BBB", Resume(of=ref))
    assert suspension(here.at("BBB").picture, PartyId("BBB")) is None


def test_alarm_after_a_restart_is_another_than_the_one_before() -> None:
    """A dead line is rung about, taken and over before the node starts anew. The same trouble then
    is a new alert: the record of the first stays as it was, a late word about it takes nothing."""
    here = town()

    def rung() -> Alert:
        held = here.nodes["AAA"].state.book.open()
        (found,) = [one for one in held if one.trouble.kind is TroubleKind.LINE_DOWN]
        return found

    here.wait(HOUR)
    here.take("AAA", Ticked())
    first = rung()
    here.take("AAA", Acknowledge(id="1", alert=first.id, person="kim", role="watch-officer"))
    here.tick()
    closed = here.nodes["AAA"].store.alert(first.id)
    assert closed is not None
    assert closed.state is AlertState.CLOSED
    restart(here, "AAA")
    here.wait(HOUR)
    here.take("AAA", Ticked())
    second = rung()
    assert second.id != first.id
    assert here.nodes["AAA"].store.alert(first.id) == closed
    late = Acknowledge(id="2", alert=first.id, person="kim", role="watch-officer")
    assert here.take("AAA", late).outcomes[0].refusal is not None
    assert rung().state is AlertState.RAISED
