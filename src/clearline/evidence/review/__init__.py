"""The joint review: what both staffs can put on the table, made offline from one party's bundle.

``history`` cuts a verified bundle to a period, ``counts``, ``people``, ``links``, ``claims`` and
``own`` make its rows, ``make`` puts them together, ``reconcile`` lays two reviews side by side,
``page`` and ``words`` show either. Pure; no node, store or socket.

Every row has a claimant, or none where it follows from the record; nothing is merged, nothing is
judged. What lies on the line is cut at the end of the period by its authors' own clocks, so that
two parties that hold the same record make the same rows, whenever each of them makes them.
"""
