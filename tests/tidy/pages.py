"""What the tidy tests look at: the repository's own pages, sources and tests. Reads only."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"(?<!!)\[[^\]]+\]\(([^)\s]+)\)")
NAMED_TEST = re.compile(r"`(test_\w+)`")
NAMED_FILE = re.compile(r"`(test_\w+\.py)`")


def text(path: Path) -> str:
    """A file of the repository."""
    return path.read_text("utf-8")


@cache
def pages() -> tuple[Path, ...]:
    """Every page in Markdown: those at the top, and all of docs and vectors."""
    top = sorted(ROOT.glob("*.md"))
    below = [p for folder in ("docs", "vectors") for p in sorted((ROOT / folder).rglob("*.md"))]
    return (*top, *below)


@cache
def sources() -> tuple[Path, ...]:
    """Every Python file of ours."""
    folders = ("src", "tests", "tools", "benchmarks")
    return tuple(p for folder in folders for p in sorted((ROOT / folder).rglob("*.py")))


@cache
def files_of_tests() -> tuple[Path, ...]:
    """Every file that pytest collects."""
    return tuple(sorted((ROOT / "tests").rglob("test_*.py")))


@cache
def names_of_tests() -> frozenset[str]:
    """The names of all tests."""
    return frozenset(
        name for path in files_of_tests() for name in re.findall(r"def (test_\w+)", text(path))
    )


def blocks(path: Path, language: str) -> list[str]:
    """The code blocks of a page that are marked with a language."""
    return [found[2] for found in FENCE.finditer(text(path)) if found[1] == language]


def anchors(path: Path) -> set[str]:
    """The anchors that a page's headings give, as hosts of repositories make them."""
    found: set[str] = set()
    for line in re.sub(FENCE, "", text(path)).splitlines():
        heading = re.match(r"#{1,6} (.*)", line)
        if heading:
            name = re.sub(r"[^\w\- ]", "", heading[1].lower()).strip().replace(" ", "-")
            found.add(name)
    return found


def calls(path: Path) -> Iterator[ast.Call]:
    """Every call of a file."""
    return (node for node in ast.walk(ast.parse(text(path))) if isinstance(node, ast.Call))


def where(path: Path) -> str:
    """A path as people name it."""
    return str(path.relative_to(ROOT))
