"""Names of a deployment with where they are, and what a label claims by naming one (FM03).

A name is only a label: the gazetteer never makes a place of it, it only says that a label and a
shape do not belong together. It is the deployment's own data, with names in any language:

    north = ["north", "northern", "شمال"]        # also south, east, west
    [[places]]
    names = ["Latakia", "اللاذقية"]
    at = "35.5317N 35.7901E"
    radius_km = 15
    [[places]]
    names = ["Syria"]
    at = "34.8N 39.05E"
    radius_km = 380
    [[places]]
    names = ["Range 7 tower"]
    at = "34.5N 35.2E"
    own = true                                  # a site of our own
    [[places]]
    names = ["Tishreen hospital"]
    at = "35.53N 35.80E"
    kind = "hospital"                           # a large closure says that it is in it (FM28)
"""

import re
import tomllib
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

import msgspec

from clearline.model.limits import LABEL_CHARS_MAX, RADIUS_MM_MAX
from clearline.model.refusal import Code, Refusal
from clearline.model.space import LatLon
from clearline.notation.position import ask, read_position
from clearline.notation.reading import Ambiguous

GAZETTEER = "CL-NTN-006"
PLACES_MAX: Final = 5_000
"""Names of one deployment: each label is held against every one of them."""
BYTES_MAX: Final = 1 << 20


class Direction(StrEnum):
    """A side that a label names."""

    NORTH = "north"
    EAST = "east"
    SOUTH = "south"
    WEST = "west"


BEARING: Final = {Direction.NORTH: 0, Direction.EAST: 90, Direction.SOUTH: 180, Direction.WEST: 270}
"""Degrees of the middle of each side."""
WORDS: Final = {
    Direction.NORTH: ("north", "northern", "nord", "nördlich"),
    Direction.EAST: ("east", "eastern", "est", "ost"),
    Direction.SOUTH: ("south", "southern", "sud", "süd"),
    Direction.WEST: ("west", "western", "ouest"),
}
"""Said for a side where the file says nothing else."""
SIDES: Final = {word: side for side, words in WORDS.items() for word in words}


class PlaceKind(StrEnum):
    """What a place is, where a closure that takes it in should say so."""

    AERODROME = "aerodrome"
    HOSPITAL = "hospital"
    SCHOOL = "school"
    CAMP = "camp"
    INFRASTRUCTURE = "infrastructure"


class Named(msgspec.Struct, frozen=True, kw_only=True):
    """A place with its names: everything within ``radius_mm`` of ``at`` may bear them."""

    names: tuple[str, ...]
    at: LatLon
    radius_mm: int = 0
    own: bool = False
    kind: PlaceKind | None = None


@dataclass(frozen=True, slots=True)
class Gazetteer:
    """All names of a deployment, and its words for the four sides, folded for comparing.

    ``by_word`` leads from the first word of a name to (folded name, name, place): a label is held
    against thousands of names by its own few words."""

    places: tuple[Named, ...] = ()
    sides: Mapping[str, Direction] = field(default_factory=lambda: dict(SIDES))
    by_word: Mapping[str, tuple[tuple[str, str, Named], ...]] = field(init=False)

    def __post_init__(self) -> None:
        index: dict[str, list[tuple[str, str, Named]]] = {}
        for place in self.places:
            for name in place.names:
                bare = folded(name)
                index.setdefault(bare.partition(" ")[0], []).append((bare, name, place))
        object.__setattr__(self, "by_word", {word: tuple(each) for word, each in index.items()})

    @property
    def own_sites(self) -> tuple[Named, ...]:
        """Sites of the deployment's own."""
        return tuple(place for place in self.places if place.own)

    def named_in(self, label: str) -> Iterator[tuple[Named, str, tuple[Direction, ...]]]:
        """Places that a label names, by which name, with the sides that it names too. A name that
        stands in a longer one which the label has as well is not meant."""
        words = folded(label)
        found = [
            each
            for word in dict.fromkeys(words.split(" "))
            for each in self.by_word.get(word, ())
            if _has(words, each[0])
        ]
        for bare, name, place in found:
            if not any(other != bare and _has(other, bare) for other, _, _ in found):
                rest = f" {words} ".replace(f" {bare} ", " ", 1).split()
                sides = {self.sides[word] for word in rest if word in self.sides}
                yield place, name, tuple(sorted(sides))


def folded(text: str) -> str:
    """Words in one form, parted by single blanks: case, accents and punctuation are dropped."""
    bare = "".join(
        char
        for char in unicodedata.normalize("NFKD", text.casefold())
        if not unicodedata.combining(char)
    )
    return " ".join(re.findall(r"\w+", bare))


def _has(words: str, name: str) -> bool:
    return bool(name) and f" {name} " in f" {words} "


# --- the file ------------------------------------------------------------------------------------


class _Place(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    names: tuple[str, ...]
    at: str
    radius_km: float = 0.0
    own: bool = False
    kind: PlaceKind | None = None


class _File(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    north: tuple[str, ...] = WORDS[Direction.NORTH]
    east: tuple[str, ...] = WORDS[Direction.EAST]
    south: tuple[str, ...] = WORDS[Direction.SOUTH]
    west: tuple[str, ...] = WORDS[Direction.WEST]
    places: tuple[_Place, ...] = ()


def read_gazetteer(raw: bytes) -> Gazetteer | Refusal:
    """The gazetteer that a TOML file states, or what is wrong with it and where (CL-NTN-006)."""
    if len(raw) > BYTES_MAX:
        return _no("", "out-of-limits")
    try:
        file = msgspec.convert(tomllib.loads(raw.decode("utf-8")), _File)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError):
        return _no("", "syntax")
    except msgspec.ValidationError as error:
        return _no("", "gazetteer-field", str(error))
    if len(file.places) > PLACES_MAX:
        return _no("/places", "out-of-limits")
    places = []
    for n, each in enumerate(file.places):
        place = _named(each, f"/places/{n}")
        if isinstance(place, Refusal):
            return place
        places.append(place)
    said = ((d, words) for d, words in zip(
        (Direction.NORTH, Direction.EAST, Direction.SOUTH, Direction.WEST),
        (file.north, file.east, file.south, file.west),
        strict=True,
    ))  # fmt: skip
    sides = {folded(word): side for side, words in said for word in words if folded(word)}
    return Gazetteer(places=tuple(places), sides=sides)


def _named(each: _Place, at: str) -> Named | Refusal:
    if not each.names or not all(
        folded(name) and len(name) <= LABEL_CHARS_MAX for name in each.names
    ):
        return _no(f"{at}/names", "empty")
    radius = each.radius_km * 1e6
    if not 0 <= radius <= RADIUS_MM_MAX:
        return _no(f"{at}/radius_km", "out-of-limits")
    found = read_position(each.at)
    if isinstance(found, Ambiguous):
        found = ask(found)
    if isinstance(found, Refusal):
        return Refusal(code=found.code, clause=found.clause, at=f"{at}/at", params=found.params)
    return Named(
        names=each.names, at=found.at, radius_mm=round(radius) + found.cell_mm, own=each.own,
        kind=each.kind,
    )  # fmt: skip


def _no(at: str, reason: str, problem: str = "") -> Refusal:
    more: dict[str, str] = {"problem": problem} if problem else {}
    return Refusal(code=Code.BAD_FIELD, clause=GAZETTEER, at=at, params={"reason": reason, **more})
