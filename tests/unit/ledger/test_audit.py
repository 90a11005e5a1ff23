"""Gossip is judged against what is held; a fork is proved to anybody."""

import msgspec
import pytest

from clearline.ledger.audit import Fork, Held, Verdict, judge, verify_fork
from clearline.ledger.checkpoint import SignedCheckpoint
from clearline.model.refusal import Code, Refusal
from tests.ledger_feed import ORIGIN, WrittenFeed, signer

FEED = WrittenFeed(60)
FORKED = WrittenFeed(60, branch="another story", branches_at=30)
KEY = FEED.signer.public


def held(size: int, feed: WrittenFeed = FEED) -> Held:
    return Held(signed=feed.signed(size), hashes=feed.hashes)


def verdict(size: int, gossiped: SignedCheckpoint, *, newest_of_author: bool = False) -> Verdict:
    return judge(held(size), gossiped, newest_of_author=newest_of_author).verdict


def proved(fork: Fork | None) -> tuple[SignedCheckpoint, SignedCheckpoint] | Refusal:
    assert fork is not None
    return verify_fork(fork, origin=ORIGIN, keys=[KEY])


def test_honest_checkpoints_are_the_same_behind_or_ahead() -> None:
    """At every size an honest record is never called a fork, the empty one included."""
    for ours in range(41):
        for theirs in range(41):
            judgement = judge(held(ours), FEED.signed(theirs), newest_of_author=False)
            expected = (
                Verdict.SAME
                if ours == theirs
                else Verdict.BEHIND
                if theirs < ours
                else Verdict.AHEAD
            )
            assert (judgement.verdict, judgement.fork) == (expected, None)


def test_author_who_presents_less_than_we_hold_has_rolled_back() -> None:
    """After a restore from an old copy the author's newest is a beginning of what is held."""
    assert verdict(40, FEED.signed(25), newest_of_author=True) is Verdict.ROLLED_BACK
    assert verdict(40, FEED.signed(40), newest_of_author=True) is Verdict.SAME
    assert verdict(40, FEED.signed(50), newest_of_author=True) is Verdict.AHEAD


def test_fork_is_proved_at_every_pair_of_sizes_beyond_the_common_part() -> None:
    """Whoever holds the longer branch makes a proof that needs nothing but the feed's key."""
    for ours in (31, 32, 33, 40, 59, 60):
        for theirs in range(31, ours + 1):
            judgement = judge(held(ours), FORKED.signed(theirs), newest_of_author=False)
            assert judgement.verdict is Verdict.FORK
            both = proved(judgement.fork)
            assert both == (FORKED.signed(theirs), FEED.signed(ours))


def test_common_part_of_two_branches_is_no_fork() -> None:
    """Up to the place where they part, checkpoints of both branches agree."""
    for theirs in range(31):
        assert verdict(40, FORKED.signed(theirs)) is not Verdict.FORK


def test_fork_ahead_is_found_when_the_entries_have_come() -> None:
    """A longer checkpoint is kept, and judged again when what it covers is held; and the holder of
    the longer branch can prove it at once."""
    assert verdict(40, FORKED.signed(50)) is Verdict.AHEAD
    assert verdict(50, FORKED.signed(50)) is Verdict.FORK
    at_theirs = judge(held(50, FORKED), FEED.signed(40), newest_of_author=False)
    assert proved(at_theirs.fork) == (FEED.signed(40), FORKED.signed(50))


def test_fork_between_two_keys_of_the_feed_is_proved() -> None:
    """A rekey does not let a party tell a second story under its new key."""
    rekeyed = WrittenFeed(60, branch="another story", branches_at=30, signer=signer("next key"))
    fork = judge(held(50), rekeyed.signed(45), newest_of_author=False).fork
    assert fork is not None
    both = verify_fork(fork, origin=ORIGIN, keys=[KEY, rekeyed.signer.public])
    assert both == (rekeyed.signed(45), FEED.signed(50))


def test_void_key_proves_no_fork() -> None:
    """Checkpoints of a key that had ended prove nothing: without the key the claim is refused."""
    thief = WrittenFeed(60, branch="another story", branches_at=30, signer=signer("stolen"))
    fork = judge(held(50), thief.signed(45), newest_of_author=False).fork
    refusal = proved(fork)
    assert isinstance(refusal, Refusal)
    assert refusal.code is Code.UNKNOWN_KEY


def test_fork_survives_being_written_and_read() -> None:
    """The proof is a plain value that travels as JSON."""
    fork = judge(held(50), FORKED.signed(45), newest_of_author=False).fork
    assert msgspec.json.decode(msgspec.json.encode(fork), type=Fork) == fork


def honest_claims() -> dict[str, Fork]:
    """Claims of a fork against an honest party, made of everything that it ever signed."""
    a, b, path = FEED.signed(20).text, FEED.signed(45).text, FEED.tree.consistency(20, 45)
    root20, root45 = FEED.tree.root(20), FEED.tree.root(45)
    return {
        "consistent": Fork(shorter=a, longer=b, beginning=root20, proof=path),
        "crossed": Fork(shorter=b, longer=a, beginning=root20, proof=path),
        "invented beginning": Fork(shorter=a, longer=b, beginning=bytes(32), proof=path),
        "no proof": Fork(shorter=a, longer=b, beginning=bytes(32), proof=()),
        "proof cut": Fork(shorter=a, longer=b, beginning=root20, proof=path[1:]),
        "other branch": Fork(
            shorter=a, longer=b, beginning=root45, proof=FORKED.tree.consistency(20, 45)
        ),
        "same twice": Fork(shorter=a, longer=a, beginning=root20, proof=()),
        "same, other beginning": Fork(shorter=a, longer=a, beginning=root45, proof=()),
        "empty": Fork(shorter=FEED.signed(0).text, longer=b, beginning=root20, proof=()),
        "short hash": Fork(shorter=a, longer=b, beginning=b"", proof=(b"",)),
        "no note": Fork(shorter=b"", longer=b, beginning=root20, proof=path),
        "no second note": Fork(shorter=a, longer=b"", beginning=root20, proof=path),
    }


@pytest.mark.parametrize("claim", sorted(honest_claims()))
def test_no_claim_stands_against_an_honest_party(claim: str) -> None:
    """Nothing that can be made of one consistent record proves a fork."""
    assert isinstance(proved(honest_claims()[claim]), Refusal)
