"""clearline notice: file, amend, withdraw, all-clear, list, import."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from msgspec.structs import replace

from clearline.canonical import Plain
from clearline.cli import shapes, showing
from clearline.cli.calling import call_script, said
from clearline.cli.importing import Change, Difference, Profile, difference, read_profile, read_rows
from clearline.cli.output import REFUSED, AsJson, now, read, refuse, show, usage
from clearline.cli.reach import reach
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
from clearline.model.entry import AllClear, Amend, FreeText, Notice, Precedence, Withdraw
from clearline.model.space import Edge, Footprint, Volume
from clearline.model.time import MINUTE, Instant
from clearline.node.check_view import CheckView
from clearline.node.requests import Batch
from clearline.node.views import Badge, FiledView, NoticeView

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
app.command("reach")(reach)
app.command("call-script")(call_script)
app.command("said")(said)

Discs = Annotated[
    list[str] | None, typer.Option("--disc", help="PLACE,RADIUS_KM in any notation; repeat.")
]
Corridors = Annotated[
    list[str] | None,
    typer.Option("--corridor", help="'PLACE; PLACE; ... HALF_WIDTH_KM'; repeat."),
]
Polygons = Annotated[
    list[str] | None, typer.Option("--polygon", help="'PLACE; PLACE; PLACE ...'; repeat.")
]
Plans = Annotated[
    Path | None,
    typer.Option("--file", help="Volumes as JSON in the shape of ASTM F3548 (see check); - reads."),
]
GeoJson = Annotated[
    Path | None, typer.Option("--geojson", help="One polygon; heights and times from the flags.")
]
Lower = Annotated[str | None, typer.Option("--lower", help="SFC, FL150, '3000 ft AMSL', ...")]
Upper = Annotated[str | None, typer.Option("--upper", help="UNL, FL250, '900 m W84', ...")]
Start = Annotated[str | None, typer.Option("--start", help="With its zone: 2026-03-01T18:00Z.")]
End = Annotated[str | None, typer.Option("--end", help="With its zone; every notice has an end.")]
EdgeKind = Annotated[Edge, typer.Option("--edge", help="What an edge between points means.")]
Class = Annotated[str, typer.Option("--class", help="An activity class of the agreement.")]
Label = Annotated[str, typer.Option("--label", help="A name; only a label, never the place.")]
Reason = Annotated[str | None, typer.Option("--reason", help="Needed for large or long closures.")]
Operation = Annotated[
    str | None, typer.Option("--operation", help="Notices of one operation are not judged alike.")
]
Marks = Annotated[list[str] | None, typer.Option("--mark", help="escort, transponder-off, ...")]
Key = Annotated[str | None, typer.Option("--key", help="Your own key for it, used by import.")]
RemarkText = Annotated[str | None, typer.Option("--remark", help="Free text, as an original.")]
Language = Annotated[str, typer.Option("--lang", help="The language of the remark.")]
Prec = Annotated[Precedence | None, typer.Option("--prec", help="Z FLASH, O, P, R.")]
Id = Annotated[str | None, typer.Option("--id", help="Your own id: the same again does nothing.")]
Refs = Annotated[list[str], typer.Argument(metavar="REF...", help="Versions: ALFA.0/12.")]


@app.command()
def file(
    cls: Class, label: Label, disc: Discs = None, corridor: Corridors = None,
    polygon: Polygons = None, plan: Plans = None, geojson: GeoJson = None, lower: Lower = None,
    upper: Upper = None, start: Start = None, end: End = None, edge: EdgeKind = Edge.GEODESIC,
    reason: Reason = None, operation: Operation = None, mark: Marks = None, key: Key = None,
    remark: RemarkText = None, lang: Language = "en", prec: Prec = None, id_: Id = None,
    check: Annotated[
        bool, typer.Option("--check", help="Only judge it: nothing leaves this node.")
    ] = False,
    node: NodeFolder = None, url: Url = None, token_file: Token = None, line: LineName = None,
    role: Role = None, as_json: AsJson = False,
) -> None:  # fmt: skip
    """File a notice: what is to be kept clear, or will be hazardous. It reserves nothing.

    With --check it is judged on this node alone: exit 0 NO, 1 YES, 3 undetermined.

    Example: clearline notice file --node alfa-node --class hazardous-air --label "Range 7"
    --disc 34.5,35.2,20 --lower FL100 --upper FL250 --start 2026-03-01T18:00Z --end
    2026-03-01T19:00Z
    """
    volumes = volumes_of(
        disc, corridor, polygon, plan, geojson, lower, upper, start, end, edge, as_json=as_json
    )
    notice = Notice(
        cls=cls, label=label, volumes=volumes, operation=operation, reason=reason,
        marks=tuple(sorted(mark or ())), key=key,
        remark=FreeText(lang=lang, text=remark) if remark is not None else None,
    )  # fmt: skip
    if check:
        _check(node, url, token_file, line, notice, as_json=as_json)
        return
    done = run(
        node, url, token_file,
        lambda client: client.say(
            line_id(client, line), notice, id_=id_, role=role, precedence=prec
        ),
        as_json=as_json,
    )  # fmt: skip
    show_filed(done, as_json=as_json)


def _check(
    node: Path | None, url: str | None, token_file: Path | None, line: str | None, notice: Notice,
    *, as_json: bool,
) -> None:  # fmt: skip
    view = run(
        node, url, token_file, lambda client: client.check(line_id(client, line), notice),
        as_json=as_json,
    )  # fmt: skip
    show(describe_check(view), plain(view), as_json=as_json)
    code = {"NO": 0, "YES": 1, "UNDETERMINED": 3}[view.verdict.value]
    if view.refusals:
        code = 2
    raise typer.Exit(code)


def describe_check(view: CheckView) -> list[str]:
    """A check in lines."""
    said = [f"{view.verdict.value}: {view.words}"]
    said += [f"  would be refused: {each.words}" for each in view.refusals]
    said += [f"  look again: {each.words}" for each in view.warnings]
    said += [f"  {each.words}" for each in view.conflicts]
    said += [f"  {each.words}" for each in view.third_parties]
    said += [f"  {each.party}: {each.words}" for each in view.leads]
    return said


@app.command()
def amend(
    of: Annotated[str, typer.Argument(metavar="REF", help="The notice's newest version.")],
    label: Annotated[str | None, typer.Option("--label", help="Another label.")] = None,
    disc: Discs = None, corridor: Corridors = None, polygon: Polygons = None, plan: Plans = None,
    geojson: GeoJson = None, lower: Lower = None, upper: Upper = None, start: Start = None,
    end: End = None,
    shift: Annotated[
        int | None, typer.Option("--shift", help="Minutes later; with a minus, earlier.")
    ] = None,
    edge: EdgeKind = Edge.GEODESIC, reason: Reason = None, remark: RemarkText = None,
    lang: Language = "en", prec: Prec = None, id_: Id = None, node: NodeFolder = None,
    url: Url = None, token_file: Token = None, line: LineName = None, role: Role = None,
    as_json: AsJson = False,
) -> None:  # fmt: skip
    """A new version. What is not given stays as it was; times and heights alone may change too.
    An empty --reason or --remark takes it away.

    The earlier version stays live until you withdraw it: do so once the new one is received by all.

    Example: clearline notice amend ALFA.0/12 --node alfa-node --end 2026-03-01T19:30Z
    """
    place = ref(of)
    if shift is not None and (start is not None or end is not None):
        usage("--shift, or --start and --end: not both")

    def do(client: Client) -> FiledView:
        name = line_id(client, line)
        old = client.notice(name, place)
        if disc or corridor or polygon or plan or geojson:
            volumes = volumes_of(
                disc, corridor, polygon, plan, geojson, lower, upper, start, end, edge,
                as_json=as_json,
            )  # fmt: skip
        else:
            volumes = tuple(_changed(each, lower, upper, start, end) for each in old.volumes)
        if shift is not None:
            volumes = tuple(_shifted(each, shift) for each in volumes)
        to = Notice(
            cls=old.cls, label=label or old.label, volumes=volumes, operation=old.operation,
            reason=old.reason if reason is None else reason or None, marks=old.marks, key=old.key,
            remark=old.remark if remark is None else _words(remark, lang),
        )  # fmt: skip
        body = Amend(notice=old.notice, to=to)
        return client.say(name, body, id_=id_, role=role, precedence=prec)

    show_filed(run(node, url, token_file, do, as_json=as_json), as_json=as_json)


def _words(text: str, lang: str) -> FreeText | None:
    return FreeText(lang=lang, text=text) if text else None


def _shifted(volume: Volume, minutes: int) -> Volume:
    by = minutes * MINUTE
    return replace(volume, start=Instant(volume.start + by), end=Instant(volume.end + by))


def _changed(
    volume: Volume, lower: str | None, upper: str | None, start: str | None, end: str | None
) -> Volume:
    try:
        return Volume(
            footprint=volume.footprint,
            lower=volume.lower if lower is None else shapes.height(lower, upper=False),
            upper=volume.upper if upper is None else shapes.height(upper, upper=True),
            start=volume.start if start is None else instant(start),
            end=volume.end if end is None else instant(end),
        )
    except ValueError as error:
        usage(str(error))


@app.command()
def confirm(
    refs: Annotated[
        list[str] | None, typer.Argument(metavar="REF...", help="Versions of your own.")
    ] = None,
    due: Annotated[
        bool, typer.Option("--due", help="All of yours that read UNCONFIRMED by now.")
    ] = False,
    keep: Annotated[
        bool, typer.Option("--keep-earlier", help="Do not end the versions that they replace.")
    ] = False,
    id_: Id = None, node: NodeFolder = None, url: Url = None, token_file: Token = None,
    line: LineName = None, role: Role = None, as_json: AsJson = False,
) -> None:  # fmt: skip
    """Say again that notices of your own are still so, word for word; the earlier versions end.

    Each is a new version with the same content: the others see who said it again, and when.

    Example: clearline notice confirm --due --node alfa-node
    """
    if due == bool(refs):
        usage("either versions, or --due")

    def do(client: Client) -> FiledView | None:
        name = line_id(client, line)
        if due:
            every = (each for each in client.notices(name) if each.own)
            found = [e for e in every if Badge.UNCONFIRMED in e.badges and e.newest == e.ref]
        else:
            found = [client.notice(name, ref(each)) for each in refs or ()]
        if not found:
            return None
        return client.do(asks.file_all(name, said_again(found, keep=keep, role=role, id_=id_)))

    done = run(node, url, token_file, do, as_json=as_json)
    if done is None:
        show(["nothing of ours is UNCONFIRMED"], {"refs": []}, as_json=as_json)
        return
    show_filed(done, as_json=as_json)


def said_again(
    found: Sequence[NoticeView], *, keep: bool, role: str | None, id_: str | None
) -> Batch:
    """The same content as new versions, then the end of those that they replace, in one go."""
    amends = tuple(
        Amend(
            notice=view.notice,
            to=Notice(
                cls=view.cls, label=view.label, volumes=view.volumes, operation=view.operation,
                reason=view.reason, marks=view.marks, remark=view.remark, key=view.key,
            ),
        )
        for view in found
    )  # fmt: skip
    ends = Withdraw(versions=tuple(sorted(view.ref for view in found)))
    return Batch(
        amends=amends, withdraws=() if keep else (ends,), id=id_, role=role,
        precedence=Precedence.ROUTINE,
    )  # fmt: skip


@app.command()
def withdraw(
    refs: Refs, id_: Id = None, node: NodeFolder = None, url: Url = None, token_file: Token = None,
    line: LineName = None, role: Role = None, as_json: AsJson = False,
) -> None:  # fmt: skip
    """End versions of your own; final. The tail of a hazard that has begun stays: see all-clear.

    Example: clearline notice withdraw ALFA.0/12 --node alfa-node
    """
    body = Withdraw(versions=tuple(sorted(map(ref, refs))))
    done = run(
        node, url, token_file,
        lambda client: client.say(line_id(client, line), body, id_=id_, role=role),
        as_json=as_json,
    )  # fmt: skip
    show_filed(done, as_json=as_json)


@app.command("all-clear")
def all_clear(
    refs: Refs,
    at: Annotated[
        str | None, typer.Option("--at", help="From when, with its zone; else now.")
    ] = None,
    id_: Id = None, node: NodeFolder = None, url: Url = None, token_file: Token = None,
    line: LineName = None, role: Role = None, as_json: AsJson = False,
) -> None:  # fmt: skip
    """Declare hazards of your own over, tail included, at a stated time.

    Example: clearline notice all-clear ALFA.0/12 --at 2026-03-01T19:03Z --node alfa-node
    """
    moment = now() if at is None else instant(at)
    body = AllClear(versions=tuple(sorted(map(ref, refs))), at=moment)
    done = run(
        node, url, token_file,
        lambda client: client.say(line_id(client, line), body, id_=id_, role=role),
        as_json=as_json,
    )  # fmt: skip
    show_filed(done, as_json=as_json)


@app.command("list")
def list_(
    ended: Annotated[bool, typer.Option("--all", help="Ended ones too.")] = False,
    node: NodeFolder = None, url: Url = None, token_file: Token = None, line: LineName = None,
    as_json: AsJson = False,
) -> None:  # fmt: skip
    """Notices of everybody, with standing, NOT TOLD, lead time and answers.

    Example: clearline notice list --node alfa-node
    """
    found = run(
        node, url, token_file,
        lambda client: client.notices(line_id(client, line), ended=ended), as_json=as_json,
    )  # fmt: skip
    text = [each for view in found for each in describe_notice(view)] or ["no notices"]
    show(text, [plain(view) for view in found], as_json=as_json)


def describe_notice(view: NoticeView) -> list[str]:
    """A notice in lines, in the notation of the node that was asked."""
    shown = showing.style()
    badges = " ".join(f"[{badge.value}]" for badge in view.badges)
    window = ""
    if view.start is not None and view.end is not None:
        window = f", {shown.dtg(view.start)} to {shown.dtg(view.end)}"
    head = f"{view.ref} {view.party} {view.cls_name} “{view.label}”{window} {badges}".rstrip()
    said = [head, f"  {view.words}"]
    said += [f"  {each}" for each in shown.volumes(view.volumes)]
    said += [f"  look again: {each}" for each in view.look_again]
    if view.reason is not None:
        said.append(f"  reason: “{view.reason}”")
    if view.remark is not None:
        said.append(f"  remark ({view.remark.lang}): “{view.remark.text}”")
    said += [f"  {third.words}" for third in view.third_parties]
    said += [f"  {each.party}: {each.words}" for each in view.leads]
    said += [f"  {each.words}" for each in view.answers]
    if view.unanswered:
        said.append(f"  no answer yet from {', '.join(view.unanswered)}: not agreed")
    if view.exposure is not None:
        said.append(f"  own movers: {view.exposure.words}")
    return said


def show_filed(done: FiledView, *, as_json: bool) -> None:
    """What came of a write."""
    said = [done.words]
    said += [f"  look again: {each.words}" for each in done.warnings]
    said += [f"  CONFLICT {each.words}" for each in done.conflicts]
    said += [f"  {each}" for view in done.notices for each in describe_notice(view)]
    show(said, plain(done), as_json=as_json)


# -- import


@app.command("import")
def import_(
    source: Annotated[Path, typer.Argument(metavar="FILE.csv", help="One site or movement a row.")],
    profile: Annotated[Path, typer.Option("--map", help="Which column is what: PROFILE.toml.")],
    key: Annotated[
        str | None, typer.Option("--key", help="The column that names a row for ever.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show the difference.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Send it: it was confirmed.")] = False,
    keep: Annotated[
        bool, typer.Option("--keep-gone", help="Do not withdraw what is no longer in the file.")
    ] = False,
    node: NodeFolder = None, url: Url = None, token_file: Token = None, line: LineName = None,
    role: Role = None, as_json: AsJson = False,
) -> None:  # fmt: skip
    """Bring the line up to a table: new, amended, gone, unchanged, by your own key. All or nothing.

    Errors are named by row and column and nothing is sent then; nor before --yes. Versions that
    an amend replaces stay live until you withdraw them.

    Example: clearline notice import sites.csv --map sites.toml --key site_id --dry-run --node n
    """
    rules = _profile(profile, key)
    rows, errors = read_rows(read(source, as_json=as_json), rules)
    if errors:
        show(
            [f"row {e.row}, column {e.column}: {e.text}" for e in errors],
            {"errors": [{"row": e.row, "column": e.column, "text": e.text} for e in errors]},
            as_json=as_json,
        )
        raise typer.Exit(REFUSED)

    def do(client: Client) -> tuple[Difference, FiledView | None]:
        name = line_id(client, line)
        found = difference(rows, client.notices(name), rules)
        batch = found.batch(role=role, keep_gone=keep)
        if dry_run or not yes or batch is None:
            return found, None
        return found, client.do(asks.file_all(name, batch))

    found, done = run(node, url, token_file, do, as_json=as_json)
    _show_difference(found, done, dry_run=dry_run, as_json=as_json)
    if done is None and not dry_run and found.changes:
        raise typer.Exit(REFUSED)


def _profile(path: Path, key: str | None) -> Profile:
    try:
        return read_profile(path.read_bytes(), key)
    except ValueError as error:
        usage(f"{path}: {error}")


def _show_difference(
    found: Difference, done: FiledView | None, *, dry_run: bool, as_json: bool
) -> None:
    counts = {change.value: found.count(change) for change in Change}
    said = [", ".join(f"{n} {name}" for name, n in counts.items())]
    said += [f"  {each.change.value}: {each.key} {each.says}" for each in found.changes]
    if done is not None:
        said.append(done.words)
        said += [f"  CONFLICT {each.words}" for each in done.conflicts]
    elif not dry_run and found.changes:
        said.append("nothing was sent: look at the difference, then say --yes")
    else:
        said.append("nothing was sent")
    changes: list[Plain] = [
        {"change": e.change.value, "key": e.key, "ref": str(e.ref) if e.ref else None}
        for e in found.changes
    ]
    filed = plain(done) if done is not None else None
    show(said, {"counts": {**counts}, "changes": changes, "filed": filed}, as_json=as_json)


# -- volumes


def volumes_in(plan: Path, *, as_json: bool) -> tuple[Volume, ...]:
    """The volumes of a file in the shape of ASTM F3548; or the end of the command."""
    from clearline.plan.codec import decode_item  # geometry: no other command here computes

    item = decode_item(read(plan, as_json=as_json), strict=True)
    if isinstance(item, tuple):
        refuse(item, as_json=as_json)
    return item.volumes


def volumes_of(
    discs: Sequence[str] | None, corridors: Sequence[str] | None, polygons: Sequence[str] | None,
    plan: Path | None, geojson: Path | None, lower: str | None, upper: str | None,
    start: str | None, end: str | None, edge: Edge, *, as_json: bool, every: bool = False,
) -> tuple[Volume, ...]:  # fmt: skip
    """The volumes that the flags describe; nothing is assumed that was not said. ``every``: of a
    place with two meanings both are meant, for emergencies."""
    found: list[Volume] = []
    if plan is not None:
        found += volumes_in(plan, as_json=as_json)
    shaped: list[Footprint] = []
    try:
        for text in discs or ():
            shaped += shapes.every_disc(text) if every else (shapes.disc(text),)
        for text in corridors or ():
            shaped += shapes.every_corridor(text, edge) if every else (shapes.corridor(text, edge),)
        for text in polygons or ():
            shaped += (shapes.every_polygon if every else shapes.polygon)(text, edge)
        if geojson is not None:
            shaped.append(shapes.geojson(read(geojson, as_json=as_json)))
        if not found and not shaped:
            usage("where? --disc, --corridor, --polygon, --geojson or --file: a name is no place")
        if shaped:
            if lower is None or upper is None or start is None or end is None:
                usage("--lower, --upper, --start and --end must all be said")
            low, high = shapes.height(lower, upper=False), shapes.height(upper, upper=True)
            begins, ends = instant(start), instant(end)
            found += [
                Volume(footprint=shape, lower=low, upper=high, start=begins, end=ends)
                for shape in shaped
            ]
    except ValueError as error:
        usage(str(error))
    return tuple(found)
