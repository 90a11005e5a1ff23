"""Handlers of ways out of a conflict: found by this node, or proposed by a peer."""

from clearline.api.problems import Refused
from clearline.api.service import Call, Service
from clearline.api.writes import reasoned, say_all
from clearline.model.entry import Amend, Proposal
from clearline.model.ids import EntryRef, parse_ref
from clearline.model.refusal import Code, Refusal
from clearline.node.reading import Reading
from clearline.node.requests import Accept, Write
from clearline.node.views import FiledView
from clearline.node.way_view import WayOutView
from clearline.node.ways_out import applied, held, ways_out
from clearline.picture.situation import Version


async def list_ways_out(service: Service, call: Call[None]) -> tuple[WayOutView, ...]:
    """Ways out for two live versions that are not apart (?a=, ?b=): least shifts, next levels."""
    of = service.line(call)
    a, b = (_live(of, call.query.get(name), f"?{name}") for name in ("a", "b"))
    return ways_out(of, a, b)


def _live(of: Reading, text: str | None, at: str) -> Version:
    """A live version by its name. Raises Refused."""
    try:
        version = held(of, parse_ref(text or ""))
    except ValueError as error:
        raise Refused(Refusal(code=Code.BAD_FIELD, clause="CL-API-004", at=at)) from error
    if version is None:
        raise Refused(Refusal(code=Code.NOT_FOUND, clause="CL-API-005", at=at))
    return version


async def accept(service: Service, call: Call[Accept]) -> FiledView:
    """Amend one's own version as an answer proposes; it is judged again, like any other amend."""
    of, asked = service.line(call), call.body
    found = _proposed(of, asked.answer)
    if found is None:
        raise Refused(Refusal(code=Code.NOT_FOUND, clause="CL-API-005", at="/answer"))
    version, way = found
    if version.party != of.ls.me:
        raise Refused(Refusal(code=Code.NOT_OWN, clause="CL-OWN-013", at="/answer"))
    body = Amend(notice=version.notice, to=applied(version, way))
    reasoned(of, [("/body", body)])
    write = Write(
        body=body, id=asked.id, role=asked.role, precedence=asked.precedence or version.prec
    )
    return await say_all(service, call.bearing(write), (body,))


def _proposed(of: Reading, ref: EntryRef) -> tuple[Version, Proposal] | None:
    """The live version that an answer with a proposal names, and the proposal."""
    state = of.ls.picture.feeds.get(ref.feed)
    answers = () if state is None else state.answers.items()
    for to, said in answers:
        for each in said:
            if each.ref == ref and each.answer.proposal is not None:
                version = held(of, to)
                return None if version is None else (version, each.answer.proposal)
    return None
