"""Who may do what: people, their tokens, roles, and the table of permissions as data.

A token is 32 random bytes; only its SHA-256 is kept. The file is read again when it changes, so
that taking a token away needs no restart.
"""

import hashlib
import secrets
from enum import StrEnum
from pathlib import Path
from typing import Final

import msgspec

from clearline.model.limits import LABEL_CHARS_MAX
from clearline.model.time import Instant

TOKEN_PREFIX: Final = "clt_"  # noqa: S105 -- the form's public prefix, not a secret
TOKEN_BYTES: Final = 32
"""As unguessable as a key: a plain SHA-256 at rest is enough for it."""
TOKEN_CHARS_MAX: Final = 100
PEOPLE_MAX: Final = 1_000
FILE_BYTES_MAX: Final = 1 << 20


class Role(StrEnum):
    """What a person is on this node; the line's own roles are ``duties``."""

    WATCH = "watch"
    PLANNER = "planner"
    LIAISON = "liaison"
    COMMANDER = "commander"
    INVESTIGATOR = "investigator"
    ADMINISTRATOR = "administrator"


class Action(StrEnum):
    """What can be done through the API."""

    READ = "read"  # the board: lines, notices, conflicts, duties, answers
    DESK = "desk"  # keep a desk open: rings count as heard there, and as presented
    CHECK = "check"  # judge a draft; nothing is stored or sent
    FILE = "file"  # notice, amend, withdraw, all-clear, import
    SEAL = "seal"  # seal and open
    ACKNOWLEDGE = "acknowledge"  # take an alert, or silence it
    ANSWER = "answer"
    COORDINATE = "coordinate"
    MESSAGE = "message"
    EMERGENCY = "emergency"  # STOP, DISTRESS, ACCIDENT
    RELAY = "relay"
    SUSPEND = "suspend"  # and resume
    LEAVE = "leave"  # the line, for good
    TEST = "test"
    HANDOVER = "handover"
    MOVERS = "movers"  # own movers; local, never sent
    TRACKS = "tracks"  # feed live tracks; local, never sent
    NOTE = "note"  # into the private desk record
    RECORD = "record"  # read the private desk record and the line's documents
    TERMS = "terms"  # hand in signed documents, confirm after a restore


_WATCH = frozenset(
    {
        Action.READ, Action.DESK, Action.CHECK, Action.FILE, Action.SEAL, Action.ACKNOWLEDGE,
        Action.ANSWER, Action.COORDINATE, Action.MESSAGE, Action.EMERGENCY, Action.RELAY,
        Action.TEST, Action.HANDOVER, Action.MOVERS, Action.TRACKS, Action.NOTE,
    }
)  # fmt: skip

PERMISSIONS: Final[dict[Role, frozenset[Action]]] = {
    Role.WATCH: _WATCH,
    Role.PLANNER: frozenset(
        {
            Action.READ, Action.CHECK, Action.FILE, Action.SEAL, Action.EMERGENCY, Action.MOVERS,
            Action.NOTE,
        }
    ),
    Role.LIAISON: frozenset(
        {
            Action.READ, Action.CHECK, Action.ANSWER, Action.COORDINATE, Action.MESSAGE,
            Action.EMERGENCY, Action.RELAY, Action.TEST, Action.NOTE,
        }
    ),
    Role.COMMANDER: _WATCH | {Action.SUSPEND, Action.LEAVE, Action.RECORD},
    Role.INVESTIGATOR: frozenset({Action.READ, Action.RECORD}),
    Role.ADMINISTRATOR: frozenset(
        {Action.READ, Action.RECORD, Action.TERMS, Action.TEST, Action.NOTE, Action.EMERGENCY,
            Action.TRACKS,}
    ),
}  # fmt: skip
"""Emergencies are open to everybody but the investigator, who only reads: STOP and DISTRESS must
not wait for the right person (FM11)."""


class Person(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One token: whose, as what, for which of the line's roles, and until when (None: for good)."""

    person: str
    role: Role
    sha256: str
    made: Instant
    duties: tuple[str, ...] = ()
    until: Instant | None = None

    def may(self, action: Action) -> bool:
        """Whether the table allows it."""
        return action in PERMISSIONS[self.role]


class _File(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    v: int
    people: tuple[Person, ...]


class PeopleUnreadable(ValueError):
    """The file of people is not what this program writes."""


def new_token() -> str:
    """A token to hand to its person; it is shown once."""
    return TOKEN_PREFIX + secrets.token_urlsafe(TOKEN_BYTES)


def digest_of(token: str) -> str:
    """What is kept of a token."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def write_people(people: tuple[Person, ...]) -> bytes:
    """The file's bytes."""
    return msgspec.json.format(msgspec.json.encode(_File(v=1, people=people))) + b"\n"


def read_people(path: Path) -> tuple[Person, ...]:
    """The people of a file. Raises PeopleUnreadable, OSError."""
    with path.open("rb") as file:
        raw = file.read(FILE_BYTES_MAX + 1)
    try:
        found = msgspec.json.decode(raw, type=_File)
    except (ValueError, RecursionError) as error:
        raise PeopleUnreadable(f"{path.name}: {error}") from error
    if found.v != 1 or len(found.people) > PEOPLE_MAX:
        raise PeopleUnreadable(f"{path.name}: not a file of people that this program knows")
    for person in found.people:
        if not 0 < len(person.person) <= LABEL_CHARS_MAX:
            raise PeopleUnreadable(f"{path.name}: a person needs a name of up to 120 characters")
    return found.people


class People:
    """The file of people, followed as it changes. One that cannot be read lets nobody in."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._stamp: tuple[int, int, int] | None = None
        self._by_digest: dict[str, Person] = {}

    def find(self, token: str, now: Instant) -> Person | None:
        """Whose token it is, if it is anybody's and still holds."""
        if len(token) > TOKEN_CHARS_MAX:
            return None
        self._follow()
        person = self._by_digest.get(digest_of(token))
        if person is None or (person.until is not None and person.until <= now):
            return None
        return person

    def named(self, name: str, now: Instant) -> Person | None:
        """The person of a name, if he is there and his time is not over."""
        self._follow()
        for person in self._by_digest.values():
            if person.person == name and (person.until is None or person.until > now):
                return person
        return None

    @property
    def readable(self) -> bool:
        """Whether the file could be read when it was last looked at."""
        return self._stamp is not None

    def _follow(self) -> None:
        try:
            status = self._path.stat()
            stamp = (status.st_mtime_ns, status.st_size, status.st_ino)
            if stamp != self._stamp:
                self._by_digest = {p.sha256: p for p in read_people(self._path)}
                self._stamp = stamp
        except (OSError, PeopleUnreadable):
            self._by_digest, self._stamp = {}, None
