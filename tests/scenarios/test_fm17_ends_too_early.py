"""FM17: the danger outlives the raid, and nothing turns green until its author says ALL CLEAR."""

from clearline.model.alert import TroubleKind
from clearline.model.entry import AllClear, Notice, Withdraw
from clearline.model.finding import Verdict
from clearline.model.ids import EntryRef
from clearline.model.time import MINUTE, SECOND, Instant
from clearline.node.queries import reading
from clearline.node.queries_notices import notices
from clearline.node.views import Badge, NoticeView
from clearline.picture.standing import State
from tests.town import Town, disc, volume

PLACE = disc(35.6, 35.5, 30)


def raid() -> tuple[Town, EntryRef, Instant]:
    """A raid of 30 minutes with the agreed tail of 30; its end."""
    town = Town(("ISR", "RUS"))
    town.wait(10 * SECOND)
    town.tick()
    start = Instant(town.now + 40 * MINUTE)
    end = Instant(start + 30 * MINUTE)
    (ref,) = town.say(
        "ISR", Notice(cls="hazardous-air", label="Latakia", volumes=(volume(PLACE, start, end),))
    )
    town.settle()
    return town, ref, end


def go_to(town: Town, moment: Instant) -> None:
    """The clock, in steps of half a minute, so that the line stays up."""
    while town.now < moment:
        town.wait(min(30 * SECOND, moment - town.now))
        town.tick()


def crosses(town: Town, hazard: EntryRef) -> Verdict:
    """Whether a flight through the place in the next minutes meets the hazard."""
    start = Instant(town.now + MINUTE)
    route = (volume(disc(35.6, 35.5, 5), start, Instant(start + 5 * MINUTE)),)
    (ref,) = town.say("RUS", Notice(cls="air-movement", label="Il-20", volumes=route))
    town.settle()
    judge = town.nodes["RUS"].tools.judge(town.line)
    found = judge.judge(town.version("RUS", ref), town.version("RUS", hazard)).verdict
    assert (town.standing("RUS", ref).state is State.CONFLICTED) is (found is Verdict.YES)
    town.say("RUS", Withdraw(versions=(ref,)))
    town.settle()
    return found


def test_23_minutes_after_the_strike_the_volume_is_still_hazardous() -> None:
    """The aircraft that was hit 23 minutes after the last bomb would have been in conflict."""
    town, ref, end = raid()
    go_to(town, Instant(end + 23 * MINUTE))
    assert crosses(town, ref) is Verdict.YES


def test_withdrawing_a_hazard_that_has_begun_does_not_shorten_its_tail() -> None:
    """“We are done” is no ALL CLEAR."""
    town, ref, end = raid()
    go_to(town, end)
    town.say("ISR", Withdraw(versions=(ref,)))
    town.settle()
    go_to(town, Instant(end + 23 * MINUTE))
    assert crosses(town, ref) is Verdict.YES


def test_past_its_tail_it_reads_not_confirmed_until_all_clear() -> None:
    """The clock ends nothing: after window and tail the author is rung, ENDED BY TIME, NOT
    CONFIRMED, until ALL CLEAR is signed; that ends it at once and rings nobody any more."""
    town, ref, end = raid()
    go_to(town, Instant(end + 31 * MINUTE))

    def rung() -> list[EntryRef]:
        return [
            about
            for trouble in town.nodes["ISR"].state.troubles.values()
            if trouble.kind is TroubleKind.ENDED_BY_TIME
            for about in trouble.about
        ]

    assert rung() == [ref]
    assert town.version("RUS", ref).clear is None
    for party in ("ISR", "RUS"):
        view = shown(town, party, ref)
        assert view is not None, "shown until somebody says that it is over"
        assert Badge.NOT_CONFIRMED in view.badges
        assert "ENDED BY TIME, NOT CONFIRMED" in view.words
    town.say("ISR", AllClear(versions=(ref,), at=town.now))
    town.settle()
    town.tick()
    assert rung() == []
    assert town.version("RUS", ref).clear is not None
    for party in ("ISR", "RUS"):
        view = shown(town, party, ref)
        assert view is None or Badge.NOT_CONFIRMED not in view.badges


def shown(town: Town, party: str, ref: EntryRef) -> NoticeView | None:
    """The notice on a party's board, if it is on it."""
    node = town.nodes[party]
    of = reading(node.state, node.tools, town.line, town.now)
    assert of is not None
    return next((view for view in notices(of) if view.ref == ref), None)


def test_all_clear_ends_the_tail_when_it_says() -> None:
    """Ten minutes after the last bomb the author declares it over: from then on the way is free."""
    town, ref, end = raid()
    go_to(town, Instant(end + 10 * MINUTE))
    assert crosses(town, ref) is Verdict.YES
    town.say("ISR", AllClear(versions=(ref,), at=town.now))
    town.settle()
    go_to(town, Instant(town.now + 10 * MINUTE))
    assert crosses(town, ref) is Verdict.NO
