"""Disputes: a missing or wrong accrual is reported, for its partner to decide."""

import schema.disputes as s
from domain.commands.disputes import DisputeOpen
from domain.receipts import Receipt
from domain.services import disputes as services
from domain.transactions import SubType, Transaction, Type
from resolvers.context import Info
from resolvers.entries import entry_of
from resolvers.ids import key
from resolvers.members import member_reference
from resolvers.roots import mutation


@mutation(s.DisputeOpenPayload)
async def dispute_open(info: Info, input: s.DisputeOpenInput) -> Receipt[Transaction]:
    """Report an accrual that is missing or wrong, as it should have been; its partner decides about it."""
    command = DisputeOpen(
        idempotency_key=input.idempotency_key,
        member=member_reference(input.member, "input", "member"),
        entry=entry_of(input, Type.ACCRUAL, SubType.PRODUCT),
        wrong=None if input.wrong is None else key(input.wrong, "Transaction", "input", "wrong"),
    )
    context = info.context
    return await services.dispute_open(context.database, context.realtime.programs, context.principal, command)
