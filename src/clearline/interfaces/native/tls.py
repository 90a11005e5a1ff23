"""Who is at the other end: TLS 1.3 both ways, whole self-signed certificates pinned by manifests.

A context trusts exactly the certificates that the newest manifests of a line's parties name, and
is made anew when those change. Host names and dates mean nothing here: the handshake proves the
key, and the certificate is then compared byte by byte (``party_by_certificate``), so that a party
is who the manifest says and not who its certificate says (CL-LNK-020).
"""

import ssl
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from clearline.model.ids import PartyId
from clearline.trust.roster import Roster, party_by_certificate, pins


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """This node's own TLS certificate and key, each a PEM file; read anew for every context, so
    that a replaced pair is used without a restart."""

    certificate: Path
    key: Path


def anchors_of(rosters: Iterable[Roster], me: PartyId) -> frozenset[bytes]:
    """The certificates (DER) of every other party on the lines."""
    return frozenset(
        der
        for roster in rosters
        for party in roster.parties
        if party != me
        for der in pins(roster, party)
    )


def make_context(identity: Identity, anchors: Iterable[bytes], *, server: bool) -> ssl.SSLContext:
    """A context that accepts the holders of these certificates and nobody else.

    Raises OSError (ssl.SSLError) if the node's own files cannot be used.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER if server else ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.verify_mode = ssl.CERT_REQUIRED
    # A pinned certificate is an anchor by itself, whatever it says of issuing others.
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    context.load_cert_chain(identity.certificate, identity.key)
    if trusted := b"".join(sorted(anchors)):
        context.load_verify_locations(cadata=trusted)
    if server:
        # A resumed session would be let in on a certificate that has been unpinned since.
        context.num_tickets = 0
    return context


def shown_certificate(tls: object) -> bytes | None:
    """The certificate (DER) that the other end has proved to hold the key of."""
    if not isinstance(tls, ssl.SSLObject):
        return None
    return tls.getpeercert(binary_form=True)


def who(roster: Roster, certificate: bytes | None) -> PartyId | None:
    """The party of this line whose certificate it is now; None: a stranger."""
    return None if certificate is None else party_by_certificate(roster, certificate)
