"""The Il-20 case: what the line says in each account, figure by figure."""

import pytest

from clearline.scenarios.events import Event, Layer
from tests.replays import played, script

VARIANTS = ("russia", "israel", "unknown")


def events(variant: str) -> tuple[Event, ...]:
    """The events of one account."""
    return played("il20", variant).events


def only(variant: str, **wanted: object) -> list[Event]:
    """Events with these fields."""
    return [
        event
        for event in events(variant)
        if all(getattr(event, name) == value for name, value in wanted.items())
    ]


@pytest.mark.parametrize("variant", VARIANTS)
def test_north_of_syria_is_refused_as_a_place(variant: str) -> None:
    """FM03: a name without geometry never leaves the node that it is typed into."""
    (refused,) = only(variant, kind="refused")
    assert ("ISR", "no-geometry") == (refused.by, refused.code)
    assert only(variant, kind="receipt", about="name") == []


def test_russian_account_falls_short_by_half_an_hour_at_both_ends() -> None:
    """FM01: call and release lie in two neighbouring minutes: a lead of 0 to 120 s."""
    leads = only("russia", kind="lead", about="raid")
    assert ["ISR", "RUS"] == [event.by for event in leads]
    for event in leads:
        figures = (event.lead_time_s, event.lead_time_s_max, event.shortfall_s)
        assert (0, 120, 1800) == figures
    late = only("russia", kind="alert", alert="late", about="raid")
    assert ["ISR", "RUS"] == sorted(event.by for event in late)


def test_israeli_account_is_played_at_an_assumed_time_that_says_so() -> None:
    """ "Much earlier" has no published time: the claim stays without one, the act names I1."""
    (claim,) = only("israel", id="C04")
    assert claim.t is None
    (act,) = only("israel", id="raid", kind="notice")
    assert "I1" in act.basis
    (assumed,) = only("israel", id="I1")
    assert "nobody's claim" in assumed.text
    (at_rus, *_) = only("israel", kind="lead", by="RUS")
    assert (2400, 2460, 0) == (at_rus.lead_time_s, at_rus.lead_time_s_max, at_rus.shortfall_s)


def test_undisputed_account_shows_bounds_and_no_disputed_claim() -> None:
    """Between the earliest and the latest that nobody disputes: a lead of 0 to 90 min."""
    claims = only("unknown", layer=Layer.CLAIM)
    assert claims
    assert not any(script("il20").disputed(event.id or "") for event in claims)
    (at_rus, *_) = only("unknown", kind="lead", by="RUS")
    assert (0, 5400, 1800) == (at_rus.lead_time_s, at_rus.lead_time_s_max, at_rus.shortfall_s)
    (act,) = only("unknown", id="raid", kind="notice")
    assert act.t_min is not None
    assert act.t is not None
    assert act.t_min < act.t


@pytest.mark.parametrize("variant", ["russia", "unknown"])
def test_the_one_exposed_is_named_with_the_minutes_that_it_needs(variant: str) -> None:
    """FM02: 19 minutes to the nearest edge at 500 km/h (23 from the worst place), none left."""
    first = only(variant, kind="exposed", by="RUS")[0]
    assert ("IL20", 19, 23, 0) == (
        first.call_sign, first.minutes_needed, first.minutes_needed_max, first.minutes_left,
    )  # fmt: skip
    assert "UNABLE" == first.suggested
    answer = only(variant, kind="answer", by="ISR", about="raid")[0]
    assert ("UNABLE", 19) == (answer.reply, answer.minutes_needed)


@pytest.mark.parametrize("variant", VARIANTS)
def test_third_parties_read_not_told_until_they_are_relayed_to(variant: str) -> None:
    """FM08: the count falls by one with each relay; the frigate is never told of the raid."""
    counts = [event.not_told or 0 for event in only(variant, kind="standing", about="raid")]
    assert 3 == counts[0]
    assert 1 == counts[-1]
    assert counts == sorted(counts, reverse=True)
    assert only(variant, kind="told", about="raid", party="FRA") == []
    told = only(variant, kind="told", about="raid", party="SYR")[0]
    due = only(variant, kind="alert", alert="not-told", by="ISR")  # the backup rings when due
    assert told.t is not None
    assert any(event.t is not None and event.t < told.t for event in due)


@pytest.mark.parametrize("variant", VARIANTS)
def test_hazard_is_still_open_when_the_aircraft_is_hit(variant: str) -> None:
    """FM17: at 19:03Z window or tail is open; later it has ended by time, not confirmed, never by
    itself clear."""
    phases = [(e.t or "", e.phase) for e in only(variant, kind="standing", about="raid")]
    then = [phase for t, phase in phases if t <= "2018-09-17T19:03:00Z"][-1]
    assert then in ("ACTIVE", "TAIL")
    assert "ENDED-BY-TIME" == phases[-1][1]
    assert not any(phase in ("ALL-CLEAR", "OVER") for _, phase in phases)


@pytest.mark.parametrize("variant", VARIANTS)
def test_distress_reaches_everyone_at_once(variant: str) -> None:
    """FM19: receipted and ringing in the second it is sent; 26 and 50 minutes as claimed."""
    (sent,) = only(variant, kind="plea", id="mayday")
    (held,) = only(variant, kind="receipt", about="mayday")
    (rung,) = only(variant, kind="alert", alert="distress")
    assert sent.t == held.t == rung.t
    gains = {event.id: event.gain_min for event in only(variant, kind="result")}
    assert {"distress": 24, "help": 47} == {name: gains[name] for name in ("distress", "help")}
    assert only(variant, kind="conflict", about="mayday"), "search and rescue meets the raid's tail"


@pytest.mark.parametrize("variant", VARIANTS)
def test_every_reason_of_the_loss_has_a_row(variant: str) -> None:
    """The last table goes through what failed, each row with claims of this account."""
    rows = only(variant, kind="result")
    assert {"lead", "place", "exposed", "shooter", "frigate", "tail", "distress", "help"} == {
        row.id for row in rows
    }
    assert all(row.basis for row in rows)
    assert not any("nothing to measure" in row.text for row in rows)
