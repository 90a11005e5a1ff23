"""Pages for parties without a node, and the codes that come back: made, by telephone, by link.

Only digests of codes are kept. A code is used when the ``relayed`` that it led to is durable: both
are one step. Wrong tries are durable before the answer goes out, so that no restart gives any back.
"""

import re
import secrets
from dataclasses import dataclass, field
from typing import Final
from zoneinfo import ZoneInfo

import msgspec

from clearline.api.problems import Refused
from clearline.api.service import Call, Service, duty_of, request_id
from clearline.api.writes import filed
from clearline.ledger.proof import LogProof, write_proof
from clearline.model.entry import Entry, FreeText, Kind, Precedence, Relayed, RelayOutcome
from clearline.model.ids import Digest, EntryRef, LineId, PartyId
from clearline.model.limits import LABEL_CHARS_MAX
from clearline.model.refusal import Code, Param, Refusal
from clearline.model.terms import Represented
from clearline.model.time import MINUTE, Instant
from clearline.node import replies
from clearline.node.inbound import Coded, Outcome, Say
from clearline.node.page_view import PageView
from clearline.node.ports import ReplyCode
from clearline.node.reading import Reading
from clearline.node.replies import Issued
from clearline.node.requests import CodeGiven, PageAsk
from clearline.node.views import FiledView
from clearline.node.write import statement
from clearline.onepage.block import Original
from clearline.onepage.page import Codes, Made, form_of, html_page, text_page
from clearline.wire.bodies_v1 import read_entry
from clearline.words.reader import Langs, complete

REPLIES: Final = "/r"
"""Where links of pages lead."""
BASE_CHARS_MAX: Final = 200
UNKNOWN_A_MINUTE: Final = 30
"""Links that lead nowhere: more are refused for the rest of the minute. One of 160 bits is not
guessed; who tries is told to wait."""

_BASE: Final = re.compile(r"https?://[A-Za-z0-9.:\[\]-]+(/[A-Za-z0-9._~/-]*)?", re.ASCII)
_ZONE: Final = re.compile(r"[A-Za-z0-9_+/-]{1,64}", re.ASCII)
_LINK: Final = re.compile(rf"[{replies.ALPHABET}]{{32}}", re.ASCII)
_OUTCOME: Final = msgspec.json.Decoder(Outcome)
_ISSUED: Final = msgspec.json.Decoder(Issued)


# --- making a page -------------------------------------------------------------------------------


async def make_page(service: Service, call: Call[PageAsk]) -> PageView:
    """One page for a party without a node, with codes of its own, as HTML and as text."""
    asked, of = call.body, service.line(call)
    third = _third(of, asked.to)
    role = duty_of(call.who, asked.role)
    base = asked.base.rstrip("/")
    if base and (len(base) > BASE_CHARS_MAX or not _BASE.fullmatch(base)):
        raise Refused(Refusal(code=Code.BAD_FIELD, clause="CL-API-004", at="/base"))
    if len(asked.contact) > LABEL_CHARS_MAX:
        raise Refused(Refusal(code=Code.BAD_FIELD, clause="CL-API-004", at="/contact"))
    _zone(asked.zone)
    about = replies.about(of.ls.line, asked.of, asked.to)
    async with service.codes:
        held = pages(service, about)
        still = [p for p, _, used in held if replies.is_open(p, used=used, now=service.now)]
        if len(still) >= replies.PAGES_OPEN_MAX:
            params: dict[str, Param] = {"high": replies.PAGES_OPEN_MAX}
            raise Refused(Refusal(code=Code.RATE, clause="CL-RLY-001", at="/of", params=params))
        drawn = replies.draw(secrets.token_bytes(replies.SECRET_BYTES))
        issued = replies.issue(
            drawn, line=of.ls.line, of=asked.of, to=asked.to, now=service.now,
            person=call.who.person, role=role, zone=asked.zone,
        )  # fmt: skip
        link = f"{base}{REPLIES}/{drawn.link}" if base else ""
        codes = _codes(issued, phone=drawn.phone, link=link)
        made = page_of(service, of, issued, codes, complete(asked.languages), asked.contact)
        await _keep(service, issued, replies.link_digest(drawn.link), 0, call.who.person)
    return PageView(
        page=issued.id, of=issued.of, to=third.id, made=issued.made, phone=drawn.phone, link=link,
        phone_until=issued.phone_until, link_until=issued.link_until, html=html_page(made),
        text=text_page(made),
    )  # fmt: skip


def _codes(issued: Issued, *, phone: str, link: str) -> Codes:
    return Codes(
        page=issued.id, phone=phone, phone_until=issued.phone_until, link=link,
        link_until=issued.link_until, tries=replies.TRIES_MAX,
    )  # fmt: skip


def _third(of: Reading, party: PartyId) -> Represented:
    for third in of.terms.represented:
        if third.id == party:
            return third
    raise Refused(Refusal(code=Code.UNKNOWN_PARTY, clause="CL-API-005", at="/to"))


def _zone(name: str) -> ZoneInfo | None:
    """The zone of an IANA name; "" is none. Raises Refused."""
    if not name:
        return None
    try:
        if not _ZONE.fullmatch(name):
            raise ValueError(name)
        return ZoneInfo(name)
    except (ValueError, KeyError, OSError) as error:
        raise Refused(Refusal(code=Code.BAD_FIELD, clause="CL-API-004", at="/zone")) from error


def page_of(
    service: Service, of: Reading, issued: Issued, codes: Codes, langs: Langs, contact: str = ""
) -> Made:
    """All that the page is made of. Raises Refused where the entry is not held with its proof."""
    conductor = service.runtime.conductor
    found = conductor.flash(issued.line, issued.of.feed, issued.of.index, 0)
    if found is None:
        raise Refused(Refusal(code=Code.NOT_FOUND, clause="CL-API-005", at="/of"))
    stored = conductor.store.entries(issued.line, issued.of.feed, issued.of.index, 1)[0]
    entry = read_entry(stored.data, Digest(stored.leaf.hex()))
    if not isinstance(entry, Entry) or entry.kind in (Kind.RECEIPT, Kind.HEARTBEAT):
        raise Refused(Refusal(code=Code.NOT_FOUND, clause="CL-API-005", at="/of"))
    proof = LogProof(
        index=found.index,
        hashes=found.inclusion,
        checkpoint=found.checkpoint,
        extra=found.item.salt,
    )
    original = Original(
        v=1, entry=found.item.data, proof=write_proof(proof).decode("utf-8"),
        documents=conductor.papers(issued.line).documents, to=issued.to, made=issued.made,
        zone=issued.zone,
    )  # fmt: skip
    return Made(
        entry=entry, terms=of.terms, to=_third(of, issued.to), relay=of.ls.me, original=original,
        checkpoint=found.checkpoint.decode("utf-8"), codes=codes, made=issued.made,
        zone=_zone(issued.zone), contact=contact, langs=langs,
    )  # fmt: skip


# --- what is kept --------------------------------------------------------------------------------


def pages(service: Service, about: str) -> tuple[tuple[Issued, int, bool], ...]:
    """Every page about one thing, with its wrong tries, and whether it was used."""
    held = service.runtime.conductor.store.reply_codes(about)
    return tuple((_ISSUED.decode(e.data), e.tries, _used(service, e.id)) for e in held)


def _saying(page: str, n: int) -> str:
    return f"reply-{page}-{n}"


def _used(service: Service, page: str) -> bool:
    """Whether a ``relayed`` that this page's code led to is in the record."""
    return _next(service, page) is None


def _next(service: Service, page: str) -> str | None:
    """The id under which a right code is recorded next; None: one was. Refusals are no use."""
    for n in range(replies.SAYINGS_MAX):
        known = service.runtime.conductor.store.request(_saying(page, n))
        if known is None:
            return _saying(page, n)
        if _OUTCOME.decode(known.answer).refusal is None:
            return None
    return None


async def _keep(service: Service, issued: Issued, link: Digest, tries: int, person: str) -> None:
    """Make a page's codes or one more wrong try durable. Raises Refused where that fails."""
    await service.runtime.submit(
        Coded(
            line=issued.line, person=person, page=issued.id, link=link,
            about=replies.about(issued.line, issued.of, issued.to),
            data=msgspec.json.encode(issued), tries=tries,
        )
    )  # fmt: skip
    held = service.runtime.conductor.store.reply_code(link)
    if held is None or held.tries < tries:
        raise Refused(Refusal(code=Code.DISK_FULL, clause="CL-API-006"))


async def _record(
    service: Service, issued: Issued, code: str, body: Relayed, person: str, role: str
) -> tuple[str, Outcome]:
    """Say what came of it, once for a page. Raises Refused."""
    id_ = _next(service, issued.id)
    if id_ is None:
        refusal = replies.by_link(issued, used=True, now=service.now)
        assert refusal is not None, "what was used is refused"
        raise Refused(refusal)
    body = msgspec.structs.replace(body, proof=replies.proof(issued, code))
    said = (statement(body, Precedence.PRIORITY),)
    what = Say(id=id_, line=issued.line, person=person, role=role, statements=said)
    return id_, await service.keep(what)


# --- by telephone --------------------------------------------------------------------------------


async def give_code(service: Service, call: Call[CodeGiven]) -> FiledView:
    """A short code as somebody said it on the telephone: right once, five wrong ones lock it."""
    asked, of = call.body, service.line(call)
    _third(of, asked.to)
    request_id(call, None)
    role = duty_of(call.who, asked.role)
    code = replies.heard(asked.code)
    if isinstance(code, Refusal):
        raise Refused(code)
    if asked.outcome is RelayOutcome.NO_ANSWER:
        raise Refused(Refusal(code=Code.BAD_FIELD, clause="CL-API-004", at="/outcome"))
    async with service.codes:
        about = replies.about(of.ls.line, asked.of, asked.to)
        held = pages(service, about)
        found = replies.by_phone(held, code, service.now)
        if isinstance(found, Refusal):
            links = {e.id: e.link for e in service.runtime.conductor.store.reply_codes(about)}
            if found.params.get("why") == "code-wrong":
                for issued, tries in replies.tried(held, service.now):
                    await _keep(service, issued, links[issued.id], tries + 1, call.who.person)
            raise Refused(found)
        body = Relayed(
            of=asked.of, to=asked.to, outcome=asked.outcome, means=asked.means,
            at=asked.at if asked.at is not None else service.now, remark=asked.remark,
        )  # fmt: skip
        id_, outcome = await _record(service, found, code, body, call.who.person, role)
    return filed(service.any_line(call), id_, outcome.refs)


# --- by link -------------------------------------------------------------------------------------


@dataclass(slots=True)
class Unknown:
    """Links that led nowhere, in the minute that runs. One that leads somewhere is never held
    back by them."""

    since: Instant = field(default=Instant(0))
    count: int = 0

    def too_many(self, now: Instant) -> bool:
        """Count one; whether there were too many of them."""
        if now - self.since >= MINUTE:
            self.since, self.count = now, 0
        self.count += 1
        return self.count > UNKNOWN_A_MINUTE


def find_link(service: Service, link: str) -> Issued | None:
    """The page of a link that can be answered now."""
    if not _LINK.fullmatch(link):
        return None
    held: ReplyCode | None = service.runtime.conductor.store.reply_code(replies.link_digest(link))
    if held is None:
        return None
    issued = _ISSUED.decode(held.data)
    refused = replies.by_link(issued, used=_used(service, held.id), now=service.now)
    return issued if refused is None else None


def shown_by_link(service: Service, issued: Issued, langs: Langs) -> str:
    """The page with its form. Raises Refused."""
    of = service.look(LineId(issued.line))
    if of is None or of.ls.loading is not None:
        raise Refused(Refusal(code=Code.LOADING, clause="CL-OWN-010"))
    made = page_of(service, of, issued, _codes(issued, phone="", link=""), langs)
    return html_page(made, form_of(made))


async def answered_by_link(
    service: Service, link: str, outcome: RelayOutcome, text: str, lang: str
) -> tuple[EntryRef, ...]:
    """Record what came by a link, once. Empty: it leads nowhere any more. Raises Refused."""
    async with service.codes:
        issued = find_link(service, link)
        if issued is None:
            return ()
        remark = FreeText(lang=lang, text=text) if text else None
        body = Relayed(
            of=issued.of, to=issued.to, outcome=outcome, means="link", at=service.now,
            remark=remark,
        )  # fmt: skip
        person = f"link of page {issued.id}"
        _, recorded = await _record(service, issued, link, body, person, issued.role)
    return recorded.refs


__all__ = [
    "REPLIES", "Unknown", "answered_by_link", "find_link", "give_code", "make_page", "page_of",
    "pages", "shown_by_link",
]  # fmt: skip
