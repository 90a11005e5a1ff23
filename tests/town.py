"""A town: parties with keys and an agreement, nodes on a virtual clock, messages carried by hand.

Everything is real but the wire and the disk: the same ``Conductor`` that the running node uses, on
a store in memory. ``check`` holds every invariant that can be seen from outside.
"""

import base64
import hashlib
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from importlib.resources import files

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from clearline.alerting.routing import Route
from clearline.model.entry import Body, Precedence
from clearline.model.ids import EntryRef, FeedId, LineId, PartyId, feed_of
from clearline.model.space import Corridor, Disc, Edge, Height, HeightRef, LatLon, Polygon, Volume
from clearline.model.terms import Agreement
from clearline.model.time import HOUR, MINUTE, SECOND, Instant, parse_utc
from clearline.node.conductor import Conductor, Done
from clearline.node.inbound import Beaten, Inbound, Outcome, Say, Ticked
from clearline.node.intent import Beat, Fetch, Intent, Send
from clearline.node.judge import WORK_OF_A_TURN
from clearline.node.queries import reading
from clearline.node.reading import Reading
from clearline.node.state import LineState, Local
from clearline.node.write import statement
from clearline.picture.situation import Version
from clearline.picture.standing import Standing, State, View, find_version, standing
from clearline.signing import SoftwareSigner
from clearline.store.memory import MemoryHighWater, MemoryStore
from clearline.trust.agreement import sign_agreement
from clearline.trust.documents import DocType, sign
from clearline.trust.draft import compile_draft, fill_template
from clearline.trust.party import KeyRole, Manifest, NodeKey, make_card, read_card

BEGIN = parse_utc("2026-03-01T00:00:00Z")


def seed(*names: object) -> bytes:
    """32 bytes that are the same on every run."""
    return hashlib.sha256("/".join(map(str, names)).encode()).digest()


def root_of(party: str) -> SoftwareSigner:
    """A party's root key."""
    return SoftwareSigner(seed("root", party))


def node_key_of(party: str, n: int = 0) -> SoftwareSigner:
    """A party's n-th node key."""
    return SoftwareSigner(seed("node", party, n))


@lru_cache
def agreement_of(
    parties: tuple[str, ...], template: str = "bilateral-air", exercise: bool = False
) -> Agreement:
    """Terms from a template for these parties, effective at BEGIN; those of an exercise if said."""
    cards = []
    for party in parties:
        card = read_card(make_card(PartyId(party), f"Party {party}", root_of(party)))
        cards.append(card.body)
    text = files("clearline.trust.templates").joinpath(f"{template}.toml").read_text("utf-8")
    text = text.replace("exercise = false", "exercise = true") if exercise else text
    compiled = compile_draft(fill_template(text, cards, BEGIN))
    assert isinstance(compiled, Agreement), compiled
    return compiled


@lru_cache
def certificate_of(party: str) -> str:
    """A self-signed certificate, the same on every run, base64 DER; nothing connects here."""
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


def manifest_of(party: str) -> bytes:
    """A party's first manifest: one node key."""
    body = Manifest(
        v=1,
        party=PartyId(party),
        name=f"Party {party}",
        root_key=root_of(party).public.hex,
        serial=1,
        issued=BEGIN,
        keys=(NodeKey(key=node_key_of(party).public.hex, role=KeyRole.NODE),),
        tls=(certificate_of(party),),
    )
    return sign(DocType.MANIFEST, body, (root_of(party),))


def papers_of(
    parties: tuple[str, ...], template: str = "bilateral-air", exercise: bool = False
) -> tuple[bytes, ...]:
    """Every document that begins a line: terms signed by all, and a manifest each."""
    agreed = agreement_of(parties, template, exercise)
    terms = sign_agreement(agreed, *(root_of(p) for p in parties))
    assert isinstance(terms, bytes), terms
    return (terms, *(manifest_of(party) for party in parties))


# --- short ways to say things -------------------------------------------------------------------


def at(minutes: float) -> Instant:
    """Minutes after BEGIN."""
    return Instant(int(BEGIN + minutes * MINUTE))


def disc(lat: float, lon: float, radius_km: float) -> Disc:
    """A disc in degrees and kilometres."""
    centre = LatLon(round(lat * 1e7), round(lon * 1e7))
    return Disc(centre=centre, radius_mm=round(radius_km * 1e6))


def corridor(points: list[tuple[float, float]], half_km: float) -> Corridor:
    """A corridor in degrees and kilometres."""
    line = tuple(LatLon(round(a * 1e7), round(b * 1e7)) for a, b in points)
    return Corridor(line=line, half_width_mm=round(half_km * 1e6), edge=Edge.GEODESIC)


def level(number: int) -> Height:
    """A flight level."""
    return Height(ref=HeightRef.FL, mm=number * 30_480)


SURFACE = Height(ref=HeightRef.SFC)
UNLIMITED = Height(ref=HeightRef.UNL)


def volume(
    footprint: Disc | Corridor | Polygon,
    start: Instant,
    end: Instant,
    lower: Height = SURFACE,
    upper: Height = UNLIMITED,
) -> Volume:
    """A volume, from the surface up unless said."""
    return Volume(footprint=footprint, lower=lower, upper=upper, start=start, end=end)


@dataclass
class Town:
    """Nodes of several parties on one line, and the messages under way between them."""

    parties: tuple[str, ...]
    template: str = "bilateral-air"
    now: Instant = BEGIN
    line: LineId = field(init=False)
    nodes: dict[str, Conductor] = field(default_factory=dict)
    rung: list[tuple[str, Intent]] = field(default_factory=list)
    wants: list[tuple[str, Intent]] = field(default_factory=list)
    turns: int = 0
    work: int = WORK_OF_A_TURN
    exercise: bool = False
    pending: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        documents = papers_of(self.parties, self.template, self.exercise)
        for party in self.parties:
            node = self.make(party, MemoryStore(), MemoryHighWater())
            line = node.open_line(documents, self.now)
            assert isinstance(line, str), line
            self.line = line
            self.nodes[party] = node
        for party in self.parties:
            self.take(party, Ticked())
        self.settle()

    def make(self, party: str, store: MemoryStore, marks: MemoryHighWater) -> Conductor:
        """A node over a store, not started."""
        signer = node_key_of(party)
        return Conductor(
            local=Local(party=PartyId(party), software="test", rules="clearline/1", geoid=""),
            store=store,
            high_water=marks,
            signers={signer.public.hex: signer},
            fence=1,
            routes=(
                Route(role="watch-officer", channels=("desk",)),
                Route(role="deputy", channels=("desk",)),
                Route(role="duty-senior", channels=("desk",)),
            ),
        )

    # -- time and turns

    def wait(self, ms: int) -> None:
        """Let the virtual clock go on."""
        self.now = Instant(self.now + ms)

    def take(self, party: str, *batch: Inbound) -> Done:
        """One turn of one node."""
        self.turns += 1
        done = self.nodes[party].turn(batch, self.now, seed("turn", self.turns), self.work)
        self.pending[party] = done.pending
        for intent in done.intents:
            if isinstance(intent, Send | Fetch | Beat):
                self.wants.append((party, intent))
            else:
                self.rung.append((party, intent))
        return done

    def tick(self) -> None:
        """Every node looks at the clock; then everything under way is carried."""
        for party in self.nodes:
            self.take(party, Ticked())
        self.settle()

    def settle(self) -> None:
        """Carry all that is wanted, and judge all that waits, until nothing does. Two nodes that
        answer each other for ever would never get here."""
        for _ in range(10_000):
            if self.wants:
                self.carry(*self.wants.pop(0))
                continue
            behind = [party for party in self.nodes if self.pending.get(party)]
            if not behind:
                return
            self.take(behind[0], Ticked())
        raise AssertionError("the nodes never come to rest")

    def carry(self, party: str, intent: Intent) -> None:
        """Do what a node asked for: push, fetch, beat."""
        node = self.nodes[party]
        match intent:
            case Send():
                peer = self.nodes.get(intent.peer)
                if peer is None:
                    return
                feed = node.state.lines[self.line].feed
                self.push(party, intent.peer, feed)
            case Fetch():
                if intent.peer in self.nodes:
                    self.push(intent.peer, party, intent.feed)
            case Beat():
                if intent.peer not in self.nodes:
                    return
                beat = Beaten(
                    line=self.line,
                    peer=PartyId(party),
                    sequence=intent.sequence,
                    sent=intent.sent,
                    echo=intent.echo,
                    reply=intent.reply,
                    heads=node.gossip(self.line),
                )
                self.take(intent.peer, beat)

    def push(self, sender: str, receiver: str, feed: FeedId, bytes_max: int = 1 << 20) -> None:
        """Send what the receiver lacks of a feed."""
        held = self.nodes[receiver].state.lines[self.line].frontier(feed).size
        pushed = self.nodes[sender].push(self.line, feed, held, bytes_max=bytes_max)
        if pushed is not None:
            self.take(receiver, pushed)

    # -- what people do

    def say(
        self, party: str, *bodies: Body, prec: Precedence = Precedence.PRIORITY
    ) -> tuple[EntryRef, ...]:
        """State bodies on the line; they must be taken."""
        outcome = self.try_to_say(party, *bodies, prec=prec)
        assert outcome.refusal is None, outcome.refusal
        return outcome.refs

    def try_to_say(
        self, party: str, *bodies: Body, prec: Precedence = Precedence.PRIORITY
    ) -> Outcome:
        """State bodies on the line, or hear why not."""
        say = Say(
            id=f"{party}-{self.turns}",
            line=self.line,
            person="tester",
            role="watch-officer",
            statements=tuple(statement(body, prec) for body in bodies),
        )
        return self.take(party, say).outcomes[0]

    # -- what can be seen

    def at(self, party: str) -> LineState:
        """A node's state of the line."""
        return self.nodes[party].state.lines[self.line]

    def look(self, party: str) -> Reading:
        """A party's line as whoever asks its node reads it now."""
        node = self.nodes[party]
        found = reading(node.state, node.tools, self.line, self.now)
        assert found is not None
        return found

    def feed(self, party: str) -> FeedId:
        """The feed that a party writes."""
        return self.at(party).feed

    def version(self, party: str, ref: EntryRef) -> Version:
        """A version as a node holds it."""
        version = find_version(self.at(party).picture, ref)
        assert version is not None, f"{party} does not hold {ref}"
        return version

    def standing(self, party: str, ref: EntryRef, author: str | None = None) -> Standing:
        """The standing of a version as a node sees it: its own by all that it holds, another's by
        what that author's latest entry proves."""
        node = self.nodes[party]
        judge = node.tools.judge(self.line)
        picture = self.at(party).picture
        judge.sync(picture)
        owner = author or ref.feed.partition(".")[0]
        view = (
            View.own(picture, PartyId(party), judge.is_hazard)
            if owner == party
            else View.proved(picture, PartyId(owner), judge.is_hazard)
        )
        assert view is not None, "the author has written"
        return standing(view, self.version(party, ref), judge, self.now)

    def check(self) -> None:
        """No two conflicting versions are both DECONFLICTED for their authors, whatever happened;
        and nobody believes more of a feed than its author has written."""
        clear: list[Version] = []
        for party, node in self.nodes.items():
            judge = node.tools.judge(self.line)
            picture = self.at(party).picture
            judge.sync(picture)
            for state in picture.feeds.values():
                if state.feed.partition(".")[0] != party:
                    continue
                for version in state.live.values():
                    if self.standing(party, version.ref).state is State.DECONFLICTED:
                        clear.append(version)
        judge = next(iter(self.nodes.values())).tools.judge(self.line)
        for n, a in enumerate(clear):
            for b in clear[n + 1 :]:
                assert judge.judge(a, b).verdict == "NO", f"{a.ref} and {b.ref} both DECONFLICTED"


__all__ = [
    "BEGIN", "HOUR", "MINUTE", "SECOND", "SURFACE", "UNLIMITED", "Town", "at", "corridor", "disc",
    "feed_of", "level", "volume",
]  # fmt: skip
