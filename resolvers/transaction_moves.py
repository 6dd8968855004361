"""The moves in the life of a transaction: who may make which, and from where, is decided by one table behind them all."""

from typing import Any

import domain.commands.transactions as c
import schema.transaction_moves as s
from domain.receipts import Receipt
from domain.services import transactions as services
from domain.transactions import Transaction
from resolvers.context import Info
from resolvers.ids import key
from resolvers.nudges import nudged
from resolvers.previews import previewed
from resolvers.roots import mutation
from schema.transaction_inputs import OnTransaction

Answer = Receipt[Transaction]


def _named(input: OnTransaction) -> dict[str, Any]:
    """Which transaction, and the version of it that the caller has read."""
    return {"id": key(input.id, "Transaction", "input", "id"), "expected_version": input.expected_version}


def _writing(info: Info) -> tuple[Any, Any, Any]:
    """With what a move is carried out, and by whom."""
    context = info.context
    return context.database, context.realtime.programs, context.principal


@mutation(s.TransactionSubmitPayload)
async def transaction_submit(info: Info, input: s.TransactionSubmitInput) -> Answer:
    """Ask for approval: of the person named, else of the requester's manager."""
    command = c.TransactionSubmit(**_named(input), submit_to=input.submit_to, comment=input.comment)
    return await services.transaction_submit(*_writing(info), command)


@mutation(s.TransactionForwardPayload)
async def transaction_forward(info: Info, input: s.TransactionForwardInput) -> Answer:
    """Let somebody else decide: the person named, else the manager of whoever it waits for."""
    command = c.TransactionForward(**_named(input), submit_to=input.submit_to, comment=input.comment)
    return await services.transaction_forward(*_writing(info), command)


@mutation(s.TransactionApprovePayload)
async def transaction_approve(info: Info, input: s.TransactionApproveInput) -> Answer:
    """Let a submitted transaction go on, as far as your own limit covers it."""
    command = c.TransactionApprove(
        **_named(input),
        idempotency_key=input.idempotency_key,
        comment=input.comment,
        and_process=input.and_process,
    )
    return await services.transaction_approve(info.context.realtime, info.context.principal, command)


@mutation(s.TransactionRejectPayload)
async def transaction_reject(info: Info, input: s.TransactionRejectInput) -> Answer:
    """Refuse a submitted transaction, and say why."""
    command = c.TransactionReject(**_named(input), comment=input.comment)
    return await services.transaction_reject(*_writing(info), command)


@mutation(s.TransactionAcceptPayload)
async def transaction_accept(info: Info, input: s.TransactionAcceptInput) -> Answer:
    """Let it be processed without a manager: none is needed, or your own limit covers it."""
    command = c.TransactionAccept(**_named(input), comment=input.comment)
    return await services.transaction_accept(*_writing(info), command)


@mutation(s.TransactionQueuePayload)
async def transaction_queue(info: Info, input: s.TransactionQueueInput) -> Answer:
    """Hand it to the batch engine."""
    command = c.TransactionQueue(**_named(input), comment=input.comment)
    return nudged(info.context, await services.transaction_queue(*_writing(info), command))


@mutation(s.TransactionSendToPartnerPayload)
async def transaction_send_to_partner(info: Info, input: s.TransactionSendToPartnerInput) -> Answer:
    """Let its partner decide first."""
    command = c.TransactionSendToPartner(**_named(input), comment=input.comment)
    return await services.transaction_send_to_partner(*_writing(info), command)


@mutation(s.TransactionPartnerApprovePayload)
async def transaction_partner_approve(info: Info, input: s.TransactionPartnerApproveInput) -> Answer:
    """Agree, as the partner that it waits for."""
    command = c.TransactionPartnerApprove(**_named(input), comment=input.comment)
    return await services.transaction_partner_approve(*_writing(info), command)


@mutation(s.TransactionPartnerRejectPayload)
async def transaction_partner_reject(info: Info, input: s.TransactionPartnerRejectInput) -> Answer:
    """Disagree, as the partner that it waits for, and say why."""
    command = c.TransactionPartnerReject(**_named(input), comment=input.comment)
    return await services.transaction_partner_reject(*_writing(info), command)


@mutation(s.TransactionRecallPayload)
async def transaction_recall(info: Info, input: s.TransactionRecallInput) -> Answer:
    """Withdraw what was not processed yet."""
    command = c.TransactionRecall(**_named(input), comment=input.comment)
    return await services.transaction_recall(*_writing(info), command)


@mutation(s.TransactionReopenPayload)
async def transaction_reopen(info: Info, input: s.TransactionReopenInput) -> Answer:
    """Take up again what was recalled or rejected, to correct it and send it again."""
    command = c.TransactionReopen(**_named(input), comment=input.comment)
    return await services.transaction_reopen(*_writing(info), command)


@mutation(s.TransactionProcessPayload)
async def transaction_process(info: Info, input: s.TransactionProcessInput) -> Answer:
    """Let the engine work on it now."""
    command = c.TransactionProcess(
        idempotency_key=input.idempotency_key, id=key(input.id, "Transaction", "input", "id")
    )
    if input.preview:
        return await previewed(info, command)
    return await services.transaction_process(info.context.realtime, info.context.principal, command)
