"""Items of a plan: exact numbers, outward rounding, what is absent, what is refused and where."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearline.model.refusal import Code
from clearline.model.space import Corridor, Disc, Edge, Ground, Height, HeightRef, Polygon, Qnh
from clearline.model.time import INSTANT_MAX
from clearline.plan.codec import ROUNDING_MM, PlanItem, decode_item, read_item
from clearline.words.sentences import sentence
from tests.plan_cases import circle, height, item, polygon, raw


def taken(value: object, *, strict: bool = False) -> PlanItem:
    found = decode_item(raw(value), strict=strict)
    assert isinstance(found, PlanItem), found
    return found


def refused(value: object, *, strict: bool = False) -> tuple[str, str, str]:
    data = value if isinstance(value, bytes) else raw(value)
    found = decode_item(data, strict=strict)
    assert isinstance(found, tuple), found
    return found[0].code, found[0].clause, found[0].at


def test_volume4d_of_f3548_reads_as_it_stands() -> None:
    """The standard's own shape needs nothing of ours."""
    found = taken(item(circle(35.6, -35.7, 300.183)))
    (volume,) = found.volumes
    assert isinstance(volume.footprint, Disc)
    assert (356_000_000, -357_000_000) == (
        volume.footprint.centre.lat_e7,
        volume.footprint.centre.lon_e7,
    )
    assert volume.footprint.radius_mm == 300_183
    assert volume.lower == Height(ref=HeightRef.W84, mm=0)
    assert volume.upper == Height(ref=HeightRef.W84, mm=1_000_000)
    assert volume.end - volume.start == 3_600_000
    assert found.widened == ()


def test_heights_go_outward_never_narrower() -> None:
    """A lower limit goes down to the millimetre, an upper limit up, in metres and in feet."""
    volume = taken(
        item(circle(0, 0, 10), lower=height(0.0004), upper=height(1000.0001, units="FT"))
    ).volumes[0]
    assert (volume.lower.mm, volume.upper.mm) == (0, 304_801)
    below = taken(item(circle(0, 0, 10), lower=height(-0.0004))).volumes[0]
    assert below.lower.mm == -1


@given(st.decimals(-1000, 9000, places=6), st.sampled_from(["M", "FT"]))
def test_any_height_is_held_by_its_bounds(value, units) -> None:
    """What was written lies between the bounds that it reads as, at most a millimetre apart."""
    text = f'{{"reference":"AMSL","value":{value},"units":"{units}"}}'
    source = (
        '{"volume":{"outline_circle":{"center":{"lat":1,"lng":2},"radius":{"value":1,"units":"M"}},'
        f'"altitude_lower":{text},"altitude_upper":{text}}}}}'
    )
    found = read_item(source.encode())
    assert isinstance(found, PlanItem)
    low, high = found.volumes[0].lower.mm, found.volumes[0].upper.mm
    exact = value * 1000 if units == "M" else value * 3048 / 10
    assert low <= exact <= high
    assert high - low <= 1


def test_flight_levels_surface_and_unlimited_read_as_references_of_their_own() -> None:
    """FL counts hundreds of feet; SFC and UNL carry no number."""
    volume = taken(
        item(circle(0, 0, 10), lower=height(None, "SFC", None), upper=height(95, "FL", None))
    ).volumes[0]
    assert volume.lower == Height(ref=HeightRef.SFC)
    assert volume.upper == Height(ref=HeightRef.FL, mm=95 * 30_480)


def test_ground_bounds_and_altimeter_setting_go_outward() -> None:
    """Ground low goes down and high up; a setting finer than a pascal gets a wider tolerance."""
    ground = {"lower": height(10.0004), "upper": height(20.0004), "by": "ALFA"}
    qnh = {"value": 1013.254, "tolerance": 1, "units": "HPA", "by": "ALFA"}
    volume = taken(
        item(
            circle(0, 0, 10),
            lower={**height(5, "AGL"), "ground": ground},
            upper={**height(95, "FL", None), "qnh": qnh},
        )
    ).volumes[0]
    assert volume.lower.ground == Ground(low_mm=10_000, high_mm=20_001, by="ALFA")
    assert volume.upper.qnh == Qnh(pa=101_325, tolerance_pa=101, by="ALFA")


def test_absent_bounds_are_unbounded_and_named() -> None:
    """Nothing said is everything meant, and the answer can say so."""
    found = taken({"volume": circle(0, 0, 10)})
    volume = found.volumes[0]
    assert (volume.start, volume.end) == (0, INSTANT_MAX)
    assert (volume.lower.ref, volume.upper.ref) == (HeightRef.SFC, HeightRef.UNL)
    assert found.widened == (
        "/time_start",
        "/time_end",
        "/volume/altitude_lower",
        "/volume/altitude_upper",
    )


@pytest.mark.parametrize(
    ("absent", "code"),
    [
        ("start", Code.BAD_WINDOW),
        ("end", Code.BAD_WINDOW),
        ("lower", Code.BAD_HEIGHT),
        ("upper", Code.BAD_HEIGHT),
    ],
)
def test_absent_bounds_are_refused_where_notices_are_filed(absent, code) -> None:
    """The strict reader takes nothing that is open on any side."""
    given_all = item(circle(0, 0, 10))
    assert taken(given_all, strict=True).widened == ()
    found = refused(item(circle(0, 0, 10), **{absent: None}), strict=True)
    assert found[:2] == (code, "CL-PLN-007")


def test_times_go_outward_below_a_millisecond() -> None:
    """A start is cut, an end is filled up."""
    volume = taken(
        item(
            circle(0, 0, 10),
            start="2026-03-01T06:00:00.0009Z",
            end="2026-03-01T07:00:00.0001+00:00",
        )
    ).volumes[0]
    assert (volume.start % 1000, volume.end % 1000) == (0, 1)


def test_edges_are_geodesic_unless_said_and_what_was_applied_is_told() -> None:
    """Each answer can print what its edges were taken to mean."""
    corners = (0, 0), (0, 1), (1, 0)
    unsaid = taken(item(polygon(*corners)))
    assert unsaid.applied == ("area:smaller", "edge:geodesic (not stated)")
    said = taken(item(polygon(*corners, edge="rhumb")))
    assert said.applied == ("area:smaller", "edge:rhumb")
    assert isinstance(said.volumes[0].footprint, Polygon)
    assert said.volumes[0].footprint.edge is Edge.RHUMB


def test_corridors_and_holes_are_read() -> None:
    """What F3548 lacks."""
    chain = {
        "outline_corridor": {
            "vertices": [{"lat": 0, "lng": 0}, {"lat": 0, "lng": 1}],
            "half_width": {"value": 1000, "units": "FT"},
            "edge": "lonlat",
        }
    }
    footprint = taken(item(chain)).volumes[0].footprint
    assert isinstance(footprint, Corridor)
    assert (footprint.half_width_mm, footprint.edge) == (304_800, Edge.LONLAT)
    hole = [{"lat": 0.2, "lng": 0.2}, {"lat": 0.2, "lng": 0.4}, {"lat": 0.4, "lng": 0.2}]
    holed = taken(item(polygon((0, 0), (0, 1), (1, 1), (1, 0), holes=[hole]))).volumes[0]
    assert isinstance(holed.footprint, Polygon)
    assert len(holed.footprint.holes) == 1


def test_coordinates_finer_than_the_grid_are_made_good() -> None:
    """A disc grows by the rounding; a polygon is marked: its corners may have moved either way."""
    disc = taken(item(circle(35.12345678, 0, 10))).volumes[0].footprint
    assert isinstance(disc, Disc)
    assert disc.radius_mm == 10_000 + ROUNDING_MM
    assert taken(item(polygon((0.12345678, 0), (0, 1), (1, 0)))).rounded
    assert not taken(item(polygon((0.1234567, 0), (0, 1), (1, 0)))).rounded


def test_several_volumes_of_one_activity_are_one_item() -> None:
    """A route with a class, a name, an author and an operation."""
    many = {
        "id": "r1", "class": "air-movement", "operation": "op", "party": "ALFA",
        "volumes": [item(circle(0, 0, 10)), item(circle(0, 1, 10))],
    }  # fmt: skip
    found = taken(many)
    assert (len(found.volumes), found.id, found.cls) == (2, "r1", "air-movement")
    assert (found.operation, found.party) == ("op", "ALFA")


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (item(circle(91, 0, 10)), "outside -90 to 90."),
        (item(circle(0, 0, 6_000_000)), "outside 0.001 M to 5000000 M."),
        (item(circle(0, 0, 10), upper=height(1e30)), "outside -12000 M to 1000000 M."),
        (item(circle(0, 0, 10), upper=height(100, "FL", "M")), "units do not go with"),
        (item(circle(0, 0, 10), end="9999-12-31T00:00:00Z"), "between 1970 and 2199"),
        (item(circle(0, 0, 10), upper=height(float("nan"))), "a number in it is NaN"),
        ({}, "neither volume nor volumes"),
        ({"volume": {}}, "no outline, or more than one"),
    ],
)
def test_what_is_wrong_is_said_in_the_units_that_a_plan_is_written_in(value, said) -> None:
    """Not in the whole numbers of an entry, nor as if something else were wrong."""
    found = decode_item(raw(value))
    assert isinstance(found, tuple)
    assert said in sentence(found[0])


BOW = polygon((0, 0), (1, 1), (1, 0), (0, 1))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (b"", ("not-json", "CL-PLN-001", "")),
        (b'{"volume": {', ("not-json", "CL-PLN-001", "")),
        (b"\xff{}", ("not-json", "CL-PLN-001", "")),
        (b"[]", ("bad-field", "CL-PLN-002", "")),
        ({}, ("no-geometry", "CL-PLN-003", "")),
        ({"volume": {}}, ("no-geometry", "CL-PLN-003", "/volume")),
        ({"volumes": []}, ("no-geometry", "CL-PLN-003", "/volumes")),
        (item(circle(0, 0, 10), colour="red"), ("unknown-field", "CL-PLN-002", "")),
        (
            item(circle(0, 0, 10, **polygon((0, 0), (0, 1), (1, 0)))),
            ("no-geometry", "CL-PLN-003", "/volume"),
        ),
        (item(BOW), ("bad-geometry", "CL-GEO-008", "/volume/outline_polygon")),
        (
            item(polygon((0, 0), (1, 1))),
            ("no-geometry", "CL-GEO-003", "/volume/outline_polygon/vertices"),
        ),
        (
            item(circle(95, 0, 10)),
            ("number-range", "CL-GEO-001", "/volume/outline_circle/center/lat"),
        ),
        (
            item(circle(0, 0, -1)),
            ("bad-geometry", "CL-GEO-002", "/volume/outline_circle/radius/value"),
        ),
        (
            item(circle(0, 0, 1), lower=height(1, "MSL")),
            ("bad-height", "CL-PLN-004", "/volume/altitude_lower/reference"),
        ),
        (
            item(circle(0, 0, 1), lower=height(1, "W84", "NM")),
            ("bad-field", "CL-PLN-004", "/volume/altitude_lower/units"),
        ),
        (
            item(circle(0, 0, 1), lower=height(1, "W84", None)),
            ("missing-field", "CL-PLN-004", "/volume/altitude_lower/units"),
        ),
        (
            item(circle(0, 0, 1), upper=height(95, "FL", "FT")),
            ("bad-height", "CL-PLN-004", "/volume/altitude_upper/units"),
        ),
        (
            item(circle(0, 0, 1), lower=height(0, "SFC", None)),
            ("bad-height", "CL-PLN-004", "/volume/altitude_lower/value"),
        ),
        (
            item(circle(0, 0, 1), lower=height(2000)),
            ("bad-height", "CL-HGT-005", "/volume/altitude_upper"),
        ),
        (
            item(circle(0, 0, 1), start="2026-03-01T06:00:00"),
            ("no-time-zone", "CL-PLN-005", "/time_start/value"),
        ),
        (
            item(circle(0, 0, 1), start="2026-02-30T06:00:00Z"),
            ("bad-window", "CL-PLN-005", "/time_start/value"),
        ),
        (
            item(circle(0, 0, 1), start=item(circle(0, 0, 1))["time_end"]["value"]),
            ("bad-window", "CL-WIN-002", "/time_end"),
        ),
        ({"volumes": [item(circle(0, 0, 1)), item(BOW)]},
         ("bad-geometry", "CL-GEO-008", "/volumes/1/volume/outline_polygon")),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused_by_its_place(value, expected) -> None:
    """Code, clause and a pointer into what the person wrote, not into our own records."""
    assert expected == refused(value)


@pytest.mark.parametrize(
    "number", ["NaN", "Infinity", '"12"', "true", "null", "[1]", "1e400", "9" * 100, "0x10", "01"]
)
def test_what_is_no_number_is_refused(number) -> None:
    """NaN, text, booleans and numbers that nobody could have meant."""
    source = raw(item(circle(0.5, 0, 10))).replace(b"0.5", number.encode())
    assert refused(source)[0] in (Code.NOT_JSON, Code.BAD_FIELD, Code.NUMBER_RANGE)


def test_a_name_that_stands_twice_is_refused() -> None:
    """Which of two radii was meant is not guessed, even if escapes hide that there are two."""
    twice = raw(item(circle(0, 0, 10), id="x")).replace(b'"id"', b'"id": "y", "id"')
    assert refused(twice)[:2] == (Code.NOT_CANONICAL, "CL-PLN-001")
    hidden = raw(item(circle(0, 0, 10))).replace(
        b'"radius"', b'"radius": {"value": 9, "units": "M"}, "radius"'
    )
    assert refused(hidden.replace(b'"time_end"', b'"id": "a\\u0022: b\\u0022: c", "time_end"'))[
        :2
    ] == (Code.NOT_CANONICAL, "CL-PLN-001")


@given(st.binary(max_size=200))
def test_no_bytes_make_the_reader_raise(data) -> None:
    """Whatever is sent, it is an item or a refusal."""
    assert decode_item(data) is not None
    assert decode_item(b'{"volume":' + data + b"}") is not None
