"""The OpenAPI 3.1 document, made from the table of endpoints and the types of what is sent."""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Final

import msgspec

from clearline import __version__
from clearline.api.evidence import BUNDLE
from clearline.api.people import PERMISSIONS
from clearline.api.problems import MEDIA, Problem
from clearline.api.table import ENDPOINTS, EVENTS, Endpoint
from clearline.model.alert import Severity
from clearline.model.ids import DIGEST_PATTERN, FEED_PATTERN, PARTY_PATTERN
from clearline.model.time import INSTANT_MAX
from clearline.node.requests import REQUEST_ID

Json = str | int | float | bool | None | list["Json"] | dict[str, "Json"]

PARAMETERS: Final[Mapping[str, Json]] = {
    "line": {"type": "string", "pattern": f"^{DIGEST_PATTERN}$"},
    "feed": {"type": "string", "pattern": f"^{FEED_PATTERN}$"},
    "index": {"type": "integer", "minimum": 0, "maximum": 99_999_999},
    "track": {"type": "string", "minLength": 1, "maxLength": 64},
    "lang": {"type": "string", "pattern": "^[a-z]{2,8}$"},
    "name": {"type": "string", "pattern": "^[a-z0-9][a-z0-9-]{0,40}$"},
    "variant": {"type": "string", "pattern": "^[a-z0-9][a-z0-9-]{0,40}$"},
    "alert": {"type": "string", "pattern": r"^[0-9a-f]{24}\.[1-9][0-9]{0,8}$"},
}
QUERIES: Final[Mapping[str, Json]] = {
    "a": {"type": "string", "description": "A version, such as ALFA.0/12."},
    "b": {"type": "string", "description": "The other version of the pair."},
    "after": {"type": "string", "maxLength": 64, "description": "A position given before."},
    "alerts": {"type": "integer", "minimum": 0, "maximum": 1_000_000_000},
    "notices": {"type": "integer", "minimum": 0, "maximum": 1_000_000_000},
    "at": {"type": "integer", "minimum": 0, "maximum": INSTANT_MAX},
    "withhold": {"type": "string", "maxLength": 1_300, "description": "Words with commas between."},
    "desk": {"type": "boolean"},
    "left": {"type": "integer", "minimum": 1, "maximum": 999_999_999},
    "ended": {"type": "boolean"},
    "lang": {"type": "string", "description": "A language beside English, such as ar."},
    "own": {"type": "boolean"},
    "of": {"type": "string", "pattern": f"^{PARTY_PATTERN}$"},
    "offset": {"type": "integer", "minimum": 0, "maximum": 1_000_000_000},
    "from": {"type": "integer", "minimum": 0, "maximum": INSTANT_MAX},
    "until": {"type": "integer", "minimum": 0, "maximum": INSTANT_MAX},
    "limit": {"type": "integer", "minimum": 0, "maximum": 5_000},
    "line": {"type": "string", "pattern": f"^{DIGEST_PATTERN}$"},
    "severity": {"type": "string", "enum": [each.value for each in Severity]},
}
REFUSALS: Final[Mapping[int, str]] = {
    400: "Not JSON",
    401: "No token, or one that nobody holds",
    403: "This role may not do this",
    404: "There is no such thing",
    405: "The path has no such method",
    408: "The request took too long to arrive",
    409: "The id was used for something else, or the line is suspended",
    413: "Too large",
    422: "Understood, and refused for what it says",
    503: "The node cannot sign or store now",
}

ABOUT: Final = (
    "One party's own API to its own node; never for peers. Times are milliseconds since"
    " 1970-01-01T00:00:00Z, places 1e-7 degrees WGS 84, heights and lengths millimetres: the units"
    " of the line itself. A notice gives no permission, and the absence of one removes no"
    " protection."
)


@lru_cache(maxsize=1)
def document() -> bytes:
    """The document as JSON."""
    types = [endpoint.answer for endpoint in ENDPOINTS]
    types += [endpoint.body for endpoint in ENDPOINTS if endpoint.body is not None]
    schemas, components = msgspec.json.schema_components(
        [Problem, *types], ref_template="#/components/schemas/{name}"
    )
    answers = dict(zip([id(e) for e in ENDPOINTS], schemas[1:], strict=False))
    posts = [endpoint for endpoint in ENDPOINTS if endpoint.body is not None]
    bodies = dict(zip([id(e) for e in posts], schemas[1 + len(ENDPOINTS) :], strict=True))
    paths: dict[str, dict[str, object]] = {}
    for endpoint in ENDPOINTS:
        paths.setdefault(endpoint.path, {})[endpoint.method.lower()] = _operation(
            endpoint, answers[id(endpoint)], bodies.get(id(endpoint)), schemas[0]
        )
    paths[EVENTS] = {"get": _events(schemas[0])}
    return msgspec.json.encode(
        {
            "openapi": "3.1.0",
            "info": {
                "title": "Clearline node",
                "version": __version__,
                "description": ABOUT,
                "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
            },
            "paths": paths,
            "components": {
                "schemas": components,
                "securitySchemes": {
                    "token": {"type": "http", "scheme": "bearer"},
                    "page": {"type": "apiKey", "in": "cookie", "name": "clearline-MARK"},
                },
            },
            "security": [{"token": []}, {"page": []}],
        }
    )


def _operation(endpoint: Endpoint, answer: object, body: object, problem: object) -> object:
    names = re.findall(r"\{(\w+)\}", endpoint.path)
    parameters: list[object] = [
        {"name": name, "in": "path", "required": True, "schema": PARAMETERS[name]} for name in names
    ]
    parameters += [
        {"name": name, "in": "query", "required": False, "schema": QUERIES[name]}
        for name in endpoint.query
    ]
    operation: dict[str, object] = {
        "operationId": endpoint.name,
        "summary": endpoint.summary,
        "responses": {
            "200": {"description": "Done", "content": _content(endpoint.answer, answer)},
            **_refusals(problem),
        },
    }
    if endpoint.action is None:
        operation["security"] = []
    else:
        roles = sorted(role for role, may in PERMISSIONS.items() if endpoint.action in may)
        operation["description"] = f"{endpoint.summary} Open to: {', '.join(roles)}."
    if body is not None:
        parameters.append(
            {
                "name": "Idempotency-Key",
                "in": "header",
                "required": False,
                "schema": {"type": "string", "pattern": f"^{REQUEST_ID}$"},
                "description": "The client's own id, if it does not stand in the body.",
            }
        )
        operation["requestBody"] = {"required": True, "content": _content(endpoint.body, body)}
    if parameters:
        operation["parameters"] = parameters
    return operation


def _content(of: object, schema: object) -> object:
    """JSON by its schema; or a file, as it is."""
    if of is bytes:
        return {BUNDLE: {"schema": {"type": "string", "format": "binary"}}}
    return {"application/json": {"schema": schema}}


def _refusals(problem: object) -> dict[str, object]:
    return {
        str(status): {"description": words, "content": {MEDIA: {"schema": problem}}}
        for status, words in REFUSALS.items()
    }


def _events(problem: object) -> object:
    return {
        "operationId": "get-events",
        "summary": "Server-sent events: alert (numbered, resumable), changed, reset, hello, beat.",
        "parameters": [
            {"name": "desk", "in": "query", "required": False, "schema": {"type": "string"}},
            {
                "name": "Last-Event-ID",
                "in": "header",
                "required": False,
                "schema": {"type": "string"},
            },
        ],
        "responses": {
            "200": {
                "description": "A stream without end",
                "content": {"text/event-stream": {"schema": {"type": "string"}}},
            },
            **_refusals(problem),
        },
    }
