"""FM19: a cry for help takes one input, reaches everybody, and its place is kept clear at once."""

import json
from pathlib import Path

from clearline.model.alert import TroubleKind
from clearline.model.entry import Distress, Kind, Notice, Precedence, Suspend
from clearline.model.refusal import Code, Refusal
from clearline.model.space import Disc, LatLon
from clearline.model.time import HOUR, MINUTE, SECOND, Instant
from clearline.node.cry import KEPT_CLEAR_MS, distress_of
from clearline.node.inbound import Mover, Movers
from clearline.node.requests import Cry
from tests.api_node import cli, found, make_parties, running
from tests.town import Town, at, disc, volume

PLACE = LatLon(352_000_000, 355_000_000)


def lifter(town: Town, party: str) -> None:
    """One of a party's own movers, last seen two minutes ago, at 100 m/s."""
    mover = Mover(
        call_sign="LIFTER 2", position=PLACE, height_mm=None, speed_mms=100_000,
        as_of=Instant(town.now - 2 * MINUTE), cls="air-movement",
    )  # fmt: skip
    town.take(party, Movers(id="m", line=town.line, person="watch", movers=(mover,)))


def test_cry_reaches_suspended_and_third_parties_and_is_checked_at_once() -> None:
    """AAA cries for one of its movers while BBB has suspended the line and a hazard of CCC's runs
    there: B and C have it and ring, the hazard is a CONFLICT at both its ends in the same turn,
    and every represented party is owed to be told by its relay, as FLASH."""
    town = Town(("AAA", "BBB", "CCC"))
    town.say("BBB", Suspend(reason="by order"))
    place = (volume(disc(35.2, 35.5, 30), at(0), at(90)),)
    (hazard,) = town.say("CCC", Notice(cls="hazardous-air", label="Range", volumes=place))
    town.settle()
    town.wait(3 * MINUTE)
    lifter(town, "AAA")
    body = distress_of(town.at("AAA"), Cry(mover="LIFTER 2"), town.now)
    assert isinstance(body, Distress)
    (ref,) = town.say("AAA", body, prec=Precedence.FLASH)
    assert TroubleKind.CONFLICT in {t.kind for t in town.nodes["AAA"].state.troubles.values()}
    town.settle()
    town.wait(SECOND)
    town.tick()
    for party in ("BBB", "CCC"):
        held = town.nodes[party].state.troubles.values()
        assert any(t.kind is TroubleKind.DISTRESS and t.about == (ref,) for t in held)
        assert ref.index in town.at(party).picture.feed(town.feed("AAA")).live
    conflicts = [
        t for t in town.nodes["CCC"].state.troubles.values() if t.kind is TroubleKind.CONFLICT
    ]
    assert any(set(t.about) == {ref, hazard} for t in conflicts)
    terms = town.at("AAA").terms
    assert terms is not None
    owed = {
        (t.params["third"], party, t.precedence)
        for party, node in town.nodes.items()
        for t in node.state.troubles.values()
        if t.kind is TroubleKind.NOT_TOLD and t.about == (ref,)
    }
    assert {(third.id, third.relay, Precedence.FLASH) for third in terms.represented} == owed
    assert len(owed) > 1
    town.check()


def test_volume_is_the_agreed_radius_and_what_was_covered_since() -> None:
    """About a place the agreed radius; about a mover also what it can have covered since it was
    seen: 100 m/s for two minutes are 12 km. From the surface up, for six hours."""
    town = Town(("AAA", "BBB"))
    town.wait(3 * MINUTE)
    lifter(town, "AAA")
    terms = town.at("AAA").terms
    assert terms is not None
    for cry, wide in ((Cry(at=(PLACE,)), 0), (Cry(mover="LIFTER 2"), 12_000_000)):
        body = distress_of(town.at("AAA"), cry, town.now)
        assert isinstance(body, Distress)
        (one,) = body.volumes
        assert one.footprint == Disc(centre=PLACE, radius_mm=terms.distress_radius_mm + wide)
        assert (one.lower.ref, one.upper.ref) == ("SFC", "UNL")
        assert (one.start, one.end) == (town.now, town.now + KEPT_CLEAR_MS)
    assert KEPT_CLEAR_MS == 6 * HOUR


def test_cry_without_any_place_says_what_it_lacks() -> None:
    """An unknown mover is not found, unless a place is given beside it; nothing at all is no
    place."""
    town = Town(("AAA", "BBB"))

    def code(cry: Cry) -> Code | None:
        made = distress_of(town.at("AAA"), cry, town.now)
        return made.code if isinstance(made, Refusal) else None

    assert code(Cry(mover="LIFTER 9")) is Code.NOT_FOUND
    assert code(Cry()) is Code.NO_GEOMETRY
    assert code(Cry(mover="LIFTER 9", at=(PLACE,))) is None


def test_place_that_nobody_knows_is_the_whole_agreed_area() -> None:
    """Not knowing where is said as everywhere, from the surface up, for six hours; also with the
    name of a mover of which nothing is known. Never as nowhere."""
    town = Town(("AAA", "BBB"))
    terms = town.at("AAA").terms
    assert terms is not None
    for cry in (Cry(everywhere=True), Cry(everywhere=True, mover="LIFTER 9")):
        body = distress_of(town.at("AAA"), cry, town.now)
        assert isinstance(body, Distress)
        (one,) = body.volumes
        assert one.footprint == terms.area
        assert body.what.endswith("place not known")
        assert (one.lower.ref, one.upper.ref) == ("SFC", "UNL")
        assert (one.start, one.end) == (town.now, town.now + KEPT_CLEAR_MS)


def test_one_input_is_enough_on_a_running_node(tmp_path: Path) -> None:
    """`clearline distress --mover NAME`, `--at PLACE`, `--everywhere`: one thing to say, and all
    stand as FLASH in the record."""
    make_parties(tmp_path, "ALFA", "BRAVO")
    with running(found(tmp_path, tmp_path / "node", "ALFA", "BRAVO")) as node:
        where = ("--node", str(node.folder), "--json")
        cli(
            "movers", "put", "LIFTER 2", "34.6,35.9", "--class", "air-movement", "--speed",
            "480kmh", *where,
        )  # fmt: skip
        for one in (("--mover", "LIFTER 2"), ("--at", "35.4,35.5"), ("--everywhere",)):
            done = json.loads(cli("distress", *one, *where))
            assert len(done["refs"]) == 1
            assert done["notices"][0]["precedence"] == Precedence.FLASH.value
            assert done["notices"][0]["kind"] == Kind.DISTRESS.value
