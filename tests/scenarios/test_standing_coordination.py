"""A standing coordination: one measure, one area, one operational period, signed by both. It shows
beside what it covers and silences nothing. On real nodes."""

import pytest

from clearline.model.alert import Severity, Trouble, TroubleKind
from clearline.model.entry import Coordinated, Notice, Precedence, StandingArea
from clearline.model.finding import Verdict
from clearline.model.ids import EntryRef, PartyId
from clearline.model.refusal import Code
from clearline.model.space import Volume
from clearline.model.time import MINUTE, SECOND
from clearline.node.queries import reading
from clearline.node.queries_notices import conflicts
from clearline.node.queries_standing import standing_views
from clearline.node.views import ConflictView
from clearline.picture.standing import State
from tests.town import Town, at, disc, level, volume

AREA = volume(disc(35.4, 34.5, 60), at(60), at(600))
RANGE = volume(disc(35.4, 34.5, 20), at(120), at(180), level(100), level(200))
FLIGHT = volume(disc(35.4, 34.5, 5), at(150), at(160), level(150), level(160))
MEASURE = "see and avoid on 127.5"


def form(to: str, until: float = 500, area: Volume = AREA, measure: str = MEASURE) -> Coordinated:
    """One side's word."""
    standing = StandingArea(party=PartyId(to), volumes=(area,))
    return Coordinated(measure=measure, until=at(until), standing=standing)


@pytest.fixture
def town() -> Town:
    """A hazard of ISR's with a flight of RUS's through it, at the time when the area is in use."""
    town = Town(("ISR", "RUS"))
    town.wait(61 * MINUTE)
    town.tick()
    hazard = Notice(cls="hazardous-air", label="Latakia", volumes=(RANGE,))
    town.say("ISR", hazard)
    town.say("RUS", Notice(cls="air-movement", label="Il-20", volumes=(FLIGHT,)))
    town.settle()
    return town


def sign(town: Town, party: str, body: Coordinated) -> EntryRef:
    """Signed, and carried to everybody."""
    (ref,) = town.say(party, body)
    town.settle()
    town.tick()
    return ref


def pair(town: Town, party: str = "ISR") -> ConflictView:
    """The one conflict as a desk reads it."""
    node = town.nodes[party]
    of = reading(node.state, node.tools, town.line, town.now)
    assert of is not None
    (found,) = conflicts(of)
    return found


def rung(town: Town, kind: TroubleKind, party: str = "ISR") -> list[Trouble]:
    """What a desk is rung about."""
    return [t for t in town.nodes[party].state.troubles.values() if t.kind is kind]


def test_pair_within_shows_measure_and_end_and_is_rung_about_as_before(town: Town) -> None:
    """Both have signed: verdict, state and alarm stand; beside them the measure, until the earlier
    of the two ends; then it is as loud as without, and rings anew."""
    before = pair(town)
    (alarm,) = rung(town, TroubleKind.CONFLICT)
    assert (before.standing_until, alarm.severity) == (None, Severity.ALARM)
    earlier = {a.id for a in town.nodes["ISR"].state.book.open()}
    sign(town, "ISR", form("RUS", until=500))
    sign(town, "RUS", form("ISR", until=100))
    for party in ("ISR", "RUS"):
        view = pair(town, party)
        assert view.verdict is Verdict.YES
        assert (view.standing_measure, view.standing_until) == (MEASURE, at(100))
        assert view.coordinated_until is None
        (quieter,) = rung(town, TroubleKind.CONFLICT, party)
        assert quieter.severity is Severity.WARNING
        assert quieter.params["measure"] == MEASURE
        assert town.standing(party, view.a).state is State.CONFLICTED
    town.wait(at(100) - town.now)
    town.tick()
    assert pair(town).standing_until is None
    (again,) = rung(town, TroubleKind.CONFLICT)
    assert again.severity is Severity.ALARM
    (alert,) = [a for a in town.nodes["ISR"].state.book.open() if a.trouble == again]
    assert alert.id not in earlier, "louder again: whoever took it hears it again"
    town.check()


def test_one_signature_holds_nothing_and_asks_the_other(town: Town) -> None:
    """RUS has signed alone, then ISR another measure: nothing is shown as coordinated, each is
    asked; the same measure makes it hold."""
    sign(town, "RUS", form("ISR"))
    assert pair(town).standing_until is None
    assert len(rung(town, TroubleKind.HALF_SIGNED)) == 1
    sign(town, "ISR", form("RUS", measure="ISR stops"))
    assert pair(town).standing_until is None
    sign(town, "ISR", form("RUS"))
    assert pair(town).standing_until == at(500)
    assert rung(town, TroubleKind.HALF_SIGNED) == rung(town, TroubleKind.HALF_SIGNED, "RUS") == []


@pytest.mark.parametrize(
    "area",
    [
        pytest.param(volume(disc(35.4, 34.5, 19), at(60), at(600)), id="place"),
        pytest.param(volume(disc(35.4, 34.5, 60), at(60), at(190)), id="tail"),
        pytest.param(
            volume(disc(35.4, 34.5, 60), at(60), at(600), level(120), level(300)), id="height"
        ),
    ],
)
def test_what_is_not_surely_within_is_outside(town: Town, area: Volume) -> None:
    """A kilometre, a tail, a lower limit that is beyond: not covered."""
    until = min(500, (area.end - at(0)) / MINUTE)
    sign(town, "ISR", form("RUS", until=until, area=area))
    sign(town, "RUS", form("ISR", until=until, area=area))
    assert pair(town).standing_until is None
    assert rung(town, TroubleKind.CONFLICT)[0].severity is Severity.ALARM


def test_newest_word_of_the_same_area_counts_so_that_it_can_end_early(town: Town) -> None:
    """ISR signs again with an end that is now: it holds no more, at both ends."""
    sign(town, "ISR", form("RUS"))
    sign(town, "RUS", form("ISR"))
    assert pair(town).standing_until == at(500)
    minutes = (town.now - at(0)) / MINUTE
    sign(town, "ISR", form("RUS", until=minutes))
    assert pair(town).standing_until is None
    assert pair(town, "RUS").standing_until is None
    node = town.nodes["RUS"]
    of = reading(node.state, node.tools, town.line, town.now)
    assert of is not None
    assert [view.holds for view in standing_views(of)] == [False, False]


def test_with_oneself_it_is_refused_and_without_an_end_it_cannot_be_said(town: Town) -> None:
    """The other party is another; the expiry lies within the period."""
    refusal = town.try_to_say("ISR", form("ISR")).refusal
    assert refusal is not None
    assert (refusal.code, refusal.clause) == (Code.NOT_OWN, "CL-ADM-007")
    late = town.try_to_say("ISR", form("RUS", until=601)).refusal
    assert late is not None
    assert (late.code, late.clause) == (Code.NUMBER_RANGE, "CL-BOD-010")


def test_form_is_known_again_after_a_start(town: Town) -> None:
    """From the record, and from a snapshot of it."""
    sign(town, "ISR", form("RUS"))
    sign(town, "RUS", form("ISR"))
    before = town.nodes["ISR"]
    for _ in before.keep_snapshot():
        pass
    again = town.make("ISR", before.store, before.high_water)  # type: ignore[arg-type]
    again.start(town.now)
    kept = again.state.lines[town.line].picture.feeds
    assert kept == before.state.lines[town.line].picture.feeds
    assert all(state.standing for state in kept.values())
    town.nodes["ISR"] = again
    town.tick()
    town.wait(SECOND)
    assert pair(town).standing_until == at(500)


def test_exact_pair_is_still_signed_as_a_pair(town: Town) -> None:
    """Within a standing form too: then nothing rings for that pair until it ends."""
    sign(town, "ISR", form("RUS"))
    sign(town, "RUS", form("ISR"))
    view = pair(town)
    low, high = sorted((view.a, view.b))
    body = Coordinated(pair=(low, high), measure="RUS holds at FL150", until=at(300))
    for party in ("ISR", "RUS"):
        town.say(party, body, prec=Precedence.PRIORITY)
    town.settle()
    assert pair(town).coordinated_until == at(300)
    assert rung(town, TroubleKind.CONFLICT) == []
    assert town.standing("ISR", view.a).state is State.COORDINATED
