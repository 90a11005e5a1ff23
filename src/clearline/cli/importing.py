"""A table of sites and movements as notices: which column is what, errors by row and column, and
the difference to what stands on the line, by the author's own key.

A profile is TOML, kept beside the table and used again:

    key = "site_id"
    class = "protected-site"            # or class_column = "kind"
    label_column = "name"
    lat_column = "lat"
    lon_column = "lon"
    radius_km = "0.5"                   # or radius_km_column
    lower = "SFC"                       # or lower_column
    upper = "UNL"                       # or upper_column
    start = "2026-03-01T00:00Z"         # or start_column
    end = "2026-06-01T00:00Z"           # or end_column
    # reason, operation, remark, lang, or a column of each; what is not named stays as it stands
    # place_column = "grid"             # one cell instead: 37S BV 70000 20000, 353000N0354500E
    # points_column = "route"           # PLACE; PLACE; ... for a movement, with half_width_km
    # notation = "decimal"              # of every place; else 35.30, maybe 35 30', is an error
"""

import csv
import difflib
import io
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, TypeVar

import msgspec

from clearline.cli import shapes
from clearline.model.entry import Amend, FreeText, Notice, Withdraw
from clearline.model.ids import EntryRef
from clearline.model.limits import LABEL_CHARS_MAX, REFS_MAX
from clearline.model.space import Edge, Footprint, Height, Volume
from clearline.node.requests import Batch
from clearline.node.views import NoticeView
from clearline.notation import Notation, Position

T = TypeVar("T")

ROWS_MAX: Final = 5_000
"""What one request of the API takes."""
FIELDS: Final = (
    "class", "label", "place", "lat", "lon", "radius_km", "points", "half_width_km", "lower",
    "upper", "start", "end", "reason", "operation", "remark", "lang",
)  # fmt: skip


class Profile(msgspec.Struct, frozen=True, kw_only=True):
    """Which column is what: fixed values, columns, the key's column, what an edge means; the
    notation of every place, where it was stated: else what has two meanings is an error."""

    key: str
    fixed: dict[str, str]
    columns: dict[str, str]
    edge: Edge
    notation: Notation | None = None

    def speaks_of(self, name: str) -> bool:
        """Whether the table says anything of a field; what it does not speak of is left alone."""
        return name in self.fixed or name in self.columns


@dataclass(frozen=True, slots=True)
class RowError:
    """What is wrong with one cell; rows count from 1 with the header, as a spreadsheet shows."""

    row: int
    column: str
    text: str


class Change(StrEnum):
    """How a row differs from the line."""

    NEW = "new"
    AMENDED = "amended"
    GONE = "gone"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True)
class Changed:
    """One row that differs. ``ref`` is the version on the line that it is about."""

    change: Change
    key: str
    says: str
    notice: Notice | None
    ref: EntryRef | None
    first: EntryRef | None = None


@dataclass(frozen=True, slots=True)
class Difference:
    """What bringing the line up to the table would do."""

    changes: tuple[Changed, ...]
    unchanged: int

    def count(self, change: Change) -> int:
        """How many of a sort."""
        if change is Change.UNCHANGED:
            return self.unchanged
        return sum(1 for each in self.changes if each.change is change)

    def batch(self, *, role: str | None, keep_gone: bool) -> Batch | None:
        """All of it as one request; None if there is nothing to do."""
        new = [e.notice for e in self.changes if e.change is Change.NEW and e.notice is not None]
        amends = [
            Amend(notice=e.first, to=e.notice)
            for e in self.changes
            if e.change is Change.AMENDED and e.notice is not None and e.first is not None
        ]
        gone = sorted(e.ref for e in self.changes if e.change is Change.GONE and e.ref is not None)
        gone = [] if keep_gone else gone
        withdraws = [
            Withdraw(versions=tuple(gone[n : n + REFS_MAX])) for n in range(0, len(gone), REFS_MAX)
        ]
        if not (new or amends or withdraws):
            return None
        return Batch(
            notices=tuple(new), amends=tuple(amends), withdraws=tuple(withdraws), role=role
        )


def read_profile(raw: bytes, key: str | None) -> Profile:
    """The profile that the bytes state. Raises ValueError, naming the nearest known key."""
    try:
        table = tomllib.loads(raw.decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ValueError(f"not TOML: {error}") from error
    known = {"key", "edge", "notation", *FIELDS, *(f"{name}_column" for name in FIELDS)}
    for name, value in table.items():
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
            hint = f": did you mean {near[0]}?" if near else ""
            raise ValueError(f"unknown key {name}{hint}")
        if not isinstance(value, str):
            raise ValueError(f"{name} must be text, between quotation marks")
    named = key or table.get("key")
    if not named:
        raise ValueError("no key: name the column that names a row for ever, with --key")
    columns = {n: table[f"{n}_column"] for n in FIELDS if f"{n}_column" in table}
    fixed: dict[str, str] = {str(name): table[name] for name in FIELDS if name in table}
    both = sorted(set(columns) & set(fixed))
    if both:
        raise ValueError(f"{both[0]} is given twice: as a value and as a column")
    missing = [n for n in ("class", "label", "lower", "upper", "start", "end")
               if n not in columns and n not in fixed]  # fmt: skip
    if missing:
        raise ValueError(f"nothing says {missing[0]}: give {missing[0]} or {missing[0]}_column")
    if not {"points", "place"} & set(columns) and not {"lat", "lon"} <= set(columns):
        raise ValueError(
            "nothing says where: give place_column, or lat_column and lon_column, or points_column"
        )
    try:
        edge = Edge(table.get("edge", "geodesic"))
    except ValueError as error:
        raise ValueError("edge is geodesic, lonlat or rhumb") from error
    try:
        notation = Notation(table["notation"]) if "notation" in table else None
    except ValueError as error:
        raise ValueError(f"notation is {', '.join(Notation)}") from error
    return Profile(key=named, fixed=fixed, columns=columns, edge=edge, notation=notation)


def read_rows(raw: bytes, profile: Profile) -> tuple[dict[str, Notice], list[RowError]]:
    """Notices by key, or every error of the table."""
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return {}, [RowError(1, "", f"not UTF-8 text (byte {error.start})")]
    reader = csv.DictReader(io.StringIO(text, newline=""))
    header = reader.fieldnames or []
    wanted = [profile.key, *profile.columns.values()]
    errors = [
        RowError(1, name, f"there is no such column{_near(name, header)}")
        for name in dict.fromkeys(wanted)
        if name not in header
    ]
    if errors:
        return {}, errors
    found: dict[str, Notice] = {}
    seen: set[str] = set()
    try:
        for n, row in enumerate(reader, start=2):
            if n > ROWS_MAX + 1:
                return found, [RowError(n, "", f"more than {ROWS_MAX} rows: divide the table")]
            _row(n, row, profile, found, seen, errors)
    except csv.Error as error:
        errors.append(RowError(reader.line_num, "", f"not CSV: {error}"))
    return found, errors


def _near(name: str, header: Sequence[str]) -> str:
    near = difflib.get_close_matches(name, header, n=1, cutoff=0.5)
    return f": did you mean {near[0]}?" if near else ""


def _row(
    n: int,
    row: Mapping[str, str | None],
    profile: Profile,
    found: dict[str, Notice],
    seen: set[str],
    errors: list[RowError],
) -> None:
    key = (row.get(profile.key) or "").strip()
    if not key or len(key) > LABEL_CHARS_MAX:
        errors.append(RowError(n, profile.key, "the key is empty or longer than 120 characters"))
        return
    before = len(errors)
    if key in seen:
        errors.append(RowError(n, profile.key, f"the key {key!r} stands twice"))
    seen.add(key)
    cells = _Cells(n, row, profile, errors)
    shape = cells.shape()
    lower, upper = cells.read("lower", _lower), cells.read("upper", _upper)
    start, end = cells.read("start", shapes.moment), cells.read("end", shapes.moment)
    label, cls = cells.text("label"), cells.text("class")
    if label is not None and (not label or len(label) > LABEL_CHARS_MAX):
        cells.wrong("label", "the label is empty or longer than 120 characters")
    if start is not None and end is not None and end <= start:
        cells.wrong("end", "the window does not end after it starts")
    if len(errors) > before:
        return
    if shape is None or lower is None or upper is None or start is None or end is None:
        raise AssertionError("what is missing is an error")
    if label is None or cls is None:
        raise AssertionError("what is missing is an error")
    found[key] = Notice(
        cls=cls,
        label=label,
        volumes=(Volume(footprint=shape, lower=lower, upper=upper, start=start, end=end),),
        operation=cells.text("operation", needed=False) or None,
        reason=cells.text("reason", needed=False) or None,
        remark=cells.remark(),
        key=key,
    )


def _lower(text: str) -> Height:
    return shapes.height(text, upper=False)


def _upper(text: str) -> Height:
    return shapes.height(text, upper=True)


class _Cells:
    """One row's values, fixed or from their columns; what is wrong goes into the errors."""

    def __init__(
        self, n: int, row: Mapping[str, str | None], profile: Profile, errors: list[RowError]
    ) -> None:
        self.n, self.row, self.profile, self.errors = n, row, profile, errors

    def wrong(self, name: str, text: str) -> None:
        """An error of a cell, by its column's own name."""
        self.errors.append(RowError(self.n, self.profile.columns.get(name, name), text))

    def text(self, name: str, *, needed: bool = True) -> str | None:
        """The text of a field; None, and an error, if it is needed and empty."""
        if name in self.profile.fixed:
            return self.profile.fixed[name]
        column = self.profile.columns.get(name)
        value = (self.row.get(column) or "").strip() if column is not None else ""
        if not value and needed:
            self.wrong(name, "is empty")
            return None
        return value

    def read(self, name: str, reader: Callable[[str], T]) -> T | None:
        """A field read by ``reader``, which raises ValueError."""
        text = self.text(name)
        if text is None:
            return None
        try:
            return reader(text)
        except ValueError as error:
            self.wrong(name, str(error))
            return None

    def remark(self) -> FreeText | None:
        """Free text as an original, in the language that the row or the profile names."""
        text = self.text("remark", needed=False)
        lang = self.text("lang", needed=False) or "en"
        return FreeText(lang=lang, text=text) if text else None

    def shape(self) -> Footprint | None:
        """A disc about a position, or a corridor along points where the row has any."""
        notation = self.profile.notation
        if "points" in self.profile.columns and self.text("points", needed=False):
            line = self.read("points", lambda t: shapes.places(t, 2, notation=notation))
            if line is None:
                return None
            edge = self.profile.edge
            return self.read("half_width_km", lambda half: shapes.corridor_of(line, half, edge))
        centre = self._centre(notation)
        if centre is None:
            return None
        return self.read("radius_km", lambda radius: shapes.disc_of(centre, radius))

    def _centre(self, notation: Notation | None) -> Position | None:
        """The place of a row: in one cell, or latitude and longitude apart."""
        if self.profile.speaks_of("place"):
            return self.read("place", lambda text: shapes.place(text, notation=notation))
        lat, lon = self.text("lat"), self.text("lon")
        if lat is None or lon is None:
            return None
        try:
            return shapes.place(f"{lat};{lon}", notation=notation)
        except ValueError as error:
            self.wrong("lon" if _reads(f"{lat};0") else "lat", str(error))
            return None


def _reads(text: str) -> bool:
    with suppress(ValueError):
        shapes.place(text, notation=None)
        return True
    return False


def difference(
    rows: Mapping[str, Notice], standing: Sequence[NoticeView], profile: Profile
) -> Difference:
    """The table against the newest live version of each of our own notices that has a key."""
    held = {
        view.key: view
        for view in standing
        if view.own and view.key is not None and view.ref == view.newest
    }
    rows = {
        key: _left_alone(notice, held[key], profile) if key in held else notice
        for key, notice in rows.items()
    }
    changes = list(_changes(rows, held))
    unchanged = sum(1 for key, notice in rows.items() if key in held and _same(notice, held[key]))
    return Difference(tuple(changes), unchanged)


def _left_alone(notice: Notice, view: NoticeView, profile: Profile) -> Notice:
    """The row's notice, with what the table does not speak of as it stands on the line."""
    return msgspec.structs.replace(
        notice,
        operation=notice.operation if profile.speaks_of("operation") else view.operation,
        reason=notice.reason if profile.speaks_of("reason") else view.reason,
        remark=notice.remark if profile.speaks_of("remark") else view.remark,
        marks=view.marks,
    )


def _changes(rows: Mapping[str, Notice], held: Mapping[str, NoticeView]) -> Iterator[Changed]:
    for key, notice in rows.items():
        view = held.get(key)
        if view is None:
            yield Changed(Change.NEW, key, f"“{notice.label}”", notice, None)
        elif not _same(notice, view):
            says = f"“{notice.label}”: {', '.join(_differs(notice, view))}"
            yield Changed(Change.AMENDED, key, says, notice, view.ref, view.notice)
    for key, view in held.items():
        if key not in rows:
            yield Changed(Change.GONE, key, f"“{view.label}” ({view.ref})", None, view.ref)


def _differs(notice: Notice, view: NoticeView) -> Iterator[str]:
    pairs = (
        ("class", notice.cls, view.cls),
        ("label", notice.label, view.label),
        ("operation", notice.operation, view.operation),
        ("reason", notice.reason, view.reason),
        ("remark", notice.remark, view.remark),
        ("volumes", notice.volumes, view.volumes),
    )
    for name, new, old in pairs:
        if new != old:
            yield name


def _same(notice: Notice, view: NoticeView) -> bool:
    return not any(True for _ in _differs(notice, view))
