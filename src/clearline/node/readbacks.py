"""Places that were read back wrongly: a dispute that opens and closes by the record alone (FM04).

Both ends compute it: the author of the version and whoever read it back. It blocks nothing: ROGER,
WILCO and UNABLE stand beside it. It is over when the same party reads back rightly, or when the
version is ended. What cannot be compared is said beside the answer: it opens no dispute, and ends
none.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from clearline.conflict.separation import lateral
from clearline.model.entry import ReadBack, Reply
from clearline.model.ids import EntryRef, PartyId, epoch_of, party_of
from clearline.model.space import Disc, Footprint, LatLon, Volume
from clearline.model.terms import Agreement
from clearline.model.time import Instant, format_length
from clearline.notation.readback import Compared, Comparison, compare
from clearline.picture.situation import Answered, Picture, Version
from clearline.words.language import FALLBACK
from clearline.words.sentences import said

_POINT_MM = 1
LOOKED_BACK_MAX: Final = 16
"""Who reads a place back so often in words that cannot be compared is at the telephone; each is
held against every shape of the notice, whoever sends it and however often."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Misread:
    """A version that a party has read back wrongly, by its newest read-back of it."""

    version: Version
    party: PartyId
    answer: EntryRef
    since: Instant
    found: Comparison


def inside(footprint: Footprint, at: LatLon) -> bool:
    """Whether the point lies in the footprint, or as near as arithmetic can tell."""
    return lateral(Disc(centre=at, radius_mm=_POINT_MM), footprint, 0).low <= 0


def checked(back: ReadBack, volumes: tuple[Volume, ...], terms: Agreement) -> Comparison:
    """One read-back against the volumes of what it answers."""
    return compare(back, volumes, inside, terms.read_back_mm)


def misread(
    picture: Picture, version: Version, terms: Agreement, me: PartyId
) -> tuple[Misread, ...]:
    """The newest read-backs of a live version that differ: of ours by others, of others' by us."""
    return tuple(
        found
        for party, said in sorted(_read_back(picture, version).items())
        if me in (version.party, party)
        and (found := _last_compared(version, party, said, terms)) is not None
        and found.found.found is Compared.DIFFERS
    )


def _last_compared(
    version: Version, party: PartyId, said: list[Answered], terms: Agreement
) -> Misread | None:
    """The newest that can be compared; None if none of those that are looked at can."""
    said.sort(key=lambda each: (epoch_of(each.ref.feed), each.ref.index), reverse=True)
    for each in said[:LOOKED_BACK_MAX]:
        assert each.answer.read_back is not None, "only read-backs were gathered"
        found = checked(each.answer.read_back, version.volumes, terms)
        if found.found is not Compared.CANNOT_SAY:
            return Misread(version=version, party=party, answer=each.ref, since=each.t, found=found)
    return None


def _read_back(picture: Picture, version: Version) -> dict[PartyId, list[Answered]]:
    """What each party has read back of a version of another's."""
    found: dict[PartyId, list[Answered]] = {}
    for feed, state in picture.feeds.items():
        if (party := party_of(feed)) != version.party:
            answers = state.answers.get(version.ref) or ()
            backs = [each for each in answers if each.answer.reply is Reply.READ_BACK]
            if backs:
                found.setdefault(party, []).extend(backs)
    return found


def differs(found: Comparison, lang: str = FALLBACK) -> str:
    """What does not agree, in words: place 9.1 km, upper limit 305 m, start 60 min 00 s."""
    parts = []
    if found.place_mm is not None:
        parts.append(said(lang, "differs-place", km=f"{found.place_mm / 1e6:.1f}"))
    if found.upper_mm is not None:
        parts.append(said(lang, "differs-upper", metres=round(found.upper_mm / 1000)))
    if found.start_ms is not None:
        parts.append(said(lang, "differs-start", length=format_length(found.start_ms)))
    return ", ".join(parts)


def words(found: Comparison, lang: str = FALLBACK) -> str:
    """The outcome as it stands beside the answer."""
    match found.found:
        case Compared.AGREES:
            metres = max(1, round(found.rounding_mm / 1000))
            return said(lang, "read-back-agrees", metres=metres)
        case Compared.DIFFERS:
            return said(lang, "read-back-differs", differs=differs(found, lang))
        case Compared.CANNOT_SAY:
            return said(lang, "read-back-unsaid", unsaid=_listed(found.unsaid, lang))


def _listed(names: Iterable[str], lang: str) -> str:
    shown = {name: said(lang, f"unsaid-{name}") for name in ("place", "upper")}
    return ", ".join(shown.get(name, name) for name in names)
