"""Every vector in ``vectors/wire`` is read, or refused, exactly as it says.

The vectors are language-neutral: another implementation runs the same files. A vector gives its
bytes as ``text`` (UTF-8), ``hex``, or ``repeat`` ([text, times], joined).
"""

import json
from pathlib import Path
from typing import Any

import pytest

from clearline.model.entry import Entry, Frame, Kind
from clearline.model.ids import Digest
from clearline.model.refusal import Code, Refusal
from clearline.wire.bodies_v1 import read_body, read_entry
from clearline.wire.bundle import read_bundle
from clearline.wire.entry import read_frame
from clearline.wire.link import Beat, beat_bytes, read_message

FOLDER = Path(__file__).parents[2] / "vectors" / "wire"
OTHERS = {"link", "file"}
FILES = {path.stem: json.loads(path.read_text("utf-8")) for path in sorted(FOLDER.glob("*.json"))}
ENTRY_CODES = {
    Code.TOO_LARGE, Code.NOT_JSON, Code.NOT_CANONICAL, Code.BAD_FIELD, Code.UNKNOWN_FIELD,
    Code.MISSING_FIELD, Code.UNKNOWN_KIND, Code.UNKNOWN_VERSION, Code.NUMBER_RANGE, Code.BAD_TEXT,
    Code.TOO_DEEP, Code.TOO_MANY, Code.BAD_ORDER, Code.SEEN_OWN_FEED, Code.NOT_OWN,
    Code.UNKNOWN_REFERENCE, Code.NO_GEOMETRY, Code.BAD_GEOMETRY, Code.BAD_HEIGHT, Code.BAD_WINDOW,
    Code.BAD_ANSWER, Code.BAD_TEMPLATE, Code.BAD_SALT,
}  # fmt: skip
"""Every code that reading an entry from its bytes alone can give."""


def _bytes(vector: dict[str, Any]) -> bytes:
    if "text" in vector:
        return vector["text"].encode()
    if "repeat" in vector:
        return "".join(text * times for text, times in vector["repeat"]).encode()
    return bytes.fromhex(vector["hex"])


def _vectors(which: str, files: set[str]) -> list[Any]:
    return [
        pytest.param(vector, id=f"{file}: {vector['name']}")
        for file in sorted(files)
        for vector in FILES[file][which]
    ]


ENTRIES = set(FILES) - OTHERS


@pytest.mark.parametrize("vector", _vectors("good", ENTRIES))
def test_good_entry_is_read(vector: dict[str, Any]) -> None:
    """A good entry is read as the kind, feed and index that the vector states."""
    entry = read_entry(_bytes(vector), Digest("00" * 32))
    assert isinstance(entry, Entry), entry
    expected = {"kind": entry.kind.value, "feed": entry.feed, "index": entry.index}
    assert vector["expect"] == expected


@pytest.mark.parametrize("vector", _vectors("bad", ENTRIES))
def test_bad_entry_is_refused_for_the_stated_reason(vector: dict[str, Any]) -> None:
    """A bad entry is refused with code, clause and pointer, read whole or in two steps."""
    raw = _bytes(vector)
    refusal = read_entry(raw, Digest("00" * 32))
    assert isinstance(refusal, Refusal)
    stated = {"code": refusal.code.value, "clause": refusal.clause, "at": refusal.at}
    assert vector["expect"] == stated
    frame = read_frame(raw)
    assert refusal == (read_body(frame) if isinstance(frame, Frame) else frame)


@pytest.mark.parametrize("kind", Kind)
def test_each_kind_has_good_and_bad_vectors(kind: Kind) -> None:
    """No kind of entry is without vectors of both sorts, and the good ones are of that kind."""
    assert {kind.value} == {vector["expect"]["kind"] for vector in FILES[kind.value]["good"]}
    assert FILES[kind.value]["bad"]


def test_each_code_of_the_wire_has_a_vector() -> None:
    """Every code that reading an entry can give is shown by some vector, and no other code is."""
    shown = {v["expect"]["code"] for file in ENTRIES for v in FILES[file]["bad"]}
    assert {code.value for code in ENTRY_CODES} == shown
    others = {v["expect"]["code"] for file in OTHERS for v in FILES[file]["bad"]}
    assert others == {Code.BAD_MESSAGE.value, Code.TOO_LARGE.value, Code.TRUNCATED.value}


def test_there_are_enough_vectors_and_names_are_unique() -> None:
    """The number of vectors never drops, and each is found by its name."""
    names = [
        (file, which, vector["name"])
        for file, content in FILES.items()
        for which in ("good", "bad")
        for vector in content[which]
    ]
    assert len(names) >= 255
    assert len(names) == len(set(names))


@pytest.mark.parametrize("vector", _vectors("good", {"link"}))
def test_good_message_is_read(vector: dict[str, Any]) -> None:
    """A message is read under its tag."""
    message = read_message(_bytes(vector))
    assert not isinstance(message, Refusal), message
    assert vector["expect"]["tag"] == message.__struct_config__.tag


@pytest.mark.parametrize("vector", _vectors("bad", {"link"}))
def test_bad_message_is_refused_for_the_stated_reason(vector: dict[str, Any]) -> None:
    """What is no message is refused with code, clause and pointer."""
    refusal = read_message(_bytes(vector))
    assert isinstance(refusal, Refusal)
    stated = {"code": refusal.code.value, "clause": refusal.clause, "at": refusal.at}
    assert vector["expect"] == stated


def test_heartbeat_signs_the_stated_bytes() -> None:
    """The signed bytes of a heartbeat are those of the vector, to the byte."""
    assert len(FILES["link"]["signs"]) == 2
    for vector in FILES["link"]["signs"]:
        beat = read_message(bytes.fromhex(vector["hex"]))
        assert isinstance(beat, Beat)
        assert vector["text"].encode() == beat_bytes(beat)


@pytest.mark.parametrize("vector", _vectors("good", {"file"}))
def test_good_file_is_read(vector: dict[str, Any]) -> None:
    """A file gives its messages in order."""
    messages = list(read_bundle([_bytes(vector)]))
    assert not any(isinstance(message, Refusal) for message in messages)
    assert vector["expect"]["tags"] == [message.__struct_config__.tag for message in messages]


@pytest.mark.parametrize("vector", _vectors("bad", {"file"}))
def test_bad_file_says_where_it_breaks(vector: dict[str, Any]) -> None:
    """A bad file gives what is whole before its fault, and then the fault."""
    *before, refusal = read_bundle([_bytes(vector)])
    assert isinstance(refusal, Refusal)
    assert not any(isinstance(message, Refusal) for message in before)
    stated = {"code": refusal.code.value, "clause": refusal.clause, "at": refusal.at}
    assert vector["expect"] == {**stated, "read_before": len(before)}
