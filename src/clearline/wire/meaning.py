"""What each kind of body must satisfy besides its schema, as far as bytes alone decide.

One function a kind; each is a chain of ``or`` in the order of its fields. Times are UTC
milliseconds, lengths millimetres, bearings 1e-3 degrees.
"""

from collections.abc import Sequence

from msgspec.structs import replace

from clearline.model.entry import (
    Accident,
    Adopt,
    AllClear,
    Amend,
    Answer,
    Attachment,
    Body,
    Coordinated,
    Distress,
    Field,
    FreeText,
    Handover,
    Heartbeat,
    Join,
    Leave,
    LinkReport,
    Message,
    Notice,
    Open,
    Proposal,
    ReadBack,
    Receipt,
    Rekey,
    Relay,
    Relayed,
    Reply,
    Resume,
    Seal,
    Stop,
    Suspend,
    Test,
    Withdraw,
)
from clearline.model.ids import EntryRef, FeedId, party_of
from clearline.model.limits import (
    ATTACHMENT_BYTES_MAX,
    ATTACHMENTS_MAX,
    DISTANCE_MM_MAX,
    FIELDS_MAX,
    INTEGER_MAX,
    MARKS_MAX,
    MINUTES_MAX,
    OPEN_ITEMS_MAX,
    PARTIES_MAX,
    REFS_MAX,
    REPRESENTED_MAX,
    SERIAL_MAX,
    SOULS_MAX,
    STANDING_MS_MAX,
)
from clearline.model.refusal import Code, Param, Refusal
from clearline.model.space import Height
from clearline.wire import clauses
from clearline.wire.rules import (
    bad_digest,
    bad_instant,
    bad_party,
    bad_ref,
    each,
    miscounted,
    outside,
    unsorted,
)
from clearline.wire.shapes import bad_band, bad_height, bad_point, bad_volumes
from clearline.wire.text import bad_label, bad_language, bad_media, bad_name, bad_text

PROPOSING = frozenset({Reply.UNABLE, Reply.STANDBY, Reply.OBJECT})
"""Answers that may offer a way out."""


def bad_body(body: Body, feed: FeedId, index: int) -> Refusal | None:
    """What is wrong with a body at its place in a feed, if anything. ``at`` starts with /body."""
    match body:
        case Receipt():
            return None
        case Notice():
            return _notice(body, "/body")
        case Amend():
            return _own(body.notice, "/body/notice", feed, index) or _notice(body.to, "/body/to")
        case Withdraw():
            return _ended(body.versions, feed, index)
        case AllClear():
            return bad_instant(body.at, "/body/at") or _ended(body.versions, feed, index)
        case Answer():
            return _answer(body, feed, index)
        case Heartbeat():
            return _heartbeat(body, feed)
        case Stop() | Distress() | Accident():
            return _emergency(body, feed, index)
        case Message():
            return _message(body)
        case Coordinated():
            return _coordinated(body, feed, index)
        case Relay() | Relayed():
            return _relay(body, feed, index)
        case Seal() | Open():
            return _sealed(body, feed, index)
        case Resume():
            return _own(body.of, "/body/of", feed, index)
        case Join() | Adopt() | Rekey() | Leave() | Suspend() | Test() | Handover():
            return _office(body)


def _office(body: Join | Adopt | Rekey | Leave | Suspend | Test | Handover) -> Refusal | None:
    """Entries about the line itself and its watch."""
    match body:
        case Join():
            return (
                bad_digest(body.agreement, "/body/agreement")
                or bad_label(body.software, "/body/software")
                or bad_label(body.rules, "/body/rules")
            )
        case Adopt():
            return outside(body.version, 1, SERIAL_MAX, "/body/version") or bad_digest(
                body.agreement, "/body/agreement"
            )
        case Rekey():
            return bad_digest(body.manifest, "/body/manifest") or outside(
                body.serial, 0, SERIAL_MAX, "/body/serial"
            )
        case Leave() | Suspend():
            return bad_text(body.reason, "/body/reason")
        case Test():
            return bad_text(body.text, "/body/text") or bad_label(body.role, "/body/role")
        case Handover():
            return (
                bad_label(body.role, "/body/role")
                or bad_instant(body.at, "/body/at")
                or outside(body.open, 0, OPEN_ITEMS_MAX, "/body/open")
            )


def _notice(notice: Notice, at: str) -> Refusal | None:
    return (
        bad_name(notice.cls, f"{at}/cls")
        or bad_label(notice.label, f"{at}/label")
        or bad_volumes(notice.volumes, f"{at}/volumes", label=notice.label)
        or (notice.operation is not None and bad_name(notice.operation, f"{at}/operation"))
        or (notice.reason is not None and bad_text(notice.reason, f"{at}/reason"))
        or miscounted(len(notice.marks), 0, MARKS_MAX, f"{at}/marks")
        or each(notice.marks, bad_name, f"{at}/marks")
        or unsorted(notice.marks, f"{at}/marks")
        or _remark(notice.remark, f"{at}/remark")
        or (notice.key is not None and bad_label(notice.key, f"{at}/key"))
        or None
    )


def _remark(remark: FreeText | None, at: str) -> Refusal | None:
    if remark is None:
        return None
    return bad_language(remark.lang, f"{at}/lang") or bad_text(remark.text, f"{at}/text")


def _reference(ref: EntryRef, at: str, feed: FeedId, index: int) -> Refusal | None:
    """Names a possible entry; in one's own feed, an earlier one."""
    if found := bad_ref(ref, at):
        return found
    if ref.feed == feed and ref.index >= index:
        params: dict[str, Param] = {"ref": ref}
        return Refusal(code=Code.UNKNOWN_REFERENCE, clause=clauses.EARLIER, at=at, params=params)
    return None


def _own(ref: EntryRef, at: str, feed: FeedId, index: int) -> Refusal | None:
    """Names an earlier entry of the same party, in this feed or in another epoch's."""
    if found := _reference(ref, at, feed, index):
        return found
    if party_of(ref.feed) == party_of(feed):
        return None
    params: dict[str, Param] = {"ref": ref, "party": party_of(feed)}
    return Refusal(code=Code.NOT_OWN, clause=clauses.OWN, at=at, params=params)


def _ended(versions: Sequence[EntryRef], feed: FeedId, index: int) -> Refusal | None:
    at = "/body/versions"
    return (
        miscounted(len(versions), 1, REFS_MAX, at)
        or each(versions, lambda ref, place: _own(ref, place, feed, index), at)
        or unsorted(versions, at)
    )


def _answer(answer: Answer, feed: FeedId, index: int) -> Refusal | None:
    return (
        _reference(answer.to, "/body/to", feed, index)
        or bad_label(answer.role, "/body/role")
        or _fitting(answer)
        or (
            answer.minutes_needed is not None
            and outside(answer.minutes_needed, 1, MINUTES_MAX, "/body/minutes_needed")
        )
        or (answer.proposal is not None and _proposal(answer.proposal))
        or (answer.read_back is not None and _read_back(answer.read_back))
        or _remark(answer.remark, "/body/remark")
        or None
    )


def _fitting(answer: Answer) -> Refusal | None:
    """Minutes only with UNABLE; a proposal only with UNABLE, STANDBY, OBJECT; a read-back exactly
    with READ-BACK. UNABLE without minutes says that nobody knows how long is needed (FM02)."""
    if answer.minutes_needed is not None and answer.reply is not Reply.UNABLE:
        return _misplaced(answer.reply, "minutes-not-wanted", "/body/minutes_needed")
    if answer.proposal is not None and answer.reply not in PROPOSING:
        return _misplaced(answer.reply, "proposal-not-wanted", "/body/proposal")
    if (answer.read_back is not None) is not (answer.reply is Reply.READ_BACK):
        missing = answer.read_back is None
        reason = "read-back-missing" if missing else "read-back-not-wanted"
        return _misplaced(answer.reply, reason, "/body/read_back")
    return None


def _misplaced(reply: Reply, reason: str, at: str) -> Refusal:
    params: dict[str, Param] = {"reply": reply.value, "reason": reason}
    return Refusal(code=Code.BAD_ANSWER, clause=clauses.ANSWER, at=at, params=params)


def _proposal(proposal: Proposal) -> Refusal | None:
    at = "/body/proposal"
    shift, lower, upper = proposal.shift_min, proposal.lower, proposal.upper
    if shift is None and lower is None and upper is None and not proposal.volumes:
        params: dict[str, Param] = {"reason": "proposal-empty"}
        return Refusal(code=Code.BAD_ANSWER, clause=clauses.ANSWER, at=at, params=params)
    if shift == 0:
        return outside(shift, 1, MINUTES_MAX, f"{at}/shift_min")
    found = None if shift is None else outside(shift, -MINUTES_MAX, MINUTES_MAX, f"{at}/shift_min")
    if lower is not None and upper is not None:
        found = found or bad_band(lower, upper, at)
    else:
        found = found or _height(lower, f"{at}/lower") or _height(upper, f"{at}/upper")
    return found or bad_volumes(proposal.volumes, f"{at}/volumes")


def _height(height: Height | None, at: str) -> Refusal | None:
    return None if height is None else bad_height(height, at)


def _read_back(back: ReadBack) -> Refusal | None:
    at = "/body/read_back"
    return (
        bad_point(back.origin, f"{at}/origin")
        or outside(back.bearing_mdeg, 0, 359_999, f"{at}/bearing_mdeg")
        or outside(back.distance_mm, 0, DISTANCE_MM_MAX, f"{at}/distance_mm")
        or bad_height(back.upper, f"{at}/upper")
        or bad_instant(back.start, f"{at}/start")
    )


def _heartbeat(beat: Heartbeat, feed: FeedId) -> Refusal | None:
    def link(report: LinkReport, at: str) -> Refusal | None:
        found = bad_party(report.peer, f"{at}/peer") or bad_instant(report.since, f"{at}/since")
        if found:
            return found
        if report.peer != party_of(feed):
            return None
        params: dict[str, Param] = {"feed": feed}
        return Refusal(code=Code.SEEN_OWN_FEED, clause=clauses.OWN_FEED, at=at, params=params)

    return (
        miscounted(len(beat.links), 0, PARTIES_MAX, "/body/links")
        or each(beat.links, link, "/body/links")
        or unsorted([report.peer for report in beat.links], "/body/links")
    )


def _emergency(body: Stop | Distress | Accident, feed: FeedId, index: int) -> Refusal | None:
    """A distress has a place; a stop and an accident have one where it is known."""
    if isinstance(body, Stop):
        found = (
            miscounted(len(body.about), 0, REFS_MAX, "/body/about")
            or each(body.about, lambda ref, at: _reference(ref, at, feed, index), "/body/about")
            or unsorted(body.about, "/body/about")
            or bad_volumes(body.volumes, "/body/volumes")
        )
    else:
        label = body.what if isinstance(body, Distress) else None
        found = bad_label(body.what, "/body/what") or bad_volumes(
            body.volumes, "/body/volumes", label=label
        )
    if found is None and isinstance(body, Distress) and body.souls is not None:
        found = outside(body.souls, 0, SOULS_MAX, "/body/souls")
    return found or _remark(body.remark, "/body/remark")


def _message(message: Message) -> Refusal | None:
    addressees = PARTIES_MAX + REPRESENTED_MAX
    return (
        bad_name(message.template, "/body/template", Code.BAD_TEMPLATE)
        or miscounted(len(message.fields), 0, FIELDS_MAX, "/body/fields")
        or each(message.fields, _field, "/body/fields")
        or _once([field.name for field in message.fields], "/body/fields")
        or miscounted(len(message.to), 0, addressees, "/body/to")
        or each(message.to, bad_party, "/body/to")
        or unsorted(message.to, "/body/to")
        or _remark(message.remark, "/body/remark")
        or miscounted(len(message.attachments), 0, ATTACHMENTS_MAX, "/body/attachments")
        or each(message.attachments, _attachment, "/body/attachments")
        or _once([item.sha256 for item in message.attachments], "/body/attachments")
    )


def _field(field: Field, at: str) -> Refusal | None:
    """A blank's value is a number or one line of text; order is the template's."""
    if found := bad_name(field.name, f"{at}/name", Code.BAD_TEMPLATE):
        return found
    if isinstance(field.value, str):
        return bad_text(field.value, f"{at}/value")
    return outside(field.value, -INTEGER_MAX, INTEGER_MAX, f"{at}/value")


def _once(names: Sequence[str], at: str) -> Refusal | None:
    seen: set[str] = set()
    for place, name in enumerate(names):
        if name in seen:
            params: dict[str, Param] = {"reason": "twice", "name": name}
            return Refusal(
                code=Code.BAD_TEMPLATE, clause=clauses.TEMPLATE, at=f"{at}/{place}", params=params
            )
        seen.add(name)
    return None


def _attachment(item: Attachment, at: str) -> Refusal | None:
    return (
        bad_digest(item.sha256, f"{at}/sha256")
        or outside(item.size, 0, ATTACHMENT_BYTES_MAX, f"{at}/size")
        or bad_media(item.media, f"{at}/media")
    )


def _coordinated(body: Coordinated, feed: FeedId, index: int) -> Refusal | None:
    """Of a pair or of an area, never of both or neither; it always ends."""
    found: Refusal | None
    if body.pair is None:
        found = _standing(body)
    elif body.standing is not None:
        found = Refusal(code=Code.BAD_FIELD, clause=clauses.STANDING, at="/body/standing")
    else:
        found = each(
            body.pair, lambda ref, at: _reference(ref, at, feed, index), "/body/pair"
        ) or unsorted(body.pair, "/body/pair")
    return (
        found or bad_label(body.measure, "/body/measure") or bad_instant(body.until, "/body/until")
    )


def _standing(body: Coordinated) -> Refusal | None:
    """One area; the expiry lies within its operational period."""
    at, area = "/body/standing", body.standing
    if area is None:
        return Refusal(code=Code.MISSING_FIELD, clause=clauses.STANDING, at="/body/pair")
    found = (
        bad_party(area.party, f"{at}/party")
        or miscounted(len(area.volumes), 1, 1, f"{at}/volumes")
        or bad_volumes(area.volumes, f"{at}/volumes")
    )
    if found:
        return found
    (volume,) = area.volumes
    last = min(volume.end, volume.start + STANDING_MS_MAX)
    late = outside(body.until, volume.start, last, "/body/until")
    return late and replace(late, clause=clauses.STANDING)


def _relay(body: Relay | Relayed, feed: FeedId, index: int) -> Refusal | None:
    found = _reference(body.of, "/body/of", feed, index) or bad_party(body.to, "/body/to")
    if found or isinstance(body, Relay):
        return found
    return (
        bad_label(body.means, "/body/means")
        or bad_instant(body.at, "/body/at")
        or (body.proof is not None and bad_digest(body.proof, "/body/proof"))
        or _remark(body.remark, "/body/remark")
    )


def _sealed(body: Seal | Open, feed: FeedId, index: int) -> Refusal | None:
    envelope = None if body.envelope is None else _own(body.envelope, "/body/envelope", feed, index)
    if isinstance(body, Seal):
        return (
            bad_digest(body.sha256, "/body/sha256")
            or bad_instant(body.opens, "/body/opens")
            or envelope
        )
    if found := _own(body.seal, "/body/seal", feed, index):
        return found
    if bad_digest(body.salt, "/body/salt"):  # 32 bytes are written like a digest
        return Refusal(code=Code.BAD_SALT, clause=clauses.SALT, at="/body/salt")
    return _notice(body.to, "/body/to") or envelope
