"""Reactions to all hazards of a line, and what of ours is within: a bounded amount a turn.

Like the facts that it is part of it is a cache: all of it follows from the picture and the terms.
"""

from collections.abc import Iterator, Mapping, Sequence
from operator import is_

from clearline.model.finding import Verdict
from clearline.model.ids import EntryRef, FeedId
from clearline.model.terms import Agreement
from clearline.model.time import Instant
from clearline.node.judge import UNITS_CORNER, UNITS_FAR, UNITS_NEAR, corners_of
from clearline.node.reactions import Reaction, meets, outlasting, reactions
from clearline.picture.situation import Picture, Version

Verdicts = dict[EntryRef, Verdict]
"""Of notices of ours with one reaction, as far as they were looked at."""


class Reacting:
    """``waiting``: pairs that are not looked at yet; until then they are not rung about, and the
    node says that it is not done. ``before`` is of the same terms."""

    def __init__(
        self,
        picture: Picture,
        terms: Agreement,
        own: Sequence[Version],
        over: Mapping[EntryRef, Instant],
        before: "Reacting | None",
    ) -> None:
        self._terms, self._own, self._over = terms, own, over
        self._feeds = picture.feeds
        self._of: dict[EntryRef, tuple[Version, tuple[Reaction, ...]]] = {}
        self._lasting: dict[FeedId, tuple[Reaction, ...]] = {}
        self._met: dict[int, tuple[Reaction, Verdicts]] = {}
        self.waiting: list[tuple[Version, Reaction]] = []
        self._lived = {id(version) for version in before._own} if before is not None else set()

    @classmethod
    def of(
        cls,
        picture: Picture,
        terms: Agreement,
        live: Mapping[EntryRef, Version],
        own: Sequence[Version],
        over: Mapping[EntryRef, Instant],
        before: "Reacting | None",
    ) -> "Reacting":
        """What was found before of the very same versions; what ALL CLEAR has ended since is looked
        at now, new versions when ``learn`` is given them."""
        made = cls(picture, terms, own, over, before)
        found: list[Reaction] = []
        for ref, held in before._of.items() if before is not None else ():
            if live.get(ref) is held[0]:
                made._of[ref] = held
                found += held[1]
        for feed, state in picture.feeds.items():
            old = None if before is None else before._feeds.get(feed)
            if before is not None and old is not None and old.ended is state.ended:
                made._lasting[feed] = before._lasting[feed]
            else:
                ended = (each for _, each in state.ended.items())
                made._lasting[feed] = tuple(outlasting(terms, ended, state.t))
            found += made._lasting[feed]
        before_own = () if before is None or before.waiting else before._own
        unmoved = len(before_own) == len(own) and all(map(is_, before_own, own))
        for reaction in found:
            met = None if before is None else before._met.get(id(reaction))
            if met is not None and unmoved:
                made._met[id(reaction)] = met
            else:
                made._add(reaction, {} if met is None else met[1])
        return made

    def learn(self, version: Version) -> None:
        """Find the reactions to a version."""
        found = reactions(self._terms, version)
        self._of[version.ref] = version, found
        for reaction in found:
            self._add(reaction, {})

    def _add(self, reaction: Reaction, known: Verdicts) -> None:
        verdicts: Verdicts = {}
        for own in self._own:
            if id(own) in self._lived and own.ref in known:
                verdicts[own.ref] = known[own.ref]
            else:
                self.waiting.append((own, reaction))
        self._met[id(reaction)] = reaction, verdicts

    def work(self, units: int | None = None) -> int:
        """Look at what waits, up to an amount of work (None: all), in the units of ``node.judge``;
        how much was done."""
        done = 0
        while self.waiting and (units is None or done < units):
            own, reaction = self.waiting.pop()
            found = meets(self._terms, reaction, own, self._over[own.ref])
            self._met[id(reaction)][1][own.ref] = found
            near = UNITS_NEAR + UNITS_CORNER * corners_of(own) if found is not Verdict.NO else 0
            done += UNITS_FAR + near
        return done

    def verdicts(self) -> Iterator[tuple[Reaction, Verdicts]]:
        """Every reaction with the verdicts that are known."""
        yield from self._met.values()


__all__ = ["Reacting"]
