"""One line as it is looked at for one answer: what several views need of it is made once.

Pure: a line's state, its verdicts, the time and the reader's languages in.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar, cast

from clearline.model.entry import Kind
from clearline.model.finding import Verdict
from clearline.model.ids import EntryRef, PartyId, party_of
from clearline.model.terms import Agreement
from clearline.model.time import MINUTE, Instant
from clearline.node.facts import Facts, extent_end
from clearline.node.judge import Judge
from clearline.node.queries_answers import answer_view
from clearline.node.reactions import Reaction
from clearline.node.standing_forms import Form, form_of
from clearline.node.state import LineState
from clearline.node.views import AnswerView
from clearline.notation.answering import final_replies
from clearline.notation.gazetteer import Gazetteer
from clearline.picture.situation import Answered, Version
from clearline.picture.standing import View, find_version
from clearline.words.reader import ENGLISH, Langs

KeptAnswers = dict[EntryRef, tuple[tuple[object, ...], AnswerView]]
"""Answers as they were shown, by where they stand, with what they were made of."""
Made = TypeVar("Made")


@dataclass(slots=True)
class Kept:
    """What was made for one look and serves the next: answers, and of each version what follows
    from it, the terms and the names of places alone. For readers of the same languages."""

    answers: KeptAnswers = field(default_factory=dict)
    of_versions: dict[EntryRef, tuple[tuple[object, ...], dict[str, object]]] = field(
        default_factory=dict
    )


@dataclass(slots=True)
class Reading:
    """One line looked at once: the views of its members are made at most once each. ``timeless``:
    standings are said with a mark for their time and without the entry that proves them, both of
    which change with everything that comes. ``kept``: what was made for looks before."""

    ls: LineState
    terms: Agreement
    judge: Judge
    now: Instant
    places: Gazetteer = field(default_factory=Gazetteer)
    langs: Langs = ENGLISH
    timeless: bool = False
    kept: Kept | None = None
    _views: dict[PartyId, View | None] = field(default_factory=dict)
    _answers: dict[EntryRef, list[AnswerView]] | None = None
    _newest: dict[EntryRef, EntryRef] | None = None
    _own_live: list[Version] | None = None
    _reached: dict[tuple[object, ...], Mapping[EntryRef, Verdict]] | None = None

    @property
    def counted_from(self) -> Instant:
        """From when a lead time counts that nobody has receipted: now; of what is said without its
        time, the next whole minute, so that it is never too long and changes once a minute."""
        return Instant(-(-self.now // MINUTE) * MINUTE) if self.timeless else self.now

    def own_live(self) -> list[Version]:
        """Live versions of our own, by place."""
        if self._own_live is None:
            self._own_live = [v for v in self.live() if v.party == self.ls.me]
        return self._own_live

    def reached(self, reaction: Reaction) -> Mapping[EntryRef, Verdict] | None:
        """What of ours comes within a reaction or may, if the turns have looked at all of it: each
        pair of them is judged once, not once for every question."""
        if self._reached is None:
            held = self._facts()
            known = held.reacting.every() if held is not None else ()
            self._reached = {_name(met.reaction): met.within for met in known if not met.left}
        return self._reached.get(_name(reaction))

    def view(self, party: PartyId) -> View | None:
        """What a party is known to hold: all of ours, or what its latest entry proves."""
        if party not in self._views:
            picture, hazard = self.ls.picture, self.judge.is_hazard
            own = party == self.ls.me
            self._views[party] = (
                View.own(picture, party, hazard) if own else View.proved(picture, party, hazard)
            )
        return self._views[party]

    @property
    def own(self) -> View:
        """All that this node holds."""
        view = self.view(self.ls.me)
        assert view is not None, "one's own view always exists"
        return view

    def live(self) -> list[Version]:
        """Live versions, by place."""
        held = [v for v in self.judge.live.values() if self.own.is_live(v.ref)]
        return sorted(held, key=lambda version: version.ref)

    def newest(self) -> Mapping[EntryRef, EntryRef]:
        """The newest live version of every notice, by the notice."""
        if self._newest is None:
            self._newest = {version.notice: version.ref for version in self.live()}
        return self._newest

    def answers(self) -> Mapping[EntryRef, list[AnswerView]]:
        """Every answer of every party, by what it answers, oldest first."""
        if self._answers is None:
            found: dict[EntryRef, list[AnswerView]] = {}
            for state in self.ls.picture.feeds.values():
                for to, answered in state.answers.items():
                    for one in answered:
                        found.setdefault(to, []).append(self._answer(to, one))
            for said in found.values():
                said.sort(key=lambda view: view.t)
            self._answers = found
        return self._answers

    def _answer(self, to: EntryRef, one: Answered) -> AnswerView:
        """An answer as it is shown; the one that was shown before if it is of the very same."""
        if self.kept is None:
            return answer_view(self.ls.picture, self.terms, to, one, self.langs)
        made_of = one, find_version(self.ls.picture, to), self.terms
        held = self.kept.answers.get(one.ref)
        if held is None or not all(a is b for a, b in zip(held[0], made_of, strict=True)):
            view = answer_view(self.ls.picture, self.terms, to, one, self.langs)
            held = self.kept.answers[one.ref] = made_of, view
        return held[1]

    def once(self, version: Version, what: str, make: Callable[[], Made]) -> Made:
        """What follows from a version, the terms and the places alone, made once."""
        if self.kept is None:
            return make()
        made_of = version, self.terms, self.places
        held = self.kept.of_versions.get(version.ref)
        if held is None or not all(a is b for a, b in zip(held[0], made_of, strict=True)):
            held = self.kept.of_versions[version.ref] = made_of, {}
        if what not in held[1]:
            held[1][what] = make()
        return cast(Made, held[1][what])

    def form_of(self, a: Version, b: Version) -> Form | None:
        """The standing coordination that two versions lie within."""
        held = self._facts()
        kept = held.within if held is not None else {}
        ends = max(extent_end(a, self.terms), extent_end(b, self.terms))
        return form_of(self.ls.picture, a, b, ends, self.terms.levels, self.now, kept)

    def _facts(self) -> Facts | None:
        """What the turns keep, if it is of this very picture: they may have gone on since."""
        held, ls = self.judge.facts, self.ls
        same = isinstance(held, Facts) and held.are_of(ls.picture, ls.me, self.terms)
        return held if same and isinstance(held, Facts) else None

    def unanswered(
        self, ref: EntryRef, kind: Kind, to: tuple[PartyId, ...] = ()
    ) -> tuple[PartyId, ...]:
        """Members that have given no answer that ends the duty. Silence is never consent."""
        said = {
            view.party
            for view in self.answers().get(ref, ())
            if view.reply in final_replies(kind) and view.read_back_agrees is not False
        }
        everyone = [self.ls.me, *self.ls.others]
        author = party_of(ref.feed)
        return tuple(
            party
            for party in everyone
            if party != author and party not in said and (not to or party in to)
        )


def _name(of: Reaction) -> tuple[object, ...]:
    """What tells a reaction from others on its line, without all of its zone."""
    return of.to, of.third, of.zone.label, of.start, of.until, of.operation
