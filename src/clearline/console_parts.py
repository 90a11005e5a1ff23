"""What the watch console is put together from beside the API: folders, names, parts of others."""

from clearline.api.own_console import Console
from clearline.api.people import People
from clearline.api.sign_ins import SignIns
from clearline.config import Placed
from clearline.store.disk import write_whole


def open_console(placed: Placed) -> Console:
    """The console of a node's folder. Raises OSError."""
    people = People(placed.tokens)
    return Console(
        people=people,
        sign_ins=SignIns(placed.sign_ins, people, write_whole),
        folder=placed.sign_ins,
        put=write_whole,
        hosts=placed.hosts,
        secure=placed.config.api.certificate is not None,
    )
