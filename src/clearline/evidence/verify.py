"""Whether a bundle is whole and consistent: every step numbered, every fault named. Pure, offline.

A bundle is a party's own statement. What others have signed in it cannot be altered, dropped,
reordered or cut short without its showing; what the maker says on its own word is held against its
own record, and labelled.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from clearline.evidence.bundle import note_name, note_text, read_bundle
from clearline.evidence.events import events, origins
from clearline.evidence.facts import (
    Checked,
    Event,
    Finding,
    Level,
    Offset,
    Step,
    Verified,
    What,
)
from clearline.evidence.feeds import FeedCheck, runs_of
from clearline.evidence.line import checkpoint_at, key_candidates, read_line, unb64
from clearline.evidence.parts import Bundle, ForkStated
from clearline.evidence.seals import opened_seals
from clearline.evidence.times import Clocks, offsets, order, own_word
from clearline.evidence.words import NOTICE_LINES
from clearline.ledger.audit import Fork, verify_fork
from clearline.ledger.checkpoint import desk_origin_of, origin_of, verify_checkpoint
from clearline.ledger.merkle import (
    Frontier,
    MemoryHashes,
    Tree,
    commitment,
    is_salt,
    leaf_hash,
    new_hashes,
)
from clearline.ledger.note import VerifierKey, open_note
from clearline.ledger.proof import ProvedEntry, read_proof, verify_proof
from clearline.model.entry import Kind
from clearline.model.ids import EntryRef, FeedId, LineId, PartyId, is_feed_id, party_of
from clearline.model.refusal import Code, Refusal
from clearline.picture.record import add_terms
from clearline.picture.situation import Picture
from clearline.signing import PublicKey
from clearline.trust.roster import Roster, key_for
from clearline.wire.entry import read_frame

Progress = Callable[[str, int, int], None]


def _silent(what: str, done: int, total: int) -> None:
    del what, done, total


def verify(
    raw: bytes, *, line: LineId | None = None, progress: Progress = _silent
) -> Verified | Refusal:
    """The whole verification of a file. ``line``: the name of the line that the reader knows; a
    bundle of another one is wrong. Refused: what is no bundle. Never raises."""
    bundle = read_bundle(raw)
    if isinstance(bundle, Refusal):
        return bundle
    return _Run(bundle, line, progress).all()


@dataclass(slots=True)
class _Run:
    """One verification under way."""

    bundle: Bundle
    wanted: LineId | None
    progress: Progress
    findings: list[Finding] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    feeds: dict[FeedId, Checked] = field(default_factory=dict)
    trees: dict[FeedId, Tree] = field(default_factory=dict)

    def all(self) -> Verified:
        """Every step in its order; a line that cannot be read ends it."""
        manifest = self.bundle.manifest
        self._step("the file and its list of members", self._file())
        read = read_line(self.bundle.content.documents, self._left())
        if isinstance(read, Refusal):
            bad = Finding(level=Level.WRONG, what=What.DOCUMENT, code=read.code, clause=read.clause)
            self._step("the line: terms, keys, epochs", iter((bad,)))
            return self._done(None, (), ())
        roster = read.roster
        self._step("the line: terms, keys, epochs", self._line(roster, read.left_over))
        self._step("the maker's signature over it all", self._maker(roster))
        self._step("each record: signature, root, openings, completeness", self._feeds(roster))
        self._step("proofs that travel alone, and entries ahead", self._proofs(roster))
        self._step("what others have seen: lengths and leaves", self._others(roster))
        self._step("checkpoints that others showed, and forks", self._forks(roster))
        self._step("the private desk record", self._desk(roster))
        measured = list(offsets(self.bundle.content.beats))
        found = tuple(one for one in measured if isinstance(one, Offset))
        clocks = Clocks(maker=manifest.party, by_peer={one.peer: one for one in found})
        faults = [one for one in measured if isinstance(one, Finding)]
        received = self.bundle.content.received
        self._step(
            "times: records, clocks, what was seen", iter((*faults, *order(self.feeds, clocks)))
        )
        self._step("the maker's own word", own_word(self.feeds, received, clocks))
        self._step("what was sealed and opened", opened_seals(self.feeds, roster))
        self._step("what is withheld", self._withheld())
        return self._done(roster, found, events(self.feeds, received, roster))

    def _step(self, title: str, found: Iterator[Finding]) -> None:
        before = len(self.findings)
        self.findings += found
        new = self.findings[before:]
        wrong = sum(one.level is Level.WRONG for one in new)
        unknown = sum(one.level is Level.UNKNOWN for one in new)
        text = f"{wrong} wrong" if wrong else f"{unknown} unknown" if unknown else "holds"
        self.steps.append(
            Step(number=len(self.steps) + 1, title=title, wrong=wrong, unknown=unknown, text=text)
        )
        self.progress(title, len(self.steps), 12)

    def _done(
        self, roster: Roster | None, found: tuple[Offset, ...], told: tuple[Event, ...]
    ) -> Verified:
        desk = self.bundle.content.desk
        return Verified(
            bundle=self.bundle,
            line=roster.line if roster is not None else self.bundle.manifest.line,
            roster=roster,
            steps=tuple(self.steps),
            findings=tuple(self.findings),
            feeds=tuple(self.feeds[feed] for feed in sorted(self.feeds)),
            offsets=found,
            events=told,
            origins=origins([e for c in self.feeds.values() for _, e in sorted(c.entries.items())]),
            desk_shown=tuple((n, o.data) for n, o in sorted(desk.shown.items())) if desk else (),
        )

    def _left(self) -> frozenset[PartyId]:
        """Parties whose record says that they left; that it is theirs is proved later."""
        gone: set[PartyId] = set()
        for part in self.bundle.content.feeds:
            last = part.shown.get(len(part.leaves) - 1)
            frame = read_frame(last.data) if last is not None else None
            if frame is not None and not isinstance(frame, Refusal) and frame.kind == Kind.LEAVE:
                gone.add(party_of(part.feed))
        return frozenset(gone)

    # -- steps

    def _file(self) -> Iterator[Finding]:
        """CL-EVI-001, 002."""
        if not self.bundle.exact:
            yield _wrong(What.FILE_FORM, Code.NOT_CANONICAL, "CL-EVI-001")
        for fault in self.bundle.misfits:
            yield Finding(
                level=Level.WRONG,
                what=What.MEMBER,
                code=fault.code,
                clause=fault.clause,
                member=fault.at,
                params=fault.params,
            )
        if self.bundle.manifest.says != NOTICE_LINES:
            yield _wrong(What.MEMBER, Code.MISSING_FIELD, "CL-EVI-002", member="manifest.json")

    def _line(self, roster: Roster, left_over: Sequence[tuple[int, Refusal]]) -> Iterator[Finding]:
        """CL-EVI-004."""
        if self.wanted is not None and roster.line != self.wanted:
            yield _wrong(What.FOREIGN_LINE, Code.FOREIGN_LINE, "CL-EVI-004")
        if self.bundle.manifest.line != roster.line:
            yield _wrong(What.FOREIGN_LINE, Code.FOREIGN_LINE, "CL-EVI-004", member="manifest.json")
        for n, refusal in left_over:
            yield Finding(
                level=Level.WRONG,
                what=What.DOCUMENT,
                code=refusal.code,
                clause=refusal.clause,
                member=f"documents/{n:04d}.json",
                params=refusal.params,
            )

    def _maker(self, roster: Roster) -> Iterator[Finding]:
        """CL-EVI-003."""
        manifest = self.bundle.manifest
        if not is_feed_id(manifest.feed) or party_of(manifest.feed) != manifest.party:
            yield _wrong(What.MAKER, Code.FOREIGN_FEED, "CL-EVI-003")
            return
        name = note_name(roster.line, manifest.feed)
        keys = self._keys(roster, manifest.feed)
        opened = open_note(self.bundle.note, [VerifierKey(name, key) for key in keys])
        if isinstance(opened, Refusal):
            yield _wrong(What.MAKER, opened.code, "CL-EVI-003")
        elif opened.text != note_text(manifest, self.bundle.manifest_raw):
            yield _wrong(What.MAKER, Code.BAD_SIGNATURE, "CL-EVI-003")
        elif self.bundle.note.count(b"\n") != opened.text.count("\n") + 2:
            yield _wrong(What.MAKER, Code.BAD_NOTE, "CL-EVI-003")  # lines that nobody signed

    def _keys(self, roster: Roster, feed: FeedId) -> tuple[PublicKey, ...]:
        part = next((part for part in self.bundle.content.feeds if part.feed == feed), None)
        key = key_for(roster, feed, len(part.leaves) if part is not None else 0)
        both = (*key_candidates(roster, feed), *((key,) if key is not None else ()))
        return tuple(dict.fromkeys(both))

    def _feeds(self, roster: Roster) -> Iterator[Finding]:
        """CL-EVI-005 to 008, feed by feed."""
        content, manifest = self.bundle.content, self.bundle.manifest
        stated = {held.feed: held.size for held in manifest.held if held.size}
        picture = Picture(line=roster.line)
        for signed in roster.versions:
            picture = add_terms(picture, signed.body)
        for part in content.feeds:
            if party_of(part.feed) not in roster.parties:
                yield _wrong(What.WRONGLY_SIGNED, Code.UNKNOWN_PARTY, "CL-EVI-005", part.feed)
                continue
            check = FeedCheck(
                part,
                roster,
                tuple(runs_of(manifest.withheld, part.feed)),
                stated.pop(part.feed, None),
                content.proofs,
                picture,
            )
            checked = check.run()
            yield from check.findings
            self.feeds[part.feed] = checked
            rows = MemoryHashes(new_hashes(Frontier(), checked.hashes))
            self.trees[part.feed] = Tree(rows)
        for feed in sorted(stated):
            yield _wrong(What.DROPPED, Code.GAP, "CL-EVI-007", feed)

    def _proofs(self, roster: Roster) -> Iterator[Finding]:
        """CL-EVI-014: each tlog-proof shows its entry in its place."""
        for ref, text in self.bundle.content.proofs.items():
            part = next((p for p in self.bundle.content.feeds if p.feed == ref.feed), None)
            shown = part.shown.get(ref.index) if part is not None else None
            proof = read_proof(text)
            good = (
                shown is not None
                and not isinstance(proof, Refusal)
                and proof.extra == shown.salt
                and self._alone(roster, ref, text, shown.data) is None
            )
            if not good:
                yield _wrong(What.PROOF, Code.BAD_PROOF, "CL-EVI-014", ref.feed, ref.index)
        for kept in self.bundle.content.ahead:
            ref = EntryRef(kept.feed, kept.index)
            refusal = self._alone(roster, ref, kept.proof, kept.data)
            if refusal is not None:
                yield _wrong(What.PROOF, refusal, "CL-EVI-014", kept.feed, kept.index)
                continue
            held = self.feeds.get(kept.feed)
            if held is not None and kept.index < held.fact.size:
                yield _wrong(What.PROOF, Code.OLD_INDEX, "CL-EVI-014", kept.feed, kept.index)

    def _alone(self, roster: Roster, ref: EntryRef, text: bytes, data: bytes) -> Code | None:
        proof = read_proof(text)
        if isinstance(proof, Refusal):
            return proof.code
        signed = checkpoint_at(roster, ref.feed, proof.checkpoint)
        if isinstance(signed, Refusal):
            return signed.code
        key = key_for(roster, ref.feed, signed.checkpoint.size)
        assert key is not None, "it has just signed"
        origin = origin_of(roster.line, ref.feed)
        proved = verify_proof(text, origin=origin, keys=(key,), salt=proof.extra, entry=data)
        if not isinstance(proved, ProvedEntry):
            return proved.code
        return None if proved.index == ref.index else Code.WRONG_INDEX

    def _others(self, roster: Roster) -> Iterator[Finding]:
        """CL-EVI-009, 010: what entries say of other records' lengths and leaves."""
        del roster
        maker = self.bundle.manifest.party
        more = {one.feed: one.uncovered for one in self.bundle.manifest.held}
        longest: dict[FeedId, tuple[int, EntryRef]] = {}
        sure: set[FeedId] = set()
        for writer, checked in self.feeds.items():
            for index, frame in checked.frames.items():
                for feed, size in frame.seen.items():
                    held = self.feeds[feed].fact.size if feed in self.feeds else 0
                    if size <= held:
                        continue
                    told = size <= held + more.get(feed, 0) and party_of(feed) != maker
                    if maker in (party_of(writer), party_of(feed)) and not told:
                        sure.add(feed)
                    if size > longest.get(feed, (0, None))[0]:
                        longest[feed] = size, EntryRef(writer, index)
                listed = [(item.feed, item.index, item.leaf) for item in frame.ahead]
                listed += [(item.feed, item.index, item.leaf) for item in frame.refused]
                for feed, place, leaf in listed:
                    its = self.feeds.get(feed)
                    known = its.hashes if its is not None else ()
                    if place < len(known) and known[place].hex() != leaf:
                        yield _wrong(What.FORKED, Code.FORK, "CL-EVI-010", feed, place)
        for feed, (size, by) in sorted(longest.items()):
            held = self.feeds[feed].fact.size if feed in self.feeds else 0
            yield _short(feed, size, held, str(by), certain=feed in sure)

    def _forks(self, roster: Roster) -> Iterator[Finding]:
        """CL-EVI-009, 015."""
        proved: set[FeedId] = set()
        for stated in self.bundle.content.forks:
            place = self._fork(roster, stated)
            if place is None:
                yield _wrong(What.NO_FORK, Code.BAD_PROOF, "CL-EVI-015", stated.feed)
                continue
            proved.add(stated.feed)
            yield _wrong(What.FORKED, Code.FORK, "CL-EVI-015", stated.feed, place - 1)
        for seen in self.bundle.content.checkpoints:
            feed = _named(seen.text)
            if feed is None or party_of(feed) not in roster.parties:
                continue
            signed = checkpoint_at(roster, feed, seen.text.encode())
            if isinstance(signed, Refusal):
                continue  # somebody showed something that nobody signed: it speaks of nobody
            tree = signed.checkpoint
            held = self.feeds[feed].fact.size if feed in self.feeds else 0
            if tree.size > held:
                own = party_of(feed) == self.bundle.manifest.party
                yield _short(feed, tree.size, held, seen.by, certain=own)
            elif feed in self.trees and self.trees[feed].root(tree.size) != tree.root:
                good = self.feeds[feed].fact.good
                if good and feed not in proved:
                    yield _wrong(What.FORKED, Code.FORK, "CL-EVI-015", feed, tree.size - 1)

    def _fork(self, roster: Roster, stated: ForkStated) -> int | None:
        """The size at which two signed histories differ, when both are signed."""
        beginning = unb64(stated.beginning)
        proof = [unb64(text) for text in stated.proof]
        if beginning is None or not is_feed_id(stated.feed):
            return None
        if party_of(stated.feed) not in roster.parties:
            return None
        fork = Fork(
            shorter=stated.shorter.encode(),
            longer=stated.longer.encode(),
            beginning=beginning,
            proof=tuple(hash_ or b"" for hash_ in proof),
        )
        both = [checkpoint_at(roster, stated.feed, text) for text in (fork.shorter, fork.longer)]
        sizes = [one.checkpoint.size for one in both if not isinstance(one, Refusal)]
        keys = [key for size in sizes if (key := key_for(roster, stated.feed, size)) is not None]
        origin = origin_of(roster.line, stated.feed)
        if len(sizes) != 2 or isinstance(verify_fork(fork, origin=origin, keys=keys), Refusal):
            return None
        return sizes[0]

    def _desk(self, roster: Roster) -> Iterator[Finding]:
        """CL-EVI-013."""
        desk, manifest = self.bundle.content.desk, self.bundle.manifest
        if desk is None or not is_feed_id(manifest.feed):
            return
        origin = desk_origin_of(roster.line, manifest.feed)
        signed = verify_checkpoint(
            desk.checkpoint, origin=origin, keys=self._keys(roster, manifest.feed)
        )
        if isinstance(signed, Refusal):
            yield _wrong(What.DESK, signed.code, "CL-EVI-013", member="desk/checkpoint")
            return
        tree = signed.checkpoint
        front = Frontier().extend(leaf_hash(leaf) for leaf in desk.leaves)
        if (front.size, front.root) != (tree.size, tree.root):
            yield _wrong(What.DESK, Code.BAD_ROOT, "CL-EVI-013", member="desk/leaves")
        for index in desk.repeated:
            yield _wrong(What.DESK, Code.BAD_ORDER, "CL-EVI-013", None, index, "desk/records")
        for index, shown in desk.shown.items():
            opens = (
                is_salt(shown.salt)
                and index < len(desk.leaves)
                and commitment(shown.salt, shown.data) == desk.leaves[index]
            )
            if not opens:
                yield _wrong(What.DESK, Code.BAD_PROOF, "CL-EVI-013", None, index, "desk/records")

    def _withheld(self) -> Iterator[Finding]:
        """How many leaves are withheld of each record."""
        for run in self.bundle.manifest.withheld:
            yield Finding(
                level=Level.UNKNOWN,
                what=What.WITHHELD,
                code=Code.GAP,
                clause="CL-EVI-007",
                feed=run.feed,
                index=run.first,
                params={"count": run.count, "why": run.why},
            )
        desk = self.bundle.content.desk
        hidden = len(desk.leaves) - len(desk.shown) if desk is not None else 0
        if hidden > 0:
            yield Finding(
                level=Level.UNKNOWN,
                what=What.WITHHELD,
                code=Code.GAP,
                clause="CL-EVI-013",
                member="desk/records",
                params={"count": hidden, "why": "range"},
            )


def _wrong(
    what: What,
    code: Code,
    clause: str,
    feed: str | None = None,
    index: int | None = None,
    member: str | None = None,
) -> Finding:
    return Finding(
        level=Level.WRONG,
        what=what,
        code=code,
        clause=clause,
        feed=feed,
        index=index,
        member=member,
    )


def _short(feed: FeedId, said: int, held: int, by: str, *, certain: bool) -> Finding:
    """A record that is longer elsewhere: cut short, or more of it exists than was held."""
    return Finding(
        level=Level.WRONG if certain else Level.UNKNOWN,
        what=What.TRUNCATED if certain else What.NOT_HELD,
        code=Code.TRUNCATED if certain else Code.GAP,
        clause="CL-EVI-009",
        feed=feed,
        index=held,
        params={"said": said, "size": held, "by": by},
    )


def _named(text: str) -> FeedId | None:
    parts = text[:200].split("\n", 1)[0].split("/")
    return FeedId(parts[2]) if len(parts) == 3 and is_feed_id(parts[2]) else None
