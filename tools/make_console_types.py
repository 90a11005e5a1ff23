"""Makes ``console/src/lib/types.ts`` from the records behind the API.

Usage: python tools/make_console_types.py [--check]

With ``--check`` nothing is written: the exit code is 1 if the file is not current. Every type that
an endpoint takes or gives, every event of the stream and the table of endpoints stand in it, so
that the page cannot ask for what is not there or misread what comes.
"""

import enum
import sys
import types
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Annotated, Final, Literal, NewType, TypeVar, Union, get_args, get_origin

import msgspec

from clearline.api.events import STREAMED
from clearline.api.people import Action, Role
from clearline.api.problems import Problem
from clearline.api.table import ENDPOINTS, Endpoint
from clearline.scenarios.timeline import Timeline

OUT: Final = Path(__file__).resolve().parent.parent / "console" / "src" / "lib" / "types.ts"
HEAD: Final = """\
// Made by tools/make_console_types.py from the records behind the API. Do not edit.
// Times are milliseconds since 1970-01-01T00:00:00Z, places 1e-7 degrees WGS 84, heights and
// lengths millimetres, unless a field's name says otherwise.
/* eslint-disable */
"""
PLAIN: Final[Mapping[object, str]] = {
    str: "string", int: "number", float: "number", bool: "boolean", bytes: "Blob",
    None: "null", type(None): "null", msgspec.Raw: "unknown", object: "unknown",
}  # fmt: skip


class Maker:
    """Collects what has been named and what is still to be written."""

    def __init__(self) -> None:
        self.written: dict[str, tuple[object, str]] = {}
        self.asked: set[type] = set()
        """Structs that requests hold: their fields with defaults may be left out."""

    def name_of(self, of: object) -> str:
        """The name that a type goes under, written if it is not yet."""
        if isinstance(of, NewType):
            return self._write(of.__name__, of, lambda: f"= {self.text(of.__supertype__)};")
        assert isinstance(of, type)
        if issubclass(of, enum.Enum):
            values = " | ".join(msgspec.json.encode(each.value).decode() for each in of)
            return self._write(of.__name__, of, lambda: f"= {values};")
        return self._write(of.__name__, of, lambda: self._struct(of, {}))

    def _write(self, name: str, of: object, body: Callable[[], str]) -> str:
        known = self.written.get(name)
        if known is not None:
            if known[0] is not of:
                module = getattr(of, "__module__", "").rpartition(".")[2].title()
                return self._write(f"{module}{name}", of, body)
            return name
        self.written[name] = (of, "")
        self.written[name] = (of, f"{_comment(of)}export type {name} {body()}")
        return name

    def text(self, of: object, bound: Mapping[object, object] | None = None) -> str:
        """A type as TypeScript."""
        bound = bound or {}
        if isinstance(of, TypeVar):
            return self.text(bound[of])
        if of in PLAIN:
            return PLAIN[of]
        origin, args = get_origin(of), get_args(of)
        if origin is None:
            return self.name_of(of)
        if origin is Annotated:
            return self.text(args[0], bound)
        if origin is Literal:
            return " | ".join(msgspec.json.encode(each).decode() for each in args)
        if origin in (Union, types.UnionType):
            return " | ".join(dict.fromkeys(self.text(each, bound) for each in args))
        if origin in (tuple, list, frozenset, set):
            return self._row(args, bound)
        if origin in (dict, Mapping):
            return f"Record<string, {self.text(args[1], bound)}>"
        if isinstance(origin, type) and issubclass(origin, msgspec.Struct):
            name = f"{origin.__name__}Of{'And'.join(map(self._word, args))}"
            given = dict(zip(origin.__parameters__, args, strict=True))
            return self._write(name, of, lambda: self._struct(origin, given))
        raise TypeError(f"no TypeScript for {of!r}")

    def _word(self, of: object) -> str:
        return "".join(char for char in self.text(of) if char.isalnum())

    def _row(self, args: tuple[object, ...], bound: Mapping[object, object]) -> str:
        if (len(args) == 2 and args[1] is Ellipsis) or len(args) == 1:
            inner = self.text(args[0], bound)
            return f"({inner})[]" if " | " in inner else f"{inner}[]"
        return f"[{', '.join(self.text(each, bound) for each in args)}]"

    def _struct(self, of: type[msgspec.Struct], bound: Mapping[object, object]) -> str:
        config, rows = of.__struct_config__, []
        loose = config.omit_defaults or of in self.asked
        fields = [(field, msgspec_hint(of, field.name)) for field in msgspec.structs.fields(of)]
        if config.array_like:
            return f"= [{', '.join(f'{f.name}: {self.text(t, bound)}' for f, t in fields)}];"
        if config.tag is not None:
            rows.append(f"  {config.tag_field}: {msgspec.json.encode(config.tag).decode()};")
        for field, hint in fields:
            mark = "?" if loose and not field.required else ""
            rows.append(f"  {field.encode_name}{mark}: {self.text(hint, bound)};")
        return "= {\n" + "\n".join(rows) + "\n};"


def msgspec_hint(of: type, name: str) -> object:
    """A field's type as it stands in the source, names kept."""
    for base in of.__mro__:
        if name in vars(base).get("__annotations__", {}):
            hint = vars(base)["__annotations__"][name]
            if isinstance(hint, str):
                return eval(hint, vars(sys.modules[base.__module__]))
            return hint
    raise TypeError(f"{of} has no {name}")


def _comment(of: object) -> str:
    about = (getattr(of, "__doc__", None) or "").strip() if isinstance(of, type) else ""
    if not about or about.startswith(("str(", "int(")):
        return ""
    words = " ".join(about.split()).replace("*/", "* /")
    return f"/** {words} */\n"


def inside(of: object) -> Iterable[type]:
    """Every struct that stands in a type, itself too."""
    seen: set[object] = set()
    todo = [of]
    while todo:
        each = todo.pop()
        if isinstance(each, NewType | TypeVar) or each in seen:
            continue
        seen.add(each)
        origin = get_origin(each)
        todo += [arg for arg in get_args(each) if arg is not Ellipsis]
        here = origin if origin is not None else each
        if isinstance(here, type) and issubclass(here, msgspec.Struct):
            yield here
            todo += [msgspec_hint(here, name) for name in here.__struct_fields__]


FROM_FILES: Final[Mapping[str, object]] = {"/v1/replays/{name}/{variant}": Timeline}
"""Answers that are served from files of the package, with the type that the files are made of."""


def _row(maker: Maker, endpoint: Endpoint) -> str:
    body = "null" if endpoint.body is None else maker.text(endpoint.body)
    answer = FROM_FILES.get(endpoint.path, endpoint.answer)
    query = "".join(f"{name}?: string; " for name in endpoint.query)
    return (
        f'  "{endpoint.method} {endpoint.path}": '
        f"{{ body: {body}; query: {{ {query}}}; answer: {maker.text(answer)} }};"
    )


def made() -> str:
    """The file's text."""
    maker = Maker()
    for endpoint in ENDPOINTS:
        if endpoint.body is not None:
            maker.asked |= set(inside(endpoint.body))
    rows = [_row(maker, endpoint) for endpoint in ENDPOINTS]
    for each in (Problem, Role, Action):
        maker.text(each)
    events = [f'  "{name}": {maker.text(of)};' for name, of in STREAMED.items()]
    parts = [HEAD, *(text for _, text in sorted(maker.written.values(), key=_by_name))]
    parts.append(
        "/** Every endpoint: what goes in, what comes out. Blanks of a path stand in braces. */\n"
        "export type Api = {\n" + "\n".join(rows) + "\n};"
    )
    parts.append(
        "/** Events of GET /v1/events by name. */\n"
        "export type Streamed = {\n" + "\n".join(events) + "\n};"
    )
    return "\n\n".join(parts) + "\n"


def _by_name(one: tuple[object, str]) -> str:
    return one[1].partition("export type ")[2].partition(" ")[0]


def main(arguments: list[str]) -> int:
    """Write it, or say whether it is current."""
    text = made()
    if "--check" in arguments:
        if not OUT.exists() or OUT.read_text("utf-8") != text:
            print(f"{OUT.name} is not current: run tools/make_console_types.py")
            return 1
        return 0
    OUT.parent.mkdir(parents=True, exist_ok=True)
    OUT.write_text(text, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
