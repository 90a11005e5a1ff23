"""Several real nodes on a virtual clock: the same ``Conductor`` that a running node uses.

Keys come from names, so that every replay is the same to the byte; stores are in memory; what a
node wants sent arrives at once. Nothing here knows what is being played.
"""

import base64
import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from importlib.resources import files
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from msgspec.structs import replace

from clearline.alerting.routing import Route
from clearline.model.alert import Ring
from clearline.model.ids import EntryRef, FeedId, LineId, PartyId
from clearline.model.refusal import Refusal
from clearline.model.terms import Agreement
from clearline.model.time import HOUR, MINUTE, SECOND, Instant
from clearline.node.conductor import Conductor
from clearline.node.inbound import (
    Acknowledge,
    Beaten,
    Inbound,
    Mover,
    Movers,
    Outcome,
    Say,
    Statement,
    Ticked,
)
from clearline.node.intent import Beat, Fetch, Intent, Send
from clearline.node.queries import reading
from clearline.node.reading import Reading
from clearline.node.state import LineState, Local
from clearline.scenarios.script import Quiet, Script
from clearline.signing import SoftwareSigner
from clearline.store.memory import MemoryHighWater, MemoryStore
from clearline.trust.agreement import sign_agreement
from clearline.trust.documents import DocType, sign
from clearline.trust.draft import compile_draft, fill_template
from clearline.trust.party import KeyRole, Manifest, NodeKey, PartyCard
from clearline.trust.terms_check import faults

SET_UP_MS: Final = 10 * MINUTE
"""The line stands so long before the scenario begins: it is not the line that is tested."""
TICK_MS: Final = 30 * SECOND
"""How often every node looks at its clock at least; deadlines of alarms are met to the second."""
ROUNDS_MAX: Final = 10_000
PUSH_BYTES_MAX: Final = 1 << 20


class Unplayable(Exception):
    """The terms of a scenario are not valid terms, or its line does not open."""


def seed(*names: object) -> bytes:
    """32 bytes that are the same on every run. These keys protect nothing but a replay."""
    return hashlib.sha256("/".join(("clearline-replay", *map(str, names))).encode()).digest()


def terms_of(script: Script) -> Agreement | tuple[Refusal, ...]:
    """The terms of the scenario's line: a template with the scenario's title, area and represented
    parties; or what is wrong with them."""
    known = sorted(item.name for item in files("clearline.trust.templates").iterdir())
    name = f"{script.template}.toml"
    if name not in known:
        raise Unplayable(f"there is no template {script.template!r}")
    text = files("clearline.trust.templates").joinpath(name).read_text("utf-8")
    cards = [
        PartyCard(v=1, id=each.id, name=each.name, root_key=_root(each.id).public.hex)
        for each in script.members
    ]
    if len(cards) < 2:
        raise Unplayable("a line needs two parties that are on it")
    effective = Instant(script.begins - SET_UP_MS - HOUR)
    filled = compile_draft(fill_template(text, cards, effective))
    if not isinstance(filled, Agreement):
        return filled
    agreement = replace(
        filled,
        title=script.agreement_title,
        represented=script.represented or filled.represented,
        area=script.area if script.area is not None else filled.area,
    )
    return faults(agreement) or agreement


def _root(party: str) -> SoftwareSigner:
    return SoftwareSigner(seed("root", party))


def _node_key(party: str) -> SoftwareSigner:
    return SoftwareSigner(seed("node", party))


@lru_cache(maxsize=64)
def _certificate(party: str) -> str:
    """A self-signed certificate for the manifest, base64 DER: nothing connects to it."""
    key = Ed25519PrivateKey.from_private_bytes(seed("tls", party))
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, party)])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(datetime(2000, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2100, 1, 1, tzinfo=UTC))
        .sign(key, None)
    )
    return base64.b64encode(certificate.public_bytes(Encoding.DER)).decode()


def _papers(agreement: Agreement) -> tuple[bytes, ...]:
    """The terms signed by all, and a manifest each."""
    terms = sign_agreement(agreement, *(_root(party.id) for party in agreement.parties))
    if isinstance(terms, Refusal):
        raise Unplayable(f"the terms cannot be signed: {terms.code}")
    manifests = [
        Manifest(
            v=1,
            party=party.id,
            name=party.name,
            root_key=party.root_key,
            serial=1,
            issued=agreement.effective,
            keys=(NodeKey(key=_node_key(party.id).public.hex, role=KeyRole.NODE),),
            tls=(_certificate(party.id),),
        )
        for party in agreement.parties
    ]
    return (terms, *(sign(DocType.MANIFEST, each, (_root(each.party),)) for each in manifests))


@dataclass(frozen=True, slots=True)
class Rang:
    """A ring at a party's desk, and when."""

    at: Instant
    party: PartyId
    ring: Ring


@dataclass(slots=True)
class Stage:
    """Nodes of the parties of one line, the clock, and what is under way between them."""

    agreement: Agreement
    now: Instant
    quiet: tuple[Quiet, ...] = ()
    line: LineId = field(init=False)
    nodes: dict[PartyId, Conductor] = field(default_factory=dict)
    rang: list[Rang] = field(default_factory=list)
    cut: set[frozenset[PartyId]] = field(default_factory=set)
    _wanted: list[tuple[PartyId, Intent]] = field(default_factory=list)
    _turns: int = 0

    def __post_init__(self) -> None:
        papers = _papers(self.agreement)
        for party in self.agreement.parties:
            node = self._node(party.id)
            line = node.open_line(papers, self.now)
            if isinstance(line, Refusal):
                raise Unplayable(f"{party.id} does not open the line: {line.code}")
            self.line = line
            self.nodes[party.id] = node
        self._tick()

    def _node(self, party: PartyId) -> Conductor:
        signer = _node_key(party)
        roles = self.agreement.roles
        return Conductor(
            local=Local(party=party, software="clearline-replay", rules="clearline/1", geoid=""),
            store=MemoryStore(),
            high_water=MemoryHighWater(),
            signers={signer.public.hex: signer},
            fence=1,
            routes=tuple(Route(role=role, channels=("desk",)) for role in roles),
        )

    # -- time

    def run_until(self, until: Instant, stops: Iterable[Instant] = ()) -> Iterator[Instant]:
        """Let the clock go on to a moment, with every node looking at it often, at each deadline
        of an alarm and at each of ``stops``. Yields after each look. In a quiet span they look so
        often as the span says, at nothing else, and it yields at its end and once an hour."""
        while self.now < until:  # what is due may grow between two looks
            if (span := self._span()) is not None:
                self.now = min(Instant(self.now + span.every_ms), until, span.end)
                self._tick()
                if self.now in (until, span.end) or self.now % HOUR < span.every_ms:
                    yield self.now
                continue
            due = [node.state.book.next_deadline() for node in self.nodes.values()]
            ahead = [at for at in (*due, *stops) if at is not None and self.now < at]
            self.now = min((Instant(self.now + TICK_MS), until, *ahead))
            self._tick()
            yield self.now

    def _span(self) -> Quiet | None:
        return next((span for span in self.quiet if span.start <= self.now < span.end), None)

    def _tick(self) -> None:
        for party in self.nodes:
            self.take(party, Ticked())
        self.settle()

    def take(self, party: PartyId, what: Inbound) -> Outcome:
        """One turn of one node."""
        self._turns += 1
        done = self.nodes[party].turn([what], self.now, seed("turn", self._turns))
        for intent in done.intents:
            if isinstance(intent, Ring):
                self.rang.append(Rang(self.now, party, intent))
            elif isinstance(intent, Send | Fetch | Beat):
                self._wanted.append((party, intent))
        return done.outcomes[0]

    def settle(self) -> None:
        """Carry all that is under way until nothing is."""
        for _ in range(ROUNDS_MAX):
            if not self._wanted:
                return
            party, intent = self._wanted.pop(0)
            self._carry(party, intent)
        raise AssertionError("nodes at rest stay at rest")

    def _carry(self, party: PartyId, intent: Intent) -> None:
        match intent:
            case Send() if self._linked(party, intent.peer):
                self._push(party, intent.peer, self.at(party).feed)
            case Fetch() if self._linked(party, intent.peer):
                self._push(intent.peer, party, intent.feed)
            case Beat() if self._linked(party, intent.peer):
                beat = Beaten(
                    line=self.line,
                    peer=party,
                    sequence=intent.sequence,
                    sent=intent.sent,
                    echo=intent.echo,
                    reply=intent.reply,
                    heads=self.nodes[party].gossip(self.line),
                )
                self.take(intent.peer, beat)
            case _:
                pass

    def _linked(self, a: PartyId, b: PartyId) -> bool:
        return b in self.nodes and frozenset((a, b)) not in self.cut

    def _push(self, sender: PartyId, receiver: PartyId, feed: FeedId) -> None:
        held = self.at(receiver).frontier(feed).size
        pushed = self.nodes[sender].push(self.line, feed, held, bytes_max=PUSH_BYTES_MAX)
        if pushed is not None:
            self.take(receiver, pushed)

    # -- what people do

    def say(self, party: PartyId, role: str, statement: Statement) -> Outcome:
        """Somebody states something at his own node; it is carried at once."""
        say = Say(
            id=f"{party}-{self._turns}", line=self.line, person=f"{party} {role}", role=role,
            statements=(statement,),
        )  # fmt: skip
        outcome = self.take(party, say)
        self.settle()
        return outcome

    def place(self, party: PartyId, mover: Mover) -> Outcome:
        """Where an own mover is."""
        outcome = self.take(
            party,
            Movers(id=f"{party}-{self._turns}", line=self.line, person=party, movers=(mover,)),
        )
        self.settle()
        return outcome

    def acknowledge(self, party: PartyId, alert: str, person: str, role: str) -> Outcome:
        """A person takes an alert."""
        ack = Acknowledge(id=f"{party}-{self._turns}", alert=alert, person=person, role=role)
        outcome = self.take(party, ack)
        self.settle()
        return outcome

    # -- what can be seen

    def at(self, party: PartyId) -> LineState:
        """A node's state of the line."""
        return self.nodes[party].state.lines[self.line]

    def look(self, party: PartyId) -> Reading:
        """The line as a party's desk reads it now."""
        node = self.nodes[party]
        found = reading(node.state, node.tools, self.line, self.now)
        assert found is not None, "every node of the stage is on the line"
        return found

    def received(self, ref: EntryRef, party: PartyId) -> Instant | None:
        """When a party's node took an entry in, by its own clock."""
        if ref.index >= self.at(party).frontier(ref.feed).size:
            return None
        return next(
            stored.received
            for stored in self.nodes[party].store.entries(self.line, ref.feed, ref.index, 1)
        )


__all__ = ["Rang", "Stage", "Unplayable", "seed", "terms_of"]
