"""The line that is typed, and how a screen is written."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearline.cli.line_edit import PASTE, Edit, Keys, filled
from clearline.cli.paint import Painter


def test_filled_text_has_its_cursor_at_the_bar() -> None:
    """A prefilled command is gone on with where something is missing, else at its end."""
    assert filled("answer A.0/1 OBJECT --remark '|'") == Edit("answer A.0/1 OBJECT --remark ''", 30)
    assert filled("stop") == Edit("stop", 4)


@pytest.mark.parametrize(
    ("keys", "text", "at"),
    [
        (("a", "b", "\x1b[D", "x"), "axb", 2),
        (("a", "b", "\x7f"), "a", 1),
        (("a", "b", "\x01", "\x1b[3~"), "b", 0),
        (("a", "b", "\x01", "\x7f", "\x05", "c"), "abc", 3),
        (("a", "\x15", "é", "ש"), "éש", 2),
        (("a", "\x1b[5~", "\x02"), "a", 1),
    ],
)
def test_keys_edit_a_line(keys: tuple[str, ...], text: str, at: int) -> None:
    """The usual keys of a line; what it does not know changes nothing."""
    line = Edit()
    for key in keys:
        line = line.key(key)
    assert line == Edit(text, at)


@given(st.lists(st.sampled_from(["a", "é", "\x1b[D", "\x1b[C", "\x7f", "\x1b[3~", "\x01", "\x05"])))
def test_cursor_stays_in_the_line(keys: list[str]) -> None:
    """Whatever is pressed, the cursor is in the text, and in the part of it that is shown."""
    line = Edit()
    for key in keys:
        line = line.key(key)
        assert 0 <= line.at <= len(line.text)
        text, at = line.shown(8)
        assert len(text) <= 8
        assert 0 <= at <= 8


def test_what_comes_at_once_is_told_apart_key_by_key() -> None:
    """Escape sequences stay whole; a bare Esc is a key."""
    keys = Keys()
    assert keys.feed("j\x1b[Bx") == ["j", "\x1b[B", "x"]
    assert keys.feed("\x1b[3~é\r") == ["\x1b[3~", "é", "\r"]
    assert keys.feed("\x1bq") == ["\x1b", "q"]


def test_arrow_that_comes_in_two_parts_is_one_key() -> None:
    """Over a slow link the last letter of an arrow may come later: it is no ACCIDENT (A) and no
    Esc. A bare Esc is one when nothing follows for a while."""
    keys = Keys()
    assert keys.feed("\x1b") == []
    assert keys.feed("[") == []
    assert keys.feed("A") == ["\x1b[A"]
    assert keys.feed("\x1b") == []
    assert keys.feed("") == ["\x1b"]
    assert keys.feed("j") == ["j"]


def test_what_is_pasted_is_one_key_however_it_comes() -> None:
    """However a paste is cut, its letters are never keys; one whose end is lost is given up."""
    sent = f"j{PASTE}a\rr\nx\x1b[Bq\x1b[201~k"
    for at in range(len(sent)):
        keys = Keys()
        found = [*keys.feed(sent[:at]), *keys.feed(sent[at:])]
        assert found == ["j", f"{PASTE}a\rr\nx\x1b[Bq", "k"]
    keys = Keys()
    assert keys.feed(f"{PASTE}area") == []
    assert [key for _ in range(9) for key in keys.feed("")] == [f"{PASTE}area"]
    assert keys.feed("j") == ["j"]


def test_what_is_pasted_into_a_line_runs_nothing() -> None:
    """Its lines become one, and Enter is not among them; a pasted book is cut off."""
    assert filled("place |").key(f"{PASTE}34.6\n 35.9\r\n").text == "place 34.6 35.9"
    assert len(Edit().key(f"{PASTE}{'x' * 9_000}").text) == 4_000


def replayed(written: str, width: int, height: int) -> list[str]:
    """A terminal of the size after what was written to it."""
    grid, row, column = [[" "] * width for _ in range(height)], 0, 0
    for part in re.findall(r"\x1b\[[0-9;?]*[A-Za-z]|.", written, re.DOTALL):
        if part == "\x1b[2J":
            grid = [[" "] * width for _ in range(height)]
        elif part == "\x1b[K":
            grid[row][column:] = [" "] * (width - column)
        elif place := re.fullmatch(r"\x1b\[(\d+);(\d+)H", part):
            row, column = int(place[1]) - 1, int(place[2]) - 1
        elif not part.startswith("\x1b"):
            grid[row][column] = part
            column += 1
    return ["".join(line).rstrip() for line in grid]


texts = st.lists(st.text("ab é…", max_size=8).map(str.rstrip), max_size=4)
looks = st.sampled_from(["", "bold", "bold reverse", "dim"])


@given(st.lists(st.tuples(texts, looks), min_size=1, max_size=6))
def test_screen_holds_the_last_rows_whatever_stood_there(
    shown: list[tuple[list[str], str]],
) -> None:
    """However rows change, what was written leaves exactly the newest rows on the screen."""
    written: list[str] = []
    painter = Painter(written.append)
    for rows, look in shown:
        painter.paint([(text, look) for text in rows], (8, 4))
        padded = rows + [""] * (4 - len(rows))
        assert replayed("".join(written), 8, 4) == padded


def test_quiet_screen_writes_little() -> None:
    """A clock that moves writes its digits, a screen that stands still nothing: over 64 kbit/s a
    minute of a quiet board is under one kilobyte."""
    written: list[str] = []
    painter = Painter(written.append)
    rest = [("line BRAVO UP" + " long" * 12, "")] * 22
    painter.paint([("00:00:00Z", "bold"), *rest], (80, 24))
    first = len("".join(written))
    for second in range(60):
        for _ in range(4):
            painter.paint([(f"00:00:{second:02d}Z", "bold"), *rest], (80, 24))
    assert len("".join(written)) - first < 2_500


def test_countdowns_of_many_duties_write_their_digits() -> None:
    """Fifty countdowns beside names in quotation marks of another script: what moves is written,
    not the rows that it stands in."""
    written: list[str] = []
    painter = Painter(written.append)

    def rows(second: int) -> list[tuple[str, str]]:
        return [
            (f" !!   14:{second:02d} NOT TOLD: “Küste {n}”" + " far" * 20, "") for n in range(50)
        ]

    painter.paint(rows(59), (160, 50))
    first = len("".join(written))
    for second in range(58, 48, -1):
        painter.paint(rows(second), (160, 50))
    assert len("".join(written)) - first < 10 * 50 * 14
