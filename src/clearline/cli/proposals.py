"""clearline accept: take up what an answer proposes."""

from typing import Annotated

import typer

from clearline.cli.notice import Id, show_filed
from clearline.cli.output import AsJson
from clearline.cli.remote import LineName, NodeFolder, Role, Token, Url, line_id, ref, run
from clearline.client import asks


def accept(
    answer: Annotated[str, typer.Argument(metavar="REF", help="The answer with the proposal.")],
    id_: Id = None, node: NodeFolder = None, url: Url = None, token_file: Token = None,
    line: LineName = None, role: Role = None, as_json: AsJson = False,
) -> None:  # fmt: skip
    """Amend your version as an answer proposes: shift, heights, other volumes, in one action.

    It is judged again and receipted anew. The earlier version stays live until you withdraw it.

    Example: clearline accept BRAVO.0/31 --node alfa-node
    """
    place = ref(answer)
    done = run(
        node, url, token_file,
        lambda client: client.do(asks.accept(line_id(client, line), place, id_=id_, role=role)),
        as_json=as_json,
    )  # fmt: skip
    show_filed(done, as_json=as_json)
