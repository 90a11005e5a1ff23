"""Go's sumdb packages accept what we write, and refuse what we refuse, item by item."""

from base64 import b64encode

import pytest

from clearline.ledger.checkpoint import SignedCheckpoint, verify_checkpoint
from clearline.ledger.merkle import entry_leaf, verify_consistency, verify_inclusion
from clearline.ledger.proof import LogProof, ProvedEntry, verify_proof, write_proof
from tests.conformance.go_verifier import GoVerifier, Script
from tests.ledger_feed import ORIGIN, WrittenFeed, entry, leaf, salt, signer

SIZE = 300
FEED = WrittenFeed(SIZE)
KEY = FEED.signer.public
NEAR_POWERS = sorted({0, 1, SIZE} | {2**k + d for k in range(1, 9) for d in (-1, 0, 1)})


def flip(raw: bytes, at: int) -> bytes:
    """The bytes with the lowest bit of one of them flipped."""
    spoilt = bytearray(raw)
    spoilt[at] ^= 1
    return bytes(spoilt)


def whole_feed() -> Script:
    """The key, every leaf, and a checkpoint of every size."""
    script = Script(ORIGIN)
    script.key(KEY)
    for i in range(SIZE):
        script.leaf(salt(i), entry(i))
    for size in range(SIZE + 1):
        script.checkpoint(f"cp-{size}", FEED.signed(size).text)
    return script


def test_go_accepts_every_size_and_every_leaf_at_every_size(go_verifier: GoVerifier) -> None:
    """Roots of all sizes 0 to 300 come out of Go's own tree, and all 45,150 inclusion proofs of
    every leaf at every size hold for Go and for us."""
    script = whole_feed()
    for size in range(SIZE + 1):
        script.tree(f"tree-{size}", checkpoint=f"cp-{size}")
        root = FEED.tree.root(size)
        for index in range(size):
            proof = FEED.tree.inclusion(index, size)
            assert verify_inclusion(FEED.leaves[index], index, size, proof, root)
            script.inclusion(
                f"in-{index}-{size}", checkpoint=f"cp-{size}", index=index, proof=proof
            )
    verdicts = go_verifier.judge(script)
    assert set(verdicts.values()) == {""}
    assert len(verdicts) == 2 + 2 * (SIZE + 1) + SIZE * (SIZE + 1) // 2


def test_go_accepts_consistency_of_all_pairs_of_a_dense_subset(go_verifier: GoVerifier) -> None:
    """All pairs of sizes to 64, and of the sizes around every power of two to 300."""
    script = whole_feed()
    pairs = {(old, new) for new in range(65) for old in range(new + 1)}
    pairs |= {(old, new) for new in NEAR_POWERS for old in NEAR_POWERS if old <= new <= SIZE}
    for old, new in sorted(pairs):
        proof = FEED.tree.consistency(old, new)
        assert verify_consistency(old, FEED.tree.root(old), new, FEED.tree.root(new), proof)
        script.consistency(f"con-{old}-{new}", older=f"cp-{old}", newer=f"cp-{new}", proof=proof)
    verdicts = go_verifier.judge(script)
    assert set(verdicts.values()) == {""}
    assert len(pairs) > 2_300


def test_go_accepts_entries_that_travel_alone(go_verifier: GoVerifier) -> None:
    """A tlog-proof file proves its entry to Go, at sizes 1 to 40."""
    script = Script(ORIGIN)
    script.key(KEY)
    for size in range(1, 41):
        index = size * 3 // 7
        proof = LogProof(
            index=index,
            hashes=FEED.tree.inclusion(index, size),
            checkpoint=FEED.signed(size).text,
            extra=salt(index),
        )
        text = write_proof(proof)
        proved = verify_proof(text, origin=ORIGIN, keys=[KEY], salt=salt(index), entry=entry(index))
        assert isinstance(proved, ProvedEntry)
        script.proof(f"alone-{size}", text, salt=salt(index), body=entry(index))
    assert set(go_verifier.judge(script).values()) == {""}


def test_go_accepts_a_feed_whose_key_has_changed(go_verifier: GoVerifier) -> None:
    """Two keys of one name: each signs its part of the feed, and both are known."""
    later = WrittenFeed(20, signer=signer("the next key"))
    script = Script(ORIGIN)
    script.key(KEY)
    script.key(later.signer.public, id="next key")
    script.checkpoint("old", FEED.signed(9).text)
    script.checkpoint("new", later.signed(20).text)
    script.consistency("join", older="old", newer="new", proof=FEED.tree.consistency(9, 20))
    assert set(go_verifier.judge(script).values()) == {""}


def mutations(what: str) -> tuple[bytes, tuple[bytes, ...], bytes, bytes]:
    """(checkpoint text, proof, salt, body) of entry 5 at size 13, with one byte spoilt."""
    text = FEED.signed(13).text
    proof, opening_salt, body = FEED.tree.inclusion(5, 13), salt(5), entry(5)
    if what == "signature":
        text = spoil_signature(text)
    elif what == "root":
        root = b64encode(FEED.tree.root(13))
        text = text.replace(root, b64encode(flip(FEED.tree.root(13), 17)))
    elif what == "proof":
        proof = (proof[0], flip(proof[1], 31), *proof[2:])
    elif what == "salt":
        opening_salt = flip(opening_salt, 8)
    elif what == "body":
        body = flip(body, 3)
    return text, proof, opening_salt, body


def spoil_signature(text: bytes) -> bytes:
    """The note with one byte of its signature changed, its base64 still well formed."""
    head, _, encoded = text.rstrip(b"\n").rpartition(b" ")
    letter = b"A" if encoded[40:41] != b"A" else b"B"
    return head + b" " + encoded[:40] + letter + encoded[41:] + b"\n"


@pytest.mark.parametrize("what", ["nothing", "signature", "root", "proof", "salt", "body"])
def test_flipped_byte_is_refused_by_go_and_by_us(what: str, go_verifier: GoVerifier) -> None:
    """A flipped byte in signature, root, proof, salt or body is refused by both."""
    text, proof, opening_salt, body = mutations(what)
    script = Script(ORIGIN)
    script.key(KEY)
    script.checkpoint("cp", text)
    script.inclusion("in", checkpoint="cp", index=5, proof=proof, opening=(opening_salt, body))
    alone = write_proof(LogProof(index=5, hashes=proof, checkpoint=text))
    script.proof("alone", alone, salt=opening_salt, body=body)
    verdicts = go_verifier.judge(script)

    signed = verify_checkpoint(text, origin=ORIGIN, keys=[KEY])
    ours = isinstance(signed, SignedCheckpoint) and verify_inclusion(
        entry_leaf(opening_salt, body), 5, 13, proof, signed.checkpoint.root
    )
    proved = verify_proof(alone, origin=ORIGIN, keys=[KEY], salt=opening_salt, entry=body)
    assert (verdicts["in"] == "") is ours is (what == "nothing")
    assert (verdicts["alone"] == "") is isinstance(proved, ProvedEntry) is (what == "nothing")
    assert (verdicts["cp"] == "") is isinstance(signed, SignedCheckpoint)
    assert isinstance(signed, SignedCheckpoint) is (what not in ("signature", "root"))


def test_dropped_swapped_and_altered_leaves_are_refused_by_go(go_verifier: GoVerifier) -> None:
    """Go's own tree over leaves that were dropped, swapped or altered has another root."""
    altered = [*range(4), 99, *range(5, 10)]
    for order in ([*range(9)], [1, 0, *range(2, 10)], altered):
        script = Script(ORIGIN)
        script.key(KEY)
        for i in order:
            script.leaf(salt(i), entry(i))
        script.checkpoint("cp", FEED.signed(10).text)
        script.tree("tree", checkpoint="cp")
        verdicts = go_verifier.judge(script)
        assert verdicts["cp"] == ""
        assert verdicts["tree"] != ""


def test_fork_is_refused_by_go_and_by_us(go_verifier: GoVerifier) -> None:
    """Go takes no consistency proof between two branches, ours of either branch included."""
    branch = WrittenFeed(40, branch="another story", branches_at=20)
    script = Script(ORIGIN)
    script.key(KEY)
    script.checkpoint("ours", FEED.signed(30).text)
    script.checkpoint("theirs", branch.signed(40).text)
    for name, feed in (("ours", FEED), ("theirs", branch)):
        proof = feed.tree.consistency(30, 40)
        script.consistency(f"by {name}", older="ours", newer="theirs", proof=proof)
        assert not verify_consistency(30, FEED.tree.root(30), 40, branch.tree.root(40), proof)
    verdicts = go_verifier.judge(script)
    assert (verdicts["ours"], verdicts["theirs"]) == ("", "")
    assert verdicts["by ours"] != ""
    assert verdicts["by theirs"] != ""
    assert leaf(25) != branch.leaves[25]
