"""The one part of the API that needs no token: the small page that a page's link leads to.

GET shows the page and records nothing, since mail programs look at links by themselves; POST
records the answer. Nothing else can be reached by a link, and nothing runs in the page.
"""

import asyncio
from typing import Final
from urllib.parse import parse_qs

from litestar import Request, Response, get, post
from litestar.datastructures import State
from litestar.handlers import HTTPRouteHandler

from clearline.api.problems import Refused
from clearline.api.relaying import (
    REPLIES,
    Unknown,
    answered_by_link,
    find_link,
    shown_by_link,
)
from clearline.api.service import Service
from clearline.model.entry import RelayOutcome
from clearline.model.time import format_utc
from clearline.onepage.page import note_page
from clearline.words.reader import accepted

FORM_BYTES_MAX: Final = 4 << 10
TEXT_CHARS_MAX: Final = 280
FORM_TIMEOUT_S: Final = 20.0
OUTCOMES: Final = (RelayOutcome.TOLD.value, RelayOutcome.ANSWERED.value)
HEADERS: Final = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self';"
    " frame-ancestors 'none'; base-uri 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
    "Referrer-Policy": "no-referrer",
}

Asked = Request[None, None, State]


def reply_routes(service: Service) -> list[HTTPRouteHandler]:
    """GET and POST of a page's link."""
    unknown = Unknown()

    def gone() -> Response[bytes]:
        if unknown.too_many(service.now):
            return _html(note_page("page-busy"), 429)
        return _html(note_page("page-gone"), 404)

    @get(f"{REPLIES}/{{link:str}}", status_code=200, name="get-reply")
    async def look(request: Asked, link: str) -> Response[bytes]:
        """The page that a link leads to, with its form."""
        issued = find_link(service, link)
        if issued is None:
            return gone()
        try:
            langs = accepted(request.headers.get("accept-language", ""))
            return _html(shown_by_link(service, issued, langs))
        except Refused as refused:
            return _html(note_page("page-not-kept"), refused.status)

    @post(f"{REPLIES}/{{link:str}}", status_code=200, name="post-reply")
    async def answer(request: Asked, link: str) -> Response[bytes]:
        """What the reader answers."""
        try:
            async with asyncio.timeout(FORM_TIMEOUT_S):
                raw = await request.body()
        except TimeoutError:
            return _html(note_page("page-not-kept"), 408)
        said = _form(raw)
        if said is None:
            return _html(note_page("page-not-kept"), 422)
        lang = accepted(request.headers.get("accept-language", ""))[0]
        try:
            refs = await answered_by_link(service, link, *said, lang)
        except Refused as refused:
            return _html(note_page("page-not-kept"), refused.status)
        if not refs:
            return gone()
        return _html(note_page("page-done", at=format_utc(service.now)))

    return [look, answer]


def _form(raw: bytes) -> tuple[RelayOutcome, str] | None:
    """Outcome and text of the form, or None for what the form cannot send."""
    if len(raw) > FORM_BYTES_MAX:
        return None
    try:
        fields = parse_qs(raw.decode("ascii"), strict_parsing=False, max_num_fields=4)
    except ValueError:
        return None
    outcome = fields.get("outcome", [""])
    text = " ".join(fields.get("text", [""])[0].split())[:TEXT_CHARS_MAX]
    if len(outcome) != 1 or outcome[0] not in OUTCOMES or not text.isprintable():
        return None
    came = RelayOutcome(outcome[0])
    return came, text if came is RelayOutcome.ANSWERED else ""


def _html(text: str, status: int = 200) -> Response[bytes]:
    return Response(
        content=text.encode("utf-8"), media_type="text/html; charset=utf-8", status_code=status,
        headers=HEADERS,
    )  # fmt: skip
