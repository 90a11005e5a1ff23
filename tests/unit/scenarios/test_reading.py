"""Scenario files: form and meaning. Every fault is named by place and sentence; none raises."""

import json
import tomllib
from importlib.resources import files
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearline.model.space import Corridor, Disc
from clearline.scenarios.lint import lint
from clearline.scenarios.reading import FILE_BYTES_MAX, read_script
from clearline.scenarios.script import Script

SHIPPED = sorted(item.name for item in files("clearline.scenarios").joinpath("data").iterdir())


def plain(name: str = "deir-ez-zor.toml") -> dict[str, Any]:
    """A shipped scenario as plain tables, to be damaged."""
    text = files("clearline.scenarios").joinpath("data", name).read_text("utf-8")
    return tomllib.loads(text)


def faults(table: dict[str, Any]) -> dict[str, str]:
    """What lint says of a damaged scenario, by pointer."""
    found = lint(json.dumps(table).encode(), is_json=True)
    assert not isinstance(found, Script), "the damage must be found"
    return {fault.at: fault.says for fault in found}


@pytest.mark.parametrize("name", SHIPPED)
def test_shipped_scenario_has_nothing_wrong(name: str) -> None:
    """Every scenario that comes with the project passes its own lint."""
    raw = files("clearline.scenarios").joinpath("data", name).read_bytes()
    assert isinstance(lint(raw, is_json=False), Script)


@pytest.mark.parametrize("name", SHIPPED)
def test_json_of_the_same_shape_reads_as_the_same_scenario(name: str) -> None:
    """TOML and JSON are two spellings of one scenario."""
    raw = files("clearline.scenarios").joinpath("data", name).read_bytes()
    assert lint(json.dumps(plain(name)).encode(), is_json=True) == lint(raw, is_json=False)


def test_places_become_shapes() -> None:
    """A disc around a place and a corridor through places take the places' points."""
    script = lint(json.dumps(plain("il20.toml")).encode(), is_json=True)
    assert isinstance(script, Script)
    raid = next(act for act in script.acts if act.id == "raid")
    corridor, disc = (volume.footprint for volume in raid.does.volumes)  # type: ignore[union-attr]
    latakia = script.place("LATAKIA")
    assert isinstance(corridor, Corridor)
    assert isinstance(disc, Disc)
    assert latakia is not None
    assert latakia.position == disc.centre == corridor.line[-1]


def test_every_fault_is_named_at_once() -> None:
    """Lint does not stop at the first fault: each has its own pointer."""
    table = plain()
    table["claims"][0]["evidence"] = "X"
    table["claims"][1]["sauce"] = "?"
    del table["acts"][0]["label"]
    table["places"][0]["accuracy_m"] = 5
    assert {
        "/claims/0/evidence", "/claims/1/sauce", "/acts/0/label", "/places/0/accuracy",
    } <= faults(table).keys()  # fmt: skip


def _quiet(first: str, last: str, every_s: int = 60) -> dict[str, Any]:
    """A quiet span of the day of Deir ez-Zor."""
    day = "2016-09-17T"
    return {"from": f"{day}{first}:00Z", "until": f"{day}{last}:00Z", "every_s": every_s}


def _long() -> dict[str, Any]:
    """A quiet span with more looks than can be played."""
    return {"from": "2016-09-17T14:00:00Z", "until": "2016-10-29T00:00:00Z", "every_s": 300}


def _watch(kind: str, **more: Any) -> dict[str, Any]:
    """An act at the change of watch."""
    act = {
        "id": "passing", "kind": kind, "at": "2016-09-17T14:50:00Z", "party": "USA",
        "basis": ["T1"], "role": "watch-officer", "person": "somebody",
    }  # fmt: skip
    return act | more


@pytest.mark.parametrize(
    ("damage", "at"),
    [
        (lambda t: t["claims"][0].update(by="XXX"), "/claims/0/by"),
        (lambda t: t["claims"][0].update(disputed_by=["D99"]), "/claims/0/disputed_by"),
        (lambda t: t["claims"][0].update(source=" "), "/claims/0/source"),
        (lambda t: t["claims"][1].update(id="D01"), "/claims/1/id"),
        (lambda t: t["variants"][0].update(claims=["D77"]), "/variants/0/claims"),
        (lambda t: t["acts"][0].update(basis=["nobody"]), "/acts/0/basis"),
        (lambda t: t["acts"][0].update(at="D01"), "/acts/0/at"),
        (lambda t: t["acts"][0].update(at="2016-09-17T12:00:00Z"), "/acts/0/at"),
        (lambda t: t["acts"][0].update(party="SYR"), "/acts/0/party"),
        (lambda t: t["acts"][0].update(cls="picnic"), "/acts/0/cls"),
        (lambda t: t["acts"][0].update(label="enemy area"), "/acts/0/label"),
        (lambda t: t["acts"][0].pop("volumes"), "/acts/0/volumes"),
        (lambda t: t["acts"][0]["volumes"][0].update(until="D02"), "/acts/0/volumes/0"),
        (
            lambda t: t["acts"][0]["volumes"][0].update(until="2016-09-17T14:00:00Z"),
            "/acts/0/volumes/0/until",
        ),
        (lambda t: t["acts"][0]["volumes"][0].update(around="MOON"), "/acts/0/volumes/0/around"),
        (lambda t: t["acts"][0]["volumes"][0].update(upper="5000"), "/acts/0/volumes/0/upper"),
        (lambda t: t["acts"][0].update(at="2016-09-17T13:50:00"), "/acts/0/at"),
        (lambda t: t["acts"][1].update(to="halted"), "/acts/1/to"),
        (lambda t: t["acts"][1].update(role="cook"), "/acts/1/role"),
        (lambda t: t["acts"][1].update(kind="dance"), "/acts/1/kind"),
        (lambda t: t["expect"][0].update(about="none"), "/expect/0/about"),
        (lambda t: t["expect"].append({"at": "stop", "party": "USA"}), "/expect/6"),
        (lambda t: t["results"][0].pop("of"), "/results/0/of"),
        (lambda t: t["results"][0].update(line="much better"), "/results/0/line"),
        (lambda t: t["results"][0].update(assumes=["T9"]), "/results/0/assumes"),
        (lambda t: t["results"][0].update(then_to="2016-09-17T14:30:00Z"), "/results/0/then_min"),
        (lambda t: t["results"][1].update(then_from="stop", then_to="D02"), "/results/1/then_from"),
        (lambda t: t["results"][1].update(then_from="D01", then_to="D02"), "/results/1/then_to"),
        (lambda t: t["results"][0].update(measure="alarm"), "/results/0/alert"),
        (lambda t: t.update(quiet=[_quiet("14:30", "14:00")]), "/quiet/0"),
        (lambda t: t.update(quiet=[_quiet("14:00", "16:00")]), "/quiet/0"),
        (lambda t: t.update(quiet=[_quiet("14:00", "14:30", every_s=0)]), "/quiet/0/every"),
        (lambda t: t.update(ends="2016-10-30T00:00:00Z", quiet=[_long()]), "/quiet"),
        (lambda t: t["acts"].append(_watch("give-watch", role="cook")), "/acts/5/role"),
        (lambda t: t["acts"].append(_watch("take-watch", role="cook")), "/acts/5/role"),
        (lambda t: t["terms"].update(template="peace"), "/terms"),
        (lambda t: t["terms"]["represented"][0].update(relay="USA", backup="USA"), None),
        (lambda t: t.update(ends="2016-09-30T00:00:00Z"), "/ends"),
        (lambda t: t.update(format="clearline-scenario/9"), "/format"),
    ],
)
def test_fault_of_meaning_is_named_where_it_stands(damage: Any, at: str | None) -> None:
    """A name that leads nowhere, a time outside, a class unknown: the pointer says where."""
    table = plain()
    damage(table)
    found = faults(table)
    assert at in found if at is not None else any(place.startswith("/terms") for place in found)
    assert all(len(says) > 10 for says in found.values())


def test_undisputed_variant_refuses_a_disputed_claim() -> None:
    """What one side disputes cannot slip into the account of what nobody disputes."""
    table = plain("il20.toml")
    unknown = next(v for v in table["variants"] if v["id"] == "unknown")
    unknown["claims"].append("C08")
    place = table["variants"].index(unknown)
    assert "C08" in faults(table)[f"/variants/{place}/claims"]


def test_time_without_a_zone_is_refused_in_toml_too() -> None:
    """A local date and time of TOML is no time (FM07)."""
    raw = files("clearline.scenarios").joinpath("data", "deir-ez-zor.toml").read_bytes()
    local = raw.replace(b'begins = "2016-09-17T13:45:00Z"', b"begins = 2016-09-17T13:45:00")
    found = read_script(local, is_json=False)
    assert isinstance(found, tuple)
    assert [fault.at for fault in found] == ["/begins"]


@pytest.mark.parametrize(
    "raw",
    [b"", b"\xff\xfe", b"[]", b'{"a": 1, "a": 2}', b'{"a": NaN}', b"[" * 100_000, b"x" * 2_000_000],
)
def test_file_that_is_no_table_is_one_fault(raw: bytes) -> None:
    """Bytes that are no scenario are refused as a whole, in one sentence."""
    found = read_script(raw, is_json=True)
    assert isinstance(found, tuple)
    assert len(found) == 1
    assert len(raw) <= FILE_BYTES_MAX or "larger" in found[0].says


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=20), lambda inner:
    st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(
        ["format", "id", "acts", "claims", "parties", "terms", "kind", "at", "volumes", "shape"]
    ), inner, max_size=6), max_leaves=30))  # fmt: skip
def test_any_json_is_judged_without_an_exception(value: object) -> None:
    """Whatever a file holds, lint answers with faults (fuzz)."""
    found = lint(json.dumps(value).encode(), is_json=True)
    assert not isinstance(found, Script)
    assert msgspec.json.encode([fault.says for fault in found])
