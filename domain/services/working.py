"""Running the engine over a chunk inside a unit of work, with as many lots as it turns out to need."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from domain.calendars import business_date
from domain.engine import EngineProgram, Entry, MemberState, MoreLots, Outcomes, run
from domain.store import snapshots
from domain.store.database import Reader
from domain.store.locks import MemberRow


@dataclass(frozen=True, slots=True)
class Loaded:
    """Locked members: their rows, and what the engine knows of them so far."""

    rows: Sequence[MemberRow]
    states: dict[int, MemberState]


async def load(
    reader: Reader, program: EngineProgram, members: Sequence[MemberRow], spenders: Collection[int], now: datetime
) -> Loaded:
    """Snapshots of locked members; of those who spend with the lots that may pay first, or all where the program needs them."""
    whole = program.needs_all_lots
    with_lots = [member.id for member in members] if whole else spenders
    found = await snapshots.members(reader, members, with_lots, _today(program, now), whole=whole)
    return Loaded(members, found)


async def worked(
    reader: Reader,
    program: EngineProgram,
    loaded: Loaded,
    entries: Sequence[Entry],
    now: datetime,
) -> Outcomes:
    """The engine's outcomes for transactions of these members, as found; nothing is written."""
    found = loaded.states
    for _ in range(len(loaded.rows) + 1):
        try:
            return run(program, found, entries, now)
        except MoreLots as more:
            again = [member for member in loaded.rows if member.id == more.member_id]
            found |= await snapshots.members(reader, again, [more.member_id], _today(program, now), whole=True)
    raise AssertionError


def _today(program: EngineProgram, now: datetime) -> date:
    return business_date(now, program.program.time_zone)
