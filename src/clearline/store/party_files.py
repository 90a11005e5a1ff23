"""A party's folder: its card, its chain, its keys.

    card.json                      the party card (public)
    chain/0001.json ...            manifests and root changes in order (public)
    keys/root-<16 hex>.key         root key, sealed; may be kept elsewhere
    keys/node-<16 hex>.key         node keys, by the start of the public key
    keys/tls-<16 hex>.key .pem     TLS key and certificate, by the certificate's SHA-256

Which key is in use is not written down twice: the newest manifest says it.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from clearline.model.ids import PartyId
from clearline.model.refusal import Code, Refusal
from clearline.signing import SoftwareSigner
from clearline.store import keyfile
from clearline.trust.chain import Chain, read_chain
from clearline.trust.documents import Signed
from clearline.trust.party import KeyRole, PartyCard, certificate_der, read_card

KEY_NAME_DIGITS = 16


@dataclass(frozen=True, slots=True)
class PartyFiles:
    """The folder of one party."""

    folder: Path

    @property
    def card_path(self) -> Path:
        """Where the card is."""
        return self.folder / "card.json"

    def key_path(self, use: str, public: str) -> Path:
        """Where a key is: ``use`` is root or node, ``public`` its hex."""
        return self.folder / "keys" / f"{use}-{public[:KEY_NAME_DIGITS]}.key"

    def tls_paths(self, der: bytes) -> tuple[Path, Path]:
        """Where a certificate (PEM) and its key are."""
        name = f"tls-{hashlib.sha256(der).hexdigest()[:KEY_NAME_DIGITS]}"
        keys = self.folder / "keys"
        return keys / f"{name}.pem", keys / f"{name}.key"

    def link_path(self, serial: int) -> Path:
        """Where a link of the chain is."""
        return self.folder / "chain" / f"{serial:04d}.json"

    def card(self) -> Signed[PartyCard] | Refusal:
        """The party's card."""
        raw = read_file(self.card_path)
        return raw if isinstance(raw, Refusal) else read_card(raw)

    def links(self) -> tuple[bytes, ...]:
        """The chain's documents as they are kept, in order. Raises OSError."""
        found: list[bytes] = []
        while (path := self.link_path(len(found) + 1)).exists():
            found.append(path.read_bytes())
        return tuple(found)

    def chain(self, party: PartyId, root_key: str) -> Chain | Refusal:
        """The chain, checked against the root key of the card."""
        return read_chain(party, root_key, self.links())

    def root(
        self, root_key: str, passphrase: Callable[[], bytes] | None
    ) -> SoftwareSigner | Refusal:
        """The root key."""
        return keyfile.read_key(self.key_path("root", root_key), passphrase)

    def node_key(
        self, chain: Chain, passphrase: Callable[[], bytes] | None = None
    ) -> SoftwareSigner | Refusal:
        """The node key that the newest manifest names and this folder holds."""
        keys = () if chain.manifest is None else chain.manifest.keys
        for key in keys:
            path = self.key_path("node", key.key)
            if key.role is KeyRole.NODE and path.exists():
                return keyfile.read_key(path, passphrase)
        return Refusal(code=Code.NOT_FOUND, clause="CL-KEY-001", params={"file": "keys/node-*.key"})

    def tls(self, chain: Chain) -> tuple[Path, Path] | Refusal:
        """Certificate (PEM) and key of the newest manifest that this folder holds."""
        pins = () if chain.manifest is None else chain.manifest.tls
        for text in reversed(pins):
            der = certificate_der(text)
            if der is not None and all(path.exists() for path in self.tls_paths(der)):
                return self.tls_paths(der)
        return Refusal(code=Code.NOT_FOUND, clause="CL-KEY-001", params={"file": "keys/tls-*.pem"})


def read_file(path: Path) -> bytes | Refusal:
    """The bytes of a file that somebody named, or NOT_FOUND."""
    try:
        return path.read_bytes()
    except OSError as error:
        why = error.strerror or "cannot be read"
        return Refusal(
            code=Code.NOT_FOUND, clause="CL-KEY-001", params={"file": str(path), "why": why}
        )
