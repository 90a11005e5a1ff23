"""Handlers that only read."""

from collections.abc import Generator

import msgspec

from clearline.alerting.times import AlertTimes, alert_times
from clearline.api.access import read_views
from clearline.api.people import PERMISSIONS
from clearline.api.problems import Refused
from clearline.api.service import Call, Service, duty_of, in_slices, ref_of
from clearline.model.alert import Alert, Severity
from clearline.model.ids import is_party_id
from clearline.model.limits import VOLUMES_MAX
from clearline.model.refusal import Code, Param, Refusal
from clearline.model.terms import Agreement
from clearline.model.time import DAY, INSTANT_MAX, Instant
from clearline.node.access_view import ReadView
from clearline.node.call_view import CallWayView
from clearline.node.check_view import CheckView
from clearline.node.drafts import check_steps
from clearline.node.inbound import Mover
from clearline.node.queries import (
    alert_view,
    asks,
    board_view,
    conflicts,
    duties_in_order,
    duty_view,
    line_view,
    node_view,
    notices,
    seals,
)
from clearline.node.queries_notices import find, notice_view
from clearline.node.queries_standing import standing_views
from clearline.node.reading import Reading
from clearline.node.requests import Draft
from clearline.node.standing_view import StandingView
from clearline.node.views import (
    AlertView,
    AskView,
    BoardView,
    ConflictView,
    LineView,
    MeView,
    NodeView,
    NoticeView,
    SealView,
)
from clearline.node.views_papers import DocumentView
from clearline.words.catalogue import Template, templates

PAGE_MAX = 5_000
"""Views in one answer: the 1,200 sites of a large line, four times over."""
TIMES_MS = 30 * DAY
"""What is measured where nobody says: a month, as reports of the line go."""
_SEVERITIES = frozenset(Severity)
DRAFTS_MAX = 100
"""Drafts of one check: a plan with its variants."""


class Health(msgspec.Struct, frozen=True, kw_only=True):
    """That the node runs, and nothing else: this needs no token."""

    status: str = "running"


class DeskNote(msgspec.Struct, frozen=True, kw_only=True):
    """One record of the private desk record, with its place and leaf hash."""

    index: int
    leaf: str
    record: msgspec.Raw


async def health(_: Service, __: Call[None]) -> Health:
    """Whether the node runs."""
    return Health()


async def me(_: Service, call: Call[None]) -> MeView:
    """Who the token says that one is, and what one may do."""
    who = call.who
    return MeView(
        person=who.person,
        role=who.role.value,
        duty=duty_of(who, None),
        duties=who.duties,
        actions=tuple(sorted(action.value for action in PERMISSIONS[who.role])),
    )


async def node(service: Service, call: Call[None]) -> NodeView:
    """The node with all its lines."""
    conductor, now = service.runtime.conductor, service.now

    def make() -> NodeView:
        set_by = service.runtime.clock.set_by_ms()
        return node_view(conductor.state, conductor.tools, now, set_by, call.langs)

    return service.screens.node(conductor.state, now, call.langs, make)


async def call_ways(service: Service, _: Call[None]) -> tuple[CallWayView, ...]:
    """How the others are reached beside the line: the fall-back list of this node."""
    return service.ways


async def board(service: Service, call: Call[None]) -> BoardView:
    """Everything that a desk must see, of one moment, and where its event stream goes on; with
    ?alerts= and ?notices= no more than so many of them, the loudest duties first."""
    conductor = service.runtime.conductor
    return board_view(
        conductor.state,
        conductor.tools,
        service.now,
        clock_set_by_ms=service.runtime.clock.set_by_ms(),
        event=service.feed.position(),
        langs=call.langs,
        alerts_max=number(call, "alerts", 10**9, 10**9),
        notices_max=number(call, "notices", 10**9, 10**9),
    )


async def lines(service: Service, call: Call[None]) -> tuple[LineView, ...]:
    """The lines that this node is on."""
    looked = [service.look(line, call.langs) for line in service.runtime.lines]
    return tuple(line_view(of) for of in looked if of is not None)


async def line(service: Service, call: Call[None]) -> LineView:
    """One line: its peers, links, clocks, suspensions."""
    return line_view(service.any_line(call))


async def terms(service: Service, call: Call[None]) -> Agreement:
    """The terms in force for us, as they were signed."""
    return service.any_line(call).terms


async def list_notices(service: Service, call: Call[None]) -> tuple[NoticeView, ...]:
    """Live notices of everybody; with ?ended=true those that their authors ended, too."""
    ended = _flag(call, "ended")
    first, limit = number(call, "offset", 0, 10**9), number(call, "limit", PAGE_MAX, PAGE_MAX)
    return await in_slices(_listed(service.line(call), first, limit, ended=ended))


def _listed(
    of: Reading, first: int, limit: int, *, ended: bool
) -> Generator[None, None, tuple[NoticeView, ...]]:
    """A stretch of the notices, one at a time: a thousand of them must not hold up a turn."""
    views = []
    for n, view in enumerate(notices(of, ended=ended)):
        if n >= first + limit:
            break
        if n >= first:
            views.append(view)
        yield
    return tuple(views)


async def one_notice(service: Service, call: Call[None]) -> NoticeView:
    """One version of a notice, live or ended."""
    of = service.line(call)
    held = find(of, ref_of(call))
    if held is None:
        raise Refused(Refusal(code=Code.NOT_FOUND, clause="CL-API-005"))
    return notice_view(of, *held)


async def check_drafts(service: Service, call: Call[Draft]) -> CheckView:
    """Judge drafts against all that this node holds. Nothing is stored, nothing leaves."""
    count = len(call.body.notices)
    if not 1 <= count <= DRAFTS_MAX or sum(len(n.volumes) for n in call.body.notices) > VOLUMES_MAX:
        params: dict[str, Param] = {"found": count, "high": DRAFTS_MAX}
        refusal = Refusal(code=Code.TOO_MANY, clause="CL-API-004", at="/notices", params=params)
        raise Refused(refusal)
    return await in_slices(check_steps(service.line(call), call.body.notices, call.body.amends))


async def list_conflicts(service: Service, call: Call[None]) -> tuple[ConflictView, ...]:
    """Pairs of live notices that are not apart, soonest first."""
    return conflicts(service.line(call), own_only=_flag(call, "own"))


async def list_asks(service: Service, call: Call[None]) -> tuple[AskView, ...]:
    """Messages, tests, STOP, DISTRESS, ACCIDENT and their answers, newest first."""
    return asks(service.line(call))


async def list_templates(service: Service, _: Call[None]) -> tuple[Template, ...]:
    """The closed catalogue of messages: each template with its blanks."""
    return tuple(templates().values())


async def list_seals(service: Service, call: Call[None]) -> tuple[SealView, ...]:
    """Sealed plans, opened or not."""
    return seals(service.line(call))


async def list_standing(service: Service, call: Call[None]) -> tuple[StandingView, ...]:
    """Standing coordinations: who has signed which measure for which area and period."""
    return standing_views(service.line(call))


async def list_movers(service: Service, call: Call[None]) -> tuple[Mover, ...]:
    """Own movers as last known; local."""
    movers = service.line(call).ls.movers
    return tuple(mover for _, mover in sorted(movers.items()))


async def list_documents(service: Service, call: Call[None]) -> tuple[DocumentView, ...]:
    """Signed documents of the line."""
    store, name = service.runtime.conductor.store, service.line_id(call)
    kinds = ("agreement", "manifest", "root-change", "epoch", "fork")
    return tuple(
        DocumentView(kind=kind, sha256=document.sha256, size=len(document.data))
        for kind in kinds
        for document in store.documents(name, kind)
    )


async def desk_record(service: Service, call: Call[None]) -> tuple[DeskNote, ...]:
    """The private desk record from an index on: what was done here, by whom."""
    first, limit = number(call, "offset", 0, 10**12), number(call, "limit", 500, PAGE_MAX)
    store, name = service.runtime.conductor.store, service.line_id(call)
    return tuple(
        DeskNote(index=kept.index, leaf=kept.leaf.hex(), record=msgspec.Raw(kept.data))
        for kept in store.desk(name, first, limit)
    )


async def list_reads(service: Service, call: Call[None]) -> tuple[ReadView, ...]:
    """The access log: who has read what of the others', oldest first; ?of= one party's items.

    It looks at ``limit`` records of the private desk record from ``offset`` on; without an offset
    at the newest."""
    store, name = service.runtime.conductor.store, service.line_id(call)
    limit = number(call, "limit", PAGE_MAX, PAGE_MAX)
    await service.flush_access_log()
    newest = max(0, store.desk_count(name) - limit)
    first = number(call, "offset", newest, 10**12)
    of = call.query.get("of")
    if of is not None and not is_party_id(of):
        raise Refused(Refusal(code=Code.BAD_FIELD, clause="CL-API-004", at="?of"))
    found = read_views(store.desk(name, first, limit))
    return tuple(view for view in found if of is None or of in view.of)


async def list_alerts(service: Service, call: Call[None]) -> tuple[AlertView, ...]:
    """Open duties, the loudest first: all, or those of ?line= and of ?severity=; of these the ones
    from ?offset= on, ?limit= at most."""
    state, wanted = service.runtime.conductor.state, call.query.get("line")
    weight = call.query.get("severity")
    if weight is not None and weight not in _SEVERITIES:
        raise Refused(Refusal(code=Code.BAD_FIELD, clause="CL-API-004", at="?severity"))
    plan = service.runtime.conductor.tools.plan(state)
    first, limit = number(call, "offset", 0, 10**9), number(call, "limit", 10**9, PAGE_MAX)
    held = [
        alert
        for alert in duties_in_order(state)
        if wanted in (None, alert.trouble.line) and weight in (None, alert.trouble.severity)
    ]
    return tuple(duty_view(alert, plan, call.langs) for alert in held[first : first + limit])


async def list_alert_times(service: Service, call: Call[None]) -> tuple[AlertTimes, ...]:
    """How long duties waited until somebody took them, by severity and role: of the last 30 days,
    or of those raised from ?from= until ?until= (milliseconds of UTC)."""
    conductor, now = service.runtime.conductor, service.now
    until = Instant(number(call, "until", now, INSTANT_MAX))
    first = Instant(number(call, "from", max(0, until - TIMES_MS), INSTANT_MAX))
    alerts = conductor.store.alerts_raised(service.line_id(call), first, until)
    return alert_times(alerts, conductor.tools.plan(conductor.state), now)


async def one_alert(service: Service, call: Call[None]) -> AlertView:
    """One duty, open or closed."""
    conductor = service.runtime.conductor
    return alert_view(alert_of(service, call), conductor.tools.plan(conductor.state), call.langs)


def alert_of(service: Service, call: Call[object]) -> Alert:
    """The alert that the path names. Raises Refused."""
    conductor = service.runtime.conductor
    name = call.path["alert"]
    alert = conductor.state.book.get(name) or conductor.store.alert(name)
    if alert is None:
        raise Refused(
            Refusal(code=Code.NOT_FOUND, clause="CL-API-005", params={"alert": name[:64]})
        )
    return alert


def _flag(call: Call[None], name: str) -> bool:
    text = call.query.get(name, "false")
    if text not in ("true", "false"):
        raise Refused(Refusal(code=Code.BAD_FIELD, clause="CL-API-004", at=f"?{name}"))
    return text == "true"


def number(call: Call[None], name: str, usual: int, high: int) -> int:
    """A whole number of the query, 0 to ``high``. Raises Refused."""
    text = call.query.get(name)
    if text is None:
        return usual
    if not (text.isascii() and text.isdigit() and len(text) <= 15 and int(text) <= high):
        raise Refused(
            Refusal(
                code=Code.NUMBER_RANGE, clause="CL-API-004", at=f"?{name}",
                params={"found": text[:20], "low": 0, "high": high},
            )
        )  # fmt: skip
    return int(text)
