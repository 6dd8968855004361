"""A transaction that somebody wants to move or change: locked, as it is now, with all that decides whether they may."""

from dataclasses import dataclass
from datetime import datetime

from domain.commands.transactions import OnTransaction, TransactionUpdate
from domain.engine import EngineProgram
from domain.move_rights import Case, case_of
from domain.people import Principal
from domain.problems import NotFound, Refused
from domain.services.approvers import person_of
from domain.services.checks import INPUT, check_version
from domain.services.engine_programs import EnginePrograms
from domain.services.posting import stakes
from domain.store import locks, partners
from domain.store.database import Database, Writer
from domain.transactions import Transaction


@dataclass(frozen=True, slots=True)
class Held:
    """`now` is the moment of the move, taken under the lock."""

    transaction: Transaction
    program: EngineProgram
    case: Case
    now: datetime


async def hold(
    database: Database,
    writer: Writer,
    programs: EnginePrograms,
    actor: Principal,
    command: OnTransaction | TransactionUpdate,
) -> Held:
    """Lock the transaction of a command; raises Refused with NotFound or VersionConflict."""
    await locks.patience(writer)
    transaction = (await locks.transactions(writer, [command.id], actor.scope)).get(command.id)
    if transaction is None:
        raise Refused(NotFound(what="transaction", path=(INPUT, "id")))
    if command.expected_version is not None:
        check_version(command.expected_version, transaction.version)
    program = await programs.current(writer, transaction.program_id)
    person = await person_of(writer, actor)
    now = await database.now(writer)
    points = (await stakes.of_stored(writer, program, [transaction], now))[transaction.id]
    asked = await partners.approving(writer, [(transaction.program_id, transaction.partner_id)])
    settings = program.program.settings
    case = case_of(transaction, actor, person, settings, points=points, partner_approves=bool(asked))
    return Held(transaction, program, case, now)
