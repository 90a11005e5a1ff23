"""Reviews of translations that a deployment has recorded (FM20): in which role somebody has read
which section aloud beside the English, and on which day. They stand in the folder of the node, each
bound by a digest to its words: when a sentence changes, in either language, it counts no more.
"""

from pathlib import Path
from typing import Final

import msgspec

from clearline.words.language import (
    FALLBACK,
    SECTIONS,
    Review,
    digest_of,
    language,
    languages,
    take_reviews,
)

FILE: Final = "reviews.json"
"""In the folder of a node; not signed: whoever may write there may run another node."""
BYTES_MAX: Final = 1 << 20
BY_CHARS_MAX: Final = 80

Reviews = dict[str, dict[str, Review]]
"""By language, by section."""


def parse_reviews(raw: bytes) -> Reviews | str:
    """The reviews that a file holds, or what is wrong with it."""
    if len(raw) > BYTES_MAX:
        return f"{FILE} is larger than {BYTES_MAX} bytes"
    try:
        found = msgspec.json.decode(raw, type=Reviews)
    except (msgspec.DecodeError, RecursionError) as error:
        return f"{FILE}: {error}"
    for tag, sections in found.items():
        if tag not in languages() or tag == FALLBACK:
            return f"{FILE}: there is no translation {tag!r}"
        odd = sorted(set(sections) - set(SECTIONS))
        if odd:
            return f"{FILE}: {tag} has no section {odd[0]!r}"
    return found


def deploy(folder: Path) -> str | None:
    """Take the reviews of a deployment into account, in this process; what is wrong with the file,
    if anything is. Without a file nothing is reviewed but what the files of words say."""
    try:
        raw = (folder / FILE).read_bytes()
    except FileNotFoundError:
        raw = b"{}"
    except OSError as error:
        return f"{FILE}: {error.strerror or error}"
    found = parse_reviews(raw)
    if isinstance(found, str):
        return found
    take_reviews(found)
    return None


def reviewed_now(tag: str, by: str, on: str) -> dict[str, Review]:
    """A review of every section of a language as its words stand now."""
    words = language(tag)
    return {name: Review(by=by, on=on, of=digest_of(words, name)) for name in SECTIONS}


__all__ = ["BY_CHARS_MAX", "FILE", "Reviews", "deploy", "parse_reviews", "reviewed_now"]
