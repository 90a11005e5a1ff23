"""Which form a pasted text has, and what stands in it."""

from typing import Final

from clearline.model.refusal import Code, Refusal
from clearline.pasting.found import KEPT, Form, Pasted, Wish
from clearline.pasting.geojson import read_geojson
from clearline.pasting.kml import read_kml
from clearline.pasting.lists import fault_of, kept_whole, read_list
from clearline.pasting.messages import form_of, keep_message

TEXT_CHARS_MAX: Final = 1_000_000
"""A notice of ten thousand vertices, three times over."""


def read_pasted(text: str, wish: Wish) -> Pasted | Refusal:
    """Everything in a text, drawn, asked about or kept (CL-NTN-007). Refused: a text that is too
    long to be looked at."""
    if len(text) > TEXT_CHARS_MAX:
        return Refusal(
            code=Code.TOO_LARGE, clause=KEPT, at="/text",
            params={"found": len(text), "limit": TEXT_CHARS_MAX},
        )  # fmt: skip
    start = text.lstrip("\ufeff \t\r\n")
    if start.startswith(("{", "[")):
        return read_geojson(start, wish)
    if start.startswith("<"):
        return read_kml(start, wish)
    form = form_of(text)
    if form is not None:
        return keep_message(form, text)
    found = read_list(text, wish)
    return found if found is not None else kept_whole(Form.UNKNOWN, text, fault_of(text, wish))
