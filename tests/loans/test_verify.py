"""What verification finds of loans that do not add up; each is broken inside a unit of work that is undone."""

import pytest
from sqlalchemy import text

from domain.store import invariants
from domain.store.invariants import INVARIANTS, Violation
from tests.loans.lending import Lending

WRONGS = {
    "loans": "update loan set outstanding = outstanding - 1 where transaction_id = :loan",
    "balance": "update balance set loan_outstanding = loan_outstanding + 1 where member_id = :member",
    "no loan": "delete from loan where transaction_id = :loan",
}


@pytest.mark.parametrize("wrong", WRONGS)
async def test_a_sum_that_is_wrong_is_found(lending: Lending, wrong: str) -> None:
    stage = lending.stage
    await lending.set_maximum(500)
    loan = await lending.lend(300)
    await lending.repay(loan, 100)
    assert await lending.broken() == []
    places = {violation.place for violation in await _broken_by(lending, WRONGS[wrong], loan.id, "loans")}
    mine = f"member {stage.member.id}," if wrong == "balance" else f"loan {loan.id}"
    assert [place for place in places if mine in place] != []


async def test_a_loan_above_the_maximum_of_then_is_found(lending: Lending) -> None:
    await lending.set_maximum(500)
    loan = await lending.lend(300)
    raised = (
        "insert into maximum_loan_move (maximum_loan_id, to_status, points, created_at)"
        " select x.id, 'APPROVED', 299, n.created_at from maximum_loan x join loan n using (member_id, point_type_id)"
        " where n.transaction_id = :loan"
    )
    found = await _broken_by(lending, raised, loan.id, "lent")
    assert [each for each in found if each.place == f"loan {loan.id}"] == [
        Violation(f"loan {loan.id}", "at most 299 owed", "300 owed")
    ]


async def test_what_came_before_and_after_a_loan_does_not_count_against_it(lending: Lending) -> None:
    await lending.set_maximum(500)
    loan = await lending.lend(500)
    await lending.repay(loan, 400)
    await lending.lend(400)
    await lending.set_maximum(100)
    assert await lending.broken() == []


async def _broken_by(lending: Lending, statement: str, loan: int, name: str) -> list[Violation]:
    stage = lending.stage
    [invariant] = [each for each in INVARIANTS if each.name == name]
    async with stage.database.rehearse() as writer:
        parameters = {"loan": loan, "member": stage.member.id}
        query = text(statement)
        named = {key: value for key, value in parameters.items() if f":{key}" in statement}
        await writer.execute(query, named)
        now = await stage.database.now(writer)
        return list(await invariants.violations(writer, invariant, now, 1_000))
