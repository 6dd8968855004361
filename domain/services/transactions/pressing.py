"""Pressing Process: of a stored transaction, or in the same call that records one. All of it goes over the desk.

The engine's refusal is an answer: the transaction, REJECTED_ENGINE, beside the problem.
"""

from dataclasses import dataclass, replace

from domain.commands.holds import PointsCapture
from domain.commands.transactions import (
    OneCall,
    PointsEarn,
    PointsGift,
    PointsRedeem,
    PointsTransfer,
    TransactionProcess,
)
from domain.move_rights import Case, check_right
from domain.moves import Move
from domain.people import Principal
from domain.postings import Posting
from domain.problems import NotFound, Refused
from domain.services.checks import INPUT
from domain.services.members import as_stored
from domain.services.posting.desk import Desk
from domain.services.transactions.keys import check_key
from domain.services.transactions.moving import Answer
from domain.services.transactions.naming import of_own_partner, program_id_of
from domain.store import transactions
from domain.transactions import Status, SubType, Transaction, Type


@dataclass(frozen=True, slots=True)
class _Kind:
    """What a one-call operation records."""

    mutation: str
    type: Type
    sub_type: SubType


KINDS = {
    PointsEarn: _Kind("pointsEarn", Type.ACCRUAL, SubType.PRODUCT),
    PointsRedeem: _Kind("pointsRedeem", Type.REDEMPTION, SubType.PRODUCT),
    PointsGift: _Kind("pointsGift", Type.ACCRUAL, SubType.GIFT),
    PointsCapture: _Kind("pointsCapture", Type.REDEMPTION, SubType.PRODUCT),
    PointsTransfer: _Kind("pointsTransfer", Type.REDEMPTION, SubType.TRANSFER),
}
PROCESS = "transactionProcess"
AFTER_APPROVAL = "transactionApprove.process"
"""The press of Process that belongs to an approval has the approval's key."""

PRESSED = frozenset({Status.ACCEPTABLE, Status.PROCESSED, Status.REJECTED_ENGINE})


async def points_earn(desk: Desk, actor: Principal, command: PointsEarn) -> Answer:
    """Record an accrual for a product and process it."""
    return await desk.submit(await posting_of(desk, actor, command))


async def points_redeem(desk: Desk, actor: Principal, command: PointsRedeem) -> Answer:
    """Record a redemption and process it."""
    return await desk.submit(await posting_of(desk, actor, command))


async def points_gift(desk: Desk, actor: Principal, command: PointsGift) -> Answer:
    """Record a gift and process it."""
    return await desk.submit(await posting_of(desk, actor, command))


async def points_transfer(desk: Desk, actor: Principal, command: PointsTransfer) -> Answer:
    """Record a transfer and process it: both sides, or neither."""
    return await desk.submit(await posting_of(desk, actor, command))


async def transaction_process(desk: Desk, actor: Principal, command: TransactionProcess) -> Answer:
    """ACCEPTABLE (or QUEUED, where the program allows it by hand) to PROCESSED or REJECTED_ENGINE."""
    return await desk.submit(await posting_of(desk, actor, command))


async def posting_of(desk: Desk, actor: Principal, command: OneCall | TransactionProcess) -> Posting:
    """What goes over the desk for a command; raises Refused for what the actor may not see."""
    check_key(command.idempotency_key)
    if isinstance(command, TransactionProcess):
        stored = await _seen(desk, actor, command.id)
        return _press(actor, PROCESS, command.idempotency_key, stored)
    kind = KINDS[type(command)]
    entry = command.entry
    if (entry.type, entry.sub_type) != (kind.type, kind.sub_type):
        entry = replace(entry, type=kind.type, sub_type=kind.sub_type)
    program_id = _known_program(desk, actor, entry.program)
    if program_id is None:
        async with desk.database.read() as reader:
            program_id = await program_id_of(reader, desk.programs, actor, entry.program)
            entry = await of_own_partner(reader, actor, entry)
    return Posting(
        actor=actor, mutation=kind.mutation, key=command.idempotency_key, program_id=program_id,
        member=as_stored(command.member), entry=entry,
        recipient=as_stored(command.recipient) if isinstance(command, PointsTransfer) else None,
    )  # fmt: skip


def _known_program(desk: Desk, actor: Principal, code: str) -> int | None:
    """The program, where it needs no question to the database: the way of nearly all that is sold and redeemed."""
    known = desk.programs.known(code)
    return known if actor.scope.partner_id is None and actor.scope.program_id in (None, known) else None


async def process_approved(desk: Desk, actor: Principal, key: str, approved: Answer) -> Answer:
    """Press Process for what was approved with a key, unless it has gone elsewhere."""
    transaction = approved.result
    if transaction is None or transaction.status not in PRESSED:
        return approved
    return await desk.submit(_press(actor, AFTER_APPROVAL, key, transaction))


def check_may_process(case: Case, status: Status) -> None:
    """Refuse an approval that is to be processed at once by somebody who may not press Process."""
    if status is Status.ACCEPTABLE:
        check_right(replace(case, status=status), Move.PROCESS)


def _press(actor: Principal, mutation: str, key: str, transaction: Transaction) -> Posting:
    return Posting(
        actor=actor, mutation=mutation, key=key, program_id=transaction.program_id, transaction_id=transaction.id
    )


async def _seen(desk: Desk, actor: Principal, transaction_id: int) -> Transaction:
    async with desk.database.read() as reader:
        [found] = await transactions.load_many(reader, actor.scope, [transaction_id])
    if found is None:
        raise Refused(NotFound(what="transaction", path=(INPUT, "id")))
    return found
