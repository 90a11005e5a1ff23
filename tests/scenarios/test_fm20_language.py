"""FM20: what travels has no language; each end reads the same message in its own."""

import re

import pytest

from clearline.channels.payload import as_json, as_text, subject_of
from clearline.model.alert import TroubleKind
from clearline.model.entry import Field, Kind, Message
from clearline.model.ids import PartyId
from clearline.node import phrases
from clearline.node.queries import asks, board_view, reading
from clearline.words import languages
from clearline.words.catalogue import FORMS, Blank, said, templates
from clearline.words.language import language
from clearline.words.reader import complete
from clearline.words.sentences import without_isolates
from tests.alert_cases import call_of, stop
from tests.town import Town

AT = 1_537_209_540_000
FIGURES = re.compile(r"[0-9]+(?:[:.T-][0-9]+)*[ZNSEW]?")


def value(blank: Blank, n: int) -> str | int:
    """Something that fits, another for each blank."""
    match blank.kind:
        case "number":
            return min(blank.high, blank.low + 17 + n)
        case "choice":
            return blank.choices[n % len(blank.choices)]
        case "instant":
            return AT + n * 60_000
        case _:
            return FORMS[blank.kind]


def test_each_template_is_the_same_message_in_every_language() -> None:
    """Filed by one node, read by another: id and fields are those that were filed, whoever reads
    them in whatever language; numbers, places, Z times and references stand in each sentence as
    they stand in the English one."""
    town = Town(("AAA", "BBB"))
    town.wait(1_000)
    sent = {}
    for template in templates().values():
        fields = tuple(Field(name=b.name, value=value(b, n)) for n, b in enumerate(template.fields))
        (ref,) = town.say("AAA", Message(template=template.id, fields=fields, to=(PartyId("BBB"),)))
        sent[ref] = (template.id, fields)
        town.wait(2_000)
    town.settle()
    node, words = town.nodes["BBB"], {}
    for tag in languages():
        of = reading(node.state, node.tools, town.line, town.now, complete((tag,)))
        assert of is not None
        views = [each for each in asks(of) if each.kind is Kind.MESSAGE]
        assert {view.ref: (view.text, view.fields) for view in views} == sent
        assert all(view.known for view in views)
        words[tag] = {view.ref: without_isolates(view.words) for view in views}
    for ref, (template, fields) in sent.items():
        english = words["en"][ref]
        figures = sorted(FIGURES.findall(english))
        for tag in languages():
            own = without_isolates(said(template, fields, tag))
            if tag != "en":
                mark = f"[UNREVIEWED translation, {tag} templates/{template}]"
                assert words[tag][ref].startswith(f"{own} {mark}")
                assert words[tag][ref].endswith(english)
            assert sorted(FIGURES.findall(own)) == figures


@pytest.mark.parametrize(
    ("tag", "one", "many"),
    [
        ("en", "1 minute ", "21 minutes "),
        ("fr", "1 minute ", "21 minutes "),
        ("ru", "1 минута", "21 минута"),
        ("uk", "1 хвилина", "25 хвилин."),
        ("ar", "1 دقيقة", "3 دقائق"),
        ("he", "1 דקה", "21 דקות"),
    ],
)
def test_number_of_a_message_stands_with_its_unit(tag: str, one: str, many: str) -> None:
    """How long movers need is never a bare number: the counted word goes with it, in its form."""
    for shown in (one, many):
        minutes = int(shown.partition(" ")[0])
        fields = (Field(name="entry", value="ALFA.0/7"), Field(name="minutes", value=minutes))
        told = without_isolates(said("request-hold", fields, tag))
        assert shown in told


@pytest.mark.parametrize("tag", languages())
def test_what_rings_on_a_desk_is_read_in_its_language(tag: str) -> None:
    """The trouble, the board and what channels carry are made for the reader, with the English
    beside what nobody has reviewed; codes, times and states for machines are the same."""
    town = Town(("AAA", "BBB"))
    town.wait(1_000)
    town.say("AAA", Message(template="text-check", fields=(Field(name="check", value=4711),)))
    town.settle()
    node = town.nodes["BBB"]
    (what,) = [t for t in node.state.troubles.values() if t.kind is TroubleKind.ANSWER_DUE]
    langs = complete((tag,))
    shown = phrases.trouble(what, langs)
    assert "4711" in shown
    assert phrases.trouble(what) in shown
    board = board_view(node.state, node.tools, town.now, langs=langs)
    plain = board_view(node.state, node.tools, town.now)
    assert [view.words for view in board.alerts] == [shown]
    assert [view.kind for view in board.alerts] == [view.kind for view in plain.alerts]
    assert board.node.lines[0].peers[0].state == plain.node.lines[0].peers[0].state


@pytest.mark.parametrize("tag", languages())
def test_channels_carry_the_readers_language_and_an_ascii_subject(tag: str) -> None:
    """One text after the other; the reminder that a notice is no permission in each; the isolates
    go where a channel knows none."""
    call, langs = call_of(stop()), complete((tag,))
    text = as_text(call, langs)
    for each in langs:
        assert language(each).phrases["reminder"][0] in text
        assert language(each).phrases["unanswered"][0] in text
    assert ("UNREVIEWED translation" in text) == (tag != "en")
    assert text.endswith(as_text(call))
    assert subject_of(call).isascii()
    bare = as_text(call, langs, isolates=False) + as_json(call, langs, isolates=False).decode()
    assert not set(bare) & {"\u2068", "\u2069"}
    assert "2018-09-17T18:39:00Z" in text
