"""Handlers of a watch that passes: the node decides what is open, whoever asks (FM14)."""

from typing import Final

from clearline.api.problems import Refused
from clearline.api.service import Call, Service, duty_of, ref_of, request_id
from clearline.api.writes import filed, short
from clearline.model.limits import LABEL_CHARS_MAX, TEXT_CHARS_MAX
from clearline.model.refusal import Code, Refusal
from clearline.node.handover import handover_view
from clearline.node.handover_views import HandoverView
from clearline.node.inbound import Given, TakenOver
from clearline.node.queries_notices import find
from clearline.node.reach import reach
from clearline.node.reach_view import ReachView
from clearline.node.requests import Give, TakeOver
from clearline.node.views import FiledView
from clearline.node.watched import NEWEST_MAX

TOUCHED_MAX: Final = 2_000
"""More than what is ever listed: items of a sort beyond two hundred are one item."""


def _view(service: Service, call: Call[None] | Call[Give]) -> HandoverView:
    conductor = service.runtime.conductor
    newest = conductor.store.alerts_newest(NEWEST_MAX)
    return handover_view(conductor.state, service.line(call), newest)


async def look(service: Service, call: Call[None]) -> HandoverView:
    """What is open and must be touched, which watches wait to be taken, and in short what
    came about since one passed."""
    return _view(service, call)


async def how_far(service: Service, call: Call[None]) -> tuple[ReachView, ...]:
    """Five facts for every addressee: recorded, stored, presented, answered, read back."""
    of = service.line(call)
    found = find(of, ref_of(call))
    if found is None:
        raise Refused(Refusal(code=Code.NOT_FOUND, clause="CL-API-005"))
    return reach(of, found[0], service.runtime.conductor.state.book)


async def give(service: Service, call: Call[Give]) -> HandoverView:
    """Give one's watch to the next. Nothing has passed until the next one takes it."""
    short("/to", call.body.to, LABEL_CHARS_MAX)
    line = service.line(call).ls.line
    await service.keep(
        Given(
            id=request_id(call, call.body.id), line=line, person=call.who.person,
            role=duty_of(call.who, call.body.role), to=call.body.to,
        )
    )  # fmt: skip
    return _view(service, call)


async def take_over(service: Service, call: Call[TakeOver]) -> FiledView:
    """Take a watch that was given. An open item that was not touched stops it, or has a reason."""
    asked = call.body
    short("/override", asked.override, TEXT_CHARS_MAX)
    if len(asked.touched) > TOUCHED_MAX:
        params: dict[str, str | int] = {"found": len(asked.touched), "high": TOUCHED_MAX}
        raise Refused(
            Refusal(
                code=Code.TOO_MANY, clause="CL-API-004", at="/touched", params={**params}
            )
        )  # fmt: skip
    request = request_id(call, asked.id)
    outcome = await service.keep(
        TakenOver(
            id=request, line=service.line(call).ls.line, person=call.who.person,
            role=duty_of(call.who, asked.role), touched=asked.touched, override=asked.override,
        )
    )  # fmt: skip
    return filed(service.any_line(call), request, outcome.refs)
