"""Keys made so that one signature fits many messages: refused wherever a key comes in."""

from clearline.ledger import _base64
from clearline.ledger.checkpoint import verify_checkpoint
from clearline.ledger.note import VerifierKey, read_verifier_key
from clearline.model.refusal import Code, Refusal
from clearline.signing import PublicKey
from tests.ledger_feed import ORIGIN, WrittenFeed

IDENTITY = PublicKey(b"\x01" + bytes(31))
# Under the identity, R = O and S = 0 satisfy S·B = R + k·A for every message.
FITS_ALL = b"\x01" + bytes(31) + bytes(32)


def test_signature_that_fits_every_checkpoint_is_refused() -> None:
    """With the identity as the feed's key anybody could sign any root: no checkpoint verifies."""
    key = VerifierKey(ORIGIN, IDENTITY)
    for size in (1, 2, 3):
        body = WrittenFeed(3).at(size).text
        line = f"— {ORIGIN} {_base64.encode(key.key_id + FITS_ALL)}\n"
        refusal = verify_checkpoint(f"{body}\n{line}".encode(), origin=ORIGIN, keys=[IDENTITY])
        assert isinstance(refusal, Refusal)
        assert refusal.code is Code.BAD_SIGNATURE


def test_verifier_key_of_small_order_is_refused_when_read() -> None:
    """A card or manifest that names such a key is refused before anything is signed by it."""
    refusal = read_verifier_key(str(VerifierKey(ORIGIN, IDENTITY)))
    assert isinstance(refusal, Refusal)
    assert refusal.code is Code.BAD_KEY
