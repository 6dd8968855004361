"""Groups at the desk: whoever is at the door already joins, nobody waits for a clock."""

import asyncio
from collections import deque
from typing import Any

from domain.services.posting.desk import GROUP, STEPS, arrived


async def come(queue: deque[Any], turns: int) -> None:
    for _ in range(turns):
        await asyncio.sleep(0)
    queue.append(turns)


async def test_who_is_on_the_way_joins_and_who_has_not_set_out_does_not() -> None:
    queue: deque[Any] = deque([0])
    late = asyncio.Event()
    on_the_way = [asyncio.create_task(come(queue, turns)) for turns in (STEPS - 1, STEPS - 1, 2 * STEPS - 1)]
    waiting = asyncio.create_task(late.wait())
    await arrived(queue)
    assert sorted(queue) == [0, STEPS - 1, STEPS - 1, 2 * STEPS - 1]
    late.set()
    await asyncio.gather(*on_the_way, waiting)


async def test_a_full_group_begins_at_once() -> None:
    queue: deque[Any] = deque(range(GROUP))
    coming = asyncio.create_task(come(queue, 0))
    await arrived(queue)
    assert len(queue) == GROUP
    await coming
