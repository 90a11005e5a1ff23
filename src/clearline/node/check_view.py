"""What a draft would meet, as a person reads it."""

from clearline.model.finding import Verdict
from clearline.model.time import Instant
from clearline.node.views import ConflictView, LeadView, RefusalView, ThirdView, View


class CheckView(View, frozen=True):
    """What a draft would meet. Nothing of it was stored and nothing has left this node.
    ``unlooked``: live notices that it was not compared with, soon after a start (CL-STA-008)."""

    as_of: Instant
    verdict: Verdict
    refusals: tuple[RefusalView, ...]
    warnings: tuple[RefusalView, ...]
    conflicts: tuple[ConflictView, ...]
    third_parties: tuple[ThirdView, ...]
    leads: tuple[LeadView, ...]
    reason_needed: bool
    words: str
    unlooked: int = 0
