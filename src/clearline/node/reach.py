"""How far a notice got with each addressee: five separate facts, none of which stands for another.

Recorded here, stored there, presented there, answered there, read back rightly there. A line
carries no word of presentation: of another's desk it reads "not stated", never yes; of our own it
is what our desks have said. Silence is shown as such (FM10).
"""

from clearline.alerting.book import AlertBook
from clearline.model.ids import EntryRef
from clearline.model.time import Instant, format_utc
from clearline.node.queries_notices import standing_of
from clearline.node.reach_view import ReachView
from clearline.node.reading import Reading
from clearline.node.views import AnswerView
from clearline.picture.situation import Version
from clearline.picture.standing import Why


def reach(of: Reading, version: Version, book: AlertBook) -> tuple[ReachView, ...]:
    """Every other member than the author, ourselves first where it is another's."""
    found = standing_of(of, version)
    held = {each.party: each for each in found.parties} if found is not None else {}
    members = [party for party in (of.ls.me, *of.ls.others) if party != version.party]
    views = []
    for party in members:
        mine = party == of.ls.me
        at = _stored_by(of, version) if mine else None
        there = held.get(party)
        if not mine and there is not None and there.why not in (Why.NOT_SEEN, Why.REFUSED):
            at = there.at
        stored = None
        if mine:
            stored = of.ls.arrived.get(version.ref)
        elif at is not None:
            state = of.ls.picture.feed(at.feed)
            stored = state.times[at.index] if at.index < state.size else None
        shown = _presented(book, version.ref) if mine else None
        unsaid = "no desk says so" if mine else "not stated"
        said = [each for each in of.answers().get(version.ref, ()) if each.party == party]
        back = [each.read_back_agrees for each in said if each.read_back is not None]
        last = said[-1] if said else None
        views.append(
            ReachView(
                party=party, recorded=version.stated, stored=stored, stored_by=at,
                presented_known=mine, presented=shown,
                answered=last.t if last is not None else None,
                reply=last.reply if last is not None else None,
                read_back=back[-1] if back else None,
                words=(
                    f"recorded by {version.party}: {format_utc(version.stated)}",
                    f"stored by {party}: {_or(stored, 'no receipt yet')}",
                    f"presented at {party}: {_or(shown, unsaid)}",
                    f"answered by {party}: {_answer(last)}",
                    f"read back by {party}: {_back(back)}",
                ),
            )
        )  # fmt: skip
    return tuple(views)


def _stored_by(of: Reading, version: Version) -> EntryRef | None:
    """Our own newest entry has seen whatever is folded here."""
    own = of.ls.picture.feed(of.ls.feed)
    seen = own.seen.get(version.ref.feed)
    covered = seen is not None and seen.value() > version.ref.index
    return EntryRef(own.feed, own.size - 1) if covered else None


def _presented(book: AlertBook, ref: EntryRef) -> Instant | None:
    """By the duties that are open: of one that is closed the private desk record has it."""
    times = [
        alert.presented
        for alert in book.open()
        if ref in alert.trouble.about and alert.presented is not None
    ]
    return min(times, default=None)


def _or(at: Instant | None, otherwise: str) -> str:
    return format_utc(at) if at is not None else otherwise


def _answer(last: AnswerView | None) -> str:
    if last is None:
        return "NO ANSWER, not agreed"
    return f"{last.reply} {format_utc(last.t)}"


def _back(found: list[bool | None]) -> str:
    if not found:
        return "nothing"
    return {True: "rightly", False: "WRONGLY", None: "cannot be compared"}[found[-1]]
