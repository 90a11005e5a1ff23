"""A town in which everything happens that a joint review tells of."""

from clearline.evidence.parts import Scope
from clearline.evidence.review.facts import Review
from clearline.evidence.review.make import review
from clearline.model.entry import (
    Accident,
    AllClear,
    Amend,
    Answer,
    Field,
    FreeText,
    Message,
    ReadBack,
    Reply,
    Resume,
    Seal,
    Stop,
    Suspend,
    Test,
    Withdraw,
)
from clearline.model.entry import Precedence as Prec
from clearline.model.ids import EntryRef
from clearline.model.space import LatLon
from clearline.model.time import Instant
from clearline.words.catalogue import position_text
from tests.evidence_town import SkewedTown, SkewedTownOf, checked, export, notice
from tests.town import BEGIN, HOUR, MINUTE, SECOND, at

DAY = 24 * HOUR


def eventful(skew: dict[str, int] | None = None) -> SkewedTown:
    """Six hours of two parties: a late notice, answers of every kind, an outage, a suspension, a
    test, a read-back that differs, reports of one thing at two places, wishes sent and not sent."""
    town = SkewedTownOf(skew or {})(("AAA", "BBB"))
    beat(town, 3)
    (late,) = town.say("BBB", notice(34.1, start=10, label="strike"))  # 30 min are agreed
    town.settle()
    town.wait(20 * SECOND)
    town.say("AAA", Answer(to=late, reply=Reply.UNABLE, role="watch-officer", minutes_needed=15))
    town.settle()
    (early,) = town.say("AAA", notice(36.0, cls="air-movement", start=120, label="flight"))
    (second,) = town.say("AAA", Amend(notice=early, to=notice(36.0, cls="air-movement", start=130)))
    town.settle()
    town.wait(30 * SECOND)
    town.say("BBB", _back(second, 37.0), _back(second, 36.0))
    town.settle()
    _messages(town, second)
    _stop_and_test(town, late)
    town.say("BBB", Suspend(reason="by order"))
    town.settle()
    _outage(town)
    (suspended,) = [s for s in _said(town, "BBB") if isinstance(s.body, Suspend)]
    town.say("BBB", Resume(of=suspended.ref))
    town.wait(MINUTE)
    town.say("BBB", AllClear(versions=(late,), at=town.clock("BBB")))
    town.say("AAA", Withdraw(versions=(early,)))
    town.settle()
    town.note("AAA", "signed out")
    beat(town, 2)
    return town


def _back(to: EntryRef, lat: float) -> Answer:
    """A read-back that measures to ``lat`` degrees north, from a point of its own there."""
    from tests.town import level

    return Answer(
        to=to, reply=Reply.READ_BACK, role="watch-officer",
        read_back=ReadBack(
            origin=LatLon(round(lat * 1e7), 350_000_000), bearing_mdeg=0, distance_mm=0,
            upper=level(200), start=at(130),
        ),
    )  # fmt: skip


def _messages(town: SkewedTown, flight: EntryRef) -> None:
    (first,) = town.say("AAA", _report(35.0, town.now))
    town.settle()
    town.say("BBB", _report(35.2, town.now, first))
    town.say(
        "AAA",
        Message(
            template="movement-off-route",
            fields=(
                Field(name="call_sign", value="RELIEF 12"),
                Field(name="position", value=position_text(LatLon(360_000_000, 350_000_000))),
                Field(name="at", value=town.now), Field(name="entry", value=str(flight)),
                Field(name="distance_m", value=700),
            ),
        ),
        prec=Prec.FLASH,
    )  # fmt: skip
    town.say(
        "BBB",
        Message(
            template="review-wish", fields=(Field(name="topic", value="lead-times"),),
            remark=FreeText(lang="en", text="ten minutes are enough for us"),
        ),
        prec=Prec.ROUTINE,
    )  # fmt: skip
    town.settle()


def _report(lat: float, at_: Instant, origin: EntryRef | None = None) -> Message:
    fields = [
        Field(name="position", value=position_text(LatLon(round(lat * 1e7), 350_000_000))),
        Field(name="at", value=at_), Field(name="what", value="smoke"),
        Field(name="source", value="own-crew" if origin is None else "third-party"),
    ]  # fmt: skip
    fields += [Field(name="origin", value=str(origin))] if origin is not None else []
    return Message(template="report", fields=tuple(fields))


def _stop_and_test(town: SkewedTown, late: EntryRef) -> None:
    (stop,) = town.say("AAA", Stop(about=(late,)), prec=Prec.FLASH)
    town.settle()
    town.wait(5 * SECOND)
    town.say("BBB", Answer(to=stop, reply=Reply.HALTED, role="deputy"))
    (test,) = town.say("BBB", Test(text="evening test", role="watch-officer"))
    town.settle()
    town.wait(40 * SECOND)
    town.say("AAA", Answer(to=test, reply=Reply.ROGER, role="watch-officer"))
    town.say("AAA", Accident(what="drone does not answer"), prec=Prec.FLASH)
    town.say("AAA", Seal(sha256="0" * 64, opens=at(400)))
    town.settle()


def _outage(town: SkewedTown) -> None:
    """Nothing is carried for ten minutes; both ends measure it."""
    for _ in range(10):
        town.wait(MINUTE)
        for party in town.nodes:
            town.take(party)
        town.wants.clear()
    beat(town, 4)


def beat(town: SkewedTown, minutes: int) -> None:
    """Time passes, and all that is due is done and carried."""
    for _ in range(minutes):
        town.wait(MINUTE)
        town.tick()


def _said(town: SkewedTown, party: str) -> list:
    return list(checked(export(town, party)).feeds[list(town.nodes).index(party)].entries.values())


def made(town: SkewedTown, party: str, scope: Scope | None = None, days: int = 1) -> Review:
    """A party's review of the first day."""
    found = review(checked(export(town, party, scope)), BEGIN, Instant(BEGIN + days * DAY))
    assert isinstance(found, Review), found
    return found
