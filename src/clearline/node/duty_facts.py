"""What the sentence of a trouble is made of, beside labels and times."""

from typing import Final

from msgspec.structs import replace

from clearline.model.alert import Severity, Trouble
from clearline.model.entry import Kind
from clearline.model.finding import Containment
from clearline.model.refusal import Param
from clearline.model.time import format_utc
from clearline.node.standing_forms import Form
from clearline.picture.situation import Ask

_QUIETER: Final = {Severity.ALARM: Severity.WARNING, Severity.WARNING: Severity.CAUTION}


def under_form(trouble: Trouble, form: Form | None) -> Trouble:
    """What is rung about a pair that a standing coordination is signed for: less loudly, with the
    measure and its end; when it has run out it is as loud as before, and rings anew."""
    if form is None:
        return trouble
    said: dict[str, Param] = {"measure": form.said.measure, "end": format_utc(form.until)}
    severity = _QUIETER.get(trouble.severity, trouble.severity)
    return replace(trouble, severity=severity, params={**trouble.params, **said})


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
