"""The daily job of partner programs: memberships begin, enter their grace and expire by their dates, and partners are asked to renew.

Each move is dated to the day on which it was due, so what a job leaves behind that slept for days is what it would have left
day by day. Nothing is due twice.
"""

import logging
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from datetime import date

from domain.calendars import business_date
from domain.deliveries import Email
from domain.membership_emails import renewal_opens
from domain.memberships import Membership
from domain.partner_programs import PartnerProgram, PartnerProgramStatus, status_on
from domain.people import ENGINE, Scope
from domain.services.standings import Held, hold
from domain.standings import invitation_is_due
from domain.store import memberships, outbox, partner_programs, people
from domain.store.database import Database
from domain.store.failures import is_passing

EVERYTHING = Scope()
CHUNK = 200
"""Partners worked in one commit."""

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Dated:
    """What was done so far: memberships moved, partners asked to renew, partners who had to be left for the next run."""

    moved: int = 0
    asked: int = 0
    left: int = 0


async def keep_dates(database: Database) -> AsyncGenerator[Dated, None]:
    """Do everything that is due by today in every partner program; yields the progress after every chunk of partners."""
    progress = Dated()
    async with database.read() as reader:
        programs = await partner_programs.worked(reader)
    for program_id in programs:
        async with aclosing(keep_dates_of(database, program_id, progress)) as chunks:
            async for done in chunks:
                yield done


async def keep_dates_of(database: Database, program_id: int, progress: Dated) -> AsyncGenerator[Dated, None]:
    """The same for one partner program."""
    async with database.read() as reader:
        [program] = await partner_programs.load_many(reader, EVERYTHING, [program_id])
        assert program is not None, "partner programs are never deleted"
        today = business_date(await database.now(reader), program.time_zone)
    after = 0
    while partner_ids := await _due(database, program_id, today, after):
        await _worked(database, program_id, partner_ids, progress)
        after = partner_ids[-1]
        yield progress
    if status_on(program, today) is not program.status:
        await _end(database, program_id)


async def _due(database: Database, program_id: int, today: date, after: int) -> Sequence[int]:
    async with database.read() as reader:
        return await memberships.due(reader, program_id, today, after, CHUNK)


async def _worked(database: Database, program_id: int, partner_ids: Sequence[int], progress: Dated) -> None:
    """One commit; what cannot be done for all is done for each, and whoever is at fault is left as they are."""
    try:
        moved, asked = await _commit(database, program_id, partner_ids)
    except Exception as error:
        if len(partner_ids) > 1:
            for each in partner_ids:
                await _worked(database, program_id, [each], progress)
            return
        if not is_passing(error):
            log.exception("the dates of partner %s in partner program %s could not be kept", *partner_ids, program_id)
        progress.left += 1
    else:
        progress.moved += moved
        progress.asked += asked


async def _commit(database: Database, program_id: int, partner_ids: Sequence[int]) -> tuple[int, int]:
    async with database.write() as writer:
        before = await memberships.standing(writer, [(program_id, each) for each in partner_ids], ())
        held = await hold(database, writer, ENGINE, program_id, partner_ids)
        return _moved(before, held), await _invite(held)


def _moved(before: Sequence[Membership], held: Held) -> int:
    """How many memberships are no longer what they were."""
    now = {each.id: each.status for standing in held.standings.values() for each in standing.memberships}
    return sum(now.get(each.id, each.status) is not each.status for each in before)


async def _invite(held: Held) -> int:
    """Ask partners to renew: those who may and were not asked before, as far as there is anybody to write to."""
    wanted = {
        key: membership
        for key, standing in held.standings.items()
        if (membership := standing.live) is not None and invitation_is_due(standing, membership)
    }
    if not wanted:
        return 0
    addresses = await people.addresses(held.writer, list(wanted))
    reached = {key: each for key, each in wanted.items() if addresses[key]}
    await outbox.add_emails(held.writer, _emails(held.program, reached, addresses), held.now)
    await memberships.invited(held.writer, [each.id for each in reached.values()], held.today)
    return len(reached)


def _emails(
    program: PartnerProgram, wanted: Mapping[int, Membership], addresses: Mapping[int, Sequence[str]]
) -> list[Email]:
    return [email for key, each in wanted.items() for email in renewal_opens(program, each, addresses[key])]


async def _end(database: Database, program_id: int) -> None:
    """Note that the program's own end has passed."""
    async with database.write() as writer:
        held = await hold(database, writer, ENGINE, program_id, ())
        over = status_on(held.program, held.today) is PartnerProgramStatus.INACTIVE
        if over and held.program.status is PartnerProgramStatus.ACTIVE:
            await partner_programs.end(writer, held.program)
