"""Tracks of one moment against one line's scene -> what is found. Pure, and bounded work.

NEAR: an own mover and any track come closer than both minima. HAZARD: an own mover comes into, or
is in, a hazard, its tail included. OFF-ROUTE: it is farther from its notice than agreed. INSIDE:
a track that is not ours is in a volume of ours that is to be kept clear. LOST: an own mover that
was seen is not seen any more. ``keep`` holds what is found with every limit a tenth wider: only
what is not in it is over.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from dataclasses import replace as change
from math import ceil
from typing import Final

import numpy as np
from numpy.typing import NDArray

from clearline.conflict.fast.packed import WHOLE
from clearline.conflict.geodesy import Floats, Ints
from clearline.conflict.tracks.conform import conformance
from clearline.conflict.tracks.minima import Minima
from clearline.conflict.tracks.pairs import TrackPair, find_pairs
from clearline.conflict.tracks.track import Fleet
from clearline.conflict.tracks.volumes import Stay, Volumes, tracks_in_volumes
from clearline.model.finding import Verdict
from clearline.model.sighting import Sighting
from clearline.model.space import LatLon
from clearline.model.time import SECOND
from clearline.node.live.book import Sky, track_of
from clearline.node.live.limits import (
    CLEAR_SHARE,
    COAST_S,
    INSIDE_MAX,
    PAIRS_MAX,
    ROUTE_CLEAR_SHARE,
    UNITS_MAX,
    LiveLimits,
)
from clearline.node.live.scene import Held, Scene
from clearline.node.sighted import RANK, Grade, Live, LiveFinding

AT_ONCE: Final = 20_000_000
"""Distances of own movers to all tracks that are worked out to find those within reach."""
INSIDE_S: Final = 1.0
"""Until the next evaluation: what comes into a volume before that is in it."""
NEVER_MINUTES: Final = 1_000_000
Own = Mapping[str, Sequence[int]]
"""Own movers by call sign: the rows of the tracks that each is seen as, none if it is not."""


@dataclass(slots=True, kw_only=True)
class Evaluation:
    """``found`` by key; ``keep``: keys of what is not over; ``unjudged``: starts of keys that there
    was no room to look at, where everything stays as it was. ``units``: pairs of own movers with
    other tracks and with hazards that were looked at."""

    found: dict[str, LiveFinding] = field(default_factory=dict)
    keep: set[str] = field(default_factory=set)
    unjudged: set[str] = field(default_factory=set)
    units: int = 0

    def add(self, finding: LiveFinding) -> None:
        """A finding; of two with one key the graver, then the sooner."""
        held = self.found.get(finding.key)
        if held is None or _gravity(finding) > _gravity(held):
            self.found[finding.key] = finding
        self.keep.add(finding.key)


def _gravity(finding: LiveFinding) -> tuple[int, int]:
    return RANK[finding.grade], -finding.figures.get("entry_s", 0)


def evaluate(
    scene: Scene, sky: Sky, own: Own, had: frozenset[str], limits: LiveLimits, turn: int = 0
) -> Evaluation:
    """All findings of a line at ``sky.now``. ``had``: call signs that were seen before; ``turn``
    moves on where work is cut short, so that everything is looked at in turn."""
    found = Evaluation()
    whose = {row: call_sign for call_sign, rows in own.items() for row in rows}
    if whose:
        states = sky.fleet.states()[:, :3]
        _near(found, scene, sky, whose, states, limits)
        _hazards(found, scene, sky, whose, states, limits, turn)
        _routes(found, scene, sky, own, limits)
    if scene.keep_clear is not None and len(sky):
        _inside(found, scene, scene.keep_clear, sky, whose, turn)
    for call_sign in sorted(had):
        if call_sign in own and not own[call_sign]:
            found.add(
                LiveFinding(
                    key=f"lost/{call_sign}", kind=Live.LOST, grade=Grade.NOW, since=sky.now,
                    call_sign=call_sign,
                )
            )  # fmt: skip
    return found


def pick(fleet: Fleet, rows: Ints) -> Fleet:
    """Some rows of a fleet."""
    return Fleet(
        ids=[fleet.ids[row] for row in rows.tolist()],
        lat=fleet.lat[rows], lon=fleet.lon[rows], course=fleet.course[rows],
        speed=fleet.speed[rows], height=fleet.height[rows], climb=fleet.climb[rows],
        ref=fleet.ref[rows], age_s=fleet.age_s[rows],
    )  # fmt: skip


def _seen(sky: Sky, row: int) -> tuple[Sighting, LatLon, dict[str, int]]:
    seen = sky.sightings[row]
    age = (sky.now - seen.at) // SECOND
    place = LatLon(round(seen.lat * 1e7), round(seen.lon * 1e7))
    return seen, place, {"age_s": age} if age > COAST_S else {}


# -- own movers and other tracks


def _near(
    found: Evaluation, scene: Scene, sky: Sky, whose: Mapping[int, str], states: Floats,
    limits: LiveLimits,
) -> None:  # fmt: skip
    wide = _minima(limits, CLEAR_SHARE)
    mine = np.array(sorted(whose), dtype=np.int64)
    rows = _within_reach(sky.fleet, states, mine, wide)
    kept, cut = _own_pairs(sky, rows, whose, wide, scene)
    if cut:
        found.unjudged.add("near/")
    found.units += len(kept)
    for _, a, b in kept:
        found.keep.add(_near_key(whose, sky, a, b))
    narrow = np.array(sorted({row for _, a, b in kept for row in (a, b)}), dtype=np.int64)
    if len(narrow):
        for pair, a, b in _own_pairs(sky, narrow, whose, _minima(limits, 1.0), scene)[0]:
            found.add(_near_finding(sky, whose, pair, a, b))


def _minima(limits: LiveLimits, share: float) -> Minima:
    return Minima(
        lateral_m=limits.lateral_m * share, vertical_m=limits.vertical_m * share,
        lookahead_s=limits.look_ahead_s * share,
    )  # fmt: skip


def _within_reach(fleet: Fleet, states: Floats, mine: Ints, wide: Minima) -> Ints:
    """Rows that an own mover can meet: no chord is longer than the way along the ground."""
    if len(mine) * len(fleet) > AT_ONCE:
        return np.arange(len(fleet))
    near: NDArray[np.bool_] = np.zeros(len(fleet), dtype=np.bool_)
    for row in mine.tolist():
        apart = states - states[row]
        reach = wide.lateral_m + (fleet.speed + fleet.speed[row]) * wide.lookahead_s
        near |= np.einsum("ij,ij->i", apart, apart) <= reach * reach
    return np.flatnonzero(near)


def _own_pairs(
    sky: Sky, rows: Ints, whose: Mapping[int, str], minima: Minima, scene: Scene
) -> tuple[list[tuple[TrackPair, int, int]], bool]:
    """Pairs among these rows of which at least one is ours, and not both one mover: the soonest
    PAIRS_MAX; and whether there are more."""
    pairs = find_pairs(pick(sky.fleet, rows), minima, scene.levels)
    sign = np.zeros(len(rows), dtype=np.int64)  # which own mover each row is; 0: none
    number = {call_sign: n for n, call_sign in enumerate(sorted(set(whose.values())), 1)}
    for k, row in enumerate(rows.tolist()):
        sign[k] = number[whose[row]] if row in whose else 0
    mine = np.flatnonzero(sign[pairs.a] != sign[pairs.b])  # of two with one sign none is foreign
    cut = len(mine) > PAIRS_MAX
    if cut:
        mine = mine[np.argsort(pairs.entry_s[mine], kind="stable")[:PAIRS_MAX]]
    ours = change(
        pairs, a=pairs.a[mine], b=pairs.b[mine], code=pairs.code[mine],
        entry_s=pairs.entry_s[mine], exit_s=pairs.exit_s[mine], closest_s=pairs.closest_s[mine],
        lateral_closest_m=pairs.lateral_closest_m[mine], lateral_now_m=pairs.lateral_now_m[mine],
    )  # fmt: skip
    place = dict(zip(pairs.fleet.ids, rows.tolist(), strict=True))
    found = []
    for pair in ours.each():
        a, b = place[pair.a], place[pair.b]
        found.append((pair, a, b) if a in whose else (pair, b, a))
    return found, cut


def _near_key(whose: Mapping[int, str], sky: Sky, a: int, b: int) -> str:
    if b in whose:
        first, second = sorted((whose[a], whose[b]))
        return f"near/{first}/{second}"
    return f"near/{whose[a]}/{sky.names[b]}"


def _near_finding(
    sky: Sky, whose: Mapping[int, str], pair: TrackPair, a: int, b: int
) -> LiveFinding:
    if b in whose and whose[b] < whose[a]:
        a, b = b, a
    _, place, aged = _seen(sky, a)
    other, _, other_aged = _seen(sky, b)
    sure = pair.verdict is Verdict.YES
    grade = Grade.OPEN if not sure else Grade.NOW if pair.entry_s <= 0 else Grade.AHEAD
    figures = {
        "entry_s": int(pair.entry_s), "closest_s": int(pair.closest_s),
        "lateral_m": int(pair.lateral_closest_m), "now_m": int(pair.lateral_now_m),
        "vertical_m": int(min(1e6, pair.vertical_closest_m[0])), **(aged or other_aged),
    }  # fmt: skip
    words = {"other": whose.get(b) or other.call_sign or other.id}
    if pair.settles:
        words["settles"] = pair.settles
    return LiveFinding(
        key=_near_key(whose, sky, a, b), kind=Live.NEAR, grade=grade, since=sky.now,
        tracks=(sky.names[a], sky.names[b]), call_sign=whose[a], figures=figures, words=words,
        at=sky.sightings[a].at, place=place,
    )  # fmt: skip


# -- own movers and hazards


def _hazards(
    found: Evaluation, scene: Scene, sky: Sky, whose: Mapping[int, str], states: Floats,
    limits: LiveLimits, turn: int,
) -> None:  # fmt: skip
    ahead = limits.look_ahead_s * CLEAR_SHARE
    for cls, held in scene.hazards.items():
        mine = [row for row in sorted(whose) if scene.classes.get(whose[row], "") == cls]
        units = [_beside(held, sky, states, row, ahead) for row in mine]
        rows = whose_turn(mine, units, max(UNITS_MAX // 2, UNITS_MAX - found.units), turn)
        for row in set(mine) - set(rows):
            found.unjudged.add(f"hazard/{whose[row]}/")
        if not rows:
            continue
        chosen = np.array(rows, dtype=np.int64)
        place = {sky.names[row]: row for row in rows}
        turns = [sky.sightings[row].turn_dps for row in rows]
        for stay in tracks_in_volumes(
            pick(sky.fleet, chosen), held.volumes, ahead, sky.now, turn_dps=turns,
            levels=scene.levels,
        ):  # fmt: skip
            found.units += 1
            row = place[stay.track]
            finding = _hazard_finding(sky, held, whose[row], row, stay)
            found.keep.add(finding.key)
            if stay.enter_s <= limits.look_ahead_s:
                found.add(finding)


def _beside(held: Held, sky: Sky, states: Floats, row: int, ahead_s: float) -> int:
    """How many volumes a track may reach."""
    solid = held.volumes.packed.solid
    apart = solid[:, :3] - states[row]
    reach = solid[:, WHOLE] + sky.fleet.speed[row] * ahead_s + 1.0
    return int((np.einsum("ij,ij->i", apart, apart) <= reach * reach).sum())


def whose_turn(rows: Sequence[int], units: Sequence[int], most: int, turn: int) -> list[int]:
    """Rows are cut into runs of no more than ``most`` units, of one row at least; one run is looked
    at in each turn. While they stay as they are, each has its turn in as many as there are runs."""
    runs, held = [list[int]()], 0
    for row, each in zip(rows, units, strict=True):
        if runs[-1] and held + each > most:
            runs.append([])
            held = 0
        runs[-1].append(row)
        held += each
    return runs[turn % len(runs)]


def _hazard_finding(sky: Sky, held: Held, call_sign: str, row: int, stay: Stay) -> LiveFinding:
    version = held.versions[stay.extent]
    seen, place, aged = _seen(sky, row)
    if stay.verdict is not Verdict.YES:
        grade = Grade.OPEN
    else:
        grade = Grade.NOW if stay.enter_s <= 0 else Grade.AHEAD
    figures = {"entry_s": int(stay.enter_s), **aged}
    if stay.leave_s is not None:
        figures["leave_s"] = ceil(stay.leave_s)
    out = stay.way_out
    if out is not None:
        minutes = NEVER_MINUTES if out.minutes is None else ceil(out.minutes)
        figures |= {"exit_m": ceil(out.exit_m), "minutes_needed": minutes}
    words = {"label": version.label}
    if stay.settles:
        words["settles"] = stay.settles
    return LiveFinding(
        key=f"hazard/{call_sign}/{version.ref}", kind=Live.HAZARD, grade=grade, since=sky.now,
        tracks=(sky.names[row],), call_sign=call_sign, ref=version.ref, figures=figures,
        words=words, at=seen.at, place=place,
    )  # fmt: skip


# -- own movers and their notices


def _routes(found: Evaluation, scene: Scene, sky: Sky, own: Own, limits: LiveLimits) -> None:
    for call_sign, (version, extents) in scene.routes.items():
        begun = any(extent.volume.start <= sky.now for extent in extents)
        going = any(sky.now < extent.end for extent in extents)
        if not (begun and going):
            continue  # before its first window and after its last nothing was notified
        for row in own.get(call_sign, ()):
            seen, place, aged = _seen(sky, row)
            found.units += len(extents)
            beside = conformance(track_of(seen), extents, sky.now, levels=scene.levels)
            key = f"off-route/{call_sign}/{version.notice}"
            if beside.lateral_m.high > limits.off_route_m * ROUTE_CLEAR_SHARE:
                found.keep.add(key)
            if beside.lateral_m.low > limits.off_route_m:
                found.add(
                    LiveFinding(
                        key=key, kind=Live.OFF_ROUTE, grade=Grade.NOW, since=sky.now,
                        tracks=(sky.names[row],), call_sign=call_sign, ref=version.ref,
                        figures={"distance_m": int(beside.lateral_m.low), **aged},
                        words={"label": version.label}, at=seen.at, place=place,
                    )
                )  # fmt: skip


# -- any track and what is to be kept clear


def _inside(
    found: Evaluation, scene: Scene, held: Held, sky: Sky, whose: Mapping[int, str], turn: int
) -> None:
    rows, pairs = touching(held.volumes, sky, whose)
    chosen = whose_turn(rows, pairs, INSIDE_MAX, turn)
    if len(chosen) < len(rows):
        found.unjudged.add("inside/")
    if not chosen:
        return
    place = {sky.names[row]: row for row in chosen}
    for stay in tracks_in_volumes(
        pick(sky.fleet, np.array(chosen, dtype=np.int64)), held.volumes, INSIDE_S, sky.now,
        levels=scene.levels, ways_out=False,
    ):  # fmt: skip
        version, row = held.versions[stay.extent], place[stay.track]
        seen, where, aged = _seen(sky, row)
        words = {"label": version.label, "other": seen.call_sign or seen.id}
        if stay.settles:
            words["settles"] = stay.settles
        found.add(
            LiveFinding(
                key=f"inside/{version.ref}/{sky.names[row]}", kind=Live.INSIDE,
                grade=Grade.NOW if stay.verdict is Verdict.YES else Grade.OPEN, since=sky.now,
                tracks=(sky.names[row],), ref=version.ref, figures=aged, words=words, at=seen.at,
                place=where,
            )
        )  # fmt: skip


def touching(volumes: Volumes, sky: Sky, whose: Mapping[int, str]) -> tuple[list[int], list[int]]:
    """Rows that are not ours and come into the sphere of a volume whose window is open; and into
    how many of them. Tracks are put in order along the axis that spreads them most: a volume looks
    at those beside it alone."""
    live = (volumes.start <= sky.now + INSIDE_S * SECOND) & (volumes.end > sky.now)
    count = np.zeros(len(sky), dtype=np.int64)
    states = sky.fleet.states()[:, :3]
    axis = int(np.ptp(states, axis=0).argmax())
    order = np.argsort(states[:, axis], kind="stable")
    states, onward = states[order], (sky.fleet.speed * INSIDE_S + 1.0)[order]
    along, farthest = states[:, axis].copy(), float(onward.max())
    for v in np.flatnonzero(live).tolist():
        middle, around = volumes.packed.solid[v, :3], volumes.packed.solid[v, WHOLE]
        ends = middle[axis] - around - farthest, middle[axis] + around + farthest
        first, last = np.searchsorted(along, ends)
        beside = slice(first, last + 1)
        apart, reach = states[beside] - middle, around + onward[beside]
        count[beside] += np.einsum("ij,ij->i", apart, apart) <= reach * reach
    near = {row: int(count[k]) for k, row in enumerate(order.tolist()) if count[k]}
    rows = [row for row in sorted(near) if row not in whose]
    return rows, [near[row] for row in rows]
