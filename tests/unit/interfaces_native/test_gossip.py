"""Gossip over the link: a fork that no transfer shows is proved, kept, rung about and passed on."""

import asyncio
from pathlib import Path

from clearline.interfaces.native.gossip import Gossip
from clearline.ledger.checkpoint import Checkpoint, origin_of, sign_checkpoint
from clearline.model.alert import TroubleKind
from clearline.model.entry import Suspend
from clearline.model.ids import FeedId, PartyId
from clearline.node.forks import read_fork
from clearline.node.inbound import Forked
from tests.link_nodes import LinkNode, row
from tests.town import node_key_of

FEED = FeedId("AAA.0")


def other_history(node: LinkNode, size: int) -> bytes:
    """A checkpoint of AAA's, truly signed, over another tree."""
    tree = Checkpoint(origin=origin_of(node.line, FEED), size=size, root=b"\x07" * 32)
    return sign_checkpoint(tree, node_key_of("AAA")).text


def forks_rung(node: LinkNode) -> set[str]:
    return {
        alert.trouble.key
        for alert in node.runtime.conductor.state.book.open()
        if alert.trouble.kind is TroubleKind.FORK
    }


def test_fork_heard_of_by_one_is_known_to_all_and_after_a_restart(tmp_path: Path) -> None:
    """BBB hears a checkpoint of AAA's that contradicts what it holds: the feed stands still at BBB
    and, by the proof that is passed on, at CCC, who never heard the checkpoint."""

    async def play() -> None:
        async with row(tmp_path, "AAA", "BBB", "CCC") as street:
            b, c = street["BBB"], street["CCC"]
            gossip = Gossip(b.runtime.conductor, b.line)
            judged = gossip.hear(PartyId("CCC"), other_history(b, b.size("AAA") - 1))
            assert isinstance(judged, Forked)
            assert (await b.submit(judged)).refusal is None
            await street.until(lambda: FEED in c.state.picture.forked, "CCC knows")
            assert forks_rung(b)
            assert forks_rung(c)
            kept = c.store.documents(c.line, "fork")
            assert [judged.proof] == [document.data for document in kept]
            for node in (b, c):
                await node.stop()
                node.load()
                assert FEED in node.state.picture.forked

    asyncio.run(play())


def test_checkpoint_ahead_is_judged_when_its_entries_have_come(tmp_path: Path) -> None:
    """One longer than what is held is no fork yet; with the entries up to its size it is."""

    async def play() -> None:
        async with row(tmp_path, "AAA", "BBB") as street:
            a, b = street["AAA"], street["BBB"]
            gossip = Gossip(b.runtime.conductor, b.line)
            size = b.size("AAA") + 1
            assert gossip.hear(PartyId("AAA"), other_history(b, size)) == FEED
            assert gossip.grown() == []
            await a.say(Suspend(reason="drill"))
            await street.until(lambda: b.size("AAA") >= size, "the entries")
            (forked,) = gossip.grown()
            proof = read_fork(forked.proof)
            assert not hasattr(proof, "code")

    asyncio.run(play())


def test_gossip_that_nobody_signed_is_nothing(tmp_path: Path) -> None:
    """A checkpoint with a stranger's signature, of an unknown feed, or noise starts nothing."""

    async def play() -> None:
        async with row(tmp_path, "AAA", "BBB") as street:
            b = street["BBB"]
            gossip = Gossip(b.runtime.conductor, b.line)
            tree = Checkpoint(origin=origin_of(b.line, FEED), size=1, root=b"\x07" * 32)
            forged = sign_checkpoint(tree, node_key_of("ZZZ")).text
            for text in (forged, b"", b"\xff" * 80, forged.replace(b"AAA.0", b"ZZZ.0")):
                assert not isinstance(gossip.hear(PartyId("AAA"), text), Forked | str)
            assert not gossip.waiting

    asyncio.run(play())
