"""One party's chain: its manifests and root changes, in order, each naming the one before.

| clause | rule |
|---|---|
| CL-TRU-020 | a manifest is signed by the root key in force and by nobody else |
| CL-TRU-021 | serial counts from 1 without a gap; ``previous`` is the digest of the link before |
| CL-TRU-022 | an older link than the newest held is refused: no withdrawn key comes back |
| CL-TRU-023 | two links of one serial, both rightly signed, are proof of a forked root |
| CL-TRU-024 | a key that ended stays ended where it ended; one in use never vanishes |
| CL-TRU-025 | a key has one use: root, node or ended, of one party |
| CL-TRU-029 | a root change is signed by the old and the new root, and by nobody else |
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from clearline.model.ids import Digest, PartyId
from clearline.model.refusal import Code, Param, Refusal
from clearline.model.time import Instant
from clearline.signing import Signer, read_public_key
from clearline.trust.documents import DocType, Signed, document_type, read, sign
from clearline.trust.party import KeyRole, Manifest, NodeKey, RootChange, manifest_fault


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
    """What is held of a party's links. ``roots`` are its root keys; the last one rules."""

    party: PartyId
    roots: tuple[str, ...] = ()
    links: tuple[Digest, ...] = ()
    manifest: Manifest | None = None

    @property
    def serial(self) -> int:
        """Of the newest link; 0 before the first."""
        return len(self.links)

    @property
    def root(self) -> str | None:
        """The root key in force."""
        return self.roots[-1] if self.roots else None

    @property
    def keys(self) -> frozenset[str]:
        """Every key that the party has ever used for anything."""
        if self.manifest is None:
            return frozenset(self.roots)
        using = (key.key for key in self.manifest.keys)
        ended = (key.key for key in self.manifest.ended)
        return frozenset((*self.roots, *using, *ended))


def read_chain(party: PartyId, anchor: str, raws: Iterable[bytes]) -> Chain | Refusal:
    """The chain of a party from its first link, which must pass through the root key ``anchor``
    (from its card or the agreement). CL-TRU-033."""
    chain = Chain(party=party)
    for raw in raws:
        longer = extend(chain, raw)
        if isinstance(longer, Refusal):
            return longer
        chain = longer
    return anchored(chain, anchor) or chain


def anchored(chain: Chain, anchor: str) -> Refusal | None:
    """CL-TRU-033: why the chain does not belong to a root key that was compared or agreed."""
    if anchor in chain.roots:
        return None
    params = {"party": chain.party, "key": anchor}
    return Refusal(code=Code.BAD_MANIFEST, clause="CL-TRU-033", params={**params})


def extend(chain: Chain, raw: bytes) -> Chain | Refusal:
    """The chain with one more link. The newest link again changes nothing; everything else that is
    not the next link is refused."""
    kind = document_type(raw)
    if isinstance(kind, Refusal):
        return kind
    if kind is DocType.MANIFEST:
        manifest = read(raw, DocType.MANIFEST, Manifest)
        if isinstance(manifest, Refusal):
            return manifest
        return _take_manifest(chain, manifest)
    change = read(raw, DocType.ROOT_CHANGE, RootChange)
    if isinstance(change, Refusal):
        return change
    return _take_change(chain, change)


def _take_manifest(chain: Chain, signed: Signed[Manifest]) -> Chain | Refusal:
    manifest = signed.body
    if signed.signers != {manifest.root_key}:
        return _no(Code.NOT_SIGNED, "CL-TRU-020", key=manifest.root_key)
    misplaced = _place(chain, manifest, signed.digest, manifest.root_key)
    if misplaced is not None:
        return misplaced if isinstance(misplaced, Refusal) else chain
    if chain.root is not None and manifest.root_key != chain.root:
        return _no(Code.NOT_SIGNED, "CL-TRU-020", key=chain.root)
    fault = manifest_fault(manifest) or _succession_fault(chain, manifest)
    if fault is not None:
        return fault
    return replace(
        chain,
        roots=chain.roots or (manifest.root_key,),
        links=(*chain.links, signed.digest),
        manifest=manifest,
    )


def _take_change(chain: Chain, signed: Signed[RootChange]) -> Chain | Refusal:
    change = signed.body
    if change.v != 1:
        return _no(Code.UNKNOWN_VERSION, "CL-TRU-029")
    if signed.signers != {change.old_root, change.new_root} or change.old_root == change.new_root:
        return _no(Code.NOT_SIGNED, "CL-TRU-029", old=change.old_root, new=change.new_root)
    misplaced = _place(chain, change, signed.digest, change.old_root)
    if misplaced is not None:
        return misplaced if isinstance(misplaced, Refusal) else chain
    if chain.root is None:
        return _no(Code.GAP, "CL-TRU-021", serial=change.serial, held=0)
    if change.old_root != chain.root:
        return _no(Code.NOT_SIGNED, "CL-TRU-029", key=chain.root)
    if change.new_root in chain.keys:
        return _no(Code.BAD_KEY, "CL-TRU-025", key=change.new_root)
    return replace(
        chain,
        roots=(*chain.roots, change.new_root),
        links=(*chain.links, signed.digest),
    )


def _place(
    chain: Chain, link: Manifest | RootChange, digest: Digest, by: str
) -> Refusal | Digest | None:
    """Where a rightly signed link belongs: None when it is the next one, its digest when it is the
    newest one that is held already, a refusal when it is neither (CL-TRU-021 to 023)."""
    if link.party != chain.party:
        return _no(Code.UNKNOWN_PARTY, "CL-TRU-021", party=link.party, wanted=chain.party)
    facts: dict[str, Param] = {
        "party": link.party, "serial": link.serial, "held": chain.serial
    }  # fmt: skip
    if link.serial <= chain.serial:
        if chain.links[link.serial - 1] == digest:
            if link.serial == chain.serial:
                return digest
            return Refusal(code=Code.ROLLBACK, clause="CL-TRU-022", params={**facts})
        forked = by in chain.roots
        return Refusal(
            code=Code.FORK if forked else Code.NOT_SIGNED,
            clause="CL-TRU-023" if forked else "CL-TRU-020",
            params={**facts, "key": by},
        )
    if link.serial > chain.serial + 1:
        return Refusal(code=Code.GAP, clause="CL-TRU-021", params={**facts})
    if link.previous != (chain.links[-1] if chain.links else None):
        return Refusal(code=Code.WRONG_PREDECESSOR, clause="CL-TRU-021", params={**facts})
    return None


def _succession_fault(chain: Chain, new: Manifest) -> Refusal | None:
    """CL-TRU-024, 025: what the manifest before it says stays true."""
    used = {key.key for key in new.keys} | {key.key for key in new.ended}
    if used & set(chain.roots):
        return _no(Code.BAD_KEY, "CL-TRU-025")
    old = chain.manifest
    if old is None:
        if new.ended:
            return _no(Code.BAD_MANIFEST, "CL-TRU-024", why="a first manifest ends no key")
        return None
    ended = {key.key: key for key in new.ended}
    using = {key.key: key for key in new.keys}
    for past in old.ended:
        if ended.get(past.key) != past:
            return _no(Code.BAD_MANIFEST, "CL-TRU-024", key=past.key)
    for key in old.keys:
        end = ended.get(key.key)
        if end is not None and (end.role, end.lines) != (key.role, key.lines):
            return _no(Code.BAD_MANIFEST, "CL-TRU-024", key=key.key)
        if end is None and not _goes_on(key, using.get(key.key)):
            return _no(Code.BAD_MANIFEST, "CL-TRU-024", key=key.key)
    known = {key.key for key in old.keys} | {key.key for key in old.ended}
    for fresh in ended.keys() - known:
        return _no(Code.BAD_MANIFEST, "CL-TRU-024", key=fresh)
    return None


def _goes_on(before: NodeKey, after: NodeKey | None) -> bool:
    """A key in use keeps its lines; a stand-by may become the node key, not the other way."""
    if after is None or after.lines != before.lines:
        return False
    return after.role == before.role or before.role is KeyRole.STANDBY


def change_root(chain: Chain, old: Signer, new: Signer, *, issued: Instant) -> bytes | Refusal:
    """The next link: a new root key, signed by both."""
    if old.public.hex != chain.root:
        return _no(Code.BAD_KEY, "CL-TRU-029", key=old.public.hex)
    usable = read_public_key(new.public.hex)
    if isinstance(usable, Refusal):
        return usable
    change = RootChange(
        v=1,
        party=chain.party,
        serial=chain.serial + 1,
        issued=issued,
        old_root=old.public.hex,
        new_root=new.public.hex,
        previous=chain.links[-1],
    )
    return sign(DocType.ROOT_CHANGE, change, (old, new))


def _no(code: Code, clause: str, **params: str | int) -> Refusal:
    return Refusal(code=code, clause=clause, params={**params})
