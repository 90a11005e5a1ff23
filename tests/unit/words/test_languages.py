"""Languages: each is whole, says the same of the same facts, and never poses as reviewed."""

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

import clearline
from clearline.conflict.geoid import GEOID_NAME
from clearline.conflict.heights import reference_token
from clearline.model.alert import Severity, TroubleKind
from clearline.model.entry import LinkState, Precedence, RelayOutcome, Reply
from clearline.model.space import Edge, Ground, Height, HeightRef, Qnh
from clearline.node.views import Phase
from clearline.picture.standing import Why
from clearline.words import reader
from clearline.words.language import (
    SECTIONS,
    Language,
    Review,
    as_written,
    digest_of,
    is_reviewed,
    language,
    languages,
)
from clearline.words.plurals import plural_form, plural_forms
from clearline.words.reader import ENGLISH, accepted, complete, told, wish_fault
from clearline.words.sentences import (
    BLANK,
    ISOLATE,
    ISOLATE_END,
    basis,
    composed,
    filled,
    said,
    without_isolates,
)

SOURCE = Path(clearline.__file__).parent
OTHERS = tuple(tag for tag in languages() if tag != "en")
BASES = {
    "W84", "UNL", "SFC", "SFC:ground-by", "AGL:ground-unknown", "AGL:ground-by",
    f"AMSL:{GEOID_NAME}", "FL:qnh-agreed-range", "FL:qnh-by", "edge:geodesic", "edge:lonlat",
    "edge:rhumb", "QNH", "temperature", "geoid", "ground height", "lateral distance",
}  # fmt: skip
"""What a verdict rests on: ways to read a height or an edge, and data that settle it."""
WANTED = {"ar", "en", "fr", "he", "ru", "uk"}


def _texts(of: object, at: str) -> Iterator[tuple[str, str]]:
    """Every text below with its id: section, id, field, place in a list."""
    if isinstance(of, str):
        yield at, of
    elif isinstance(of, dict):
        for name, each in of.items():
            yield from _texts(each, f"{at}/{name}")
    elif isinstance(of, list | tuple):
        for n, each in enumerate(of):
            yield from _texts(each, f"{at}/{n}")


def texts(tag: str) -> dict[str, str]:
    """All sentences of a language as its file has them."""
    plain = msgspec.to_builtins(as_written(tag))
    sections = (name for name in SECTIONS if name != "plurals")
    return dict(found for name in sections for found in _texts(plain[name], name))


def test_six_languages_are_there() -> None:
    """English, and five more, among them two that are written from right to left."""
    assert set(languages()) == WANTED
    assert [t for t in languages() if language(t).direction == "rtl"] == ["ar", "he"]


@pytest.mark.parametrize("tag", OTHERS)
def test_language_has_each_sentence_of_english_with_its_facts_and_no_other(tag: str) -> None:
    """Nothing is missing, nothing is left over, and each sentence has the same blanks, shown in
    the same way."""
    english, own = texts("en"), texts(tag)
    assert sorted(set(english) ^ set(own)) == []  # translate these in the language's file
    different = [
        at for at, text in english.items()
        if sorted(BLANK.findall(text)) != sorted(BLANK.findall(own[at]))
    ]  # fmt: skip
    assert different == []
    assert [at for at, text in own.items() if set("{}") & set(BLANK.sub("", text))] == []
    assert [at for at, text in own.items() if bool(text) != bool(english[at])] == []


@pytest.mark.parametrize("tag", OTHERS)
def test_language_is_not_english_under_another_name(tag: str) -> None:
    """Hardly a sentence of some length is the same as in English."""
    english, own = texts("en"), texts(tag)
    same = [at for at, text in own.items() if text == english[at]]
    assert [at for at in same if len(BLANK.sub("", own[at])) > 12] == []


@pytest.mark.parametrize("tag", languages())
def test_counted_words_have_the_forms_that_the_language_needs(tag: str) -> None:
    """Each word has each form of the language's rule; every word that is counted is there."""
    words = as_written(tag)
    assert set(words.plurals) == set(as_written("en").plurals)
    for forms in words.plurals.values():
        assert set(forms) == plural_forms(tag)
    counted = {way for text in texts(tag).values() for _, way in BLANK.findall(text)}
    used = {way.removeprefix("count:") for way in counted if way.startswith("count:")}
    assert used == set(words.plurals)


@pytest.mark.parametrize(
    ("tag", "forms"),
    [
        ("en", {0: "other", 1: "one", 2: "other", 21: "other"}),
        ("fr", {0: "one", 1: "one", 2: "other"}),
        ("ru", {0: "many", 1: "one", 2: "few", 5: "many", 11: "many", 12: "many", 21: "one",
                22: "few", 111: "many", 121: "one"}),
        ("uk", {1: "one", 3: "few", 14: "many", 24: "few", 25: "many"}),
        ("he", {0: "other", 1: "one", 2: "two", 3: "other", 20: "other"}),
        ("ar", {0: "zero", 1: "one", 2: "two", 3: "few", 10: "few", 11: "many", 99: "many",
                100: "other", 102: "other", 103: "few", 111: "many"}),
    ],
)  # fmt: skip
def test_plural_rules_are_those_of_the_languages(tag: str, forms: dict[int, str]) -> None:
    """Values by Unicode CLDR's table of cardinal rules."""
    assert {n: plural_form(tag, n) for n in forms} == forms


def test_every_closed_word_of_the_code_has_its_sentence() -> None:
    """Troubles, whys, replies and states of the code are in the file, and none that it lacks."""
    words = as_written("en")
    assert set(words.troubles) == {kind.value for kind in TroubleKind}
    assert set(words.own_pairs) <= set(words.troubles)
    assert set(words.whys) == {why.value for why in Why}
    assert set(words.replies) == {reply.value for reply in Reply}
    alone = {x.value for of in (Phase, LinkState, RelayOutcome, Severity) for x in of}
    alone |= {precedence.name for precedence in Precedence}
    assert alone <= set(words.states)
    assert set(words.states) - alone - BASES == {"time", "vertical", "lateral", "class", "terms"}


def _heights() -> Iterator[Height]:
    """A height of each reference, with and without who states what it is read by."""
    ground = Ground(low_mm=0, high_mm=1, by="BRAVO")
    qnh = Qnh(pa=101_300, tolerance_pa=1, by="BRAVO")
    for ref in HeightRef:
        yield Height(ref=ref)
        if ref in (HeightRef.AGL, HeightRef.SFC):
            yield Height(ref=ref, ground=ground)
        if ref is HeightRef.FL:
            yield Height(ref=ref, qnh=qnh)


def test_all_that_a_verdict_rests_on_has_words() -> None:
    """Each way to read a height or an edge, and each datum that settles, is said in words in every
    language, with who states it; nothing else is listed, and what is not known stays as it is."""
    tokens = {reference_token(height) for height in _heights()} | {f"edge:{e}" for e in Edge}
    data = {"QNH", "temperature", "geoid", "ground height", "lateral distance"}
    assert {token.removesuffix("-BRAVO") for token in tokens} | data == BASES
    for tag in languages():
        for token in tokens:
            words = basis(token, tag)
            assert token not in words
            assert words.count("BRAVO") == token.count("BRAVO")
        assert basis("FL:another", tag) == "FL:another"
        assert basis("another-by-BRAVO", tag) == "another-by-BRAVO"
    assert basis("FL:qnh-by-BRAVO") == "flight level (QNH by BRAVO)"
    assert basis("FL:qnh-agreed-range") == "flight level (any QNH in the agreed range)"


def test_every_phrase_that_code_names_is_there_and_no_other() -> None:
    """A phrase that code asks for by name exists; one that nothing names is gone. Names that are
    put together at run time begin with what the code writes out."""
    names = set(as_written("en").phrases)
    literal, begins = set(), set()
    for path in sorted(SOURCE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                literal.add(node.value)
            if isinstance(node, ast.JoinedStr) and isinstance(node.values[0], ast.Constant):
                begins.add(str(node.values[0].value))
            if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] == "said":
                asked = [a.value for a in node.args[1:2] if isinstance(a, ast.Constant)]
                assert set(asked) <= names, path
    put_together = tuple(b for b in begins if b.endswith("-") and len(b) > 5)
    composed_of = {"lead-now", "late-now"}
    composed_of |= {f"{kind}-{grade}" for kind in ("track-near", "track-hazard", "track-inside")
                    for grade in ("now", "ahead", "unsure")}  # fmt: skip
    left = names - literal - composed_of
    assert {name for name in left if not name.startswith(put_together)} == set()


SIGNS = re.compile(r"[\u0660-\u0669\u06f0-\u06f9\u0966-\u096f]")


@pytest.mark.parametrize("tag", languages())
def test_digits_are_never_localised(tag: str) -> None:
    """No file holds digits of another script: a number reads the same in all."""
    assert not SIGNS.search((SOURCE / "words" / f"{tag}.json").read_text("utf-8"))


LONG = "x" * 10_000
HOSTILE = "\u202e\u2067\u200f}{label}”\n\x1b[31m" + LONG


@pytest.mark.parametrize("tag", languages())
@pytest.mark.parametrize("fact", [LONG, HOSTILE])
def test_every_sentence_stands_facts_of_any_length(tag: str, fact: str) -> None:
    """Cut, cleaned, on one line, with as many isolates closed as opened."""
    words = language(tag)
    for at, text in texts(tag).items():
        facts = {name: fact for name, _ in BLANK.findall(text)}
        shown = filled(text, facts, words)
        assert len(shown) < len(text) + 120 * len(facts) + 40, at
        assert not set(shown) & set("\u202e\u2067\u200f\n\x1b"), at
        assert shown.count(ISOLATE) == shown.count(ISOLATE_END)
        numbers = dict.fromkeys(facts, 10**15)
        assert ("1000000000000000" in filled(text, numbers, words)) == bool(facts), at


@given(st.sampled_from(languages()), st.integers(0, 10**6))
def test_counted_number_stands_as_it_is_in_every_language(tag: str, n: int) -> None:
    """The word beside it changes; the number does not."""
    shown = without_isolates(said(tag, "recorded-many", count=n))
    assert re.findall(r"[0-9]+", shown) == [str(n)]


def test_right_to_left_isolates_what_is_filled_in_and_nothing_else_does() -> None:
    """A Z time within Arabic keeps its order; a screen without isolates gets none."""
    shown = said("ar", "answer-needs", minutes=12)
    assert f"{ISOLATE}12{ISOLATE_END}" in shown
    assert without_isolates(shown) == shown.replace(ISOLATE, "").replace(ISOLATE_END, "")
    assert ISOLATE not in said("ru", "answer-needs", minutes=12)


# -- reviews, and what stands beside what nobody has reviewed


def test_no_translation_of_ours_claims_to_be_reviewed() -> None:
    """Nobody has reviewed the five; whoever reviews one changes this test with the review."""
    for tag in OTHERS:
        assert as_written(tag).reviewed == {}
        assert not any(is_reviewed(tag, section) for section in SECTIONS)
    assert all(is_reviewed("en", section) for section in SECTIONS)


def test_review_ends_with_the_words_that_it_was_of() -> None:
    """A changed sentence, in the translation or in English, is a sentence that nobody reviewed."""
    words = as_written("fr")
    of = digest_of(words, "whys")
    changed = msgspec.structs.replace(words, whys={**words.whys, "received": "x"})
    assert digest_of(changed, "whys") != of
    assert digest_of(changed, "replies") == digest_of(words, "replies")


def test_review_counts_while_its_words_stand(monkeypatch: pytest.MonkeyPatch) -> None:
    """With a review of the words as they are, the mark goes for that section alone."""
    words = language("fr")
    review = Review(by="a duty officer", on="2026-11-22", of=digest_of(words, "whys"))

    def known(tag: str) -> Language:
        return msgspec.structs.replace(words, reviewed={"whys": review}) if tag == "fr" else words

    monkeypatch.setattr("clearline.words.language.language", known)
    is_reviewed.cache_clear()
    try:
        assert is_reviewed("fr", "whys")
        assert not is_reviewed("fr", "replies")
    finally:
        monkeypatch.undo()
        is_reviewed.cache_clear()
    assert not is_reviewed("fr", "whys")


def test_unreviewed_sentence_stands_beside_its_id_and_the_english() -> None:
    """FM20: nobody reads a translation that nobody checked without seeing that."""
    shown = told(complete(("fr",)), "phrases/reminder", lambda tag: said(tag, "reminder"))
    first, _, second = shown.partition(reader.BETWEEN)
    assert first.startswith(said("fr", "reminder"))
    assert first.endswith("[UNREVIEWED translation, fr phrases/reminder]")
    assert second == said("en", "reminder")


def test_wish_for_an_unreviewed_language_brings_english() -> None:
    """Asked for alone, or not there at all, English stands beside or instead; each once."""
    assert complete(("ar",)) == ("ar", "en")
    assert complete(("en", "ar", "ar")) == ("en", "ar")
    assert complete(("xx",)) == complete(()) == ENGLISH
    assert accepted("he-IL,he;q=0.9,en;q=0.8") == ("he", "en")
    assert accepted("de, *;q=0.1") == accepted("") == ENGLISH
    assert accepted("," * 100_000) == ENGLISH


def test_unreviewed_language_is_refused_as_the_only_one_unless_it_is_an_exercise() -> None:
    """With a sentence that names what is not reviewed and what to write."""
    fault = wish_fault(("ar",))
    assert fault is not None
    assert "refusals" in fault
    assert '["ar", "en"]' in fault
    assert wish_fault(("ar",), exercise=True) is None
    assert wish_fault(("ar", "en")) is None
    assert wish_fault(("en",)) is None
    assert "no language 'xx'" in str(wish_fault(("xx",)))
    assert "twice" in str(wish_fault(("en", "en")))
    assert wish_fault(()) is not None


def test_word_that_a_file_lacks_is_english_at_run_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """An alarm never fails for want of a word."""
    short = msgspec.structs.replace(as_written("fr"), phrases={})

    def written(tag: str) -> Language:
        return short if tag == "fr" else full

    full = as_written("en")
    monkeypatch.setattr("clearline.words.language.as_written", written)
    language.cache_clear()
    try:
        assert said("fr", "reminder") == full.phrases["reminder"][0]
        form = language("fr").troubles["stop"].bare
        assert "BBB" in composed(form, {"peer": "BBB"}, language("fr"))
    finally:
        monkeypatch.undo()
        language.cache_clear()


@pytest.mark.parametrize("tag", languages())
def test_no_word_stands_twice_in_a_file(tag: str) -> None:
    """The later of two would hide the earlier one, in one language and not in another."""

    def once(pairs: list[tuple[str, object]]) -> dict[str, object]:
        names = [name for name, _ in pairs]
        assert sorted(set(names)) == sorted(names), {n for n in names if names.count(n) > 1}
        return dict(pairs)

    file = Path(clearline.__file__).parent / "words" / f"{tag}.json"
    json.loads(file.read_text("utf-8"), object_pairs_hook=once)
