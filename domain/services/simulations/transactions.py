"""Simulating one transaction: what a new one would do, what a waiting one would do now, and what a processed one would get today.

The engine is the real one; what it finds is read at one moment in a transaction in which the database refuses to write.
"""

from datetime import datetime

from msgspec.structs import replace

from domain.calendars import business_date
from domain.commands.simulations import TransactionSimulate
from domain.engine import EngineProgram, Entry
from domain.move_rights import PROCESSED_SUB_STATUSES
from domain.people import Principal
from domain.problems import Missing, NotAllowed, NotFound, Refused
from domain.services import touching, working
from domain.services.checks import INPUT
from domain.services.engine_programs import EnginePrograms
from domain.services.posting import drafting, stored
from domain.services.posting.owners import owner_of
from domain.services.posting.recipients import recipient_of
from domain.services.simulations import replaying, showing
from domain.services.simulations.showing import Tried
from domain.services.simulations.under import moment_of, program_under
from domain.services.transactions.naming import of_own_partner
from domain.simulations import Simulation
from domain.store import snapshots, transactions
from domain.store.database import Database, Reader
from domain.transactions import ENGINE_ONLY, Status, SubType, Transaction, Type


async def transaction_simulate(
    database: Database, programs: EnginePrograms, actor: Principal, command: TransactionSimulate
) -> Simulation:
    """What a transaction would do; raises Refused as recording it would."""
    program = await program_under(database, programs, actor, command)
    async with database.snapshot() as reader:
        now = await moment_of(database, reader, command)
        if command.transaction_id is None:
            return await _new(reader, program, actor, command, now)
        transaction = await _seen(reader, program, actor, command.transaction_id)
        if transaction.sub_status in PROCESSED_SUB_STATUSES:
            moment = now if command.as_of is not None else transaction.processed_at
            return await replaying.again(reader, program, actor.scope, transaction, moment or now)
        return await tried_now(reader, program, actor, transaction, now=now)


async def tried_now(
    reader: Reader, program: EngineProgram, actor: Principal, transaction: Transaction, *, now: datetime
) -> Simulation:
    """What a stored transaction that was not processed would do now."""
    [entry] = await stored.entries(reader, [transaction], program)
    return await _tried(reader, program, actor, transaction, replace(entry, id=working.MADE_UP), now=now)


async def _new(
    reader: Reader, program: EngineProgram, actor: Principal, command: TransactionSimulate, now: datetime
) -> Simulation:
    member, entry = command.member, command.entry
    if member is None or entry is None:
        why = "a new transaction says whose it is and whether it earns or burns"
        given = {"member": member, "type": entry}
        raise Refused(*(Missing(why=why, path=(INPUT, name)) for name, said in given.items() if said is None))
    owner = await owner_of(reader, actor, program.program.id, member)
    recipient = await recipient_of(reader, actor, program.program.id, command.recipient, INPUT)
    entry = await of_own_partner(reader, actor, entry)
    today = business_date(now, program.program.time_zone)
    names = await drafting.named(reader, program, [entry])
    draft = drafting.draft_of(
        entry, program, owner, names, id=working.MADE_UP, actor=actor, now=now, today=today,
        status=Status.ACCEPTABLE, path=(INPUT,), recipient=recipient,
    )  # fmt: skip
    return await _tried(
        reader, program, actor, showing.recorded(draft), drafting.entry_of(draft, names, today), now=now
    )


async def _seen(reader: Reader, program: EngineProgram, actor: Principal, transaction_id: int) -> Transaction:
    [found] = await transactions.load_many(reader, actor.scope, [transaction_id])
    path = (INPUT, "id")
    if found is None or found.program_id != program.program.id:
        raise Refused(NotFound(what="transaction", path=path))
    if found.sub_type in ENGINE_ONLY or found.follows_id is not None:
        why = "the engine itself made this transaction: simulate the one that it follows"
        raise Refused(NotAllowed(why=why, path=path))
    if found.sub_type is SubType.CANCELLATION and found.sub_status in PROCESSED_SUB_STATUSES:
        why = "what a cancellation took back cannot be taken back again: simulate the transaction that it cancels"
        raise Refused(NotAllowed(why=why, path=path))
    return found


async def _tried(
    reader: Reader, program: EngineProgram, actor: Principal, transaction: Transaction, entry: Entry, *, now: datetime
) -> Simulation:
    parents = await touching.parents(reader, program, [entry.member_id])
    others = [] if entry.other_member_id is None else [entry.other_member_id]
    back = set() if entry.original is None else entry.original.members
    rows = await snapshots.member_rows(reader, {entry.member_id, *parents.values(), *others, *back})
    spenders = [entry.member_id] if entry.type is Type.REDEMPTION else []
    loaded = await working.load(reader, program, rows, spenders, now, whole=True)
    done = await working.tried(reader, loaded, [entry])
    tried = Tried(
        done.outcomes[0],
        {lot: units for (owner, lot), units in done.remaining.items() if owner == entry.member_id},
        {point_type: balance for (owner, point_type), balance in done.balances.items() if owner == entry.member_id},
    )
    return await showing.simulation(reader, actor.scope, program, transaction, tried, now=now)
