"""Every bound of the protocol, each with its reason. The page of limits is made from here."""

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
"""Entries kept ahead of sequence per party: FLASH is rare; beyond this the backlog is asked for."""
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
STANDING_MS_MAX: Final = 31 * 86_400_000
"""A standing coordination is signed anew each month: what nobody looks at any more must end."""
FEED_ENTRIES_MAX: Final = 1 << 40
INTEGER_MAX: Final = (1 << 53) - 1
"""RFC 8785 and RFC 7493: whole numbers that every JSON reader holds exactly."""
NESTING_MAX: Final = 16
"""Depth of a JSON document: the deepest schema needs ten."""
NAME_CHARS_MAX: Final = 64
"""Names that machines compare: classes, roles, templates, fields, marks, operations."""
MARKS_MAX: Final = 16
"""Marks of one notice: closed words, each shown as a badge."""
FEEDS_MAX: Final = 256
"""Feeds that one entry may have seen: 32 members with eight epochs each."""
MINUTES_MAX: Final = 7 * 24 * 60
"""A shift or a time to clear of more than a week is another plan, not an answer."""
SOULS_MAX: Final = 100_000
"""People in distress: a number above is a slip of the finger."""
QNH_PA_MIN: Final = 80_000
"""Below the lowest sea-level pressure ever recorded (87,000 Pa)."""
QNH_PA_MAX: Final = 110_000
"""Above the highest sea-level pressure ever recorded (108,480 Pa)."""
QNH_TOLERANCE_PA_MAX: Final = 10_000
DISTANCE_MM_MAX: Final = 20_037_508_000
"""Half of the equator: nothing on Earth is further apart."""
OPEN_ITEMS_MAX: Final = 100_000
"""Open items that one handover may count."""
SERIAL_MAX: Final = 1_000_000
"""Versions of one agreement, serials of one party's manifests."""
DOCUMENT_BYTES_MAX: Final = 1 << 20
"""An agreement with every limit reached takes about 400 kB."""
LINK_BYTES_MAX: Final = 4 << 20
"""One message between nodes, decompressed: the largest entry with proofs, or many small ones."""
ITEMS_MAX: Final = 4_096
"""Entries in one batch."""
PROOF_HASHES_MAX: Final = 96
"""A consistency proof in a tree of FEED_ENTRIES_MAX = 2^40 leaves has at most 81 hashes."""
NOTE_BYTES_MAX: Final = 16 << 10
"""A checkpoint with its signatures: a few hundred bytes; witnesses add about 100 each."""
DOCUMENTS_MAX: Final = 256
"""Documents in one message."""
PIECE_BYTES_MAX: Final = 64 << 10
"""One piece of an attachment: eight seconds at 64 kbit/s, between which FLASH can pass."""
