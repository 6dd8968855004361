"""Two people at one transaction: whoever was first decides, and the other is told. Each race is run in a known order.

A lock held by the test lets the contenders queue up one after the other; PostgreSQL serves them in that order.
"""

import asyncio
from collections.abc import Awaitable
from dataclasses import replace
from decimal import Decimal

from domain.moves import Move, WrongStatus
from domain.problems import NotFound, Problem, Refused, VersionConflict
from domain.promotions import Limits
from domain.receipts import Receipt
from domain.services import batch
from domain.services.batch import Progress
from domain.services.engine_programs import EnginePrograms
from domain.services.posting import Desk
from domain.store import promotion_usage
from domain.transactions import Status, Transaction
from tests.support.factories import result_of
from tests.support.members import a_member
from tests.support.promotions import a_promotion, gives
from tests.support.transactions import Stage, holding, until_waiting

Answer = Receipt[Transaction]
AFTER_APPROVAL = (Move.QUEUE, Move.PROCESS, Move.RECALL)


async def answer(attempt: Awaitable[Answer]) -> tuple[Problem, ...]:
    """Why it was refused; nothing if it was carried out."""
    try:
        return (await attempt).errors
    except Refused as refused:
        return refused.problems


async def one_after_the_other(
    stage: Stage, transaction: Transaction, *attempts: Awaitable[Answer]
) -> list[tuple[Problem, ...]]:
    """The attempts arrive in this order while somebody else holds the transaction."""
    tasks = []
    async with holding(stage.database, transactions=[transaction.id]):
        for place, attempt in enumerate(attempts, start=1):
            tasks.append(asyncio.ensure_future(answer(attempt)))
            await until_waiting(stage.database, place)
    return list(await asyncio.gather(*tasks))


async def test_of_two_approvals_at_once_one_approves(stage: Stage) -> None:
    transaction = await stage.moved(Move.SUBMIT, await stage.record(stage.credit(500)))
    problems = await one_after_the_other(
        stage,
        transaction,
        stage.move(Move.APPROVE, transaction, stage.manager),
        stage.move(Move.APPROVE, transaction, stage.director),
    )
    too_late = WrongStatus(status=Status.ACCEPTABLE, move=Move.APPROVE, allowed=AFTER_APPROVAL)
    assert problems == [(), (too_late,)]
    assert [each.person_id for each in (await stage.approvals(transaction))[2:]] == [stage.manager.person_id] * 2


async def test_an_approval_after_a_rejection_is_too_late(stage: Stage) -> None:
    transaction = await stage.moved(Move.SUBMIT, await stage.record(stage.credit(500)))
    problems = await one_after_the_other(
        stage,
        transaction,
        stage.move(Move.REJECT, transaction, stage.manager),
        stage.move(Move.APPROVE, transaction, stage.director, and_process=True),
    )
    too_late = WrongStatus(status=Status.REJECTED_MANAGER, move=Move.APPROVE, allowed=(Move.REOPEN,))
    assert problems == [(), (too_late,)]
    assert (await stage.balance()).available == 0


async def test_a_submit_before_a_correction_wins(stage: Stage) -> None:
    transaction = await stage.record(stage.credit(500))
    problems = await one_after_the_other(
        stage, transaction, stage.move(Move.SUBMIT, transaction), stage.update(transaction, points=Decimal(900))
    )
    assert problems == [(), (VersionConflict(expected=1, current=2, path=("input", "expectedVersion")),)]
    stored = await stage.stored(transaction)
    assert stored is not None
    assert (stored.status, stored.points) == (Status.SUBMITTED, Decimal(500))


async def test_a_correction_before_a_submit_is_what_is_submitted_or_tells_who_submits(stage: Stage) -> None:
    for expected in (None, 1):
        transaction = await stage.record(stage.credit(500))
        problems = await one_after_the_other(
            stage,
            transaction,
            stage.update(transaction, points=Decimal(900)),
            stage.move(Move.SUBMIT, transaction, expected_version=expected),
        )
        conflict = VersionConflict(expected=1, current=2, path=("input", "expectedVersion"))
        assert problems == [(), () if expected is None else (conflict,)]
        stored = await stage.stored(transaction)
        assert stored is not None
        assert stored.points == Decimal(900)


async def test_a_correction_after_a_deletion_finds_nothing(stage: Stage) -> None:
    transaction = await stage.record()
    problems = await one_after_the_other(
        stage, transaction, stage.delete(transaction), stage.update(transaction, comment="x")
    )
    assert problems == [(), (NotFound(what="transaction", path=("input", "id")),)]


async def test_a_recall_while_process_waits_for_the_member_wins(stage: Stage) -> None:
    transaction = await stage.moved(Move.ACCEPT, await stage.record())
    async with holding(stage.database, members=[stage.member.id]):
        processing = asyncio.ensure_future(answer(stage.move(Move.PROCESS, transaction)))
        await until_waiting(stage.database)
        await stage.moved(Move.RECALL, transaction)
    allowed = (Move.REOPEN,)
    assert await processing == (WrongStatus(status=Status.CANCELLED, move=Move.PROCESS, allowed=allowed),)
    assert (await stage.balance()).available == 0


async def test_a_recall_after_process_is_too_late(stage: Stage) -> None:
    transaction = await stage.moved(Move.ACCEPT, await stage.record())
    problems = await one_after_the_other(
        stage, transaction, stage.move(Move.PROCESS, transaction), stage.move(Move.RECALL, transaction)
    )
    assert problems == [(), (WrongStatus(status=Status.PROCESSED, move=Move.RECALL, allowed=()),)]
    assert (await stage.balance()).available == 10


async def test_a_deletion_while_process_waits_for_the_member_wins(stage: Stage) -> None:
    transaction = await stage.record()
    async with holding(stage.database, members=[stage.member.id]):
        processing = asyncio.ensure_future(answer(stage.move(Move.PROCESS, transaction)))
        await until_waiting(stage.database)
        await stage.delete(transaction)
    assert await processing == (NotFound(what="transaction", path=("input", "id")),)


async def test_process_twice_at_once_gives_the_points_once(stage: Stage) -> None:
    transaction = await stage.moved(Move.ACCEPT, await stage.record())
    problems = await asyncio.gather(*[answer(stage.move(Move.PROCESS, transaction)) for _ in range(3)])
    too_late = WrongStatus(status=Status.PROCESSED, move=Move.PROCESS, allowed=())
    assert sorted(problems, key=len) == [(), (too_late,), (too_late,)]
    assert (await stage.balance()).available == 10


async def worked(stage: Stage) -> list[Progress]:
    return [done async for done in batch.work(stage.database, stage.desk.programs, stage.program.id)]


async def test_a_recall_before_the_batch_engine_takes_it_wins(stage: Stage) -> None:
    transaction = await stage.record(queue=True)
    async with holding(stage.database, transactions=[transaction.id]):
        recalling = asyncio.ensure_future(answer(stage.move(Move.RECALL, transaction)))
        await until_waiting(stage.database)
        working = asyncio.ensure_future(worked(stage))
        await until_waiting(stage.database, 2)
    assert await recalling == ()
    assert [progress.total for progress in await working] == [0]
    assert await stage.status(transaction) is Status.CANCELLED
    assert (await stage.balance()).available == 0
    assert await stage.queued() == 0


async def test_a_recall_while_the_batch_engine_works_on_it_is_too_late(stage: Stage) -> None:
    transaction = await stage.record(queue=True)
    async with holding(stage.database, transactions=[transaction.id]):
        working = asyncio.ensure_future(worked(stage))
        await until_waiting(stage.database)
        recalling = asyncio.ensure_future(answer(stage.move(Move.RECALL, transaction)))
        await until_waiting(stage.database, 2)
    assert await recalling == (WrongStatus(status=Status.PROCESSED, move=Move.RECALL, allowed=()),)
    [progress] = await working
    assert progress.processed == 1
    assert (await stage.balance()).available == 10


async def test_a_limit_in_all_is_paid_once_however_many_servers_pay_from_it(stage: Stage) -> None:
    promotion = await a_promotion(stage.database, stage.program, gives(10), limits=Limits(total=Decimal(15)))
    await stage.earn(1)
    other = replace(
        stage, desk=Desk(stage.database, EnginePrograms()), member=await a_member(stage.database, stage.program)
    )
    async with stage.database.rehearse() as holder:
        await promotion_usage.lock_totals(holder, [promotion.id])
        earning = [asyncio.ensure_future(each.earn(1)) for each in (stage, other)]
        await until_waiting(stage.database, 2)
    receipts = await asyncio.gather(*earning)
    assert sorted(result_of(each).totals[0].points for each in receipts) == [Decimal(1), Decimal(6)]
    await other.desk.close()


async def test_a_limit_per_member_is_exact_however_many_servers_pay_at_once(stage: Stage) -> None:
    await a_promotion(stage.database, stage.program, gives(10), limits=Limits(per_member_day=Decimal(15)))
    others = [replace(stage, desk=Desk(stage.database, EnginePrograms())) for _ in range(3)]
    async with holding(stage.database, members=[stage.member.id]):
        earning = [asyncio.ensure_future(each.earn(1)) for each in others]
        await until_waiting(stage.database, 3)
    receipts = await asyncio.gather(*earning)
    assert sorted(result_of(each).totals[0].points for each in receipts) == [Decimal(1), Decimal(6), Decimal(11)]
    for each in others:
        await each.desk.close()
