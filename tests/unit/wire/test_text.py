"""Text: each barred character is barred, each other one is not, by code point and nothing else."""

import sys

import pytest

from clearline.model.limits import LABEL_CHARS_MAX, NAME_CHARS_MAX, TEXT_CHARS_MAX
from clearline.model.refusal import Code
from clearline.wire.text import bad_label, bad_language, bad_media, bad_name, bad_text

RANGES = (
    (0x00, 0x1F), (0x7F, 0x9F), (0x2028, 0x2029), (0x202A, 0x202E), (0x2066, 0x2069),
    (0xD800, 0xDFFF), (0xE000, 0xF8FF), (0xFDD0, 0xFDEF), (0xFEFF, 0xFEFF), (0xFFF9, 0xFFFF),
    (0xE0000, 0xE0FFF), (0xF0000, 0x10FFFF),
)  # fmt: skip


def _barred(code: int) -> bool:
    return code & 0xFFFE == 0xFFFE or any(low <= code <= high for low, high in RANGES)


def test_barred_characters_are_exactly_those_of_the_rule() -> None:
    """Over all of Unicode, a label takes exactly what the stated ranges do not bar."""
    wrong = [
        hex(code)
        for code in range(sys.maxunicode + 1)
        if (bad_label(f"a{chr(code)}b", "") is not None) is not _barred(code)
    ]
    assert wrong == []


def test_text_with_lines_takes_the_newline_and_no_other_control() -> None:
    """Of the controls only the newline divides lines."""
    taken = [code for code in range(0x20) if bad_text(f"a{chr(code)}b", "") is None]
    assert [ord("\n")] == taken


def test_text_is_not_normalised() -> None:
    """Composed and decomposed letters are two texts, both taken: no table of Unicode decides."""
    assert bad_label("\u00e9", "") is None
    assert bad_label("e\u0301", "") is None


@pytest.mark.parametrize(
    ("check", "limit"), [(bad_label, LABEL_CHARS_MAX), (bad_text, TEXT_CHARS_MAX)]
)
def test_length_is_counted_in_code_points(check: object, limit: int) -> None:
    """The limit itself is taken, one more is not; a character of four bytes counts once."""
    assert check("\U0001d11e" * limit, "") is None
    refusal = check("x" * (limit + 1), "/a")
    assert (refusal.code, refusal.at) == (Code.BAD_TEXT, "/a")


@pytest.mark.parametrize("text", ["", " ", "\n", " a", "a ", "a\n", "\na"])
def test_blank_ends_are_refused(text: str) -> None:
    """Two labels that look alike on a board differ in something that can be seen."""
    assert bad_text(text, "") is not None


@pytest.mark.parametrize("name", ["air-hazard", "A", "0.b_c", "x" * NAME_CHARS_MAX])
def test_name_is_taken(name: str) -> None:
    """Names are letters, digits, dots, dashes, underscores."""
    assert bad_name(name, "") is None


@pytest.mark.parametrize("name", ["", "-a", "a b", "a\n", "é", "x" * (NAME_CHARS_MAX + 1), "٣"])
def test_name_is_refused(name: str) -> None:
    """Nothing else is a name, not even with a newline at its end."""
    assert bad_name(name, "") is not None


@pytest.mark.parametrize("tag", ["en", "he", "pt-BR", "zh-Hant-TW", "arz"])
def test_language_tag_is_taken(tag: str) -> None:
    """Tags of common languages, with script and region."""
    assert bad_language(tag, "") is None


@pytest.mark.parametrize("tag", ["", "EN", "e", "english", "en_GB", "en-", "en\n", "-en"])
def test_language_tag_is_refused(tag: str) -> None:
    """What is not of the form of a tag is refused."""
    assert bad_language(tag, "") is not None


@pytest.mark.parametrize("media", ["image", "image/", "Image/png", "image/png; q=1", "a/b\n"])
def test_media_type_is_refused(media: str) -> None:
    """A media type stands bare and in lower case."""
    assert bad_media(media, "") is not None
