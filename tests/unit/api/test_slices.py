"""Questions that take long are answered a slice at a time."""

import asyncio
from collections.abc import Generator

from clearline.api.service import in_slices
from clearline.model.entry import Notice
from clearline.node.drafts import check, check_steps
from tests.town import Town, at, disc, volume


def draft(n: int) -> Notice:
    """One of many that all meet one another."""
    place = (volume(disc(35.0 + n / 100, 35.5, 20), at(60), at(90)),)
    return Notice(cls="hazardous-air", label=f"Range {n}", volumes=place)


def test_slices_let_others_go_between_them_and_give_the_same_answer() -> None:
    """What waits in the loop runs before a long question is answered."""

    async def play() -> tuple[int, list[str]]:
        order: list[str] = []
        steps = 0

        def long() -> Generator[None, None, int]:
            nonlocal steps
            until = asyncio.get_running_loop().time() + 0.05
            while asyncio.get_running_loop().time() < until:
                steps += 1
                yield
            order.append("answered")
            return steps

        async def other() -> None:
            order.append("other")

        asked = asyncio.create_task(in_slices(long()))
        await asyncio.gather(asked, other())
        assert asked.result() == steps
        return steps, order

    steps, order = asyncio.run(play())
    assert steps > 1
    assert order == ["other", "answered"]


def test_check_is_made_of_steps_of_a_pair_each() -> None:
    """Thirty drafts against twenty live notices and each other: a step for each draft and each
    pair, and in the end what the whole check says."""
    town = Town(("AAA", "BBB"))
    town.wait(1_000)
    town.say("BBB", *(draft(n) for n in range(20)))
    town.settle()
    of = town.look("AAA")
    drafts = [draft(n) for n in range(30)]
    steps = check_steps(of, drafts)
    count = 0
    while True:
        try:
            next(steps)
        except StopIteration as done:
            view = done.value
            break
        count += 1
    assert count == 30 + 30 * 20 + 30 * 29 // 2
    assert view == check(of, drafts)
    assert len(view.conflicts) == 30 * 20 + 30 * 29 // 2
