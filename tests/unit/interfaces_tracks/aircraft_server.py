"""A small HTTP server on this machine that serves one body, as readsb's web server does."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class AircraftServer:
    """``body`` is what is served from now on; ``status`` with what."""

    def __init__(self) -> None:
        self.body = b'{"now":0,"aircraft":[]}'
        self.status = 200
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(server.status)
                self.send_header("content-length", str(len(server.body)))
                self.end_headers()
                self.wfile.write(server.body)

            def log_message(self, format: str, *args: object) -> None:
                """Say nothing."""

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)

    @property
    def url(self) -> str:
        """Where it is served."""
        return f"http://127.0.0.1:{self.http.server_address[1]}/data/aircraft.json"


@contextmanager
def serving() -> Iterator[AircraftServer]:
    """A server for as long as the block lasts."""
    server = AircraftServer()
    thread = threading.Thread(target=server.http.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        server.http.shutdown()
        thread.join()
        server.http.server_close()
