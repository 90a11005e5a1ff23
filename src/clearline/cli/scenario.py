"""clearline scenario: look after scenario files."""

from pathlib import Path
from typing import Annotated

import typer

from clearline.canonical import Plain
from clearline.cli.output import REFUSED, AsJson, show
from clearline.scenarios.library import from_file
from clearline.scenarios.reading import Fault
from clearline.scenarios.replay import replay
from clearline.scenarios.script import Script
from clearline.store.party_files import read_file

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)


@app.callback()
def group() -> None:
    """Look after scenario files."""


@app.command("lint")
def lint_files(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="TOML or JSON.")],
    play: Annotated[
        bool, typer.Option("--play", help="Play every variant too, and hold what it expects.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Find everything that is wrong with scenario files: file, JSON pointer, sentence.

    Exits 1 if anything is. The format is in docs/reference/scenario-format.md.

    Example: clearline scenario lint my-case.toml --play
    """
    found: list[tuple[str, Fault]] = []
    for path in files:
        found += [(str(path), fault) for fault in _faults(path, play=play)]
    lines = [line for file, fault in found for line in fault_lines(file, (fault,))]
    wrong = {file for file, _ in found}
    lines += [f"{path}: nothing wrong" for path in files if str(path) not in wrong]
    plain: list[Plain] = [
        {"file": file, "at": fault.at, "says": fault.says} for file, fault in found
    ]
    show(lines, {"faults": plain}, as_json=as_json)
    if found:
        raise typer.Exit(REFUSED)


def _faults(path: Path, *, play: bool) -> tuple[Fault, ...]:
    raw = read_file(path)
    if not isinstance(raw, bytes):
        return (Fault("", "the file cannot be read"),)
    script = from_file(path, raw)
    if not isinstance(script, Script):
        return script
    return tuple(_missed(script)) if play else ()


def _missed(script: Script) -> list[Fault]:
    """What was expected and not found, and what a node refused that it should have taken."""
    return [
        Fault("/expect", f"variant {variant.id}, {event.t}: {event.text}")
        for variant in script.variants
        for event in replay(script, variant.id).events
        if event.met is False
    ]


def fault_lines(file: str, faults: tuple[Fault, ...]) -> list[str]:
    """Faults as lines of text."""
    return [f"{file}: {fault.at or '/'}: {fault.says}" for fault in faults]
