"""The console's files, as they were built into the package, read once into memory.

What is served is looked up by its whole name among these: no name of a request ever reaches a file
system.
"""

import asyncio
import gzip
import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Final

from litestar import Request, Response, get
from litestar.datastructures import State
from litestar.handlers import HTTPRouteHandler
from litestar.response import Redirect

from clearline.api.own_page import is_own_host
from clearline.api.problems import Refused
from clearline.api.service import Service
from clearline.model.refusal import Code, Refusal

CONSOLE: Final = "/console/"
INDEX: Final = "index.html"
POLICY: Final = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self'",
        "worker-src 'self'",
        "connect-src 'self'",
        "img-src 'self' data: blob:",
        "style-src 'self'",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
"""Everything from this node and nothing inline: words of others that got into the page as markup
could still run nothing and call nobody."""
HEADERS: Final = {
    "Cache-Control": "no-cache",
    "Content-Security-Policy": POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
"""Names of files stay the same from build to build, so that each use asks whether it is current."""
MEDIA: Final = {
    "html": "text/html",
    "js": "text/javascript",
    "css": "text/css",
    "json": "application/json",
    "geojson": "application/geo+json",
    "svg": "image/svg+xml",
    "png": "image/png",
    "ico": "image/x-icon",
    "woff2": "font/woff2",
    "pbf": "application/x-protobuf",
    "wasm": "application/wasm",
    "webmanifest": "application/manifest+json",
    "txt": "text/plain",
}
OTHER: Final = "application/octet-stream"
PACKED: Final = frozenset({"html", "js", "css", "json", "geojson", "svg", "txt", "webmanifest"})
"""What gzip makes smaller; the rest is compressed already."""

Asked = Request[None, None, State]


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """One file: its bytes, what they are, and a name for just these bytes."""

    content: bytes
    media: str
    etag: str
    packed: bytes | None


@lru_cache(maxsize=1)
def held_files() -> dict[str, Held]:
    """All files of the console by their path below it; empty in a package without one."""
    root = resources.files("clearline").joinpath("console", "static")
    return {path: _held(path, file.read_bytes()) for path, file in _below(root, "")}


def _below(folder: Traversable, at: str) -> Iterator[tuple[str, Traversable]]:
    if not folder.is_dir():
        return
    for each in folder.iterdir():
        if each.is_dir():
            yield from _below(each, f"{at}{each.name}/")
        else:
            yield f"{at}{each.name}", each


def _held(path: str, content: bytes) -> Held:
    ending = path.rpartition(".")[2]
    digest = hashlib.sha256(content).hexdigest()[:32]
    packed = gzip.compress(content, 6, mtime=0) if ending in PACKED else None
    return Held(
        content=content, media=MEDIA.get(ending, OTHER), etag=f'W/"{digest}"', packed=packed
    )


def static_routes(service: Service) -> list[HTTPRouteHandler]:
    """The console's files, and the way there from the root."""

    @get("/", name="get-root", sync_to_thread=False)
    def root(request: Asked) -> Redirect:
        """The console is what somebody with a browser looks for."""
        return Redirect(path=CONSOLE, status_code=307, headers=dict(HEADERS))

    @get(["/console", CONSOLE, f"{CONSOLE}{{path:path}}"], name="get-console")
    async def console(request: Asked, path: str = "") -> Response[bytes]:
        """One file of the console; the page itself for the folder."""
        files = await asyncio.to_thread(held_files)
        return _served(request, files, path.lstrip("/") or INDEX, service.console.hosts)

    return [root, console]


def _served(
    request: Asked, files: Mapping[str, Held], path: str, hosts: frozenset[str]
) -> Response[bytes]:
    if request.scope["raw_path"] == CONSOLE.rstrip("/").encode():  # what the router takes alike
        return Redirect(path=CONSOLE, status_code=307, headers=dict(HEADERS))
    if not is_own_host(request.headers.get("host", ""), hosts):
        raise Refused(
            Refusal(code=Code.NOT_ALLOWED, clause="CL-SGN-002", params={"why": "other-origin"})
        )
    found = files.get(path)
    if found is None:
        raise Refused(Refusal(code=Code.NOT_FOUND, clause="CL-API-005"))
    headers = {**HEADERS, "ETag": found.etag, "Vary": "Accept-Encoding"}
    if found.etag in [each.strip() for each in request.headers.get("if-none-match", "").split(",")]:
        return Response(content=b"", status_code=304, headers=headers)
    content = found.content
    if found.packed is not None and "gzip" in request.headers.get("accept-encoding", ""):
        content, headers["Content-Encoding"] = found.packed, "gzip"
    return Response(content=content, media_type=found.media, headers=headers)
