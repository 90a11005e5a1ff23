"""A town with live tracks: each party's desk of tracks beside its node, on the town's clock."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from clearline.conflict.geodesy import destination
from clearline.model.alert import Trouble, TroubleKind
from clearline.model.ids import EntryRef
from clearline.model.sighting import Binding, Sighting
from clearline.model.space import HeightRef
from clearline.node.inbound import Bound, Inbound
from clearline.node.live.book import check_sighting
from clearline.node.live.desk import LiveDesk
from clearline.node.live.job import work
from clearline.node.live.limits import LiveLimits
from tests.town import Town

LIMITS = LiveLimits(drop_s=30)


@dataclass
class LiveTown:
    """A town of which one party sees tracks."""

    town: Town
    party: str
    limits: LiveLimits = LIMITS
    silent_ms: dict[str, int] = field(default_factory=dict)
    desk: LiveDesk = field(init=False)
    said: list[Inbound] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.desk = LiveDesk(self.limits, self.silent_ms)

    def bind(self, call_sign: str, track: str, notice: EntryRef | None = None) -> None:
        """A person says which track an own mover is."""
        binding = Binding(call_sign=call_sign, track=track, notice=notice)
        bound = Bound(
            id=f"bind-{call_sign}", line=self.town.line, person="watch", bindings=(binding,)
        )
        assert self.town.take(self.party, bound).outcomes[0].refusal is None

    def see(
        self, id_: str, lat: float, lon: float, *, course: float = 0.0, mps: float = 0.0,
        height_m: float | None = 1_000.0, ref: HeightRef | None = HeightRef.AMSL,
        climb: float | None = 0.0, source: str = "radar", ago_ms: int = 0,
    ) -> Sighting:  # fmt: skip
        """A track is seen, now or a while ago."""
        seen = Sighting(
            source=source, id=id_, at=type(self.town.now)(self.town.now - ago_ms), lat=lat, lon=lon,
            course_deg=float(course), speed_mps=float(mps), height_m=height_m, ref=ref,
            climb_mps=climb,
        )  # fmt: skip
        assert check_sighting(seen) is None
        self.desk.book.take(seen, self.town.now)
        return seen

    def look(self) -> list[Inbound]:
        """One evaluation, and the turns that come of it; what is sent is carried."""
        state = self.town.nodes[self.party].state
        done = work(self.desk.prepare(state, self.town.now))
        said = self.desk.settle(state, done, self.town.now)
        for what in said:
            outcome = self.town.take(self.party, what).outcomes[0]
            assert outcome.refusal is None, outcome.refusal
        self.said += said
        self.town.settle()
        return said

    def troubles(self, *kinds: TroubleKind) -> list[Trouble]:
        """What stands at this party about tracks, or of these kinds."""
        found = self.town.nodes[self.party].state.troubles.values()
        wanted = kinds or tuple(k for k in TroubleKind if k.value.startswith(("track", "off-r")))
        return sorted((t for t in found if t.kind in wanted), key=lambda t: t.key)

    def desk_record(self) -> str:
        """All of the private desk record, as text."""
        records = self.town.nodes[self.party].store.desk(self.town.line, 0, 10_000)
        return "\n".join(record.data.decode() for record in records)


def beside(lat: float, lon: float, bearing: float, metres: float) -> tuple[float, float]:
    """A place some way off."""
    found = destination(lat, lon, bearing, metres)
    return found[0], found[1]


def every_byte(town: Town) -> Iterable[bytes]:
    """Everything that any node holds of any feed: all that was ever on a line."""
    for node in town.nodes.values():
        for feed in node.store.feeds(town.line):
            for entry in node.store.entries(town.line, feed, 0, 10_000):
                yield entry.data
