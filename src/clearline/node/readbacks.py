"""Places that were read back wrongly: a dispute that opens and closes by the record alone (FM04).

Both ends compute it: the author of the version and whoever read it back. It blocks nothing: ROGER,
WILCO and UNABLE stand beside it. It is over when the same party reads back rightly, or when the
version is ended. What cannot be compared is said beside the answer, and is no dispute.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from clearline.conflict.separation import lateral
from clearline.model.entry import ReadBack, Reply
from clearline.model.ids import EntryRef, PartyId, party_of
from clearline.model.space import Disc, Footprint, LatLon, Volume
from clearline.model.terms import Agreement
from clearline.model.time import Instant, format_length
from clearline.notation.readback import Compared, Comparison, compare
from clearline.picture.situation import Answered, Picture, Version
from clearline.words.language import FALLBACK
from clearline.words.sentences import said

_POINT_MM = 1


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
        Misread(version=version, party=party, answer=said.ref, since=said.t, found=found)
        for party, said in sorted(_newest(picture, version).items())
        if me in (version.party, party)
        and said.answer.read_back is not None
        and (found := checked(said.answer.read_back, version.volumes, terms)).found
        is Compared.DIFFERS
    )


def _newest(picture: Picture, version: Version) -> dict[PartyId, Answered]:
    """The newest read-back of each party, of a version of another's."""
    found: dict[PartyId, Answered] = {}
    for feed, state in picture.feeds.items():
        party, answers = party_of(feed), state.answers.get(version.ref) or ()
        backs = [each for each in answers if each.answer.reply is Reply.READ_BACK]
        if backs and version.party != party:
            last = max(backs, key=lambda each: each.ref.index)
            before = found.get(party)
            if before is None or _later(before, last):
                found[party] = last
    return found


def _later(a: Answered, b: Answered) -> bool:
    """Whether b stands in a later epoch than a."""
    return _epoch(a) < _epoch(b)


def _epoch(said: Answered) -> int:
    return int(said.ref.feed.rpartition(".")[2])


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
