"""One feed of a bundle on its own: signature, root, openings, completeness, places. Pure."""

from collections.abc import Iterator, Mapping, Sequence

from clearline.conflict.validity import check_volume
from clearline.evidence.facts import Checked, FeedFact, Finding, Level, What
from clearline.evidence.line import checkpoint_at
from clearline.evidence.parts import FeedPart, Withheld
from clearline.ledger.checkpoint import Checkpoint
from clearline.ledger.merkle import (
    Frontier,
    commitment,
    is_salt,
    leaf_hash,
    verify_consistency,
)
from clearline.ledger.proof import ProvedEntry, read_proof, verify_proof
from clearline.model.entry import Entry, Frame
from clearline.model.ids import Digest, EntryRef, FeedId
from clearline.model.refusal import Code, Param, Refusal
from clearline.picture.record import admit, record
from clearline.picture.screen import screen
from clearline.picture.situation import Picture, Unreadable
from clearline.trust.roster import Roster, admits, key_for
from clearline.wire.bodies_v1 import read_entry
from clearline.wire.entry import read_frame


class FeedCheck:
    """The checks of one feed; ``findings`` fills as they run."""

    def __init__(
        self,
        part: FeedPart,
        roster: Roster,
        withheld: Sequence[Withheld],
        stated: int | None,
        proofs: Mapping[EntryRef, bytes],
        picture: Picture,
    ) -> None:
        self.part, self.feed, self.findings = part, part.feed, list[Finding]()
        self._roster, self._withheld, self._stated = roster, withheld, stated
        self._proofs, self._picture = proofs, picture
        self._hashes = [leaf_hash(committed) for committed in part.leaves]
        self._tree: Checkpoint | None = None

    def run(self) -> Checked:
        """All of it."""
        good = self._root()
        opened = self._openings(good)
        self._complete()
        frames, entries = self._read(opened)
        shown = sorted(frames)
        return Checked(
            fact=FeedFact(
                feed=self.feed,
                size=len(self.part.leaves),
                covered=self._tree.size if self._tree is not None else None,
                root=Frontier().extend(self._hashes).root.hex(),
                shown=len(self.part.shown),
                withheld=tuple(self._withheld),
                good=good,
                first_t=frames[shown[0]].t if shown else None,
                last_t=frames[shown[-1]].t if shown else None,
            ),
            hashes=tuple(self._hashes),
            frames=frames,
            entries=entries,
        )

    def _find(
        self, what: What, code: Code, clause: str, index: int | None = None, **params: Param
    ) -> None:
        level = Level.NOTE if what is What.UNREADABLE else Level.WRONG
        self.findings.append(
            Finding(
                level=level,
                what=what,
                code=code,
                clause=clause,
                feed=self.feed,
                index=index,
                params={**params},
            )
        )

    def _root(self) -> bool:
        """CL-EVI-005: signed by the key for its place, and the leaves give its root or begin it."""
        signed = checkpoint_at(self._roster, self.feed, self.part.checkpoint)
        if isinstance(signed, Refusal):
            self._find(What.WRONGLY_SIGNED, signed.code, signed.clause)
            return False
        self._tree = signed.checkpoint
        return self._gives(self._hashes)

    def _gives(self, hashes: Sequence[bytes]) -> bool:
        tree = self._tree
        if tree is None:
            return False
        front = Frontier().extend(hashes)
        return verify_consistency(
            front.size, front.root, tree.size, tree.root, self.part.consistency
        )

    def _openings(self, good: bool) -> dict[int, bytes]:
        """CL-EVI-006: the entries that open the commitment at their place; the others are named.
        Where the root fails, what opens or is proved alone tells which commitments were altered."""
        size, leaves = len(self.part.leaves), self.part.leaves
        places = {committed: n for n, committed in enumerate(leaves)} if leaves else {}
        opened: dict[int, bytes] = {}
        doubtful: dict[int, bytes] = {}
        for index, shown in sorted(self.part.shown.items()):
            if not is_salt(shown.salt):
                self._find(What.ALTERED, Code.BAD_SALT, "CL-LED-002", index)
            elif index >= size:
                doubtful[index] = commitment(shown.salt, shown.data)
            elif (committed := commitment(shown.salt, shown.data)) == leaves[index]:
                opened[index] = shown.data
            else:
                doubtful[index] = committed
        for index in self.part.repeated:
            self._find(What.DUPLICATED, Code.BAD_ORDER, "CL-EVI-007", index)
        mended = {} if good else self._mended(doubtful)
        for index in mended:
            self._find(What.LEAF_ALTERED, Code.BAD_ROOT, "CL-EVI-005", index)
        if not good and not mended and self._tree is not None:
            self._spoilt(doubtful, places)
        for index, committed in doubtful.items():
            if index in mended:
                opened[index] = self.part.shown[index].data
            elif index >= size:
                self._find(What.ADDED, Code.BAD_PROOF, "CL-EVI-006", index)
            elif committed in places and not (not good and places[committed] == index - 1):
                belongs = str(EntryRef(self.feed, places[committed]))
                self._find(What.REORDERED, Code.WRONG_INDEX, "CL-EVI-006", index, belongs=belongs)
            elif committed not in places:
                self._find(What.ALTERED, Code.BAD_PROOF, "CL-EVI-006", index)
        return opened

    def _mended(self, doubtful: Mapping[int, bytes]) -> dict[int, bytes]:
        """Leaf hashes that, put in the places of those that entries and proofs contradict, give the
        root that was signed: then these commitments were altered and nothing else."""
        fixed = {
            index: leaf_hash(committed)
            for index, committed in doubtful.items()
            if index < len(self._hashes)
        }
        for ref, text in self._proofs.items():
            proof = read_proof(text)
            if ref.feed != self.feed or isinstance(proof, Refusal):
                continue
            shown = self.part.shown.get(ref.index)
            if shown is None or ref.index >= len(self._hashes):
                continue
            proved = self.proved(text, shown.salt, shown.data)
            if isinstance(proved, ProvedEntry) and proved.leaf != self._hashes[ref.index]:
                fixed[ref.index] = proved.leaf
        if not fixed:
            return {}
        hashes = list(self._hashes)
        for index, hash_ in fixed.items():
            hashes[index] = hash_
        if not self._gives(hashes):
            return {}
        self._hashes = hashes
        return fixed

    def proved(self, text: bytes, salt: bytes, data: bytes) -> ProvedEntry | Refusal:
        """An entry by its tlog-proof, under the keys that speak for this feed."""
        size = self._tree.size if self._tree is not None else 0
        key = key_for(self._roster, self.feed, size)
        if key is None or self._tree is None:
            return Refusal(code=Code.UNKNOWN_KEY, clause="CL-TRU-002", params={"feed": self.feed})
        return verify_proof(text, origin=self._tree.origin, keys=(key,), salt=salt, entry=data)

    def _spoilt(self, doubtful: Mapping[int, bytes], places: Mapping[bytes, int]) -> None:
        """The leaves are wrong and cannot be mended: name the first commitment that is missing, if
        what follows it has moved up; else the feed as a whole."""
        assert self._tree is not None, "the caller has looked"
        moved = [i for i, c in sorted(doubtful.items()) if places.get(c) == i - 1]
        if len(self._hashes) < self._tree.size and moved:
            self._find(What.DROPPED, Code.BAD_ROOT, "CL-EVI-005", moved[0] - 1)
        elif len(self._hashes) < self._tree.size and not self.part.consistency:
            self._find(What.DROPPED, Code.BAD_ROOT, "CL-EVI-005", len(self._hashes))
        self._find(
            What.BAD_ROOT,
            Code.BAD_ROOT,
            "CL-EVI-005",
            held=len(self._hashes),
            size=self._tree.size,
        )

    def _complete(self) -> None:
        """CL-EVI-007: shown once or stated as withheld, and counted rightly."""
        size = len(self.part.leaves)
        if self._stated != size:
            self._find(What.MISCOUNTED, Code.BAD_FIELD, "CL-EVI-007", held=size)
        hidden: set[int] = set()
        for run in self._withheld:
            if run.count < 1 or run.first < 0 or run.first + run.count > size:
                self._find(What.MISCOUNTED, Code.BAD_FIELD, "CL-EVI-007", run.first)
                continue
            hidden.update(range(run.first, run.first + run.count))
        for index in range(size):
            shown = index in self.part.shown
            if shown and index in hidden:
                self._find(What.WITHHELD_SHOWN, Code.BAD_ORDER, "CL-EVI-007", index)
            elif not shown and index not in hidden:
                self._find(What.DROPPED, Code.GAP, "CL-EVI-007", index)

    def _read(self, opened: Mapping[int, bytes]) -> tuple[dict[int, Frame], dict[int, Entry]]:
        """CL-EVI-008: what the entries say, in their places; those that no node could apply are
        named. Admission is judged in full where nothing of the feed is missing."""
        frames: dict[int, Frame] = {}
        entries: dict[int, Entry] = {}
        picture, whole = self._picture, 0
        for index, data in sorted(opened.items()):
            leaf = Digest(self._hashes[index].hex())
            frame = read_frame(data)
            read = read_entry(data, leaf)
            if not isinstance(frame, Refusal):
                wrong = self._elsewhere(frame, index)
                if wrong is not None:
                    self._find(What.MISPLACED, wrong, "CL-EVI-008", index)
                    continue
                frames[index] = frame
            item = self._placed(read, index, leaf, frame)
            clause = read.clause if isinstance(read, Refusal) else "CL-TRU-043"
            if index == whole:
                if isinstance(item, Entry):
                    state = picture.feed(self.feed)
                    refusal = screen(state, item, picture.terms, check_volume)
                    clause = refusal.clause if refusal is not None else clause
                item = admit(picture, item, check_volume)
                picture, whole = record(picture, item), whole + 1
            if isinstance(item, Unreadable):
                self._find(What.UNREADABLE, item.code, clause, index)
            else:
                entries[index] = item
        return frames, entries

    def _placed(
        self, read: Entry | Refusal, index: int, leaf: Digest, frame: Frame | Refusal
    ) -> Entry | Unreadable:
        if isinstance(read, Refusal):
            t = frame.t if isinstance(frame, Frame) else None
            return Unreadable(feed=self.feed, index=index, leaf=leaf, code=read.code, t=t)
        if admits(self._roster, self.feed, index, read.kind).value != "yes":
            return Unreadable(
                feed=self.feed, index=index, leaf=leaf, code=Code.NOT_ALLOWED, t=read.t
            )
        return read

    def _elsewhere(self, frame: Frame, index: int) -> Code | None:
        if frame.line != self._roster.line:
            return Code.FOREIGN_LINE
        if frame.feed != self.feed:
            return Code.FOREIGN_FEED
        return Code.WRONG_INDEX if frame.index != index else None


def runs_of(withheld: Sequence[Withheld], feed: FeedId) -> Iterator[Withheld]:
    """The stated runs of one feed."""
    return (run for run in withheld if run.feed == feed)
