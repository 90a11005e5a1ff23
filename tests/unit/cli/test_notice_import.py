"""Tables as notices: errors by row and column, a difference by key, nothing unconfirmed."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from clearline.model.entry import Amend, FreeText, Notice
from tests.api_node import Running, cli, found, make_parties, running

PROFILE = """
class_column = "kind"
label_column = "name"
lat_column = "lat"
lon_column = "lon"
radius_km = "0.5"
points_column = "route"
half_width_km = "2"
lower = "SFC"
upper = "UNL"
start = "2031-03-01T00:00Z"
end_column = "to"
"""
HEAD = "id,name,kind,lat,lon,route,to\n"
ROWS = [
    "1,Clinic,protected-site,34.1,35.1,,2031-03-02T00:00Z\n",
    '2,"School, north",protected-site,34.2,35.2,,2031-03-02T00:00Z\n',
    '3,Convoy,air-movement,,,"34.1,35.1 34.9,35.4",2031-03-02T02:00+02:00\n',
]


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Running]:
    """A running node of ALFA."""
    make_parties(tmp_path, "ALFA", "BRAVO")
    (tmp_path / "map.toml").write_text(PROFILE)
    with running(found(tmp_path, tmp_path / "node", "ALFA", "BRAVO")) as alfa:
        yield alfa


def bring(node: Running, rows: list[str], *more: str, code: int = 0) -> dict[str, object]:
    """Import a table."""
    table = node.folder.parent / "table.csv"
    table.write_text(HEAD + "".join(rows), encoding="utf-8")
    said = cli(
        "notice", "import", str(table), "--map", str(node.folder.parent / "map.toml"), "--key",
        "id", "--node", str(node.folder), "--json", *more, code=code,
    )  # fmt: skip
    answer: dict[str, object] = json.loads(said)
    return answer


def test_nothing_is_sent_before_it_is_confirmed(node: Running) -> None:
    """A dry run, and a run without --yes, show the difference and file nothing."""
    assert bring(node, ROWS, "--dry-run")["counts"] == {
        "new": 3, "amended": 0, "gone": 0, "unchanged": 0
    }  # fmt: skip
    assert bring(node, ROWS, code=1)["filed"] is None
    with node.client() as client:
        assert client.notices(node.line) == ()


def test_key_that_stands_twice_is_named_beside_other_errors(node: Running) -> None:
    """Also where the first row of the key is refused for something else: one look finds all."""
    rows = [ROWS[0].replace("34.1", "95"), ROWS[1].replace("2,", "1,", 1)]
    errors = bring(node, rows, "--dry-run", code=1)["errors"]
    assert isinstance(errors, list)
    assert [(each["row"], each["column"]) for each in errors] == [(2, "lat"), (3, "id")]


def test_difference_is_by_key(node: Running) -> None:
    """The second table amends one, ends one, adds one and leaves one as it is."""
    assert bring(node, ROWS, "--yes")["filed"] is not None
    second = [ROWS[0], ROWS[1].replace("34.2", "34.3"), ROWS[2].replace("3,Convoy", "4,Convoy")]
    changed = bring(node, second, "--yes")
    assert changed["counts"] == {"new": 1, "amended": 1, "gone": 1, "unchanged": 1}
    with node.client() as client:
        live = client.notices(node.line)
        newest = {view.key: view for view in live if view.newest == view.ref}
        assert set(newest) == {"1", "2", "4"}
        assert newest["2"].volumes[0].footprint.centre.lat_e7 == 343_000_000  # type: ignore[union-attr]  # a disc
    assert bring(node, second, "--dry-run")["counts"] == {
        "new": 0, "amended": 0, "gone": 0, "unchanged": 3
    }  # fmt: skip


def test_changed_reason_or_remark_is_a_change(node: Running) -> None:
    """A table that speaks of reason and remark amends what differs in them alone; with the same
    words nothing is amended; the words stand on the line, in their language."""
    more = PROFILE + 'reason_column = "why"\nremark_column = "note"\nlang = "fr"\n'
    (node.folder.parent / "map.toml").write_text(more)
    head = "id,name,kind,lat,lon,route,to,why,note\n"
    row = "1,Clinic,protected-site,34.1,35.1,,2031-03-02T00:00Z,{},{}\n"
    table = node.folder.parent / "words.csv"

    def counts(why: str, note: str) -> list[int]:
        table.write_text(head + row.format(why, note), encoding="utf-8")
        answer = json.loads(
            cli(
                "notice", "import", str(table), "--map", str(node.folder.parent / "map.toml"),
                "--key", "id", "--node", str(node.folder), "--json", "--yes",
            )
        )  # fmt: skip
        return [answer["counts"][name] for name in ("new", "amended", "unchanged")]

    assert [1, 0, 0] == counts("evacuation", "toit bleu")
    assert [0, 0, 1] == counts("evacuation", "toit bleu")
    assert [0, 1, 0] == counts("field hospital", "toit bleu")
    assert [0, 1, 0] == counts("field hospital", "toit rouge")
    with node.client() as client:
        (view,) = (v for v in client.notices(node.line) if v.ref == v.newest)
    assert view.remark is not None
    assert ("field hospital", "fr", "toit rouge") == (
        view.reason, view.remark.lang, view.remark.text
    )  # fmt: skip


def test_table_leaves_alone_what_it_does_not_speak_of(node: Running) -> None:
    """Words, marks and operation that somebody stated beside the table stay when a row moves, and
    make no difference when it does not."""
    bring(node, ROWS[:1], "--yes")
    with node.client() as client:
        (view,) = client.notices(node.line)
        client.say(
            node.line,
            Amend(
                notice=view.notice,
                to=Notice(
                    cls=view.cls, label=view.label, volumes=view.volumes, key=view.key,
                    reason="evacuation", operation="relief", marks=("escort",),
                    remark=FreeText(lang="en", text="blue roof"),
                ),
            ),
        )  # fmt: skip
    assert bring(node, ROWS[:1], "--dry-run")["changes"] == []
    bring(node, [ROWS[0].replace("34.1", "34.3")], "--yes")
    with node.client() as client:
        (now,) = (v for v in client.notices(node.line) if v.ref == v.newest)
    assert ("evacuation", "relief", ("escort",)) == (now.reason, now.operation, now.marks)
    assert now.remark == FreeText(lang="en", text="blue roof")


def test_amend_keeps_reason_and_remark_unless_said_otherwise(node: Running) -> None:
    """Another end keeps the words of the version before; an empty reason takes it away."""
    bring(node, ROWS[:1], "--yes")
    with node.client() as client:
        ref = str(client.notices(node.line)[0].ref)
    at = ["--node", str(node.folder), "--json"]

    def amend(*more: str) -> dict[str, object]:
        done = json.loads(cli("notice", "amend", ref, *more, *at))
        found_: dict[str, object] = done["notices"][0]
        return found_

    first = amend("--reason", "evacuation", "--remark", "toit bleu", "--lang", "fr")
    assert ("evacuation", {"lang": "fr", "text": "toit bleu"}) == (
        first["reason"], first["remark"]
    )  # fmt: skip
    with node.client() as client:
        newest = next(v.newest for v in client.notices(node.line))
    ref = str(newest)
    later = amend("--end", "2031-03-03T00:00Z")
    assert ("evacuation", {"lang": "fr", "text": "toit bleu"}) == (
        later["reason"], later["remark"]
    )  # fmt: skip
    assert "reason: “evacuation”" in cli("notice", "list", "--node", str(node.folder))
    assert None is amend("--reason", "")["reason"]


def test_errors_are_named_by_row_and_column(node: Running) -> None:
    """Every bad cell is told at once, by the table's own names; nothing is sent."""
    bad = [
        "1,Clinic,protected-site,340.1,35.1,,2031-03-02T00:00Z\n",
        "2,,protected-site,34.1,35.1,,2031-03-02T00:00Z\n",
        "2,Twice,protected-site,34.1,x,,2031-03-02T00:00\n",
        "3,Late,protected-site,34.1,35.1,,2031-02-02T00:00Z\n",
        ",Nameless,protected-site,34.1,35.1,,2031-03-02T00:00Z\n",
    ]
    errors = bring(node, bad, "--yes", code=1)["errors"]
    assert isinstance(errors, list)
    places = {(error["row"], error["column"]) for error in errors}
    assert {(2, "lat"), (3, "name"), (4, "lon"), (4, "to"), (5, "to"), (6, "id")} <= places
    with node.client() as client:
        assert client.notices(node.line) == ()


def test_unknown_column_names_the_nearest(node: Running) -> None:
    """A column that is not in the table is named with the one that was meant."""
    table = node.folder.parent / "t.csv"
    table.write_text("id,nme,kind,lat,lon,route,to\n")
    said = cli(
        "notice", "import", str(table), "--map", str(node.folder.parent / "map.toml"), "--key",
        "id", "--node", str(node.folder), code=1,
    )  # fmt: skip
    assert "did you mean nme?" in said
