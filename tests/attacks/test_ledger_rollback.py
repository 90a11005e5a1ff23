"""A peer, or a restored node, that presents an older record as the newest."""

import pytest

from clearline.ledger.audit import Held, Verdict, judge
from clearline.ledger.feed import extend
from clearline.model.refusal import Code, Refusal
from tests.ledger_feed import WrittenFeed

FEED = WrittenFeed(40)


@pytest.mark.parametrize("size", range(40))
def test_rolled_back_checkpoint_is_named_and_shortens_nothing(size: int) -> None:
    """Every older checkpoint of the author's own is named for what it is, and extends nothing."""
    held = Held(signed=FEED.signed(40), hashes=FEED.hashes)
    judgement = judge(held, FEED.signed(size), newest_of_author=True)
    assert judgement.verdict is Verdict.ROLLED_BACK
    refusal = extend(FEED.tree.frontier(40), FEED.signed(size), [])
    assert isinstance(refusal, Refusal)
    assert refusal.code is Code.ROLLBACK


def test_writing_on_after_a_rollback_is_a_fork() -> None:
    """A node restored from an old copy that goes on writing contradicts what it had signed."""
    restored = WrittenFeed(45, branch="after the restore", branches_at=33)
    held = Held(signed=FEED.signed(40), hashes=FEED.hashes)
    for size in range(34, 41):
        judgement = judge(held, restored.signed(size), newest_of_author=True)
        assert judgement.verdict is Verdict.FORK
