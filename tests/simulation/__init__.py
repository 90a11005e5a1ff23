"""Deterministic simulation: several real nodes on a virtual clock, and every trouble that we know.

*The model.* N = 2 to 5 parties, each with one node: the real ``Conductor`` on a real store, real
keys, real proofs. Only the wire, the clock and the disk are made up. One seed decides everything
that happens in a world; ``python -m tests.simulation SEED`` plays it again, step by step.

*What may happen.* Messages are lost, late, doubled and out of order; links are cut, in one
direction or both; a process dies before a commit, after it, between commit and high-water mark, or
between two turns; a disk fills up; a node is restored from an old copy, with its mark, without it
or with a damaged one; a process that begins reads its record in many steps between its turns, and
its people cry for help meanwhile; entries travel through a third node or on a stick; keys change;
terms change; a party joins between a receipt and a notice, leaves, suspends; one party's software
cannot read what others can; FLASH overtakes. People file, amend, withdraw, clear, answer,
coordinate, seal and open, cry STOP and DISTRESS, in the same turn in which messages arrive.

*What is assumed.* Nodes follow the protocol and may fail. A connection dies with the process at
either end, and what was on it. Whoever restores a node without its mark destroys the sticks that it
wrote, and no other node is restored before that one has heard from all.
Clocks agree (findings about clocks are not part of the rule).

*Bounds of a world.* 60 to 150 steps, then everything heals. Notices are discs on a grid of six
places, three bands of levels, three windows, so that about half of all pairs conflict.

*People* are played beside it: ``long_watch`` keeps three desks for three days with ``players`` who
are good, slow, absent or wrong, and ``watch_checker`` looks after each step.

*What must hold.* ``checker`` says it, after every step and after healing. It judges by the bytes in
the stores, with an arithmetic of its own (``oracle``), not with the code that it checks.
"""
