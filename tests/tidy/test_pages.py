"""Pages: links, words, names of tests, numbers of decisions, versions."""

import ast
import re
import tomllib
from pathlib import Path

import pytest

import clearline
from tests.tidy.pages import (
    LINK,
    NAMED_FILE,
    NAMED_TEST,
    ROOT,
    anchors,
    files_of_tests,
    names_of_tests,
    pages,
    sources,
    text,
    where,
)

PAGES = [pytest.param(path, id=where(path)) for path in pages()]

# Put together here, so that this file does not hold what it looks for.
HOSTS = ["py" + "pi.org", "npm" + "js", "pkg." + "go.dev", "crates" + ".io", "proxy." + "golang"]
PLACES = ["/" + "work/", "/" + "root/", "/" + "home/", "../" + "shared", "/" + "tmp/bash"]
AVOIDED = ["target", "approved", "cleared hot", "guaranteed", "friendly", "enemy", "violation"]
QUOTING = {
    "docs/scope.md": "the list of words that are not used",
    "docs/glossary.md": "the list of words that are not used",
}
"""Pages that name the words in order to say that they are not used: only in lines that say so."""


@pytest.mark.parametrize("path", PAGES)
def test_links_are_relative_and_resolve(path: Path) -> None:
    """Every link leads to a file of this repository, and to a heading that is there."""
    wrong = []
    for link in LINK.findall(text(path)):
        file, _, anchor = link.partition("#")
        aim = (path.parent / file).resolve() if file else path
        outside = "://" in link or link.startswith(("/", "mailto:"))
        if outside or not aim.exists() or not aim.is_relative_to(ROOT):
            wrong.append(link)
        elif anchor and anchor not in anchors(aim):
            wrong.append(f"{link}: no such heading")
    assert [] == wrong


@pytest.mark.parametrize("path", PAGES)
def test_words_to_avoid_are_avoided(path: Path) -> None:
    """A word that reads as a permission or takes sides stands nowhere but where it is named as one
    to avoid."""
    found = []
    for number, line in enumerate(text(path).splitlines(), 1):
        for word in AVOIDED:
            if re.search(rf"\b{word}s?\b", line, re.IGNORECASE):
                told = where(path) in QUOTING and "do not use" in line.lower()
                if not told:
                    found.append(f"{number}: {word}")
    assert [] == found


@pytest.mark.parametrize("path", PAGES)
def test_tests_that_a_page_names_exist(path: Path) -> None:
    """A page that says that a test holds something names a test that is there."""
    names = set(NAMED_TEST.findall(text(path)))
    files = set(NAMED_FILE.findall(text(path)))
    assert set() == names - names_of_tests()
    assert set() == files - {file.name for file in files_of_tests()}


@pytest.mark.parametrize("path", PAGES)
def test_paths_that_a_page_names_exist(path: Path) -> None:
    """A path in code type leads somewhere."""
    known = ("src/", "tests/", "docs/", "vectors/", "tools/", "benchmarks/")
    named = re.findall(r"`((?:src|tests|docs|vectors|tools|benchmarks)/[\w./-]+)`", text(path))
    assert [] == [name for name in named if name.startswith(known) and not (ROOT / name).exists()]


def test_nothing_names_a_machine_or_a_registry() -> None:
    """No page, source or setting holds a path of somebody's machine, or a registry's host."""
    files = [*pages(), *sources(), ROOT / "pyproject.toml", ROOT / "Makefile", ROOT / ".ci" / "run"]
    found = [
        f"{where(path)}: {word}"
        for path in files
        for word in (*HOSTS, *PLACES)
        if word in text(path)
    ]
    assert [] == found


def test_decisions_are_numbered_without_gaps_and_say_what_they_must() -> None:
    """ADRs count from 0001; each says why, which options, the outcome, what would change it."""
    files = sorted((ROOT / "docs" / "adr").glob("*.md"))
    assert [f"{number:04d}" for number in range(1, len(files) + 1)] == [f.name[:4] for f in files]
    for file in files:
        assert text(file).startswith(f"# {file.name[:4]} "), file.name
        for heading in ("## Why it had to be decided", "## Outcome", "## What would change"):
            assert heading in text(file), f"{file.name}: {heading}"


def test_changelog_is_headed_by_the_version_or_by_what_is_unreleased() -> None:
    """The top heading is Unreleased or this version, and this version has a heading."""
    headings = re.findall(r"^## (\S+)", text(ROOT / "CHANGELOG.md"), re.MULTILINE)
    assert headings[0] in ("Unreleased", clearline.__version__)
    assert clearline.__version__ in headings


def test_changelog_keeps_its_order() -> None:
    """Sections stand in the order that operators read: what they must do comes first."""
    order = ["Operator must do", "Security", "Removed", "Deprecated", "Added", "Changed", "Fixed"]
    for release in re.split(r"^## ", text(ROOT / "CHANGELOG.md"), flags=re.MULTILINE)[1:]:
        sections = re.findall(r"^### (.+)$", release, re.MULTILINE)
        assert sections == sorted(sections, key=order.index)


def test_failure_modes_are_all_there_and_honest() -> None:
    """FM01 to FM30, each with a state; what is held names a test, what is not names what is
    missing."""
    rows = {}
    for line in text(ROOT / "docs" / "failure-modes.md").splitlines():
        if line.startswith("| FM"):
            cells = [part.strip() for part in line.strip("|").split("|")]
            rows[cells[0]] = cells
    assert [f"FM{number:02d}" for number in range(1, 31)] == sorted(rows)
    for name, (_, _, _, state, held, missing) in rows.items():
        assert state in ("held", "partly", "not yet"), name
        if state == "held":
            assert NAMED_TEST.search(held), f"{name} is held by no test"
        else:
            assert missing, f"{name} does not say what is missing"
        if state == "partly":
            assert NAMED_TEST.search(held), f"{name}: name a test, or say not yet"


def test_contributing_goes_in_order() -> None:
    """Set up, check, commit, in that order."""
    headings = re.findall(r"^## (.+)$", text(ROOT / "CONTRIBUTING.md"), re.MULTILINE)
    assert ["Set up", "Check", "Commit"] == headings[:3]


def test_architecture_states_the_layers_that_are_run() -> None:
    """The import rules on the page are those of the contract, layer by layer."""
    project = tomllib.loads(text(ROOT / "pyproject.toml"))
    contracts = project["tool"]["importlinter"]["contracts"]
    layers = next(c["layers"] for c in contracts if c["id"] == "layers")
    run = [{part.strip(" ()") for part in layer.split("|")} for layer in layers]
    page = text(ROOT / "ARCHITECTURE.md")
    block = next(b for b in re.findall(r"(?:^    .+\n)+", page, re.MULTILINE) if "cli >" in b)
    told = [{part.strip() for part in layer.split("|")} for layer in block.split(">")]
    assert run == told


def test_architecture_names_files_that_exist() -> None:
    """Each file of the flow, and each place for a new thing, is there."""
    package = ROOT / "src" / "clearline"
    named = re.findall(r"`([a-z0-9_]+/[\w/]*(?:\.py)?)`", text(ROOT / "ARCHITECTURE.md"))
    known = [name for name in named if not name.startswith(("src/", "tests/", "docs/", "vectors/"))]
    assert len(known) > 15
    assert [] == [name for name in known if not (package / name).exists()]


def test_program_says_no_word_to_avoid() -> None:
    """What people read from commands, calls and mails, and in terms, uses none of the words."""
    package = ROOT / "src" / "clearline"
    said = [
        (path, node.value)
        for folder in ("cli", "channels", "words", "api")
        for path in sorted((package / folder).rglob("*.py"))
        for node in ast.walk(ast.parse(text(path)))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]
    files = [*(package / "words").glob("*.json"), *(package / "trust" / "templates").glob("*.toml")]
    said += [(path, text(path)) for path in sorted(files)]
    words = re.compile(rf"\b(?:{'|'.join(AVOIDED)})s?\b", re.IGNORECASE)
    assert len(said) > 500
    assert [] == [f"{where(p)}: {found[0]}" for p, part in said if (found := words.search(part))]
