"""Histories of a line for whoever holds what changed on it against what a full reading says."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field

import msgspec

from clearline.client.held import Held
from clearline.model.entry import (
    AllClear,
    Amend,
    Answer,
    Coordinated,
    Field,
    Message,
    Notice,
    Relayed,
    RelayOutcome,
    Reply,
    Resume,
    Stop,
    Suspend,
    Withdraw,
)
from clearline.model.ids import EntryRef, PartyId
from clearline.model.space import LatLon
from clearline.model.time import MINUTE, Instant
from clearline.node.inbound import Mover, Movers
from clearline.node.queries import asks, seals
from clearline.node.queries_notices import conflicts, notices
from clearline.node.queries_standing import standing_views
from clearline.node.shown import Shown
from clearline.node.shown_views import ShownView
from tests.town import Town, disc, level, volume


@dataclass
class Desk:
    """A node's line as it is shown, and readers of it that come and go."""

    town: Town
    party: str
    kept: Shown = field(default_factory=lambda: Shown("run1"))
    runs: int = 1
    made: int = 0

    def refresh(self, steps: int | None = None) -> None:
        """Look at the line, or begin to and give it up."""
        of = self.town.look(self.party)
        if self.kept.is_current(of):
            return
        for n, _ in enumerate(self.kept.steps(of)):
            self.made = n
            if steps is not None and n >= steps:
                return

    def restart(self) -> None:
        """The node begins anew: nothing is kept."""
        self.runs += 1
        self.kept = Shown(f"run{self.runs}")

    def tell(self, reader: Held) -> ShownView:
        """What a reader is told, over the wire."""
        raw = msgspec.json.encode(self.kept.after(self.town.line, reader.position))
        told = msgspec.json.decode(raw, type=ShownView)
        reader.take(told)
        return told

    def check(self, reader: Held) -> None:
        """What the reader holds is what a full reading says."""
        of = self.town.look(self.party)
        assert reader.as_of == self.town.now
        assert reader.notices() == tuple(notices(of))
        assert reader.conflicts() == conflicts(of)
        assert reader.asks() == asks(of)
        assert reader.seals == seals(of)
        assert reader.standing == standing_views(of)
        assert reader.movers == tuple(each for _, each in sorted(of.ls.movers.items()))


@dataclass
class Story:
    """Random doings on a line, the same for a seed."""

    town: Town
    dice: random.Random

    def someone(self) -> str:
        """A party."""
        return self.dice.choice(self.town.parties)

    def version(self, party: str, own: bool | None = None) -> EntryRef | None:
        """A live version that a party holds; ``own``: only its own, or only others'."""
        live = self.town.look(party).live()
        refs = [v.ref for v in live if own is None or (v.party == party) is own]
        return self.dice.choice(refs) if refs else None

    def notice(self) -> Notice:
        """One of few places, so that some meet."""
        start = self.town.now + self.dice.randint(-5, 90) * MINUTE
        lat, lon = self.dice.choice(((34.9, 35.7), (38.5, 43.0), (38.5, 43.0)))
        where = disc(lat + self.dice.randint(0, 4) * 0.1, lon + self.dice.randint(0, 3) * 0.1, 9)
        window = volume(
            where, Instant(max(start, self.town.now)), Instant(start + 100 * MINUTE),
            level(100), level(200),
        )  # fmt: skip
        cls = self.dice.choice(("hazardous-air", "air-movement", "protected-air"))
        return Notice(cls=cls, label=f"area {self.dice.randint(0, 99)}", volumes=(window,))

    def file(self) -> None:
        """A notice, or two at once."""
        count = self.dice.choice((1, 1, 2))
        self.town.try_to_say(self.someone(), *(self.notice() for _ in range(count)))

    def amend(self) -> None:
        """An amend of an own one."""
        party = self.someone()
        ref = self.version(party, own=True)
        if ref is not None:
            notice = self.notice()
            of = self.town.version(party, ref).notice
            self.town.try_to_say(party, Amend(notice=of, to=notice))

    def end(self) -> None:
        """A withdrawal or an all-clear."""
        party = self.someone()
        ref = self.version(party, own=True)
        if ref is not None:
            all_clear = AllClear(versions=(ref,), at=self.town.now)
            ended = self.dice.choice((Withdraw(versions=(ref,)), all_clear))
            self.town.try_to_say(party, ended)

    def answer(self) -> None:
        """An answer to another's notice or message."""
        party = self.someone()
        ref = self.version(party, own=False)
        if ref is not None:
            reply = self.dice.choice((Reply.ROGER, Reply.STANDBY, Reply.UNABLE))
            self.town.try_to_say(party, Answer(to=ref, reply=reply, role="watch-officer"))

    def talk(self) -> None:
        """A message, a STOP."""
        party = self.someone()
        message = Message(template="text-check", fields=(Field(name="check", value=1),))
        ref = self.version(party)
        said = self.dice.choice((message, Stop(about=() if ref is None else (ref,))))
        self.town.try_to_say(party, said)

    def coordinate(self) -> None:
        """A signature under a pair that meets, or both."""
        party = self.someone()
        pairs = [each for each in conflicts(self.town.look(party)) if each.a_party != each.b_party]
        if not pairs:
            return
        pair = self.dice.choice(pairs)
        until = Instant(self.town.now + self.dice.randint(5, 60) * MINUTE)
        refs = (min(pair.a, pair.b), max(pair.a, pair.b))
        signed = Coordinated(pair=refs, measure="levels", until=until)
        both = self.dice.random() < 0.7
        for signer in (pair.a_party, pair.b_party) if both else (party,):
            self.town.try_to_say(signer, signed)

    def hurry(self) -> None:
        """Turns that judge little, or as much as ever."""
        self.town.work = self.dice.choice((1, 4_000))

    def pause(self) -> None:
        """A suspension, or its end."""
        party = self.someone()
        of = self.town.at(party)
        held = of.picture.feed(of.feed).suspended
        body = Suspend(reason="pause") if held is None else Resume(of=held[0])
        self.town.try_to_say(party, body)

    def relay(self) -> None:
        """Word of a represented party."""
        party = self.someone()
        ref = self.version(party)
        outcome = self.dice.choice((RelayOutcome.TOLD, RelayOutcome.NO_ANSWER))
        if ref is not None:
            self.town.try_to_say(
                party,
                Relayed(
                    of=ref, to=PartyId("SYRAD"), outcome=outcome, means="telephone",
                    at=self.town.now,
                ),
            )  # fmt: skip

    def move(self) -> None:
        """Own movers, placed anew."""
        party = self.someone()
        at = LatLon(349_000_000 + self.dice.randint(0, 9) * 500_000, 357_000_000)
        mover = Mover(
            call_sign="TEAM 1",
            position=at,
            height_mm=None,
            speed_mms=20_000,
            as_of=self.town.now,
            cls="air-movement",
        )
        self.town.take(
            party,
            Movers(line=self.town.line, id=f"m{self.town.turns}", person="p", movers=(mover,)),
        )  # fmt: skip

    def lose(self) -> None:
        """Something that is under way is lost for now."""
        if self.town.wants:
            self.town.wants.pop(self.dice.randrange(len(self.town.wants)))

    def carry(self) -> None:
        """Something that is under way arrives."""
        if self.town.wants:
            self.town.carry(*self.town.wants.pop(0))

    def wait(self) -> None:
        """Whole minutes pass."""
        self.town.wait(self.dice.choice((1, 1, 5, 20)) * MINUTE)
        self.town.take(self.someone())

    def step(self) -> None:
        """Do something."""
        doings: tuple[Callable[[], None], ...] = (
            self.file, self.file, self.file, self.amend, self.end, self.answer, self.talk,
            self.coordinate, self.coordinate, self.hurry, self.relay, self.move, self.lose,
            self.carry, self.carry, self.wait,
            self.town.settle, self.town.settle,
        )  # fmt: skip
        doing = self.pause if self.dice.random() < 0.03 else self.dice.choice(doings)
        doing()
