"""Telling those who are not on the line: who waits for it, who takes it, what came of it."""

import hashlib
from collections.abc import Iterator
from typing import Annotated

import typer

from clearline.canonical import Plain
from clearline.cli.notice import Id, Language, RemarkText, show_filed
from clearline.cli.output import AsJson, now, show, usage
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
from clearline.client import Client
from clearline.model.entry import FreeText, Relay, Relayed, RelayOutcome
from clearline.model.ids import Digest, PartyId
from clearline.node.views import FiledView, NoticeView, ThirdView

Third = Annotated[str, typer.Argument(metavar="PARTY", help="The represented party's id.")]


def relay(
    of: Annotated[
        str | None, typer.Argument(metavar="REF", help="The version; none: list who waits.")
    ] = None,
    to: Annotated[
        str | None, typer.Argument(metavar="PARTY", help="The represented party's id.")
    ] = None,
    id_: Id = None, node: NodeFolder = None, url: Url = None, token_file: Token = None,
    line: LineName = None, role: Role = None, as_json: AsJson = False,
) -> None:  # fmt: skip
    """Take on telling a represented party of a notice; without REF list who is NOT TOLD.

    Taking it tells nobody: it stays NOT TOLD until "clearline relayed" says what came of it.

    Example: clearline relay ALFA.0/12 SYR --node alfa-node
    """
    if of is None:
        found = run(
            node, url, token_file,
            lambda client: tuple(waiting(client.notices(line_id(client, line)))), as_json=as_json,
        )  # fmt: skip
        text = [f"{notice.ref} “{notice.label}”: {third.words}" for notice, third in found]
        said: list[Plain] = [
            {"ref": str(notice.ref), "label": notice.label, "third_party": plain(third)}
            for notice, third in found
        ]
        show(text or ["nobody waits to be told"], said, as_json=as_json)
        return
    if to is None:
        usage("say who is told: clearline relay REF PARTY")
    body = Relay(of=ref(of), to=PartyId(to))
    done = run(
        node, url, token_file,
        lambda client: client.say(line_id(client, line), body, id_=id_, role=role),
        as_json=as_json,
    )  # fmt: skip
    show_filed(done, as_json=as_json)


def waiting(notices: tuple[NoticeView, ...]) -> Iterator[tuple[NoticeView, ThirdView]]:
    """Who has not been told of what, the earliest deadline first."""
    found = [
        (notice, third)
        for notice in notices
        for third in notice.third_parties
        if third.state in ("NOT TOLD", "NO ANSWER")
    ]
    yield from sorted(found, key=lambda each: (each[1].due, each[0].ref, each[1].party))


def relayed(
    of: Annotated[str, typer.Argument(metavar="REF", help="The version that it was told of.")],
    to: Third,
    outcome: Annotated[str, typer.Argument(metavar="OUTCOME", help="TOLD ANSWERED NO-ANSWER")],
    means: Annotated[
        str, typer.Option("--means", help="How: which telephone, radio, address; to whom.")
    ],
    at: Annotated[str | None, typer.Option("--at", help="When, with its zone; else now.")] = None,
    reply_code: Annotated[
        str | None,
        typer.Option("--reply-code", help="The code that they gave back; only its SHA-256 goes."),
    ] = None,
    remark: RemarkText = None, lang: Language = "en", id_: Id = None, node: NodeFolder = None,
    url: Url = None, token_file: Token = None, line: LineName = None, role: Role = None,
    as_json: AsJson = False,
) -> None:  # fmt: skip
    """Record what came of telling a represented party. NO-ANSWER leaves the duty open.

    Example: clearline relayed ALFA.0/12 SYR TOLD --means "telephone 4411, duty captain"
    --node alfa-node
    """
    try:
        came = RelayOutcome(outcome.upper().replace("_", "-").replace(" ", "-"))
    except ValueError:
        known = ", ".join(each.value for each in RelayOutcome)
        usage(f"{outcome!r} is no outcome: {known}")
    proof = None if reply_code is None else Digest(hashlib.sha256(reply_code.encode()).hexdigest())
    body = Relayed(
        of=ref(of), to=PartyId(to), outcome=came, means=means,
        at=now() if at is None else instant(at), proof=proof,
        remark=None if remark is None else FreeText(lang=lang, text=remark),
    )  # fmt: skip

    def do(client: Client) -> FiledView:
        return client.say(line_id(client, line), body, id_=id_, role=role)

    show_filed(run(node, url, token_file, do, as_json=as_json), as_json=as_json)
