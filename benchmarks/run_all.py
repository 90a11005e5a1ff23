"""Runs every benchmark and writes what it saw to docs/benchmarks.md, with machine and commit.

python benchmarks/run_all.py [--only NAME ...] [--quick]
"""

import argparse
import json
import os
import platform
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "benchmarks.md"
QUICK = {"node": ["--entries", "100000"], "store": ["--entries", "100000"]}

HEAD = """# Benchmarks

What was measured, by the programs that `make bench` runs, on one machine and one commit. Figures of
a shared two-core machine vary by half and more from run to run: compare ratios within a run, not
runs. A goal is what the figure is held against; a benchmark that misses a budget of its own exits
with 1.

"""


def run(script: Path, options: list[str]) -> tuple[int, object]:
    """One benchmark, a module or a package of this folder: its exit code, and what it printed as
    JSON (or its last lines)."""
    done = subprocess.run(
        [sys.executable, "-m", f"benchmarks.{script.stem}", *options],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    start = done.stdout.find("{")
    try:
        return done.returncode, json.loads(done.stdout[start:])
    except ValueError:
        return done.returncode or 1, done.stdout[-2_000:]


def commit() -> str:
    """The commit that was measured."""
    done = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    return done.stdout.strip() or "unknown"


def main() -> int:
    """Run, print, write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", nargs="*", default=[])
    parser.add_argument("--quick", action="store_true", help="smaller worlds, nothing written")
    asked = parser.parse_args()
    scripts = sorted(Path(__file__).parent.glob("bench_*.py"))
    scripts += [page.parent for page in sorted(Path(__file__).parent.glob("*/__main__.py"))]
    page, failed = HEAD, 0
    page += f"Commit {commit()}, {datetime.now(UTC):%Y-%m-%d}, {platform.machine()}, "
    page += f"{os.cpu_count()} cores, Python {platform.python_version()}.\n"
    for script in scripts:
        name = script.stem.removeprefix("bench_")
        if asked.only and name not in asked.only:
            continue
        print(f"== {name}", flush=True)
        code, result = run(script, QUICK.get(name, []) if asked.quick else [])
        failed = failed or code
        shown = result if isinstance(result, str) else json.dumps(result, indent=1)
        print(shown, flush=True)
        page += f"\n## {name}\n\n```json\n{shown}\n```\n"
    if not asked.quick and not asked.only:
        PAGE.write_text(page, encoding="utf-8")
    return failed


if __name__ == "__main__":
    sys.exit(main())
