"""How a verb reaches a node: by its folder, or by address and token."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Final, NoReturn, TypeVar

import msgspec
import typer

from clearline.canonical import Plain
from clearline.cli import shapes, showing
from clearline.cli.output import REFUSED, show, usage
from clearline.client import Client, Problem, Refused, Unreachable
from clearline.config import ConfigError, read_config
from clearline.evidence.words import EXERCISE_LINE
from clearline.model.ids import EntryRef, LineId, parse_ref
from clearline.model.time import Instant
from clearline.node.views import LineView
from clearline.words import languages

T = TypeVar("T")

NodeFolder = Annotated[
    Path | None, typer.Option("--node", envvar="CLEARLINE_NODE", help="The node's folder.")
]
Url = Annotated[
    str | None, typer.Option("--url", envvar="CLEARLINE_URL", help="The API's address.")
]
Token = Annotated[
    Path | None,
    typer.Option("--token-file", help="A file with a token; else CLEARLINE_TOKEN is used."),
]
LineName = Annotated[
    str | None,
    typer.Option("--line", help="The line: the start of its name; needed on more than one."),
]
Tongue = Annotated[
    str | None,
    typer.Option("--lang", help="Language of the sentences, such as ar; else CLEARLINE_LANG."),
]
Role = Annotated[str | None, typer.Option("--role", help="In which of your roles on the line.")]
TOKEN_VARIABLE: Final = "CLEARLINE_TOKEN"  # noqa: S105 -- the name of a variable
LANGUAGE_VARIABLE: Final = "CLEARLINE_LANG"
"""The language in which the node's sentences are read, such as ``ar``."""
ANYWHERE: Final = (("0.0.0.0", "127.0.0.1"), ("[::]", "[::1]"))  # noqa: S104 -- told from
"""A node that is bound to every address is reached on this machine's own."""
UNREACHABLE: Final = 4
"""Exit code: the node does not answer."""


def reach(
    folder: Path | None,
    url: str | None,
    token_file: Path | None,
    role: str = "watch",
    lang: str | None = None,
) -> Client:
    """A client for the node that is meant. Raises Unreachable; ends the command where neither
    folder nor address was given."""
    token = _token(folder, token_file, role)
    showing.use(folder)
    tongue = lang or os.environ.get(LANGUAGE_VARIABLE) or None
    if tongue is not None and tongue not in languages():
        usage(f"there is no language {tongue!r}; there are: {', '.join(languages())}")
    if url is not None:
        return Client(url, token, lang=tongue)
    if folder is None:
        usage("name the node: --node DIR, or --url and a token")
    try:
        placed = read_config(folder)
        address = placed.address_file.read_text("utf-8").strip()
    except ConfigError as why:
        usage(str(why))
    except FileNotFoundError as why:
        raise Unreachable(f"no node runs in {folder}: clearline node run {folder}") from why
    for everywhere, here in ANYWHERE:
        address = address.replace(f"//{everywhere}:", f"//{here}:")
    certificate = placed.config.api.certificate
    ca_file = str(placed.path(certificate)) if certificate is not None else None
    return Client(address, token, ca_file=ca_file, lang=tongue)


def _token(folder: Path | None, token_file: Path | None, role: str) -> str:
    if token_file is not None:
        return token_file.read_text("utf-8").strip()
    given = os.environ.get(TOKEN_VARIABLE)
    if given:
        return given
    if folder is not None:
        path = folder / "tokens" / f"{role}.token"
        if path.exists():
            return path.read_text("utf-8").strip()
    usage(f"no token: set {TOKEN_VARIABLE}, or give --token-file")


def ask(client: Client, do: Callable[[Client], T], *, as_json: bool = False) -> T:
    """What the node answers, or the end of the command with the refusal."""
    try:
        with client:
            return do(client)
    except Refused as refused:
        refuse(refused.problem, as_json=as_json)
    except Unreachable as why:
        typer.echo(f"clearline: the node does not answer: {why}", err=True)
        raise typer.Exit(UNREACHABLE) from why


def run(
    folder: Path | None, url: str | None, token_file: Path | None, do: Callable[[Client], T], *,
    as_json: bool = False, role: str = "watch", lang: str | None = None,
) -> T:  # fmt: skip
    """Reach the node and ask it."""
    try:
        client = reach(folder, url, token_file, role, lang)
    except Unreachable as why:
        typer.echo(f"clearline: {why}", err=True)
        raise typer.Exit(UNREACHABLE) from why
    return ask(client, do, as_json=as_json)


def refuse(problem: Problem, *, as_json: bool) -> NoReturn:
    """Print a refusal and exit 1."""
    if as_json:
        show((), {"refused": [plain(problem)]}, as_json=True)
    else:
        typer.echo(f"refused: {problem.detail or problem.title}", err=True)
        where = f", at {problem.pointer}" if problem.pointer else ""
        typer.echo(f"  code {problem.code}, clause {problem.clause}{where}", err=True)
    raise typer.Exit(REFUSED)


def line_of(client: Client, name: str | None) -> LineView:
    """The line that is meant: the only one, or the one whose name or title starts so."""
    lines = client.lines()
    if name is None and len(lines) == 1:
        return _marked(lines[0])
    found = [
        line
        for line in lines
        if name is not None
        and (line.line.startswith(name) or line.title.lower().startswith(name.lower()))
    ]
    if len(found) == 1:
        return _marked(found[0])
    names = "; ".join(f"{line.line[:12]} {line.title}" for line in lines) or "none"
    usage(f"name one line with --line; there are: {names}")


def _marked(line: LineView) -> LineView:
    """The line; one that is an exercise is said to be one before anything else, beside whatever
    is printed, so that JSON stays JSON (FM26)."""
    if line.exercise:
        typer.echo(EXERCISE_LINE, err=True)
    return line


def line_id(client: Client, name: str | None) -> LineId:
    """Its id."""
    return line_of(client, name).line


def plain(view: object) -> Plain:
    """A view as plain JSON."""
    found: Plain = msgspec.json.decode(msgspec.json.encode(view))
    return found


def ref(text: str) -> EntryRef:
    """An entry's place, such as ALFA.0/12."""
    try:
        return parse_ref(text)
    except ValueError as error:
        usage(str(error))


def instant(text: str) -> Instant:
    """A time with its zone. FM07: a time without one is refused, never guessed."""
    try:
        return shapes.moment(text)
    except ValueError as error:
        usage(str(error))


__all__ = ["LineName", "NodeFolder", "Role", "Token", "Url", "ask", "instant", "line_id", "line_of",
           "plain", "reach", "ref", "refuse", "run"]  # fmt: skip
