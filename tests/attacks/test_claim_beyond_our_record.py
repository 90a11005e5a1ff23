"""Attack: a member says that it holds more of our own record than we do, to silence us.

A true word must lock until all is back; a bare one must not lock for ever (protocol, Restore).
"""

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from clearline.ledger.checkpoint import Checkpoint, origin_of, sign_checkpoint
from clearline.ledger.merkle import Frontier, entry_leaf
from clearline.model.alert import TroubleKind
from clearline.model.entry import Notice, Precedence, Stop
from clearline.model.ids import FeedId, PartyId
from clearline.node import ingest, phrases
from clearline.node.claims import PROOF_MS
from clearline.node.inbound import Stated, Ticked
from clearline.node.intent import Fetch
from clearline.node.state import LineState, Signing
from clearline.store.memory import MemoryHighWater, MemoryStore
from tests.simulation.liars import LyingWorld, believe_no_word
from tests.simulation.world import instead
from tests.town import Town, at, disc, level, node_key_of, volume


def notice(lat: float = 34.0) -> Notice:
    """A hazard for an hour."""
    window = volume(disc(lat, 35.0, 10), at(60), at(120), level(100), level(200))
    return Notice(cls="hazardous-air", label="area", volumes=(window,))


def made(*parties: str) -> Town:
    """A line that has been up for a second."""
    town = Town(parties or ("AAA", "BBB"))
    town.wait(1_000)
    return town


def size(town: Town) -> int:
    """How much of its own feed AAA holds."""
    return town.at("AAA").frontier(town.feed("AAA")).size


def claim(town: Town, by: str = "BBB", more: int = 5, shown: bytes = b"") -> Stated:
    """A statement that swells what AAA's feed holds."""
    held = {**town.nodes[by].stated(town.line).held, town.feed("AAA"): size(town) + more}
    return Stated(line=town.line, peer=PartyId(by), held=held, shown=shown)


def lie(town: Town, by: str = "BBB", more: int = 5, shown: bytes = b"") -> None:
    """AAA hears it."""
    town.take("AAA", claim(town, by, more, shown))


def later(town: Town, ms: int = PROOF_MS) -> None:
    """AAA looks at the clock after a while."""
    town.wait(ms)
    town.take("AAA", Ticked())


def signing(town: Town) -> Signing:
    """Whether AAA signs."""
    return town.at("AAA").signing


def named(town: Town) -> list[str]:
    """Whom AAA's desk is rung about for a claim that was not shown."""
    troubles = town.nodes["AAA"].state.troubles.values()
    return sorted(str(t.peer) for t in troubles if t.kind is TroubleKind.CLAIM)


# --- the liar -------------------------------------------------------------------------------------


def test_a_bare_claim_locks_asks_at_once_and_ends_by_itself() -> None:
    """Locked for PROOF_MS and no longer; the proof is asked for in the same turn."""
    town = made()
    done = town.take("AAA", claim(town))
    assert signing(town) is Signing.OVERTAKEN
    asked = [i for i in done.intents if isinstance(i, Fetch) and i.feed == town.feed("AAA")]
    assert [(PartyId("BBB"), size(town))] == [(each.peer, each.first) for each in asked]
    assert town.try_to_say("AAA", notice()).refusal is not None
    later(town, PROOF_MS - 1)
    assert signing(town) is Signing.OVERTAKEN
    assert [] == named(town)
    later(town, 1)
    assert signing(town) is Signing.READY
    town.say("AAA", notice())


def test_the_liar_is_named_and_its_word_locks_nothing_any_more() -> None:
    """An alarm says who, and how long it had; the next lie, larger or not, changes nothing."""
    town = made()
    lie(town)
    later(town)
    assert ["BBB"] == named(town)
    troubles = town.nodes["AAA"].state.troubles.values()
    (trouble,) = (t for t in troubles if t.kind is TroubleKind.CLAIM)
    assert "BBB says that it holds more of our own record" in phrases.trouble(trouble)
    for more in (5, 900, 1):
        lie(town, more=more)
        assert signing(town) is Signing.READY
        later(town, 1_000)
    assert ["BBB"] == named(town)


def test_repeating_a_lie_does_not_prolong_it() -> None:
    """The time runs from the first word."""
    town = made()
    for _ in range(6):
        lie(town)
        later(town, PROOF_MS // 6)
    assert signing(town) is Signing.READY


def test_a_lie_ends_although_a_third_member_is_silent() -> None:
    """Nobody needs to be asked before a lock ends that only a word made."""
    town = made("AAA", "BBB", "CCC")
    assert not town.at("AAA").peers[PartyId("CCC")].stated
    lie(town)
    later(town)
    assert signing(town) is Signing.READY
    lie(town, by="CCC")
    assert signing(town) is Signing.OVERTAKEN  # another one's word is another word
    later(town)
    assert signing(town) is Signing.READY
    assert ["BBB", "CCC"] == named(town)


def test_emergencies_go_out_while_a_claim_stands() -> None:
    """STOP opens an epoch at once, as always."""
    town = made()
    lie(town)
    (ref,) = town.say("AAA", Stop(), prec=Precedence.FLASH)
    town.take("BBB", town.nodes["AAA"].papers(town.line))
    town.push("AAA", "BBB", ref.feed)
    assert ref.index in town.at("BBB").picture.feed(ref.feed).asks


def test_a_lie_about_what_was_only_proved_to_it_ends_too() -> None:
    """Also where a true claim of another's has locked, and all of that is back."""
    here = rolled_back("AAA", "BBB", "CCC")
    town, feed = here.town, here.town.feed("AAA")
    town.take("AAA", hello(town))
    own = {**town.nodes["CCC"].stated(town.line).held}
    lied = Stated(line=town.line, peer=PartyId("CCC"), held=own, proved={feed: here.full + 90})
    town.take("AAA", lied)
    for mine in (feed, town.feed("BBB"), town.feed("CCC")):
        town.push("BBB", "AAA", mine)
    assert size(town) == here.full
    town.take("AAA", hello(town), lied)
    assert signing(town) is Signing.OVERTAKEN
    later(town)
    assert signing(town) is Signing.READY
    assert ["CCC"] == named(town)


def test_what_is_not_our_signature_proves_nothing() -> None:
    """Signed by the liar, of a smaller size, for another feed, or cut short: a bare word."""
    town = made()
    feed, n = town.feed("AAA"), size(town)

    def signed(of: FeedId, entries: int, by: str) -> bytes:
        tree = Checkpoint(origin=origin_of(town.line, of), size=entries, root=bytes(32))
        return sign_checkpoint(tree, node_key_of(by)).text

    good = town.nodes["AAA"].head(town.line, feed)
    assert good is not None
    for shown in (
        signed(feed, n + 5, "BBB"), signed(town.feed("BBB"), n + 5, "BBB"), good.text,
        signed(feed, n + 5, "AAA")[:-9], b"\xff",
    ):  # fmt: skip
        fresh = made()
        lie(fresh, shown=shown)
        later(fresh)
        assert signing(fresh) is Signing.READY
        assert ["BBB"] == named(fresh)


# --- the truth ------------------------------------------------------------------------------------


@dataclass
class Rolled:
    """AAA's whole disk put back, database and mark alike, after three entries that BBB holds."""

    town: Town
    before: int
    full: int


def rolled_back(*parties: str) -> Rolled:
    """Its own disk says nothing of what is missing: only others can."""
    town = made(*parties)
    node = town.nodes["AAA"]
    assert isinstance(node.store, MemoryStore)
    assert isinstance(node.high_water, MemoryHighWater)
    store, marks, before = node.store.fork(), node.high_water.fork(), size(town)
    for lat in (34.0, 36.0, 38.0):
        town.say("AAA", notice(lat))
    town.settle()
    full = size(town)
    town.nodes["AAA"] = town.make("AAA", store, marks)
    town.nodes["AAA"].start(town.now)
    town.wants.clear()
    assert (size(town), signing(town)) == (before, Signing.READY)
    return Rolled(town, before, full)


def hello(town: Town) -> Stated:
    """What BBB says when it connects to AAA: with AAA's own signature."""
    return town.nodes["BBB"].stated(town.line, PartyId("AAA"))


def test_a_true_claim_locks_until_all_is_back_however_long_it_takes() -> None:
    """The hello carries our own signature: the lock does not end before every entry is here."""
    here = rolled_back()
    town, feed = here.town, here.town.feed("AAA")
    town.take("AAA", hello(town))
    for _ in range(5):
        later(town, 10 * PROOF_MS)
        assert signing(town) is Signing.OVERTAKEN
    assert [] == named(town)
    town.wants.clear()
    while size(town) < here.full:
        assert signing(town) is Signing.OVERTAKEN
        town.push("BBB", "AAA", feed, bytes_max=1)
    town.take("AAA", hello(town))
    town.push("BBB", "AAA", town.feed("BBB"))
    town.take("AAA", hello(town))
    assert signing(town) is Signing.READY
    town.say("AAA", notice(40.0))
    town.settle()
    assert [] == list(town.at("BBB").picture.forked)


def test_a_true_claim_that_came_bare_is_proved_by_what_is_brought() -> None:
    """The first piece of our record that comes back proves it, within the time."""
    here = rolled_back()
    town = here.town
    town.take("AAA", town.nodes["BBB"].stated(town.line))
    town.wants.clear()
    later(town, PROOF_MS - 1)
    town.push("BBB", "AAA", town.feed("AAA"), bytes_max=1)
    assert here.before < size(town) < here.full
    later(town, 10 * PROOF_MS)
    assert signing(town) is Signing.OVERTAKEN
    assert [] == named(town)


def test_whoever_was_not_believed_is_believed_again_once_it_has_shown() -> None:
    """A proof that comes late locks again, and ends the alarm."""
    here = rolled_back()
    town = here.town
    town.take("AAA", town.nodes["BBB"].stated(town.line))
    town.wants.clear()
    later(town)
    assert ["BBB"] == named(town)
    town.take("AAA", hello(town))
    assert signing(town) in (Signing.OVERTAKEN, Signing.FORKED)
    assert [] == named(town)


def test_a_claim_that_others_bring_the_proof_of_is_no_lie() -> None:
    """One says it, another brings it: nobody is named."""
    town = made("AAA", "BBB", "CCC")
    node = town.nodes["AAA"]
    store, marks = node.store.fork(), node.high_water.fork()  # type: ignore[attr-defined]
    town.say("AAA", notice())
    town.settle()
    town.nodes["AAA"] = town.make("AAA", store, marks)
    town.nodes["AAA"].start(town.now)
    town.wants.clear()
    town.take("AAA", town.nodes["BBB"].stated(town.line))
    town.wants.clear()
    town.push("CCC", "AAA", town.feed("AAA"))
    later(town)
    assert [] == named(town)


# --- a bug that a second implementation could have ------------------------------------------------

Claims = Callable[..., LineState]


@pytest.mark.parametrize("take", [ingest.take_claim, believe_no_word])
def test_signing_on_without_asking_forks_a_restored_record(take: Claims) -> None:
    """With the rule no second history comes of a restore that the own disk does not show; whoever
    leaves the rule out signs one, and it is found."""
    here = rolled_back()
    town = here.town
    with instead(ingest, "take_claim", take):
        town.take("AAA", hello(town))
        town.wants.clear()
        town.try_to_say("AAA", notice(40.0))
        town.wants.clear()
        node = town.nodes["AAA"]
        pushed = node.push(town.line, town.feed("AAA"), 0, bytes_max=1 << 20)
        assert pushed is not None
    wrote = size(town) > here.before
    assert wrote is (take is believe_no_word)
    if wrote:  # under two signatures of its own, the same place of its record reads differently
        theirs = town.nodes["BBB"].store.entries(town.line, town.feed("AAA"), 0, size(town))
        before = Frontier().extend(entry.leaf for entry in theirs)
        after = Frontier().extend(entry_leaf(item.salt, item.data) for item in pushed.items)
        assert before.size == after.size
        assert before.root != after.root


@pytest.mark.parametrize("first", [1, 11])
def test_every_world_holds_although_members_lie_about_others_records(first: int) -> None:
    """The universal checker, after every step and after healing, with lies told in between."""
    told = 0
    for number in range(first, first + 10):
        world = LyingWorld(number)
        world.run()
        told += world.lies
    assert told >= 5
