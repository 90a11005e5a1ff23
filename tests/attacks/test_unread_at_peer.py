"""What of ours a peer could not read is told here, whatever kind it was, until it is cleared."""

from msgspec.structs import replace
from rpds import HashTrieMap

from clearline.model.alert import TroubleKind
from clearline.model.entry import Receipt, RefusedItem, Stop, Withdraw
from clearline.model.ids import Digest, EntryRef, FeedId
from clearline.model.refusal import Code
from clearline.node.duties import troubles
from clearline.node.inbound import Ticked
from clearline.node.snapshot import read_part, take_part, write_parts
from tests.attacks.test_node_hostile_entries import notice
from tests.liar import Liar
from tests.town import Town


def town() -> Town:
    made = Town(("AAA", "BBB"))
    made.wait(1_000)
    return made


def told(here: Town) -> dict[EntryRef, str]:
    """What AAA is told that BBB could not read, with the code."""
    judge = here.nodes["AAA"].tools.judge(here.line)
    ls = here.at("AAA")
    judge.sync(ls.picture)
    anew, lasting = troubles(ls, judge, here.now)
    return {
        each.about[0]: str(each.params["code"])
        for each in (*anew.values(), *lasting.all.values())
        if each.kind is TroubleKind.REFUSED_BY_PEER
    }


def refuse(here: Town, liar: Liar, ref: EntryRef, *, readable: bool = True) -> None:
    """BBB's next entry says that it could not read an entry of AAA's."""
    kept = here.nodes["AAA"].store.entries(here.line, ref.feed, ref.index, 1)[0]
    item = RefusedItem(ref.feed, ref.index, Digest(kept.leaf.hex()), Code.UNKNOWN_KIND)
    seen = {FeedId("AAA.0"): ref.index + 1}
    liar.write(
        Receipt() if readable else None, kind="" if readable else "novelty", seen=seen,
        refused=(item,),
    )  # fmt: skip
    liar.push("AAA")


def test_withdrawal_that_a_peer_could_not_read_is_told_until_it_is_withdrawn() -> None:
    """The peer holds the notice still, and the withdrawal as one over everything. The author is
    told of it with the code; a withdrawal that names the entry ends that."""
    here = town()
    (mine,) = here.say("AAA", notice(34.0))
    (gone,) = here.say("AAA", Withdraw(versions=(mine,)))
    liar = Liar(here, "BBB")
    assert {} == told(here)
    refuse(here, liar, gone)
    assert {gone: "unknown-kind"} == told(here)
    here.say("AAA", Withdraw(versions=(mine, gone)))
    assert {} == told(here)


def test_stop_and_amend_that_a_peer_could_not_read_are_told() -> None:
    """An emergency is no version and its author is told all the same; an amend is one."""
    here = town()
    (mine,) = here.say("AAA", notice(34.0))
    (plea,) = here.say("AAA", Stop())
    liar = Liar(here, "BBB")
    refuse(here, liar, plea)
    assert {plea: "unknown-kind"} == told(here)
    refuse(here, liar, mine)
    assert {mine, plea} == set(told(here))


def test_refusal_in_an_entry_that_cannot_be_read_here_is_told_too() -> None:
    """The frame says what the peer could not read, whatever the body beside it says."""
    here = town()
    (mine,) = here.say("AAA", notice(34.0))
    (gone,) = here.say("AAA", Withdraw(versions=(mine,)))
    refuse(here, Liar(here, "BBB"), gone, readable=False)
    assert {gone: "unknown-kind"} == told(here)


def test_refusal_of_what_was_never_written_is_no_trouble() -> None:
    """A peer that refuses entries that do not exist, or those of somebody else, rings nobody."""
    here = town()
    liar = Liar(here, "BBB")
    size = here.at("AAA").frontier(FeedId("AAA.0")).size
    ghost = RefusedItem(FeedId("AAA.0"), size + 5, Digest("0" * 64), Code.UNKNOWN_KIND)
    other = RefusedItem(FeedId("CCC.0"), 0, Digest("0" * 64), Code.UNKNOWN_KIND)
    seen = {FeedId("AAA.0"): size + 6, FeedId("CCC.0"): 1}
    liar.write(Receipt(), seen=seen, refused=(ghost, other))
    liar.push("AAA")
    assert {} == told(here)
    here.take("AAA", Ticked())


def test_snapshot_keeps_that_an_unread_entry_was_cleared() -> None:
    """A start from a snapshot rings nobody about what was cleared before it."""
    here = town()
    (mine,) = here.say("AAA", notice(34.0))
    (gone,) = here.say("AAA", Withdraw(versions=(mine,)))
    refuse(here, Liar(here, "BBB"), gone)
    here.say("AAA", Withdraw(versions=(gone,)))
    ls = here.at("AAA")
    assert gone in ls.picture.feed(ls.feed).ends
    again = replace(ls, picture=replace(ls.picture, feeds=HashTrieMap()))
    for raw in write_parts(here.nodes["AAA"].state):
        part = read_part(raw)
        assert part is not None
        again = take_part(again, part)
    assert again.picture.feed(ls.feed).ends == ls.picture.feed(ls.feed).ends
