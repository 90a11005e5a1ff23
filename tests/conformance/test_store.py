"""Every store keeps the same promises: one suite, run against each implementation of the port."""

import queue
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from clearline.ledger.merkle import Frontier
from clearline.model.alert import Alert, AlertState
from clearline.model.ids import Digest, FeedId, LineId
from clearline.model.limits import ATTACHMENT_BYTES_MAX
from clearline.model.time import Instant
from clearline.node.ports import (
    BrokenPromise,
    Commit,
    Reads,
    Snapshot,
    StaleFence,
    Store,
    StoredHash,
    StoreFull,
)
from clearline.store.faults import Hooks, raise_at
from clearline.store.memory import MemoryStore
from clearline.store.sqlite import SqliteStore
from tests.store_cases import (
    FEED,
    LINE,
    OTHER_FEED,
    OTHER_LINE,
    alert,
    code,
    desk,
    digest,
    document,
    entries,
    entry,
    full_commit,
    hashes,
    head,
    item,
    journal,
    request,
)

Opener = Callable[[Hooks], Store]


@pytest.fixture(params=["memory", "sqlite"])
def open_store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Opener]:
    opened: list[Store] = []

    def open_(hooks: Hooks) -> Store:
        store: Store = (
            MemoryStore(hooks=hooks)
            if request.param == "memory"
            else SqliteStore(tmp_path / "node.db", hooks=hooks)
        )
        opened.append(store)
        return store

    yield open_
    for store in opened:
        store.close()


@pytest.fixture
def store(open_store: Opener) -> Store:
    return open_store(Hooks())


def all_of(reads: Reads) -> tuple[object, ...]:
    """Everything that can be read of the test's lines, to compare before and after."""
    found: list[object] = [list(reads.lines()), reads.fence(), reads.snapshot()]
    for line in (LINE, OTHER_LINE):
        found += [list(reads.feeds(line)), list(reads.ahead(line)), reads.desk_count(line)]
        found.append(list(reads.desk(line, 0, 1_000)))
        for kind in ("manifest", "agreement"):
            found.append(list(reads.documents(line, kind)))
        for feed in (FEED, OTHER_FEED):
            found += [list(reads.entries(line, feed, 0, 1_000)), reads.entry_count(line, feed)]
            found += [reads.head(line, feed), list(reads.heads(line, feed))]
            found += [reads.hash(line, feed, level, n) for level in range(5) for n in range(20)]
    found += [list(reads.alerts()), list(reads.alerts(open_only=False)), reads.next_deadline()]
    found += [list(reads.outbox()), list(reads.journal(0, 1_000)), reads.journal_end()]
    found += [reads.request(f"request {number}") for number in range(20)]
    found += [list(reads.reply_codes("line/A.0/1/T")), reads.reply_code(digest("a"))]
    found += [reads.blob(digest("blob")), reads.blob_held(digest("blob"))]
    return tuple(found)


def test_an_empty_store_answers_every_question(store: Store) -> None:
    """Nothing held reads as nothing, never as an error."""
    assert list(store.lines()) == []
    assert list(store.feeds(LINE)) == []
    assert list(store.entries(LINE, FEED, 0, 10)) == []
    assert list(store.iterate_entries(LINE, FEED)) == []
    assert list(store.ahead(LINE)) == []
    assert list(store.documents(LINE, "manifest")) == []
    assert list(store.outbox()) == []
    assert list(store.alerts()) == []
    assert list(store.heads(LINE, FEED)) == []
    assert store.head(LINE, FEED) is None
    assert store.head_at(LINE, FEED, 0) is None
    assert store.hash(LINE, FEED, 0, 0) is None
    assert store.request("r") is None
    assert store.blob(digest("b")) is None
    assert store.snapshot() is None
    assert store.alert("a") is None
    assert store.next_deadline() is None
    assert (
        store.entry_count(LINE, FEED),
        store.journal_end(),
        store.desk_count(LINE),
        store.blob_held(digest("b")),
        store.fence(),
    ) == (0, 0, 0, 0, 0)


def test_a_commit_is_read_back_whole(store: Store) -> None:
    """Everything in a commit is read back as it was given."""
    commit = full_commit(0)
    store.commit(commit)
    assert list(commit.entries) == list(store.entries(LINE, FEED, 0, 10))
    assert list(commit.ahead_added) == list(store.ahead(LINE))
    assert [row.hash for row in commit.hashes] == [
        store.hash(LINE, FEED, row.level, row.n) for row in commit.hashes
    ]
    assert commit.heads[0] == store.head(LINE, FEED) == store.head_at(LINE, FEED, 2)
    assert list(commit.documents) == list(store.documents(LINE, "manifest"))
    assert list(commit.alerts) == list(store.alerts()) == [store.alert("alert 0")]
    assert list(commit.outbox_added) == list(store.outbox())
    assert list(commit.journal) == list(store.journal(0, 10))
    assert list(commit.desk) == list(store.desk(LINE, 0, 10))
    assert commit.requests[0] == store.request("request 0")
    assert commit.codes == tuple(store.reply_codes("line/A.0/1/T"))
    assert commit.codes[0] == store.reply_code(commit.codes[0].link)
    assert store.blob(digest("blob")) == (4, b"0000")
    assert (list(store.lines()), list(store.feeds(LINE))) == ([LINE], [FEED, OTHER_FEED])
    assert store.fence() == 1


def test_both_stores_say_the_same_after_the_same_commits(tmp_path: Path) -> None:
    """Memory and disk cannot be told apart by any question."""
    memory, disk = MemoryStore(), SqliteStore(tmp_path / "node.db")
    try:
        for number in range(8):
            for each in (memory, disk):
                each.commit(full_commit(number))
            assert all_of(memory) == all_of(disk)
    finally:
        disk.close()


def test_entries_are_served_by_range_and_limit(store: Store) -> None:
    """A cursor and a batch size give exactly that part of the feed."""
    store.commit(Commit(fence=1, entries=entries(0, 300)))
    assert list(entries(7, 5)) == list(store.entries(LINE, FEED, 7, 5))
    assert list(entries(298, 2)) == list(store.entries(LINE, FEED, 298, 50))
    assert list(store.entries(LINE, FEED, 300, 50)) == []
    assert list(store.entries(LINE, FEED, 1 << 40, 50)) == []
    assert list(entries(0, 300)) == list(store.iterate_entries(LINE, FEED))
    assert list(entries(250, 50)) == list(store.iterate_entries(LINE, FEED, 250))


def test_feeds_of_two_lines_do_not_mix(store: Store) -> None:
    """The same feed name on another line is another record."""
    store.commit(Commit(fence=1, entries=(entry(0), entry(0, line=OTHER_LINE, data=b"other"))))
    store.commit(Commit(fence=1, entries=(entry(1, line=OTHER_LINE, data=b"more"),)))
    assert (store.entry_count(LINE, FEED), store.entry_count(OTHER_LINE, FEED)) == (1, 2)
    assert store.entries(OTHER_LINE, FEED, 0, 1)[0].data == b"other"
    assert list(store.lines()) == [LINE, OTHER_LINE]


BROKEN: dict[str, Commit] = {
    "gap in a feed": Commit(fence=1, entries=(entry(5),)),
    "entry written again": Commit(fence=1, entries=(entry(1),)),
    "entry rewritten": Commit(fence=1, entries=(entry(1, data=b"other"),)),
    "same index twice": Commit(fence=1, entries=(entry(4), entry(4))),
    "new feed not from 0": Commit(fence=1, entries=(entry(1, feed=FeedId("NEW.0")),)),
    "short salt": Commit(fence=1, entries=(replace(entry(4), salt=b"short"),)),
    "short leaf": Commit(fence=1, entries=(replace(entry(4), leaf=b"short"),)),
    "entry ahead changed": Commit(
        fence=1, ahead_added=(entry(100, feed=OTHER_FEED, data=b"other"),)
    ),
    "hash rewritten": Commit(
        fence=1, hashes=(StoredHash(line=LINE, feed=FEED, level=0, n=0, hash=b"x" * 32),)
    ),
    "two hashes of one node": Commit(
        fence=1,
        hashes=tuple(
            StoredHash(line=LINE, feed=FEED, level=3, n=9, hash=c * 32) for c in (b"x", b"y")
        ),
    ),
    "short hash": Commit(
        fence=1, hashes=(StoredHash(line=LINE, feed=FEED, level=3, n=9, hash=b"short"),)
    ),
    "second root of one size": Commit(fence=1, heads=(head(4, root=b"x" * 32),)),
    "second signed text of one size": Commit(fence=1, heads=(head(4, text="other"),)),
    "two signed texts in one commit": Commit(
        fence=1, heads=(head(5, text="one"), head(5, text="other"))
    ),
    "short root": Commit(fence=1, heads=(head(9, root=b"short"),)),
    "document changed": Commit(fence=1, documents=(document("document 0", data=b"[]"),)),
    "intent changed": Commit(fence=1, outbox_added=(item("send 1", b"other"),)),
    "journal gap": Commit(fence=1, journal=journal(3)),
    "journal rewritten": Commit(fence=1, journal=journal(1)),
    "desk gap": Commit(fence=1, desk=(desk(3),)),
    "desk rewritten": Commit(fence=1, desk=(desk(1),)),
    "other line's desk not from 0": Commit(fence=1, desk=(desk(2, line=OTHER_LINE),)),
    "reply code with another link": Commit(fence=1, codes=(code("page 0", link="other"),)),
    "reply code about another": Commit(fence=1, codes=(code("page 0", about="x"),)),
    "reply code with other facts": Commit(fence=1, codes=(code("page 0", data=b"1"),)),
    "link of another reply code": Commit(fence=1, codes=(code("page x", link="page 0"),)),
    "reply code with fewer tries": Commit(
        fence=1, codes=(code("page 0", tries=2), code("page 0", tries=1))
    ),
    "request with another body": Commit(fence=1, requests=(request("request 0", body="other"),)),
    "request with another answer": Commit(fence=1, requests=(request("request 0", answer=b"1"),)),
    "piece beyond the largest attachment": Commit(
        fence=1, blobs=((digest("big"), ATTACHMENT_BYTES_MAX - 1, b"ab"),)
    ),
    "piece before the start": Commit(fence=1, blobs=((digest("big"), -1, b"ab"),)),
}


def around(broken: Commit) -> Commit:
    """The commit in the middle of others' records that by themselves are in order."""
    return Commit(
        fence=3,
        entries=broken.entries or entries(4, 1),
        hashes=broken.hashes,
        heads=broken.heads,
        documents=(document("new"), *broken.documents),
        alerts=(alert("new"), alert("alert 0", state=AlertState.CLOSED)),
        outbox_added=(item("new"), *broken.outbox_added),
        journal=broken.journal or journal(2),
        desk=broken.desk or (desk(2),),
        requests=(request("new"), *broken.requests),
        codes=(code("new"), *broken.codes),
        ahead_added=(entry(7), *broken.ahead_added),
        ahead_folded=((LINE, OTHER_FEED, 101),),
        blobs=((digest("blob"), 8, b"new"), *broken.blobs),
    )


def test_what_surrounds_a_broken_commit_is_in_order(store: Store) -> None:
    """Without its broken part the commit of the next test goes through."""
    store.commit(full_commit(0))
    store.commit(full_commit(1))
    store.commit(around(Commit(fence=3)))
    assert store.journal_end() == 3


@pytest.mark.parametrize("name", BROKEN)
def test_a_commit_that_contradicts_the_record_leaves_nothing(store: Store, name: str) -> None:
    """A broken promise is refused, and whatever else the commit held is not there either."""
    store.commit(full_commit(0))
    store.commit(full_commit(1))
    before = all_of(store)
    with pytest.raises(BrokenPromise):
        store.commit(around(BROKEN[name]))
    assert before == all_of(store)
    store.commit(full_commit(2))
    assert store.entry_count(LINE, FEED) == 6


def test_the_same_again_is_nothing_new(store: Store) -> None:
    """Documents, hashes, heads, requests, intents and entries ahead may come twice."""
    first = full_commit(0)
    store.commit(first)
    before = all_of(store)
    store.commit(
        replace(first, entries=(), journal=(), desk=(), outbox_done=(), heads=first.heads * 2)
    )
    assert before == all_of(store)


def test_an_empty_commit_changes_nothing(store: Store) -> None:
    """Not even the fence: there is nothing to make durable."""
    store.commit(Commit(fence=9))
    assert store.fence() == 0


# --- heads


def test_an_unsigned_head_gives_way_to_the_next(store: Store) -> None:
    """Own heads that were never signed are kept only while they are the newest."""
    store.commit(Commit(fence=1, entries=entries(0, 3), heads=(head(3),)))
    assert head(3) == store.head(LINE, FEED)
    assert store.head_at(LINE, FEED, 3) is None
    store.commit(Commit(fence=1, entries=entries(3, 1), heads=(head(4),)))
    store.commit(Commit(fence=1, heads=(head(3, root=b"y" * 32, text="was forgotten"),)))
    assert head(4) == store.head(LINE, FEED)


def test_signing_a_head_fills_its_text_in_once(store: Store) -> None:
    """The unsigned head becomes the signed one, and an unsigned repeat does not undo that."""
    store.commit(Commit(fence=1, heads=(head(3),)))
    store.commit(Commit(fence=1, heads=(head(3, text="signed"),)))
    store.commit(Commit(fence=1, heads=(head(3),)))
    assert head(3, text="signed") == store.head(LINE, FEED) == store.head_at(LINE, FEED, 3)


def test_every_signed_head_is_kept_and_the_largest_is_newest(store: Store) -> None:
    """A signed head of an earlier size that comes late is kept too, and is not the newest."""
    for size in (2, 9, 4):
        store.commit(Commit(fence=1, heads=(head(size, text=f"signed {size}"),)))
    assert [kept.size for kept in store.heads(LINE, FEED)] == [2, 4, 9]
    assert head(9, text="signed 9") == store.head(LINE, FEED)
    assert head(4, text="signed 4") == store.head_at(LINE, FEED, 4)
    assert store.head_at(LINE, FEED, 3) is None


def test_a_contradicting_head_in_one_commit_is_refused_with_both(store: Store) -> None:
    """Neither of two roots for one size gets in."""
    with pytest.raises(BrokenPromise):
        store.commit(Commit(fence=1, heads=(head(3), head(3, root=b"z" * 32))))
    assert store.head(LINE, FEED) is None


def test_stored_hashes_make_the_root_again(store: Store) -> None:
    """What a proof reads is what the tree is made of."""
    held = entries(0, 8)
    store.commit(Commit(fence=1, entries=held, hashes=hashes((), held)))
    assert [Frontier().extend(one.leaf for one in held).root] == list(
        store.hashes(LINE, FEED, [(3, 0)])
    )
    assert [held[5].leaf, held[2].leaf] == list(store.hashes(LINE, FEED, [(0, 5), (0, 2)]))
    with pytest.raises(BrokenPromise):
        store.hashes(LINE, FEED, [(0, 5), (4, 0)])


# --- ahead, alerts, outbox, attachments


def test_an_entry_ahead_is_folded_when_its_prefix_arrives(store: Store) -> None:
    """It stands aside until then and is gone after, whether it was still there or not."""
    store.commit(Commit(fence=1, ahead_added=(entry(2), entry(1, feed=OTHER_FEED))))
    assert [entry(2), entry(1, feed=OTHER_FEED)] == list(store.ahead(LINE))
    fold = Commit(fence=1, entries=entries(0, 3), ahead_folded=((LINE, FEED, 2), (LINE, FEED, 9)))
    store.commit(fold)
    assert [entry(1, feed=OTHER_FEED)] == list(store.ahead(LINE))


def test_an_alert_changes_in_its_place(store: Store) -> None:
    """A changed alert keeps its position; a closed one is off the open list and still readable."""
    store.commit(Commit(fence=1, alerts=(alert("a"), alert("b"), alert("c"))))
    store.commit(Commit(fence=1, alerts=(alert("a", rings=3),)))
    store.commit(Commit(fence=1, alerts=(alert("b", state=AlertState.CLOSED),)))
    assert [one.id for one in store.alerts()] == ["a", "c"]
    assert [one.id for one in store.alerts(open_only=False)] == ["a", "b", "c"]
    assert store.alerts()[0].rings == 3
    assert alert("b", state=AlertState.CLOSED) == store.alert("b")
    assert store.alerts_ever() == 3


def test_all_alerts_that_ever_were_are_counted(store: Store) -> None:
    """None at first; one that is kept again or closed is not counted again."""
    assert store.alerts_ever() == 0
    for n in range(5):
        store.commit(Commit(fence=1, alerts=(alert(str(n)), alert("0"))))
        store.commit(Commit(fence=1, alerts=(alert(str(n), state=AlertState.CLOSED),)))
    assert store.alerts_ever() == 5


def test_alerts_of_a_line_are_found_by_when_they_were_raised(store: Store) -> None:
    """Open or closed, from the first instant on, up to the last and without it; no other line's."""

    def one(name: str, raised: int, line: LineId = LINE, **fields: object) -> Alert:
        made = alert(name, **fields)
        trouble = msgspec.structs.replace(made.trouble, line=line)
        return msgspec.structs.replace(made, raised=Instant(raised), trouble=trouble)

    closed = one("b", 20, state=AlertState.CLOSED)
    alerts = (one("a", 10), closed, one("d", 20, OTHER_LINE), one("c", 30))
    store.commit(Commit(fence=1, alerts=alerts))
    found = store.alerts_raised(LINE, Instant(10), Instant(30))
    assert [each.id for each in found] == ["a", "b"]
    assert [each.id for each in store.alerts_raised(OTHER_LINE, Instant(0), Instant(99))] == ["d"]


def test_newest_alerts_are_found_in_the_order_in_which_they_were_raised(store: Store) -> None:
    """As many as are asked for, open or closed, changed since or not; of none, none."""
    one, two, three = alert("a"), alert("b", state=AlertState.CLOSED), alert("c")
    store.commit(Commit(fence=1, alerts=(one, two, three)))
    store.commit(Commit(fence=1, alerts=(msgspec.structs.replace(one, rings=2),)))
    assert [each.id for each in store.alerts_newest(2)] == ["b", "c"]
    assert [each.id for each in store.alerts_newest(9)] == ["a", "b", "c"]
    assert [*store.alerts_newest(0)] == []


def test_alerts_are_due_by_deadline(store: Store) -> None:
    """The earliest deadline of an open alert is known, and what is due comes in that order."""
    commit = Commit(
        fence=1,
        alerts=(
            alert("late", next=30),
            alert("early", next=10),
            alert("never"),
            alert("closed", next=5, state=AlertState.CLOSED),
            alert("early too", next=10),
        ),
    )
    store.commit(commit)
    assert store.next_deadline() == 10
    assert list(store.alerts_due(9)) == []
    assert [one.id for one in store.alerts_due(29)] == ["early", "early too"]
    assert [one.id for one in store.alerts_due(30)] == ["early", "early too", "late"]


def test_the_outbox_keeps_order_until_done(store: Store) -> None:
    """Oldest first; what was done may be asked for anew, in the same commit, at the end."""
    store.commit(Commit(fence=1, outbox_added=(item("a"), item("b"), item("c"))))
    store.commit(Commit(fence=1, outbox_done=("b", "not there")))
    assert [one.key for one in store.outbox()] == ["a", "c"]
    store.commit(Commit(fence=1, outbox_done=("a",), outbox_added=(item("a", b"anew"),)))
    assert [item("c"), item("a", b"anew")] == list(store.outbox())


def test_an_attachment_resumes_where_it_stopped(store: Store) -> None:
    """Pieces in any order, overlapping or repeated, give the contiguous beginning."""
    name = digest("attachment")

    def add(*pieces: tuple[int, bytes]) -> None:
        store.commit(Commit(fence=1, blobs=tuple((name, start, body) for start, body in pieces)))

    add((4, b"efgh"))
    assert store.blob(name) == (0, b"")
    assert store.blob_held(name) == 0
    add((0, b"ab"))
    assert store.blob(name) == (2, b"ab")
    add((0, b"abc"), (2, b"cd"), (0, b"a"))
    assert store.blob(name) == (8, b"abcdefgh")
    assert store.blob_held(name) == 8
    add((6, b"ghij"))
    assert store.blob(name) == (10, b"abcdefghij")
    store.commit(Commit(fence=1, blobs_dropped=(name, digest("unknown"))))
    assert store.blob(name) is None


def test_journal_and_desk_are_served_by_range(store: Store) -> None:
    """A cursor and a limit give exactly that part."""
    store.commit(Commit(fence=1, journal=journal(0, 10), desk=tuple(desk(n) for n in range(6))))
    assert list(journal(4, 3)) == list(store.journal(4, 3))
    assert list(journal(8, 2)) == list(store.journal(8, 30))
    assert (store.journal_end(), store.desk_count(LINE)) == (10, 6)
    assert [desk(2), desk(3)] == list(store.desk(LINE, 2, 2))
    assert list(store.desk(OTHER_LINE, 0, 2)) == []


# --- snapshots


def test_the_newest_snapshot_is_served_by_its_place(store: Store) -> None:
    """Newest by what it includes, not by when it was saved; one of the same place replaces."""
    store.commit(Commit(fence=1, journal=journal(0, 9)))
    for seq, body in ((3, b"three"), (9, b"nine"), (5, b"five"), (9, b"nine again")):
        store.save_snapshot(Snapshot(seq=seq, data=body))
    assert Snapshot(seq=9, data=b"nine again") == store.snapshot()


def test_a_snapshot_of_the_future_is_refused(store: Store) -> None:
    """A state that includes what is not durable must never be started from."""
    store.commit(Commit(fence=1, journal=journal(0, 2)))
    with pytest.raises(BrokenPromise):
        store.save_snapshot(Snapshot(seq=3, data=b"three"))
    assert store.snapshot() is None


# --- one writer


def test_a_stale_writer_is_refused_and_leaves_nothing(store: Store) -> None:
    """Once a higher fencing number is known, a lower one writes nothing."""
    store.commit(full_commit(0, fence=4))
    before = all_of(store)
    with pytest.raises(StaleFence):
        store.commit(full_commit(1, fence=3))
    assert before == all_of(store)
    store.raise_fence(5)
    with pytest.raises(StaleFence):
        store.commit(full_commit(1, fence=4))
    with pytest.raises(StaleFence):
        store.raise_fence(4)
    store.commit(full_commit(1, fence=5))
    assert (store.fence(), store.entry_count(LINE, FEED)) == (5, 4)


def test_threads_through_one_writer_queue_serialise(store: Store) -> None:
    """Many threads file at once, one loop commits: every filing has its own place, none is lost."""
    inbox: queue.SimpleQueue[tuple[bytes, queue.SimpleQueue[int]] | None] = queue.SimpleQueue()

    def writer() -> None:
        while (filed := inbox.get()) is not None:
            data, answer = filed
            index = store.entry_count(LINE, FEED)
            store.commit(Commit(fence=1, entries=(entry(index, data=data),)))
            answer.put(index)

    places: dict[int, list[int]] = {}

    def filer(number: int) -> None:
        answer: queue.SimpleQueue[int] = queue.SimpleQueue()
        for turn in range(20):
            inbox.put((b"%d %d" % (number, turn), answer))
            places.setdefault(number, []).append(answer.get())

    loop = threading.Thread(target=writer)
    filers = [threading.Thread(target=filer, args=(number,)) for number in range(4)]
    for thread in (loop, *filers):
        thread.start()
    for thread in filers:
        thread.join()
    inbox.put(None)
    loop.join()
    held = [one.data for one in store.entries(LINE, FEED, 0, 1_000)]
    assert len(held) == 80
    for number, indices in places.items():
        assert [b"%d %d" % (number, turn) for turn in range(20)] == [held[i] for i in indices]


def test_two_threads_committing_at_one_place_cannot_both(store: Store) -> None:
    """Without a queue a race has one winner a place, and the loser is told."""
    start = threading.Barrier(2)
    won: list[tuple[int, int]] = []
    lost: list[tuple[int, int]] = []

    def race(number: int) -> None:
        for index in range(30):
            start.wait()
            try:
                store.commit(Commit(fence=1, entries=(entry(index, data=b"%d" % number),)))
                won.append((index, number))
            except BrokenPromise:
                lost.append((index, number))

    threads = [threading.Thread(target=race, args=(number,)) for number in (1, 2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(won), len(lost)) == (30, 30)
    held = {one.index: int(one.data) for one in store.iterate_entries(LINE, FEED)}
    assert dict(won) == held


def test_a_reader_sees_whole_commits_while_the_writer_goes_on(store: Store) -> None:
    """Other threads read beside the writer: no error, never half a commit, never backwards."""
    done = threading.Event()
    seen: list[int] = []
    reader = store.reader()

    def read() -> None:
        while not done.is_set():
            seen.append(len(reader.entries(LINE, FEED, 0, 10_000)))
        seen.append(reader.entry_count(LINE, FEED))

    thread = threading.Thread(target=read)
    thread.start()
    for number in range(60):
        store.commit(Commit(fence=1, entries=entries(7 * number, 7)))
    done.set()
    thread.join()
    reader.close()
    assert {0} == {count % 7 for count in seen}
    assert sorted(seen) == seen
    assert seen[-1] == 420


# --- planned failures


def test_a_planned_full_disk_fails_one_commit(open_store: Opener) -> None:
    """The commit of that number fails with nothing kept, and the next goes on."""
    store = open_store(Hooks(before=raise_at(2, StoreFull("full"))))
    store.commit(full_commit(0))
    with pytest.raises(StoreFull):
        store.commit(full_commit(1))
    assert store.entry_count(LINE, FEED) == 2
    store.commit(full_commit(1))
    assert store.entry_count(LINE, FEED) == 4


class Killed(BaseException):
    """The process dies here."""


@pytest.mark.parametrize(("hooks", "kept"), [("before", 2), ("after", 4)])
def test_a_planned_crash_keeps_all_of_a_commit_or_none(
    open_store: Opener, hooks: str, kept: int
) -> None:
    """Before the commit nothing is there, after it everything."""
    hook = raise_at(2, Killed())
    store = open_store(Hooks(before=hook) if hooks == "before" else Hooks(after=hook))
    store.commit(full_commit(0))
    with pytest.raises(Killed):
        store.commit(full_commit(1))
    assert kept == store.entry_count(LINE, FEED)
    assert kept // 2 == store.journal_end()


def test_names_are_taken_as_text(store: Store) -> None:
    """Nothing in a name or a key is ever read as SQL."""
    odd = LineId("'; DROP TABLE entries; --")
    feed = FeedId('"x" OR 1=1')
    store.commit(
        Commit(
            fence=1,
            entries=(entry(0, feed=feed, line=odd),),
            requests=(request("' OR ''='"),),
            blobs=((Digest("'"), 0, b"x"),),
        )
    )
    assert [entry(0, feed=feed, line=odd)] == list(store.entries(odd, feed, 0, 9))
    assert request("' OR ''='") == store.request("' OR ''='")
    assert store.request("x") is None


def test_memory_forks_are_independent() -> None:
    """What is committed to a copy is not in the original, nor the reverse."""
    store = MemoryStore()
    store.commit(full_commit(0))
    before = all_of(store)
    old = store.fork()
    store.commit(full_commit(1))
    assert before == all_of(old)
    after = all_of(store)
    old.commit(replace(full_commit(1), alerts=(alert("other"),)))
    assert after == all_of(store)
    assert after != all_of(old)
