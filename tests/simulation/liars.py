"""Worlds in which members say that they hold more of others' records than there is."""

from msgspec.structs import replace

from clearline.model.ids import PartyId
from clearline.node.inbound import Inbound, Stated
from clearline.node.intent import Fetch
from clearline.node.state import LineState
from clearline.node.turn import Turn
from tests.simulation.box import Box
from tests.simulation.world import World

LIES = 0.15
"""Share of statements that are swollen, until the world heals."""


class LyingWorld(World):
    """A world in which some statements are swollen on the way out, without a proof; what happens
    otherwise is drawn as in any other."""

    lies = 0
    locked = 0

    def send(self, box: Box, to: str, *what: Inbound | Fetch | None, stick: bool = False) -> None:
        """Something on the connection, now and then with a lie in it."""
        super().send(box, to, *(self._swollen(to, each) for each in what), stick=stick)

    def _swollen(self, to: str, what: Inbound | Fetch | None) -> Inbound | Fetch | None:
        if not isinstance(what, Stated) or self.healing or to not in self.boxes:
            return what
        other = self.boxes[to]
        if not other.up or (self.sent * 7_919 + self.number) % 1_000 >= LIES * 1_000:
            return what
        self.lies += 1
        feed = other.at.feed
        more = max(what.held.get(feed, 0), other.at.frontier(feed).size) + 1 + self.sent % 40
        return replace(what, held={**what.held, feed: more}, shown=b"")


def believe_no_word(
    turn: Turn, ls: LineState, party: PartyId, size: int, signed_size: int | None
) -> LineState:
    """Unlock without asking: what a peer says of our feed counts only when it is brought."""
    del turn, party, size, signed_size
    return ls
