"""Small records for the tests of stores; everything follows from the numbers given."""

import hashlib
from collections.abc import Iterable

from clearline.ledger.merkle import Frontier, entry_leaf, new_hashes
from clearline.model.alert import Alert, AlertState, Severity, Trouble, TroubleKind
from clearline.model.entry import Precedence
from clearline.model.ids import Digest, EntryRef, FeedId, LineId, PartyId
from clearline.model.time import Instant
from clearline.node.ports import (
    Commit,
    DeskRecord,
    JournalRecord,
    OutboxItem,
    ReplyCode,
    RequestRecord,
    StoredDocument,
    StoredEntry,
    StoredHash,
    StoredHead,
)

LINE = LineId("1" * 64)
OTHER_LINE = LineId("2" * 64)
FEED = FeedId("ALFA.0")
OTHER_FEED = FeedId("BRAVO.0")


def digest(text: str) -> Digest:
    return Digest(hashlib.sha256(text.encode()).hexdigest())


def salt(index: int) -> bytes:
    return hashlib.sha256(b"salt %d" % index).digest()


def entry(
    index: int, *, feed: FeedId = FEED, line: LineId = LINE, data: bytes | None = None
) -> StoredEntry:
    body = f"{feed} {index}".encode() if data is None else data
    return StoredEntry(
        line=line,
        feed=feed,
        index=index,
        salt=salt(index),
        data=body,
        leaf=entry_leaf(salt(index), body),
        received=Instant(1_000 + index),
    )


def entries(first: int, count: int, *, feed: FeedId = FEED) -> tuple[StoredEntry, ...]:
    return tuple(entry(index, feed=feed) for index in range(first, first + count))


def hashes(before: Iterable[StoredEntry], added: Iterable[StoredEntry]) -> tuple[StoredHash, ...]:
    """The rows that the added entries bring when those before are there."""
    frontier = Frontier().extend(held.leaf for held in before)
    return tuple(
        StoredHash(line=LINE, feed=FEED, level=row.level, n=row.n, hash=row.hash)
        for row in new_hashes(frontier, [new.leaf for new in added])
    )


def head(
    size: int, *, text: str = "", root: bytes | None = None, feed: FeedId = FEED
) -> StoredHead:
    real = Frontier().extend(held.leaf for held in entries(0, size, feed=feed)).root
    return StoredHead(line=LINE, feed=feed, size=size, root=root or real, text=text)


def document(name: str, *, kind: str = "manifest", data: bytes = b"{}") -> StoredDocument:
    return StoredDocument(line=LINE, kind=kind, sha256=digest(name), data=data)


def journal(first: int, count: int = 1) -> tuple[JournalRecord, ...]:
    return tuple(
        JournalRecord(seq=seq, at=Instant(seq), kind="tick", data=b"tick %d" % seq)
        for seq in range(first, first + count)
    )


def desk(index: int, *, line: LineId = LINE) -> DeskRecord:
    leaf = entry_leaf(salt(index), b"desk")
    return DeskRecord(line=line, index=index, salt=salt(index), data=b"desk", leaf=leaf)


def request(name: str, *, body: str = "body", answer: bytes = b"{}") -> RequestRecord:
    return RequestRecord(id=name, sha256=digest(body), answer=answer)


def item(key: str, data: bytes = b"intent") -> OutboxItem:
    return OutboxItem(key=key, data=data)


def alert(
    name: str, *, state: AlertState = AlertState.RAISED, next: int | None = None, rings: int = 0
) -> Alert:
    trouble = Trouble(
        key=name,
        kind=TroubleKind.CONFLICT,
        severity=Severity.ALARM,
        precedence=Precedence.IMMEDIATE,
        line=LINE,
        group="g",
        since=Instant(5),
        about=(EntryRef(FEED, 3),),
        peer=PartyId("BRAVO"),
        needs_answer=True,
        due=Instant(9),
        params={"minutes": 4, "label": "überflug", "other": EntryRef(OTHER_FEED, 1)},
    )
    return Alert(
        id=name,
        trouble=trouble,
        state=state,
        raised=Instant(5),
        changed=Instant(6),
        rings=rings,
        next=None if next is None else Instant(next),
    )


def code(
    name: str, *, about: str = "line/A.0/1/T", data: bytes = b"{}", tries: int = 0, link: str = ""
) -> ReplyCode:
    """Reply codes of a page."""
    return ReplyCode(id=name, link=digest(link or name), about=about, data=data, tries=tries)


def full_commit(number: int, *, fence: int = 1) -> Commit:
    """A commit with something of everything; the one of each number follows the one before."""
    added = entries(2 * number, 2)
    return Commit(
        fence=fence,
        entries=added,
        ahead_added=(entry(number + 100, feed=OTHER_FEED),),
        hashes=hashes(entries(0, 2 * number), added),
        heads=(head(2 * number + 2, text=f"signed {2 * number + 2}"),),
        documents=(document(f"document {number}"),),
        alerts=(alert(f"alert {number}", next=number),),
        outbox_added=(item(f"send {number}"),),
        outbox_done=(f"send {number - 1}",),
        journal=journal(number),
        desk=(desk(number),),
        requests=(request(f"request {number}"),),
        codes=(code(f"page {number}", tries=number),),
        blobs=((digest("blob"), 4 * number, b"%04d" % number),),
    )
