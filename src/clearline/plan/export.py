"""What a node knows of a line, as a picture to be signed. Pure: the caller knows state and time."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from clearline.ledger.checkpoint import SignedCheckpoint
from clearline.model.ids import FeedId, PartyId
from clearline.model.refusal import Refusal
from clearline.model.time import Instant
from clearline.picture.situation import FeedState, Picture, Version
from clearline.picture.standing import adopted_versions, epochs, hazard_by, live_versions
from clearline.plan.answer import SAYS
from clearline.plan.snapshot import (
    VERSION,
    ChainPapers,
    FeedPosition,
    LiveNotice,
    PeerSeen,
    PictureDoc,
    sign_picture,
)
from clearline.signing import Signer
from clearline.trust.documents import DocType, Signed, document_type, envelope, read
from clearline.trust.party import Manifest, RootChange
from clearline.trust.roster import Roster

_WORDS_MAX: Final = 2_000


def picture_document(
    picture: Picture,
    roster: Roster,
    *,
    by: PartyId,
    now: Instant,
    heads: Mapping[FeedId, SignedCheckpoint],
    roots: Mapping[FeedId, bytes],
    documents: Sequence[bytes],
    round_trips: Mapping[PartyId, Instant] | None = None,
    standing_of: Callable[[Version], str],
) -> PictureDoc:
    """The picture at ``now`` by the exporter's clock.

    ``heads``: newest signed checkpoints held; ``roots``: roots (32 bytes) of the folded feeds;
    ``documents``: the line's signed documents as they came, each party's links in their order;
    ``standing_of``: the standing of a version in words. A checkpoint of another size than was
    folded is left out.
    """
    in_force = adopted_versions(picture) or tuple(sorted(picture.terms))
    terms = [picture.terms[version] for version in in_force]
    live = sorted(live_versions(picture, hazard_by(terms)), key=lambda version: version.ref)
    links, openings = _papers(documents)
    others = [party for party in roster.parties if party != by]
    return PictureDoc(
        v=VERSION,
        line=roster.line,
        by=by,
        at=now,
        says=SAYS,
        feeds=tuple(
            _position(state, roots[feed], heads.get(feed))
            for feed, state in sorted(picture.feeds.items())
            if feed in roots
        ),
        peers=tuple(_seen(picture, party, (round_trips or {}).get(party)) for party in others),
        in_force=in_force,
        agreements=tuple(envelope(signed).decode() for signed in roster.versions),
        chains=tuple(
            ChainPapers(party=party, links=tuple(link.decode() for link in links[party]))
            for party in sorted(links)
            if links[party]
        ),
        live=tuple(_live(version, standing_of) for version in live),
        openings=tuple(opening.decode() for opening in openings),
    )


def _papers(documents: Sequence[bytes]) -> tuple[dict[PartyId, list[bytes]], list[bytes]]:
    """Manifests and root changes by party, and openings of epochs; the terms are in the roster."""
    links: dict[PartyId, list[tuple[int, bytes]]] = {}
    openings: list[bytes] = []
    for raw in documents:
        kind = document_type(raw)
        if kind is DocType.EPOCH:
            openings.append(raw)
            continue
        link: Signed[Manifest] | Signed[RootChange] | Refusal
        if kind is DocType.MANIFEST:
            link = read(raw, DocType.MANIFEST, Manifest)
        elif kind is DocType.ROOT_CHANGE:
            link = read(raw, DocType.ROOT_CHANGE, RootChange)
        else:
            continue
        if not isinstance(link, Refusal):
            links.setdefault(link.body.party, []).append((link.body.serial, raw))
    ordered = {party: [raw for _, raw in sorted(found)] for party, found in links.items()}
    return ordered, openings


def export_picture(document: PictureDoc, signer: Signer) -> bytes:
    """The signed bytes, with a line end."""
    return sign_picture(document, signer) + b"\n"


def _position(state: FeedState, root: bytes, head: SignedCheckpoint | None) -> FeedPosition:
    proves = head is not None and (head.checkpoint.size, head.checkpoint.root) == (state.size, root)
    return FeedPosition(
        feed=state.feed,
        size=state.size,
        root=root.hex(),
        checkpoint=head.text.decode() if head is not None and proves else None,
    )


def _seen(picture: Picture, party: PartyId, round_trip: Instant | None) -> PeerSeen:
    held = [state for state in epochs(picture, party) if state.size]
    return PeerSeen(party=party, last_entry=held[-1].t if held else None, round_trip=round_trip)


def _live(version: Version, standing_of: Callable[[Version], str]) -> LiveNotice:
    """An unreadable one goes without what could not be read."""
    unread = version.unreadable is not None
    return LiveNotice(
        ref=version.ref,
        notice=version.notice,
        party=version.party,
        cls="" if unread else version.cls,
        label="" if unread else version.label,
        stated=version.stated,
        standing=standing_of(version)[:_WORDS_MAX],
        volumes=() if unread else version.volumes,
        operation=version.operation,
        cut=version.cut,
        clear=version.clear,
        unreadable=version.unreadable,
    )
