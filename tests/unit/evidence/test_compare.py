"""Two parties' bundles side by side."""

from functools import lru_cache
from itertools import pairwise

import pytest

from clearline.evidence.compare import Comparison, compare
from clearline.evidence.facts import Level, What
from clearline.evidence.line import unb64
from clearline.evidence.parts import Scope
from clearline.evidence.report import comparison_page
from clearline.evidence.said import comparison_text, plain_comparison
from clearline.ledger.audit import Fork, verify_fork
from clearline.ledger.checkpoint import origin_of
from clearline.ledger.merkle import commitment
from clearline.model.ids import EntryRef, FeedId, parse_ref
from clearline.model.refusal import Code, Refusal
from clearline.model.time import Instant
from tests.attacks.test_evidence_tampering import rewritten, whole
from tests.evidence_town import SkewedTown, busy, checked, export, members, resealed
from tests.town import BEGIN, SECOND, node_key_of


@lru_cache
def town() -> SkewedTown:
    return busy(skew={"BBB": 90_000})


def both(one: bytes, other: bytes, at: Instant | None = None) -> Comparison:
    result = compare(checked(one), checked(other), at=at)
    assert isinstance(result, Comparison), result
    return result


@lru_cache
def usual() -> Comparison:
    return both(export(town(), "AAA"), export(town(), "BBB"))


def test_clocks_90_seconds_apart_are_shown_and_the_order_is_proved() -> None:
    """FM23: the offset stands there as both measured it; the order of notice, notice, answer, STOP
    and answer is proved by receipts, though the times alone would give another one."""
    result = usual()
    (claim,) = result.claims
    assert claim.agree
    assert "90000 ms" in claim.left
    assert "90000 ms" in claim.right
    said = [row.event for row in result.rows if row.event.kind not in ("join", "adopt")]
    assert [str(e.ref) for e in said] == ["AAA.0/5", "BBB.0/6", "AAA.0/7", "BBB.0/8", "AAA.0/9"]
    assert [e.t for e in said] != sorted(e.t for e in said)
    for earlier, later in pairwise(said):
        assert result.order(earlier.ref, later.ref) == "before"
        assert result.order(later.ref, earlier.ref) == "after"
    assert result.order(parse_ref("AAA.0/0"), parse_ref("BBB.0/0")) == "not proved"


def test_two_whole_records_of_one_line_agree() -> None:
    """Nothing is wrong between two honest bundles; each row has both clocks."""
    result = usual()
    assert (result.exit, result.findings) == (0, ())
    for row in result.rows:
        assert row.right - row.left == 90_000
        assert row.left_holds
        assert row.right_holds


def test_who_knew_what_at_a_time() -> None:
    """At one moment of each clock: what a party has signed that it had seen."""
    moment = Instant(BEGIN + 100 * SECOND)
    knew = {one.party: {str(r) for r in one.signed} for one in both(
        export(town(), "AAA"), export(town(), "BBB"), moment
    ).knew}  # fmt: skip
    assert "BBB.0/6" in knew["AAA"]
    assert "AAA.0/5" in knew["BBB"]
    assert "BBB.0/6" not in knew["BBB"]  # by its own clock it was not yet written


def test_missing_on_one_side_is_named() -> None:
    """What one side holds and the other does not is named with both lengths."""
    early = export(town(), "AAA", Scope(at=Instant(BEGIN + 25 * SECOND)))
    result = both(early, export(town(), "BBB"))
    assert result.exit == 3
    assert {(one.what, one.level) for one in result.findings} == {(What.NOT_HELD, Level.UNKNOWN)}
    row = next(row for row in result.rows if row.event.ref == EntryRef(FeedId("BBB.0"), 8))
    assert not row.left_holds
    assert row.right_holds


def test_rewritten_history_is_a_fork_that_anybody_can_check() -> None:
    """AAA rewrites its record, consistently and signed: beside BBB's bundle both histories are
    named at the first entry that differs, and the proof holds by itself."""
    place = busy()
    theirs = export(place, "BBB")
    result = both(rewritten(7, 10), theirs)
    assert result.exit == 1
    found = {(o.feed, o.index) for o in result.findings if o.what is What.FORKED}
    assert ("AAA.0", 7) in found
    (stated,) = result.forks
    fork = Fork(
        shorter=stated.shorter.encode(),
        longer=stated.longer.encode(),
        beginning=unb64(stated.beginning) or b"",
        proof=tuple(unb64(text) or b"" for text in stated.proof),
    )
    key = node_key_of("AAA").public
    origin = origin_of(place.line, FeedId("AAA.0"))
    assert not isinstance(verify_fork(fork, origin=origin, keys=(key,)), Refusal)


def test_edited_desk_record_contradicts_what_rode_in_heartbeats() -> None:
    """AAA rewrites its private desk record and signs it anew: BBB holds the checkpoint that was in
    a heartbeat, and it does not begin the new one."""
    from base64 import b64encode

    from clearline.evidence.bundle import read_bundle
    from clearline.ledger.checkpoint import Checkpoint, desk_origin_of, sign_checkpoint
    from clearline.ledger.merkle import Frontier, leaf_hash

    desk = read_bundle(whole()).content.desk
    assert desk is not None
    shown = {index: (one.salt, one.data) for index, one in desk.shown.items()}
    shown[0] = (shown[0][0], shown[0][1].replace(b"signed-in", b"signed-on"))
    leaves = [commitment(*shown[index]) for index in sorted(shown)]
    front = Frontier().extend(leaf_hash(leaf) for leaf in leaves)
    origin = desk_origin_of(checked(whole()).line, FeedId("AAA.0"))
    tree = Checkpoint(origin=origin, size=front.size, root=front.root)
    changed = {
        "desk/checkpoint": sign_checkpoint(tree, node_key_of("AAA")).text,
        "desk/leaves": b"".join(b64encode(leaf) + b"\n" for leaf in leaves),
        "desk/records": b"".join(
            b"%d %b %b\n" % (n, b64encode(s), b64encode(d)) for n, (s, d) in sorted(shown.items())
        ),
    }
    forged = resealed(whole(), "AAA", changed)
    assert checked(forged).exit == 0  # alone it holds together
    result = both(forged, export(busy(), "BBB"))
    assert [(o.what, o.code) for o in result.findings] == [(What.DESK, Code.FORK)]
    assert both(whole(), export(busy(), "BBB")).exit == 0


def test_bundles_of_two_lines_are_not_compared() -> None:
    """Two lines have nothing between them."""
    other = busy(("AAA", "BBB", "CCC"))
    refused = compare(checked(export(town(), "AAA")), checked(export(other, "AAA")))
    assert isinstance(refused, Refusal)
    assert refused.code is Code.FOREIGN_LINE


@pytest.mark.parametrize("at", [None, Instant(BEGIN + 60 * SECOND)])
def test_comparison_reads_the_same_as_text_json_and_page(at: Instant | None) -> None:
    """Each way to read it has every entry, and the two sentences."""
    result = both(export(town(), "AAA"), export(town(), "BBB"), at)
    text, page = "\n".join(comparison_text(result)), comparison_page(result)
    rows = plain_comparison(result)["rows"]
    for row in rows:
        assert row["entry"] in text
        assert row["entry"] in page
    for said in (text, page):
        assert "A notice gives no permission" in said
    assert "<script" not in page
    assert members(export(town(), "AAA"))
