"""Own entries: judged as every other node would judge them, then appended to the own feed.

Check and append are one serialised step: the loop takes one turn at a time, and a turn's entries,
receipts and alerts are one commit. An entry is a receipt for all that was processed before it.
"""

from typing import Final

from msgspec.structs import replace

from clearline.canonical import encode
from clearline.ledger.merkle import entry_leaf, new_hashes
from clearline.model.entry import (
    BARE,
    AheadItem,
    Amend,
    Answer,
    Body,
    Entry,
    Frame,
    Heartbeat,
    Kind,
    LinkReport,
    Message,
    Notice,
    Open,
    Precedence,
    Receipt,
    RefusedItem,
)
from clearline.model.ids import Digest, EntryRef, FeedId, party_of
from clearline.model.limits import REFUSED_MAX
from clearline.model.refusal import Code, Param, Refusal
from clearline.model.terms import Effect
from clearline.model.time import HOUR
from clearline.node.astray_answers import is_held
from clearline.node.checked import check_volume
from clearline.node.inbound import Outcome, Say, Statement
from clearline.node.ingest import fold_read
from clearline.node.intent import Send
from clearline.node.ports import StoredEntry
from clearline.node.sealed import opens_otherwise
from clearline.node.state import LineState, Signing
from clearline.node.turn import Turn
from clearline.picture.screen import screen
from clearline.picture.standing import find_version, suspension
from clearline.trust.roster import Admission, admits
from clearline.wire.bodies_v1 import compose, judge, read_body
from clearline.wire.entry import make_frame
from clearline.words.catalogue import check_message

OWN_LIVE_MAX: Final = 30_000
"""Own versions that stand at one time on a line. An entry costs what it changes, and a tenth of a
microsecond or two for each of them; but when somebody joins, leaves or adopts terms, and after a
start, all are looked at, 30 microseconds each: beyond this a STOP might wait for a second then.
Volumes cost far less: a million of them in 10,000 notices are read in seconds. FLASH, amendments
and ends are never refused for it, nor anything of others."""
HEARTBEAT_ENTRY_MS = HOUR
"""A feed gets a ``heartbeat`` entry at least this often (protocol, Delivery)."""


def take_say(
    turn: Turn, ls: LineState, say: Say, *, held: bool = False
) -> tuple[LineState, Outcome]:
    """Write all statements, or none and say why. The caller has checked who may say what; ``held``:
    and that what is answered is held."""
    before = ls
    mark = len(turn.entries), len(turn.hashes), turn.drawn
    heads = dict(turn.heads)
    refs: list[EntryRef] = []
    for n, statement in enumerate(say.statements):
        body = read_statement(ls, statement)
        refusal = body if isinstance(body, Refusal) else may_write(ls, body, statement.prec)
        if refusal is None and not isinstance(body, Refusal):
            refusal = _about_what_is_held(ls, body, say, held=held)
        if refusal is None:
            assert not isinstance(body, Refusal), "judged above"
            refusal = _screened(ls, body, statement.prec, turn)
        if isinstance(body, Refusal) or refusal is not None:
            assert refusal is not None, "a body that is a refusal is one"
            del turn.entries[mark[0] :], turn.hashes[mark[1] :]
            turn.drawn, turn.heads = mark[2], heads
            at = f"/statements/{n}{refusal.at}" if len(say.statements) > 1 else refusal.at
            return before, Outcome(refusal=replace(refusal, at=at))
        ls, ref = append(turn, ls, body, statement.prec)
        refs.append(ref)
    return ls, Outcome(refs=tuple(refs))


def read_statement(ls: LineState, statement: Statement) -> Body | Refusal:
    """The body that a person wants to state, checked as the wire checks it."""
    import msgspec

    frame: Frame = make_frame(
        line=ls.line,
        feed=ls.feed,
        index=ls.picture.feed(ls.feed).size,
        t=ls.began,
        prec=statement.prec,
        seen={},
        kind=statement.kind.value,
        body=statement.body,
    )
    assert isinstance(frame.body, msgspec.Raw), "the frame carries the body as bytes"
    body = read_body(frame)
    if isinstance(body, Refusal):
        return body
    if isinstance(body, Amend):  # by any of its versions: the notice is named by its first
        version = find_version(ls.picture, body.notice)
        if version is not None and version.unreadable is None:
            body = replace(body, notice=version.notice)
    return judge(body, ls.feed, frame.index) or body


def may_write(ls: LineState, body: Body, prec: Precedence) -> Refusal | None:
    """Local rules for one's own writes (CL-OWN): they stop a tool, never a transfer."""
    if ls.signing is not Signing.READY:
        return Refusal(code=Code.NOT_SIGNING, clause="CL-OWN-001", params={"why": ls.signing.value})
    if admits(ls.roster, ls.feed, ls.frontier(ls.feed).size, body.kind) is not Admission.YES:
        return Refusal(code=Code.NOT_SIGNING, clause="CL-OWN-002", params={"why": "unconfirmed"})
    if _is_routine(ls, body) and (refusal := _suspended(ls)) is not None:
        return refusal
    if isinstance(body, Message) and (unfit := check_message(body)) is not None:
        return unfit
    if isinstance(body, Notice) and prec is not Precedence.FLASH:
        standing = len(ls.picture.feed(ls.feed).live)
        if standing >= OWN_LIVE_MAX:
            params: dict[str, Param] = {"found": standing + 1, "low": 0, "high": OWN_LIVE_MAX}
            return Refusal(code=Code.TOO_MANY, clause="CL-OWN-015", at="/kind", params=params)
    if isinstance(body, Amend):
        state = ls.picture.feeds.get(body.notice.feed)
        live = state is not None and any(
            version.notice == body.notice or version.ref == body.notice
            for version in state.live.values()
        )
        if not live:
            return Refusal(
                code=Code.NOT_LIVE,
                clause="CL-OWN-004",
                at="/body/notice",
                params={"ref": str(body.notice)},
            )
    return None


def _about_what_is_held(ls: LineState, body: Body, say: Say, *, held: bool) -> Refusal | None:
    """An answer answers something that is held here, in its place or ahead (CL-OWN-016): what is
    not held nobody has read. A seal is opened by what was sealed (CL-OWN-017)."""
    if isinstance(body, Answer) and not (held or is_held(ls.picture, body.to)):
        params: dict[str, Param] = {"ref": body.to}
        return Refusal(
            code=Code.UNKNOWN_REFERENCE, clause="CL-OWN-016", at="/body/to", params=params
        )
    if isinstance(body, Open) and not say.mismatch_known and opens_otherwise(ls.picture, body):
        params = {"why": "digest", "ref": body.seal}
        return Refusal(code=Code.SEAL_MISMATCH, clause="CL-OWN-017", at="/body/to", params=params)
    return None


def _suspended(ls: LineState) -> Refusal | None:
    """Who has suspended routine business, since when and why: no dead line, but somebody's will."""
    for party in sorted(ls.roster.parties):
        found = suspension(ls.picture, party)
        if found is not None:
            _, since, reason = found
            params: dict[str, Param] = {"party": party, "since": since, "said": reason}
            return Refusal(code=Code.SUSPENDED, clause="CL-OWN-003", at="/kind", params=params)
    return None


def _is_routine(ls: LineState, body: Body) -> bool:
    """What a suspension stops: messages and movement notices; nothing that warns or ends."""
    if isinstance(body, Message):
        return True
    what = body.to if isinstance(body, Amend | Open) else body
    if not isinstance(what, Notice) or ls.terms is None:
        return False
    return any(c.id == what.cls and c.effect is Effect.MOVEMENT for c in ls.terms.classes)


def _screened(ls: LineState, body: Body, prec: Precedence, turn: Turn) -> Refusal | None:
    """What every other node's admission would say to it at this place."""
    state = ls.picture.feed(ls.feed)
    entry = Entry(
        line=ls.line,
        feed=ls.feed,
        index=state.size,
        t=turn.now,
        prec=prec,
        seen=seen_now(ls),
        body=body,
        leaf=Digest(""),
    )
    return screen(state, entry, ls.picture.terms, check_volume)


def seen_now(ls: LineState) -> dict[FeedId, int]:
    """How much of every other feed has been durably processed once this turn is committed."""
    return {
        feed: state.size
        for feed, state in ls.picture.feeds.items()
        if feed != ls.feed and state.size
    }


def _reportable(ls: LineState) -> tuple[dict[FeedId, int], tuple[RefusedItem, ...]]:
    """``seen``, and the refused entries within it; with too many, both end where the list must."""
    seen = seen_now(ls)
    report = sorted(ls.unreported)[:REFUSED_MAX]
    for item in sorted(ls.unreported)[REFUSED_MAX:]:
        seen[item.feed] = min(seen.get(item.feed, 0), item.index)
    return seen, tuple(item for item in report if item.index < seen.get(item.feed, 0))


def append(turn: Turn, ls: LineState, body: Body, prec: Precedence) -> tuple[LineState, EntryRef]:
    """Append one entry to the own feed. It must pass every other node's admission."""
    assert ls.signing is Signing.READY, "a feed that is locked is never written"
    seen, refused = _reportable(ls)
    front = ls.frontier(ls.feed)
    data = compose(
        line=ls.line,
        feed=ls.feed,
        index=front.size,
        t=turn.now,
        prec=prec,
        seen=seen,
        body=body,
        ahead=_ahead(ls),
        refused=refused,
    )
    salt = turn.salt()
    leaf = entry_leaf(salt, data)
    turn.entries.append(
        StoredEntry(
            line=ls.line,
            feed=ls.feed,
            index=front.size,
            salt=salt,
            data=data,
            leaf=leaf,
            received=turn.now,
        )
    )
    turn.keep_rows(ls.line, ls.feed, tuple(new_hashes(front, (leaf,))))
    longer = front.append(leaf)
    entry = Entry(
        line=ls.line,
        feed=ls.feed,
        index=front.size,
        t=turn.now,
        prec=prec,
        seen=seen,
        body=body,
        leaf=Digest(leaf.hex()),
        ahead=_ahead(ls),
        refused=refused,
    )
    ls = fold_read(turn, ls, entry, leaf)
    reported = set(refused)
    ls = replace(
        ls,
        frontiers=ls.frontiers.insert(ls.feed, longer),
        owed=any(item not in reported for item in ls.unreported),
        unreported=tuple(item for item in ls.unreported if item not in reported),
    )
    turn.keep_head(ls.line, ls.feed, longer, b"")
    turn.changed.add(ls.line)
    for party in ls.others:
        turn.want(Send(line=ls.line, peer=party, flash=prec is Precedence.FLASH))
    return ls, entry.ref


def _ahead(ls: LineState) -> tuple[AheadItem, ...]:
    return tuple(
        sorted(
            AheadItem(ref.feed, ref.index, Digest(kept.leaf.hex()))
            for ref, kept in ls.stored_ahead.items()
        )
    )


def receipt_if_owed(turn: Turn, ls: LineState) -> LineState:
    """The own entry that has seen what this turn processed, unless one was written anyway."""
    own = ls.picture.feed(ls.feed)
    may = (own.joined and own.left is None) or is_unconfirmed(ls)
    if not ls.owed or ls.signing is not Signing.READY or not may:
        return ls
    ls, _ = append(turn, ls, Receipt(), Precedence.ROUTINE)
    return ls


def is_unconfirmed(ls: LineState) -> bool:
    """Whether our feed is an epoch that only its own key has opened yet, in an emergency."""
    opened = ls.roster.openings.get(ls.feed)
    return opened is not None and opened.confirmed is None


def heartbeat_if_due(turn: Turn, ls: LineState) -> LineState:
    """A ``heartbeat`` entry when the state of a link has changed, and at least hourly."""
    state = ls.picture.feed(ls.feed)
    if ls.signing is not Signing.READY or not state.joined or state.left is not None:
        return ls
    changed = any(peer.reported is not peer.state for peer in ls.peers.values())
    if not changed and turn.now - ls.last_beat_entry < HEARTBEAT_ENTRY_MS:
        return ls
    links = tuple(
        LinkReport(peer=party, state=peer.state, since=peer.since)
        for party, peer in sorted(ls.peers.items())
    )
    ls, _ = append(turn, ls, Heartbeat(links=links), Precedence.ROUTINE)
    peers = ls.peers
    for party, peer in ls.peers.items():
        peers = peers.insert(party, replace(peer, reported=peer.state))
    return replace(ls, peers=peers, last_beat_entry=turn.now)


def statement(body: Body, prec: Precedence) -> Statement:
    """A body as a statement to be said."""
    return Statement(kind=body.kind, body=encode(body), prec=prec)


__all__ = [
    "BARE", "Kind", "append", "heartbeat_if_due", "may_write", "party_of", "read_statement",
    "receipt_if_owed", "seen_now", "statement", "take_say",
]  # fmt: skip
