"""The replays that the console shows are those of the scenarios that are shipped."""

import subprocess
import sys
from importlib import resources

import msgspec

from clearline.scenarios.library import file_of, shipped
from clearline.scenarios.script import Script
from clearline.scenarios.timeline import timeline
from tests.tidy.pages import ROOT

OF = ("deir-ez-zor", "call")
"""The shortest to play."""


def test_replay_files_are_of_the_scenarios_as_they_are() -> None:
    """None is missing, left over, or made of another text of its scenario."""
    done = subprocess.run(
        [sys.executable, "tools/make_replays.py", "--check"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (0, "") == (done.returncode, done.stdout + done.stderr)


def test_replay_file_is_what_the_nodes_say_today() -> None:
    """Played again, the same events at the same times; a figure may differ by what a compiled
    engine rounds otherwise."""
    name, variant = OF
    script, file = shipped(name), file_of(name)
    assert isinstance(script, Script)
    assert file is not None
    raw = resources.files("clearline.scenarios").joinpath("data", file).read_bytes()
    now = timeline(script, variant, raw)
    kept = resources.files("clearline").joinpath("console", "replays", f"{name}.{variant}.json")
    then = msgspec.json.decode(kept.read_bytes(), type=type(now))
    assert [(e.t, e.by, e.kind, e.layer, e.met) for e in now.events] == [
        (e.t, e.by, e.kind, e.layer, e.met) for e in then.events
    ]
    assert (now.shapes, now.movers, now.places) == (then.shapes, then.movers, then.places)
