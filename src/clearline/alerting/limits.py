"""Bounds of the alarm ladder, each with its reason."""

from typing import Final

from clearline.model.time import HOUR, MINUTE, SECOND, Millis

REPEAT_MS_MIN: Final = Millis(5 * SECOND)
"""Terms that ask for a repeat of nothing would ring without end."""
EMERGENCY_REPEAT_MS_MAX: Final = Millis(30 * SECOND)
"""A STOP that nobody answered is taken to the next channel after 30 s (FM18), whatever
the terms."""
SILENCE_MS_MAX: Final = Millis(12 * HOUR)
"""A watch: whoever muted it hands it over, and the next one hears it."""
SILENCE_REASON_CHARS_MAX: Final = 400
NOTE_CHARS_MAX: Final = 1_000
ROUTINE_RINGS_MAX: Final = 6
"""Rings of ROUTINE alarms within one ROUTINE_WINDOW on one line; the rest stand on the board and
take turns, what has never rung first. FLASH, emergencies and what is overdue are never held back
(FM29)."""
ROUTINE_WINDOW: Final = Millis(MINUTE)
FLOOD_COUNT: Final = 10
"""FLASH troubles of one peer within FLOOD_WINDOW that are a finding by themselves."""
FLOOD_WINDOW: Final = Millis(MINUTE)
