"""How large the next batch is: at most half a second of the link, by what acknowledgements measure.

One batch is in flight, so the time from sending to answer is one round trip, the batch's own time
on the link and the other side's work. The shortest such time ever seen stands for the round trip;
what is over it is the batch's. A lossy link looks slow, which errs to the right side: FLASH waits
behind less.
"""

from dataclasses import dataclass
from typing import Final

from clearline.model.limits import LINK_BYTES_MAX

HOLD_S: Final = 0.5
"""What one batch may hold the link for (protocol, Delivery)."""
FIRST_BYTES: Final = 4_096
"""Half a second at 64 kbit/s: nothing is known of the link yet."""
BATCH_BYTES_MIN: Final = 1_024
BATCH_BYTES_MAX: Final = LINK_BYTES_MAX // 4
SMALL_BYTES: Final = 1_500
"""One segment, and little beside a batch: its answer's time is the round trip, and shows when the
path has become longer."""
RTT_GAIN: Final = 0.1
"""How much of a longer round trip is believed at once: it may have been a loss."""


@dataclass(slots=True)
class Pace:
    """``batch_bytes`` is of the wire, after deflation; ``shrink`` is wire over record."""

    batch_bytes: float = FIRST_BYTES
    shrink: float = 1.0
    rtt_s: float | None = None

    @property
    def record_bytes(self) -> int:
        """How many bytes of entries the next batch takes."""
        return min(int(self.batch_bytes / self.shrink), BATCH_BYTES_MAX)

    def answered(self, wire_bytes: int, record_bytes: int, elapsed_s: float) -> None:
        """A batch was answered after so long."""
        if self.rtt_s is None or elapsed_s < self.rtt_s:
            self.rtt_s = elapsed_s
        elif wire_bytes <= min(SMALL_BYTES, self.batch_bytes / 4):
            self.rtt_s += (elapsed_s - self.rtt_s) * RTT_GAIN
        if record_bytes:
            found = min(1.0, max(0.05, wire_bytes / record_bytes))
            self.shrink += (found - self.shrink) / 2
        held_s = elapsed_s - self.rtt_s
        half, twice = self.batch_bytes / 2, self.batch_bytes * 2
        if held_s > 0 and wire_bytes / held_s * HOLD_S < self.batch_bytes:
            found_bytes = max(wire_bytes / held_s * HOLD_S, half)
        elif wire_bytes >= half:  # a batch that was not full says nothing about a larger one
            found_bytes = twice if held_s <= 0 else min(wire_bytes / held_s * HOLD_S, twice)
        else:
            return
        self.batch_bytes = min(max(found_bytes, BATCH_BYTES_MIN), BATCH_BYTES_MAX)
