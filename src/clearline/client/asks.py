"""What can be asked of a node, as values: path, body, and the type of the answer."""

import secrets
from collections.abc import Sequence
from typing import Generic, TypeVar

import msgspec

from clearline.alerting.times import AlertTimes
from clearline.model.entry import (
    Accident,
    AllClear,
    Amend,
    Answer,
    Body,
    Coordinated,
    Distress,
    Leave,
    Message,
    Notice,
    Open,
    Precedence,
    Relay,
    Relayed,
    Resume,
    Seal,
    Stop,
    Suspend,
    Test,
    Withdraw,
)
from clearline.model.ids import EntryRef, LineId, PartyId
from clearline.model.sighting import Binding
from clearline.model.terms import Agreement
from clearline.model.time import Instant
from clearline.node.access_view import ReadView
from clearline.node.check_view import CheckView
from clearline.node.handover_views import HandoverView
from clearline.node.inbound import Mover
from clearline.node.live.track_views import FedView, LiveView
from clearline.node.page_view import PageView
from clearline.node.reach_view import ReachView
from clearline.node.requests import (
    Accept,
    Batch,
    BindingFixes,
    Climbing,
    CodeGiven,
    Cry,
    Draft,
    Give,
    MoverFixes,
    Opening,
    PageAsk,
    Quiet,
    Remark,
    Shown,
    Take,
    TakeOver,
    Tell,
    VoiceSaid,
    Write,
)
from clearline.node.shown_views import ShownView
from clearline.node.standing_view import StandingView
from clearline.node.views import (
    AlertView,
    AskView,
    BoardView,
    ConflictView,
    FiledView,
    LineView,
    MeView,
    NodeView,
    NoticeView,
    SealView,
)
from clearline.node.way_view import WayOutView
from clearline.onepage.calling import CallScriptView

T = TypeVar("T")


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """A refusal as it arrives (RFC 9457): the sentence, the code, the pointer to the field."""

    title: str
    status: int
    type: str = "about:blank"
    detail: str = ""
    code: str = ""
    clause: str = ""
    pointer: str = ""
    params: dict[str, str | int] = {}


class Ask(msgspec.Struct, Generic[T], frozen=True, kw_only=True):
    """One request. ``again``: it can be sent again after a broken connection, since it only reads
    or carries an id."""

    method: str
    path: str
    answer: type[T]
    body: bytes | None = None
    query: tuple[tuple[str, str], ...] = ()
    again: bool = True


PATHS: dict[type, str] = {
    Notice: "notices", Amend: "amend", Withdraw: "withdraw", AllClear: "all-clear", Seal: "seal",
    Open: "open", Answer: "answers", Coordinated: "coordinated", Message: "messages", Stop: "stop",
    Distress: "distress", Accident: "accident", Relay: "relay", Relayed: "relayed",
    Suspend: "suspend", Resume: "resume", Leave: "leave", Test: "test",
}  # fmt: skip
"""Where each kind is said."""


def new_id() -> str:
    """An id for a write that nobody has used."""
    return secrets.token_hex(16)


def _get(path: str, answer: type[T], *query: tuple[str, str]) -> Ask[T]:
    return Ask(method="GET", path=f"/v1{path}", answer=answer, query=query)


def _post(path: str, body: msgspec.Struct, answer: type[T], *, again: bool = True) -> Ask[T]:
    raw = msgspec.json.encode(body)
    return Ask(method="POST", path=f"/v1{path}", answer=answer, body=raw, again=again)


def me() -> Ask[MeView]:
    """Who the token says that one is."""
    return _get("/me", MeView)


def node() -> Ask[NodeView]:
    """The node with all its lines."""
    return _get("/node", NodeView)


def board(alerts: int | None = None, notices: int | None = None) -> Ask[BoardView]:
    """Everything that a desk must see, of one moment; no more than so many duties and notices."""
    wanted = (("alerts", alerts), ("notices", notices))
    return _get("/board", BoardView, *((name, str(n)) for name, n in wanted if n is not None))


def lines() -> Ask[tuple[LineView, ...]]:
    """The lines."""
    return _get("/lines", tuple[LineView, ...])


def terms(line: LineId) -> Ask[Agreement]:
    """The terms in force."""
    return _get(f"/lines/{line}/terms", Agreement)


def picture(line: LineId) -> Ask[msgspec.Raw]:
    """What the node knows of the line now, as it signed it."""
    return _get(f"/lines/{line}/picture", msgspec.Raw)


def notices(line: LineId, *, ended: bool = False) -> Ask[tuple[NoticeView, ...]]:
    """Live notices, or all."""
    query = (("ended", "true"),) if ended else ()
    return _get(f"/lines/{line}/notices", tuple[NoticeView, ...], *query)


def notice(line: LineId, ref: EntryRef) -> Ask[NoticeView]:
    """One version."""
    return _get(f"/lines/{line}/notices/{ref}", NoticeView)


def conflicts(line: LineId) -> Ask[tuple[ConflictView, ...]]:
    """Pairs that are not apart."""
    return _get(f"/lines/{line}/conflicts", tuple[ConflictView, ...])


def ways_out(line: LineId, a: EntryRef, b: EntryRef) -> Ask[tuple[WayOutView, ...]]:
    """Ways out for a pair that is not apart."""
    query = (("a", str(a)), ("b", str(b)))
    return _get(f"/lines/{line}/ways-out", tuple[WayOutView, ...], *query)


def accept(
    line: LineId, answer: EntryRef, *, id_: str | None = None, role: str | None = None
) -> Ask[FiledView]:
    """Amend one's own version as an answer proposes."""
    asked = Accept(answer=answer, id=id_ or new_id(), role=role)
    return _post(f"/lines/{line}/accept", asked, FiledView)


def asks(line: LineId) -> Ask[tuple[AskView, ...]]:
    """Messages, tests, STOP, DISTRESS, ACCIDENT."""
    return _get(f"/lines/{line}/asks", tuple[AskView, ...])


def seals(line: LineId) -> Ask[tuple[SealView, ...]]:
    """Sealed plans."""
    return _get(f"/lines/{line}/seals", tuple[SealView, ...])


def movers(line: LineId) -> Ask[tuple[Mover, ...]]:
    """Own movers as last known."""
    return _get(f"/lines/{line}/movers", tuple[Mover, ...])


def reads(line: LineId, *, of: PartyId | None = None) -> Ask[tuple[ReadView, ...]]:
    """The access log: who has read what of the others', or of one party's."""
    query = (("of", of),) if of is not None else ()
    return _get(f"/lines/{line}/reads", tuple[ReadView, ...], *query)


def alerts(line: LineId | None = None) -> Ask[tuple[AlertView, ...]]:
    """Open duties."""
    query = (("line", line),) if line is not None else ()
    return _get("/alerts", tuple[AlertView, ...], *query)


def standing(line: LineId) -> Ask[tuple[StandingView, ...]]:
    """Standing coordinations."""
    return _get(f"/lines/{line}/standing", tuple[StandingView, ...])


def alert_times(
    line: LineId, first: Instant | None = None, until: Instant | None = None
) -> Ask[tuple[AlertTimes, ...]]:
    """How long duties waited, by severity and role."""
    named = (("from", first), ("until", until))
    query = tuple((name, str(at)) for name, at in named if at is not None)
    return _get(f"/lines/{line}/alert-times", tuple[AlertTimes, ...], *query)


def alert(name: str) -> Ask[AlertView]:
    """One duty."""
    return _get(f"/alerts/{name}", AlertView)


def say(
    line: LineId,
    body: Body,
    *,
    id_: str | None = None,
    role: str | None = None,
    precedence: Precedence | None = None,
) -> Ask[FiledView]:
    """Say one thing on a line. Without ``id_`` a new one is made, so that it can be repeated."""
    write = Write(body=body, id=id_ or new_id(), role=role, precedence=precedence)
    return _post(f"/lines/{line}/{PATHS[type(body)]}", write, FiledView)


def open_seal(
    line: LineId,
    body: Open,
    *,
    id_: str | None = None,
    role: str | None = None,
    mismatch_known: str = "",
) -> Ask[FiledView]:
    """Open a seal; ``mismatch_known``: why by something else than was sealed."""
    opening = Opening(body=body, id=id_ or new_id(), role=role, mismatch_known=mismatch_known)
    return _post(f"/lines/{line}/open", opening, FiledView)


def page(line: LineId, asked: PageAsk) -> Ask[PageView]:
    """One page for a party without a node; made again it has other codes."""
    return _post(f"/lines/{line}/relay-page", asked, PageView, again=False)


def give_code(line: LineId, asked: CodeGiven) -> Ask[FiledView]:
    """A page's short code as it was said."""
    return _post(f"/lines/{line}/reply-code", asked, FiledView, again=False)


def file_all(line: LineId, batch: Batch) -> Ask[FiledView]:
    """Notices, amends and withdrawals in one go."""
    batch = msgspec.structs.replace(batch, id=batch.id or new_id())
    return _post(f"/lines/{line}/import", batch, FiledView)


def check(line: LineId, *drafts: Notice, amends: EntryRef | None = None) -> Ask[CheckView]:
    """Judge drafts; nothing is stored, nothing leaves the node. ``amends``: the version of ours
    that they would follow."""
    return _post(f"/lines/{line}/check", Draft(notices=drafts, amends=amends), CheckView)


def take(
    name: str, *, note: str = "", role: str | None = None, seen: Instant | None = None,
    id_: str | None = None,
) -> Ask[AlertView]:  # fmt: skip
    """Take an alert."""
    asked = Take(note=note, role=role, seen=seen, id=id_ or new_id())
    return _post(f"/alerts/{name}/ack", asked, AlertView)


def silence(
    name: str, *, until: Instant, reason: str, role: str | None = None, id_: str | None = None
) -> Ask[AlertView]:
    """Silence one alert."""
    asked = Quiet(until=until, reason=reason, role=role, id=id_ or new_id())
    return _post(f"/alerts/{name}/silence", asked, AlertView)


def escalate(name: str, *, role: str | None = None, id_: str | None = None) -> Ask[AlertView]:
    """Have the next rung of one alert called now."""
    return _post(f"/alerts/{name}/escalate", Climbing(role=role, id=id_ or new_id()), AlertView)


def shown(name: str, desk: str) -> Ask[AlertView]:
    """A desk shows an alert."""
    return _post(f"/alerts/{name}/presented", Shown(desk=desk), AlertView)


def move(line: LineId, fixes: MoverFixes) -> Ask[tuple[Mover, ...]]:
    """Own movers as last known."""
    fixes = msgspec.structs.replace(fixes, id=fixes.id or new_id())
    return _post(f"/lines/{line}/movers", fixes, tuple[Mover, ...])


def tracks(*, offset: int = 0, limit: int = 100) -> Ask[LiveView]:
    """Live tracks, their sources, and what stands of them."""
    return _get("/tracks", LiveView, ("offset", str(offset)), ("limit", str(limit)))


def feed_tracks(records: Sequence[bytes]) -> Ask[FedView]:
    """Tracks as they are now, each a JSON object of ``clearline tracks``' fields."""
    raw = b'{"tracks":[' + b",".join(records) + b"]}"
    return Ask(method="POST", path="/v1/tracks", answer=FedView, body=raw)


def bindings(line: LineId) -> Ask[tuple[Binding, ...]]:
    """Which track each own mover is seen as."""
    return _get(f"/lines/{line}/bindings", tuple[Binding, ...])


def bind(line: LineId, fixes: BindingFixes) -> Ask[tuple[Binding, ...]]:
    """Say which track an own mover is seen as."""
    fixes = msgspec.structs.replace(fixes, id=fixes.id or new_id())
    return _post(f"/lines/{line}/bindings", fixes, tuple[Binding, ...])


def tell_off_route(line: LineId, call_sign: str, *, id_: str | None = None) -> Ask[FiledView]:
    """Tell the line of an own mover that is off its route."""
    asked = Tell(call_sign=call_sign, id=id_ or new_id())
    return _post(f"/lines/{line}/off-route", asked, FiledView)


def note(line: LineId, remark: Remark) -> Ask[FiledView]:
    """Into the private desk record."""
    return _post(f"/lines/{line}/desk-record", remark, FiledView, again=False)


def call_script(line: LineId, ref: EntryRef, lang: str = "") -> Ask[CallScriptView]:
    """What to say by telephone about one entry, beside English in another language."""
    path = f"/lines/{line}/notices/{ref.feed}/{ref.index}/call-script"
    return _get(path, CallScriptView, *((("lang", lang),) if lang else ()))


def said_on_voice(line: LineId, said: VoiceSaid) -> Ask[FiledView]:
    """Write down what was said by voice."""
    said = msgspec.structs.replace(said, id=said.id or new_id())
    return _post(f"/lines/{line}/said-on-voice", said, FiledView)


def changes(line: LineId, after: str | None = None) -> Ask[ShownView]:
    """What is shown of a line that changed since a position; None: all of it."""
    return _get(f"/lines/{line}/changes", ShownView, *((("after", after),) if after else ()))


def handover(line: LineId) -> Ask[HandoverView]:
    """What the next watch must touch, and what was given and waits to be taken."""
    return _get(f"/lines/{line}/handover", HandoverView)


def give_watch(
    line: LineId, *, to: str = "", role: str | None = None, id_: str | None = None
) -> Ask[HandoverView]:
    """Give one's watch to the next: nothing has passed until it is taken."""
    asked = Give(to=to, role=role, id=id_ or new_id())
    return _post(f"/lines/{line}/handover/give", asked, HandoverView)


def take_watch(
    line: LineId, touched: Sequence[str], *, override: str = "", role: str | None = None,
    id_: str | None = None,
) -> Ask[FiledView]:  # fmt: skip
    """Take a watch that was given, having touched items."""
    asked = TakeOver(touched=tuple(touched), override=override, role=role, id=id_ or new_id())
    return _post(f"/lines/{line}/handover", asked, FiledView)


def cry(line: LineId, asked: Cry) -> Ask[FiledView]:
    """DISTRESS for one of our own movers, or about a place."""
    asked = msgspec.structs.replace(asked, id=asked.id or new_id())
    return _post(f"/lines/{line}/distress/here", asked, FiledView)


def reach(line: LineId, ref: EntryRef) -> Ask[tuple[ReachView, ...]]:
    """How far a notice got with each addressee: five facts."""
    return _get(f"/lines/{line}/notices/{ref}/reach", tuple[ReachView, ...])
