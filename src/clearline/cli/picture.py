"""clearline picture: what this node knows, as a signed file to check plans against elsewhere."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from clearline.cli.output import AsJson, need, show, usage
from clearline.config import ConfigError, Placed, read_config
from clearline.model.ids import FeedId, LineId, PartyId, is_digest
from clearline.model.time import Instant, format_utc
from clearline.node.conductor import Conductor
from clearline.node.ports import Commit, Mark, Reads, Snapshot, StoreUnreadable
from clearline.node.queries_notices import Reading, standing_of, standing_view, third_parties
from clearline.node.state import Local
from clearline.picture.situation import Version
from clearline.plan.export import export_picture, picture_document
from clearline.plan.snapshot import PictureDoc
from clearline.signing import Signer
from clearline.store.disk import write_whole
from clearline.store.party_files import PartyFiles
from clearline.store.reads import SqliteReader
from clearline.trust.party import fingerprint

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)

NOT_KNOWN = "standing not known: nothing of its author's is held to read it from"


@app.callback()
def _group() -> None:
    """Signed pictures, to check plans against on another network."""


@app.command()
def export(
    output: Annotated[Path, typer.Option("-o", "--output", help="Where to write the picture.")],
    node: Annotated[
        Path, typer.Option("--node", help="The folder of the node; it may be running.")
    ] = Path(),
    line: Annotated[
        str | None, typer.Option("--line", help="The line, where the node is on several.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Write what this node knows of a line, signed with its key: feeds, ages, terms, live notices.

    The database is only read, and nothing is written to any feed. The picture is as of the last
    moment that the node took something in; a node that stands still gives an old picture.

    Example: clearline picture export --node alfa -o picture.json
    """
    try:
        placed = read_config(node)
        store = _ReadOnly(placed.database)
    except (ConfigError, StoreUnreadable) as error:
        usage(str(error))
    try:
        signer, party = _signer(placed, as_json=as_json)
        at = _as_of(store)
        conductor = Conductor(
            local=Local(party=party, software="", rules="", geoid=""),
            store=store,
            high_water=_NoMarks(),
            signers={},
            fence=store.fence(),
        )
        conductor.start(at)
        chosen = _choose(conductor, line)
        document = document_of(conductor, chosen, at)
        roster = conductor.state.lines[chosen].roster
    finally:
        store.close()
    write_whole(output, export_picture(document, signer))
    term = next(t for t in roster.versions[-1].body.parties if t.id == party)
    compare = fingerprint(party, term.root_key)
    show(
        (
            f"picture of line {chosen}",
            f"  as of {format_utc(at)}, {len(document.live)} live notices: {output}",
            f"  root key of {party}: {compare}",
        ),
        {
            "line": chosen,
            "as_of": format_utc(at),
            "live": len(document.live),
            "file": str(output),
            "fingerprint": compare,
        },
        as_json=as_json,
    )


def document_of(conductor: Conductor, line: LineId, at: Instant) -> PictureDoc:
    """What a node holds of a line, ready to be signed."""
    ls = conductor.state.lines[line]
    terms = ls.terms
    assert terms is not None, "a line begins with its terms"
    judge = conductor.tools.judge(line)
    judge.sync(ls.picture)
    reading = Reading(ls=ls, terms=terms, judge=judge, now=at)

    def words(version: Version) -> str:
        found = standing_of(reading, version)
        if found is None:
            return NOT_KNOWN
        untold = tuple(
            third.party
            for third in third_parties(reading, version)
            if third.state not in ("TOLD", "ANSWERED")
        )
        return standing_view(reading, found, version, untold).words

    trips: Mapping[PartyId, Instant] = {
        party: peer.round_trip for party, peer in ls.peers.items() if peer.round_trip is not None
    }
    roots: Mapping[FeedId, bytes] = {feed: front.root for feed, front in ls.frontiers.items()}
    return picture_document(
        ls.picture,
        ls.roster,
        by=ls.me,
        now=at,
        heads=dict(ls.heads.items()),
        roots=roots,
        documents=conductor.papers(line).documents,
        round_trips=trips,
        standing_of=words,
    )


def _signer(placed: Placed, *, as_json: bool) -> tuple[Signer, PartyId]:
    """The node key that the party's newest manifest names."""
    files = PartyFiles(placed.party)
    card = need(files.card(), as_json=as_json).body
    chain = need(files.chain(card.id, card.root_key), as_json=as_json)
    return need(files.node_key(chain), as_json=as_json), card.id


def _as_of(store: Reads) -> Instant:
    """When the node last took something in; long ago if it never did."""
    end = store.journal_end()
    last = store.journal(end - 1, 1) if end else ()
    return last[0].at if last else Instant(0)


def _choose(conductor: Conductor, named: str | None) -> LineId:
    """The line that is meant. Names may be cut short."""
    lines = sorted(conductor.state.lines)
    if named is not None:
        lines = [line for line in lines if line.startswith(named)]
        if is_digest(named) and not lines:
            usage(f"this node is not on line {named}")
    if len(lines) != 1:
        held = ", ".join(lines) or "none"
        usage(f"name one line with --line; this node is on: {held}")
    return LineId(lines[0])


class _ReadOnly(SqliteReader):
    """A store that is only read: what would write is our own broken promise."""

    def commit(self, commit: Commit) -> NoReturn:
        """Never."""
        raise AssertionError("a picture is exported without writing")

    def save_snapshot(self, snapshot: Snapshot) -> NoReturn:
        """Never."""
        raise AssertionError("a picture is exported without writing")

    def raise_fence(self, fence: int) -> NoReturn:
        """Never."""
        raise AssertionError("a picture is exported without writing")

    def reader(self) -> Reads:
        """Itself."""
        return self


class _NoMarks:
    """No high-water marks: whoever only reads signs nothing in a feed."""

    def read(self, line: LineId, feed: FeedId) -> Mark | None:
        """None."""
        return None

    def write(self, line: LineId, feed: FeedId, mark: Mark) -> None:
        """Never."""
        raise AssertionError("a picture is exported without signing in a feed")
