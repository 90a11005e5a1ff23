"""What came about in a watch, in short: for who takes it over, and has not been here (FM14).

Counted from what is kept anyway: the newest alerts, closed or not, and the newest entries of each
feed. A watch in which more came about than is looked through says so.
"""

from collections.abc import Sequence
from typing import Final

import msgspec

from clearline.alerting.correlate import is_quiet
from clearline.model.alert import PRECEDENCE_RANK, SEVERITY_RANK, Alert, AlertState, TroubleKind
from clearline.model.ids import EntryRef, PartyId, party_of
from clearline.model.time import DAY, Instant
from clearline.node import phrases
from clearline.node.beats import age_ms
from clearline.node.handover_views import WatchLine, WatchView
from clearline.node.reading import Reading
from clearline.node.state import Peer
from clearline.picture.situation import FeedState
from clearline.words.language import language
from clearline.words.reader import told, unmarked
from clearline.words.sentences import said

LONGEST_MS: Final = DAY
"""Further back nobody counts: no watch lasts longer."""
NEWEST_MAX: Final = 1_000
"""Alerts of the node that are looked through."""
ENTRIES_MAX: Final = 2_000
"""Entries of each feed that are looked through: the page asks often while it is open."""
LOUDEST_MAX: Final = 3
GONE: Final = frozenset({AlertState.ENDED_UNSEEN, AlertState.CLOSED})
OF_LINE: Final = frozenset({TroubleKind.LINE_DOWN, TroubleKind.LINE_DEGRADED})


class _Stated(msgspec.Struct):
    """Versions stated, and entries that ended such; ``cut``: not all was looked through."""

    new: int = 0
    ended: int = 0
    cut: bool = False


def watch_view(of: Reading, newest: Sequence[Alert], last: tuple[str, Instant] | None) -> WatchView:
    """The watch since ``last`` on this line. ``newest``: the newest NEWEST_MAX alerts of the node,
    or all there are, in the order in which they were raised."""
    since = Instant(max(0, of.now - LONGEST_MS))
    role = ""
    if last is not None and last[1] >= since:
        role, since = last
    rung = [each for each in newest if _came_up(each, of, since)]
    own, others = _stated(of, since)
    over = sum(each.state in GONE for each in rung)
    view = WatchView(
        since=since, role=role, rung=len(rung),
        taken=sum(each.answer is None and each.taken_at is not None for each in rung),
        answered=sum(each.answer is not None for each in rung),
        over=over, open=len(rung) - over, alone=sum(_is_alone(each) for each in rung),
        filed=own.new, ended=own.ended, received=others.new, lifted=others.ended,
        cut=own.cut or others.cut or (len(newest) >= NEWEST_MAX and newest[0].raised >= since),
        loudest=tuple(_told(of, each) for each in sorted(rung, key=_loudness)[:LOUDEST_MAX]),
        lines=_lines(of, rung), words=(),
    )  # fmt: skip
    return msgspec.structs.replace(view, words=_words(of, view))


def alarm_words(alert: Alert, lang: str) -> str:
    """A duty as one line of a list: how it stands, how urgent, and what it is about."""
    what = alert.trouble
    return said(
        lang, f"handover-{alert.state.value}", prec=language(lang).states[what.precedence.name],
        what=unmarked(phrases.trouble(what, (lang,))),
    )  # fmt: skip


def _came_up(alert: Alert, of: Reading, since: Instant) -> bool:
    """Whether it is a duty of this line and watch. One that nobody took and that goes on in the
    next opening is counted there."""
    goes_on = alert.followed_by is not None and _is_alone(alert)
    mine = alert.trouble.line == of.ls.line and alert.raised >= since
    return mine and not goes_on and not is_quiet(alert.trouble)


def _is_alone(alert: Alert) -> bool:
    return alert.taken_at is None and alert.answer is None


def _loudness(alert: Alert) -> tuple[int, int, int, str]:
    what = alert.trouble
    return SEVERITY_RANK[what.severity], PRECEDENCE_RANK[what.precedence], alert.raised, alert.id


def _stated(of: Reading, since: Instant) -> tuple[_Stated, _Stated]:
    own, others = _Stated(), _Stated()
    for feed, state in of.ls.picture.feeds.items():
        _count(own if party_of(feed) == of.ls.me else others, of, state, since)
    return own, others


def _count(found: _Stated, of: Reading, state: FeedState, since: Instant) -> None:
    """An entry that states a version counts once, whatever it amends; one that only ends, once."""
    first = max(0, state.size - ENTRIES_MAX)
    found.cut |= first > 0 and state.times[first] >= since
    for index in range(first, state.size):
        is_new = index in state.live or index in state.ended
        if not is_new and index not in state.touched:
            continue
        # What came late, after the line was down, is news of the watch in which it came.
        at = of.ls.arrived.get(EntryRef(state.feed, index), state.times[index])
        if at >= since:
            found.new += is_new
            found.ended += not is_new


def _lines(of: Reading, rung: Sequence[Alert]) -> tuple[WatchLine, ...]:
    return tuple(
        _line(of, party, peer, rung)
        for party in of.ls.others
        if (peer := of.ls.peers.get(party)) is not None
    )


def _line(of: Reading, party: PartyId, peer: Peer, rung: Sequence[Alert]) -> WatchLine:
    count = sum(a.trouble.kind in OF_LINE and a.trouble.peer == party for a in rung)
    age = age_ms(peer, of.ls.began, of.now)

    def one(lang: str) -> str:
        now = phrases.link(peer.state, age, ever=peer.round_trip is not None, langs=(lang,))
        return said(lang, "watch-line", party=party, count=count, now=unmarked(now))

    return WatchLine(party=party, rung=count, words=told(of.langs, "phrases/watch-line", one))


def _told(of: Reading, alert: Alert) -> str:
    at = phrases.clock(alert.raised)

    def one(lang: str) -> str:
        return said(lang, "watch-alarm", at=at, what=alarm_words(alert, lang))

    return told(of.langs, "phrases/watch-alarm", one)


def _words(of: Reading, view: WatchView) -> tuple[str, ...]:
    at = phrases.clock(view.since)
    since = {"role": phrases.quoted(view.role)} if view.role else {}
    found = [
        phrases.phrase("watch-since", of.langs, at=at, **since),
        phrases.phrase(
            "watch-rung", of.langs, rung=view.rung, taken=view.taken, answered=view.answered,
            over=view.over, open=view.open, alone=view.alone,
        ),
        phrases.phrase(
            "watch-stated", of.langs, filed=view.filed, ended=view.ended, received=view.received,
            lifted=view.lifted,
        ),
    ]  # fmt: skip
    if view.cut:
        found.append(phrases.phrase("watch-cut", of.langs))
    return tuple(found)


__all__ = ["NEWEST_MAX", "alarm_words", "watch_view"]
