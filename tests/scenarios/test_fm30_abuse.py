"""FM30: the list is abused, or a notice is forged: who is not on the line sees nothing, nobody
reads without a token, forged keys and replayed notices are refused."""

import json
from collections.abc import Iterator
from dataclasses import replace as replace_part

import pytest
from msgspec.structs import replace

from clearline.api.access import READ
from clearline.client import Refused, asks
from clearline.evidence.compare import compare
from clearline.evidence.facts import Level, What
from clearline.evidence.feed_export import READS_OF
from clearline.evidence.parts import Scope
from clearline.evidence.said import reads_said, text
from clearline.ledger.checkpoint import Checkpoint, desk_origin_of, origin_of, sign_checkpoint
from clearline.ledger.merkle import Frontier, commitment, leaf_hash
from clearline.model.alert import TroubleKind
from clearline.model.entry import Field, Message, Precedence
from clearline.model.ids import LineId, PartyId, feed_of
from clearline.node import phrases
from clearline.node.inbound import Beaten, Noted, Pushed
from clearline.node.requests import Remark
from tests.api_node import Running, cli, found, make_parties, notice, running
from tests.evidence_town import SkewedTown, SkewedTownOf, checked, export, gathered
from tests.evidence_town import notice as area
from tests.liar import Liar
from tests.live_town import LiveTown, every_byte
from tests.town import BEGIN, MINUTE, Town, node_key_of

STRANGER = PartyId("CCC")


def pushed(town: Town, party: str) -> Pushed:
    """All of a party's record, as it is sent."""
    feed = town.at(party).feed
    made = town.nodes[party].push(town.line, feed, 0, bytes_max=1 << 20)
    assert made is not None
    return made


def test_third_party_cannot_read_an_item_of_two_others() -> None:
    """CCC has a line with AAA. Nothing of the line of AAA and BBB is on it, nor in any of CCC's
    node's feeds; and a node that is asked for a line that it is not on gives nothing."""
    two, other = Town(("AAA", "BBB")), Town(("AAA", "CCC"))
    two.say("AAA", area(34.0, label="between two"))
    two.settle()
    other.say("AAA", area(36.0, label="between others"))
    other.settle()
    assert not any(b"between two" in entry for entry in every_byte(other))
    assert LineId(two.line) not in other.nodes["CCC"].state.lines
    other.take("CCC", pushed(two, "AAA"))
    assert LineId(two.line) not in other.nodes["CCC"].state.lines
    assert not any(b"between two" in entry for entry in every_byte(other))


def test_stranger_neither_becomes_a_peer_nor_speaks_for_one() -> None:
    """A heartbeat of a party that is not on the line makes it no peer; a record in its own name is
    not taken in."""
    town = Town(("AAA", "BBB"))
    beat = Beaten(line=town.line, peer=STRANGER, sequence=9, sent=town.now, echo=None, reply=False)
    town.take("BBB", beat)
    assert STRANGER not in town.at("BBB").peers
    made = pushed(town, "AAA")
    town.take("BBB", replace(made, peer=STRANGER, feed=feed_of(STRANGER)))
    assert feed_of(STRANGER) not in town.at("BBB").picture.feeds
    assert town.at("BBB").frontier(feed_of(STRANGER)).size == 0


def test_notice_signed_with_a_forged_key_is_refused() -> None:
    """The next notice of AAA's record under a checkpoint that another key signed is not held; under
    AAA's own it is."""
    town = Town(("AAA", "BBB"))
    liar = Liar(town, "AAA")
    held = town.at("BBB").frontier(liar.feed).size
    liar.write(area(34.2, label="forged"))
    front = Frontier().extend(liar.leaves)
    tree = Checkpoint(origin=origin_of(town.line, liar.feed), size=front.size, root=front.root)
    forged = Pushed(
        line=town.line, peer=PartyId("AAA"), feed=liar.feed, first=held,
        items=tuple(liar.items[held:]),
        checkpoint=sign_checkpoint(tree, node_key_of("EVE")).text,
    )  # fmt: skip
    town.take("BBB", forged)
    assert town.at("BBB").frontier(liar.feed).size == held
    assert not any(b"forged" in entry for entry in every_byte(town))
    liar.push("BBB")
    assert town.at("BBB").frontier(liar.feed).size == held + 1


def test_replayed_notice_is_stored_once_and_rings_once() -> None:
    """The same push ten times, and an older one: one entry, one alert."""
    town = Town(("AAA", "BBB"))
    town.say("AAA", area(34.0, label="once"))
    town.settle()
    made = pushed(town, "AAA")
    size = town.at("BBB").frontier(town.feed("AAA")).size
    kinds = [t.kind for t in town.nodes["BBB"].state.troubles.values()]
    for _ in range(10):
        town.take("BBB", made)
    town.settle()
    assert town.at("BBB").frontier(town.feed("AAA")).size == size
    again = [t.kind for t in town.nodes["BBB"].state.troubles.values()]
    assert again.count(TroubleKind.ANSWER_DUE) == kinds.count(TroubleKind.ANSWER_DUE) == 1


def test_tracks_that_a_party_sees_are_in_no_feed() -> None:
    """Minimum data: whatever its radar sees stays with it."""
    live = LiveTown(Town(("AAA", "BBB")), "AAA")
    live.see("SECRET-TRACK", 34.0, 35.0, mps=200)
    live.look()
    live.town.settle()
    assert not any(b"SECRET-TRACK" in entry for entry in every_byte(live.town))


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A running node."""
    folder = tmp_path_factory.mktemp("abuse")
    make_parties(folder, "ALFA", "BRAVO")
    with running(found(folder, folder / "node", "ALFA", "BRAVO")) as here:
        yield here


def test_nobody_reads_without_a_token_and_nobody_writes_the_access_log(node: Running) -> None:
    """Every list asks for a token; a person's own note cannot pose as a record of the log."""
    with node.http(None) as http:
        for what in ("notices", "conflicts", "asks", "seals", "picture", "desk-record", "reads"):
            assert http.get(f"/v1/lines/{node.line}/{what}").status_code == 401
    with node.client() as client:
        client.file(node.line, notice(node.now(), 34.9, 35.9))
        with pytest.raises(Refused):
            client.do(asks.note(node.line, Remark(what=READ)))
    said = json.loads(cli("line", "reads", "--node", str(node.folder), "--json"))
    assert said == [], "only one's own was there to be read"


# -- the access log, for the owner of the data


def read_by(town: SkewedTown, person: str, of: str, what: str = "notices") -> None:
    """AAA's node writes down that somebody read a party's items."""
    params: dict[str, str | int] = {
        "role": "watch", "first": town.now, "last": town.now, "of": of, "kinds": f"{what}:1",
    }  # fmt: skip
    town.take("AAA", Noted(line=town.line, person=person, what=READ, params=params))


def watched() -> SkewedTown:
    """BBB's and CCC's items are read at AAA's; heartbeats carry the checkpoint of AAA's log."""
    town = SkewedTownOf({})(("AAA", "BBB", "CCC"))
    town.say("BBB", area(34.0))
    town.settle()
    read_by(town, "kim", "BBB")
    town.note("AAA", "telephoned somebody")
    read_by(town, "lee", "CCC")
    read_by(town, "pat", "BBB CCC")
    for _ in range(3):
        town.wait(MINUTE)
        town.tick()
    return town


OF_BBB = Scope(desk=True, withhold=(f"{READS_OF}BBB",))


def test_owner_asks_over_the_line_and_gets_its_own_reads_alone() -> None:
    """A closed message asks; the answer is a bundle with who read BBB's items, and nothing else of
    the private desk record nor of AAA's duties; that other records are there is said, and how
    many. It verifies offline, and BBB's own bundle proves that it is what was fixed at the time."""
    town = watched()
    asked = Message(
        template="access-log-wish",
        fields=(Field(name="first", value=BEGIN), Field(name="until", value=town.now)),
        to=(PartyId("AAA"),),
    )
    (ref,) = town.say("BBB", asked, prec=Precedence.ROUTINE)
    town.settle()
    due = [t for t in town.nodes["AAA"].state.troubles.values() if t.about[:1] == (ref,)]
    assert "who has read our notices" in phrases.trouble(due[0])
    produced = checked(export(town, "AAA", OF_BBB))
    said = reads_said(produced)
    assert len(said) == 2
    assert ["kim" in said[0], "pat" in said[1]] == [True, True]
    assert "lee" not in "\n".join(text(produced))
    assert not any(b"telephoned" in data or b"lee" in data for _, data in produced.desk_shown)
    assert not produced.bundle.content.alerts
    (hidden,) = [f for f in produced.findings if f.member == "desk/records"]
    assert (hidden.what, hidden.level) == (What.WITHHELD, Level.UNKNOWN)
    assert hidden.params["count"] == len(produced.bundle.content.desk.leaves) - 2
    found = compare(produced, checked(export(town, "BBB")))
    assert not [f for f in found.findings if f.what is What.DESK]


def test_read_that_is_struck_out_before_it_is_produced_is_named() -> None:
    """AAA's tools write another log from its beginning, sign it, and produce that: the owner holds
    checkpoints that rode in heartbeats, and they do not fit. An altered line opens nothing."""
    town = watched()
    honest = gathered(town, "AAA", OF_BBB).content.desk
    assert honest is not None
    first = min(honest.shown)
    opening = honest.shown[first]
    forged = replace_part(opening, data=opening.data.replace(b"kim", b"lee"))
    altered = replace_part(honest, shown={**honest.shown, first: forged})
    named = checked(export(town, "AAA", OF_BBB, desk=altered)).findings
    assert [(f.what, f.index) for f in named if f.level is Level.WRONG] == [(What.DESK, first)]
    leaves = list(honest.leaves)
    leaves[first] = commitment(forged.salt, forged.data)
    front = Frontier().extend(leaf_hash(leaf) for leaf in leaves)
    origin = desk_origin_of(town.line, town.at("AAA").feed)
    tree = Checkpoint(origin=origin, size=front.size, root=front.root)
    rewritten = replace_part(
        altered, leaves=tuple(leaves), checkpoint=sign_checkpoint(tree, node_key_of("AAA")).text
    )
    produced = checked(export(town, "AAA", OF_BBB, desk=rewritten))
    assert not [f for f in produced.findings if f.level is Level.WRONG], "by itself it fits"
    beside = compare(produced, checked(export(town, "BBB"))).findings
    assert [(f.what, f.level) for f in beside if f.what is What.DESK] == [(What.DESK, Level.WRONG)]
