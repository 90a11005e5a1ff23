"""Handlers of evidence: the bundle of a line, a bundle verified, two laid side by side; the joint
review of a period, and two parties' reviews side by side.

The work is done by the same commands as anybody's (``clearline evidence``, ``clearline review``),
in a process of its own: what comes in may be hostile, and judging it takes seconds of a processor
that a STOP must not wait for.
"""

from dataclasses import dataclass
from typing import Final

from clearline.api.evidence_port import EvidenceView
from clearline.api.problems import Refused
from clearline.api.service import Call, Service
from clearline.model.ids import is_digest
from clearline.model.refusal import Code, Param, Refusal
from clearline.model.time import INSTANT_MAX, Instant, format_utc

BUNDLE_BYTES_MAX: Final = 64 << 20
"""A line of a hundred thousand entries; larger ones are verified by the command."""
BUNDLE: Final = "application/octet-stream"
WITHHELD_MAX: Final = 20
WISH_CHARS_MAX: Final = 64
WISHES: Final = (("from", "from"), ("until", "to"), ("at", "at"))
"""Times of the query, and the command's options for them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """An answer that is a file."""

    content: bytes
    name: str
    media: str = BUNDLE


async def export(service: Service, call: Call[None]) -> File:
    """The line's signed bundle (?from=, ?until=, ?at=, ?withhold=A,B, ?desk=true)."""
    line = service.line_id(call)
    wishes = tuple((option, _moment(call, name)) for name, option in WISHES if name in call.query)
    withhold = tuple(each for each in call.query.get("withhold", "").split(",") if each)
    fit = all(len(each) <= WISH_CHARS_MAX and not each.startswith("-") for each in withhold)
    desk = call.query.get("desk", "false")
    if len(withhold) > WITHHELD_MAX or not fit or desk not in ("true", "false"):
        raise Refused(_bad("?desk" if fit else "?withhold"))
    async with service.console.room:
        bundle = await service.console.evidence.export(
            line, withhold=withhold, wishes=wishes, desk=desk == "true"
        )
    party = service.runtime.conductor.local.party
    return File(content=bundle, name=f"{party}-{line[:12]}.clb")


async def verify(service: Service, call: Call[bytes]) -> EvidenceView:
    """Verify a bundle (the body); ?line= is the line that one knows."""
    async with service.console.room:
        return await service.console.evidence.verify(call.body, _line(call))


async def compare(service: Service, call: Call[bytes]) -> EvidenceView:
    """Lay two bundles side by side: the body is both, one after the other, ?left= says how many
    bytes the first has; ?at= is a time, ?line= the line that one knows."""
    left, right = _halves(call)
    at = _moment(call, "at") if "at" in call.query else None
    async with service.console.room:
        return await service.console.evidence.compare(left, right, line=_line(call), at=at)


async def review(service: Service, call: Call[None]) -> EvidenceView:
    """The joint review of a period of the line (?from=, ?until=, ?desk=true)."""
    line = service.line_id(call)
    if missing := [f"?{name}" for name in ("from", "until") if name not in call.query]:
        raise Refused(_bad(missing[0]))
    first, until = _moment(call, "from"), _moment(call, "until")
    desk = call.query.get("desk", "false")
    if desk not in ("true", "false") or int(call.query["from"]) >= int(call.query["until"]):
        raise Refused(_bad("?until" if desk in ("true", "false") else "?desk"))
    async with service.console.room:
        return await service.console.evidence.review(
            line, first=first, until=until, desk=desk == "true", lang=call.langs[0]
        )


async def compare_reviews(service: Service, call: Call[bytes]) -> EvidenceView:
    """Lay two parties' reviews side by side: the body is both files, one after the other, ?left=
    says how many bytes the first has."""
    left, right = _halves(call)
    async with service.console.room:
        return await service.console.evidence.compare_reviews(left, right, lang=call.langs[0])


def _halves(call: Call[bytes]) -> tuple[bytes, bytes]:
    """The two files of a body."""
    size = call.query.get("left", "")
    if not (size.isascii() and size.isdigit() and len(size) <= 9):
        raise Refused(_bad("?left"))
    left, right = call.body[: int(size)], call.body[int(size) :]
    if not left or not right:
        raise Refused(_bad("?left"))
    return left, right


def _line(call: Call[bytes]) -> str | None:
    line = call.query.get("line")
    if line is not None and not is_digest(line):
        raise Refused(_bad("?line"))
    return line


def _moment(call: Call[None] | Call[bytes], name: str) -> str:
    """A time of the query, in milliseconds as everywhere here, as the command reads it."""
    text = call.query[name]
    if not (text.isascii() and text.isdigit() and len(text) <= 15 and int(text) <= INSTANT_MAX):
        raise Refused(_bad(f"?{name}"))
    return format_utc(Instant(int(text)))


def _bad(at: str) -> Refusal:
    params: dict[str, Param] = {}
    return Refusal(code=Code.BAD_FIELD, clause="CL-API-004", at=at, params=params)
