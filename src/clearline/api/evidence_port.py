"""Evidence as the API asks for it: made and judged outside of the node's own loop."""

from typing import Protocol

import msgspec

from clearline.model.ids import LineId
from clearline.node.views import View


class EvidenceView(View, frozen=True):
    """What came of a bundle or a review. ``exit`` as the command has it: 0 whole and consistent, 1
    something is wrong or differs, 3 nothing does but parts are withheld or were not held.
    ``result``: the command's own JSON; ``page``: the same to print, as HTML that runs nothing."""

    exit: int
    result: msgspec.Raw
    page: str


class EvidencePort(Protocol):
    """Evidence, outside of the node's own loop. Everything here may raise Refused."""

    async def export(
        self, line: LineId, *, withhold: tuple[str, ...], wishes: tuple[tuple[str, str], ...],
        desk: bool,
    ) -> bytes:  # fmt: skip
        """A line's bundle. ``wishes``: from, to, at, each with a time as text."""

    async def verify(self, bundle: bytes, line: str | None) -> EvidenceView:
        """What one bundle proves."""

    async def compare(
        self, left: bytes, right: bytes, *, line: str | None, at: str | None
    ) -> EvidenceView:
        """What two bundles say of one line."""

    async def review(
        self, line: LineId, *, first: str, until: str, desk: bool, lang: str
    ) -> EvidenceView:
        """A line's review of a period, each time as text; its page in a language. ``desk``: with
        this party's own notes and unsent wishes."""

    async def compare_reviews(self, left: bytes, right: bytes, *, lang: str) -> EvidenceView:
        """What two parties' reviews of one line and period say, row by row."""
