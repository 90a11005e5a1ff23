"""clearline node invite: a one-time link that signs a person in at the watch console."""

import io
from pathlib import Path
from typing import Annotated, Final
from urllib.parse import urlsplit

import msgspec
import segno
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
from clearline.api.sign_ins import LINK_MS, new_link
from clearline.cli.output import REFUSED, AsJson, now, show
from clearline.config import ConfigError, Placed, parse_address, read_config
from clearline.model.limits import LABEL_CHARS_MAX
from clearline.model.time import HOUR, Instant, format_utc
from clearline.store.disk import write_whole

ANYWHERE: Final = frozenset({"0.0.0.0", "::"})  # noqa: S104 -- told from, not bound to
HOURS: Final = LINK_MS // HOUR


class CannotInvite(Exception):
    """Why no link is made."""


def console_url(placed: Placed, address: str | None = None) -> str:
    """Where a browser finds the console: as it runs, else as it is configured. A node that is bound
    to every address is called by the first of ``api.hosts``. Raises CannotInvite."""
    api = placed.config.api
    if address is None:
        try:
            address = placed.address_file.read_text("utf-8").strip()
        except OSError:
            host, port = parse_address(api.bind)
            if port == 0:
                raise CannotInvite(
                    "the node does not run, and api.bind leaves the port open: start it first"
                ) from None
            shown = f"[{host}]" if ":" in host else host
            address = f"{'https' if api.certificate else 'http'}://{shown}:{port}"
    parts = urlsplit(address)
    named = api.hosts[0] if api.hosts else None
    if named is None and parts.hostname in ANYWHERE:
        raise CannotInvite(
            f"api.bind {api.bind} names no address that a browser could call: write api.hosts"
        )
    if named is None or parts.port is None:
        return f"{address}/console/"
    return f"{parts.scheme}://{named}:{parts.port}/console/"


def person_for(
    placed: Placed, name: str, role: Role | None, duties: tuple[str, ...], at: Instant
) -> Person:
    """The person of a name, with the role and duties that were said; written where he is new or
    something of him changes. Raises CannotInvite, OSError."""
    if not 0 < len(name) <= LABEL_CHARS_MAX or not name.isprintable():
        raise CannotInvite(f"a person's name has 1 to {LABEL_CHARS_MAX} printable characters")
    try:
        people = read_people(placed.tokens)
    except PeopleUnreadable as why:
        raise CannotInvite(str(why)) from why
    known = next((each for each in people if each.person == name), None)
    usual = next((each.duties for each in people if each.duties), ())
    if known is None:
        found = Person(
            person=name, role=role or Role.WATCH, sha256=digest_of(new_token()), made=at,
            duties=duties or usual,
        )  # fmt: skip
    else:
        found = msgspec.structs.replace(
            known, role=role or known.role, duties=duties or known.duties
        )
    if found != known:
        kept = tuple(each for each in people if each.person != name)
        write_whole(placed.tokens, write_people((*kept, found)))
    return found


def link_for(placed: Placed, person: Person, at: Instant, address: str | None = None) -> str:
    """A fresh one-time link. The code stands behind the #, which no browser sends or logs. Raises
    CannotInvite, OSError."""
    url = console_url(placed, address)
    try:
        return f"{url}#link={new_link(placed.sign_ins, person, at, write_whole)}"
    except ValueError as why:
        raise CannotInvite(str(why)) from why


def picture_of(url: str) -> str:
    """The address as a QR code for a terminal."""
    out = io.StringIO()
    segno.make(url, error="m", micro=False).terminal(out, compact=True)
    return out.getvalue()


def invite(
    person: Annotated[str, typer.Argument(metavar="PERSON", help="Who is to sign in.")],
    folder: Annotated[
        Path, typer.Option("--node", envvar="CLEARLINE_NODE", help="The node's folder.")
    ],
    role: Annotated[
        Role | None,
        typer.Option("--role", help="What he may do; else as it was, or watch."),
    ] = None,
    duty: Annotated[
        list[str] | None, typer.Option("--duty", help="The person's roles on the line; repeat.")
    ] = None,
    qr: Annotated[bool, typer.Option("--qr/--no-qr", help="Show it as a QR code, too.")] = True,
    as_json: AsJson = False,
) -> None:
    """Make a link that signs a person in at the watch console, once, within 24 hours.

    Whoever opens it first is that person: hand it over in person, or by a way that you trust. It is
    printed once and kept nowhere; only its SHA-256 is. No restart is needed.

    Example: clearline node invite kim --role watch --node alfa-node
    """
    try:
        placed = read_config(folder)
        at = now()
        url = console_url(placed)
        found = person_for(placed, person, role, tuple(duty or ()), at)
        url = link_for(placed, found, at)
    except (CannotInvite, ConfigError, OSError) as why:
        typer.echo(f"clearline: {why}", err=True)
        raise typer.Exit(REFUSED) from why
    until = format_utc(Instant((at + LINK_MS) // 1000 * 1000))
    said = [url, f"for {found.person}, {found.role.value}; once, until {until}"]
    if qr and not as_json:
        said.append(picture_of(url))
    show(
        said,
        {"url": url, "person": found.person, "role": found.role.value, "until": until},
        as_json=as_json,
    )


__all__ = ["CannotInvite", "console_url", "invite", "link_for", "person_for"]
