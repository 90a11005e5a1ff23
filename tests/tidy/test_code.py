"""Habits of the code that no linter holds."""

import ast
import re
from pathlib import Path

import pytest

from tests.tidy.pages import ROOT, calls, files_of_tests, sources, text, where

LONG = 500
"""Lines beyond which a file is more than a sitting."""
GROWN = {
    "src/clearline/evidence/bundle.py": 600,
    "src/clearline/evidence/gather.py": 700,
    "src/clearline/interfaces/native/talk.py": 600,
    "src/clearline/node/conductor.py": 620,
    "src/clearline/node/views.py": 515,
}
"""Files that are longer, with the length that they may have: it may fall, never rise."""
CHECKS = ("raises", "fail", "assume")

TESTS = [pytest.param(path, id=where(path)) for path in files_of_tests()]


@pytest.mark.parametrize("path", TESTS)
def test_every_test_file_states_something(path: Path) -> None:
    """Each file of tests can fail: it asserts, or expects an exception."""
    tree = ast.parse(text(path))
    asserts = any(isinstance(node, ast.Assert) for node in ast.walk(tree))
    expects = any(
        isinstance(call.func, ast.Attribute) and call.func.attr in CHECKS for call in calls(path)
    )
    assert asserts or expects


@pytest.mark.parametrize("path", TESTS)
def test_every_test_states_its_claim(path: Path) -> None:
    """A test has a docstring, and a name that is used once in its file."""
    tests = [
        node
        for node in ast.walk(ast.parse(text(path)))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.name.startswith("test_")
    ]
    assert [] == [node.name for node in tests if not ast.get_docstring(node)]
    names = [node.name for node in tests]
    assert sorted(set(names)) == sorted(names)


@pytest.mark.parametrize("path", TESTS)
def test_nothing_sleeps(path: Path) -> None:
    """A test waits for what it waits for, never for a length of time."""
    sleeping = [
        call.lineno
        for call in calls(path)
        if isinstance(call.func, ast.Attribute)
        and call.func.attr == "sleep"
        and isinstance(call.func.value, ast.Name)
        and (call.func.value.id == "time" or _waits(call))
    ]
    assert [] == sleeping


def _waits(call: ast.Call) -> bool:
    """``asyncio.sleep(0)`` only lets others go on."""
    return not (call.args and isinstance(call.args[0], ast.Constant) and call.args[0].value == 0)


def test_files_fit_a_sitting() -> None:
    """A file of the package that outgrows a sitting is usually two things."""
    lengths = {
        where(path): len(text(path).splitlines())
        for path in sources()
        if path.is_relative_to(ROOT / "src")
    }
    assert {} == {n: size for n, size in lengths.items() if size > GROWN.get(n, LONG)}


def test_no_work_in_progress_is_marked() -> None:
    """What is not done is an issue, not a remark in the code."""
    marks = re.compile(r"\b(?:TO" + "DO|FIX" + r"ME)\b")
    found = [
        f"{where(path)}:{number}"
        for path in sources()
        for number, line in enumerate(text(path).splitlines(), 1)
        if marks.search(line)
    ]
    assert [] == found
