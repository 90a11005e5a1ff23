"""Bytes become claims: canonical JSON, entries, bodies, documents, messages between nodes.

Pure. Nothing that arrives here can raise: it is read, or it becomes a ``Refusal``.
"""
