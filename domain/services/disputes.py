"""Opening disputes: the accrual as it should have been is recorded, and waits for its partner.

The wrong one is locked while it is disputed, so that there is one dispute about it at most.
"""

from dataclasses import replace

from domain.commands.disputes import DisputeOpen
from domain.commands.transactions import TransactionCreate
from domain.disputes import AlreadyDisputed, NotDisputable, wrong_problems
from domain.entries import NewTransaction
from domain.fingerprints import hash_of
from domain.moves import Move
from domain.people import Principal
from domain.problems import Missing, NotFound, Refused
from domain.services.checks import INPUT, refuse
from domain.services.engine_programs import EnginePrograms
from domain.services.posting import claims
from domain.services.transactions.keys import claim_of
from domain.services.transactions.moving import Answer
from domain.services.transactions.recording import Recording, keep, recording_of
from domain.store import disputes as store
from domain.store import locks, partners
from domain.store.database import Database, Reader, Writer
from domain.transactions import SubType, Transaction, Type

MUTATION = "disputeOpen"
WRONG = (INPUT, "wrong")


async def dispute_open(database: Database, programs: EnginePrograms, actor: Principal, command: DisputeOpen) -> Answer:
    """Record the right accrual for its partner to decide; the same key again gives the first answer again."""
    if not (command.entry.comment and command.entry.comment.strip()):
        raise Refused(Missing(why="say what is missing or wrong", path=(INPUT, "comment")))
    async with database.write() as writer:
        await locks.patience(writer)
        [number] = await database.ids.take(writer, 1)
        said = hash_of((command.member, command.entry, command.wrong))
        key = claim_of(actor, MUTATION, command.idempotency_key, said, number)
        if earlier := await claims.by_key(writer, {0: key}):
            return claims.as_recorded(earlier[0])
        wrong = None if command.wrong is None else await _locked(writer, actor, command.wrong)
        entry = await _entry(writer, actor, command.entry, wrong)
        create = TransactionCreate(
            idempotency_key=command.idempotency_key, member=command.member, entry=entry, send_to_partner=True
        )
        recording = await recording_of(
            database, writer, programs, actor, create, number=number, move=Move.CREATE_FOR_PARTNER
        )
        return await keep(writer, await _about(writer, recording, wrong), key)


async def _locked(writer: Writer, actor: Principal, number: int) -> Transaction:
    found = (await locks.transactions(writer, [number], actor.scope)).get(number)
    if found is None:
        raise Refused(NotFound(what="transaction", path=WRONG))
    return found


async def _entry(reader: Reader, actor: Principal, entry: NewTransaction, wrong: Transaction | None) -> NewTransaction:
    """The accrual, with the partner of the wrong one where none is named."""
    entry = replace(entry, type=Type.ACCRUAL, sub_type=SubType.PRODUCT)
    if entry.partner is not None or wrong is None or actor.scope.partner_id is not None:
        return entry
    if wrong.partner_id is None:
        why = "it has no partner who could decide about it: ask for a cancellation"
        raise Refused(NotDisputable(why=why, path=WRONG))
    [partner] = await partners.load_many(reader, locks.EVERYTHING, [wrong.partner_id])
    assert partner is not None, "partners are never deleted"
    return replace(entry, partner=partner.code)


async def _about(reader: Reader, recording: Recording, wrong: Transaction | None) -> Recording:
    """The recording, which disputes the wrong accrual if there is one."""
    if wrong is None:
        return recording
    draft = recording.draft
    refuse(wrong_problems(wrong, draft.member_id, draft.partner_id, *WRONG))
    before = await store.open_about(reader, wrong.id)
    if before is not None:
        raise Refused(AlreadyDisputed(status=before, path=WRONG))
    return replace(recording, draft=replace(draft, disputes_id=wrong.id))
