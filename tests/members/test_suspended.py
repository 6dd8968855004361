"""A suspended member earns and cannot burn: through every door by which points come or go."""

from collections.abc import AsyncIterator
from decimal import Decimal

import pytest
import pytest_asyncio

from domain.commands.holds import PointsCapture
from domain.commands.members import MemberReference, MemberStatusChange
from domain.commands.transactions import PointsGift, PointsTransfer
from domain.engine.rejections import MemberInactive
from domain.entries import NewTransaction
from domain.members import MemberStatus
from domain.receipts import Receipt
from domain.services import holds, transactions
from domain.services.engine_programs import EnginePrograms
from domain.services.member_status import member_status_change
from domain.services.posting import Desk
from domain.store.database import Database
from domain.transactions import Status, SubType, Transaction, Type
from tests.holds.kit import hold, release
from tests.support.factories import result_of
from tests.support.members import a_member, by_number, refusal
from tests.support.transactions import Stage, a_key, a_stage

BURNS = ("ACTIVE", "DORMANT")


@pytest_asyncio.fixture
async def stage(database: Database) -> AsyncIterator[Stage]:
    """A member with 100 points."""
    desk = Desk(database, EnginePrograms())
    stage = await a_stage(desk)
    result_of(await stage.earn(100))
    yield stage
    await desk.close()


async def suspend(stage: Stage) -> None:
    command = MemberStatusChange(
        member=by_number(stage.member), program=stage.program.code, status=MemberStatus.SUSPENDED, reason="odd"
    )
    result_of(await member_status_change(stage.database, stage.manager, command))


def refused(receipt: Receipt[Transaction]) -> None:
    assert receipt.errors == (MemberInactive(status="SUSPENDED", allowed=BURNS, path=("input",)),)
    assert receipt.result is not None
    assert receipt.result.status is Status.REJECTED_ENGINE


async def test_nothing_is_kept_for_a_checkout(stage: Stage) -> None:
    await suspend(stage)
    with refusal(MemberInactive(status="SUSPENDED", allowed=BURNS, path=("input", "member"))):
        await hold(stage, 10)
    assert (await stage.balance()).available == 100


async def test_what_was_kept_before_is_not_captured_and_can_be_let_go(stage: Stage) -> None:
    held = await hold(stage, 10)
    await suspend(stage)
    said = stage.entry(points=Decimal(10), type=Type.REDEMPTION)
    command = PointsCapture(idempotency_key=a_key(), member=MemberReference(id=0), entry=said)
    refused(await holds.points_capture(stage.desk, stage.msr, held.id, command))
    balance = await stage.balance()
    assert tuple(map(int, (balance.available, balance.held, balance.redeemed))) == (90, 10, 0)
    await release(stage, held)
    assert (await stage.balance()).available == 100


async def test_nothing_is_redeemed_or_debited(stage: Stage) -> None:
    await suspend(stage)
    refused(await stage.redeem(10))
    debit = stage.entry(type=Type.REDEMPTION, sub_type=SubType.MANUAL_DEBIT, points=Decimal(10))
    accepted = await stage.record(debit, stage.director)
    assert (await stage.balance()).available == 100
    assert accepted.status is not Status.PROCESSED


def entry(stage: Stage, points: int, **values: str) -> NewTransaction:
    return stage.entry(points=Decimal(points), **values)


async def test_points_are_received_and_not_sent(stage: Stage) -> None:
    other = await a_member(stage.database, stage.program)
    result_of(await stage.earn(50, member=other))
    await suspend(stage)

    async def send(sender: MemberReference, recipient: MemberReference) -> Receipt[Transaction]:
        command = PointsTransfer(idempotency_key=a_key(), member=sender, entry=entry(stage, 10), recipient=recipient)
        return await transactions.points_transfer(stage.desk, stage.director, command)

    refused(await send(by_number(stage.member), by_number(other)))
    assert result_of(await send(by_number(other), by_number(stage.member))).status is Status.PROCESSED
    assert (await stage.balance()).available == 110
    assert (await stage.balance(other)).available == 40


async def test_purchases_and_gifts_are_given(stage: Stage) -> None:
    await suspend(stage)
    assert result_of(await stage.earn(5)).status is Status.PROCESSED
    command = PointsGift(idempotency_key=a_key(), member=by_number(stage.member), entry=entry(stage, 7))
    assert result_of(await transactions.points_gift(stage.desk, stage.msr, command)).status is Status.PROCESSED
    assert (await stage.balance()).available == 112


@pytest.mark.parametrize("points", [None, 40])
async def test_what_went_wrong_is_put_right_all_the_same(stage: Stage, points: int | None) -> None:
    spent = result_of(await stage.redeem(60))
    await suspend(stage)
    back = await stage.cancel(spent) if points is None else await stage.refund(spent, points=points)
    assert result_of(back).status is Status.PROCESSED
    assert (await stage.balance()).available == 40 + (points or 60)
