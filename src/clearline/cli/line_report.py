"""clearline line report: how a line was used in a month, and where it was silent. Offline."""

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from clearline.cli.output import AsJson, need, show, usage
from clearline.cli.remote import LineName, NodeFolder, plain
from clearline.evidence.facts import Verified
from clearline.model.time import SECOND, Instant


def report(
    month: Annotated[str, typer.Option("--month", help="Which month, UTC: 2026-10.")],
    node: NodeFolder = None,
    bundle: Annotated[
        Path | None, typer.Option("--bundle", help="A bundle (.clb), instead of a node's folder.")
    ] = None,
    drills: Annotated[
        list[Path] | None,
        typer.Option("--drills", help="A bundle of an exercise line, for drills; repeat."),
    ] = None,
    line: LineName = None,
    as_json: AsJson = False,
) -> None:
    """Use and silence in one month: days without traffic, line tests done and missed, who has
    notified no hazard, who has never drilled ACCIDENT. A line that nobody uses fails when it is
    needed. Drills are looked for on all exercise lines of the node.

    Example: clearline line report --month 2026-10 --node alfa-node
    """
    from clearline.cli.review import evidence_of
    from clearline.evidence.review.use import use, use_text

    first, until = month_of(month)
    held = evidence_of(node, bundle, line, desk=False, as_json=as_json)
    others = [evidence_of(None, each, None, desk=False, as_json=as_json) for each in drills or ()]
    others += _exercises(node, held, as_json=as_json) if node is not None else []
    found = need(use(held, first, until, tuple(others)), as_json=as_json)
    show(use_text(found), plain(found), as_json=as_json)
    raise typer.Exit(found.exit)


def month_of(text: str) -> tuple[Instant, Instant]:
    """The first moment of a month and of the next, UTC; or the end of the command."""
    found = re.fullmatch(r"(20\d\d)-(0[1-9]|1[0-2])", text, re.ASCII)
    if found is None:
        usage(f"{text!r} is no month: write it as 2026-10")
    year, month = int(found[1]), int(found[2])
    following = (year + month // 12, month % 12 + 1)
    return _instant(year, month), _instant(*following)


def _instant(year: int, month: int) -> Instant:
    return Instant(int(datetime(year, month, 1, tzinfo=UTC).timestamp()) * SECOND)


def _exercises(node: Path, held: Verified, *, as_json: bool) -> list[Verified]:
    """The evidence of the node's exercise lines, other than the one that is looked at."""
    from clearline.cli.review import evidence_of
    from clearline.config import read_config
    from clearline.store.reads import SqliteReader

    reads = SqliteReader(read_config(node).database)
    try:
        names = [name for name in reads.lines() if name != held.line]
    finally:
        reads.close()
    found = [evidence_of(node, None, name, desk=False, as_json=as_json) for name in names]
    return [one for one in found if one.roster and one.roster.versions[0].body.exercise]
