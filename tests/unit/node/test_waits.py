"""On whom a line waits before all of it counts, as status says it."""

from clearline.ledger.merkle import Frontier
from clearline.model.ids import FeedId, PartyId
from clearline.model.time import MINUTE, SECOND, Instant
from clearline.node.inbound import Papers, Ticked
from clearline.node.queries import line_view, reading
from clearline.node.views import Wait
from clearline.node.waits import waits
from clearline.store.memory import MemoryHighWater, MemoryStore
from tests.simulation.papers import next_terms, signed_terms
from tests.town import Town, agreement_of, manifest_of, papers_of

TWO = ("ALFA", "BRAVO")


def found(town: Town, party: str) -> set[tuple[str, Wait]]:
    """On whom a node of the town waits, and for what."""
    return {(each.party, each.what) for each in waits(town.at(party), town.now)}


def test_founders_of_a_line_wait_for_those_that_have_not_joined() -> None:
    """Alone a founder names the other and what is missing of it; once both hold each other's
    record nothing is waited for, and the line's view says so."""
    town = Town(TWO)
    assert set() == found(town, "ALFA")
    alone = town.make("ALFA", MemoryStore(), MemoryHighWater())
    terms, mine, _ = papers_of(TWO)
    assert alone.open_line((terms, mine), town.now) == town.line
    said = {(each.party, each.what) for each in waits(alone.state.lines[town.line], town.now)}
    assert {("BRAVO", Wait.PAPERS)} == said
    taken = alone.turn(
        [Papers(line=town.line, peer=None, documents=(manifest_of("BRAVO"),))], town.now, b"0" * 32
    )
    assert taken.outcomes[0].refusal is None
    of = reading(alone.state, alone.tools, town.line, town.now)
    assert of is not None
    assert {("BRAVO", Wait.JOIN)} == {(each.party, each.what) for each in line_view(of).waits}


def test_own_papers_that_are_missing_are_said_first() -> None:
    """Without its own manifest a node signs nothing, and waits for itself."""
    town = Town(TWO)
    node = town.make("ALFA", MemoryStore(), MemoryHighWater())
    terms, _, theirs = papers_of(TWO)
    assert node.open_line((terms, theirs), town.now) == town.line
    first = waits(node.state.lines[town.line], town.now)[0]
    assert ("ALFA", Wait.PAPERS) == (first.party, first.what)


def test_new_terms_wait_for_their_hour_and_then_for_each_adoption() -> None:
    """Before the stated time all wait for the clock; after it for the party that has not adopted,
    by name and with the version that it still has."""
    town = Town(TWO)
    newer = signed_terms(
        next_terms(agreement_of(TWO), effective=Instant(town.now + MINUTE), stricter=True)
    )
    papers = Papers(line=town.line, peer=None, documents=(newer,))
    assert town.take("ALFA", papers).outcomes[0].refusal is None
    assert ("ALFA", Wait.TIME) in found(town, "ALFA")
    town.wait(MINUTE + SECOND)
    town.take("ALFA", Ticked())
    assert {("BRAVO", Wait.ADOPTION)} == found(town, "ALFA")
    (view,) = waits(town.at("ALFA"), town.now)
    assert "BRAVO has adopted terms 1, not yet 2" == view.words


def test_joiner_waits_for_word_and_record_of_each_member() -> None:
    """A party that joins by later terms names who has not stated what it holds; then how much of
    whose record is missing; with all of it here it joins, and waits for nobody's record."""
    town = Town(TWO)
    newer = signed_terms(next_terms(agreement_of(TWO), effective=town.now, joins="DELTA"))
    documents = (newer, manifest_of("DELTA"))
    for party in TWO:
        papers = Papers(line=town.line, peer=None, documents=documents)
        assert town.take(party, papers).outcomes[0].refusal is None
    town.tick()
    joiner = town.make("DELTA", MemoryStore(), MemoryHighWater())
    assert joiner.open_line((*papers_of(TWO), *documents), town.now) == town.line
    town.nodes["DELTA"] = joiner
    assert {("ALFA", Wait.WORD), ("BRAVO", Wait.WORD)} <= found(town, "DELTA")

    for party in TWO:
        stated = town.nodes[party].stated(town.line)
        town.take("DELTA", stated.__class__(line=town.line, peer=PartyId(party), held=stated.held))
    missing = {each for each in found(town, "DELTA") if each[1] is Wait.RECORD}
    assert {("ALFA", Wait.RECORD), ("BRAVO", Wait.RECORD)} == missing
    held = town.at("ALFA").frontiers.get(FeedId("ALFA.0")) or Frontier()
    assert f"0 of {held.size} entries of ALFA.0 are here: we join when all are" in {
        each.words for each in waits(town.at("DELTA"), town.now)
    }

    for party in TWO:
        town.push(party, "DELTA", town.feed(party))
    town.tick()
    assert town.at("DELTA").picture.feed(FeedId("DELTA.0")).joined
    assert not {Wait.WORD, Wait.RECORD} & {what for _, what in found(town, "DELTA")}
