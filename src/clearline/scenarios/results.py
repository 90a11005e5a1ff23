"""The last table: what failed then, by whose claims; what the line did with it; by how much."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from clearline.conflict.geodesy import inverse
from clearline.model.entry import Kind
from clearline.model.ids import EntryRef, PartyId, party_of
from clearline.model.refusal import Refusal
from clearline.model.time import DAY, MINUTE, SECOND, Instant, Millis, format_length
from clearline.node.queries import asks
from clearline.node.queries_notices import find, notice_view
from clearline.node.views import AnswerView
from clearline.notation.answering import final_replies
from clearline.scenarios.events import Event, Layer, utc
from clearline.scenarios.moments import Moments
from clearline.scenarios.script import Measure, Result, Script, Variant, plays_in
from clearline.scenarios.stage import Stage
from clearline.scenarios.watch import Watch


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a measure gave: in words, and as a length in milliseconds where it is one."""

    words: str
    ms: int | None = None
    metres: int | None = None
    code: str | None = None
    shortfall_s: int | None = None
    minutes_needed: int | None = None
    minutes_left: int | None = None


NOTHING = Found(words="nothing to measure in this variant")


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """A playing that is over, to be measured."""

    stage: Stage
    watch: Watch
    moments: Moments
    refs: Mapping[str, EntryRef]
    refusals: Mapping[str, Refusal]

    def measure(self, script: Script, row: Result) -> Found:
        """One row's figure."""
        of, party = row.of or "", row.party or PartyId("")
        match row.measure:
            case Measure.SHORTFALL:
                lead = self.watch.leads.get((of, party))
                if lead is None:
                    return NOTHING
                short = -(-lead.shortfall_ms // SECOND)
                return Found(words=format_length(lead.shortfall_ms), shortfall_s=short)
            case Measure.NEEDED:
                return self._needed(of, party)
            case Measure.REFUSED:
                refusal = self.refusals.get(of)
                code = None if refusal is None else refusal.code.value
                return NOTHING if code is None else Found(words=code, code=code)
            case Measure.TOLD:
                return self._length(self.watch.told.get((of, party)), self._arrival(of))
            case Measure.REACHED:
                return self._length(self._reached(of), self._since(row))
            case Measure.ANSWERED:
                return self._length(self._answered(of, party), self._since(row))
            case Measure.OPEN:
                return self._open(row)
            case Measure.APART:
                return _apart(script, row)
            case Measure.ALARM:
                return self._length(self._rang(row), self._since(row))

    def _since(self, row: Result) -> Instant | None:
        """From when a row counts: from the earliest that ``at`` may be, else from the act."""
        if row.at is not None:
            return self.moments.bounds(row.at)[0]
        return self.moments.played.get(row.of or "")

    def _length(self, end: Instant | None, start: Instant | None) -> Found:
        if start is None:
            return NOTHING
        if end is None:
            return Found(words="never in this replay")
        return Found(words=format_length(end - start), ms=end - start)

    def _rang(self, row: Result) -> Instant | None:
        """The first alarm of the row's kind at its party, from the row's moment on."""
        since = self._since(row)
        if since is None or row.alert is None or row.party is None:
            return None
        raised = self.watch.alarms.get((row.alert, row.party), [])
        return min((at for at in raised if at >= since), default=None)

    def then(self, row: Result) -> Millis | None:
        """How long it took then, as claimed: the shortest that the claims leave open."""
        if row.then_min is not None:
            return Millis(row.then_min * MINUTE)
        if row.then_from is None or row.then_to is None:
            return None
        return Millis(self.moments.bounds(row.then_to)[0] - self.moments.bounds(row.then_from)[1])

    def _needed(self, of: str, party: PartyId) -> Found:
        one = self.watch.exposures.get((of, party))
        if one is None:
            return Found(words="none of its known movers is inside")
        needed = str(one.needed)
        if one.needed_max != one.needed:
            needed = f"{one.needed} to {one.needed_max}"
        words = f"{one.call_sign} needs {needed} min and has {one.left} min"
        return Found(words=words, minutes_needed=one.needed, minutes_left=one.left)

    def _arrival(self, of: str) -> Instant | None:
        """When the last node took it in."""
        ref = self.refs.get(of)
        times = [self.stage.received(ref, party) for party in self.stage.nodes] if ref else []
        return max((at for at in times if at is not None), default=None)

    def _reached(self, of: str) -> Instant | None:
        ref = self.refs.get(of)
        if ref is None:
            return None
        others = [party for party in self.stage.nodes if party != party_of(ref.feed)]
        times = [self.stage.received(ref, party) for party in others]
        known = [at for at in times if at is not None]
        return max(known) if known and len(known) == len(times) else None

    def _answered(self, of: str, party: PartyId) -> Instant | None:
        ref = self.refs.get(of)
        if ref is None:
            return None
        reading = self.stage.look(party_of(ref.feed))
        found = find(reading, ref)
        answers: tuple[AnswerView, ...] = ()
        kind = Kind.NOTICE
        if found is not None:
            view = notice_view(reading, *found)
            answers, kind = view.answers, view.kind
        for ask in asks(reading):
            if ask.ref == ref:
                answers, kind = ask.answers, ask.kind
        final = [
            a.t
            for a in answers
            if a.party == party
            and a.reply in final_replies(kind)
            and a.read_back_agrees is not False
        ]
        return min(final, default=None)

    def _open(self, row: Result) -> Found:
        """A hazard at a moment: how much of its window and tail was still to come, by the clock
        alone; no ALL CLEAR had been given before it."""
        ref = self.refs.get(row.of or "")
        if ref is None or row.at is None:
            return NOTHING
        author = party_of(ref.feed)
        found = find(self.stage.look(author), ref)
        at = self.moments.act(row.at)
        if found is None:
            return NOTHING
        view = notice_view(self.stage.look(author), *found)
        over = view.over or at
        if at >= over:
            return Found(words=f"ended by time {format_length(at - over)} before, NOT CONFIRMED")
        return Found(words=f"{format_length(over - at)} of window and tail to come", ms=over - at)


def _apart(script: Script, row: Result) -> Found:
    places = [place for name in row.places if (place := script.place(name)) is not None]
    if len(places) != 2:
        return NOTHING
    a, b = (place.position for place in places)
    metres = round(inverse(a.lat, a.lon, b.lat, b.lon)[0])
    return Found(words=f"{metres / 1000:.1f} km", metres=metres)


TIMED: Final = frozenset({Measure.TOLD, Measure.REACHED, Measure.ANSWERED, Measure.ALARM})
"""Measures that are lengths of time from an event on, to be held against how long it took then."""


def rows(script: Script, variant: Variant, measured: Measured) -> Iterator[Event]:
    """The table of one variant."""
    for row in script.results:
        if plays_in(row.variants, variant.id):
            yield _event(script, row, measured)


def _event(script: Script, row: Result, measured: Measured) -> Event:
    found, then = measured.measure(script, row), measured.then(row)
    gain = _gain(row, found, then)
    does = row.line.replace("{value}", found.words)
    failed = row.failed
    if then is not None and row.then_min is None:
        failed += f" (at least {_minutes(then)})"
    grounds = (*row.claims, *row.assumes)
    return Event(
        t=utc(script.ends), by="scenario", kind="result", id=row.id, about=row.of,
        party=row.party, basis=grounds, layer=Layer.RESULT,
        text=f"then: {failed}; the line: {does}; by how much: {_gained(row, found, then)}",
        failed=failed, does=does, gain=_gained(row, found, then),
        line_s=None if found.ms is None else -(-found.ms // SECOND),
        then_min=None if then is None else then // MINUTE, gain_min=gain,
        distance_m=found.metres, code=found.code, shortfall_s=found.shortfall_s,
        minutes_needed=found.minutes_needed, minutes_left=found.minutes_left,
        alert=None if row.alert is None else row.alert.value,
    )  # fmt: skip


def _gain(row: Result, found: Found, then: Millis | None) -> int | None:
    """Whole minutes sooner than then, rounded down; None where it cannot be said."""
    if row.measure not in TIMED or found.ms is None or then is None:
        return None
    return (then - found.ms) // MINUTE


def _gained(row: Result, found: Found, then: Millis | None) -> str:
    """By how many minutes, or why that cannot be said."""
    if row.measure not in TIMED:
        return f"cannot be said: {_UNTIMED}"
    if found.ms is None:
        return "cannot be said: it does not come about in this replay"
    if then is None:
        return "cannot be said: no claim says how long it took then"
    gain = (then - found.ms) // MINUTE
    return f"{_minutes(Millis(abs(gain) * MINUTE))} {'sooner' if gain >= 0 else 'later'}"


_UNTIMED: Final = "the line shows it, people must act"


def _minutes(length: Millis) -> str:
    """Whole minutes, with days beside them where there are many."""
    days = f", {length // DAY} d" if length >= 2 * DAY else ""
    return f"{length // MINUTE:,} min{days}"
