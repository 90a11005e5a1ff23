"""The keys of the terminal board: the letters are those of the console's page.

A key acts at once (take, ROGER, WILCO, STANDBY), shows a list, or fills in a command of
``clearline`` that Enter runs: whatever the command line can do, the board can, and what it will do
stands there to be read before it is done.
"""

from collections.abc import Callable
from dataclasses import dataclass
from shlex import quote
from typing import Final

from clearline.model.alert import TroubleKind
from clearline.model.ids import EntryRef, PartyId, party_of
from clearline.model.time import Instant, format_utc
from clearline.node.views import AlertView, BoardView, ConflictView, NoticeView, ThirdView


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """What the keys act on: the board, the selected alert, this party, now."""

    board: BoardView
    alert: AlertView | None
    now: Instant

    @property
    def me(self) -> PartyId:
        """This party."""
        return self.board.node.party

    @property
    def to(self) -> EntryRef | None:
        """The entry that an answer names: the first that is another party's."""
        return next((ref for ref in self._about() if party_of(ref.feed) != self.me), None)

    @property
    def first(self) -> EntryRef | None:
        """What a call would be about: the other's entry first, else our own."""
        return self.to or self.own

    @property
    def own(self) -> EntryRef | None:
        """The first entry that is our own."""
        return next((ref for ref in self._about() if party_of(ref.feed) == self.me), None)

    @property
    def theirs(self) -> NoticeView | None:
        """The other party's notice, if it is one."""
        return next((each for each in self.board.notices if each.ref == self.to), None)

    @property
    def pair(self) -> ConflictView | None:
        """The conflict that the selected alert is about; with none, the soonest."""
        about = set(self._about())
        for each in self.board.conflicts:
            if {each.a, each.b} <= about or (len(about) == 1 and about & {each.a, each.b}):
                return each
        return self.board.conflicts[0] if self.alert is None and self.board.conflicts else None

    def _about(self) -> tuple[EntryRef, ...]:
        return () if self.alert is None else self.alert.about


Fill = Callable[[Chosen], str | None]
"""The command that a key fills in, ``|`` where the cursor goes; None: there is nothing to act on.
"""


def _ref(ref: EntryRef | None, before: str, after: str = "") -> str | None:
    return None if ref is None else f"{before} {ref}{after}"


def _unable(chosen: Chosen) -> str | None:
    notice = chosen.theirs
    known = notice is not None and notice.exposure is not None
    minutes = notice.exposure.minutes_needed if known and notice and notice.exposure else None
    asked = f" UNABLE --minutes {'|' if minutes is None else minutes}"
    return _ref(chosen.to, "answer", asked)


def _stop(chosen: Chosen) -> str:
    """Of the other party's notice that is selected, else of everything."""
    notice = chosen.theirs
    return "stop" if notice is None else f"stop {notice.ref}"


def _distress(chosen: Chosen) -> str:
    """Of the own mover that the selected notice exposes; else of the whole area: two keys are
    enough, and a place can still be named."""
    notice = chosen.theirs
    exposed = notice.exposure.movers if notice is not None and notice.exposure else ()
    return f"distress --mover {quote(exposed[0].call_sign)}" if exposed else "distress --everywhere"


def _coordinate(chosen: Chosen) -> str | None:
    pair = chosen.pair
    if pair is None:
        return None
    until = f" --until {format_utc(pair.overlap_end)}" if pair.overlap_end else " --until "
    return f"coordinate {pair.a} {pair.b} --measure '|'{until}"


def _relayed(chosen: Chosen) -> str | None:
    """Of the selected duty to tell somebody; with none selected, of what is ours to tell first."""
    waiting = [
        (third.due, str(notice.ref), third)
        for notice in chosen.board.notices
        for third in notice.third_parties
        if third.state in ("NOT TOLD", "NO ANSWER") and _is_meant(chosen, notice, third)
    ]
    if not waiting:
        return None
    _, ref, third = min(waiting, key=lambda each: each[:2])
    return f"relayed {ref} {third.party} TOLD --means '|'"


def _is_meant(chosen: Chosen, notice: NoticeView, third: ThirdView) -> bool:
    alert = chosen.alert
    if alert is not None and alert.kind is TroubleKind.NOT_TOLD:
        return notice.ref in alert.about and third.party == alert.params.get("third")
    return chosen.me in (third.taken_by, third.relay)


STOPPED: Final = {"w": "HALTED", "u": "CANNOT"}
"""What answers a STOP, on the keys of what is nearest to it otherwise."""


def of_stop(chosen: Chosen, key: str) -> str | None:
    """The command that answers the selected STOP; None: there is none, or it is another key."""
    alert = chosen.alert
    if alert is None or alert.kind is not TroubleKind.STOP or key not in STOPPED:
        return None
    return _ref(chosen.to, "answer", f" {STOPPED[key]}")


ON_ALL: Final = ("silence", "escalate")
"""What takes an alert's own name, which tells the line."""
WITHOUT: Final = ("msg --list", "line fallback", "msg |")


def on_its_line(text: str, chosen: Chosen) -> tuple[str, ...]:
    """A command, with the line that it is about where the node has several: the selected duty's.
    With nothing selected there is one for each line of a list; of what is sent, the line is left
    to be typed."""
    lines = chosen.board.node.lines
    if len(lines) < 2 or text in WITHOUT or text.split()[0] in ON_ALL:
        return (text,)
    if chosen.alert is not None:
        return (f"{text} --line {chosen.alert.line[:LINE_CHARS]}",)
    if text in {key.looks for key in KEYS}:
        return tuple(f"{text} --line {line.line[:LINE_CHARS]}" for line in lines)
    return (f"{text} --line {'' if '|' in text else '|'}",)


LINE_CHARS: Final = 12
"""As many of a line's name as refusals show."""


def _silence(chosen: Chosen) -> str | None:
    alert = chosen.alert
    return None if alert is None else f"silence {alert.id} --minutes 5 --reason '|'"


def _escalate(chosen: Chosen) -> str | None:
    return None if chosen.alert is None else f"escalate {chosen.alert.id}"


def _own(chosen: Chosen) -> EntryRef | None:
    """The selected own notice, else the first of ours that the clock has ended."""
    ended = (each.ref for each in chosen.board.notices if each.own and "ENDED" in each.phase)
    return chosen.own or next(ended, None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """A key, what it does in a few words, and the command that it fills in or shows the output of.

    ``looks``: a command whose output is shown at once; it sends nothing. ``beside``: one more,
    about what is selected."""

    key: str
    does: str
    fill: Fill | None = None
    looks: str | None = None
    beside: Fill | None = None


KEYS: Final = (
    Key(key="j k", does="next, previous; also the arrows; PgUp, PgDn: ten at once"),
    Key(key="Enter", does="the selected duty in full, with the notices that it is about"),
    Key(key="f", does="next that nobody has taken, an emergency first"),
    Key(key="a", does="take the selected duty"),
    Key(key="r", does="ROGER: received and understood"),
    Key(key="w", does="WILCO: will comply; to a STOP: HALTED; Enter sends"),
    Key(key="s", does="STANDBY: an answer follows"),
    Key(
        key="u", does="UNABLE, with the minutes needed; to a STOP: CANNOT", fill=_unable
    ),
    Key(
        key="b", does="READ-BACK: place; bearing; distance; upper limit; start",
        fill=lambda chosen: _ref(chosen.to, "answer", " READ-BACK --read-back '|'"),
    ),
    Key(
        key="o", does="OBJECT, with a reason or a way out",
        fill=lambda chosen: _ref(chosen.to, "answer", " OBJECT --remark '|'"),
    ),
    Key(key="p", does="ways out of the selected conflict", looks="conflicts"),
    Key(key="c", does="coordinate the selected pair", fill=_coordinate),
    Key(key="e", does="have the next role called now", fill=_escalate),
    Key(
        key="l", does="what to say by telephone about it, and whom to call how",
        looks="line fallback", beside=lambda chosen: _ref(chosen.first, "notice call-script"),
    ),
    Key(key="z", does="silence the selected duty, with a reason", fill=_silence),
    Key(key="x", does="STOP; Enter sends", fill=_stop),
    Key(key="d", does="DISTRESS; Enter sends; --at PLACE where it is known", fill=_distress),
    Key(
        key="A", does="ACCIDENT; Enter sends",
        fill=lambda chosen: "accident 'something unplanned: details follow|'",
    ),
    Key(key="n", does="file a notice", fill=lambda chosen: "notice file --class |"),
    Key(
        key="y", does="ALL CLEAR for the selected notice of ours",
        fill=lambda chosen: _ref(_own(chosen), "notice all-clear"),
    ),
    Key(key="m", does="send a message by template", looks="msg --list",
        fill=lambda chosen: "msg |"),
    Key(key="h", does="what is open at a handover", looks="handover",
        fill=lambda chosen: "handover --give"),
    Key(key="t", does="who has not been told", looks="relay", fill=_relayed),
    Key(key="v", does="own movers", looks="movers list", fill=lambda chosen: "movers put |"),
    Key(key="g", does="all live notices", looks="notice list"),
    Key(key="i", does="what was said, and its answers", looks="messages"),
    Key(key="/", does="show only duties with some words"),
    Key(key=":", does="any command of clearline; also Ctrl-K"),
    Key(key="?", does="these keys"),
    Key(key="q", does="leave"),
)  # fmt: skip
"""In the order in which they are read."""


def sheet() -> tuple[str, ...]:
    """The keys, one a line."""
    return tuple(f"{each.key:>5}  {each.does}" for each in KEYS)


__all__ = ["KEYS", "Chosen", "Key", "of_stop", "on_its_line", "sheet"]
