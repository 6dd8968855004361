"""Making a move: its steps are looked up, written with their consequences, and recorded, all under the transaction's lock.

`submit to` names whom a transaction waits for: it is set by SUBMIT and FORWARD, and emptied by every other move.
"""

from collections.abc import Sequence
from typing import Any

from domain.commands.transactions import (
    Moved,
    TransactionAccept,
    TransactionPartnerApprove,
    TransactionPartnerReject,
    TransactionQueue,
    TransactionRecall,
    TransactionReject,
    TransactionReopen,
    TransactionSendToPartner,
)
from domain.entries import MAX_COMMENT
from domain.move_rights import check_right
from domain.moves import Move, Step
from domain.people import Principal
from domain.receipts import Receipt
from domain.services.checks import INPUT, refuse
from domain.services.engine_programs import EnginePrograms
from domain.services.transactions.held import Held, hold
from domain.store import approvals, queue, requeuing, transactions
from domain.store.database import Database, Writer
from domain.transactions import Status, Transaction
from domain.values import text_problems

Answer = Receipt[Transaction]


async def transaction_accept(
    database: Database, programs: EnginePrograms, actor: Principal, command: TransactionAccept
) -> Answer:
    """IN_PROGRESS to ACCEPTABLE, with `external` ticked."""
    return await _move(database, programs, actor, command, Move.ACCEPT)


async def transaction_queue(
    database: Database, programs: EnginePrograms, actor: Principal, command: TransactionQueue
) -> Answer:
    """IN_PROGRESS or ACCEPTABLE to QUEUED."""
    return await _move(database, programs, actor, command, Move.QUEUE)


async def transaction_send_to_partner(
    database: Database, programs: EnginePrograms, actor: Principal, command: TransactionSendToPartner
) -> Answer:
    """IN_PROGRESS to PARTNER_PENDING."""
    return await _move(database, programs, actor, command, Move.SEND_TO_PARTNER)


async def transaction_partner_approve(
    database: Database, programs: EnginePrograms, actor: Principal, command: TransactionPartnerApprove
) -> Answer:
    """PARTNER_PENDING to PARTNER_APPROVED, and at once to ACCEPTABLE."""
    return await _move(database, programs, actor, command, Move.PARTNER_APPROVE)


async def transaction_partner_reject(
    database: Database, programs: EnginePrograms, actor: Principal, command: TransactionPartnerReject
) -> Answer:
    """PARTNER_PENDING to PARTNER_REJECTED."""
    return await _move(database, programs, actor, command, Move.PARTNER_REJECT)


async def transaction_reject(
    database: Database, programs: EnginePrograms, actor: Principal, command: TransactionReject
) -> Answer:
    """SUBMITTED to REJECTED_MANAGER."""
    return await _move(database, programs, actor, command, Move.REJECT)


async def transaction_recall(
    database: Database, programs: EnginePrograms, actor: Principal, command: TransactionRecall
) -> Answer:
    """What was not processed to CANCELLED; the batch engine does not find it any more."""
    return await _move(database, programs, actor, command, Move.RECALL)


async def transaction_reopen(
    database: Database, programs: EnginePrograms, actor: Principal, command: TransactionReopen
) -> Answer:
    """CANCELLED or rejected to IN_PROGRESS; why it was rejected stays in its approvals and decisions."""
    return await _move(database, programs, actor, command, Move.REOPEN)


async def _move(
    database: Database,
    programs: EnginePrograms,
    actor: Principal,
    command: Moved | TransactionReject | TransactionPartnerReject,
    move: Move,
) -> Answer:
    check_comment(command.comment)
    async with database.write() as writer:
        held = await hold(database, writer, programs, actor, command)
        steps = check_right(held.case, move, command.comment)
        return Receipt(await carry_out(writer, held, steps, comment=command.comment))


def check_comment(comment: str | None) -> None:
    """Refuse a comment that cannot be kept."""
    refuse(text_problems(comment, MAX_COMMENT, INPUT, "comment", lines=True))


async def carry_out(
    writer: Writer, held: Held, steps: Sequence[Step], *, submit_to_id: int | None = None, comment: str | None = None
) -> Transaction:
    """Write the move's steps, keep them as approval records, and let the queue know; the transaction as it is now."""
    before = held.transaction
    after = await transactions.change(writer, before.id, submit_to_id=submit_to_id, **_columns(steps))
    if before.status is Status.REJECTED_ENGINE:
        await requeuing.forget(writer, [before.id])
    if before.status is Status.QUEUED:
        await queue.remove(writer, [before])
    if after.status is Status.QUEUED:
        await queue.add(writer, [queue.key_of(after)])
    person_id = held.case.principal.person_id
    words: list[Any] = [(submit_to_id, comment), *[(None, None)] * (len(steps) - 1)]
    records = [
        approvals.Moved(before.id, person_id, step.move, step.status, step.to, *said)
        for step, said in zip(steps, words, strict=True)
    ]
    await approvals.record(writer, records, held.now)
    return after


def _columns(steps: Sequence[Step]) -> dict[str, Any]:
    """What changes with the status."""
    first, last = steps[0], steps[-1]
    if first.move is Move.ACCEPT:
        return {"status": last.to, "external": True}
    if first.move is Move.REOPEN:
        return {"status": last.to, "external": False, "sub_status": None, "processed_at": None}
    return {"status": last.to}
