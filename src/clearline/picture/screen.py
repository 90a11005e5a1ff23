"""Admission: one entry, one meaning, on every node (CL-ADM).

Whether an entry is admitted depends on its bytes, the agreement and its own feed, never on a
clock, a rate, another feed or local policy. What fails here is not skipped: it stands in the
picture as an unreadable notice. The rules are numbered as in ``docs/protocol``.
"""

from collections.abc import Callable, Sequence

from rpds import HashTrieMap

from clearline.model.entry import (
    BARE,
    EMERGENCY,
    Adopt,
    AllClear,
    Amend,
    Coordinated,
    Entry,
    Join,
    Notice,
    Open,
    Withdraw,
)
from clearline.model.ids import EntryRef, epoch_of, party_of
from clearline.model.refusal import Code, Refusal
from clearline.model.space import Volume
from clearline.model.terms import Agreement
from clearline.picture.situation import FeedState

CheckVolume = Callable[[Volume], Sequence[Refusal]]
"""Deep geometry: self-crossing rings, zero area and the like. By the agreed rules' version only."""


def screen(
    state: FeedState, entry: Entry, terms: "HashTrieMap[int, Agreement]", check: CheckVolume
) -> Refusal | None:
    """Why the feed's next entry cannot be applied, or None if it can."""
    return (
        _place_in_life(state, entry)
        or _seen_rises(state, entry)
        or _refused_was_seen(entry)
        or _meaning(state, entry, terms, check)
    )


def _place_in_life(state: FeedState, entry: Entry) -> Refusal | None:
    """CL-ADM-001: a feed begins with ``join`` (a later epoch may begin with emergencies and bare
    receipts), joins once, and ends with ``leave``."""
    if state.left is not None:
        return Refusal(code=Code.AFTER_LEAVE, clause="CL-ADM-001", params={"left": state.left})
    if isinstance(entry.body, Join):
        if state.joined:
            return Refusal(code=Code.WRONG_INDEX, clause="CL-ADM-001", at="/index")
        return None
    emergency = entry.kind in EMERGENCY | BARE and epoch_of(entry.feed) > 0
    if not state.joined and not emergency:
        return Refusal(code=Code.NOT_JOINED, clause="CL-ADM-001", at="/kind")
    return None


def _seen_rises(state: FeedState, entry: Entry) -> Refusal | None:
    """CL-ADM-002: what was seen once stays seen."""
    for feed, steps in state.seen.items():
        before = steps.value()
        if entry.seen.get(feed, 0) < before:
            return Refusal(
                code=Code.SEEN_DECREASED,
                clause="CL-ADM-002",
                at=f"/seen/{feed}",
                params={"before": before, "now": entry.seen.get(feed, 0)},
            )
    return None


def _refused_was_seen(entry: Entry) -> Refusal | None:
    """CL-ADM-003: only what lies within the seen prefix can be refused."""
    for n, item in enumerate(entry.refused):
        if item.index >= entry.seen.get(item.feed, 0):
            return Refusal(code=Code.BAD_FIELD, clause="CL-ADM-003", at=f"/refused/{n}")
    return None


def _meaning(
    state: FeedState, entry: Entry, terms: "HashTrieMap[int, Agreement]", check: CheckVolume
) -> Refusal | None:
    match entry.body:
        case Adopt():
            return _adopt(state, entry.body, entry, terms)
        case Notice():
            return _notice(state, entry.body, "/body", terms, check)
        case Amend():
            return _own(entry, (entry.body.notice,), "/body/notice", state) or _notice(
                state, entry.body.to, "/body/to", terms, check
            )
        case Open():
            refs = (entry.body.seal,) + (
                (entry.body.envelope,) if entry.body.envelope is not None else ()
            )
            return _own(entry, refs, "/body/seal", state) or _notice(
                state, entry.body.to, "/body/to", terms, check
            )
        case Withdraw() | AllClear():
            return _own(entry, entry.body.versions, "/body/versions", state)
        case Coordinated(standing=area) if area is not None:
            if area.party == party_of(entry.feed):
                return Refusal(code=Code.NOT_OWN, clause="CL-ADM-007", at="/body/standing/party")
            return _volumes(area.volumes, "/body/standing", check)
        case Coordinated():
            assert entry.body.pair is not None, "CL-BOD-010"
            mine = [ref for ref in entry.body.pair if party_of(ref.feed) == party_of(entry.feed)]
            if len(mine) != 1:
                return Refusal(code=Code.NOT_OWN, clause="CL-ADM-007", at="/body/pair")
            return None
        case _:
            return _volumes(getattr(entry.body, "volumes", ()), "/body", check)


def _adopt(
    state: FeedState, adopt: Adopt, entry: Entry, terms: "HashTrieMap[int, Agreement]"
) -> Refusal | None:
    """CL-ADM-004: a rising version of the terms, of which the author is a member."""
    agreement = terms.get(adopt.version)
    if agreement is None:
        return Refusal(
            code=Code.NOT_SIGNED,
            clause="CL-ADM-004",
            at="/body/version",
            params={"version": adopt.version},
        )
    if adopt.version <= state.adopted():
        return Refusal(code=Code.WRONG_PREDECESSOR, clause="CL-ADM-004", at="/body/version")
    if party_of(entry.feed) not in {party.id for party in agreement.parties}:
        return Refusal(code=Code.UNKNOWN_PARTY, clause="CL-ADM-004", at="/feed")
    return None


def _notice(
    state: FeedState,
    notice: Notice,
    at: str,
    terms: "HashTrieMap[int, Agreement]",
    check: CheckVolume,
) -> Refusal | None:
    """CL-ADM-005: a class of the terms that the author had adopted, and sound geometry."""
    agreement = terms.get(state.adopted())
    if agreement is None:
        return Refusal(code=Code.NOT_JOINED, clause="CL-ADM-005", at="/kind")
    if notice.cls not in {cls.id for cls in agreement.classes}:
        return Refusal(
            code=Code.UNKNOWN_CLASS,
            clause="CL-ADM-005",
            at=f"{at}/cls",
            params={"cls": notice.cls},
        )
    return _volumes(notice.volumes, at, check)


def _volumes(volumes: tuple[Volume, ...], at: str, check: CheckVolume) -> Refusal | None:
    for n, volume in enumerate(volumes):
        for refusal in check(volume):
            return Refusal(
                code=refusal.code,
                clause=refusal.clause,
                at=f"{at}/volumes/{n}{refusal.at}",
                params=refusal.params,
            )
    return None


def _own(entry: Entry, refs: tuple[EntryRef, ...], at: str, state: FeedState) -> Refusal | None:
    """CL-ADM-006: one can only speak for entries of one's own, and only for earlier ones."""
    for ref in refs:
        same_party = party_of(ref.feed) == party_of(entry.feed)
        if not same_party or epoch_of(ref.feed) > epoch_of(entry.feed):
            return Refusal(code=Code.NOT_OWN, clause="CL-ADM-006", at=at, params={"ref": str(ref)})
        if ref.feed == entry.feed and ref.index >= state.size:
            return Refusal(
                code=Code.UNKNOWN_REFERENCE, clause="CL-ADM-006", at=at, params={"ref": str(ref)}
            )
    return None
