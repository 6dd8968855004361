"""Approval: who is asked, whom it is passed on to, and who says yes.

A person approves what their own limit covers; otherwise it goes to the person named, else up the chain of managers.
"""

from domain.approvals import UnsuitableApprover, check_approver
from domain.commands.transactions import TransactionApprove, TransactionForward, TransactionSubmit
from domain.fingerprints import hash_of
from domain.move_rights import check_right
from domain.moves import Move
from domain.people import Person, Principal
from domain.problems import Refused
from domain.receipts import Receipt
from domain.services.approvers import SUBMIT_TO, approver_named, manager_of, person_by_id
from domain.services.engine_programs import EnginePrograms
from domain.services.posting import claims
from domain.services.posting.desk import Desk
from domain.services.transactions.held import Held, hold
from domain.services.transactions.keys import claim_of
from domain.services.transactions.moving import Answer, carry_out, check_comment
from domain.services.transactions.pressing import check_may_process, process_approved
from domain.store.database import Database, Reader, Writer


async def transaction_submit(
    database: Database, programs: EnginePrograms, actor: Principal, command: TransactionSubmit
) -> Answer:
    """IN_PROGRESS to SUBMITTED, where approval is needed."""
    check_comment(command.comment)
    async with database.write() as writer:
        held = await hold(database, writer, programs, actor, command)
        steps = check_right(held.case, Move.SUBMIT)
        asked = await whom_to_ask(writer, held, command.submit_to)
        return Receipt(await carry_out(writer, held, steps, submit_to_id=asked.id, comment=command.comment))


async def transaction_forward(
    database: Database, programs: EnginePrograms, actor: Principal, command: TransactionForward
) -> Answer:
    """SUBMITTED to SUBMITTED, waiting for somebody else."""
    check_comment(command.comment)
    async with database.write() as writer:
        held = await hold(database, writer, programs, actor, command)
        steps = check_right(held.case, Move.FORWARD)
        if command.submit_to is None:
            asked = await manager_of(writer, held.transaction.submit_to_id, actor)
        else:
            asked = await approver_named(writer, held.transaction.program_id, command.submit_to)
        _check(held, asked)
        if asked.id == held.transaction.submit_to_id:
            raise Refused(UnsuitableApprover(name=asked.name, why="it waits for them already", path=SUBMIT_TO))
        return Receipt(await carry_out(writer, held, steps, submit_to_id=asked.id, comment=command.comment))


async def transaction_approve(desk: Desk, actor: Principal, command: TransactionApprove) -> Answer:
    """SUBMITTED to APPROVED and at once to ACCEPTABLE (or to the partner who must agree, too); perhaps processed as well.

    If the processing could not be waited for, the same command again approves nothing anew, and processes.
    """
    check_comment(command.comment)
    key = claim_of(actor, "transactionApprove", command.idempotency_key, hash_of(command), command.id)
    async with desk.database.write() as writer:
        earlier = await claims.by_key(writer, {0: key})
        answer = earlier[0] if earlier else await _approve(writer, desk, actor, command)
    if not command.and_process or answer.result is None:
        return claims.as_recorded(answer)
    return await process_approved(desk, actor, command.idempotency_key, answer)


async def _approve(writer: Writer, desk: Desk, actor: Principal, command: TransactionApprove) -> Answer:
    held = await hold(desk.database, writer, desk.programs, actor, command)
    steps = check_right(held.case, Move.APPROVE)
    if command.and_process:
        check_may_process(held.case, steps[-1].to)
    return Receipt(await carry_out(writer, held, steps, comment=command.comment))


async def whom_to_ask(reader: Reader, held: Held, subject: str | None) -> Person:
    """Whom to ask: the person named now, else the one named before, else the manager of whoever recorded it."""
    transaction = held.transaction
    if subject is not None:
        asked = await approver_named(reader, transaction.program_id, subject)
    elif transaction.submit_to_id is not None and (known := await person_by_id(reader, transaction.submit_to_id)):
        asked = known
    else:
        asked = await manager_of(reader, transaction.created_by_id, held.case.principal)
    _check(held, asked)
    return asked


def _check(held: Held, asked: Person) -> None:
    transaction, case = held.transaction, held.case
    check_approver(
        asked,
        *SUBMIT_TO,
        program_id=transaction.program_id,
        requester_id=transaction.created_by_id,
        sub_type=transaction.sub_type,
        points=case.points,
    )
