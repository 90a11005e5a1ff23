"""Handlers of a call: the script to read from, and what was said by voice.

What was said by voice is written down twice: who said it, names included, in the private desk
record of this node; that it was said, by which means and what was read back, on the line, as our
word: to a party of the line as a message, to a represented one as what came of telling it. It
answers nothing: only the other end's own ``answer`` does.
"""

from typing import Final

from clearline.api.problems import Refused
from clearline.api.service import Call, Service, ref_of, request_id
from clearline.api.writes import filed, short
from clearline.model.entry import Entry, Field, Kind, Message, Relayed, RelayOutcome
from clearline.model.ids import Digest, EntryRef
from clearline.model.limits import LABEL_CHARS_MAX, NAME_CHARS_MAX
from clearline.model.notes import VOICE_NOTE
from clearline.model.refusal import Code, Refusal
from clearline.model.time import MINUTE
from clearline.node import phrases
from clearline.node.inbound import Noted
from clearline.node.reading import Reading
from clearline.node.requests import VoiceSaid
from clearline.node.views import FiledView
from clearline.onepage.calling import CallScriptView, call_script
from clearline.wire.bodies_v1 import read_entry
from clearline.words.catalogue import check_message
from clearline.words.language import languages

TEMPLATE: Final = "said-on-voice"
TOLD: Final = frozenset({"read-back-right", "not-read-back"})
"""Outcomes of a call after which a represented party has been told."""
AHEAD_MS: Final = MINUTE
"""How far the watch's clock may be ahead of the node's."""
NOT_TOLD_OF: Final = frozenset({Kind.RECEIPT, Kind.HEARTBEAT})


async def script(service: Service, call: Call[None]) -> CallScriptView:
    """What to say by telephone about one entry, in ?lang= beside English, and what comes back."""
    of = service.any_line(call)
    entry = _entry(service, of, ref_of(call))
    wanted = call.query.get("lang", "")
    if wanted and wanted not in languages():
        raise Refused(Refusal(code=Code.NOT_FOUND, clause="CL-API-004", at="/lang"))
    langs = (wanted,) if wanted else call.langs
    return call_script(entry, of.terms, of.ls.me, langs)


def _entry(service: Service, of: Reading, ref: EntryRef) -> Entry:
    store = service.runtime.conductor.store
    stored = store.entries(of.ls.line, ref.feed, ref.index, 1)
    if not stored or stored[0].index != ref.index:
        raise Refused(Refusal(code=Code.NOT_FOUND, clause="CL-API-005"))
    entry = read_entry(stored[0].data, Digest(stored[0].leaf.hex()))
    if not isinstance(entry, Entry) or entry.kind in NOT_TOLD_OF:
        raise Refused(Refusal(code=Code.NOT_FOUND, clause="CL-API-005"))
    return entry


async def said(service: Service, call: Call[VoiceSaid]) -> FiledView:
    """Write down what was said by voice: with whom in the desk record, that it was on the line."""
    asked = call.body
    of = service.any_line(call)
    _check(service, of, asked)
    body = _body(of, asked)
    request = request_id(call, asked.id)
    known = service.known(request)
    if known is not None:
        return filed(of, request, known.refs)
    try:
        request, outcome = await service.say(call, (body,), id_=asked.id, role=asked.role)
    except Refused as refused:
        if refused.refusal.code is not Code.SUSPENDED:
            raise
        await service.runtime.submit(_noted(of, call.who.person, asked))
        words = phrases.phrase("voice-noted-only", of.langs)
        return FiledView(id=request, refs=(), as_of=service.now, words=words)
    await service.runtime.submit(_noted(of, call.who.person, asked))
    return filed(service.any_line(call), request, outcome.refs)


def _check(service: Service, of: Reading, asked: VoiceSaid) -> None:
    """Raises Refused for what is unknown or cannot have been."""
    _entry(service, of, asked.of)
    for at, text, limit in (
        ("/with_role", asked.with_role, NAME_CHARS_MAX), ("/name", asked.name, NAME_CHARS_MAX),
        ("/note", asked.note, LABEL_CHARS_MAX),
    ):  # fmt: skip
        short(at, text, limit)
    if not 0 <= asked.at <= service.now + AHEAD_MS:
        params: dict[str, str | int | EntryRef] = {
            "found": str(asked.at)[:24], "low": 0, "high": service.now
        }  # fmt: skip
        raise Refused(Refusal(code=Code.NUMBER_RANGE, clause="CL-API-004", at="/at", params=params))


def _body(of: Reading, asked: VoiceSaid) -> Message | Relayed:
    fields = (
        Field(name="entry", value=str(asked.of)), Field(name="at", value=asked.at),
        Field(name="means", value=asked.means), Field(name="outcome", value=asked.outcome),
    )  # fmt: skip
    message = Message(template=TEMPLATE, fields=fields, to=(asked.to,))
    misfit = check_message(message)
    if misfit is not None:
        raise Refused(misfit)
    if asked.to in {party.id for party in of.terms.parties} - {of.ls.me}:
        return message
    if asked.to in {third.id for third in of.terms.represented}:
        came = RelayOutcome.TOLD if asked.outcome in TOLD else RelayOutcome.NO_ANSWER
        return Relayed(
            of=asked.of, to=asked.to, outcome=came, means=_means(asked), at=asked.at, remark=None
        )
    raise Refused(
        Refusal(
            code=Code.UNKNOWN_PARTY, clause="CL-API-005", at="/to", params={"party": asked.to[:12]}
        )
    )


def _means(asked: VoiceSaid) -> str:
    """What stands on the line of the call: means, role, outcome; never a name."""
    role = f", {asked.with_role}" if asked.with_role else ""
    return f"{asked.means}{role}: {asked.outcome}"


def _noted(of: Reading, person: str, asked: VoiceSaid) -> Noted:
    said_: dict[str, str | int] = {
        "entry": str(asked.of), "party": asked.to, "at": asked.at, "means": asked.means,
        "read_back": asked.outcome, "role": asked.with_role, "name": asked.name,
        "note": asked.note,
    }  # fmt: skip
    kept = {name: value for name, value in said_.items() if value != ""}
    return Noted(line=of.ls.line, person=person, what=VOICE_NOTE, params=kept)
