"""A review from a verified bundle: all rows in their order, the same every time. Pure."""

import hashlib
from collections.abc import Callable, Iterable
from typing import Final

from clearline.evidence.facts import Level, Verified
from clearline.evidence.review import claims, counts, links, own, people
from clearline.evidence.review.facts import CLAUSE, VERSION, Review, Row, Section
from clearline.evidence.review.history import History, history
from clearline.evidence.words import NOTICE_LINES
from clearline.model.ids import Digest
from clearline.model.refusal import Code, Refusal
from clearline.model.time import INSTANT_MAX, Instant

PARTS: Final[tuple[Callable[[History], Iterable[Row]], ...]] = (
    counts.records, counts.notices, counts.lead_times, counts.short_ones, people.answer_times,
    people.answers, people.unanswered, people.emergencies, links.outages, links.suspensions,
    people.drills, claims.deviations, claims.disputes, claims.echoes, claims.wishes,
    own.own_wishes, own.duties, own.voice_notes,
)  # fmt: skip
ORDER: Final = {section: n for n, section in enumerate(Section)}


def review(verified: Verified, first: Instant, until: Instant) -> Review | Refusal:
    """The review of a period by one party's bundle, ``first`` <= t < ``until``. Refused: a period
    that ends before it begins, a bundle whose line cannot be read. What is wrong or withheld in the
    bundle is counted on the review, never passed over."""
    if not 0 <= first < until <= INSTANT_MAX:
        return Refusal(code=Code.BAD_WINDOW, clause=CLAUSE, at="/until")
    of = history(verified, first, until)
    if of is None:
        return Refusal(code=Code.BAD_AGREEMENT, clause="CL-EVI-004")
    manifest = verified.bundle.manifest
    found = verified.findings
    rows = [row for part in PARTS for row in part(of)]
    rows.sort(key=lambda row: ORDER[row.section])  # stable: within a part as it was made
    return Review(
        v=VERSION,
        line=verified.line,
        title=of.terms.title,
        exercise=of.terms.exercise,
        maker=of.maker,
        made=manifest.made,
        first=first,
        until=until,
        parties=of.parties,
        bundle=Digest(hashlib.sha256(verified.bundle.manifest_raw).hexdigest()),
        exit=verified.exit,
        wrong=sum(one.level is Level.WRONG for one in found),
        unknown=sum(one.level is Level.UNKNOWN for one in found),
        withheld=sum(run.count for run in manifest.withheld),
        desk=verified.bundle.content.desk is not None,
        feeds=tuple(one.fact.feed for one in verified.feeds),
        says=NOTICE_LINES,
        rows=tuple(rows),
    )
