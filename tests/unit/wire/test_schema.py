"""What msgspec says about a misfit becomes code and pointer: held to its present wording."""

import msgspec
import pytest

from clearline.model.entry import Notice
from clearline.model.refusal import Code
from clearline.wire.schema import MISSING_MEANS, fault, odd_name


@pytest.mark.parametrize(
    ("raw", "code", "at"),
    [
        (b'{"cls":1}', Code.BAD_FIELD, "/b/cls"),
        (b'{"zzz":1}', Code.UNKNOWN_FIELD, "/b"),
        (b'{"volumes":[]}', Code.MISSING_FIELD, "/b"),
        (b'{"cls":"c","label":"l"}', Code.NO_GEOMETRY, "/b"),
        (b'{"marks":["a",1]}', Code.BAD_FIELD, "/b/marks/1"),
        (b'{"volumes":[{"upper":{"mm":1}}]}', Code.BAD_HEIGHT, "/b/volumes/0/upper"),
        (b'{"volumes":[{"lower":{"ref":"QFE"}}]}', Code.BAD_FIELD, "/b/volumes/0/lower/ref"),
        (b"[]", Code.BAD_FIELD, "/b"),
    ],
)
def test_misfit_becomes_code_and_pointer(raw: bytes, code: Code, at: str) -> None:
    """A change of msgspec's wording would fail here before it blurred a refusal."""
    with pytest.raises(msgspec.ValidationError) as misfit:
        msgspec.json.decode(raw, type=Notice)
    refusal = fault(str(misfit.value), "/b")
    assert (code, at) == (refusal.code, refusal.at)


def test_missing_field_with_a_meaning_exists() -> None:
    """Each field whose absence has a code of its own is a field of some volume or notice."""
    assert set(MISSING_MEANS) == {
        "volumes", "footprint", "shape", "lower", "upper", "ref", "start", "end",
    }  # fmt: skip


@pytest.mark.parametrize("name", ["a b", "`", "", "é", "x" * 65, "a\n"])
def test_name_that_no_schema_has_is_found_at_any_depth(name: str) -> None:
    """The pointer names the object that holds it."""
    refusal = odd_name({"a": [{"b": {name: 1}}]}, "/body")
    assert refusal is not None
    assert (refusal.code, refusal.at) == (Code.UNKNOWN_FIELD, "/body/a/0/b")
