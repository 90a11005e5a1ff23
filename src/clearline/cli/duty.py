"""What a watch does: look at duties, take them, answer, coordinate, warn, call for help."""

from pathlib import Path
from typing import Annotated, Final

import typer

from clearline.cli import shapes
from clearline.cli.notice import (
    Corridors,
    Discs,
    EdgeKind,
    End,
    Id,
    Language,
    Lower,
    Polygons,
    RemarkText,
    Start,
    Upper,
    show_filed,
    volumes_in,
    volumes_of,
)
from clearline.cli.output import AsJson, now, show, usage
from clearline.cli.remote import (
    LineName,
    NodeFolder,
    Role,
    Token,
    Url,
    instant,
    line_id,
    line_of,
    plain,
    ref,
    run,
)
from clearline.client import Client, asks
from clearline.model.entry import (
    Accident,
    Answer,
    Distress,
    FreeText,
    Proposal,
    ReadBack,
    Reply,
    Stop,
)
from clearline.model.space import Edge, LatLon, Volume
from clearline.model.time import HOUR, MINUTE, Instant, format_clock, format_length, format_utc
from clearline.node.phrases import height
from clearline.node.requests import Cry
from clearline.node.views import AlertView, ConflictView, FiledView
from clearline.node.way_view import WayOutView

AlertName = Annotated[
    str, typer.Argument(metavar="ALERT", help="The alert's id, or the start of it.")
]
Remark = RemarkText
READ_BACK_FORM: Final = "'PLACE; BEARING_DEG_TRUE; DISTANCE_KM; UPPER; START'"
WITH_WAYS_MAX: Final = 5
"""Conflicts that ways out are looked for at once, the soonest."""
EMERGENCY_MS: Final = 6 * HOUR
"""How long a place of distress or accident is kept clear unless somebody says otherwise."""


def _now_volumes(
    disc: list[str] | None, corridor: list[str] | None, polygon: list[str] | None,
    lower: str | None, upper: str | None, start: str | None, end: str | None, edge: Edge,
) -> tuple[Volume, ...]:  # fmt: skip
    """The place, from now on for six hours where no times are given: two inputs are enough."""
    moment = now()
    begins = start or format_utc(moment)
    ends = end or format_utc(Instant((instant(begins) if start else moment) + EMERGENCY_MS))
    return volumes_of(
        disc,
        corridor,
        polygon,
        None,
        None,
        lower,
        upper,
        begins,
        ends,
        edge,
        as_json=False,
        every=True,
    )


def conflicts(
    node: NodeFolder = None, url: Url = None, token_file: Token = None, line: LineName = None,
    as_json: AsJson = False,
) -> None:  # fmt: skip
    """Show which live notices are not apart, soonest first, and why; and for the first of them
    ways out that this node has found. Nothing is sent by looking.

    Example: clearline conflicts --node alfa-node
    """

    def do(client: Client) -> tuple[tuple[ConflictView, ...], list[tuple[WayOutView, ...]]]:
        name = line_id(client, line)
        found = client.conflicts(name)
        open_ = [each for each in found if each.coordinated_until is None][:WITH_WAYS_MAX]
        return found, [client.do(asks.ways_out(name, each.a, each.b)) for each in open_]

    found, ways = run(node, url, token_file, do, as_json=as_json)
    text, offered = [], iter(ways)
    for each in found:
        text.append(f"{each.verdict.value} {each.a} with {each.b}: {each.words}")
        if each.coordinated_until is None:
            text += [f"  way out: {way.words}\n    {to_do(way)}" for way in next(offered, ())]
        if each.standing_until is not None:
            held = format_utc(each.standing_until)
            text.append(f"  standing coordination until {held}: {each.standing_measure}")
        if each.a_knew or each.b_knew:
            text.append(
                f"  {each.a_party if each.a_knew else each.b_party} filed knowing the other"
            )
    show(
        text or ["no conflict known in what this node holds"],
        [plain(each) for each in found],
        as_json=as_json,
    )


def to_do(way: WayOutView) -> str:
    """The command that takes a way out: amend ours, or propose it to the author of the other."""
    flags, asked = [], way.proposal
    if asked.shift_min is not None:
        flags.append(f"shift={asked.shift_min}")
    flags += [f"lower='{height(asked.lower)}'"] if asked.lower is not None else []
    flags += [f"upper='{height(asked.upper)}'"] if asked.upper is not None else []
    if way.own:
        return f"clearline notice amend {way.of} " + " ".join(f"--{each}" for each in flags)
    given = " ".join(f"--propose {each}" for each in flags)
    return f"clearline answer {way.of} OBJECT {given}"


def alerts(
    node: NodeFolder = None, url: Url = None, token_file: Token = None, as_json: AsJson = False
) -> None:
    """Show open duties, the loudest first: who has them, who is called next, and when.

    Example: clearline alerts --node alfa-node
    """
    found = run(node, url, token_file, lambda client: client.alerts(), as_json=as_json)
    text = [each for view in found for each in describe_alert(view, now())]
    show(text or ["no open duties"], [plain(each) for each in found], as_json=as_json)


def describe_alert(view: AlertView, at: Instant) -> list[str]:
    """A duty in lines."""
    counted = f" x{view.count}" if view.count > 1 else ""
    said = [f"{view.id} {view.precedence.name} {view.state.value}{counted}: {view.words}"]
    if view.due is not None:
        left = view.due - at
        when = f"in {format_length(left)}" if left >= 0 else f"OVERDUE by {format_length(-left)}"
        said.append(f"  due {format_clock(view.due)}, {when}")
    if view.taken_by is not None:
        said.append(f"  taken by {view.taken_by} ({view.taken_role})")
    elif view.next_role is not None and view.next_at is not None:
        said.append(f"  {view.next_role} is called at {format_clock(view.next_at)}")
    if view.silenced_until is not None:
        said.append(f"  silenced until {format_clock(view.silenced_until)}: {view.silence_reason}")
    if view.about:
        said.append(f"  about {', '.join(map(str, view.about))}")
    return said


def ack(
    alert: AlertName,
    note: Annotated[str, typer.Option("--note", help="For the next watch.")] = "",
    node: NodeFolder = None, url: Url = None, token_file: Token = None, role: Role = None,
    as_json: AsJson = False,
) -> None:  # fmt: skip
    """Take an alert: it is quiet then, and the duty stays open until it is answered.

    Example: clearline ack 3f2a --note "calling BRAVO" --node alfa-node
    """

    def do(client: Client) -> AlertView:
        seen = client.board().node.now
        return client.take(_alert(client, alert).id, note=note, role=role, seen=seen)

    view = run(node, url, token_file, do, as_json=as_json)
    show(describe_alert(view, now()), plain(view), as_json=as_json)


def escalate(
    alert: AlertName, node: NodeFolder = None, url: Url = None, token_file: Token = None,
    role: Role = None, as_json: AsJson = False,
) -> None:  # fmt: skip
    """Have the next role of an alert's ladder called now, before the clock does.

    Example: clearline escalate 3f2a --node alfa-node
    """

    def do(client: Client) -> AlertView:
        return client.do(asks.escalate(_alert(client, alert).id, role=role))

    view = run(node, url, token_file, do, as_json=as_json)
    show(describe_alert(view, now()), plain(view), as_json=as_json)


def silence(
    alert: AlertName,
    minutes: Annotated[int, typer.Option("--minutes", help="For how long, at most.")],
    reason: Annotated[str, typer.Option("--reason", help="Why; it is recorded.")],
    node: NodeFolder = None, url: Url = None, token_file: Token = None, role: Role = None,
    as_json: AsJson = False,
) -> None:  # fmt: skip
    """Silence one alert for some minutes: the duty stays, and its answer falls due as before.

    Never beyond that moment, and never an emergency.

    Example: clearline silence 3f2a --minutes 5 --reason "on the telephone with BRAVO"
    --node alfa-node
    """
    if minutes < 1:
        usage("--minutes is at least 1")

    def do(client: Client) -> AlertView:
        until = Instant(client.board().node.now + minutes * MINUTE)
        ask = asks.silence(_alert(client, alert).id, until=until, reason=reason, role=role)
        return client.do(ask)

    view = run(node, url, token_file, do, as_json=as_json)
    show(describe_alert(view, now()), plain(view), as_json=as_json)


def _alert(client: Client, name: str) -> AlertView:
    found = [view for view in client.alerts() if view.id.startswith(name)]
    if len(found) != 1:
        usage(f"{name!r} names {len(found)} open alerts: see clearline alerts")
    return found[0]


def answer(
    to: Annotated[str, typer.Argument(metavar="REF", help="The version, message, STOP, ...")],
    reply: Annotated[
        str,
        typer.Argument(
            metavar="REPLY", help="ROGER READ-BACK WILCO UNABLE STANDBY OBJECT HALTED CANNOT"
        ),
    ],
    minutes: Annotated[
        int | None, typer.Option("--minutes", help="With UNABLE: the minutes needed.")
    ] = None,
    propose: Annotated[
        list[str] | None,
        typer.Option("--propose", help="A way out: shift=15, lower=FL200, upper=FL250; repeat."),
    ] = None,
    propose_file: Annotated[
        Path | None,
        typer.Option("--propose-file", help="Other volumes, as JSON (see check); - reads."),
    ] = None,
    read_back: Annotated[
        str | None,
        typer.Option(
            "--read-back", help="'PLACE; BEARING; DISTANCE_KM (or NM); UPPER; START', re-measured."
        ),
    ] = None,
    remark: Remark = None, lang: Language = "en", id_: Id = None, node: NodeFolder = None,
    url: Url = None, token_file: Token = None, line: LineName = None, role: Role = None,
    as_json: AsJson = False,
) -> None:  # fmt: skip
    """Answer exactly one version. Only this ends a duty; an answer carries to no other version.

    Example: clearline answer BRAVO.0/7 UNABLE --minutes 15 --propose shift=20 --node alfa-node
    """
    try:
        said = Reply(reply.upper())
    except ValueError:
        usage(f"{reply!r} is no reply: {', '.join(each.value for each in Reply)}")
    place = ref(to)
    others = () if propose_file is None else volumes_in(propose_file, as_json=as_json)
    proposal, back = _proposal(propose, others), _read_back(read_back)

    def do(client: Client) -> FiledView:
        view = line_of(client, line)
        body = Answer(
            to=place, reply=said, role=role or client.me().duty, minutes_needed=minutes,
            proposal=proposal, read_back=back, remark=_free(remark, lang),
        )  # fmt: skip
        return client.say(view.line, body, id_=id_, role=role)

    show_filed(run(node, url, token_file, do, as_json=as_json), as_json=as_json)


def _proposal(given: list[str] | None, volumes: tuple[Volume, ...]) -> Proposal | None:
    """shift=MINUTES, lower=HEIGHT, upper=HEIGHT, and other volumes."""
    if not given and not volumes:
        return None
    facts: dict[str, str] = {}
    for text in given or ():
        name, equals, value = text.partition("=")
        if not equals or name not in ("shift", "lower", "upper") or name in facts:
            usage(f"{text!r}: a proposal is shift=MINUTES, lower=HEIGHT or upper=HEIGHT, each once")
        facts[name] = value
    try:
        return Proposal(
            shift_min=int(facts["shift"]) if "shift" in facts else None,
            lower=shapes.height(facts["lower"], upper=False) if "lower" in facts else None,
            upper=shapes.height(facts["upper"], upper=True) if "upper" in facts else None,
            volumes=volumes,
        )
    except ValueError as error:
        usage(str(error))


def _read_back(text: str | None) -> ReadBack | None:
    if text is None:
        return None
    if ";" in text:
        parts = [part.strip() for part in text.split(";")]
    else:
        where, *rest = text.split()
        parts = [where, *rest[:2], " ".join(rest[2:-1]), *rest[-1:]]
    if len(parts) != 5 or not all(parts):
        usage(f"a read-back is {READ_BACK_FORM}")
    try:
        bearing = round(shapes.number(parts[1], "bearing") * 1000)
        if not 0 <= bearing <= 360_000:
            raise ValueError(f"bearing {parts[1]} is not between 0 and 360 degrees, true")
        return ReadBack(
            origin=shapes.place(parts[0]).at,
            bearing_mdeg=bearing % 360_000,
            distance_mm=_distance(parts[2]),
            upper=shapes.height(parts[3], upper=True),
            start=shapes.moment(parts[4]),
        )
    except ValueError as error:
        usage(str(error))


def _distance(text: str) -> int:
    """Kilometres, or nautical miles where NM is said. Raises ValueError."""
    said = text.upper()
    unit = 1_852_000 if said.endswith("NM") else 1_000_000
    return round(shapes.number(said.removesuffix("NM").removesuffix("KM"), "distance") * unit)


def _free(text: str | None, lang: str) -> FreeText | None:
    return None if text is None else FreeText(lang=lang, text=text)


def stop(
    about: Annotated[
        list[str] | None, typer.Argument(metavar="[REF]...", help="Versions; none: everything.")
    ] = None,
    remark: Remark = None, lang: Language = "en", id_: Id = None, node: NodeFolder = None,
    url: Url = None, token_file: Token = None, line: LineName = None, role: Role = None,
    as_json: AsJson = False,
) -> None:  # fmt: skip
    """Plead at once that hazardous activity halts: FLASH, answered HALTED or CANNOT.

    Example: clearline stop BRAVO.0/7 --node alfa-node
    """
    body = Stop(about=tuple(sorted(map(ref, about or ()))), remark=_free(remark, lang))
    done = run(
        node, url, token_file,
        lambda client: client.say(line_id(client, line), body, id_=id_, role=role),
        as_json=as_json,
    )  # fmt: skip
    show_filed(done, as_json=as_json)


def distress(
    what: Annotated[str, typer.Argument(help="Who is in danger, in a few words.")] = "",
    at: Annotated[str | None, typer.Option("--at", help="Where, in any notation.")] = None,
    mover: Annotated[str, typer.Option("--mover", help="One of our own movers.")] = "",
    everywhere: Annotated[
        bool, typer.Option("--everywhere", help="Nobody knows where: the whole agreed area.")
    ] = False,
    disc: Discs = None, corridor: Corridors = None, polygon: Polygons = None,
    souls: Annotated[int | None, typer.Option("--souls", help="People in danger.")] = None,
    lower: Lower = "SFC", upper: Upper = "UNL", start: Start = None, end: End = None,
    edge: EdgeKind = Edge.GEODESIC, remark: Remark = None, lang: Language = "en", id_: Id = None,
    node: NodeFolder = None, url: Url = None, token_file: Token = None, line: LineName = None,
    role: Role = None, as_json: AsJson = False,
) -> None:  # fmt: skip
    """Tell everybody that somebody is in danger: the place is to be kept clear for rescue.

    From the surface up, from now on for six hours, unless you say otherwise. --mover or --at is
    enough: the agreed radius about it is kept clear; --everywhere where nobody knows the place.

    Example: clearline distress --mover "LIFTER 2" --node alfa-node
    """
    if (at or mover or everywhere) and not (disc or corridor or polygon):
        cry = Cry(
            what=what, mover=mover, at=_every_place(at), everywhere=everywhere, souls=souls, id=id_,
            role=role,
        )  # fmt: skip
        done = run(
            node, url, token_file,
            lambda client: client.do(asks.cry(line_id(client, line), cry)), as_json=as_json,
        )  # fmt: skip
        show_filed(done, as_json=as_json)
        return
    if not what:
        usage("who is in danger? In a few words, or --mover, or --at, or --everywhere")
    found = _now_volumes(disc, corridor, polygon, lower, upper, start, end, edge)
    body = Distress(what=what, volumes=found, souls=souls, remark=_free(remark, lang))
    done = run(
        node, url, token_file,
        lambda client: client.say(line_id(client, line), body, id_=id_, role=role),
        as_json=as_json,
    )  # fmt: skip
    show_filed(done, as_json=as_json)


def _every_place(text: str | None) -> tuple[LatLon, ...]:
    """Every meaning of a place: no question holds up a cry for help."""
    try:
        return tuple(disc.centre for disc in shapes.every_disc(f"{text},1")) if text else ()
    except ValueError as error:
        usage(str(error))


def accident(
    what: Annotated[str, typer.Argument(help="What happened, in a few words.")],
    disc: Discs = None, corridor: Corridors = None, polygon: Polygons = None,
    lower: Lower = "SFC", upper: Upper = "UNL", start: Start = None, end: End = None,
    edge: EdgeKind = Edge.GEODESIC, remark: Remark = None, lang: Language = "en", id_: Id = None,
    node: NodeFolder = None, url: Url = None, token_file: Token = None, line: LineName = None,
    role: Role = None, as_json: AsJson = False,
) -> None:  # fmt: skip
    """Tell everybody that something unplanned of yours may hurt others; with a place if known.

    Example: clearline accident "drone does not answer" --disc 35.4,35.5,30 --node alfa-node
    """
    given = disc or corridor or polygon
    found = _now_volumes(disc, corridor, polygon, lower, upper, start, end, edge) if given else ()
    body = Accident(what=what, volumes=found, remark=_free(remark, lang))
    done = run(
        node, url, token_file,
        lambda client: client.say(line_id(client, line), body, id_=id_, role=role),
        as_json=as_json,
    )  # fmt: skip
    show_filed(done, as_json=as_json)
