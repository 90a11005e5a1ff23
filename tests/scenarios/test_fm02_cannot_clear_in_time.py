"""FM02: whoever is warned hears which of its own cannot be out in time, and what to answer."""

import pytest

from clearline.conflict.geodesy import destination
from clearline.model.alert import TroubleKind
from clearline.model.entry import Answer, Notice, Reply
from clearline.model.ids import EntryRef
from clearline.model.space import LatLon
from clearline.model.time import MINUTE, SECOND, Instant
from clearline.node.inbound import Mover, Movers
from clearline.node.queries import reading
from clearline.node.queries_notices import notice_view
from clearline.node.views import ExposureView
from tests.live_town import LiveTown
from tests.town import Town, disc, volume

CENTRE = (35.4, 34.5)
RADIUS_KM = 200
SPEED_MMS = round(500 / 3.6 * 1000)


def begin(*, movers: bool) -> Town:
    """Two parties; RUS has an aircraft 122 km inside of where the edge will be, at 500 km/h."""
    town = Town(("ISR", "RUS"))
    town.wait(10 * SECOND)
    town.tick()
    if movers:
        lat, lon = destination(*CENTRE, 0, (RADIUS_KM - 122) * 1000)
        mover = Mover(
            call_sign="Il-20",
            position=LatLon(round(lat * 1e7), round(lon * 1e7)),
            height_mm=None,
            speed_mms=SPEED_MMS,
            as_of=town.now,
            cls="air-movement",
        )
        placed = Movers(id="movers-1", line=town.line, person="watch", movers=(mover,))
        assert town.take("RUS", placed).outcomes[0].refusal is None
    return town


def warned(town: Town, lead_min: int) -> tuple[EntryRef, ExposureView]:
    """ISR's warning, and what RUS reads beside it."""
    start = Instant(town.now + lead_min * MINUTE)
    place = (volume(disc(*CENTRE, RADIUS_KM), start, Instant(start + 30 * MINUTE)),)
    body = Notice(cls="hazardous-air", label="Coast", volumes=place, reason="wide")
    (ref,) = town.say("ISR", body)
    town.settle()
    node = town.nodes["RUS"]
    of = reading(node.state, node.tools, town.line, town.now)
    assert of is not None
    view = notice_view(of, town.version("RUS", ref)).exposure
    assert view is not None
    return ref, view


def test_mover_122_km_inside_with_one_minute_is_told_to_answer_unable() -> None:
    """It needs 14.6 minutes, said as 15, and has one: EXPOSED rings, UNABLE is suggested with the
    minutes, and the answer goes through as it is."""
    town = begin(movers=True)
    ref, view = warned(town, 1)
    (mover,) = view.movers
    assert mover.distance_m == pytest.approx(122_000, abs=5)
    assert mover.distance_m / (SPEED_MMS / 1000) / 60 == pytest.approx(14.6, abs=0.2)
    assert (mover.minutes_needed, mover.minutes_left, mover.in_time) == (15, 1, False)
    assert (view.suggested, view.minutes_needed) == (Reply.UNABLE, 15)
    assert view.hold_minutes == 14
    assert view.words.endswith("ask to hold it for 14 min")
    (rung,) = [
        t for t in town.nodes["RUS"].state.troubles.values() if t.kind is TroubleKind.EXPOSED
    ]
    assert rung.params["mover"] == "Il-20"
    assert rung.params["minutes_needed"] == 15
    town.say(
        "RUS", Answer(to=ref, reply=Reply.UNABLE, role="watch-officer", minutes_needed=15)
    )  # fmt: skip
    town.settle()
    (answered,) = town.at("ISR").picture.feed(town.feed("RUS")).answers[ref]
    assert (answered.answer.reply, answered.answer.minutes_needed) == (Reply.UNABLE, 15)


def test_with_thirty_minutes_nothing_is_suggested() -> None:
    """It can be out in time: it is named with its minutes, and no answer is suggested."""
    _, view = warned(begin(movers=True), 30)
    (mover,) = view.movers
    assert (mover.minutes_needed, mover.minutes_left, mover.in_time) == (15, 30, True)
    assert (view.suggested, view.hold_minutes) == (None, None)


def test_no_data_on_own_movers_never_looks_like_nobody_exposed() -> None:
    """Without own movers it says that it cannot say; with some elsewhere, that none is inside."""
    _, unknown = warned(begin(movers=False), 1)
    assert not unknown.known
    assert unknown.words == "NO MOVER DATA, cannot say who is exposed"
    assert unknown.suggested is None
    town = begin(movers=False)
    far = Mover(
        call_sign="far", position=LatLon(500_000_000, 0), height_mm=None, speed_mms=100_000,
        as_of=town.now, cls="air-movement",
    )  # fmt: skip
    town.take("RUS", Movers(id="movers-2", line=town.line, person="watch", movers=(far,)))
    _, nobody = warned(town, 1)
    assert nobody.known
    assert nobody.words == "none of 1 known movers is inside"
    assert nobody.words != unknown.words


def test_live_place_counts_for_who_is_exposed_at_once() -> None:
    """The mover was typed in as inside; its live track is outside, and nobody is exposed by the
    place that somebody remembered. A track inside is exposed, with the minutes from there."""
    town = begin(movers=True)
    of = LiveTown(town, "RUS")
    of.bind("Il-20", "radar/1234")
    town.wait(SECOND)
    of.see("1234", *destination(*CENTRE, 0, (RADIUS_KM + 50) * 1000)[:2], mps=SPEED_MMS / 1000)
    of.look()
    _, view = warned(town, 1)
    assert view.known
    assert view.movers == ()
    town.wait(SECOND)
    lat, lon = destination(*CENTRE, 0, (RADIUS_KM - 61) * 1000)[:2]
    of.see("1234", lat, lon, mps=SPEED_MMS / 1000)
    of.look()
    _, view = warned(town, 1)
    (mover,) = view.movers
    assert mover.minutes_needed == 8
    assert view.suggested is Reply.UNABLE
