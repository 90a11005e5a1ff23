"""Places and times as a party reads them, by its own choice, and always Z first."""

from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from clearline.cli import showing
from clearline.cli.showing import Style
from clearline.model.space import Edge, LatLon, Polygon
from clearline.model.time import parse_utc
from clearline.notation import Notation, Position
from clearline.notation.position import read_position
from tests.town import SURFACE, UNLIMITED, corridor, disc, level, volume

START, END = parse_utc("2031-03-01T18:00Z"), parse_utc("2031-03-01T19:00Z")
DISC = volume(disc(34.5, 35.25, 20), START, END, SURFACE, level(250))


@pytest.mark.parametrize(
    ("notation", "said"),
    [
        (Notation.DMS, "20 km around 34°30'00.0\"N 035°15'00.0\"E, SFC to FL250"),
        (Notation.DDM, "20 km around 34°30.000'N 035°15.000'E, SFC to FL250"),
        (Notation.DECIMAL, "20 km around 34.50000°N 35.25000°E, SFC to FL250"),
        (Notation.MGRS, "20 km around 36S YD 06576 19895, SFC to FL250"),
    ],
)
def test_place_is_shown_in_the_notation_of_choice(notation: Notation, said: str) -> None:
    """What is shown is read back as the same place."""
    assert said == Style(notation=notation).volume(DISC)
    place = said.removeprefix("20 km around ").partition(",")[0]
    read = read_position(place)
    assert isinstance(read, Position)
    assert read.notation is notation


def test_shapes_are_told_apart() -> None:
    """A corridor by its ends, a polygon by its middle, a long list by its first."""
    style = Style()
    route = volume(corridor([(34, 35), (35, 36)], 2.5), START, END, SURFACE, UNLIMITED)
    assert style.volume(route) == (
        "2.5 km to either side from 34°00'00.0\"N 035°00'00.0\"E to 35°00'00.0\"N "
        "036°00'00.0\"E, 2 points, SFC to UNL"
    )
    ring = tuple(LatLon(a, b) for a, b in ((0, 0), (0, 10_000_000), (10_000_000, 0)))
    area = Polygon(outer=ring, edge=Edge.GEODESIC)
    assert style.where(area).startswith("polygon of 3 corners about 00°20'00.0\"N")
    assert style.volumes((DISC,) * 5)[-1] == "and 2 more volumes"


def test_local_time_stands_behind_z() -> None:
    """With its offset; without a zone there is Z alone."""
    style = Style(zone=ZoneInfo("Asia/Kathmandu"))
    assert style.dtg(START) == "011800Z MAR 31 (23:45 +05:45)"
    assert style.clock(END) == "2031-03-01T19:00:00Z (2031-03-02 00:45:00 +05:45)"
    assert Style().clock(END) == "2031-03-01T19:00:00Z"


def test_style_is_that_of_the_nodes_folder(tmp_path: Path) -> None:
    """A folder that cannot be read leaves the usual style: who reaches it says what is wrong."""
    before = showing.style()
    try:
        showing.use(None)
        showing.use(tmp_path / "nowhere")
        assert showing.style() == before
        (tmp_path / "node.toml").write_text(
            '[party]\nfolder = "x"\n[notation]\nwrite = "mgrs"\nzone = "Asia/Damascus"\n', "utf-8"
        )
        showing.use(tmp_path)
        assert showing.style() == Style(notation=Notation.MGRS, zone=ZoneInfo("Asia/Damascus"))
    finally:
        showing._STYLE.set(before)
