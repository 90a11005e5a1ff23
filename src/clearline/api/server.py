"""uvicorn on a socket of ours, in the node's own loop; signals stay with whoever runs the node."""

import asyncio
import contextlib
import socket
import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import uvicorn

from clearline.api.app import make_app
from clearline.api.connections import Connection
from clearline.api.service import Service

BACKLOG: Final = 128
CONNECTIONS_MAX: Final = 1_024
"""Connections at once; more are told 503 by the server."""
GRACE_S: Final = 1
"""How long answers under way may take once the node stops."""
HEAD_BYTES_MAX: Final = 32 << 10
"""Request line and headers together."""


class _Quiet(uvicorn.Server):
    """A server that leaves the process's signals alone."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Nothing: the node decides when to stop."""
        yield


class ApiServer:
    """The API, from ``start`` to ``stop``."""

    def __init__(
        self,
        service: Service,
        bind: tuple[str, int],
        *,
        certificate: Path | None = None,
        key: Path | None = None,
    ) -> None:
        self._service, self._bind = service, bind
        self._certificate, self._key = certificate, key
        self._server: _Quiet | None = None
        self._task: asyncio.Task[None] | None = None
        self.address = ""

    async def start(self) -> str:
        """Listen; gives the address. Raises OSError."""
        host, port = self._bind
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        # Named, or asyncio takes its connections for something else than TCP and lets the end of
        # every answer wait until its beginning was acknowledged: 40 ms.
        listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        try:
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listening.bind((host, port))
            listening.listen(BACKLOG)
        except OSError:
            listening.close()
            raise
        self._server = _Quiet(
            uvicorn.Config(
                make_app(self._service),
                log_config=None,
                access_log=False,
                server_header=False,
                date_header=False,
                proxy_headers=False,
                lifespan="off",
                ws="none",
                http=Connection,
                limit_concurrency=CONNECTIONS_MAX,
                timeout_keep_alive=30,
                timeout_graceful_shutdown=GRACE_S,
                h11_max_incomplete_event_size=HEAD_BYTES_MAX,
                ssl_certfile=self._certificate,
                ssl_keyfile=self._key,
                ssl_version=ssl.PROTOCOL_TLS_SERVER,
            )
        )
        scheme = "https" if self._certificate is not None else "http"
        shown = f"[{host}]" if ":" in host else host
        self.address = f"{scheme}://{shown}:{listening.getsockname()[1]}"
        self._task = asyncio.create_task(self._server.serve([listening]), name="api")
        return self.address

    async def stop(self) -> None:
        """End the streams, let answers under way go out, close."""
        self._service.closing.set()
        if self._server is None or self._task is None:
            return
        self._server.should_exit = True
        await asyncio.gather(self._task, return_exceptions=True)
        self._task = None
