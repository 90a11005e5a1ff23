"""What a review is made of: rows of cells, each with its claimant and grade. Values only.

The JSON of a ``Review`` is its file format; ``schema`` is its JSON schema.
"""

from enum import StrEnum
from typing import Final

import msgspec

from clearline.canonical import UNREADABLE
from clearline.evidence.words import NOTICE_LINES
from clearline.model.ids import Digest, FeedId, LineId, PartyId, is_digest
from clearline.model.refusal import Code, Refusal
from clearline.model.time import INSTANT_MAX, Instant

VERSION: Final = 1
BYTES_MAX: Final = 64 << 20
"""A review of a million rows is no longer something that staffs read."""
CLAUSE: Final = "CL-EVI-017"


class Section(StrEnum):
    """The parts of a review, in the order in which they stand."""

    RECORDS = "records"
    NOTICES = "notices"
    LEAD_TIMES = "lead-times"
    SHORT = "short"
    ANSWER_TIMES = "answer-times"
    ANSWERS = "answers"
    UNANSWERED = "unanswered"
    EMERGENCIES = "emergencies"
    OUTAGES = "outages"
    SUSPENSIONS = "suspensions"
    DRILLS = "drills"
    DEVIATIONS = "deviations"
    DISPUTES = "disputes"
    ORIGINS = "origins"
    WISHES = "wishes"
    OWN_DUTIES = "own-duties"
    OWN_NOTES = "own-notes"


class _Closed(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A closed record of a review."""


class Cell(_Closed, frozen=True):
    """One fact of a row. The name says what it is: ``..._ms`` a length of time in milliseconds,
    ``..._at`` an instant (UTC milliseconds since 1970), ``..._m`` metres; None: not known."""

    name: str
    value: int | str | None


class Row(_Closed, frozen=True):
    """One line of a review. ``key`` is the same in everybody's review of the same thing. ``by``
    whose claim it is ("": it follows from the record). ``grade`` as in a bundle: proved, signed
    claim, own word. ``public``: it stands on the line, for all its parties."""

    section: Section
    key: str
    by: PartyId | None
    grade: str
    cells: tuple[Cell, ...]
    public: bool = True


class Review(_Closed, frozen=True):
    """One party's review of one line and period, ``first`` <= t < ``until`` by authors' clocks.

    ``bundle`` is the digest of the manifest of the evidence that it was made from, ``exit`` what
    its verification gave, ``wrong`` and ``unknown`` how much of it. ``withheld``: leaves whose
    content the maker did not show. ``feeds``: the records that were looked at. ``desk``: whether
    the private desk record was there. ``exercise``: all of it is a drill."""

    v: int
    line: LineId
    title: str
    exercise: bool
    maker: PartyId
    made: Instant
    first: Instant
    until: Instant
    parties: tuple[PartyId, ...]
    bundle: Digest
    exit: int
    wrong: int
    unknown: int
    withheld: int
    desk: bool
    feeds: tuple[FeedId, ...]
    says: tuple[str, ...]
    rows: tuple[Row, ...]

    def of(self, section: Section) -> tuple[Row, ...]:
        """The rows of one part."""
        return tuple(row for row in self.rows if row.section is section)


def write_review(review: Review) -> bytes:
    """Its file: the same bytes for the same review."""
    return msgspec.json.format(msgspec.json.encode(review), indent=1) + b"\n"


def read_review(raw: bytes) -> Review | Refusal:
    """The review in a file. Never raises. A review is not signed: what it says is checked against
    the bundle that it names."""
    if len(raw) > BYTES_MAX:
        params: dict[str, str | int] = {"found": len(raw), "limit": BYTES_MAX}
        return Refusal(code=Code.TOO_LARGE, clause=CLAUSE, params={**params})
    try:
        found = msgspec.json.decode(raw, type=Review)
    except msgspec.ValidationError as error:
        at = str(error).rpartition("`$")[2].rstrip("`")
        return Refusal(code=Code.BAD_FIELD, clause=CLAUSE, at=at[:200])
    except UNREADABLE:
        return Refusal(code=Code.NOT_JSON, clause=CLAUSE)
    if found.v != VERSION:
        return Refusal(code=Code.UNKNOWN_VERSION, clause=CLAUSE, params={"version": found.v})
    if not is_digest(found.line) or found.says != NOTICE_LINES:
        at = "/says" if is_digest(found.line) else "/line"
        return Refusal(code=Code.BAD_FIELD, clause=CLAUSE, at=at)
    if not 0 <= found.first < found.until <= INSTANT_MAX or not 0 <= found.made <= INSTANT_MAX:
        return Refusal(code=Code.BAD_WINDOW, clause=CLAUSE, at="/until")
    seen = {(row.section, row.key, row.by) for row in found.rows}
    if len(seen) != len(found.rows):
        return Refusal(code=Code.BAD_ORDER, clause=CLAUSE, at="/rows")
    return found


def schema() -> bytes:
    """The JSON schema of a review."""
    made = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Clearline joint review",
        **msgspec.json.schema(Review),
    }
    return msgspec.json.format(msgspec.json.encode(made), indent=1) + b"\n"


def cells(**facts: int | str | None) -> tuple[Cell, ...]:
    """Cells in the order in which they are given."""
    return tuple(Cell(name=name, value=value) for name, value in facts.items())
