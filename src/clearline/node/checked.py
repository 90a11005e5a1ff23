"""Whether a volume can be judged, found once for as many times as it is asked.

A notice is checked when its author tries it, when it is filed, and when it is folded: each time the
whole course of every ring, half a millisecond and more. It is a pure function of the volume.
"""

from collections.abc import Sequence
from typing import Final

from clearline.conflict import validity
from clearline.conflict.remembered import corners, remembered
from clearline.model.entry import Amend, Body, Open
from clearline.model.refusal import Refusal
from clearline.model.space import Volume

CORNERS_REMEMBERED: Final = 200_000
"""Of all volumes that are remembered: some tens of megabytes, an import of the largest size."""


@remembered(CORNERS_REMEMBERED, lambda found: int(found[1]))
def _found(volume: Volume) -> tuple[Sequence[Refusal], int]:
    return validity.check_volume(volume), corners(volume.footprint)


def volumes_of(body: Body) -> tuple[Volume, ...]:
    """The volumes that an entry states, in whatever it states them."""
    what = body.to if isinstance(body, Amend | Open) else body
    volumes: tuple[Volume, ...] = getattr(what, "volumes", ())
    return volumes


def check_volume(volume: Volume) -> Sequence[Refusal]:
    """Every reason not to take a volume; none if it can be judged (``conflict.validity``)."""
    return _found(volume)[0]
