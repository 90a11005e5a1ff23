"""What live tracks are held against: one record, stated in node.toml under [live]."""

from typing import Final

import msgspec

COAST_S: Final = 15
"""A track that was not seen for longer goes on by its course, and is said to be coasting."""
CLEAR_SHARE: Final = 1.1
"""A finding is over when it would not be made with all limits a tenth wider: hysteresis."""
ROUTE_CLEAR_SHARE: Final = 0.8
"""An own mover is back on its route when it is this near again."""
FINDINGS_MAX: Final = 200
"""Findings of one line that stand at once; more are counted, not listed one by one."""
UNITS_MAX: Final = 2_000
"""Pairs of an own mover and a hazard looked at in one evaluation, ways out included: about half a
second."""
INSIDE_MAX: Final = 20_000
"""Pairs of a track that is not ours and a volume of ours looked at in one evaluation: about half a
second if each is a finding."""
PAIRS_MAX: Final = 1_000
"""Pairs of tracks explained in one evaluation, the soonest: five times what is listed."""


class LiveLimits(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Metres, seconds. ``tell_off_route_by``: who has given the standing order that the node tells
    the line of an own mover off its route by itself; empty: a person tells it."""

    lateral_m: float = 5_556.0
    vertical_m: float = 304.8
    look_ahead_s: float = 300.0
    off_route_m: float = 500.0
    drop_s: int = 60
    tell_off_route_by: str = ""
