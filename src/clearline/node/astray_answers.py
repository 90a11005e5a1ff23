"""Answers of peers to entries that are not here, kept until they are.

An answer may come ahead of what it answers, which stands in another feed: then it waits. One that
names an entry that its author has not written answers nothing. A cache like its holder: what is
here follows from the records. Each change costs as much as what changed.
"""

from heapq import heappop, heappush

from clearline.model.ids import EntryRef, FeedId, PartyId
from clearline.picture.situation import Answered, Picture
from clearline.picture.standing import find_version


def is_held(picture: Picture, ref: EntryRef) -> bool:
    """Whether an entry is here: in its place, ahead of sequence, or on a branch."""
    state = picture.feeds.get(ref.feed)
    if state is not None and ref.index < state.size:
        return True
    return ref in picture.asks_ahead or find_version(picture, ref) is not None


class AstrayAnswers:
    """Those of one line, by who gave them, the earliest first."""

    def __init__(self) -> None:
        self.by: dict[PartyId, dict[EntryRef, Answered]] = {}
        self._of: dict[FeedId, list[tuple[int, PartyId, EntryRef]]] = {}

    def put(self, party: PartyId, said: Answered) -> None:
        """An answer whose entry is not here."""
        self.by.setdefault(party, {})[said.ref] = said
        to = said.answer.to
        heappush(self._of.setdefault(to.feed, []), (to.index, party, said.ref))

    def arrived(self, picture: Picture) -> None:
        """Drop what stands in its place by now."""
        for feed, waiting in list(self._of.items()):
            size = picture.feed(feed).size
            while waiting and waiting[0][0] < size:
                _, party, ref = heappop(waiting)
                self.by[party].pop(ref, None)
                if not self.by[party]:
                    del self.by[party]
            if not waiting:
                del self._of[feed]
