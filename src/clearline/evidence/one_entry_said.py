"""What the check of one entry is told as: text for a person, JSON for a tool."""

from clearline.canonical import Plain
from clearline.evidence.one_entry import OneEntry
from clearline.evidence.words import EXERCISE_LINE, NOTICE_LINES
from clearline.model.time import format_length, format_utc
from clearline.words.sentences import plain, said


def entry_text(found: OneEntry) -> list[str]:
    """The facts as the entry states them, its age when the page was made, and what is changed."""
    lines = [EXERCISE_LINE] if found.exercise else []
    lines += [
        f"PROVED: {found.ref} of {found.author} on the line {found.line}",
        f"stated {format_utc(found.stated)}, in a record of at least {found.size} entries; "
        f"page for {plain(found.to)} made {format_utc(found.made)}, "
        f"{format_length(found.made - found.stated)} after it, as the page says",
        "It states:",
    ]
    for row in found.rows:
        volume = f"({row.volume}) " if row.volume else ""
        lines.append(f"  {volume}{said('en', f'page-row-{row.name}')}: {row.value}")
    if found.missing:
        lines.append("CHANGED: the page does not state these facts of it. Believe the entry:")
        lines += [f"  {said('en', f'page-row-{row.name}')}: {row.value}" for row in found.missing]
    else:
        lines.append("Each of these facts stands on the page as well.")
    return [*lines, *NOTICE_LINES]


def plain_entry(found: OneEntry) -> Plain:
    """The same for a tool."""
    return {
        "says": list(NOTICE_LINES), "exercise": found.exercise,
        "line": found.line, "ref": str(found.ref), "author": found.author,
        "stated": found.stated, "made": found.made, "to": found.to, "size": found.size,
        "checkpoint": found.checkpoint,
        "facts": [
            {"name": row.name, "value": row.value, "volume": row.volume} for row in found.rows
        ],
        "missing": [row.name for row in found.missing],
    }  # fmt: skip
