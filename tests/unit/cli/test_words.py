"""A deployment reads a translation beside English, records that it has, and loses that when a
sentence changes (FM20)."""

import json
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from clearline.config import ConfigError, read_config
from clearline.words.deployed import FILE, deploy, parse_reviews
from clearline.words.language import SECTIONS, as_written, language, take_reviews
from clearline.words.reader import complete, told, wish_fault
from clearline.words.sentences import said
from tests.api_node import cli, found, make_parties


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Path]:
    """A node's folder; the reviews of this process end with the test."""
    make_parties(tmp_path, "ALFA", "BRAVO")
    yield found(tmp_path, tmp_path / "node", "ALFA", "BRAVO")
    take_reviews({})


def reviewed(node: Path, lang: str) -> list[str]:
    """The sections that count as reviewed."""
    rows = json.loads(cli("words", "status", lang, "--node", str(node), "--json"))
    return [row["section"] for row in rows if row["reviewed"]]


def test_review_is_recorded_with_role_day_and_what_it_was_of(node: Path) -> None:
    """Nothing is reviewed at first; one section is recorded, then all; each is bound to a digest,
    and who and when are said."""
    assert reviewed(node, "fr") == []
    said_ = cli("words", "review", "fr", "--by", "watch officer", "--on", "2026-03-01",
                "--section", "troubles", "--node", str(node))  # fmt: skip
    assert "fr troubles: reviewed by watch officer on 2026-03-01" in said_
    assert reviewed(node, "fr") == ["troubles"]
    assert reviewed(node, "ar") == []
    cli("words", "review", "fr", "--by", "senior", "--node", str(node))
    assert reviewed(node, "fr") == list(SECTIONS)
    held = json.loads((node / FILE).read_bytes())
    assert {len(each["of"]) for each in held["fr"].values()} == {16}


def test_node_with_a_reviewed_language_may_read_it_alone(node: Path) -> None:
    """node.toml with French alone is refused before, taken after; the mark and the English beside
    it are gone, and the other languages have theirs still."""
    text = (node / "node.toml").read_text()
    (node / "node.toml").write_text(f'languages = ["fr"]\n{text}')
    with pytest.raises(ConfigError, match="nobody has reviewed"):
        read_config(node)
    cli("words", "review", "fr", "--by", "watch officer", "--node", str(node))
    assert read_config(node).config.languages == ("fr",)
    shown = told(complete(("fr",)), "phrases/reminder", lambda tag: said(tag, "reminder"))
    assert shown == said("fr", "reminder")
    assert wish_fault(("ar",)) is not None


@pytest.mark.parametrize("changed", ["fr", "en"])
def test_sentence_that_changes_afterwards_is_unreviewed_again(
    node: Path, monkeypatch: pytest.MonkeyPatch, changed: str
) -> None:
    """In the translation or in the English: its section alone, and the node that stood on it does
    not start in that language alone; it is said who had reviewed what was there before."""
    cli("words", "review", "fr", "--by", "watch officer", "--on", "2026-03-01", "--node", str(node))

    def newer(tag: str) -> object:
        words = as_written(tag)
        if tag != changed:
            return words
        return msgspec.structs.replace(words, whys={**words.whys, "received": "other words"})

    monkeypatch.setattr("clearline.words.language.as_written", newer)
    language.cache_clear()
    try:
        assert deploy(node) is None
        assert reviewed(node, "fr") == [name for name in SECTIONS if name != "whys"]
        assert "CHANGED since" in cli("words", "status", "fr", "--node", str(node))
        assert wish_fault(("fr",)) is not None
    finally:
        monkeypatch.undo()
        language.cache_clear()


def test_sentences_stand_beneath_the_english_to_be_read(node: Path) -> None:
    """Every text of a section with its id; a language or section that is not there is named."""
    rows = json.loads(cli("words", "read", "he", "--section", "troubles", "--json"))
    words = language("he").troubles
    assert len(rows) == sum(len(each.says) + 1 for each in words.values())
    assert {"id": "troubles/gap/bare", "english": language("en").troubles["gap"].bare,
            "he": words["gap"].bare} in rows  # fmt: skip
    assert "there are: ar, fr" in cli("words", "read", "en", code=2)
    assert "no section" in cli("words", "read", "he", "--section", "x", code=2)
    assert "no day" in cli("words", "review", "he", "--by", "x", "--on", "2126-01-01",
                           "--node", str(node), code=2)  # fmt: skip
    assert "no node's folder" in cli(
        "words", "review", "he", "--by", "x", "--node", str(node / "x"), code=2
    )


@pytest.mark.parametrize(
    "raw", [b"[]", b'{"xx": {}}', b'{"fr": {"none": {"by": "", "on": "", "of": ""}}}', b'{"fr": 1}']
)
def test_file_of_reviews_that_cannot_be_read_starts_no_node(node: Path, raw: bytes) -> None:
    """It is said what is wrong; nothing counts as reviewed for it."""
    assert isinstance(parse_reviews(raw), str)
    (node / FILE).write_bytes(raw)
    with pytest.raises(ConfigError, match=r"reviews\.json"):
        read_config(node)
