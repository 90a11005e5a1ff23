"""Every endpoint of the API, as data: routes, permissions and the OpenAPI document come from it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final, TypeVar

import msgspec

from clearline.alerting.times import AlertTimes
from clearline.api import (
    calling,
    changes,
    evidence,
    handovers,
    pasted,
    pictures,
    places,
    proposals,
    reads,
    relaying,
    replays,
    saved,
    sealing,
    signing_in,
    spoken,
    tracks,
    writes,
)
from clearline.api.evidence_port import EvidenceView
from clearline.api.people import Action
from clearline.api.problems import Refused, doubled, from_decoder, too_large_a_number
from clearline.api.service import Call, Service
from clearline.canonical import UNREADABLE
from clearline.model.entry import (
    Accident,
    AllClear,
    Amend,
    Answer,
    Coordinated,
    Distress,
    Leave,
    Message,
    Notice,
    Relay,
    Relayed,
    Resume,
    Seal,
    Stop,
    Suspend,
    Test,
    Withdraw,
)
from clearline.model.sighting import Binding
from clearline.model.terms import Agreement
from clearline.node.access_view import ReadView
from clearline.node.call_view import CallWayView
from clearline.node.check_view import CheckView
from clearline.node.handover_views import HandoverView
from clearline.node.inbound import Mover
from clearline.node.live.track_views import FedView, LiveView
from clearline.node.page_view import PageView
from clearline.node.reach_view import ReachView
from clearline.node.requests import (
    Accept,
    Batch,
    BindingFixes,
    Climbing,
    CodeGiven,
    Cry,
    Documents,
    Draft,
    Epoch,
    Give,
    MoverFixes,
    Opening,
    PageAsk,
    Quiet,
    Remark,
    Shown,
    Take,
    TakeOver,
    Tell,
    VoiceSaid,
    Write,
)
from clearline.node.shown_duties import DutiesView
from clearline.node.shown_views import ShownView
from clearline.node.standing_view import StandingView
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
    SealView,
)
from clearline.node.views_papers import DocumentView
from clearline.node.way_view import WayOutView
from clearline.onepage.calling import CallScriptView
from clearline.plan.tracks import TrackShape
from clearline.words.catalogue import Template

Body = TypeVar("Body")

V1: Final = "/v1"
LINE: Final = f"{V1}/lines/{{line}}"
ALERT: Final = f"{V1}/alerts/{{alert}}"
SESSION: Final = f"{V1}/session"
EVENTS: Final = f"{V1}/events"
OPENAPI: Final = "/openapi.json"
BODY_BYTES_MAX: Final = 8 << 20
"""An import of 1,200 sites of a hundred vertices each, twice over."""

SIGN_IN_BYTES_MAX: Final = 16 << 10
"""A name and a password; whoever is not signed in yet is not listened to for longer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """One method of one path. ``action`` None: no token is needed. ``query``: names it knows.
    ``body`` and ``answer`` are types; ``serve`` takes the body as bytes. ``page``: only from the
    node's own console page, whoever asks. A ``body`` that is ``bytes`` is taken as it is, up to
    ``bytes_max``; an ``answer`` that is ``bytes`` is a file."""

    method: str
    path: str
    action: Action | None
    body: object
    answer: object
    serve: Callable[[Service, Call[bytes]], Awaitable[object]]
    summary: str
    query: tuple[str, ...] = ()
    page: bool = False
    bytes_max: int = BODY_BYTES_MAX

    @property
    def name(self) -> str:
        """The operation's id, such as post-lines-stop."""
        parts = [part for part in self.path.split("/")[2:] if not part.startswith("{")]
        single = "-one" if self.path.endswith("}") else ""
        return "-".join([self.method.lower(), *parts]) + single

    @property
    def what(self) -> str:
        """The word of the access log for it: notices, board, picture, ..."""
        return [part for part in self.path.split("/") if part and not part.startswith("{")][-1]


def _about(run: Callable[..., object]) -> str:
    return (run.__doc__ or "").strip().splitlines()[0]


def _get(
    path: str,
    action: Action | None,
    answer: object,
    run: Callable[[Service, Call[None]], Awaitable[object]],
    query: tuple[str, ...] = (),
    method: str = "GET",
) -> Endpoint:
    async def serve(service: Service, call: Call[bytes]) -> object:
        return await run(service, call.bearing(None))

    return Endpoint(
        method=method, path=path, action=action, body=None, answer=answer, serve=serve,
        summary=_about(run), query=query,
    )  # fmt: skip


def _post(
    path: str,
    action: Action | None,
    body: type[Body],
    answer: object,
    run: Callable[[Service, Call[Body]], Awaitable[object]],
    method: str = "POST",
    *,
    page: bool = False,
) -> Endpoint:
    decoder = msgspec.json.Decoder(body)

    async def serve(service: Service, call: Call[bytes]) -> object:
        try:
            asked = decoder.decode(call.body)
        except UNREADABLE as error:
            raise Refused(from_decoder(error)) from error
        odd = doubled(call.body) or too_large_a_number(call.body)
        if odd is not None:
            raise Refused(odd)
        return await run(service, call.bearing(asked))

    return Endpoint(
        method=method, path=path, action=action, body=body, answer=answer, serve=serve,
        summary=_about(run), page=page, bytes_max=SIGN_IN_BYTES_MAX if page else BODY_BYTES_MAX,
    )  # fmt: skip


def _file(
    path: str,
    action: Action,
    answer: object,
    run: Callable[[Service, Call[bytes]], Awaitable[object]],
    query: tuple[str, ...],
) -> Endpoint:
    return Endpoint(
        method="POST", path=path, action=action, body=bytes, answer=answer, serve=run,
        summary=_about(run), query=query, bytes_max=2 * evidence.BUNDLE_BYTES_MAX,
    )  # fmt: skip


SIGN_IN: Final = (
    _post(
        SESSION, None, signing_in.SignIn, signing_in.SessionView, signing_in.sign_in, page=True
    ),
    _get(SESSION, Action.READ, signing_in.SessionView, signing_in.who_is_signed_in),
    _get(SESSION, Action.READ, signing_in.SignedOut, signing_in.sign_out, method="DELETE"),
    _post(
        f"{SESSION}/password", Action.READ, signing_in.NewPassword, signing_in.SessionView,
        signing_in.set_password,
    ),
    _get(f"{V1}/words/{{lang}}", None, spoken.WordsView, spoken.words),
    _get(f"{V1}/console/views", Action.READ, saved.Saved, saved.get_saved),
    _post(
        f"{V1}/console/views", Action.READ, saved.Saved, saved.Saved, saved.put_saved, "PUT"
    ),
    _post(
        f"{V1}/read-place", Action.READ, pasted.PlaceAsk, pasted.PlaceView, pasted.read_place
    ),
    _post(
        f"{V1}/read-shape", Action.READ, pasted.ShapeAsk, pasted.ShapesView, pasted.read_shape
    ),
    _post(
        f"{V1}/seal-digest", Action.SEAL, sealing.SealAsk, sealing.SealDigest, sealing.digest
    ),
)  # fmt: skip
EVIDENCE: Final = (
    _get(
        f"{LINE}/evidence", Action.RECORD, bytes, evidence.export,
        ("from", "until", "at", "withhold", "desk"),
    ),
    _file(f"{V1}/evidence/verify", Action.READ, EvidenceView, evidence.verify, ("line",)),
    _file(
        f"{V1}/evidence/compare", Action.READ, EvidenceView, evidence.compare,
        ("left", "line", "at"),
    ),
    _get(
        f"{LINE}/review", Action.RECORD, EvidenceView, evidence.review, ("from", "until", "desk")
    ),
    _file(
        f"{V1}/reviews/compare", Action.READ, EvidenceView, evidence.compare_reviews, ("left",)
    ),
    _get(f"{V1}/replays", Action.READ, tuple[replays.ReplayListing, ...], replays.list_replays),
    _get(
        f"{V1}/replays/{{name}}/{{variant}}", Action.READ, msgspec.Raw, replays.one_replay
    ),
)  # fmt: skip
READS: Final[tuple[Endpoint, ...]] = (
    _get(f"{V1}/health", None, reads.Health, reads.health),
    _get(f"{V1}/me", Action.READ, MeView, reads.me),
    _get(f"{V1}/node", Action.READ, NodeView, reads.node),
    _get(f"{V1}/board", Action.READ, BoardView, reads.board, ("alerts", "notices")),
    _get(f"{V1}/templates", Action.READ, tuple[Template, ...], reads.list_templates),
    _get(f"{V1}/lines", Action.READ, tuple[LineView, ...], reads.lines),
    _get(LINE, Action.READ, LineView, reads.line),
    _get(f"{LINE}/terms", Action.READ, Agreement, reads.terms),
    _get(f"{LINE}/picture", Action.CHECK, msgspec.Raw, pictures.picture),
    _get(
        f"{LINE}/notices", Action.READ, tuple[NoticeView, ...], reads.list_notices,
        ("ended", "offset", "limit"),
    ),
    _get(f"{LINE}/notices/{{feed}}/{{index}}", Action.READ, NoticeView, reads.one_notice),
    _get(
        f"{LINE}/conflicts", Action.READ, tuple[ConflictView, ...], reads.list_conflicts, ("own",)
    ),
    _get(
        f"{LINE}/ways-out", Action.READ, tuple[WayOutView, ...], proposals.list_ways_out, ("a", "b")
    ),
    _get(f"{LINE}/asks", Action.READ, tuple[AskView, ...], reads.list_asks),
    _get(f"{LINE}/changes", Action.READ, ShownView, changes.list_changes, ("after",)),
    _get(f"{LINE}/seals", Action.READ, tuple[SealView, ...], reads.list_seals),
    _get(
        f"{LINE}/notices/{{feed}}/{{index}}/reach", Action.READ, tuple[ReachView, ...],
        handovers.how_far,
    ),
    _get(
        f"{LINE}/alert-times", Action.READ, tuple[AlertTimes, ...], reads.list_alert_times,
        ("from", "until"),
    ),
    _get(
        f"{LINE}/notices/{{feed}}/{{index}}/call-script", Action.READ, CallScriptView,
        calling.script, ("lang",),
    ),
    _get(f"{LINE}/handover", Action.READ, HandoverView, handovers.look),
    _get(f"{LINE}/standing", Action.READ, tuple[StandingView, ...], reads.list_standing),
    _get(f"{LINE}/movers", Action.READ, tuple[Mover, ...], reads.list_movers),
    _get(f"{LINE}/documents", Action.RECORD, tuple[DocumentView, ...], reads.list_documents),
    _get(
        f"{LINE}/desk-record", Action.RECORD, tuple[reads.DeskNote, ...], reads.desk_record,
        ("offset", "limit"),
    ),
    _get(
        f"{LINE}/reads", Action.RECORD, tuple[ReadView, ...], reads.list_reads,
        ("of", "offset", "limit"),
    ),
    _get(
        f"{V1}/alerts", Action.READ, tuple[AlertView, ...], reads.list_alerts,
        ("line", "severity", "offset", "limit"),
    ),
    _get(f"{V1}/duties", Action.READ, DutiesView, changes.list_duties, ("after",)),
    _get(f"{V1}/tracks", Action.READ, LiveView, tracks.live, ("offset", "limit")),
    _get(f"{LINE}/bindings", Action.READ, tuple[Binding, ...], tracks.list_bindings),
    _get(ALERT, Action.READ, AlertView, reads.one_alert),
    _get(
        f"{V1}/places", Action.READ, tuple[places.NamedPlaceView, ...], places.list_places,
        ("offset", "limit"),
    ),
    _get(f"{V1}/call-list", Action.READ, tuple[CallWayView, ...], reads.call_ways),
)  # fmt: skip


def _said(path: str, action: Action, body: type[Write[writes.Saying]]) -> Endpoint:
    return _post(f"{LINE}/{path}", action, body, FiledView, writes.say)


WRITES: Final = (
    _post(f"{LINE}/check", Action.CHECK, Draft, CheckView, reads.check_drafts),
    _post(f"{LINE}/notices", Action.FILE, Write[Notice], FiledView, writes.file),
    _post(f"{LINE}/amend", Action.FILE, Write[Amend], FiledView, writes.amend),
    _post(f"{LINE}/import", Action.FILE, Batch, FiledView, writes.file_all),
    _said("withdraw", Action.FILE, Write[Withdraw]),
    _said("all-clear", Action.FILE, Write[AllClear]),
    _said("seal", Action.SEAL, Write[Seal]),
    _post(f"{LINE}/open", Action.SEAL, Opening, FiledView, writes.open_),
    _post(f"{LINE}/answers", Action.ANSWER, Write[Answer], FiledView, writes.answer),
    _post(f"{LINE}/accept", Action.FILE, Accept, FiledView, proposals.accept),
    _said("coordinated", Action.COORDINATE, Write[Coordinated]),
    _said("messages", Action.MESSAGE, Write[Message]),
    _said("stop", Action.EMERGENCY, Write[Stop]),
    _said("distress", Action.EMERGENCY, Write[Distress]),
    _post(f"{LINE}/distress/here", Action.EMERGENCY, Cry, FiledView, writes.cry),
    _said("accident", Action.EMERGENCY, Write[Accident]),
    _said("relay", Action.RELAY, Write[Relay]),
    _said("relayed", Action.RELAY, Write[Relayed]),
    _post(f"{LINE}/relay-page", Action.RELAY, PageAsk, PageView, relaying.make_page),
    _post(f"{LINE}/reply-code", Action.RELAY, CodeGiven, FiledView, relaying.give_code),
    _post(f"{LINE}/said-on-voice", Action.RELAY, VoiceSaid, FiledView, calling.said),
    _said("suspend", Action.SUSPEND, Write[Suspend]),
    _said("resume", Action.SUSPEND, Write[Resume]),
    _said("leave", Action.LEAVE, Write[Leave]),
    _said("test", Action.TEST, Write[Test]),
    _post(f"{LINE}/handover/give", Action.HANDOVER, Give, HandoverView, handovers.give),
    _post(f"{LINE}/handover", Action.HANDOVER, TakeOver, FiledView, handovers.take_over),
    _post(f"{LINE}/movers", Action.MOVERS, MoverFixes, tuple[Mover, ...], writes.movers),
    _post(f"{V1}/tracks", Action.TRACKS, tracks.TrackFeed, FedView, tracks.feed),
    _post(f"{V1}/tracks/{{track}}", Action.TRACKS, TrackShape, FedView, tracks.put, "PUT"),
    _post(f"{LINE}/bindings", Action.MOVERS, BindingFixes, tuple[Binding, ...], tracks.bind),
    _post(f"{LINE}/off-route", Action.MESSAGE, Tell, FiledView, tracks.tell),
    _post(f"{LINE}/desk-record", Action.NOTE, Remark, FiledView, writes.note),
    _post(f"{LINE}/documents", Action.TERMS, Documents, FiledView, writes.documents),
    _post(f"{LINE}/sign-again", Action.TERMS, Epoch, FiledView, writes.unlock),
    _post(f"{ALERT}/ack", Action.ACKNOWLEDGE, Take, AlertView, writes.take),
    _post(f"{ALERT}/silence", Action.ACKNOWLEDGE, Quiet, AlertView, writes.silence),
    _post(f"{ALERT}/escalate", Action.ACKNOWLEDGE, Climbing, AlertView, writes.climb),
    _post(f"{ALERT}/presented", Action.DESK, Shown, AlertView, writes.shown),
)

ENDPOINTS: Final[tuple[Endpoint, ...]] = (*SIGN_IN, *EVIDENCE, *READS, *WRITES)
