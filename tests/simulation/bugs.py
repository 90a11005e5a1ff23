"""Bugs planted on purpose: each is one that a second implementation could well have."""

from collections.abc import Callable
from contextvars import ContextVar

from msgspec.structs import replace

from clearline.conflict.blocks import NOBODY, BlockIndex
from clearline.conflict.verdict import Extent
from clearline.ledger.checkpoint import SignedCheckpoint
from clearline.model.alert import Trouble
from clearline.model.entry import RefusedItem
from clearline.model.finding import Judgement
from clearline.model.ids import EntryRef, FeedId, LineId, PartyId, party_of
from clearline.node import loading, write
from clearline.node.conductor import Conductor
from clearline.node.decide import Decision
from clearline.node.judge import Judge
from clearline.node.state import Last, LineState, State
from clearline.picture.situation import Picture, Version
from clearline.picture.standing import View, Why, WithParty
from tests.simulation.world import World

Outlet = Callable[[PartyId, LineId, FeedId, SignedCheckpoint], None]
OUTLET: ContextVar[Outlet] = ContextVar("OUTLET")
"""Where a node that does not wait for its disk sends its checkpoints."""


class Hasty(Conductor):
    """Receipt before durable: signs and sends, then commits."""

    def perform(self, decision: Decision) -> None:
        """The one durable step, in the wrong order."""
        before, self.state = self.state, decision.state
        for head in decision.commit.heads:
            if head.text == "":
                self._sign(head.line, head.feed)
                signed = self.heads.get((head.line, head.feed))
                if signed is not None:
                    OUTLET.get()(self.local.party, head.line, head.feed, signed)
        self.state = before
        super().perform(decision)


class OtherTerrain(Conductor):
    """A node whose own data, which the agreement does not name, decide that hazards above a ridge
    reach nobody."""

    def __post_init__(self) -> None:
        self.judge = Ridge
        super().__post_init__()


class Ridge(Judge):
    """NO where everybody else says YES."""

    def _keep(self, a: Version, b: Version, judgement: Judgement) -> None:
        if "hazardous-air" not in (a.cls, b.cls):
            super()._keep(a, b, judgement)


_with_party = View.with_party


def sent_is_received(self: View, version: Version, member: PartyId, terms: int) -> WithParty:
    """Clear on send: nobody waits for a receipt."""
    found = _with_party(self, version, member, terms)
    return WithParty(party=member, why=Why.RECEIVED) if found.why is Why.NOT_SEEN else found


def receipt_of_the_notice(self: View, version: Version, member: PartyId, terms: int) -> WithParty:
    """A receipt keyed on the notice instead of the version."""
    return _with_party(self, replace(version, ref=version.notice), member, terms)


def refused_is_received(self: View, version: Version, member: PartyId, terms: int) -> WithParty:
    """A refused entry counted as seen, by its author."""
    found = _with_party(self, version, member, terms)
    return WithParty(party=member, why=Why.RECEIVED) if found.why is Why.REFUSED else found


_reportable = write._reportable


def refused_is_not_told(ls: LineState) -> tuple[dict[FeedId, int], tuple[RefusedItem, ...]]:
    """A refused entry counted as seen, by its reader."""
    return _reportable(ls)[0], ()


_seen_now = write.seen_now


def seen_by_highest_index(ls: LineState) -> dict[FeedId, int]:
    """``seen`` by highest index instead of contiguous prefix."""
    seen = _seen_now(ls)
    for ref in ls.stored_ahead:
        seen[ref.feed] = max(seen.get(ref.feed, 0), ref.index + 1)
    return seen


_near = Judge._near
TOGETHER: dict[int, dict[EntryRef, int]] = {}
"""By judge, the turn in which each version was first seen."""


def check_then_append(
    self: Judge, version: Version, extents: tuple[Extent, ...] | None
) -> list[EntryRef]:
    """Check without append in one transaction: whatever comes in one turn was checked against the
    picture before it, so that two of them are never judged against each other."""
    came = TOGETHER.setdefault(id(self), {})
    turn = id(self._picture)
    for ref in self.live:
        came.setdefault(ref, turn)
    near = _near(self, version, extents)
    return [ref for ref in near if came[ref] != came[version.ref]]


def pending_is_no(self: Judge, version: Version) -> int:
    """A pair that is not judged yet counts as one that is apart."""
    return 0


_put_away = BlockIndex._put_away


def lose_a_row(self: BlockIndex[EntryRef]) -> None:
    """The newest row of a tail is not among those that are put away."""
    self._slots[self._used - 1] = NOBODY
    _put_away(self)


_thin = loading._thin


def receipt_while_loading(ls: LineState, last: Last) -> Picture:
    """An emergency that has seen all that is stored, although nothing of it was read yet."""
    sizes = {f: front.size for f, front in ls.frontiers.items() if party_of(f) != ls.me}
    return _thin(ls, replace(last, seen=sizes))


def ended_by_loading(state: State, ls: LineState) -> dict[str, Trouble]:
    """What is not in a picture that is not there is taken for over."""
    return {}


def hasty_world(number: int) -> World:
    """A world of hasty nodes."""
    from clearline.node.inbound import Pushed

    world = World(number, kind=Hasty)

    def outlet(party: PartyId, line: LineId, feed: FeedId, signed: SignedCheckpoint) -> None:
        pushed = Pushed(
            line=line, peer=party, feed=feed, first=0, items=(), checkpoint=signed.text
        )  # fmt: skip
        world.checker.leaves(world.boxes[party], pushed, signed)

    OUTLET.set(outlet)
    return world


def terrain_world(number: int) -> World:
    """A world in which one node judges by other data."""
    world = World(number)
    world.boxes["AAA"].kind = OtherTerrain
    return world
