"""Live tracks of one node: what is seen, what stands, and what is to be made durable of it.

Three steps, so that the work is done beside the loop: ``prepare`` copies what there is, ``work`` is
a pure function of that copy, ``settle`` says what the node is to take in. A turn is made only of
what begins, changes its grade or is over, and every PLACED_MS of where own movers are.
"""

from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING, Final

from clearline.model.entry import Field, Message, Precedence
from clearline.model.ids import LineId
from clearline.model.sighting import Binding, Sighting
from clearline.model.space import HeightRef, LatLon
from clearline.model.time import MINUTE, SECOND, Instant
from clearline.node.inbound import Inbound, Say
from clearline.node.live.book import START, TrackBook
from clearline.node.live.hold import Hold
from clearline.node.live.job import Job, LineJob
from clearline.node.live.limits import LiveLimits
from clearline.node.mover import Mover
from clearline.node.sighted import Grade, Live, LiveFinding, Sighted
from clearline.node.state import LineState, State
from clearline.node.write import statement
from clearline.words.catalogue import call_sign_text, position_text

if TYPE_CHECKING:  # numba comes with them: whoever only talks to a node does without
    from clearline.node.live.evaluate import Evaluation
    from clearline.node.live.scene import Scene

PLACED_MS: Final = 10 * SECOND
"""Own movers are written anew at most this often, unless something is found of them."""
PLACED_M: Final = 500.0
"""And only if one has gone so far since."""
OFF_ROUTE_MESSAGE: Final = "movement-off-route"
_E7_M: Final = 0.0111


@dataclass(slots=True)
class _Line:
    """What is remembered of one line from one evaluation to the next. ``had``: own movers that
    were seen; ``restored``: what stood at the start and was not seen again yet."""

    hold: Hold
    had: set[str] = field(default_factory=set)
    restored: dict[str, LiveFinding] = field(default_factory=dict)
    scene: "Scene | None" = None
    placed: dict[str, Mover] = field(default_factory=dict)
    placed_at: Instant = START


@dataclass(slots=True)
class LiveDesk:
    """One node's. ``silent_ms``: by source, how long it may say nothing."""

    limits: LiveLimits = field(default_factory=LiveLimits)
    silent_ms: dict[str, int] = field(default_factory=dict)
    book: TrackBook = field(init=False)
    began: Instant | None = None
    turns: int = 0
    units: int = 0
    _lines: dict[LineId, _Line] = field(default_factory=dict)
    _pressed: dict[str, tuple[Instant, int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.book = TrackBook(drop_ms=self.limits.drop_s * SECOND)
        for name in self.silent_ms:
            self.book.source(name)

    # -- the three steps

    def prepare(self, state: State, now: Instant) -> Job:
        """Everything that an evaluation needs, copied."""
        self.began = now if self.began is None else self.began
        self.turns += 1
        self.book.sweep(now)
        self.book.changed = False
        jobs = []
        for line, ls in sorted(state.lines.items()):
            if ls.loading is not None:
                continue  # of its picture little is known yet
            of = self._line(ls)
            own = {call: self.book.rows(binding.track) for call, binding in ls.bound.items()}
            of.had = {call for call in of.had if call in own}
            of.had |= {call for call, rows in own.items() if rows}
            jobs.append(LineJob(line=line, ls=ls, scene=of.scene, own=own, had=frozenset(of.had)))
        sky = self.book.sky(now)
        self.book.watch(self._watched(state))
        return Job(sky=sky, lines=tuple(jobs), limits=self.limits, turn=self.turns)

    def _watched(self, state: State) -> set[str]:
        found = {
            name
            for ls in state.lines.values()
            for binding in ls.bound.values()
            for name in self.book.like(binding.track)
        }
        for of in self._lines.values():
            found |= {name for finding in of.hold.stands.values() for name in finding.tracks}
        return found

    def settle(
        self, state: State, done: "dict[LineId, tuple[Scene | None, Evaluation]]", now: Instant
    ) -> list[Inbound]:
        """What the node is to take in, in the order of its lines."""
        said: list[Inbound] = []
        home = home_of(state)
        self.units = 0
        for line, (scene, found) in sorted(done.items()):
            ls = state.lines.get(line)
            if ls is None or ls.terms is None:
                continue
            of = self._line(ls)
            of.scene = scene
            self.units += found.units
            if line == home:
                self._sources(found, now)
            self._after_restart(of, found, now)
            begun, over = of.hold.step(found, now)
            signs = {f.call_sign for f in begun} | {_call_sign(key) for key in over}
            movers = self._placed(ls, of, signs, now)
            if begun or over or movers:
                used = {finding.key: self._used(finding) for finding in begun}
                said.append(Sighted(line=line, findings=begun, over=over, movers=movers, used=used))
            said += self._told(ls, begun)
        return said

    def forget(self, line: LineId) -> None:
        """What was said of a line was not taken: its state alone says what stands there."""
        self._lines.pop(line, None)

    def failed(self, state: State, now: Instant, why: str = "failed") -> list[Inbound]:
        """An evaluation failed, or takes long: whoever relies on tracks is told, until one goes
        through in time."""
        home, key = home_of(state), f"source/{why}"
        if home is None or key in self._line(state.lines[home]).hold.stands:
            return []
        finding = LiveFinding(
            key=key, kind=Live.SOURCE, grade=Grade.NOW, since=now, words={"why": why}
        )
        self._lines[home].hold.stands[key] = finding
        return [Sighted(line=home, findings=(finding,))]

    # -- parts

    def _line(self, ls: LineState) -> _Line:
        """The memory of a line; at the start what its state says that stood."""
        if ls.line not in self._lines:
            stands = dict(ls.live.items())
            self._lines[ls.line] = _Line(hold=Hold(stands=stands), restored=dict(stands))
        return self._lines[ls.line]

    def _after_restart(self, of: _Line, found: "Evaluation", now: Instant) -> None:
        """Until what was seen before the start would be gone, nothing that stood then is over:
        tracks are in memory alone, and not seen yet is not clear."""
        if self.began is None or not of.restored:
            return
        if now - self.began >= self.book.drop_ms:
            of.had |= {finding.call_sign for finding in of.restored.values() if finding.call_sign}
            of.restored = {}
        for key, finding in of.restored.items():
            if not all(self.book.get(name) for name in finding.tracks):
                found.unjudged.add(key)

    def _used(self, finding: LiveFinding) -> tuple[Sighting, ...]:
        return tuple(seen for name in finding.tracks for seen in self.book.recent(name))

    def _placed(self, ls: LineState, of: _Line, signs: set[str], now: Instant) -> tuple[Mover, ...]:
        """Own movers that are to be written anew: of whom something is said, and at times all who
        have moved."""
        often = now - of.placed_at >= PLACED_MS
        found = []
        for call_sign, binding in sorted(ls.bound.items()):
            if call_sign not in signs and not often:
                continue
            mover = self._mover(ls, of, binding)
            before = of.placed.get(call_sign)
            if mover is None or mover == before:
                continue
            if call_sign in signs or before is None or _apart_m(before, mover) > PLACED_M:
                found.append(mover)
                of.placed[call_sign] = mover
        if found and often:
            of.placed_at = now
        return tuple(found)

    def _mover(self, ls: LineState, of: _Line, binding: Binding) -> Mover | None:
        seen = [self.book.get(name) for name in self.book.like(binding.track)]
        newest = max((s for s in seen if s is not None), key=lambda s: s.at, default=None)
        typed = ls.movers.get(binding.call_sign)
        if newest is None or (typed is not None and typed.as_of > newest.at):
            return None
        height = None
        if newest.height_m is not None and newest.ref is HeightRef.W84:
            height = round(newest.height_m * 1000)
        return Mover(
            call_sign=binding.call_sign,
            position=LatLon(round(newest.lat * 1e7), round(newest.lon * 1e7)),
            height_mm=height, speed_mms=round(newest.speed_mps * 1000), as_of=newest.at,
            cls=of.scene.classes.get(binding.call_sign, "") if of.scene is not None else "",
        )  # fmt: skip

    def _sources(self, found: "Evaluation", now: Instant) -> None:
        """Sources that fail, are silent, or send more than can be taken."""
        for name, source in sorted(self.book.sources.items()):
            why, count = source.fault, 0
            pressed = source.pushed_out + source.counts["rate"]
            _since, before = self._pressed.get(name, (Instant(0), 0))
            if pressed > before:
                self._pressed[name] = (now, pressed)
            if now - self._pressed.get(name, (Instant(0), 0))[0] < MINUTE:
                why, count = "flood", 1
            silent = self.silent_ms.get(name)
            heard = source.heard if source.heard is not None else self.began
            if not why and silent is not None and heard is not None and now - heard > silent:
                why = "silent"
            read = source.read if source.read is not None else self.began
            if not why and silent is not None and read is not None and now - read > silent:
                why = "not-readable"  # it is heard, and nothing of it is understood
            if why:
                found.add(
                    LiveFinding(
                        key=f"source/{name}", kind=Live.SOURCE, grade=Grade.NOW, since=now,
                        figures={"count": count}, words={"source": name, "why": why},
                    )
                )  # fmt: skip
        if found.unjudged:
            found.add(
                LiveFinding(
                    key="source/behind", kind=Live.SOURCE, grade=Grade.NOW, since=now,
                    words={"why": "behind"},
                )
            )  # fmt: skip

    def _told(self, ls: LineState, begun: tuple[LiveFinding, ...]) -> list[Inbound]:
        """By a standing order, the line is told at once of an own mover off its route."""
        if not self.limits.tell_off_route_by or ls.terms is None:
            return []
        return [
            Say(
                id=telling_id(ls.line, finding), line=ls.line,
                person=self.limits.tell_off_route_by, role=ls.terms.roles[0],
                statements=(statement(message, Precedence.FLASH),),
            )
            for finding in begun
            if (message := off_route_message(finding)) is not None
        ]  # fmt: skip


def home_of(state: State) -> LineId | None:
    """The line that faults of sources are told on: a real one before an exercise."""

    def order(ls: LineState) -> tuple[bool, str]:
        return ls.terms is None or ls.terms.exercise, ls.line

    return min(state.lines.values(), key=order).line if len(state.lines) else None


def telling_id(line: LineId, finding: LiveFinding) -> str:
    """The same for the same finding, so that it is told once however often it is asked for."""
    named = f"{line}\n{finding.key}\n{finding.since}"
    return f"off-route-{sha256(named.encode()).hexdigest()[:32]}"


def off_route_message(finding: LiveFinding) -> Message | None:
    """What is told of an own mover off its route; None for any other finding."""
    if finding.kind is not Live.OFF_ROUTE or finding.place is None or finding.at is None:
        return None
    return Message(
        template=OFF_ROUTE_MESSAGE,
        fields=(
            Field(name="call_sign", value=call_sign_text(finding.call_sign)),
            Field(name="position", value=position_text(finding.place)),
            Field(name="at", value=finding.at),
            Field(name="entry", value=str(finding.ref)),
            Field(name="distance_m", value=finding.figures["distance_m"]),
        ),
    )


def _call_sign(key: str) -> str:
    return key.split("/")[1] if key.count("/") else ""


def _apart_m(a: Mover, b: Mover) -> float:
    """About how far, never less along a meridian: only for what is worth writing."""
    lat = abs(a.position.lat_e7 - b.position.lat_e7)
    lon = abs(a.position.lon_e7 - b.position.lon_e7)
    return max(lat, lon) * _E7_M
