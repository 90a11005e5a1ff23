"""The table of permissions, swept: every role against every endpoint."""

import pytest

from clearline.api.people import PERMISSIONS, Action, Role
from clearline.api.table import ENDPOINTS, Endpoint
from tests.api_node import Running, add_person


def url(endpoint: Endpoint, node: Running) -> str:
    """An address of the endpoint."""
    parts = {
        "line": node.line, "feed": "ALFA.0", "index": "0", "alert": "0" * 24 + ".1", "track": "t",
        "lang": "en", "name": "il20", "variant": "russia",
    }  # fmt: skip
    return endpoint.path.format(**parts)


@pytest.mark.parametrize("role", list(Role))
def test_role_may_do_what_the_table_says_and_nothing_else(shared: Running, role: Role) -> None:
    """An endpoint answers 403 exactly to roles that the table does not let do its action. The body
    is empty on purpose: who may is refused for that, who may not hears nothing of it."""
    with shared.http(role.value) as http:
        for endpoint in ENDPOINTS:
            if endpoint.action is None:
                continue
            content = b"{" if endpoint.body is not None else None
            status = http.request(
                endpoint.method, url(endpoint, shared), content=content
            ).status_code
            allowed = endpoint.action in PERMISSIONS[role]
            assert (status != 403) is allowed, f"{role} {endpoint.method} {endpoint.path}: {status}"


def test_nobody_gets_in_without_a_token(shared: Running) -> None:
    """Every endpoint but health and the API's own description asks for a token first."""
    with shared.http(None) as http:
        for endpoint in ENDPOINTS:
            status = http.request(endpoint.method, url(endpoint, shared)).status_code
            if endpoint.page:
                assert status == 403  # signing in needs no token, but the node's own page
            else:
                assert status == (200 if endpoint.action is None else 401)
        assert http.get("/v1/events").status_code == 401
        assert http.get("/openapi.json").status_code == 200


def test_every_action_is_used_and_every_role_can_read() -> None:
    """No row of the table is there for nothing, and nobody is let in who may not look."""
    used = {endpoint.action for endpoint in ENDPOINTS}
    assert set(Action) - used <= set()
    assert all(Action.READ in actions for actions in PERMISSIONS.values())


def test_emergencies_are_open_to_everybody_who_writes() -> None:
    """STOP and DISTRESS wait for no particular person (FM11)."""
    for role, actions in PERMISSIONS.items():
        assert (Action.EMERGENCY in actions) is (role is not Role.INVESTIGATOR)


def test_refusal_of_a_token_says_what_to_do(shared: Running) -> None:
    """Whoever shows no token is told where to put one and who gives it; whoever shows one that is
    not known, or whose time is over, to look at it and to ask for a new one."""
    ended = add_person(shared.folder, Role.WATCH, "ended", until=shared.now())
    said = []
    for headers in ({}, {"authorization": "Bearer clt_x"}, {"authorization": f"Bearer {ended}"}):
        with shared.http(None) as http:
            answer = http.get("/v1/me", headers=headers)
        assert 401 == answer.status_code
        said.append(answer.json()["detail"])
    missing, unknown, over = said
    assert "shows no token" in missing
    assert "CLEARLINE_TOKEN" in missing
    assert "not known here, or its time is over" in unknown
    assert "ask the administrator for a new one" in unknown
    assert unknown == over
