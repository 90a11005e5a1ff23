"""FM10: no answer is no answer: it is rung about, repeated, climbed with, and never read as yes."""

from clearline.model.alert import Ring, TroubleKind
from clearline.model.entry import Notice, Precedence
from clearline.model.time import SECOND, Instant
from clearline.node.queries import reading
from clearline.node.queries_notices import notice_view
from clearline.picture.standing import State
from tests.town import Town, at, disc, volume


def rings(town: Town, party: str, alert: str) -> list[Ring]:
    """Every time that people of a party were called about an alert."""
    return [
        intent
        for who, intent in town.rung
        if who == party and isinstance(intent, Ring) and intent.alert == alert
    ]


def test_unanswered_notice_is_repeated_at_60_s_goes_to_the_next_at_180_and_up_at_300() -> None:
    """The clock of an IMMEDIATE notice under the agreed ladder; the sender hears NO ANSWER when
    the answer is due, and after an hour of silence nothing reads as agreed at either end."""
    town = Town(("AAA", "BBB"))
    town.wait(10 * SECOND)
    town.tick()
    place = (volume(disc(35.0, 35.5, 20), at(120), at(150)),)
    (ref,) = town.say(
        "AAA",
        Notice(cls="hazardous-air", label="Range", volumes=place),
        prec=Precedence.IMMEDIATE,
    )
    town.settle()
    began = town.now
    (alert,) = [
        alert
        for alert in town.nodes["BBB"].state.book.open()
        if alert.trouble.kind is TroubleKind.ANSWER_DUE
    ]
    called: dict[str, Instant] = {}
    times: dict[str, list[int]] = {}
    known = 0
    while town.now - began <= 301 * SECOND:
        heard = rings(town, "BBB", alert.id)
        for ring in heard[known:]:
            called.setdefault(ring.role, town.now)
            times.setdefault(ring.role, []).append((town.now - began) // SECOND)
        known = len(heard)
        town.wait(SECOND)
        town.tick()
    assert times["watch-officer"][:2] == [0, 60]
    assert (called["deputy"] - began) // SECOND == 180
    assert (called["duty-senior"] - began) // SECOND == 300
    (none,) = [
        t for t in town.nodes["AAA"].state.troubles.values() if t.kind is TroubleKind.NO_ANSWER
    ]
    assert ref in none.about
    for _ in range(60):
        town.wait(60 * SECOND)
        town.tick()
    node = town.nodes["AAA"]
    of = reading(node.state, node.tools, town.line, town.now)
    assert of is not None
    view = notice_view(of, town.version("AAA", ref))
    assert view.unanswered == ("BBB",)
    assert town.standing("AAA", ref).state is State.DECONFLICTED, "received, no conflict known"
    assert "agreed" not in view.words
    assert "BBB" in {t.peer for t in node.state.troubles.values() if t.kind is none.kind}
