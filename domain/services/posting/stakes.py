"""The points that approval is about: those a transaction names, else what the engine finds, where the program asks for approval."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from domain.approvals import at_stake
from domain.calendars import business_date
from domain.engine import EngineProgram, Entry, MemberState, stake_of
from domain.engine.shares import reversal_stake
from domain.points import from_units
from domain.services.posting import stored
from domain.services.standing import with_tiers
from domain.store import snapshots
from domain.store.database import Reader
from domain.transactions import SubType, Transaction

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
    members = await _members(reader, program, asked, now)
    return {
        entry.id: stake_of(program, members[entry.member_id], entry, now) if said is None else said
        for entry in entries
        for said in [_said(program, entry)]
    }


async def of_stored(
    reader: Reader, program: EngineProgram, transactions: Sequence[Transaction], now: datetime
) -> dict[int, Decimal]:
    """The same for transactions that are stored; one that says its points needs no more than itself."""
    silent = [
        each
        for each in transactions
        if (each.points is None or each.cancels_id is not None) and _asks(program, each.sub_type)
    ]
    found = {each.id: at_stake(each) for each in transactions}
    return found | await of_entries(reader, program, await stored.entries(reader, silent, program), now)


async def _members(
    reader: Reader, program: EngineProgram, ids: Collection[int], now: datetime
) -> Mapping[int, MemberState]:
    if not ids:
        return {}
    rows = await snapshots.member_rows(reader, ids)
    today = business_date(now, program.program.time_zone)
    found = await snapshots.members(reader, rows, (), today, joined=program.joined)
    return await with_tiers(reader, program, found, today)


def _said(program: EngineProgram, entry: Entry) -> Decimal | None:
    """What needs no engine; None where it must be asked."""
    if entry.original is not None and entry.sub_type is SubType.CANCELLATION:
        return reversal_stake(program, entry)
    if entry.points is not None:
        return from_units(entry.points, program.point_types[entry.point_type_id or program.default.id].decimals)
    return None if _asks(program, entry.sub_type) else entry.base_points or NOTHING


def _asks(program: EngineProgram, sub_type: SubType) -> bool:
    """Whether the program wants such transactions approved at all."""
    return sub_type in program.program.settings.approval_above
