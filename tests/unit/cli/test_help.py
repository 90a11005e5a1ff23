"""What every command says of itself."""

import itertools

import pytest
import typer
from typer.testing import CliRunner

from clearline.cli import main as cli

WIDTH = 70


def every(app: typer.Typer, path: tuple[str, ...] = ()) -> list[tuple[tuple[str, ...], str]]:
    """All commands below an application, by the words that call them, with their help."""
    found = [
        ((*path, info.name or (info.callback.__name__ if info.callback else "")), info.help or "")
        for info in app.registered_commands
    ]
    for group in app.registered_groups:
        assert group.typer_instance is not None
        found += every(group.typer_instance, (*path, group.name or ""))
    return found


COMMANDS = every(cli.build(["--help"]))


def test_all_commands_are_looked_at() -> None:
    """Commands of their own and those of groups."""
    named = {" ".join(path) for path, _ in COMMANDS}
    assert {"check", "tracks pairs", "node run", "demo", "words review"} <= named


@pytest.mark.parametrize(("path", "said"), COMMANDS, ids=[" ".join(path) for path, _ in COMMANDS])
def test_every_command_shows_how_it_is_used(path: tuple[str, ...], said: str) -> None:
    """--help of each verb has an example, and leaves it to the terminal where its lines end."""
    assert f"clearline {path[0]}" in said.partition("Example")[2]
    for paragraph in said.split("\n\n"):
        assert "\n" not in paragraph


def test_help_fills_the_lines_of_a_narrow_terminal() -> None:
    """No word stands alone because the source's line ended after it."""
    shown = CliRunner().invoke(
        cli.build(["tracks"]), ["tracks", "pairs", "--help"], env={"COLUMNS": str(WIDTH)}
    )
    assert shown.exit_code == 0
    text = [line.strip() for line in shown.output.split("╭")[0].splitlines()]
    for line, following in itertools.pairwise(text):
        if line and following:
            assert len(line) + 1 + len(following.split()[0]) > WIDTH - 2, line
