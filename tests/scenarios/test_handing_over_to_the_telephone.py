"""From a notice to the telephone: the script in two languages, and what was said, written down."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from clearline.client import asks
from clearline.model.entry import Kind, RelayOutcome
from clearline.model.ids import EntryRef, PartyId
from clearline.model.space import LatLon
from clearline.node.requests import VoiceSaid
from clearline.notation.position import write_position
from clearline.notation.reading import Notation
from tests.api_node import Running, cli, found, make_parties, notice, running


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Running, EntryRef]]:
    """A running node with one notice of its own."""
    folder = tmp_path_factory.mktemp("voice")
    make_parties(folder, "ALFA", "BRAVO")
    with running(found(folder, folder / "node", "ALFA", "BRAVO")) as node, node.client() as client:
        filed = client.file(node.line, notice(node.now(), 34.9, 35.9, label="Tartus"))
        yield node, filed.refs[0]


def command(node: Running, *words: str, code: int = 0) -> str:
    return cli(*words, "--node", str(node.folder), code=code)


def desk(node: Running) -> list[dict]:
    raw = cli("review", "--from", "2000-01-01T00:00Z", "--to", "2100-01-01T00:00Z", "--node",
              str(node.folder), "--desk", "--json")  # fmt: skip
    rows = json.loads(raw)["rows"]
    return [
        {cell["name"]: cell["value"] for cell in row["cells"]}
        for row in rows if row["section"] == "own-notes"
    ]  # fmt: skip


@pytest.mark.parametrize("lang", ["ar", "fr", "he", "ru", "uk"])
def test_script_says_each_fact_in_both_languages_and_spells_it(
    here: tuple[Running, EntryRef], lang: str
) -> None:
    """The grid letter by letter, the times in Zulu, the limits with their reference; each line in
    English and beside it in the other language, marked where nobody has reviewed it."""
    node, ref = here
    with node.client() as client:
        script = client.do(asks.call_script(node.line, ref, lang))
    assert script.languages == ("en", lang)
    for line in script.lines:
        assert [text.lang for text in line.texts] == ["en", lang]
        assert [text.reviewed for text in line.texts] == [True, False]
    facts = {line.name: line for line in script.lines if line.part == "fact"}
    assert {"place", "heights", "from", "until", "class", "label"} <= set(facts)
    assert "Zulu" in facts["from"].spoken
    back = {line.name: line for line in script.lines if line.part == "read-back"}
    grid = write_position(LatLon(349_000_000, 359_000_000), Notation.MGRS)
    assert grid in back["middle"].value
    assert {"middle", "upper", "start"} <= set(back)
    said = command(node, "notice", "call-script", str(ref), "--lang", lang)
    assert f"UNREVIEWED translation, {lang} phrases/voice-open" in said
    assert "gives no permission" in said


def test_script_ends_with_what_to_write_down(here: tuple[Running, EntryRef]) -> None:
    """Silence is no consent, on the telephone neither: answer on the line too, and write down."""
    node, ref = here
    said = command(node, "notice", "call-script", str(ref))
    assert "Please answer on the line as well" in said
    assert f"clearline notice said {ref}" in said


def test_call_with_a_party_of_the_line_is_a_message_and_answers_nothing(
    here: tuple[Running, EntryRef],
) -> None:
    """What was said stands on the line as our word, with the role; the name stays in the desk
    record; the notice waits for BRAVO's own answer as before."""
    node, ref = here
    done = json.loads(
        command(node, "notice", "said", str(ref), "--to", "BRAVO", "--means", "telephone",
                "--read-back", "right", "--with-role", "watch-officer", "--name", "Cpt Doe",
                "--json")
    )  # fmt: skip
    assert len(done["refs"]) == 1
    with node.client() as client:
        (ask,) = [a for a in client.asks(node.line) if [a.ref.feed, a.ref.index] == done["refs"][0]]
        assert ask.text == "said-on-voice"
        assert "read back rightly" in ask.words
        assert client.notice(node.line, ref).unanswered == (PartyId("BRAVO"),)
    own = [note for note in desk(node) if note["party"] == "BRAVO"]
    assert (own[-1]["about"], own[-1]["read_back"]) == (str(ref), "read-back-right")
    feed = node.node.runtime.conductor.state.lines[node.line].feed
    raw = b"".join(e.data for e in node.node.store.entries(node.line, feed, 0, 1_000))
    assert b"Doe" not in raw
    kept = node.node.store.desk(node.line, 0, 1_000)
    assert any(b"Cpt Doe" in each.data for each in kept)


@pytest.mark.parametrize(
    ("read_back", "outcome"),
    [("wrong", RelayOutcome.NO_ANSWER), ("nobody", RelayOutcome.NO_ANSWER),
     ("none", RelayOutcome.TOLD), ("right", RelayOutcome.TOLD)],
)  # fmt: skip
def test_call_with_a_represented_party_is_relayed(
    here: tuple[Running, EntryRef], read_back: str, outcome: RelayOutcome
) -> None:
    """TOLD when somebody had it; read back wrongly, or nobody there, leaves the duty open."""
    node, ref = here
    command(node, "notice", "said", str(ref), "--to", "SYRAD", "--means", "radio", "--read-back",
            read_back, "--with-role", "duty officer")  # fmt: skip
    with node.client() as client:
        thirds = {t.party: t for t in client.notice(node.line, ref).third_parties}
    expected = {RelayOutcome.TOLD: "TOLD", RelayOutcome.NO_ANSWER: "NO ANSWER"}[outcome]
    assert thirds[PartyId("SYRAD")].state == expected


def test_same_id_is_one_call(here: tuple[Running, EntryRef]) -> None:
    """Typed twice with the same id: one entry, one note."""
    node, ref = here
    asked = VoiceSaid(
        of=ref, to=PartyId("BRAVO"), at=node.now(), means="telephone", outcome="not-read-back",
        id="call-0000001",
    )  # fmt: skip
    before = len(desk(node))
    with node.client() as client:
        first = client.do(asks.said_on_voice(node.line, asked))
        again = client.do(asks.said_on_voice(node.line, asked))
    assert first.refs == again.refs
    assert len(desk(node)) == before + 1


def test_suspended_line_keeps_the_note(tmp_path: Path) -> None:
    """With our own routine messages suspended the call still stands in the desk record."""
    make_parties(tmp_path, "ALFA", "BRAVO")
    with running(found(tmp_path, tmp_path / "node", "ALFA", "BRAVO")) as node:
        with node.client() as client:
            ref = client.file(node.line, notice(node.now(), 34.9, 35.9)).refs[0]
        cli("line", "suspend", "--reason", "by order", "--node", str(node.folder), "--token-file",
            str(_token(node, "commander")))  # fmt: skip
        said = command(node, "notice", "said", str(ref), "--to", "BRAVO", "--means", "telephone",
                       "--read-back", "right")  # fmt: skip
        assert "desk record of this node alone" in said
        assert len(desk(node)) == 1
        with node.client() as client:
            assert [a for a in client.asks(node.line) if a.kind is Kind.MESSAGE] == []


def _token(node: Running, role: str) -> Path:
    node.token(role)
    return node.folder / "tokens" / f"{role}.token"


@pytest.mark.parametrize(
    "words",
    [
        ("ALFA.0/99999", "--to", "BRAVO", "--means", "telephone", "--read-back", "right"),
        ("REF", "--to", "NOBODY", "--means", "telephone", "--read-back", "right"),
        ("REF", "--to", "ALFA", "--means", "telephone", "--read-back", "right"),
        ("REF", "--to", "BRAVO", "--means", "telephone", "--read-back", "right", "--at",
         "2099-01-01T00:00Z"),
    ],
)  # fmt: skip
def test_call_that_cannot_have_been_is_refused(
    here: tuple[Running, EntryRef], words: tuple[str, ...]
) -> None:
    """An entry or party that is not there, oneself, a time ahead: refused, and nothing is noted."""
    node, ref = here
    before = len(desk(node))
    given = tuple(str(ref) if word == "REF" else word for word in words)
    command(node, "notice", "said", *given, code=1)
    assert len(desk(node)) == before


def test_wrong_words_are_said(here: tuple[Running, EntryRef]) -> None:
    """An unknown means, an unknown outcome, an unknown language: exit 2 or 1 with a sentence."""
    node, ref = here
    for means, back in (("pigeon", "right"), ("telephone", "perhaps")):
        command(node, "notice", "said", str(ref), "--to", "BRAVO", "--means", means, "--read-back",
                back, code=2)  # fmt: skip
    command(node, "notice", "call-script", str(ref), "--lang", "xx", code=1)
