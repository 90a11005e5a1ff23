"""clearline check: a plan against what others have notified, on one's own machine."""

import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, BinaryIO, Final

import msgspec
import typer

from clearline.cli import shapes
from clearline.cli.check_run import Headed, Running, Watched
from clearline.cli.getting_ready import get_ready_for
from clearline.cli.output import AsJson, now, refuse, usage
from clearline.conflict.fast.kept import KERNEL
from clearline.model.refusal import Refusal
from clearline.model.terms import Agreement
from clearline.model.time import Instant
from clearline.plan.answer import EXIT_STOPPED, Answer
from clearline.plan.check import Classes, check_notices, check_picture
from clearline.plan.report import report
from clearline.plan.snapshot import (
    SNAPSHOT_BYTES_MAX,
    SignedPicture,
    looks_like_picture,
    read_picture,
    unexpected,
)
from clearline.trust.agreement import line_of, read_agreement
from clearline.trust.documents import Signed

REFUSED: Final = 2


def command(
    plan: Annotated[Path, typer.Argument(metavar="PLAN", help="What is planned; - for stdin.")],
    against: Annotated[
        Path, typer.Option("--against", help="A signed picture, or notices; - for stdin.")
    ],
    agreement: Annotated[
        Path | None, typer.Option("--agreement", help="Terms to judge by, or the line to expect.")
    ] = None,
    plan_class: Annotated[
        str | None, typer.Option("--class", help="Class of plan items that state none.")
    ] = None,
    notices_class: Annotated[
        str | None, typer.Option("--notices-class", help="Class of notices that state none.")
    ] = None,
    at: Annotated[
        str | None, typer.Option("--at", help="Judge the picture's age at this time, UTC.")
    ] = None,
    expected: Annotated[
        str | None,
        typer.Option("--expect-fingerprint", help="Refuse a picture of any other root key."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Check a plan before disclosing it: on this machine, without a node or a network.

    PLAN and NOTICES: one volume in the JSON shape of ASTM F3548 Volume4D, a list of them, or one
    a line (NDJSON); also corridors, holes, edges, and items {id, class, volumes}. What is absent is
    unbounded and named. Without terms separations are nought and heights count separately.

    Exit 2 if any item was refused, else 1 if any conflict, else 3 if any cannot be ruled out, else
    0. Ctrl-C answers what was read so far and exits 130. A notice gives no permission; the absence
    of one removes no protection.

    Example: clearline check plan.ndjson --against picture.json --class air-movement
    """
    if str(plan) == "-" and str(against) == "-":
        usage("only one of PLAN and --against can be standard input")
    moment = now() if at is None else _instant(at)
    wanted = _Wanted(
        classes=Classes(plan=plan_class, notices=notices_class),
        terms=_agreement(agreement, as_json=as_json),
        fingerprint=expected,
        as_json=as_json,
    )
    running = Running()
    try:
        with _open(plan) as ours, _open(against) as theirs, running.until_stopped():
            answer = _check((ours, plan), (theirs, against), moment, wanted, running)
    except OSError as error:  # exit 1 would say that there is a conflict
        usage(f"{error.filename or plan}: {error.strerror or error}")
    except KeyboardInterrupt:
        typer.echo("clearline: stopped; nothing is answered", err=True)
        raise typer.Exit(EXIT_STOPPED) from None
    if isinstance(answer, Refusal):
        refuse(answer, as_json=as_json, code=REFUSED)
    _show(answer, as_json=as_json)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wanted:
    """What was asked for besides the two sources."""

    classes: Classes
    terms: Signed[Agreement] | None
    fingerprint: str | None
    as_json: bool


def _check(
    plan: tuple[BinaryIO, Path],
    against: tuple[BinaryIO, Path],
    at: Instant,
    wanted: _Wanted,
    running: Running,
) -> Answer | Refusal:
    """The answer; the larger source is the one that is streamed."""
    ours = Watched(plan[0], _size(*plan), "plan", running)
    with running.waiting():
        theirs = Headed(against[0])
        raw = theirs.read(SNAPSHOT_BYTES_MAX + 2) if looks_like_picture(theirs.head) else None
    if raw is not None:
        picture = _picture(raw, wanted)
        return check_picture(
            ours, picture, at, classes=wanted.classes, go_on=running.go_on, before=_before
        )
    if wanted.fingerprint is not None:
        usage("--expect-fingerprint is for a signed picture; these are plain notices")
    return check_notices(
        ours,
        Watched(theirs, _size(*against), "against", running),
        at,
        agreement=wanted.terms,
        hold_plan=_size(*plan) <= _size(*against),
        classes=wanted.classes,
        go_on=running.go_on,
        before=_before,
    )


def _before(many: bool) -> None:
    get_ready_for(KERNEL, many=many)


def _show(answer: Answer, *, as_json: bool) -> None:
    """Print the answer and end with its exit code."""
    if as_json:
        typer.echo(msgspec.json.format(msgspec.json.encode(answer)).decode())
    else:
        for line in report(answer):
            typer.echo(line)
    raise typer.Exit(answer.exit)


def _instant(text: str) -> Instant:
    try:
        return shapes.moment(text)
    except ValueError as error:
        usage(f"--at {error}")


def _agreement(path: Path | None, *, as_json: bool) -> Signed[Agreement] | None:
    if path is None:
        return None
    try:
        signed = read_agreement(path.read_bytes())
    except OSError as error:
        usage(f"{path}: {error.strerror or error}")
    if isinstance(signed, Refusal):
        refuse(signed, as_json=as_json, code=REFUSED)
    return signed


def _picture(raw: bytes, wanted: _Wanted) -> SignedPicture:
    picture = read_picture(raw)
    if isinstance(picture, Refusal):
        refuse(picture, as_json=wanted.as_json, code=REFUSED)
    line = line_of(wanted.terms.body) if wanted.terms is not None else None
    stranger = unexpected(picture, line=line, typed=wanted.fingerprint)
    if stranger is not None:
        refuse(stranger, as_json=wanted.as_json, code=REFUSED)
    return picture


def _open(path: Path) -> BinaryIO:
    return sys.stdin.buffer if str(path) == "-" else path.open("rb")


def _size(file: BinaryIO, path: Path) -> float:
    """Bytes of a file; what comes from a pipe may be any number, and is not held."""
    if str(path) == "-":
        return float("inf")
    found = os.fstat(file.fileno())
    return float(found.st_size) if os.path.isfile(path) else float("inf")
