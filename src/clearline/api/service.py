"""What every handler works with: the node, the caller, the caller's request, its own id.

A write goes into the node's one inbox and is answered when it is durable. Its id makes repeats
harmless: a repeat of one that is under way waits for the same answer, a later one gets the answer
that was kept, whatever happened between.
"""

import asyncio
import re
import secrets
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Generic, TypeVar

import msgspec

from clearline.api.access import SHIPPED, WHOLE, Access, others_with_anything, shown_of_others
from clearline.api.events import Changes, Feed
from clearline.api.own_console import Console
from clearline.api.people import People, Person
from clearline.api.problems import Refused
from clearline.api.screens import Screens
from clearline.api.sign_ins import Session
from clearline.model.entry import EMERGENCY, Answer, Body, Kind, Message, Precedence
from clearline.model.ids import EntryRef, LineId, PartyId, is_digest, parse_ref, party_of
from clearline.model.refusal import Code, Refusal
from clearline.model.time import Instant
from clearline.node.call_view import CallWayView
from clearline.node.checked import check_volume, volumes_of
from clearline.node.decide import request_digest
from clearline.node.inbound import (
    Acknowledge,
    Bound,
    Climb,
    Given,
    Hush,
    Movers,
    Noted,
    Outcome,
    Say,
    TakenOver,
)
from clearline.node.live.port import TrackPort
from clearline.node.loading import still_loading
from clearline.node.ports import StaleFence
from clearline.node.queries import reading
from clearline.node.reading import Reading
from clearline.node.requests import REQUEST_ID
from clearline.node.runtime import Runtime
from clearline.node.state import LineState
from clearline.node.views import AlertView, BoardView, NoticeView
from clearline.node.write import statement
from clearline.picture.standing import find_version
from clearline.words.catalogue import templates
from clearline.words.reader import ENGLISH, Langs

Asked = TypeVar("Asked", covariant=True)
Other = TypeVar("Other")
Told = TypeVar("Told")
Kept = Say | Acknowledge | Hush | Climb | Movers | Bound | Given | TakenOver

_ID: Final = re.compile(REQUEST_ID, re.ASCII)
_OUTCOME: Final = msgspec.json.Decoder(Outcome)
SLICE_S: Final = 0.01
"""What one question may hold the loop for, but for the pair that is being judged."""
ROUTINE: Final = frozenset({Kind.MESSAGE, Kind.TEST})


@dataclass(frozen=True, slots=True, kw_only=True)
class Call(Generic[Asked]):
    """One request: who asks, the parts of the path, the query, the body, the id in the header.
    ``cookie``: the console's, where there is one; ``session``: what it is of, if it holds."""

    who: Person
    path: Mapping[str, str]
    query: Mapping[str, str]
    body: Asked
    key: str | None = None
    langs: Langs = ENGLISH
    cookie: str | None = None
    session: Session | None = None

    def bearing(self, body: Other) -> "Call[Other]":
        """The same request with its body understood."""
        return Call(
            who=self.who, path=self.path, query=self.query, body=body, key=self.key,
            langs=self.langs, cookie=self.cookie, session=self.session,
        )  # fmt: skip


@dataclass(slots=True)
class Service:
    """The node behind the API."""

    runtime: Runtime
    console: Console
    feed: Feed
    tracks: TrackPort
    changes: Changes = field(default_factory=Changes)
    closing: asyncio.Event = field(default_factory=asyncio.Event)
    access: Access = field(default_factory=Access)
    screens: Screens = field(default_factory=Screens)
    _reading: "asyncio.Future[None] | None" = None
    codes: asyncio.Lock = field(default_factory=asyncio.Lock)
    ways: tuple[CallWayView, ...] = ()
    """How the others are reached beside the line."""
    langs: Langs = ENGLISH
    """What is read here unless a request or a desk says otherwise."""
    desk_langs: Mapping[str, Langs] = field(default_factory=dict)
    """What is read at desks that have languages of their own."""
    _flights: dict[str, tuple[str, "asyncio.Future[Outcome]"]] = field(default_factory=dict)

    @property
    def now(self) -> Instant:
        """The node's time."""
        return self.runtime.now()

    @property
    def people(self) -> People:
        """Who may do what here."""
        return self.console.people

    # -- reading

    def line_id(self, call: Call[object]) -> LineId:
        """The line of the path. Raises Refused."""
        text = call.path["line"]
        if not is_digest(text) or LineId(text) not in self.runtime.conductor.state.lines:
            raise Refused(
                Refusal(code=Code.NOT_FOUND, clause="CL-API-005", params={"line": text[:64]})
            )
        return LineId(text)

    def line(self, call: Call[object]) -> Reading:
        """The line of the path, looked at now. Raises Refused, also while its record is being
        read: then nothing can be said about notices and conflicts."""
        of = self.any_line(call)
        if of.ls.loading is not None:
            raise Refused(still_loading(of.ls, self.now))
        return of

    def any_line(self, call: Call[object]) -> Reading:
        """The line of the path, whether its record is read or not. Raises Refused."""
        of = self.look(self.line_id(call), call.langs)
        if of is None:
            raise Refused(Refusal(code=Code.NOT_FOUND, clause="CL-API-005"))
        return of

    def look(self, line: LineId, langs: Langs = ENGLISH) -> Reading | None:
        """A line, looked at now, for somebody who reads these languages."""
        conductor = self.runtime.conductor
        return reading(conductor.state, conductor.tools, line, self.now, langs)

    def state(self, line: LineId) -> LineState:
        """A line's state."""
        return self.runtime.conductor.state.lines[line]

    def looked(self, who: Person, what: str, call: Call[object], answer: object) -> None:
        """Note for the access log what an answer shows of the other parties'."""
        state = self.runtime.conductor.state
        refs = [*shown_of_others(answer, state.local.party)]
        asked_by_name = isinstance(answer, NoticeView | AlertView)
        named = call.path.get("line")
        whole = isinstance(answer, BoardView | WHOLE) and what not in SHIPPED
        if whole:  # all of the picture, of one line or all
            lines: Mapping[LineId, Iterable[PartyId]] = {
                line: others_with_anything(ls)
                for line, ls in state.lines.items()
                if named is None or line == named
            }
        elif isinstance(answer, AlertView):
            lines = {answer.line: {party_of(ref.feed) for ref in refs}}
        elif "line" in call.path:
            lines = {LineId(call.path["line"]): {party_of(ref.feed) for ref in refs}}
        else:  # duties of several lines
            found: dict[LineId, set[PartyId]] = {}
            for each in answer if isinstance(answer, tuple) else ():
                if isinstance(each, AlertView):
                    of = {party_of(ref.feed) for ref in shown_of_others(each, state.local.party)}
                    found.setdefault(each.line, set()).update(of)
            lines = found
        self.access.note(
            person=who.person, role=who.role.value, what=what, now=self.now, lines=lines,
            items=refs if asked_by_name else (),
        )  # fmt: skip

    def note_sign_in(self, person: Person, by: str) -> None:
        """Note on every line who signed in, and by what: it is looked for when a name is abused."""
        for line in self.runtime.lines:
            self.runtime.post(
                Noted(
                    line=line, person=person.person, what="signed-in",
                    params={"by": by, "role": person.role.value},
                )
            )  # fmt: skip

    def begin_access_log(self) -> None:
        """Hand in what was read before this process began and was not written. To be called before
        anybody reads; nobody waits for it."""
        found = self.access.recovered()
        self._write_next(lambda: found)

    def post_access_log(self) -> None:
        """Hand in what was read, if it is time and the time before is written. Nobody waits."""
        if self._reading is None or self._reading.done():
            self._write_next(lambda: self.access.due(self.now))

    async def flush_access_log(self) -> None:
        """Write down all that was read so far."""
        await asyncio.shield(self._write_next(lambda: self.access.due(self.now, all_of_it=True)))

    def _write_next(self, take: Callable[[], Sequence[Noted]]) -> "asyncio.Future[None]":
        """Take and write records once those before are written: one after the other, so that what
        waits is let go of only when it is durable."""
        before = self._reading

        async def write() -> None:
            if before is not None:
                await asyncio.wait((before,))
            await self._write_reads(take())

        self._reading = asyncio.ensure_future(write())
        return self._reading

    async def _write_reads(self, found: Sequence[Noted]) -> None:
        """Write records, and let go of what waits of them once they are durable."""
        submitted = [self.runtime.submit(each) for each in found if each.line in self.runtime.lines]
        if submitted:
            outcomes = await asyncio.gather(*submitted)
            if all(outcome.refusal is None for outcome in outcomes):
                self.access.kept()

    async def write_access_log(self, loop: "asyncio.Task[None]") -> None:
        """Write what was read and is not written yet, unless the node's loop is gone."""
        if not loop.done():
            done = asyncio.ensure_future(self.flush_access_log())
            await asyncio.wait((done, loop), return_when=asyncio.FIRST_COMPLETED)
            done.cancel()

    # -- writing

    async def keep(self, what: Kept) -> Outcome:
        """Hand in a write, at most once for its id. Raises Refused."""
        digest = request_digest(what)
        known = self.runtime.conductor.store.request(what.id)
        if known is not None:
            if known.sha256 != digest:
                raise Refused(_taken(what.id))
            return self._answer(_OUTCOME.decode(known.answer))
        flight = self._flights.get(what.id)
        if flight is not None and flight[0] != digest:
            raise Refused(_taken(what.id))
        if flight is None:
            future: asyncio.Future[Outcome] = asyncio.ensure_future(self.runtime.submit(what))
            self._flights[what.id] = (digest, future)
            future.add_done_callback(lambda _: self._flights.pop(what.id, None))
        else:
            future = flight[1]
        try:
            # A client that goes away does not take back what it has said.
            return self._answer(await asyncio.shield(future))
        except (StaleFence, ConnectionError) as error:
            params: dict[str, str | int | EntryRef] = {"why": "stopped"}
            raise Refused(
                Refusal(code=Code.NOT_SIGNING, clause="CL-API-006", params=params)
            ) from error

    def _answer(self, outcome: Outcome) -> Outcome:
        if outcome.refusal is not None:
            raise Refused(outcome.refusal)
        return outcome

    def known(self, request: str) -> Outcome | None:
        """What came of a write that was handed in before under this id."""
        found = self.runtime.conductor.store.request(request)
        return None if found is None else self._answer(_OUTCOME.decode(found.answer))

    async def say(
        self,
        call: Call[object],
        bodies: Sequence[Body],
        *,
        id_: str | None,
        role: str | None,
        precedence: Precedence | None = None,
        mismatch_known: str = "",
    ) -> tuple[str, Outcome]:
        """State bodies on the line of the path: all or none. Gives the id that it went under."""
        line = self.line_id(call)
        request = request_id(call, id_)
        duty = duty_of(call.who, role)
        for body in bodies:
            if isinstance(body, Answer) and body.role != duty:
                duty_of(call.who, body.role)
        await in_slices(check_ahead(bodies))
        what = Say(
            id=request,
            line=line,
            person=call.who.person,
            role=duty,
            statements=tuple(
                statement(body, precedence or self._usual(line, body)) for body in bodies
            ),
            mismatch_known=mismatch_known,
        )
        return request, await self.keep(what)

    def _usual(self, line: LineId, body: Body) -> Precedence:
        """The precedence that a kind goes under unless somebody says another."""
        if body.kind in EMERGENCY:
            return Precedence.FLASH
        if isinstance(body, Answer):
            return self._of(line, body.to)
        if isinstance(body, Message) and body.template in templates():
            return templates()[body.template].prec
        return Precedence.ROUTINE if body.kind in ROUTINE else Precedence.PRIORITY

    def _of(self, line: LineId, ref: EntryRef) -> Precedence:
        """An answer is as urgent as what it answers, ended or not: a repeat is the same write.
        While the record is being read only emergencies are answered."""
        if self.state(line).loading is not None:
            return Precedence.FLASH
        picture = self.state(line).picture
        version = find_version(picture, ref)
        if version is not None and version.unreadable is None:
            return version.prec
        state = picture.feeds.get(ref.feed)
        ask = picture.asks_ahead.get(ref) or (state.asks.get(ref.index) if state else None)
        return ask.prec if ask is not None else Precedence.PRIORITY


def check_ahead(bodies: Sequence[Body]) -> Generator[None, None, None]:
    """Check the volumes of what is to be stated, one at a time: the turn that takes all of it or
    nothing finds what was found here, and does not hold up others by looking itself."""
    for body in bodies:
        for volume in volumes_of(body):
            check_volume(volume)
            yield


async def in_slices(steps: Generator[None, None, Told]) -> Told:
    """Work of this API done a slice at a time: turns of the node and other people's questions go
    on between two slices, so that no question can hold up a STOP."""
    loop = asyncio.get_running_loop()
    until = loop.time() + SLICE_S
    while True:
        try:
            next(steps)
        except StopIteration as done:
            told: Told = done.value
            return told
        if loop.time() >= until:
            await asyncio.sleep(0)
            until = loop.time() + SLICE_S


def _taken(request: str) -> Refusal:
    return Refusal(
        code=Code.CONFLICTING_REQUEST, clause="CL-API-002", at="/id", params={"id": request}
    )


def request_id(call: Call[object], given: str | None) -> str:
    """The client's id, from the body or the header; one of our own where there is none. Raises
    Refused for two that differ and for what is not an id."""
    for found in (given, call.key):
        if found is not None and not _ID.fullmatch(found):
            raise Refused(Refusal(code=Code.BAD_FIELD, clause="CL-API-002", at="/id"))
    if given is not None and call.key is not None and given != call.key:
        raise Refused(Refusal(code=Code.BAD_FIELD, clause="CL-API-002", at="/id"))
    return given or call.key or f"node-{secrets.token_hex(16)}"


def duty_of(who: Person, asked: str | None) -> str:
    """In which of the line's roles somebody speaks: the one asked for if it is theirs, else the
    first. Raises Refused: nobody speaks in a role that he does not hold (FM11)."""
    if asked is None:
        return who.duties[0] if who.duties else who.role.value
    if asked not in (*who.duties, who.role.value):
        raise Refused(
            Refusal(
                code=Code.NOT_ALLOWED, clause="CL-API-007", at="/role", params={"role": asked[:80]}
            )
        )
    return asked


def ref_of(call: Call[object]) -> EntryRef:
    """The entry that the path names. Raises Refused."""
    try:
        return parse_ref(f"{call.path['feed']}/{call.path['index']}")
    except ValueError as error:
        raise Refused(Refusal(code=Code.NOT_FOUND, clause="CL-API-005")) from error


__all__ = ["Call", "Service", "duty_of", "ref_of", "request_id"]
