"""An independent verifier of feeds: Go's sumdb packages, which share no code with this project.

Build a script of items, then let Go judge it in one run:

    script = Script(origin)
    script.key(public_key)
    script.leaf(salt, entry_bytes)                      # in feed order
    script.checkpoint("cp-3", text)
    script.inclusion("in-0", checkpoint="cp-3", index=0, proof=hashes)
    verdicts = go_verifier.judge(script)                # {"cp-3": "", "in-0": ""}: "" is accepted
"""

import json
import os
import shutil
import subprocess
from base64 import b64encode
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from clearline.ledger.note import VerifierKey
from clearline.signing import PublicKey

SOURCE = Path(__file__).with_name("main.go")
GO_LIBRARIES = "/usr/share/gocode"  # where Debian's golang-*-dev packages put their sources


def _b64(value: bytes) -> str:
    return b64encode(value).decode()


@dataclass
class Script:
    """What Go is asked about one feed, in order. Every id is one verdict."""

    origin: str
    items: list[dict[str, object]] = field(default_factory=list)

    def key(self, key: PublicKey, *, id: str = "key") -> None:
        """A key that speaks for the feed; the first item."""
        self.items.append({"id": id, "kind": "key", "vkey": str(VerifierKey(self.origin, key))})

    def leaf(self, salt: bytes, body: bytes, *, id: str = "leaf") -> None:
        """The feed's next entry."""
        self._add(id, "leaf", salt=_b64(salt), body=_b64(body))

    def checkpoint(self, id: str, text: bytes) -> None:
        """A signed checkpoint; when accepted, later items may name it."""
        self._add(id, "checkpoint", text=_b64(text))

    def tree(self, id: str, *, checkpoint: str) -> None:
        """Whether the leaves given so far have the checkpoint's root."""
        self._add(id, "tree", checkpoint=checkpoint)

    def inclusion(
        self,
        id: str,
        *,
        checkpoint: str,
        index: int,
        proof: Sequence[bytes],
        opening: tuple[bytes, bytes] | None = None,
    ) -> None:
        """Whether a leaf is in the tree: the one given earlier, or that of ``opening``, a salt
        and an entry's bytes."""
        item = {"checkpoint": checkpoint, "index": index, "proof": [_b64(h) for h in proof]}
        if opening is not None:
            item |= {"salt": _b64(opening[0]), "body": _b64(opening[1])}
        self._add(id, "inclusion", **item)

    def consistency(self, id: str, *, older: str, newer: str, proof: Sequence[bytes]) -> None:
        """Whether the newer checkpoint's tree begins with the older one's."""
        self._add(id, "consistency", older=older, checkpoint=newer, proof=[_b64(h) for h in proof])

    def proof(self, id: str, text: bytes, *, salt: bytes, body: bytes) -> None:
        """Whether a tlog-proof text proves the entry."""
        self._add(id, "proof", text=_b64(text), salt=_b64(salt), body=_b64(body))

    def _add(self, id: str, kind: str, **fields: object) -> None:
        self.items.append({"id": id, "kind": kind, "origin": self.origin, **fields})


@dataclass(frozen=True)
class GoVerifier:
    """The built program."""

    program: Path

    def judge(self, *scripts: Script) -> dict[str, str]:
        """Why each item was refused, by id; "" when it was accepted. Of items that share an id a
        refusal wins. Raises when the program did not answer every item."""
        items = [item for script in scripts for item in script.items]
        asked = "".join(json.dumps(item) + "\n" for item in items)
        run = subprocess.run(
            [self.program], input=asked.encode(), capture_output=True, check=True, timeout=120
        )
        answers = [json.loads(line) for line in run.stdout.splitlines()]
        assert [a["id"] for a in answers] == [i["id"] for i in items]
        return self._by_id(answers)

    @staticmethod
    def _by_id(answers: Iterable[dict[str, object]]) -> dict[str, str]:
        verdicts: dict[str, str] = {}
        for answer in answers:
            assert answer["ok"] is (answer["why"] == "")
            verdicts[str(answer["id"])] = verdicts.get(str(answer["id"])) or str(answer["why"])
        return verdicts


def build(folder: Path) -> GoVerifier:
    """Compile the verifier into the folder, without network. Skips the test where Go is not
    installed, except in CI, where it must be."""
    go = shutil.which("go")
    libraries = Path(os.environ.get("CLEARLINE_GOPATH", GO_LIBRARIES))
    if go is None or not (libraries / "src/golang.org/x/mod/sumdb/tlog").is_dir():
        missing = "needs golang-go and golang-golang-x-mod-dev"
        if os.environ.get("CI"):
            pytest.fail(missing)
        pytest.skip(missing)
    program = folder / "go_verifier"
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "GO111MODULE": "off",
        "GOPATH": str(libraries),
        "GOCACHE": str(folder / "cache"),
        "GOPROXY": "off",
        "GOTOOLCHAIN": "local",
        "CGO_ENABLED": "0",
    }
    subprocess.run(
        [go, "build", "-o", program, SOURCE], check=True, env=environment, timeout=300, cwd=folder
    )
    shutil.rmtree(folder / "cache")
    return GoVerifier(program)


@pytest.fixture(scope="session")
def go_verifier(tmp_path_factory: pytest.TempPathFactory) -> GoVerifier:
    """The independent verifier, built once a session."""
    return build(tmp_path_factory.mktemp("go_verifier"))
