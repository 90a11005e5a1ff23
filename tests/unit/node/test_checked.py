"""A volume is looked at once, outside of the turn that files it, and means the same every time."""

import pytest

from clearline.api.service import check_ahead
from clearline.conflict import validity
from clearline.model.entry import Notice
from clearline.model.refusal import Code
from clearline.model.space import Edge, LatLon, Polygon, Volume
from clearline.node.checked import check_volume
from tests.town import Town, at, volume


def ring(n: int, *corners: tuple[float, float]) -> Volume:
    """One with these corners, in degrees from a place of its own."""
    points = tuple(
        LatLon(round((30 + n + lat) * 1e7), round((30 + lon) * 1e7)) for lat, lon in corners
    )
    return volume(Polygon(outer=points, holes=(), edge=Edge.GEODESIC), at(60), at(90))


def square(n: int) -> Volume:
    """A sound one."""
    return ring(n, (0, 0), (0, 0.1), (0.1, 0.1), (0.1, 0))


def bow_tie(n: int) -> Volume:
    """One that crosses itself."""
    return ring(n, (0, 0), (0.1, 0.1), (0.1, 0), (0, 0.1))


def notices(*volumes: Volume) -> list[Notice]:
    """One for each."""
    return [Notice(cls="protected-site", label="site", volumes=(each,)) for each in volumes]


def never(volume: Volume) -> tuple[()]:
    """Nobody may look at the course of a ring now."""
    raise AssertionError(f"{volume} is looked at in a turn")


def test_what_is_remembered_is_what_was_found() -> None:
    """Sound or not, asked for the first time or again."""
    for each in (square(1), bow_tie(1), ring(1, (0, 0), (0, 0.1))):
        for _ in range(2):
            assert check_volume(each) == validity.check_volume(each)


def test_turn_that_files_an_import_looks_at_no_ring(monkeypatch: pytest.MonkeyPatch) -> None:
    """All of it was looked at before, a volume at a time: what is left is to write it down."""
    town = Town(("AAA", "BBB"))
    bodies = notices(*(square(n) for n in range(10, 40)))
    steps = sum(1 for _ in check_ahead(bodies))
    assert steps == len(bodies)
    with monkeypatch.context() as patch:
        patch.setattr(validity, "check_volume", never)
        refs = town.say("AAA", *bodies)
    assert len(refs) == len(bodies)


def test_one_unsound_volume_and_nothing_is_filed() -> None:
    """It was looked at before, and the turn says so all the same: all or nothing, and where."""
    town = Town(("AAA", "BBB"))
    bodies = notices(square(50), bow_tie(51), square(52))
    for _ in check_ahead(bodies):
        pass
    before = town.at("AAA").picture
    refusal = town.try_to_say("AAA", *bodies).refusal
    assert refusal is not None
    assert refusal.code is Code.BAD_GEOMETRY
    assert refusal.at.startswith("/statements/1/")
    assert town.at("AAA").picture is before
    assert not town.at("AAA").picture.feed(town.feed("AAA")).live
