"""Ways out of a conflict: the least shift, the next level, for either side; and what comes of a
proposal that is taken up.

Pure, and bounded: the same judge that found the conflict says that the changed version is apart.
Nothing here is stored or sent. A way that nothing says is apart is not offered.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from msgspec.structs import replace

from clearline.conflict.terms import pair_term
from clearline.conflict.verdict import Extent, Separation, judge_volumes
from clearline.model.entry import EMERGENCY, Notice, Proposal
from clearline.model.finding import Verdict
from clearline.model.ids import EntryRef
from clearline.model.space import Height, HeightRef
from clearline.model.terms import Agreement
from clearline.model.time import DAY, MINUTE, Instant, Millis
from clearline.node import phrases
from clearline.node.judge import extents_of
from clearline.node.reading import Reading
from clearline.node.way_view import WayOutView
from clearline.picture.lead import class_term
from clearline.picture.situation import Version

SHIFT_MS_MAX: Final = 7 * DAY
"""Further than a week is another plan, not a way out."""
VERDICTS_MAX: Final = 400
"""Verdicts for one pair: a few hundred milliseconds on the slow path at the most."""
PAIRS_MAX: Final = 64
"""Pairs of volumes that are looked at one by one; beyond, all count as near each other."""
ROUNDS_MAX: Final = 8
LEVEL_STEP_MM: Final = 304_800
"""The next thousand feet, which is ten flight levels."""
TOP_MM: Final = 60 * LEVEL_STEP_MM
NUMBERED: Final = frozenset({HeightRef.FL, HeightRef.AMSL, HeightRef.AGL, HeightRef.W84})

Gap = tuple[int, int]
"""Shifts in milliseconds, open at both ends, that leave two versions too near in time."""


@dataclass(slots=True)
class _Search:
    of: Reading
    left: int = VERDICTS_MAX

    def apart(self, a: Version, b: Version) -> bool:
        """Whether the verdict is NO."""
        self.left -= 1
        return self.of.judge.judge(a, b).verdict is Verdict.NO

    def met(self, version: Version) -> list[Version] | None:
        """Live versions that this one is not apart from; None: too many are near to be looked
        at."""
        near = [o for o in self.of.judge.may_meet(version) if self.of.own.is_live(o.ref)]
        if len(near) > self.left:
            return None
        return [other for other in near if not self.apart(version, other)]


def ways_out(of: Reading, a: Version, b: Version) -> tuple[WayOutView, ...]:
    """Ways out for a pair that is not apart: ours first, later before earlier, then levels."""
    if b.party == of.ls.me and a.party != of.ls.me:
        a, b = b, a
    search = _Search(of)
    found = []
    for version, other in ((a, b), (b, a)):
        if version.unreadable is not None or version.kind in EMERGENCY or not version.volumes:
            continue
        for way in (_later(search, version, other), _earlier(search, version, other)):
            found += [_view(search, version, way)] if way is not None else []
        found += [_view(search, version, way) for way in _levels(search, version, other)]
    return tuple(found)


def applied(version: Version, proposal: Proposal) -> Notice:
    """The version as the proposal asks for it, to be amended to: other volumes first, then heights
    in all of them, then the shift of all of them. It is judged like any other notice."""
    volumes = [
        replace(
            volume,
            lower=proposal.lower or volume.lower,
            upper=proposal.upper or volume.upper,
            start=Instant(volume.start + (proposal.shift_min or 0) * MINUTE),
            end=Instant(volume.end + (proposal.shift_min or 0) * MINUTE),
        )
        for volume in proposal.volumes or version.volumes
    ]
    return Notice(
        cls=version.cls, label=version.label, volumes=tuple(volumes), operation=version.operation,
        reason=version.reason, marks=version.marks, remark=version.remark, key=version.key,
    )  # fmt: skip


def changed(version: Version, proposal: Proposal) -> Version:
    """The version as it would be judged then."""
    return replace(version, volumes=applied(version, proposal).volumes)


# --- time ----------------------------------------------------------------------------------------


def _later(search: _Search, version: Version, other: Version) -> Proposal | None:
    return _shift(search, version, other, 1)


def _earlier(search: _Search, version: Version, other: Version) -> Proposal | None:
    return _shift(search, version, other, -1)


def _shift(search: _Search, version: Version, other: Version, sign: int) -> Proposal | None:
    """The least shift in whole minutes that is apart from the other, and if one is found in a few
    rounds from all else that is known."""
    first = min(volume.start for volume in version.volumes)
    if first <= search.of.now:
        return None  # it has begun: it cannot be begun at another time
    gaps = _gaps(search, version, other)
    least: Proposal | None = None
    before = 0
    for _ in range(ROUNDS_MAX):
        minutes = _free(gaps, sign)
        if minutes is None or minutes == before or first + minutes * MINUTE < search.of.now:
            break
        before = minutes
        way = Proposal(shift_min=minutes)
        moved = changed(version, way)
        if not search.apart(moved, other):
            break
        least = least or way
        met = search.met(moved)
        if met is None:
            break
        if not met:
            return way
        for each in met:
            gaps += _gaps(search, version, each)
    return least


def _free(gaps: Sequence[Gap], sign: int) -> int | None:
    """The least number of minutes, that way, within none of the gaps; None: not within a week."""
    turned = sorted((low, high) if sign > 0 else (-high, -low) for low, high in gaps)
    at = MINUTE
    for low, high in turned:
        if low < at < high:
            at = -(-high // MINUTE) * MINUTE
    return sign * (at // MINUTE) if at <= SHIFT_MS_MAX else None


def _gaps(search: _Search, version: Version, other: Version) -> list[Gap]:
    """Shifts that leave a pair of volumes too near in time, for pairs not surely apart in place."""
    found: list[Gap] = []
    if other.unreadable is not None:
        return [(-2 * SHIFT_MS_MAX, 2 * SHIFT_MS_MAX)]
    for terms in search.of.judge.terms:
        found += _gaps_under(search, version, other, terms)
    return found


def _gaps_under(search: _Search, version: Version, other: Version, terms: Agreement) -> list[Gap]:
    mine, theirs = class_term(terms, version.cls), class_term(terms, other.cls)
    pair = pair_term(terms, version.cls, other.cls)
    if mine is None or theirs is None or pair is None:
        return [(-2 * SHIFT_MS_MAX, 2 * SHIFT_MS_MAX)]
    sep = Separation.of(pair, terms.levels, measured=False)
    rows, columns = extents_of(version, mine), extents_of(other, theirs)
    one_by_one = len(rows) * len(columns) <= min(PAIRS_MAX, search.left)
    found = []
    for a in rows:
        for b in columns:
            if one_by_one:
                search.left -= 1
                if _apart_in_place(a, b, sep):
                    continue
            found.append(
                (b.volume.start - a.end - sep.time_ms, b.end + sep.time_ms - a.volume.start)
            )
    return found


def _apart_in_place(a: Extent, b: Extent, sep: Separation) -> bool:
    """Whether they would be apart if they were at one time."""
    volume = replace(b.volume, start=a.volume.start, end=a.volume.end)
    together = replace(sep, time_ms=Millis(max(sep.time_ms, 1)))
    return judge_volumes(a, replace(b, volume=volume), together).verdict is Verdict.NO


# --- height --------------------------------------------------------------------------------------


def _levels(search: _Search, version: Version, other: Version) -> Iterator[Proposal]:
    """The next whole thousand feet up and down, for a version of one band with numbers in it."""
    bands = {(volume.lower, volume.upper) for volume in version.volumes}
    if len(bands) != 1:
        return
    lower, upper = bands.pop()
    if lower.ref is not upper.ref or lower.ref not in NUMBERED:
        return
    assert lower.mm is not None, "a numbered height has its number"
    assert upper.mm is not None, "a numbered height has its number"
    up, down = (TOP_MM - upper.mm) // LEVEL_STEP_MM, lower.mm // LEVEL_STEP_MM
    for sign, steps in ((1, up), (-1, down)):
        way = _least_level(search, version, other, (lower, upper), sign * max(0, steps))
        if way is not None:
            yield way


def _least_level(
    search: _Search, version: Version, other: Version, band: tuple[Height, Height], most: int
) -> Proposal | None:
    """By halving, from the far end: what is found is apart; of two single bands it is the least."""
    sign = 1 if most > 0 else -1
    low, high = 0, abs(most)

    def at(steps: int) -> Proposal:
        return Proposal(lower=_raised(band[0], sign * steps), upper=_raised(band[1], sign * steps))

    if high == 0 or not search.apart(changed(version, at(high)), other):
        return None
    while high - low > 1:
        middle = (low + high) // 2
        if search.apart(changed(version, at(middle)), other):
            high = middle
        else:
            low = middle
    return at(high)


def _raised(height: Height, steps: int) -> Height:
    assert height.mm is not None, "a numbered height has its number"
    return replace(height, mm=height.mm + steps * LEVEL_STEP_MM)


# --- showing -----------------------------------------------------------------------------------


def _view(search: _Search, version: Version, way: Proposal) -> WayOutView:
    of, moved = search.of, changed(version, way)
    met = search.met(moved)
    meets = tuple(sorted(other.ref for other in met or ()))
    start = min(volume.start for volume in moved.volumes)
    term = class_term(of.terms, version.cls)
    short = 0 if term is None else max(0, term.lead_min_ms - (start - of.now))
    own = version.party == of.ls.me
    return WayOutView(
        of=version.ref, party=version.party, own=own, proposal=way, meets=meets,
        looked=met is not None, shortfall_ms=short,
        words=phrases.way_out(
            (version.label, None if own else version.party), way, meets,
            looked=met is not None, lead_ms=start - of.now, short_ms=short, langs=of.langs,
        ),
    )  # fmt: skip


def held(of: Reading, ref: EntryRef) -> Version | None:
    """A live version by its place."""
    version = of.judge.live.get(ref)
    return version if version is not None and of.own.is_live(ref) else None


__all__ = ["applied", "changed", "held", "ways_out"]
