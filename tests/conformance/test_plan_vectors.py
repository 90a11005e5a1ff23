"""The language-neutral vectors of plans: each item means what its vector says."""

import json
from pathlib import Path

import msgspec
import pytest

from clearline.plan.codec import PlanItem, decode_item

FOLDER = Path(__file__).parent.parent.parent / "vectors" / "plan"
CASES = [
    case for path in sorted(FOLDER.glob("*.json")) for case in json.loads(path.read_text())["cases"]
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_item_means_what_its_vector_says(case) -> None:
    """Volumes in whole numbers, what was applied, what was widened; or the refusal."""
    found = decode_item(case["item"].encode())
    if "refused" in case:
        assert isinstance(found, tuple), found
        first = found[0]
        assert case["refused"] == {"code": first.code, "clause": first.clause, "at": first.at}
        return
    assert isinstance(found, PlanItem), found
    assert case["volumes"] == json.loads(msgspec.json.encode(found.volumes))
    assert (case["applied"], case["widened"]) == (list(found.applied), list(found.widened))
    assert case["rounded"] == found.rounded


def test_vectors_hold_items_that_are_taken_and_items_that_are_refused() -> None:
    """An empty folder passes nothing."""
    assert sum("refused" in case for case in CASES) >= 10
    assert sum("volumes" in case for case in CASES) >= 14
