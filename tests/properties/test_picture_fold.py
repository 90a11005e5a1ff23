"""The picture is a product of one fold per feed: no order of arrival, restart or snapshot changes
it."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from rpds import HashTrieMap

from clearline.model import entry as e
from clearline.model.entry import Entry, Precedence, RefusedItem
from clearline.model.ids import Digest, EntryRef, FeedId, LineId, PartyId
from clearline.model.refusal import Code
from clearline.model.time import Instant
from clearline.node.snapshot import read_part, take_part, write_parts
from clearline.node.state import LineState, Local, State
from clearline.picture.changes import Changes, changes
from clearline.picture.record import admit, keep_ahead, record
from clearline.picture.situation import Picture, Unreadable
from clearline.picture.standing import live_at, live_versions, receipt_at
from clearline.trust.roster import Roster
from tests.simulation.papers import terms
from tests.town import at, disc, level, volume

LINE = LineId("ab" * 32)
FEEDS = (FeedId("AAA.0"), FeedId("AAA.1"), FeedId("BBB.0"), FeedId("CCC.0"))
START = Picture(line=LINE, terms=HashTrieMap({1: terms(("AAA", "BBB", "CCC"))}))
Item = Entry | Unreadable


def no_fault(_volume: object) -> tuple[()]:
    return ()


def notice(draw: st.DrawFn) -> e.Notice:
    place = disc(34.0, 33.0 + 0.1 * draw(st.integers(0, 3)), 5)
    start = draw(st.sampled_from((-10, 60)))
    cls = draw(st.sampled_from(("air-movement", "hazardous-air", "no-such-class")))
    what = volume(place, at(start), at(start + 30), level(100), level(200))
    return e.Notice(cls=cls, label="n", volumes=(what,))


def body(draw: st.DrawFn, feed: FeedId, index: int) -> e.Body:
    """Anything that can be said, about one's own earlier entries, often wrongly."""
    if index < 2:
        join = e.Join(agreement=Digest("00" * 32), software="s", rules="r")
        return join if index == 0 else e.Adopt(version=1, agreement=Digest("00" * 32))
    mine = FeedId(draw(st.sampled_from((feed, f"{feed[:3]}.0"))))
    ref = EntryRef(mine, draw(st.integers(0, index + 1)))
    other = EntryRef(draw(st.sampled_from(FEEDS)), draw(st.integers(0, 8)))
    match draw(st.integers(0, 11)):
        case 0 | 1 | 2:
            return notice(draw)
        case 3:
            return e.Amend(notice=ref, to=notice(draw))
        case 4:
            return e.Withdraw(versions=(ref,))
        case 5:
            return e.AllClear(versions=(ref,), at=at(draw(st.sampled_from((0, 30)))))
        case 6:
            return e.Answer(to=other, reply=e.Reply.ROGER, role="watch-officer")
        case 7:
            return e.Coordinated(pair=(ref, other), measure="level", until=at(90))
        case 8:
            return e.Stop()
        case 9:
            return e.Seal(sha256=Digest("11" * 32), opens=at(30))
        case 10:
            return e.Suspend(reason="storm")
        case _:
            return e.Receipt()


@st.composite
def chains(draw: st.DrawFn, feed: FeedId, first: int = 0) -> list[Item]:
    """One feed: entries in sequence, some unreadable, with ``seen`` that mostly rises."""
    found: list[Item] = []
    seen: dict[FeedId, int] = {}
    for index in range(first, first + draw(st.integers(0, 9))):
        leaf = Digest(f"{100 * FEEDS.index(feed) + index:064x}")
        if draw(st.integers(0, 9)) == 0:
            found.append(Unreadable(feed=feed, index=index, leaf=leaf, code=Code.UNKNOWN_KIND))
            continue
        for other in FEEDS:
            if other != feed and draw(st.booleans()):
                seen[other] = max(0, seen.get(other, 0) + draw(st.integers(-1, 3)))
        refused = tuple(
            RefusedItem(other, size - 1, leaf, Code.UNKNOWN_KIND)
            for other, size in sorted(seen.items())
            if size and draw(st.integers(0, 5)) == 0
        )
        found.append(
            Entry(
                line=LINE, feed=feed, index=index, t=at(draw(st.integers(0, 40))),
                prec=draw(st.sampled_from((Precedence.FLASH, Precedence.PRIORITY))),
                seen=dict(seen), body=body(draw, feed, index), leaf=leaf, refused=refused,
            )
        )  # fmt: skip
    return found


feeds = st.tuples(*(chains(feed) for feed in FEEDS))
later = st.tuples(*(chains(feed, 2) for feed in FEEDS))
"""What all four feeds may go on with once they have joined."""


def joined(feed: FeedId) -> list[Item]:
    """How a feed begins."""
    first = e.Join(agreement=Digest("00" * 32), software="s", rules="r")
    bodies = (first, e.Adopt(version=1, agreement=Digest("00" * 32)))
    return [
        Entry(
            line=LINE, feed=feed, index=n, t=at(0), prec=Precedence.ROUTINE, seen={}, body=each,
            leaf=Digest(f"{1000 + 100 * FEEDS.index(feed) + n:064x}"), refused=(),
        )
        for n, each in enumerate(bodies)
    ]  # fmt: skip


def fold_all(picture: Picture, items: list[Item]) -> Picture:
    for item in items:
        picture = record(picture, admit(picture, item, no_fault))
    return picture


def shuffled(draw: st.DrawFn, chained: tuple[list[Item], ...]) -> list[Item]:
    """One interleaving that keeps each feed's order."""
    left = [list(chain) for chain in chained]
    found: list[Item] = []
    while any(left):
        chosen = draw(st.sampled_from([chain for chain in left if chain]))
        found.append(chosen.pop(0))
    return found


def live(picture: Picture) -> dict[EntryRef, Any]:
    return {v.ref: v for v in live_versions(picture, lambda cls: cls == "hazardous-air")}


@given(st.data(), feeds)
def test_picture_does_not_depend_on_how_feeds_were_interleaved(
    data: st.DataObject, chained: tuple[list[Item], ...]
) -> None:
    """Any two interleavings of the same feeds give the same picture and the same live versions."""
    one = fold_all(START, shuffled(data.draw, chained))
    other = fold_all(START, shuffled(data.draw, chained))
    assert one == other
    assert live(one) == live(other)


def through_bytes(picture: Picture, part_bytes: int) -> Picture:
    """The picture as a snapshot keeps and gives it, in parts of about that size."""
    me = FeedId("AAA.0")
    line = LineState(
        line=LINE, me=PartyId("AAA"), feed=me, picture=picture, began=Instant(0),
        roster=Roster(line=LINE, versions=(), chains={}, openings={}),
    )  # fmt: skip
    parts = write_parts(
        State(local=Local(party=PartyId("AAA"), software="", rules="", geoid=""), fence=1,
              lines=HashTrieMap([(LINE, line)])),
        part_bytes=part_bytes,
    )  # fmt: skip
    kept = replace(line, picture=replace(picture, feeds=HashTrieMap()))
    for raw in parts:
        part = read_part(raw)
        assert part is not None
        kept = take_part(kept, part)
    return kept.picture


@given(st.data(), feeds)
def test_picture_of_a_snapshot_and_its_tail_is_that_of_a_full_replay(
    data: st.DataObject, chained: tuple[list[Item], ...]
) -> None:
    """A picture put into bytes anywhere on the way and read again goes on as if it never was."""
    items = shuffled(data.draw, chained)
    cut = data.draw(st.integers(0, len(items)))
    full = fold_all(START, items)
    picture = fold_all(START, items[:cut])
    kept = through_bytes(picture, data.draw(st.sampled_from((1, 300, 100_000))))
    assert kept == picture
    assert fold_all(kept, items[cut:]) == full


@given(st.data(), feeds)
def test_what_has_ended_never_lives_again(
    data: st.DataObject, chained: tuple[list[Item], ...]
) -> None:
    """Whatever comes later: an end is final."""
    picture, over = START, set()
    for item in shuffled(data.draw, chained):
        picture = record(picture, admit(picture, item, no_fault))
        ended = {EntryRef(s.feed, n) for s in picture.feeds.values() for n in s.ended}
        assert over <= ended
        assert not ended & live(picture).keys()
        over |= ended


@given(st.data(), feeds)
def test_entry_taken_ahead_of_sequence_leaves_no_trace_once_its_prefix_has_come(
    data: st.DataObject, chained: tuple[list[Item], ...]
) -> None:
    """Ahead and then the prefix is the prefix alone; until then it only adds live versions."""
    picture = START
    for chain in chained:
        for item in chain:
            flash = isinstance(item, Entry) and item.prec is Precedence.FLASH
            if flash and item.kind in e.OVERTAKING and data.draw(st.booleans()):
                assert isinstance(item, Entry)
                before = live(picture)
                picture = keep_ahead(picture, item, no_fault)
                assert before.items() <= live(picture).items()
                assert picture.feeds == START.feeds
    items = shuffled(data.draw, chained)
    assert fold_all(picture, items) == fold_all(START, items)


def with_ahead(data: st.DataObject, picture: Picture, item: Item) -> Picture:
    """The picture with an entry in its place, or ahead of it where that may be."""
    flash = isinstance(item, Entry) and item.prec is Precedence.FLASH
    if flash and item.kind in e.OVERTAKING and data.draw(st.booleans()):
        assert isinstance(item, Entry)
        picture = keep_ahead(picture, item, no_fault)
    return record(picture, admit(picture, item, no_fault)) if data.draw(st.booleans()) else picture


@given(st.data(), later)
def test_changes_name_every_place_at_which_something_is_another(
    data: st.DataObject, chained: tuple[list[Item], ...]
) -> None:
    """Between any two pictures of one growth: what is not named is live as it was, answered as it
    was, refused as it was, and has the receipt that it had."""
    pictures = [fold_all(START, [item for feed in FEEDS for item in joined(feed)])]
    for item in shuffled(data.draw, chained):
        picture = pictures[-1]
        if item.index == picture.feed(item.feed).size:
            pictures.append(with_ahead(data, picture, item))
    for apart in (1, 2, 5):
        for old, new in zip(pictures, pictures[apart:], strict=False):
            found = changes(old, new)
            if found is not None:
                assert_named(found, old, new)


def assert_named(found: Changes, old: Picture, new: Picture) -> None:
    """Whatever differs is named."""
    was, now = live(old), live(new)
    for ref in was.keys() | now.keys():
        assert ref in found.versions or was.get(ref) is now.get(ref) or was[ref] == now[ref]
    for feed, state in new.feeds.items():
        before = old.feed(feed)
        for to, said in state.answers.items():
            assert to in found.answered or before.answers.get(to) == said
        for ref, code in state.refused.items():
            assert ref in found.refused or before.refused.get(ref) == code
        seen = {
            EntryRef(of, index)
            for party, of, first, stop in found.receipts
            if party == feed[:3]
            for index in range(first, stop)
        }
        for ref in now.keys() & was.keys():
            receipt = receipt_at(new, ref, state)
            assert ref in seen or receipt == receipt_at(old, ref, before)


@given(feeds)
def test_what_is_live_at_a_place_is_what_all_live_versions_say(
    chained: tuple[list[Item], ...],
) -> None:
    """One place asked for alone, and all of them."""
    picture = fold_all(START, [item for chain in chained for item in chain])
    every = live(picture)
    for state in picture.feeds.values():
        for index in range(state.size + 1):
            ref = EntryRef(state.feed, index)
            assert live_at(picture, ref, lambda cls: cls == "hazardous-air") == every.get(ref)


@given(st.data(), later)
def test_pictures_that_parted_are_never_compared(
    data: st.DataObject, chained: tuple[list[Item], ...]
) -> None:
    """Of two ways on from one picture, one of which was given up, neither is the other's growth."""
    items = chained[0]
    if len(items) < 2:
        return
    before = fold_all(START, [*joined(FEEDS[0]), *items[: data.draw(st.integers(0, 3))]])
    left = items[before.feed(FEEDS[0]).size - 2 :]
    if len(left) > 1:
        given_up, taken = fold_all(before, left[:-1]), fold_all(before, left)
        assert changes(given_up, taken) is None
        assert changes(taken, given_up) is None


def test_changes_name_what_an_entry_ends_wherever_it_stands() -> None:
    """A version that the same feed has withdrawn, cut short, or that a later epoch has ended."""
    what = volume(disc(34.0, 33.0, 5), at(-10), at(30), level(100), level(200))
    for cls in ("air-movement", "hazardous-air"):
        for feed, index in ((FEEDS[0], 3), (FEEDS[1], 2)):
            begun = fold_all(START, [item for feed in FEEDS for item in joined(feed)])
            notice = e.Notice(cls=cls, label="n", volumes=(what,))
            ref = EntryRef(FEEDS[0], 2)
            first = replace(joined(FEEDS[0])[0], index=2, t=at(0), body=notice)
            stated = fold_all(begun, [first])
            over = e.Withdraw(versions=(ref,))
            end = replace(first, feed=feed, index=index, body=over, leaf=Digest("22" * 32))
            after = fold_all(stated, [end])
            found = changes(stated, after)
            assert found is not None
            assert live(stated).get(ref) != live(after).get(ref)
            assert_named(found, stated, after)
            assert changes(after, stated) is None
