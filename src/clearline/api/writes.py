"""Handlers that say something on a line, or take something into hand."""

from collections.abc import Sequence

from clearline.api.access import READ
from clearline.api.problems import Refused
from clearline.api.reads import alert_of
from clearline.api.service import Call, Service, duty_of, request_id
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
    Relay,
    Relayed,
    Resume,
    Seal,
    Stop,
    Suspend,
    Test,
    Withdraw,
)
from clearline.model.ids import EntryRef
from clearline.model.limits import LABEL_CHARS_MAX, NAME_CHARS_MAX, TEXT_CHARS_MAX
from clearline.model.refusal import Code, Refusal
from clearline.model.space import DEGREE_E7
from clearline.model.time import INSTANT_MAX, MINUTE, Instant
from clearline.node import phrases
from clearline.node.cry import distress_of
from clearline.node.drafts import (
    closure_warnings,
    reason_needed,
    relay_warning,
    warning_view,
    warnings,
)
from clearline.node.inbound import (
    Acknowledge,
    Climb,
    Hush,
    Mover,
    Movers,
    Noted,
    Papers,
    Presented,
    Unlock,
)
from clearline.node.queries import alert_view
from clearline.node.queries_notices import conflicts, find, notice_view
from clearline.node.reading import Reading
from clearline.node.requests import (
    Batch,
    Climbing,
    Cry,
    Documents,
    Epoch,
    MoverFix,
    MoverFixes,
    Opening,
    Quiet,
    Remark,
    Shown,
    Take,
    Write,
)
from clearline.node.views import AlertView, FiledView, RefusalView

Saying = (
    Withdraw | AllClear | Coordinated | Message | Stop | Distress | Accident | Relay
    | Relayed | Suspend | Resume | Leave | Seal | Test
)  # fmt: skip
"""What is said without looking at it any further than every node does."""

NOTICES_SHOWN_MAX = 20
"""Notices of one write that are shown in its answer; more are counted and read from the list."""
BATCH_MAX = 5_000
MOVERS_MAX = 1_000
CRY_PLACES_MAX = 16
"""Meanings of one place, several times over."""
MOVER_AHEAD_MS_MAX = MINUTE
"""A place is as of a time that has been, and clocks differ by less: as of a later one it would
count as fresh until then, and nobody would ask where it is."""
SPEED_MMS_MAX = 12_000_000
"""12 km/s: faster than anything that comes back."""


async def say_all(
    service: Service, call: Call[Write[Body]] | Call[Batch], bodies: Sequence[Body]
) -> FiledView:
    """State all bodies or none, and what came of it. Raises Refused."""
    asked = call.body
    request, outcome = await service.say(
        call, bodies, id_=asked.id, role=asked.role, precedence=asked.precedence
    )
    of = service.any_line(call)
    return filed(of, request, outcome.refs, _warned(of, bodies))


def filed(
    of: Reading, request: str, refs: tuple[EntryRef, ...], warned: Sequence[RefusalView] = ()
) -> FiledView:
    """What came of a write. The conflicts are those that this node knows at this moment: of two
    that file at once on one node, the second is told of the first."""
    if of.ls.loading is not None:
        reads = phrases.loading(of.ls.loading.percent, of.langs)
        named = _recorded(of, refs)
        return FiledView(id=request, refs=refs, as_of=of.now, words=f"{named}; {reads}")
    written = set(refs)
    met = tuple(each for each in conflicts(of) if each.a in written or each.b in written)
    held = [found for ref in refs[:NOTICES_SHOWN_MAX] if (found := find(of, ref)) is not None]
    shown = tuple(notice_view(of, *found) for found in held)
    words = [_recorded(of, refs)]
    if met:
        words.append(phrases.phrase("conflicts-known", of.langs, count=len(met)))
    elif shown:
        words.append(phrases.phrase("no-conflict-known", of.langs))
    not_told = sorted({t.party for n in shown for t in n.third_parties if t.state == "NOT TOLD"})
    if not_told:
        words.append(phrases.phrase("not-told", of.langs, parties=", ".join(not_told)))
    return FiledView(
        id=request, refs=refs, as_of=of.now, notices=shown, conflicts=met,
        warnings=tuple(warned), words="; ".join(words),
    )  # fmt: skip


def _recorded(of: Reading, refs: tuple[EntryRef, ...]) -> str:
    if len(refs) == 1:
        return phrases.phrase("recorded", of.langs, ref=str(refs[0]))
    return phrases.phrase("recorded-many", of.langs, count=len(refs))


def _warned(of: Reading, bodies: Sequence[Body]) -> list[RefusalView]:
    found = []
    for n, body in enumerate(bodies):
        at = "/body" if len(bodies) == 1 else f"/{n}"
        for place, notice in _notices(body, at):
            odd = [*warnings(of.terms, notice, of.now, place, of.places)]
            odd += closure_warnings(of, notice, place)
            found += [warning_view(each, of.langs) for each in odd]
        if isinstance(body, Relay | Relayed):
            astray = relay_warning(of.ls.picture.terms.values(), body, at)
            found += [warning_view(astray, of.langs)] if astray is not None else []
    return found


def _notices(body: Body, at: str) -> list[tuple[str, Notice]]:
    match body:
        case Notice():
            return [(at, body)]
        case Amend() | Open():
            return [(f"{at}/to", body.to)]
        case _:
            return []


def reasoned(of: Reading, bodies: Sequence[tuple[str, Body]]) -> None:
    """Raises Refused for a closure above the agreed size or length without a reason."""
    for at, body in bodies:
        for place, notice in _notices(body, at):
            refusal = reason_needed(of.terms, notice, place)
            if refusal is not None:
                raise Refused(refusal)


async def file(service: Service, call: Call[Write[Notice]]) -> FiledView:
    """File a notice: what is to be kept clear or will be hazardous. It reserves nothing."""
    reasoned(service.line(call), [("/body", call.body.body)])
    return await say_all(service, call, (call.body.body,))


async def amend(service: Service, call: Call[Write[Amend]]) -> FiledView:
    """A new version of one's own; the earlier one stays live until it is withdrawn."""
    reasoned(service.line(call), [("/body", call.body.body)])
    return await say_all(service, call, (call.body.body,))


async def open_(service: Service, call: Call[Opening]) -> FiledView:
    """Open a seal. What is not what was sealed is refused, unless it is said why."""
    asked = call.body
    reasoned(service.line(call), [("/body", asked.body)])
    short("/mismatch_known", asked.mismatch_known, TEXT_CHARS_MAX)
    request, outcome = await service.say(
        call, (asked.body,), id_=asked.id, role=asked.role, precedence=asked.precedence,
        mismatch_known=asked.mismatch_known,
    )  # fmt: skip
    of = service.any_line(call)
    return filed(of, request, outcome.refs, _warned(of, (asked.body,)))


async def say(service: Service, call: Call[Write[Saying]]) -> FiledView:
    """Say this one thing on the line."""
    return await say_all(service, call, (call.body.body,))


async def cry(service: Service, call: Call[Cry]) -> FiledView:
    """DISTRESS for one of our own movers, or about a place; the node makes the volume. The same id
    again is the same cry, whenever it comes."""
    asked = call.body
    short("/what", asked.what, LABEL_CHARS_MAX)
    short("/mover", asked.mover, NAME_CHARS_MAX)
    if len(asked.at) > CRY_PLACES_MAX:
        params: dict[str, str | int | EntryRef] = {"found": len(asked.at), "high": CRY_PLACES_MAX}
        raise Refused(Refusal(code=Code.TOO_MANY, clause="CL-API-004", at="/at", params=params))
    of = service.any_line(call)
    known = service.known(request_id(call, asked.id))
    if known is not None:
        return filed(of, request_id(call, asked.id), known.refs)
    body = distress_of(of.ls, asked, of.now)
    if isinstance(body, Refusal):
        raise Refused(body)
    request, outcome = await service.say(call, (body,), id_=asked.id, role=asked.role)
    return filed(service.any_line(call), request, outcome.refs)


async def answer(service: Service, call: Call[Write[Answer]]) -> FiledView:
    """Answer exactly one version, message or emergency that this node holds."""
    of, to = service.any_line(call), call.body.body.to
    if of.ls.loading is not None:
        return await say_all(
            service, call, (call.body.body,)
        )  # whether it is held cannot be said yet
    picture = of.ls.picture
    state = picture.feeds.get(to.feed)
    held = state is not None and to.index < state.size
    if not held and to not in picture.asks_ahead and find(of, to) is None:
        raise Refused(Refusal(code=Code.NOT_FOUND, clause="CL-API-005", at="/body/to"))
    return await say_all(service, call, (call.body.body,))


async def file_all(service: Service, call: Call[Batch]) -> FiledView:
    """Notices, amends and withdrawals in one go: all or nothing, one turn of the node."""
    batch = call.body
    bodies: list[tuple[str, Body]] = []
    bodies += [(f"/notices/{n}", body) for n, body in enumerate(batch.notices)]
    bodies += [(f"/amends/{n}", body) for n, body in enumerate(batch.amends)]
    bodies += [(f"/withdraws/{n}", body) for n, body in enumerate(batch.withdraws)]
    if not 1 <= len(bodies) <= BATCH_MAX:
        raise Refused(
            Refusal(
                code=Code.TOO_MANY, clause="CL-API-004",
                params={"found": len(bodies), "low": 1, "high": BATCH_MAX},
            )
        )  # fmt: skip
    reasoned(service.line(call), bodies)
    try:
        return await say_all(service, call, [body for _, body in bodies])
    except Refused as refused:
        raise Refused(_replaced(refused.refusal, bodies), refused.status) from refused


def _replaced(refusal: Refusal, bodies: list[tuple[str, Body]]) -> Refusal:
    """The pointer into the batch as it was sent, not into the list that was made of it."""
    head, _, rest = refusal.at.removeprefix("/statements/").partition("/body")
    if not (refusal.at.startswith("/statements/") and head.isdigit()):
        at = refusal.at
        if len(bodies) == 1 and at.startswith("/body"):
            at = bodies[0][0] + at.removeprefix("/body")
    else:
        at = bodies[int(head)][0] + rest
    return Refusal(code=refusal.code, clause=refusal.clause, at=at, params=refusal.params)


# -- duties


OfAlert = Call[Take] | Call[Quiet] | Call[Climbing] | Call[Shown]


async def take(service: Service, call: Call[Take]) -> AlertView:
    """Take an alert: it is quiet then, and the duty stays open until it is answered."""
    alert = alert_of(service, call)
    short("/note", call.body.note, 1_000)
    if call.body.seen is not None:
        _when("/seen", call.body.seen)
    await service.keep(
        Acknowledge(
            id=request_id(call, call.body.id), alert=alert.id, person=call.who.person,
            role=duty_of(call.who, call.body.role), note=call.body.note, seen=call.body.seen,
        )
    )  # fmt: skip
    _note(service, call, "acknowledged", alert.trouble.line, alert=alert.id)
    return _alert(service, call)


async def silence(service: Service, call: Call[Quiet]) -> AlertView:
    """Silence one alert until a time, for a reason. Emergencies are not silenced."""
    alert = alert_of(service, call)
    short("/reason", call.body.reason, 400)
    _when("/until", call.body.until)
    await service.keep(
        Hush(
            id=request_id(call, call.body.id), alert=alert.id, person=call.who.person,
            role=duty_of(call.who, call.body.role), until=call.body.until, reason=call.body.reason,
        )
    )  # fmt: skip
    _note(service, call, "silenced", alert.trouble.line, alert=alert.id, reason=call.body.reason)
    return _alert(service, call)


async def climb(service: Service, call: Call[Climbing]) -> AlertView:
    """Have the next rung of an alert's ladder called now. Refused where nobody is left to call."""
    alert = alert_of(service, call)
    await service.keep(
        Climb(
            id=request_id(call, call.body.id), alert=alert.id, person=call.who.person,
            role=duty_of(call.who, call.body.role),
        )
    )  # fmt: skip
    _note(service, call, "escalated", alert.trouble.line, alert=alert.id)
    return _alert(service, call)


async def shown(service: Service, call: Call[Shown]) -> AlertView:
    """A desk shows the alert: this is R3, on this node's word."""
    alert = alert_of(service, call)
    short("/desk", call.body.desk, NAME_CHARS_MAX, empty=False)
    outcome = await service.runtime.submit(Presented(alert=alert.id, desk=call.body.desk))
    if outcome.refusal is not None:
        raise Refused(outcome.refusal)
    _note(service, call, "presented", alert.trouble.line, alert=alert.id, desk=call.body.desk)
    return _alert(service, call)


def _alert(service: Service, call: OfAlert) -> AlertView:
    conductor = service.runtime.conductor
    return alert_view(
        alert_of(service, call), conductor.tools.plan(conductor.state), call.langs
    )  # fmt: skip


def _note(
    service: Service,
    call: OfAlert,
    what: str,
    line: str,
    **params: str,
) -> None:
    """Into the private desk record: what stood on a desk can be produced later."""
    for each in service.runtime.lines:
        if each == line:
            noted = Noted(line=each, person=call.who.person, what=what, params={**params})
            service.runtime.post(noted)


# -- local


async def movers(service: Service, call: Call[MoverFixes]) -> tuple[Mover, ...]:
    """Own movers as last known: local, never sent."""
    line = service.line_id(call)
    if len(call.body.movers) > MOVERS_MAX or len(call.body.gone) > MOVERS_MAX:
        raise Refused(
            Refusal(
                code=Code.TOO_MANY, clause="CL-API-004", at="/movers",
                params={"found": len(call.body.movers), "high": MOVERS_MAX},
            )
        )  # fmt: skip
    fixes = tuple(
        _mover(fix, f"/movers/{n}", service.now) for n, fix in enumerate(call.body.movers)
    )
    await service.keep(
        Movers(
            id=request_id(call, call.body.id), line=line, person=call.who.person, movers=fixes,
            gone=call.body.gone,
        )
    )  # fmt: skip
    return tuple(mover for _, mover in sorted(service.state(line).movers.items()))


def _mover(fix: MoverFix, at: str, now: Instant) -> Mover:
    short(f"{at}/call_sign", fix.call_sign, NAME_CHARS_MAX, empty=False)
    short(f"{at}/cls", fix.cls, NAME_CHARS_MAX, empty=False)
    _range(f"{at}/as_of", fix.as_of, 0, now + MOVER_AHEAD_MS_MAX)
    place = fix.position
    for name, value, low, high in (
        ("position/0", place.lat_e7, -90 * DEGREE_E7, 90 * DEGREE_E7),
        ("position/1", place.lon_e7, -180 * DEGREE_E7, 180 * DEGREE_E7),
        ("speed_mms", fix.speed_mms, 0, SPEED_MMS_MAX),
        ("height_mm", fix.height_mm or 0, -12_000_000, 1_000_000_000),
    ):
        _range(f"{at}/{name}", value, low, high)
    return Mover(
        call_sign=fix.call_sign, position=place, height_mm=fix.height_mm, speed_mms=fix.speed_mms,
        as_of=fix.as_of, cls=fix.cls,
    )  # fmt: skip


async def note(service: Service, call: Call[Remark]) -> FiledView:
    """Something for the private desk record: it stays here, its checkpoint rides in heartbeats."""
    line = service.line_id(call)
    short("/what", call.body.what, LABEL_CHARS_MAX, empty=False)
    if call.body.what == READ:  # the access log's own word
        raise Refused(Refusal(code=Code.BAD_FIELD, clause="CL-API-004", at="/what"))
    if len(call.body.params) > 32:
        raise Refused(Refusal(code=Code.TOO_MANY, clause="CL-API-004", at="/params"))
    for name, value in call.body.params.items():
        short("/params", name, NAME_CHARS_MAX, empty=False)
        if isinstance(value, str):
            short("/params", value, TEXT_CHARS_MAX)
        else:
            _range("/params", value, -(2**53 - 1), 2**53 - 1)
    noted = Noted(
        line=line, person=call.who.person, what=call.body.what, params=dict(call.body.params)
    )
    await service.runtime.submit(noted)
    return FiledView(
        id="", refs=(), as_of=service.now, words="noted in the private desk record of this node"
    )


async def documents(service: Service, call: Call[Documents]) -> FiledView:
    """Signed documents of the line: terms, manifests, root changes, epoch openings."""
    line = service.line_id(call)
    if not 1 <= len(call.body.documents) <= 256:
        raise Refused(Refusal(code=Code.TOO_MANY, clause="CL-API-004", at="/documents"))
    raws = tuple(text.encode("utf-8") for text in call.body.documents)
    outcome = await service.runtime.submit(Papers(line=line, peer=None, documents=raws))
    if outcome.refusal is not None:
        raise Refused(outcome.refusal)
    return FiledView(id="", refs=(), as_of=service.now, words=f"{len(raws)} document(s) taken")


async def unlock(service: Service, call: Call[Epoch]) -> FiledView:
    """A person's word that the own feed may be signed again after a restore."""
    line = service.line_id(call)
    if call.body.confirm != service.state(line).me:
        raise Refused(
            Refusal(
                code=Code.UNKNOWN_PARTY, clause="CL-API-008", at="/confirm",
                params={"party": call.body.confirm[:12]},
            )
        )  # fmt: skip
    outcome = await service.runtime.submit(
        Unlock(id=request_id(call, call.body.id), line=line, person=call.who.person)
    )
    if outcome.refusal is not None:
        raise Refused(outcome.refusal)
    return FiledView(id="", refs=(), as_of=service.now, words="confirmed")


# -- parts


def short(at: str, text: str, limit: int, *, empty: bool = True) -> None:
    """Raises Refused for a text that is too long, empty where it must not be, or not one that
    every screen shows alike."""
    bad = any(ord(each) < 32 or 0x7F <= ord(each) < 0xA0 for each in text if each != "\n")
    if len(text) > limit or (not text.strip() and not empty) or bad or not _encodes(text):
        params: dict[str, str | int | EntryRef] = {"found": len(text), "limit": limit}
        raise Refused(Refusal(code=Code.BAD_TEXT, clause="CL-API-004", at=at, params=params))


def _encodes(text: str) -> bool:
    return not any(0xD800 <= ord(each) <= 0xDFFF for each in text)


def _when(at: str, value: int) -> None:
    _range(at, value, 0, INSTANT_MAX)


def _range(at: str, value: int, low: int, high: int) -> None:
    if not low <= value <= high:
        raise Refused(
            Refusal(
                code=Code.NUMBER_RANGE, clause="CL-API-004", at=at,
                params={"found": str(value)[:24], "low": low, "high": high},
            )
        )  # fmt: skip
