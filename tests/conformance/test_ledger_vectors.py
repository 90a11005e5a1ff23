"""Every vector of the record gives exactly what its file says; nothing here makes vectors."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from clearline.ledger.audit import Fork, Held, judge, verify_fork
from clearline.ledger.checkpoint import Checkpoint, SignedCheckpoint, verify_checkpoint
from clearline.ledger.feed import extend, overtake
from clearline.ledger.merkle import (
    Frontier,
    MemoryHashes,
    commitment,
    entry_leaf,
    is_salt,
    new_hashes,
    verify_consistency,
    verify_inclusion,
)
from clearline.ledger.note import read_verifier_key
from clearline.ledger.proof import verify_proof
from clearline.model.refusal import Refusal
from clearline.signing import PublicKey, verify
from tests.conformance.go_verifier import GoVerifier, Script

FOLDER = Path(__file__).parents[2] / "vectors" / "ledger"
Case = dict[str, Any]
unhex = bytes.fromhex


def hashes(listed: list[str]) -> list[bytes]:
    return [unhex(h) for h in listed]


def keys(case: Case) -> list[PublicKey]:
    return [PublicKey(unhex(key)) for key in case.pop("keys")]


def refused(refusal: Refusal) -> Case:
    return {"refused": refusal.code.value, "clause": refusal.clause}


def opened(case: Case, *fields: str) -> list[SignedCheckpoint]:
    """The checkpoints that a case takes as verified already: they must be."""
    origin, wanted = case.pop("origin"), keys(case)
    found = [
        verify_checkpoint(case.pop(field).encode(), origin=origin, keys=wanted) for field in fields
    ]
    assert all(isinstance(signed, SignedCheckpoint) for signed in found)
    return [signed for signed in found if isinstance(signed, SignedCheckpoint)]


def run_hashing(case: Case) -> object:
    salt, entry = unhex(case.pop("salt")), unhex(case.pop("entry"))
    if not is_salt(salt):
        return {"refused": "bad-salt", "clause": "CL-LED-002"}
    return {"commitment": commitment(salt, entry).hex(), "leaf": entry_leaf(salt, entry).hex()}


def run_root(case: Case) -> object:
    return {"root": Frontier().extend(hashes(case.pop("leaves"))).root.hex()}


def run_inclusion(case: Case) -> object:
    leaf, root = unhex(case.pop("leaf")), unhex(case.pop("root"))
    proof = hashes(case.pop("proof"))
    return verify_inclusion(leaf, case.pop("index"), case.pop("size"), proof, root)


def run_consistency(case: Case) -> object:
    old, new = unhex(case.pop("old_root")), unhex(case.pop("new_root"))
    proof = hashes(case.pop("proof"))
    return verify_consistency(case.pop("old_size"), old, case.pop("new_size"), new, proof)


def run_signature(case: Case) -> object:
    key = PublicKey(unhex(case.pop("key")))
    return verify(key, unhex(case.pop("message")), unhex(case.pop("signature")))


def run_verifier_key(case: Case) -> object:
    result = read_verifier_key(case.pop("text"))
    if isinstance(result, Refusal):
        return refused(result)
    return {"name": result.name, "key_id": result.key_id.hex(), "key": result.key.hex}


def run_checkpoint(case: Case) -> object:
    text = unhex(case.pop("text_hex")) if "text_hex" in case else case.pop("text").encode()
    result = verify_checkpoint(text, origin=case.pop("origin"), keys=keys(case))
    if isinstance(result, Refusal):
        return refused(result)
    return {"size": result.checkpoint.size, "root": result.checkpoint.root.hex()}


def run_proof(case: Case) -> object:
    result = verify_proof(
        case.pop("text").encode(),
        origin=case.pop("origin"),
        keys=keys(case),
        salt=unhex(case.pop("salt")),
        entry=unhex(case.pop("entry")),
    )
    if isinstance(result, Refusal):
        return refused(result)
    return {"index": result.index, "size": result.signed.checkpoint.size}


def run_extend(case: Case) -> object:
    held = Frontier().extend(hashes(case.pop("held")))
    (signed,) = opened(case, "checkpoint")
    result = extend(held, signed, hashes(case.pop("leaves")), hashes(case.pop("proof")))
    if isinstance(result, Refusal):
        return refused(result)
    return {"size": result.size, "root": result.root.hex()}


def run_overtake(case: Case) -> object:
    newest = Checkpoint(
        origin=case["origin"], size=case.pop("newest_size"), root=unhex(case.pop("newest_root"))
    )
    (signed,) = opened(case, "checkpoint")
    result = overtake(
        case.pop("prefix_size"),
        newest,
        signed,
        consistency=hashes(case.pop("consistency")),
        index=case.pop("index"),
        leaf=unhex(case.pop("leaf")),
        inclusion=hashes(case.pop("inclusion")),
    )
    if isinstance(result, Refusal):
        return refused(result)
    return {"index": result.index, "leaf": result.leaf.hex()}


def run_gossip(case: Case) -> object:
    rows = MemoryHashes(new_hashes(Frontier(), hashes(case.pop("held"))))
    origin, wanted = case["origin"], keys({"keys": case["keys"]})
    ours, gossiped = opened(case, "held_checkpoint", "gossiped")
    judgement = judge(
        Held(signed=ours, hashes=rows), gossiped, newest_of_author=case.pop("newest_of_author")
    )
    if judgement.fork is not None:
        assert not isinstance(verify_fork(judgement.fork, origin=origin, keys=wanted), Refusal)
    assert (judgement.fork is not None) is (judgement.verdict.value == "fork")
    return {"verdict": judgement.verdict.value}


def run_fork(case: Case) -> object:
    fork = Fork(
        shorter=case.pop("shorter").encode(),
        longer=case.pop("longer").encode(),
        beginning=unhex(case.pop("beginning")),
        proof=tuple(hashes(case.pop("proof"))),
    )
    result = verify_fork(fork, origin=case.pop("origin"), keys=keys(case))
    if isinstance(result, Refusal):
        return refused(result)
    return {"sizes": [signed.checkpoint.size for signed in result]}


RUNNERS: dict[str, Callable[[Case], object]] = {
    "hashing": run_hashing,
    "root": run_root,
    "inclusion": run_inclusion,
    "consistency": run_consistency,
    "signature": run_signature,
    "verifier_key": run_verifier_key,
    "checkpoint": run_checkpoint,
    "proof": run_proof,
    "extend": run_extend,
    "overtake": run_overtake,
    "gossip": run_gossip,
    "fork": run_fork,
}
CASES_MIN = {"root": 14, "hashing": 9}
GOOD_ONLY = {"root"}


def load(name: str) -> Case:
    return json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))


def listed() -> list[tuple[str, int]]:
    files = sorted(path.stem for path in FOLDER.glob("*.json"))
    return [(name, at) for name in files for at in range(len(load(name)["cases"]))]


def is_bad(case: Case) -> bool:
    expected = case["expect"]
    return expected is False or (
        isinstance(expected, dict)
        and ("refused" in expected or expected.get("verdict") in ("fork", "rolled-back"))
    )


def test_every_judgement_has_its_file_and_every_file_its_judgement() -> None:
    """A missing or an unread file of vectors fails, and the README lists them all."""
    files = {path.stem for path in FOLDER.glob("*.json")}
    assert files == set(RUNNERS)
    readme = (FOLDER / "README.md").read_text(encoding="utf-8")
    assert all(f"`{name}.json`" in readme for name in files)


@pytest.mark.parametrize("name", sorted(RUNNERS))
def test_every_file_is_well_formed_and_large_enough(name: str) -> None:
    """Names are unique, each case says what it expects, and good and bad are both there."""
    vectors = load(name)
    cases = vectors["cases"]
    assert set(vectors) == {"about", "clauses", "cases"}
    assert vectors["clauses"]
    assert len({case["name"] for case in cases}) == len(cases) >= CASES_MIN.get(name, 12)
    assert all("expect" in case for case in cases)
    assert any(not is_bad(case) for case in cases)
    assert any(is_bad(case) for case in cases) is (name not in GOOD_ONLY)


@pytest.mark.parametrize(("name", "at"), listed())
def test_vector_gives_what_it_says(name: str, at: int) -> None:
    """Each case, by name; every field of it is used."""
    case = load(name)["cases"][at]
    title, expected = case.pop("name"), case.pop("expect")
    assert (title, RUNNERS[name](case)) == (title, expected)
    assert case == {}, "fields that the judgement did not use"


def test_go_judges_the_checkpoint_and_proof_vectors_as_they_say(go_verifier: GoVerifier) -> None:
    """Two implementations, one expectation. Where ours is stricter by a stated rule, it is named
    here."""
    stricter = {  # accepted by Go's libraries
        "base64 with loose bits",  # one encoding (CL-LED-005)
        "good signature, then a bad one of the same key",  # all must hold (CL-LED-007)
        "thirty-three signatures",  # Go's limit is 100 (CL-LED-008)
        "size beyond the limit",  # Go's limit is its int64
        "identity as key",  # prime order only (CL-SIG-002)
        "index with a leading zero",  # this program reads it as a number
        "empty extra line",  # and does not look at extra data
    }
    for kind in ("checkpoint", "proof"):
        for case in load(kind)["cases"]:
            script = Script(case["origin"])
            for at, key in enumerate(keys(dict(case))):
                script.key(key, id=f"key {at}")
            raw = unhex(case["text_hex"]) if "text_hex" in case else case["text"].encode()
            if kind == "checkpoint":
                script.checkpoint("verdict", raw)
            else:
                salt, entry = unhex(case["salt"]), unhex(case["entry"])
                script.proof("verdict", raw, salt=salt, body=entry)
            accepted = go_verifier.judge(script)["verdict"] == ""
            expected = not is_bad(case) or case["name"] in stricter
            assert (case["name"], accepted) == (case["name"], expected)
