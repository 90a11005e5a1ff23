"""Blocks of code in pages: those that can run are run, commands that are named exist."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.tidy.pages import ROOT, blocks, pages, text, where

BIN = Path(sys.executable).parent
RUNNABLE = [pytest.param(path, id=where(path)) for path in pages() if blocks(path, "python")]
SHELL = [
    pytest.param(path, id=where(path))
    for path in pages()
    if blocks(path, "sh") and "reference" not in path.parts
]


@pytest.mark.parametrize("path", RUNNABLE)
def test_python_of_a_page_runs(path: Path) -> None:
    """Blocks of a page run one after the other, as a reader would type them."""
    names: dict[str, object] = {}
    for block in blocks(path, "python"):
        exec(compile(block, where(path), "exec"), names)
    assert names


@pytest.mark.parametrize("path", SHELL)
def test_make_commands_of_a_page_exist(path: Path) -> None:
    """``make X`` in a page is a rule of the Makefile."""
    rules = set(re.findall(r"^([a-z]+):", text(ROOT / "Makefile"), re.MULTILINE))
    asked = {
        found
        for block in blocks(path, "sh")
        for found in re.findall(r"^make (\w+)$", block, re.MULTILINE)
    }
    assert asked <= rules


def test_commands_that_pages_name_exist_with_their_options() -> None:
    """A command of a page, and each option that the page gives it, is one of the program's."""
    page = text(ROOT / "docs" / "reference" / "cli.md")
    headings = set(re.findall(r"^#+ clearline (.+)$", page, re.MULTILINE))
    sections = dict(re.findall(r"^#+ clearline ([^\n]+)\n(.*?)(?=^#+ |\Z)", page, re.M | re.S))
    wrong = []
    for path in pages():
        if "reference" in path.parts:
            continue
        for line in "\n".join(blocks(path, "sh")).replace("\\\n", " ").splitlines():
            words = line.split(" #")[0].split()
            if words[:1] != ["clearline"]:
                continue
            verb = " ".join(words[1:3])
            verb = verb if verb in headings else " ".join(words[1:2])
            options = [word.partition("=")[0] for word in words if word.startswith("-")]
            known = sections.get(verb, "")
            if verb not in headings:
                wrong.append(f"{where(path)}: clearline {verb}")
            wrong += [f"{where(path)}: {verb} {o}" for o in options if f"`{o}`" not in known]
    assert [] == wrong


def test_first_line_of_the_operating_guide_can_be_typed(tmp_path: Path) -> None:
    """The block that makes two parties and their signed terms runs as it stands, in an empty
    folder, without a node and without a network."""
    guide = ROOT / "docs" / "operating.md"
    first = next(block for block in blocks(guide, "sh") if "clearline party new" in block)
    environment = {**os.environ, "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}"}
    done = subprocess.run(
        ["sh", "-euc", first],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert 0 == done.returncode, done.stdout + done.stderr
    assert (tmp_path / "line.json").exists()


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md"])
def test_commands_of_the_first_pages_run(page: str) -> None:
    """Whoever types what the first pages say gets no error."""
    lines = "\n".join(blocks(ROOT / page, "sh")).splitlines()
    commands = [line for line in lines if line.startswith("clearline ")]
    assert commands
    for line in commands:
        done = subprocess.run(
            [str(BIN / "python"), "-m", *line.split()],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        assert 0 == done.returncode, f"{line}: {done.stdout[-400:]}{done.stderr[-400:]}"


def test_makefile_calls_what_exists() -> None:
    """Every script that the Makefile and CI call is there, and every verb is one of ours."""
    rules = text(ROOT / "Makefile")
    page = text(ROOT / "docs" / "reference" / "cli.md")
    verbs = re.findall(r"clearline ([a-z]+)", "\n".join(re.findall(r"^\t.*$", rules, re.MULTILINE)))
    assert verbs
    assert [] == [verb for verb in verbs if f"\n## clearline {verb}\n" not in page]
    scripts = re.findall(r"\b((?:tools|benchmarks)/[\w./]+)", rules)
    assert scripts
    assert [] == [script for script in scripts if not (ROOT / script).exists()]
