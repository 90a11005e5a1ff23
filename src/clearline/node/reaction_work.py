"""Reactions to all hazards of a line, and what of ours is within: a bounded amount a turn.

Like the facts that it is part of it is a cache: all of it follows from the picture and the terms.
It is brought up version by version.
"""

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from clearline.conflict.lists import UNITS_FAR, units_of_look
from clearline.model.finding import Verdict
from clearline.model.ids import EntryRef, FeedId
from clearline.model.terms import Agreement
from clearline.model.time import Instant
from clearline.node.reactions import Reaction, meets, outlasting, reactions
from clearline.picture.situation import Ended, FeedState, Picture, Version


@dataclass(slots=True, eq=False)
class Met:
    """A reaction with what of ours comes within it or may: not NO. ``left``: how many of ours were
    not looked at yet; until there is none it is not rung about."""

    reaction: Reaction
    within: dict[EntryRef, Verdict] = field(default_factory=dict)
    left: int = 0
    over: bool = False


class Reacting:
    """``waiting``: how many pairs are not looked at yet; the node says so as long as there are
    any."""

    def __init__(self, terms: Agreement) -> None:
        self._terms = terms
        self._own: dict[EntryRef, tuple[Version, Instant]] = {}
        self._of: dict[EntryRef, tuple[Version, tuple[Met, ...]]] = {}
        self._lasting: dict[EntryRef, tuple[Ended, tuple[Met, ...]]] = {}
        self._feeds: dict[FeedId, FeedState] = {}
        self._pairs: deque[tuple[Version, Met]] = deque()
        self.waiting = 0

    def put_own(self, version: Version, over: Instant) -> None:
        """One of ours that is live now, or is another than it was; it is over then."""
        held = self._own.get(version.ref)
        if held is not None and held[0] is version:
            return
        self.drop_own(version.ref)
        self._own[version.ref] = version, over
        for met in self._every():
            self._add(version, met)

    def drop_own(self, ref: EntryRef) -> None:
        """One of ours that is live no more. Pairs of it that wait are passed over in their turn."""
        held = self._own.pop(ref, None)
        if held is not None:
            for met in self._every():
                met.within.pop(ref, None)

    def learn(self, version: Version) -> None:
        """Find the reactions to a version."""
        self.drop(version.ref)
        found = reactions(self._terms, version)
        if found:  # most versions have none, and cost nothing afterwards
            self._of[version.ref] = version, self._met(found)

    def drop(self, ref: EntryRef) -> None:
        """A version that is live no more, or is another than it was: nobody reacts to what it
        was."""
        held = self._of.pop(ref, None)
        for met in held[1] if held is not None else ():
            met.over = True

    def keep(self, live: Iterable[Version]) -> None:
        """These and no others are live; what was found of the very same versions stays."""
        same = {id(version) for version in live}
        for ref in [ref for ref, held in self._of.items() if id(held[0]) not in same]:
            self.drop(ref)
        for ref in [ref for ref, held in self._own.items() if id(held[0]) not in same]:
            self.drop_own(ref)

    def follow(self, picture: Picture, ended: Iterable[EntryRef]) -> None:
        """Look at what ALL CLEAR has ended at these places. What is over by the time of its
        author's newest entry is forgotten."""
        for feed, state in sorted(picture.feeds.items()):
            if self._feeds.get(feed) is not state:
                self._feeds[feed] = state
                for ref in [ref for ref in self._lasting if ref.feed == feed]:
                    self._forget_over(ref, state.t)
        for ref in ended:
            state_of = picture.feeds.get(ref.feed)
            one = state_of.ended.get(ref.index) if state_of is not None else None
            known = self._lasting.get(ref)
            if one is None or state_of is None or (known is not None and known[0] is one):
                continue
            self._forget(ref)
            found = tuple(outlasting(self._terms, (one,), state_of.t))
            if found:
                self._lasting[ref] = one, self._met(found)

    def _forget_over(self, ref: EntryRef, past: Instant) -> None:
        ended, every = self._lasting[ref]
        for met in every:
            met.over = met.reaction.until <= past
        self._lasting[ref] = ended, tuple(met for met in every if not met.over)

    def _forget(self, ref: EntryRef) -> None:
        held = self._lasting.pop(ref, None)
        for met in held[1] if held is not None else ():
            met.over = True

    def _met(self, found: Iterable[Reaction]) -> tuple[Met, ...]:
        made = tuple(Met(reaction) for reaction in found)
        for met in made:
            for version, _ in self._own.values():
                self._add(version, met)
        return made

    def _add(self, version: Version, met: Met) -> None:
        met.left += 1
        self._pairs.append((version, met))
        self.waiting = len(self._pairs)

    def _every(self) -> Iterator[Met]:
        for _, every in (*self._of.values(), *self._lasting.values()):
            yield from every

    def work(self, units: int | None = None) -> int:
        """Look at what waits, up to an amount of work (None: all), in the units of ``node.judge``;
        how much was done."""
        done = 0
        while self._pairs and (units is None or done < units):
            own, met = self._pairs.popleft()
            met.left -= 1
            held = self._own.get(own.ref)
            if met.over or held is None or held[0] is not own:
                done += 1
                continue
            found = meets(self._terms, met.reaction, own, held[1])
            near = 0
            if found is not Verdict.NO:
                met.within[own.ref] = found
                zone = met.reaction.zone.footprint
                near = sum(units_of_look(zone, volume.footprint) for volume in own.volumes)
            done += UNITS_FAR + near
        self.waiting = len(self._pairs)
        return done

    def waits(self, to: EntryRef) -> bool:
        """Whether some of ours were not looked at yet beside the reactions to one version."""
        *_, every = self._of.get(to) or self._lasting.get(to) or ((),)
        return any(met.left for met in every)

    def every(self) -> Iterator[Met]:
        """Every reaction that is known."""
        yield from self._every()


__all__ = ["Met", "Reacting"]
