"""The clauses that reading bytes can refuse by. The text beside each is the rule itself.

Order matters: the first clause that fails, in the order of ``docs/protocol``, gives the code. It
depends on the bytes alone, so every node refuses the same entry for the same reason.
"""

from typing import Final

from clearline.canonical import DEPTH, FORM, SYNTAX, WHOLE

__all__ = ["DEPTH", "FORM", "SYNTAX", "WHOLE"]  # the others are exported by being defined here

SIZE: Final = "CL-WIR-001"  # nothing is read beyond its cap
VERSION: Final = "CL-WIR-006"  # the protocol version is one that the reader knows
CLOSED: Final = "CL-WIR-007"  # every field is known, present unless it has a default, of its type
NAMES: Final = "CL-WIR-008"  # ids and names match their patterns
RANGE: Final = "CL-WIR-009"  # every number lies in the range that its meaning gives it
TEXT: Final = "CL-WIR-010"  # text holds no character that two screens could show in two ways
COUNT: Final = "CL-WIR-011"  # every list has a limit
SORTED: Final = "CL-WIR-012"  # lists that are sets are strictly ascending
OWN_FEED: Final = "CL-WIR-013"  # a feed neither sees, holds ahead, nor refuses itself
AHEAD: Final = "CL-WIR-014"  # what is ahead lies beyond what is seen
KIND: Final = "CL-WIR-015"  # the kind is one of the closed list

PLACE: Final = "CL-BOD-001"  # a place is a closed geometry; a name is only a label (FM03)
RING: Final = "CL-BOD-002"  # three points or more, none repeated next to itself or at the end
HEIGHT: Final = "CL-BOD-003"  # a height says what it is measured from, with what that needs (FM05)
WINDOW: Final = "CL-BOD-004"  # a window ends after it starts and is no longer than WINDOW_MS_MAX
ANSWER: Final = "CL-BOD-005"  # each answer carries its own fields and no other's
TEMPLATE: Final = "CL-BOD-006"  # a template is named by id; each blank is filled once
OWN: Final = "CL-BOD-007"  # only one's own notices are amended, ended, opened or resumed
EARLIER: Final = "CL-BOD-008"  # a reference into one's own feed names an earlier entry
SALT: Final = "CL-BOD-009"  # a salt is exactly 32 bytes
STANDING: Final = (
    "CL-BOD-010"  # a coordination is of a pair or of an area, and ends with its period
)

MESSAGE: Final = "CL-MSG-001"  # one message: a form byte, then one record of a known shape
BATCH: Final = "CL-MSG-002"  # what a message carries is within its limits and patterns
STICK: Final = "CL-MSG-003"  # a file is its magic, records, an end mark, and nothing more
