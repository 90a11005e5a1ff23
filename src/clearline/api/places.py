"""Handlers about the names that this deployment has given to places. They stay on this node."""

from clearline.api.reads import PAGE_MAX, number
from clearline.api.service import Call, Service
from clearline.model.space import LatLon
from clearline.node.views import View
from clearline.notation.gazetteer import PlaceKind


class NamedPlaceView(View, frozen=True):
    """A place as the deployment names it: all within ``radius_mm`` of ``at`` (WGS 84) may bear the
    names. They come in the order of the file, in whatever languages stand in it: the first is to be
    shown, none is translated or added. ``kind``: None where the file gives none."""

    names: tuple[str, ...]
    at: LatLon
    radius_mm: int
    own: bool
    kind: PlaceKind | None


async def list_places(service: Service, call: Call[None]) -> tuple[NamedPlaceView, ...]:
    """Places with the names that this deployment chose, in the order of its file.

    Empty where ``notation.places`` is not set: the node knows no names of its own (CL-NTN-006)."""
    first, limit = number(call, "offset", 0, 10**9), number(call, "limit", PAGE_MAX, PAGE_MAX)
    held = service.runtime.conductor.tools.places.places
    return tuple(
        NamedPlaceView(
            names=each.names, at=each.at, radius_mm=each.radius_mm, own=each.own, kind=each.kind
        )
        for each in held[first : first + limit]
    )
