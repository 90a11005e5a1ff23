"""Acts to statements on the line: what a scenario's party says, as its own node takes it."""

from collections.abc import Mapping

from clearline.canonical import encode
from clearline.model.entry import (
    Accident,
    AllClear,
    Amend,
    Answer,
    Body,
    Distress,
    Kind,
    Notice,
    Precedence,
    Proposal,
    Relayed,
    Reply,
    Stop,
    Withdraw,
)
from clearline.model.ids import EntryRef
from clearline.model.space import Volume
from clearline.model.time import Instant
from clearline.node.inbound import Statement
from clearline.node.write import statement
from clearline.scenarios.moments import Moments
from clearline.scenarios.script import (
    Act,
    EndNotice,
    FileNotice,
    GiveAnswer,
    Plead,
    PleaKind,
    StagedVolume,
    TellThird,
)

Refs = Mapping[str, EntryRef]


class NotWritten(Exception):
    """An act refers to another that wrote no entry in this variant."""


def state(act: Act, moments: Moments, refs: Refs, minutes_needed: int | None) -> Statement:
    """The statement of an act that says something. ``minutes_needed``: what the party's own desk
    shows for the notice that it answers. Raises NotWritten."""
    match act.does:
        case FileNotice() as filing:
            return _filing(filing, moments, refs)
        case EndNotice() as ending:
            versions = tuple(sorted(_ref(refs, name) for name in ending.of))
            at = moments.played[act.id]
            body: Body = (
                AllClear(versions=versions, at=at) if ending.clear else Withdraw(versions=versions)
            )
            return statement(body, Precedence.IMMEDIATE)
        case GiveAnswer() as said:
            return statement(_answer(said, refs, minutes_needed), Precedence.IMMEDIATE)
        case TellThird() as told:
            relayed = Relayed(
                of=_ref(refs, told.of),
                to=told.to,
                outcome=told.outcome,
                means=told.means,
                at=moments.played[act.id],
            )
            return statement(relayed, Precedence.PRIORITY)
        case Plead() as plea:
            return statement(_plea(plea, moments, refs), Precedence.FLASH)
        case local:
            raise TypeError(f"{type(local).__name__} says nothing on the line")


def _ref(refs: Refs, name: str) -> EntryRef:
    found = refs.get(name)
    if found is None:
        raise NotWritten(name)
    return found


def _filing(filing: FileNotice, moments: Moments, refs: Refs) -> Statement:
    if not filing.volumes:
        # A place that is only a name: as a tool would send it, for the node to refuse.
        body = encode({"cls": filing.cls, "label": filing.label})
        return Statement(kind=Kind.NOTICE, body=body, prec=filing.precedence)
    notice = notice_of(filing, moments)
    if filing.amends is None:
        return statement(notice, filing.precedence)
    return statement(Amend(notice=_ref(refs, filing.amends), to=notice), filing.precedence)


def notice_of(filing: FileNotice, moments: Moments) -> Notice:
    """What is filed, with its windows made definite."""
    return Notice(
        cls=filing.cls,
        label=filing.label,
        volumes=volumes_of(filing.volumes, moments),
        operation=filing.operation,
        reason=filing.reason,
        marks=filing.marks,
    )


def volumes_of(staged: tuple[StagedVolume, ...], moments: Moments) -> tuple[Volume, ...]:
    """Volumes with their windows made definite."""
    return tuple(
        Volume(
            footprint=volume.footprint,
            lower=volume.lower,
            upper=volume.upper,
            start=Instant(moments.start(volume.start)),
            end=Instant(moments.end(volume.end)),
        )
        for volume in staged
    )


def _answer(said: GiveAnswer, refs: Refs, minutes_needed: int | None) -> Answer:
    needed = said.minutes_needed
    if needed is None and said.reply is Reply.UNABLE:
        needed = minutes_needed
    proposal = None if said.shift_min is None else Proposal(shift_min=said.shift_min)
    return Answer(
        to=_ref(refs, said.to),
        reply=said.reply,
        role=said.role,
        minutes_needed=needed,
        proposal=proposal,
    )


def _plea(plea: Plead, moments: Moments, refs: Refs) -> Body:
    volumes = volumes_of(plea.volumes, moments)
    match plea.kind:
        case PleaKind.STOP:
            about = tuple(sorted(_ref(refs, name) for name in plea.about))
            return Stop(about=about, volumes=volumes)
        case PleaKind.DISTRESS:
            return Distress(what=plea.what, volumes=volumes, souls=plea.souls)
        case PleaKind.ACCIDENT:
            return Accident(what=plea.what, volumes=volumes)
