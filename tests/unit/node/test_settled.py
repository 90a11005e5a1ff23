"""What must end, and what must not be forgotten: movers over a crash, a notice over amends."""

from clearline.model.alert import TroubleKind
from clearline.model.entry import Adopt, Amend, Leave, Notice
from clearline.model.ids import Digest
from clearline.model.space import LatLon
from clearline.node.inbound import Mover, Movers, Ticked
from tests.liar import Liar
from tests.town import Town, at, disc, level, volume


def notice(lat: float, cls: str = "hazardous-air", start: float = 60) -> Notice:
    where = volume(disc(lat, 35.0, 10), at(start), at(start + 60), level(100), level(200))
    return Notice(cls=cls, label="area", volumes=(where,))


def test_own_movers_are_known_again_after_a_crash() -> None:
    """EXPOSED does not fall silent because a node was killed before it kept a snapshot."""
    town = Town(("AAA", "BBB"))
    mover = Mover(
        call_sign="IL20",
        position=LatLon(340_000_000, 350_000_000),
        height_mm=None,
        speed_mms=10_000,
        as_of=town.now,
        cls="air-movement",
    )
    town.take("AAA", Movers(id="m1", line=town.line, person="p", movers=(mover,)))
    town.say("BBB", notice(34.0, start=10))
    town.settle()
    kinds = {alert.trouble.kind for alert in town.nodes["AAA"].state.book.open()}
    assert TroubleKind.EXPOSED in kinds
    before = town.nodes["AAA"]
    again = town.make("AAA", before.store, before.high_water)  # type: ignore[arg-type]
    again.start(town.now)
    assert again.state.lines[town.line].movers["IL20"] == mover


def test_amend_by_its_newest_version_is_still_the_same_notice() -> None:
    """An officer amends what stands on the board; old and new are never held against each other."""
    town = Town(("AAA", "BBB"))
    (first,) = town.say("AAA", notice(34.0))
    (second,) = town.say("AAA", Amend(notice=first, to=notice(34.01)))
    (third,) = town.say("AAA", Amend(notice=second, to=notice(34.02)))
    town.settle()
    assert {town.version("BBB", ref).notice for ref in (first, second, third)} == {first}
    assert town.standing("AAA", third).against == ()


def test_party_that_has_left_has_no_duties_on_the_line() -> None:
    """After a leave nothing rings for that line here any more."""
    town = Town(("AAA", "BBB"))
    town.say("BBB", notice(34.0))
    town.settle()
    assert town.nodes["AAA"].state.book.open()
    town.say("AAA", Leave(reason="mission ended"))
    town.settle()
    assert not town.nodes["AAA"].state.troubles


def test_record_that_waits_for_papers_is_rung_about() -> None:
    """A peer that adopts terms which nobody gave us is not waited for in silence."""
    town = Town(("AAA", "BBB"))
    liar = Liar(town, "BBB")
    liar.write(Adopt(version=7, agreement=Digest("0" * 64)))
    liar.push("AAA")
    assert not waits(town)
    town.wait(61_000)
    town.take("AAA", Ticked())
    assert waits(town)


def waits(town: Town) -> bool:
    book = town.nodes["AAA"].state.book.open()
    return any(alert.trouble.kind is TroubleKind.WAITS for alert in book)
