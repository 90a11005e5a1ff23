"""Telling those who are not on the line: who waits for it, who takes it, what came of it."""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from clearline.canonical import Plain
from clearline.cli.notice import Id, Language, RemarkText, show_filed
from clearline.cli.output import AsJson, now, show, usage, utc
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
from clearline.cli.showing import style, use
from clearline.client import Client
from clearline.model.entry import FreeText, Relay, Relayed, RelayOutcome
from clearline.model.ids import Digest, PartyId
from clearline.node.requests import CodeGiven, PageAsk
from clearline.node.views import FiledView, NoticeView, ThirdView
from clearline.store.keyfile import replace as replace_file

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
    came = _outcome(outcome)
    proof = None if reply_code is None else Digest(hashlib.sha256(reply_code.encode()).hexdigest())
    body = Relayed(
        of=ref(of), to=PartyId(to), outcome=came, means=means,
        at=now() if at is None else instant(at), proof=proof,
        remark=None if remark is None else FreeText(lang=lang, text=remark),
    )  # fmt: skip

    def do(client: Client) -> FiledView:
        return client.say(line_id(client, line), body, id_=id_, role=role)

    show_filed(run(node, url, token_file, do, as_json=as_json), as_json=as_json)


def relay_page(
    of: Annotated[str, typer.Argument(metavar="REF", help="The version that is told.")],
    to: Third,
    html: Annotated[Path | None, typer.Option("--html", help="Where the page goes.")] = None,
    text: Annotated[Path | None, typer.Option("--text", help="Where the plain text goes.")] = None,
    link: Annotated[
        str, typer.Option("--link", help="Where its link begins: https://relay.example")
    ] = "",
    contact: Annotated[
        str, typer.Option("--contact", help="How the reader reaches you, on the page.")
    ] = "",
    zone: Annotated[
        str | None, typer.Option("--zone", help="IANA zone of its local time; else the node's.")
    ] = None,
    languages: Annotated[
        list[str] | None, typer.Option("--lang", help="Beside English; repeat.")
    ] = None,
    node: NodeFolder = None, url: Url = None, token_file: Token = None, line: LineName = None,
    role: Role = None, as_json: AsJson = False,
) -> None:  # fmt: skip
    """Make one page for a party without a node: what, where, when, its proof, and codes to give
    back. The codes stand on it and are not kept: a page made again has others.

    Example: clearline relay-page ALFA.0/12 SYR --html syr.html --contact "+963 11 555 0142"
    --node alfa-node
    """
    use(node)
    local = style().zone
    asked = PageAsk(
        of=ref(of), to=PartyId(to), base=link, contact=contact, languages=tuple(languages or ()),
        zone=zone if zone is not None else getattr(local, "key", ""), role=role,
    )  # fmt: skip
    made = run(
        node, url, token_file, lambda client: client.page(line_id(client, line), asked),
        as_json=as_json,
    )  # fmt: skip
    for path, page in ((html, made.html), (text, made.text)):
        if path is not None:
            replace_file(path, page.encode("utf-8"), 0o600)
    if html is None and text is None and not as_json:
        typer.echo(made.text)
        return
    says = [
        f"page {made.page} for {made.to} about {made.of}",
        f"by telephone until {utc(made.phone_until)}: {made.phone[:4]}-{made.phone[4:]}",
    ]
    says += [f"by link until {utc(made.link_until)}: {made.link}"] if made.link else []
    show(says, plain(made), as_json=as_json)


def relay_code(
    of: Annotated[str, typer.Argument(metavar="REF", help="The version that it was told of.")],
    to: Third,
    code: Annotated[str, typer.Argument(metavar="CODE", help="The 8 characters that they said.")],
    means: Annotated[
        str, typer.Option("--means", help="How: which telephone, radio; to whom.")
    ],
    outcome: Annotated[str, typer.Option("--outcome", help="TOLD or ANSWERED.")] = "TOLD",
    remark: RemarkText = None, lang: Language = "en", node: NodeFolder = None, url: Url = None,
    token_file: Token = None, line: LineName = None, role: Role = None, as_json: AsJson = False,
) -> None:  # fmt: skip
    """Record that a party without a node gave back the code of its page. It works once; five wrong
    codes lock a page. It proves that the code was repeated, not who repeated it.

    Example: clearline relay-code ALFA.0/12 SYR 7KQ3-M0FX --means "telephone 4411, duty captain"
    --node alfa-node
    """
    came = _outcome(outcome)
    asked = CodeGiven(
        of=ref(of), to=PartyId(to), code=code, means=means, outcome=came, role=role,
        remark=None if remark is None else FreeText(lang=lang, text=remark),
    )  # fmt: skip
    done = run(
        node, url, token_file, lambda client: client.give_code(line_id(client, line), asked),
        as_json=as_json,
    )  # fmt: skip
    show_filed(done, as_json=as_json)


def _outcome(outcome: str) -> RelayOutcome:
    try:
        return RelayOutcome(outcome.upper().replace("_", "-").replace(" ", "-"))
    except ValueError:
        known = ", ".join(each.value for each in RelayOutcome)
        usage(f"{outcome!r} is no outcome: {known}")
