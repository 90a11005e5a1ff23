"""Sentences for people, made where they are read: refusals, verdicts, standing.

What travels is a code, a clause and typed facts; what a person reads is made here, in the reader's
language. A language is one file, ``<tag>.json``, and nothing else: put it beside ``en.json``.

Facts may hold words of the other side. They are shown between quotation marks, cut short, with
every character replaced that could pose as something else; they are never taken as a template.
"""

from clearline.words.language import languages
from clearline.words.sentences import sentence, standing, verdict

__all__ = ["languages", "sentence", "standing", "verdict"]
