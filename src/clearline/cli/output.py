"""What every verb prints the same way: results as text or JSON, refusals with their reason."""

import sys
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Annotated, Final, NoReturn, TypeVar

import msgspec
import typer

from clearline.canonical import Plain
from clearline.model.ids import EntryRef
from clearline.model.refusal import Refusal
from clearline.model.time import Instant, format_utc
from clearline.store.party_files import read_file
from clearline.trust.rules import RULES
from clearline.words.sentences import sentence, without_isolates

DONE: Final = 0
REFUSED: Final = 1
USAGE: Final = 2

Result = TypeVar("Result")
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]


def now() -> Instant:
    """This machine's clock."""
    return Instant(time.time_ns() // 1_000_000)


def show(text: Iterable[str], plain: Plain, *, as_json: bool) -> None:
    """Print a result: its lines, or its object."""
    if as_json:
        typer.echo(msgspec.json.format(msgspec.json.encode(plain)).decode())
        return
    for line in text:
        typer.echo(without_isolates(line))  # few terminals know them


def refuse(
    refusals: Refusal | Sequence[Refusal], *, as_json: bool, code: int = REFUSED
) -> NoReturn:
    """Print why something was refused, each with code, clause and sentence, and exit 1 (a verb
    whose 1 says something else gives another)."""
    every = (refusals,) if isinstance(refusals, Refusal) else tuple(refusals)
    if as_json:
        show((), {"refused": [_plain(refusal) for refusal in every]}, as_json=True)
    else:
        for refusal in every:
            typer.echo(f"refused: {_says(refusal)}", err=True)
            typer.echo(f"  code {refusal.code}, clause {refusal.clause}", err=True)
    raise typer.Exit(code)


def need(result: Result | Refusal, *, as_json: bool) -> Result:
    """The result, or the end of the command with the refusal."""
    if isinstance(result, Refusal):
        refuse(result, as_json=as_json)
    return result


def usage(message: str) -> NoReturn:
    """Say how the command was used wrongly, and exit 2."""
    typer.echo(f"clearline: {message}", err=True)
    raise typer.Exit(USAGE)


def read(path: Path, *, as_json: bool) -> bytes:
    """The bytes of a file, or of standard input for ``-``."""
    if str(path) == "-":
        return sys.stdin.buffer.read()
    return need(read_file(path), as_json=as_json)


def _says(refusal: Refusal) -> str:
    rule = RULES.get(refusal.clause)
    if refusal.clause.startswith("CL-KEY") and "why" in refusal.params:
        # About a file of our own, not about what somebody sent: the file and the reason say it all.
        return f"{refusal.params.get('file', '')}: {refusal.params['why']}."
    return sentence(refusal) + (f" The rule: {rule}." if rule else "")


def _plain(refusal: Refusal) -> Plain:
    params: dict[str, Plain] = {
        name: str(value) if isinstance(value, EntryRef) else value
        for name, value in refusal.params.items()
    }
    return {
        "code": str(refusal.code),
        "clause": refusal.clause,
        "at": refusal.at,
        "params": params,
        "sentence": _says(refusal),
    }


def utc(at: Instant) -> str:
    """An instant as people read it."""
    return format_utc(at)
