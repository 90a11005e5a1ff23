"""What comes of asking for a page: the page as HTML and as text, and its codes, shown this once."""

import msgspec

from clearline.model.ids import EntryRef, PartyId
from clearline.model.time import Instant


class PageView(msgspec.Struct, frozen=True, kw_only=True):
    """A page for a party without a node. ``phone``: the code to be said, for one use until
    ``phone_until``; ``link``: "" where no address was given. Neither is kept, only digests."""

    page: str
    of: EntryRef
    to: PartyId
    made: Instant
    phone: str
    phone_until: Instant
    link: str
    link_until: Instant
    html: str
    text: str
