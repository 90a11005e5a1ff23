"""FM06, pressure height against geometric height: nothing is ruled out that the weather may mix."""

import pytest

from clearline.model.entry import Notice
from clearline.model.finding import Verdict
from clearline.model.space import Height, HeightRef, Qnh
from clearline.node.queries import reading
from clearline.node.queries_notices import conflicts
from clearline.picture.standing import State
from tests.town import Town, at, disc, level, volume


@pytest.fixture
def town() -> Town:
    """Two parties."""
    return Town(("ALFA", "BRAVO"))


def hae(metres: int) -> Height:
    """Metres above the ellipsoid."""
    return Height(ref=HeightRef.W84, mm=metres * 1000)


def file(town: Town, party: str, cls: str, lower: Height, upper: Height):
    """A notice over one place, in one hour."""
    place = volume(disc(34.512, 35.234, 20), at(120), at(180), lower, upper)
    (ref,) = town.say(party, Notice(cls=cls, label=f"{party} {cls}", volumes=(place,)))
    town.settle()
    return ref


def found(town: Town, party: str):
    """What a desk reads of pairs that are not apart."""
    node = town.nodes[party]
    of = reading(node.state, node.tools, town.line, town.now)
    assert of is not None
    return conflicts(of)


@pytest.mark.parametrize(
    ("low_m", "high_m", "verdict"),
    [(3_000, 3_100, Verdict.YES), (4_850, 5_100, Verdict.UNDETERMINED), (12_000, 12_500, None)],
)
def test_level_against_the_ellipsoid_cannot_be_ruled_out_near_the_limit(
    town: Town, low_m: int, high_m: int, verdict: Verdict | None
) -> None:
    """FL100 to FL150 is 3,048 to 4,572 m on the standard day only. Near the limit both desks read
    that it cannot be ruled out, and which datum would settle it; far above it is apart; inside it
    meets."""
    mine = file(town, "ALFA", "hazardous-air", level(100), level(150))
    theirs = file(town, "BRAVO", "air-movement", hae(low_m), hae(high_m))
    for party in ("ALFA", "BRAVO"):
        seen = found(town, party)
        if verdict is None:
            assert () == tuple(seen)
            continue
        (pair,) = seen
        assert pair.verdict is verdict
        if verdict is Verdict.UNDETERMINED:
            assert "cannot be shown to be apart" in pair.words
            assert pair.settles in ("QNH", "temperature")
            assert "would be settled by" in pair.words
    expected = {
        None: State.DECONFLICTED,
        Verdict.YES: State.CONFLICTED,
        Verdict.UNDETERMINED: State.UNDETERMINED,
    }[verdict]
    assert town.standing("ALFA", mine).state is expected
    assert town.standing("BRAVO", theirs).state is expected
    town.check()


def test_unknown_pressure_widens_the_margin(town: Town) -> None:
    """FL010 to FL020 against 1,100 to 1,200 m: with a notified QNH apart, without it not."""
    qnh = Qnh(pa=101_325, tolerance_pa=100, by="OSLK")
    place = (disc(34.512, 35.234, 20), at(120), at(180))
    low = Height(ref=HeightRef.FL, mm=10 * 30_480, qnh=qnh)
    high = Height(ref=HeightRef.FL, mm=20 * 30_480, qnh=qnh)
    sea = [Height(ref=HeightRef.AMSL, mm=mm) for mm in (1_100_000, 1_200_000)]
    known = volume(*place, low, high)
    unknown = volume(*place, level(10), level(20))
    other = volume(*place, *sea)
    town.say("ALFA", Notice(cls="air-movement", label="known", volumes=(known,)))
    (theirs,) = town.say("BRAVO", Notice(cls="air-movement", label="sea", volumes=(other,)))
    town.settle()
    assert [] == [pair for pair in found(town, "ALFA") if theirs in (pair.a, pair.b)]
    town.say("ALFA", Notice(cls="air-movement", label="unknown", volumes=(unknown,)))
    town.settle()
    (pair,) = (pair for pair in found(town, "ALFA") if theirs in (pair.a, pair.b))
    assert (pair.verdict, pair.settles) == (Verdict.UNDETERMINED, "QNH")
