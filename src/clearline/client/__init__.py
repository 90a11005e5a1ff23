"""The Python client of a node's API: typed, thin, blocking or not. It never talks to a peer.

from clearline.client import Client

with Client("http://127.0.0.1:8440", token) as node:
    line = node.lines()[0].line
    filed = node.file(line, notice)
"""

from clearline.client.asks import Ask, Problem
from clearline.client.events import Alerted, Changed, Event, Hello, Reset
from clearline.client.plain import AsyncClient, Client, Refused, Unreachable

__all__ = [
    "Alerted", "Ask", "AsyncClient", "Changed", "Client", "Event", "Hello", "Problem", "Refused",
    "Reset", "Unreachable",
]  # fmt: skip
