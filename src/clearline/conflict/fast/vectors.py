"""Three numbers as a point or a direction, for compiled loops. Frame: ECEF, metres."""

from math import sqrt

from clearline.conflict.fast.compiled import compiled

Vec = tuple[float, float, float]


@compiled
def dot(a: Vec, b: Vec) -> float:
    """Scalar product."""
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]


@compiled
def minus(a: Vec, b: Vec) -> Vec:
    """From b to a."""
    return (a[0] - b[0], a[1] - b[1], a[2] - b[2])


@compiled
def along(a: Vec, t: float, d: Vec) -> Vec:
    """The point a + t d."""
    return (a[0] + t * d[0], a[1] + t * d[1], a[2] + t * d[2])


@compiled
def times(t: float, a: Vec) -> Vec:
    """The vector t a."""
    return (t * a[0], t * a[1], t * a[2])


@compiled
def cross(a: Vec, b: Vec) -> Vec:
    """Vector product."""
    return (
        a[1] * b[2] - a[2] * b[1],
        a[2] * b[0] - a[0] * b[2],
        a[0] * b[1] - a[1] * b[0],
    )


@compiled
def size(a: Vec) -> float:
    """Length."""
    return sqrt(a[0] * a[0] + a[1] * a[1] + a[2] * a[2])


@compiled
def unit(a: Vec) -> Vec:
    """The direction of a vector; one without length stays as it is."""
    n = sqrt(a[0] * a[0] + a[1] * a[1] + a[2] * a[2])
    if n == 0.0:
        return a
    return (a[0] / n, a[1] / n, a[2] / n)
