"""The watch of a role passes: what is open is listed, the next watch touches each, both sign.

The node decides: it lists what is open, and refuses a watch whose items were not all touched. It
passes in one step, with the ``handover`` entry; whoever is interrupted before leaves it where it
was.
"""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from clearline.canonical import Plain
from clearline.cli.notice import Id, show_filed
from clearline.cli.output import REFUSED, AsJson, show, usage
from clearline.cli.remote import LineName, NodeFolder, Token, Url, line_id, plain, reach, run
from clearline.client import Client, asks
from clearline.model.ids import LineId
from clearline.model.time import format_utc
from clearline.node.handover_views import OpenItem, WatchView
from clearline.node.views import FiledView

IncomingToken = Annotated[
    Path | None,
    typer.Option("--incoming-token-file", help="The next watch's own token, at one desk."),
]


def handover(
    handed: Annotated[
        str | None, typer.Argument(metavar="ROLE", help="The role that passes; none: yours.")
    ] = None,
    incoming: IncomingToken = None,
    give: Annotated[
        bool, typer.Option("--give", help="Give your watch; it passes when it is taken.")
    ] = False,
    to: Annotated[str, typer.Option("--to", help="With --give: to this person alone.")] = "",
    take: Annotated[
        bool, typer.Option("--take", help="Take a watch that was given, at a desk of your own.")
    ] = False,
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

    Alone, what came about since a watch passed and the open items are listed, and nothing is
    written. At two desks: --give at the one, --take at the other. At one desk:
    --incoming-token-file does both. In a terminal the next watch is asked item by item; else each
    is named with --touch. The node refuses a watch with an item that was not touched, unless
    --override says why. Nothing has passed until the last line says so.

    Example: clearline handover --node alfa-node
    """
    if override is not None and not override.strip():
        usage("say why with --override: it is recorded")
    if give + take + (incoming is not None) > 1:
        usage("one of --give, --take, --incoming-token-file")
    if not (give or take or incoming):
        _list(node, url, token_file, line, as_json=as_json)
        return
    if give:
        _give(node, url, token_file, line, handed, to, as_json=as_json)
        return

    def do(client: Client) -> FiledView:
        on = line_id(client, line)
        if incoming is not None:
            with reach(node, url, incoming) as taker:
                role = _given_to(client, taker, handed)
                touched = _touched(client, on, touch or (), override, as_json=as_json)
                client.do(asks.give_watch(on, to=taker.me().person, role=role))
                return _taken(taker, on, touched, override, role, id_)
        touched = _touched(client, on, touch or (), override, as_json=as_json)
        return _taken(client, on, touched, override, handed, id_)

    show_filed(run(node, url, token_file, do, as_json=as_json), as_json=as_json)


def _list(
    node: Path | None, url: str | None, token_file: Path | None, line: str | None, *, as_json: bool
) -> None:
    found = run(
        node, url, token_file,
        lambda client: client.do(asks.handover(line_id(client, line))), as_json=as_json,
    )  # fmt: skip
    text = _watched(found.watch)
    text += [_words(each) for each in found.items] or ["nothing is open"]
    text += [
        f"{each.role} was given by {each.by}{f' to {each.to}' if each.to else ''}; until it is "
        f"taken {each.by} has it (lapses {format_utc(each.until)})"
        for each in found.given
    ]
    show(text, [plain(each) for each in found.items], as_json=as_json)


def _watched(watch: WatchView | None) -> list[str]:
    if watch is None:
        return ["the record is still being read; what came about in this watch is not known yet"]
    return [*watch.words, *(f"  {each}" for each in watch.loudest), *(e.words for e in watch.lines)]


def _give(
    node: Path | None, url: str | None, token_file: Path | None, line: str | None,
    role: str | None, to: str, *, as_json: bool,
) -> None:  # fmt: skip
    found = run(
        node, url, token_file,
        lambda client: client.do(asks.give_watch(line_id(client, line), to=to, role=role)),
        as_json=as_json,
    )  # fmt: skip
    text = [f"given; {len(found.items)} open item(s): you have the watch until it is taken"]
    show(text, plain(found), as_json=as_json)


def _given_to(giver: Client, taker: Client, handed: str | None) -> str:
    """The role that passes. Ends the command if both tokens are of one person."""
    old, new = giver.me(), taker.me()
    if old.person == new.person:
        usage(f"both tokens are {old.person}'s: a watch is handed to somebody else")
    return handed or old.duty


def _taken(
    taker: Client, line: LineId, touched: Sequence[str], override: str | None, role: str | None,
    id_: str | None,
) -> FiledView:  # fmt: skip
    asked = asks.take_watch(line, touched, override=override or "", role=role, id_=id_)
    return taker.do(asked)


def _touched(
    client: Client, line: LineId, touched: Sequence[str], override: str | None, *, as_json: bool
) -> list[str]:
    """What the next watch has looked at. Ends the command if something is left without a reason."""
    items = client.do(asks.handover(line)).items
    left = [each for each in items if each.id not in touched]
    wrong = sorted(set(touched) - {each.id for each in items})
    if wrong:
        usage(f"nothing open is called {wrong[0]!r}: list the items again")
    if left and override is None:
        left = _asked(left, as_json=as_json)
    if left and override is None:
        text = [f"not looked at: {_words(each)}" for each in left]
        said: Plain = {"untouched": [plain(each) for each in left]}
        show([*text, "nothing was handed over"], said, as_json=as_json)
        raise typer.Exit(REFUSED)
    skipped = {each.id for each in left}
    return [each.id for each in items if each.id not in skipped]


def _asked(items: Sequence[OpenItem], *, as_json: bool) -> list[OpenItem]:
    """Those that the next watch did not say yes to; without a terminal nobody is asked."""
    if as_json or not sys.stdin.isatty():
        return [*items]
    return [
        each for each in items if not typer.confirm(f"{_words(each)}\n  looked at?", default=False)
    ]


def _words(item: OpenItem) -> str:
    due = f"  (due {format_utc(item.due)})" if item.due is not None else ""
    return f"{item.id}  {item.words}{due}"
