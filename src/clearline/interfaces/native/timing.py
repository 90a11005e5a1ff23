"""Every wait of the link, in seconds, in one place; tests give their own."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass


def _drawn() -> float:
    return secrets.randbelow(1_000) / 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """Each with its reason. ``jitter`` draws from [0, 1): nodes that lost each other together must
    not come back together."""

    connect_s: float = 6.0
    """Half a dozen round trips of a satellite link; beyond, a fresh attempt does better."""
    handshake_s: float = 15.0
    """TLS and Hello over 600 ms and some losses take under 5 s."""
    frame_s: float = 20.0
    """Once a frame has begun it goes on coming (CL-LNK-021)."""
    dead_s: float = 12.0
    """Sent, and not even acknowledged by the other side's kernel: the path is gone."""
    answer_s: float = 20.0
    """Taken by the other side's kernel, and not answered by its node, over the time on the way."""
    again_s: float = 0.25
    """The first pause after a lost connection or a refusal; doubled each time."""
    again_s_max: float = 4.0
    """Back-off is capped at seconds (protocol, Delivery)."""
    author_s: float = 3.0
    """How long an author that is connected is given before others are asked for its entries."""
    attachment_s: float = 30.0
    """How long to wait before asking again for an attachment that its author has not got yet."""
    crossing_s: float = 3.0
    """Two connections made within this time by the two ends have crossed."""
    jitter: Callable[[], float] = _drawn

    def pause(self, failures: int) -> float:
        """How long to wait after so many failures running: half of it fixed, half drawn."""
        longest = min(self.again_s * 2.0 ** min(failures, 16), self.again_s_max)
        return longest * (0.5 + 0.5 * self.jitter())
