"""Commands and configuration as Markdown: every verb's help, every key of node.toml."""

import enum
import re
import typing

import msgspec
import typer.main
from typer.core import TyperArgument, TyperCommand, TyperGroup, TyperOption

from reference.records import _presence, type_words
from reference.text import prose, table


def commands() -> list[str]:
    """Every command with its arguments and options, as ``--help`` states them."""
    from clearline.cli.main import build

    top = typer.main.get_command(build([]))
    assert isinstance(top, TyperGroup)
    return [line for name, inner in _inner(top) for line in _command(inner, f"clearline {name}", 2)]


def _inner(group: TyperGroup) -> list[tuple[str, TyperCommand | TyperGroup]]:
    return [
        (name, command)
        for name, command in group.commands.items()
        if isinstance(command, TyperCommand | TyperGroup)
    ]


def _command(command: TyperCommand | TyperGroup, path: str, level: int) -> list[str]:
    lines = [f"{'#' * level} {path}", "", _help(command.help), ""]
    if isinstance(command, TyperGroup):
        for name, inner in _inner(command):
            lines += _command(inner, f"{path} {name}", level + 1)
        return lines
    rows = [
        _parameter(parameter)
        for parameter in command.params
        if isinstance(parameter, TyperArgument | TyperOption) and parameter.name != "help"
    ]
    if rows:
        lines += [*table(("parameter", "kind", "about"), rows), ""]
    return lines


def _help(help_: str | None) -> str:
    """The help; the line of an example becomes a block of its own."""
    parts = []
    for part in prose(help_).split("\n\n"):
        example = re.match(r"Examples?: (clearline .*)\Z", part, re.DOTALL)
        parts.append(f"```sh\n{example[1]}\n```" if example else part)
    return "\n\n".join(parts)


def _parameter(parameter: TyperArgument | TyperOption) -> tuple[str, str, str]:
    names = ", ".join(f"`{name}`" for name in (*parameter.opts, *parameter.secondary_opts))
    if isinstance(parameter, TyperArgument):
        names = f"`{(parameter.name or '').upper()}`"
    kind = _kind(parameter.type_descriptor.annotation)
    if parameter.required:
        kind += ", required"
    about = parameter.help or ""
    default = parameter.default
    if isinstance(default, int | str) and not isinstance(default, bool) and default != "":
        about += f" (default {getattr(default, 'value', default)})"
    return names, kind, about.strip()


def _kind(annotation: object) -> str:
    parts = [part for part in typing.get_args(annotation) if part is not type(None)]
    if typing.get_origin(annotation) in (list, tuple):
        return f"{_kind(parts[0])}, repeatable"
    if parts:
        return " or ".join(dict.fromkeys(_kind(part) for part in parts))
    if isinstance(annotation, type) and issubclass(annotation, enum.Enum):
        return " or ".join(f"`{item.value}`" for item in annotation)
    if annotation is bool:
        return "switch"
    return {"Path": "path", "str": "text", "int": "number", "float": "number"}.get(
        getattr(annotation, "__name__", ""), str(annotation)
    )


def config_keys() -> list[str]:
    """Every key of node.toml, table by table, and the settings of each kind of channel."""
    from clearline.channels.kinds import _kinds
    from clearline.config import Config

    lines: list[str] = []
    for field in msgspec.structs.fields(Config):
        inner = _struct_in(field.type)
        if inner is None:
            lines += [f"## {field.name}", "", prose(Config.__doc__), ""]
            continue
        title = f"[[{field.name}]]" if typing.get_origin(field.type) is tuple else f"[{field.name}]"
        lines += [f"## {title}", "", prose(inner.__doc__), "", *_keys(inner)]
    for name, kind in sorted(_kinds().items()):
        lines += [f"## channel of kind `{name}`", "", prose(kind.settings.__doc__), ""]
        lines += _keys(kind.settings)
    return lines


def _struct_in(kind: object) -> type[msgspec.Struct] | None:
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        return kind
    if typing.get_origin(kind) is tuple:
        return _struct_in(typing.get_args(kind)[0])
    return None


def _keys(record: type[msgspec.Struct]) -> list[str]:
    rows = [
        (f"`{field.name}`", type_words(field.type), _presence(field))
        for field in msgspec.structs.fields(record)
    ]
    return [*table(("key", "type", "when absent"), rows), ""]
