"""Runs every benchmark and writes what it saw to docs/benchmarks.md, with machine and commit.

    python -m benchmarks.run_all [--only NAME ...] [--quick] [--keep NAME ...]

A part that fails or takes longer than its time is said, and the others go on. ``--keep``: do not
run these; what the page says of them stays, with the commit that it was measured at.
"""

import argparse
import json
import os
import platform
import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

from benchmarks import page

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "benchmarks.md"
PLOT = ROOT / "docs" / "growth.svg"
QUICK = {
    "node": ["--entries", "100000"],
    "store": ["--entries", "100000"],
    "detect": ["--volumes", "20000"],
    "million": ["--volumes", "20000", "--cold", "2000"],
}
WHOLE = {"tracks": ["--growth", "--volumes", "1000000"]}
TIMES_S = {"detect": 1_500, "node": 1_200, "store": 900, "tracks": 900, "million": 2_400}
TIME_S = 600


def run(script: Path, options: list[str], time_s: float) -> tuple[int, object]:
    """One benchmark, a module or a package of this folder: its exit code, and what it printed as
    JSON (or its last lines)."""
    try:
        done = subprocess.run(
            [sys.executable, "-m", f"benchmarks.{script.stem}", *options],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT)])},
            stdout=subprocess.PIPE,
            text=True,
            check=False,
            timeout=time_s,
        )
    except subprocess.TimeoutExpired:
        return 1, f"stopped: it took longer than {time_s:.0f} s"
    start = done.stdout.find("{")
    try:
        return done.returncode, json.loads(done.stdout[start:])
    except ValueError:
        return done.returncode or 1, done.stdout[-2_000:] or f"failed with {done.returncode}"


def commit() -> str:
    """The commit that was measured."""
    command = ["git", "rev-parse", "--short", "HEAD"]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False)
    return done.stdout.strip() or "unknown"


def earlier() -> dict[str, tuple[str, object]]:
    """What the page says now: by name, where it was measured and what was seen."""
    if not PAGE.exists():
        return {}
    said = PAGE.read_text(encoding="utf-8")
    found = re.findall(r"\n## (\w+)\n\n(?:(Measured at[^\n]*)\n\n)?```json\n(.*?)\n```", said, re.S)
    before = re.search(r"\nCommit (\w+)", said)
    since = f"Measured at {before[1]}." if before else "Measured earlier."
    return {name: (where or since, _read(raw)) for name, where, raw in found}


def _read(raw: str) -> object:
    try:
        return json.loads(raw)
    except ValueError:
        return raw


def write(
    parts: dict[str, tuple[str, object]],
    before: dict[str, tuple[str, object]],
    said: str,
    failed: list[str],
) -> None:
    """The page and the picture: what was measured now, and of the rest what was said before."""
    machine = f"{platform.machine()}, {os.cpu_count()} cores"
    head = f"Commit {commit()}, {datetime.now(UTC):%Y-%m-%d}, {machine}, "
    head += f"Python {platform.python_version()}."
    every = dict(sorted((before | parts).items()))
    PAGE.write_text(page.written(head, said, every, failed), encoding="utf-8")
    page.plotted(every, PLOT)


def main() -> int:
    """Run, print, write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", nargs="*", default=[])
    parser.add_argument("--keep", nargs="*", default=[])
    parser.add_argument("--quick", action="store_true", help="smaller worlds, nothing written")
    parser.add_argument("--said", default="", help="what else ran on the machine")
    asked = parser.parse_args()
    scripts = sorted(Path(__file__).parent.glob("bench_*.py"))
    scripts += [part.parent for part in sorted(Path(__file__).parent.glob("*/__main__.py"))]
    parts: dict[str, tuple[str, object]] = {}
    before, failed = earlier(), []
    for script in scripts:
        name = script.stem.removeprefix("bench_")
        if asked.only and name not in asked.only:
            continue
        if name in asked.keep and name in before:
            parts[name] = before[name]
            continue
        print(f"== {name}", flush=True)
        options = QUICK.get(name, []) if asked.quick else WHOLE.get(name, [])
        code, result = run(script, options, TIMES_S.get(name, TIME_S))
        if code:
            failed.append(name)
        print(result if isinstance(result, str) else json.dumps(result, indent=1), flush=True)
        parts[name] = ("", result)
        if not asked.quick and not asked.only:  # at once: what comes may be broken off
            write(parts, before, asked.said, failed)
    print(f"failed or over a budget: {', '.join(failed)}" if failed else "all ran", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
