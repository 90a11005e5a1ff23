"""Every bound of the protocol, each with its reason. ``docs/protocol/limits.md`` is made from here."""

from typing import Final

ENTRY_BYTES_MAX: Final = 1 << 20
"""A notice with VERTICES_MAX vertices takes about 300 kB: it fits three times over."""
VERTICES_MAX: Final = 10_000
"""Vertices over all volumes of one notice (ASTM F3548-21 OiMaxVertices)."""
VOLUMES_MAX: Final = 1_000
"""Volumes of one notice: a twelve-hour route in legs of under a minute."""
PARTIES_MAX: Final = 32
"""Members of one line: every entry carries a number for each, and people must know each other."""
REPRESENTED_MAX: Final = 64
"""Third parties of one line."""
CLASSES_MAX: Final = 32
"""Activity classes: the matrix of pairs must stay readable by those who sign it."""
AHEAD_MAX: Final = 64
"""Entries kept ahead of sequence per feed: FLASH is rare; beyond this the backlog itself is asked for."""
REFUSED_MAX: Final = 1_000
"""Refused entries listed in one entry; more wait for the next entry, which then sees no further."""
LABEL_CHARS_MAX: Final = 120
"""A label is read on one line of a board."""
TEXT_CHARS_MAX: Final = 4_000
"""Free text: about a page."""
REFS_MAX: Final = 1_000
"""Versions that one withdraw or all-clear may name."""
FIELDS_MAX: Final = 32
"""Filled blanks of a template."""
ATTACHMENTS_MAX: Final = 16
ATTACHMENT_BYTES_MAX: Final = 64 << 20
"""At 64 kbit/s over two hours: nothing larger belongs on a line."""
RADIUS_MM_MAX: Final = 5_000_000_000
"""5,000 km: half a hemisphere; a larger disc is a unit error."""
CORRIDOR_MM_MAX: Final = 1_000_000_000
"""Half width of 1,000 km."""
HEIGHT_MM_MIN: Final = -12_000_000
"""Below the deepest trench: anything lower is a unit error."""
HEIGHT_MM_MAX: Final = 1_000_000_000
"""1,000 km: above that write UNL."""
WINDOW_MS_MAX: Final = 5 * 366 * 86_400_000
"""Five years: static sites are re-confirmed far more often."""
FEED_ENTRIES_MAX: Final = 1 << 40
INTEGER_MAX: Final = (1 << 53) - 1
"""RFC 8785 and RFC 7493: whole numbers that every JSON reader holds exactly."""
NESTING_MAX: Final = 16
"""Depth of a JSON document: the deepest schema needs ten."""
