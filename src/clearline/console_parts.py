"""What the watch console is put together from beside the API: folders, names, parts of others."""

import asyncio
import os
import sys
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec

from clearline.api.events import Gap, Heard
from clearline.api.evidence_port import EvidenceView
from clearline.api.own_console import Console
from clearline.api.people import People
from clearline.api.problems import Refused
from clearline.api.sign_ins import SignIns
from clearline.channels.desk import DeskHub, DeskReader, Missed
from clearline.config import Placed
from clearline.model.ids import LineId, PartyId
from clearline.model.refusal import Code, Param, Refusal
from clearline.node.call_view import CallWayView
from clearline.store.disk import write_whole

EVIDENCE_S: Final = 120.0
"""A bundle of a hundred thousand entries takes about a minute of one core."""
EXPORT_BYTES_MAX: Final = 256 << 20
"""What is sent from memory; a larger line is exported by the command."""
PAGE_BYTES_MAX: Final = 32 << 20
"""What a browser is given to look at; what is longer is looked at in parts, by the command."""
FIRST: Final = b"PK\x03\x04"
"""A bundle is a zip with at least one member."""
GENTLY: Final = 10
"""Niceness of work that nobody's life waits for."""


def open_console(placed: Placed) -> Console:
    """The console of a node's folder. Raises OSError."""
    people = People(placed.tokens)
    return Console(
        people=people,
        sign_ins=SignIns(placed.sign_ins, people, write_whole),
        folder=placed.sign_ins,
        put=write_whole,
        evidence=CommandEvidence(folder=placed.folder),
        hosts=placed.hosts,
        secure=placed.config.api.certificate is not None,
    )


@dataclass(slots=True)
class DeskFeed:
    """The desk's hub as the API's event stream wants it."""

    hub: DeskHub

    def open(self, desk: str, after: str | None) -> "DeskFeedReader":
        """A desk's events from now on, or after an id."""
        return DeskFeedReader(self.hub, self.hub.open(desk, after))

    def position(self) -> str:
        """The id of the newest event."""
        return self.hub.id_of(self.hub.last_seq)


@dataclass(slots=True)
class DeskFeedReader:
    """One open desk."""

    hub: DeskHub
    reader: DeskReader

    async def next(self) -> Heard | Gap | None:
        """The next event; None once closed."""
        try:
            event = await anext(self.reader)
        except StopAsyncIteration:
            return None
        if isinstance(event, Missed):
            return Gap()
        return Heard(id=self.hub.id_of(event.seq), alert=event.alert, ring=event.ring is not None)

    def close(self) -> None:
        """The desk is no longer open."""
        self.reader.close()


class _Said(msgspec.Struct, frozen=True):
    """A refusal as the command says it."""

    code: str
    clause: str
    params: dict[str, str | int] = msgspec.field(default_factory=dict)


class _Refusals(msgspec.Struct, frozen=True):
    refused: tuple[_Said, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandEvidence:
    """``clearline evidence`` and ``clearline review`` of a node's folder, each time in a process of
    its own, with files in a private folder that is gone afterwards."""

    folder: Path

    async def export(
        self, line: LineId, *, withhold: tuple[str, ...], wishes: tuple[tuple[str, str], ...],
        desk: bool,
    ) -> bytes:  # fmt: skip
        """A line's bundle. Raises Refused."""
        with tempfile.TemporaryDirectory(prefix="clearline-evidence-") as scratch:
            out = Path(scratch) / "line.clb"
            words = [
                "evidence",
                "export",
                str(self.folder),
                "-o",
                str(out),
                "--line",
                line,
                "--json",
            ]
            words += [word for name, text in wishes for word in (f"--{name}", text)]
            words += [word for each in withhold for word in ("--withhold", each)]
            words += ["--desk"] if desk else []
            code, said = await _run(words)
            if code != 0:
                raise Refused(_why(said))
            return await asyncio.to_thread(_whole, out, EXPORT_BYTES_MAX)

    async def verify(self, bundle: bytes, line: str | None) -> EvidenceView:
        """What one bundle proves. Raises Refused."""
        _look_at_first(bundle)
        with tempfile.TemporaryDirectory(prefix="clearline-evidence-") as scratch:
            path = Path(scratch) / "bundle.clb"
            await asyncio.to_thread(path.write_bytes, bundle)
            return await _view(Path(scratch), ["evidence", "verify", str(path)], line)

    async def compare(
        self, left: bytes, right: bytes, *, line: str | None, at: str | None
    ) -> EvidenceView:
        """What two bundles say of one line. Raises Refused."""
        _look_at_first(left)
        _look_at_first(right)
        with tempfile.TemporaryDirectory(prefix="clearline-evidence-") as scratch:
            paths = [Path(scratch) / "left.clb", Path(scratch) / "right.clb"]
            for path, bundle in zip(paths, (left, right), strict=True):
                await asyncio.to_thread(path.write_bytes, bundle)
            words = ["evidence", "compare", *map(str, paths), *(("--at", at) if at else ())]
            return await _view(Path(scratch), words, line)

    async def review(
        self, line: LineId, *, first: str, until: str, desk: bool, lang: str
    ) -> EvidenceView:
        """The review of a period. Raises Refused."""
        with tempfile.TemporaryDirectory(prefix="clearline-review-") as scratch:
            words = ["review", "--from", first, "--to", until, "--node", str(self.folder)]
            words += ["--lang", lang]
            return await _view(Path(scratch), [*words, *(["--desk"] if desk else [])], line)

    async def compare_reviews(self, left: bytes, right: bytes, *, lang: str) -> EvidenceView:
        """Two reviews side by side. Raises Refused."""
        with tempfile.TemporaryDirectory(prefix="clearline-review-") as scratch:
            paths = [Path(scratch) / "left.json", Path(scratch) / "right.json"]
            for path, review in zip(paths, (left, right), strict=True):
                await asyncio.to_thread(path.write_bytes, review)
            words = ["review", "compare", *map(str, paths), "--lang", lang]
            return await _view(Path(scratch), words, None)


def _look_at_first(bundle: bytes) -> None:
    """Raises Refused for what does not even begin like a bundle: no process is started for it."""
    if not bundle.startswith(FIRST):
        params: dict[str, Param] = {"reason": "magic"}
        raise Refused(Refusal(code=Code.BAD_MESSAGE, clause="CL-API-011", params=params))


async def _view(scratch: Path, words: Sequence[str], line: str | None) -> EvidenceView:
    page = scratch / "page.html"
    known = ["--line", line] if line is not None else []
    code, said = await _run([*words, *known, "--html", str(page), "--json"])
    if code not in (0, 1, 3) or not page.exists():
        raise Refused(_why(said))
    if len(said) > PAGE_BYTES_MAX:
        params: dict[str, Param] = {"found": len(said), "limit": PAGE_BYTES_MAX}
        raise Refused(Refusal(code=Code.TOO_LARGE, clause="CL-API-011", params=params))
    shown = await asyncio.to_thread(_whole, page, PAGE_BYTES_MAX)
    return EvidenceView(exit=code, result=msgspec.Raw(said), page=shown.decode("utf-8", "replace"))


async def _run(words: Sequence[str]) -> tuple[int, bytes]:
    """The command's exit code and what it printed. Raises Refused when it takes too long."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "clearline", *words, stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    with suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, process.pid, GENTLY)
    try:
        async with asyncio.timeout(EVIDENCE_S):
            said, _ = await process.communicate()
    except TimeoutError as error:
        params: dict[str, Param] = {"seconds": int(EVIDENCE_S)}
        raise Refused(Refusal(code=Code.TOO_LARGE, clause="CL-API-011", params=params)) from error
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert process.returncode is not None, "it was waited for"
    return process.returncode, said


def _whole(path: Path, high: int) -> bytes:
    """A file of ours. Raises Refused for one that is too large to be sent."""
    size = path.stat().st_size
    if size > high:
        params: dict[str, Param] = {"found": size, "limit": high}
        raise Refused(Refusal(code=Code.TOO_LARGE, clause="CL-API-011", params=params))
    return path.read_bytes()


def _why(said: bytes) -> Refusal:
    """The command's first refusal; that it cannot be used where it gave none."""
    try:
        first = msgspec.json.decode(said, type=_Refusals).refused[0]
        return Refusal(code=Code(first.code), clause=first.clause, params={**first.params})
    except (ValueError, IndexError):
        return Refusal(code=Code.BAD_FIELD, clause="CL-API-011")


def ways_of(placed: Placed) -> tuple[CallWayView, ...]:
    """How the others are reached beside the line."""
    return tuple(
        CallWayView(party=PartyId(each.party), role=each.role, way=each.way, note=each.note)
        for each in placed.config.fallback
    )
