"""A line's record on a stick, for when there is no link: written by one node, taken by another.

What stands in a file proves itself (``wire.bundle``), so it does not matter who carried it: the
line's documents, then of every feed what lies beyond ``since``. Memory stays within one batch.
Attachments come over the line, piece by piece, when it is up again.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from clearline.interfaces.native.inward import divided, papers_of, pushed_of, read_papers
from clearline.interfaces.native.wire import wire_form
from clearline.model.ids import FeedId, LineId, PartyId, party_of
from clearline.model.limits import DOCUMENTS_MAX, LINK_BYTES_MAX
from clearline.model.refusal import Refusal
from clearline.node.conductor import Conductor
from clearline.node.inbound import Forked, Papers, Pushed
from clearline.wire.bundle import Carried, read_bundle, write_bundle
from clearline.wire.link import Documents, Piece, Push

BATCH_BYTES: Final = LINK_BYTES_MAX // 4
CHUNK_BYTES: Final = 1 << 16


def export_file(conductor: Conductor, line: LineId, since: Mapping[FeedId, int]) -> Iterator[bytes]:
    """The file, in chunks: every feed from the size in ``since`` on (absent: from its beginning).

    Raises KeyError for a line that the node is not on.
    """
    return write_bundle(_messages(conductor, line, dict(since)))


def _messages(conductor: Conductor, line: LineId, since: dict[FeedId, int]) -> Iterator[Carried]:
    papers = read_papers(conductor.store, line)
    yield from divided(line, papers.documents, DOCUMENTS_MAX, BATCH_BYTES)
    for feed in sorted(conductor.state.lines[line].frontiers):
        first = since.get(feed, 0)
        while (pushed := conductor.push(line, feed, first, bytes_max=BATCH_BYTES)) is not None:
            message = wire_form(pushed)
            assert isinstance(message, Push), "a stretch is a Push"
            yield message
            first += len(pushed.items)


def import_file(path: Path) -> Iterator[Papers | Forked | Pushed | Refusal]:
    """What the file brings, in the order in which it is to be handed to the node; a part that
    cannot be read is a refusal, and what is whole before and after it is given. A stretch counts as
    brought by its author. Raises OSError."""
    with path.open("rb") as file:
        chunks = iter(lambda: file.read(CHUNK_BYTES), b"")
        for message in read_bundle(chunks):
            yield from _inbounds(message)


def _inbounds(message: Carried | Refusal) -> Iterator[Papers | Forked | Pushed | Refusal]:
    match message:
        case Documents():
            papers, forks = papers_of(message, None)
            if papers is not None:
                yield papers
            yield from forks
        case Push():
            yield pushed_of(message, PartyId(party_of(message.feed)))
        case Piece():
            pass  # a node gathers attachments itself, once it has the entry that announces them
        case Refusal():
            yield message
