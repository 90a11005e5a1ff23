"""Signed documents that arrive: versions of the terms, manifests, root changes, epoch openings."""

from collections.abc import Iterable

from msgspec.structs import replace

from clearline.model.entry import Adopt, Join, Precedence, Rekey
from clearline.model.ids import Digest, FeedId, PartyId, epoch_of, feed_of, party_of
from clearline.model.refusal import Code, Refusal
from clearline.model.terms import Agreement
from clearline.model.time import Instant
from clearline.node.inbound import Outcome, Papers
from clearline.node.ports import StoredDocument
from clearline.node.state import LineState, Local, Peer, Signing
from clearline.node.turn import Turn
from clearline.node.write import append, is_unconfirmed
from clearline.picture.record import add_terms, mark_forked
from clearline.picture.situation import Picture
from clearline.trust.agreement import may_adopt, read_agreement
from clearline.trust.documents import DocType, Signed, document_type, read
from clearline.trust.party import EpochOpening, Manifest, RootChange
from clearline.trust.roster import (
    Roster,
    begin,
    feeds_of,
    key_for,
    with_links,
    with_opening,
    with_version,
)


def open_line(local: Local, first: Signed[Agreement], began: Instant) -> LineState | Refusal:
    """The state of a line by version 1 of its terms, which all must have signed. A line that not
    all have signed is refused with the names of those who are missing."""
    roster = begin(first)
    if isinstance(roster, Refusal):
        return roster
    picture = add_terms(Picture(line=roster.line), first.body)
    ls = LineState(
        line=roster.line,
        me=local.party,
        feed=feed_of(local.party),
        roster=roster,
        picture=picture,
        began=began,
    )
    return _with_peers(ls)


def take_papers(turn: Turn, ls: LineState, papers: Papers) -> tuple[LineState, Outcome]:
    """Documents in any order: each is taken as soon as what it rests on is there. What remains is
    refused with the reason of the first."""
    left = list(papers.documents)
    before = ls.feed
    refusal: Refusal | None = None
    while left:
        waiting: list[bytes] = []
        refusal = None
        for raw in left:
            taken = take_document(ls, raw)
            if isinstance(taken, Refusal):
                refusal = refusal or taken
                waiting.append(raw)
                continue
            ls, kind, digest, new = taken
            if new:
                turn.changed.add(ls.line)
                turn.documents.append(
                    StoredDocument(line=ls.line, kind=kind.value, sha256=digest, data=raw)
                )
        if len(waiting) == len(left):
            break
        left = waiting
    if papers.peer is None and ls.feed != before:
        # A person's word; one that comes back from a peer after a restore may have been used up.
        ls = replace(ls.locked(Signing.READY), mark_damaged=False, owed=True)
    return ls, Outcome(refusal=refusal)


def load_documents(ls: LineState, documents: Iterable[bytes]) -> LineState:
    """Stored documents, whatever their order: openings as soon as they can be taken, before a later
    manifest ends the key that opened."""
    left = sorted(documents, key=lambda raw: document_type(raw) is not DocType.EPOCH)
    while left:
        for raw in left:
            taken = take_document(ls, raw)
            if not isinstance(taken, Refusal):
                ls = taken[0]
                left.remove(raw)
                break
        else:
            break
    return ls


def take_document(ls: LineState, raw: bytes) -> tuple[LineState, DocType, Digest, bool] | Refusal:
    """One document into the line's state: its type, digest, and whether it was new."""
    kind = document_type(raw)
    if isinstance(kind, Refusal):
        return kind
    match kind:
        case DocType.AGREEMENT:
            return _take_terms(ls, raw)
        case DocType.MANIFEST:
            return _take_link(ls, raw, read(raw, kind, Manifest))
        case DocType.ROOT_CHANGE:
            return _take_link(ls, raw, read(raw, kind, RootChange))
        case DocType.EPOCH:
            return _take_opening(ls, raw)
        case _:
            return Refusal(code=Code.UNKNOWN_KIND, clause="CL-LNK-003", params={"kind": kind.value})


def _take_terms(ls: LineState, raw: bytes) -> tuple[LineState, DocType, Digest, bool] | Refusal:
    signed = read_agreement(raw)
    if isinstance(signed, Refusal):
        return signed
    left = frozenset(
        PartyId(feed.partition(".")[0])
        for feed, state in ls.picture.feeds.items()
        if state.left is not None
    )
    roster = with_version(ls.roster, signed, left=left)
    if isinstance(roster, Refusal):
        return roster
    new = roster is not ls.roster
    if new:
        ls = replace(ls, roster=roster, picture=add_terms(ls.picture, signed.body))
        ls = _with_peers(ls)
    return ls, DocType.AGREEMENT, signed.digest, new


def _take_link(
    ls: LineState, raw: bytes, signed: Signed[Manifest] | Signed[RootChange] | Refusal
) -> tuple[LineState, DocType, Digest, bool] | Refusal:
    if isinstance(signed, Refusal):
        return signed
    party = signed.body.party
    chain = ls.roster.chains.get(party)
    if chain is not None and signed.digest in chain.links:
        return ls, signed.type, signed.digest, False
    roster = with_links(ls.roster, party, (raw,))
    if isinstance(roster, Refusal):
        return roster
    ls = replace(ls, roster=roster)
    for feed in feeds_of(roster, party):
        ls = void_beyond(ls, feed)
    return ls, signed.type, signed.digest, True


def void_beyond(ls: LineState, feed: FeedId) -> LineState:
    """A manifest that ends a key before what we took of it: what we took beyond stays live, the
    feed stands still as a forked one does, and a person and a new epoch must settle it."""
    chain = ls.roster.chains.get(PartyId(feed.partition(".")[0]))
    manifest = chain.manifest if chain is not None else None
    held = ls.heads.get(feed)
    if manifest is None or held is None:
        return ls
    for ended in manifest.ended:
        for mark in ended.feeds:
            if (
                (mark.line, mark.feed) == (ls.line, feed)
                and mark.size < held.checkpoint.size
                and held.checkpoint.size > 0
                and not _signed_by_successor(ls, feed, held.checkpoint.size, held.text)
            ):
                picture = mark_forked(ls.picture, feed, mark.size)
                return replace(ls, picture=picture, owed=True)
    return ls


def _signed_by_successor(ls: LineState, feed: FeedId, size: int, text: bytes) -> bool:
    """Whether the head that we hold verifies under the key that now speaks for its place."""
    from clearline.ledger.checkpoint import origin_of, verify_checkpoint

    key = key_for(ls.roster, feed, size)
    if key is None:
        return False
    signed = verify_checkpoint(text, origin=origin_of(ls.line, feed), keys=(key,))
    return not isinstance(signed, Refusal)


def _take_opening(ls: LineState, raw: bytes) -> tuple[LineState, DocType, Digest, bool] | Refusal:
    signed = read(raw, DocType.EPOCH, EpochOpening)
    if isinstance(signed, Refusal):
        return signed
    opening = signed.body
    feed = feed_of(opening.party, opening.epoch)
    before = ls.roster.openings.get(feed)
    roster = with_opening(ls.roster, raw)
    if isinstance(roster, Refusal):
        return roster
    new = roster.openings[feed] != before
    ls = replace(ls, roster=roster)
    mine = opening.party == ls.me and opening.epoch > epoch_of(ls.feed)
    if mine:
        # Locked until this turn is over and its mark, if it has one, was read.
        ls = replace(
            ls.locked(Signing.RESTORED),
            feed=feed,
            mark=None,
            mark_damaged=True,
            shown=0,
            bare=False,
        )
    return ls, DocType.EPOCH, signed.digest, new


def _with_peers(ls: LineState) -> LineState:
    """A place for every other party of any version of the terms."""
    peers = ls.peers
    for party in ls.roster.parties:
        if party != ls.me and party not in peers:
            peers = peers.insert(party, Peer(since=ls.began))
    return replace(ls, peers=peers)


def documents_of(roster: Roster, stored: Iterable[StoredDocument]) -> tuple[bytes, ...]:
    """Every document that a peer may lack, in an order in which they can be taken."""
    del roster
    return tuple(document.data for document in stored)


def join_and_adopt(turn: Turn, ls: LineState, local: Local) -> LineState:
    """Join, follow the keys, and adopt what is due: once all have signed, not before the stated
    time, and as a joiner only after every feed is held (protocol, Change)."""
    if ls.signing is not Signing.READY or key_for(ls.roster, ls.feed, 1) is None:
        return ls
    state = ls.picture.feed(ls.feed)
    if state.left is not None or is_unconfirmed(ls):
        return ls
    due = due_terms(ls, turn.now)
    if due is None and not state.joined:
        return ls
    if not state.joined:
        assert due is not None, "there are terms to join under"
        if not _holds_everything(ls):
            return ls
        join = Join(agreement=due.digest, software=local.software, rules=local.rules)
        ls, _ = append(turn, ls, join, Precedence.ROUTINE)
    ls = _follow_keys(turn, ls)
    if due is not None and due.body.version > ls.picture.feed(ls.feed).adopted():
        adopt = Adopt(version=due.body.version, agreement=due.digest)
        ls, _ = append(turn, ls, adopt, Precedence.PRIORITY)
    return ls


def due_terms(ls: LineState, now: Instant) -> Signed[Agreement] | None:
    """The newest version that may be adopted now and of which we are a member."""
    due = None
    for signed in ls.roster.versions:
        member = any(party.id == ls.me for party in signed.body.parties)
        if member and may_adopt(signed, now) is None:
            due = signed
    return due


def _holds_everything(ls: LineState) -> bool:
    """For a joiner of a line that others began: all have stated what they hold, and we hold it."""
    if is_founder(ls) or epoch_of(ls.feed) > 0:
        return True
    for party, peer in ls.peers.items():
        if not any(p.id == party for p in ls.roster.versions[-1].body.parties):
            continue
        if not peer.stated:
            return False
        if any(
            needed(ls, feed, size) > ls.frontier(feed).size and party_of(feed) in ls.roster.parties
            for feed, size in peer.held.items()
        ):
            return False
    return True


def is_founder(ls: LineState) -> bool:
    """Whether we signed the first terms, and need not hold anybody's record to begin ours."""
    return any(party.id == ls.me for party in ls.roster.versions[0].body.parties)


def needed(ls: LineState, feed: FeedId, size: int) -> int:
    """How much of a feed a joiner waits for: of an epoch that is over, what its author itself went
    on from; beyond that a peer may hold what nobody can prove any more."""
    after = ls.roster.openings.get(feed_of(party_of(feed), epoch_of(feed) + 1))
    return size if after is None else min(size, after.ruling.previous.size)


def _follow_keys(turn: Turn, ls: LineState) -> LineState:
    """A ``rekey`` entry for the newest manifest, under whose key the next checkpoint is signed."""
    chain = ls.roster.chains.get(ls.me)
    if chain is None or chain.serial <= max(1, ls.picture.feed(ls.feed).rekeyed):
        return ls
    rekey = Rekey(manifest=chain.links[-1], serial=chain.serial)
    ls, _ = append(turn, ls, rekey, Precedence.PRIORITY)
    return ls
