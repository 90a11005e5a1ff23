"""Every vector of conflict gives exactly what its file says; nothing here makes vectors."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from clearline.conflict.fast.index import FastIndex
from clearline.conflict.geoid import Region, undulation
from clearline.conflict.leave import exit_m
from clearline.conflict.lists import judge
from clearline.conflict.validity import check_volume
from clearline.conflict.verdict import Extent, Separation
from clearline.model.finding import Verdict
from clearline.model.space import Footprint, LatLon, Volume
from tests.conflict_oracle import cartesian

FOLDER = Path(__file__).parents[2] / "vectors" / "conflict"
Case = dict[str, Any]
CASES_MIN = {"judge": 67, "volumes": 30, "geoid": 6, "leave": 3}


def run_judge(case: Case) -> object:
    a = msgspec.convert(case["a"], list[Extent])
    b = msgspec.convert(case["b"], list[Extent])
    sep = msgspec.convert(case["separation"], Separation)
    for extent in (*a, *b):
        assert check_volume(extent.volume) == ()
    found, turned = judge(a, b, sep), judge(b, a, sep)
    assert turned.volumes is not None
    assert found == msgspec.structs.replace(turned, volumes=turned.volumes[::-1])
    assert indexed(a, b, sep) == indexed(b, a, sep)
    assert (indexed(a, b, sep) is Verdict.NO) == (found.verdict is Verdict.NO)
    assert found.verdict is Verdict.YES or indexed(a, b, sep) is not Verdict.YES
    told = json.loads(msgspec.json.encode(found))
    return {name: told[name] for name in case["expect"]}


def indexed(asked: list[Extent], held: list[Extent], sep: Separation) -> Verdict:
    """The verdict of the fast engine: the other implementation of the same rules."""
    index: FastIndex[str] = FastIndex(((sep,),))
    index.insert(0, "held", held)
    return index.check(asked).verdict


def run_volumes(case: Case) -> object:
    refusals = check_volume(msgspec.convert(case["volume"], Volume))
    return [{"refused": r.code.value, "clause": r.clause, "at": r.at} for r in refusals]


def run_geoid(case: Case) -> object:
    at = msgspec.convert(case["at"], LatLon)
    x, y, z = cartesian(np.array([[at.lat, at.lon]]))[0].tolist()
    low, high = undulation(Region((x, y, z), 10.0))
    assert high - low < 3
    true_mm = case["expect"]["undulation_mm"]
    return {"undulation_mm": max(low * 1000, min(high * 1000, true_mm))}


def run_leave(case: Case) -> object:
    out_m = exit_m(
        msgspec.convert(case["footprint"], Footprint), msgspec.convert(case["at"], LatLon)
    )
    tenths = out_m / (case["speed_mm_s"] / 1000) / 6
    expected = case["expect"]["minutes_tenths"]
    if out_m == 0 or expected is None:
        return {"minutes_tenths": None if out_m == 0 else tenths}
    within = expected[0] <= tenths <= expected[1]
    return {"minutes_tenths": expected if within else tenths}


RUN: dict[str, Callable[[Case], object]] = {
    "judge": run_judge,
    "volumes": run_volumes,
    "geoid": run_geoid,
    "leave": run_leave,
}


def vectors() -> list[Any]:
    return [
        pytest.param(path.stem, case, id=f"{path.stem}: {case['name']}")
        for path in sorted(FOLDER.glob("*.json"))
        for case in json.loads(path.read_text())["cases"]
    ]


@pytest.mark.parametrize(("kind", "case"), vectors())
def test_vector_of_conflict_holds(kind: str, case: Case) -> None:
    """The case gives what its file says, whichever operand comes first."""
    assert case["expect"] == RUN[kind](case)


def test_no_vectors_of_conflict_are_missing() -> None:
    """Every kind has its file, no file is left unread, and no case was lost."""
    found = {
        path.stem: len(json.loads(path.read_text())["cases"]) for path in FOLDER.glob("*.json")
    }
    assert found.keys() == RUN.keys()
    for kind, least in CASES_MIN.items():
        assert found[kind] >= least
