"""The grid of cells finds every row that is near, whatever the sizes, and little else."""

import numpy as np
import pytest

from clearline.conflict.fast.grid import END, HIGH, LOW, REACH, START, near
from clearline.conflict.fast.gridding import grid_of
from clearline.conflict.geodesy import ecef


def rows(count: int, seed: int, box: tuple[float, float]) -> np.ndarray:
    """Spheres of 50 m to 2,000 km around places up to ``box`` degrees of latitude and longitude,
    for minutes to a day."""
    rng = np.random.default_rng(seed)
    lat, lon = rng.uniform(-box[0], box[0], count), 180 + rng.uniform(-box[1], box[1], count)
    low, start = rng.uniform(0, 9_000, count), rng.uniform(0, 80_000, count)
    lasts = 10 ** rng.uniform(2, 5, count)
    reach = 10 ** rng.uniform(1.7, 6.3, count)
    sizes = np.stack((reach, low, low + 2_000, start, start + lasts), axis=1)
    return np.hstack((ecef(lat, lon), sizes))


@pytest.mark.parametrize("box", [(90.0, 180.0), (3.0, 3.0), (0.01, 0.01)])
def test_every_row_that_is_near_is_found(box: tuple[float, float]) -> None:
    """Against all rows, for questions of every size: none is missing, none far away is given."""
    held = rows(3_000, 1, box)
    scanned = held.astype(np.float32)
    scanned[:, REACH] += np.float32(1.0)
    grid, hits = grid_of(scanned, 0.0), 0
    for asked in rows(40, 2, box):
        found = np.empty(3_000, np.int64)
        given = set(found[: near(grid, grid.used, asked, found)].tolist())
        apart = np.linalg.norm(held[:, :3] - asked[:3], axis=1) - held[:, REACH] - asked[REACH]
        over = (held[:, LOW] <= asked[HIGH]) & (asked[LOW] <= held[:, HIGH])
        soon = (held[:, START] < asked[END] - 1) & (asked[START] + 1 < held[:, END])
        must = set(np.flatnonzero((apart <= 0) & over & soon).tolist())
        assert must <= given
        assert all(apart[k] <= 3.0 for k in given)
        hits += len(must)
    assert hits >= 30
