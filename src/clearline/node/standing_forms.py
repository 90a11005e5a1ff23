"""Standing coordinations: two parties have signed one measure for one area and one operational
period, with an expiry.

It says under which measure an overlap there is dealt with. It is not the signature of a pair: it
changes no verdict and no standing, and what meets is rung about all the same, less loudly, with the
measure and its end. Whatever is not surely within area and period is outside of it.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from clearline.conflict.envelope import contains
from clearline.model.finding import Verdict
from clearline.model.ids import EntryRef, PartyId
from clearline.model.space import Volume
from clearline.model.terms import Levels
from clearline.model.time import Instant
from clearline.picture.situation import AgreedArea, Picture, Version
from clearline.picture.standing import epochs

Kept = dict[tuple[EntryRef, EntryRef], tuple[Version, bool]]
"""Geometry at hand, by the entry that states an area and a version: whether it lies within."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """What one of two parties has signed; ``other`` is the other's word of the same area, period
    and measure, None: it has not signed. It holds until ``until``."""

    said: AgreedArea
    other: AgreedArea | None
    until: Instant


def forms(picture: Picture, party: PartyId, with_: PartyId) -> Iterator[Form]:
    """What a party has signed with another: of the same area and period the newest word counts, so
    that an earlier end is a new word."""
    theirs = {_place(each): each for each in _said(picture, with_, party)}
    for place, said in {_place(each): each for each in _said(picture, party, with_)}.items():
        other = theirs.get(place)
        if other is not None and other.measure != said.measure:
            other = None  # two measures are no agreement
        until = said.until if other is None else min(said.until, other.until)
        yield Form(said=said, other=other, until=until)


def _said(picture: Picture, party: PartyId, with_: PartyId) -> Iterator[AgreedArea]:
    for state in epochs(picture, party):
        for _, area in sorted(state.standing.items()):
            if area.party == with_:
                yield area


def _place(area: AgreedArea) -> Volume:
    return area.volume


def form_of(
    picture: Picture, a: Version, b: Version, ends: Instant, levels: Levels, now: Instant,
    kept: Kept,
) -> Form | None:  # fmt: skip
    """The signed form that both versions surely lie within, and that has not run out: the one that
    holds longest. ``ends``: when the later of the two is over, its tail included."""
    if a.party == b.party or a.unreadable is not None or b.unreadable is not None:
        return None
    found = [
        form
        for form in forms(picture, a.party, b.party)
        if form.other is not None
        and form.said.volume.start <= now < form.until
        and ends <= form.said.volume.end
        and all(_within(form.said, version, levels, kept) for version in (a, b))
    ]
    return max(found, key=lambda form: (form.until, form.said.ref), default=None)


def _within(area: AgreedArea, version: Version, levels: Levels, kept: Kept) -> bool:
    held = kept.get((area.ref, version.ref))
    if held is None or held[0] is not version:
        surely = contains((area.volume,), version.volumes, levels).verdict is Verdict.YES
        held = kept[area.ref, version.ref] = version, surely
    return held[1]
