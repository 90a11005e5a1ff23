"""What is shown of a standing coordination: a closed record beside those of ``views``."""

import msgspec

from clearline.model.ids import EntryRef, PartyId
from clearline.model.space import Volume
from clearline.model.time import Instant
from clearline.node.reading import Reading
from clearline.node.standing_forms import forms


class StandingView(msgspec.Struct, frozen=True, kw_only=True):
    """One party's word of an area and period. ``holds``: the other has signed the same measure, and
    the period has begun and not ended; ``until`` is the earlier of the two ends. Overlaps there are
    shown and rung about as before, with the measure."""

    ref: EntryRef
    by: PartyId
    with_party: PartyId
    area: Volume
    measure: str
    until: Instant
    signed_by_both: bool
    holds: bool


def standing_views(of: Reading) -> tuple[StandingView, ...]:
    """What is signed between any two members, the newest word of each, oldest first."""
    members = (of.ls.me, *of.ls.others)
    found = []
    for party in members:
        for other in members:
            for form in forms(of.ls.picture, party, other) if party != other else ():
                both = form.other is not None
                found.append(
                    StandingView(
                        ref=form.said.ref, by=party, with_party=other, area=form.said.volume,
                        measure=form.said.measure, until=form.until, signed_by_both=both,
                        holds=both and form.said.volume.start <= of.now < form.until,
                    )
                )  # fmt: skip
    return tuple(sorted(found, key=lambda view: (view.until, view.ref)))
