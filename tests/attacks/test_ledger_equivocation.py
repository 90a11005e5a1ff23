"""A party that shows one record to one peer and another to the next."""

from clearline.ledger.audit import Held, Verdict, judge, verify_fork
from clearline.ledger.checkpoint import Checkpoint, sign_checkpoint
from clearline.ledger.feed import extend
from clearline.ledger.merkle import Frontier
from clearline.model.refusal import Refusal
from tests.ledger_feed import ORIGIN, WrittenFeed, leaf

TO_A = WrittenFeed(24)
TO_B = WrittenFeed(31, branch="no hazard", branches_at=17)
KEY = TO_A.signer.public


def test_two_stories_are_found_by_one_gossiped_checkpoint() -> None:
    """Each peer takes its story in good faith; the first gossip between them proves both."""
    assert isinstance(extend(Frontier(), TO_A.signed(24), TO_A.leaves), Frontier)
    assert isinstance(extend(Frontier(), TO_B.signed(31), TO_B.leaves), Frontier)
    a = Held(signed=TO_A.signed(24), hashes=TO_A.hashes)
    b = Held(signed=TO_B.signed(31), hashes=TO_B.hashes)
    assert judge(a, b.signed, newest_of_author=False).verdict is Verdict.AHEAD
    judgement = judge(b, a.signed, newest_of_author=False)
    assert judgement.verdict is Verdict.FORK
    assert judgement.fork is not None
    assert not isinstance(verify_fork(judgement.fork, origin=ORIGIN, keys=[KEY]), Refusal)


def test_returning_to_the_first_story_does_not_hide_the_second() -> None:
    """Later checkpoints of the first branch do not make the second one's checkpoint agree."""
    later = WrittenFeed(200)
    b_saw = TO_B.signed(20)
    for size in range(20, 200, 13):
        held = Held(signed=later.signed(size), hashes=later.hashes)
        assert judge(held, b_saw, newest_of_author=False).verdict is Verdict.FORK


def test_one_altered_entry_anywhere_is_a_fork() -> None:
    """An entry re-written after it was receipted contradicts the receipt, wherever it stands."""
    held = Held(signed=TO_A.signed(24), hashes=TO_A.hashes)
    for altered in range(24):
        leaves = [*TO_A.leaves[:altered], leaf(altered, "altered"), *TO_A.leaves[altered + 1 :]]
        root = Frontier().extend(leaves).root
        resigned = sign_checkpoint(Checkpoint(origin=ORIGIN, size=24, root=root), TO_A.signer)
        assert judge(held, resigned, newest_of_author=False).verdict is Verdict.FORK
