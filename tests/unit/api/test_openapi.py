"""The OpenAPI document, and the node under requests made from it."""

import json
from contextlib import suppress

import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode

from clearline.api.openapi import document
from clearline.api.table import ENDPOINTS
from tests.api_node import Running


def test_document_names_every_endpoint_once() -> None:
    """Paths, operation ids and components fit together."""
    made = json.loads(document())
    assert made["openapi"] == "3.1.0"
    operations = [op for path in made["paths"].values() for op in path.values()]
    names = [op["operationId"] for op in operations]
    assert len(names) == len(set(names)) == len(ENDPOINTS) + 1
    known = made["components"]["schemas"]
    used = {ref.rsplit("/", 1)[1] for ref in _refs(made)}
    assert used <= set(known)


def _refs(found: object) -> list[str]:
    if isinstance(found, dict):
        own = [found["$ref"]] if isinstance(found.get("$ref"), str) else []
        return own + [ref for value in found.values() for ref in _refs(value)]
    if isinstance(found, list):
        return [ref for value in found for ref in _refs(value)]
    return []


def test_no_made_up_request_breaks_the_node(shared: Running) -> None:
    """Requests made from the document, fitting and not, never give a status of 500 or more but
    503, and every answer that is a refusal says code and clause."""
    schema = schemathesis.openapi.from_dict(json.loads(document()))
    token = shared.token("commander")
    operations = [found.ok() for found in schema.get_all_operations()]
    for operation in operations:
        if operation.path == "/v1/events":
            continue  # a stream without end has tests of its own
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
            _try(shared, operation, mode, token)


def _try(node: Running, operation: object, mode: GenerationMode, token: str) -> None:
    strategy = operation.as_strategy(generation_mode=mode)  # type: ignore[attr-defined]  # untyped

    @settings(
        max_examples=3, deadline=None, database=None, derandomize=True,
        phases=[Phase.generate], suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(case=strategy)
    def holds(case: object) -> None:
        answer = case.call(  # type: ignore[attr-defined]  # untyped
            base_url=node.address, headers={"Authorization": f"Bearer {token}"}
        )
        where = f"{case.method} {case.formatted_path}"  # type: ignore[attr-defined]  # untyped
        assert answer.status_code < 500 or answer.status_code == 503, where
        if answer.status_code >= 400:
            said = json.loads(answer.content)
            assert said["code"], where
            assert said["clause"], where

    with suppress(Unsatisfiable):  # a request without any part can only be made rightly
        holds()
