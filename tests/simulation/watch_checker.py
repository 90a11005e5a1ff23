"""What must hold through a long watch, after every step. Each finding names its invariant.

F  no FLASH is unanswered past its deadline without a higher rung having been rung about it
O  every duty has an owner: what is asked of a party stands on its board until it is answered, with
   a next call or with the role that took it; each role's watch is one person's by the record
S  silence is never consent: an alert is ANSWERED by an answer entry of its own party alone, that a
   person wrote; what nobody answered in time is rung about at whoever asked; an alert leaves the
   board only when its trouble has gone; COORDINATED stands on the words of both
M  no message is lost: what was taken stays, and once healed every store holds every feed whole
"""

from dataclasses import dataclass, field

from clearline.alerting.correlate import alarm_of, is_quiet
from clearline.model.alert import Alert, AlertState, Ring, TroubleKind
from clearline.model.entry import Kind, Precedence
from clearline.model.ids import EntryRef, PartyId
from clearline.model.terms import Agreement
from clearline.model.time import SECOND, Instant
from clearline.node.conductor import Conductor
from clearline.node.lasting import key_of
from tests.simulation.watch_record import Demand, Record, is_final

SLACK_MS = 65 * SECOND
"""A node looks at its clock each minute at least, and at its alarms' deadlines within ten seconds;
a node that has only just started has not looked yet."""
DUE = (AlertState.RAISED, AlertState.ESCALATED, AlertState.ACKNOWLEDGED)


class Broken(AssertionError):
    """An invariant does not hold."""

    def __init__(self, invariant: str, says: str) -> None:
        super().__init__(f"{invariant}: {says}")
        self.invariant = invariant


@dataclass(slots=True)
class Checker:
    """One line's, over the whole watch. ``rung``: by party and alarm, when each rung was last
    rung; ``written``: entries that people here wrote; ``climbed``: how often F was decided."""

    terms: Agreement
    rung: dict[tuple[PartyId, str, int], Instant] = field(default_factory=dict)
    written: set[EntryRef] = field(default_factory=set)
    passed: dict[PartyId, int] = field(default_factory=dict)
    climbed: int = 0
    owned: int = 0
    told_silent: int = 0
    _boards: dict[PartyId, dict[str, str]] = field(default_factory=dict)

    def rang(self, party: PartyId, ring: Ring, alert: Alert, at: Instant) -> None:
        """A ring went out."""
        for rung in range(ring.rung + 1):
            self.rung[party, alarm_of(alert.trouble), rung] = at

    def started(self, party: PartyId) -> None:
        """A process began anew: its board is what it has read."""
        self._boards.pop(party, None)

    def check(
        self, party: PartyId, node: Conductor, record: Record, now: Instant, up: Instant
    ) -> None:
        """One node after its turns. ``now`` and ``up`` (when it started) by its own clock."""
        book = node.state.book
        by_ref = {
            alert.trouble.about[0]: alert
            for alert in book.alerts.values()
            if alert.trouble.needs_answer and alert.trouble.about
        }
        open_ = () if party in record.gone else tuple(record.open.values())
        for demand in open_:
            if demand.asks(party, now):
                self._owned(party, demand, by_ref.get(demand.ref), record, now)
                if demand.prec is Precedence.FLASH:
                    self._climbed(party, demand, by_ref.get(demand.ref), record, now, up)
        for demand in open_:
            if demand.author == party:
                self._told_silent(party, demand, node, record, now, up)
        for alert in book.alerts.values():
            self._alert(party, alert, record)
        self._left(party, node)
        if record.handovers.get(party, 0) != self.passed.get(party, 0):
            raise Broken("O", f"{party}: the record names another watch than the one on duty")

    def _owned(
        self, party: PartyId, demand: Demand, alert: Alert | None, record: Record, now: Instant
    ) -> None:
        self.owned += 1
        if alert is None or alert.state not in DUE:
            state = "not on the board" if alert is None else alert.state.value
            raise Broken("O", f"{party}: {demand.kind} {demand.ref} is unanswered and {state}")

    def _climbed(
        self, party: PartyId, demand: Demand, alert: Alert | None, record: Record, now: Instant,
        up: Instant,
    ) -> None:  # fmt: skip
        term = next(t for t in self.terms.deadlines if t.precedence is Precedence.FLASH)
        since = record.received[demand.ref]
        if now < max(since + term.answer_ms, up) + SLACK_MS:
            return
        self.climbed += 1
        assert alert is not None
        rang = self.rung.get((party, alarm_of(alert.trouble), 1))
        if rang is None or rang < since:
            raise Broken("F", f"{party}: FLASH {demand.ref} is unanswered, and nobody above rang")

    def _told_silent(
        self, party: PartyId, demand: Demand, node: Conductor, record: Record, now: Instant,
        up: Instant,
    ) -> None:  # fmt: skip
        """What nobody answered is said to whoever asked."""
        term = next(t for t in self.terms.deadlines if t.precedence is demand.prec)
        if now < max(demand.stated + term.answer_ms, up) + SLACK_MS:
            return
        if demand.kind in (Kind.DISTRESS, Kind.ACCIDENT):
            return  # a cry is a version too, and what it asks ends with it
        line = node.state.lines[record.line]
        for other in line.others:
            if other in record.gone or not demand.asks(other, now):
                continue
            self.told_silent += 1
            key = f"{TroubleKind.NO_ANSWER.value}/{demand.ref}/{other}"
            if node.state.book.find(record.line, key) is None:
                raise Broken("S", f"{party}: {other} is silent about {demand.ref}, nobody is told")

    def _alert(self, party: PartyId, alert: Alert, record: Record) -> None:
        state = alert.state
        if state is AlertState.ANSWERED:
            answer = None if alert.answer is None else record.answers.get(alert.answer)
            asked = record.demands.get(alert.trouble.about[0])
            if answer is None or asked is None or alert.answer not in self.written:
                raise Broken("S", f"{party}: {alert.id} is ANSWERED by no entry that was written")
            if answer.to != asked.ref or not is_final(asked.kind, answer.reply):
                raise Broken("S", f"{party}: {alert.id} is ANSWERED by what answers it not")
        if state not in DUE or is_quiet(alert.trouble) or alert.next is not None:
            return
        if state is not AlertState.ACKNOWLEDGED or alert.taken_role not in self.terms.roles:
            raise Broken("O", f"{party}: {alert.id} is open, and nobody is called or has it")

    def _left(self, party: PartyId, node: Conductor) -> None:
        """Alerts leave the board only when their trouble has gone."""
        troubles = node.state.troubles
        board = {key_of(a.trouble): a.state.value for a in node.state.book.alerts.values()}
        for key, state in self._boards.get(party, {}).items():
            if key not in board and key in troubles:
                raise Broken("S", f"{party}: {key} ({state}) left the board, and it still stands")
        self._boards[party] = board

    def healed(self, records: dict[PartyId, Record]) -> None:
        """Every store holds every feed, the same to the byte."""
        (first, one), *others = records.items()
        for name, other in others:
            if one.bytes_of != other.bytes_of:
                raise Broken("M", f"{first} and {name} do not hold the same records")
        for ref in self.written:
            if ref not in one.received:
                raise Broken("M", f"{ref} was taken, and is in nobody's store")
