"""The shipped scenarios, played through real nodes: what they expect is found, always the same."""

import re
from pathlib import Path

import msgspec
import pytest

from clearline.scenarios.events import Event, Layer
from clearline.scenarios.library import names
from clearline.scenarios.replay import replay
from tests.replays import played, script

AVOID = re.compile(
    r"\b(targets?|approved?|cleared hot|safe|guaranteed|friendly|enemy|violations?)\b", re.I
)
PAGE = Path(__file__).parents[2] / "docs" / "reference" / "scenario-format.md"


EVERY = [(name, variant.id) for name in names() for variant in script(name).variants]


@pytest.mark.parametrize(("name", "variant"), EVERY)
def test_variant_meets_all_that_it_expects(name: str, variant: str) -> None:
    """Nothing that the file expects is missing, and no act went otherwise than it says."""
    done = played(name, variant)
    assert [event.text for event in done.events if event.met is False] == []
    assert done.met
    assert sum(event.kind == "expect" for event in done.events) >= 5


@pytest.mark.parametrize(("name", "variant"), EVERY)
def test_last_table_says_by_how_many_minutes_or_why_not(name: str, variant: str) -> None:
    """Each row has what failed then, what the line does and by how much: minutes that are the
    difference of what is claimed and what was played, or a reason why that cannot be said."""
    rows = [event for event in played(name, variant).events if event.kind == "result"]
    assert rows
    for row in rows:
        assert row.failed
        assert row.does
        assert row.gain
        if row.gain_min is None:
            assert row.gain.startswith("cannot be said: ")
            continue
        assert row.then_min is not None
        assert row.line_s is not None
        assert row.gain_min == (row.then_min * 60 - row.line_s) // 60
        assert row.gain.startswith(f"{abs(row.gain_min):,} min")


@pytest.mark.parametrize(("name", "variant"), EVERY)
def test_replay_is_the_same_to_the_byte(name: str, variant: str) -> None:
    """Keys, salts and clock are all arguments: a second playing gives the same bytes."""
    again = replay(script(name), variant)
    assert msgspec.json.encode(played(name, variant).events) == msgspec.json.encode(again.events)


@pytest.mark.parametrize(("name", "variant"), EVERY)
def test_events_are_closed_records_in_order_of_time(name: str, variant: str) -> None:
    """Every event reads back strictly; what has no published time stands before the timeline."""
    raw = msgspec.json.encode(played(name, variant).events)
    back = msgspec.json.decode(raw, type=tuple[Event, ...])
    assert back == played(name, variant).events
    timeline = [event.t for event in back if event.kind != "variant" and event.t is not None]
    assert timeline == sorted(timeline)
    assert all(event.t is None or event.t.endswith("Z") for event in back)


@pytest.mark.parametrize(("name", "variant"), EVERY)
def test_claims_keep_claimant_evidence_and_source(name: str, variant: str) -> None:
    """A claim is never told without who says so, how it is known and where it stands."""
    claims = [event for event in played(name, variant).events if event.layer is Layer.CLAIM]
    chosen = script(name).variant(variant)
    assert chosen is not None
    assert {event.id for event in claims} == set(chosen.claims)
    for event in claims:
        assert event.by
        assert event.source
        assert event.evidence in ("F", "M", "D")


@pytest.mark.parametrize(("name", "variant"), EVERY)
def test_every_act_rests_on_claims_or_assumptions(name: str, variant: str) -> None:
    """What a party does in a replay names its grounds."""
    acts = [event for event in played(name, variant).events if event.layer is Layer.PLAY]
    assert acts
    assert all(event.basis for event in acts)


@pytest.mark.parametrize(("name", "variant"), EVERY)
def test_line_uses_no_word_to_avoid(name: str, variant: str) -> None:
    """What the line itself says, and what the scenario says of it, promises and accuses nothing."""
    for event in played(name, variant).events:
        if event.layer is not Layer.CLAIM:
            assert AVOID.search(event.text) is None, event.text


@pytest.mark.parametrize(("name", "variant"), EVERY)
def test_standing_is_never_told_without_its_not_told_count(name: str, variant: str) -> None:
    """Beside every standing stands how many represented parties have not been told."""
    told = played(name, variant).events
    standings = [event for event in told if event.kind == "standing"]
    assert standings or not any(event.kind == "notice" for event in told)
    assert all(event.not_told == len(event.not_told_parties) for event in standings)
    assert all(event.standing is not None for event in standings)


def test_at_least_six_incidents_are_shipped() -> None:
    """The seven cases by name; each has claims of at least one named claimant for every row."""
    wanted = {
        "il20", "deir-ez-zor", "shift-change", "convoy", "dead-hotline", "closure", "wildfire",
    }  # fmt: skip
    assert wanted <= set(names())
    for name in names():
        held = script(name)
        for row in held.results:
            assert row.claims
            assert all(held.claim(claim) for claim in row.claims)


def test_reference_page_names_every_field_of_an_event() -> None:
    """The page and the record are held to each other."""
    table = PAGE.read_text("utf-8").partition("## What comes out")[2]
    named = re.findall(r"^\| `([a-z_]+)` \|", table, re.M)
    assert sorted(named) == sorted(field.name for field in msgspec.structs.fields(Event))
