"""What a member with a valid key can write into its own record, and what must not come of it."""

import time

import pytest

from clearline.model.alert import TroubleKind
from clearline.model.entry import (
    Accident,
    Amend,
    Answer,
    Attachment,
    Body,
    Coordinated,
    Distress,
    Message,
    Notice,
    Precedence,
    Receipt,
    RefusedItem,
    Relay,
    Relayed,
    RelayOutcome,
    Reply,
    Stop,
    Withdraw,
)
from clearline.model.ids import Digest, EntryRef, FeedId, PartyId
from clearline.model.refusal import Code
from clearline.model.space import Edge, LatLon, Polygon
from clearline.model.time import INSTANT_MAX, Instant
from clearline.node.inbound import Item, Pushed, Stated, Ticked
from clearline.picture.standing import State, Why
from tests.liar import Liar
from tests.town import Town, at, disc, level, volume

FLASH = Precedence.FLASH


def notice(
    lat: float, *, cls: str = "hazardous-air", start: float = 60, long: float = 60
) -> Notice:
    return Notice(
        cls=cls,
        label="area",
        volumes=(volume(disc(lat, 35.0, 10), at(start), at(start + long), level(100), level(200)),),
    )


def town() -> Town:
    made = Town(("AAA", "BBB"))
    made.wait(1_000)
    return made


BOW_TIE = Polygon(
    outer=tuple(
        LatLon(round(a * 1e7), round(b * 1e7)) for a, b in ((34, 35), (35, 36), (35, 35), (34, 36))
    ),
    edge=Edge.GEODESIC,
)
AROUND = Polygon(
    outer=(LatLon(0, -1_700_000_000), LatLon(0, 0), LatLon(0, 1_700_000_000)), edge=Edge.LONLAT
)
POLAR = Polygon(
    outer=(LatLon(900_000_000, 0), LatLon(900_000_000, 900_000_000), LatLon(-900_000_000, 5)),
    edge=Edge.RHUMB,
)


@pytest.mark.parametrize("shape", [BOW_TIE, AROUND, POLAR])
def test_flash_ahead_with_absurd_geometry_is_kept_as_undetermined(shape: Polygon) -> None:
    """A FLASH notice beyond a gap is judged before its geometry was screened: it must not stop the
    node, and it must not count as clear of anything."""
    here = town()
    (mine,) = here.say("AAA", notice(34.0))
    here.settle()
    liar = Liar(here, "BBB")
    liar.write(Receipt())
    body = Notice(cls="hazardous-air", label="x", volumes=(volume(shape, at(60), at(120)),))
    ref = liar.write(body, prec=FLASH)
    liar.flash("AAA", ref.index)
    here.take("AAA", Ticked())
    assert here.standing("AAA", mine).state in (State.UNDETERMINED, State.CONFLICTED)
    liar.push("AAA")
    assert here.standing("AAA", mine).state is State.UNDETERMINED
    here.check()


def test_refused_in_an_unreadable_entry_still_counts() -> None:
    """The frame says that M refused a notice; that the body beside it cannot be applied here must
    not turn M's next entry into a receipt of it."""
    here = town()
    (mine,) = here.say("AAA", notice(34.0))
    liar = Liar(here, "BBB")
    leaf = here.version("AAA", mine).leaf
    seen = {FeedId("AAA.0"): mine.index + 1}
    item = RefusedItem(mine.feed, mine.index, leaf, Code.UNKNOWN_KIND)
    first = liar.write(None, kind="novelty", seen=seen, refused=(item,))
    liar.write(Receipt(), seen=seen)
    liar.push("AAA")
    (with_b,) = here.standing("AAA", mine).parties
    assert with_b.why is Why.REFUSED
    assert with_b.at == first


def test_seen_of_what_was_not_written_yet_is_no_receipt() -> None:
    """An entry that its reader had already seen when it wrote its notice cannot have seen that
    notice, whatever number it states."""
    here = town()
    liar = Liar(here, "BBB")
    liar.write(Receipt(), seen={FeedId("AAA.0"): 1 << 30})
    liar.push("AAA")
    (mine,) = here.say("AAA", notice(34.0))
    (with_b,) = here.standing("AAA", mine).parties
    assert with_b.why is Why.NOT_SEEN


def test_huge_seen_of_unknown_feeds_changes_nothing() -> None:
    """256 feeds that nobody knows, each seen to the limit: taken or refused, never a crash."""
    here = town()
    liar = Liar(here, "BBB")
    seen = {FeedId(f"ZZ{n}.9999"): 1 << 40 for n in range(255)}
    liar.write(Receipt(), seen={**liar.seen, **seen})
    liar.write(notice(34.0), seen={**liar.seen, **seen})
    liar.push("AAA")
    assert here.at("AAA").picture.feed(liar.feed).size == len(liar.items)
    here.say("AAA", notice(36.0))


@pytest.mark.parametrize(
    "body",
    [
        notice(34.0, start=-1),
        Notice(cls="hazardous-air", label="old", volumes=(
            volume(disc(34, 35, 1), Instant(0), Instant(1)),)),
        Notice(cls="hazardous-air", label="late", volumes=(
            volume(disc(34, 35, 1), Instant(INSTANT_MAX - 1), INSTANT_MAX),)),
        Notice(cls="nothing", label="x", volumes=(volume(disc(34, 35, 1), at(1), at(2)),)),
        Distress(what="x", volumes=(volume(disc(89.99999, 179.99999, 5000), at(1), at(2)),)),
        Accident(what="x"),
        Stop(about=(EntryRef(FeedId("ZZZ.7"), (1 << 40) - 1),)),
        Withdraw(versions=tuple(EntryRef(FeedId("BBB.7"), n) for n in range(1000))),
        Amend(notice=EntryRef(FeedId("BBB.7"), 77), to=notice(34.0)),
        Answer(to=EntryRef(FeedId("ZZZ.7"), 5), reply=Reply.ROGER, role="x"),
        Coordinated(
            pair=(EntryRef(FeedId("AAA.0"), 1 << 39), EntryRef(FeedId("BBB.0"), 0)),
            measure="m", until=INSTANT_MAX,
        ),
        Relay(of=EntryRef(FeedId("ZZZ.7"), 5), to=PartyId("NOBODY")),
        Relayed(
            of=EntryRef(FeedId("AAA.0"), 99), to=PartyId("NOBODY"), outcome=RelayOutcome.TOLD,
            means="x", at=Instant(0),
        ),
        Message(template="nothing", to=(PartyId("ZZZ"),)),
    ],
    ids=lambda body: type(body).__name__,
)  # fmt: skip
@pytest.mark.parametrize("t", [0, INSTANT_MAX])
def test_hostile_bodies_are_taken_or_stand_unreadable(body: Body, t: int) -> None:
    """References far away, unknown classes, times at both ends of what can be written: the node
    takes them, goes on, receipts, and its own notices can still be said and judged."""
    here = town()
    liar = Liar(here, "BBB")
    liar.write(body, t=t)
    liar.write(body, t=t, prec=FLASH)
    liar.flash("AAA", len(liar.items) - 1)
    liar.push("AAA")
    for _ in range(3):
        here.wait(60_000)
        here.take("AAA", Ticked())
    (mine,) = here.say("AAA", notice(34.0))
    here.standing("AAA", mine)
    assert here.at("AAA").picture.feed(here.feed("AAA")).seen[liar.feed].value() == len(liar.items)


def test_messages_that_announce_thousands_of_attachments_do_not_stall_a_turn() -> None:
    """Every message may announce sixteen attachments: a batch of them is taken in linear time."""
    here = town()
    liar = Liar(here, "BBB")
    for n in range(1_000):
        announced = tuple(
            Attachment(sha256=Digest(f"{n * 16 + k:064x}"), size=1, media="text/plain")
            for k in range(16)
        )
        liar.write(Message(template="text", attachments=announced))
    began = time.process_time()
    liar.push("AAA")
    assert time.process_time() - began < 4


def test_repeated_withdrawals_of_a_begun_hazard_change_nothing() -> None:
    """The first one cut it; a thousand more neither move the cut nor pile up."""
    here = town()
    liar = Liar(here, "BBB")
    ref = liar.write(notice(34.0, start=-10))
    for n in range(50):
        liar.write(Withdraw(versions=(ref,)), t=here.now + n)
    liar.push("AAA")
    version = here.version("AAA", ref)
    assert version.cut == here.now
    assert len(version.ends) == 1


def test_garbage_in_our_own_name_does_not_lock_our_feed() -> None:
    """Anybody can send bytes and call them ours; only a checkpoint under our key is proof that a
    peer holds more of our record than we do."""
    here = Town(("AAA", "BBB", "CCC"))
    del here.nodes["CCC"]
    size = here.at("AAA").frontier(here.feed("AAA")).size
    garbage = Pushed(
        line=here.line, peer=PartyId("BBB"), feed=here.feed("AAA"), first=size,
        items=(Item(bytes(32), b"{}"),), checkpoint=b"nothing\n1\nx\n",
    )  # fmt: skip
    assert here.take("AAA", garbage).outcomes[0].refusal is not None
    here.say("AAA", notice(34.0))


def test_statement_of_unknown_feeds_asks_for_nothing() -> None:
    """A peer that says it holds feeds of parties nobody knows is not asked for them."""
    here = town()
    held = {FeedId(f"ZZ{n}.0"): 1 << 40 for n in range(200)}
    done = here.take("AAA", Stated(line=here.line, peer=PartyId("BBB"), held=held))
    assert len(done.intents) < 5


def test_flash_answer_ahead_asks_nobody_for_an_answer() -> None:
    """An answer that overtakes, and a message to others, are no duty of ours."""
    here = town()
    (mine,) = here.say("AAA", Stop(), prec=FLASH)
    here.settle()
    liar = Liar(here, "BBB")
    liar.write(Receipt())
    told = liar.write(Answer(to=mine, reply=Reply.HALTED, role="x"), prec=FLASH)
    other = liar.write(Message(template="text", to=(PartyId("CCC"),)), prec=FLASH)
    liar.flash("AAA", told.index)
    liar.flash("AAA", other.index)
    due = [
        alert.trouble.about
        for alert in here.nodes["AAA"].state.book.open()
        if alert.trouble.kind is TroubleKind.ANSWER_DUE
    ]
    assert due == []
