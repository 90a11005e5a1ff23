"""FM23: no agreed record. Two parties hold the same history; whoever spoils one entry of it is
named, two clocks that differ are shown, and the order is proved without them."""

from base64 import b64decode, b64encode
from functools import lru_cache

import msgspec
import pytest

from clearline.evidence.compare import Comparison, compare
from clearline.evidence.facts import What
from clearline.evidence.report import comparison_page
from clearline.model.ids import parse_ref
from clearline.model.time import Instant
from tests.attacks.test_evidence_tampering import cut, entry_line, rewritten, signed_by
from tests.evidence_town import (
    SkewedTown,
    busy,
    checked,
    export,
    gathered,
    lines,
    named,
    resealed,
)

SKEW_MS = 90_000
THEIRS = "feeds/BBB.0/entries"


@lru_cache
def town() -> SkewedTown:
    """A conflict, an answer, a STOP and its answer, between clocks that are 90 s apart."""
    return busy(skew={"BBB": SKEW_MS})


def spoilt(how: str) -> bytes:
    """AAA's bundle with one entry of BBB's altered, deleted, or two changed round; the list of
    members is signed anew by AAA, as its maker can."""
    raw = export(town(), "AAA")
    every = lines(raw, THEIRS)

    def opened(index: int) -> tuple[bytes, bytes]:
        _, salt, data = every[index].split(b" ")
        return b64decode(salt), b64decode(data)

    match how:
        case "altered":
            salt, data = opened(6)
            every[6] = entry_line(6, salt, data.replace(b"area", b"zone"))
        case "deleted":
            del every[6]
        case "reordered":
            every[5], every[6] = entry_line(5, *opened(6)), entry_line(6, *opened(5))
    return resealed(raw, "AAA", {THEIRS: b"".join(every)})


@pytest.mark.parametrize(
    ("how", "what"),
    [("altered", What.ALTERED), ("deleted", What.DROPPED), ("reordered", What.REORDERED)],
)
def test_one_entry_that_is_spoilt_is_named_by_its_place(how: str, what: What) -> None:
    """Altered, deleted, reordered: the verifier says which, and exits 1."""
    assert checked(export(town(), "AAA")).exit == 0
    result = checked(spoilt(how))
    assert result.exit == 1
    assert "BBB.0/6" in named(result, what)


def test_back_dated_entry_is_named_though_its_author_signed_it_again() -> None:
    """AAA writes its answer a minute and a half earlier and signs all of its record again: it had
    seen what was not yet written then."""
    result = checked(rewritten(7, 90_000))
    assert "AAA.0/7" in named(result, What.BACK_DATED)
    assert result.exit == 1


def test_truncation_shows_through_the_peers_head() -> None:
    """AAA shows only the first six entries of its own record, under a checkpoint that it did sign
    once: BBB's receipts have seen more of it."""
    from clearline.evidence.bundle import read_bundle
    from clearline.evidence.parts import Bundle
    from clearline.ledger.merkle import Frontier, leaf_hash
    from clearline.model.ids import FeedId

    raw = export(town(), "AAA")
    bundle = read_bundle(raw)
    assert isinstance(bundle, Bundle)
    part = next(each for each in bundle.content.feeds if each.feed == "AAA.0")
    front = Frontier().extend(leaf_hash(leaf) for leaf in part.leaves[:6])
    head = signed_by("AAA", town().line, FeedId("AAA.0"), front)
    result = checked(cut(raw, "AAA", FeedId("AAA.0"), 6, head))
    assert named(result, What.TRUNCATED) == {"AAA.0/6"}
    assert b64encode(front.root) in head


def test_ninety_seconds_between_the_clocks_are_shown_and_the_order_stays_proved() -> None:
    """Both bundles side by side: each measured the other 90 s off; each account keeps its own
    times; notice, answer and STOP stand in the order that receipts prove."""
    both = compare(checked(export(town(), "AAA")), checked(export(town(), "BBB")))
    assert isinstance(both, Comparison)
    assert both.exit == 0
    (claim,) = both.claims
    assert claim.agree
    assert all(f"{SKEW_MS} ms" in words for words in (claim.left, claim.right))
    for row in both.rows:
        assert row.left is not None
        assert row.right is not None
        assert row.right - row.left == SKEW_MS
    theirs, answer, stop = map(parse_ref, ("BBB.0/6", "AAA.0/7", "BBB.0/8"))
    assert both.order(theirs, answer) == both.order(answer, stop) == "before"
    assert both.order(stop, theirs) == "after"


def test_disagreement_is_two_claims_and_never_one_truth() -> None:
    """BBB's account of its own heartbeats gives another offset than AAA's: both figures stand, with
    whose they are, marked as two claims."""
    beats = tuple(
        msgspec.structs.replace(
            beat, sent=Instant(beat.sent + 20_000),
            echo_received=None
            if beat.echo_received is None
            else Instant(beat.echo_received + 20_000),
        )
        for beat in gathered(town(), "BBB").content.beats
    )  # fmt: skip
    other = export(town(), "BBB", beats=beats)
    both = compare(checked(export(town(), "AAA")), checked(other))
    assert isinstance(both, Comparison)
    (claim,) = both.claims
    assert not claim.agree
    assert claim.left != claim.right
    assert "two claims" in comparison_page(both)
