"""What the source says of itself: clauses, limits, refusals, read from the syntax tree."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "src" / "clearline"
PAGES = (*sorted((ROOT / "docs" / "protocol").glob("*.md")), ROOT / "docs" / "local-rules.md")
CLAUSE = re.compile(r"CL-[A-Z]{3}-\d{3}")
ROW = re.compile(r"^\s*\| (CL-[A-Z]{3}-\d{3}) \|(.*)\|\s*$", re.MULTILINE)
COMMENTED = re.compile(r'"(CL-[A-Z]{3}-\d{3})"\s+# (.+)$', re.MULTILINE)


@dataclass
class Clause:
    """One rule: its text, where that stands, which modules refuse by it, which tests name it."""

    id: str
    rule: str = ""
    stated: str = ""
    used: set[str] = field(default_factory=set)
    tests: set[str] = field(default_factory=set)


@dataclass(frozen=True)
class Limit:
    """A named bound: module, name, source of its value, its reason."""

    module: str
    name: str
    value: str
    why: str


def modules() -> Iterator[tuple[str, str]]:
    """Every module of the package: its path below the package, and its text."""
    for path in sorted(PACKAGE.rglob("*.py")):
        yield str(path.relative_to(PACKAGE)), path.read_text("utf-8")


def _by_hand(path: Path) -> str:
    """What people wrote of a page: all but the blocks that are made."""
    return re.sub(r"<!-- made:.*?<!-- /made -->", "", path.read_text("utf-8"), flags=re.DOTALL)


def _rows(text: str) -> Iterator[tuple[str, str]]:
    for found in ROW.finditer(text):
        yield found[1], found[2].split(" | ")[-1].strip().replace("``", "`")


def _said_in(text: str) -> Iterator[tuple[str, str]]:
    """Clauses that a module states with their rule: rows of tables, comments, docstrings, maps."""
    yield from _rows(text)
    yield from COMMENTED.findall(text)
    tree = ast.parse(text)
    for before, after in zip(tree.body, tree.body[1:], strict=False):
        value = _constant(before)
        if value and CLAUSE.fullmatch(value) and _is_text(after):
            yield value, _text_of(after)
    yield from _maps(text)


def _maps(text: str) -> Iterator[tuple[str, str]]:
    """Clauses that stand in a map with their rules."""
    for node in ast.walk(ast.parse(text)):
        pairs = zip(node.keys, node.values, strict=True) if isinstance(node, ast.Dict) else ()
        for key, rule in pairs:
            if not isinstance(key, ast.Constant) or not isinstance(rule, ast.Constant):
                continue
            if CLAUSE.fullmatch(str(key.value)):
                yield str(key.value), str(rule.value)


def _constant(node: ast.stmt) -> str:
    value = node.value if isinstance(node, ast.AnnAssign | ast.Assign) else None
    return value.value if isinstance(value, ast.Constant) and isinstance(value.value, str) else ""


def _is_text(node: ast.stmt) -> bool:
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )


def _text_of(node: ast.stmt) -> str:
    assert isinstance(node, ast.Expr)
    assert isinstance(node.value, ast.Constant)
    return " ".join(str(node.value.value).split())


def clauses() -> dict[str, Clause]:
    """Every clause of source, specification and tests. The specification's text goes before the
    source's, since it is what others implement by."""
    found: dict[str, Clause] = {}
    for path in PAGES:
        for id_, rule in _rows(_by_hand(path)):
            clause = found.setdefault(id_, Clause(id_))
            if not clause.rule:
                clause.rule, clause.stated = rule, str(path.relative_to(ROOT / "docs"))
    for name, text in modules():
        for id_, rule in _said_in(text):
            clause = found.setdefault(id_, Clause(id_))
            if not clause.rule:
                clause.rule, clause.stated = rule, f"src/clearline/{name}"
        for id_ in CLAUSE.findall(text):
            found.setdefault(id_, Clause(id_)).used.add(name)
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        for id_ in CLAUSE.findall(path.read_text("utf-8")):
            if id_ in found:
                found[id_].tests.add(path.name)
    for path in sorted((ROOT / "vectors").rglob("*.json")):
        for id_ in set(CLAUSE.findall(path.read_text("utf-8"))):
            if id_ in found:
                found[id_].tests.add(f"vectors/{path.parent.name}/{path.name}")
    return dict(sorted(found.items()))


def contradictions() -> list[str]:
    """Clauses that two tables state, each in words of its own: one number, two rules. An area of
    rules is stated by the code or by a page, never by both."""
    stated: dict[str, dict[str, str]] = {}
    for name, text in modules():
        for id_, rule in [*_rows(text), *COMMENTED.findall(text), *_maps(text)]:
            plain = re.sub(r"[`\s.]+", " ", rule).strip().lower()
            stated.setdefault(id_, {}).setdefault(plain, name)
    found = [
        f"{id_}: {' and '.join(rules.values())}" for id_, rules in stated.items() if len(rules) > 1
    ]
    areas = {id_[:6] for id_ in stated}
    for path in PAGES:
        mine = {id_ for id_, _ in _rows(_by_hand(path)) if id_[:6] in areas}
        found += [f"{id_}: {path.name} and the code" for id_ in sorted(mine)]
    return found


def limits() -> list[Limit]:
    """Every named bound of the package that has its reason as a docstring below it."""
    found = []
    for name, text in modules():
        tree = ast.parse(text)
        for before, after in zip(tree.body, tree.body[1:], strict=False):
            if isinstance(before, ast.AnnAssign) and isinstance(before.target, ast.Name):
                if not re.search(r"(^|_)(MAX|MIN)(_|$)", before.target.id):
                    continue
                value = ast.unparse(before.value) if before.value is not None else ""
                why = _text_of(after).replace("``", "`") if _is_text(after) else ""
                found.append(Limit(name, before.target.id, value, why))
    return found


def codes_by_clause() -> dict[str, set[str]]:
    """For each member of ``Code`` the clauses that calls name together with it."""
    names = _clause_names()
    found: dict[str, set[str]] = {}
    for _, text in modules():
        for node in ast.walk(ast.parse(text)):
            if not isinstance(node, ast.Call):
                continue
            inside = [*node.args, *(word.value for word in node.keywords)]
            codes, where = set(), set()
            for part in inside:
                for leaf in ast.walk(part) if not isinstance(part, ast.Call) else ():
                    if isinstance(leaf, ast.Attribute) and isinstance(leaf.value, ast.Name):
                        if leaf.value.id == "Code":
                            codes.add(leaf.attr)
                        if leaf.value.id == "clauses" and leaf.attr in names:
                            where.add(names[leaf.attr])
                    if isinstance(leaf, ast.Name) and leaf.id in names:
                        where.add(names[leaf.id])
                    if isinstance(leaf, ast.Constant) and isinstance(leaf.value, str):
                        where |= set(CLAUSE.findall(leaf.value))
            for code in codes:
                found.setdefault(code, set()).update(where)
    return found


def _clause_names() -> dict[str, str]:
    """Constants that hold a clause: by name."""
    found = {}
    for path in ("wire/clauses.py", "canonical.py"):
        for name, value in re.findall(
            r'^(\w+): Final = "(CL-[A-Z]{3}-\d{3})"', (PACKAGE / path).read_text("utf-8"), re.M
        ):
            found[name] = value
    return found
