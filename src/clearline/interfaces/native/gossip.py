"""Checkpoints that peers pass on: judged against what is held, forks proved (CL-LED-016, 017).

A checkpoint of a feed longer than what is held cannot be judged yet: the newest such from each
peer is kept, and judged when the entries up to its size have come.
"""

from dataclasses import dataclass, field

from clearline.ledger.audit import Fork, Held, Verdict, judge
from clearline.ledger.checkpoint import SignedCheckpoint
from clearline.model.ids import FeedId, LineId, PartyId, is_feed_id, party_of
from clearline.model.limits import FEEDS_MAX
from clearline.model.refusal import Refusal
from clearline.node.conductor import Conductor
from clearline.node.forks import write_fork
from clearline.node.hashes import StoredHashes
from clearline.node.inbound import Forked
from clearline.node.proving import verified_head


@dataclass(slots=True)
class Gossip:
    """What was heard on one line and is still to be judged, by feed and teller."""

    conductor: Conductor
    line: LineId
    waiting: dict[tuple[FeedId, PartyId], SignedCheckpoint] = field(default_factory=dict)

    def hear(self, teller: PartyId, text: bytes) -> Forked | FeedId | Refusal | None:
        """Judge a checkpoint: a proof of a fork, or the feed of which the teller holds more than
        we do, or why it is not believed, or None."""
        ls = self.conductor.state.lines[self.line]
        feed = _feed_named(text)
        if feed is None or party_of(feed) not in ls.roster.parties:
            return None
        signed = verified_head(ls, feed, text)
        if isinstance(signed, Refusal):
            return signed
        return self._judge(feed, teller, signed)

    def grown(self) -> list[Forked]:
        """Entries have come: judge again what waited for them."""
        found = []
        for (feed, teller), signed in list(self.waiting.items()):
            ls = self.conductor.state.lines[self.line]
            if ls.frontier(feed).size < signed.checkpoint.size:
                continue
            del self.waiting[feed, teller]
            if isinstance(judged := self._judge(feed, teller, signed), Forked):
                found.append(judged)
        return found

    def _judge(
        self, feed: FeedId, teller: PartyId, signed: SignedCheckpoint
    ) -> Forked | FeedId | None:
        ls = self.conductor.state.lines[self.line]
        held = self.conductor.head(self.line, feed)
        if held is None or signed.checkpoint.size > held.checkpoint.size:
            if len(self.waiting) < FEEDS_MAX or (feed, teller) in self.waiting:
                self.waiting[feed, teller] = signed
            return feed if signed.checkpoint.size > ls.frontier(feed).size else None
        hashes = StoredHashes(self.conductor.store, self.line, feed)
        judgement = judge(
            Held(signed=held, hashes=hashes), signed, newest_of_author=party_of(feed) == teller
        )
        if judgement.verdict is not Verdict.FORK:
            return None
        assert judgement.fork is not None, "a fork comes with its proof"
        return self.forked(feed, judgement.fork)

    def forked(self, feed: FeedId, fork: Fork) -> Forked:
        """The proof as the node takes it."""
        return Forked(line=self.line, feed=feed, proof=write_fork(feed, fork))


def _feed_named(text: bytes) -> FeedId | None:
    """The feed that an unverified checkpoint claims to be of: the end of its origin."""
    name = text.partition(b"\n")[0].rpartition(b"/")[2]
    if len(name) > 32 or not name.isascii():
        return None
    feed = name.decode("ascii")
    return FeedId(feed) if is_feed_id(feed) else None
