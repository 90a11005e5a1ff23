"""What is seen and what stands of live tracks, made into answers."""

from typing import TYPE_CHECKING

from clearline.model.sighting import Sighting
from clearline.model.time import SECOND, Instant
from clearline.node.live.limits import COAST_S
from clearline.node.live.track_views import FindingView, LiveView, SourceView, TrackView
from clearline.node.phrases import trouble as words_of
from clearline.node.state import State

if TYPE_CHECKING:  # numba comes with it, and a client of a node has no use for it
    from clearline.node.live.desk import LiveDesk


def live_view(desk: "LiveDesk", state: State, now: Instant, offset: int, limit: int) -> LiveView:
    """What is seen and what stands. Own movers come first, then by name."""
    findings, bindings, own = [], [], dict[str, str]()
    for line, ls in sorted(state.lines.items()):
        bindings += [binding for _, binding in sorted(ls.bound.items())]
        for key, finding in sorted(ls.live.items()):
            trouble = state.troubles.get(f"{line}/track/{key}")
            said = words_of(trouble) if trouble is not None else finding.key
            findings.append(FindingView(line=line, finding=finding, words=said))
    for binding in bindings:
        own |= dict.fromkeys(desk.book.like(binding.track), binding.call_sign)
    every = sorted(desk.book.each(), key=lambda seen: (seen.name not in own, seen.name))
    return LiveView(
        as_of=now, tracks=len(desk.book), units=desk.units, sources=_sources(desk, now),
        findings=tuple(findings), bindings=tuple(bindings),
        shown=tuple(
            _track(seen, own.get(seen.name, ""), now) for seen in every[offset : offset + limit]
        ),
    )  # fmt: skip


def _track(seen: Sighting, call_sign: str, now: Instant) -> TrackView:
    age = max(0, (now - seen.at) // SECOND)
    return TrackView(seen=seen, age_s=age, coasting=age > COAST_S, call_sign=call_sign)


def _sources(desk: "LiveDesk", now: Instant) -> tuple[SourceView, ...]:
    return tuple(
        SourceView(
            source=name, tracks=len(source.order), counts=dict(sorted(source.counts.items())),
            refused=source.refused, pushed_out=source.pushed_out, fault=source.fault,
            heard_s_ago=None if source.heard is None else max(0, (now - source.heard) // SECOND),
        )
        for name, source in sorted(desk.book.sources.items())
    )  # fmt: skip
