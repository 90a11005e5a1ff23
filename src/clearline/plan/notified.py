"""Notices as volumes that tracks are held against: plain ones, or the live ones of a picture."""

from collections.abc import Iterator
from dataclasses import dataclass

from clearline.conflict.terms import counted
from clearline.conflict.verdict import Extent
from clearline.picture.lead import class_term
from clearline.plan.answer import RefusedItem
from clearline.plan.batch import Reading, read_batches
from clearline.plan.rules import Rules
from clearline.plan.snapshot import LiveNotice, SignedPicture
from clearline.plan.source import Lines, pieces


@dataclass(frozen=True, slots=True, kw_only=True)
class Notified:
    """Every volume with the name that it is told by; what was refused; and the names of notices
    that are live but cannot be read, which may be anywhere."""

    ids: tuple[str, ...]
    extents: tuple[Extent, ...]
    refused: tuple[RefusedItem, ...] = ()
    anywhere: tuple[str, ...] = ()


def of_notices(source: Lines) -> Notified:
    """Items as ``clearline check`` takes them; one without a name is told by its place."""
    reading = Reading("against")
    named = [
        (placed.item.id or f"{placed.unit} {placed.place}", Extent(volume=volume))
        for batch in read_batches(pieces(source), Rules(), reading)
        for placed in batch.items
        for volume in placed.item.volumes
    ]
    return Notified(
        ids=tuple(name for name, _ in named),
        extents=tuple(extent for _, extent in named),
        refused=tuple(reading.refusals),
    )


def of_picture(picture: SignedPicture) -> Notified:
    """The live notices of a picture, by every version of its terms: with their tails, cut where
    they were withdrawn or cleared."""
    named: list[tuple[str, Extent]] = []
    anywhere: list[str] = []
    for notice in picture.doc.live:
        name = f"{notice.ref} {notice.label}".strip()
        known = list(_extents(picture, notice))
        if notice.unreadable is not None or len(known) < len(picture.terms):
            anywhere.append(name)
        named.extend((name, extent) for extents in known for extent in extents)
    return Notified(
        ids=tuple(name for name, _ in named),
        extents=tuple(extent for _, extent in named),
        anywhere=tuple(anywhere),
    )


def _extents(picture: SignedPicture, notice: LiveNotice) -> Iterator[tuple[Extent, ...]]:
    """The notice's volumes under each version of the terms that has its class."""
    for terms in picture.terms:
        term = class_term(terms, notice.cls)
        if term is not None:
            yield counted(notice.volumes, term, cut=notice.cut, clear=notice.clear)
