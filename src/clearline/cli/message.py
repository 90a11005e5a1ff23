"""clearline msg and clearline messages: say something by template, and read what was said."""

from typing import Annotated

import typer

from clearline.cli.notice import Id, Language, RemarkText, show_filed
from clearline.cli.output import AsJson, show, usage
from clearline.cli.remote import (
    LineName,
    NodeFolder,
    Role,
    Token,
    Tongue,
    Url,
    instant,
    line_id,
    plain,
    run,
)
from clearline.model.entry import Field, FreeText, Message, Precedence
from clearline.model.ids import PartyId
from clearline.model.refusal import Refusal
from clearline.model.time import format_utc
from clearline.node.views import AskView
from clearline.notation.position import ask, read_position
from clearline.notation.reading import Ambiguous
from clearline.words.catalogue import (
    FORMS,
    Blank,
    Template,
    check_message,
    position_text,
    templates,
    wanted,
)
from clearline.words.language import language
from clearline.words.sentences import sentence


def msg(
    template: Annotated[str, typer.Argument(metavar="[TEMPLATE]", help="The template's id.")] = "",
    field: Annotated[
        list[str] | None,
        typer.Option("--field", help="NAME=VALUE; times with their zone, places in any notation."),
    ] = None,
    to: Annotated[list[str] | None, typer.Option("--to", help="Party; none: all.")] = None,
    listed: Annotated[
        bool, typer.Option("--list", help="Show the templates, or one with its blanks.")
    ] = False,
    remark: RemarkText = None, lang: Language = "en",
    prec: Annotated[
        Precedence | None, typer.Option("--prec", help="Z FLASH, O, P, R; else the template's.")
    ] = None,
    id_: Id = None, node: NodeFolder = None, url: Url = None, token_file: Token = None,
    line: LineName = None, role: Role = None, as_json: AsJson = False,
) -> None:  # fmt: skip
    """Send a closed template with its blanks filled; free text only as an original.

    Example: clearline msg request-call --field number="+41 22 000 00 00" --to BRAVO
    --node alfa-node; clearline msg --list; clearline msg unknown-aircraft --list
    """
    known = templates().get(template)
    if listed:
        _show_list(template, as_json=as_json)
        return
    if known is None:
        usage(f"there is no template {template!r}: see clearline msg --list")
    message = Message(
        template=template, fields=fields_of(known, field or []),
        to=tuple(sorted(map(PartyId, to or ()))),
        remark=None if remark is None else FreeText(lang=lang, text=remark),
    )  # fmt: skip
    unfit = check_message(message)
    if unfit is not None:
        usage(sentence(unfit))
    done = run(
        node, url, token_file,
        lambda client: client.say(
            line_id(client, line), message, id_=id_, role=role, precedence=prec
        ),
        as_json=as_json,
    )  # fmt: skip
    show_filed(done, as_json=as_json)


def fields_of(template: Template, given: list[str]) -> tuple[Field, ...]:
    """The blanks as the wire has them, in the template's order, from NAME=VALUE as people type."""
    blanks = {blank.name: blank for blank in template.fields}
    values: dict[str, str | int] = {}
    for text in given:
        name, equals, value = text.partition("=")
        if not equals:
            usage(f"{text!r} is not NAME=VALUE")
        if name not in blanks:
            usage(f"{template.id} has no blank {name!r}, but {', '.join(blanks)}")
        if name in values:
            usage(f"{name} is given twice")
        values[name] = _value(blanks[name], value)
    return tuple(Field(name=name, value=values[name]) for name in blanks if name in values)


def _value(blank: Blank, text: str) -> str | int:
    match blank.kind:
        case "number":
            sign = text.removeprefix("-")
            if not (sign.isascii() and sign.isdigit() and len(sign) <= 15):
                usage(f"{blank.name} takes {wanted(blank)}, not {text!r}")
            return int(text)
        case "instant":
            return instant(text)
        case "position":
            found = read_position(text)
            if isinstance(found, Ambiguous):
                usage(f"{blank.name}: {sentence(ask(found))}")
            if isinstance(found, Refusal):
                usage(f"{blank.name}: {sentence(found)}")
            return position_text(found.at)
        case _:
            return text


def _show_list(one: str, *, as_json: bool) -> None:
    """The catalogue, or one template with all its blanks."""
    found = [each for each in templates().values() if not one or each.id == one]
    if not found:
        usage(f"there is no template {one!r}: see clearline msg --list")
    words = language("en").templates
    text: list[str] = []
    for each in found:
        text.append(f"{each.id} ({each.prec.name})")
        text.append(f"  {words[each.id].says[0]} {words[each.id].asks}".rstrip())
        for blank in each.fields if one else ():
            form = FORMS.get(blank.kind, "")
            shown = "a place in any notation" if blank.kind == "position" else wanted(blank)
            shown = "a time with its zone" if blank.kind == "instant" else shown
            need = "" if blank.required else " (may be left out)"
            text.append(f"    --field {blank.name}=...  {shown or form}{need}")
    show(text, [plain(each) for each in found], as_json=as_json)


def messages(
    node: NodeFolder = None, url: Url = None, token_file: Token = None, line: LineName = None,
    lang: Tongue = None, as_json: AsJson = False,
) -> None:  # fmt: skip
    """Show what was said by all, newest first: messages, tests, STOP, DISTRESS, ACCIDENT.

    Example: clearline messages --node alfa-node --lang ar
    """
    found = run(
        node, url, token_file, lambda client: client.asks(line_id(client, line)), as_json=as_json,
        lang=lang,
    )  # fmt: skip
    text = [each for view in found for each in _described(view)]
    show(text or ["nothing was said"], [plain(view) for view in found], as_json=as_json)


def _described(view: AskView) -> list[str]:
    to = f" to {', '.join(view.to)}" if view.to else " to all"
    head = f"{view.ref} {view.precedence.name} {view.kind.value} of {view.party}{to}"
    said = [f"{head}, {format_utc(view.t)}", *([f"  {view.words}"] if view.words else [])]
    if view.remark is not None:
        said.append(f"  in {view.remark.lang}: “{view.remark.text}”")
    if view.echo_words:
        said.append(f"  {view.echo_words}: {', '.join(map(str, view.echo))}")
    said += [f"  {answer.words}" for answer in view.answers]
    if view.unanswered:
        said.append(f"  NO ANSWER YET - not agreed: {', '.join(view.unanswered)}")
    return said
