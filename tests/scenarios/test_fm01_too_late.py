"""FM01: a warning that comes too late is sent, and both ends say by how much it falls short."""

from clearline.model.alert import Ring, TroubleKind
from clearline.model.entry import Notice
from clearline.model.ids import PartyId
from clearline.model.time import MINUTE, SECOND, Instant
from clearline.node import phrases
from clearline.picture.lead import lead_at
from tests.town import Town, disc, volume


def test_warning_one_minute_ahead_of_thirty_is_late_by_29_minutes_at_both_ends() -> None:
    """The agreed minimum is 30 minutes and the raid begins in one: the warning is not held back,
    and within a second sender and receiver both read LATE by 29 min 00 s; both times stand in the
    record."""
    town = Town(("ISR", "RUS"))
    town.wait(10 * SECOND)
    start = Instant(town.now + MINUTE)
    place = (volume(disc(35.5, 35.8, 30), start, Instant(start + 30 * MINUTE)),)
    (ref,) = town.say("ISR", Notice(cls="hazardous-air", label="Coast", volumes=place))
    town.settle()
    town.wait(SECOND)
    town.tick()
    for party in ("ISR", "RUS"):
        (late,) = [
            trouble
            for trouble in town.nodes[party].state.troubles.values()
            if trouble.kind is TroubleKind.LATE
        ]
        assert phrases.trouble(late).startswith("LATE by 29 min 00 s")
        alerts = {alert.trouble.kind: alert.id for alert in town.nodes[party].state.book.open()}
        assert any(
            isinstance(intent, Ring) and intent.alert == alerts[TroubleKind.LATE]
            for who, intent in town.rung
            if who == party
        )
        picture, terms = town.at(party).picture, town.at(party).terms
        assert terms is not None
        lead = lead_at(picture, terms, town.version(party, ref), PartyId("RUS"))
        assert lead is not None
        assert (lead.start, lead.worst_ms) == (start, MINUTE)
        assert lead.received == start - MINUTE
        assert lead.shortfall_ms == 29 * MINUTE
    assert town.at("RUS").picture.feed(town.feed("ISR")).live[ref.index].stated == start - MINUTE
