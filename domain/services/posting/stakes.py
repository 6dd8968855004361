"""The points that approval is about: those a transaction names, else what the engine finds, where the program asks for approval."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from domain.calendars import business_date
from domain.engine import EngineProgram, Entry, MemberState, stake_of
from domain.points import from_units
from domain.services.posting import stored
from domain.store import snapshots
from domain.store.database import Reader
from domain.transactions import Transaction

NOTHING = Decimal(0)


def of_entry(program: EngineProgram, member: MemberState, entry: Entry, now: datetime) -> Decimal:
    """The points at stake in one transaction of a member."""
    said = _said(program, entry)
    return stake_of(program, member, entry, now) if said is None else said


async def of_entries(
    reader: Reader, program: EngineProgram, entries: Sequence[Entry], now: datetime
) -> dict[int, Decimal]:
    """The points at stake in each transaction, by its number; members are read only where they must be."""
    asked = {entry.member_id for entry in entries if _said(program, entry) is None}
    rows = await snapshots.member_rows(reader, asked)
    today = business_date(now, program.program.time_zone)
    members = await snapshots.members(reader, rows, (), today, joined=program.joined)
    found = {}
    for entry in entries:
        said = _said(program, entry)
        found[entry.id] = stake_of(program, members[entry.member_id], entry, now) if said is None else said
    return found


async def of_stored(
    reader: Reader, program: EngineProgram, transactions: Sequence[Transaction], now: datetime
) -> dict[int, Decimal]:
    """The same for transactions that are stored."""
    return await of_entries(reader, program, await stored.entries(reader, transactions, program), now)


def _said(program: EngineProgram, entry: Entry) -> Decimal | None:
    """What needs no engine; None where it must be asked."""
    if entry.points is not None:
        return from_units(entry.points, program.point_types[entry.point_type_id or program.default.id].decimals)
    if entry.sub_type not in program.program.settings.approval_above:
        return entry.base_points or NOTHING
    return None
