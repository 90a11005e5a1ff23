"""clearline picture: what this node knows, as a signed file to check plans against elsewhere."""

from pathlib import Path
from typing import Annotated, NoReturn

import typer

from clearline.api.pictures import document_of
from clearline.cli import remote
from clearline.cli.output import AsJson, need, refuse, show, usage
from clearline.cli.remote import NodeFolder, Token, Url
from clearline.config import ConfigError, Placed, read_config
from clearline.evidence.words import EXERCISE_LINE, NOTICE_LINES
from clearline.model.ids import FeedId, LineId, PartyId, is_digest
from clearline.model.refusal import Refusal
from clearline.model.time import Instant, format_utc
from clearline.node.conductor import Conductor
from clearline.node.ports import Commit, Mark, Reads, Snapshot, StoreUnreadable
from clearline.node.state import Local
from clearline.plan.export import export_picture
from clearline.plan.snapshot import read_picture
from clearline.signing import Signer
from clearline.store.disk import write_whole
from clearline.store.party_files import PartyFiles
from clearline.store.reads import SqliteReader

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)


@app.callback()
def _group() -> None:
    """Signed pictures, to check plans against on another network."""


@app.command()
def export(
    output: Annotated[Path, typer.Option("-o", "--output", help="Where to write the picture.")],
    node: NodeFolder = None,
    url: Url = None,
    token_file: Token = None,
    line: Annotated[
        str | None, typer.Option("--line", help="The line, where the node is on several.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Write what a node knows of a line, signed with its key: feeds, ages, terms, live notices.

    With --url a running node is asked for it, as of now. With --node its database is only read, and
    nothing is written to any feed: the picture is as of the last moment that the node took
    something in, and a node that stands still gives an old picture.

    Example: clearline picture export --node alfa-node -o picture.json
    """
    raw = (
        _asked(url, token_file, line, as_json=as_json)
        if url
        else _stored(node or Path(), line, as_json=as_json)
    )
    signed = read_picture(raw)
    if isinstance(signed, Refusal):
        refuse((signed,), as_json=as_json)
    write_whole(output, raw)
    document = signed.doc
    exercise = signed.terms[-1].exercise
    show(
        (
            *((EXERCISE_LINE,) if exercise else ()),
            f"picture of line {document.line}",
            f"  as of {format_utc(document.at)}, {len(document.live)} live notices: {output}",
            f"  root key of {document.by}: {signed.fingerprint}",
            *NOTICE_LINES,
        ),
        {
            "line": document.line,
            "as_of": format_utc(document.at),
            "live": len(document.live),
            "file": str(output),
            "fingerprint": signed.fingerprint,
            "exercise": exercise,
            "says": list(NOTICE_LINES),
        },
        as_json=as_json,
    )


def _asked(url: str, token_file: Path | None, line: str | None, *, as_json: bool) -> bytes:
    """From a running node, through its API."""
    return remote.run(
        None, url, token_file,
        lambda client: client.picture(remote.line_id(client, line)), as_json=as_json,
    )  # fmt: skip


def _stored(node: Path, line: str | None, *, as_json: bool) -> bytes:
    """From what a node keeps, running or not."""
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
        return export_picture(document_of(conductor, _choose(conductor, line), at), signer)
    finally:
        store.close()


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

    def save_part(self, seq: int, n: int, data: bytes) -> NoReturn:
        """Never."""
        raise AssertionError("a picture is exported without writing")

    def drop_parts(self, writing: int, limit: int) -> NoReturn:
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
