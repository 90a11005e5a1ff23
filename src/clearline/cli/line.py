"""clearline line: the state of lines, links and clocks; who read; suspend, resume, leave, test."""

from typing import Annotated

import typer

from clearline.cli.fallback import fallback
from clearline.cli.line_report import report
from clearline.cli.line_words import describe_line
from clearline.cli.notice import show_filed
from clearline.cli.output import REFUSED, AsJson, show, usage
from clearline.cli.remote import (
    LineName,
    NodeFolder,
    Role,
    Token,
    Url,
    line_id,
    line_of,
    plain,
    run,
)
from clearline.client import Client, asks
from clearline.model.entry import Leave, LinkState, Resume, Suspend, Test
from clearline.model.ids import PartyId
from clearline.model.time import format_utc
from clearline.node.access_view import ReadView
from clearline.node.views import FiledView

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)


@app.command()
def status(
    node: NodeFolder = None, url: Url = None, token_file: Token = None, line: LineName = None,
    as_json: AsJson = False,
) -> None:  # fmt: skip
    """Each peer with state, age of the last round trip, clocks, suspensions. Exit 1 if one is down.

    Example: clearline line status --node alfa-node
    """
    found = run(
        node, url, token_file,
        lambda client: client.lines() if line is None else (line_of(client, line),),
        as_json=as_json,
    )  # fmt: skip
    text = [each.strip() for view in found for each in describe_line(view)]
    show(text or ["no line"], [plain(view) for view in found], as_json=as_json)
    if any(peer.state is LinkState.DOWN for view in found for peer in view.peers):
        raise typer.Exit(REFUSED)


@app.command()
def reads(
    of: Annotated[
        str | None, typer.Option("--of", help="Only reads of this party's items.")
    ] = None,
    node: NodeFolder = None, url: Url = None, token_file: Token = None, line: LineName = None,
    as_json: AsJson = False,
) -> None:  # fmt: skip
    """Who has read what of the other parties' through this node's API, oldest first.

    It stays on this node, in its private desk record. With --of it is what that party may ask for.

    Example: clearline line reads --of BRAVO --node alfa-node
    """
    found = run(
        node, url, token_file,
        lambda client: client.do(
            asks.reads(line_id(client, line), of=None if of is None else PartyId(of))
        ),
        as_json=as_json, role="administrator",
    )  # fmt: skip
    show(
        [_describe_read(view) for view in found] or ["nobody has read anything of another's"],
        [plain(view) for view in found],
        as_json=as_json,
    )


def _describe_read(view: ReadView) -> str:
    kinds = ", ".join(f"{name} x{count}" for name, count in view.kinds)
    more = f" and {view.more} more" if view.more else ""
    items = f": {' '.join(view.items)}{more}" if view.items else ""
    recovered = " (recovered after a kill: may stand twice)" if view.recovered else ""
    return (
        f"{format_utc(view.first)} to {format_utc(view.last)} {view.person} ({view.role})"
        f" of {' '.join(view.of)}: {kinds}{items}{recovered}"
    )


@app.command()
def suspend(
    reason: Annotated[str, typer.Option("--reason", help="Why; the others read it.")],
    node: NodeFolder = None, url: Url = None, token_file: Token = None, line: LineName = None,
    role: Role = None, as_json: AsJson = False,
) -> None:  # fmt: skip
    """Suspend routine business. Warnings, ends, STOP, DISTRESS, ACCIDENT always go.

    Example: clearline line suspend --reason "by order, see note" --node alfa-node
    """
    done = run(
        node, url, token_file,
        lambda client: client.say(line_id(client, line), Suspend(reason=reason), role=role),
        as_json=as_json, role="commander",
    )  # fmt: skip
    show_filed(done, as_json=as_json)


@app.command()
def leave(
    reason: Annotated[str, typer.Option("--reason", help="Why; the others read it.")],
    yes: Annotated[bool, typer.Option("--yes", help="Leave for good: nothing can follow.")] = False,
    node: NodeFolder = None, url: Url = None, token_file: Token = None, line: LineName = None,
    role: Role = None, as_json: AsJson = False,
) -> None:  # fmt: skip
    """Leave the line for good. End your notices first: those that are live stay live.

    Example: clearline line leave --reason "mission ended" --yes --node alfa-node
    """
    if not yes:
        usage("nothing can follow a leave: repeat with --yes to leave this line for good")
    done = run(
        node, url, token_file,
        lambda client: client.say(line_id(client, line), Leave(reason=reason), role=role),
        as_json=as_json, role="commander",
    )  # fmt: skip
    show_filed(done, as_json=as_json)


@app.command()
def resume(
    node: NodeFolder = None, url: Url = None, token_file: Token = None, line: LineName = None,
    role: Role = None, as_json: AsJson = False,
) -> None:  # fmt: skip
    """End your own suspension; nobody can end another's.

    Example: clearline line resume --node alfa-node
    """

    def do(client: Client) -> FiledView:
        view = line_of(client, line)
        own = [each for each in view.suspended if each.by == view.me]
        if not own:
            usage("nothing of yours is suspended on this line")
        return client.say(view.line, Resume(of=own[-1].ref), role=role)

    done = run(node, url, token_file, do, as_json=as_json, role="commander")
    show_filed(done, as_json=as_json)


@app.command("test")
def try_line(
    text: Annotated[str, typer.Argument(help="What the other person reads.")] = "line test",
    asked_role: Annotated[str, typer.Option("--to-role", help="Who is to answer.")] = "",
    node: NodeFolder = None, url: Url = None, token_file: Token = None, line: LineName = None,
    role: Role = None, as_json: AsJson = False,
) -> None:  # fmt: skip
    """Test the whole way to a person; it is answered with ROGER.

    Example: clearline line test "evening test" --node alfa-node
    """

    def do(client: Client) -> FiledView:
        body = Test(text=text, role=asked_role or "watch-officer")
        return client.say(line_id(client, line), body, role=role)

    show_filed(run(node, url, token_file, do, as_json=as_json), as_json=as_json)


app.command("fallback")(fallback)
app.command("report")(report)
