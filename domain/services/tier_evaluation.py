"""The nightly evaluation of tiers that have ended: the member requalifies, or drops. Upgrades do not wait for it.

What follows begins the day after the end, also when nights were missed: then one end after the other is made up for. Once a
tier is followed by another it has no end to be looked at any more, so running it twice changes nothing the second time.
"""

import logging
from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from domain.calendars import business_date
from domain.engine import EngineProgram, MemberState, TierChange
from domain.engine.book import Book
from domain.engine.standing import follow
from domain.problems import Refused
from domain.services import tier_changes, working
from domain.services.engine_programs import EnginePrograms
from domain.store import locks, member_tiers
from domain.store.database import Database, Writer
from domain.store.failures import is_passing
from domain.store.member_tiers import NewTier
from domain.tiers import HeldTier, TierReason, completed_period

CHUNK = 200
"""Members worked in one commit."""

PASSES = 2

Ended = dict[tuple[int, str], HeldTier]
"""What has ended, by member and tier class."""

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Evaluated:
    """What was found so far: members looked at, tiers renewed, and tiers followed by another one."""

    members: int = 0
    renewed: int = 0
    changed: int = 0


async def evaluate(database: Database, programs: EnginePrograms, program_id: int) -> AsyncGenerator[Evaluated, None]:
    """Evaluate every tier that has ended by today; yields the progress after every chunk of members.

    Members on whom somebody else works just then come up once more at the end; whoever is busy still, the next night.
    """
    progress = Evaluated()
    for _ in range(PASSES):
        after = 0
        while members := await _due(database, programs, program_id, after):
            for begun in await _worked(database, programs, program_id, members):
                _count(progress, begun)
            after = members[-1]
            yield progress


async def _due(database: Database, programs: EnginePrograms, program_id: int, after: int) -> Sequence[int]:
    async with database.read() as reader:
        try:
            program = await programs.current(reader, program_id)
        except Refused:  # a draft without point types: nobody has earned anything
            return ()
        today = business_date(await database.now(reader), program.program.time_zone)
        return await member_tiers.due(reader, program_id, today, after, CHUNK)


async def _worked(
    database: Database, programs: EnginePrograms, program_id: int, members: Sequence[int]
) -> list[list[NewTier]]:
    """One commit; what the database refuses is halved until the member at fault stands alone, who is left as they are."""
    try:
        async with database.write() as writer:
            return [await _evaluate(database, programs, writer, program_id, members)]
    except Exception as error:
        if is_passing(error):
            return []
        if len(members) == 1:
            log.exception("the tiers of member %s could not be evaluated", members[0])
            return []
    half = len(members) // 2
    first = await _worked(database, programs, program_id, members[:half])
    return first + await _worked(database, programs, program_id, members[half:])


async def _evaluate(
    database: Database, programs: EnginePrograms, writer: Writer, program_id: int, members: Sequence[int]
) -> list[NewTier]:
    await locks.program(writer, program_id)
    program = await programs.current(writer, program_id)
    rows = await locks.free_members(writer, members)
    now = await database.now(writer)
    loaded = await working.load(writer, program, rows, (), now)
    books = tier_changes.books(loaded)
    begun = await _followed(writer, program, books, now)
    await tier_changes.write(writer, loaded, books, begun)
    return begun


async def _followed(writer: Writer, program: EngineProgram, books: Mapping[int, Book], now: datetime) -> list[NewTier]:
    """Everything that follows, end after end: each is judged by the period that its own end completed."""
    today = business_date(now, program.program.time_zone)
    ended, begun = await _ended(writer, program, books, today), list[NewTier]()
    while ended:
        periods = {
            owner: completed_period(program.tier_classes[owner[1]], _enrolled_on(books[owner[0]].member), each.ends_on)
            for owner, each in ended.items()
            if each.ends_on is not None
        }
        absorbed = {key: book.member.absorbed for key, book in books.items() if book.member.absorbed}
        sums = await member_tiers.progress(writer, [(*owner, period) for owner, period in periods.items()], absorbed)
        changes = {
            owner: follow(program, books[owner[0]], ended[owner], sums.get((*owner, period.starts_on), {}))
            for owner, period in periods.items()
        }
        begun += [NewTier(member_id, change) for (member_id, _), change in changes.items()]
        ended = {owner: _held(change) for owner, change in changes.items() if _is_over(_held(change), today)}
    return begun


async def _ended(writer: Writer, program: EngineProgram, books: Mapping[int, Book], today: date) -> Ended:
    """The last tier of each class, where it has ended; read again, because the members are locked only now."""
    last = {
        (member_id, program.tiers[each.tier].tier_class): each
        for member_id, mine in (await member_tiers.held(writer, list(books))).items()
        for each in mine
    }
    return {owner: each for owner, each in last.items() if _is_over(each, today)}


def _is_over(held: HeldTier, today: date) -> bool:
    return held.ends_on is not None and held.ends_on < today


def _held(change: TierChange) -> HeldTier:
    return HeldTier(change.after, change.starts_on, change.ends_on)


def _enrolled_on(member: MemberState) -> date:
    enrolled_on: date = member.facts["enrolledOn"]
    return enrolled_on


def _count(progress: Evaluated, begun: Sequence[NewTier]) -> None:
    renewed = sum(new.change.reason is TierReason.RENEWAL for new in begun)
    progress.members += len({new.member_id for new in begun})
    progress.renewed += renewed
    progress.changed += len(begun) - renewed
