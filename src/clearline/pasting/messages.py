"""Messages for which there is no reader yet: recognised, kept whole, never half drawn.

Of a NOTAM the Q line states a circle about everything that it concerns (ICAO Doc 8126): a centre to
the minute and a radius in nautical miles. That is an envelope, not the area.
"""

import re
from typing import Final

from clearline.model.space import DEGREE_E7, Disc, Footprint, LatLon
from clearline.pasting.found import Form, Pasted, not_drawn

_NOTAM: Final = re.compile(
    r"(?m)^\s*\(?[A-Z]\d{4}/\d{2}\s+NOTAM[NRC]?\b|\bQ\)\s*[A-Z]{4}/Q[A-Z]{4}/"
)
_ACO: Final = re.compile(r"(?m)^\s*(?:MSGID/ACO/|ACOID/|ACMID/|AIRSPACE/|APERIOD/)")
_QUALIFIERS: Final = re.compile(
    r"\bQ\)\s*[A-Z]{4}/Q[A-Z]{4}/[A-Z ]*/[A-Z ]*/[A-Z ]*/\d{3}/\d{3}/"
    r"(\d{2})([0-5]\d)([NS])(\d{3})([0-5]\d)([EW])(\d{3})\b"
)
_NAMED: Final = re.compile(r"\(?([A-Z]\d{4}/\d{2})\b")
NM_MM: Final = 1_852_000
ROUNDING_MM: Final = 2_000_000
"""Half a minute of latitude and of longitude at once is 1.31 km at the most."""
EVERYWHERE: Final = 999
"""The radius that stands for a whole flight information region: no envelope."""


def form_of(text: str) -> Form | None:
    """Which kind of message it is; None for none of these."""
    upper = text.upper()
    if _NOTAM.search(upper):
        return Form.NOTAM
    return Form.ACO if _ACO.search(upper) else None


def keep_message(form: Form, text: str) -> Pasted:
    """The message with its text, undrawn."""
    named = _NAMED.search(text.upper()) if form is Form.NOTAM else None
    label = named[1] if named else ""
    envelope = _circle(text.upper()) if form is Form.NOTAM else None
    return Pasted(form=form, undrawn=(not_drawn(label, text, "no-codec", envelope),))


def _circle(text: str) -> Footprint | None:
    found = _QUALIFIERS.findall(text)
    if len(found) != 1:
        return None
    degrees, minutes, south, degrees_e, minutes_e, west, radius = found[0]
    if int(radius) == EVERYWHERE:
        return None
    lat = round((int(degrees) + int(minutes) / 60) * DEGREE_E7)
    lon = round((int(degrees_e) + int(minutes_e) / 60) * DEGREE_E7)
    return Disc(
        centre=LatLon(-lat if south == "S" else lat, -lon if west == "W" else lon),
        radius_mm=int(radius) * NM_MM + ROUNDING_MM,
    )
