"""FM29: 1,200 sites and 20 notices ring once for each own asset and consequence; a flood of FLASH
is one alarm with a counter and a finding; what is done with is not kept."""

from clearline.model.alert import TroubleKind
from clearline.model.entry import (
    Answer,
    Field,
    Message,
    Notice,
    Precedence,
    Reply,
    Stop,
    Test,
    Withdraw,
)
from clearline.model.ids import EntryRef
from clearline.model.time import HOUR, MINUTE, SECOND, Instant
from clearline.node.facts import Facts
from clearline.node.inbound import Acknowledge
from tests.town import BEGIN, Town, at, disc, level, volume

SITES = 1_200
HAZARDS = 20
WINDOW = at(120), at(180)
ACROSS = 40
"""Sites in a row, a quarter of a degree apart; rows too."""


def site(n: int) -> tuple[float, float]:
    """Where it is."""
    return 31.5 + n // ACROSS * 0.25, 31.5 + n % ACROSS * 0.25


def begun() -> Town:
    """RUS looks after 1,200 sites; ISR joins with nothing."""
    town = Town(("ISR", "RUS"))
    town.wait(10 * SECOND)
    town.tick()
    sites = [
        Notice(
            cls="protected-site", label=f"site {n}", volumes=(volume(disc(*site(n), 1), *WINDOW),)
        )
        for n in range(SITES)
    ]
    town.say("RUS", *sites, prec=Precedence.ROUTINE)
    town.settle()
    return town


def hazards(now: Instant = BEGIN) -> list[Notice]:
    """Twenty, two hours ahead: two on each of sites 0 to 4, five on a site of their own (100, 104,
    ...), five that reach the site to the east too (200 and 201, 204 and 205, ...)."""
    window = Instant(now + 2 * HOUR), Instant(now + 3 * HOUR)
    places = [(site(n % 5), 2.0) for n in range(10)]
    places += [(site(100 + 4 * n), 2.0) for n in range(5)]
    places += [((site(200 + 4 * n)[0], site(200 + 4 * n)[1] + 0.125), 6.0) for n in range(5)]
    return [
        Notice(
            cls="hazardous-air", label=f"hazard {n}",
            volumes=(volume(disc(*place, radius), *window, upper=level(200)),),
        )
        for n, (place, radius) in enumerate(places)
    ]  # fmt: skip


def met_sites(town: Town) -> set[str]:
    """Sites that a hazard is not kept apart from, by the judge itself."""
    judge = town.nodes["RUS"].tools.judge(town.line)
    return {
        version.label
        for a, b, _ in judge.open_pairs().values()
        for version in (a, b)
        if version.party == "RUS"
    }


def test_alarms_are_as_many_as_own_assets_and_consequences() -> None:
    """Twenty notices meet twenty of 1,200 sites, or cannot be ruled out: 5 twice, 5 once, 5 pairs
    of neighbours; each met site is one alarm for each consequence and counts what it stands for."""
    town = begun()
    town.say("ISR", *hazards())
    town.settle()
    book = town.nodes["RUS"].state.book
    met = (TroubleKind.CONFLICT, TroubleKind.UNDETERMINED)
    sounding = [alert for alert in book.sounding() if alert.trouble.kind in met]
    groups = {alert.trouble.group for alert in book.open() if alert.trouble.kind in met}
    judge = town.nodes["RUS"].tools.judge(town.line)
    pairs = [1 for a, b, _ in judge.open_pairs().values() if "RUS" in (a.party, b.party)]
    assert len(met_sites(town)) == 20
    assert len(sounding) == len(groups) == 20
    assert sum(alert.count for alert in sounding) == len(pairs) == 25
    waiting = [a for a in book.sounding() if a.trouble.kind is TroubleKind.ANSWER_DUE]
    assert [alert.count for alert in waiting] == [HAZARDS]


def test_thirty_seven_stops_are_one_alarm_with_a_counter_and_a_flood() -> None:
    """From one peer, one a second: one sounds, it counts 37, and the flood is a finding."""
    town = Town(("ISR", "RUS"))
    for _ in range(37):
        town.wait(SECOND)
        town.say("ISR", Stop(), prec=Precedence.FLASH)
        town.settle()
    sounding = town.nodes["RUS"].state.book.sounding()
    stops = [alert for alert in sounding if alert.trouble.kind is TroubleKind.STOP]
    assert [alert.count for alert in stops] == [37]
    kinds = {alert.trouble.kind for alert in town.nodes["RUS"].state.book.open()}
    assert TroubleKind.FLOOD in kinds


def test_hours_of_it_leave_nothing_behind() -> None:
    """Six hours of twenty notices each, answered and withdrawn: what is kept of open duties, pairs
    and troubles is after each round what it was after the first."""
    town = Town(("ISR", "RUS"))
    kept = []
    for _ in range(6):
        notices = hazards(town.now)
        refs = town.say("ISR", *notices)
        town.settle()
        town.say("RUS", *(Answer(to=r, reply=Reply.ROGER, role="watch-officer") for r in refs))
        town.say("ISR", Withdraw(versions=tuple(sorted(refs))))
        town.settle()
        for _ in range(4):
            town.wait(HOUR // 60)
            town.tick()
        town.wait(56 * MINUTE)
        town.tick()
        for _ in range(3):
            town.wait(10 * SECOND)
            town.tick()
        node = town.nodes["RUS"]
        judge = node.tools.judge(town.line)
        kept.append((len(judge.live), len(judge.open_pairs()), len(node.state.book.open())))
    assert kept[1:] == kept[:1] * 5


def sizes(town: Town, party: str) -> dict[str, int]:
    """What a node holds beside the record itself, and what follows from that alone."""
    node = town.nodes[party]
    state, judge = node.state, node.tools.judge(town.line)
    assert isinstance(judge.facts, Facts)
    asks, book = judge.facts.asks, state.book
    return {
        "alerts": len(book.alerts), "alarms": len(book.alarms), "looks": len(book.due.seconds),
        "asking": len(book.asking), "troubles": len(state.troubles), "unkept": len(state.unkept),
        "compared": len(node.tools.compared.rest), "lasting": len(asks.lasting.all),
        "fresh": len(asks.fresh), "declined": len(asks.declined.versions),
        "pairs": len(judge.open_pairs()), "live": len(judge.live),
        "ahead": len(state.lines[town.line].stored_ahead), "gaps": len(state.lines[town.line].gaps),
        "outbox": len(node.store.outbox()),
    }  # fmt: skip


def hour(town: Town) -> None:
    """Six notices, of which RUS refuses one and stands by on another; ten questions, two STOPs, a
    movement through it all; every alarm taken, everything answered, and withdrawn in the end."""
    refs = town.say("ISR", *hazards(town.now)[:6])
    town.settle()
    replies = (Reply.UNABLE, Reply.STANDBY, *[Reply.ROGER] * 5)
    answers = [*zip(refs, replies, strict=False), (refs[1], Reply.WILCO)]
    (flight,) = town.say("RUS", notice_at(town))
    about = Field(name="entry", value=str(EntryRef(town.feed("ISR"), 0)))
    asked = Message(template="request-status", fields=(about,))
    said = town.say("ISR", *[asked] * 10, prec=Precedence.IMMEDIATE)
    stops = town.say("ISR", *[Stop()] * 2, prec=Precedence.FLASH)
    said += town.say("ISR", Test(text="hourly", role="watch-officer"))
    (test,) = town.say("RUS", Test(text="hourly", role="watch-officer"))
    town.settle()
    town.wait(2 * MINUTE)
    town.tick()
    for party in town.parties:
        for alert in town.nodes[party].state.book.open():
            town.take(party, Acknowledge(id=alert.id, alert=alert.id, person="p", role="watch"))
    answers += [(ref, Reply.ROGER) for ref in said] + [(ref, Reply.HALTED) for ref in stops]
    town.say("RUS", *(Answer(to=ref, reply=r, role="watch-officer") for ref, r in answers))
    for ref in (flight, test):
        town.say("ISR", Answer(to=ref, reply=Reply.ROGER, role="watch-officer"))
    town.settle()
    town.say("ISR", Withdraw(versions=tuple(sorted(refs))))
    town.say("RUS", Withdraw(versions=(flight,)))
    town.settle()
    for _ in range(58):
        town.wait(MINUTE)
        town.tick()
    for party in town.parties:  # what ended before anybody saw it
        for alert in town.nodes[party].state.book.open():
            town.take(party, Acknowledge(id=alert.id, alert=alert.id, person="p", role="watch"))
    town.settle()


def notice_at(town: Town) -> Notice:
    """RUS flies through the first of the hazards in an hour."""
    place = hazards(town.now)[0].volumes[0]
    return Notice(cls="air-movement", label="Il-20", volumes=(place,))


def test_a_day_at_a_steady_rate_leaves_nothing_behind() -> None:
    """Twenty-four hours, each with seven notices, ten questions, two STOPs, refusals and conflicts,
    all taken and answered: after every hour both nodes hold what they held after the first. The
    record itself grows, with what is said; what follows from it does not."""
    town = Town(("ISR", "RUS"))
    town.wait(10 * SECOND)
    town.tick()
    kept = []
    for _ in range(24):
        hour(town)
        kept.append({party: sizes(town, party) for party in town.parties})
    assert kept[1:] == kept[:1] * 23
