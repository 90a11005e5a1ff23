"""FM24: a clock that is wrong is measured at each heartbeat, rung about, and counted against."""

from dataclasses import dataclass, field

import pytest

from clearline.model.alert import Trouble, TroubleKind
from clearline.model.entry import Notice
from clearline.model.ids import PartyId
from clearline.model.time import MINUTE, SECOND, Instant
from clearline.node import phrases
from clearline.node.conductor import Done
from clearline.node.inbound import Inbound
from tests.town import Town, disc, volume


@dataclass
class Skewed(Town):
    """A town in which parties' clocks are off by some milliseconds."""

    skew: dict[str, int] = field(default_factory=dict)

    def take(self, party: str, *batch: Inbound) -> Done:
        """One turn by that party's own clock."""
        true, off = self.now, self.skew.get(party, 0)
        self.now = Instant(true + off)
        try:
            return super().take(party, *batch)
        finally:
            self.now = true


def troubles(town: Town, party: str, kind: TroubleKind) -> list[Trouble]:
    """What stands at a node."""
    return [t for t in town.nodes[party].state.troubles.values() if t.kind is kind]


@pytest.mark.parametrize("off", [40, -40])
def test_clock_40_seconds_off_is_rung_about_at_both_ends(off: int) -> None:
    """Each end says by how much the other differs, with its sign; within the agreed two seconds
    nobody rings."""
    town = Skewed(("AAA", "BBB"), skew={"BBB": off * SECOND})
    for _ in range(130):
        town.wait(SECOND)
        town.tick()
    (here,), (there,) = (
        troubles(town, "AAA", TroubleKind.CLOCK),
        troubles(town, "BBB", TroubleKind.CLOCK),
    )
    assert here.params["offset_ms"] == off * SECOND
    assert there.params["offset_ms"] == -off * SECOND
    assert f"{off:+.1f} s" in phrases.trouble(here)
    peer = town.at("AAA").peers[PartyId("BBB")]
    assert abs(peer.offset_ms - off * SECOND) <= peer.uncertainty_ms


def test_clock_within_the_agreed_limit_rings_nowhere() -> None:
    """1.5 s off with 2 s agreed."""
    town = Skewed(("AAA", "BBB"), skew={"BBB": 1_500})
    for _ in range(130):
        town.wait(SECOND)
        town.tick()
    assert not troubles(town, "AAA", TroubleKind.CLOCK)
    assert not troubles(town, "BBB", TroubleKind.CLOCK)


@pytest.mark.parametrize(("off", "short_s"), [(40, 20), (0, 0), (-40, 0)])
def test_lead_time_counts_on_the_receivers_clock_at_both_ends(off: int, short_s: int) -> None:
    """A notice that is 20 s early enough by its author's clock is LATE by 20 s at both ends when
    the receiver's clock is 40 s ahead. Where it is behind, lead time still counts on the
    receiver's clock (protocol), and both ends are told that the clocks differ."""
    town = Skewed(("AAA", "BBB"), skew={"BBB": off * SECOND})
    for _ in range(130):
        town.wait(SECOND)
        town.tick()
    terms = town.at("AAA").terms
    assert terms is not None
    (term,) = [each for each in terms.classes if each.id == "hazardous-air"]
    start = Instant(town.now + term.lead_min_ms + 20 * SECOND)
    place = (volume(disc(35.0, 35.5, 20), start, Instant(start + 30 * MINUTE)),)
    town.say("AAA", Notice(cls="hazardous-air", label="Range", volumes=place))
    town.settle()
    town.tick()
    for party in ("AAA", "BBB"):
        late = troubles(town, party, TroubleKind.LATE)
        assert [int(str(each.params["shortfall_s"])) for each in late] == [short_s] * bool(short_s)
        assert bool(troubles(town, party, TroubleKind.CLOCK)) is (off != 0)
