"""Reply codes: what a party without a node gives back, to show that a page has reached somebody.

Each page has two, drawn by the shell: one of 160 bits in its link, one of 8 characters to be said
on the telephone. Both are for one use and for a stated time, and both prove that the code was
repeated, never who repeated it. Pure: secrets and times are arguments; only digests are kept.

The short one is seven characters of Crockford's base 32 (35 bits) and one that checks them: over
the field of 32 elements, it changes with every single wrong character and every exchange of two.
Five wrong ones lock a page's short code, and each is held against all pages of one party and notice
that are open, 20 at the most: at most 100 comparisons among 2^35 codes, which is one success in
340 million such attacks.
"""

import hashlib
import hmac
from base64 import b32encode
from typing import Final

import msgspec

from clearline.model.ids import Digest, EntryRef, LineId, PartyId
from clearline.model.refusal import Code, Refusal
from clearline.model.time import HOUR, MINUTE, Instant, Millis

ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's: no I, L, O, U. A reader may say I or L for 1, and O for 0."""
LINK_BYTES: Final = 20
PHONE_BYTES: Final = 5
ID_BYTES: Final = 6
SECRET_BYTES: Final = LINK_BYTES + PHONE_BYTES + ID_BYTES
DATA_CHARS: Final = 7
PHONE_CHARS: Final = DATA_CHARS + 1
TRIES_MAX: Final = 5
PAGES_OPEN_MAX: Final = 20
PHONE_MS: Final = Millis(30 * MINUTE)
"""A call follows the page at once; the next page has a new code."""
LINK_MS: Final = Millis(24 * HOUR)
SAYINGS_MAX: Final = 8
"""How often a right code may fail to be recorded (a full disk, a lost lease) before it is void."""
TEXT_CHARS_MAX: Final = 80

_RFC4648: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
_TO_CROCKFORD: Final = str.maketrans(_RFC4648, ALPHABET)
_HEARD: Final = str.maketrans("ILO", "110", " -\t\u00a0")


class Issued(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A page's codes as they are kept beside the digest of its link. ``role``: in whose name what
    comes by the link is recorded; ``zone``: IANA zone of the local time on the page, or ""."""

    v: int
    id: str
    line: LineId
    of: EntryRef
    to: PartyId
    phone: Digest
    made: Instant
    phone_until: Instant
    link_until: Instant
    person: str
    role: str
    zone: str = ""


class Drawn(msgspec.Struct, frozen=True, kw_only=True):
    """The secrets themselves: on the page, and nowhere else. ``phone`` is written 4-4."""

    id: str
    link: str
    phone: str


def draw(secret: bytes) -> Drawn:
    """The codes that a secret of SECRET_BYTES gives."""
    assert len(secret) == SECRET_BYTES, "the shell draws it"
    phone = int.from_bytes(secret[LINK_BYTES : LINK_BYTES + PHONE_BYTES], "big") >> 5
    said = "".join(ALPHABET[phone >> 5 * n & 31] for n in reversed(range(DATA_CHARS)))
    return Drawn(
        id=b32(secret[-ID_BYTES:]),
        link=b32(secret[:LINK_BYTES]),
        phone=said + check_char(said),
    )


def b32(raw: bytes) -> str:
    """Crockford's base 32, without padding."""
    return b32encode(raw).decode().rstrip("=").translate(_TO_CROCKFORD)


def _times(a: int, b: int) -> int:
    """Product in the field of 32 elements, x^5 + x^2 + 1."""
    found = 0
    while b:
        if b & 1:
            found ^= a
        a <<= 1
        if a & 32:
            a ^= 0b100101
        b >>= 1
    return found


def check_char(data: str) -> str:
    """The character that checks seven: the sum of each times a power of x that is its place's own.
    No power is 0 or that of another place, so one wrong character or two exchanged change it."""
    found, power = 0, 1
    for char in data:
        power = _times(power, 2)
        found ^= _times(ALPHABET.index(char), power)
    return ALPHABET[found]


def heard(text: str) -> str | Refusal:
    """A short code as somebody typed what was said: case, spaces, hyphens, I, L and O are mended.
    One that cannot be a code is a slip, which is no try (CL-RLY-002)."""
    said = text[:TEXT_CHARS_MAX].upper().translate(_HEARD)
    if len(said) != PHONE_CHARS or any(char not in ALPHABET for char in said):
        return _no("code-form")
    if check_char(said[:DATA_CHARS]) != said[DATA_CHARS]:
        return _no("code-misheard")
    return said


def _no(why: str, **params: int) -> Refusal:
    return Refusal(
        code=Code.NOT_ALLOWED, clause="CL-RLY-002" if why in _SLIPS else "CL-RLY-001", at="/code",
        params={"why": why, **params},
    )  # fmt: skip


_SLIPS: Final = ("code-form", "code-misheard")


def link_digest(link: str) -> Digest:
    """What a link's secret is looked up by."""
    return _digest("link", link)


def phone_digest(page: str, phone: str) -> Digest:
    """What a short code is compared by; each page has its own."""
    return _digest("phone", page, phone)


def proof(issued: Issued, code: str) -> Digest:
    """What stands in ``relayed.proof``: bound to line, entry and party, it fits no other."""
    return _digest("proof", issued.line, str(issued.of), issued.to, code)


def _digest(*parts: str) -> Digest:
    text = "\n".join(("clearline-reply-code/1", *parts))
    return Digest(hashlib.sha256(text.encode("utf-8", "replace")).hexdigest())


def about(line: LineId, of: EntryRef, to: PartyId) -> str:
    """What a page's codes are about."""
    return f"{line}/{of}/{to}"


def issue(
    drawn: Drawn, *, line: LineId, of: EntryRef, to: PartyId, now: Instant, person: str, role: str,
    zone: str = "",
) -> Issued:  # fmt: skip
    """What is kept of a page's codes."""
    return Issued(
        v=1, id=drawn.id, line=line, of=of, to=to, phone=phone_digest(drawn.id, drawn.phone),
        made=now, phone_until=Instant(now + PHONE_MS), link_until=Instant(now + LINK_MS),
        person=person, role=role, zone=zone,
    )  # fmt: skip


def is_open(issued: Issued, *, used: bool, now: Instant) -> bool:
    """Whether a page can still be answered at all."""
    return not used and now < max(issued.link_until, issued.phone_until)


def by_link(issued: Issued, *, used: bool, now: Instant) -> Refusal | None:
    """Whether a page may be answered by its link now (CL-RLY-001)."""
    if used:
        return _no("code-used")
    return _no("code-expired") if now >= issued.link_until else None


def by_phone(
    pages: tuple[tuple[Issued, int, bool], ...], code: str, now: Instant
) -> Issued | Refusal:
    """Which of the pages (with its wrong tries, and whether it was used) has the short code; or why
    none has (CL-RLY-001). Every open page is compared, whichever fits."""
    fits = [
        (issued, tries, used)
        for issued, tries, used in pages
        if hmac.compare_digest(phone_digest(issued.id, code), issued.phone)
    ]
    for issued, tries, used in fits:
        if used:
            return _no("code-used")
        if tries >= TRIES_MAX:
            return _no("code-locked")
        return issued if now < issued.phone_until else _no("code-expired")
    if not tried(pages, now):
        return _no("code-locked" if pages else "code-none")
    left = max(TRIES_MAX - tries - 1 for _, tries in tried(pages, now))
    return _no("code-wrong", left=left)


def tried(
    pages: tuple[tuple[Issued, int, bool], ...], now: Instant
) -> tuple[tuple[Issued, int], ...]:
    """The pages for which a wrong short code counts as a try: unused, in time, not locked."""
    return tuple(
        (issued, tries)
        for issued, tries, used in pages
        if not used and tries < TRIES_MAX and now < issued.phone_until
    )
