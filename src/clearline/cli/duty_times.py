"""How long duties waited until somebody took them."""

from typing import Annotated

import typer

from clearline.alerting.times import AlertTimes
from clearline.cli.output import AsJson, show
from clearline.cli.remote import LineName, NodeFolder, Token, Url, instant, line_id, plain, run
from clearline.client import asks
from clearline.model.time import Millis, format_length


def alert_times(
    first: Annotated[
        str | None, typer.Option("--from", metavar="TIME", help="From when; else 30 days ago.")
    ] = None,
    until: Annotated[
        str | None, typer.Option("--until", metavar="TIME", help="Until when; else now.")
    ] = None,
    node: NodeFolder = None, url: Url = None, token_file: Token = None, line: LineName = None,
    as_json: AsJson = False,
) -> None:  # fmt: skip
    """Show how long duties waited until a role took them, by severity: in the middle, nine in ten,
    the longest; and what nobody has taken.

    Example: clearline alert-times --node alfa-node
    """
    begin = None if first is None else instant(first)
    end = None if until is None else instant(until)
    found = run(
        node, url, token_file,
        lambda client: client.do(asks.alert_times(line_id(client, line), begin, end)),
        as_json=as_json,
    )  # fmt: skip
    text = [_words(each) for each in found]
    show(text or ["no duties in that time"], [plain(each) for each in found], as_json=as_json)


def _words(times: AlertTimes) -> str:
    said = f"{times.severity.value} {times.role or 'nobody'}: {times.count} duties"
    if times.taken:
        said += (
            f", {times.taken} taken within {_length(times.median_ms)} in the middle, "
            f"{_length(times.most_ms)} for nine in ten, {_length(times.worst_ms)} at the longest"
        )
    if times.unanswered:
        said += f"; {times.unanswered} NOT TAKEN, the oldest for {_length(times.waiting_ms)}"
    return said


def _length(ms: Millis | None) -> str:
    return "-" if ms is None else format_length(ms)
