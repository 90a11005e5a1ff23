"""Two parties' bundles over one line, side by side: what each held, when, and where they differ.

Each bundle is verified by itself first; here only what both together show. Pure.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import msgspec

from clearline.evidence.events import Causal
from clearline.evidence.facts import Event, Finding, Level, Offset, Verified, What
from clearline.evidence.line import b64, checkpoint_at
from clearline.evidence.parts import ForkStated
from clearline.ledger.audit import Held, Verdict, judge
from clearline.ledger.checkpoint import desk_origin_of, verify_checkpoint
from clearline.ledger.merkle import Frontier, MemoryHashes, Tree, leaf_hash, new_hashes
from clearline.model.ids import EntryRef, FeedId, PartyId, party_of
from clearline.model.refusal import Code, Refusal
from clearline.model.time import Instant
from clearline.trust.roster import key_for


class FeedPair(msgspec.Struct, frozen=True, kw_only=True):
    """One feed on both sides: leaves held, leaves that agree from the start."""

    feed: FeedId
    left: int
    right: int
    common: int


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One entry on both sides. ``left`` and ``right``: when it came, by each maker's own clock and
    word (None: not held or withheld there). ``knew_*``: the first entry of that party that has
    seen it, which it has signed. ``after``: the row above was provably written before this one."""

    event: Event
    left: Instant | None
    right: Instant | None
    left_holds: bool
    right_holds: bool
    knew_left: EntryRef | None
    knew_right: EntryRef | None
    after: bool


class Claim(msgspec.Struct, frozen=True, kw_only=True):
    """One quantity as two parties state it; ``agree`` within what they claim to measure."""

    subject: str
    left: str
    right: str
    agree: bool


class Knew(msgspec.Struct, frozen=True, kw_only=True):
    """What one party knew at a time of its own clock: by its signed record, and beyond that by its
    own word alone."""

    party: PartyId
    at: Instant
    signed: tuple[EntryRef, ...]
    own_word: tuple[EntryRef, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Two bundles side by side. ``exit`` as of ``verify``: 1 when something is wrong in either or
    between them, 3 when parts are withheld or missing on a side, else 0."""

    left: Verified
    right: Verified
    feeds: tuple[FeedPair, ...]
    rows: tuple[Row, ...]
    claims: tuple[Claim, ...]
    findings: tuple[Finding, ...]
    forks: tuple[ForkStated, ...]
    knew: tuple[Knew, ...]
    causal: Causal

    @property
    def exit(self) -> int:
        """The exit code."""
        levels = {one.level for one in self.findings}
        if Level.WRONG in levels or 1 in (self.left.exit, self.right.exit):
            return 1
        return 3 if Level.UNKNOWN in levels or 3 in (self.left.exit, self.right.exit) else 0

    def order(self, one: EntryRef, other: EntryRef) -> str:
        """``before``, ``after`` or ``not proved``, whatever the clocks say."""
        if self.causal.before(one, other):
            return "before"
        return "after" if self.causal.before(other, one) else "not proved"


def compare(left: Verified, right: Verified, *, at: Instant | None = None) -> Comparison | Refusal:
    """Lay two verified bundles side by side. Refused: two lines, or a line that cannot be read."""
    if left.roster is None or right.roster is None:
        return Refusal(code=Code.BAD_AGREEMENT, clause="CL-EVI-004")
    if left.line != right.line:
        return Refusal(code=Code.FOREIGN_LINE, clause="CL-EVI-004", params={"line": right.line})
    pairs, findings, forks = _feeds(left, right)
    findings += [*_seals(left, right), *_desks(left, right), *_desks(right, left)]
    better = {c.fact.feed: c for c in left.feeds}
    for checked in right.feeds:
        ours = better.get(checked.fact.feed)
        if ours is None or len(checked.frames) > len(ours.frames):
            better[checked.fact.feed] = checked
    causal = Causal(better)
    rows = tuple(_rows(left, right, causal))
    knew = tuple(_knew(side, at, rows) for side in (left, right)) if at is not None else ()
    return Comparison(
        left=left,
        right=right,
        feeds=tuple(pairs),
        rows=rows,
        claims=tuple(_claims(left, right, rows)),
        findings=tuple(findings),
        forks=tuple(forks),
        knew=knew,
        causal=causal,
    )


def _feeds(
    left: Verified, right: Verified
) -> tuple[list[FeedPair], list[Finding], list[ForkStated]]:
    """Leaves against leaves; where they part, the proof of two signed histories."""
    ours = {checked.fact.feed: checked for checked in left.feeds}
    theirs = {checked.fact.feed: checked for checked in right.feeds}
    pairs: list[FeedPair] = []
    findings: list[Finding] = []
    forks: list[ForkStated] = []
    for feed in sorted(ours.keys() | theirs.keys()):
        a = ours[feed].hashes if feed in ours else ()
        b = theirs[feed].hashes if feed in theirs else ()
        common = next(
            (n for n, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b))
        )
        pairs.append(FeedPair(feed=feed, left=len(a), right=len(b), common=common))
        if common < min(len(a), len(b)):
            fork = _fork(left, right, feed)
            if fork is not None:
                forks.append(fork)
            findings.append(_found(Level.WRONG, What.FORKED, Code.FORK, feed, common))
        elif len(a) != len(b):
            findings.append(_shorter(left, right, feed, len(a), len(b)))
    return pairs, findings, forks


def _shorter(left: Verified, right: Verified, feed: FeedId, a: int, b: int) -> Finding:
    """One side holds less. Of its own record, made later than the other's, that is a cut."""
    short, long = (left, right) if a < b else (right, left)
    size, said = min(a, b), max(a, b)
    frame = long.frame(EntryRef(feed, said - 1))
    until = short.bundle.manifest.scope.at or short.bundle.manifest.made
    own = party_of(feed) == short.bundle.manifest.party
    cut = own and frame is not None and frame.t <= until
    return _found(
        Level.WRONG if cut else Level.UNKNOWN,
        What.TRUNCATED if cut else What.NOT_HELD,
        Code.TRUNCATED if cut else Code.GAP,
        feed,
        size,
        said=said,
        size=size,
        by=long.bundle.manifest.party,
    )


def _fork(left: Verified, right: Verified, feed: FeedId) -> ForkStated | None:
    """The proof, out of both sides' signed checkpoints and all the leaves of the longer one."""
    assert left.roster is not None
    both = []
    for side in (left, right):
        part = next(part for part in side.bundle.content.feeds if part.feed == feed)
        checked = next(checked for checked in side.feeds if checked.fact.feed == feed)
        signed = checkpoint_at(left.roster, feed, part.checkpoint)
        if isinstance(signed, Refusal) or signed.checkpoint.size != len(checked.hashes):
            return None
        both.append((signed, checked.hashes))
    (short, _), (long, hashes) = sorted(both, key=lambda one: one[0].checkpoint.size)
    held = Held(signed=long, hashes=MemoryHashes(new_hashes(Frontier(), hashes)))
    judged = judge(held, short, newest_of_author=False)
    if judged.verdict is not Verdict.FORK or judged.fork is None:
        return None
    return ForkStated(
        feed=feed,
        shorter=judged.fork.shorter.decode("utf-8", "replace"),
        longer=judged.fork.longer.decode("utf-8", "replace"),
        beginning=b64(judged.fork.beginning),
        proof=tuple(b64(hash_) for hash_ in judged.fork.proof),
    )


def _seals(left: Verified, right: Verified) -> Iterator[Finding]:
    """Checkpoints that one side was shown, against what the other side holds."""
    assert left.roster is not None
    for side, other in ((left, right), (right, left)):
        trees = {
            checked.fact.feed: (
                checked.fact.size,
                Tree(MemoryHashes(new_hashes(Frontier(), checked.hashes))),
            )
            for checked in other.feeds
        }
        for seen in side.bundle.content.checkpoints:
            for feed, (size, tree) in trees.items():
                signed = checkpoint_at(left.roster, feed, seen.text.encode())
                if isinstance(signed, Refusal) or signed.checkpoint.size > size:
                    continue
                if tree.root(signed.checkpoint.size) != signed.checkpoint.root:
                    yield _found(
                        Level.WRONG, What.FORKED, Code.FORK, feed, signed.checkpoint.size - 1
                    )


def _desks(side: Verified, other: Verified) -> Iterator[Finding]:
    """A private desk record against its checkpoints as they rode in heartbeats to the other side:
    what was edited afterwards does not begin with what was signed then."""
    desk, feed = side.bundle.content.desk, side.bundle.manifest.feed
    if desk is None or side.roster is None:
        return
    origin = desk_origin_of(side.line, feed)
    hashes = [leaf_hash(leaf) for leaf in desk.leaves]
    own = next((c.fact.size for c in side.feeds if c.fact.feed == feed), 0)
    key = key_for(side.roster, feed, max(1, own))
    for seen in other.bundle.content.desks:
        if seen.by != side.bundle.manifest.party or key is None:
            continue
        signed = verify_checkpoint(seen.text.encode(), origin=origin, keys=(key,))
        if isinstance(signed, Refusal):
            continue
        tree = signed.checkpoint
        short = tree.size > len(hashes)
        if short and side.bundle.manifest.scope.at is not None:
            continue
        if short or Frontier().extend(hashes[: tree.size]).root != tree.root:
            yield Finding(
                level=Level.WRONG,
                what=What.DESK,
                code=Code.ROLLBACK if short else Code.FORK,
                clause="CL-EVI-013",
                feed=feed,
                member="desk/records",
                params={"size": tree.size, "by": other.bundle.manifest.party},
            )
            return


def _rows(left: Verified, right: Verified, causal: Causal) -> Iterator[Row]:
    ours = {event.ref: event for event in left.events}
    theirs = {event.ref: event for event in right.events}
    merged = {**theirs, **ours}
    ordered = sorted(merged.values(), key=lambda e: (causal.depth(e.ref), e.t, e.ref))
    sizes = [{c.fact.feed: c.fact.size for c in side.feeds} for side in (left, right)]
    above: EntryRef | None = None
    for event in ordered:
        ref = event.ref
        knew = [_first_knew(side, ref, (left, right)) for side in (left, right)]
        yield Row(
            event=event,
            left=_received(left, ref),
            right=_received(right, ref),
            left_holds=sizes[0].get(ref.feed, 0) > ref.index,
            right_holds=sizes[1].get(ref.feed, 0) > ref.index,
            knew_left=knew[0],
            knew_right=knew[1],
            after=above is not None and causal.before(above, ref),
        )
        above = ref


def _received(side: Verified, ref: EntryRef) -> Instant | None:
    times = side.bundle.content.received.get(ref.feed, ())
    return times[ref.index] if ref.index < len(times) else None


def _first_knew(side: Verified, ref: EntryRef, both: tuple[Verified, Verified]) -> EntryRef | None:
    """The entry by which a side has signed that it had seen another; its own are itself."""
    party = side.bundle.manifest.party
    if party_of(ref.feed) == party:
        return ref
    for bundle in both:
        for event in bundle.events:
            if event.ref == ref:
                for whose, by, _ in event.receipts:
                    if whose == party:
                        return by
    return None


def _knew(side: Verified, at: Instant, rows: tuple[Row, ...]) -> Knew:
    """By its own clock: what its entries up to then had seen, and what it says had come."""
    party = side.bundle.manifest.party
    seen: dict[FeedId, int] = {}
    for checked in side.feeds:
        if party_of(checked.fact.feed) != party:
            continue
        for index, frame in checked.frames.items():
            if frame.t <= at:
                seen[checked.fact.feed] = max(seen.get(checked.fact.feed, 0), index + 1)
                for feed, size in frame.seen.items():
                    seen[feed] = max(seen.get(feed, 0), size)
    signed, word = [], []
    for row in rows:
        ref, came = row.event.ref, _received(side, row.event.ref)
        if ref.index < seen.get(ref.feed, 0):
            signed.append(ref)
        elif came is not None and came <= at:
            word.append(ref)
    return Knew(party=party, at=at, signed=tuple(signed), own_word=tuple(word))


def _claims(left: Verified, right: Verified, rows: tuple[Row, ...]) -> Iterator[Claim]:
    """What both state of one thing: the clocks' difference, and when things came."""
    a, b = left.bundle.manifest.party, right.bundle.manifest.party
    mine, yours = _offset(left, b), _offset(right, a)
    if mine is not None and yours is not None:
        yield Claim(
            subject=f"clock of {b} minus clock of {a}",
            left=f"{mine.last} ms, within {mine.uncertainty} ms",
            right=f"{-yours.last} ms, within {yours.uncertainty} ms",
            agree=mine.low <= -yours.low and -yours.high <= mine.high,
        )
    for row in rows:
        yield from _arrival(left, right, row, mine or _turned(yours))


def _turned(offset: Offset | None) -> Offset | None:
    """The other side's measurement, seen from here."""
    if offset is None:
        return None
    return msgspec.structs.replace(offset, low=-offset.high, high=-offset.low, last=-offset.last)


def _arrival(left: Verified, right: Verified, row: Row, offset: Offset | None) -> Iterator[Claim]:
    """When an entry of one side came to the other: not before it was written, by both clocks."""
    if offset is None:
        return
    author = party_of(row.event.ref.feed)
    sides: Mapping[PartyId, tuple[Instant | None, int]] = {
        left.bundle.manifest.party: (row.right, offset.low),
        right.bundle.manifest.party: (row.left, -offset.high),
    }
    if author not in sides:
        return
    came, least = sides[author]
    if came is not None and came < row.event.t + least - 1_000:
        yield Claim(
            subject=f"when {row.event.ref} reached the other side",
            left=str(row.left),
            right=str(row.right),
            agree=False,
        )


def _offset(side: Verified, peer: PartyId) -> Offset | None:
    return next((one for one in side.offsets if one.peer == peer), None)


def _found(
    level: Level, what: What, code: Code, feed: FeedId, index: int, **params: str | int
) -> Finding:
    return Finding(
        level=level,
        what=what,
        code=code,
        clause="CL-EVI-015" if what is What.FORKED else "CL-EVI-009",
        feed=feed,
        index=index,
        params={**params},
    )


__all__ = ["Claim", "Comparison", "FeedPair", "Knew", "Row", "compare"]
