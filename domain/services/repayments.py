"""The nightly repayment of loans: accruals that were made while their program did not repay automatically, once each.

What an accrual repays right away, in either engine, is no business of the night. While the program does not repay
automatically, they wait.
"""

import logging
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from domain.calendars import business_date
from domain.engine import Earned, EngineProgram, Outcomes, consider
from domain.points import from_units
from domain.problems import Refused
from domain.services import telling, working
from domain.services.engine_programs import EnginePrograms
from domain.store import loans, locks, outcomes
from domain.store.database import Database, Writer
from domain.store.failures import is_passing

CHUNK = 200
"""Members worked in one commit."""

PASSES = 2

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Repaid:
    """What was repaid so far: transactions made, and points by point type."""

    transactions: int = 0
    points: dict[str, Decimal] = field(default_factory=dict)


async def repay(database: Database, programs: EnginePrograms, program_id: int) -> AsyncGenerator[Repaid, None]:
    """Let accruals repay that were not considered yet; yields the progress after every chunk of members.

    Members on whom somebody else works just then come up once more at the end; whoever is busy still, the next night.
    """
    progress = Repaid()
    for _ in range(PASSES):
        after = 0
        while members := await _waiting(database, programs, program_id, after):
            for done in await _worked(database, programs, program_id, members):
                _count(progress, done)
            after = members[-1]
            yield progress


async def _waiting(database: Database, programs: EnginePrograms, program_id: int, after: int) -> Sequence[int]:
    async with database.read() as reader:
        try:
            program = await programs.current(reader, program_id)
        except Refused:  # a draft without point types: nobody owes anything
            return ()
        if not program.program.settings.repay_automatically:
            return ()
        return await loans.members_waiting(reader, program_id, after, CHUNK)


async def _worked(
    database: Database, programs: EnginePrograms, program_id: int, members: Sequence[int]
) -> list[Outcomes]:
    """One commit; what the database refuses is halved until the member at fault stands alone, who is left as they are."""
    try:
        async with database.write() as writer:
            return [await _repay(database, programs, writer, program_id, members)]
    except Exception as error:
        if is_passing(error):
            return []
        if len(members) == 1:
            log.exception("the loans of member %s could not be repaid", members[0])
            return []
    half = len(members) // 2
    first = await _worked(database, programs, program_id, members[:half])
    return first + await _worked(database, programs, program_id, members[half:])


async def _repay(
    database: Database, programs: EnginePrograms, writer: Writer, program_id: int, members: Sequence[int]
) -> Outcomes:
    await locks.program(writer, program_id)
    program = await programs.current(writer, program_id)
    rows = await locks.free_members(writer, members)
    now = await database.now(writer)
    ids = [row.id for row in rows]
    loaded = await working.load(writer, program, rows, ids, now, whole=True)
    done = await _considered(database, writer, program, ids, loaded)
    await outcomes.write(writer, program_id, done, now)
    await telling.worked(writer, program, done, now)
    return done


async def _considered(
    database: Database, writer: Writer, program: EngineProgram, members: Sequence[int], loaded: working.Loaded
) -> Outcomes:
    """The repayments are of today: what they follow was long ago."""
    today = business_date(loaded.now, program.program.time_zone)
    taken = await loans.take_waiting(writer, program.program.id, members)
    waiting = [(each.member_id, Earned(each.transaction_id, today, each.points), each.loans) for each in taken]
    numbers = await database.ids.take(writer, sum(len(each.loans) for each in taken))
    return consider(program, loaded.states, waiting, loaded.now, numbers=numbers)


def _count(progress: Repaid, done: Outcomes) -> None:
    progress.transactions += len(done.outcomes)
    for total in (total for each in done.outcomes for total in each.totals):
        before = progress.points.get(total.point_type, Decimal(0))
        progress.points[total.point_type] = before + from_units(total.points, total.decimals)
