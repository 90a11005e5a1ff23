"""What may no longer be so, and what is known to be missing (FM15).

A notice of a class with a time for it is confirmed again by its author: an amend that says the same
is a new statement of it. Past that time it reads UNCONFIRMED, and counts as before: nothing here
touches a verdict or a standing. An entry that is known to be there and is not here leaves a gap: it
is asked for at once, and rings when it stays away.
"""

from bisect import bisect_left, insort
from collections.abc import Iterator, Mapping
from typing import Final

from msgspec.structs import replace

from clearline.model.alert import Severity, Trouble, TroubleKind
from clearline.model.entry import Precedence
from clearline.model.ids import EntryRef, FeedId, party_of
from clearline.model.terms import Agreement
from clearline.model.time import SECOND, Instant
from clearline.node.state import Gap, LineState
from clearline.node.turn import Turn
from clearline.picture.lead import class_term
from clearline.picture.situation import Version

GAP_MS: Final = 10 * SECOND
"""Entries that are asked for come within a round trip; a slow transfer goes on within that time."""


Due = list[tuple[Instant, Version]]
"""Versions by when they are to be confirmed again, the earliest first."""
Confirming = dict[EntryRef, tuple[Instant, Version]]
"""The same, by notice."""


def confirm_by(version: Version, terms: Agreement) -> Instant | None:
    """Until when the version stands without being confirmed again; None: as long as it lasts."""
    term = class_term(terms, version.cls)
    if version.unreadable is not None or term is None or term.reconfirm_ms is None:
        return None
    return Instant(version.stated + term.reconfirm_ms)


def confirm_again(
    due: Due, by_notice: Confirming, notice: EntryRef, newest: Version | None, terms: Agreement
) -> None:
    """Note in ``due`` when the newest live version of a notice of ours is to be confirmed again, in
    the place of what ``by_notice`` has noted of it."""
    before = by_notice.pop(notice, None)
    if before is not None:
        del due[bisect_left(due, _order(before), key=_order)]
    at = confirm_by(newest, terms) if newest is not None else None
    if newest is not None and at is not None:
        by_notice[notice] = at, newest
        insort(due, (at, newest), key=_order)


def _order(each: tuple[Instant, Version]) -> tuple[Instant, EntryRef]:
    return each[0], each[1].ref


def stale_troubles(
    ls: LineState,
    terms: Agreement,
    due: Due,
    over: Mapping[EntryRef, Instant],
    words: Instant | None,
    now: Instant,
) -> Iterator[Trouble]:
    """Own notices to be confirmed again, entries that stay away, a line that nobody writes on:
    ``words`` is when our newest ones were written."""
    yield from _unconfirmed(ls, terms, due, over, now)
    yield from _missing(ls, terms, now)
    yield from _text_check(ls, terms, words, now)


def _unconfirmed(
    ls: LineState, terms: Agreement, due: Due, over: Mapping[EntryRef, Instant], now: Instant
) -> Iterator[Trouble]:
    """Own notices that are to be confirmed again: one alarm for all of a class."""
    for at, version in due:
        if at > now:
            return
        if over[version.ref] <= now:
            continue
        kind = TroubleKind.UNCONFIRMED
        yield Trouble(
            key=f"{kind.value}/{version.ref}", kind=kind, severity=Severity.CAUTION,
            precedence=Precedence.ROUTINE, line=ls.line, group=f"{kind.value}/{version.cls}",
            since=at, about=(version.ref,), params={"label": version.label},
            exercise=terms.exercise,
        )  # fmt: skip


# -- what is missing


def note_gap(ls: LineState, feed: FeedId, known: int | None, now: Instant) -> LineState:
    """Entries of a feed up to ``known`` are there, and not all of them are here. None: what was
    said of it is not proved."""
    held = ls.frontier(feed).size
    before = ls.gaps.get(feed)
    if known is None or known <= held:
        return ls
    if before is not None and before.held == held and before.known >= known:
        return ls
    since = before.since if before is not None and before.held == held else now
    gap = Gap(known=known, held=held, since=since)
    return replace(ls, gaps=ls.gaps.insert(feed, gap))


def look_for_gaps(turn: Turn, ls: LineState) -> LineState:
    """What authors say that they have written, against what is here; a gap that has closed or
    grows smaller begins anew."""
    for party, peer in ls.peers.items():
        for feed, size in peer.held.items():
            if party_of(feed) == party and size > ls.frontier(feed).size:
                ls = note_gap(ls, feed, size, turn.now)
    for feed, gap in ls.gaps.items():
        held = ls.frontier(feed).size
        if held >= gap.known:
            ls = replace(ls, gaps=ls.gaps.discard(feed))
        elif held != gap.held:
            ls = note_gap(ls, feed, gap.known, turn.now)
    return ls


def _missing(ls: LineState, terms: Agreement, now: Instant) -> Iterator[Trouble]:
    """Gaps that stay. Where papers are waited for or a record has forked, that is said instead."""
    for feed, gap in sorted(ls.gaps.items()):
        if now - gap.since < GAP_MS or feed in ls.waits or feed in ls.picture.forked:
            continue
        kind = TroubleKind.GAP
        yield Trouble(
            key=f"{kind.value}/{feed}", kind=kind, severity=Severity.WARNING,
            precedence=Precedence.PRIORITY, line=ls.line, group=f"{kind.value}/{party_of(feed)}",
            since=gap.since, peer=party_of(feed),
            params={"first": gap.held, "last": gap.known - 1}, exercise=terms.exercise,
        )  # fmt: skip


def _text_check(
    ls: LineState, terms: Agreement, words: Instant | None, now: Instant
) -> Iterator[Trouble]:
    """The text by a person that is due: the line is known to carry words only if somebody uses it.
    A line test counts, and so does any message."""
    if terms.text_check_ms is None:
        return
    due = Instant((words if words is not None else ls.began) + terms.text_check_ms)
    if now > due:
        kind = TroubleKind.TEXT_CHECK
        yield Trouble(
            key=f"{kind.value}/due", kind=kind, severity=Severity.CAUTION,
            precedence=Precedence.ROUTINE, line=ls.line, group=f"{kind.value}/due", since=due,
            exercise=terms.exercise,
        )  # fmt: skip
