"""The console in the package is what its sources give, so that nobody has to trust a build."""

import json
import re
from pathlib import Path

import pytest

from tests.console.parts import CONSOLE, ROOT, fetched, npm

STATIC = ROOT / "src" / "clearline" / "console" / "static"
NOTATION = {"min", "UNREVIEWED", "YYYY", "https", "Ctrl", "QNH", "hPa"}
"""Not of any one language: units, keys, the mark of unreviewed words, how to write."""


@pytest.fixture(scope="module")
def parts() -> None:
    """The parts that the lock names are there."""
    fetched()


def files(folder: Path) -> dict[str, bytes]:
    """Every file below, by its place."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_committed_console_is_what_its_sources_give(parts: None, tmp_path: Path) -> None:
    """Built again elsewhere, every file of the page has the same bytes."""
    npm("run", "--silent", "build", CLEARLINE_CONSOLE_OUT=str(tmp_path / "static"))
    built, committed = files(tmp_path / "static"), files(STATIC)
    assert sorted(built) == sorted(committed)
    assert [name for name in built if built[name] != committed[name]] == []


def test_console_has_no_fault_of_types_and_no_warning(parts: None) -> None:
    """svelte-check finds nothing: neither faults of types nor of accessibility."""
    npm("run", "--silent", "check")


def test_page_asks_nobody_else() -> None:
    """No address of another machine stands in the page, its style or its script as something to
    fetch; names of XML namespaces are no addresses."""
    text = b"".join(body for name, body in files(STATIC).items() if not name.endswith(".woff2"))
    found = set(re.findall(r"https?://[^\s\"'`)\\]+", text.decode()))
    namespaces = ("http://www.w3.org/",)
    named = (*namespaces, "https://svelte.dev/e/")  # the last: where an error is explained
    assert [each for each in sorted(found) if not each.startswith(named)] == []


def test_lock_names_no_registry() -> None:
    """Whoever builds it takes the parts from the registry that he trusts; the lock has hashes."""
    lock = (CONSOLE / "package-lock.json").read_text()
    assert '"resolved"' not in lock
    assert lock.count('"integrity"') > 40


def test_no_word_of_english_stands_in_a_view() -> None:
    """What is read on the page comes from the node's words: between tags there are only blanks,
    marks and what is asked for by id."""
    wrong = []
    for path in sorted((CONSOLE / "src").rglob("*.svelte")):
        text = re.sub(r"<(script|style)\b.*?</\1>", "", path.read_text(), flags=re.DOTALL)
        text = re.sub(r"<!--.*?-->", "", text, flags=re.DOTALL)
        text = _without_braces(text)
        for said in re.findall(r">([^<]*)<", re.sub(r"=>", "", text)):
            if _reads(re.sub(r"&\w+;", "", said)):
                wrong.append(f"{path.name}: {said.strip()}")
        for name, said in re.findall(r"\b(title|aria-label|placeholder|alt)=\"([^\"{]*)\"", text):
            if _reads(said):
                wrong.append(f"{path.name}: {name}={said}")
    assert wrong == []


def test_every_word_that_is_asked_for_by_id_is_there() -> None:
    """What the page asks for by its id stands in the words; ids that are put together are left."""
    known = json.loads((ROOT / "src" / "clearline" / "words" / "en.json").read_text())["console"]
    missing = []
    for path in sorted((CONSOLE / "src").rglob("*")):
        if path.suffix not in (".svelte", ".ts"):
            continue
        asked = re.findall(r"(?:\bt\(|\bbeside\(|words: )'([a-z]+)\.([\w-]+)'", path.read_text())
        missing += [f"{path.name}: {v}.{name}" for v, name in asked if name not in known.get(v, {})]
    assert missing == []


def _reads(said: str) -> bool:
    """Whether it is words that one reads, and not a notation."""
    return not set(re.findall(r"[A-Za-z]{3,}", said)) <= NOTATION


def _without_braces(text: str) -> str:
    """A template without what stands in braces, however deep."""
    kept, depth = [], 0
    for sign in text:
        if sign == "{":
            depth += 1
        elif sign == "}":
            depth -= 1
        elif depth == 0:
            kept.append(sign)
    return "".join(kept)
