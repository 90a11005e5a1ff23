"""Read models: what a desk must see, read off real nodes in a town."""

from clearline.model.entry import (
    AllClear,
    Answer,
    LinkState,
    Notice,
    Relayed,
    RelayOutcome,
    Reply,
    Seal,
    Withdraw,
)
from clearline.model.ids import Digest, EntryRef, FeedId, PartyId
from clearline.model.space import LatLon
from clearline.node.inbound import Mover, Movers
from clearline.node.queries import alert_views, line_view, seals
from clearline.node.queries_notices import conflicts, find, notice_view
from clearline.node.views import Badge, NoticeView, Phase
from tests.town import MINUTE, Town, at, disc, level, volume


def view(town: Town, party: str, ref: EntryRef) -> NoticeView:
    """A version as a party sees it."""
    of = town.look(party)
    held = find(of, ref)
    assert held is not None
    return notice_view(of, *held)


def hazard(
    lat: float = 34.9, lon: float = 35.9, start: float = 40, cls: str = "hazardous-air"
) -> Notice:
    """A hazard near the coast, where third parties are."""
    window = volume(disc(lat, lon, 10), at(start), at(start + 30), level(100), level(200))
    return Notice(cls=cls, label="area", volumes=(window,))


def test_line_shows_age_offset_and_newest_receipt() -> None:
    """Per peer: state, age of the last round trip, clocks, terms adopted, newest entry held."""
    town = Town(("AAA", "BBB"))
    town.wait(60_000)
    town.tick()
    shown = line_view(town.look("AAA"))
    (peer,) = shown.peers
    assert peer.state is LinkState.UP
    assert peer.age_ms == 0
    assert (peer.clock_offset_ms, peer.terms_adopted) == (0, 1)
    assert peer.newest is not None
    assert peer.newest.feed == "BBB.0"
    town.wait(200_000)
    town.take("AAA")
    assert line_view(town.look("AAA")).peers[0].age_ms == 200_000


def test_line_shows_size_and_root_of_every_record() -> None:
    """What a person tells ``rekey`` and ``epoch``: both ends read the same head of each feed."""
    town = Town(("AAA", "BBB"))
    town.wait(60_000)
    town.tick()
    ours, theirs = (line_view(town.look(party)).heads for party in ("AAA", "BBB"))
    assert ours == theirs
    assert [each.feed for each in ours] == ["AAA.0", "BBB.0"]
    held = town.nodes["AAA"].state.lines[town.line].frontier(FeedId("BBB.0"))
    assert (ours[1].size, ours[1].root) == (held.size, held.root.hex())
    assert held.size > 0


def test_no_mover_data_never_looks_like_nobody_exposed() -> None:
    """Without movers nobody can say; with one that cannot get out, UNABLE and minutes (FM02)."""
    town = Town(("AAA", "BBB"))
    (ref,) = town.say("BBB", hazard(start=1))
    town.settle()
    before = view(town, "AAA", ref).exposure
    assert before is not None
    assert not before.known
    assert "NO MOVER DATA" in before.words
    slow = Mover(
        call_sign="CONVOY", position=LatLon(349_000_000, 359_000_000), height_mm=None,
        speed_mms=10_000, as_of=town.now, cls="air-movement",
    )  # fmt: skip
    town.take("AAA", Movers(id="m", line=town.line, person="p", movers=(slow,)))
    after = view(town, "AAA", ref)
    assert after.exposure is not None
    assert after.exposure.suggested is Reply.UNABLE
    assert after.exposure.minutes_needed == 17
    assert Badge.EXPOSED in after.badges
    assert view(town, "BBB", ref).exposure is None, (
        "one's own hazard exposes nobody of one's own here"
    )


def test_third_party_is_not_told_until_a_relay_says_so() -> None:
    """NOT TOLD stands beside the standing at both ends until there is a word of the relay."""
    town = Town(("AAA", "BBB"))
    (ref,) = town.say("AAA", hazard())
    town.settle()
    first = view(town, "AAA", ref)
    assert Badge.NOT_TOLD in first.badges
    assert first.standing is not None
    assert "NOT TOLD" in first.standing.words
    third = first.third_parties[0].party
    told = Relayed(
        of=ref, to=PartyId(third), outcome=RelayOutcome.TOLD, means="telephone", at=town.now
    )
    town.say("AAA", told)
    town.settle()
    for party in ("AAA", "BBB"):
        states = {each.party: each.state for each in view(town, party, ref).third_parties}
        assert states[third] == "TOLD"


def test_hazard_past_its_tail_is_not_confirmed_until_all_clear() -> None:
    """The clock ends nothing: after the tail it is NOT CONFIRMED until ALL CLEAR ends it (FM17)."""
    town = Town(("AAA", "BBB"))
    (ref,) = town.say("AAA", hazard())
    phases = [view(town, "AAA", ref).phase]
    for minutes in (50, 40, 20):
        town.wait(minutes * MINUTE)
        town.tick()
        phases.append(view(town, "AAA", ref).phase)
    assert phases == [Phase.NOT_BEGUN, Phase.ACTIVE, Phase.TAIL, Phase.ENDED_BY_TIME]
    assert Badge.NOT_CONFIRMED in view(town, "AAA", ref).badges
    town.say("AAA", AllClear(versions=(ref,), at=town.now))
    assert view(town, "AAA", ref).phase is Phase.ALL_CLEAR


def test_silence_is_never_consent() -> None:
    """Who has not answered is named; STANDBY does not count; an answer stands with its words."""
    town = Town(("AAA", "BBB", "CCC"))
    (ref,) = town.say("AAA", hazard())
    town.settle()
    town.say("BBB", Answer(to=ref, reply=Reply.STANDBY, role="watch-officer"))
    town.settle()
    assert set(view(town, "AAA", ref).unanswered) == {"BBB", "CCC"}
    town.say("BBB", Answer(to=ref, reply=Reply.WILCO, role="watch-officer"))
    town.settle()
    shown = view(town, "AAA", ref)
    assert shown.unanswered == ("CCC",)
    assert [each.reply for each in shown.answers] == [Reply.STANDBY, Reply.WILCO]


def test_conflict_is_explained_alike_at_both_ends() -> None:
    """Each end names its own first; verdict, bounds and window are the same; who knew is told."""
    town = Town(("AAA", "BBB"))
    (mine,) = town.say("AAA", hazard())
    town.settle()
    (theirs,) = town.say("BBB", hazard(cls="air-movement"))
    town.settle()
    (a,), (b,) = conflicts(town.look("AAA")), conflicts(town.look("BBB"))
    assert (a.a, a.b) == (mine, theirs) == (b.b, b.a)
    assert (a.verdict, a.overlap_start, a.overlap_end) == (
        b.verdict,
        b.overlap_start,
        b.overlap_end,
    )
    assert (a.a_knew, a.b_knew) == (False, True) == (b.b_knew, b.a_knew)
    town.say("BBB", Withdraw(versions=(theirs,)))
    town.settle()
    assert conflicts(town.look("AAA")) == ()
    assert view(town, "AAA", theirs).standing is None


def test_seals_of_others_stand_beside_the_standing() -> None:
    """A sealed plan that no verdict has considered is counted, never hidden."""
    town = Town(("AAA", "BBB"))
    (sealed,) = town.say("BBB", Seal(sha256=Digest("a" * 64), opens=at(600)))
    (ref,) = town.say("AAA", hazard())
    town.settle()
    shown = view(town, "AAA", ref).standing
    assert shown is not None
    assert shown.seals == (sealed,)
    assert "sealed plans not considered: 1" in shown.words
    assert [each.ref for each in seals(town.look("AAA"))] == [sealed]


def test_duty_names_who_is_called_next_and_when() -> None:
    """The ladder stands with the alert: called, and who follows at which time."""
    town = Town(("AAA", "BBB"))
    town.say("BBB", hazard())
    town.settle()
    state = town.nodes["AAA"].state
    views = alert_views(state, town.nodes["AAA"].tools.plan(state))
    due = next(each for each in views if each.needs_answer)
    assert due.ladder[0].reached
    assert due.next_role == due.ladder[1].role
    assert due.next_at == due.ladder[1].at
    assert "waits for our answer" in due.words
