"""Text: what may stand in a name, a label, a remark.

The rule is by code point, never by property or normal form: tables of properties grow with every
edition of Unicode, and two nodes with different editions must still admit the same entries. So text
is not normalised and not required to be; it is compared code point by code point and shown as
written. Refused are the characters with which what one reader sees can differ from what is stored,
or from what another reader sees (CL-WIR-010):

- controls U+0000-001F and U+007F-009F, except the newline where a text may have lines; the line and
  paragraph separators U+2028, U+2029;
- overrides, embeddings and isolates of direction, U+202A-202E and U+2066-2069;
- surrogates, noncharacters, private use; invisible tags U+E0000-E0FFF; the byte order mark U+FEFF;
  interlinear annotation U+FFF9-FFFB and the object and replacement characters U+FFFC, U+FFFD.

Marks that Arabic, Persian, Hebrew and Indic text needs (U+200C-200F, U+061C) are allowed.
"""

import re
from typing import Final

from clearline.model.limits import LABEL_CHARS_MAX, NAME_CHARS_MAX, TEXT_CHARS_MAX
from clearline.model.refusal import Code, Param, Refusal
from clearline.wire import clauses

_PLANE_ENDS: Final = "".join(f"\\U{plane:04x}fffe-\\U{plane:04x}ffff" for plane in range(1, 15))
_BARRED: Final = (
    r"\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff\ue000-\uf8ff\ufdd0-\ufdef"
    r"\ufeff\ufff9-\uffff\U000e0000-\U000e0fff\U000f0000-\U0010ffff" + _PLANE_ENDS
)
_LINE_BARRED: Final = re.compile(rf"[\x00-\x1f{_BARRED}]")
_LINES_BARRED: Final = re.compile(rf"[\x00-\x09\x0b-\x1f{_BARRED}]")
_NAME: Final = re.compile(rf"[A-Za-z0-9][A-Za-z0-9._-]{{0,{NAME_CHARS_MAX - 1}}}", re.ASCII)
_LANGUAGE: Final = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,4}", re.ASCII)
_MEDIA: Final = re.compile(r"[a-z0-9][a-z0-9.+-]{0,63}/[a-z0-9][a-z0-9.+-]{0,63}", re.ASCII)


def bad_label(text: str, at: str) -> Refusal | None:
    """One line of 1 to LABEL_CHARS_MAX code points without a blank at either end."""
    return _bad(text, at, LABEL_CHARS_MAX, _LINE_BARRED)


def bad_text(text: str, at: str) -> Refusal | None:
    """1 to TEXT_CHARS_MAX code points, lines allowed, without a blank at either end."""
    return _bad(text, at, TEXT_CHARS_MAX, _LINES_BARRED)


def bad_character(text: str, at: str) -> Refusal | None:
    """The first character that no text may hold, the newline apart."""
    found = _LINES_BARRED.search(text)
    return _character(found[0], at) if found else None


def bad_name(text: str, at: str, code: Code = Code.BAD_FIELD) -> Refusal | None:
    """A name that machines compare: up to NAME_CHARS_MAX letters, digits, dots, dashes."""
    return None if _NAME.fullmatch(text) else Refusal(code=code, clause=clauses.NAMES, at=at)


def bad_language(tag: str, at: str) -> Refusal | None:
    """A language tag of the form that BCP 47 gives to common languages: ar, he, pt-BR, zh-Hant."""
    return None if _LANGUAGE.fullmatch(tag) else _misnamed(at)


def bad_media(media: str, at: str) -> Refusal | None:
    """A media type without parameters, in lower case."""
    return None if _MEDIA.fullmatch(media) else _misnamed(at)


def _misnamed(at: str) -> Refusal:
    return Refusal(code=Code.BAD_FIELD, clause=clauses.NAMES, at=at)


def _bad(text: str, at: str, limit: int, barred: re.Pattern[str]) -> Refusal | None:
    if len(text) > limit:
        params: dict[str, Param] = {"reason": "too-long", "limit": limit, "found": len(text)}
        return Refusal(code=Code.BAD_TEXT, clause=clauses.TEXT, at=at, params=params)
    if found := barred.search(text):
        return _character(found[0], at)
    if not text or text[0] in " \n" or text[-1] in " \n":
        reason = "blank-end" if text else "empty"
        return Refusal(code=Code.BAD_TEXT, clause=clauses.TEXT, at=at, params={"reason": reason})
    return None


def _character(found: str, at: str) -> Refusal:
    params: dict[str, Param] = {"reason": "character", "character": f"U+{ord(found):04X}"}
    return Refusal(code=Code.BAD_TEXT, clause=clauses.TEXT, at=at, params=params)
