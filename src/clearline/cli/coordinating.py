"""Sign under which measure an overlap is dealt with: of one pair, or standing for one area."""

from typing import Annotated

import typer

from clearline.cli.notice import (
    Corridors,
    Discs,
    EdgeKind,
    End,
    Id,
    Lower,
    Polygons,
    Start,
    Upper,
    show_filed,
    volumes_of,
)
from clearline.cli.output import AsJson, show, usage
from clearline.cli.remote import (
    LineName,
    NodeFolder,
    Role,
    Token,
    Url,
    instant,
    line_id,
    plain,
    ref,
    run,
)
from clearline.client import Client, asks
from clearline.model.entry import Coordinated, StandingArea
from clearline.model.ids import LineId, PartyId, is_party_id
from clearline.model.space import Edge, Volume
from clearline.model.time import format_utc
from clearline.node.standing_view import StandingView
from clearline.node.views import FiledView

Measure = Annotated[
    str | None, typer.Option("--measure", help="What keeps the two apart, by name.")
]


def coordinate(
    first: Annotated[str | None, typer.Argument(metavar="REF", help="Your version.")] = None,
    second: Annotated[str | None, typer.Argument(metavar="REF", help="Theirs.")] = None,
    measure: Measure = None,
    until: Annotated[
        str | None, typer.Option("--until", help="Until when, with its zone.")
    ] = None,
    standing: Annotated[
        str | None,
        typer.Option(
            "--standing",
            help="PARTY: of an area and a period, not of a pair. Alone: what is signed with it.",
        ),
    ] = None,
    same: Annotated[
        str | None, typer.Option("--same", help="REF of theirs: sign the same area and measure.")
    ] = None,
    disc: Discs = None, corridor: Corridors = None, polygon: Polygons = None,
    lower: Lower = "SFC", upper: Upper = "UNL", start: Start = None, end: End = None,
    edge: EdgeKind = Edge.GEODESIC, id_: Id = None, node: NodeFolder = None, url: Url = None,
    token_file: Token = None, line: LineName = None, role: Role = None, as_json: AsJson = False,
) -> None:  # fmt: skip
    """Sign that this pair overlaps under a measure. Both must sign alike; an amend voids it.

    With --standing PARTY it is of whatever of you and that party lies within one area and period:
    each pair is still shown and rung about, with the measure and its end. To end it early sign it
    again with an earlier --until.

    Example: clearline coordinate ALFA.0/9 BRAVO.0/7 --measure "BRAVO holds at FL250"
    --until 2026-03-01T19:00Z --node alfa-node
    """
    if standing is not None and not is_party_id(standing):
        usage(f"{standing!r} is no party's id")
    shaped = disc or corridor or polygon
    if standing is not None and not shaped and same is None:
        party = PartyId(standing)
        views = run(
            node, url, token_file,
            lambda client: client.do(asks.standing(line_id(client, line))), as_json=as_json,
        )  # fmt: skip
        found = [view for view in views if party in (view.by, view.with_party)]
        text = [each for view in found for each in describe(view)]
        show(text or ["nothing is signed"], [plain(view) for view in found], as_json=as_json)
        return
    area: Volume | None = None
    if shaped and standing is not None:
        areas = volumes_of(
            disc, corridor, polygon, None, None, lower, upper, start, end, edge, as_json=as_json
        )
        if len(areas) != 1:
            usage("one area at a time")
        area = areas[0]

    def do(client: Client) -> FiledView:
        name = line_id(client, line)
        if standing is None:
            body = _pair(first, second, measure, until)
        else:
            body = _standing(client, name, PartyId(standing), area, same, measure, until)
        return client.say(name, body, id_=id_, role=role)

    show_filed(run(node, url, token_file, do, as_json=as_json), as_json=as_json)


def _pair(
    first: str | None, second: str | None, measure: str | None, until: str | None
) -> Coordinated:
    if first is None or second is None or measure is None or until is None:
        usage("two versions, --measure and --until must be said, or --standing PARTY")
    low, high = sorted((ref(first), ref(second)))
    return Coordinated(pair=(low, high), measure=measure, until=instant(until))


def _standing(
    client: Client, line: LineId, party: PartyId, area: Volume | None, same: str | None,
    measure: str | None, until: str | None,
) -> Coordinated:  # fmt: skip
    """Of the area that was said, or of the one that the other has signed."""
    if same is not None:
        views = [view for view in client.do(asks.standing(line)) if view.ref == ref(same)]
        if len(views) != 1:
            usage(f"{same} is no standing coordination: see clearline coordinate --standing")
        (view,) = views
        area, measure = view.area, measure or view.measure
        until = until or format_utc(view.until)
    if area is None or measure is None:
        usage("--measure must be said")
    return Coordinated(
        measure=measure,
        until=instant(until) if until is not None else area.end,
        standing=StandingArea(party=party, volumes=(area,)),
    )


def describe(view: StandingView) -> list[str]:
    """A standing coordination in lines."""
    state = "signed by both" if view.signed_by_both else f"signed by {view.by} alone"
    state += ", in force" if view.holds else ", NOT in force"
    return [
        f"{view.ref} {view.by} with {view.with_party}: {view.measure}; {state}",
        f"  from {format_utc(view.area.start)} until {format_utc(view.until)}",
    ]
