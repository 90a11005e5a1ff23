"""One line as it is looked at for one answer: what several views need of it is made once.

Pure: a line's state, its verdicts, the time and the reader's languages in.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from clearline.model.entry import Kind
from clearline.model.finding import Verdict
from clearline.model.ids import EntryRef, PartyId, party_of
from clearline.model.terms import Agreement
from clearline.model.time import Instant
from clearline.node.facts import Facts
from clearline.node.judge import Judge
from clearline.node.queries_answers import answer_view
from clearline.node.reactions import Reaction
from clearline.node.standing_forms import Form
from clearline.node.state import LineState
from clearline.node.views import AnswerView
from clearline.notation.answering import final_replies
from clearline.notation.gazetteer import Gazetteer
from clearline.picture.situation import Version
from clearline.picture.standing import View
from clearline.words.reader import ENGLISH, Langs


@dataclass(slots=True)
class Reading:
    """One line looked at once: the views of its members are made at most once each."""

    ls: LineState
    terms: Agreement
    judge: Judge
    now: Instant
    places: Gazetteer = field(default_factory=Gazetteer)
    langs: Langs = ENGLISH
    _views: dict[PartyId, View | None] = field(default_factory=dict)
    _answers: dict[EntryRef, list[AnswerView]] | None = None
    _newest: dict[EntryRef, EntryRef] | None = None
    _own_live: list[Version] | None = None
    _reached: dict[tuple[object, ...], Mapping[EntryRef, Verdict]] | None = None

    def own_live(self) -> list[Version]:
        """Live versions of our own, by place."""
        if self._own_live is None:
            self._own_live = [v for v in self.live() if v.party == self.ls.me]
        return self._own_live

    def reached(self, reaction: Reaction) -> Mapping[EntryRef, Verdict]:
        """What of ours comes within a reaction, as far as the turns have looked at it already: each
        pair of them is judged once, not once for every question."""
        if self._reached is None:
            held = self.judge.facts
            same = isinstance(held, Facts) and held.are_of(
                self.ls.picture, self.ls.me, self.terms, self.judge
            )
            known = held.reacting.verdicts() if same and isinstance(held, Facts) else ()
            self._reached = {_name(each): verdicts for each, verdicts in known}
        return self._reached.get(_name(reaction), {})

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
                        view = answer_view(self.ls.picture, self.terms, to, one, self.langs)
                        found.setdefault(to, []).append(view)
            for said in found.values():
                said.sort(key=lambda view: view.t)
            self._answers = found
        return self._answers

    def form_of(self, a: Version, b: Version) -> Form | None:
        """The standing coordination that two versions lie within."""
        return Facts.of(self.ls, self.terms, self.judge).form_of(a, b, self.now)

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
