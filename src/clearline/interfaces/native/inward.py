"""What a peer's messages are to the node: link records as inbounds. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from clearline.model.ids import Digest, LineId, PartyId
from clearline.node.forks import FORK_KIND, StoredFork, read_fork
from clearline.node.inbound import Flashed, Forked, Item, Papers, Pushed
from clearline.node.ports import Reads, StoredDocument
from clearline.wire.link import Document, Documents, Flash, Push, documents_digest

KINDS = ("agreement", "manifest", "root-change", "epoch", FORK_KIND)
"""Signed documents of a line, in the order in which they are sent."""


def pushed_of(push: Push, peer: PartyId) -> Pushed:
    """A stretch of a feed, as told by the peer."""
    return Pushed(
        line=push.line,
        peer=peer,
        feed=push.feed,
        first=push.first,
        items=tuple(Item(item.salt, item.entry) for item in push.items),
        checkpoint=push.checkpoint.encode("utf-8"),
        proof=push.consistency,
    )


def flashed_of(flash: Flash, peer: PartyId) -> Flashed:
    """One entry that overtakes, as told by the peer."""
    return Flashed(
        line=flash.line,
        peer=peer,
        feed=flash.feed,
        index=flash.index,
        item=Item(flash.salt, flash.entry),
        checkpoint=flash.checkpoint.encode("utf-8"),
        inclusion=flash.inclusion,
        consistency=flash.consistency,
        old_size=flash.old_size,
    )


def papers_of(documents: Documents, peer: PartyId | None) -> tuple[Papers | None, list[Forked]]:
    """The signed documents, and the proofs of forks; what is no proof is left out."""
    papers = tuple(item.content for item in documents.items if item.kind != FORK_KIND)
    forks = []
    for item in documents.items:
        if item.kind == FORK_KIND and isinstance(stored := read_fork(item.content), StoredFork):
            forks.append(Forked(line=documents.line, feed=stored.feed, proof=item.content))
    return (Papers(line=documents.line, peer=peer, documents=papers) if papers else None), forks


@dataclass(frozen=True, slots=True)
class PaperSet:
    """All signed documents that a node holds of a line."""

    line: LineId
    documents: tuple[StoredDocument, ...]
    digest: Digest

    def beyond(self, told: set[Digest]) -> tuple[StoredDocument, ...]:
        """Those that are not among these."""
        return tuple(document for document in self.documents if document.sha256 not in told)


def read_papers(store: Reads, line: LineId) -> PaperSet:
    """What the store holds of them."""
    documents = tuple(document for kind in KINDS for document in store.documents(line, kind))
    digest = documents_digest(document.sha256 for document in documents)
    return PaperSet(line, documents, digest)


def divided(
    line: LineId, documents: Sequence[StoredDocument], count_max: int, bytes_max: int
) -> list[Documents]:
    """The documents as messages within these bounds, at least one in each."""
    messages: list[Documents] = []
    items: list[Document] = []
    size = 0
    for document in documents:
        if items and (len(items) == count_max or size + len(document.data) > bytes_max):
            messages.append(Documents(line=line, items=tuple(items)))
            items, size = [], 0
        items.append(Document(kind=document.kind, content=document.data))
        size += len(document.data)
    if items:
        messages.append(Documents(line=line, items=tuple(items)))
    return messages
