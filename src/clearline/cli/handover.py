"""The watch of a role passes: what is open is listed, the next watch touches each, both sign.

Nothing has passed until the ``handover`` entry is written, which is the last step: whoever is
interrupted before it leaves the watch where it was.
"""

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Final

import msgspec
import typer

from clearline.canonical import Plain
from clearline.cli.notice import Id, show_filed
from clearline.cli.output import REFUSED, AsJson, show, usage
from clearline.cli.remote import LineName, NodeFolder, Token, Url, line_of, plain, reach, run
from clearline.client import Client, asks
from clearline.model.entry import Handover, LinkState
from clearline.model.limits import TEXT_CHARS_MAX
from clearline.model.time import format_utc
from clearline.node.requests import Remark
from clearline.node.views import FiledView, LineView, NodeView, NoticeView, SealView
from clearline.picture.standing import State

IncomingToken = Annotated[
    Path | None,
    typer.Option("--incoming-token-file", help="The next watch's own token; none: only list."),
]
LISTED_MAX: Final = 200
"""Items that one watch can touch one by one; more are one item with their number."""


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that the next watch must know of: ``id`` is what is touched."""

    id: str
    words: str


def handover(
    handed: Annotated[
        str | None, typer.Argument(metavar="ROLE", help="The role that passes; none: yours.")
    ] = None,
    incoming: IncomingToken = None,
    touch: Annotated[
        list[str] | None,
        typer.Option("--touch", help="An item that the next watch has looked at; repeat."),
    ] = None,
    override: Annotated[
        str | None, typer.Option("--override", help="Why some are not looked at; recorded.")
    ] = None,
    id_: Id = None, node: NodeFolder = None, url: Url = None, token_file: Token = None,
    line: LineName = None, as_json: AsJson = False,
) -> None:  # fmt: skip
    """Hand the watch of a role over: open items are listed, the next watch touches each, both sign.

    Without --incoming-token-file the items are listed and nothing is written. In a terminal the
    next watch is asked item by item; else each is named with --touch. One that is not touched stops
    the handover, unless --override says why. Nothing has passed until the last line says so.

    Example: clearline handover --node alfa-node
    """
    if incoming is None:
        found = run(node, url, token_file, lambda client: look(client, line)[1], as_json=as_json)
        text = [f"{each.id}  {each.words}" for each in found] or ["nothing is open"]
        show(text, [plain(each) for each in found], as_json=as_json)
        return
    if override is not None and not override.strip():
        usage("say why with --override: it is recorded")

    def do(giver: Client) -> FiledView:
        with reach(node, url, incoming) as taker:
            return _sign(
                giver, taker, handed, line, touch or (), override, id_=id_, as_json=as_json
            )

    show_filed(run(node, url, token_file, do, as_json=as_json), as_json=as_json)


def _sign(
    giver: Client, taker: Client, handed: str | None, line: str | None, touched: Sequence[str],
    override: str | None, *, id_: str | None, as_json: bool,
) -> FiledView:  # fmt: skip
    """Touched by the one, given by the one who had it, then taken: the entry is the last step."""
    view, items = look(giver, line)
    old, new = giver.me(), taker.me()
    if old.person == new.person:
        usage(f"both tokens are {old.person}'s: a watch is handed to somebody else")
    role = handed or old.duty
    for who in (old, new):
        if role not in (*who.duties, who.role):
            usage(f"{who.person} does not hold the role {role}")
    left = [each for each in items if each.id not in touched]
    wrong = sorted(set(touched) - {each.id for each in items})
    if wrong:
        usage(f"nothing open is called {wrong[0]!r}: list the items again")
    if left and override is None:
        left = _asked(left, as_json=as_json)
    if left and override is None:
        text = [f"not looked at: {each.id}  {each.words}" for each in left]
        said: Plain = {"untouched": [plain(each) for each in left]}
        show([*text, "nothing was handed over"], said, as_json=as_json)
        raise typer.Exit(REFUSED)
    skipped = {each.id for each in left}
    for item in items:
        what = "handover-skipped" if item.id in skipped else "handover-touched"
        reason = {"why": override or ""} if item.id in skipped else {}
        _note(taker, view, what, item=item.id, words=item.words, **reason)
    _note(giver, view, "handover-given", role=role, to=new.person, open=len(items))
    body = Handover(role=role, at=taker.node().now, open=len(items))
    return taker.say(view.line, body, id_=id_, role=role)


def _asked(items: Sequence[Item], *, as_json: bool) -> list[Item]:
    """Those that the next watch did not say yes to; without a terminal nobody is asked."""
    if as_json or not sys.stdin.isatty():
        return [*items]
    return [
        each
        for each in items
        if not typer.confirm(f"{each.id}  {each.words}\n  looked at?", default=False)
    ]


def _note(client: Client, view: LineView, what: str, **params: str | int) -> None:
    cut = {
        name: value[:TEXT_CHARS_MAX] if isinstance(value, str) else value
        for name, value in params.items()
    }
    client.do(asks.note(view.line, Remark(what=what, params=cut)))


# -- what is open


def look(client: Client, line: str | None) -> tuple[LineView, tuple[Item, ...]]:
    """Everything of a line that the next watch must know of, in the order of its urgency."""
    view = line_of(client, line)
    items = (
        *_of_node(client.node(), view),
        *(
            Item(
                id=f"alert:{alert.id}",
                words=f"{alert.precedence.name} {alert.state.value}: {alert.words}",
            )
            for alert in client.alerts(view.line)
        ),
        *_of_notices(client.notices(view.line)),
        *_of_seals(view, client.do(asks.seals(view.line))),
    )
    return view, items


def _of_node(node: NodeView, view: LineView) -> Iterator[Item]:
    for name, since, detail in node.faults:
        words = f"fault of this node since {format_utc(since)}: {name} {detail}".rstrip()
        yield Item(id=f"fault:{name}", words=words)
    if view.signing != "ready":
        yield Item(id="signing", words=f"this node signs nothing: {view.signing}")
    for peer in view.peers:
        if peer.state is not LinkState.UP:
            yield Item(id=f"link:{peer.party}", words=f"{peer.party}: {peer.words}")
    for each in view.suspended:
        yield Item(id=f"suspended:{each.by}", words=f"suspended by {each.by}: {each.reason}")


def _of_notices(notices: Sequence[NoticeView]) -> Iterator[Item]:
    """Own notices that are not received by all and clear of the others', or not answered."""
    found = [
        each
        for each in notices
        if each.own
        and (
            each.unanswered
            or (each.standing is not None and each.standing.state is not State.DECONFLICTED)
            or any(third.state in ("NOT TOLD", "NO ANSWER") for third in each.third_parties)
        )
    ]
    if len(found) > LISTED_MAX:
        yield Item(id="notices", words=f"{len(found)} own notices are open: see notice list")
        return
    for each in found:
        silent = f"; no answer from {', '.join(each.unanswered)}" if each.unanswered else ""
        words = f"own notice “{each.label}”: {each.words}{silent}"
        yield Item(id=f"notice:{each.ref}", words=words)


def _of_seals(view: LineView, seals: tuple[SealView, ...]) -> Iterator[Item]:
    for each in seals:
        if each.party == view.me and each.opened is None:
            words = f"sealed plan, to be opened at {format_utc(each.opens)}: who has its file?"
            yield Item(id=f"seal:{each.ref}", words=words)
