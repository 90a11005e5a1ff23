"""What a node knows of a line, as a signed picture to check plans against elsewhere."""

from collections.abc import Mapping
from typing import Final

import msgspec

from clearline.api.problems import Refused
from clearline.api.service import Call, Service
from clearline.model.ids import FeedId, LineId, PartyId
from clearline.model.refusal import Code, Refusal
from clearline.model.time import Instant
from clearline.node.conductor import Conductor
from clearline.node.queries_notices import standing_of, standing_view, third_parties
from clearline.node.reading import Reading
from clearline.picture.situation import Version
from clearline.plan.export import export_picture, picture_document
from clearline.plan.snapshot import PictureDoc
from clearline.signing import Signer
from clearline.trust.party import KeyRole

NOT_KNOWN: Final = "standing not known: nothing of its author's is held to read it from"


async def picture(service: Service, call: Call[None]) -> msgspec.Raw:
    """What this node knows of the line now, signed with its key: to check plans against elsewhere.

    Raises Refused where the key that the newest manifest names is not here.
    """
    line = service.line(call).ls.line
    conductor = service.runtime.conductor
    signer = _signer(conductor, line)
    return msgspec.Raw(export_picture(document_of(conductor, line, service.now), signer).rstrip())


def _signer(conductor: Conductor, line: LineId) -> Signer:
    ls = conductor.state.lines[line]
    manifest = ls.roster.chains[ls.me].manifest
    named = () if manifest is None else manifest.keys
    for key in named:
        signer = conductor.signers.get(key.key)
        here = not key.lines or line in key.lines
        if signer is not None and key.role is KeyRole.NODE and here:
            return signer
    raise Refused(Refusal(code=Code.NOT_SIGNING, clause="CL-API-006", params={"why": "key"}))


def document_of(conductor: Conductor, line: LineId, at: Instant) -> PictureDoc:
    """What a node holds of a line, ready to be signed."""
    ls = conductor.state.lines[line]
    terms = ls.terms
    assert terms is not None, "a line begins with its terms"
    judge = conductor.tools.judge(line)
    judge.sync(ls.picture)
    reading = Reading(ls=ls, terms=terms, judge=judge, now=at)

    def words(version: Version) -> str:
        found = standing_of(reading, version)
        if found is None:
            return NOT_KNOWN
        untold = tuple(
            third.party
            for third in third_parties(reading, version)
            if third.state not in ("TOLD", "ANSWERED")
        )
        return standing_view(reading, found, version, untold).words

    trips: Mapping[PartyId, Instant] = {
        party: peer.round_trip for party, peer in ls.peers.items() if peer.round_trip is not None
    }
    roots: Mapping[FeedId, bytes] = {feed: front.root for feed, front in ls.frontiers.items()}
    return picture_document(
        ls.picture,
        ls.roster,
        by=ls.me,
        now=at,
        heads=dict(ls.heads.items()),
        roots=roots,
        documents=conductor.papers(line).documents,
        round_trips=trips,
        standing_of=words,
    )


__all__ = ["document_of", "picture"]
