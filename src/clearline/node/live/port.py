"""What the API needs of a node's live tracks."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from clearline.model.sighting import Sighting
from clearline.node.live.book import Took

if TYPE_CHECKING:  # numba comes with it
    from clearline.node.live.desk import LiveDesk


class TrackPort(Protocol):
    """The live tracks of the running node."""

    @property
    def desk(self) -> "LiveDesk":
        """What is seen, and what stands."""

    def feed(self, seen: Sequence[Sighting]) -> dict[Took, int]:
        """Checked sightings; what became of how many."""
