"""Deir ez-Zor and the wildfire: what the line says."""

from tests.replays import events


def test_stop_is_acted_on_by_another_officer_in_under_two_minutes() -> None:
    """FM11: the one asked for is away; the deputy is rung after 30 s and answers HALTED: 27 minutes
    become less than two."""
    told = events("deir-ez-zor", "call")
    (ring,) = [e for e in told if e.kind == "ring" and e.alert == "stop"]
    assert ("USA", "deputy") == (ring.by, ring.role)
    (row,) = [e for e in told if e.kind == "result" and e.id == "person"]
    assert row.line_s is not None
    assert row.line_s < 120
    assert (27, 25) == (row.then_min, row.gain_min)


def test_wrong_place_is_measured() -> None:
    """FM04: the notified and the struck place lie six to seven kilometres apart."""
    (row,) = [e for e in events("deir-ez-zor", "call") if e.distance_m is not None]
    assert row.distance_m is not None
    assert 6_000 <= row.distance_m <= 7_100


def test_drone_and_tanker_are_moved_apart_before_they_fly() -> None:
    """Both sides are rung about the conflict; after amend and withdrawal neither has one."""
    told = events("wildfire", "told")
    rung = [e.by for e in told if e.kind == "alert" and e.alert == "conflict"]
    assert ["FIREAIR", "MAPPING"] == sorted(rung)
    last = [e for e in told if e.kind == "standing" and e.about == "run"][-1]
    assert "DECONFLICTED" == last.standing


def test_pilot_on_no_line_is_told_or_stays_not_told() -> None:
    """The public notice ends NOT TOLD in one account; in the other it stays to the end, and the
    backup is rung when the relay's time is over."""
    told, untold = events("wildfire", "told"), events("wildfire", "untold")
    assert [e for e in told if e.kind == "told" and e.about == "run"]
    assert not [e for e in untold if e.kind == "told"]
    last = [e for e in untold if e.kind == "standing" and e.about == "run"][-1]
    assert ("HOBBY",) == last.not_told_parties
    backup = [e for e in untold if e.alert == "not-told" and e.by == "FIREAIR" and e.about == "run"]
    assert backup
