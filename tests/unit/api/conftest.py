"""One set of parties for all; one running node for tests that only add to it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.api_node import Running, found, make_parties, running


@pytest.fixture(scope="session")
def parties(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folders of ALFA and BRAVO, and a line that both have signed."""
    folder = tmp_path_factory.mktemp("parties")
    make_parties(folder, "ALFA", "BRAVO")
    return folder


@pytest.fixture
def node(parties: Path, tmp_path: Path) -> Iterator[Running]:
    """A running node of ALFA, alone on its line."""
    with running(found(parties, tmp_path / "alfa", "ALFA", "BRAVO")) as alfa:
        yield alfa


@pytest.fixture(scope="module")
def shared(parties: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """One node of a module's tests, each of which leaves it usable for the next."""
    folder = tmp_path_factory.mktemp("shared") / "alfa"
    with running(found(parties, folder, "ALFA", "BRAVO")) as alfa:
        yield alfa
