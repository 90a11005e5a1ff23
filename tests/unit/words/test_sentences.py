"""Words: complete for every code and fact, and deaf to what the other side writes."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import clearline
from clearline.model.finding import Verdict
from clearline.model.ids import EntryRef, FeedId
from clearline.model.refusal import Code, Refusal
from clearline.model.time import Instant
from clearline.words import languages, sentence, standing, verdict
from clearline.words.language import language
from clearline.words.sentences import BLANK, plain, said, without_isolates

SOURCE = Path(clearline.__file__).parent
STATES = ("PENDING", "CONFLICTED", "UNDETERMINED", "COORDINATED", "DECONFLICTED")
AVOIDED = re.compile(
    r"\b(target|approved?|cleared hot|safe|guaranteed|friendly|enemy|violation)\b", re.IGNORECASE
)


def _calls(folder: Path) -> Iterator[ast.AST]:
    for path in sorted(folder.rglob("*.py")):
        yield from ast.walk(ast.parse(path.read_text("utf-8")))


def _literal_facts(folder: Path) -> Iterator[tuple[str, ast.expr]]:
    """Names and values of facts that are written out where refusals are made."""
    for node in _calls(folder):
        facts: ast.expr | None = None
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "Refusal":
            facts = next((word.value for word in node.keywords if word.arg == "params"), None)
        elif isinstance(node, ast.AnnAssign) and ast.unparse(node.target) == "params":
            facts = node.value
        if isinstance(facts, ast.Dict):
            for name, value in zip(facts.keys, facts.values, strict=True):
                if isinstance(name, ast.Constant):
                    yield name.value, value


@pytest.mark.parametrize("tag", languages())
@pytest.mark.parametrize("code", Code)
def test_code_has_a_sentence_and_something_to_do(tag: str, code: Code) -> None:
    """Every code has words in every language; the last form needs no facts."""
    words = language(tag).refusals[code]
    assert words.do.endswith(".")
    assert all(form.endswith(".") for form in words.says)
    assert not [blank for blank in BLANK.findall(words.says[-1]) if blank[0] != "at"]
    told = without_isolates(sentence(Refusal(code=code, clause="CL-X-001"), tag))
    assert told.endswith("(CL-X-001)")


@pytest.mark.parametrize("tag", languages())
def test_case_of_a_clause_has_words_of_its_own(tag: str) -> None:
    """Where what to do differs by case, each case has its sentence, needs no facts, and names a
    clause; a case that nobody knows falls back to the words of the code."""
    for name, words in language(tag).cases.items():
        clause, _, why = name.partition("/")
        refusal = Refusal(code=Code.NOT_ALLOWED, clause=clause, params={"why": why})
        told = without_isolates(sentence(refusal, tag))
        assert f"{words.says[-1]} {words.do} ({clause})" == told
    other = Refusal(code=Code.NOT_ALLOWED, clause="CL-API-001", params={"why": "else"})
    assert sentence(other, tag).startswith(language(tag).refusals[Code.NOT_ALLOWED].says[-1])


@pytest.mark.parametrize("tag", languages())
def test_language_has_no_word_for_what_does_not_exist(tag: str) -> None:
    """No code, state or verdict of a language is left over from an older version."""
    words = language(tag)
    assert words.language == tag
    assert set(words.refusals) == {code.value for code in Code}
    assert set(words.verdicts) == {found.value for found in Verdict}
    assert set(words.standings) == set(STATES)


@pytest.mark.parametrize("tag", languages())
def test_fact_that_code_states_has_a_name_in_each_language(tag: str) -> None:
    """Every fact written out in the source is named in the language, and so is every blank."""
    words = language(tag)
    stated = {name for name, _ in _literal_facts(SOURCE)}
    assert len(stated) > 20
    assert sorted(stated - set(words.params)) == []  # name these in the language's file
    blanks = {
        blank[0]
        for one in words.refusals.values()
        for form in one.says
        for blank in BLANK.findall(form)
    }
    assert not blanks - set(words.params)


@pytest.mark.parametrize("tag", languages())
def test_braces_of_each_form_are_blanks(tag: str) -> None:
    """A misspelt blank does not reach a reader as braces."""
    words = language(tag)
    forms = [form for one in words.refusals.values() for form in (*one.says, one.do)]
    forms += [form for many in words.standings.values() for form in many]
    forms += words.beside.values()
    assert not [form for form in forms if set("{}") & set(BLANK.sub("", form))]


def test_reason_that_the_wire_states_has_words() -> None:
    """Each closed word that the wire gives as a reason is in the language's list, and no other."""
    strings = {
        node.value
        for path in (SOURCE / "wire", SOURCE)
        for node in _calls(path)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    reasons = set(language("en").reasons)
    assert not reasons - strings
    direct = {
        value.value
        for name, value in _literal_facts(SOURCE / "wire")
        if name == "reason" and isinstance(value, ast.Constant)
    }
    assert direct
    assert not direct - reasons


@pytest.mark.parametrize("tag", languages())
def test_words_to_avoid_are_avoided(tag: str) -> None:
    """Nothing shown claims permission, certainty, or a side."""
    raw = (SOURCE / "words" / f"{tag}.json").read_text("utf-8")
    assert not AVOIDED.findall(raw)


def test_sentence_tells_what_to_do_and_by_which_clause() -> None:
    """North Syria: the name is quoted, the way out is stated, the clause and place stand last."""
    refusal = Refusal(
        code=Code.NO_GEOMETRY,
        clause="CL-BOD-001",
        at="/body/volumes",
        params={"label": "north Syria"},
    )
    expected = (
        "“north Syria” is a name, not a place: there is no area with it. Draw the area, or state "
        "points with their datum; the name stays as a label. (CL-BOD-001 /body/volumes)"
    )
    assert expected == sentence(refusal)


def test_fact_without_a_blank_is_still_shown() -> None:
    """A fact that no form uses stands at the end, under its name."""
    ref = EntryRef(FeedId("ISR.0"), 4)
    refusal = Refusal(code=Code.GAP, clause="CL-X-001", params={"held": 3, "ref": ref, "new_": "x"})
    assert sentence(refusal).endswith("(held 3; entry ISR.0/4; new_ x; CL-X-001)")


def test_unknown_language_falls_back() -> None:
    """A reader whose language is not there reads the complete one."""
    refusal = Refusal(code=Code.FORK, clause="CL-X-001")
    assert sentence(refusal, "xx") == sentence(refusal, "en")


_anything = st.text(st.characters(exclude_categories=())) | st.integers()


@given(
    st.sampled_from(Code),
    st.text(max_size=30),
    st.dictionaries(st.sampled_from(sorted(language("en").params)) | st.text(), _anything),
)
def test_words_of_the_other_side_never_act(code: Code, at: str, facts: dict) -> None:
    """Whatever stands in facts, a sentence is made, on one line, without hidden characters."""
    text = sentence(Refusal(code=code, clause="CL-X-001", at=at, params=facts))
    assert text.isprintable() or not set(text) & set("\n\r\x00\x1b\u202e\u2066\u2028\ufeff\ud800")
    text.encode()


@pytest.mark.parametrize("word", ["{label}", "{label|quote}", "{0.__class__}", "%s", "” x “"])
def test_fact_is_never_a_template(word: str) -> None:
    """Blanks in the other side's words stay words, and its quotation marks do not end the quote."""
    refusal = Refusal(code=Code.NO_GEOMETRY, clause="CL-X-001", params={"label": word})
    shown = word.replace("”", "□").replace("“", "□")
    assert sentence(refusal).startswith(f"“{shown}” is a name")


def test_long_words_are_cut() -> None:
    """A label of any length leaves a sentence."""
    refusal = Refusal(code=Code.NO_GEOMETRY, clause="CL-X-001", params={"label": "x" * 10_000})
    assert len(sentence(refusal)) < 400


AT = Instant(1_537_209_660_000)


@pytest.mark.parametrize(
    ("state", "beside", "expected"),
    [
        ("DECONFLICTED", {}, "received by all, no conflict known, as of 18:41Z"),
        ("PENDING", {"pending": ("RUS", "OCHA")}, "not yet received by RUS, OCHA, as of 18:41Z"),
        ("PENDING", {}, "not yet received by all, as of 18:41Z"),
        ("CONFLICTED", {"against": ("RUS.0/5",)}, "received, and meets RUS.0/5, as of 18:41Z"),
        (
            "DECONFLICTED",
            {"not_told": ("SYR",), "seals": 2},
            "received by all, no conflict known, as of 18:41Z; NOT TOLD: SYR; "
            "sealed plans not considered: 2",
        ),
        (
            "UNDETERMINED",
            {"unjudged": 7},
            "a conflict cannot be ruled out, as of 18:41Z; not judged yet against 7 other(s)",
        ),
    ],
)
def test_standing_is_never_one_word(state: str, beside: dict, expected: str) -> None:
    """Standing reads as what is known, with its time and with what it leaves out."""
    assert expected == standing(state, AT, **beside)


@pytest.mark.parametrize("state", STATES)
def test_standing_in_words_shows_no_bare_state(state: str) -> None:
    """The name of a state is for machines."""
    assert state not in standing(state, AT)


@pytest.mark.parametrize("lang", ["ar", "he"])
def test_standing_keeps_the_direction_of_each_name_and_shows_no_box(lang: str) -> None:
    """What was cleaned and given its direction once is taken as it is; names of others are cleaned
    where they are put in."""
    against = [said(lang, "of-party", label=plain("Range\u202e 7"), party="BRAVO")]
    words = standing("CONFLICTED", AT, against=against, not_told=("SYRAD",), lang=lang)
    assert words.count("\N{WHITE SQUARE}") == 1, "the one that would turn the sentence round"
    assert "\u2068BRAVO\u2069" in words
    assert words.count("\u2068") == words.count("\u2069")


def test_standing_names_as_many_as_there_is_room_for_and_cuts_none() -> None:
    """Ten conflicts in one sentence: the first few whole, the others as dots."""
    against = [f"Range {n} of BRAVO" for n in range(10)]
    words = standing("CONFLICTED", AT, against=against)
    assert "Range 0 of BRAVO, Range 1 of BRAVO" in words
    assert ", …" in words
    assert "Range 9" not in words
    assert words.count(" of BRAVO") == words.count("Range ")


def test_undetermined_is_never_worded_as_no() -> None:
    """The three verdicts have three wordings, and the third says that it cannot tell."""
    assert len({verdict(found) for found in Verdict}) == 3
    assert "cannot" in verdict(Verdict.UNDETERMINED)
