"""What a seal commits to, computed here so that every client computes it alike. Nothing is stored
or sent: whoever asks keeps plan and salt, without which no seal can be opened."""

import hashlib
import secrets
from typing import Final

from clearline.api.problems import Refused
from clearline.api.service import Call, Service
from clearline.canonical import encode
from clearline.model.entry import Notice
from clearline.model.ids import Digest, is_digest
from clearline.model.refusal import Code, Refusal
from clearline.node.requests import Asked
from clearline.node.views import View
from clearline.wire import clauses

SALT_BYTES: Final = 32


class SealAsk(Asked, frozen=True):
    """A plan to be committed to, or with its ``salt`` one that was."""

    notice: Notice
    salt: str | None = None


class SealDigest(View, frozen=True):
    """``sha256`` is SHA-256(salt || canonical notice); ``salt`` is 64 hex digits."""

    salt: str
    sha256: Digest


async def digest(service: Service, call: Call[SealAsk]) -> SealDigest:
    """What a plan's seal commits to, with a fresh salt or the one that is given; nothing leaves."""
    salt = call.body.salt
    if salt is not None and not is_digest(salt):  # 32 bytes are written like a digest
        raise Refused(Refusal(code=Code.BAD_SALT, clause=clauses.SALT, at="/salt"))
    salt = salt or secrets.token_hex(SALT_BYTES)
    try:
        plan = encode(call.body.notice)
    except ValueError as error:
        fault = Refusal(code=Code.BAD_FIELD, clause="CL-API-004", at="/notice")
        raise Refused(fault) from error
    made = hashlib.sha256(bytes.fromhex(salt) + plan).hexdigest()
    return SealDigest(salt=salt, sha256=Digest(made))
