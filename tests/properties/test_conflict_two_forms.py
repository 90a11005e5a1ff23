"""What stands twice, for arrays and for compiled loops, says the same (B1 to B7, and heights)."""

from math import cos, pi, radians, sin

import numpy as np
import pytest

from clearline.conflict.fast.bands import APART, MEET, MODES, OPEN, UNKNOWN, limits_of, over
from clearline.conflict.fast.curves import lean, segments
from clearline.conflict.fast.earth import (
    arc_high_one,
    arc_low_one,
    chord_one,
    isometric,
    meridian_one,
    second_variation_one,
)
from clearline.conflict.fast.packing import _bent, _straight
from clearline.conflict.fast.sea import GEOID_M, undulation_near
from clearline.conflict.fast.shapes import EDGES
from clearline.conflict.fast.stated import Names, stated
from clearline.conflict.geodesy import (
    A_M,
    arc_high,
    arc_low,
    chord_of,
    meridian_m,
    norm,
    second_variation,
    segments_apart,
)
from clearline.conflict.geoid import undulation_cm
from clearline.conflict.inside import drift
from clearline.conflict.outline import Pieces, _isometric, outline_of, sphere_of, whole_edges
from clearline.conflict.verdict import Separation, height_verdict
from clearline.model.finding import Verdict
from clearline.model.space import Corridor, Edge, Ground, Height, HeightRef, Qnh
from clearline.model.terms import HeightMode, Levels
from tests.conflict_cases import disc, extent
from tests.conflict_oracle import place

MANY = 2_000


def test_segments_are_as_far_apart_one_by_one_as_many_at_once() -> None:
    """Crossing, skew, nearly parallel, and without length: the same to a nanometre; and the places
    that are named are that far apart, or for nearly parallel ones hardly farther."""
    rng = np.random.default_rng(1)
    p0, p1, q0 = (rng.normal(size=(MANY, 3)) * 10 ** rng.uniform(-2, 3, (MANY, 1)) for _ in "abc")
    q1 = rng.normal(size=(MANY, 3)) * 100
    q1[: MANY // 4] = q0[: MANY // 4] + (p1 - p0)[: MANY // 4] * (1 + 1e-9)
    q1[-50:], p1[-50:] = q0[-50:], p0[-50:]
    many = segments_apart(p0, p1, q0, q1)
    for k in range(MANY):
        one, s, t = segments(*(tuple(x[k].tolist()) for x in (p0, p1, q0, q1)))
        assert one == pytest.approx(many[k], abs=1e-9)
        here, there = p0[k] + s * (p1[k] - p0[k]), q0[k] + t * (q1[k] - q0[k])
        slack = 1.2e-7 * float(np.minimum(norm(p1[k] - p0[k]), norm(q1[k] - q0[k])))
        assert one - 1e-9 <= float(norm(here - there)) <= one + slack + 1e-9


def test_arcs_chords_meridians_and_bends_are_those_of_the_plain_path() -> None:
    """One number at a time as many at once, over all lengths there are on the earth."""
    metres = np.concatenate((np.linspace(0, 2.0e7, MANY), 10 ** np.linspace(-6, 7, MANY)))
    for k, (low, high) in enumerate(zip(arc_low(metres), arc_high(metres), strict=True)):
        m = float(metres[k])
        assert arc_low_one(m) == pytest.approx(low, rel=1e-15, abs=1e-15)
        assert arc_high_one(m) == pytest.approx(high, rel=1e-15)
        assert chord_one(m) == pytest.approx(chord_of(m), rel=1e-15)
        bend = float(second_variation(np.array(m)))
        assert second_variation_one(m) == pytest.approx(bend, rel=1e-12, abs=1e-30)
    for lat in np.linspace(-pi / 2, pi / 2, 181).tolist():
        assert meridian_one(lat) == pytest.approx(float(meridian_m(np.array(lat))), abs=1e-8)


def test_isometric_latitudes_climb_alike() -> None:
    """Between any two latitudes, beside the poles too."""
    rng = np.random.default_rng(2)
    low = np.concatenate((rng.uniform(-90, 90, MANY), 90 - 10 ** rng.uniform(-7, 0, MANY)))
    high = np.concatenate((rng.uniform(-90, 90, MANY), 90 - 10 ** rng.uniform(-7, 0, MANY)))
    a, b = np.radians(low), np.radians(high)
    for k, want in enumerate(_isometric(a, b).tolist()):
        found = isometric(float(a[k]), float(b[k] - a[k]))
        # What b - a and a + (b - a) lose of the digits of b counts beside a pole.
        lost = 4e-16 / max(min(cos(a[k]), cos(b[k])), 1e-12)
        assert found == pytest.approx(want, rel=1e-9, abs=1e-15 + 10 * lost)


def edges(edge: Edge, seed: int) -> list[tuple[Pieces, Corridor]]:
    """Edges of 10 m to 300 km anywhere but beside the poles, each with its bounds."""
    rng = np.random.default_rng(seed)
    found = []
    for _ in range(300):
        lat, lon = rng.uniform(-85, 85), rng.uniform(-180, 180)
        far, towards = 10 ** rng.uniform(-4, 0.4), rng.uniform(0, 2 * pi)
        end = (lat + far * cos(towards), lon + far * sin(towards) / cos(radians(lat)))
        line = (place(lat, lon), place(min(end[0], 88), (end[1] + 180) % 360 - 180))
        corridor = Corridor(line=line, half_width_mm=1, edge=edge)
        found.append((whole_edges(outline_of(corridor)), corridor))
    return found


@pytest.mark.parametrize("edge", list(Edge))
def test_bounds_of_pieces_are_the_same_in_both_forms(edge: Edge) -> None:
    """Length (B1, B4), bulge (B2) and curvature (B5) of one edge after the other; and no piece
    leans less than it drifts (B3)."""
    for pieces, corridor in edges(edge, 3):
        (here, there), code = corridor.line, EDGES.index(edge)
        if edge is Edge.GEODESIC:
            found = _straight(float(norm(pieces.p1 - pieces.p0)[0]))
        else:
            turn = radians((there.lon - here.lon + 180) % 360 - 180)
            slopes = [(sin(radians(p.lat)), cos(radians(p.lat))) for p in (here, there)]
            found = _bent(code, *slopes, radians(there.lat - here.lat), turn)
        length, bulge, kappa = found
        # A geodesic's length by its series is a little longer than by the arc.
        assert length == pytest.approx(pieces.length[0], rel=1e-7, abs=2e-6)
        assert bulge == pytest.approx(pieces.bulge[0], rel=1e-6, abs=1e-9)
        assert kappa == pytest.approx(pieces.kappa[0], rel=1e-6, abs=1e-18)
        assert lean(length, kappa, 0.0) >= 0.999999 * A_M * float(drift(pieces)[0])


def a_height(rng: np.random.Generator, *, upper: bool) -> Height:
    """Of any reference that a limit may have, with and without what somebody states of it."""
    refs = [each for each in HeightRef if upper or each is not HeightRef.UNL]
    ref, mm = refs[int(rng.integers(len(refs)))], int(rng.integers(0, 4_000)) * 1_000
    states = bool(rng.integers(2))
    if ref in (HeightRef.SFC, HeightRef.AGL) and states:
        ground = Ground(low_mm=mm // 9, high_mm=mm // 9 + int(rng.integers(300_000)), by="AAA")
        return Height(ref=ref, mm=None if ref is HeightRef.SFC else mm, ground=ground)
    if ref in (HeightRef.SFC, HeightRef.UNL):
        return Height(ref=ref)
    qnh = Qnh(pa=int(rng.integers(97_000, 104_000)), tolerance_pa=100, by="AAA")
    return Height(ref=ref, mm=mm, qnh=qnh if ref is HeightRef.FL and states else None)


def test_heights_in_columns_are_judged_as_by_themselves() -> None:
    """Every reference against every other, in every mode: what columns decide is what ``heights``
    says, with the geoid as it may be anywhere and, to fewer left open, as it is over the place."""
    rng, opened = np.random.default_rng(4), [0, 0]
    says = {APART: Verdict.NO, MEET: Verdict.YES, UNKNOWN: Verdict.UNDETERMINED}
    levels = Levels(qnh_low_pa=98_000, qnh_high_pa=103_000, temperature_permille=50)
    seen = set[Verdict]()
    for _ in range(1_000):
        where = disc(rng.uniform(-80, 80), rng.uniform(-180, 180), 10 ** rng.uniform(2, 4.5))
        a, b = (
            extent(where, a_height(rng, upper=False), a_height(rng, upper=True), hazard=hazard)
            for hazard in rng.integers(2, size=2).astype(bool).tolist()
        )
        mode = list(HeightMode)[int(rng.integers(3))]
        lateral_m, vertical_m = float(rng.integers(2)) * 1_000, float(rng.integers(4)) * 300
        sep = Separation(
            lateral_mm=int(lateral_m * 1000),
            vertical_mm=int(vertical_m * 1000),
            height=mode,
            levels=levels,
        )
        want = height_verdict(a, b, sep)
        given = limits_of(stated((a, b), (0, 0), Names()).heights, levels)
        centre, reach_m = sphere_of(outline_of(where))
        near = undulation_near(undulation_cm(), centre, reach_m + chord_of(lateral_m))
        for k, geoid in enumerate((GEOID_M, near)):
            apart = (vertical_m, lateral_m == 0)
            hazards = (a.hazard, b.hazard)
            found = over(given[0], given[1], hazards, MODES.index(mode), apart, geoid)
            opened[k] += found == OPEN
            assert found == OPEN or says[found] is want
        seen.add(want)
    assert seen == set(says.values())
    assert 10 < opened[0] < 300
    assert opened[1] < opened[0] / 4
