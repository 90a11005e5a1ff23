"""Makes ``docs/reference`` and the blocks of ``docs/protocol`` that come from the code.

Usage: python tools/make_reference.py [--check]

With ``--check`` nothing is written: the exit code is 1 and each page that is not current is named.
Either way it names clauses that no text states, codes without words, and the like.
"""

import json
import re
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import msgspec
from reference.commands import commands, config_keys
from reference.records import enum_table, record_section, record_table
from reference.source import ROOT, Clause, clauses, codes_by_clause, contradictions, limits
from reference.text import MADE, first_paragraph, table

from clearline.alerting.lifecycle import as_markdown as alert_states
from clearline.ledger.merkle import commitment, entry_leaf
from clearline.model import entry, refusal, space, terms
from clearline.model.ids import Digest, FeedId, LineId
from clearline.model.time import Instant
from clearline.plan.answer import Answer
from clearline.trust import party
from clearline.trust.documents import Signature
from clearline.wire import link
from clearline.wire.bodies_v1 import compose
from clearline.words.catalogue import templates, wanted
from clearline.words.language import language

DOCS = ROOT / "docs"
BLOCK = re.compile(r"(<!-- made:([a-z-]+(?: [A-Z]{3})*) -->\n).*?(<!-- /made -->)", re.DOTALL)
PROTOCOL_LIMITS = ("model/limits.py", "trust/party.py", "trust/terms_check.py", "ledger/note.py")


# --- pages -----------------------------------------------------------------------------------


def clauses_page(found: dict[str, Clause]) -> str:
    """Every rule, where it is stated, which modules refuse by it, what holds it."""
    lines = ["# Clauses", "", MADE, ""]
    lines += [
        "A refusal names the rule that it rests on. Rules of the line protocol are those of",
        "[docs/protocol](../protocol/README.md); `OWN`, `API`, `STO`, `KEY`, `ALT` and the like",
        "are rules of this implementation for its own people, files and alarms.",
        "",
    ]
    area = ""
    for clause in found.values():
        if clause.id[3:6] != area:
            area = clause.id[3:6]
            lines += ["", f"## {area}", "", "| clause | rule | judged in | named by tests |"]
            lines += ["|---|---|---|---|"]
        rule = clause.rule.replace("|", "\\|")
        used = ", ".join(f"`{name}`" for name in sorted(clause.used)[:3])
        tests = ", ".join(f"`{name}`" for name in sorted(clause.tests)[:3])
        lines.append(f"| {clause.id} | {rule} | {used} | {tests} |")
    return "\n".join([*lines, ""])


def refusals_page() -> str:
    """Every code: its sentences, what to do, the clauses that it comes with."""
    words, used = language("en"), codes_by_clause()
    lines = ["# Refusals", "", MADE, ""]
    lines += [
        "A refusal is a code, a clause, a JSON pointer and typed facts. The sentence is made where",
        "it is read, in the reader's language; blanks `{...}` are filled with the facts. Codes are",
        "part of the protocol: they stand in `refused` lists and are signed.",
        "",
    ]
    rows = []
    for code in refusal.Code:
        said = words.refusals[code.value]
        where = ", ".join(sorted(used.get(code.name, set())))
        rows.append((f"`{code.value}`", said.says[0], said.do, where))
    lines += table(("code", "sentence", "what to do", "clauses"), rows)
    return "\n".join([*lines, ""])


def limits_page(title: str, intro: str, wanted: Callable[[str], bool]) -> str:
    """Bounds with their reasons, module by module."""
    lines = [f"# {title}", "", MADE, "", intro]
    module = ""
    for limit in limits():
        if not wanted(limit.module):
            continue
        if limit.module != module:
            module = limit.module
            lines += ["", f"## {module}", "", "| name | value | reason |", "|---|---|---|"]
        why = limit.why.replace("|", "\\|")
        lines.append(f"| `{limit.name}` | `{limit.value}` | {why} |")
    return "\n".join([*lines, ""])


def _page(title: str, intro: str, body: Iterable[str]) -> str:
    text = "\n".join([f"# {title}", "", MADE, "", intro, "", *body])
    return text.rstrip("\n") + "\n"


def pages(found: dict[str, Clause]) -> dict[Path, str]:
    """Every page that is made whole."""
    reference = DOCS / "reference"
    return {
        reference / "clauses.md": clauses_page(found),
        reference / "refusals.md": refusals_page(),
        reference / "limits.md": limits_page(
            "Limits of this implementation",
            "Bounds that are no part of the protocol; those are in"
            " [docs/protocol/limits.md](../protocol/limits.md).",
            lambda module: module not in PROTOCOL_LIMITS,
        ),
        DOCS / "protocol" / "limits.md": limits_page(
            "Limits",
            "Every bound of the protocol with its reason. What is beyond one is refused with"
            " `too-large`, `too-many` or `number-range`; in a feed it stands as unreadable.",
            lambda module: module in PROTOCOL_LIMITS,
        ),
        reference / "alert-states.md": alert_states(),
        reference / "cli.md": _page(
            "Commands", "What `clearline --help` says of every command.", commands()
        ),
        reference / "messages.md": _page(
            "Messages",
            "The closed catalogue: each template, its precedence unless the sender says another,\n"
            "its blanks, and what it says in English. See [messages](../messages.md).",
            messages(),
        ),
        reference / "check-answer.schema.json": _answer_schema(),
        ROOT / "src" / "clearline" / "plan" / "check-answer.schema.json": _answer_schema(),
        reference / "config.md": _page(
            "node.toml",
            "Every key. An unknown key is an error that names the nearest known one.",
            config_keys(),
        ),
    }


def _answer_schema() -> str:
    """What a check answers, as JSON schema; its head stays as it was written."""
    path = DOCS / "reference" / "check-answer.schema.json"
    head = json.loads(path.read_text("utf-8"))
    made = {name: head[name] for name in ("$schema", "title")} | msgspec.json.schema(Answer)
    return json.dumps(made, indent=2, ensure_ascii=False) + "\n"


def messages() -> Iterable[str]:
    """One section for each template."""
    words = language("en").templates
    for each in templates().values():
        own = words[each.id]
        yield from (f"## {each.id}", "", f"{each.prec.name}. “{own.says[0]}” {own.asks}".rstrip())
        yield from ("", "| blank | takes | |", "|---|---|---|")
        for blank in each.fields:
            need = "required" if blank.required else "may be left out"
            yield f"| `{blank.name}` | {wanted(blank)} | {need} |"
        yield ""


# --- blocks ----------------------------------------------------------------------------------


def _frame() -> list[str]:
    return [
        *record_section(entry.Frame, title="The frame"),
        *record_section(entry.AheadItem),
        *record_section(entry.RefusedItem),
        *enum_table(entry.Precedence, {item.name: item.name.title() for item in entry.Precedence}),
    ]


def _bodies() -> list[str]:
    lines: list[str] = []
    for kind, body in entry.BODIES.items():
        flags = [
            word
            for word, kinds in (
                ("may overtake as FLASH", entry.OVERTAKING),
                ("always goes", entry.EMERGENCY),
                ("creates no duty to receipt", entry.BARE),
            )
            if kind in kinds
        ]
        section = record_section(body, title=f"`{kind.value}`")
        if flags:
            section[3:3] = [f"*{', '.join(flags)}.*", ""]
        lines += section
    return lines


def _parts() -> list[str]:
    lines: list[str] = []
    for record in (
        entry.FreeText, entry.Proposal, entry.ReadBack, entry.Field, entry.Attachment,
        entry.LinkReport,
    ):  # fmt: skip
        lines += record_section(record)
    lines += enum_table(entry.Reply) + enum_table(entry.RelayOutcome) + enum_table(entry.LinkState)
    return lines


def _shapes() -> list[str]:
    lines: list[str] = []
    for record in (
        space.Volume, space.Polygon, space.Disc, space.Corridor, space.LatLon, space.Height,
        space.Ground, space.Qnh,
    ):  # fmt: skip
        lines += record_section(record)
    return lines + enum_table(space.Edge) + enum_table(space.HeightRef)


def _agreement() -> list[str]:
    lines = record_section(terms.Agreement)
    for record in (
        terms.PartyTerm, terms.Represented, terms.Zone, terms.ClassTerm, terms.PairTerm,
        terms.DeadlineTerm, terms.Rung, terms.Levels, terms.DataTerm,
    ):  # fmt: skip
        lines += record_section(record)
    return lines + enum_table(terms.Effect) + enum_table(terms.HeightMode)


def _documents() -> list[str]:
    lines: list[str] = []
    for record in (
        party.PartyCard, party.Manifest, party.NodeKey, party.EndedKey, party.FeedMark,
        party.RootChange, party.EpochOpening, Signature,
    ):  # fmt: skip
        lines += record_section(record)
    return lines + [
        line
        for kind in (party.KeyRole, party.EndReason, party.OpeningReason)
        for line in enum_table(kind)
    ]


def _messages() -> list[str]:
    lines: list[str] = []
    for record in (
        link.Hello, link.Push, link.Item, link.Held, link.Flash, link.Pull, link.Beat, link.Echo,
        link.Refused, link.WantPiece, link.Piece, link.Documents, link.Document,
    ):  # fmt: skip
        lines += [f"### {record.__name__}", "", first_paragraph(record.__doc__), ""]
        lines += record_table(record)
    return lines + enum_table(link.Channel)


def _example() -> list[str]:
    """One whole entry with its hashes, by the code that writes entries."""
    line, feed = LineId("ab" * 32), FeedId("ALFA.0")
    body = entry.Join(agreement=Digest(line), software="clearline", rules="clearline/1")
    raw = compose(
        line=line,
        feed=feed,
        index=0,
        t=Instant(1_537_209_600_000),
        prec=entry.Precedence.ROUTINE,
        seen={},
        body=body,
    )
    salt = bytes(32)
    return [
        "```json",
        raw.decode("ascii"),
        "```",
        "",
        *table(
            ("what", "SHA-256"),
            (
                ("commitment", f"`{commitment(salt, raw).hex()}`"),
                ("leaf, and root of a tree of one", f"`{entry_leaf(salt, raw).hex()}`"),
            ),
        ),
    ]


def _clause_rows(found: dict[str, Clause], areas: Iterable[str]) -> list[str]:
    rows = [(clause.id, clause.rule) for clause in found.values() if clause.id[3:6] in set(areas)]
    return [*table(("clause", "rule"), rows), ""]


BLOCKS: dict[str, Callable[[], list[str]]] = {
    "frame": _frame,
    "bodies": _bodies,
    "parts": _parts,
    "shapes": _shapes,
    "agreement": _agreement,
    "documents": _documents,
    "messages": _messages,
    "example": _example,
}


def with_blocks(text: str, found: dict[str, Clause]) -> str:
    """The page with its made blocks renewed."""

    def renew(block: re.Match[str]) -> str:
        name, *areas = block[2].split(" ")
        body = _clause_rows(found, areas) if name == "clauses" else BLOCKS[name]()
        return block[1] + "\n" + "\n".join(body).rstrip("\n") + "\n\n" + block[3]

    return BLOCK.sub(renew, text)


def main(arguments: list[str]) -> int:
    """Write, or with ``--check`` compare."""
    found = clauses()
    wanted = pages(found)
    for path in sorted((DOCS / "protocol").glob("*.md")):
        if path not in wanted:
            wanted[path] = with_blocks(path.read_text("utf-8"), found)
    stale = [p for p, text in wanted.items() if not p.exists() or p.read_text("utf-8") != text]
    unstated = [clause.id for clause in found.values() if not clause.rule]
    for id_ in unstated:
        print(f"{id_}: no text states this rule; add a row to a page of docs/protocol", flush=True)
    twice = contradictions()
    for what in twice:
        print(f"{what} state two rules under one number", flush=True)
    if "--check" in arguments:
        for path in stale:
            print(f"{path.relative_to(ROOT)} is not current: make docs", flush=True)
        return 1 if stale or unstated or twice else 0
    for path in stale:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(wanted[path], "utf-8")
        print(f"wrote {path.relative_to(ROOT)}", flush=True)
    return 1 if unstated or twice else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
