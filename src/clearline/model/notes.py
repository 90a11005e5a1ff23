"""Words of the private desk record that more than one part of the program knows."""

from typing import Final

WISH_NOTE: Final = "review wish"
"""A wish for the agreement that is not sent (yet): wish, topic, lang, about."""
VOICE_NOTE: Final = "said on voice"
"""What was said by voice: entry, party, at, means, read_back, role, name, note."""
