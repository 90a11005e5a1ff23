"""Live tracks through the API: fed, looked at, bound, and told of. They stay on this node."""

from collections.abc import Sequence

import msgspec

from clearline.api.problems import Refused
from clearline.api.reads import number
from clearline.api.service import Call, Service, request_id
from clearline.api.writes import BATCH_MAX, MOVERS_MAX, filed, short
from clearline.model.entry import Precedence
from clearline.model.limits import NAME_CHARS_MAX
from clearline.model.refusal import Code, Refusal
from clearline.model.sighting import Binding, Sighting
from clearline.node.inbound import Bound
from clearline.node.live.desk import off_route_message
from clearline.node.live.track_views import FedView, LiveView, RefusedView
from clearline.node.live.views import live_view
from clearline.node.requests import BindingFixes, Tell
from clearline.node.views import FiledView
from clearline.plan.tracks import TrackShape, sighting_of, take_shape
from clearline.words.sentences import sentence

SOURCE = "api"
"""What is fed by people's tools: one source, beside those of node.toml."""
SHOWN_MAX = 5_000
REFUSED_MAX = 100


class TrackFeed(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Tracks as they are now. The same again is no harm: of two the newer counts."""

    tracks: tuple[TrackShape, ...]


async def feed(service: Service, call: Call[TrackFeed]) -> FedView:
    """Tracks as somebody sees them now: local, never sent. What cannot be is refused one by one."""
    tracks = call.body.tracks
    if not 1 <= len(tracks) <= BATCH_MAX:
        raise Refused(
            Refusal(
                code=Code.TOO_MANY, clause="CL-API-004", at="/tracks",
                params={"found": len(tracks), "low": 1, "high": BATCH_MAX},
            )
        )  # fmt: skip
    return _fed(service, tracks)


async def put(service: Service, call: Call[TrackShape]) -> FedView:
    """One track as it is now: local, never sent."""
    if call.body.name != call.path["track"]:
        raise Refused(
            Refusal(
                code=Code.BAD_FIELD, clause="CL-API-004", at="/id",
                params={"reason": "not-the-path"},
            )
        )  # fmt: skip
    found = take_shape(call.body)
    if isinstance(found, Refusal):
        raise Refused(found)
    return _fed(service, (call.body,))


def _fed(service: Service, tracks: Sequence[TrackShape]) -> FedView:
    now = service.now
    seen: list[Sighting] = []
    refused: list[RefusedView] = []
    for place, shape in enumerate(tracks):
        found = take_shape(shape)
        if isinstance(found, Refusal):
            refused.append(
                RefusedView(place=place, code=found.code.value, sentence=sentence(found))
            )
        else:
            seen.append(sighting_of(*found, source=SOURCE, now=now))
    took = service.tracks.feed(seen)
    counts = {how.value: count for how, count in sorted(took.items())}
    return FedView(as_of=now, took=counts, refused=tuple(refused[:REFUSED_MAX]))


async def live(service: Service, call: Call[None]) -> LiveView:
    """Live tracks, their sources, and what stands of them."""
    offset = number(call, "offset", 0, 10**6)
    limit = number(call, "limit", 100, SHOWN_MAX)
    state = service.runtime.conductor.state
    return live_view(service.tracks.desk, state, service.now, offset, limit)


async def list_bindings(service: Service, call: Call[None]) -> tuple[Binding, ...]:
    """Which track each own mover is seen as."""
    return tuple(each for _, each in sorted(service.state(service.line_id(call)).bound.items()))


async def bind(service: Service, call: Call[BindingFixes]) -> tuple[Binding, ...]:
    """Which track an own mover is seen as, on a person's word: local, never sent."""
    line, body = service.line_id(call), call.body
    held = len(service.state(line).bound)
    if len(body.bindings) + held > MOVERS_MAX or len(body.gone) > MOVERS_MAX:
        raise Refused(
            Refusal(
                code=Code.TOO_MANY, clause="CL-API-004", at="/bindings",
                params={"found": len(body.bindings) + held, "high": MOVERS_MAX},
            )
        )  # fmt: skip
    for n, binding in enumerate(body.bindings):
        short(f"/bindings/{n}/call_sign", binding.call_sign, NAME_CHARS_MAX, empty=False)
        short(f"/bindings/{n}/track", binding.track, 2 * NAME_CHARS_MAX, empty=False)
        _own_notice(service, call, n, binding)
    for n, name in enumerate(body.gone):
        short(f"/gone/{n}", name, NAME_CHARS_MAX, empty=False)
    await service.keep(
        Bound(
            id=request_id(call, body.id), line=line, person=call.who.person,
            bindings=body.bindings, gone=body.gone,
        )
    )  # fmt: skip
    return tuple(each for _, each in sorted(service.state(line).bound.items()))


def _own_notice(service: Service, call: Call[BindingFixes], n: int, binding: Binding) -> None:
    """Raises Refused for a notice that is not a live one of ours."""
    if binding.notice is None:
        return
    ls = service.state(service.line_id(call))
    state = ls.picture.feeds.get(binding.notice.feed)
    mine = binding.notice.feed.partition(".")[0] == ls.me
    if not mine or state is None or binding.notice.index not in state.live:
        code = Code.NOT_LIVE if mine else Code.NOT_OWN
        params: dict[str, str | int] = {"ref": str(binding.notice)}
        at = f"/bindings/{n}/notice"
        raise Refused(Refusal(code=code, clause="CL-API-004", at=at, params={**params}))


async def tell(service: Service, call: Call[Tell]) -> FiledView:
    """Tell the line of an own mover that is off its route, in the closed template."""
    ls = service.state(service.line_id(call))
    for finding in ls.live.values():
        message = off_route_message(finding)
        if message is not None and finding.call_sign == call.body.call_sign:
            request, outcome = await service.say(
                call,
                (message,),
                id_=call.body.id,
                role=call.body.role,
                precedence=Precedence.FLASH,
            )
            return filed(service.line(call), request, outcome.refs)
    raise Refused(Refusal(code=Code.NOT_FOUND, clause="CL-API-005", at="/call_sign"))
