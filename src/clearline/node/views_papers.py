"""What is shown of a line's papers: its signed documents, and what a desk needs of the terms."""

from clearline.model.space import Footprint
from clearline.model.terms import Effect
from clearline.node.views import View


class DocumentView(View, frozen=True):
    """A signed document of a line by kind and digest."""

    kind: str
    sha256: str
    size: int


class TermsView(View, frozen=True):
    """What a desk needs of the terms in force."""

    version: int
    title: str
    exercise: bool
    roles: tuple[str, ...]
    languages: tuple[str, ...]
    classes: tuple[tuple[str, str, Effect], ...]
    area: Footprint
