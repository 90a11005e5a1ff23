"""What must hold in every world, after every step. Each finding names its invariant.

A  no two conflicting versions are both DECONFLICTED for their authors
R  whoever claims DECONFLICTED holds every member's receipt of that very version, and nothing live
   that conflicts with it: the rule, judged from the bytes in its own store
B  every copy of a feed is a prefix of what its author let out
C  ``seen`` never decreases, covers only what is durable, and what could not be read is told
D  what was held is held: no entry is lost or changed but by a restore
L  while a node reads its record it writes emergencies and answers alone, receipts nothing by them,
   claims nothing, and no alert that stood is ended because the picture is not there
E  every open duty has a deadline or a taker, and ANSWERED rests on an answer entry
F  a checkpoint that left is never contradicted, and covers only what is durable
K  what a node keeps from picture to picture is what a look at everything gives
G  once all is healed every picture is the same, every link is up and nothing is owed
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from clearline.alerting.correlate import is_quiet
from clearline.ledger.checkpoint import SignedCheckpoint
from clearline.model.alert import RINGING, AlertState, TroubleKind
from clearline.model.ids import FeedId
from clearline.model.terms import Agreement
from clearline.model.time import Instant
from clearline.node.inbound import Flashed, Pushed
from clearline.node.loading import LINKS
from clearline.picture.standing import State, View, Why, epochs, standing
from tests.facts_anew import differences
from tests.simulation.box import Box
from tests.simulation.oracle import (
    BARE,
    Held,
    Plan,
    Ref,
    epoch,
    party,
    plain,
    surely_conflict,
)

OVER = (AlertState.ENDED_UNSEEN, AlertState.CLOSED)
OF_ITSELF = (*LINKS, TroubleKind.LOADING, TroubleKind.NOT_SIGNING)
KEPT_EVERY = 8
"""A look at everything is as dear as the step itself: not at every one of them."""
CRIES = ("stop", "distress", "accident", "answer")


class Broken(AssertionError):
    """An invariant does not hold; ``invariant`` is its letter."""

    def __init__(self, invariant: str, what: str) -> None:
        super().__init__(f"({invariant}) {what}")
        self.invariant = invariant


@dataclass
class Known:
    """What the checker remembers of one party's store."""

    held: Held
    leaves: dict[FeedId, list[bytes]] = field(default_factory=dict)
    claims: dict[Ref, Plan] = field(default_factory=dict)
    adopted: int = 0


@dataclass
class Checker:
    """``terms`` holds every version that was ever signed, by number."""

    terms: dict[int, Agreement]
    known: dict[str, Known] = field(default_factory=dict)
    out: dict[FeedId, list[bytes]] = field(default_factory=dict)
    roots: dict[tuple[FeedId, int], bytes] = field(default_factory=dict)
    claims_checked: int = 0
    kept_checked: int = 0
    steps: int = 0

    # -- what leaves a node

    def leaves(self, box: Box, what: Pushed | Flashed, signed: SignedCheckpoint) -> None:
        """A checkpoint of the box's own feed leaves it, with or without entries."""
        feed, size = what.feed, signed.checkpoint.size
        if party(feed) != box.party:
            return
        assert box.line is not None
        before = self.roots.setdefault((feed, size), signed.checkpoint.root)
        if before != signed.checkpoint.root:
            raise Broken("F", f"{feed} has left with two roots at {size}")
        durable = [s.leaf for s in box.store.entries(box.line, feed, 0, size)]
        if len(durable) < size:
            raise Broken("F", f"{feed}: a checkpoint of {size} left, {len(durable)} are durable")
        gone = self.out.setdefault(feed, [])
        shorter = min(len(gone), size)
        if gone[:shorter] != durable[:shorter]:
            raise Broken("F", f"{feed}: what left before is not a beginning of what leaves now")
        gone.extend(durable[len(gone) :])

    # -- after every step

    def restored(self, box: Box) -> None:
        """The store is an older one from here on."""
        self.known.pop(box.party, None)

    def forget(self, feed: FeedId, others: list[Box]) -> None:
        """A mark is lost: of the feed there is now only what the other parties can show."""
        size = 0
        for box in others:
            if box.line is not None:
                size = max(size, box.store.entry_count(box.line, feed))
                size = max(
                    size, *(s.index + 1 for s in box.store.ahead(box.line) if s.feed == feed), 0
                )
        del self.out.get(feed, [])[size:]
        self.roots = {at: r for at, r in self.roots.items() if at[0] != feed or at[1] <= size}

    def check(self, box: Box, now: Instant) -> None:
        """Everything about one node, and its claims against everybody's."""
        if box.line is None:
            return
        known = self.known.setdefault(box.party, Known(Held(box.party)))
        self._read(box, known)
        if not box.up:
            return  # what stood on its desks stands until somebody looks again
        self._duties(box)
        if box.at.loading is not None:
            self._stands(box)
            known.claims = {}
            return
        written = epochs(box.at.picture, box.party)
        known.adopted = written[-1].adopted() if written else 0
        known.claims = dict(self._claims(box, known, now))
        self._kept(box)
        self._against_all(box.party)

    def _kept(self, box: Box) -> None:
        """What was brought up entry by entry, at some of the steps."""
        self.steps += 1
        if self.steps % KEPT_EVERY:
            return
        other = differences(box.at, box.running.tools.judge(box.at.line))
        if other:
            raise Broken("K", f"{box.party} keeps what is not so: {', '.join(other)}")
        self.kept_checked += 1

    def _read(self, box: Box, known: Known) -> None:
        """What the store holds beyond what was read before."""
        assert box.line is not None
        fresh: list[tuple[FeedId, dict[str, Any]]] = []
        for feed in box.store.feeds(box.line):
            leaves = known.leaves.setdefault(feed, [])
            count = box.store.entry_count(box.line, feed)
            if count < len(leaves):
                raise Broken("D", f"{box.party} held {len(leaves)} of {feed}, now {count}")
            for stored in box.store.entries(box.line, feed, len(leaves), count - len(leaves)):
                if stored.index != len(leaves):
                    raise Broken("D", f"{box.party}: {feed}/{stored.index} out of place")
                self._as_let_out(box, feed, stored.index, stored.leaf)
                leaves.append(stored.leaf)
                known.held.take(feed, stored.data)
                if party(feed) == box.party:
                    fresh.append((feed, plain(stored.data)))
        for feed, entry in fresh:
            self._receipt(box, known, feed, entry)

    def _as_let_out(self, box: Box, feed: FeedId, index: int, leaf: bytes) -> None:
        gone = self.out.get(feed, [])
        if index < len(gone):
            if gone[index] != leaf:
                raise Broken("B", f"{box.party} holds another {feed}/{index} than was let out")
        elif party(feed) != box.party:
            raise Broken("B", f"{box.party} holds {feed}/{index}, which was never let out")

    def _stands(self, box: Box) -> None:
        """What stood when the process began, stands, but for links that have come up."""
        for name, stood in box.stood.items():
            now = box.store.alert(name)
            if now is None:
                raise Broken("L", f"{box.party}: {name} is gone")
            over = now.state in OVER and stood.state not in OVER
            if over and now.answer is None and stood.trouble.kind not in OF_ITSELF:
                raise Broken("L", f"{box.party}: {name} ({stood.trouble.key}) is {now.state}")

    def _receipt(self, box: Box, known: Known, feed: FeedId, entry: dict[str, Any]) -> None:
        """An own entry: what it says that it has seen."""
        index = entry["index"]
        mine = known.held.feeds[feed]
        if box.up and box.at.loading is not None and index >= box.begun.get(feed, 0):
            before = mine.seen[index - 1] if index else {}
            if entry["kind"] not in CRIES or entry["seen"] != before:
                raise Broken("L", f"{feed}/{index} is a {entry['kind']}, seen {entry['seen']}")
        for other, size in entry["seen"].items():
            if index and size < mine.seen[index - 1].get(other, 0):
                raise Broken("C", f"{feed}/{index} has seen less of {other} than before")
            durable = len(known.leaves.get(FeedId(other), []))
            if size > durable and not box.restored:
                raise Broken("C", f"{feed}/{index} has seen {size} of {other}, held: {durable}")
            for place in known.held.feeds[other].unreadable if other in known.held.feeds else ():
                told = any(place in f.refused for f in known.held.of(box.party))
                if party(other) != box.party and place[1] < size and not told:
                    raise Broken("C", f"{feed}/{index} has seen {place}, which was not readable")

    def _claims(self, box: Box, known: Known, now: Instant) -> Iterator[tuple[Ref, Plan]]:
        """What the node says is DECONFLICTED of its own, held against the rule."""
        ls, node = box.at, box.running
        judge = node.tools.judge(ls.line)
        judge.sync(ls.picture)
        view = View.own(ls.picture, ls.me, judge.is_hazard)
        own = [v for v in judge.live.values() if v.party == ls.me]
        if not own:
            return
        ahead = [(s.feed, s.index, s.data) for s in box.store.ahead(ls.line)]
        live = known.held.live(ahead)
        for version in own:
            if standing(view, version, judge, now).state is not State.DECONFLICTED:
                continue
            self.claims_checked += 1
            ref = (str(version.ref.feed), version.ref.index)
            if ref not in live:
                raise Broken("R", f"{version.ref} is DECONFLICTED and not live")
            self._by_the_rule(box, known, live, ref)
            yield ref, live[ref]

    def _by_the_rule(self, box: Box, known: Known, live: dict[Ref, Plan], ref: Ref) -> None:
        terms = self.terms[known.adopted]
        absent = known.held.missing_receipt(box.party, ref, [p.id for p in terms.parties])
        if absent is not None:
            raise Broken("R", f"{ref} is DECONFLICTED without a receipt of {absent}'s")
        for other, plan in live.items():
            if other != ref and surely_conflict(live[ref], plan, terms):
                raise Broken("R", f"{ref} is DECONFLICTED against {other}, which is held")

    def _against_all(self, who: str) -> None:
        mine = self.known[who]
        for name, other in self.known.items():
            low, high = sorted((mine.adopted, other.adopted))
            for a, plan in mine.claims.items():
                for b, plan_b in other.claims.items():
                    if a == b or (name == who and b < a):
                        continue
                    for version in range(max(low, 1), high + 1):
                        if surely_conflict(plan, plan_b, self.terms[version]):
                            raise Broken("A", f"{a} and {b} conflict, both are DECONFLICTED")

    def _duties(self, box: Box) -> None:
        for alert in box.running.state.book.alerts.values():
            ringing = alert.state in RINGING and not is_quiet(alert.trouble)
            taken = alert.state is AlertState.ACKNOWLEDGED
            if ringing and alert.next is None:
                raise Broken("E", f"{box.party}: {alert.id} rings and has no deadline")
            if taken and (alert.taken_role is None):
                raise Broken("E", f"{box.party}: {alert.id} is taken by nobody")
            if taken and alert.trouble.needs_answer and alert.next is None:
                raise Broken("E", f"{box.party}: {alert.id} waits for an answer with no deadline")
            if alert.state is AlertState.ANSWERED:
                self._answered(box, alert.trouble.about[:1], alert.answer)

    def _answered(self, box: Box, about: tuple[Any, ...], answer: Any) -> None:
        """ANSWERED rests on an entry in the own feed that answers exactly that."""
        assert box.line is not None
        stored = answer and box.store.entries(box.line, answer.feed, answer.index, 1)
        if not stored or party(answer.feed) != box.party:
            raise Broken("E", f"{box.party}: ANSWERED without an entry")
        entry = plain(stored[0].data)
        if entry["kind"] != "answer" or entry["body"]["to"] != [about[0].feed, about[0].index]:
            raise Broken("E", f"{box.party}: ANSWERED by {answer}, which answers something else")

    # -- after healing

    def healed(self, boxes: list[Box], odd: frozenset[str]) -> None:
        """All the same, nothing owed. ``odd``: parties that read otherwise, whose fold differs. Of
        an epoch that is over, its author may have lost what another still holds: it stays there."""
        readers = [box for box in boxes if box.party not in odd] or boxes[:1]
        first = readers[0].at.picture
        newest = {party(feed): epoch(feed) for feed in sorted(first.feeds, key=epoch)}

        def over(feed: FeedId) -> bool:
            return epoch(feed) < newest.get(party(feed), 0)

        sizes = {feed: s.size for feed, s in first.feeds.items() if not over(feed)}
        for box in boxes:
            ls = box.at
            held = {feed: s.size for feed, s in ls.picture.feeds.items() if not over(feed)}
            if held != sizes:
                raise Broken("G", f"{box.party} holds {held}, {readers[0].party} {sizes}")
            if ls.picture.forked or any(not over(ref.feed) for ref in ls.stored_ahead):
                raise Broken("G", f"{box.party}: a fork, or something kept ahead, remains")
            if box in readers and any(
                ls.picture.feeds[feed] != first.feeds[feed]
                for feed, state in first.feeds.items()
                if state.size == ls.picture.feed(feed).size
            ):
                raise Broken("G", f"the pictures of {box.party} and {readers[0].party} differ")
            if ls.picture.terms != first.terms:
                raise Broken("G", f"{box.party} knows other terms than {readers[0].party}")
        for box in boxes:
            self._nothing_owed(box)

    def _nothing_owed(self, box: Box) -> None:
        ls = box.at
        own = epochs(ls.picture, ls.me)[-1]
        if own.left is not None:
            return
        if ls.owed or ls.unreported or ls.signing.value != "ready":
            raise Broken("G", f"{box.party} owes: {ls.owed} {ls.unreported} {ls.signing}")
        held = self.known[box.party].held
        for feed in held.feeds.values():
            steps = own.seen.get(FeedId(feed.name))
            if party(feed.name) == box.party:
                continue
            due = max((n + 1 for n in range(feed.size) if self._due(feed.name, n)), default=0)
            if due and (steps is None or steps.value() < due):
                raise Broken("G", f"{box.party} has not receipted {feed.name} up to {due}")
        for member in ls.others:
            peer = ls.peers[member]
            gone = any(s.left is not None for s in epochs(ls.picture, member))
            if peer.state.value != "UP" and not gone:
                raise Broken("G", f"{box.party}: the link to {member} is {peer.state}")
        self._nobody_silent(box)

    def _due(self, feed: str, index: int) -> bool:
        kinds = self.kinds.get(FeedId(feed), [])
        return index < len(kinds) and kinds[index] not in BARE

    @property
    def kinds(self) -> dict[FeedId, list[str]]:
        """Kinds of all entries, by feed, from whichever store holds most."""
        return self._kinds

    _kinds: dict[FeedId, list[str]] = field(default_factory=dict)

    def note_kinds(self, box: Box) -> None:
        """Remember what the entries of a store are."""
        assert box.line is not None
        for feed in box.store.feeds(box.line):
            kinds = [plain(s.data)["kind"] for s in box.store.entries(box.line, feed, 0, 1 << 20)]
            if len(kinds) >= len(self._kinds.get(feed, [])):
                self._kinds[feed] = kinds

    def _nobody_silent(self, box: Box) -> None:
        """Every own version has every member's receipt, or the reason why not is a lasting one."""
        ls = box.at
        judge = box.running.tools.judge(ls.line)
        judge.sync(ls.picture)
        view = View.own(ls.picture, ls.me, judge.is_hazard)
        for version in judge.live.values():
            if version.party != ls.me:
                continue
            for with_party in standing(view, version, judge, Instant(0)).parties:
                if with_party.why in (Why.NOT_SEEN, Why.NOT_HELD, Why.OLDER_TERMS, Why.FORKED):
                    raise Broken(
                        "G", f"{version.ref} of {box.party}: {with_party.party} {with_party.why}"
                    )
