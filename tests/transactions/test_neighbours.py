"""One bad posting never harms its neighbours, and what the desk has accepted it finishes."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from decimal import Decimal

import pytest
import pytest_asyncio
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from domain.engine.rejections import EngineFailed, InsufficientPoints
from domain.moves import Move
from domain.problems import NotFound
from domain.receipts import Receipt
from domain.services import transactions as services
from domain.services.engine_programs import EnginePrograms
from domain.services.posting import Desk, Overloaded
from domain.services.posting.group import Group
from domain.store import locks
from domain.store.database import Database, Writer
from domain.transactions import Status, SubStatus, Transaction
from tests.support.factories import result_of
from tests.support.members import a_member
from tests.support.transactions import Stage, a_stage, holding, until_waiting


async def earned(stage: Stage, *dollars: int) -> list[Receipt[Transaction]]:
    """Purchases that arrive together and are committed as one group."""
    return await asyncio.gather(*[stage.earn(each) for each in dollars])


@pytest.fixture
def groups(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The sizes of the groups, as they are worked."""
    sizes: list[int] = []
    post = Group.post

    async def counted(group: Group) -> list[Receipt[Transaction]]:
        sizes.append(len(group.postings))
        return await post(group)

    monkeypatch.setattr(Group, "post", counted)
    return sizes


async def test_what_arrives_together_is_committed_together(stage: Stage, groups: list[int]) -> None:
    receipts = await earned(stage, *range(1, 101))
    assert groups == [64, 36]
    assert [result_of(receipt).base_points for receipt in receipts] == [Decimal(each) for each in range(1, 101)]
    assert (await stage.balance()).available == 5050


async def test_an_unknown_product_is_one_requests_own_problem(stage: Stage, groups: list[int]) -> None:
    receipts = await asyncio.gather(stage.earn(1), stage.earn(2, product="NO"), stage.redeem(99), stage.earn(3))
    assert groups == [4]
    unknown = NotFound(what="product", key="NO", path=("input", "product"))
    short = InsufficientPoints(point_type="POINTS", available=Decimal(1), required=Decimal(99), path=("input",))
    assert [receipt.errors for receipt in receipts] == [(), (unknown,), (short,), ()]
    assert (await stage.balance()).available == 4
    assert await stage.recorded() == 3


@pytest_asyncio.fixture
async def picky(fresh_database: Database) -> AsyncIterator[Stage]:
    """A stage whose database refuses lots of 13 points, as any other mishap that nobody foresaw would be refused."""
    async with fresh_database.write() as writer:
        await writer.execute(text("alter table lot add constraint unlucky check (points <> 13)"))
    desk = Desk(fresh_database, EnginePrograms())
    yield await a_stage(desk)
    await desk.close()


async def test_what_the_database_refuses_stands_alone_in_the_end(picky: Stage, groups: list[int]) -> None:
    receipts = await earned(picky, 1, 2, 13, 4, 5, 6)
    assert groups == [6, 3, 1, 2, 1, 1, 1, 3]
    failed = receipts.pop(2)
    assert [receipt.errors for receipt in receipts] == [()] * 5
    [problem] = failed.errors
    assert isinstance(problem, EngineFailed)
    assert problem.path == ("input",)
    assert failed.result is not None
    assert (failed.result.status, failed.result.sub_status) == (Status.REJECTED_ENGINE, SubStatus.ENGINE_ERROR)
    assert (await picky.balance()).available == 18


async def test_a_refusal_by_the_database_is_an_answer_that_is_repeated(picky: Stage) -> None:
    command = picky.earning(13)
    first, again = [await services.points_earn(picky.desk, picky.msr, command) for _ in range(2)]
    assert (again.result, again.errors, again.replayed) == (first.result, first.errors, True)
    assert await picky.recorded() == 1


async def test_a_stored_transaction_that_the_database_refuses_is_rejected_alone(picky: Stage) -> None:
    stored = [
        await picky.moved(Move.ACCEPT, await picky.record(picky.entry(amount=Decimal(each)))) for each in (12, 13)
    ]
    receipts = await asyncio.gather(*[picky.move(Move.PROCESS, each) for each in stored])
    assert [receipt.result.status for receipt in receipts if receipt.result] == [
        Status.PROCESSED,
        Status.REJECTED_ENGINE,
    ]
    assert (await picky.balance()).available == 12


async def test_on_shutdown_what_was_accepted_is_finished_and_nothing_more_is_taken(stage: Stage) -> None:
    async with holding(stage.database, members=[stage.member.id]):
        waiting = [asyncio.ensure_future(stage.earn(1)) for _ in range(70)]
        await until_waiting(stage.database)
        closing = asyncio.ensure_future(stage.desk.close())
        await asyncio.sleep(0)
        with pytest.raises(Overloaded):
            await stage.earn(1)
        assert not closing.done()
    await closing
    assert all(task.done() for task in waiting)
    assert {result_of(task.result()).status for task in waiting} == {Status.PROCESSED}
    assert (await stage.balance()).available == 70


async def test_a_caller_who_gives_up_does_not_stop_the_others(stage: Stage) -> None:
    async with holding(stage.database, members=[stage.member.id]):
        waiting = [asyncio.ensure_future(stage.earn(1)) for _ in range(3)]
        await until_waiting(stage.database)
        waiting[0].cancel()
    receipts = await asyncio.gather(*waiting, return_exceptions=True)
    assert isinstance(receipts[0], asyncio.CancelledError)
    assert (await stage.balance()).available == 3


async def test_the_same_key_twice_in_one_moment_is_one_request(stage: Stage, groups: list[int]) -> None:
    command = stage.earning(5)
    receipts = await asyncio.gather(*[services.points_earn(stage.desk, stage.msr, command) for _ in range(3)])
    assert groups == [1, 1, 1]
    assert [receipt.replayed for receipt in receipts] == [False, True, True]
    assert (await stage.balance()).available == 5


async def test_bad_input_gives_its_key_up(stage: Stage) -> None:
    command = stage.earning(5)
    bad = replace(command, entry=stage.entry(product="NO"))
    refused = await services.points_earn(stage.desk, stage.msr, bad)
    assert refused.result is None
    good = await services.points_earn(stage.desk, stage.msr, command)
    assert (result_of(good).status, good.replayed) == (Status.PROCESSED, False)


@pytest.fixture
def outage(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], list[int]]:
    """Lets the next so many units of work find no server; the list counts all that are tried."""

    def begin(length: int) -> list[int]:
        tried: list[int] = []
        write = Database.write

        @asynccontextmanager
        async def unreachable(database: Database) -> AsyncIterator[Writer]:
            tried.append(len(tried))
            if len(tried) <= length:
                raise ConnectionRefusedError
            async with write(database) as writer:
                yield writer

        monkeypatch.setattr(Database, "write", unreachable)
        return tried

    return begin


async def test_a_database_that_restarts_rejects_nobodys_transaction(
    stage: Stage, outage: Callable[[int], list[int]]
) -> None:
    tried = outage(2)
    receipts = await earned(stage, 1, 2)
    assert [receipt.errors for receipt in receipts] == [(), ()]
    assert len(tried) == 3
    assert (await stage.balance()).available == 3


async def test_a_database_that_stays_away_is_an_error_for_all_at_once_and_no_rejection(
    stage: Stage, outage: Callable[[int], list[int]]
) -> None:
    tried = outage(3)
    results = await asyncio.gather(stage.earn(1), stage.earn(2), return_exceptions=True)
    assert [type(each) for each in results] == [ConnectionRefusedError] * 2
    assert len(tried) == 3
    assert await stage.recorded() == 0


async def test_an_answer_lost_after_the_commit_is_given_again(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    result_of(await stage.earn(10))
    lost: list[bool] = []
    write = Database.write

    @asynccontextmanager
    async def cut(database: Database) -> AsyncIterator[Writer]:
        async with write(database) as writer:
            yield writer
        if not lost:
            lost.append(True)
            raise ConnectionResetError

    monkeypatch.setattr(Database, "write", cut)
    receipt = await stage.redeem(4, external_id="RECEIPT-1")
    assert lost == [True]
    assert (result_of(receipt).status, receipt.replayed) == (Status.PROCESSED, True)
    assert (await stage.balance()).available == 6
    assert await stage.recorded() == 2


async def test_a_member_whom_somebody_holds_delays_the_others_once(
    stage: Stage, groups: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(locks.patience, "__defaults__", (50,))
    other = await a_member(stage.database, stage.program)
    async with holding(stage.database, members=[stage.member.id]):
        results = await asyncio.gather(
            stage.earn(1), *[stage.earn(2, member=other) for _ in range(3)], return_exceptions=True
        )
    assert isinstance(results[0], DBAPIError)
    assert [receipt.errors for receipt in results[1:] if isinstance(receipt, Receipt)] == [()] * 3
    assert groups == [4, 2, 1, 1, 2]
    assert (await stage.balance(other)).available == 6
    assert await stage.recorded() == 3
