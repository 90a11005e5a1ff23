"""One entry that came with a page: does the proof hold, and does the page say what it says? Pure.

In this order: the block, the documents and whose keys they make, the checkpoint, the inclusion, the
entry's own line and place, and last every fact of the entry, each looked for on the page. Whose
line it is has to be compared with one's own copy of the terms, as everywhere.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import tzinfo
from html import unescape

from clearline.evidence.line import checkpoint_at, read_line
from clearline.ledger.checkpoint import origin_of
from clearline.ledger.proof import read_proof, verify_proof
from clearline.model.entry import Entry
from clearline.model.ids import Digest, EntryRef, LineId, PartyId, party_of
from clearline.model.refusal import Code, Refusal
from clearline.model.time import Instant
from clearline.onepage.block import BEGIN, CLAUSE, END, Original
from clearline.onepage.facts import Row, facts
from clearline.trust.roster import key_for
from clearline.wire.bodies_v1 import read_entry
from clearline.wire.entry import read_frame

_TAGS = re.compile(r"<style>.*?</style>|<!--.*?-->|<[^>]*>", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class OneEntry:
    """What is proved. ``missing``: facts of the entry that the page does not state as they are:
    somebody has changed the page, or it is not a page of this entry."""

    line: LineId
    ref: EntryRef
    author: PartyId
    entry: Entry
    size: int
    checkpoint: str
    stated: Instant
    made: Instant
    to: PartyId
    rows: tuple[Row, ...]
    missing: tuple[Row, ...]
    exercise: bool


def verify_entry(
    page: str, original: Original, *, line: LineId | None, zone: tzinfo | None
) -> OneEntry | Refusal:
    """Check the original that a page carries, and the page against it (CL-RLY-003). ``line``: the
    name by one's own copy of the terms; ``zone``: the one that the original names."""
    read = read_line(original.documents, frozenset())
    if isinstance(read, Refusal):
        return read
    roster = read.roster
    frame = read_frame(original.entry)
    if isinstance(frame, Refusal):
        return frame
    if frame.line != roster.line or (line is not None and line != roster.line):
        return Refusal(code=Code.FOREIGN_LINE, clause=CLAUSE, params={"found": frame.line})
    proof = read_proof(original.proof.encode("utf-8", "replace"))
    if isinstance(proof, Refusal):
        return proof
    signed = checkpoint_at(roster, frame.feed, proof.checkpoint)
    if isinstance(signed, Refusal):
        return signed
    key = key_for(roster, frame.feed, signed.checkpoint.size)
    assert key is not None, "the checkpoint was verified under it"
    proved = verify_proof(
        original.proof.encode(), origin=origin_of(roster.line, frame.feed), keys=(key,),
        salt=proof.extra, entry=original.entry,
    )  # fmt: skip
    if isinstance(proved, Refusal):
        return proved
    if proved.index != frame.index:
        return Refusal(code=Code.WRONG_INDEX, clause=CLAUSE, params={"index": proved.index})
    entry = read_entry(original.entry, Digest(proved.leaf.hex()))
    if isinstance(entry, Refusal):
        return entry
    seen = visible(page)
    stated = [facts(entry, each.body, zone) for each in roster.versions]
    rows = min(reversed(stated), key=lambda each: len(_missing(seen, each)))
    return OneEntry(
        line=roster.line, ref=entry.ref, author=party_of(entry.feed), entry=entry,
        size=signed.checkpoint.size, checkpoint=proof.checkpoint.decode("utf-8"), stated=entry.t,
        made=original.made, to=original.to, rows=rows, missing=_missing(seen, rows),
        exercise=roster.versions[0].body.exercise,
    )  # fmt: skip


def visible(page: str) -> str:
    """The words of a page, text or HTML, without the block, each blank once."""
    head, _, rest = page.partition(BEGIN)
    words = head + rest.partition(END)[2]
    if "<html" in words[:200]:
        words = unescape(_TAGS.sub(" ", words))
    return " ".join(words.split())


def _missing(seen: str, rows: Sequence[Row]) -> tuple[Row, ...]:
    return tuple(row for row in rows if " ".join(row.value.split()) not in seen)
