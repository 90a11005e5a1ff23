"""Checkpoints: three lines, one form, signed under the feed's own name."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearline.ledger.checkpoint import (
    Checkpoint,
    SignedCheckpoint,
    desk_origin_of,
    origin_of,
    sign_checkpoint,
    verify_checkpoint,
)
from clearline.ledger.merkle import EMPTY_ROOT
from clearline.ledger.note import sign_note
from clearline.model.ids import FeedId, LineId
from clearline.model.limits import FEED_ENTRIES_MAX
from clearline.model.refusal import Code, Refusal
from tests.ledger_feed import LINE, ORIGIN, WrittenFeed, signer

FEED = WrittenFeed(20)
KEY = FEED.signer.public
ROOT = "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I="


def code_of(result: object) -> Code:
    assert isinstance(result, Refusal), result
    return result.code


def verified(text: bytes) -> SignedCheckpoint | Refusal:
    return verify_checkpoint(text, origin=ORIGIN, keys=[KEY])


def noted(body: str) -> bytes:
    """A body of any form, signed by the feed's real key under its real name."""
    return sign_note(body, [(ORIGIN, FEED.signer)])


@pytest.mark.parametrize("size", [0, 1, 2, 20])
def test_signed_checkpoint_verifies(size: int) -> None:
    """What is signed is what is read, sizes 0 and 1 included."""
    signed = FEED.signed(size)
    assert verified(signed.text) == signed
    assert signed.checkpoint == FEED.at(size)


def test_text_is_three_lines() -> None:
    """Origin, size, root; nothing else is signed."""
    line, size, root, end = FEED.at(7).text.split("\n")
    assert (line, size, len(root), end) == (ORIGIN, "7", 44, "")
    assert f"clearline/{LINE}/ISR.0" == ORIGIN


def test_origin_names_line_and_feed_in_full() -> None:
    """Lines that share a beginning, feeds, epochs and desk records all differ in origin."""
    other = LineId(LINE[:63] + ("0" if LINE[63] != "0" else "1"))
    feeds = [FeedId(feed) for feed in ("ISR.0", "ISR.1", "RUS.0")]
    origins = {
        f(line, feed)
        for line in (LINE, other)
        for feed in feeds
        for f in (origin_of, desk_origin_of)
    }
    assert len(origins) == 12


def test_checkpoint_of_another_feed_or_key_is_refused() -> None:
    """One's own key on another feed, another's key on this feed, and no key at all."""
    foreign = WrittenFeed(3, origin=origin_of(LINE, FeedId("ISR.1")))
    assert code_of(verified(foreign.signed(3).text)) is Code.UNKNOWN_KEY
    stranger = WrittenFeed(3, signer=signer("stranger"))
    assert code_of(verified(stranger.signed(3).text)) is Code.UNKNOWN_KEY
    assert code_of(verify_checkpoint(FEED.signed(3).text, origin=ORIGIN, keys=[])) is (
        Code.UNKNOWN_KEY
    )


def test_body_that_names_another_origin_is_refused() -> None:
    """The key name alone does not say which feed a root belongs to."""
    body = FEED.at(3).text.replace("ISR.0", "RUS.0")
    assert code_of(verified(noted(body))) is Code.FOREIGN_FEED


def test_any_of_the_feeds_keys_may_have_signed() -> None:
    """After a rekey both keys are known, each for its own checkpoints; one named twice is one."""
    later = WrittenFeed(20, signer=signer("next"))
    keys = [KEY, later.signer.public, KEY]
    for signed in (FEED.signed(5), later.signed(9)):
        assert verify_checkpoint(signed.text, origin=ORIGIN, keys=keys) == signed


def test_added_signature_lines_change_the_text_and_not_the_checkpoint() -> None:
    """A witness may add its line; what is compared is the checkpoint."""
    signed = FEED.signed(5)
    added = signed.text + sign_note("x\n", [("witness", signer("w"))]).partition(b"\n\n")[2]
    result = verified(added)
    assert isinstance(result, SignedCheckpoint)
    assert result.checkpoint == signed.checkpoint
    assert result.text == added


@pytest.mark.parametrize(
    "body",
    [
        f"{ORIGIN}\n5\n",
        f"{ORIGIN}\n5\n{ROOT}\nextension\n",
        f"{ORIGIN}\n5\n{ROOT}\n\n",
        f"{ORIGIN}\n\n5\n{ROOT}\n",
        f"\n5\n{ROOT}\n",
        f"{ORIGIN}\n05\n{ROOT}\n",
        f"{ORIGIN}\n+5\n{ROOT}\n",
        f"{ORIGIN}\n-5\n{ROOT}\n",
        f"{ORIGIN}\n5 \n{ROOT}\n",
        f"{ORIGIN}\n5.0\n{ROOT}\n",
        f"{ORIGIN}\n٥\n{ROOT}\n",
        f"{ORIGIN}\n\n{ROOT}\n",
        f"{ORIGIN}\n{FEED_ENTRIES_MAX + 1}\n{ROOT}\n",
        f"{ORIGIN}\n{10**30}\n{ROOT}\n",
        f"{ORIGIN}\n5\n{ROOT[:-1]}\n",
        f"{ORIGIN}\n5\n{ROOT[:-2]}J=\n",
        f"{ORIGIN}\n5\n{ROOT} \n",
        f"{ORIGIN}\n5\n{ROOT[4:]}\n",
        f"{ORIGIN}\n5\nAAAA{ROOT}\n",
        f"{ORIGIN}\n5\n\n",
        f"{ORIGIN}\n0\n{ROOT}\n",
        f"{ORIGIN} x\n5\n{ROOT}\n",
        "just a text\n",
    ],
)
def test_body_of_any_other_form_is_refused_though_signed(body: str) -> None:
    """A real signature does not make a malformed body a checkpoint."""
    assert code_of(verified(noted(body))) is Code.BAD_CHECKPOINT


def test_largest_size_is_read() -> None:
    """The bound itself is inside."""
    body = f"{ORIGIN}\n{FEED_ENTRIES_MAX}\n{ROOT}\n"
    result = verified(noted(body))
    assert isinstance(result, SignedCheckpoint)
    assert result.checkpoint.size == FEED_ENTRIES_MAX


def test_our_own_malformed_checkpoint_is_our_own_mistake() -> None:
    """We never sign an empty tree with another root, or a root of another length."""
    for size, root in ((0, bytes(32)), (1, bytes(31)), (-1, EMPTY_ROOT)):
        with pytest.raises(AssertionError):
            sign_checkpoint(Checkpoint(origin=ORIGIN, size=size, root=root), FEED.signer)


SIGNED = FEED.signed(13).text


def test_any_flipped_bit_of_a_checkpoint_is_refused() -> None:
    """A checkpoint has no bit that does not count."""
    for bit in range(len(SIGNED) * 8):
        spoilt = bytearray(SIGNED)
        spoilt[bit // 8] ^= 1 << bit % 8
        assert isinstance(verified(bytes(spoilt)), Refusal)


@given(st.binary(max_size=120))
def test_random_bytes_are_no_checkpoint(raw: bytes) -> None:
    """Whatever arrives becomes a refusal, signed or not."""
    assert isinstance(verified(raw), Refusal)
