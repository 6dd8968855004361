"""Running the engine over a chunk inside a unit of work, with as many lots as it turns out to need."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal

from domain.calendars import business_date
from domain.engine import EngineProgram, Entry, MemberState, MoreLots, Outcomes, run
from domain.engine.history import earliest
from domain.engine.limits import spans
from domain.services.standing import with_tiers
from domain.store import promotion_usage, snapshots
from domain.store.database import Database, Reader, Writer
from domain.store.earned import by_day
from domain.store.locks import MemberRow
from domain.transactions import Type

MADE_UP = 1 << 61
"""From here on are the numbers of transactions that are only simulated: above all that were ever given."""

FOLLOWING = 1 << 60
"""How far above the number of a simulated redemption that of the accrual is which an award on it becomes."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """Locked members of a program at one moment: their rows, and what the engine knows of them so far."""

    program: EngineProgram
    now: datetime
    rows: Sequence[MemberRow]
    states: dict[int, MemberState]


async def load(
    reader: Reader,
    program: EngineProgram,
    members: Sequence[MemberRow],
    spenders: Collection[int],
    now: datetime,
    *,
    whole: bool = False,
) -> Loaded:
    """Snapshots of locked members; of those who spend with the lots that may pay first, or with all (`whole`, or where the
    program needs them).
    """
    with_lots = [member.id for member in members] if program.needs_all_lots else spenders
    whole = whole or program.needs_all_lots
    found = await snapshots.members(
        reader, members, with_lots, _today(program, now), joined=program.joined, whole=whole
    )
    return Loaded(program, now, members, await with_tiers(reader, program, found, _today(program, now)))


async def worked(database: Database, writer: Writer, loaded: Loaded, entries: Sequence[Entry]) -> Outcomes:
    """The engine's outcomes for transactions of these members, as found; nothing is written, but totals are locked."""
    program, now = loaded.program, loaded.now
    entries = await _with_follow_ups(database, writer, program, entries)
    found = await with_past(writer, program, loaded.states, _days(entries))
    paid = await promotion_usage.lock_totals(writer, program.capped)
    for _ in range(len(loaded.rows) + 1):
        try:
            return run(program, found, entries, now, paid)
        except MoreLots as more:
            again = [member for member in loaded.rows if member.id == more.member_id]
            whole = await snapshots.members(writer, again, [more.member_id], _today(program, now), whole=True)
            found |= {key: _with_all_lots(found[key], state) for key, state in whole.items()}
    raise AssertionError


async def tried(
    reader: Reader, loaded: Loaded, entries: Sequence[Entry], paid: Mapping[int, Decimal] | None = None
) -> Outcomes:
    """The same for a simulation: nothing is locked. The members who spend must be loaded whole.

    `paid`: what promotions with a limit in all have paid, if some of it was only simulated.
    """
    program = loaded.program
    numbered = [_with_made_up_follow_up(entry) for entry in entries] if program.rewards_redemptions else entries
    found = await with_past(reader, program, loaded.states, _days(entries))
    if paid is None:
        paid = await promotion_usage.totals(reader, program.capped)
    return run(program, found, numbered, loaded.now, paid)


def _with_made_up_follow_up(entry: Entry) -> Entry:
    return replace(entry, follow_up_id=entry.id + FOLLOWING) if entry.type is Type.REDEMPTION else entry


def _with_all_lots(before: MemberState, whole: MemberState) -> MemberState:
    return replace(before, balances=whole.balances, lots=whole.lots, complete=whole.complete)


async def _with_follow_ups(
    database: Database, writer: Writer, program: EngineProgram, entries: Sequence[Entry]
) -> Sequence[Entry]:
    """Redemptions with a number for the accrual that an award on them becomes."""
    if not program.rewards_redemptions:
        return entries
    redemptions = sum(entry.type is Type.REDEMPTION for entry in entries)
    numbers = iter(await database.ids.take(writer, redemptions))
    return [replace(entry, follow_up_id=next(numbers)) if entry.type is Type.REDEMPTION else entry for entry in entries]


def _days(entries: Sequence[Entry]) -> set[date]:
    return {entry.transaction_date for entry in entries}


async def with_past(
    reader: Reader, program: EngineProgram, states: dict[int, MemberState], days: Collection[date]
) -> dict[int, MemberState]:
    """The members with as much of their past as the program's rules and limits ask for, for transactions of these days."""
    found = await _with_earned(reader, program, states, days)
    return await _with_granted(reader, program, found, days)


async def _with_earned(
    reader: Reader, program: EngineProgram, states: dict[int, MemberState], days: Collection[date]
) -> dict[int, MemberState]:
    """The members with what they were given, as far back as rules ask for points over the last months."""
    if not program.windows or not days:
        return states
    types = {program.by_code[code].id for code, _ in program.windows.values()}
    after = earliest(program.windows, days)
    earned = await by_day(reader, states, types, after)
    return {key: replace(state, earned=earned.get(key, {})) for key, state in states.items()}


async def _with_granted(
    reader: Reader, program: EngineProgram, states: dict[int, MemberState], days: Collection[date]
) -> dict[int, MemberState]:
    """The members with what limited promotions have given them, in the spans that these transactions fall into."""
    if not program.limited:
        return states
    wanted = {span for promotion in program.limited.values() for day in days for span, _ in spans(promotion, day)}
    granted = await promotion_usage.granted(reader, states, program.limited, wanted)
    return {key: replace(state, granted=granted.get(key, {})) for key, state in states.items()}


def _today(program: EngineProgram, now: datetime) -> date:
    return business_date(now, program.program.time_zone)
