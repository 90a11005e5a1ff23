"""The reference is made from the code: it is current, and nothing is missing in it."""

import re
import subprocess
import sys

from clearline.model.refusal import Code
from tests.tidy.pages import ROOT, sources, text

CLAUSE = re.compile(r"CL-[A-Z]{3}-\d{3}")


def test_reference_pages_and_tables_are_current() -> None:
    """What ``make docs`` would write is what stands there, and every clause has a rule."""
    done = subprocess.run(
        [sys.executable, "tools/make_reference.py", "--check"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (0, "") == (done.returncode, done.stdout + done.stderr)


def test_every_code_of_refusal_is_documented() -> None:
    """A code that can stand on the wire has its sentence and what to do about it."""
    page = text(ROOT / "docs" / "reference" / "refusals.md")
    rows = set(re.findall(r"^\| `([a-z-]+)` \|", page, re.MULTILINE))
    assert {code.value for code in Code} == rows


def test_every_clause_of_the_code_is_documented_and_the_reverse() -> None:
    """A refusal never names a rule that nobody can read, and no rule is stated that nothing
    judges."""
    index = text(ROOT / "docs" / "reference" / "clauses.md")
    rows = dict(re.findall(r"^\| (CL-[A-Z]{3}-\d{3}) \| (.*?) \|", index, re.MULTILINE))
    used = {
        clause
        for path in sources()
        if path.is_relative_to(ROOT / "src")
        for clause in CLAUSE.findall(text(path))
    }
    assert set() == used - set(rows)
    assert [] == [clause for clause, rule in rows.items() if not rule.strip()]
    stated = {
        clause
        for path in sorted((ROOT / "docs" / "protocol").glob("*.md"))
        for clause in re.findall(r"^\| (CL-[A-Z]{3}-\d{3}) \|", text(path), re.MULTILINE)
    }
    assert set() == stated - used


def test_clauses_that_pages_name_exist() -> None:
    """A page that rests on a rule names one that is there."""
    rows = set(
        re.findall(
            r"^\| (CL-[A-Z]{3}-\d{3}) \|",
            text(ROOT / "docs" / "reference" / "clauses.md"),
            re.MULTILINE,
        )
    )
    for path in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]:
        if path.name != "conflict-bounds.md":
            assert set() == set(CLAUSE.findall(text(path))) - rows, path.name
