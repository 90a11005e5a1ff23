"""SITUATION -> FINDINGS. Pure.

The guarantee: NO is sound. It is never given where the exact predicate, on WGS 84, says that two
volumes come closer than the agreed separation in all of lateral distance, height and time. What
cannot be settled is UNDETERMINED and names the one datum that would settle it. The verdict is a
symmetric function of the two volumes and the terms; it never looks at a clock.
The bounds (B1 and on), with their formulas and the tests that hold them, stand in
``docs/conflict-bounds.md``, those of tracks (T1 and on) in ``docs/tracks.md``.

To be read in this order (``docs/engine.md`` has a picture); these are the whole predicate, and need
no compiler:

1. ``geodesy``: points in earth-centred coordinates, where there is no pole and no antimeridian;
   what a chord says about the geodesic over it. ``outline``: a footprint as a chain of edges, each
   with its own meaning, and a radius; pieces of edges with bounds of how they bend.
2. ``inside``: on which side of a ring a point lies. ``separation``: how far two footprints are
   apart, as an interval that is narrowed until it leaves the separation outside.
3. ``geoid``, ``heights``: heights as intervals above a common surface, widened outwards.
4. ``terms``: what an agreement makes of a class. ``verdict``: two volumes: time, height, map, one
   explained judgement. ``lists``: two notices, of which every pair of volumes may be the one.
5. ``validity`` and ``rings``: what is refused, so that all of the above means one thing.

Around it: ``within`` and ``envelope`` (whether what is opened stays in what was announced),
``leave`` (the way out), ``size``, ``remembered`` (caches by weight), and which volumes a node has
to judge at all: ``index`` (the rule) and ``blocks``.

``fast`` gives the same verdicts in microseconds among a million: ``shapes`` and ``stated`` (columns
of whole numbers), ``packed``, ``packing`` and ``hearts`` (footprints made ready), ``vectors``,
``earth``, ``geodesics``, ``curves``, ``sides`` and ``kernel`` (the distance; ``pairs`` for two),
``bands`` and ``sea`` (heights), ``grid``, ``gridding`` and ``spheres`` (what is near), ``clear``,
``meet``, ``segment``, ``book`` and ``index`` (what meets, while it changes), ``saved``. How things
are compiled, kept and handed over: ``compiled``, ``kept``, ``ready``, ``handed``, ``lent``.
``tracks`` is about what moves: ``track``, ``motion``, ``heights``; ``minima`` and ``pairs`` with
``cells``, ``crowd``, ``scan``, ``lanes``, ``solve`` and ``judge``; ``volumes`` with ``paths``,
``crossing`` and ``band``; ``conform``; ``live``. Other programs call ``clearline.engine``.
"""
