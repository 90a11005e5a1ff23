"""What is shown of how others are reached beside the line: a closed record beside ``views``."""

from clearline.model.ids import PartyId
from clearline.node.views import View


class CallWayView(View, frozen=True):
    """One way to a role of a party beside the line, as node.toml has it: a telephone number, a
    frequency, a radio net, as it is read out; the best first."""

    party: PartyId
    role: str
    way: str
    note: str
