"""Closed records as tables: the schemas of the specification, made from the msgspec structs."""

import enum
import types
import typing
from collections.abc import Iterable

import msgspec

from reference.text import prose, table

PLAIN = {int: "integer", str: "text", bool: "true or false", bytes: "bytes"}
SAME_AS = {"msgspec.Raw": "object, by `kind`"}


def record_section(record: type[msgspec.Struct], *, level: int = 3, title: str = "") -> list[str]:
    """A heading, what the record means, and its fields."""
    lines = [f"{'#' * level} {title or record.__name__}", "", prose(record.__doc__), ""]
    return lines + record_table(record)


def record_table(record: type[msgspec.Struct]) -> list[str]:
    """The fields of a record; of an array in their order, of an object in any."""
    fields = msgspec.structs.fields(record)
    config = record.__struct_config__
    if not fields:
        return ["No fields.", ""]
    rows = []
    if config.tag is not None and not config.array_like:
        rows.append((f"`{config.tag_field}`", f'`"{config.tag}"`', "required"))
    for place, field in enumerate(fields):
        name = f"`{field.name}`"
        if config.array_like:
            offset = 0 if config.tag is None else 1
            name = f"{place + offset}: {name}"
        rows.append((name, type_words(field.type), _presence(field)))
    if config.array_like and config.tag is not None:
        rows.insert(0, ("0", f'`"{config.tag}"`', "required"))
    return [*table(("field", "type", "when absent"), rows), ""]


def _presence(field: msgspec.structs.FieldInfo) -> str:
    if field.default is not msgspec.NODEFAULT:
        return _default(field.default)
    if field.default_factory is not msgspec.NODEFAULT:
        return _default(field.default_factory())
    return "required"


def _default(value: object) -> str:
    if value is None:
        return "nothing is said"
    if value == () or value == {} or value == [] or value == "":
        return "empty"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, msgspec.Struct):
        return "its own defaults"
    return f"`{value}`"


def type_words(kind: object) -> str:
    """A type in words; names of records and enumerations are in code."""
    if kind in PLAIN:
        return PLAIN[typing.cast(type, kind)]
    origin, parts = typing.get_origin(kind), typing.get_args(kind)
    if origin is typing.Annotated:
        return _with_limits(parts[0], parts[1:])
    if origin in (typing.Union, types.UnionType):
        known = [part for part in parts if part is not type(None)]
        return " or ".join(type_words(part) for part in known)
    if origin is tuple:
        if len(parts) == 2 and parts[1] is Ellipsis:
            return f"list of {type_words(parts[0])}"
        return "list of " + ", ".join(type_words(part) for part in parts)
    if origin is dict:
        return f"map: {type_words(parts[0])} to {type_words(parts[1])}"
    if isinstance(kind, typing.NewType):
        return f"`{kind.__name__}`"
    if isinstance(kind, type) and issubclass(kind, enum.Enum):
        return f"`{kind.__name__}`"
    if kind is msgspec.Raw:
        return SAME_AS["msgspec.Raw"]
    if kind is object:
        return "any value"
    return f"`{getattr(kind, '__name__', kind)}`"


def _with_limits(base: object, metas: Iterable[object]) -> str:
    words = type_words(base)
    for meta in metas:
        if not isinstance(meta, msgspec.Meta):
            continue
        if meta.min_length is not None and meta.min_length == meta.max_length:
            words += f", exactly {meta.max_length}"
        elif meta.max_length is not None:
            words += f", at most {meta.max_length}"
        low = meta.ge if meta.ge is not None else meta.gt
        high = meta.le if meta.le is not None else meta.lt
        if low is not None and high is not None:
            words += f", {low} to {high}" + (" excluded" if meta.le is None else "")
    return words


def enum_table(kind: type[enum.Enum], about: dict[str, str] | None = None) -> list[str]:
    """The closed words of an enumeration."""
    rows = [(f"`{item.value}`", (about or {}).get(item.name, "")) for item in kind]
    if not any(row[1] for row in rows):
        words = ", ".join(row[0] for row in rows)
        return [f"`{kind.__name__}`: {words}.", ""]
    return [*table((kind.__name__, "meaning"), rows), ""]
