"""The two clients: one that blocks, one that does not. Both do what ``asks`` describes."""

import asyncio
import ssl
import threading
from collections.abc import AsyncIterator, Iterator
from types import TracebackType
from typing import Final, TypeVar

import httpx2
import msgspec

from clearline.client import asks
from clearline.client.asks import Ask, Problem
from clearline.client.events import Event, Reader, StreamBroken
from clearline.client.held import Held
from clearline.model.entry import Body, Notice, Precedence
from clearline.model.ids import EntryRef, LineId
from clearline.model.time import Instant
from clearline.node.check_view import CheckView
from clearline.node.page_view import PageView
from clearline.node.requests import Batch, CodeGiven, PageAsk
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
)

T = TypeVar("T")

TIMEOUT_S: Final = 30.0
SILENT_S: Final = 25.0
"""A stream that says nothing for two and a half heartbeats is dead."""
TRIES: Final = 3
PAUSE_S: Final = 0.5
PAUSE_S_MAX: Final = 4.0


class Refused(Exception):
    """The node refused; ``problem`` says why, where, by which clause."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.detail or problem.title)
        self.problem = problem


class Unreachable(Exception):
    """The node did not answer, or what answered is no node."""


def _result(ask: Ask[T], response: httpx2.Response) -> T:
    """The answer in its type. Raises Refused, Unreachable."""
    try:
        if response.status_code >= 400:
            raise Refused(msgspec.json.decode(response.content, type=Problem))
        return msgspec.json.decode(response.content, type=ask.answer)
    except msgspec.DecodeError as error:
        what = f"status {response.status_code}: not a node's answer ({error})"
        raise Unreachable(what) from error


def _headers(ask: Ask[T]) -> dict[str, str]:
    return {"content-type": "application/json"} if ask.body is not None else {}


def _stream_headers(reader: Reader) -> dict[str, str]:
    headers = {"accept": "text/event-stream"}
    if reader.last is not None:
        headers["last-event-id"] = reader.last
    return headers


def _standing_headers(token: str, lang: str | None) -> dict[str, str]:
    headers = {"authorization": f"Bearer {token}"}
    return headers if lang is None else {**headers, "accept-language": lang}


class Client:
    """The API of one node, blocking. Use it with ``with``, or ``close`` it. ``lang``: the language
    of its sentences, such as ``fr``; else as the node has it."""

    def __init__(
        self, url: str, token: str, *, ca_file: str | None = None, lang: str | None = None
    ) -> None:
        self._http = httpx2.Client(
            base_url=url,
            headers=_standing_headers(token, lang),
            timeout=TIMEOUT_S,
            trust_env=False,
            follow_redirects=False,
            verify=_trust(ca_file),
        )

    def __enter__(self) -> "Client":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:  # fmt: skip
        self.close()

    def close(self) -> None:
        """Let go of connections."""
        self._http.close()

    def do(self, ask: Ask[T]) -> T:
        """Ask, again after a broken connection where that is harmless. Raises Refused,
        Unreachable."""
        for attempt in range(TRIES):
            try:
                response = self._http.request(
                    ask.method, ask.path, params=dict(ask.query), content=ask.body,
                    headers=_headers(ask),
                )  # fmt: skip
            except httpx2.HTTPError as error:
                if not ask.again or attempt == TRIES - 1:
                    raise Unreachable(str(error) or type(error).__name__) from error
                continue
            return _result(ask, response)
        raise AssertionError("the last attempt returns or raises")

    def me(self) -> MeView:
        """Who the token says that one is."""
        return self.do(asks.me())

    def node(self) -> NodeView:
        """The node with all its lines."""
        return self.do(asks.node())

    def board(self, *, alerts: int | None = None, notices: int | None = None) -> BoardView:
        """Everything that a desk must see; the loudest of the duties, where one asks for fewer."""
        return self.do(asks.board(alerts, notices))

    def lines(self) -> tuple[LineView, ...]:
        """The lines."""
        return self.do(asks.lines())

    def picture(self, line: LineId) -> bytes:
        """What the node knows of the line now, as it signed it: a file for ``check``."""
        return bytes(self.do(asks.picture(line))) + b"\n"

    def notices(self, line: LineId, *, ended: bool = False) -> tuple[NoticeView, ...]:
        """Live notices, or all."""
        return self.do(asks.notices(line, ended=ended))

    def notice(self, line: LineId, ref: EntryRef) -> NoticeView:
        """One version."""
        return self.do(asks.notice(line, ref))

    def conflicts(self, line: LineId) -> tuple[ConflictView, ...]:
        """Pairs that are not apart."""
        return self.do(asks.conflicts(line))

    def asks(self, line: LineId) -> tuple[AskView, ...]:
        """Messages, tests, STOP, DISTRESS, ACCIDENT with their answers, newest first."""
        return self.do(asks.asks(line))

    def alerts(self, line: LineId | None = None) -> tuple[AlertView, ...]:
        """Open duties."""
        return self.do(asks.alerts(line))

    def changes(self, line: LineId, held: Held) -> Held:
        """Bring what is held of a line up to date."""
        held.take(self.do(asks.changes(line, held.position)))
        return held

    def check(self, line: LineId, *drafts: Notice) -> CheckView:
        """Judge drafts; nothing is stored."""
        return self.do(asks.check(line, *drafts))

    def file(
        self, line: LineId, notice: Notice, *, id_: str | None = None,
        precedence: Precedence | None = None,
    ) -> FiledView:  # fmt: skip
        """File a notice."""
        return self.do(asks.say(line, notice, id_=id_, precedence=precedence))

    def file_all(self, line: LineId, batch: Batch) -> FiledView:
        """Notices, amends, withdrawals in one go."""
        return self.do(asks.file_all(line, batch))

    def page(self, line: LineId, asked: PageAsk) -> PageView:
        """One page for a party without a node."""
        return self.do(asks.page(line, asked))

    def give_code(self, line: LineId, asked: CodeGiven) -> FiledView:
        """A page's short code as it was said."""
        return self.do(asks.give_code(line, asked))

    def say(
        self, line: LineId, body: Body, *, id_: str | None = None, role: str | None = None,
        precedence: Precedence | None = None,
    ) -> FiledView:  # fmt: skip
        """Say one thing on a line."""
        return self.do(asks.say(line, body, id_=id_, role=role, precedence=precedence))

    def take(
        self, alert: str, *, note: str = "", seen: Instant | None = None, role: str | None = None
    ) -> AlertView:
        """Take an alert."""
        return self.do(asks.take(alert, note=note, seen=seen, role=role))

    def events(
        self, *, desk: str | None = None, after: str | None = None, tries: int | None = None
    ) -> Iterator[Event]:
        """Events for as long as one listens, resumed without a gap after a broken connection; a
        gap that the node cannot fill comes as ``Reset``. After ``tries`` connections that failed
        in a row it raises Unreachable; None: never. Raises Refused."""
        reader, failed = Reader(after), 0
        pause = threading.Event()
        while True:
            try:
                with self._http.stream(
                    "GET", "/v1/events", params={"desk": desk} if desk is not None else {},
                    headers=_stream_headers(reader), timeout=httpx2.Timeout(10.0, read=SILENT_S),
                ) as response:  # fmt: skip
                    if response.status_code != 200:
                        response.read()
                        raise Refused(msgspec.json.decode(response.content, type=Problem))
                    for chunk in response.iter_raw():
                        failed = 0
                        yield from reader.feed(chunk)
            except (httpx2.HTTPError, StreamBroken, msgspec.DecodeError) as error:
                if tries is not None and failed + 1 >= tries:
                    raise Unreachable(str(error) or type(error).__name__) from error
            failed += 1
            if tries is not None and failed >= tries:
                raise Unreachable("the stream ended")
            reader = Reader(reader.last)
            pause.wait(min(PAUSE_S * 2 ** min(failed, 8), PAUSE_S_MAX))


class AsyncClient:
    """The API of one node, not blocking. Use it with ``async with``, or ``close`` it."""

    def __init__(
        self, url: str, token: str, *, ca_file: str | None = None, lang: str | None = None
    ) -> None:
        self._http = httpx2.AsyncClient(
            base_url=url,
            headers=_standing_headers(token, lang),
            timeout=TIMEOUT_S,
            trust_env=False,
            follow_redirects=False,
            verify=_trust(ca_file),
        )

    async def __aenter__(self) -> "AsyncClient":
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:  # fmt: skip
        await self.close()

    async def close(self) -> None:
        """Let go of connections."""
        await self._http.aclose()

    async def do(self, ask: Ask[T]) -> T:
        """Ask, again after a broken connection where that is harmless. Raises Refused,
        Unreachable."""
        for attempt in range(TRIES):
            try:
                response = await self._http.request(
                    ask.method, ask.path, params=dict(ask.query), content=ask.body,
                    headers=_headers(ask),
                )  # fmt: skip
            except httpx2.HTTPError as error:
                if not ask.again or attempt == TRIES - 1:
                    raise Unreachable(str(error) or type(error).__name__) from error
                continue
            return _result(ask, response)
        raise AssertionError("the last attempt returns or raises")

    async def file(self, line: LineId, notice: Notice, *, id_: str | None = None) -> FiledView:
        """File a notice."""
        return await self.do(asks.say(line, notice, id_=id_))

    async def say(self, line: LineId, body: Body, *, id_: str | None = None) -> FiledView:
        """Say one thing on a line."""
        return await self.do(asks.say(line, body, id_=id_))

    async def board(self) -> BoardView:
        """Everything that a desk must see."""
        return await self.do(asks.board())

    async def lines(self) -> tuple[LineView, ...]:
        """The lines."""
        return await self.do(asks.lines())

    async def events(
        self, *, desk: str | None = None, after: str | None = None, tries: int | None = None
    ) -> AsyncIterator[Event]:
        """As ``Client.events``."""
        reader, failed = Reader(after), 0
        while True:
            try:
                async with self._http.stream(
                    "GET", "/v1/events", params={"desk": desk} if desk is not None else {},
                    headers=_stream_headers(reader), timeout=httpx2.Timeout(10.0, read=SILENT_S),
                ) as response:  # fmt: skip
                    if response.status_code != 200:
                        await response.aread()
                        raise Refused(msgspec.json.decode(response.content, type=Problem))
                    async for chunk in response.aiter_raw():
                        failed = 0
                        for event in reader.feed(chunk):
                            yield event
            except (httpx2.HTTPError, StreamBroken, msgspec.DecodeError) as error:
                if tries is not None and failed + 1 >= tries:
                    raise Unreachable(str(error) or type(error).__name__) from error
            failed += 1
            if tries is not None and failed >= tries:
                raise Unreachable("the stream ended")
            reader = Reader(reader.last)
            await asyncio.sleep(min(PAUSE_S * 2 ** min(failed, 8), PAUSE_S_MAX))


def _trust(ca_file: str | None) -> bool | ssl.SSLContext:
    """Whom to believe: the system's authorities, or those of a file."""
    return True if ca_file is None else ssl.create_default_context(cafile=ca_file)
