"""STOPs through a flood of routine entries: from committed here to an event on the other's desk.

``python -m benchmarks.bench_stop``: two nodes as processes of their own, over loopback, with SQLite
and the API's event stream; 1,000 STOPs among 200 routine entries a second for 60 s (FM18). Prints
JSON; exits 1 if the goal is missed.
"""

import argparse
import json
import sys
import tempfile
from pathlib import Path

from tests.scenarios.stop_flood import play

GOAL_P99_S = 2.0


def main() -> int:
    """Play, print, judge."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rate", type=int, default=200, help="routine entries a second")
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--stops", type=int, default=1_000)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        heard = play(Path(folder), rate=asked.rate, seconds=asked.seconds, stops=asked.stops)
    late = heard.latencies()
    report = {
        "stops": len(late),
        "routine": heard.routine,
        "desk_p50_ms": round(late[len(late) // 2] * 1000, 1),
        "desk_p90_ms": round(late[int(0.9 * len(late))] * 1000, 1),
        "desk_p99_ms": round(late[int(0.99 * len(late))] * 1000, 1),
        "desk_max_ms": round(late[-1] * 1000, 1),
        "goal_p99_ms": GOAL_P99_S * 1000,
    }
    print(json.dumps(report, indent=1))
    return int(late[int(0.99 * len(late))] > GOAL_P99_S)


if __name__ == "__main__":
    sys.exit(main())
