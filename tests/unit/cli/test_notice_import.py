"""Tables as notices: errors by row and column, a difference by key, nothing unconfirmed."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

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
