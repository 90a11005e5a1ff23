"""The quick way to say that a notice reaches a zone says the same as the exact one."""

from hypothesis import given
from hypothesis import strategies as st

from clearline.conflict.separation import lateral
from clearline.model.space import Edge, LatLon, Polygon
from clearline.node.exposure import within
from tests.town import disc

ZONE = Polygon(
    outer=tuple(
        LatLon(round(a * 1e7), round(b * 1e7))
        for a, b in ((34.6, 35.9), (34.6, 36.6), (35.9, 36.4), (35.9, 35.7))
    ),
    edge=Edge.GEODESIC,
)


@given(
    st.floats(30, 40),
    st.floats(30, 42),
    st.floats(0.1, 50),
    st.sampled_from([0, 10, 100, 240, 600]),
)
def test_reach_of_a_zone_is_what_the_exact_distance_says(
    lat: float, lon: float, radius_km: float, reach_km: int
) -> None:
    """A party is exposed exactly when the nearest points cannot be ruled out to be within reach."""
    where = disc(lat, lon, radius_km)
    exact = lateral(where, ZONE, reach_km * 1000).low <= reach_km * 1000
    assert exact == within(where, ZONE, reach_km * 1_000_000)
