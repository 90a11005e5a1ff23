"""Seals: a plan committed to now and shown later; what was sealed is kept in a file."""

import hashlib
import secrets
from pathlib import Path
from typing import Annotated, Final

import msgspec
import typer

from clearline.canonical import encode
from clearline.cli.notice import (
    Class,
    Corridors,
    Discs,
    EdgeKind,
    End,
    GeoJson,
    Id,
    Key,
    Label,
    Lower,
    Marks,
    Operation,
    Plans,
    Polygons,
    Reason,
    Start,
    Upper,
    describe_check,
    show_filed,
    volumes_of,
)
from clearline.cli.output import REFUSED, AsJson, read, show, usage
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
from clearline.model.entry import Notice, Open, Seal
from clearline.model.ids import Digest, EntryRef, LineId
from clearline.model.space import Edge
from clearline.node.check_view import CheckView
from clearline.node.views import FiledView
from clearline.store.keyfile import PRIVATE_MODE, create

SALT_BYTES: Final = 32
VERSION: Final = 1


class SealedPlan(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What ``open`` needs: the line, the salt (64 hex digits) and the notice itself. Whoever has
    this file can read the plan."""

    v: int
    line: LineId
    salt: str
    notice: Notice
    envelope: EntryRef | None = None

    @property
    def sha256(self) -> Digest:
        """What is committed to: SHA-256(salt || canonical notice)."""
        return Digest(hashlib.sha256(bytes.fromhex(self.salt) + encode(self.notice)).hexdigest())


def read_plan(raw: bytes) -> SealedPlan | None:
    """The plan of a file; None if it is not one that ``seal`` wrote."""
    try:
        found = msgspec.json.decode(raw, type=SealedPlan)
    except (msgspec.DecodeError, RecursionError):
        return None
    hexed = len(found.salt) == 2 * SALT_BYTES and set(found.salt) <= set("0123456789abcdef")
    return found if found.v == VERSION and hexed else None


def seal(
    cls: Class, label: Label,
    opens: Annotated[str, typer.Option("--opens", help="When you will open it, with its zone.")],
    keep: Annotated[
        Path, typer.Option("--keep", help="A new file for plan and salt; without it none opens.")
    ],
    envelope: Annotated[
        str | None,
        typer.Option("--envelope", help="Your coarse notice, within which the plan lies."),
    ] = None,
    disc: Discs = None, corridor: Corridors = None, polygon: Polygons = None, plan: Plans = None,
    geojson: GeoJson = None, lower: Lower = None, upper: Upper = None, start: Start = None,
    end: End = None, edge: EdgeKind = Edge.GEODESIC, reason: Reason = None,
    operation: Operation = None, mark: Marks = None, key: Key = None, id_: Id = None,
    node: NodeFolder = None, url: Url = None, token_file: Token = None, line: LineName = None,
    role: Role = None, as_json: AsJson = False,
) -> None:  # fmt: skip
    """Commit to a plan without showing it: only a digest and the time of opening leave the node.

    A seal has no standing and warns nobody. The plan is judged on this node first: one that could
    not be filed is not sealed.

    Example: clearline seal --node alfa-node --class hazardous-air --label "Range 7"
    --disc 34.5,35.2,20 --lower FL100 --upper FL250 --start 2026-03-01T18:00Z
    --end 2026-03-01T19:00Z --opens 2026-03-01T17:30Z --keep range7.seal
    """
    if keep.exists():
        usage(f"{keep} is there already: no sealed plan is ever overwritten")
    volumes = volumes_of(
        disc, corridor, polygon, plan, geojson, lower, upper, start, end, edge, as_json=as_json
    )
    notice = Notice(
        cls=cls, label=label, volumes=volumes, operation=operation, reason=reason,
        marks=tuple(sorted(mark or ())), key=key,
    )  # fmt: skip
    at, inside = instant(opens), None if envelope is None else ref(envelope)

    def do(client: Client) -> FiledView | CheckView:
        name = line_id(client, line)
        judged = client.check(name, notice)
        if judged.refusals:
            return judged
        kept = SealedPlan(
            v=VERSION, line=name, salt=secrets.token_hex(SALT_BYTES), notice=notice,
            envelope=inside,
        )  # fmt: skip
        create(keep, msgspec.json.format(msgspec.json.encode(kept)) + b"\n", PRIVATE_MODE)
        body = Seal(sha256=kept.sha256, opens=at, envelope=inside)
        return client.say(name, body, id_=id_, role=role)

    done = run(node, url, token_file, do, as_json=as_json)
    if isinstance(done, CheckView):
        show(describe_check(done), plain(done), as_json=as_json)
        raise typer.Exit(REFUSED)
    if not as_json:
        typer.echo(f"plan and salt: {keep} (keep it: without it the seal cannot be opened)")
    show_filed(done, as_json=as_json)


def open_(
    kept: Annotated[Path, typer.Argument(metavar="FILE", help="What seal --keep wrote.")],
    mismatch_known: Annotated[
        str,
        typer.Option(
            "--mismatch-known", metavar="REASON",
            help="Open --seal by another plan on purpose, and why; it is recorded, and rings.",
        ),
    ] = "",
    seal_: Annotated[
        str | None, typer.Option("--seal", help="The seal that --mismatch-known opens.")
    ] = None,
    id_: Id = None, node: NodeFolder = None, url: Url = None, token_file: Token = None,
    role: Role = None, as_json: AsJson = False,
) -> None:  # fmt: skip
    """Open a seal of yours: the plan becomes a notice that all can check against the digest. The
    node refuses what is not what was sealed, unless you say why.

    Example: clearline open range7.seal --node alfa-node
    """
    plan = read_plan(read(kept, as_json=as_json))
    if plan is None:
        usage(f"{kept} is not a file that seal --keep wrote, or it was changed")
    if (seal_ is None) is not (not mismatch_known):
        usage("--seal and --mismatch-known go together: which seal, and why by another plan")
    named = None if seal_ is None else ref(seal_)

    def do(client: Client) -> FiledView:
        view = next((each for each in client.lines() if each.line == plan.line), None)
        if view is None:
            usage(f"the node is not on the line of {kept}: {plan.line[:12]}")
        sealed = [
            each
            for each in client.do(asks.seals(plan.line))
            if each.party == view.me
            and (each.ref == named if named is not None else each.sha256 == plan.sha256)
        ]
        if not sealed:
            what = f"is {named}" if named is not None else f"has the digest of {kept}"
            usage(f"nothing that this party sealed on “{view.title}” {what}")
        opened = sealed[0].opened
        if opened is not None:
            usage(f"{kept} was opened already, as {opened}")
        body = Open(seal=sealed[0].ref, salt=plan.salt, to=plan.notice, envelope=plan.envelope)
        asked = asks.open_seal(plan.line, body, id_=id_, role=role, mismatch_known=mismatch_known)
        return client.do(asked)

    show_filed(run(node, url, token_file, do, as_json=as_json), as_json=as_json)
