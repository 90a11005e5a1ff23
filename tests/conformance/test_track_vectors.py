"""Every vector of tracks gives what its file says; nothing here makes vectors."""

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from clearline.conflict.tracks.live import track_pairs, track_stays
from clearline.conflict.tracks.minima import Minima
from clearline.conflict.tracks.track import Track
from clearline.conflict.tracks.volumes import Volumes
from clearline.conflict.validity import check_volume
from clearline.conflict.verdict import Extent
from clearline.model.refusal import Refusal
from clearline.model.space import Volume
from clearline.model.time import Instant
from clearline.plan.tracks import read_track

FOLDER = Path(__file__).parents[2] / "vectors" / "tracks"
Case = dict[str, Any]
CASES_MIN = {"pairs": 19, "volumes": 15}


def cases(name: str) -> list[Case]:
    found: list[Case] = json.loads((FOLDER / f"{name}.json").read_text())["cases"]
    assert len(found) >= CASES_MIN[name]
    assert len({case["name"] for case in found}) == len(found)
    return found


def named(name: str) -> Any:
    return pytest.mark.parametrize("case", cases(name), ids=lambda case: case["name"])


def track_of(record: Case) -> Track:
    read = read_track(json.dumps(record).encode())
    assert not isinstance(read, Refusal)
    return read[0]


def held(interval: list[float] | None, found: float | None) -> bool:
    """Whether an instant or a distance is what a vector allows."""
    if interval is None or found is None:
        return interval is None and found is None
    return interval[0] <= found <= interval[1]


@named("pairs")
def test_two_tracks_are_the_pair_that_the_vector_says(case: Case) -> None:
    """Verdict, what settles it, entry, exit and the closest distance, in either order."""
    one, two = (track_of(record) for record in case["tracks"])
    expected, minima = case["expect"], Minima(**case["minima"])
    for tracks in ((one, two), (two, one)):
        answer = track_pairs(tracks, minima)
        assert not isinstance(answer, Refusal)
        assert answer.refused == ()
        assert len(answer.pairs) == (0 if expected is None else 1)
        for pair in answer.pairs:
            assert {pair.a, pair.b} == {one.id, two.id}
            assert (pair.verdict, pair.settles) == (expected["verdict"], expected["settles"])
            assert held(expected["entry_s"], pair.entry_s), pair
            assert held(expected["exit_s"], pair.exit_s), pair
            if "lateral_closest_m" in expected:
                assert held(expected["lateral_closest_m"], pair.lateral_closest_m), pair


@named("volumes")
def test_a_track_stays_in_a_volume_as_the_vector_says(case: Case) -> None:
    """Verdict, what settles it, when it enters and when it leaves."""
    volume = msgspec.convert(case["volume"], Volume)
    assert check_volume(volume) == ()
    volumes = Volumes.of(["v"], [Extent(volume=volume)])
    track, now = track_of(case["track"]), Instant(case["now"])
    answer = track_stays([track], volumes, case["lookahead_s"], now)
    assert not isinstance(answer, Refusal)
    assert len(answer.stays) == len(case["expect"])
    for stay, expected in zip(answer.stays, case["expect"], strict=True):
        assert (stay.verdict, stay.settles) == (expected["verdict"], expected["settles"])
        assert held(expected["enter_s"], stay.enter_s), stay
        assert held(expected["leave_s"], stay.leave_s), stay


def test_every_file_of_the_folder_is_run() -> None:
    """A file that nothing reads holds nobody to anything."""
    assert {path.stem for path in FOLDER.glob("*.json")} == set(CASES_MIN)
