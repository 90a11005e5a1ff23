"""The client against a real node: typed, repeated where that is harmless, refused in words."""

import asyncio
from pathlib import Path

import pytest

from clearline.client import AsyncClient, Client, Hello, Refused, Unreachable
from tests.api_node import found, make_parties, notice, running


def test_both_clients_say_and_hear_the_same(tmp_path: Path) -> None:
    """The client that blocks and the one that does not file, read and listen alike; a refusal has
    a code, nobody at the other end is Unreachable."""
    make_parties(tmp_path, "ALFA", "BRAVO")
    with running(found(tmp_path, tmp_path / "node", "ALFA", "BRAVO")) as node:
        said = notice(node.now())

        async def both() -> None:
            async with AsyncClient(node.address, node.token()) as client:
                filed = await client.file(node.line, said, id_="mine")
                with node.client() as blocking:
                    assert blocking.file(node.line, said, id_="mine").refs == filed.refs
                    assert blocking.board().notices[0].label == said.label
                assert (await client.board()).notices[0].ref == filed.refs[0]
                async for event in client.events(tries=2):
                    assert isinstance(event, Hello)
                    break
            async with AsyncClient(node.address, "nobody") as stranger:
                with pytest.raises(Refused) as refused:
                    await stranger.lines()
                assert refused.value.problem.status == 401

        asyncio.run(both())
        address = node.address
    with Client(address, "any") as client:
        with pytest.raises(Unreachable):
            client.lines()
        with pytest.raises(Unreachable):
            next(client.events(tries=1))
