"""What live tracks of one line are held against: hazards, volumes to be kept clear, own routes.

Made from the line's state alone, which never changes, so that it can be made beside the loop; kept
as long as picture, terms and bindings are the same.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from msgspec.structs import replace

from clearline.conflict.terms import pair_term
from clearline.conflict.tracks.volumes import Volumes
from clearline.conflict.verdict import Extent
from clearline.model.ids import LineId
from clearline.model.sighting import Binding
from clearline.model.space import Height, HeightRef, Volume
from clearline.model.terms import Agreement, Effect, HeightMode, Levels
from clearline.node.judge import extents_of
from clearline.node.state import LineState
from clearline.picture.lead import class_term
from clearline.picture.situation import Picture, Version
from clearline.picture.standing import hazard_by, live_versions

GROUND = Height(ref=HeightRef.SFC)
SKY = Height(ref=HeightRef.UNL)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Held:
    """Extents made ready, and the version that each is of."""

    volumes: Volumes
    versions: Sequence[Version]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Scene:
    """One line. ``hazards`` by the class of an own mover, since how height counts is agreed by
    pairs of classes; ``routes`` by call sign."""

    line: LineId
    picture: Picture
    terms: Agreement
    bindings: tuple[Binding, ...]
    classes: Mapping[str, str]
    hazards: Mapping[str, Held]
    keep_clear: Held | None
    routes: Mapping[str, tuple[Version, tuple[Extent, ...]]]

    @property
    def levels(self) -> Levels:
        """What flight levels are compared with other heights by."""
        return self.terms.levels


def scene_of(ls: LineState, before: Scene | None = None) -> Scene | None:
    """The scene of a line; ``before`` itself if nothing of it has changed. None without terms, or
    where this party has left."""
    terms = ls.terms
    if terms is None or ls.picture.feed(ls.feed).left is not None:
        return None
    bindings = tuple(binding for _, binding in sorted(ls.bound.items()))
    classes = {b.call_sign: _class_of(ls, b) for b in bindings}
    if (
        before is not None
        and before.picture is ls.picture
        and before.terms is terms
        and before.bindings == bindings
        and before.classes == classes
    ):
        return before
    live = {v.ref: v for v in live_versions(ls.picture, hazard_by((terms,)))}
    readable = [v for v in live.values() if v.unreadable is None]
    hazards = [v for v in readable if _effect(terms, v) is Effect.HAZARD] if bindings else []
    keep = [v for v in readable if v.party == ls.me and _effect(terms, v) is Effect.KEEP_CLEAR]
    routes: dict[str, tuple[Version, tuple[Extent, ...]]] = {}
    for binding in bindings:
        version = _newest(binding, readable)
        if version is not None:
            routes[binding.call_sign] = version, _extents(terms, version)
    made: dict[str, Held] = {}
    for cls in sorted(set(classes.values())):
        held = _held(hazards, terms, cls)
        if held is not None:
            made[cls] = held
    return Scene(
        line=ls.line, picture=ls.picture, terms=terms, bindings=bindings, classes=classes,
        hazards=made, keep_clear=_held(keep, terms, None), routes=routes,
    )  # fmt: skip


def _class_of(ls: LineState, binding: Binding) -> str:
    """The class that a mover is held as: of its typed-in fix, else of its notice; "": unknown."""
    mover = ls.movers.get(binding.call_sign)
    if mover is not None and mover.cls:
        return mover.cls
    state = ls.picture.feeds.get(binding.notice.feed) if binding.notice is not None else None
    if state is None or binding.notice is None:
        return ""
    version = state.live.get(binding.notice.index)
    return version.cls if version is not None else ""


def _newest(binding: Binding, readable: Sequence[Version]) -> Version | None:
    """The newest live version of the notice that a mover is bound to."""
    named = next((v for v in readable if v.ref == binding.notice), None)
    notice = named.notice if named is not None else binding.notice
    mine = [v for v in readable if v.notice == notice]
    return max(mine, key=lambda v: v.ref, default=None)


def _effect(terms: Agreement, version: Version) -> Effect:
    """What it does to others; a class that the terms do not know counts as a hazard."""
    term = class_term(terms, version.cls)
    return Effect.HAZARD if term is None else term.effect


def _extents(terms: Agreement, version: Version) -> tuple[Extent, ...]:
    term = class_term(terms, version.cls)
    if term is None:
        return tuple(Extent(volume=volume, hazard=True) for volume in version.volumes)
    return extents_of(version, term)


def _held(versions: Sequence[Version], terms: Agreement, cls: str | None) -> Held | None:
    """Extents of versions as they count for a class; None: for anything, as they stand."""
    of: list[Version] = []
    extents: list[Extent] = []
    for version in versions:
        mode = HeightMode.SEPARATE
        if cls is not None:
            pair = pair_term(terms, cls, version.cls)
            mode = HeightMode.IGNORE if pair is None else pair.height
            if mode is HeightMode.SURFACE and is_on_ground(terms, cls):
                mode = HeightMode.IGNORE  # how high the ground is plays no part then
        for extent in _extents(terms, version):
            extents.append(replace(extent, volume=_counts(extent.volume, mode)))
            of.append(version)
    if not extents:
        return None
    ids = [str(version.ref) for version in of]
    return Held(volumes=Volumes.of(ids, extents), versions=of)


def is_on_ground(terms: Agreement, cls: str) -> bool:
    """Whether a class is of things on the ground."""
    term = class_term(terms, cls)
    return term is not None and term.on_ground


def _counts(volume: Volume, mode: HeightMode) -> Volume:
    match mode:
        case HeightMode.SEPARATE:
            return volume
        case HeightMode.SURFACE:
            return replace(volume, lower=GROUND)
        case HeightMode.IGNORE:
            return replace(volume, lower=GROUND, upper=SKY)
