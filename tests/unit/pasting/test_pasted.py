"""What is pasted: drawn where it has one meaning, asked about where it has more, and kept where it
cannot be drawn."""

import json

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from clearline.conflict.validity import check_footprint
from clearline.model.refusal import Refusal
from clearline.model.space import Corridor, Disc, Edge, LatLon, Polygon
from clearline.notation.position import write_position
from clearline.notation.reading import Notation
from clearline.pasting.found import Form, Need, Pasted, Sort, Wish
from clearline.pasting.read import TEXT_CHARS_MAX, read_pasted
from clearline.words.sentences import sentence

CORNERS = (LatLon(345000000, 352000000), LatLon(345000000, 356000000), LatLon(348000000, 356000000))


def read(text: str, **wish: object) -> Pasted:
    """What stands in a text."""
    found = read_pasted(text, Wish(**wish))  # type: ignore[arg-type]  # a test's own words
    assert isinstance(found, Pasted)
    return found


@pytest.mark.parametrize("notation", [Notation.DMS, Notation.DDM, Notation.DECIMAL, Notation.MGRS])
@pytest.mark.parametrize("between", ["\n", "; ", " - ", "\n\n  "])
def test_list_in_any_notation_is_the_same_area(notation: Notation, between: str) -> None:
    """Five notations, lines or signs between: the corners come out where they were."""
    text = between.join(write_position(point, notation) for point in CORNERS)
    found = read(text, sort=Sort.POLYGON)
    assert (found.form, found.undrawn, found.question) == (Form.COORDINATES, (), None)
    (shape,) = found.shapes
    assert shape.notation is notation
    for stated, corner in zip(shape.points, CORNERS, strict=True):
        assert abs(stated.lat_e7 - corner.lat_e7) < 200
        assert abs(stated.lon_e7 - corner.lon_e7) < 200
    area, *outline = shape.footprints
    assert isinstance(area, Polygon)
    assert area.edge is Edge.GEODESIC
    assert bool(outline) is (notation is Notation.MGRS), "squares as corners widen the outline"


def test_packed_notam_style_points_and_numbered_lines_are_read() -> None:
    """As they stand in messages and in tables."""
    packed = "343000N 0351200E\n343000N 0353600E\n344800N 0353600E\n343000N 0351200E"
    assert read(packed).shapes[0].points == CORNERS
    named = "1) 34°30'N 35°12'E\nB: 34°30'N 35°36'E\nWP3. 34°48'N 35°36'E"
    assert read(named, sort=Sort.POLYGON).shapes[0].points == CORNERS
    assert read("343000N0351200E - 343000N0353600E", width_mm=1).shapes[0].sort is Sort.CORRIDOR


def test_whether_points_are_an_area_or_a_way_is_asked() -> None:
    """Three points that do not close could be either; one that closes is an area; two are a way,
    whose width is asked for; one is a place, whose radius is."""
    three = "34.5000N 35.2000E\n34.5000N 35.6000E\n34.8000N 35.6000E"
    assert read(three).shapes[0].needs == (Need.SORT,)
    assert read(three).shapes[0].footprints == ()
    assert read(f"{three}\n34.5000N 35.2000E").shapes[0].sort is Sort.POLYGON
    way = read(three, sort=Sort.CORRIDOR).shapes[0]
    assert (way.needs, way.footprints) == ((Need.WIDTH,), ())
    made = read(three, sort=Sort.CORRIDOR, width_mm=500_000).shapes[0].footprints
    assert made == (Corridor(line=CORNERS, half_width_mm=500_000, edge=Edge.GEODESIC),)
    one = read("34.5000N 35.2000E")
    assert (one.shapes[0].sort, one.shapes[0].needs) == (Sort.DISC, (Need.WIDTH,))
    grid = read("37S BV 5056 3197", width_mm=1_000_000).shapes[0]
    assert isinstance(grid.footprints[0], Disc)
    assert grid.footprints[0].radius_mm == 1_000_000 + grid.cell_mm > 1_000_000
    assert len(read(three, sort=Sort.DISC, width_mm=5).shapes) == 3


def test_list_with_two_meanings_is_a_question_and_no_shape() -> None:
    """35.30 may be degrees and minutes: nothing is drawn until somebody says which."""
    text = "35.30N 36.15E\n35.45N 36.15E\n35.45N 36.40E"
    found = read(text, sort=Sort.POLYGON)
    assert found.shapes == ()
    assert found.question is not None
    assert len(found.question.candidates) == 2
    said = read(text, sort=Sort.POLYGON, notation=Notation.DECIMAL)
    assert said.shapes[0].points[0] == LatLon(353000000, 361500000)
    dotted = read(text, sort=Sort.POLYGON, notation=Notation.DOTTED)
    assert dotted.shapes[0].points[0] == LatLon(355000000, 362500000)


def test_area_that_crosses_itself_is_kept_with_its_box() -> None:
    """It is not drawn as one of the things that it could be; a box about it is."""
    text = "34.0000N 35.0000E\n35.0000N 36.0000E\n34.0000N 36.0000E\n35.0000N 35.0000E"
    (kept,) = read(text, sort=Sort.POLYGON).undrawn
    assert kept.text == text
    assert kept.why.clause == "CL-GEO-008"
    assert isinstance(kept.envelope, Polygon)
    assert kept.envelope.outer[0] == LatLon(340000000, 350000000)


# -- GeoJSON

RING = [[35.2, 34.5], [35.6, 34.5], [35.6, 34.8], [35.2, 34.5]]


def geojson(**of: object) -> str:
    """As a file."""
    return json.dumps(of)


def test_geojson_is_longitude_first_with_straight_edges() -> None:
    """RFC 7946: also holes, names, heights as they stand, and several geometries in one."""
    hole = [[35.45, 34.55], [35.5, 34.55], [35.5, 34.6], [35.45, 34.55]]
    area = {"type": "Polygon", "coordinates": [RING, hole]}
    many = {"type": "MultiPoint", "coordinates": [[35.2, 34.5, 300], [35.6, 34.5]]}
    text = geojson(
        type="FeatureCollection",
        features=[
            {"type": "Feature", "properties": {"name": "Range 7"}, "geometry": area},
            {"type": "Feature", "properties": None, "geometry": many},
        ],
    )
    first, *points = read(text).shapes
    assert first.label == "Range 7"
    assert isinstance(first.footprints[0], Polygon)
    assert first.footprints[0].edge is Edge.LONLAT
    assert (first.points, len(first.footprints[0].holes)) == (CORNERS, 1)
    assert [point.needs for point in points] == [(Need.WIDTH,)] * 2
    assert points[0].heights == ("300 m",)


@pytest.mark.parametrize(
    ("geometry", "reason"),
    [
        ({"type": "Polygon", "coordinates": [RING[:3]]}, "ring-open"),
        ({"type": "Polygon", "coordinates": [[[35, 91], [36, 1], [3, 4], [35, 91]]]},
         "bad-coordinates"),
        ({"type": "Point", "coordinates": [True, 5]}, "bad-coordinates"),
        ({"type": "Point", "coordinates": ["35", "34"]}, "bad-coordinates"),
        ({"type": "Point"}, "bad-coordinates"),
        ({"type": "Circle", "coordinates": [1, 2]}, "no-shape"),
        ({"type": "Point", "coordinates": [35, 34], "crs": {"name": "EPSG:3857"}}, "other-datum"),
        ({"type": "FeatureCollection", "features": []}, "empty"),
        ({"type": "Feature", "geometry": None}, "no-shape"),
        ([1, 2], "no-shape"),
    ],
)  # fmt: skip
def test_geojson_that_is_no_shape_is_kept_with_the_reason(geometry: object, reason: str) -> None:
    """Nothing of it is drawn, nothing of it is lost, and what is good beside it is drawn."""
    (kept,) = read(json.dumps(geometry)).undrawn
    assert kept.why.params["reason"] == reason
    assert "CL-NTN-007" in sentence(kept.why)
    good = {"type": "Point", "coordinates": [35, 34]}
    both = read(geojson(type="GeometryCollection", geometries=[geometry, good]))
    assert len(both.shapes) == 1
    assert len(both.undrawn) == (0 if reason == "empty" else 1)


# -- KML


def kml(inside: str, head: str = "") -> str:
    """As a file."""
    return f'<?xml version="1.0"?>{head}<kml xmlns="http://www.opengis.net/kml/2.2">{inside}</kml>'


AREA = "35.2,34.5,0 35.6,34.5,0 35.6,34.8,0 35.2,34.5,0"


def test_kml_areas_lines_and_points_are_read() -> None:
    """In folders, in groups, with names and heights as they stand."""
    ring = f"<LinearRing><coordinates>{AREA}</coordinates></LinearRing>"
    text = kml(
        "<Document><Folder><Placemark><name>Range 7</name><MultiGeometry>"
        f"<Polygon><outerBoundaryIs>{ring}</outerBoundaryIs></Polygon>"
        "<LineString><altitudeMode>absolute</altitudeMode><coordinates>35.2,34.5,900 35.6,34.5,900"
        "</coordinates></LineString></MultiGeometry></Placemark></Folder>"
        "<Placemark><Point><coordinates>35.2,34.5</coordinates></Point></Placemark></Document>"
    )
    area, way, place = read(text, width_mm=1_000).shapes
    assert (area.label, area.sort, area.points) == ("Range 7", Sort.POLYGON, CORNERS)
    assert (way.sort, way.heights) == (Sort.CORRIDOR, ("900 m absolute",))
    assert isinstance(place.footprints[0], Disc)


def test_kml_that_shows_what_lies_elsewhere_is_kept_with_its_box() -> None:
    """A link is not followed, a picture not fetched; the picture's own box is its envelope."""
    overlay = (
        "<GroundOverlay><name>chart</name><Icon><href>http://x.example/a.png</href></Icon>"
        "<LatLonBox><north>35</north><south>34</south><east>36</east><west>35</west></LatLonBox>"
        "</GroundOverlay>"
    )
    link = "<NetworkLink><Link><href>http://x.example/b.kml</href></Link></NetworkLink>"
    track = "<Placemark><Track><coord>35 34 0</coord><coord>36 35 0</coord></Track></Placemark>"
    picture, followed, flown = read(kml(overlay + link + track)).undrawn
    assert [picture.why.params["reason"], followed.why.params["reason"]] == ["elsewhere"] * 2
    assert isinstance(picture.envelope, Polygon)
    assert "http://x.example/a.png" in picture.text
    assert followed.envelope is None
    assert (flown.why.params["reason"], isinstance(flown.envelope, Polygon)) == ("no-shape", True)


LAUGHS = (
    '<!DOCTYPE kml [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>',
    '<!DOCTYPE kml SYSTEM "http://x.example/kml.dtd">',
    '<!DOCTYPE kml [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
    "<!DOCTYPE kml>",
)


@pytest.mark.parametrize("head", LAUGHS)
def test_kml_with_a_document_type_is_not_read(head: str) -> None:
    """No entity is expanded, no file or address is opened: the text is kept."""
    text = kml("<Placemark><name>&b;</name></Placemark>", head)
    (kept,) = read(text).undrawn
    assert kept.why.params["reason"] in ("entities", "syntax")
    assert kept.text == text


def test_kml_without_end_in_depth_or_number_is_refused() -> None:
    """Depth and number of elements are bounded before a tree of them is built."""
    for text in (kml("<a>" * 500 + "</a>" * 500), kml("<a/>" * 200_000)):
        assert read(text).undrawn[0].why.params["reason"] == "too-large"


# -- messages

NOTAM = """A1234/26 NOTAMN
Q) LCCC/QRTCA/IV/BO/W/000/250/3430N03524E025
A) LCCC B) 2603010600 C) 2603011800
E) TEMPO RESTRICTED AREA WI 12NM RADIUS OF 343000N0352400E
F) SFC G) FL250)"""


def test_notam_is_kept_whole_with_the_circle_of_its_q_line() -> None:
    """Its item E is not drawn by halves: the vertex that it names is a centre, not a corner."""
    found = read(NOTAM)
    assert (found.form, found.shapes) == (Form.NOTAM, ())
    (kept,) = found.undrawn
    assert (kept.text, kept.label) == (NOTAM, "A1234/26")
    assert isinstance(kept.envelope, Disc)
    assert kept.envelope.centre == LatLon(345000000, 354000000)
    assert kept.envelope.radius_mm >= 25 * 1_852_000
    everywhere = read(NOTAM.replace("E025", "E999")).undrawn[0]
    assert everywhere.envelope is None
    doubled = read(f"{NOTAM}\n{NOTAM}").undrawn[0]
    assert doubled.envelope is None


def test_airspace_order_is_kept_whole() -> None:
    """There is no reader for it yet, and that is what is said."""
    text = "MSGID/ACO/ALFA/0001//\nACMID/ACM:ROZ/NAME:BLUE/POLYGON/LATS:343000N0352400E//"
    found = read(text)
    assert (found.form, found.undrawn[0].text) == (Form.ACO, text)
    assert "no reader" in sentence(found.undrawn[0].why)


@pytest.mark.parametrize("text", ["", "   ", "north Syria", "off Latakia, as usual", "1"])
def test_name_is_no_place_and_is_kept(text: str) -> None:
    """What cannot be read at all stays there, too."""
    found = read(text)
    assert (found.form, found.shapes, found.undrawn[0].text) == (Form.UNKNOWN, (), text)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("95.00000N 036.00000E", "latitude is beyond 90"),
        ("34.00000N 035.00000E\n95.00000N 036.00000E", "latitude is beyond 90"),
        ("34.00000N 190.00000E", "longitude is beyond 180"),
        ("34.00000N 035.00000E\nnorth Syria\n95.00000N 036.00000E", "neither degrees"),
    ],
)
def test_degrees_that_there_are_not_are_named(text: str, fault: str) -> None:
    """Of several lines the first that is no place says what is wrong."""
    found = read(text)
    assert (found.form, found.shapes, found.undrawn[0].text) == (Form.UNKNOWN, (), text)
    assert fault in sentence(found.undrawn[0].why)


def test_too_long_a_text_is_not_looked_at() -> None:
    """A megabyte is more than any notice holds."""
    assert isinstance(read_pasted("1" * (TEXT_CHARS_MAX + 1), Wish()), Refusal)


@given(st.text() | st.from_regex(r"[\[{<][\s\S]{0,60}|(Q\)|[A-Z]\d{4}/\d\d NOTAM)[\s\S]{0,60}"))
@example("{" * 5000)
@example("[" * 5000)
@example('{"type":"Point","coordinates":[1e999,1]}')
@example("<a xmlns='x'><b:c/></a>")
@example("<\x00>")
def test_no_text_breaks_the_reader_and_none_is_dropped(text: str) -> None:
    """Whatever is pasted gives shapes, a question, or itself with a reason; a shape that is given
    can be judged."""
    found = read_pasted(text, Wish(width_mm=1_000))
    assert isinstance(found, Pasted)
    assert found.shapes or found.question or found.undrawn
    for shape in found.shapes:
        assert not [fault for each in shape.footprints for fault in check_footprint(each)]
    for kept in found.undrawn:
        assert sentence(kept.why)
    msgspec.json.encode(found.shapes)
