"""What the sentence of a trouble is made of, beside labels and times."""

from clearline.model.entry import Kind
from clearline.model.finding import Containment
from clearline.model.refusal import Param
from clearline.picture.situation import Ask


def message_facts(ask: Ask) -> dict[str, Param]:
    """What the sentence of a message is made of: its template and blanks, not its words."""
    if ask.kind is not Kind.MESSAGE:
        return {}
    return {"template": ask.text, **{f"blank_{f.name}": f.value for f in ask.fields}}


def beyond(found: Containment) -> dict[str, Param]:
    """What is outside of an envelope, and by how much, in whole seconds and metres."""
    params: dict[str, Param] = {"why": "outside" if found.outside else "undetermined"}
    if found.outside:
        params["outside"] = ",".join(found.outside)
    if found.settles is not None:
        params["settles"] = found.settles
    sizes = {"time_s": found.time_s, "vertical_m": found.vertical_m, "lateral_m": found.lateral_m}
    for name, bounds in sizes.items():
        if bounds is not None and name.partition("_")[0] in found.outside:
            params[name] = round(min(bounds.low, 1e6))
    return params
