"""Runs everything that CI runs, in groups that print their time, and ends with pytest's summary.

Usage: python tools/run_tests.py [--only GROUP ...]
"""

import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent

PYTEST = [
    str(BIN / "python"), "-m", "pytest", "-q", "--no-header", "-m", "not long", "-n", "2",
    "--durations", "5",
]  # fmt: skip
READY = [str(BIN / "python"), "-m", "clearline.cli.getting_ready"]
"""Compiles the engine unless that was done for this very source: a test must not wait for it."""
GROUPS: dict[str, list[list[str]]] = {
    "lint": [
        [str(BIN / "ruff"), "format", "--check", "src", "tests", "benchmarks", "tools"],
        [str(BIN / "ruff"), "check", "src", "tests", "benchmarks", "tools"],
        [str(BIN / "mypy")],
        [str(BIN / "lint-imports")],
    ],
    "unit and properties": [
        READY,
        [*PYTEST, "tests/unit", "tests/properties", "tests/conformance", "tests/attacks"],
    ],
    "simulation and search": [READY, [*PYTEST, "tests/simulation", "tests/search"]],
    "scenarios and the rest": [READY, [*PYTEST, "tests/scenarios", "tests/tidy"]],
    "console": [READY, [*PYTEST, "--dist", "loadfile", "tests/console"]],
}
"""Budgets on two cores, minutes: unit and properties 8, simulation and search 15, the rest 10 with
the console."""


def main(asked: list[str]) -> int:
    """Run the groups; the exit code is that of the first that failed, but all of them run."""
    names = asked[1:] if asked[:1] == ["--only"] else list(GROUPS)
    failed = 0
    environment = {**os.environ, "PYTHONHASHSEED": "0"}
    took: list[str] = []
    for name in names:
        began = time.monotonic()
        for command in GROUPS[name]:
            print(f"== {name}: {' '.join(Path(part).name for part in command)}", flush=True)
            code = subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode
            failed = failed or code
        took.append(f"{name} {time.monotonic() - began:.0f} s")
        print(f"== {took[-1]}", flush=True)
        if failed and name == "lint":
            break
    print("== " + ", ".join(took), flush=True)
    return failed


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
