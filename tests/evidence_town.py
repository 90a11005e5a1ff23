"""Towns whose nodes have seen something, and bundles made from their stores."""

from typing import ClassVar

import msgspec

from clearline.evidence.bundle import read_bundle, seal, write_bundle
from clearline.evidence.container import Container, pack, unpack
from clearline.evidence.facts import Finding, Verified, What
from clearline.evidence.gather import Gathered, gather
from clearline.evidence.parts import Content, Manifest, Scope
from clearline.evidence.verify import verify
from clearline.model.entry import Answer, Notice, Reply, Stop
from clearline.model.entry import Precedence as Prec
from clearline.model.ids import EntryRef, PartyId
from clearline.model.time import Instant
from clearline.node.conductor import Done
from clearline.node.inbound import Beaten, Inbound, Noted, Ticked
from clearline.node.intent import Beat, Fetch, Intent, Send
from clearline.node.ports import Mark
from clearline.signing import SoftwareSigner
from tests.town import MINUTE, SECOND, Town, at, disc, level, node_key_of, seed, volume


class SkewedTown(Town):
    """A town whose parties' clocks differ: ``skew`` in milliseconds, set before anything runs."""

    skew: ClassVar[dict[str, int]] = {}

    def clock(self, party: str) -> Instant:
        """The party's own clock."""
        return Instant(self.now + self.skew.get(party, 0))

    def take(self, party: str, *batch: Inbound) -> Done:
        """One turn of one node, by its own clock."""
        self.turns += 1
        done = self.nodes[party].turn(batch, self.clock(party), seed("turn", self.turns))
        for intent in done.intents:
            if isinstance(intent, Send | Fetch | Beat):
                self.wants.append((party, intent))
            else:
                self.rung.append((party, intent))
        return done

    def carry(self, party: str, intent: Intent) -> None:
        """As a town does; heartbeats carry the desk record's checkpoint, as on a real line."""
        if not isinstance(intent, Beat) or intent.peer not in self.nodes:
            super().carry(party, intent)
            return
        node = self.nodes[party]
        beat = Beaten(
            line=self.line,
            peer=PartyId(party),
            sequence=intent.sequence,
            sent=intent.sent,
            echo=intent.echo,
            reply=intent.reply,
            desk=node.desk_head(self.line),
            heads=node.gossip(self.line),
        )
        self.take(intent.peer, beat)

    def note(self, party: str, what: str) -> None:
        """Something for the private desk record."""
        self.take(party, Noted(line=self.line, person="officer", what=what))


def notice(
    lat: float, cls: str = "hazardous-air", start: float = 60, label: str = "area"
) -> Notice:
    """A notice about a disc of 10 km between FL100 and FL200, an hour long."""
    window = volume(disc(lat, 35.0, 10), at(start), at(start + 60), level(100), level(200))
    return Notice(cls=cls, label=label, volumes=(window,))


def busy(
    parties: tuple[str, ...] = ("AAA", "BBB"), skew: dict[str, int] | None = None
) -> SkewedTown:
    """A conflict, an answer, a STOP with its answer, heartbeats and desk notes."""
    town = SkewedTownOf(skew or {})(parties)
    town.note("AAA", "signed-in")
    (mine,) = town.say("AAA", notice(34.0, cls="air-movement", label="flight \u05d0"))
    town.settle()
    town.wait(20 * SECOND)
    (theirs,) = town.say("BBB", notice(34.1))
    town.settle()
    town.wait(MINUTE)
    town.tick()
    town.say("AAA", Answer(to=theirs, reply=Reply.ROGER, role="watch-officer"))
    town.settle()
    (stop,) = town.say("BBB", Stop(about=(mine,)), prec=Prec.FLASH)
    town.settle()
    town.wait(5 * SECOND)
    town.say("AAA", Answer(to=stop, reply=Reply.HALTED, role="watch-officer"))
    town.settle()
    town.note("AAA", "telephoned")
    town.wait(MINUTE)
    town.tick()
    town.wait(MINUTE)
    town.tick()
    return town


def SkewedTownOf(skew: dict[str, int]) -> type[SkewedTown]:
    """A town class with these clocks."""
    return type("Skewed", (SkewedTown,), {"skew": skew})


def gathered(town: Town, party: str, scope: Scope | None = None) -> Gathered:
    """What a party's store holds, as a scope asks for it."""
    node = town.nodes[party]
    ls = node.state.lines[town.line]
    front = ls.frontier(ls.feed)
    found = gather(
        node.store,
        town.line,
        ls.feed,
        marks={ls.feed: Mark(size=front.size, root=front.root)},
        signers=node.signers,
        scope=scope or Scope(),
    )
    assert isinstance(found, Gathered), found
    return found


def export(
    town: Town,
    party: str,
    scope: Scope | None = None,
    signer: SoftwareSigner | None = None,
    **changed: object,
) -> bytes:
    """A party's bundle; ``changed`` replaces parts of its content before it is signed."""
    found = gathered(town, party, scope)
    content = found.content
    for name, value in changed.items():
        content = _replaced(content, name, value)
    return write_bundle(
        content,
        signer or node_key_of(party),
        line=town.line,
        feed=town.feed(party),
        made=_clock(town, party),
        software="test",
        scope=scope or Scope(),
        withheld=found.withheld,
        uncovered=found.uncovered,
        alerts_withheld=found.alerts_withheld,
    )


def _clock(town: Town, party: str) -> Instant:
    return town.clock(party) if isinstance(town, SkewedTown) else town.now


def _replaced(content: Content, name: str, value: object) -> Content:
    import dataclasses

    return dataclasses.replace(content, **{name: value})


def checked(raw: bytes, **options: object) -> Verified:
    """The verification of a bundle that can be read."""
    result = verify(raw, **options)
    assert isinstance(result, Verified), result
    return result


def members(raw: bytes) -> dict[str, bytes]:
    """The members of a bundle."""
    opened = unpack(raw)
    assert isinstance(opened, Container), opened
    return dict(opened.members)


def resealed(raw: bytes, party: str, changed: dict[str, bytes | None], **manifest: object) -> bytes:
    """A bundle as its own maker could forge it: members changed or taken away (None), the list of
    members made anew and signed with the right key."""
    import hashlib

    from clearline.evidence.parts import Member

    bundle = read_bundle(raw)
    found = members(raw)
    found.pop("manifest.json")
    found.pop("manifest.note")
    for name, content in changed.items():
        if content is None:
            found.pop(name)
        else:
            found[name] = content
    listed = tuple(
        Member(name=name, size=len(found[name]), sha256=hashlib.sha256(found[name]).hexdigest())
        for name in sorted(found)
    )
    made: Manifest = msgspec.structs.replace(bundle.manifest, members=listed, **manifest)
    return seal(made, found, node_key_of(party))


def named(result: Verified, *whats: What) -> set[str]:
    """Where the findings of these kinds are: feed/index, feed, or member."""
    return {where(one) for one in result.findings if one.what in whats}


def where(found: Finding) -> str:
    """feed/index, feed, or member."""
    if found.feed is not None:
        return found.feed if found.index is None else f"{found.feed}/{found.index}"
    return found.member or ""


def lines(raw: bytes, name: str) -> list[bytes]:
    """The lines of a member."""
    return members(raw)[name].splitlines(keepends=True)


__all__ = [
    "EntryRef", "SkewedTown", "Ticked", "busy", "checked", "export", "gathered", "lines",
    "members", "named", "notice", "pack", "resealed", "where",
]  # fmt: skip
