"""Root fields about loans: the maximum of a member and its approval, lending, and repaying by hand."""

from collections.abc import Sequence

import domain.commands.loans as c
import domain.loans as d
import schema.loan_inputs as i
from domain.people import Scope
from domain.receipts import Receipt
from domain.services import loans as services
from domain.services import maximum_loans as maximum_services
from domain.store import loans as store
from domain.store import maximum_loans, transactions
from domain.store.database import Reader
from domain.transactions import Transaction
from resolvers.context import Info
from resolvers.ids import key
from resolvers.loaders import loads
from resolvers.members import member_reference
from resolvers.previews import previewed_loan
from resolvers.roots import mutation
from schema.loads import (
    LOAN,
    LOANS_OF_MEMBER,
    MAXIMUM_LOAN,
    MAXIMUM_LOANS_OF_MEMBER,
    MOVES_OF_MAXIMUM_LOAN,
    REPAYMENTS_OF_LOAN,
)

MAXIMUM = "MaximumLoan"


@loads(LOAN)
async def _loans(reader: Reader, scope: Scope, ids: list[int]) -> Sequence[d.Loan | None]:
    return await store.load_many(reader, scope, ids)


@loads(LOANS_OF_MEMBER)
async def _loans_of_member(reader: Reader, scope: Scope, ids: list[int]) -> Sequence[list[d.Loan]]:
    return await store.of_members(reader, scope, ids)


@loads(REPAYMENTS_OF_LOAN)
async def _repayments(reader: Reader, scope: Scope, ids: list[int]) -> Sequence[list[Transaction]]:
    by_loan = await store.repayments(reader, ids)
    numbers = [number for mine in by_loan for number in mine]
    found = dict(zip(numbers, await transactions.load_many(reader, scope, numbers), strict=True))
    return [[each for number in mine if (each := found[number]) is not None] for mine in by_loan]


@loads(MAXIMUM_LOAN, node=MAXIMUM)
async def _maximum_loans(reader: Reader, scope: Scope, ids: list[int]) -> Sequence[d.MaximumLoan | None]:
    return await maximum_loans.load_many(reader, scope, ids)


@loads(MAXIMUM_LOANS_OF_MEMBER)
async def _maximum_loans_of_member(reader: Reader, scope: Scope, ids: list[int]) -> Sequence[list[d.MaximumLoan]]:
    return await maximum_loans.of_members(reader, scope, ids)


@loads(MOVES_OF_MAXIMUM_LOAN)
async def _moves(reader: Reader, scope: Scope, ids: list[int]) -> Sequence[list[d.MaximumLoanMove]]:
    return await maximum_loans.load_moves(reader, scope, ids)


@mutation(i.MemberMaxLoanSetPayload)
async def member_max_loan_set(info: Info, input: i.MemberMaxLoanSetInput) -> Receipt[d.MaximumLoan]:
    """Set how much a member may owe. It counts once somebody has approved it whose loan limit covers it."""
    command = c.MemberMaxLoanSet(
        member=member_reference(input.member, "input", "member"),
        program=input.program,
        points=input.points,
        point_type=input.point_type,
        submit_to=input.submit_to,
        comment=input.comment,
    )
    context = info.context
    return await maximum_services.member_max_loan_set(
        context.database, context.realtime.programs, context.principal, command
    )


@mutation(i.MemberMaxLoanForwardPayload)
async def member_max_loan_forward(info: Info, input: i.MemberMaxLoanForwardInput) -> Receipt[d.MaximumLoan]:
    """Let somebody else decide about a maximum loan."""
    command = c.MemberMaxLoanForward(
        id=key(input.id, MAXIMUM, "input", "id"),
        expected_version=input.expected_version,
        submit_to=input.submit_to,
        comment=input.comment,
    )
    return await maximum_services.member_max_loan_forward(info.context.database, info.context.principal, command)


@mutation(i.MemberMaxLoanApprovePayload)
async def member_max_loan_approve(info: Info, input: i.MemberMaxLoanApproveInput) -> Receipt[d.MaximumLoan]:
    """Grant a maximum loan: loans up to it may be given from now on."""
    command = c.MemberMaxLoanApprove(
        id=key(input.id, MAXIMUM, "input", "id"), expected_version=input.expected_version, comment=input.comment
    )
    return await maximum_services.member_max_loan_approve(info.context.database, info.context.principal, command)


@mutation(i.MemberMaxLoanRejectPayload)
async def member_max_loan_reject(info: Info, input: i.MemberMaxLoanRejectInput) -> Receipt[d.MaximumLoan]:
    """Do not grant a maximum loan; the comment says why."""
    command = c.MemberMaxLoanReject(
        id=key(input.id, MAXIMUM, "input", "id"), expected_version=input.expected_version, comment=input.comment
    )
    return await maximum_services.member_max_loan_reject(info.context.database, info.context.principal, command)


@mutation(i.LoanRequestPayload)
async def loan_request(info: Info, input: i.LoanRequestInput) -> Receipt[Transaction]:
    """Lend points to a member, within the approved maximum; what your own loan limit does not cover waits for approval."""
    command = c.LoanRequest(
        idempotency_key=input.idempotency_key,
        program=input.program,
        member=member_reference(input.member, "input", "member"),
        points=input.points,
        point_type=input.point_type,
        qualifying=input.qualifying,
        submit_to=input.submit_to,
        comment=input.comment,
    )
    if input.preview:
        return await previewed_loan(info, command)
    return await services.loan_request(info.context.realtime, info.context.principal, command)


@mutation(i.LoanRepayPayload)
async def loan_repay(info: Info, input: i.LoanRepayInput) -> Receipt[Transaction]:
    """Repay a loan with points of the member; what your own limit does not cover waits for approval."""
    command = c.LoanRepay(
        idempotency_key=input.idempotency_key,
        loan=key(input.loan, "Transaction", "input", "loan"),
        points=input.points,
        point_type=input.point_type,
        submit_to=input.submit_to,
        comment=input.comment,
    )
    if input.preview:
        return await previewed_loan(info, command)
    return await services.loan_repay(info.context.realtime, info.context.principal, command)
