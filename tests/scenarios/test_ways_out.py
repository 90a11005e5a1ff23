"""Every conflict has ways out: the node finds the least ones, a peer proposes one, one action takes
it up, and it is judged again."""

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from clearline.model.entry import Amend, Answer, Coordinated, Kind, Notice, Proposal, Reply
from clearline.model.finding import Verdict
from clearline.model.ids import EntryRef
from clearline.model.space import Volume
from clearline.model.time import MINUTE, SECOND, Instant
from clearline.node.queries import reading
from clearline.node.queries_notices import conflicts, notice_view
from clearline.node.reading import Reading
from clearline.node.way_view import WayOutView
from clearline.node.ways_out import applied, changed, ways_out
from clearline.picture.standing import State
from clearline.words.reader import BETWEEN
from tests.town import Town, at, disc, level, volume

HERE = disc(35.4, 34.5, 20)
RANGE = volume(HERE, at(120), at(180), level(100), level(200))
"""ISR's hazard: window 02:00 to 03:00; its class has a tail of 30 minutes."""
FLIGHT = volume(disc(35.4, 34.5, 5), at(150), at(160), level(150), level(160))


def filed(town: Town, party: str, label: str, *volumes: Volume, cls: str) -> EntryRef:
    """One notice, carried to everybody."""
    (ref,) = town.say(party, Notice(cls=cls, label=label, volumes=volumes))
    town.settle()
    return ref


def met() -> tuple[Town, EntryRef, EntryRef]:
    """A hazard of ISR's and a flight of RUS's through the middle of it."""
    town = Town(("ISR", "RUS"))
    town.wait(10 * SECOND)
    town.tick()
    hazard = filed(town, "ISR", "Latakia", RANGE, cls="hazardous-air")
    flight = filed(town, "RUS", "Il-20", FLIGHT, cls="air-movement")
    return town, hazard, flight


def look(town: Town, party: str) -> Reading:
    """A desk's reading."""
    node = town.nodes[party]
    of = reading(node.state, node.tools, town.line, town.now)
    assert of is not None
    return of


def found(town: Town, party: str, a: EntryRef, b: EntryRef) -> tuple[WayOutView, ...]:
    """The ways out that a desk is offered."""
    of = look(town, party)
    return ways_out(of, of.judge.live[a], of.judge.live[b])


def shift(views: tuple[WayOutView, ...], ref: EntryRef, sign: int) -> WayOutView:
    """The way that moves a version in time, later or earlier."""
    (way,) = [
        view
        for view in views
        if view.of == ref and view.proposal.shift_min and view.proposal.shift_min * sign > 0
    ]
    return way


def test_every_conflict_is_offered_both_sides_least_shift_and_next_level() -> None:
    """Ours first, later and earlier, up and down; a minute or a thousand feet less is not apart."""
    town, hazard, flight = met()
    views = found(town, "RUS", hazard, flight)
    assert [view.own for view in views] == sorted((view.own for view in views), reverse=True)
    assert {view.of for view in views} == {hazard, flight}
    of = look(town, "RUS")
    judged = 0
    for view in views:
        mine, other = (flight, hazard) if view.own else (hazard, flight)
        version, against = of.judge.live[mine], of.judge.live[other]

        def verdict(way: Proposal, version=version, against=against) -> Verdict:  # type: ignore[no-untyped-def]
            return of.judge.judge(changed(version, way), against).verdict

        assert verdict(view.proposal) is Verdict.NO
        minutes = view.proposal.shift_min
        if minutes is not None:
            nearer = minutes - (1 if minutes > 0 else -1)
            assert not nearer or verdict(Proposal(shift_min=nearer)) is not Verdict.NO
        else:
            lower, upper = view.proposal.lower, view.proposal.upper
            assert lower is not None
            assert upper is not None
            down = 1 if (lower.mm or 0) < (version.volumes[0].lower.mm or 0) else -1
            nearer_way = Proposal(
                lower=replace(lower, mm=(lower.mm or 0) + down * 304_800),
                upper=replace(upper, mm=(upper.mm or 0) + down * 304_800),
            )
            assert verdict(nearer_way) is not Verdict.NO
        judged += 1
    assert judged == len(views) >= 5


def test_way_out_passes_by_what_else_is_known() -> None:
    """The least shift would meet a second hazard: the one that is offered meets nothing known."""
    town, hazard, flight = met()
    before = shift(found(town, "RUS", hazard, flight), flight, 1)
    minutes = before.proposal.shift_min or 0
    begin = Instant(FLIGHT.start + minutes * MINUTE)
    second = replace(RANGE, start=Instant(begin + MINUTE), end=Instant(begin + 20 * MINUTE))
    filed(town, "ISR", "second", second, cls="hazardous-air")
    after = shift(found(town, "RUS", hazard, flight), flight, 1)
    assert (after.proposal.shift_min or 0) > minutes
    assert after.looked
    assert after.meets == ()


def test_what_has_begun_is_not_shifted_and_a_late_way_says_so() -> None:
    """No earlier start than now; once begun only a level is left; a short lead time is said."""
    town, hazard, flight = met()
    while town.now < at(140):
        town.wait(30 * SECOND)
        town.tick()
    views = found(town, "RUS", hazard, flight)
    assert all(view.proposal.shift_min is None for view in views if view.of == hazard)
    for view in views:
        if view.proposal.shift_min is not None:
            assert FLIGHT.start + view.proposal.shift_min * MINUTE >= town.now
        if view.of == hazard:
            assert view.shortfall_ms > 0
            assert "LATE by" in view.words
    of = reading(
        town.nodes["RUS"].state, town.nodes["RUS"].tools, town.line, town.now, langs=("ar", "en")
    )
    assert of is not None
    for view in ways_out(of, of.judge.live[hazard], of.judge.live[flight]):
        own, between, english = view.words.partition(BETWEEN)
        assert between
        assert "LATE by" not in own, "each language is one sentence"
        assert BETWEEN not in english
        assert own.count("UNREVIEWED") == 1


def test_proposal_is_shown_to_the_author_and_taking_it_up_is_judged_again() -> None:
    """RUS proposes that ISR begins later; ISR reads by how much, takes it up, withdraws what it
    replaces, and both versions are DECONFLICTED; the answer does not carry over."""
    town, hazard, flight = met()
    way = shift(found(town, "RUS", hazard, flight), hazard, 1).proposal
    said = Answer(to=hazard, reply=Reply.OBJECT, role="watch-officer", proposal=way)
    town.say("RUS", said)
    town.settle()
    of = look(town, "ISR")
    (answer,) = notice_view(of, of.judge.live[hazard]).answers
    assert answer.proposal == way
    assert f"proposes a way out: {way.shift_min} min later" in answer.words
    (again,) = town.say("ISR", Amend(notice=hazard, to=applied(of.judge.live[hazard], way)))
    town.settle()
    assert town.version("ISR", again).kind is Kind.AMEND
    of = look(town, "ISR")
    assert notice_view(of, of.judge.live[again]).answers == ()
    assert town.standing("ISR", hazard).state is State.CONFLICTED
    assert town.standing("ISR", again).state is State.DECONFLICTED
    town.check()


def test_taking_a_coordinated_version_elsewhere_voids_the_coordination() -> None:
    """Both sign the exact pair with a measure and a time; a proposal taken up is another version,
    and the pair is open again."""
    town, hazard, flight = met()
    low, high = sorted((hazard, flight))
    body = Coordinated(pair=(low, high), measure="RUS holds at FL150", until=at(300))
    town.say("ISR", body)
    town.settle()
    assert town.standing("ISR", hazard).state is State.CONFLICTED
    town.say("RUS", body)
    town.settle()
    (pair,) = conflicts(look(town, "ISR"))
    assert pair.coordinated_until == at(300)
    assert town.standing("ISR", hazard).state is State.COORDINATED
    version = town.version("ISR", hazard)
    town.say("ISR", Amend(notice=hazard, to=applied(version, Proposal(shift_min=5))))
    town.settle()
    assert town.standing("ISR", hazard).state is State.CONFLICTED


def test_other_volumes_heights_and_shift_of_a_proposal_go_together() -> None:
    """Volumes first, then heights in all of them, then the shift; the rest stays as it was."""
    town, hazard, _ = met()
    elsewhere = replace(RANGE, footprint=disc(36, 34, 3))
    way = Proposal(shift_min=-7, upper=level(180), volumes=(elsewhere, RANGE))
    made = applied(town.version("ISR", hazard), way)
    assert [v.footprint for v in made.volumes] == [elsewhere.footprint, HERE]
    assert {v.upper for v in made.volumes} == {level(180)}
    assert {v.lower for v in made.volumes} == {level(100)}
    assert {(v.start, v.end) for v in made.volumes} == {(at(113), at(173))}
    assert (made.cls, made.label) == ("hazardous-air", "Latakia")


@settings(max_examples=8, deadline=None)
@given(
    starts=st.lists(st.integers(30, 400), min_size=1, max_size=4),
    lengths=st.lists(st.integers(1, 60), min_size=4, max_size=4),
    floor=st.integers(8, 20),
)
def test_no_way_is_offered_that_is_not_apart(
    starts: list[int], lengths: list[int], floor: int
) -> None:
    """Whatever the windows and bands: each way is apart from the other, and meets what it says."""
    town = Town(("ISR", "RUS"))
    volumes = [
        volume(HERE, at(s), at(s + n), level(100), level(200))
        for s, n in zip(starts, lengths, strict=False)
    ]
    hazard = filed(town, "ISR", "many", *volumes, cls="hazardous-air")
    way_through = volume(
        disc(35.4, 34.5, 5), at(starts[0]), at(starts[0] + 5), level(floor * 10),
        level(floor * 10 + 10),
    )  # fmt: skip
    flight = filed(town, "RUS", "through", way_through, cls="air-movement")
    of = look(town, "RUS")
    if (min(hazard, flight), max(hazard, flight)) not in of.judge.open_pairs():
        return
    for view in found(town, "RUS", hazard, flight):
        other = hazard if view.own else flight
        moved = changed(of.judge.live[view.of], view.proposal)
        assert of.judge.judge(moved, of.judge.live[other]).verdict is Verdict.NO
        assert view.meets == ()
