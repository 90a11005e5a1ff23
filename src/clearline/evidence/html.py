"""Pieces of the pages of evidence: self-contained, without scripts, pictures or links. Pure.

Every word that came from a party is escaped and stands in its own direction (``bdi``).
"""

from collections.abc import Iterable, Sequence
from html import escape

from clearline.evidence.said import when
from clearline.evidence.words import EXERCISE, EXERCISE_LINE, GRADES, NOTICE_LINES, OWN_WORD
from clearline.model.time import Instant

REF_CHARS = 24
"""The place of an entry is at most this long and is never broken."""

STYLE = """
:root{--ink:#16202b;--soft:#5a6775;--rule:#cfd6dd;--wash:#f3f5f7;--bad:#8f1d14;--part:#7a5200;
--good:#155e3c}
*{box-sizing:border-box}
body{font:15px/1.45 system-ui,"Noto Sans",sans-serif;color:var(--ink);margin:0 auto;
padding:2rem 1.5rem;max-width:76rem;background:#fff}
h1{font-size:1.5rem;margin:0 0 .25rem}h1 .id{font:inherit}h2{font-size:1.1rem;margin:2.2rem 0 .5rem;
border-block-end:2px solid var(--ink);padding-block-end:.2rem}
p{margin:.4rem 0}.soft,caption,small{color:var(--soft)}
.law{border-inline-start:6px solid var(--ink);background:var(--wash);padding:.7rem 1rem;
margin:1rem 0;font-weight:600}
.drill{border:6px double var(--ink);padding:.7rem 1rem;margin:1rem 0;text-align:center;
font-weight:700;letter-spacing:.08em}
.verdict{border:2px solid;padding:.7rem 1rem;margin:1rem 0;border-radius:4px}
.verdict strong{font-size:1.15rem}.bad{color:var(--bad)}.part{color:var(--part)}
.good{color:var(--good)}
table{border-collapse:collapse;width:100%;margin:.4rem 0 1rem;font-variant-numeric:tabular-nums}
th,td{text-align:start;vertical-align:top;padding:.35rem .6rem;
border-block-end:1px solid var(--rule)}
th{font-weight:600;background:var(--wash)}caption{text-align:start;padding:.2rem 0}
code,.id{font:13px/1.4 ui-monospace,"DejaVu Sans Mono",monospace;overflow-wrap:anywhere}
.ref{white-space:nowrap;overflow-wrap:normal}
.t{white-space:nowrap;font-variant-numeric:tabular-nums;direction:ltr;unicode-bidi:isolate;
display:inline-block}
.g{display:inline-block;font-size:12px;border:1px solid currentColor;border-radius:3px;
padding:0 .3rem;white-space:nowrap;color:var(--soft)}
.own{border-style:dashed}ul{margin:0;padding-inline-start:1.1rem}
.wide{overflow-x:auto}
@media print{.wide{overflow:visible}
body{font-size:11px;padding:0;max-width:none}h2{break-after:avoid}
tr{break-inside:avoid}thead{display:table-header-group}@page{margin:14mm}}
"""


def document(
    title: str, parts: Iterable[str], *, exercise: bool, lang: str = "en", direction: str = "ltr"
) -> str:
    """A whole page in a language; one of an exercise is marked in its title, first of all and last
    of all."""
    mark = f"<div class=drill>{escape(EXERCISE_LINE)}</div>" if exercise else ""
    title = f"{EXERCISE}: {title}" if exercise else title
    return (
        f'<!doctype html>\n<html lang="{lang}" dir="{direction}"><head><meta charset="utf-8">'
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\';'
        " style-src 'unsafe-inline'\">"
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{escape(title)}</title><style>{STYLE}</style></head><body>\n"
        + "\n".join(part for part in (mark, *parts, mark) if part)
        + "\n</body></html>\n"
    )


def law() -> str:
    """What every export says, verbatim."""
    lines = "<br>".join(escape(line) for line in NOTICE_LINES)
    return f"<div class=law lang=en dir=ltr>{lines}</div>"


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; heads are words of ours, cells are HTML already."""
    top = "".join(f"<th scope=col>{escape(head)}</th>" for head in heads)
    body = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
    return (
        f"<div class=wide><table><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def ident(text: str) -> str:
    """An id or a place in a record."""
    look = "id ref" if len(text) <= REF_CHARS else "id"
    return f"<bdi class='{look}'>{escape(text)}</bdi>"


def of_party(text: str) -> str:
    """Words of a party, in their own direction, with nothing in them that could act or hide."""
    clean = "".join(c if c.isprintable() else "\N{WHITE SQUARE}" for c in text)
    return f"<bdi>{escape(clean)}</bdi>" if clean else ""


def moment(at: Instant | None) -> str:
    """An instant in UTC."""
    return f"<span class=t>{escape(when(at))}</span>"


def grade(name: str, called: str = "") -> str:
    """What a word rests on, as a mark; ``called`` in the reader's language."""
    look = "g own" if name == OWN_WORD else "g"
    return f"<span class='{look}'>{escape(called or name)}</span>"


def grade_table() -> str:
    """What each mark means."""
    rows = ((grade(name), escape(meaning)) for name, meaning in GRADES.items())
    return f"<h2>What each word rests on</h2>{table(('Grade', 'Meaning'), rows)}"
