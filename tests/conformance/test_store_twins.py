"""Memory and disk are twins: whatever is committed, in order or not, both say and keep the same."""

import tempfile
import threading
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from clearline.model.alert import AlertState
from clearline.node.ports import BrokenPromise, Commit, Snapshot, StaleFence, Store, StoredHash
from clearline.store.memory import MemoryStore
from clearline.store.sqlite import SqliteStore
from tests.conformance.test_store import all_of
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
    entry,
    head,
    item,
    journal,
    request,
)

SMALL = st.integers(0, 4)
FEEDS = st.sampled_from([FEED, OTHER_FEED])
LINES = st.sampled_from([LINE, OTHER_LINE])
BODIES = st.sampled_from([b"one", b"other"])


def few(each: st.SearchStrategy[object]) -> st.SearchStrategy[tuple[object, ...]]:
    return st.lists(each, max_size=2).map(tuple)


ENTRIES = st.builds(entry, SMALL, feed=FEEDS, line=LINES, data=st.none() | BODIES)
COMMITS = st.builds(
    Commit,
    fence=st.integers(1, 3),
    entries=few(ENTRIES),
    ahead_added=few(ENTRIES),
    ahead_folded=few(st.tuples(LINES, FEEDS, SMALL)),
    hashes=few(
        st.builds(
            StoredHash,
            line=LINES,
            feed=FEEDS,
            level=st.integers(0, 1),
            n=SMALL,
            hash=st.sampled_from([b"x" * 32, b"y" * 32]),
        )
    ),
    heads=few(
        st.builds(
            head,
            SMALL,
            text=st.sampled_from(["", "signed", "again"]),
            root=st.sampled_from([None, None, b"x" * 32]),
            feed=FEEDS,
        )
    ),
    documents=few(
        st.builds(
            document,
            st.sampled_from("abc"),
            kind=st.sampled_from(["manifest", "agreement"]),
            data=st.sampled_from([b"{}", b"{}", b"[]"]),
        )
    ),
    alerts=few(
        st.builds(
            alert,
            st.sampled_from("abc"),
            state=st.sampled_from(AlertState),
            next=st.none() | SMALL,
            rings=SMALL,
        )
    ),
    outbox_added=few(st.builds(item, st.sampled_from("abc"), BODIES)),
    outbox_done=few(st.sampled_from("abc")),
    desk=few(st.builds(desk, SMALL, line=LINES)),
    requests=few(
        st.builds(
            request,
            st.sampled_from(["request 0", "request 1"]),
            body=st.sampled_from("ab"),
            answer=BODIES,
        )
    ),
    codes=few(
        st.builds(
            code,
            st.sampled_from("ab"),
            tries=SMALL,
            data=st.sampled_from([b"{}", b"{}", b"[]"]),
            link=st.sampled_from(["", "", "a"]),
        )
    ),
    blobs=few(
        st.tuples(st.just(digest("blob")), SMALL, st.sampled_from([b"", b"ab", b"cd", b"abcd"]))
    ),
    blobs_dropped=few(st.just(digest("blob"))),
)


def outcome(store: Store, commit: Commit) -> str:
    try:
        store.commit(commit)
    except (BrokenPromise, StaleFence) as error:
        return type(error).__name__
    return "kept"


@settings(max_examples=150)
@given(steps=st.lists(st.tuples(COMMITS, st.booleans(), st.integers(0, 2)), min_size=1, max_size=8))
def test_twins_agree_on_every_commit_and_every_answer(
    steps: list[tuple[Commit, bool, int]],
) -> None:
    """Random commits, in order where possible: the same outcome, then the same answers, and the
    same again after the one on the disk was closed and opened, the one in memory forked."""
    with tempfile.TemporaryDirectory() as home:
        memory, disk = MemoryStore(), SqliteStore(Path(home) / "node.db")
        try:
            for commit, placed, snapshot in steps:
                tried = in_order(commit, memory) if placed else commit
                before = all_of(memory)
                said = outcome(memory, tried)
                assert said == outcome(disk, tried)
                assert said == "kept" or before == all_of(memory)
                if snapshot:
                    kept = Snapshot(seq=memory.journal_end(), data=b"%d" % snapshot)
                    memory.save_snapshot(kept)
                    disk.save_snapshot(kept)
                assert all_of(memory) == all_of(disk)
            disk.close()
            disk = SqliteStore(Path(home) / "node.db")
            assert all_of(memory.fork()) == all_of(disk)
        finally:
            disk.close()


def in_order(commit: Commit, store: Store) -> Commit:
    """The commit with its entries and desk records at the places where they would be taken."""
    entries, desks = [], []
    for new in commit.entries:
        taken = sum((one.line, one.feed) == (new.line, new.feed) for one in entries)
        index = store.entry_count(new.line, new.feed) + taken
        entries.append(entry(index, feed=new.feed, line=new.line, data=new.data))
    for record in commit.desk:
        taken = sum(one.line == record.line for one in desks)
        desks.append(desk(store.desk_count(record.line) + taken, line=record.line))
    return Commit(
        fence=max(commit.fence, store.fence()),
        entries=tuple(entries),
        desk=tuple(desks),
        journal=journal(store.journal_end(), len(entries)),
        ahead_added=commit.ahead_added,
        ahead_folded=commit.ahead_folded,
        hashes=commit.hashes,
        heads=commit.heads,
        documents=commit.documents,
        alerts=commit.alerts,
        outbox_added=commit.outbox_added,
        outbox_done=commit.outbox_done,
        requests=commit.requests,
        codes=commit.codes,
        blobs=commit.blobs,
        blobs_dropped=commit.blobs_dropped,
    )


def test_many_openers_at_once_make_one_database(tmp_path: Path) -> None:
    """Started several times at the same moment, the file is made once and whole."""
    start = threading.Barrier(4)
    opened: list[SqliteStore] = []

    def open_() -> None:
        start.wait()
        opened.append(SqliteStore(tmp_path / "node.db"))

    threads = [threading.Thread(target=open_) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    try:
        assert [store.fence() for store in opened] == [0, 0, 0, 0]
    finally:
        for store in opened:
            store.close()
