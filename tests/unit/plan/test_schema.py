"""The published schemas: the same in the package and in the reference, and true of the examples."""

import io
import json

import jsonschema
import msgspec
import pytest

from clearline.model.time import Instant
from clearline.plan.answer import Answer
from clearline.plan.check import check_notices, check_picture
from clearline.plan.codec import PlanItem, decode_item
from clearline.plan.source import pieces
from tests.plan_cases import (
    EXAMPLES,
    ROOT,
    circle,
    document,
    height,
    item,
    lines,
    picture,
    polygon,
    raw,
)

REFERENCE = ROOT / "docs" / "reference"
PACKAGE = ROOT / "src" / "clearline" / "plan"
PLAN = json.loads((REFERENCE / "plan.schema.json").read_text())
ANSWER = json.loads((REFERENCE / "check-answer.schema.json").read_text())
ITEM = {**PLAN, "oneOf": [{"$ref": "#/$defs/Item"}]}


@pytest.mark.parametrize("name", ["plan.schema.json", "check-answer.schema.json"])
def test_schema_in_the_package_is_the_published_one(name) -> None:
    """Whoever installs the package holds the same bytes as whoever reads the reference."""
    text = (REFERENCE / name).read_bytes()
    assert text == (PACKAGE / name).read_bytes()
    jsonschema.Draft202012Validator.check_schema(json.loads(text))


def test_schema_of_the_answer_is_made_of_the_answer() -> None:
    """The published one is what the records say today."""
    made = json.loads(json.dumps(msgspec.json.schema(Answer)))  # as it is written
    assert {key: value for key, value in ANSWER.items() if key not in ("$schema", "title")} == made


EXAMPLE_FILES = sorted(EXAMPLES.glob("exit-*"))


@pytest.mark.parametrize(
    "path", [*EXAMPLE_FILES, EXAMPLES / "notices.ndjson"], ids=lambda p: p.name
)
def test_schema_takes_from_the_examples_what_the_reader_takes(path) -> None:
    """An example that is not refused is valid; what the reader takes the schema takes."""
    found = 0
    for piece in pieces(io.BytesIO(path.read_bytes())):
        assert isinstance(piece.raw, bytes)
        if isinstance(decode_item(piece.raw), PlanItem):
            jsonschema.validate(json.loads(piece.raw), ITEM)
            found += 1
    assert found
    if path.suffix == ".json":
        jsonschema.validate(json.loads(path.read_text()), PLAN)


@pytest.mark.parametrize("path", EXAMPLE_FILES, ids=lambda p: p.name)
def test_every_example_exits_as_its_name_says(path) -> None:
    """One worked example of each exit, and its answer fits the schema of answers."""
    with path.open("rb") as plan, (EXAMPLES / "notices.ndjson").open("rb") as notices:
        answer = check_notices(plan, notices, Instant(0))
    assert isinstance(answer, Answer)
    assert answer.exit == int(path.name.split("-")[1])
    jsonschema.validate(json.loads(msgspec.json.encode(answer)), ANSWER)


def test_there_is_an_example_of_each_exit() -> None:
    """0, 1, 2 and 3."""
    assert {path.name.split("-")[1] for path in EXAMPLE_FILES} == {"0", "1", "2", "3"}


def test_answer_against_a_picture_fits_the_schema() -> None:
    """With ages, positions and bounds without end."""
    plan = lines({"class": "air-movement", "volume": circle(35.6, 35.7, 100)})
    answer = check_picture(plan, picture(), document().at)
    jsonschema.validate(json.loads(msgspec.json.encode(answer)), ANSWER)


@pytest.mark.parametrize(
    "bad",
    [
        {},
        {"volume": {}},
        {"volumes": []},
        item(circle(0, 0, 10), colour="red"),
        item(circle(95, 0, 10)),
        item(circle(0, 0, 0)),
        item(circle(0, 0, 1, **polygon((0, 0), (0, 1), (1, 0)))),
        item(polygon((0, 0), (1, 1))),
        item(polygon((0, 0), (0, 1), (1, 0), edge="straight")),
        item(circle(0, 0, 1), lower=height(1, "MSL")),
        item(circle(0, 0, 1), lower=height(1, "W84", "NM")),
        item(circle(0, 0, 1), lower=height(1, "W84", None)),
        item(circle(0, 0, 1), upper=height(95, "FL", "FT")),
        item(circle(0, 0, 1), lower=height(0, "SFC", None)),
        item(circle(0, 0, 1), start="2026-03-01T06:00:00"),
        {**item(circle(0, 0, 1)), "volumes": [item(circle(0, 0, 1))]},
    ],
)
def test_what_the_schema_refuses_the_reader_refuses(bad) -> None:
    """Nothing that fails the published schema is judged."""
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(bad, ITEM)
    assert not isinstance(decode_item(raw(bad)), PlanItem)
