"""How far a notice got: five separate facts for every addressee."""

from typing import Annotated

import typer

from clearline.cli.output import AsJson, show
from clearline.cli.remote import LineName, NodeFolder, Token, Url, line_id, plain, ref, run
from clearline.client import asks


def reach(
    of: Annotated[str, typer.Argument(metavar="REF", help="A version: ALFA.0/12.")],
    node: NodeFolder = None, url: Url = None, token_file: Token = None, line: LineName = None,
    as_json: AsJson = False,
) -> None:  # fmt: skip
    """How far a notice got: recorded, stored, presented, answered, read back, for each addressee.

    None stands for another. What another's desk shows is not stated on the line.

    Example: clearline notice reach ALFA.0/12 --node alfa-node
    """
    place = ref(of)
    found = run(
        node, url, token_file,
        lambda client: client.do(asks.reach(line_id(client, line), place)), as_json=as_json,
    )  # fmt: skip
    text = [each for view in found for each in view.words]
    show(text, [plain(view) for view in found], as_json=as_json)
