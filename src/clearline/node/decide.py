"""(State, inbounds, now) -> Decision: admitted, recorded, placed, judged, alerted, on one page.

One call is one turn: everything that arrived together, one commit, at most one receipt a line. The
decision says what must be durable before anybody hears of it, and what is to be done after that.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import msgspec
from msgspec.structs import replace

from clearline.alerting import events
from clearline.model.entry import Open
from clearline.model.ids import Digest, EntryRef, LineId
from clearline.model.refusal import Code, Refusal
from clearline.model.time import Instant
from clearline.node import inbound as says
from clearline.node.alarms import Asked, alert
from clearline.node.attachments import take_piece
from clearline.node.beats import beats_due, judge_links, take_beat, take_connected
from clearline.node.catch_up import catch_up
from clearline.node.claims import end_unproved, unlock_if_stated
from clearline.node.desk import coded, note
from clearline.node.forks import take_forked
from clearline.node.handover import give, open_items, take_over
from clearline.node.inbound import Inbound, Outcome
from clearline.node.ingest import take_flash, take_push, take_stated
from clearline.node.intent import Intent
from clearline.node.judge import WORK_OF_A_TURN
from clearline.node.live.take import NODE, place_locally, rests_on
from clearline.node.loading import is_put_off, take_loading
from clearline.node.papers import join_and_adopt, take_papers
from clearline.node.ports import Commit, JournalRecord, RequestRecord
from clearline.node.reading import Reading
from clearline.node.sealed import opens_otherwise
from clearline.node.stale import look_for_gaps
from clearline.node.state import LineState, Signing, State
from clearline.node.tools import Tools
from clearline.node.turn import Turn
from clearline.node.write import heartbeat_if_due, receipt_if_owed, take_say


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """A turn: the state after it, what must be durable, what is to be done once it is, and what
    came of each inbound, in order. ``changed``: lines whose picture or record changed.
    ``pending``: pairs that are not judged yet; the next turn goes on with them."""

    state: State
    commit: Commit
    intents: tuple[Intent, ...]
    outcomes: tuple[Outcome, ...]
    changed: frozenset[LineId]
    pending: int = 0


def decide(
    state: State,
    batch: Sequence[Inbound],
    now: Instant,
    seed: bytes,
    tools: Tools,
    work: int = WORK_OF_A_TURN,
) -> Decision:
    """Take all that arrived, in order. ``now`` never goes back; ``seed`` is 32 random bytes.
    ``work`` is how much may be judged, in units: what waits longer is judged in later turns."""
    now = Instant(max(now, state.now))
    turn = Turn(now=now, seed=seed, work=work)
    asked: list[Asked] = []
    before = state.lines
    for what in batch:
        lines = state.lines
        state, outcome = _take(turn, state, what, asked, tools)
        turn.outcomes.append(outcome)
        loading = any(ls.loading is not None for ls in lines.values())
        _note_taken(turn, what, outcome, changed=state.lines is not lines, loading=loading)
    for _, ls in sorted(state.lines.items()):  # salts are drawn in this order
        state = _with_line(state, _keep_up(turn, ls, state))
    pending = catch_up(turn, state, tools.judge)
    state = alert(turn, replace(state, now=now), asked, tools)
    for what, outcome in zip(batch, turn.outcomes, strict=True):
        if (
            isinstance(what, says.Acknowledge | says.Hush | says.Climb | says.Movers | says.Bound)
            and what.id
        ):
            _note_request(turn, what.id, what, outcome)  # only now is it known what came of it
    state = _journal(turn, state, changed=state.lines is not before)
    return Decision(
        state=state,
        commit=_commit(turn, state),
        intents=tuple(turn.intents),
        outcomes=tuple(turn.outcomes),
        changed=frozenset(turn.changed),
        pending=pending,
    )


def _take(
    turn: Turn, state: State, what: Inbound, asked: list[Asked], tools: Tools
) -> tuple[State, Outcome]:
    """One inbound: to its line, to the alerts, or to the node itself."""
    match what:
        case says.Acknowledge():
            event: events.AlertingEvent = events.Acked(
                alert=what.alert, person=what.person, role=what.role, note=what.note,
                whole_alarm=what.seen is not None, seen=what.seen,
            )  # fmt: skip
            asked.append((len(turn.outcomes), event))
            return state, Outcome()
        case says.Hush():
            event = events.Silenced(
                alert=what.alert, until=what.until, reason=what.reason, person=what.person
            )
            asked.append((len(turn.outcomes), event))
            return state, Outcome()
        case says.Climb():
            asked.append((len(turn.outcomes), events.Climbed(alert=what.alert, person=what.person)))
            return state, Outcome()
        case says.Presented():
            event = events.Presented(alert=what.alert, desk=what.desk)
            asked.append((len(turn.outcomes), event))
            return state, Outcome()
        case says.Undelivered():
            event = events.DeliveryFailed(
                alert=what.alert,
                channel=what.channel,
                rung=what.rung,
                ring=what.ring,
                why=what.why,
            )
            asked.append((len(turn.outcomes), event))
            return state, Outcome()
        case says.Delivered():
            event = events.Delivered(alert=what.alert, channel=what.channel, rung=what.rung)
            asked.append((len(turn.outcomes), event))
            return state, Outcome()
        case says.Performed():
            turn.outbox_done.append(what.key)
            return state, Outcome()
        case says.Fault():
            return _take_fault(turn, state, what), Outcome()
        case says.Ticked():
            return state, Outcome()
        case _:
            return _take_on_line(turn, state, what, tools)


def _take_on_line(turn: Turn, state: State, what: Inbound, tools: Tools) -> tuple[State, Outcome]:
    assert not isinstance(
        what,
        says.Acknowledge | says.Hush | says.Climb | says.Presented | says.Undelivered
        | says.Delivered | says.Performed | says.Fault | says.Ticked,
    ), "taken by the caller"  # fmt: skip
    ls = state.lines.get(what.line)
    if ls is None:
        return state, Outcome(
            refusal=Refusal(code=Code.FOREIGN_LINE, clause="CL-LNK-002", params={"line": what.line})
        )
    if ls.loading is not None and (taken := take_loading(turn, ls, what)) is not None:
        ls, outcome = taken
        if isinstance(what, says.Say):
            ls = _said(turn, ls, what, outcome)
        return _with_line(state, ls), outcome
    match what:
        case says.Pushed():
            ls, outcome = take_push(turn, ls, what)
        case says.Flashed():
            ls, outcome = take_flash(turn, ls, what)
        case says.Stated():
            ls, outcome = take_stated(turn, ls, what)
        case says.Papers():
            ls, outcome = take_papers(turn, ls, what)
        case says.Beaten():
            ls, outcome = take_beat(turn, ls, what)
        case says.Connected():
            ls, outcome = take_connected(turn, ls, what)
        case says.Say():
            ls, outcome = take_say(turn, ls, what)
            ls = _said(turn, ls, what, outcome)
        case says.Movers() | says.Bound():
            ls, outcome = place_locally(ls, what), Outcome()
            turn.changed.add(ls.line)
        case says.Sighted():
            ls, outcome = take_sighted(turn, ls, what), Outcome()
        case says.Forked():
            ls, outcome = take_forked(turn, ls, what)
        case says.Pieced():
            outcome = take_piece(turn, what)
        case says.Given() | says.TakenOver():
            ls, outcome = _pass_on(turn, state, ls, what, tools)
        case says.Coded():
            ls, outcome = coded(turn, ls, what), Outcome()
        case says.Noted():
            ls, outcome = note(turn, ls, what.person, what.what, **what.params), Outcome()
        case _:
            ls, outcome = unlock_if_stated(turn, ls), Outcome()
    return _with_line(state, ls), outcome


def _said(turn: Turn, ls: LineState, what: says.Say, outcome: Outcome) -> LineState:
    """Somebody has said something, or was refused: both are remembered."""
    _note_request(turn, what.id, what, outcome)
    if outcome.refusal is not None:
        return ls
    if what.mismatch_known:
        opened, why = str(outcome.refs[0]), what.mismatch_known
        ls = note(turn, ls, what.person, "opened-otherwise", entry=opened, why=why)
    return note(turn, ls, what.person, "said", entries=len(outcome.refs))


def take_sighted(turn: Turn, ls: LineState, what: says.Sighted) -> LineState:
    """What was found among live tracks; the sightings go into the private desk record."""
    for finding in what.findings:
        ls = note(turn, ls, NODE, "track-finding", rests_on=rests_on(finding, what))
    for key in what.over:
        ls = note(turn, ls, NODE, "track-over", finding=key)
    turn.changed.add(ls.line)
    return place_locally(ls, what)


def _pass_on(
    turn: Turn, state: State, ls: LineState, what: says.Given | says.TakenOver, tools: Tools
) -> tuple[LineState, Outcome]:
    """A watch is given, or taken by all that is open at this moment."""
    outcome = Outcome()
    if isinstance(what, says.Given):
        ls = give(turn, ls, what)
    elif ls.terms is not None:
        judge = tools.judge(ls.line)
        judge.sync(ls.picture)
        of = Reading(ls=ls, terms=ls.terms, judge=judge, now=turn.now, places=tools.places)
        ls, outcome = take_over(turn, ls, what, open_items(state, of))
    _note_request(turn, what.id, what, outcome)
    return ls, outcome


def _with_line(state: State, ls: LineState) -> State:
    if state.lines.get(ls.line) is ls:
        return state
    return replace(state, lines=state.lines.insert(ls.line, ls))


def _take_fault(turn: Turn, state: State, fault: says.Fault) -> State:
    """A fault of the shell's: a full disk stops signing, and its end lets it go on."""
    if fault.active:
        faults = state.faults
        if fault.fault not in faults:
            faults = faults.insert(fault.fault, (turn.now, fault.detail))
    else:
        faults = state.faults.discard(fault.fault)
    state = replace(state, faults=faults)
    if fault.fault == "disk":
        for ls in state.lines.values():
            if fault.active and ls.lock is Signing.READY:
                state = _with_line(state, ls.locked(Signing.DISK))
            if not fault.active and ls.lock is Signing.DISK:
                state = _with_line(state, ls.locked(Signing.READY))
    return state


def _keep_up(turn: Turn, ls: LineState, state: State) -> LineState:
    """What a line does of itself: join, adopt, beat, receipt."""
    waited = ls
    ls = end_unproved(turn, ls)
    if ls is not waited:
        ls = unlock_if_stated(turn, ls)
    ls = join_and_adopt(turn, ls, state.local)
    ls = look_for_gaps(turn, judge_links(turn, beats_due(turn, ls)))
    ls = _note_seals(turn, ls)
    ls = heartbeat_if_due(turn, ls)
    return receipt_if_owed(turn, ls)


def _note_seals(turn: Turn, ls: LineState) -> LineState:
    """Opened seals whose notice is not what was committed to (FM27)."""
    for stored in turn.entries:
        if stored.line != ls.line or b'"kind":"open"' not in stored.data:
            continue
        ref = EntryRef(stored.feed, stored.index)
        mismatch = opens_wrongly(ls, ref, stored.data, stored.leaf)
        if mismatch:
            ls = replace(ls, mismatched=ls.mismatched.insert(ref))
    return ls


def opens_wrongly(ls: LineState, ref: EntryRef, data: bytes, leaf: bytes) -> bool:
    """Whether an ``open`` entry does not give the digest that its seal committed to."""
    from clearline.wire.bodies_v1 import read_entry

    entry = read_entry(data, Digest(leaf.hex()))
    if isinstance(entry, Refusal) or not isinstance(entry.body, Open):
        return False
    return opens_otherwise(ls.picture, entry.body)


def request_digest(what: Inbound) -> Digest:
    """What is compared when a client's id comes again: the write with all that it says."""
    return Digest(hashlib.sha256(msgspec.msgpack.encode(what)).hexdigest())


def _note_request(turn: Turn, request: str, what: Inbound, outcome: Outcome) -> None:
    """Remember the answer by the client's own id, with what it was given for."""
    if is_put_off(outcome):
        return
    turn.requests.append(
        RequestRecord(id=request, sha256=request_digest(what), answer=msgspec.json.encode(outcome))
    )


_SILENT = (says.Ticked, says.Performed)


def _note_taken(
    turn: Turn, what: Inbound, outcome: Outcome, *, changed: bool, loading: bool
) -> None:
    """What was taken in, for the journal: by reference where the bytes are stored anyway. A peer's
    statement that changed nothing is not kept, nor what was not held while the record is read."""
    if isinstance(what, _SILENT):
        return
    if isinstance(what, says.Stated) and outcome.refusal is None and not changed:
        return
    if is_put_off(outcome) or (loading and isinstance(what, says.Pushed) and not changed):
        return
    kept: Inbound = what
    if isinstance(what, says.Pushed) and outcome.refusal is None and not loading:
        kept = replace(what, items=(), count=len(what.items))
    if isinstance(what, says.Pieced):
        kept = replace(what, content=b"")
    turn.taken.append(
        (type(what).__name__.lower(), msgspec.msgpack.encode((kept, outcome.refusal)))
    )


TURN_KIND = "turn"
"""The record that begins each turn in the journal: its time, and as data its seed and how much it
might judge (4 bytes, the greatest first)."""
BEGUN_KIND, LOADED_KIND = "begun", "loaded"
"""A process began, and has read its record: each stands before the first turn that is kept then."""


def _journal(turn: Turn, state: State, *, changed: bool) -> State:
    """One record that begins the turn, then one for each thing taken in. A turn in which nothing
    came, changed, was judged or rang is not kept: replaying the others gives the same state."""
    happened = turn.taken or turn.entries or turn.alerts or turn.intents
    if not (happened or turn.judged or changed):
        return state
    begins = turn.seed + turn.work.to_bytes(4, "big")
    records = [(at, kind, b"") for at, kind in state.unsaid]
    records += [(turn.now, kind, data) for kind, data in ((TURN_KIND, begins), *turn.taken)]
    for seq, (at, kind, data) in enumerate(records, state.journal):
        turn.journal.append(JournalRecord(seq=seq, at=at, kind=kind, data=data))
    return replace(state, journal=state.journal + len(records), unsaid=())


def _commit(turn: Turn, state: State) -> Commit:
    return Commit(
        fence=state.fence,
        entries=tuple(turn.entries),
        ahead_added=tuple(turn.ahead_added),
        ahead_folded=tuple(turn.ahead_folded),
        hashes=tuple(turn.hashes),
        heads=tuple(turn.heads.values()),
        documents=tuple(turn.documents),
        alerts=tuple(turn.alerts.values()),
        outbox_added=tuple(turn.outbox_added),
        outbox_done=tuple(turn.outbox_done),
        journal=tuple(turn.journal),
        desk=tuple(turn.desk),
        requests=tuple(turn.requests),
        blobs=tuple(turn.blobs),
        blobs_dropped=tuple(turn.blobs_dropped),
        codes=tuple(turn.codes),
    )
