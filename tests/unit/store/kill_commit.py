"""Commits that follow from their number alone, so that what is found can be checked against it."""

import hashlib

from clearline.node.ports import Commit, Reads
from tests.store_cases import FEED, LINE, alert, digest, entry, item, journal, request

ENTRIES = 4


def commit_of(number: int) -> Commit:
    first = number * ENTRIES
    return Commit(
        fence=1,
        entries=tuple(entry(first + n, data=filler(number, n)) for n in range(ENTRIES)),
        alerts=(alert(f"alert {number}"),),
        outbox_added=(item(f"send {number}"),),
        outbox_done=(f"send {number - 1}",),
        journal=journal(number),
        requests=(request(f"request {number}"),),
        blobs=((digest(f"blob {number}"), 0, filler(number, 99) * 8),),
    )


def filler(number: int, n: int) -> bytes:
    """A body over several pages, another for each entry."""
    return hashlib.sha256(b"%d %d" % (number, n)).digest() * (16 + 97 * (number + n) % 400)


def check_whole(reads: Reads) -> int:
    """Every commit below the journal's end is there whole, nothing of any other; how many."""
    end = reads.journal_end()
    held = list(reads.iterate_entries(LINE, FEED))
    assert len(held) == end * ENTRIES
    for number in range(end):
        commit = commit_of(number)
        assert list(commit.entries) == held[number * ENTRIES : (number + 1) * ENTRIES]
        assert reads.alert(f"alert {number}") == commit.alerts[0]
        assert reads.request(f"request {number}") == commit.requests[0]
        assert reads.blob_held(digest(f"blob {number}")) == len(commit.blobs[0][2])
    assert [one.key for one in reads.outbox()] == ([f"send {end - 1}"] if end else [])
    assert len(reads.alerts()) == end
    assert reads.request(f"request {end}") is None
    assert reads.blob(digest(f"blob {end}")) is None
    return end
