"""FM09: a relayed notice carries its original, origin and age; altered on the way, it shows."""

from collections.abc import Iterator
from html import escape
from pathlib import Path

import pytest

from clearline.evidence.one_entry import verify_entry
from clearline.model.ids import LineId, PartyId
from clearline.model.refusal import Refusal
from clearline.node.page_view import PageView
from clearline.node.requests import PageAsk
from clearline.onepage.block import BEGIN, END, read_block, write_block
from tests.api_node import cli, found, make_parties, notice, running

SYRAD = PartyId("SYRAD")
POSITION = "34°54'00.0\"N"
MOVED = "34°45'00.0\"N"


@pytest.fixture(scope="module")
def relayed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, PageView, str]]:
    """A page as it was made, the folder of the terms, and the line's name."""
    folder = tmp_path_factory.mktemp("relayed")
    make_parties(folder, "ALFA", "BRAVO")
    with (
        running(found(folder, folder / "alfa", "ALFA", "BRAVO")) as node,
        node.client() as client,
    ):
        ref = client.file(node.line, notice(node.now(), 34.9, 35.9, label="Tartus")).refs[0]
        page = client.page(node.line, PageAsk(of=ref, to=SYRAD, zone="Asia/Damascus"))
        yield folder, page, node.line


def checked(folder: Path, page: str, code: int) -> str:
    """What the verifier says of a page, by its own copy of the terms."""
    (folder / "page").write_text(page, encoding="utf-8")
    terms = str(folder / "line.json")
    return cli("evidence", "verify-entry", str(folder / "page"), "--agreement", terms, code=code)


@pytest.mark.parametrize("form", ["html", "text"])
def test_page_as_made_is_proved(relayed: tuple[Path, PageView, str], form: str) -> None:
    """Origin, age and every fact are told offline, from the file alone."""
    folder, page, _ = relayed
    said = checked(folder, page.html if form == "html" else page.text, 0)
    assert f"PROVED: {page.of} of ALFA" in said
    assert POSITION in said
    assert "after it, as the page says" in said


@pytest.mark.parametrize("form", ["html", "text"])
def test_place_that_was_moved_on_the_page_shows(
    relayed: tuple[Path, PageView, str], form: str
) -> None:
    """Nine minutes of latitude in the words: the entry's own place is told, and the page fails."""
    folder, page, _ = relayed
    made = page.html if form == "html" else page.text
    old, new = (escape(each) if form == "html" else each for each in (POSITION, MOVED))
    assert old in made
    said = checked(folder, made.replace(old, new), 1)
    assert "CHANGED" in said
    assert POSITION in said
    assert MOVED not in said


def test_original_that_was_changed_fails(relayed: tuple[Path, PageView, str]) -> None:
    """The same change made in the original too: its proof does not hold any more."""
    folder, page, _ = relayed
    original = read_block(page.text)
    assert not isinstance(original, Refusal)
    assert b"349000000" in original.entry
    changed = type(original)(
        v=1, entry=original.entry.replace(b"349000000", b"347500000"), proof=original.proof,
        documents=original.documents, to=original.to, made=original.made, zone=original.zone,
    )  # fmt: skip
    block = page.text[page.text.index(BEGIN) : page.text.index(END) + len(END)]
    forged = page.text.replace(block, write_block(changed)).replace(POSITION, MOVED)
    assert "CL-LED-012" in checked(folder, forged, 1)


def test_page_of_another_line_is_refused(relayed: tuple[Path, PageView, str]) -> None:
    """Whole in itself, and of parties that the reader does not know: the line's name tells."""
    _, page, line = relayed
    original = read_block(page.text)
    assert not isinstance(original, Refusal)
    other = line[:-1] + ("0" if line[-1] != "0" else "1")
    refused = verify_entry(page.text, original, line=LineId(other), zone=None)
    assert isinstance(refused, Refusal)
    assert refused.code.value == "foreign-line"


def test_damaged_or_missing_original_is_said(relayed: tuple[Path, PageView, str]) -> None:
    """No original, two, or a torn one is no proof of anything."""
    folder, page, _ = relayed
    head = page.text[: page.text.index(BEGIN)]
    assert "carries no original" in checked(folder, head, 2)
    assert "carries no original" in checked(folder, page.text + page.text, 2)
    middle = page.text.index(BEGIN) + 500
    assert "damaged" in checked(folder, page.text[:middle] + "AAAA" + page.text[middle + 4 :], 2)
