"""FM12: a line that is dead is noticed at both ends, by each on its own measure."""

from dataclasses import dataclass, field

import pytest
from msgspec.structs import replace

from clearline.model.alert import AlertState, TroubleKind
from clearline.model.entry import Entry, Field, Heartbeat, LinkState, Message, Test
from clearline.model.ids import Digest, PartyId
from clearline.model.time import DAY, HOUR, MINUTE, SECOND
from clearline.node import phrases
from clearline.node.intent import Beat, Intent, Send
from clearline.node.queries import line_view, reading
from clearline.trust.terms_check import faults
from clearline.wire.bodies_v1 import read_entry
from tests.town import BEGIN, Town, agreement_of


@dataclass
class Cut(Town):
    """A town in which some ways are cut: what one party sends to another is lost."""

    lost: set[tuple[str, str]] = field(default_factory=set)

    def carry(self, party: str, intent: Intent) -> None:
        """Lose what goes a way that is cut."""
        if isinstance(intent, Beat | Send) and (party, intent.peer) in self.lost:
            return
        super().carry(party, intent)

    def go_on(self, seconds: int) -> None:
        """Let the clock run, with a look at it each second."""
        for _ in range(seconds):
            self.wait(SECOND)
            self.tick()


def state(town: Town, party: str, peer: str) -> LinkState:
    """The link as one end has it."""
    return town.at(party).peers[PartyId(peer)].state


def rings(town: Town, party: str, kind: TroubleKind) -> list[AlertState]:
    """Alerts of a kind at one end whose trouble stands."""
    book = town.nodes[party].state.book
    return [
        alert.state
        for alert in book.open()
        if alert.trouble.kind is kind and alert.state is not AlertState.ENDED_UNSEEN
    ]


def started() -> Cut:
    """Two parties whose line has been up for two minutes."""
    town = Cut(("AAA", "BBB"))
    town.go_on(120)
    assert state(town, "AAA", "BBB") is LinkState.UP
    assert state(town, "BBB", "AAA") is LinkState.UP
    return town


def test_cut_both_ways_rings_at_both_ends_within_150_seconds() -> None:
    """Neither end has to be told: each measures its own round trips."""
    town = started()
    town.lost = {("AAA", "BBB"), ("BBB", "AAA")}
    for party, peer in (("AAA", "BBB"), ("BBB", "AAA")):
        assert not rings(town, party, TroubleKind.LINE_DOWN), peer
    town.go_on(151)
    for party, peer in (("AAA", "BBB"), ("BBB", "AAA")):
        assert state(town, party, peer) is LinkState.DOWN
        assert rings(town, party, TroubleKind.LINE_DOWN)


def test_line_is_degraded_before_it_is_down_and_says_how_old_its_last_round_trip_is() -> None:
    """Two missed heartbeats: DEGRADED rings at both ends as a caution; then DOWN takes its place,
    and says where to look for other ways. Each end's own age grows by the second all the while."""
    town = started()
    town.lost = {("AAA", "BBB"), ("BBB", "AAA")}
    seen: dict[str, list[LinkState]] = {"AAA": [], "BBB": []}
    for _ in range(151):
        town.go_on(1)
        for party, peer in (("AAA", "BBB"), ("BBB", "AAA")):
            seen[party].append(state(town, party, peer))
            degraded = rings(town, party, TroubleKind.LINE_DEGRADED)
            assert bool(degraded) is (seen[party][-1] is LinkState.DEGRADED)
    order = [LinkState.UP, LinkState.DEGRADED, LinkState.DOWN]
    for party, peer in (("AAA", "BBB"), ("BBB", "AAA")):
        assert list(dict.fromkeys(seen[party])) == order
        assert seen[party].index(LinkState.DEGRADED) in range(60, 125)
        node = town.nodes[party]
        of = reading(node.state, node.tools, town.line, town.now)
        assert of is not None
        (view,) = line_view(of).peers
        trip = town.at(party).peers[PartyId(peer)].round_trip
        assert trip is not None
        assert view.age_ms == town.now - trip >= 150 * SECOND
        (down,) = [t for t in node.state.troubles.values() if t.kind is TroubleKind.LINE_DOWN]
        assert "fallback" in phrases.trouble(down) or "fall-back" in phrases.trouble(down)


def test_one_way_loss_is_noticed_at_both_ends_too() -> None:
    """What AAA sends is lost and what BBB sends arrives: AAA hears BBB and BBB hears nobody, and
    both have no round trip, so both ring."""
    town = started()
    town.lost = {("AAA", "BBB")}
    town.go_on(151)
    heard = town.at("AAA").peers[PartyId("BBB")].heard
    assert heard is not None
    assert town.now - heard <= 60 * SECOND, "AAA still hears BBB"
    for party, peer in (("AAA", "BBB"), ("BBB", "AAA")):
        assert state(town, party, peer) is LinkState.DOWN
        assert rings(town, party, TroubleKind.LINE_DOWN)


def test_line_that_comes_back_ends_the_alarm() -> None:
    """One round trip is enough; nobody had taken the alarm, so that it stays as ended unseen."""
    town = started()
    town.lost = {("AAA", "BBB"), ("BBB", "AAA")}
    town.go_on(200)
    town.lost = set()
    town.go_on(61)
    for party, peer in (("AAA", "BBB"), ("BBB", "AAA")):
        assert state(town, party, peer) is LinkState.UP
        assert not rings(town, party, TroubleKind.LINE_DOWN)


def test_peer_without_power_for_three_years_is_down_from_minute_three() -> None:
    """The log says DOWN since minute 3, once, and three years later the alarm still stands: it is
    one alarm, not three years of them."""
    town = started()
    off = town.now
    del town.nodes["BBB"]
    town.go_on(240)
    town.wait(MINUTE)
    for _ in range(3 * 365):
        town.wait(DAY)
        town.tick()
    assert state(town, "AAA", "BBB") is LinkState.DOWN
    alerts = [
        alert
        for alert in town.nodes["AAA"].state.book.open()
        if alert.trouble.kind is TroubleKind.LINE_DOWN
    ]
    assert len(alerts) == 1
    store = town.nodes["AAA"].store
    reports = []
    for stored in store.entries(town.line, town.feed("AAA"), 0, 100_000):
        entry = read_entry(stored.data, Digest(stored.leaf.hex()))
        assert isinstance(entry, Entry)
        if isinstance(entry.body, Heartbeat):
            reports += [(entry.t, link) for link in entry.body.links]
    down = [(t, link) for t, link in reports if link.state is LinkState.DOWN and t > off]
    first, link = down[0]
    assert first - off <= 3 * MINUTE
    assert link.since - off <= 3 * MINUTE
    assert {link.since for _, link in down} == {link.since}, "down since one moment"
    assert all(link.state is LinkState.DOWN for t, link in reports if t > first)
    assert town.now - BEGIN > 3 * 365 * DAY


def test_text_check_and_line_test_fall_due_each_on_its_own_timer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """By terms that ask for a text each hour and a test each watch: a message ends the one and not
    the other, a line test ends both; where the terms ask for no text, none falls due."""
    agreed = agreement_of(("AAA", "BBB"))
    hourly = replace(agreed, text_check_ms=HOUR)
    assert not faults(hourly)
    silent = Town(("AAA", "BBB"))
    monkeypatch.setattr("tests.town.agreement_of", lambda *_: hourly)
    town = Town(("AAA", "BBB"))

    def due(of: Town) -> set[TroubleKind]:
        held = {t.kind for t in of.nodes["AAA"].state.troubles.values()}
        return held & {TroubleKind.TEXT_CHECK, TroubleKind.LINE_TEST}

    def later(ms: int) -> None:
        for each in (town, silent):
            each.wait(ms)
            each.tick()

    later(HOUR)
    assert due(town) == set()
    later(SECOND)
    assert (due(town), due(silent)) == ({TroubleKind.TEXT_CHECK}, set())
    town.say("AAA", Message(template="text-check", fields=(Field(name="check", value=1),)))
    later(SECOND)
    assert due(town) == set()
    later(agreed.line_test_ms)
    assert due(town) == {TroubleKind.TEXT_CHECK, TroubleKind.LINE_TEST}
    town.say("AAA", Test(text="evening test", role="watch-officer"))
    later(SECOND)
    assert (due(town), due(silent)) == (set(), {TroubleKind.LINE_TEST})
