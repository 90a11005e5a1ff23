"""PLAN, NOTICES, SNAPSHOT -> ANSWER: the check before disclosing. Pure; opens nothing.

The guarantee: the answer is NO only where the exact predicate of ``clearline.conflict`` says so of
every volume of the plan against every volume that was given, under the terms that were given, and
the picture was young enough. What cannot be read is refused by its place and never skipped in
silence; what was left open (an absent height or time) counts as unbounded and is named.
"""
