"""Where a volume's fault stands in what a person wrote, not in our own records."""

from collections.abc import Iterator
from typing import Final

from clearline.model.space import Corridor, Disc, Polygon, Volume


def in_plan(pointer: str, volume: Volume) -> str:
    """A pointer into a ``Volume`` as one into the shape that it was read from."""
    steps = pointer.split("/")[1:]
    if not steps or steps[0] in ("start", "end"):
        return f"/time_{steps[0]}" if steps else ""
    if steps[0] in ("lower", "upper"):
        rest = ["value" if step == "mm" else step for step in steps[1:]]
        return "/".join(["/volume", f"altitude_{steps[0]}", *rest])
    outline = f"outline_{_OUTLINES[type(volume.footprint)]}"
    return "/".join(["/volume", outline, *_outline_steps(steps[1:])])


_OUTLINES: Final = {Polygon: "polygon", Disc: "circle", Corridor: "corridor"}
_STEPS: Final = {
    "outer": ("vertices",),
    "line": ("vertices",),
    "centre": ("center",),
    "radius_mm": ("radius", "value"),
    "half_width_mm": ("half_width", "value"),
}


def _outline_steps(steps: list[str]) -> Iterator[str]:
    """``outer/3/0`` reads ``vertices/3/lat``; ``centre/1`` reads ``center/lng``."""
    at_point = len(steps) == {"outer": 3, "line": 3, "holes": 4, "centre": 2}.get(
        steps[0] if steps else "", 0
    )
    for number, step in enumerate(steps):
        if at_point and number == len(steps) - 1:
            yield "lat" if step == "0" else "lng"
        else:
            yield from _STEPS.get(step, (step,))
