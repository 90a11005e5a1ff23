"""Compiling what computes with tracks before it is needed: once on a machine, 40 s of one core, or
30 s where the index is compiled already."""

from collections.abc import Callable
from typing import Final

from clearline.conflict.fast.compiled import IS_COMPILED
from clearline.conflict.fast.kept import TRACKS, say_kept
from clearline.conflict.fast.ready import OnSlow, in_steps
from clearline.conflict.tracks.minima import Minima
from clearline.conflict.tracks.pairs import find_pairs
from clearline.conflict.tracks.track import Fleet, Track
from clearline.conflict.tracks.volumes import Volumes, tracks_in_volumes
from clearline.conflict.verdict import Extent
from clearline.model.space import Disc, Height, HeightRef, LatLon, Volume
from clearline.model.time import Instant

_MINIMA: Final = Minima(lateral_m=1_000.0, vertical_m=100.0, lookahead_s=60.0)


def prepare_tracks(on_slow: OnSlow) -> None:
    """Have every compiled function for tracks ready, from where it was kept or newly made."""
    if not IS_COMPILED:
        return
    one = Track(id="1", lat=0.0, lon=0.0, course_deg=0.0, speed_mps=1.0)
    fleet = Fleet.of([one, Track(id="2", lat=0.0, lon=0.0, course_deg=None, speed_mps=0.0)])
    volume = Volume(
        footprint=Disc(centre=LatLon(0, 0), radius_mm=1_000_000),
        lower=Height(ref=HeightRef.SFC),
        upper=Height(ref=HeightRef.UNL),
        start=Instant(0),
        end=Instant(1_000),
    )
    volumes = Volumes.of(["1"], [Extent(volume=volume)])
    steps: tuple[Callable[[], object], ...] = (
        fleet.states,
        lambda: find_pairs(fleet, _MINIMA),
        lambda: list(tracks_in_volumes(fleet, volumes, 60.0, Instant(0))),
    )
    in_steps(steps, on_slow)
    say_kept(TRACKS)
