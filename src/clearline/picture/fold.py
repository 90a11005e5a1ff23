"""(FeedState, entry) -> FeedState: what each kind of entry does to its own feed's state.

The fold looks at one feed only, never at a clock, another feed or local policy, so it gives the
same state on every node (CL-STA-002). ``screen`` has judged the entry before it comes here.
"""

from collections.abc import Callable
from typing import Final, TypeAlias

from msgspec.structs import replace
from rpds import HashTrieMap

from clearline.model.entry import (
    Accident,
    Adopt,
    AllClear,
    Amend,
    Answer,
    Body,
    Coordinated,
    Distress,
    Entry,
    Field,
    Handover,
    Heartbeat,
    Join,
    Kind,
    Leave,
    Message,
    Notice,
    Open,
    Precedence,
    Receipt,
    RefusedItem,
    Rekey,
    Relay,
    Relayed,
    Resume,
    Seal,
    Stop,
    Suspend,
    Test,
    Withdraw,
)
from clearline.model.ids import EntryRef, FeedId
from clearline.model.time import Instant
from clearline.picture.situation import (
    Agreed,
    AgreedArea,
    Answered,
    Ask,
    End,
    Ended,
    EndKind,
    FeedState,
    Sealed,
    Told,
    Unreadable,
    Version,
)
from clearline.picture.steps import Steps

SeenLog: TypeAlias = "HashTrieMap[FeedId, Steps]"
Touched: TypeAlias = "HashTrieMap[int, tuple[int, ...]]"
HazardOf = Callable[[str], bool]
"""Whether a class is a hazard, by the terms that the author had adopted (unknown class: True)."""

DISTRESS_CLASS: Final = "distress"
ACCIDENT_CLASS: Final = "accident"


def fold(state: FeedState, entry: Entry | Unreadable, is_hazard: HazardOf) -> FeedState:
    """The feed's state after its next entry. Asserts that the entry is the next one."""
    assert entry.feed == state.feed, "an entry is folded into its own feed"
    assert entry.index == state.size, "entries are folded in sequence"
    if isinstance(entry, Unreadable):
        return _fold_unreadable(state, entry)
    state = replace(
        state,
        size=entry.index + 1,
        t=entry.t,
        leaf=entry.leaf,
        times=state.times.append(entry.t),
        seen=note_seen(state, entry.index, entry.seen),
        ahead=entry.ahead,
    )
    state = _note_refused(state, entry.index, entry.refused)
    return _fold_body(state, entry, entry.body, is_hazard)


def _note_refused(state: FeedState, index: int, items: tuple[RefusedItem, ...]) -> FeedState:
    """What the author could not read, by the entry that first said so."""
    refused = state.refused
    for item in items:
        ref = EntryRef(item.feed, item.index)
        if ref not in refused:
            refused = refused.insert(ref, (index, item.code))
    return replace(state, refused=refused) if items else state


def note_seen(state: FeedState, index: int, seen: dict[FeedId, int]) -> "SeenLog":
    """The log of what was seen, with this entry's steps."""
    log = state.seen
    for feed, size in seen.items():
        steps = log.get(feed)
        if steps is None:
            if size:
                log = log.insert(feed, Steps().append(index, size))
        elif size > steps.value():
            log = log.insert(feed, steps.append(index, size))
    return log


def _fold_unreadable(state: FeedState, entry: Unreadable) -> FeedState:
    """It stands as a notice over everything, until its author ends it (protocol, Admission)."""
    ref = EntryRef(entry.feed, entry.index)
    version = Version(
        ref=ref,
        notice=ref,
        kind=Kind.NOTICE,
        cls="",
        label="",
        volumes=(),
        stated=entry.t if entry.t is not None else state.t,
        prec=Precedence.IMMEDIATE,
        leaf=entry.leaf,
        unreadable=entry.code,
    )
    seen = state.seen if entry.seen is None else note_seen(state, entry.index, entry.seen)
    return replace(
        _note_refused(state, entry.index, entry.refused),
        size=entry.index + 1,
        t=version.stated,
        leaf=entry.leaf,
        times=state.times.append(version.stated),
        seen=seen,
        live=state.live.insert(entry.index, version),
    )


def _fold_body(state: FeedState, entry: Entry, body: Body, is_hazard: HazardOf) -> FeedState:
    match body:
        case Receipt():
            return state
        case Rekey():
            return replace(state, rekeyed=body.serial)
        case Heartbeat():
            return replace(state, links=body.links) if body.links else state
        case Join():
            return replace(state, joined=True)
        case Adopt():
            return replace(state, terms=(*state.terms, (entry.index, body.version)))
        case Notice() | Amend() | Distress() | Accident() | Open():
            return _fold_version(state, entry, body)
        case Withdraw():
            return _fold_withdraw(state, entry, body, is_hazard)
        case AllClear():
            return _fold_all_clear(state, entry, body)
        case Answer():
            known = state.answers.get(body.to) or ()
            answered = Answered(ref=entry.ref, t=entry.t, answer=body)
            return replace(
                state,
                answers=state.answers.insert(body.to, (*known, answered)),
                said_to=state.said_to.insert(entry.index, body.to),
            )
        case Coordinated(standing=area) if area is not None:
            held = AgreedArea(
                ref=entry.ref, t=entry.t, measure=body.measure, until=body.until,
                party=area.party, volume=area.volumes[0],
            )  # fmt: skip
            return replace(state, standing=state.standing.insert(entry.index, held))
        case Coordinated():
            assert body.pair is not None, "CL-BOD-010"
            agreed = Agreed(ref=entry.ref, t=entry.t, measure=body.measure, until=body.until)
            return replace(state, coordinated=state.coordinated.insert(body.pair, agreed))
        case Message() | Test() | Stop():
            return replace(state, asks=state.asks.insert(entry.index, ask_of(entry)))
        case Relay():
            told = Told(ref=entry.ref, t=entry.t, outcome=None)
            key = (body.of, body.to)
            if key in state.told:  # taking the duty again takes nothing back
                return state
            return replace(state, told=state.told.insert(key, told))
        case Relayed():
            told = Told(
                ref=entry.ref, t=entry.t, outcome=body.outcome, means=body.means, at=body.at,
                proof=body.proof,
            )  # fmt: skip
            return replace(state, told=state.told.insert((body.of, body.to), told))
        case Suspend():
            return replace(state, suspended=(entry.ref, entry.t, body.reason), resumed=None)
        case Resume():
            return replace(state, suspended=None, resumed=entry.index)
        case Handover():
            return replace(state, handover=(body.role, body.at))
        case Seal():
            sealed = Sealed(ref=entry.ref, seal=body)
            return replace(state, seals=state.seals.insert(entry.index, sealed))
        case Leave():
            return replace(state, left=entry.index)


def version_of(state: FeedState, entry: Entry) -> Version | None:
    """The version that an entry states, or None if it states none."""
    body = entry.body
    notice = entry.ref
    match body:
        case Notice():
            what = body
        case Amend():
            what = body.to
            notice = _first_version(state, body.notice)
        case Open():
            what = body.to
            if body.envelope is not None:
                notice = _first_version(state, body.envelope)
        case Distress():
            what = _emergency(DISTRESS_CLASS, body)
        case Accident():
            what = _emergency(ACCIDENT_CLASS, body)
        case _:
            return None
    if not what.volumes:
        return None
    return Version(
        ref=entry.ref,
        notice=notice,
        kind=entry.kind,
        cls=what.cls,
        label=what.label,
        volumes=what.volumes,
        stated=entry.t,
        prec=entry.prec,
        leaf=entry.leaf,
        operation=what.operation,
        marks=what.marks,
        key=what.key,
        reason=what.reason,
        remark=what.remark,
        seal=body.seal if isinstance(body, Open) else None,
        envelope=body.envelope if isinstance(body, Open) else None,
    )


def _emergency(cls: str, body: Distress | Accident) -> Notice:
    return Notice(cls=cls, label=body.what, volumes=body.volumes, remark=body.remark)


def ask_of(entry: Entry) -> Ask:
    """What an entry asks of others."""
    body = entry.body
    about = body.about if isinstance(body, Stop) else ()
    to = body.to if isinstance(body, Message) else ()
    text, remark = "", None
    fields: tuple[Field, ...] = ()
    match body:
        case Message():
            text, fields = body.template, body.fields
        case Test():
            text = body.text
        case Distress() | Accident():
            text = body.what
        case _:
            pass
    if isinstance(body, Message | Stop | Distress | Accident):
        remark = body.remark
    return Ask(
        ref=entry.ref, kind=entry.kind, t=entry.t, prec=entry.prec, about=about, to=to, text=text,
        fields=fields, remark=remark,
    )  # fmt: skip


def _first_version(state: FeedState, ref: EntryRef) -> EntryRef:
    """The entry that names the notice which ``ref`` is a version of."""
    if ref.feed != state.feed:
        return ref
    held = state.live.get(ref.index)
    if held is not None:
        return held.notice
    ended = state.ended.get(ref.index)
    return ended.version.notice if ended is not None else ref


def _fold_version(state: FeedState, entry: Entry, body: Body) -> FeedState:
    version = version_of(state, entry)
    if version is not None:
        state = replace(state, live=state.live.insert(entry.index, version))
    if isinstance(body, Distress | Accident):
        state = replace(state, asks=state.asks.insert(entry.index, ask_of(entry)))
    if isinstance(body, Open) and body.seal.feed == state.feed:
        sealed = state.seals.get(body.seal.index)
        if sealed is not None:
            opened = replace(sealed, opened=entry.ref)
            state = replace(state, seals=state.seals.insert(body.seal.index, opened))
    if isinstance(body, Amend) and body.notice.feed != state.feed:
        end = End(kind=EndKind.AMENDED, by=entry.ref, t=entry.t, at=entry.t)
        known = state.ends.get(body.notice) or ()
        state = replace(state, ends=state.ends.insert(body.notice, (*known, end)))
    if isinstance(body, Amend) and body.notice.feed == state.feed:
        before = state.live.get(body.notice.index)
        if before is not None and before.unreadable is not None:
            end = End(kind=EndKind.AMENDED, by=entry.ref, t=entry.t, at=entry.t)
            state = _end(state, body.notice, end, final=True)
    return state


def _fold_withdraw(
    state: FeedState, entry: Entry, body: Withdraw, is_hazard: HazardOf
) -> FeedState:
    for ref in body.versions:
        end = End(kind=EndKind.WITHDRAW, by=entry.ref, t=entry.t, at=entry.t)
        if ref.feed != state.feed:
            known = state.ends.get(ref) or ()
            state = replace(state, ends=state.ends.insert(ref, (*known, end)))
            continue
        version = state.live.get(ref.index)
        if version is not None:
            begun = has_begun(version, entry.t) and is_hazard(version.cls)
            state = _end(state, ref, end, final=not begun)
        elif ref.index not in state.ended:
            # No version here: an entry that others could not read, and hold as one.
            known = state.ends.get(ref) or ()
            state = replace(state, ends=state.ends.insert(ref, (*known, end)))
    return state


def _fold_all_clear(state: FeedState, entry: Entry, body: AllClear) -> FeedState:
    for ref in body.versions:
        end = End(kind=EndKind.ALL_CLEAR, by=entry.ref, t=entry.t, at=body.at)
        if ref.feed != state.feed:
            known = state.ends.get(ref) or ()
            state = replace(state, ends=state.ends.insert(ref, (*known, end)))
        elif ref.index in state.live:
            state = _end(state, ref, end, final=body.at <= entry.t)
    return state


def has_begun(version: Version, at: Instant) -> bool:
    """Whether any window of it has started by then. An unreadable one never counts as begun:
    nothing of it is known that a tail could follow."""
    return version.unreadable is None and any(volume.start <= at for volume in version.volumes)


def apply_end(version: Version, end: End) -> Version:
    """The version with one end noted: cut or cleared at the earliest stated time."""
    version = replace(version, ends=(*version.ends, end))
    if end.kind is EndKind.ALL_CLEAR:
        clear = end.at if version.clear is None else min(version.clear, end.at)
        return replace(version, clear=clear)
    cut = end.at if version.cut is None else min(version.cut, end.at)
    return replace(version, cut=cut)


def _end(state: FeedState, ref: EntryRef, end: End, *, final: bool) -> FeedState:
    before = state.live[ref.index]
    version = apply_end(before, end)
    if not final:
        if (version.cut, version.clear) == (before.cut, before.clear):
            return state  # said again: nothing is shorter for it
        return replace(
            state,
            live=state.live.insert(ref.index, version),
            touched=note_touched(state.touched, end.by.index, (ref.index,)),
        )
    return replace(
        state,
        live=state.live.remove(ref.index),
        ended=state.ended.insert(ref.index, Ended(version=version, by=end.by)),
        touched=note_touched(state.touched, end.by.index, (ref.index,)),
    )


def note_touched(touched: Touched, by: int, places: tuple[int, ...]) -> Touched:
    """What an entry ended or shortened, with these places more, in order."""
    known = touched.get(by) or ()
    if known and known[-1] >= places[0]:
        return touched.insert(by, tuple(sorted({*known, *places})))
    return touched.insert(by, (*known, *places))
