"""CL-OWN-005: what is asked for a reason is as large as its edges are meant (FM28)."""

import msgspec

from clearline.conflict.size import area_km2
from clearline.model.entry import Notice
from clearline.model.refusal import Code
from clearline.model.space import Edge, Polygon
from clearline.node.drafts import reason_needed
from clearline.picture.lead import class_term
from tests.conflict_oracle import place
from tests.town import agreement_of, at, volume

CLS = "hazardous-air"
RING = (*(place(60, lon) for lon in range(0, 60, 20)), place(40, 40), place(40, 0))


def test_a_reason_is_asked_by_the_area_that_the_edges_enclose() -> None:
    """The same corners along parallels and along geodesics: a limit between both areas asks only
    for the larger of them."""
    areas = {edge: area_km2(Polygon(outer=RING, edge=edge)) for edge in (Edge.RHUMB, Edge.GEODESIC)}
    small, large = sorted(areas, key=lambda edge: areas[edge])
    assert areas[large] > 1.01 * areas[small]
    terms = agreement_of(("AAA", "BBB"))
    limit = round((areas[small] + areas[large]) / 2)
    classes = tuple(
        msgspec.structs.replace(term, reason_above_km2=limit, reason_above_ms=None)
        for term in terms.classes
    )
    terms = msgspec.structs.replace(terms, classes=classes)
    assert class_term(terms, CLS) is not None
    asked = {}
    for edge in areas:
        stated = volume(Polygon(outer=RING, edge=edge), at(0), at(60))
        asked[edge] = reason_needed(terms, Notice(cls=CLS, label="X", volumes=(stated,)))
    assert asked[small] is None
    assert asked[large] is not None
    assert asked[large].code is Code.REASON_NEEDED
