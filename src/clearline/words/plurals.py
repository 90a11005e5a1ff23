"""Which form a counted word takes beside a whole number, by the language's rule (Unicode CLDR).

Only whole numbers are counted here; a rule is a pure function of the number, never of the reader.
"""

from collections.abc import Callable, Mapping
from typing import Final


def _one_other(n: int) -> str:
    return "one" if n == 1 else "other"


def _french(n: int) -> str:
    return "one" if n in (0, 1) else "other"


def _slavic(n: int) -> str:
    """Russian and Ukrainian."""
    if n % 10 == 1 and n % 100 != 11:
        return "one"
    return "few" if n % 10 in (2, 3, 4) and n % 100 not in (12, 13, 14) else "many"


def _hebrew(n: int) -> str:
    return {1: "one", 2: "two"}.get(n, "other")


def _arabic(n: int) -> str:
    if n in (0, 1, 2):
        return ("zero", "one", "two")[n]
    if 3 <= n % 100 <= 10:
        return "few"
    return "many" if n % 100 >= 11 else "other"


RULES: Final[Mapping[str, tuple[Callable[[int], str], frozenset[str]]]] = {
    "ar": (_arabic, frozenset({"zero", "one", "two", "few", "many", "other"})),
    "en": (_one_other, frozenset({"one", "other"})),
    "fr": (_french, frozenset({"one", "other"})),
    "he": (_hebrew, frozenset({"one", "two", "other"})),
    "ru": (_slavic, frozenset({"one", "few", "many"})),
    "uk": (_slavic, frozenset({"one", "few", "many"})),
}
"""By language: the rule, and the forms that a counted word needs. A language that is not here has
one form for one and another for all else, as English has."""


def plural_forms(tag: str) -> frozenset[str]:
    """The forms that each counted word of a language has."""
    return RULES.get(tag, RULES["en"])[1]


def plural_form(tag: str, n: int) -> str:
    """The form that goes with a whole number; of a negative one, that of its size."""
    return RULES.get(tag, RULES["en"])[0](abs(n))


__all__ = ["plural_form", "plural_forms"]
