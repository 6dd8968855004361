"""Races about loans, without luck: the competing command is injected where it hurts."""

import asyncio
from decimal import Decimal

from domain.engine.rejections import LoanNotAllowed
from domain.moves import Move, WrongStatus
from domain.problems import Refused, VersionConflict
from domain.transactions import Status, SubStatus
from tests.loans.lending import Lending, a_manager_who_lends, verified
from tests.support.factories import result_of
from tests.support.members import refusal
from tests.support.transactions import holding, until_waiting


async def test_of_two_approvals_of_one_loan_one_counts(lending: Lending) -> None:
    stage = lending.stage
    async with verified(lending):
        await lending.set_maximum(500)
        deputy = await a_manager_who_lends(stage, 500)
        asked = result_of(await lending.request(300, submit_to=stage.director.subject))
        async with holding(stage.database, transactions=[asked.id]):
            both = [
                asyncio.create_task(stage.move(Move.APPROVE, asked, actor, and_process=True))
                for actor in (stage.director, deputy)
            ]
            await until_waiting(stage.database, 2)
        answers = await asyncio.gather(*both, return_exceptions=True)
        [lost] = [each for each in answers if isinstance(each, Refused)]
        assert isinstance(lost.problems[0], WrongStatus)
        assert await lending.figures() == (300, 300)
        assert await stage.status(asked) is Status.PROCESSED
        approvals = [each.move for each in await stage.approvals(asked)]
        assert approvals.count(Move.APPROVE) == approvals.count(Move.PROCESS) == 1


async def test_of_two_loans_that_fit_only_alone_one_is_given(lending: Lending) -> None:
    stage = lending.stage
    async with verified(lending):
        await lending.set_maximum(500)
        asked = [result_of(await lending.request(300, submit_to=stage.director.subject)) for _ in range(2)]
        async with holding(stage.database, members=[stage.member.id]):
            both = [
                asyncio.create_task(stage.move(Move.APPROVE, each, stage.director, and_process=True)) for each in asked
            ]
            await until_waiting(stage.database, 1)
        answers = await asyncio.gather(*both)
        refused = LoanNotAllowed(
            point_type="POINTS", asked=Decimal(300), outstanding=Decimal(300), maximum=Decimal(500), path=("input",)
        )
        assert sorted((each.errors for each in answers), key=len) == [(), (refused,)]
        statuses = {each.result.sub_status for each in answers if each.result}
        assert statuses == {SubStatus.SUCCESS, SubStatus.LOAN_NOT_ALLOWED}
        assert await lending.figures() == (300, 300)


async def test_a_maximum_that_is_changed_while_it_is_approved_is_not_approved_unseen(lending: Lending) -> None:
    stage = lending.stage
    maximum = await lending.set_maximum(500, stage.msr)
    async with holding(stage.database, members=[stage.member.id]):
        raising = asyncio.create_task(lending.set_maximum(900, stage.msr))
        await until_waiting(stage.database, 1)
        approving = asyncio.create_task(lending.approve(maximum))
        await until_waiting(stage.database, 2)
    await raising
    with refusal(VersionConflict(expected=1, current=2, path=("input", "expectedVersion"))):
        await approving
    assert (await lending.maximum()).points == 900
