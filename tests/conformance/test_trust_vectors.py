"""Every case of ``vectors/trust`` is judged as it says."""

import json

import pytest

from clearline.trust.party import fingerprint
from tests import trust_vectors as vectors

FILES = {path.stem: json.loads(path.read_text("utf-8")) for path in vectors.FOLDER.glob("*.json")}
CASES = [(name, case) for name, whole in sorted(FILES.items()) for case in whole["cases"]]


def _verdict(name: str, case: dict[str, object]) -> object:
    match name:
        case "fingerprint":
            return fingerprint(case["id"], case["root_key"])
        case "card":
            return vectors.card_verdict(case["text"].encode())
        case "chain":
            links = [text.encode() for text in case["links"]]
            return vectors.chain_verdict(case["party"], case["anchor"], links)
        case "agreement":
            return vectors.agreement_verdict(case["text"].encode())
        case "place":
            roster = vectors.roster_of(FILES["place"]["given"])
            return vectors.place_verdict(
                roster, case["feed"], case["size"], case["root"], case["key"]
            )
    raise AssertionError(f"nobody judges vectors/trust/{name}.json")


@pytest.mark.parametrize(
    ("name", "case"), CASES, ids=[f"{name}: {case['name']}" for name, case in CASES]
)
def test_vector_is_judged_as_it_says(name: str, case: dict[str, object]) -> None:
    """The committed expectation, good or bad, is what the code answers."""
    assert case["expect"] == _verdict(name, case)


def test_vectors_are_all_there() -> None:
    """A missing file or a file that the fixed keys no longer give is a failure, not a skip."""
    assert set(vectors.FILES) == set(FILES)
    for name in FILES:
        assert vectors.text_of(name) == (vectors.FOLDER / f"{name}.json").read_text("utf-8")


def test_vectors_have_good_and_bad_cases() -> None:
    """Each verdict file holds both what is taken and what is refused."""
    for name in ("card", "chain", "agreement"):
        refused = ["code" in case["expect"] for case in FILES[name]["cases"]]
        assert any(refused), name
        assert not all(refused), name
