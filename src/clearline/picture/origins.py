"""How many origins several reports have: what only repeats another counts once (FM22).

An entry names what it rests on: a relay the entry that it passes on, an amend its notice, an opened
plan its seal, a STOP what it is about, a report where it was first told; and by its digest every
document that it carries. Entries
that lead to one and the same thing have one origin, over however many hands it came. Entries that
name nothing in common may still have one: this counts an echo that is named, and finds none that is
hidden.
"""

from collections.abc import Iterable
from typing import Final

from clearline.model.entry import (
    Amend,
    Answer,
    Entry,
    Message,
    Open,
    Relay,
    Relayed,
    Stop,
)
from clearline.model.ids import EntryRef, parse_ref
from clearline.picture.situation import Ask

ORIGIN: Final = "origin"
"""The blank of a report that names the entry in which it was first told."""


def rests_on(entry: Entry) -> tuple[str, ...]:
    """What the entry names as its ground: entries by place, documents by digest."""
    match entry.body:
        case Relay(of=ref) | Relayed(of=ref) | Answer(to=ref) | Amend(notice=ref) | Open(seal=ref):
            return (str(ref),)
        case Stop(about=about):
            return tuple(map(str, about))
        case Message(attachments=documents, fields=blanks):
            first_told = tuple(str(blank.value) for blank in blanks if blank.name == ORIGIN)
            return (*first_told, *(document.sha256 for document in documents))
        case _:
            return ()


def origins(entries: Iterable[Entry]) -> tuple[tuple[EntryRef, ...], ...]:
    """The entries by origin, each group sorted: "3 reports, 1 origin" is one group of three. The
    same entry held twice is one report."""
    leads: dict[str, str] = {}

    def root(name: str) -> str:
        while leads.setdefault(name, name) != name:
            leads[name] = leads[leads[name]]
            name = leads[name]
        return name

    refs = set()
    for entry in entries:
        refs.add(entry.ref)
        for ground in rests_on(entry):
            leads[root(str(entry.ref))] = root(ground)
    groups: dict[str, list[EntryRef]] = {}
    for ref in sorted(refs):
        groups.setdefault(root(str(ref)), []).append(ref)
    return tuple(tuple(group) for group in groups.values())


def echoes(asks: Iterable[Ask]) -> dict[EntryRef, tuple[EntryRef, ...]]:
    """For each message that tells what others have told, or is what they told: all messages of that
    one origin, itself included, sorted. A message that nobody repeats is not in it."""
    first = {ask.ref: told for ask in asks if (told := _first_told(ask)) is not None}
    groups: dict[EntryRef, set[EntryRef]] = {}
    for ref in first:
        been, at = {ref}, ref
        while (before := first.get(at)) is not None and before not in been:
            been.add(before)
            at = before
        groups.setdefault(min(been) if first.get(at) is not None else at, set()).update(been)
    return {ref: tuple(sorted(group)) for group in groups.values() for ref in group}


def _first_told(ask: Ask) -> EntryRef | None:
    """The entry that a report names as where it was first told."""
    for blank in ask.fields:
        if blank.name == ORIGIN and isinstance(blank.value, str):
            try:
                return parse_ref(blank.value)
            except ValueError:
                return None
    return None
