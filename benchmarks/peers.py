"""What the engine is held against, each set up as well as it can be for the question: which of a
million volumes come near this one on the map, in height and in time? Planar, in degrees.

Each has ``check(i)``: how many of the world meet question ``i``; and what it took to load.
"""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np

from benchmarks.worlds import LATERAL_M, METRES_A_DEGREE, VERTICAL_M, Planar


def boxes(world: Planar) -> tuple[Any, Any]:
    """Least and greatest corner of everything in longitude, latitude, height and time."""
    import shapely

    flat = shapely.bounds(world.shapes)
    low = np.column_stack((flat[:, :2], world.bands[:, 0], world.windows[:, 0]))
    high = np.column_stack((flat[:, 2:], world.bands[:, 1], world.windows[:, 1]))
    return low, high


def apart_degrees(asked: Planar) -> Any:
    """The lateral separation in degrees of longitude where each question lies: the larger ones, so
    that nothing is missed; north and south of it too much is found."""
    import shapely

    north = np.abs(shapely.bounds(asked.shapes)[:, [1, 3]]).max(axis=1)
    return LATERAL_M / METRES_A_DEGREE / np.cos(np.radians(north))


def _aside(world: Planar, found: Any, asked: Planar, i: Any) -> Any:
    """Which of those found near on the map are near in height and at the same time."""
    return (
        (world.windows[found, 0] < asked.windows[i, 1])
        & (world.windows[found, 1] > asked.windows[i, 0])
        & (world.bands[found, 0] <= asked.bands[i, 1] + VERTICAL_M)
        & (world.bands[found, 1] >= asked.bands[i, 0] - VERTICAL_M)
    )


class Shapely:
    """STRtree, as its manual has it: static, asked for what is within a distance on the map; height
    and time by columns afterwards."""

    name = "shapely STRtree"

    def __init__(self, world: Planar, asked: Planar) -> None:
        import shapely

        start = perf_counter()
        self._tree = shapely.STRtree(world.shapes)
        self._tree.query(asked.shapes[0])  # it is built when it is first asked
        self.load_s = perf_counter() - start
        self._world, self._asked = world, asked
        self._apart = apart_degrees(asked)

    def check(self, i: int) -> int:
        shape, apart = self._asked.shapes[i], self._apart[i]
        found = self._tree.query(shape, predicate="dwithin", distance=apart)
        return int(_aside(self._world, found, self._asked, i).sum())

    def check_all(self) -> int:
        """All questions in one call."""
        shapes = self._asked.shapes
        i, found = self._tree.query(shapes, predicate="dwithin", distance=self._apart)
        return int(_aside(self._world, found, self._asked, i).sum())


class ShapelyByHand(Shapely):
    """The same tree asked for boxes alone; height and time by columns, and what is left by its
    distance: the cheapest first, which the manual does not tell."""

    name = "shapely STRtree, predicate last"

    def __init__(self, world: Planar, asked: Planar) -> None:
        import shapely

        super().__init__(world, asked)
        flat = shapely.bounds(asked.shapes)
        wide = self._apart[:, None] * [-1, -1, 1, 1]
        self._boxes = shapely.box(*(flat + wide).T)

    def check(self, i: int) -> int:
        return self._left(self._tree.query(self._boxes[i]), i)

    def check_all(self) -> int:
        i, found = self._tree.query(self._boxes)
        return self._left(found, i)

    def _left(self, found: Any, i: Any) -> int:
        import shapely

        keep = _aside(self._world, found, self._asked, i)
        i = i[keep] if isinstance(i, np.ndarray) else i
        shapes = self._world.shapes[found[keep]]
        return int(shapely.dwithin(self._asked.shapes[i], shapes, self._apart[i]).sum())


class Rtree:
    """An R-tree over longitude, latitude, height and time, then the distance by shapely."""

    name = "rtree"

    def __init__(self, world: Planar, asked: Planar) -> None:
        from rtree import index

        self._world, self._asked = world, asked
        low, high = boxes(world)
        start = perf_counter()
        shape = index.Property(dimension=4)
        self._tree = index.Index((np.arange(len(low)), low, high), properties=shape)
        self.load_s = perf_counter() - start
        self._apart = apart_degrees(asked)
        wide = np.column_stack((self._apart, self._apart, np.full(len(self._apart), VERTICAL_M)))
        low, high = boxes(asked)
        low[:, :3] -= wide
        high[:, :3] += wide
        self._asked_boxes = np.concatenate((low, high), axis=1)
        self._next = len(world.shapes)

    def check(self, i: int) -> int:
        found = np.fromiter(self._tree.intersection(self._asked_boxes[i]), np.int64)
        if not len(found):
            return 0
        import shapely

        shapes = self._world.shapes[found]
        return int(shapely.dwithin(self._asked.shapes[i], shapes, self._apart[i]).sum())

    def insert(self, box: Any) -> None:
        """One more, by its box alone."""
        self._tree.insert(self._next, box)
        self._next += 1


_BIN = Path("/usr/lib/postgresql")


def _server() -> Path | None:
    """Where the newest server with PostGIS has its programs; None if there is none."""
    extension = "extension/postgis.control"
    share = Path("/usr/share/postgresql")
    have = [path for path in _BIN.glob("*/bin") if (share / path.parent.name / extension).exists()]
    return max(have, key=lambda path: int(path.parent.name), default=None)


@contextmanager
def postgis() -> Iterator[str | None]:
    """A server of its own in a temporary folder, heard on a socket there alone and gone afterwards,
    with PostGIS in it: its connection string; None where it is not installed."""
    programs = _server()
    if programs is None:
        yield None
        return
    home = Path(tempfile.mkdtemp(prefix="clearline-postgis-"))
    # A server refuses to run as root: then it runs as the user that its package made.
    become = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
    prefix = become if os.geteuid() == 0 else []
    if prefix:
        shutil.chown(home, "postgres", "postgres")
    where, options = home / "data", f"-c listen_addresses= -k {home}"
    fast = "-c fsync=off -c full_page_writes=off -c shared_buffers=1GB -c max_wal_size=4GB"
    run = {"check": True, "stdout": subprocess.DEVNULL, "cwd": home}
    control = [*prefix, str(programs / "pg_ctl"), "-D", str(where), "-w"]
    try:
        make = [str(programs / "initdb"), "-D", str(where), "-U", "bench", "--auth=trust", "-N"]
        subprocess.run([*prefix, *make], **run)
        subprocess.run(
            [*control, "-o", f"{options} {fast}", "-l", str(home / "log"), "start"], **run
        )
        try:
            yield f"host={home} user=bench dbname=postgres"
        finally:
            subprocess.run([*control, "-m", "immediate", "stop"], **run)
    finally:
        shutil.rmtree(home, ignore_errors=True)


class Postgis:
    """A table with a GiST index on the map, as its manual has it, asked by ST_DWithin; height and
    time beside it. (An index of all four was tried: a hundred times slower at a million.)"""

    name = "PostGIS"
    _QUERY = f"""
        select count(*) from held, asked where asked.id = %s
        and held.start < asked.stop and held.stop > asked.start
        and held.low <= asked.high + {VERTICAL_M} and held.high >= asked.low - {VERTICAL_M}
        and st_dwithin(held.shape, asked.shape, asked.apart)"""

    def __init__(self, server: str, world: Planar, asked: Planar) -> None:
        import psycopg

        self._link = psycopg.connect(server, autocommit=True)
        self._link.execute("set client_min_messages = error")
        self._link.execute("create extension if not exists postgis")
        self._link.execute("set jit = off")
        self.load_s = self._load("held", world)
        self._load("asked", asked)
        self._widen(asked)
        self._cursor = self._link.cursor()

    def _load(self, table: str, world: Planar) -> float:
        """Fill a table and index it, seconds."""
        import shapely

        run = self._link.execute
        run(f"drop table if exists {table}")
        run(
            f"create unlogged table {table} (id int primary key, shape geometry, low float8,"
            " high float8, start float8, stop float8)"
        )
        raw = shapely.to_wkb(world.shapes)
        start = perf_counter()
        columns = "(id, shape, low, high, start, stop)"
        with self._link.cursor().copy(f"copy {table} {columns} from stdin (format binary)") as copy:
            copy.set_types(["int4", "bytea", "float8", "float8", "float8", "float8"])
            rows = zip(raw, world.bands.tolist(), world.windows.tolist(), strict=True)
            for n, (shape, band, window) in enumerate(rows):
                copy.write_row((n, shape, *band, *window))
        run(f"create index on {table} using gist (shape)")
        run(f"analyze {table}")
        return perf_counter() - start

    def _widen(self, asked: Planar) -> None:
        """Give every question the distance that counts for it."""
        self._link.execute("alter table asked add apart float8")
        for i, apart in enumerate(apart_degrees(asked).tolist()):
            self._link.execute("update asked set apart = %s where id = %s", (apart, i))

    def check(self, i: int) -> int:
        row = self._cursor.execute(self._QUERY, (i,), prepare=True).fetchone()
        assert row is not None
        return int(row[0])

    def insert_rate(self, count: int) -> float:
        """Inserts a second, each its own statement, committed together every hundred."""
        row = "shape, low, high, start, stop"
        sql = f"insert into held select %s, {row} from asked where id = %s"
        start = perf_counter()
        for first in range(0, count, 100):
            with self._link.transaction():
                for n in range(first, first + 100):
                    self._cursor.execute(sql, (10_000_000 + n, n), prepare=True)
        return count / (perf_counter() - start)

    def close(self) -> None:
        self._link.close()
