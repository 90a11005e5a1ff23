"""``clearline check`` of a large file: lines a second, and how much memory the process has at most.

    python -m benchmarks.bench_check [--lines 100000] [--against 10000] [--file FILE]

Volumes of ``worlds`` are written one a line in the JSON shape of ASTM F3548; a process like any
other checks them against a file of others. With ``--file`` the lines are only written there, for
trying things by hand. Prints one JSON object.
"""

import argparse
import json
import os
import platform
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks import worlds
from clearline.conflict.fast.stated import Names, extent_at
from clearline.model.space import Corridor, Disc, Height, HeightRef, LatLon, Polygon, Volume
from clearline.model.time import format_utc

GOALS = {"lines_per_s": 5_000, "rss_most_mib": 400}
FEET_MM = 304.8
MOST = re.compile(r"most ([0-9]+)")
MEASURED = (
    "import sys;from clearline.cli.main import main\n"
    "sys.argv[0]='clearline'\n"
    "try: main()\n"
    "finally:\n"
    "  said = dict(line.split(':', 1) for line in open('/proc/self/status'))\n"
    "  print('most', said['VmHWM'].split()[0], file=sys.stderr)\n"
)
"""What ``getrusage`` calls the most a process had is also what its parent had when it began."""


def point(at: LatLon) -> dict[str, float]:
    """Degrees."""
    return {"lat": at.lat_e7 / 1e7, "lng": at.lon_e7 / 1e7}


def metres(mm: int) -> dict[str, object]:
    """A length."""
    return {"value": mm / 1000, "units": "M"}


def height(at: Height) -> dict[str, object]:
    """Hundreds of feet, or metres above mean sea level."""
    if at.ref is HeightRef.FL:
        return {"reference": "FL", "value": round((at.mm or 0) / (100 * FEET_MM))}
    return {"reference": "AMSL", **metres(at.mm or 0)}


def written(volume: Volume, name: str) -> bytes:
    """One line."""
    match volume.footprint:
        case Disc(centre=centre, radius_mm=radius_mm):
            shape: dict[str, object] = {
                "outline_circle": {"center": point(centre), "radius": metres(radius_mm)}
            }
        case Corridor(line=line, half_width_mm=half_mm, edge=edge):
            chain = [point(at) for at in line]
            corridor = {"vertices": chain, "half_width": metres(half_mm), "edge": str(edge)}
            shape = {"outline_corridor": corridor}
        case Polygon(outer=outer, edge=edge):
            ring = {"vertices": [point(at) for at in outer], "edge": str(edge)}
            shape = {"outline_polygon": ring}
    shape["altitude_lower"], shape["altitude_upper"] = height(volume.lower), height(volume.upper)
    said = {
        "id": name,
        "volume": shape,
        "time_start": {"value": format_utc(volume.start), "format": "RFC3339"},
        "time_end": {"value": format_utc(volume.end), "format": "RFC3339"},
    }
    return json.dumps(said, separators=(",", ":")).encode() + b"\n"


def lines(count: int, seed: int) -> Iterator[bytes]:
    """So many volumes all over the world, one a line."""
    stated, names = worlds.columns(count, seed), Names()
    for i in range(count):
        yield written(extent_at(stated, i, names).volume, f"{seed}-{i}")


def write(path: Path, count: int, seed: int) -> None:
    """The same into a file."""
    with path.open("wb") as file:
        file.writelines(lines(count, seed))


def checked(plan: Path, against: Path) -> dict[str, float]:
    """One run of the command."""
    began = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", MEASURED, "check", str(plan), "--against", str(against), "--json"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    spent = time.perf_counter() - began
    answer, most = json.loads(done.stdout), MOST.search(done.stderr)
    assert most is not None, done.stderr
    count = answer["plan"]["items"] + answer["plan"]["refused"]
    return {
        "lines": count,
        "against": answer["against"]["items"],
        "conflicts": answer["findings_count"]["YES"],
        "refused": answer["plan"]["refused"],
        "seconds": round(spent, 2),
        "lines_per_s": round(count / spent),
        "rss_most_mib": int(most[1]) >> 10,
    }


def main() -> None:
    """Measure and print, or write a file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", type=int, default=100_000)
    parser.add_argument("--against", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--file", type=Path, help="only write the lines here")
    options = parser.parse_args()
    if options.file is not None:
        write(options.file, options.lines, options.seed)
        return
    subprocess.run([sys.executable, "-m", "clearline.cli.getting_ready"], check=True)
    with tempfile.TemporaryDirectory() as name:
        plan, against = Path(name) / "plan.ndjson", Path(name) / "against.ndjson"
        write(plan, options.lines, 1)
        write(against, options.against, 2)
        figures = checked(plan, against)
    print(
        json.dumps(
            {
                "benchmark": "check",
                "machine": f"{platform.machine()}, {os.cpu_count()} cores",
                "goals": GOALS,
                "medians": figures,
            },
            indent=1,
        )
    )


if __name__ == "__main__":
    main()
