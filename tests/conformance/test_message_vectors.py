"""The language-neutral vectors of messages: what fits the catalogue, and what does not."""

import json
from pathlib import Path

import msgspec
import pytest

from clearline.model.entry import Message
from clearline.words.catalogue import check_message, said, templates

FILE = Path(__file__).parent.parent.parent / "vectors" / "messages" / "messages.json"
CASES = json.loads(FILE.read_text("utf-8"))


@pytest.mark.parametrize("case", CASES["good"], ids=lambda case: case["name"])
def test_good_message_fits_and_says_what_its_vector_says(case) -> None:
    """It may be filed, and its English is the vector's."""
    message = msgspec.convert(case["message"], Message)
    assert check_message(message) is None
    assert said(message.template, message.fields) == case["en"]


@pytest.mark.parametrize("case", CASES["bad"], ids=lambda case: case["name"])
def test_bad_message_is_refused_for_the_stated_reason(case) -> None:
    """Code, clause and place of the refusal are the vector's."""
    refusal = check_message(msgspec.convert(case["message"], Message))
    assert refusal is not None
    assert (refusal.code, refusal.clause, refusal.at) == (case["code"], case["clause"], case["at"])


def test_vectors_hold_every_template() -> None:
    """An empty file passes nothing, a new template needs its vector."""
    assert {case["message"]["template"] for case in CASES["good"]} == set(templates())
    assert len(CASES["bad"]) >= 30
