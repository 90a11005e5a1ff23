"""The application: who asks, how much, how long; then the endpoint; then one way to answer."""

import asyncio
import gzip
import logging
import re
from collections.abc import AsyncIterator
from typing import Final

import msgspec
from litestar import Litestar, Request, Response, delete, get, post, put
from litestar.datastructures import State
from litestar.exceptions import HTTPException
from litestar.handlers import HTTPRouteHandler
from litestar.response import Stream

from clearline.alerting.routing import EXERCISE_DESK
from clearline.api.access import others_with_anything
from clearline.api.events import stream
from clearline.api.evidence import File
from clearline.api.openapi import document
from clearline.api.own_page import is_own_page
from clearline.api.people import Action, Person, Role
from clearline.api.problems import MEDIA, Problem, Refused, problem
from clearline.api.reply_page import reply_routes
from clearline.api.service import Call, Service
from clearline.api.sign_ins import Session
from clearline.api.signing_in import Signed
from clearline.api.static_files import static_routes
from clearline.api.table import BODY_BYTES_MAX, ENDPOINTS, EVENTS, OPENAPI, Endpoint
from clearline.model.limits import NAME_CHARS_MAX
from clearline.model.refusal import Code, Param, Refusal
from clearline.model.time import Instant
from clearline.words.reader import ENGLISH, Langs, accepted, complete

LOG = logging.getLogger("clearline.api")

BODY_TIMEOUT_S: Final = 20.0
"""A whole import over a slow local network; a client that trickles is let go."""
PACKED_BYTES_MIN: Final = 16_384
"""A board with a dozen duties and more is sent packed, where it is asked for so: a hundred of them
are 23 seconds of a link of 64 kbit/s, and two when packed."""
STREAMS_MAX: Final = 256
"""Open event streams: every desk and tool of a large operations room."""
STREAMS_EACH_MAX: Final = 32
"""Of one person: nobody's pages, however many, keep others from hearing."""
HEADERS: Final = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}
NOBODY: Final = Person(person="nobody", role=Role.INVESTIGATOR, sha256="", made=Instant(0))

MAKERS: Final = {"GET": get, "PUT": put, "POST": post, "DELETE": delete}

Asked = Request[None, None, State]
_DESK: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._-]{0,62}", re.ASCII)


def make_app(service: Service) -> Litestar:
    """The API of one node."""
    return Litestar(
        route_handlers=[
            *(_route(service, endpoint) for endpoint in ENDPOINTS),
            _events(service),
            _openapi(),
            *reply_routes(service),
            *static_routes(service),
        ],
        exception_handlers={
            Refused: _refused,
            HTTPException: _not_served,
            Exception: _bug,
        },
        request_max_body_size=BODY_BYTES_MAX,
        openapi_config=None,
        logging_config=None,
    )


def _route(service: Service, endpoint: Endpoint) -> HTTPRouteHandler:
    async def handle(request: Asked) -> Response[bytes]:
        who, session = _who(service, request, endpoint.action)
        cookie = _cookie(service, request)
        if endpoint.page or (session is not None and endpoint.method != "GET"):
            _from_own_page(service, request, writes=True)
        known = dict(request.query_params.items())
        call = Call(
            who=who,
            path={name: str(value) for name, value in request.path_params.items()},
            query={name: str(known[name]) for name in endpoint.query if name in known},
            body=b"" if endpoint.body is None else await _body(request),
            key=request.headers.get("idempotency-key"),
            langs=_langs(service, request),
            cookie=cookie,
            session=session,
        )
        answer = await endpoint.serve(service, call)
        headers = dict(HEADERS)
        if isinstance(answer, File):
            service.looked(who, endpoint.what, call, msgspec.Raw(b""))
            headers["Content-Disposition"] = f'attachment; filename="{answer.name}"'
            return Response(content=answer.content, media_type=answer.media, headers=headers)
        if isinstance(answer, Signed):
            headers["Set-Cookie"] = service.console.set_cookie(answer.value)
            answer = answer.view
        else:
            service.looked(who, endpoint.what, call, answer)
        content = msgspec.json.encode(answer)
        if len(content) >= PACKED_BYTES_MIN and _takes_gzip(request):
            content = await asyncio.to_thread(gzip.compress, content, 1, mtime=0)
            headers |= {"Content-Encoding": "gzip", "Vary": "Accept-Encoding"}
        return Response(content=content, media_type="application/json", headers=headers)

    path = re.sub(r"\{(\w+)\}", r"{\1:str}", endpoint.path)
    size = {} if endpoint.body is None else {"request_max_body_size": endpoint.bytes_max}
    made: HTTPRouteHandler = MAKERS[endpoint.method](
        path, status_code=200, name=endpoint.name, **size
    )(handle)
    return made


def _takes_gzip(request: Asked) -> bool:
    return "gzip" in request.headers.get("accept-encoding", "")


async def _body(request: Asked) -> bytes:
    try:
        async with asyncio.timeout(BODY_TIMEOUT_S):
            return await request.body()
    except TimeoutError as error:
        raise Refused(Refusal(code=Code.TRUNCATED, clause="CL-API-009"), 408) from error


def _who(service: Service, request: Asked, action: Action | None) -> tuple[Person, Session | None]:
    """Whose token or cookie it is, and whether the table lets them. Raises Refused."""
    if action is None:
        return NOBODY, None
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    session: Session | None = None
    if token.strip():
        bearer = scheme.lower() == "bearer"
        who = service.people.find(token.strip(), service.now) if bearer else None
        why = "token-unknown"
    else:
        who, session = _signed_in(service, request)
        why = "token-missing" if _cookie(service, request) is None else "signed-out"
    if who is None:
        refusal = Refusal(code=Code.NOT_ALLOWED, clause="CL-API-001", params={"why": why})
        raise Refused(refusal, 401)
    if not who.may(action):
        raise Refused(
            Refusal(
                code=Code.NOT_ALLOWED, clause="CL-API-007",
                params={"role": who.role.value, "action": action.value},
            )
        )  # fmt: skip
    return who, session


def _cookie(service: Service, request: Asked) -> str | None:
    """The console's cookie; None where there is none, or more than one of its name: then another
    page of this host has set one, and nobody can tell whose is whose."""
    name = f"{service.console.cookie}="
    kept = ";".join(request.headers.getall("cookie", []))
    found = [part.strip() for part in kept.split(";") if part.strip().startswith(name)]
    return found[0].removeprefix(name) or None if len(found) == 1 else None


def _signed_in(service: Service, request: Asked) -> tuple[Person | None, Session | None]:
    """Who is signed in on the page that asks. Raises Refused for another page than ours."""
    cookie = _cookie(service, request)
    found = service.console.sign_ins.find(cookie, service.now) if cookie is not None else None
    if found is None:
        return None, None
    _from_own_page(service, request, writes=False)
    return found


def _from_own_page(service: Service, request: Asked, *, writes: bool) -> None:
    """Raises Refused unless a browser asks for a page of this node's own."""
    if not is_own_page(request.headers, service.console.hosts, writes=writes):
        params: dict[str, Param] = {"why": "other-origin"}
        raise Refused(Refusal(code=Code.NOT_ALLOWED, clause="CL-SGN-002", params=params))


def _still(service: Service, request: Asked, action: Action) -> bool:
    """Whether who opened a stream may go on reading it."""
    try:
        _who(service, request, action)
    except Refused:
        return False
    return True


def _known_console(service: Service, desk: str | None) -> None:
    """Raises Refused for a desk that node.toml does not have: it would hear nothing, in silence."""
    conductor = service.runtime.conductor
    names = [each.name for each in conductor.desks]
    if desk is not None and names and desk not in (*names, EXERCISE_DESK):
        params: dict[str, Param] = {"desk": desk, "known": ", ".join(names)}
        raise Refused(Refusal(code=Code.NOT_FOUND, clause="CL-API-005", at="?desk", params=params))


def _events(service: Service) -> HTTPRouteHandler:
    open_streams: dict[object, str] = {}

    @get(EVENTS, status_code=200, name="get-events")
    async def events(request: Asked) -> Stream:
        """The event stream. ``desk`` names the desk that hears rings, for those who keep one."""
        desk = request.query_params.get("desk")
        action = Action.READ if desk is None else Action.DESK
        who, _ = _who(service, request, action)
        if desk is not None and not (len(desk) <= NAME_CHARS_MAX and _DESK.fullmatch(desk)):
            raise Refused(Refusal(code=Code.BAD_FIELD, clause="CL-API-004", at="?desk"))
        _known_console(service, desk)
        own = sum(person == who.person for person in open_streams.values())
        if len(open_streams) >= STREAMS_MAX or own >= STREAMS_EACH_MAX:
            raise Refused(Refusal(code=Code.RATE, clause="CL-API-010"))
        service.access.note(
            person=who.person, role=who.role.value, what="events", now=service.now,
            lines={
                line: others_with_anything(service.state(line)) for line in service.runtime.lines
            },
        )  # fmt: skip
        after = request.headers.get("last-event-id") or request.query_params.get("after")
        mark = object()

        async def counted() -> AsyncIterator[bytes]:
            open_streams[mark] = who.person
            try:
                async for chunk in stream(
                    service.runtime, service.feed, service.changes, desk=desk, after=after,
                    closing=service.closing, langs=_langs(service, request, desk),
                ):  # fmt: skip
                    if not _still(service, request, action):
                        return
                    yield chunk
            finally:
                open_streams.pop(mark, None)

        return Stream(counted(), media_type="text/event-stream", headers=HEADERS)

    return events


def _openapi() -> HTTPRouteHandler:
    @get(OPENAPI, status_code=200, name="openapi", sync_to_thread=False)
    def openapi() -> Response[bytes]:
        """This API, for machines."""
        return Response(content=document(), media_type="application/json", headers=HEADERS)

    return openapi


# -- the one way to refuse


def _answer(request: Asked, what: Problem) -> Response[bytes]:
    headers = dict(HEADERS)
    if what.status == 401:
        headers["WWW-Authenticate"] = 'Bearer realm="clearline"'
    return Response(
        content=msgspec.json.encode(what), media_type=MEDIA, status_code=what.status,
        headers=headers,
    )  # fmt: skip


def _refused(request: Asked, error: Refused) -> Response[bytes]:
    return _answer(request, problem(error, wished(request) or ENGLISH))


def wished(request: Asked) -> Langs | None:
    """The languages that a request asks for: ``?lang=ar,en`` before Accept-Language, since what
    opens an event stream in a browser sets no header. None: it does not say."""
    named = request.query_params.get("lang")
    if named is not None:
        return complete(str(named)[:64].lower().split(","))
    header = request.headers.get("accept-language")
    return None if header is None or header.strip() == "*" else accepted(header)


def _langs(service: Service, request: Asked, desk: str | None = None) -> Langs:
    """What the reader reads: as asked for, else as the desk or the node has it."""
    own = service.desk_langs.get(desk, service.langs) if desk is not None else service.langs
    return wished(request) or own


def _not_served(request: Asked, error: HTTPException) -> Response[bytes]:
    """What the router refused: no such path, no such method, too much."""
    code = {413: Code.TOO_LARGE, 404: Code.NOT_FOUND, 405: Code.NOT_FOUND}.get(
        error.status_code, Code.BAD_FIELD
    )
    refused = Refused(Refusal(code=code, clause="CL-API-005"), error.status_code)
    return _answer(request, problem(refused))


def _bug(request: Asked, error: Exception) -> Response[bytes]:
    """Our own broken promise: the node's log says what, the caller only that."""
    LOG.error("a handler failed: %s %s", request.method, request.url.path, exc_info=error)
    return Response(
        content=b'{"type":"about:blank","title":"Internal error","status":500}',
        media_type=MEDIA, status_code=500, headers=dict(HEADERS),
    )  # fmt: skip


__all__ = ["BODY_TIMEOUT_S", "make_app"]
