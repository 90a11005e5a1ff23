"""Cards, fingerprints, manifests by themselves."""

import msgspec
import pytest

from clearline.model.refusal import Code
from clearline.trust.documents import DocType, sign
from clearline.trust.party import (
    EndedKey,
    EndReason,
    KeyRole,
    Manifest,
    NodeKey,
    certificate_der,
    fingerprint,
    make_card,
    manifest_fault,
    read_card,
    same_fingerprint,
)
from tests.trust_people import ALFA, BRAVO, ROOT_A, good, mark, refused, signer

LINE = "c" * 64


def test_card_comes_back() -> None:
    """A card that its own root key signed is read."""
    assert ALFA.card == good(read_card(make_card(ALFA.id, "ALFA Command", ALFA.root))).body


def test_fingerprint_is_a_fixed_function() -> None:
    """The digits are those of the specification: a second implementation must print the same."""
    assert "43557 96643 11267 12687 24860 34957 90721" == fingerprint(ALFA.id, ALFA.root.public.hex)
    assert fingerprint(ALFA.id, ALFA.root.public.hex) != fingerprint(BRAVO.id, ALFA.root.public.hex)


def test_fingerprint_is_compared_whole() -> None:
    """Spaces, dashes and the script of the digits do not count; a missing or wrong digit does."""
    ours = fingerprint(ALFA.id, ALFA.root.public.hex)
    arabic = ours.translate({ord("0") + digit: 0x0660 + digit for digit in range(10)})
    assert same_fingerprint(ours, ours.replace(" ", "-"))
    assert same_fingerprint(ours, arabic)
    assert not same_fingerprint(ours, ours[:-1])
    assert not same_fingerprint(ours, ours + "0")
    assert not same_fingerprint(ours, "")
    assert not same_fingerprint(ours, ours[:-1] + ("0" if ours[-1] != "0" else "1"))
    assert not same_fingerprint(ours, ours.replace(" ", "x"))


def test_first_manifest_is_sound() -> None:
    """What `party new` makes has no fault."""
    assert manifest_fault(ALFA.first()) is None


def _ended(name: str, **changes: object) -> EndedKey:
    made = EndedKey(key=signer(name).public.hex, role=KeyRole.NODE, reason=EndReason.ROTATED)
    return msgspec.structs.replace(made, **changes)


def _node(name: str, role: KeyRole = KeyRole.NODE, lines: tuple[str, ...] = ()) -> NodeKey:
    return NodeKey(key=signer(name).public.hex, role=role, lines=lines)


@pytest.mark.parametrize(
    ("changes", "clause"),
    [
        ({"v": 2}, "CL-TRU-020"),
        ({"name": "a\u202eb"}, "CL-TRU-004"),
        ({"keys": (_node("a"), _node("a"))}, "CL-TRU-025"),
        ({"keys": (NodeKey(key=ALFA.root.public.hex, role=KeyRole.NODE),)}, "CL-TRU-025"),
        ({"keys": (NodeKey(key="01" + "0" * 62, role=KeyRole.NODE),)}, "CL-SIG-002"),
        ({"keys": (_node("a"), _node("b"))}, "CL-TRU-026"),
        ({"keys": (_node("a", lines=(LINE,)), _node("b"))}, "CL-TRU-026"),
        ({"keys": (_node("a"),), "ended": (_ended("b"),)}, "CL-TRU-026"),
        ({"ended": (_ended("ALFA node 0"),)}, "CL-TRU-024"),
        ({"ended": (_ended("b"), _ended("b"))}, "CL-TRU-024"),
        ({"ended": (_ended("b", next=signer("nobody").public.hex),)}, "CL-TRU-027"),
        ({"ended": (_ended("b", next=signer("b").public.hex),)}, "CL-TRU-027"),
        (
            {
                "ended": (
                    _ended("b", next=signer("c").public.hex),
                    _ended("c", next=signer("b").public.hex),
                )
            },
            "CL-TRU-027",
        ),
        (
            {
                "keys": (_node("a"),),
                "ended": (
                    _ended("b", next=signer("a").public.hex, feeds=(mark(LINE, "BRAVO.0", 1),)),
                ),
            },
            "CL-TRU-027",
        ),
        (
            {
                "keys": (_node("a"),),
                "ended": (
                    _ended(
                        "b",
                        next=signer("a").public.hex,
                        feeds=(mark(LINE, "ALFA.0", 1), mark(LINE, "ALFA.0", 2)),
                    ),
                ),
            },
            "CL-TRU-027",
        ),
        ({"tls": ()}, "CL-TRU-028"),
        ({"tls": ("AAAA",)}, "CL-TRU-028"),
        ({"tls": ALFA.first().tls * 2}, "CL-TRU-028"),
        ({"tls": (ALFA.first().tls[0] + "\n",)}, "CL-TRU-028"),
    ],
)
def test_manifest_fault_names_its_clause(changes: dict[str, object], clause: str) -> None:
    """Every rule that a manifest can break by itself is told by its clause."""
    fault = manifest_fault(msgspec.structs.replace(ALFA.first(), **changes))
    assert fault is not None
    assert clause == fault.clause


def test_two_writers_on_different_lines_are_sound() -> None:
    """A party may run one node for one line and another for another."""
    keys = (_node("a", lines=(LINE,)), _node("b", lines=(ROOT_A,)), _node("c", KeyRole.STANDBY))
    assert manifest_fault(msgspec.structs.replace(ALFA.first(), keys=keys)) is None


def test_certificate_is_read_strictly() -> None:
    """A pinned certificate has one spelling."""
    text = ALFA.first().tls[0]
    assert certificate_der(text) is not None
    assert certificate_der(text[:-4]) is None
    assert certificate_der("é") is None


def test_card_of_another_version_is_refused() -> None:
    """A card of a form that nobody knows yet is not guessed at."""
    raw = sign(DocType.CARD, msgspec.structs.replace(ALFA.card, v=2), (ALFA.root,))
    assert Code.UNKNOWN_VERSION == refused(read_card(raw)).code


def test_manifest_type_is_closed() -> None:
    """Schemas forbid unknown fields, so that nothing is signed unseen."""
    assert Manifest.__struct_config__.forbid_unknown_fields
