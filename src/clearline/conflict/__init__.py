"""SITUATION -> FINDINGS. Pure.

The guarantee: NO is sound. It is never given where the exact predicate, on WGS 84, says that two
volumes come closer than the agreed separation in all of lateral distance, height and time. What
cannot be settled is UNDETERMINED and names the one datum that would settle it. The verdict is a
symmetric function of the two volumes and the terms; it never looks at a clock.
The bounds, with their formulas and the tests that hold them, stand in ``docs/conflict-bounds.md``.
"""
