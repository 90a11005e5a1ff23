"""The catalogue of messages: complete in words, strict to what is filed, deaf to what comes."""

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearline.model.entry import Field, Message
from clearline.model.limits import FIELDS_MAX, NAME_CHARS_MAX
from clearline.model.refusal import Code
from clearline.words import languages
from clearline.words.catalogue import FORMS, Blank, check_message, is_known, said, templates
from clearline.words.language import language
from clearline.words.sentences import BLANK, sentence

ALL = tuple(templates().values())


def filled(blank: Blank) -> str | int:
    """Something that fits."""
    match blank.kind:
        case "number":
            return blank.high
        case "choice":
            return blank.choices[-1]
        case "instant":
            return 1_537_209_540_000
        case _:
            return FORMS[blank.kind]


def message(template_id: str, *, optional: bool = True) -> Message:
    """A message of a template with its blanks filled."""
    blanks = [b for b in templates()[template_id].fields if optional or b.required]
    return Message(
        template=template_id, fields=tuple(Field(name=b.name, value=filled(b)) for b in blanks)
    )


def test_catalogue_has_the_messages_of_a_duty_room() -> None:
    """Twenty templates at least; none has more blanks than an entry carries, or too long names."""
    assert len(ALL) >= 20
    assert {"unknown-aircraft", "request-call", "lost-communication", "text-check"} <= {
        each.id for each in ALL
    }
    for each in ALL:
        assert 0 < len(each.fields) <= FIELDS_MAX
        assert len({blank.name for blank in each.fields}) == len(each.fields)
        assert all(
            len(name) <= NAME_CHARS_MAX for name in (each.id, *(b.name for b in each.fields))
        )
        for blank in each.fields:
            assert blank.kind in {"number", "choice", "instant", *FORMS}
            assert bool(blank.choices) == (blank.kind == "choice")
            assert (blank.high > blank.low and bool(blank.unit)) == (blank.kind == "number")


@pytest.mark.parametrize("tag", languages())
def test_language_has_words_for_every_template_and_no_other(tag: str) -> None:
    """Each template has its sentence, whose blanks it has; the last form needs only those that are
    always filled; each closed choice has a word."""
    words = language(tag)
    assert set(words.templates) == set(templates())
    assert set(words.choices) == {c for t in ALL for b in t.fields for c in b.choices}
    for each in ALL:
        own = words.templates[each.id]
        names = {blank.name for blank in each.fields}
        needed = {blank.name for blank in each.fields if blank.required}
        asked = {found[0] for found in BLANK.findall(own.asks)}
        told = [{found[0] for found in BLANK.findall(form)} for form in own.says]
        assert set().union(*told, asked) == names
        assert told[0] | asked == names, "the most telling form tells all of it"
        assert (told[-1] | asked) >= needed
        assert told[-1] | asked == needed or len(own.says) == 1


@pytest.mark.parametrize("template", [each.id for each in ALL])
@pytest.mark.parametrize("tag", languages())
def test_message_says_all_that_was_filled_in(tag: str, template: str) -> None:
    """Filled wholly or as little as it may be, the message fits, and its sentence has no blank left
    and holds every number as it stands."""
    for optional in (True, False):
        whole = message(template, optional=optional)
        assert check_message(whole) is None
        told = said(whole.template, whole.fields, tag)
        assert "{" not in told
        for field in whole.fields:
            if isinstance(field.value, int) and field.value < 10**9:
                assert str(field.value) in told


@pytest.mark.parametrize("template", [each.id for each in ALL])
def test_message_without_a_needed_blank_is_refused(template: str) -> None:
    """FM21: position, time and identity are demanded where the template has them."""
    whole = message(template)
    for n, blank in enumerate(templates()[template].fields):
        short = Message(template=template, fields=whole.fields[:n] + whole.fields[n + 1 :])
        refusal = check_message(short)
        assert (refusal is not None) == blank.required
        if refusal is not None:
            assert (refusal.code, refusal.at) == (Code.BAD_TEMPLATE, "/body/fields")
            assert refusal.params["name"] == blank.name
            assert blank.name in sentence(refusal)
            assert "left empty" in sentence(refusal)


WRONG = {
    "position": ["35.3 N 35.9 E", "+35.30+035.90/", "+95.0000000+035.9000000/", "off Latakia", 7],
    "instant": [-1, "2018-09-17T18:39:00Z", "22:07", 10**15],
    "height": ["5000", "5000 ft", "FL5", "10000 m", "SFC 0 m", 320],
    "call-sign": ["", "lower", "-", "X" * 17, "\u202eABC"],
    "telephone": ["ask for the duty officer", "", "+", 4411],
    "party": ["", "a party", 1],
    "entry": ["ALFA", "ALFA.0/07", "ALFA.0/-1", 4],
    "number": ["7", -1, 10**9],
    "choice": ["another", "", 1],
}


@pytest.mark.parametrize("template", [each.id for each in ALL])
def test_blank_takes_its_own_kind_alone(template: str) -> None:
    """Each wrong filling is refused with a pointer to it and what belongs there."""
    whole = message(template)
    for n, blank in enumerate(templates()[template].fields):
        for value in WRONG[blank.kind]:
            bad = Field(name=blank.name, value=value)
            fields = (*whole.fields[:n], bad, *whole.fields[n + 1 :])
            refusal = check_message(Message(template=template, fields=fields))
            assert refusal is not None, (blank, value)
            assert refusal.at == f"/body/fields/{n}/value"
            assert str(refusal.params["wanted"]) in sentence(refusal)


def test_unknown_template_blank_and_order_are_refused() -> None:
    """What is not in the catalogue is not filed; what is stands in the catalogue's order, once."""
    good = message("request-hold")
    for bad, at in (
        (Message(template="hello"), "/body/template"),
        (Message(template="text-check", fields=(Field(name="x", value=1),)), "/body/fields/0/name"),
        (Message(template="request-hold", fields=good.fields[::-1]), "/body/fields/1"),
        (Message(template="request-hold", fields=good.fields * 2), "/body/fields/2"),
    ):
        refusal = check_message(bad)
        assert refusal is not None
        assert refusal.at == at


def test_unknown_message_is_shown_as_it_came() -> None:
    """A newer peer's template is not lost: its id and every blank are shown, and that it is not
    known here; the same for a known one that is filled in another way."""
    told = said("volcano", (Field(name="ash_m", value=4000), Field(name="where", value="“x")))
    assert told == "A message that is not in our catalogue, “volcano”: ash_m 4000; where “□x”"
    odd = (Field(name="check", value="seven"),)
    assert not is_known("text-check", odd)
    assert said("text-check", odd).endswith("“text-check”: check “seven”")


fields = st.builds(
    Field,
    name=st.sampled_from(sorted({b.name for t in ALL for b in t.fields})) | st.text(max_size=9),
    value=st.integers() | st.text(max_size=60) | st.sampled_from(sorted(FORMS.values())),
)


@given(
    st.sampled_from([each.id for each in ALL]) | st.text(max_size=20),
    st.lists(fields, max_size=6),
    st.sampled_from(languages()),
)
def test_no_message_makes_the_reader_fail(template: str, blanks: list[Field], tag: str) -> None:
    """Whatever came is one sentence without control characters; and it is refused or it fits."""
    told = said(template, tuple(blanks), tag)
    assert told
    assert not any(ord(char) < 32 or char in "\u202e\u200f" for char in told)
    assert is_known(template, blanks) == (
        check_message(Message(template=template, fields=tuple(blanks))) is None
    )


def test_kinds_are_those_that_fields_can_hold() -> None:
    """A blank is a number or a text on the wire: nothing else can be filled in."""
    assert set(get_args(Field.__annotations__["value"])) == {str, int}


def test_every_blank_has_a_name_that_the_page_shows() -> None:
    """A person who fills in a message never reads the name that travels; the languages' tests see
    to it that all of them have what English has."""
    named = language("en").console["messages"]
    blanks = {blank.name for template in ALL for blank in template.fields}
    assert blanks == {id_.removeprefix("blank-") for id_ in named if id_.startswith("blank-")}
