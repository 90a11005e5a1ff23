"""What the watch console needs of its node beside the record: sign-ins, its own names."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, ParamSpec, TypeVar

import argon2

from clearline.api.evidence_port import EvidencePort
from clearline.api.people import People
from clearline.api.problems import Refused
from clearline.api.sign_ins import SignIns, Writer
from clearline.api.tries import Tries
from clearline.model.refusal import Code, Refusal

P = ParamSpec("P")
T = TypeVar("T")

AT_ONCE: Final = 2
"""Texts and files of people's that are read at once: each takes up to seconds of a processor."""
WAITING_MAX: Final = 8
"""Passwords that wait to be looked at: each takes 64 MiB and a tenth of a second, one at a time."""


@dataclass(slots=True)
class Hashing:
    """Argon2id in a thread, one at a time, so that no flood of sign-ins holds up a turn."""

    hasher: argon2.PasswordHasher = field(default_factory=argon2.PasswordHasher)
    nobodys: str = ""
    _one: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(1))
    _waiting: int = 0

    async def hashed(self, password: str) -> str:
        """A password as it is kept. Raises Refused when too many wait."""
        return await self._run(self.hasher.hash, password)

    async def fits(self, hashed: str | None, password: str) -> bool:
        """Whether it is the password. The work is the same where there is none. Raises Refused."""
        if not self.nobodys:
            self.nobodys = await self.hashed("a password that nobody has")
        right = await self._run(_verified, self.hasher, hashed or self.nobodys, password)
        return right and hashed is not None

    async def _run(self, work: Callable[P, T], *given: P.args, **named: P.kwargs) -> T:
        if self._waiting >= WAITING_MAX:
            raise Refused(Refusal(code=Code.RATE, clause="CL-SGN-003"))
        self._waiting += 1
        try:
            async with self._one:
                return await asyncio.to_thread(work, *given, **named)
        finally:
            self._waiting -= 1


def _verified(hasher: argon2.PasswordHasher, hashed: str, password: str) -> bool:
    try:
        return hasher.verify(hashed, password)
    except (argon2.exceptions.VerificationError, argon2.exceptions.InvalidHashError):
        return False


@dataclass(slots=True, kw_only=True)
class Console:
    """What the console needs of its node beside the record: sign-ins, its own folder, and under
    which names and how a browser reaches it. ``secure``: over TLS."""

    people: People
    sign_ins: SignIns
    folder: Path
    put: Writer
    evidence: EvidencePort
    hosts: frozenset[str] = frozenset()
    secure: bool = False
    tries: Tries = field(default_factory=Tries)
    hashing: Hashing = field(default_factory=Hashing)
    room: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))
    """Room for long work beside the node's own, in threads."""

    @property
    def cookie(self) -> str:
        """The cookie's name. Over TLS no other host or path can set one of that name (RFC 6265bis
        section 4.1.3.2)."""
        return f"__Host-{self.sign_ins.cookie}" if self.secure else self.sign_ins.cookie

    def set_cookie(self, value: str | None) -> str:
        """The header that sets the cookie until the browser is closed, or takes it away."""
        kept = f"{self.cookie}={value or ''}; Path=/; HttpOnly; SameSite=Strict"
        return kept + ("; Secure" if self.secure else "") + ("" if value else "; Max-Age=0")
