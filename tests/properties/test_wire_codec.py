"""What is written is read back as it was; what is damaged is refused, or is the same bytes."""

import itertools
import json

import msgspec
import pytest
import rfc8785
from hypothesis import example, given, settings
from hypothesis import strategies as st

from clearline import canonical
from clearline.model.entry import BODIES, Entry, Frame, Kind
from clearline.model.refusal import Refusal
from clearline.wire.bodies_v1 import judge, read_body, read_entry
from clearline.wire.bundle import read_bundle, write_bundle
from clearline.wire.documents import read_document, write_document
from clearline.wire.entry import read_frame, write_frame
from clearline.wire.link import (
    Beat,
    Documents,
    Piece,
    Push,
    beat_bytes,
    read_message,
    write_message,
)
from tests.strategies import beats, bodies, entries, entry_bytes, frames, leaf_of, messages

_whole = st.integers(-canonical.INTEGER_MAX, canonical.INTEGER_MAX)
_names = st.text(st.characters(max_codepoint=0x7F), max_size=6)
_strings = st.text(st.characters(exclude_categories=("Cs",)))
plain_values = st.recursive(
    st.none() | st.booleans() | _whole | _strings,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_names, inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=400)
@given(plain_values)
@example("".join(map(chr, itertools.chain(range(0xD800), range(0xE000, 0x11000)))))
@example({"": 1, "\x7f": 2, "\x00": 3, '"': 4, "\\": 5})
def test_encoding_equals_the_independent_rfc8785(value: canonical.Plain) -> None:
    """For whole numbers and ASCII names our bytes are those of the rfc8785 package."""
    raw = canonical.encode(value)
    assert raw == rfc8785.dumps(value)
    assert canonical.is_canonical(raw)
    assert canonical.why_not(raw) is None
    assert canonical.read_plain(raw) == value


@given(plain_values, st.sampled_from([{"indent": 1}, {"separators": (", ", ":")}, {}]))
def test_any_other_spelling_is_refused(value: canonical.Plain, style: dict) -> None:
    """JSON of the same value in another spelling is refused, unless it is the same bytes."""
    other = json.dumps(value, **style).encode()
    if other == canonical.encode(value):
        assert canonical.is_canonical(other)
    else:
        assert isinstance(canonical.why_not(other), Refusal)


@pytest.mark.parametrize("kind", Kind)
@settings(max_examples=30)
@given(st.data())
def test_body_of_each_kind_is_read_as_written(kind: Kind, data: st.DataObject) -> None:
    """Encode and decode is identity, for every kind of body and for both ways of reading."""
    entry = data.draw(entries((kind,)))
    raw = entry_bytes(entry)
    assert read_entry(raw, entry.leaf) == entry
    frame = read_frame(raw)
    assert isinstance(frame, Frame)
    assert read_body(frame) == entry.body
    assert write_frame(frame) == raw
    assert rfc8785.dumps(json.loads(raw)) == raw


@pytest.mark.parametrize("kind", Kind)
@settings(max_examples=10)
@given(st.data())
def test_judge_passes_what_can_be_composed(kind: Kind, data: st.DataObject) -> None:
    """What every node would admit passes the judgement before it is written."""
    body = data.draw(bodies(kind, index=50))
    assert judge(body, "ISR.0", 50) is None
    assert type(body) is BODIES[kind]


@given(frames())
def test_frame_is_read_without_its_meaning(frame: Frame) -> None:
    """A frame is read as written even where its kind is of a later version."""
    raw = write_frame(frame)
    back = read_frame(raw)
    assert isinstance(back, Frame)
    assert bytes(back.body) == bytes(frame.body)
    assert write_frame(back) == raw


_DAMAGE = ("flip", "cut", "insert", "repeat", "swap")


@st.composite
def damaged(draw: st.DrawFn, raw: bytes) -> bytes:
    """The bytes with one to three faults in them."""
    for _ in range(draw(st.integers(1, 3))):
        place = draw(st.integers(0, max(len(raw) - 1, 0)))
        size = draw(st.integers(1, 8))
        match draw(st.sampled_from(_DAMAGE)):
            case "flip" if raw:
                bit = 1 << draw(st.integers(0, 7))
                raw = raw[:place] + bytes((raw[place] ^ bit,)) + raw[place + 1 :]
            case "cut":
                raw = raw[:place]
            case "insert":
                raw = raw[:place] + draw(st.binary(max_size=8)) + raw[place:]
            case "repeat":
                raw = raw[:place] + raw[place : place + size] + raw[place:]
            case _:
                raw = raw[:place] + raw[place + size :] + raw[place : place + size]
    return raw


@settings(max_examples=600)
@given(st.data())
def test_damaged_entry_is_refused_or_is_the_same_bytes(data: st.DataObject) -> None:
    """Damage never raises; what is still read is written as exactly the bytes that were read."""
    raw = data.draw(damaged(entry_bytes(data.draw(entries()))))
    leaf = leaf_of(raw)
    entry, frame = read_entry(raw, leaf), read_frame(raw)
    if isinstance(entry, Entry):
        assert entry_bytes(entry) == raw
        assert isinstance(frame, Frame)
    elif isinstance(frame, Refusal):
        assert entry == frame
    else:
        assert read_body(frame) == entry
        assert canonical.is_canonical(raw)


@settings(max_examples=200)
@given(st.data())
def test_changed_value_is_refused_or_written_alike(data: st.DataObject) -> None:
    """A canonical entry with one member replaced by anything is refused or is its own form."""
    plain = json.loads(entry_bytes(data.draw(entries())))
    at, places = plain, []
    while isinstance(at, dict | list) and at and (not places or data.draw(st.booleans())):
        key = data.draw(st.sampled_from(sorted(at) if isinstance(at, dict) else range(len(at))))
        places.append((at, key))
        at = at[key]
    holder, key = places[-1]
    holder[key] = data.draw(plain_values)
    raw = canonical.encode(plain)
    if isinstance(entry := read_entry(raw, leaf_of(raw)), Entry):
        assert entry_bytes(entry) == raw
    else:
        assert entry.clause.startswith("CL-")
        assert _resolves(plain, entry.at)


def _resolves(plain: object, pointer: str) -> bool:
    """Whether the pointer names something in the value, or something missing from what it names."""
    for step in pointer.split("/")[1:-1]:
        plain = plain[step] if isinstance(plain, dict) else plain[int(step)]
    return True


@settings(max_examples=300)
@given(st.binary(max_size=200))
def test_random_bytes_never_raise(raw: bytes) -> None:
    """Every decoder takes any bytes at all."""
    assert isinstance(read_frame(raw), Refusal)
    assert isinstance(read_entry(raw, leaf_of(raw)), Refusal)
    read_message(raw)
    read_message(b"\0" + raw)
    read_message(b"\1" + raw)
    list(read_bundle([raw]))
    list(read_bundle([b"CLEARLINE-EXCHANGE-1\n" + raw]))
    assert isinstance(read_document(raw, _Levelled), Refusal)


class _Levelled(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    name: str
    pressure: int = 95_000
    inner: tuple["_Levelled", ...] = ()


@given(st.builds(_Levelled, name=st.just("a"), pressure=st.integers(94_999, 95_001)), st.booleans())
def test_document_has_one_form_whatever_its_defaults(value: _Levelled, nested: bool) -> None:
    """A field at its default is absent, however its value was made, and refused if spelled out."""
    value = _Levelled(name="b", inner=(value,)) if nested else value
    raw = write_document(value)
    assert read_document(raw, _Levelled) == value
    assert b"95000" not in raw
    spelled = raw.replace(b'"name":"a"', b'"name":"a","pressure":95000')
    if b"pressure" not in raw:
        assert isinstance(read_document(spelled, _Levelled), Refusal)


@settings(max_examples=300)
@given(messages())
def test_message_is_read_as_written(message: object) -> None:
    """Every message between nodes is read back as it was."""
    assert read_message(write_message(message)) == message


@settings(max_examples=300)
@given(st.data())
def test_damaged_message_never_raises(data: st.DataObject) -> None:
    """A damaged message is refused, or is some message that can be written."""
    message = read_message(data.draw(damaged(write_message(data.draw(messages())))))
    if not isinstance(message, Refusal):
        assert read_message(write_message(message)) == message


@settings(max_examples=150)
@given(st.lists(messages(), max_size=4), st.data())
def test_file_is_read_in_chunks_of_any_size(sent: list, data: st.DataObject) -> None:
    """A file gives back what may stand in it, in order, however it is cut into chunks."""
    raw = b"".join(write_bundle(sent))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(raw)), max_size=5)))
    chunks = [raw[a:b] for a, b in itertools.pairwise([0, *cuts, len(raw)])]
    got = list(read_bundle(chunks))
    assert len(got) == len(sent)
    for there, here in zip(sent, got, strict=True):
        if isinstance(there, Documents | Push | Piece):
            assert here == there
        else:
            assert isinstance(here, Refusal)
    list(read_bundle([data.draw(damaged(raw))]))


@given(beats(), beats(), st.sampled_from(Beat.__struct_fields__))
def test_beat_signs_every_field_but_the_signature(beat: Beat, other: Beat, field: str) -> None:
    """Changing any one field changes the signed bytes, except for the signature itself."""
    changed = msgspec.structs.replace(beat, **{field: getattr(other, field)})
    same = field == "signature" or changed == beat
    assert (beat_bytes(changed) == beat_bytes(beat)) is same
