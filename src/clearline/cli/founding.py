"""A node's folder, made whole or not at all: configuration, people, database, high-water mark."""

import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from clearline.api.people import Person, Role, digest_of, new_token, write_people
from clearline.api.sign_ins import make_folder
from clearline.assembly import CannotRun, open_node, read_keys
from clearline.cli.new_config import template
from clearline.config import FILE, ApiTable
from clearline.model.ids import LineId
from clearline.model.refusal import Refusal
from clearline.model.terms import Agreement
from clearline.model.time import Instant
from clearline.store import keyfile
from clearline.trust.agreement import first_fault, line_of, read_agreement, unsigned
from clearline.trust.documents import DocType, document_type
from clearline.words.sentences import sentence

FIRST: Final = (Role.WATCH, Role.COMMANDER, Role.ADMINISTRATOR)
"""Roles that a new node has a token for."""
PRIVATE: Final = 0o600


@dataclass(frozen=True, slots=True, kw_only=True)
class Founded:
    """What was made."""

    folder: Path
    party: str
    lines: tuple[LineId, ...]
    tokens: dict[str, Path]


def found_node(
    folder: Path,
    party: Path,
    *,
    agreements: Sequence[Path],
    documents: Sequence[Path],
    now: Instant,
    api: str = "127.0.0.1:8440",
    listen: str | None = None,
    person: str = "watch",
) -> Founded:
    """Make a node's folder. ``agreements``: terms signed by all; ``documents``: other parties'
    manifests, or folders of them. Raises CannotRun, with nothing made, and OSError."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise CannotRun(f"{folder} is not empty; no node is ever overwritten")
    own = read_keys(party)
    terms = [(path, _terms(path)) for path in agreements]
    for path, agreement in terms:
        same = [each for _, each in terms if line_of(each) == line_of(agreement)]
        if not any(own.party == term.id for each in same for term in each.parties):
            raise CannotRun(f"{path}: {own.party} is no party of “{agreement.title}”")
        if not any(each.version == 1 for each in same):
            raise CannotRun(
                f"{path}: version {agreement.version} of “{agreement.title}” names the line by its"
                " version 1: give every version from the first on"
            )
    manifests = [raw for path in documents for raw in _documents(path)]
    folder.parent.mkdir(parents=True, exist_ok=True)
    scratch = folder.with_name(f".{folder.name}.{os.getpid()}")
    try:
        scratch.mkdir(mode=0o700)
        _fill(scratch, terms, manifests)
        roles = tuple(dict.fromkeys(role for _, terms_ in terms for role in terms_.roles))
        where = os.path.relpath(party.resolve(), folder.resolve())
        text = template(party=where, roles=roles or ("watch-officer",), api=api, listen=listen)
        keyfile.create(scratch / FILE, text.encode())
        tokens = _people(scratch, roles[:1], person, now)
        make_folder(scratch / ApiTable().sign_ins)
        node = open_node(scratch)
        lines = node.runtime.lines
        node.close()
        scratch.rename(folder)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    return Founded(
        folder=folder,
        party=own.party,
        lines=lines,
        tokens={role: folder / "tokens" / path.name for role, path in tokens.items()},
    )


def _terms(path: Path) -> Agreement:
    """Terms that all have signed. Raises CannotRun, naming who is missing."""
    signed = read_agreement(path.read_bytes())
    if isinstance(signed, Refusal):
        raise CannotRun(f"{path}: {sentence(signed)}")
    fault = unsigned(signed) or (first_fault(signed) if signed.body.version == 1 else None)
    if fault is not None:
        missing = fault.params.get("missing")
        who = f" Not signed by: {missing}." if missing else ""
        raise CannotRun(f"{path}: “{signed.body.title}” cannot begin.{who} {sentence(fault)}")
    return signed.body


def _documents(path: Path) -> list[bytes]:
    """A manifest, or all of a folder, such as another party's chain."""
    inside = path / "chain" if (path / "chain").is_dir() else path
    paths = sorted(inside.glob("*.json")) if inside.is_dir() else [path]
    if not paths:
        raise CannotRun(f"{path} holds no document")
    found = []
    for each in paths:
        raw = each.read_bytes()
        kind = document_type(raw)
        if isinstance(kind, Refusal):
            raise CannotRun(f"{each}: {sentence(kind)}")
        if kind in (DocType.MANIFEST, DocType.ROOT_CHANGE, DocType.EPOCH):
            found.append(raw)
    return found


def _fill(folder: Path, terms: Sequence[tuple[Path, Agreement]], manifests: list[bytes]) -> None:
    (folder / "agreements").mkdir()
    for path, agreement in terms:
        name = f"{line_of(agreement)}-v{agreement.version}.json"
        keyfile.create(folder / "agreements" / name, path.read_bytes())
    (folder / "documents").mkdir()
    for n, raw in enumerate(manifests):
        keyfile.create(folder / "documents" / f"{n:04d}.json", raw)


def _people(folder: Path, duties: tuple[str, ...], person: str, now: Instant) -> dict[str, Path]:
    """The first tokens: hashed in tokens.json, and each once in a file of its own to hand out."""
    (folder / "tokens").mkdir(mode=0o700)
    people, files = [], {}
    for role in FIRST:
        token = new_token()
        name = person if role is Role.WATCH else role.value
        people.append(
            Person(person=name, role=role, sha256=digest_of(token), made=now, duties=duties)
        )
        files[role.value] = folder / "tokens" / f"{role.value}.token"
        keyfile.create(files[role.value], f"{token}\n".encode(), PRIVATE)
    keyfile.create(folder / "tokens.json", write_people(tuple(people)), PRIVATE)
    return files
