"""Markdown out of docstrings and tables."""

import inspect
import re
from collections.abc import Iterable, Sequence

MADE = "Made by `make docs` from the code; do not edit by hand."


def prose(text: str | None) -> str:
    """A docstring as Markdown: its own lines joined, double backticks made single."""
    cleaned = inspect.cleandoc(text or "")
    paragraphs = [" ".join(part.split()) for part in cleaned.split("\n\n")]
    return "\n\n".join(paragraphs).replace("``", "`")


def first_paragraph(text: str | None) -> str:
    """The first paragraph of a docstring."""
    return prose(text).split("\n\n")[0]


def cell(text: str) -> str:
    """Text that may stand in a cell of a table."""
    return re.sub(r"(?<!\\)\|", r"\\|", " ".join(text.split())).replace("``", "`")


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """A Markdown table, as lines."""
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    lines += ["| " + " | ".join(cell(part) for part in row) + " |" for row in rows]
    return lines
