"""Recording a transaction that is not processed in the same call, and deleting one that should not have been recorded.

Deleting gives up the external id, so that what was recorded wrongly can be recorded again rightly. The idempotency key
stays used: the same request again does not bring back what somebody has deleted, it is told so. Approval records stay, too.
"""

from dataclasses import dataclass, replace

from domain.calendars import business_date
from domain.commands.transactions import TransactionCreate, TransactionDelete
from domain.drafts import Draft
from domain.engine import EngineProgram
from domain.entries import CREATABLE, Creatable
from domain.fingerprints import hash_of
from domain.move_rights import Case, check_edit, check_right
from domain.moves import Move, Step
from domain.people import Principal
from domain.problems import Invalid, Refused
from domain.receipts import Receipt
from domain.services.approvers import approver_named, person_of
from domain.services.checks import INPUT
from domain.services.engine_programs import EnginePrograms
from domain.services.posting import claims, drafting, stakes
from domain.services.posting.owners import owner_of
from domain.services.posting.recipients import recipient_of
from domain.services.transactions.held import hold
from domain.services.transactions.keys import claim_of
from domain.services.transactions.moving import Answer
from domain.services.transactions.naming import of_own_partner, program_id_of
from domain.store import approvals, disputes, external_ids, idempotency, locks, queue, transactions
from domain.store.database import Database, Writer
from domain.store.idempotency import Claim
from domain.transactions import Status, Transaction

NEW_STATUS = {
    Move.CREATE: Status.IN_PROGRESS,
    Move.CREATE_QUEUED: Status.QUEUED,
    Move.CREATE_FOR_PARTNER: Status.PARTNER_PENDING,
}


async def transaction_create(
    database: Database, programs: EnginePrograms, actor: Principal, command: TransactionCreate
) -> Answer:
    """Record a transaction; the same key or external id again gives the first answer again."""
    return await record(database, programs, actor, command, "transactionCreate")


async def record(
    database: Database, programs: EnginePrograms, actor: Principal, command: TransactionCreate, mutation: str
) -> Answer:
    """Record a transaction for a mutation that has the keys."""
    move = _move(command)
    async with database.write() as writer:
        await locks.patience(writer)
        [number] = await database.ids.take(writer, 1)
        key = claim_of(actor, mutation, command.idempotency_key, _input_hash(command), number)
        if earlier := await claims.by_key(writer, {0: key}):
            return claims.as_recorded(earlier[0])
        recording = await recording_of(database, writer, programs, actor, command, number=number, move=move)
        return await keep(writer, recording, key)


async def transaction_delete(
    database: Database, programs: EnginePrograms, actor: Principal, command: TransactionDelete
) -> Answer:
    """Delete a transaction that is IN_PROGRESS; the answer shows it as it was."""
    async with database.write() as writer:
        held = await hold(database, writer, programs, actor, command)
        check_edit(held.case)
        await external_ids.release(writer, [command.id])
        await transactions.remove(writer, command.id)
        return Receipt(held.transaction)


@dataclass(frozen=True, slots=True)
class Recording:
    """A transaction about to be written, and the move that it begins with."""

    program: EngineProgram
    draft: Draft
    case: Case
    steps: tuple[Step, ...]


def _move(command: TransactionCreate) -> Move:
    if command.queue and command.send_to_partner:
        expected = "false where sendToPartner is true: it is handed to one of them"
        raise Refused(Invalid(value="true", expected=expected, path=(INPUT, "queue")))
    if command.queue:
        return Move.CREATE_QUEUED
    return Move.CREATE_FOR_PARTNER if command.send_to_partner else Move.CREATE


def _input_hash(command: TransactionCreate) -> bytes:
    said = (command.member, command.entry, command.queue, command.send_to_partner)
    return hash_of(said if command.recipient is None else (*said, command.recipient))


async def recording_of(
    database: Database,
    writer: Writer,
    programs: EnginePrograms,
    actor: Principal,
    command: TransactionCreate,
    *,
    number: int,
    move: Move,
    creatable: Creatable = CREATABLE,
) -> Recording:
    """A checked transaction of a member whom the actor may serve; raises Refused."""
    program_id = await program_id_of(writer, programs, actor, command.entry.program)
    program = await programs.current(writer, program_id)
    owner = await owner_of(writer, actor, program_id, command.member)
    recipient = await recipient_of(writer, actor, program_id, command.recipient, INPUT)
    entry = await of_own_partner(writer, actor, command.entry)
    now = await database.now(writer)
    today = business_date(now, program.program.time_zone)
    names = await drafting.named(writer, program, [entry])
    draft = drafting.draft_of(
        entry, program, owner, names, id=number, actor=actor, now=now, today=today, status=NEW_STATUS[move],
        path=(INPUT,), recipient=recipient, creatable=creatable,
    )  # fmt: skip
    draft = await _submitted_to(writer, program, draft)
    points = await stakes.of_entries(writer, program, [drafting.entry_of(draft, names, today)], now)
    case = Case(
        principal=actor, person=await person_of(writer, actor), settings=program.program.settings, type=entry.type,
        sub_type=entry.sub_type, member_id=owner.id, points=points[number], partner_id=draft.partner_id,
        partner_approves=names.approves(entry.partner),
    )  # fmt: skip
    return Recording(program, draft, case, check_right(case, move))


async def _submitted_to(writer: Writer, program: EngineProgram, draft: Draft) -> Draft:
    """With the person who is to be asked, if one is named and somebody will still be asked."""
    if draft.entry.submit_to is None:
        return draft
    asked = await approver_named(writer, program.program.id, draft.entry.submit_to)
    return replace(draft, submit_to_id=asked.id) if draft.status is Status.IN_PROGRESS else draft


async def keep(writer: Writer, recording: Recording, key: Claim) -> Answer:
    """Write it, unless its external id was there before."""
    draft = recording.draft
    earlier = (await claims.by_external_id(writer, {0: draft})).get(0)
    if isinstance(earlier, Refused):
        raise earlier
    if earlier is not None:
        await idempotency.release(writer, [key])
        return claims.as_recorded(earlier)
    await transactions.insert(writer, [draft], {}, draft.created_at)
    await disputes.name_wrong(writer, [draft])
    if draft.status is Status.QUEUED:
        await queue.add(
            writer, [(draft.program_id, draft.member_id, draft.transaction_date, draft.id, draft.other_member_id)]
        )
    person_id = recording.case.principal.person_id
    moves = [approvals.Moved(draft.id, person_id, step.move, step.status, step.to) for step in recording.steps]
    await approvals.record(writer, moves, draft.created_at)
    return Receipt(await _written(writer, draft.id))


async def _written(writer: Writer, number: int) -> Transaction:
    [transaction] = await transactions.load_many(writer, claims.EVERYTHING, [number])
    assert transaction is not None
    return transaction
