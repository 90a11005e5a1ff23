"""Every limit that reading an entry holds: the limit itself is taken, one more is refused."""

import pytest

from clearline.model import limits
from clearline.model.entry import (
    AllClear,
    Answer,
    Attachment,
    Body,
    Distress,
    Field,
    Handover,
    Message,
    Notice,
    Reply,
    Stop,
    Withdraw,
)
from clearline.model.ids import Digest, EntryRef, FeedId, PartyId
from clearline.model.refusal import Code
from clearline.model.space import Disc, Edge, Height, HeightRef, LatLon, Polygon, Volume
from clearline.model.time import INSTANT_MAX, Instant
from clearline.wire.bodies_v1 import judge

FEED = FeedId("ISR.0")
INDEX = 1_000_000


def _disc(radius_mm: int = 1, start: int = 0, end: int = 1, mm: int = 0) -> Volume:
    return Volume(
        footprint=Disc(centre=LatLon(0, 0), radius_mm=radius_mm),
        lower=Height(ref=HeightRef.SFC),
        upper=Height(ref=HeightRef.AMSL, mm=mm),
        start=Instant(start),
        end=Instant(end),
    )


def _notice(*volumes: Volume, marks: int = 0) -> Notice:
    names = tuple(f"m{place:03d}" for place in range(marks))
    return Notice(cls="c", label="l", volumes=volumes, marks=names)


def _ring(points: int) -> Notice:
    outer = tuple(LatLon(place, place % 2) for place in range(points))
    volume = _disc()
    ring = Polygon(outer=outer, edge=Edge.GEODESIC)
    return _notice(
        Volume(
            footprint=ring,
            lower=volume.lower,
            upper=volume.upper,
            start=volume.start,
            end=volume.end,
        )
    )


def _refs(count: int) -> tuple[EntryRef, ...]:
    return tuple(EntryRef(FEED, place) for place in range(count))


def _message(fields: int = 0, attachments: int = 0, size: int = 0, to: int = 0) -> Message:
    return Message(
        template="t",
        fields=tuple(Field(name=f"f{place}", value=place) for place in range(fields)),
        attachments=tuple(
            Attachment(sha256=Digest(f"{place:064x}"), size=size, media="a/b")
            for place in range(attachments)
        ),
        to=tuple(PartyId(f"P{place:03d}") for place in range(to)),
    )


def _unable(minutes: int) -> Answer:
    to = EntryRef(FeedId("RUS.0"), 1)
    return Answer(to=to, reply=Reply.UNABLE, role="r", minutes_needed=minutes)


LIMITS = {
    "vertices": (limits.VERTICES_MAX, _ring),
    "volumes": (limits.VOLUMES_MAX, lambda n: _notice(*[_disc()] * n)),
    "marks": (limits.MARKS_MAX, lambda n: _notice(_disc(), marks=n)),
    "radius": (limits.RADIUS_MM_MAX, lambda n: _notice(_disc(radius_mm=n))),
    "height": (limits.HEIGHT_MM_MAX, lambda n: _notice(_disc(mm=n))),
    "depth": (-limits.HEIGHT_MM_MIN, lambda n: _notice(_disc(mm=-n))),
    "window": (limits.WINDOW_MS_MAX, lambda n: _notice(_disc(end=n))),
    "instant": (INSTANT_MAX, lambda n: _notice(_disc(start=n - 1, end=n))),
    "withdrawn": (limits.REFS_MAX, lambda n: Withdraw(versions=_refs(n))),
    "cleared": (limits.REFS_MAX, lambda n: AllClear(versions=_refs(n), at=Instant(0))),
    "about": (limits.REFS_MAX, lambda n: Stop(about=_refs(n))),
    "fields": (limits.FIELDS_MAX, lambda n: _message(fields=n)),
    "attachments": (limits.ATTACHMENTS_MAX, lambda n: _message(attachments=n)),
    "size": (limits.ATTACHMENT_BYTES_MAX, lambda n: _message(attachments=1, size=n)),
    "to": (limits.PARTIES_MAX + limits.REPRESENTED_MAX, lambda n: _message(to=n)),
    "minutes": (limits.MINUTES_MAX, _unable),
    "souls": (limits.SOULS_MAX, lambda n: Distress(what="w", volumes=(_disc(),), souls=n)),
    "open": (limits.OPEN_ITEMS_MAX, lambda n: Handover(role="r", at=Instant(0), open=n)),
    "own": (INDEX - 1, lambda n: Withdraw(versions=(EntryRef(FEED, n),))),
}


@pytest.mark.parametrize("name", LIMITS)
def test_limit_is_taken_and_one_more_is_refused(name: str) -> None:
    """Each bound is exactly where its name says."""
    limit, make = LIMITS[name]
    at_limit: Body = make(limit)
    assert judge(at_limit, FEED, INDEX) is None
    refusal = judge(make(limit + 1), FEED, INDEX)
    assert refusal is not None
    assert refusal.code in {
        Code.TOO_MANY,
        Code.NUMBER_RANGE,
        Code.BAD_WINDOW,
        Code.UNKNOWN_REFERENCE,
    }


def test_vertices_are_counted_over_all_volumes_and_holes() -> None:
    """Many small volumes do not add up to more than one large one may have."""
    triangle = _ring(3).volumes[0]
    assert isinstance(triangle.footprint, Polygon)
    assert judge(_notice(*[triangle] * limits.VOLUMES_MAX), FEED, INDEX) is None
    holes = tuple([triangle.footprint.outer] * 10)
    holed = Volume(
        footprint=Polygon(outer=triangle.footprint.outer, edge=Edge.GEODESIC, holes=holes),
        lower=triangle.lower,
        upper=triangle.upper,
        start=triangle.start,
        end=triangle.end,
    )
    assert judge(_notice(*[holed] * 303), FEED, INDEX) is None
    refusal = judge(_notice(*[holed] * 304), FEED, INDEX)
    assert refusal is not None
    assert (refusal.code, refusal.at) == (Code.TOO_MANY, "/body/volumes")
