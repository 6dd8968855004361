"""Two at one purchase: whoever comes first decides, the other finds what is left. Each race is run in a known order."""

import asyncio
from collections.abc import Awaitable
from decimal import Decimal

from domain.commands.programs import SettingsChange
from domain.moves import Move
from domain.problems import Problem, Refused
from domain.receipts import Receipt
from domain.services import batch
from domain.services.engine_programs import EnginePrograms
from domain.services.posting import Desk
from domain.transactions import Status, SubStatus, Transaction
from tests.refunds.ledgers import everything, violations
from tests.support.factories import result_of
from tests.support.transactions import Stage, a_stage, holding, until_waiting

Answer = Receipt[Transaction]


async def codes(attempt: Awaitable[Answer]) -> list[str]:
    """Why it was refused; nothing if it was carried out."""
    try:
        problems: tuple[Problem, ...] = (await attempt).errors
    except Refused as refused:
        problems = refused.problems
    return [problem.code for problem in problems]


async def in_order(stage: Stage, *attempts: Awaitable[Answer]) -> list[list[str]]:
    """The attempts arrive in this order while somebody else holds the member; each over a desk of its own."""
    tasks = []
    async with holding(stage.database, members=[stage.member.id]):
        for place, attempt in enumerate(attempts, start=1):
            tasks.append(asyncio.ensure_future(codes(attempt)))
            await until_waiting(stage.database, place)
    return list(await asyncio.gather(*tasks))


def beside(stage: Stage) -> Stage:
    """The same at another desk, as in another process."""
    desk = Desk(stage.database, EnginePrograms())
    return Stage(desk, stage.program, stage.member, stage.msr, stage.manager, stage.director)


async def test_a_redemption_before_a_cancellation_leaves_nothing_to_take_back(stage: Stage) -> None:
    bought = result_of(await stage.earn(100))
    assert await in_order(stage, stage.redeem(60), beside(stage).cancel(bought)) == [[], ["INSUFFICIENT_POINTS"]]
    assert (await stage.balance()).available == 40
    assert await violations(stage.database) == []


async def test_a_cancellation_before_a_redemption_leaves_nothing_to_spend(stage: Stage) -> None:
    bought = result_of(await stage.earn(100))
    assert await in_order(stage, stage.cancel(bought), beside(stage).redeem(60)) == [[], ["INSUFFICIENT_POINTS"]]
    assert (await stage.balance()).available == 0
    assert await violations(stage.database) == []


async def test_of_two_cancellations_at_once_one_takes_back(stage: Stage) -> None:
    bought = result_of(await stage.earn(100))
    assert await in_order(stage, stage.cancel(bought), beside(stage).cancel(bought)) == [[], ["ALREADY_CANCELLED"]]
    assert (await stage.balance()).earned == 0


async def test_twenty_refunds_that_arrive_together_never_exceed_the_whole(stage: Stage) -> None:
    bought = result_of(await stage.earn(100))
    found = await asyncio.gather(*(codes(stage.refund(bought, amount=10)) for _ in range(20)))
    assert sorted(map(tuple, found)) == [()] * 10 + [("ALREADY_CANCELLED",)] * 10
    assert (await stage.balance()).available == 0
    assert await violations(stage.database) == []


async def test_the_batch_engine_works_several_cancellations_of_one_purchase_in_one_chunk(desk: Desk) -> None:
    stage = await a_stage(desk, settings=SettingsChange(approval_above={}))
    before = await everything(stage)
    bought = result_of(await stage.earn(100))
    spent = result_of(await stage.redeem(30))
    waiting = [result_of(await stage.refund(bought, amount=amount, record=True)) for amount in (30, 40, 40)]
    back = result_of(await stage.cancel(spent, record=True))
    for each in (*waiting, back):
        await stage.moved(Move.QUEUE, each)
    async for _ in batch.work(stage.database, desk.programs, stage.program.id):
        pass
    stored = [await stage.stored(each) for each in (*waiting, back)]
    assert [each.status for each in stored if each] == [
        Status.PROCESSED, Status.PROCESSED, Status.REJECTED_ENGINE, Status.PROCESSED,
    ]  # fmt: skip
    assert [each.sub_status for each in stored if each][2] is SubStatus.LIMIT_EXCEEDED
    assert (await stage.balance()).available == 30
    assert await stage.status(bought) is Status.PROCESSED
    result_of(await stage.refund(bought, amount=Decimal(30)))
    assert await everything(stage) == before
    assert await violations(stage.database) == []
