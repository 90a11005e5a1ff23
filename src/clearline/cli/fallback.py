"""The fall-back list: who is reached how when the line is down, on one page for the wall (FM12)."""

from html import escape
from pathlib import Path
from typing import Annotated

import typer

from clearline.cli.output import AsJson, now, show, usage
from clearline.cli.remote import LineName, Token, Url, line_id, plain, run
from clearline.client import Client, asks
from clearline.config import ConfigError, FallbackTable, read_config
from clearline.model.terms import Agreement
from clearline.model.time import Instant, format_length, format_utc

NOTHING = "no way is written down: add [[fallback]] to node.toml"
LAST = "Read back every place and time. Write down who said what, and when in UTC."


def fallback(
    html: Annotated[bool, typer.Option("--html", help="A page to print, instead of text.")] = False,
    node: Annotated[
        Path | None, typer.Option("--node", help="The node's folder: its node.toml has the ways.")
    ] = None,
    url: Url = None, token_file: Token = None, line: LineName = None, as_json: AsJson = False,
) -> None:  # fmt: skip
    """The fall-back list on paper: telephones and frequencies by party and role.

    The ways are those of [[fallback]] in node.toml; parties, roles and times are the agreement's.
    A party without any way is named as such. It holds roles, no names of people.

    Example: clearline line fallback --node alfa-node
    """
    if node is None:
        usage("whose list? --node is the folder with node.toml")
    try:
        ways = read_config(node).config.fallback
    except ConfigError as error:
        usage(str(error))

    def do(client: Client) -> Agreement:
        return client.do(asks.terms(line_id(client, line)))

    terms = run(node, url, token_file, do, as_json=as_json)
    page = sheet(terms, ways, now())
    if html:
        typer.echo(as_html(page))
        return
    show(page, {"lines": [*page], "ways": [plain(way) for way in ways]}, as_json=as_json)


def sheet(terms: Agreement, ways: tuple[FallbackTable, ...], printed: Instant) -> list[str]:
    """The page in lines, the heading first; ways in the order of node.toml, best first."""
    lines = [
        f"FALL-BACK LIST: {terms.title}" if not terms.exercise else f"EXERCISE: {terms.title}",
        f"terms {terms.version}, printed {format_utc(printed)}",
        f"Use it when the line reads DOWN, {format_length(terms.down_after_ms)} after the last"
        " round trip at the latest; STOP and DISTRESS at once, beside the line.",
    ]
    for party in terms.parties:
        lines.append(f"{party.id}  {party.name}")
        mine = [way for way in ways if way.party == party.id]
        lines += [f"  {way.role}: {way.way}{f' ({way.note})' if way.note else ''}" for way in mine]
        lines += [] if mine else [f"  {NOTHING}"]
    for third in terms.represented:
        lines.append(f"{third.id}  {third.name}, told by {third.relay}, else by {third.backup}")
        mine = [way for way in ways if way.party == third.id]
        lines += [f"  {way.role}: {way.way}{f' ({way.note})' if way.note else ''}" for way in mine]
    return [*lines, LAST]


def as_html(page: list[str]) -> str:
    """The page as one HTML document without anything from elsewhere."""
    head, *rest = [escape(line) for line in page]
    body = "\n".join(
        f"<p class=way>{line.strip()}</p>" if line.startswith("  ") else f"<p>{line}</p>"
        for line in rest
    )
    style = "body{font:14pt sans-serif;max-width:48em}.way{margin-left:2em;font-weight:bold}"
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{head}</title>'
        f"<style>{style}</style><h1>{head}</h1>\n{body}</html>"
    )
