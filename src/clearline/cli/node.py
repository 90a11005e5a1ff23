"""clearline node: make a node, run it, look at it, back it up, put it back, examine it."""

import asyncio
import logging
import signal
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from clearline.api.people import (
    PeopleUnreadable,
    Person,
    Role,
    digest_of,
    new_token,
    read_people,
    write_people,
)
from clearline.cli.console_cert import console_cert
from clearline.cli.getting_ready import is_beside, load_kept, stop_beside
from clearline.cli.inviting import CannotInvite, console_url, invite
from clearline.cli.line_words import describe_line
from clearline.cli.output import REFUSED, AsJson, now, show
from clearline.cli.remote import instant, plain, reach
from clearline.client import Unreachable
from clearline.config import ALONE, ConfigError, Placed, read_config, stands_alone
from clearline.model.time import Instant, format_utc
from clearline.node.ports import LeaseHeld, StaleFence, StoreFull, StoreUnreadable
from clearline.node.views import NodeView
from clearline.store.disk import write_whole
from clearline.store.lease import holder

if TYPE_CHECKING:
    from clearline.assembly import Node

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
# A server is imported by the verbs that open a node, not by those that ask a running one: half of
# a second for each look at its state.

Folder = Annotated[Path, typer.Argument(metavar="DIR", help="The node's folder.")]


@app.command()
def init(
    folder: Folder,
    party: Annotated[Path, typer.Option("--party", help="The party's folder with its keys.")],
    agreement: Annotated[
        list[Path] | None,
        typer.Option("--agreement", help="Terms that all have signed; repeat for more lines."),
    ] = None,
    peer: Annotated[
        list[Path] | None,
        typer.Option("--peer", help="Another party's manifest, or its folder; repeat."),
    ] = None,
    api: Annotated[
        str, typer.Option("--api", help="HOST:PORT of the API for your own people.")
    ] = "127.0.0.1:8440",
    listen: Annotated[
        str | None, typer.Option("--listen", help="HOST:PORT for other nodes; one end is enough.")
    ] = None,
    person: Annotated[
        str, typer.Option("--person", help="Whose name the first watch token carries.")
    ] = "watch",
    as_json: AsJson = False,
) -> None:
    """Make a node: node.toml, first tokens, database, high-water mark. Nothing is ever overwritten.

    A line that not all parties have signed is refused, and those who are missing are named.

    Example: clearline node init alfa-node --party alfa --agreement line.json --peer bravo
    """
    from clearline.assembly import CannotRun
    from clearline.cli.founding import found_node

    try:
        made = found_node(
            folder, party, agreements=agreement or (), documents=peer or (), now=now(), api=api,
            listen=listen, person=person,
        )  # fmt: skip
    except (CannotRun, ConfigError, StoreFull, StoreUnreadable, LeaseHeld) as why:
        _refused(str(why))
    show(
        (
            f"node of {made.party} in {made.folder}",
            *(f"  line {line}" for line in made.lines),
            *(f"  token for {role}: {path}" for role, path in made.tokens.items()),
            f"run it: clearline node run {made.folder}",
        ),
        {
            "folder": str(made.folder), "party": made.party, "lines": [*made.lines],
            "tokens": {role: str(path) for role, path in made.tokens.items()},
        },
        as_json=as_json,
    )  # fmt: skip


@app.command()
def run(
    folder: Folder,
    quiet: Annotated[bool, typer.Option("--quiet", help="Log errors only.")] = False,
) -> None:
    """Run the node until SIGINT or SIGTERM. Prints the addresses of its API and console once.

    Example: clearline node run alfa-node
    """
    from clearline.assembly import CannotRun, open_node

    logging.basicConfig(
        level=logging.ERROR if quiet else logging.INFO, stream=sys.stderr,
        format="%(asctime)s %(levelname)s %(name)s %(message)s",
    )  # fmt: skip
    logging.Formatter.converter = time.gmtime
    for name in ("uvicorn", "httpx2"):  # the addresses of webhooks are often secrets
        logging.getLogger(name).setLevel(logging.WARNING)
    if is_beside():
        logging.getLogger("clearline").warning(
            "the engine is being compiled for the next start; until then it is slower"
        )
    try:
        load_kept()
        node = open_node(folder)
        asyncio.run(_run(node))
    except (CannotRun, ConfigError, StoreFull, StoreUnreadable, LeaseHeld) as why:
        _refused(str(why))
    except StaleFence as why:
        _refused(f"another process writes this node's record: {why}")
    finally:
        stop_beside()


async def _run(node: "Node") -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)

    def ready(address: str) -> None:
        if stands_alone(node.placed.config):
            typer.echo(f"clearline: {ALONE}", err=True)
        typer.echo(f"API {address}")
        with suppress(CannotInvite):
            typer.echo(f"console {console_url(node.placed, address)}")
        for host, port in node.links.addresses:
            typer.echo(f"link {host}:{port}")
        sys.stdout.flush()

    await node.run(stop, ready)


@app.command()
def status(folder: Folder, as_json: AsJson = False) -> None:
    """Show the node: from its API, or from what it keeps when it is down. Exit 1 when it is down.

    Example: clearline node status alfa-node
    """
    placed = _config(folder)
    running = holder(placed.lease) is not None
    view: NodeView | None = None
    if running:
        try:
            with reach(folder, None, None, "administrator") as client:
                view = client.node()
        except Unreachable as why:
            typer.echo(f"clearline: the API does not answer: {why}", err=True)
    if view is None:
        running, view = False, _stored(placed)
    alone = stands_alone(placed.config)
    show(
        [*describe_node(view, running=running), *((f"  {ALONE}",) if alone else ())],
        {"running": running, "alone": alone, "node": plain(view)},
        as_json=as_json,
    )
    if not running:
        raise typer.Exit(REFUSED)


@app.command()
def backup(
    folder: Folder,
    destination: Annotated[Path, typer.Argument(metavar="DEST", help="A folder that is not yet.")],
    as_json: AsJson = False,
) -> None:
    """Back up the database and the marks of this moment, beside the running node.

    Keep keys and node.toml as well: they are not in it.

    Example: clearline node backup alfa-node backups/2026-03-01
    """
    from clearline.store.backup import BackupRefused, back_up

    placed = _config(folder)
    try:
        manifest = back_up(placed.database, placed.highwater, destination, made=now())
    except (BackupRefused, StoreFull, StoreUnreadable) as why:
        _refused(str(why))
    entries = sum(feed.entries for feed in manifest.feeds)
    show(
        (f"{destination}: {entries} entries of {len(manifest.feeds)} feeds, verified",),
        {"backup": str(destination), "entries": entries, "feeds": len(manifest.feeds)},
        as_json=as_json,
    )


@app.command()
def restore(
    folder: Folder,
    source: Annotated[Path, typer.Argument(metavar="BACKUP", help="What ``backup`` made.")],
    check_only: Annotated[bool, typer.Option("--check", help="Only verify the backup.")] = False,
    as_json: AsJson = False,
) -> None:
    """Put a backup's database where there is none. The marks stay as they are.

    A node that signed on after the backup signs nothing until every party has stated what it holds.

    Example: clearline node restore alfa-node backups/2026-03-01
    """
    from clearline.store.backup import BackupRefused, check_backup
    from clearline.store.backup import restore as restore_database

    placed = _config(folder)
    writer = holder(placed.lease)
    if writer is not None and not check_only:
        _refused(f"the node runs ({writer}): stop it first")
    try:
        manifest = check_backup(source) if check_only else restore_database(source, placed.database)
    except (BackupRefused, StoreFull, StoreUnreadable) as why:
        _refused(str(why))
    made = format_utc(manifest.made)
    done = "is whole" if check_only else "is put back"
    show(
        (f"{source} of {made} {done}",),
        {"backup": str(source), "made": made, "restored": not check_only},
        as_json=as_json,
    )


@app.command()
def doctor(folder: Folder, as_json: AsJson = False) -> None:
    """Examine configuration, keys, people, files, database and every feed's tree. Reads only.

    Exit 0 when nothing is wrong, 1 when something is.

    Example: clearline node doctor alfa-node
    """
    from clearline.cli.examining import Grade, examine_node

    found = examine_node(folder, now())
    bad = [each for each in found if each.grade is not Grade.NOTE]
    lines = [f"{each.grade.value}: {each.text} ({each.clause})" for each in found]
    show(
        [*lines, f"{len(bad)} finding(s)" if bad else "nothing wrong was found"],
        {
            "findings": [
                {"code": e.code, "clause": e.clause, "grade": e.grade.value, "text": e.text}
                for e in found
            ]
        },
        as_json=as_json,
    )
    if bad:
        raise typer.Exit(REFUSED)


@app.command()
def token(
    folder: Folder,
    person: Annotated[str, typer.Argument(metavar="PERSON", help="Whose; one name, one token.")],
    role: Annotated[Role, typer.Option("--role", help="What the person may do.")] = Role.WATCH,
    duty: Annotated[
        list[str] | None, typer.Option("--duty", help="The person's roles on the line; repeat.")
    ] = None,
    until: Annotated[str | None, typer.Option("--until", help="Until when, with its zone.")] = None,
    revoke: Annotated[bool, typer.Option("--revoke", help="Take the person's token away.")] = False,
    as_json: AsJson = False,
) -> None:
    """Give a person a new token, which ends the old one, or take it away. No restart is needed.

    The token is printed once and kept nowhere: only its SHA-256 is.

    Example: clearline node token alfa-node kim --role watch --duty watch-officer
    """
    path = _config(folder).tokens
    try:
        people = read_people(path)
    except (PeopleUnreadable, OSError) as why:
        _refused(str(why))
    kept = tuple(each for each in people if each.person != person)
    if revoke:
        if kept == people:
            _refused(f"nobody called {person} has a token")
        write_whole(path, write_people(kept))
        show((f"{person} has no token any more",), {"revoked": person}, as_json=as_json)
        return
    made = new_token()
    duties = tuple(duty or ()) or next((each.duties for each in people if each.duties), ())
    new = Person(
        person=person, role=role, sha256=digest_of(made), made=now(), duties=duties,
        until=None if until is None else instant(until),
    )  # fmt: skip
    write_whole(path, write_people((*kept, new)))
    show((made,), {"person": person, "role": role.value, "token": made}, as_json=as_json)


app.command()(invite)
app.command("console-cert")(console_cert)

# -- parts


def describe_node(view: NodeView, *, running: bool) -> list[str]:
    """The node in a few lines."""
    said = [
        f"{view.party}: {'running' if running else 'NOT RUNNING, as it was kept'}, "
        f"{format_utc(Instant(view.now // 1000 * 1000))}, {view.software}"
    ]
    for name, since, detail in view.faults:
        said.append(f"  FAULT {name} since {format_utc(since)} {detail}")
    for line in view.lines:
        said += describe_line(line)
    said.append(f"  {view.open_duties} open duties, {view.ringing} ringing")
    return said


def _stored(placed: Placed) -> NodeView:
    from clearline.assembly import CannotRun
    from clearline.cli.lookup import stored_node_view

    try:
        return stored_node_view(placed, now())
    except (CannotRun, StoreUnreadable, StoreFull) as why:
        _refused(str(why))


def _config(folder: Path) -> Placed:
    try:
        return read_config(folder)
    except ConfigError as why:
        _refused(str(why))


def _refused(text: str) -> NoReturn:
    typer.echo(f"clearline: {text}", err=True)
    raise typer.Exit(REFUSED)
