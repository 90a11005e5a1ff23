"""Command: a program of the party's own, with fixed arguments, and the payload as JSON on stdin.

Off unless ``enabled = true`` stands in ``node.toml``. No shell; the program is named by its whole
path; arguments and environment come from the settings alone and hold no word of a peer. It runs in
a process group of its own, which ends with the time limit or when it writes too much.
"""

import asyncio
import os
import signal
from typing import Final, cast

import msgspec

from clearline.channels.kinds import ChannelKind
from clearline.channels.payload import as_json
from clearline.node.channel import Call, Delivered, Failed
from clearline.words.reader import ENGLISH, wish_fault

OUTPUT_BYTES_MAX: Final = 16 << 10
"""What it writes is not used; a program that writes more than this is not doing what it should."""
ENVIRONMENT: Final = {"PATH": "/usr/local/bin:/usr/bin:/bin", "LC_ALL": "C.UTF-8"}
"""All that the program finds in its environment."""


class CommandSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``argv``: the program's whole path and its fixed arguments. ``languages``: of headline and
    reminder; ``isolates = false`` where what shows them knows none (U+2068, U+2069)."""

    argv: tuple[str, ...]
    enabled: bool = False
    timeout_s: float = 10.0
    languages: tuple[str, ...] = ENGLISH
    isolates: bool = True

    def __post_init__(self) -> None:
        """Raises ValueError."""
        unread = wish_fault(self.languages)
        if unread is not None:
            raise ValueError(f"`languages`: {unread}")
        if not self.enabled:
            raise ValueError("running a program is off by default: say `enabled = true`")
        if not self.argv or not os.path.isabs(self.argv[0]):
            raise ValueError("`argv` must begin with a program's whole path")
        if any("\0" in argument for argument in self.argv):
            raise ValueError("`argv` must not hold a NUL")
        if not 0 < self.timeout_s <= 60:
            raise ValueError("`timeout_s` must be above 0 and at most 60")


class _Run(asyncio.SubprocessProtocol):
    """Counts what the program writes, and tells how it ended."""

    def __init__(self) -> None:
        loop = asyncio.get_running_loop()
        self.ended: asyncio.Future[str | None] = loop.create_future()  # why it failed, None: exit
        self.gone: asyncio.Future[None] = loop.create_future()
        self._written = 0

    def pipe_data_received(self, fd: int, data: bytes) -> None:
        self._written += len(data)
        if self._written > OUTPUT_BYTES_MAX:
            self._end("too-much-output")

    def process_exited(self) -> None:
        self._end(None)

    def connection_lost(self, exc: Exception | None) -> None:
        self.gone.set_result(None)

    def _end(self, why: str | None) -> None:
        if not self.ended.done():
            self.ended.set_result(why)


class Command:
    """One program that is run for every call."""

    def __init__(self, settings: CommandSettings) -> None:
        self._settings = settings

    async def deliver(self, call: Call) -> Delivered | Failed:
        """Run it once. Delivered means that it exited with 0 within the time."""
        loop, settings = asyncio.get_running_loop(), self._settings
        try:
            transport, run = await loop.subprocess_exec(
                _Run, *self._settings.argv, env=ENVIRONMENT, cwd="/", start_new_session=True
            )
        except (OSError, ValueError):
            return Failed(why="cannot-run")
        try:
            stdin = cast(asyncio.WriteTransport, transport.get_pipe_transport(0))
            stdin.write(as_json(call, settings.languages, isolates=settings.isolates) + b"\n")
            stdin.write_eof()
            async with asyncio.timeout(self._settings.timeout_s):
                why = await run.ended
        except TimeoutError:
            why = "timeout"
        finally:
            _end_group(transport)
            transport.close()
            await run.gone
        if why is not None:
            return Failed(why=why)
        code = transport.get_returncode()
        return Delivered() if code == 0 else Failed(why=f"exit-{code}")


def _end_group(transport: asyncio.SubprocessTransport) -> None:
    """End the program and what it started, unless it has ended itself: then its number may
    already be another's."""
    if transport.get_returncode() is None:
        try:
            os.killpg(transport.get_pid(), signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            return  # it has just ended


def open_command(settings: CommandSettings) -> Command:
    """Ready to run."""
    return Command(settings)


CHANNEL: Final = ChannelKind(name="command", settings=CommandSettings, open=open_command)
