"""What a member can do with documents that its own keys sign."""

import asyncio

import pytest
from msgspec.structs import replace

from clearline.ledger.merkle import Frontier
from clearline.model.entry import Adopt, Amend, Join, Notice, Precedence, Receipt, Stop
from clearline.model.ids import Digest, FeedId, PartyId, feed_of
from clearline.model.limits import AHEAD_MAX, FEEDS_MAX
from clearline.model.refusal import Refusal
from clearline.node.inbound import Papers, Ticked
from clearline.node.ports import Commit
from clearline.node.runtime import Runtime
from clearline.store.faults import Hooks
from clearline.store.memory import MemoryStore
from clearline.trust.documents import DocType, read, sign
from clearline.trust.party import (
    EndedKey,
    EndReason,
    EpochOpening,
    FeedMark,
    KeyRole,
    Manifest,
    NodeKey,
    OpeningReason,
)
from tests.liar import Liar
from tests.town import Town, at, disc, manifest_of, node_key_of, root_of, volume


def opening(town: Town, party: str, epoch: int) -> bytes:
    body = EpochOpening(
        v=1,
        party=PartyId(party),
        line=town.line,
        epoch=epoch,
        key=node_key_of(party).public.hex,
        previous=FeedMark(
            line=town.line,
            feed=feed_of(PartyId(party), epoch - 1),
            size=0,
            root=Digest(Frontier().root.hex()),
        ),
        reason=OpeningReason.RESTORED,
        issued=town.now,
        emergency=False,
    )
    return sign(DocType.EPOCH, body, (root_of(party),))


def test_more_epochs_than_an_entry_can_list_stop_nobody() -> None:
    """A party may open epochs as it likes; the others must still be able to write an entry that has
    seen everything that they hold."""
    here = Town(("AAA", "BBB"))
    here.wait(1_000)
    epochs = FEEDS_MAX + 20
    documents = tuple(opening(here, "BBB", n) for n in range(1, epochs))
    here.take("AAA", Papers(line=here.line, peer=PartyId("BBB"), documents=documents))
    liar = Liar(here, "BBB")
    for epoch in range(1, epochs):
        liar.items, liar.feed = [], FeedId(f"BBB.{epoch}")
        liar.write(Receipt())
        liar.push("AAA")
    place = (volume(disc(34, 35, 1), at(60), at(90)),)
    here.say("AAA", Notice(cls="hazardous-air", label="x", volumes=place))
    assert len(here.at("AAA").picture.feeds) <= FEEDS_MAX


def test_entries_ahead_are_limited_over_all_epochs_of_a_party() -> None:
    """What is kept ahead is listed in every entry of ours: more epochs make no longer list."""
    here = Town(("AAA", "BBB"))
    here.wait(1_000)
    documents = tuple(opening(here, "BBB", n) for n in range(1, 4))
    here.take("AAA", Papers(line=here.line, peer=PartyId("BBB"), documents=documents))
    liar = Liar(here, "BBB")
    for epoch in range(1, 4):
        liar.items, liar.feed = [], FeedId(f"BBB.{epoch}")
        liar.write(Receipt())
        for _ in range(40):
            liar.write(Stop(), prec=Precedence.FLASH)
        for index in range(1, 41):
            liar.flash("AAA", index)
    assert len(here.at("AAA").stored_ahead) == AHEAD_MAX
    here.say("AAA", Stop(), prec=Precedence.FLASH)


def test_notices_beyond_the_end_of_a_key_stand_void_after_a_restart() -> None:
    """A manifest that ends a key before what we took of it stops the feed, and a start knows it."""
    here = Town(("AAA", "BBB"))
    here.wait(1_000)
    here.say("BBB", Stop())
    here.settle()
    feed = here.feed("BBB")
    stored = here.nodes["BBB"].store.entries(here.line, feed, 0, 1)
    end = FeedMark(
        line=here.line,
        feed=feed,
        size=1,
        root=Digest(Frontier().append(stored[0].leaf).root.hex()),
    )
    first = manifest_of("BBB")
    before = read(first, DocType.MANIFEST, Manifest)
    assert not isinstance(before, Refusal)
    (old,) = before.body.keys
    successor = node_key_of("BBB", 1).public.hex
    second = replace(
        before.body,
        serial=2,
        previous=before.digest,
        keys=(NodeKey(key=successor, role=KeyRole.NODE),),
        ended=(
            EndedKey(
                key=old.key, role=old.role, reason=EndReason.STOLEN, next=successor, feeds=(end,)
            ),
        ),
    )
    raw = sign(DocType.MANIFEST, second, (root_of("BBB"),))
    done = here.take("AAA", Papers(line=here.line, peer=PartyId("BBB"), documents=(raw,)))
    assert done.outcomes[0].refusal is None, done.outcomes[0].refusal
    assert here.at("AAA").picture.forked[feed] == 1
    node = here.nodes["AAA"]
    again = here.make("AAA", node.store, node.high_water)
    again.start(here.now)
    assert again.state.lines[here.line].picture.forked[feed] == 1


def test_readable_amend_in_a_later_epoch_clears_an_unreadable_notice() -> None:
    """What could not be read is cleared by a readable amend, whichever epoch that is written in;
    an earlier version that could be read stays live."""
    here = Town(("AAA", "BBB"))
    here.wait(1_000)
    place = (volume(disc(34, 35, 1), at(60), at(90)),)
    body = Notice(cls="hazardous-air", label="x", volumes=place)
    liar = Liar(here, "BBB")
    plain = liar.write(body)
    odd = liar.write(None, kind="novelty")
    liar.push("AAA")
    assert here.version("AAA", odd).unreadable is not None
    document = opening(here, "BBB", 1)
    here.take("AAA", Papers(line=here.line, peer=PartyId("BBB"), documents=(document,)))
    liar.items, liar.feed = [], FeedId("BBB.1")
    liar.write(Join(agreement=Digest(here.line), software="x", rules="x"))
    liar.write(Adopt(version=1, agreement=Digest(here.line)))
    liar.write(Amend(notice=odd, to=body))
    liar.write(Amend(notice=plain, to=body))
    liar.push("AAA")
    node = here.nodes["AAA"]
    live = node.tools.judge(here.line).live
    assert odd not in live
    assert plain in live


def test_bug_in_a_turn_is_heard_by_whoever_waits() -> None:
    """A turn that raises ends the loop; nobody is left waiting for an answer that never comes."""
    here = Town(("AAA", "BBB"))
    node = here.nodes["AAA"]

    def broken(_number: int, _commit: Commit) -> None:
        raise AssertionError("a broken promise")

    assert isinstance(node.store, MemoryStore)
    node.store.hooks = Hooks(before=broken)

    async def run() -> None:
        runtime = Runtime(node)
        loop = asyncio.create_task(runtime.run())
        with pytest.raises(AssertionError, match="broken promise"):
            async with asyncio.timeout(5):
                await runtime.submit(Ticked())
        with pytest.raises(AssertionError, match="broken promise"):
            await loop

    asyncio.run(run())
