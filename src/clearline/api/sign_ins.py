"""Who is signed in at the watch console: one-time links, passwords, sessions, on disk as digests.

A link is a file that is made by ``clearline node invite`` and gone once it is used: the removal is
the use, so that two who come with one link do not both get in. Sessions and passwords are written
by the running node alone. All of them are bound to the person as the file of people has him: a new
token, another role or other duties end sessions, a new token ends the password too.
"""

import hashlib
import logging
import os
import secrets
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final, TypeVar

import msgspec

from clearline.api.people import People, Person, digest_of
from clearline.model.time import DAY, HOUR, MINUTE, Instant

LOG = logging.getLogger("clearline.api")
Kept = TypeVar("Kept")
Writer = Callable[[Path, bytes], None]
"""Replaces a private file, whole or not at all. Raises OSError."""
PRIVATE_DIRECTORY: Final = 0o700

LINK_BYTES: Final = 24
"""192 bits: nobody guesses a link, whatever the rate."""
LINK_MS: Final = DAY
"""A link that is handed over on paper or as a picture is used in the same watch or never."""
LINKS_MAX: Final = 1_000
SESSION_BYTES: Final = 32
SESSION_MS: Final = DAY
"""Nobody stays signed in over more than one day: the next watch signs in itself."""
IDLE_MS: Final = 12 * HOUR
"""A page that nobody has open for half a day is nobody's."""
SESSIONS_EACH_MAX: Final = 8
"""A desk, a wall, a tablet, each twice; the oldest ends."""
WRITE_EVERY_MS: Final = 5 * MINUTE
"""How often the time of last use is written: what is lost with a crash is this much idleness."""
FILE_BYTES_MAX: Final = 8 << 20
COOKIE_CHARS_MAX: Final = 100


class Invited(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What stands in the file of a link."""

    person: str
    bound: str
    until: Instant


class Session(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One sign-in; ``sha256`` of the cookie's value. ``by_link``: it began with a link."""

    sha256: str
    person: str
    bound: str
    made: Instant
    seen: Instant
    by_link: bool

    def over_at(self) -> Instant:
        """When it ends unless it is used again."""
        return Instant(min(self.made + SESSION_MS, self.seen + IDLE_MS))


class Password(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A person's password as Argon2id keeps it, with the token's digest that it goes with."""

    person: str
    of: str
    hashed: str


class _Sessions(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    v: int
    sessions: tuple[Session, ...]


class _Passwords(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    v: int
    passwords: tuple[Password, ...]


def bound_to(person: Person) -> str:
    """What a session or a link is bound to: the person's token, role and duties."""
    said = "\n".join((person.sha256, person.role.value, *person.duties))
    return hashlib.sha256(said.encode("utf-8", "replace")).hexdigest()


def make_folder(folder: Path) -> None:
    """The folder of sign-ins with what it needs, for the owner alone. Raises OSError."""
    for each in (folder, folder / "links"):
        each.mkdir(mode=PRIVATE_DIRECTORY, exist_ok=True)


def new_link(folder: Path, person: Person, now: Instant, write: Writer) -> str:
    """A code that signs the person in once, within a day; only its digest is kept. Raises OSError,
    and ValueError when too many links wait."""
    make_folder(folder)
    links = folder / "links"
    for path in links.glob("*.json"):
        found = _read(path, Invited)
        if found is None or found.until <= now:
            path.unlink(missing_ok=True)
    if sum(1 for _ in links.glob("*.json")) >= LINKS_MAX:
        raise ValueError(f"{LINKS_MAX} links wait to be used; none is made")
    code = secrets.token_urlsafe(LINK_BYTES)
    until = Instant(now + LINK_MS)
    if person.until is not None:
        until = min(until, person.until)
    invited = Invited(person=person.person, bound=bound_to(person), until=until)
    write(links / f"{digest_of(code)}.json", msgspec.json.encode(invited))
    return code


class SignIns:
    """Links, sessions and passwords of one node."""

    def __init__(self, folder: Path, people: People, write: Writer) -> None:
        self._folder, self._people, self._put = folder, people, write
        make_folder(folder)
        self.cookie = f"clearline-{self._mark()}"
        kept = _read(folder / "sessions.json", _Sessions)
        self._sessions = {each.sha256: each for each in (kept.sessions if kept else ())}
        words = _read(folder / "passwords.json", _Passwords)
        self._passwords = {each.person: each for each in (words.passwords if words else ())}
        self._written = Instant(0)

    def _mark(self) -> str:
        """What tells this node's cookie from those of others: browsers keep cookies by host, and
        not by port."""
        path = self._folder / "mark"
        try:
            mark = path.read_text("ascii").strip()
        except (OSError, UnicodeDecodeError):
            mark = ""
        if not (len(mark) == 12 and mark.isalnum()):
            mark = secrets.token_hex(6)
            self._put(path, mark.encode())
        return mark

    # -- signing in

    def by_link(self, code: str, now: Instant) -> Person | None:
        """Whose link it is, used up by this; None for one that is unknown, used, over, or of
        somebody who is not what he was."""
        if not 0 < len(code) <= COOKIE_CHARS_MAX:
            return None
        path = self._folder / "links" / f"{digest_of(code)}.json"
        invited = _read(path, Invited)
        if invited is None:
            return None
        try:
            path.unlink()
        except OSError:
            return None
        _sync(path.parent)
        person = self._people.named(invited.person, now)
        if person is None or invited.until <= now or bound_to(person) != invited.bound:
            return None
        return person

    def password_of(self, person: Person) -> str | None:
        """The person's password as it is kept; None if he has none."""
        found = self._passwords.get(person.person)
        return found.hashed if found is not None and found.of == person.sha256 else None

    def keep_password(self, person: Person, hashed: str) -> None:
        """Keep a password in place of the one before. Raises OSError, with nothing changed."""
        held = {name: each for name, each in self._passwords.items() if self._is_known(each)}
        held[person.person] = Password(person=person.person, of=person.sha256, hashed=hashed)
        words = _Passwords(v=1, passwords=tuple(held.values()))
        self._put(self._folder / "passwords.json", msgspec.json.encode(words))
        self._passwords = held

    def _is_known(self, password: Password) -> bool:
        person = self._people.named(password.person, Instant(0))
        return person is not None and person.sha256 == password.of

    def begin(self, person: Person, now: Instant, *, by_link: bool) -> tuple[str, Session]:
        """A new session under a value that nobody has seen before, and that value."""
        value = secrets.token_urlsafe(SESSION_BYTES)
        session = Session(
            sha256=digest_of(value), person=person.person, bound=bound_to(person), made=now,
            seen=now, by_link=by_link,
        )  # fmt: skip
        self._sessions[session.sha256] = session
        own = [each for each in self._sessions.values() if each.person == person.person]
        for oldest in sorted(own, key=lambda each: each.made)[:-SESSIONS_EACH_MAX]:
            del self._sessions[oldest.sha256]
        self._write(now)
        return value, session

    # -- signed in

    def find(self, value: str, now: Instant) -> tuple[Person, Session] | None:
        """Who is signed in with a cookie's value, if he still is (CL-SGN-004)."""
        if len(value) > COOKIE_CHARS_MAX:
            return None
        session = self._sessions.get(digest_of(value))
        if session is None:
            return None
        person = self._people.named(session.person, now)
        if person is None and not self._people.readable:
            return None  # nobody is let in, and nobody's sign-in ends for it
        if person is None or bound_to(person) != session.bound or session.over_at() <= now:
            self.end(value, now)
            return None
        if now > session.seen:
            session = msgspec.structs.replace(session, seen=now)
            self._sessions[session.sha256] = session
            if now - self._written >= WRITE_EVERY_MS:
                self._write(now)
        return person, session

    def end(self, value: str, now: Instant) -> bool:
        """Sign out; False if nobody was signed in so."""
        ended = self._sessions.pop(digest_of(value), None)
        if ended is not None:
            self._write(now)
        return ended is not None

    def end_others(self, session: Session, now: Instant) -> None:
        """End every other session of the same person: his password is a new one."""
        self._sessions = {
            digest: each
            for digest, each in self._sessions.items()
            if each.person != session.person or digest == session.sha256
        }
        self._write(now)

    def _write(self, now: Instant) -> None:
        """Keep what there is. With a full disk people stay signed in until the next start."""
        self._written = now
        held = tuple(each for each in self._sessions.values() if each.over_at() > now)
        self._sessions = {each.sha256: each for each in held}
        try:
            kept = _Sessions(v=1, sessions=held)
            self._put(self._folder / "sessions.json", msgspec.json.encode(kept))
        except OSError as why:
            LOG.warning("sign-ins are not kept over the next start: %s", why)


def _read(path: Path, kind: type[Kept]) -> Kept | None:
    """What a private file holds; None where there is none, or nothing of ours. A link's name in
    the file system is never followed to another file."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
        with open(handle, "rb") as file:
            raw = file.read(FILE_BYTES_MAX + 1)
    except OSError:
        return None
    try:
        return msgspec.json.decode(raw, type=kind)
    except (msgspec.DecodeError, RecursionError) as error:
        LOG.warning("%s is not read: %s", path.name, error)
        return None


def _sync(folder: Path) -> None:
    """Make it durable that a link is used, as far as the disk takes it."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
