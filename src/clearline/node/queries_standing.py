"""Standing coordinations of a line, as they are shown."""

from clearline.node.reading import Reading
from clearline.node.standing_forms import forms
from clearline.node.standing_view import StandingView


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
