"""The shift change, the convoy, the dead hotline and the closure: what the line says."""

from clearline.scenarios.events import Event
from tests.replays import events


def row(name: str, variant: str, id: str) -> Event:
    """One row of the last table."""
    (found,) = [e for e in events(name, variant) if e.kind == "result" and e.id == id]
    return found


def test_watch_does_not_pass_while_the_failed_system_is_not_touched() -> None:
    """FM14: the fault stands first among what is open; left out, the watch stays where it was;
    touched, it passes."""
    told = events("shift-change", "told")
    listed = [e for e in told if e.kind == "open-items"]
    assert ["passed-over", "taken"] == [e.about for e in listed]
    assert all("identification no replies shown" in e.text for e in listed)
    (refused,) = [e for e in told if e.kind == "refused"]
    assert ("passed-over", "not-handed-over") == (refused.about, refused.code)
    assert [e for e in told if e.kind == "receipt" and e.about == "taken"]


def test_what_nobody_enters_is_not_handed_on_and_the_conflict_rings_all_the_same() -> None:
    """The line knows nothing of a fault that nobody enters, and says so in no way; that aircraft
    were to land where missiles may fly rang before either, and STOP is answered in under a minute.
    """
    kept = events("shift-change", "kept")
    assert not [e for e in kept if e.kind == "refused"]
    assert not any("identification" in e.text for e in kept if e.kind == "open-items")
    rung = [e for e in kept if e.kind == "alert" and e.alert == "conflict"]
    filed = "2024-12-21T22:38:00Z"
    assert {"AIRWING", "CRUISER"} == {e.by for e in rung if e.t == filed}
    halt = row("shift-change", "kept", "halt")
    assert (4, 40, 3) == (halt.then_min, halt.line_s, halt.gain_min)


def test_plan_that_was_not_passed_down_reads_not_told_at_who_filed_it() -> None:
    """FM08, FM09: the answer of the liaison is not the units' answer: NOT TOLD stands until the
    first strike in one account, and is answered in the other."""
    silent, known = events("convoy", "not-passed"), events("convoy", "known")
    assert not [e for e in silent if e.kind == "told" and e.about in ("plan", "guards")]
    last = [e for e in silent if e.kind == "standing" and e.about == "plan"][-1]
    assert ("UNITS",) == last.not_told_parties
    assert ("WCK", 15 * 60) == (
        row("convoy", "not-passed", "passed").party, row("convoy", "not-passed", "passed").line_s,
    )  # fmt: skip
    assert [e for e in known if e.kind == "told" and e.about == "plan"]
    claim = next(e for e in known if e.id == "K01")
    assert ("K03", "K04") == claim.disputed_by


def test_guards_that_join_void_the_earlier_answer() -> None:
    """FM16: the mark makes a new version; the liaison is rung again, and nobody answered it."""
    told = events("convoy", "not-passed")
    due = [e for e in told if e.alert == "answer-due" and e.by == "LIAISON" and e.kind == "alert"]
    assert ["plan", "guards"] == [e.about for e in due]
    assert not [e for e in told if e.kind == "answer" and e.about == "guards"]


def test_error_is_known_within_minutes_and_not_after_an_hour() -> None:
    """What was learned of from social media after about an hour stands at the liaison's desk."""
    found = row("convoy", "not-passed", "learned")
    assert (60, 57) == (found.then_min, found.gain_min)


def test_dead_line_rings_at_both_ends_in_minutes_and_three_years_later_still_stands() -> None:
    """FM12: each end by its own measure; taken, it is quiet and open; no watch passes it over; and
    the length of the three years is the shortest that the claim leaves open."""
    told = events("dead-hotline", "dead")
    down = [e for e in told if e.kind == "alert" and e.alert == "line-down"]
    assert ["HELIPAD", "TOWER"] == sorted(e.by for e in down)
    assert all(e.t is not None and e.t <= "2022-03-31T12:03:00Z" for e in down)
    for id in ("unnoticed", "maintained"):
        found = row("dead-hotline", "dead", id)
        assert found.then_min is not None
        assert 1_125 * 1440 <= found.then_min < 1_128 * 1440
        assert found.gain_min == found.then_min - 3
    (refused,) = [e for e in told if e.kind == "refused"]
    assert "not-handed-over" == refused.code


def test_large_closure_gives_a_reason_and_names_who_else_is_hit() -> None:
    """FM28: without a reason its own tools refuse it; with one it goes, and the medical flights
    and the city read NOT TOLD on both desks until somebody tells them."""
    for variant in ("officials", "sources", "undisputed"):
        told = events("closure", variant)
        assert "reason-needed" == row("closure", variant, "reason").code
        first = next(e for e in told if e.kind == "standing" and e.about == "closure")
        assert {"CITY", "MEDEVAC"} == set(first.not_told_parties)
        assert {"ARMY", "FAA"} == {e.by for e in told if e.alert == "not-told"}
        assert 240 == row("closure", variant, "medics").line_s
        assert row("closure", variant, "city").line_s is None


def test_accounts_of_the_closure_are_never_merged() -> None:
    """The Secretary's account holds nothing of the laser, the officials' nothing of the drones, and
    the undisputed one neither."""
    claims = {
        variant: {e.id for e in events("closure", variant) if e.kind == "claim"}
        for variant in ("officials", "sources", "undisputed")
    }
    assert not {"E03", "E04", "E05"} & claims["officials"]
    assert "E02" not in claims["sources"]
    assert not {"E02", "E03", "E04", "E05", "E07", "E08"} & claims["undisputed"]
    assert not [e for e in events("closure", "officials") if e.about == "laser" or e.id == "laser"]
