"""Many redemptions of one member at once: as many succeed as there are points for, and not one more, however often they are sent.

They arrive at the desk together; each gets its own answer.
"""

import asyncio
from collections import Counter
from dataclasses import replace
from decimal import Decimal

from domain.commands.transactions import PointsRedeem
from domain.engine.rejections import InsufficientPoints
from domain.receipts import Receipt
from domain.services import transactions as services
from domain.services.engine_programs import EnginePrograms
from domain.services.posting import Desk
from domain.store.database import Database
from domain.transactions import Status, Transaction
from tests.support.factories import result_of
from tests.support.transactions import Stage, a_stage, counts

REDEMPTIONS, POINTS = 200, 150
NONE_LEFT = InsufficientPoints(point_type="POINTS", available=Decimal(0), required=Decimal(1), path=("input",))


async def sent(stage: Stage, commands: list[PointsRedeem]) -> list[Receipt[Transaction]]:
    return await asyncio.gather(*[services.points_redeem(stage.desk, stage.msr, each) for each in commands])


def by_status(receipts: list[Receipt[Transaction]]) -> Counter[Status]:
    return Counter(receipt.result.status for receipt in receipts if receipt.result is not None)


async def test_200_redemptions_of_one_member_with_points_for_150(fresh_database: Database) -> None:
    desk = Desk(fresh_database, EnginePrograms())
    stage = await a_stage(desk)
    for _ in range(3):
        await stage.earn(POINTS // 3)
    commands = [stage.redeeming(1) for _ in range(REDEMPTIONS)]
    first = await sent(stage, commands)
    assert by_status(first) == {Status.PROCESSED: POINTS, Status.REJECTED_ENGINE: REDEMPTIONS - POINTS}
    assert Counter(receipt.errors for receipt in first) == {(): POINTS, (NONE_LEFT,): REDEMPTIONS - POINTS}
    assert not any(receipt.replayed for receipt in first)
    assert len({receipt.result.id for receipt in first if receipt.result}) == REDEMPTIONS
    balance = await stage.balance()
    assert (balance.available, balance.redeemed, balance.earned) == (Decimal(0), Decimal(POINTS), Decimal(POINTS))
    before = await counts(fresh_database)
    for _ in range(2):
        again = await sent(stage, commands)
        assert [receipt.result for receipt in again] == [receipt.result for receipt in first]
        assert [receipt.errors for receipt in again] == [receipt.errors for receipt in first]
        assert all(receipt.replayed for receipt in again)
    assert await counts(fresh_database) == before
    assert (await stage.balance()).available == 0
    await desk.close()


async def test_two_servers_at_once_spend_no_point_twice(stage: Stage) -> None:
    await stage.earn(30)
    other = replace(stage, desk=Desk(stage.database, EnginePrograms()))
    commands = [stage.redeeming(1) for _ in range(40)]
    both = await asyncio.gather(sent(stage, commands[:20]), sent(other, commands[20:]))
    assert by_status([*both[0], *both[1]]) == {Status.PROCESSED: 30, Status.REJECTED_ENGINE: 10}
    assert (await stage.balance()).available == 0


async def test_the_same_request_at_two_servers_at_once_takes_effect_once(stage: Stage) -> None:
    await stage.earn(10)
    other = replace(stage, desk=Desk(stage.database, EnginePrograms()))
    command = stage.redeeming(4)
    one, two = await asyncio.gather(sent(stage, [command, command]), sent(other, [command, command]))
    assert {result_of(receipt).id for receipt in [*one, *two]} == {result_of(one[0]).id}
    assert sorted(receipt.replayed for receipt in [*one, *two]) == [False, True, True, True]
    assert (await stage.balance()).available == 6


async def test_earning_and_spending_at_once_lose_nothing(stage: Stage) -> None:
    earning = [services.points_earn(stage.desk, stage.msr, stage.earning(2)) for _ in range(50)]
    spending = [services.points_redeem(stage.desk, stage.msr, stage.redeeming(1)) for _ in range(50)]
    receipts = await asyncio.gather(*earning, *spending)
    spent = by_status(list(receipts[50:]))[Status.PROCESSED]
    assert (await stage.balance()).available == 100 - spent
