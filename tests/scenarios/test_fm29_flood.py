"""FM29: 1,200 sites and 20 notices ring once for each own asset and consequence; a flood of FLASH
is one alarm with a counter and a finding; what is done with is not kept."""

from clearline.model.alert import TroubleKind
from clearline.model.entry import Answer, Notice, Precedence, Reply, Stop, Withdraw
from clearline.model.time import HOUR, MINUTE, SECOND, Instant
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
