"""Two reviews made at the two ends from the same history reconcile in all that is public."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clearline.evidence.review.facts import Review
from clearline.evidence.review.make import review
from clearline.evidence.review.reconcile import Found, Reconciled, reconcile
from clearline.model.entry import (
    Accident,
    AllClear,
    Amend,
    Answer,
    Reply,
    Resume,
    Stop,
    Suspend,
    Test,
    Withdraw,
)
from clearline.model.entry import Precedence as Prec
from clearline.model.ids import EntryRef
from clearline.model.time import Instant
from tests.evidence_town import SkewedTown, SkewedTownOf, checked, export, notice
from tests.town import BEGIN, MINUTE, SECOND

STEPS = st.lists(
    st.tuples(
        st.sampled_from(("AAA", "BBB")),
        st.sampled_from(
            ("file", "amend", "answer", "stop", "end", "suspend", "test", "accident", "cut")
        ),
        st.integers(0, 90),
    ),
    min_size=1,
    max_size=10,
)


@settings(
    max_examples=30, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
@given(STEPS, st.integers(-120, 120), st.integers(0, 20))
def test_two_ends_of_one_history_reconcile_fully(
    steps: list[tuple[str, str, int]], skew_s: int, earlier_min: int
) -> None:
    """Whatever was said, with whatever clocks: after both hold the same, each public row of one
    review stands in the other with the same values, wherever the period ends."""
    town = SkewedTownOf({"BBB": skew_s * SECOND})(("AAA", "BBB"))
    town.wait(3 * MINUTE)
    town.tick()
    filed: list[EntryRef] = []
    for party, what, seconds in steps:
        town.wait(seconds * SECOND)
        _do(town, party, what, filed)
    for _ in range(4):
        town.wait(MINUTE)
        town.tick()
    until = Instant(town.now - (4 + earlier_min) * MINUTE)
    if until <= BEGIN:
        return
    left, right = (review(checked(export(town, p)), BEGIN, until) for p in ("AAA", "BBB"))
    assert isinstance(left, Review)
    assert isinstance(right, Review)
    found = reconcile(left, right)
    assert isinstance(found, Reconciled)
    odd = [line for line in found.lines if line.public and line.found is not Found.SAME]
    assert (odd, found.exit) == ([], 0)


def _do(town: SkewedTown, party: str, what: str, filed: list[EntryRef]) -> None:
    """One thing that a party does; what does not fit is left."""
    own = [ref for ref in filed if ref.feed.startswith(party)]
    others = [ref for ref in filed if not ref.feed.startswith(party)]
    lat = 30 + len(filed) / 2
    match what:
        case "file":
            filed += town.say(party, notice(lat, start=20))
        case "amend" if own:
            town.try_to_say(party, Amend(notice=own[0], to=notice(lat, start=25)))
        case "answer" if others:
            reply = list(Reply)[len(filed) % 6]
            role = "watch-officer"
            town.try_to_say(party, Answer(to=others[-1], reply=reply, role=role))
        case "stop":
            filed += town.say(party, Stop(), prec=Prec.FLASH)
        case "end" if own:
            town.try_to_say(party, Withdraw(versions=(own[-1],)))
            town.try_to_say(party, AllClear(versions=(own[0],), at=town.clock(party)))
        case "suspend":
            refs = town.try_to_say(party, Suspend(reason="order")).refs
            if refs and len(filed) % 2:
                town.try_to_say(party, Resume(of=refs[0]))
        case "test":
            town.try_to_say(party, Test(text="test", role="watch-officer"))
        case "accident":
            town.say(party, Accident(what="unplanned"), prec=Prec.FLASH)
        case "cut":
            for _ in range(4):
                town.wait(MINUTE)
                for each in town.nodes:
                    town.take(each)
                town.wants.clear()
        case _:
            pass
    if what != "cut" and len(filed) % 3:
        town.settle()
