"""Read models of what was opened: how it lies in the envelope that was given before (FM27)."""

from math import isfinite

from clearline.model.finding import Bounds, Verdict
from clearline.model.terms import Agreement
from clearline.node import phrases, sealed
from clearline.node.duty_facts import beyond
from clearline.node.facts import Facts
from clearline.node.judge import Judge
from clearline.node.views import EnvelopeView, Range
from clearline.picture.situation import Picture, Version
from clearline.words.reader import ENGLISH, Langs


def range_of(bounds: Bounds | None) -> Range | None:
    """JSON has no infinity."""
    if bounds is None:
        return None
    low, high = (value if isfinite(value) else None for value in (bounds.low, bounds.high))
    return Range(low, high)


def envelope_view(
    picture: Picture, version: Version, terms: Agreement, judge: Judge, langs: Langs = ENGLISH
) -> EnvelopeView | None:
    """How something opened lies in its envelope; None if it names none."""
    facts = judge.facts
    kept = facts.fits if isinstance(facts, Facts) and facts.terms is terms else {}
    found = sealed.fit(picture, version, terms.levels, kept)
    if found is None:
        return None
    ref, how = found
    within = how.verdict is Verdict.YES
    return EnvelopeView(
        envelope=ref,
        verdict=how.verdict,
        outside=how.outside,
        time_s=range_of(how.time_s),
        vertical_m=range_of(how.vertical_m),
        lateral_m=range_of(how.lateral_m),
        settles=how.settles,
        words=(
            phrases.phrase("seal-within", langs, ref=str(ref))
            if within
            else phrases.misfit(beyond(how), langs)
        ),
    )
