"""Go's sumdb packages accept the feeds of a bundle as they stand, and refuse spoilt ones.

Go is given nothing but members of the file: checkpoints, entries with their salts, tlog-proofs, and
the key that the party's manifest names.
"""

from base64 import b64decode
from functools import lru_cache

import msgspec
import pytest

from clearline.evidence.parts import Scope
from clearline.signing import PublicKey
from tests.conformance.go_verifier import GoVerifier, Script
from tests.evidence_town import busy, export, members


@lru_cache
def found() -> dict[str, bytes]:
    """The members of a bundle of a line with three parties."""
    return members(export(busy(("AAA", "BBB", "CCC")), "AAA", Scope(desk=True)))


def key_of(party: str) -> PublicKey:
    """The node key that the party's manifest names, read as any JSON reader would."""
    for name, raw in found().items():
        if name.startswith("documents/"):
            document = msgspec.json.decode(raw)
            if document["type"] == "manifest" and document["doc"]["party"] == party:
                return PublicKey(bytes.fromhex(document["doc"]["keys"][0]["key"]))
    raise AssertionError(f"no manifest of {party}")


def opened(name: str) -> list[tuple[bytes, bytes]]:
    """Salts and bytes, line by line."""
    every = [line.split(b" ") for line in found()[name].splitlines()]
    return [(b64decode(salt), b64decode(data)) for _, salt, data in every]


def script_of(feed: str, changed: dict[str, bytes] | None = None) -> Script:
    """One feed for Go: its key, its leaves, its checkpoint and the tree over them, its proofs."""
    now = {**found(), **(changed or {})}
    checkpoint = now[f"feeds/{feed}/checkpoint"]
    script = Script(checkpoint.split(b"\n", 1)[0].decode())
    script.key(key_of(feed.partition(".")[0]), id=f"key {feed}")
    entries = opened(f"feeds/{feed}/entries")
    for salt, data in entries:
        script.leaf(salt, data, id=f"leaf {feed}")
    script.checkpoint(f"checkpoint {feed}", checkpoint)
    script.tree(f"tree {feed}", checkpoint=f"checkpoint {feed}")
    for name, text in now.items():
        if name.startswith(f"proofs/{feed}/"):
            index = int(name.rpartition("/")[2].partition(".")[0])
            salt, data = entries[index]
            script.proof(name, text, salt=salt, body=data)
    return script


def test_go_accepts_every_feed_of_a_bundle(go_verifier: GoVerifier) -> None:
    """Checkpoint, tree and every tlog-proof of all three records, out of the file alone."""
    feeds = ("AAA.0", "BBB.0", "CCC.0")
    verdicts = go_verifier.judge(*(script_of(feed) for feed in feeds))
    assert set(verdicts.values()) == {""}
    proofs = [name for name in found() if name.startswith("proofs/")]
    assert {f"tree {feed}" for feed in feeds} | set(proofs) <= verdicts.keys()
    assert len(proofs) >= 9


def test_leaves_are_the_commitments_that_go_computes(go_verifier: GoVerifier) -> None:
    """The leaves file holds SHA-256(salt || bytes), line by line: what Go's tree is made of."""
    import hashlib

    assert go_verifier.program.exists()
    for feed in ("AAA.0", "BBB.0", "CCC.0"):
        leaves = [b64decode(line) for line in found()[f"feeds/{feed}/leaves"].splitlines()]
        entries = opened(f"feeds/{feed}/entries")
        assert leaves == [hashlib.sha256(salt + data).digest() for salt, data in entries]


def test_go_accepts_the_private_desk_record(go_verifier: GoVerifier) -> None:
    """The desk record is a feed like any other, under its own origin."""
    checkpoint = found()["desk/checkpoint"]
    script = Script(checkpoint.split(b"\n", 1)[0].decode())
    script.key(key_of("AAA"))
    for salt, data in opened("desk/records"):
        script.leaf(salt, data)
    script.checkpoint("checkpoint", checkpoint)
    script.tree("tree", checkpoint="checkpoint")
    assert set(go_verifier.judge(script).values()) == {""}


@pytest.mark.parametrize("what", ["checkpoint", "proof", "root"])
def test_go_refuses_spoilt_feeds_of_a_bundle(what: str, go_verifier: GoVerifier) -> None:
    """A flipped byte in a checkpoint's signature, its root or a proof is refused by Go as well."""
    name = "feeds/BBB.0/checkpoint"
    proof = next(n for n in found() if n.startswith("proofs/BBB.0/"))
    if what == "checkpoint":
        changed = {name: flipped(found()[name], -20)}
    elif what == "root":
        root = found()[name].split(b"\n")[2]
        changed = {name: found()[name].replace(root, flipped(root, 5))}
    else:
        changed = {proof: flipped(found()[proof], found()[proof].index(b"\n\n") - 9)}
    verdicts = go_verifier.judge(script_of("BBB.0", changed))
    refused = {"checkpoint": "checkpoint BBB.0", "root": "checkpoint BBB.0", "proof": proof}[what]
    assert verdicts[refused] != ""


def flipped(raw: bytes, at: int) -> bytes:
    """The bytes with another letter of base64 at a place."""
    place = at % len(raw)
    letter = b"A" if raw[place : place + 1] != b"A" else b"B"
    return raw[:place] + letter + raw[place + 1 :]
