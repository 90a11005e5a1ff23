"""Replayable incidents: claims with their claimants, variants, and what the line would have said.

A scenario is a file that anybody can write (``docs/reference/scenario-format.md``). ``reading``
makes a ``Script`` of it, ``lint`` finds what does not fit together, ``replay`` plays one variant
through real nodes on a virtual clock and gives a list of events.
"""
