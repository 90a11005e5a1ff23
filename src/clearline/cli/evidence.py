"""clearline evidence: export a party's record, verify one offline, lay two side by side."""

import contextlib
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Final, NoReturn
from zoneinfo import ZoneInfo

import typer

from clearline import __version__
from clearline.canonical import Plain
from clearline.cli.output import USAGE, AsJson, need, now, refuse, show, usage
from clearline.evidence.bundle import write_bundle
from clearline.evidence.compare import compare as compare_bundles
from clearline.evidence.facts import Verified
from clearline.evidence.one_entry import verify_entry
from clearline.evidence.one_entry_said import entry_text, plain_entry
from clearline.evidence.parts import Scope
from clearline.evidence.report import comparison_page, page
from clearline.evidence.said import comparison_text, plain, plain_comparison, text
from clearline.evidence.verify import verify as verify_bundle
from clearline.evidence.words import EXERCISE_LINE, NOTICE_LINES
from clearline.model.ids import FeedId, LineId, PartyId, epoch_of, feed_of, is_digest, party_of
from clearline.model.refusal import Refusal
from clearline.model.time import Instant, parse_utc
from clearline.onepage.block import read_block
from clearline.signing import SoftwareSigner
from clearline.store.keyfile import replace as replace_file
from clearline.trust.agreement import line_of, read_agreement
from clearline.trust.roster import Roster

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)

PROGRESS_FROM: Final = 2_000
"""Work shorter than this is done before anybody looks."""

Bundle = Annotated[Path, typer.Argument(metavar="FILE")]
Html = Annotated[Path | None, typer.Option("--html", help="Write a page to print, too.")]
Force = Annotated[bool, typer.Option("--force", help="Replace a file that is there.")]
LineName = Annotated[
    str | None, typer.Option("--line", help="The line that you know: its name, 64 hex digits.")
]


@app.command()
def export(
    folder: Annotated[Path, typer.Argument(metavar="NODE", help="The folder with node.toml.")],
    output: Annotated[Path, typer.Option("-o", "--output", help="The bundle to write (.clb).")],
    line: Annotated[
        str | None, typer.Option("--line", help="Which line, if there are more.")
    ] = None,
    first: Annotated[
        str | None, typer.Option("--from", help="Received from, own clock, UTC.")
    ] = None,
    until: Annotated[
        str | None, typer.Option("--to", help="Received before, own clock, UTC.")
    ] = None,
    at: Annotated[
        str | None, typer.Option("--at", help="Only what had been received by then, own clock.")
    ] = None,
    withhold: Annotated[
        list[str] | None,
        typer.Option("--withhold", help="A kind, a party, or before:TIME; repeat."),
    ] = None,
    desk: Annotated[bool, typer.Option("--desk", help="With the private desk record.")] = False,
    reads_of: Annotated[
        str | None,
        typer.Option(
            "--reads-of",
            metavar="PARTY",
            help="With who read this party's items here, as it may ask; no other desk record.",
        ),
    ] = None,
    proofs: Annotated[bool, typer.Option(help="With a tlog-proof for each entry.")] = True,
    force: Force = False,
    as_json: AsJson = False,
) -> None:
    """Write what this node holds of a line into one signed file. The node may run meanwhile.

    Example: clearline evidence export ./node -o line.clb --withhold message --to 2026-03-02T00:00Z
    """
    free(output, force=force)
    try:
        scope = Scope(
            first=_time(first),
            until=_time(until),
            at=_time(at),
            withhold=(*(withhold or ()), *_only_reads(reads_of, desk=desk)),
            desk=desk or reads_of is not None,
            proofs=proofs,
        )
        raw, plain_result = export_of(folder, line, scope, as_json=as_json)
    except ValueError as error:
        usage(str(error))
    write_whole(output, raw)
    show(
        (
            *((EXERCISE_LINE,) if plain_result["exercise"] else ()),
            f"{output}: {len(raw)} bytes",
            *(f"  {name}: {value}" for name, value in plain_result.items() if name != "says"),
            *NOTICE_LINES,
        ),
        {"file": str(output), "bytes": len(raw), **plain_result},
        as_json=as_json,
    )


def _only_reads(of: str | None, *, desk: bool) -> tuple[str, ...]:
    from clearline.evidence.feed_export import READS_OF

    if of is not None and desk:
        usage("--desk shows all of the private desk record, --reads-of one party's reads: not both")
    return () if of is None else (f"{READS_OF}{of}",)


def export_of(
    folder: Path, line: str | None, scope: Scope, *, as_json: bool
) -> tuple[bytes, dict[str, Plain]]:
    """The bundle's bytes, and what was done. Only this needs a node's store."""
    from clearline.config import read_config
    from clearline.evidence.feed_export import read_withhold
    from clearline.evidence.gather import gather
    from clearline.node.ports import StoreUnreadable
    from clearline.store.highwater import FileHighWater
    from clearline.store.reads import SqliteReader

    read_withhold(scope.withhold)
    placed = read_config(folder)
    party, signers = _keys(placed.party, as_json=as_json)
    try:
        reads = SqliteReader(placed.database)
    except StoreUnreadable as error:
        usage(str(error))
    try:
        chosen = _line(reads.lines(), line)
        own = _own_feed(reads.feeds(chosen), party)
        mark = FileHighWater(placed.highwater).read(chosen, own)
        gathered = gather(
            reads,
            chosen,
            own,
            marks={own: mark} if mark is not None else {},
            signers=signers,
            scope=scope,
            progress=_progress,
        )
    finally:
        reads.close()
    if isinstance(gathered, Refusal):
        refuse(gathered, as_json=as_json)
    roster = _roster(gathered.content.documents)
    raw = write_bundle(
        gathered.content,
        _signer(roster, own, signers),
        line=chosen,
        feed=own,
        made=now(),
        software=f"clearline {__version__}",
        scope=scope,
        withheld=gathered.withheld,
        uncovered=gathered.uncovered,
        alerts_withheld=gathered.alerts_withheld,
    )
    hidden = sum(run.count for run in gathered.withheld)
    shown = sum(len(part.shown) for part in gathered.content.feeds)
    done: dict[str, Plain] = {
        "line": chosen,
        "exercise": roster.versions[0].body.exercise,
        "party": party,
        "shown": shown,
        "withheld": hidden,
        "alerts_withheld": gathered.alerts_withheld,
        "says": list(NOTICE_LINES),
    }
    return raw, done


@app.command()
def verify(
    file: Bundle,
    line: LineName = None,
    agreement: Annotated[
        Path | None, typer.Option("--agreement", help="Your copy of version 1 of the terms.")
    ] = None,
    html: Html = None,
    force: Force = False,
    as_json: AsJson = False,
) -> None:
    """Check a bundle offline. Exit 0: whole and consistent; 1: something is wrong; 3: nothing is
    wrong, but parts are withheld or were not held; 2: the file cannot be used.

    Example: clearline evidence verify line.clb --agreement line.json --html line.html
    """
    wanted = _wanted(line, agreement)
    if html is not None:
        free(html, force=force)
    result = verified_file(file, wanted, as_json=as_json)
    if html is not None:
        write_whole(html, page(result).encode())
    said = text(result)
    if wanted is None:
        said.append("No line was named: compare the line's name with your own copy of the terms.")
    show(said, plain(result), as_json=as_json)
    raise typer.Exit(result.exit)


@app.command("verify-entry")
def verify_entry_(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A page, as HTML or as text.")],
    line: LineName = None,
    agreement: Annotated[
        Path | None, typer.Option("--agreement", help="Your copy of version 1 of the terms.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Check the original that a page for a third party carries, offline, and say what it states.
    Exit 0: it is proved and the page says the same; 1: the page says something else, or the proof
    is wrong; 2: the file cannot be used.

    Example: clearline evidence verify-entry page.html --agreement line.json
    """
    wanted = _wanted(line, agreement)
    try:
        page_text = file.read_bytes().decode("utf-8", "replace")
    except OSError as error:
        usage(f"{file}: {error.strerror or error}")
    original = read_block(page_text)
    if isinstance(original, Refusal):
        _unusable(original, as_json=as_json)
    found = need(
        verify_entry(page_text, original, line=wanted, zone=_zone(original.zone)), as_json=as_json
    )
    said = entry_text(found)
    if wanted is None:
        said.append("No line was named: compare the line's name with your own copy of the terms.")
    show(said, plain_entry(found), as_json=as_json)
    raise typer.Exit(1 if found.missing else 0)


def _zone(name: str) -> ZoneInfo | None:
    """The zone of the page's local times; times are in Z alone where nobody knows it."""
    try:
        return ZoneInfo(name) if name else None
    except (ValueError, KeyError, OSError):
        return None


@app.command("compare")
def compare_(
    left: Annotated[Path, typer.Argument(metavar="A")],
    right: Annotated[Path, typer.Argument(metavar="B")],
    at: Annotated[
        str | None, typer.Option("--at", help="Who knew what at this time, each by its own clock.")
    ] = None,
    line: LineName = None,
    html: Html = None,
    force: Force = False,
    as_json: AsJson = False,
) -> None:
    """Lay two parties' bundles over one line side by side; each is verified first. Exit as verify.

    Example: clearline evidence compare ours.clb theirs.clb --at 2018-09-17T18:40:00Z
    """
    if html is not None:
        free(html, force=force)
    try:
        moment = _time(at)
    except ValueError as error:
        usage(str(error))
    wanted = _wanted(line, None)
    both = [verified_file(path, wanted, as_json=as_json) for path in (left, right)]
    result = compare_bundles(both[0], both[1], at=moment)
    if isinstance(result, Refusal):
        _unusable(result, as_json=as_json)
    if html is not None:
        write_whole(html, comparison_page(result).encode())
    show(comparison_text(result), plain_comparison(result), as_json=as_json)
    raise typer.Exit(result.exit)


# --- inside ----------------------------------------------------------------------------------


def verified_file(file: Path, line: LineId | None, *, as_json: bool) -> Verified:
    """A bundle that was verified, whatever came of it; or the end of the command."""
    try:
        raw = sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
    except OSError as error:
        usage(f"{file}: {error.strerror or error}")
    result = verify_bundle(raw, line=line, progress=_progress)
    if isinstance(result, Refusal):
        _unusable(result, as_json=as_json)
    return result


def _unusable(refusal: Refusal, *, as_json: bool) -> NoReturn:
    """Say why a file is no bundle, and exit 2."""
    with contextlib.suppress(typer.Exit):
        refuse(refusal, as_json=as_json)
    raise typer.Exit(USAGE)


def _wanted(line: str | None, agreement: Path | None) -> LineId | None:
    if agreement is not None:
        try:
            signed = read_agreement(agreement.read_bytes())
        except OSError as error:
            usage(f"{agreement}: {error.strerror or error}")
        if isinstance(signed, Refusal):
            usage(f"{agreement} is no signed agreement")
        return line_of(signed.body)
    if line is not None and not is_digest(line):
        usage(f"{line!r} is not a line's name: 64 digits of 0-9 and a-f")
    return LineId(line) if line is not None else None


def _time(given: str | None) -> Instant | None:
    return parse_utc(given) if given is not None else None


def free(path: Path, *, force: bool) -> None:
    """End the command where a file is there that nobody said may be replaced."""
    if path.exists() and not force:
        usage(f"{path} exists; it is replaced only with --force")


def write_whole(path: Path, raw: bytes) -> None:
    """Whole or not at all: written beside it, synced, renamed."""
    replace_file(path, raw)


def _progress(what: str, done: int, total: int) -> None:
    """One line on the terminal while there is much to do; nothing when nobody looks."""
    if total >= PROGRESS_FROM and sys.stderr.isatty():
        end = "\n" if done >= total else ""
        sys.stderr.write(f"\r{what}: {done} of {total}   {end}")


def _keys(folder: Path, *, as_json: bool) -> tuple[PartyId, dict[str, SoftwareSigner]]:
    """The party, and the node keys that its folder holds, old ones too."""
    from clearline.store import keyfile
    from clearline.store.party_files import PartyFiles

    card = PartyFiles(folder).card()
    if isinstance(card, Refusal):
        refuse(card, as_json=as_json)
    found: dict[str, SoftwareSigner] = {}
    for path in sorted((folder / "keys").glob("node-*.key")):
        key = keyfile.read_key(path, None)
        if not isinstance(key, Refusal):
            found[key.public.hex] = key
    return card.body.id, found


def _line(lines: Sequence[LineId], given: str | None) -> LineId:
    if given is not None:
        match = [line for line in lines if line.startswith(given)]
    else:
        match = list(lines)
    if len(match) != 1:
        names = ", ".join(name[:16] for name in lines)
        usage(f"{len(match)} lines fit: name one with --line ({names})")
    return match[0]


def _own_feed(feeds: Sequence[FeedId], party: PartyId) -> FeedId:
    """The newest epoch of the party's own record."""
    own = [feed for feed in feeds if party_of(feed) == party]
    return max(own, key=epoch_of) if own else feed_of(party)


def _roster(documents: Sequence[bytes]) -> Roster:
    """Who is on the line, from what was just gathered."""
    from clearline.evidence.line import read_line

    read = read_line(documents, frozenset())
    assert not isinstance(read, Refusal), "it was just gathered"
    return read.roster


def _signer(roster: Roster, own: FeedId, signers: dict[str, SoftwareSigner]) -> SoftwareSigner:
    """The key that a reader will look for."""
    from clearline.evidence.line import key_candidates

    for key in key_candidates(roster, own):
        if key.hex in signers:
            return signers[key.hex]
    usage("none of the party's node keys for this line is in its folder")
