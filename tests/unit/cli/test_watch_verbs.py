"""Verbs of a watch beyond its duties: third parties told, plans sealed, movers, handover."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from clearline.api.people import Role
from clearline.cli.sealing import read_plan
from clearline.client import Refused, asks
from clearline.model.entry import Open, RelayOutcome
from clearline.model.time import HOUR, MINUTE, Instant, format_utc
from tests.api_node import Running, add_person, cli, found, make_parties, notice, running

PLACE = ["--disc", "34.9,35.9,10", "--lower", "FL100", "--upper", "FL200"]


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A running node of ALFA, which each test leaves usable for the next."""
    folder = tmp_path_factory.mktemp("verbs")
    make_parties(folder, "ALFA", "BRAVO")
    with running(found(folder, folder / "node", "ALFA", "BRAVO")) as alfa:
        yield alfa


def said(node: Running, *arguments: str, code: int = 0) -> dict[str, object]:
    """What a verb prints as JSON."""
    answer: dict[str, object] = json.loads(
        cli(*arguments, "--node", str(node.folder), "--json", code=code)
    )
    return answer


def listed(node: Running, *arguments: str) -> list[dict[str, object]]:
    """What a verb that lists prints as JSON."""
    answer: list[dict[str, object]] = json.loads(
        cli(*arguments, "--node", str(node.folder), "--json")
    )
    return answer


def window(node: Running) -> list[str]:
    """An hour from now, one hour long, as flags."""
    start = Instant(node.now() // MINUTE * MINUTE + HOUR)
    return ["--start", format_utc(start), "--end", format_utc(Instant(start + HOUR))]


def test_third_party_is_taken_on_told_and_no_longer_waits(node: Running) -> None:
    """relay lists who is NOT TOLD; taking it on leaves it so, with its owner; NO-ANSWER leaves it
    on the list; TOLD takes it off, with means and the digest of the reply code in the record."""
    with node.client() as client:
        (ref,) = client.file(node.line, notice(node.now(), 34.9, 35.9, label="range 7")).refs
    mine = [each for each in listed(node, "relay") if each["ref"] == str(ref)]
    party = str(mine[0]["third_party"]["party"])  # type: ignore[index]
    said(node, "relay", str(ref), party)
    assert f"{ref} “range 7”: NOT TOLD" in cli("relay", "--node", str(node.folder))
    said(node, "relayed", str(ref), party, "no-answer", "--means", "telephone 4411")
    assert party in {
        each["third_party"]["party"]  # type: ignore[index]
        for each in listed(node, "relay")
        if each["ref"] == str(ref)
    }
    said(
        node, "relayed", str(ref), party, "TOLD", "--means", "telephone 4411, duty captain",
        "--reply-code", "BLUE 7",
    )  # fmt: skip
    assert party not in {
        each["third_party"]["party"]  # type: ignore[index]
        for each in listed(node, "relay")
        if each["ref"] == str(ref)
    }
    with node.client() as client:
        view = client.notice(node.line, ref)
    (told,) = [third for third in view.third_parties if third.party == party]
    assert (RelayOutcome.TOLD.value, "ALFA") == (told.state, told.taken_by)
    assert "telephone 4411, duty captain" == told.means


def test_relay_to_nobody_that_the_terms_name_is_recorded_and_warned_of(node: Running) -> None:
    """A slip of the name leaves the party that was meant NOT TOLD: the answer says so, and the
    entry is in the record all the same."""
    with node.client() as client:
        (ref,) = client.file(node.line, notice(node.now(), 34.9, 35.9, label="range 8")).refs
    for verb in (["relay", str(ref), "SYRIAD"],
                 ["relayed", str(ref), "SYRIAD", "TOLD", "--means", "telephone"]):  # fmt: skip
        done = said(node, *verb)
        (warning,) = done["warnings"]  # type: ignore[misc,attr-defined]
        assert ("CL-OWN-008", "/body/to") == (warning["clause"], warning["at"])
        assert len(done["refs"]) == 1  # type: ignore[arg-type]
    party = listed(node, "relay")[0]["third_party"]["party"]  # type: ignore[index]
    assert [] == said(node, "relay", str(ref), str(party))["warnings"]


def test_relay_that_makes_no_sense_is_wrong_usage(node: Running) -> None:
    """A version without a party, and an outcome that nobody knows, are said before anything."""
    assert "say who" in cli("relay", "ALFA.0/1", "--node", str(node.folder), code=2)
    assert "TOLD, ANSWERED, NO-ANSWER" in cli(
        "relayed", "ALFA.0/1", "SYRAD", "MAYBE", "--means", "x", "--node", str(node.folder), code=2
    )


def test_sealed_plan_opens_as_what_was_committed_to(node: Running, tmp_path: Path) -> None:
    """seal sends a digest only and keeps the plan in a private file; open finds the seal by it,
    and the notice is the plan; the seal does not read as opened wrongly."""
    kept = tmp_path / "range.seal"
    making = [
        "seal", "--class", "hazardous-air", "--label", "sealed range", *PLACE, *window(node),
        "--opens", format_utc(Instant(node.now() // 1000 * 1000 + MINUTE)), "--keep", str(kept),
    ]  # fmt: skip
    said(node, *making)
    assert 0o600 == kept.stat().st_mode & 0o777
    with node.client() as client:
        assert "sealed range" not in {view.label for view in client.notices(node.line)}
    assert "ever overwritten" in cli(*making, "--node", str(node.folder), code=2)
    assert any(str(each["id"]).startswith("seal:ALFA.0/") for each in listed(node, "handover"))
    said(node, "open", str(kept))
    with node.client() as client:
        assert "sealed range" in {view.label for view in client.notices(node.line)}
        (seal,) = client.do(asks.seals(node.line))
    assert (seal.opened is not None, seal.mismatched) == (True, False)
    again = cli("open", str(kept), "--node", str(node.folder), code=2)
    assert f"was opened already, as {seal.opened}" in again


def test_plan_that_could_not_be_filed_is_not_sealed(node: Running, tmp_path: Path) -> None:
    """A class that the terms do not have is refused before anything is sealed or kept."""
    kept = tmp_path / "none.seal"
    entries = len(listed(node, "notice", "list", "--all"))
    said(
        node, "seal", "--class", "no-such", "--label", "x", *PLACE, *window(node), "--opens",
        "2031-03-01T17:30Z", "--keep", str(kept), code=1,
    )  # fmt: skip
    assert not kept.exists()
    assert len(listed(node, "notice", "list", "--all")) == entries


def test_file_that_is_no_sealed_plan_opens_nothing(node: Running, tmp_path: Path) -> None:
    """A plan that was changed after it was sealed has another digest and is not opened; the node
    refuses it too, unless the seal is named and it is said why."""
    kept = tmp_path / "changed.seal"
    said(
        node, "seal", "--class", "hazardous-air", "--label", "before", *PLACE, *window(node),
        "--opens", "2031-03-01T17:30Z", "--keep", str(kept),
    )  # fmt: skip
    kept.write_text(kept.read_text().replace("before", "after"))
    assert "has the digest" in cli("open", str(kept), "--node", str(node.folder), code=2)
    reason = ("--mismatch-known", "the plan was changed by order")
    alone = cli("open", str(kept), *reason, "--node", str(node.folder), code=2)
    assert "go together" in alone
    with node.client() as client:
        (seal,) = [each for each in client.do(asks.seals(node.line)) if each.opened is None]
        plan = read_plan(kept.read_bytes())
        assert plan is not None
        otherwise = Open(seal=seal.ref, salt=plan.salt, to=plan.notice)
        with pytest.raises(Refused) as refused:
            client.say(node.line, otherwise)
    assert refused.value.problem.clause == "CL-OWN-017"
    said(node, "open", str(kept), *reason, "--seal", str(seal.ref))
    with node.client() as client:
        found = {each.ref: each for each in client.do(asks.seals(node.line))}
    assert found[seal.ref].mismatched
    kept.write_text("{}")
    assert "is not a file" in cli("open", str(kept), "--node", str(node.folder), code=2)


def test_movers_are_put_listed_and_removed(node: Running) -> None:
    """A mover is typed in with its speed and unit, shown with its age, and taken away again; one
    that is not there is named; without any it reads NO MOVER DATA."""
    said_ = cli(
        "movers", "put", "TANKER 1", "34.6,35.9", "--class", "air-movement", "--speed", "480kmh",
        "--height", "900 m W84", "--node", str(node.folder),
    )  # fmt: skip
    assert "TANKER 1 (air-movement) at 34.60000,35.90000, 480 km/h" in said_
    (mover,) = listed(node, "movers", "list")
    assert (133_333, 900_000) == (mover["speed_mms"], mover["height_mm"])
    assert "no mover" in cli("movers", "remove", "TANKER 2", "--node", str(node.folder), code=2)
    assert "NO MOVER DATA" in cli("movers", "remove", "TANKER 1", "--node", str(node.folder))


@pytest.mark.parametrize("kind", ["csv", "ndjson"])
def test_movers_of_a_file_are_taken_whole_or_not_at_all(
    node: Running, tmp_path: Path, kind: str
) -> None:
    """CSV and NDJSON say the same; an error is named by row and column, and nothing is taken."""
    table = tmp_path / f"movers.{kind}"
    rows = [
        {"call_sign": "A1", "lat": "34.1", "lon": "35.1", "class": "air-movement",
         "as_of": "2021-03-01T10:00Z", "speed_kt": "260", "height": "900 m W84"},
        {"call_sign": "A2", "lat": "34.2", "lon": "35.2", "class": "air-movement",
         "as_of": "2021-03-01T10:00Z", "speed_kt": "100", "height": ""},
    ]  # fmt: skip

    def write(every: list[dict[str, str]]) -> None:
        head = ",".join(every[0])
        lines = [head, *(",".join(row.values()) for row in every)]
        if kind == "ndjson":
            lines = [json.dumps(row) for row in every]
        table.write_text("\n".join(lines) + "\n")

    write([rows[0], {**rows[1], "lat": "134.2"}])
    row = 3 if kind == "csv" else 2
    wrong = said(node, "movers", "put", "--file", str(table), code=1)["errors"]
    assert isinstance(wrong, list)
    assert [(row, "lat")] == [(each["row"], each["column"]) for each in wrong]
    assert [] == listed(node, "movers", "list")
    write(rows)
    found_ = listed(node, "movers", "put", "--file", str(table))
    assert {"A1": 133_756, "A2": 51_444} == {e["call_sign"]: e["speed_mms"] for e in found_}
    cli("movers", "remove", "--all", "--node", str(node.folder))


def test_watch_is_handed_over_only_when_each_item_was_touched(node: Running) -> None:
    """Three open items, one not looked at: nothing is handed over. Touched by the next watch, it
    is, and the record says how many were open; the desk record holds both names."""
    with node.client() as client:
        client.file(node.line, notice(node.now(), 34.9, 35.9, label="open at handover"))
    add_person(node.folder, Role.WATCH, "next")
    taking = ["--incoming-token-file", str(node.folder / "tokens" / "next.token")]
    items = [str(each["id"]) for each in listed(node, "handover")]
    assert len(items) >= 3
    text = cli("handover", "--node", str(node.folder))
    assert "no watch passed in them" in text
    assert "line to BRAVO: " in text
    touched = [flag for item in items[1:] for flag in ("--touch", item)]
    left = said(node, "handover", *taking, *touched, code=1)["untouched"]
    assert isinstance(left, list)
    assert items[:1] == [each["id"] for each in left]
    state = node.node.runtime.conductor.state.lines[node.line]
    assert state.picture.feed(state.feed).handover is None
    done = said(node, "handover", *taking, *touched, "--touch", items[0])
    assert len(done["refs"]) == 1  # type: ignore[arg-type]
    state = node.node.runtime.conductor.state.lines[node.line]
    handed = state.picture.feed(state.feed).handover
    assert handed is not None
    assert "watch-officer" == handed[0]
    records = [bytes(each.data) for each in node.node.store.desk(node.line, 0, 10_000)]
    assert any(b'"handover-given"' in each and b'"person":"watch"' in each for each in records)
    assert len(items) == sum(
        b'"handover-touched"' in each and b'"person":"next"' in each for each in records
    )


def test_standing_coordination_is_signed_listed_and_ended(node: Running) -> None:
    """One command signs it, the other's end listed beside it; alone it is not in force; signing it
    again with an earlier end replaces it; a pair still needs its measure."""
    start = Instant(node.now() // MINUTE * MINUTE)
    period = ["--start", format_utc(start), "--end", format_utc(Instant(start + 9 * HOUR))]
    area = ["--standing", "BRAVO", "--disc", "34.9,35.9,30", *period, "--measure", "see and avoid"]
    said(node, "coordinate", *area)
    (view,) = listed(node, "coordinate", "--standing", "BRAVO")
    assert (view["by"], view["with_party"], view["holds"]) == ("ALFA", "BRAVO", False)
    assert view["until"] == start + 9 * HOUR
    earlier = format_utc(Instant(start + HOUR))
    said(node, "coordinate", *area, "--until", earlier)
    (view,) = listed(node, "coordinate", "--standing", "BRAVO")
    assert view["until"] == start + HOUR
    text = cli("coordinate", "--standing", "BRAVO", "--node", str(node.folder))
    assert "see and avoid; signed by ALFA alone, NOT in force" in text
    late = format_utc(Instant(start + 10 * HOUR))
    refused = cli("coordinate", *area, "--until", late, "--node", str(node.folder), code=1)
    assert "CL-BOD-010" in refused
    assert "--measure" in cli("coordinate", "ALFA.0/1", "--node", str(node.folder), code=2)


def test_times_of_duties_are_told_by_severity_and_role(node: Running) -> None:
    """One that is taken is measured with the role that took it; one that waits is said to."""
    with node.client() as client:
        client.file(node.line, notice(node.now(), 34.9, 35.9, label="range 9"))
    waiting = listed(node, "alerts")
    said(node, "ack", str(waiting[0]["id"]))
    rows = {(row["severity"], row["role"]): row for row in listed(node, "alert-times")}
    taken = rows[str(waiting[0]["severity"]), "watch-officer"]
    assert int(str(taken["taken"])) >= 1
    assert int(str(taken["median_ms"])) <= int(str(taken["worst_ms"]))
    assert sum(int(str(row["unanswered"])) for row in rows.values()) >= 1
    text = cli("alert-times", "--node", str(node.folder))
    assert "taken within" in text
    assert "NOT TAKEN, the oldest for" in text
    past = format_utc(Instant(node.now() - 2 * HOUR)), format_utc(Instant(node.now() - HOUR))
    between = ("--from", past[0], "--until", past[1])
    assert listed(node, "alert-times", *between) == []


def test_override_of_a_handover_is_recorded_with_its_reason(node: Running) -> None:
    """A watch that must leave hands over what was not looked at, and why stands in the record; it
    cannot hand over to itself, nor touch what is not open."""
    add_person(node.folder, Role.WATCH, "relief")
    taking = ["--incoming-token-file", str(node.folder / "tokens" / "relief.token")]
    said(node, "handover", *taking, "--override", "casualty at the desk")
    records = [bytes(each.data) for each in node.node.store.desk(node.line, 0, 10_000)]
    assert any(b'"handover-skipped"' in e and b"casualty at the desk" in e for e in records)
    own = ["--incoming-token-file", str(node.folder / "tokens" / "watch.token")]
    assert "somebody else" in cli("handover", *own, "--node", str(node.folder), code=2)
    wrong = cli("handover", *taking, "--touch", "x", "--node", str(node.folder), code=2)
    assert "nothing open is called 'x'" in wrong


def test_overview_names_every_verb_under_a_heading() -> None:
    """The overview groups verbs by who needs them, each in one line."""
    page = cli("--help")
    for heading in ("On shift", "Plan and file", "Set up and run", "Prove, replay, try"):
        assert heading in page
    assert re.search("relay +Take on telling a third party[.]", page)
