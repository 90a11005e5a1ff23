"""Tables that people wrote by hand name every case that the code knows."""

import re

import pytest

from clearline.model.alert import TroubleKind
from clearline.model.entry import Kind, Reply
from clearline.node.state import Signing
from clearline.picture.situation import EndKind
from clearline.picture.standing import State, Why
from tests.tidy.pages import ROOT, text

OPERATING = ROOT / "docs" / "operating.md"
PROTOCOL = ROOT / "docs" / "protocol"


def test_guide_says_what_every_alarm_means_and_what_to_do() -> None:
    """Nobody is rung about something that the guide does not explain."""
    rows = re.findall(r"^\| `([a-z-]+)` \| .+ \| .+ \|$", text(OPERATING), re.MULTILINE)
    assert sorted(kind.value for kind in TroubleKind) == sorted(rows)


def test_guide_names_every_answer() -> None:
    """Whoever is asked finds each of the closed answers explained."""
    assert [] == [reply.value for reply in Reply if reply.value not in text(OPERATING)]


def test_specification_explains_why_a_version_is_pending() -> None:
    """Each reason that a standing can give stands in the table, and no other."""
    rows = re.findall(r"^\| `([a-z-]+)` \| [^|]+ \|$", text(PROTOCOL / "standing.md"), re.MULTILINE)
    assert {why.value for why in Why} == set(rows) & {why.value for why in Why}


@pytest.mark.parametrize("state", [state.value for state in State])
def test_specification_draws_every_standing(state: str) -> None:
    """Each standing can be reached in the figure."""
    assert f"[{state}" in text(PROTOCOL / "standing.md")


def test_specification_draws_every_state_of_the_own_feed() -> None:
    """Why a feed is not signed, and how it goes on, is drawn for each state that is entered."""
    figure = text(PROTOCOL / "change.md")
    entered = {state for state in Signing if state is not Signing.LEASE}
    assert [] == [state.value for state in entered if f"{state.value} -->" not in figure]


def test_specification_has_every_kind_and_every_way_to_end() -> None:
    """Each kind of entry has a section; each end is in the table of what is live."""
    entries = text(PROTOCOL / "entries.md")
    assert [] == [kind.value for kind in Kind if f"\n### `{kind.value}`\n" not in entries]
    live = text(PROTOCOL / "standing.md")
    ends = {EndKind.WITHDRAW: "withdraw", EndKind.ALL_CLEAR: "all-clear", EndKind.AMENDED: "amend"}
    assert set(EndKind) == set(ends)
    assert [] == [word for word in ends.values() if f"`{word}`" not in live]
