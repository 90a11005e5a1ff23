"""The private desk record: what stood on a desk and who did what there; local, never sent."""

import msgspec
from msgspec.structs import replace

from clearline.ledger.merkle import entry_leaf
from clearline.node.inbound import Coded
from clearline.node.ports import DeskRecord, ReplyCode
from clearline.node.state import LineState
from clearline.node.turn import Turn


def note(turn: Turn, ls: LineState, person: str, what: str, **params: str | int) -> LineState:
    """One record for the private desk record: its checkpoint rides in heartbeats."""
    data = msgspec.json.encode(
        {"t": turn.now, "person": person, "what": what, "params": dict(sorted(params.items()))},
        order="sorted",
    )
    salt = turn.salt()
    leaf = entry_leaf(salt, data)
    index = ls.desk.size if ls.loading is None else ls.loading.desk
    turn.desk.append(DeskRecord(line=ls.line, index=index, salt=salt, data=data, leaf=leaf))
    if ls.loading is not None:  # its tree is added up with the rest of it
        return replace(ls, loading=replace(ls.loading, desk=index + 1))
    return replace(ls, desk=ls.desk.append(leaf))


def coded(turn: Turn, ls: LineState, what: Coded) -> LineState:
    """Reply codes of a page, made or tried wrongly: kept, and in the private desk record."""
    turn.codes.append(
        ReplyCode(id=what.page, link=what.link, about=what.about, data=what.data, tries=what.tries)
    )
    said = "reply code wrong" if what.tries else "reply code made"
    return note(turn, ls, what.person, said, page=what.page, about=what.about, tries=what.tries)
