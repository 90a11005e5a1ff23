"""The node of a folder while it is down: what its store holds, read only."""

from clearline.assembly import local_of, read_keys
from clearline.config import Placed
from clearline.model.time import Instant
from clearline.node.conductor import Conductor
from clearline.node.ports import Commit, Snapshot, StoreFull
from clearline.node.queries import node_view
from clearline.node.views import NodeView
from clearline.store.highwater import FileHighWater
from clearline.store.reads import SqliteReader


class ReadOnly(SqliteReader):
    """A store that takes nothing."""

    def commit(self, commit: Commit) -> None:
        """Refused: StoreFull."""
        raise StoreFull("opened to be read")

    def save_part(self, seq: int, n: int, data: bytes) -> None:
        """Refused: StoreFull."""
        raise StoreFull("opened to be read")

    def drop_parts(self, writing: int, limit: int) -> bool:
        """Refused: StoreFull."""
        raise StoreFull("opened to be read")

    def save_snapshot(self, snapshot: Snapshot) -> None:
        """Refused: StoreFull."""
        raise StoreFull("opened to be read")

    def raise_fence(self, fence: int) -> None:
        """Refused: StoreFull."""
        raise StoreFull("opened to be read")

    def reader(self) -> SqliteReader:
        """Another reader."""
        return SqliteReader(self.path)


def stored_node_view(placed: Placed, now: Instant) -> NodeView:
    """The node as it was when it stopped. Raises CannotRun, StoreUnreadable."""
    own = read_keys(placed.party)
    store = ReadOnly(placed.database)
    try:
        conductor = Conductor(
            local=local_of(own.party),
            store=store,
            high_water=FileHighWater(placed.highwater),
            signers={},
            fence=0,
        )
        conductor.start(now)
        return node_view(conductor.state, conductor.tools, now, 0)
    finally:
        store.close()
