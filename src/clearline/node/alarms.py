"""FINDINGS -> DUTIES: what stands now against what stood before, then the ladders."""

from msgspec.structs import replace

from clearline.alerting import events
from clearline.alerting.step import step
from clearline.model.alert import Trouble
from clearline.model.entry import Answer, Entry, Kind
from clearline.model.ids import Digest, LineId, party_of
from clearline.model.refusal import Refusal
from clearline.node.duties import still_stands, troubles
from clearline.node.facts import Facts
from clearline.node.inbound import Outcome
from clearline.node.lasting import Found, Lasting
from clearline.node.loading import stood, troubles_loading
from clearline.node.state import LineState, State
from clearline.node.tools import Tools
from clearline.node.turn import Turn
from clearline.picture.situation import Answered
from clearline.wire.bodies_v1 import read_entry

Asked = tuple[int, events.AlertingEvent]
"""An event for the alerts, and the inbound of the turn that it answers."""


def alert(turn: Turn, state: State, asked: list[Asked], tools: Tools) -> State:
    """The book and the troubles after this turn."""
    state, found = _with_unkept(state, _found(turn, state, tools))

    def stays(trouble: Trouble) -> bool:
        of = state.lines.get(trouble.line)
        if of is None or of.loading is not None:
            return False
        return still_stands(of, tools.judge(of.line), trouble, turn.now)

    stands = state.troubles
    differences = tools.compared.differences(stands, found, stays)
    happened: list[events.AlertingEvent] = []
    for key in differences.new:
        trouble = found.get(key)
        assert trouble is not None, "new is what was found"
        stands = stands.insert(key, trouble)
        happened.append(events.Raised(trouble=trouble))
    happened += _own_answers(turn, state, tools)
    for key in differences.gone:
        trouble = stands[key]
        stands = stands.remove(key)
        happened.append(events.Ended(line=trouble.line, key=trouble.key))
    tools.compared.keep(stands, found, differences)
    done = step(
        state.book, [*happened, *(event for _, event in asked)], tools.plan(state), turn.now
    )
    for changed in done.changed:
        turn.alerts[changed.id] = changed
    turn.intents.extend(done.intents)
    for refused, refusal in done.refused:  # back to whoever asked for it
        for n, event in asked:
            if event is refused:
                turn.outcomes[n] = Outcome(refusal=refusal)
    if happened or state.book is not done.book:
        state = replace(state, book=done.book, troubles=stands)
    return state


def _found(turn: Turn, state: State, tools: Tools) -> Found:
    """All that is to be rung about on every line."""
    anew: dict[str, Trouble] = {}
    lasting: dict[LineId, Lasting] = {}
    for line, ls in state.lines.items():
        if ls.loading is not None:
            found = troubles_loading(ls, stood(state, ls), turn.now)
        else:
            found, lasting[line] = troubles(ls, tools.judge(line), turn.now)
        for trouble in found.values():
            anew[f"{line}/{trouble.key}"] = trouble
    return Found(anew, lasting)


def _with_unkept(state: State, found: Found) -> tuple[State, Found]:
    """Add what was presented and could not be kept, as long as it has not come again."""
    unkept = state.unkept
    for key, trouble in state.unkept.items():
        ls = state.lines.get(trouble.line)
        came = ls is None or all(
            ref.index < ls.picture.feed(ref.feed).size for ref in trouble.about
        )
        if came or found.get(key) is not None:
            unkept = unkept.remove(key)
        else:
            found.anew[key] = trouble
    return replace(state, unkept=unkept), found


def _own_answers(turn: Turn, state: State, tools: Tools) -> list[events.AlertingEvent]:
    """Answers that this turn wrote into our own feeds: only these make a duty ANSWERED."""
    found: list[events.AlertingEvent] = []
    for stored in turn.entries:
        ls = state.lines[stored.line]
        if party_of(stored.feed) != ls.me or b'"kind":"answer"' not in stored.data:
            continue
        entry = read_entry(stored.data, Digest(stored.leaf.hex()))
        if isinstance(entry, Refusal) or not isinstance(entry.body, Answer):
            continue  # one of ours that came back, in words that this node does not read
        found.append(
            events.Answered(
                line=ls.line, answer=entry.ref, to=entry.body.to, role=entry.body.role,
                reply=entry.body.reply, holds=_misread(ls, entry, entry.body, tools),
            )
        )  # fmt: skip
    return found


def _misread(ls: LineState, entry: Entry, answer: Answer, tools: Tools) -> bool:
    """Whether a place was read back wrongly, as far as is known: while the record is read nobody
    can say that it was right."""
    if answer.read_back is None:
        return False
    if ls.loading is not None or ls.terms is None:
        return True
    asks = Facts.of(ls, ls.terms, tools.judge(ls.line)).asks
    return not asks.counts(Answered(ref=entry.ref, t=entry.t, answer=answer), Kind.NOTICE)
