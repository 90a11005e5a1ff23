"""The command ``clearline``: finds the verb group, loads only that, runs it.

To add one: write ``cli/<name>.py`` and add a line to ``VERBS``. The module has a Typer called
``app`` (a group of verbs) or a function called ``command`` (a single one). It is imported only when
it is called or all are listed, so that ``clearline check`` never loads a server.
"""

import importlib
import inspect
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Final

import typer

from clearline import __version__
from clearline.cli.getting_ready import get_ready_beside
from clearline.cli.output import REFUSED, USAGE


@dataclass(frozen=True, slots=True)
class Verb:
    """A group of commands, or one command: its name, its module and one line about it, and under
    which heading of the overview it stands."""

    name: str
    module: str
    about: str
    function: str = "command"
    panel: str = ""


def _panel(panel: str, *verbs: Verb) -> tuple[Verb, ...]:
    return tuple(replace(verb, panel=panel) for verb in verbs)


VERBS: Final = (
    *_panel(
        "On shift",
        Verb("watch", "clearline.cli.watch", "The live board of a desk, in a terminal."),
        Verb("alerts", "clearline.cli.duty", "Open duties, the loudest first.", "alerts"),
        Verb("alert-times", "clearline.cli.duty_times", "How long duties waited.", "alert_times"),
        Verb("ack", "clearline.cli.duty", "Take an alert; the duty stays open.", "ack"),
        Verb("escalate", "clearline.cli.duty", "Have the next role called now.", "escalate"),
        Verb("silence", "clearline.cli.duty", "Silence one alert, with a reason.", "silence"),
        Verb("answer", "clearline.cli.duty", "Answer exactly one version.", "answer"),
        Verb("conflicts", "clearline.cli.duty", "Live notices that are not apart.", "conflicts"),
        Verb("accept", "clearline.cli.proposals", "Take up what an answer proposes.", "accept"),
        Verb("coordinate", "clearline.cli.coordinating", "Sign how a pair overlaps.", "coordinate"),
        Verb("stop", "clearline.cli.duty", "Plead that activity halts.", "stop"),
        Verb("distress", "clearline.cli.duty", "Somebody is in danger: keep clear.", "distress"),
        Verb("accident", "clearline.cli.duty", "Something unplanned of yours.", "accident"),
        Verb("msg", "clearline.cli.message", "Send a message by template.", "msg"),
        Verb("messages", "clearline.cli.message", "What was said, and its answers.", "messages"),
        Verb("relay", "clearline.cli.relaying", "Take on telling a third party.", "relay"),
        Verb("relayed", "clearline.cli.relaying", "What came of telling it.", "relayed"),
        Verb("relay-page", "clearline.cli.relaying", "One page for a third party.", "relay_page"),
        Verb("relay-code", "clearline.cli.relaying", "The code that it gave back.", "relay_code"),
        Verb("movers", "clearline.cli.movers", "Own movers as last known; never sent."),
        Verb("handover", "clearline.cli.handover", "Hand the watch over; both sign.", "handover"),
        Verb(
            "line", "clearline.cli.line", "State of lines and links; suspend, resume, leave, test."
        ),
    ),
    *_panel(
        "Plan and file",
        Verb("check", "clearline.cli.check", "Check a plan before disclosing it; opens no socket."),
        Verb("tracks", "clearline.cli.tracks", "Tracks too near each other, or in volumes."),
        Verb("place", "clearline.cli.place", "Read a place in any notation, write it in all."),
        Verb("picture", "clearline.cli.picture", "Export a signed picture to check plans against."),
        Verb("notice", "clearline.cli.notice", "File, amend, withdraw, end, list, import notices."),
        Verb("seal", "clearline.cli.sealing", "Commit to a plan without showing it.", "seal"),
        Verb("open", "clearline.cli.sealing", "Open a seal of yours.", "open_"),
    ),
    *_panel(
        "Set up and run",
        Verb("party", "clearline.cli.party", "Keys, card and manifests of one party."),
        Verb("agreement", "clearline.cli.agreement", "Draft, sign, show, verify, adopt terms."),
        Verb("words", "clearline.cli.words", "Languages: read beside English, record a review."),
        Verb("node", "clearline.cli.node", "Make, run, look at, back up, restore, examine a node."),
    ),
    *_panel(
        "Prove, replay, try",
        Verb("evidence", "clearline.cli.evidence", "Export a record, verify it, compare two."),
        Verb("review", "clearline.cli.review", "What both staffs can put on the table."),
        Verb("replay", "clearline.cli.replay", "Play public claims through real nodes."),
        Verb("scenario", "clearline.cli.scenario", "Look after scenario files."),
        Verb("demo", "clearline.cli.demo", "Watch three parties' nodes on this machine."),
    ),
)


def build(arguments: Sequence[str]) -> typer.Typer:
    """The application for these arguments: the verb that they name, or all of them."""
    app = typer.Typer(
        name="clearline",
        help="A deconfliction line that parties can run without trusting each other. "
        "A notice gives no permission; the absence of one removes no protection.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
    )
    app.callback(invoke_without_command=True)(_top)
    first = next((word for word in arguments if not word.startswith("-")), None)
    named = [verb for verb in VERBS if verb.name == first]
    for verb in named or VERBS:
        _add(app, verb)
    return app


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit with its code. A file or folder that cannot be used is said in
    one line, never as a stack of calls."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    if given[:2] == ["node", "run"] and "--help" not in given:
        get_ready_beside()  # before the engine is imported with the verb
    try:
        build(given)(args=given, prog_name="clearline")
    except OSError as error:
        what = f"{error.filename}: " if error.filename else ""
        typer.echo(f"clearline: {what}{error.strerror or error}", err=True)
        sys.exit(REFUSED)
    except KeyboardInterrupt:
        sys.exit(130)


def _top(
    version: Annotated[bool, typer.Option("--version", help="Print the version and stop.")] = False,
) -> None:
    if version:
        typer.echo(f"clearline {__version__}")
        raise typer.Exit


def _add(app: typer.Typer, verb: Verb) -> None:
    """Load a verb; one whose optional packages are absent stays listed and says what it needs."""
    try:
        module = importlib.import_module(verb.module)
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] == "clearline":
            raise
        _add_absent(app, verb, error.name)
        return
    if hasattr(module, verb.function):
        command = getattr(module, verb.function)
        app.command(
            verb.name, help=_flowing(command), short_help=verb.about, rich_help_panel=verb.panel
        )(command)
    else:
        _let_flow(module.app)
        app.add_typer(module.app, name=verb.name, help=verb.about, rich_help_panel=verb.panel)


def _flowing(command: Callable[..., object]) -> str:
    """What a command says of itself, a line a paragraph: a terminal breaks lines by its own width,
    and where the source broke them is no concern of its reader."""
    paragraphs = inspect.cleandoc(command.__doc__ or "").split("\n\n")
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in paragraphs)


def _let_flow(app: typer.Typer) -> None:
    """The same for all commands below one verb."""
    for info in app.registered_commands:
        if info.callback is not None:
            info.help = _flowing(info.callback)
    for group in app.registered_groups:
        if group.typer_instance is not None:
            _let_flow(group.typer_instance)


def _add_absent(app: typer.Typer, verb: Verb, package: str) -> None:
    settings = {"allow_extra_args": True, "ignore_unknown_options": True}

    def absent() -> None:
        typer.echo(f"clearline {verb.name} needs {package}: install clearline[node]", err=True)
        raise typer.Exit(USAGE)

    app.command(verb.name, help=f"{verb.about} (needs {package})", context_settings=settings)(
        absent
    )
