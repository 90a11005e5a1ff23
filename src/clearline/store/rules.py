"""What every store does alike. Pure."""

from collections.abc import Sequence
from typing import Final

from clearline.model.alert import Alert, AlertState
from clearline.node.ports import BrokenPromise, Mark

SNAPSHOTS_KEPT: Final = 2
"""The newest, and the one before it should the newest be damaged."""


def alert_is_open(alert: Alert) -> bool:
    """Whether the duty is not closed."""
    return alert.state is not AlertState.CLOSED


def contiguous(pieces: Sequence[tuple[int, bytes]]) -> bytes:
    """What pieces (offset, bytes), sorted by offset, give from offset 0 on without a gap."""
    held = bytearray()
    for start, body in pieces:
        if start > len(held):
            break
        held += body[len(held) - start :]
    return bytes(held)


def check_successor(old: Mark | None, new: Mark) -> None:
    """A mark never goes back (CL-STO-007). Raises BrokenPromise."""
    if old is None:
        return
    if new.size < old.size or (new.size == old.size and new.root != old.root):
        raise BrokenPromise(f"the mark is at {old.size} entries, {new.size} would go back")
    for feed, seen in old.seen.items():
        if new.seen.get(feed, 0) < seen:
            raise BrokenPromise(f"the mark has seen {seen} entries of {feed}: it would go back")
