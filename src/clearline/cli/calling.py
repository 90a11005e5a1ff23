"""Handing over to the telephone: the script to read from, and what was said by voice."""

from typing import Annotated

import typer

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
from clearline.client import Client, asks
from clearline.model.ids import PartyId
from clearline.node.requests import VoiceSaid
from clearline.node.views import FiledView
from clearline.onepage.calling import CallLine, CallScriptView
from clearline.words.catalogue import templates
from clearline.words.sentences import said as phrase

READ_BACK = {
    "right": "read-back-right", "wrong": "read-back-wrong", "none": "not-read-back",
    "nobody": "nobody-answered",
}  # fmt: skip
HEADINGS = {"open": "", "fact": "SAY", "ask": "ASK", "read-back": "READ-BACK", "close": "END"}


def call_script(
    of: Annotated[str, typer.Argument(metavar="REF", help="The entry that you call about.")],
    lang: Annotated[
        str, typer.Option("--lang", help="The other end's language, beside English: ar, fr, ...")
    ] = "",
    node: NodeFolder = None, url: Url = None, token_file: Token = None, line: LineName = None,
    as_json: AsJson = False,
) -> None:  # fmt: skip
    """What to say by telephone about an entry, in two languages, how each figure is spelled, and
    what must come back. A sentence that nobody has reviewed is marked UNREVIEWED.

    Example: clearline notice call-script BRAVO.0/7 --lang fr --node alfa-node
    """
    place = ref(of)
    found = run(
        node, url, token_file,
        lambda client: client.do(asks.call_script(line_id(client, line), place, lang)),
        as_json=as_json,
    )  # fmt: skip
    show(script_lines(found), plain(found), as_json=as_json)


def script_lines(found: CallScriptView) -> list[str]:
    """The script in lines, English first, each other language indented below it."""
    out: list[str] = []
    part = ""
    for each in found.lines:
        if each.part != part:
            part = each.part
            out += ["", HEADINGS[part]] if HEADINGS[part] else []
        out += _lines(each)
    return out


def _lines(each: CallLine) -> list[str]:
    volume = f"({each.volume}) " if each.volume else ""
    value = f": {each.value}" if each.value else ""
    out = []
    for n, text in enumerate(each.texts):
        mark = "" if text.reviewed else _unreviewed(text.lang, each.name)
        out.append(f"{'  ' if n else ''}{volume}{text.text}{value}{mark}")
    if each.spoken:
        out.append(f"    say: {each.spoken}")
    return out


def _unreviewed(lang: str, name: str) -> str:
    return f" [{phrase('en', 'unreviewed', id=f'{lang} phrases/{name}')}]"


def said(
    of: Annotated[str, typer.Argument(metavar="REF", help="The entry that you spoke about.")],
    to: Annotated[str, typer.Option("--to", metavar="PARTY", help="With which party.")],
    means: Annotated[
        str, typer.Option("--means", help="telephone, radio, in-person, other-means.")
    ],
    read_back: Annotated[
        str, typer.Option("--read-back", help="right, wrong, none, or nobody (no answer).")
    ],
    at: Annotated[str | None, typer.Option("--at", help="When, with its zone; else now.")] = None,
    with_role: Annotated[
        str, typer.Option("--with-role", help="The role that answered; it goes on the line.")
    ] = "",
    name: Annotated[
        str, typer.Option("--name", help="Whose voice; it stays in this node's desk record.")
    ] = "",
    note: Annotated[str, typer.Option("--note", help="For the desk record alone.")] = "",
    id_: Annotated[
        str | None, typer.Option("--id", help="Your own id: the same again does nothing.")
    ] = None,
    node: NodeFolder = None, url: Url = None, token_file: Token = None, line: LineName = None,
    role: Role = None, as_json: AsJson = False,
) -> None:  # fmt: skip
    """Write down what was said by voice, and what was read back. On the line it stands as our word:
    a message to a party of the line, "relayed" for a represented one (TOLD, unless it was read back
    wrongly or nobody answered). It answers nothing: ask the other end to answer on the line too.

    Example: clearline notice said ALFA.0/12 --to BRAVO --means telephone --read-back right
    --at 2018-09-17T18:41Z --with-role watch-officer --node alfa-node
    """
    choices = next(f.choices for f in templates()["said-on-voice"].fields if f.name == "means")
    if means not in choices:
        usage(f"{means!r} is no means: {', '.join(choices)}")
    if read_back not in READ_BACK:
        usage(f"{read_back!r}: say {', '.join(READ_BACK)}")
    asked = VoiceSaid(
        of=ref(of), to=PartyId(to), at=now() if at is None else instant(at), means=means,
        outcome=READ_BACK[read_back], with_role=with_role, name=name, note=note, id=id_, role=role,
    )  # fmt: skip

    def do(client: Client) -> FiledView:
        return client.do(asks.said_on_voice(line_id(client, line), asked))

    done = run(node, url, token_file, do, as_json=as_json)
    words = [done.words]
    words += [f"  {each}" for view in done.notices for each in (view.words,)]
    show(words, plain(done), as_json=as_json)
