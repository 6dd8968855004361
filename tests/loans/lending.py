"""A stage on which points are lent: who sets, approves, asks and repays, and what the member owes afterwards."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import domain.commands.loans as c
from domain.commands.programs import ProgramUpdate, SettingsChange
from domain.loans import Loan, MaximumLoan
from domain.moves import Move
from domain.people import ENGINE, Principal, Role, Scope
from domain.receipts import Receipt
from domain.services import loans as services
from domain.services import maximum_loans
from domain.services.programs import program_update
from domain.services.repayments import Repaid, repay
from domain.services.verify import verify
from domain.store import loans as store
from domain.store import maximum_loans as maximum_store
from domain.store import programs, transactions
from domain.transactions import Status, Transaction
from tests.support.factories import result_of
from tests.support.members import by_number
from tests.support.transactions import Stage, a_key

EVERYTHING = Scope()


@dataclass(frozen=True)
class Lending:
    """Loans of the stage's member. The director's loan limit is 1,000; nobody below has one."""

    stage: Stage

    async def set_maximum(self, points: int, actor: Principal | None = None, **values: Any) -> MaximumLoan:
        command = c.MemberMaxLoanSet(
            member=by_number(self.stage.member), program=self.stage.program.code, points=Decimal(points), **values
        )
        actor = actor or self.stage.director
        return result_of(
            await maximum_loans.member_max_loan_set(self.stage.database, self.stage.desk.programs, actor, command)
        )

    async def approve(self, maximum: MaximumLoan, actor: Principal | None = None, **values: Any) -> MaximumLoan:
        given = {"id": maximum.id, "expected_version": maximum.version, **values}
        command = c.MemberMaxLoanApprove(**given)
        return result_of(
            await maximum_loans.member_max_loan_approve(self.stage.database, actor or self.stage.director, command)
        )

    async def reject(self, maximum: MaximumLoan, actor: Principal | None = None, **values: Any) -> MaximumLoan:
        given = {"id": maximum.id, "expected_version": maximum.version, "comment": "too much", **values}
        command = c.MemberMaxLoanReject(**given)
        return result_of(
            await maximum_loans.member_max_loan_reject(self.stage.database, actor or self.stage.director, command)
        )

    async def forward(self, maximum: MaximumLoan, actor: Principal, **values: Any) -> MaximumLoan:
        command = c.MemberMaxLoanForward(id=maximum.id, expected_version=maximum.version, **values)
        return result_of(await maximum_loans.member_max_loan_forward(self.stage.database, actor, command))

    def requesting(self, points: int, **values: Any) -> c.LoanRequest:
        given = {"idempotency_key": a_key(), "program": self.stage.program.code, **values}
        return c.LoanRequest(member=by_number(self.stage.member), points=Decimal(points), **given)

    async def request(self, points: int, actor: Principal | None = None, **values: Any) -> Receipt[Transaction]:
        """A loan asked for by the MSR."""
        return await services.loan_request(self.stage.desk, actor or self.stage.msr, self.requesting(points, **values))

    async def lend(self, points: int, **values: Any) -> Transaction:
        """A loan that the director gives at once."""
        return result_of(await self.request(points, self.stage.director, **values))

    async def repay(
        self, loan: Transaction | int, points: int, actor: Principal | None = None, **values: Any
    ) -> Receipt[Transaction]:
        """A repayment by the manager, whose limit covers it."""
        number = loan if isinstance(loan, int) else loan.id
        given = {"idempotency_key": a_key(), "loan": number, "points": Decimal(points), **values}
        return await services.loan_repay(self.stage.desk, actor or self.stage.manager, c.LoanRepay(**given))

    async def approved(self, transaction: Transaction) -> Transaction:
        """The transaction after the director has approved it and pressed Process."""
        return await self.stage.moved(Move.APPROVE, transaction, self.stage.director, and_process=True)

    async def loans(self) -> list[Loan]:
        """The member's, the newest first."""
        async with self.stage.database.read() as reader:
            return (await store.of_members(reader, EVERYTHING, [self.stage.member.id]))[0]

    async def outstanding(self, loan: Transaction) -> int:
        return next(int(each.outstanding) for each in await self.loans() if each.transaction_id == loan.id)

    async def repayments(self, loan: Transaction) -> list[Transaction]:
        """What names a loan, the first one first."""
        async with self.stage.database.read() as reader:
            [ids] = await store.repayments(reader, [loan.id])
            found = await transactions.load_many(reader, EVERYTHING, ids)
        return [each for each in found if each is not None]

    async def repaid(self, loan: Transaction) -> list[int]:
        """How much each of them took."""
        return [
            int(total.points)
            for each in await self.repayments(loan)
            if each.status is Status.PROCESSED
            for total in each.totals
        ]

    async def maximum(self) -> MaximumLoan:
        async with self.stage.database.read() as reader:
            [[found]] = await maximum_store.of_members(reader, EVERYTHING, [self.stage.member.id])
        return found

    async def figures(self) -> tuple[int, int]:
        """What the member can spend, and what it owes."""
        balance = await self.stage.balance()
        return int(balance.available), int(balance.loan_outstanding)

    async def settings(self, **values: Any) -> None:
        """Change the program's settings."""
        async with self.stage.database.read() as reader:
            program = await programs.find(reader, EVERYTHING, self.stage.program.code)
        assert program is not None
        change = ProgramUpdate(
            program=program.code, expected_version=program.version, settings=SettingsChange(**values)
        )
        result_of(await program_update(self.stage.database, ENGINE, change))

    async def night(self) -> Repaid:
        """The nightly repayment."""
        done = Repaid()
        async for progress in repay(self.stage.database, self.stage.desk.programs, self.stage.program.id):
            done = progress
        return done

    async def broken(self, *names: str) -> list[str]:
        """The invariants that something of the member or its loans breaks."""
        loans = [f"loan {each.transaction_id}" for each in await self.loans()]
        mine = [f"member {self.stage.member.id}", *loans]
        return [
            finding.invariant.name
            async for finding in verify(self.stage.database)
            if (not names or finding.invariant.name in names) and _names(finding.violations, mine)
        ]


def _names(violations: Sequence[Any], mine: Sequence[str]) -> bool:
    return any(f"{name}," in f"{each.place}," for each in violations for name in mine)


async def a_manager_who_lends(stage: Stage, limit: int) -> Principal:
    """Another manager, with a loan limit and nobody above."""
    return await stage.person(Role.MANAGER, loan_approval_limit=Decimal(limit))


@asynccontextmanager
async def verified(lending: Lending) -> AsyncIterator[None]:
    """At the end of the block nothing that is stored contradicts itself."""
    yield
    assert await lending.broken() == []
