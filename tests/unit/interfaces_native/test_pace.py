"""Sizes of batches, places of cursors, divisions of attachments: the link's bookkeeping alone."""

import hashlib

from clearline.interfaces.native.cursor import Cursor
from clearline.interfaces.native.pace import BATCH_BYTES_MAX, BATCH_BYTES_MIN, HOLD_S, Pace
from clearline.interfaces.native.pieces import Gathering, Serving
from clearline.model.ids import Digest, FeedId, LineId, PartyId
from clearline.model.refusal import Code, Refusal
from clearline.node.intent import Gather
from clearline.node.ports import Commit
from clearline.store.memory import MemoryStore
from clearline.wire.link import WantPiece

LINE = LineId("ab" * 32)
OWN, OTHER = FeedId("AAA.0"), FeedId("CCC.0")


def steady(rate: float, rtt: float, rounds: int = 60) -> Pace:
    """A pace after so many full batches over a link of this rate (bytes/s) and round trip (s)."""
    pace = Pace()
    pace.answered(100, 100, rtt)
    for _ in range(rounds):
        size = int(pace.batch_bytes)
        pace.answered(size, size, rtt + size / rate)
    return pace


def test_batch_holds_half_a_second_at_the_measured_rate() -> None:
    """On a satellite link and on a fast one a batch comes to about half a second, or to its cap."""
    for rate in (2_000, 8_000, 100_000, 1_000_000):
        batch = steady(rate, 0.6).batch_bytes
        assert 0.3 * HOLD_S * rate <= batch <= 1.5 * HOLD_S * rate
    assert steady(1e9, 0.01).batch_bytes == BATCH_BYTES_MAX


def test_slow_answers_shrink_the_batch_and_never_below_the_least() -> None:
    """A link that becomes a crawl gets small batches; one small answer does not grow a batch."""
    pace = steady(100_000, 0.1)
    before = pace.batch_bytes
    pace.answered(50, 50, 0.1)
    assert pace.batch_bytes == before
    for _ in range(40):
        pace.answered(int(pace.batch_bytes), int(pace.batch_bytes), 30.0)
        pace.rtt_s = 0.1
    assert BATCH_BYTES_MIN == pace.batch_bytes


def test_cursor_only_rises_by_statements_and_is_set_by_requests() -> None:
    """A statement that comes late takes nothing back; a request or a gap does."""
    cursor = Cursor()
    cursor.begin({OWN: 5}, OWN)
    assert cursor.holds({OWN: 9})
    assert not cursor.holds({OWN: 7})
    assert list(cursor.stretches([(OWN, 12)], {})) == [(OWN, 9)]
    cursor.rewind(OWN, 3)
    cursor.wants(OTHER, 2, 6)
    assert list(cursor.stretches([(OWN, 12)], {OTHER: 9})) == [(OWN, 3), (OTHER, 2)]
    cursor.holds({OTHER: 6})
    assert list(cursor.stretches([], {OTHER: 9})) == []


def test_flash_that_the_backlog_brought_is_not_sent_again() -> None:
    """What the peer holds by now is dropped from those that overtake."""
    cursor = Cursor()
    cursor.flash.extend([4, 7])
    cursor.holds({OWN: 5})
    assert cursor.next_flash(OWN) == 7
    cursor.holds({OWN: 8})
    assert cursor.next_flash(OWN) is None


def carry(content: bytes, announced: bytes, begun: int = 0) -> tuple[MemoryStore, list[int]]:
    """An attachment from one store to another in pieces of 10 bytes, ``begun`` bytes being there
    already; the offsets that were asked for."""
    here, there = MemoryStore(), MemoryStore()
    digest = Digest(hashlib.sha256(announced).hexdigest())
    there.commit(Commit(fence=1, blobs=((digest, 0, content),)))
    if begun:
        here.commit(Commit(fence=1, blobs=((digest, 0, content[:begun]),)))
    gathering, serving = Gathering(here, LINE), Serving(there)
    gathering.due[digest] = Gather(LINE, PartyId("AAA"), digest, len(announced))
    offsets = []
    while (want := gathering.ask()) is not None:
        offsets.append(want.offset)
        assert gathering.ask() is None, "one at a time"
        serving.wanted = want
        piece = serving.next(10)
        assert piece is not None
        assert not isinstance(piece, Refusal)
        pieced = gathering.take(piece)
        assert gathering.take(piece) is None, "a piece that was not asked for"
        if pieced is None:
            break
        blobs = ((pieced.digest, pieced.offset, pieced.content),)
        dropped = (pieced.digest,) if pieced.spoilt else ()
        here.commit(Commit(fence=1, blobs=() if dropped else blobs, blobs_dropped=dropped))
    return here, offsets


def test_attachment_comes_in_pieces_and_is_resumed() -> None:
    """It is asked for from where it ended, one piece at a time, until it is whole."""
    content = bytes(range(35))
    digest = Digest(hashlib.sha256(content).hexdigest())
    for begun, offsets in ((0, [0, 10, 20, 30]), (20, [20, 30])):
        store, asked = carry(content, content, begun)
        assert offsets == asked
        assert store.blob(digest) == (35, content)


def test_attachment_with_other_bytes_is_dropped() -> None:
    """Bytes of the right length that are not what was announced are not kept."""
    announced = b"x" * 25
    store, _ = carry(b"y" * 25, announced)
    assert store.blob_held(Digest(hashlib.sha256(announced).hexdigest())) == 0


def test_attachment_of_another_length_is_not_taken() -> None:
    """A total that differs from the announcement ends it at once."""
    store, asked = carry(b"x" * 40, b"x" * 25)
    assert asked == [0]
    assert store.blob_held(Digest(hashlib.sha256(b"x" * 25).hexdigest())) == 0


def test_attachment_that_is_not_there_is_refused() -> None:
    """Who has not got it says so."""
    serving = Serving(MemoryStore())
    serving.wanted = WantPiece(line=LINE, digest=Digest("cd" * 32), offset=0)
    refusal = serving.next(10)
    assert isinstance(refusal, Refusal)
    assert refusal.code is Code.NOT_FOUND
