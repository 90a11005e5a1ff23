"""Attachments over the bulk connection: one piece asked for at a time, resumed where it ended.

Whoever can name an attachment's digest has read the entry that announces it: within a line that is
everybody, and outside of it nobody, so naming it is all that a piece asks for.
"""

import hashlib
from dataclasses import dataclass, field

from clearline.model.ids import Digest, LineId
from clearline.model.limits import PIECE_BYTES_MAX
from clearline.model.refusal import Code, Refusal
from clearline.node.inbound import Pieced
from clearline.node.intent import Gather
from clearline.node.ports import Reads
from clearline.wire.link import Piece, WantPiece


@dataclass(slots=True)
class Gathering:
    """What is to be got from one peer on one line; ``asked``: the one that is asked for now.
    ``later``: those that the peer has not got yet, to be asked for again after a while."""

    store: Reads
    line: LineId
    due: dict[Digest, Gather] = field(default_factory=dict)
    later: set[Digest] = field(default_factory=set)
    asked: Digest | None = None

    def ask(self) -> WantPiece | None:
        """The next request, unless one is under way."""
        if self.asked is not None:
            return None
        digest = next((digest for digest in self.due if digest not in self.later), None)
        if digest is None:
            return None
        self.asked = digest
        return WantPiece(line=self.line, digest=digest, offset=self.store.blob_held(digest))

    def take(self, piece: Piece) -> Pieced | None:
        """What the piece is to the node; None for one that was not asked for or does not follow.

        The digest is taken over all that is held when the last piece comes."""
        gather = self.due.get(piece.digest)
        if gather is None or piece.digest != self.asked:
            return None
        self.asked = None
        fits = piece.total == gather.size and piece.offset == self.store.blob_held(piece.digest)
        if not fits or (not piece.content and piece.total):
            self.later.add(piece.digest)
            return None
        if piece.offset + len(piece.content) < piece.total:
            return Pieced(
                line=self.line, digest=piece.digest, offset=piece.offset, content=piece.content
            )
        held = self.store.blob(piece.digest)
        found = hashlib.sha256((held[1] if held is not None else b"") + piece.content).hexdigest()
        whole = found == piece.digest
        if whole:
            del self.due[piece.digest]
        else:
            self.later.add(piece.digest)
        return Pieced(
            line=self.line,
            digest=piece.digest,
            offset=piece.offset,
            content=piece.content,
            whole=whole,
            spoilt=not whole,
        )

    def not_there(self) -> None:
        """The peer has refused what was asked for."""
        if self.asked is not None:
            self.later.add(self.asked)
            self.asked = None


@dataclass(slots=True)
class Serving:
    """Pieces for the other side; the attachment that is being sent is kept in memory meanwhile."""

    store: Reads
    wanted: WantPiece | None = None
    _digest: Digest | None = None
    _content: bytes = b""

    def next(self, bytes_max: int) -> Piece | Refusal | None:
        """The piece that was asked for last, no larger than this."""
        want, self.wanted = self.wanted, None
        if want is None:
            return None
        if want.digest != self._digest:
            held = self.store.blob(want.digest)
            self._digest, self._content = want.digest, held[1] if held is not None else b""
            if held is None:
                self._digest = None
                return Refusal(
                    code=Code.NOT_FOUND, clause="CL-LNK-023", params={"digest": want.digest}
                )
        total = len(self._content)
        size = min(max(bytes_max, 1), PIECE_BYTES_MAX)
        content = self._content[want.offset : want.offset + size]
        piece = Piece(
            line=want.line, digest=want.digest, offset=min(want.offset, total),
            content=content, total=total,
        )  # fmt: skip
        if want.offset + len(content) >= total:
            self._digest, self._content = None, b""
        return piece
