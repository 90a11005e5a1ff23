"""What stands in a bundle, written and read. Pure; says nothing about whether any of it is true.

    README.txt                       what this is, and how to check it with other tools
    manifest.json, manifest.note     every other member by digest; the digest, signed
    documents/0001.json ...          terms, manifests, root changes, openings, in the order of trust
    feeds/AAA.0/checkpoint           C2SP checkpoint, as signed
    feeds/AAA.0/leaves               a commitment a line, base64, from index 0
    feeds/AAA.0/entries              "index salt bytes" a line, base64: those that are shown
    feeds/AAA.0/consistency          only where the checkpoint covers more: its proof, base64 lines
    proofs/AAA.0/12.tlog-proof       entries that say something, each with its C2SP tlog-proof
    ahead/AAA.0/40.entry .tlog-proof entries held beyond a gap
    forks/1.json ...                 two checkpoints that contradict each other, with the proof
    own/*.json                       what rests on the maker's word alone
    desk/checkpoint leaves records   the private desk record, on request

``docs/reference/bundle.md`` is the specification.
"""

import binascii
import hashlib
import re
from base64 import b64decode, b64encode
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, TypeVar

import msgspec

from clearline.canonical import UNREADABLE, encode
from clearline.evidence import container
from clearline.evidence.parts import (
    AheadPart,
    AlertStated,
    Beat,
    Bundle,
    Content,
    DeskPart,
    FeedPart,
    ForkStated,
    Held,
    Manifest,
    Member,
    Opening,
    Scope,
    Seen,
    Withheld,
)
from clearline.evidence.words import NOTICE_LINES, READ_ME
from clearline.ledger.checkpoint import origin_of
from clearline.ledger.note import sign_note
from clearline.model.entry import Kind
from clearline.model.ids import Digest, EntryRef, FeedId, LineId, PartyId, is_feed_id
from clearline.model.refusal import Code, Refusal
from clearline.model.time import Instant
from clearline.signing import Signer

VERSION: Final = 1
NOTE_TITLE: Final = "clearline evidence bundle 1"
STRUCTURAL: Final = frozenset({Kind.JOIN, Kind.ADOPT, Kind.REKEY, Kind.LEAVE})
"""Never withheld: they hold nothing of anybody's plans, and the proof of the rest leans on them."""


# --- writing ---------------------------------------------------------------------------------


def write_bundle(
    content: Content,
    signer: Signer,
    *,
    line: LineId,
    feed: FeedId,
    made: Instant,
    software: str,
    scope: Scope,
    withheld: Sequence[Withheld] = (),
    uncovered: Mapping[FeedId, int] | None = None,
    alerts_withheld: int = 0,
) -> bytes:
    """The file, signed by the maker's node key. Raises ValueError for what does not fit into one
    file: divide it by time, or leave the proofs out."""
    members = _members(content)
    manifest = Manifest(
        v=VERSION,
        line=line,
        party=PartyId(feed.partition(".")[0]),
        feed=feed,
        made=made,
        software=software,
        scope=scope,
        says=NOTICE_LINES,
        held=_held(content, uncovered or {}),
        withheld=tuple(withheld),
        alerts_withheld=alerts_withheld,
        members=tuple(
            Member(name=name, size=len(members[name]), sha256=_digest(members[name]))
            for name in sorted(members)
        ),
    )
    return seal(manifest, members, signer)


def _held(content: Content, uncovered: Mapping[FeedId, int]) -> tuple[Held, ...]:
    parts = {part.feed: part for part in content.feeds}
    return tuple(
        Held(
            feed=feed,
            size=len(parts[feed].leaves) if feed in parts else 0,
            shown=len(parts[feed].shown) if feed in parts else 0,
            uncovered=uncovered.get(feed, 0),
        )
        for feed in sorted(parts.keys() | uncovered.keys())
    )


def seal(manifest: Manifest, members: Mapping[str, bytes], signer: Signer) -> bytes:
    """The file of these members under this manifest, signed."""
    raw = encode(manifest)
    note = sign_note(note_text(manifest, raw), ((note_name(manifest.line, manifest.feed), signer),))
    return container.pack({**members, "manifest.json": raw, "manifest.note": note})


def note_name(line: LineId, feed: FeedId) -> str:
    """The key name under which a bundle is signed."""
    return f"{origin_of(line, feed)}/evidence"


def note_text(manifest: Manifest, raw: bytes) -> str:
    """What is signed; no text of a checkpoint can be like it."""
    return f"{NOTE_TITLE}\n{manifest.line}\n{manifest.feed}\n{_digest(raw)}\n"


def _digest(raw: bytes) -> Digest:
    return Digest(hashlib.sha256(raw).hexdigest())


def _members(content: Content) -> dict[str, bytes]:
    out: dict[str, bytes] = {"README.txt": READ_ME.encode()}
    for n, document in enumerate(content.documents, 1):
        out[f"documents/{n:04d}.json"] = document
    for part in content.feeds:
        at = f"feeds/{part.feed}"
        out[f"{at}/checkpoint"] = part.checkpoint
        out[f"{at}/leaves"] = _lines(part.leaves)
        out[f"{at}/entries"] = _openings(part.shown)
        if part.consistency:
            out[f"{at}/consistency"] = _lines(part.consistency)
    for ref, proof in content.proofs.items():
        out[f"proofs/{ref.feed}/{ref.index}.tlog-proof"] = proof
    for kept in content.ahead:
        at = f"ahead/{kept.feed}/{kept.index}"
        out[f"{at}.entry"], out[f"{at}.tlog-proof"] = kept.data, kept.proof
    for n, fork in enumerate(content.forks, 1):
        out[f"forks/{n}.json"] = _PLAIN_FORM.encode(fork)
    received = {feed: list(times) for feed, times in content.received.items()}
    out["own/received.json"] = _PLAIN_FORM.encode(received)
    for name, records in (
        ("alerts", content.alerts),
        ("beats", content.beats),
        ("checkpoints", content.checkpoints),
        ("desks", content.desks),
    ):
        out[f"own/{name}.json"] = _PLAIN_FORM.encode(records)
    if content.desk is not None:
        out["desk/checkpoint"] = content.desk.checkpoint
        out["desk/leaves"] = _lines(content.desk.leaves)
        out["desk/records"] = _openings(content.desk.shown)
    return out


_PLAIN_FORM: Final = msgspec.json.Encoder(order="sorted")
"""Names sorted, nothing left out: canonical for whole numbers and ASCII names."""


def _lines(hashes: Iterable[bytes]) -> bytes:
    return b"".join(b64encode(hash_) + b"\n" for hash_ in hashes)


def _openings(shown: Mapping[int, Opening]) -> bytes:
    return b"".join(
        b"%d %b %b\n" % (index, b64encode(shown[index].salt), b64encode(shown[index].data))
        for index in sorted(shown)
    )


# --- reading ---------------------------------------------------------------------------------

_INDEX: Final = re.compile(rb"(?:0|[1-9][0-9]{0,12})", re.ASCII)
_PROOF: Final = re.compile(
    r"(proofs|ahead)/([A-Z0-9.]+)/(0|[1-9][0-9]{0,12})\.(tlog-proof|entry)", re.ASCII
)
_FEED: Final = re.compile(r"feeds/([A-Z0-9.]+)/(checkpoint|leaves|entries|consistency)", re.ASCII)
_PLAIN: Final = re.compile(
    r"documents/[0-9]{4}\.json|forks/[1-9][0-9]{0,4}\.json|README\.txt"
    r"|own/(?:received|alerts|beats|checkpoints|desks)\.json|desk/(?:checkpoint|leaves|records)",
    re.ASCII,
)
T = TypeVar("T")


def read_bundle(raw: bytes) -> Bundle | Refusal:
    """The bundle in a file. Refused: what is no bundle, or whose manifest cannot be read; whatever
    else does not fit is listed, and the rest is read. Never raises."""
    opened = container.unpack(raw)
    if isinstance(opened, Refusal):
        return opened
    members = opened.members
    if "manifest.json" not in members:
        return Refusal(code=Code.MISSING_FIELD, clause="CL-EVI-002", at="manifest.json")
    manifest = _read(members["manifest.json"], Manifest, "manifest.json")
    if isinstance(manifest, Refusal):
        return manifest
    if manifest.v != VERSION:
        return Refusal(
            code=Code.UNKNOWN_VERSION, clause="CL-EVI-002", params={"version": manifest.v}
        )
    faults = _misfits(manifest, members)
    reader = _Reader(members, faults)
    return Bundle(
        manifest=manifest,
        manifest_raw=members["manifest.json"],
        note=members.get("manifest.note", b""),
        content=reader.content(),
        misfits=tuple(faults),
        exact=opened.exact,
    )


def _misfits(manifest: Manifest, members: Mapping[str, bytes]) -> list[Refusal]:
    """CL-EVI-002: members against the list, both ways."""
    faults: list[Refusal] = []
    listed = {member.name: member for member in manifest.members}
    if len(listed) != len(manifest.members):
        faults.append(_no(Code.BAD_ORDER, "manifest.json"))
    for name in sorted((listed.keys() | members.keys()) - {"manifest.json", "manifest.note"}):
        if name not in members:
            faults.append(_no(Code.MISSING_FIELD, name))
        elif name not in listed or not _known(name):
            faults.append(_no(Code.UNKNOWN_FIELD, name))
        elif listed[name].sha256 != _digest(members[name]) or listed[name].size != len(
            members[name]
        ):
            faults.append(_no(Code.BAD_PROOF, name))
    return faults


def _known(name: str) -> bool:
    return any(form.fullmatch(name) for form in (_PLAIN, _FEED, _PROOF))


def _no(code: Code, name: str, clause: str = "CL-EVI-002") -> Refusal:
    return Refusal(code=code, clause=clause, at=name)


def _read(raw: bytes, kind: type[T], name: str) -> T | Refusal:
    """A record of ours, in its one form (CL-EVI-002)."""
    try:
        record = msgspec.json.decode(raw, type=kind, strict=True)
        again = msgspec.json.encode(record, order="sorted")
    except msgspec.ValidationError:
        return _no(Code.BAD_FIELD, name)
    except UNREADABLE:
        return _no(Code.NOT_JSON, name)
    return record if again == raw else _no(Code.NOT_CANONICAL, name)


class _Reader:
    """Members to content; whatever cannot be read goes to the faults."""

    def __init__(self, members: Mapping[str, bytes], faults: list[Refusal]) -> None:
        self._members, self._faults = members, faults

    def content(self) -> Content:
        """Everything that can be read."""
        names = sorted(self._members)
        feeds = sorted(
            {FeedId(m[1]) for name in names if (m := _FEED.fullmatch(name)) and is_feed_id(m[1])}
        )
        forks = [
            found
            for name in names
            if name.startswith("forks/") and (found := self._record(name, ForkStated)) is not None
        ]
        received = self._record("own/received.json", dict[str, list[int]]) or {}
        return Content(
            documents=tuple(self._members[n] for n in names if n.startswith("documents/")),
            feeds=tuple(self._feed(feed) for feed in feeds),
            proofs=dict(self._proofs(names)),
            ahead=tuple(self._ahead(names)),
            forks=tuple(forks),
            received={
                FeedId(feed): tuple(Instant(t) for t in times) for feed, times in received.items()
            },
            checkpoints=tuple(self._record("own/checkpoints.json", list[Seen]) or ()),
            desks=tuple(self._record("own/desks.json", list[Seen]) or ()),
            beats=tuple(self._record("own/beats.json", list[Beat]) or ()),
            alerts=tuple(self._record("own/alerts.json", list[AlertStated]) or ()),
            desk=self._desk(),
        )

    def _record(self, name: str, kind: type[T]) -> T | None:
        raw = self._members.get(name)
        if raw is None:
            return None
        found = _read(raw, kind, name)
        if isinstance(found, Refusal):
            self._faults.append(found)
            return None
        return found

    def _feed(self, feed: FeedId) -> FeedPart:
        at = f"feeds/{feed}"
        shown, repeated = self._shown(f"{at}/entries")
        return FeedPart(
            feed=feed,
            checkpoint=self._members.get(f"{at}/checkpoint", b""),
            leaves=self._hashes(f"{at}/leaves"),
            shown=shown,
            consistency=self._hashes(f"{at}/consistency"),
            repeated=repeated,
        )

    def _desk(self) -> DeskPart | None:
        if "desk/checkpoint" not in self._members:
            return None
        shown, repeated = self._shown("desk/records")
        return DeskPart(
            checkpoint=self._members["desk/checkpoint"],
            leaves=self._hashes("desk/leaves"),
            shown=shown,
            repeated=repeated,
        )

    def _hashes(self, name: str) -> tuple[bytes, ...]:
        """32 bytes a line; a line that is not stands as an empty hash, so that places hold."""
        found: list[bytes] = []
        for line in self._text_lines(name):
            hash_ = _unbase64(line)
            if hash_ is None or len(hash_) != 32:
                self._faults.append(
                    Refusal(
                        code=Code.BAD_FIELD,
                        clause="CL-EVI-002",
                        at=name,
                        params={"index": len(found)},
                    )
                )
                hash_ = b""
            found.append(hash_)
        return tuple(found)

    def _shown(self, name: str) -> tuple[dict[int, Opening], tuple[int, ...]]:
        shown: dict[int, Opening] = {}
        repeated: list[int] = []
        last = -1
        for line in self._text_lines(name):
            parts = line.split(b" ")
            salt = _unbase64(parts[1]) if len(parts) == 3 else None
            data = _unbase64(parts[2]) if len(parts) == 3 else None
            if salt is None or data is None or _INDEX.fullmatch(parts[0]) is None:
                self._faults.append(_no(Code.BAD_FIELD, name))
                continue
            index = int(parts[0])
            if index <= last:
                repeated.append(index)
            last = index
            shown.setdefault(index, Opening(salt=salt, data=data))
        return shown, tuple(repeated)

    def _text_lines(self, name: str) -> list[bytes]:
        raw = self._members.get(name, b"")
        if raw and not raw.endswith(b"\n"):
            self._faults.append(_no(Code.TRUNCATED, name))
        return raw.removesuffix(b"\n").split(b"\n") if raw else []

    def _proofs(self, names: Sequence[str]) -> Iterable[tuple[EntryRef, bytes]]:
        for name in names:
            found = _PROOF.fullmatch(name)
            if found and found[1] == "proofs" and found[4] == "tlog-proof":
                yield EntryRef(FeedId(found[2]), int(found[3])), self._members[name]

    def _ahead(self, names: Sequence[str]) -> Iterable[AheadPart]:
        for name in names:
            found = _PROOF.fullmatch(name)
            if found and found[1] == "ahead" and found[4] == "entry":
                proof = self._members.get(name.removesuffix("entry") + "tlog-proof", b"")
                yield AheadPart(
                    feed=FeedId(found[2]),
                    index=int(found[3]),
                    data=self._members[name],
                    proof=proof,
                )


def _unbase64(text: bytes) -> bytes | None:
    """The bytes of the one base64 of a value, or None."""
    try:
        raw = b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    return raw if b64encode(raw) == text else None
