"""What is installed without the extra ``node`` loads no server, no store and no socket."""

import json
import subprocess
import sys

import pytest

WITHOUT = """
import builtins, importlib, importlib.machinery, json, pkgutil, sys

ABSENT = {"apsw", "argon2", "litestar", "uvicorn", "httpx2", "segno", "numba"}
OUTSIDE = {"socket", "ssl", "asyncio", "http", "socketserver", "sqlite3", "select", "selectors",
           "multiprocessing", "smtplib", "urllib.request"}

finder = importlib.machinery.PathFinder
found = finder.find_spec

def find_spec(name, path=None, target=None):
    return None if name.partition(".")[0] in ABSENT else found(name, path, target)

finder.find_spec = staticmethod(find_spec)
"""
EVERY = """
asked = {}
true = builtins.__import__

def guarded(name, globals=None, *args, **kwargs):
    who = (globals or {}).get("__name__", "")
    if who.startswith("clearline") and (name in OUTSIDE or name.partition(".")[0] in OUTSIDE):
        asked[who] = name
    return true(name, globals, *args, **kwargs)

builtins.__import__ = guarded
import clearline
absent = {}
for each in pkgutil.walk_packages(clearline.__path__, "clearline.", onerror=lambda name: None):
    if each.name.endswith("__main__"):
        continue
    try:
        importlib.import_module(each.name)
    except ModuleNotFoundError as error:
        absent[each.name] = error.name
print(json.dumps([asked, absent]))
"""
LOADED = """
importlib.import_module(sys.argv[1])
print(json.dumps(sorted(name for name in OUTSIDE - {"socket", "select", "selectors"}
                        if name in sys.modules)))
"""
CORE = ("model", "words", "signing", "canonical", "notation", "wire", "trust", "ledger", "picture",
        "conflict", "alerting", "engine", "plan", "onepage", "pasting", "evidence", "node",
        "config")  # fmt: skip
"""What people import, and what their verbs are made of."""
LOOP = {"clearline.node.runtime": "asyncio"}
"""The one loop, which only a server runs."""
VERBS = ("agreement", "check", "evidence", "party", "place", "replay", "scenario", "tracks")
"""Verbs that a base install has."""


def child(code: str, *arguments: str) -> list[object]:
    """What a fresh interpreter prints in which the extra's packages are not installed."""
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT + code, *arguments],
        capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found: list[object] = json.loads(done.stdout)
    return found


def test_every_module_of_the_core_is_there_and_asks_for_no_socket() -> None:
    """Each module of the package is imported: those of the core all can be, and none of them
    imports a socket, a database, TLS or a loop, but the loop itself."""
    asked, absent = child(EVERY)
    assert isinstance(asked, dict)
    assert isinstance(absent, dict)

    def of_core(found: dict[str, str]) -> dict[str, str]:
        return {name: why for name, why in found.items() if name.split(".")[1] in CORE}

    assert of_core(absent) == {}
    assert of_core(asked) == LOOP
    verbs = {f"clearline.cli.{verb}" for verb in VERBS}
    assert verbs & (asked.keys() | absent.keys()) == set()
    assert {"clearline.assembly", "clearline.cli.node"} <= absent.keys(), "nothing was left out"


@pytest.mark.parametrize("verb", VERBS)
def test_verb_of_the_base_install_loads_no_server(verb: str) -> None:
    """Neither it nor what it imports loads TLS, a loop, a database or HTTP. (``socket`` itself is
    loaded by Python's own ``importlib.metadata``.)"""
    assert child(LOADED, f"clearline.cli.{verb}") == []


def test_state_of_a_running_node_is_asked_for_without_a_server() -> None:
    """``clearline node`` imports neither the API's server nor the engine until it opens a node."""
    code = (
        "import sys, clearline.cli.node\n"
        "print([m for m in ('litestar', 'uvicorn', 'numba', 'numpy') if m in sys.modules])"
    )
    answer = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert answer.stdout.strip() == "[]"
