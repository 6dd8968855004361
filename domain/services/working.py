"""Running the engine over a chunk inside a unit of work, with as many lots as it turns out to need."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import count

from msgspec.structs import replace

from domain.calendars import business_date, start_of_day
from domain.engine import EngineProgram, Entry, LotState, MemberState, MoreLots, MoreNumbers, Outcomes, run
from domain.engine.chunk import SIMULATED
from domain.engine.history import earliest
from domain.engine.limits import spans
from domain.engine.snapshot import LotKey
from domain.families import Flow
from domain.services import supplying
from domain.services.leaving import with_left
from domain.services.standing import with_tiers
from domain.store import loans, promotion_usage, snapshots, vouchers
from domain.store.database import Database, Reader, Writer
from domain.store.earned import by_day
from domain.store.member_rows import MemberRow
from domain.store.transfers import sent as transfers_sent
from domain.transactions import SubType, Type

TRIES = 40
"""How often a chunk is worked again for want of numbers: they double each time."""

MADE_UP = 1 << 61
"""From here on are the numbers of transactions that are only simulated: above all that were ever given."""


NOTHING_DRAWN: Mapping[int, int] = {}


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
        reader, members, with_lots, _today(program, now), now=now, joined=program.joined, whole=whole
    )
    return Loaded(program, now, members, await with_tiers(reader, program, found, _today(program, now)))


async def worked(
    database: Database, writer: Writer, loaded: Loaded, entries: Sequence[Entry], *, alone: bool = False
) -> Outcomes:
    """The engine's outcomes for transactions of these members, as found; nothing is written. `alone`: what many share (totals
    of promotions, blocks) is locked before it is read, for it was Contended before.
    """
    program, now = loaded.program, loaded.now
    found = await with_past(writer, program, await _with_originals(writer, loaded, entries), _days(entries))
    found = await _with_sent(writer, program, now, found, entries)
    found = await with_left(writer, program, now, found, entries)
    found = await _with_vouchers(writer, program, now, found, entries)
    found = await _with_maximum_loans(writer, found, entries)
    paid = await (promotion_usage.lock_totals if alone else promotion_usage.totals)(writer, program.capped)
    supply = await supplying.supply_for(writer, program, entries, now, alone=alone)
    numbers = await database.ids.take(writer, _expected(loaded, entries))
    for _ in range(len(loaded.rows) + TRIES):
        try:
            return run(program, found, entries, now, paid, supply=supply, numbers=numbers)
        except MoreNumbers:
            numbers += await database.ids.take(writer, len(numbers) + len(entries))
        except MoreLots as more:
            again = [member for member in loaded.rows if member.id == more.member_id]
            ids = [more.member_id]
            whole = await snapshots.members(writer, again, ids, _today(program, now), now=now, whole=True)
            found |= {key: _with_all_lots(found[key], state) for key, state in whole.items()}
    raise AssertionError


async def tried(
    reader: Reader,
    loaded: Loaded,
    entries: Sequence[Entry],
    paid: Mapping[int, Decimal] | None = None,
    left: Mapping[int, int] = NOTHING_DRAWN,
) -> Outcomes:
    """The same for a simulation: nothing is locked. The members who spend must be loaded whole.

    `paid`: what promotions with a limit in all have paid, and `left`: what is left of blocks, if some of it was only simulated.
    """
    program = loaded.program
    found = await with_past(reader, program, await _with_originals(reader, loaded, entries), _days(entries))
    found = await _with_sent(reader, program, loaded.now, found, entries)
    found = await with_left(reader, program, loaded.now, found, entries)
    found = await _with_vouchers(reader, program, loaded.now, found, entries)
    found = await _with_maximum_loans(reader, found, entries)
    if paid is None:
        paid = await promotion_usage.totals(reader, program.capped)
    supply = (await supplying.supply_seen(reader, program, entries, loaded.now)).less(left)
    return run(program, found, entries, loaded.now, paid, supply=supply, numbers=count(SIMULATED))


async def _with_originals(reader: Reader, loaded: Loaded, entries: Sequence[Entry]) -> dict[int, MemberState]:
    """Members of whom something is taken back, with all their lots and the spent ones that it concerns."""
    lots: dict[int, dict[LotKey, LotState]] = defaultdict(dict)
    for entry in entries:
        if entry.original is not None:
            for member_id, lot in entry.original.all_lots:
                lots[member_id][lot.key] = lot
    if not lots:
        return loaded.states
    rows = [row for row in loaded.rows if row.id in lots]
    today, now = _today(loaded.program, loaded.now), loaded.now
    whole = await snapshots.members(reader, rows, lots, today, now=now, whole=True)
    return loaded.states | {key: _with_lots(loaded.states[key], state, lots[key]) for key, state in whole.items()}


def _with_lots(before: MemberState, whole: MemberState, lots: Mapping[LotKey, LotState]) -> MemberState:
    known = {lot.key for lot in whole.lots or ()}
    spent = (lot for key, lot in lots.items() if key not in known)
    return replace(_with_all_lots(before, whole), lots=(*(whole.lots or ()), *spent))


def _with_all_lots(before: MemberState, whole: MemberState) -> MemberState:
    return replace(before, balances=whole.balances, lots=whole.lots, complete=whole.complete)


async def _with_vouchers(
    reader: Reader, program: EngineProgram, now: datetime, states: dict[int, MemberState], entries: Sequence[Entry]
) -> dict[int, MemberState]:
    """Those who pay with vouchers, or with whose vouchers a cancellation has to do, with what they have."""
    paying = {entry.member_id for entry in entries if entry.voucher or (entry.original and entry.original.vouchers)}
    if not paying:
        return states
    held = await vouchers.of_members(reader, paying, program, now, _today(program, now))
    return {**states, **{key: replace(states[key], vouchers=mine) for key, mine in held.items()}}


def _expected(loaded: Loaded, entries: Sequence[Entry]) -> int:
    """For how many transactions that follow from these there should be numbers at first; there may be more, which costs a second run."""
    program = loaded.program
    following = sum(entry.other_member_id is not None for entry in entries)
    following += sum(len(list(entry.original.everything)) - 1 for entry in entries if entry.original is not None)
    if program.rewards_redemptions or program.lends:
        following += sum(entry.type is Type.REDEMPTION for entry in entries)
    if owed := {state.id: len(state.loans) for state in loaded.states.values() if state.loans}:
        following += sum(owed.get(entry.member_id, 0) for entry in entries)
    if program.families:
        flows = {key: _followers(state.flow) for key, state in loaded.states.items() if state.flow is not None}
        following += sum(flows.get(entry.member_id, 0) for entry in entries if entry.type is Type.ACCRUAL)
    return following


def _followers(flow: Flow) -> int:
    """Both sides of a roll-up, and the accrual of an account."""
    return 2 * (flow.rolls_up_from is not None) + (flow.twin_percent is not None)


async def _with_maximum_loans(
    reader: Reader, states: dict[int, MemberState], entries: Sequence[Entry]
) -> dict[int, MemberState]:
    """The members with the maximum that is approved for them, where some ask for a loan."""
    asking = {entry.member_id for entry in entries if entry.sub_type is SubType.LOAN}
    if not asking:
        return states
    maxima = await loans.maxima(reader, asking)
    return states | {key: replace(states[key], maximum_loans=maxima.get(key, {})) for key in asking}


def _days(entries: Sequence[Entry]) -> set[date]:
    dates = {entry.transaction_date for entry in entries}
    return dates | {entry.original.transaction_date for entry in entries if entry.original is not None}


async def with_past(
    reader: Reader, program: EngineProgram, states: dict[int, MemberState], days: Collection[date]
) -> dict[int, MemberState]:
    """The members with as much of their past as the program's rules and limits ask for, for transactions of these days."""
    found = await _with_earned(reader, program, states, days)
    return await _with_granted(reader, program, found, days)


async def _with_sent(
    reader: Reader, program: EngineProgram, now: datetime, states: dict[int, MemberState], entries: Sequence[Entry]
) -> dict[int, MemberState]:
    """The members with what they have sent to others this year, where the program limits that and somebody sends."""
    if program.program.settings.transfer_limits.per_year is None:
        return states
    transfers = [entry for entry in entries if entry.sub_type is SubType.TRANSFER]
    if not transfers:
        return states
    zone = program.program.time_zone
    year = start_of_day(business_date(now, zone).replace(month=1, day=1), zone)
    sent = await transfers_sent(reader, {each.member_id: states[each.member_id].absorbed for each in transfers}, year)
    return {key: replace(state, sent=sent.get(key, {})) for key, state in states.items()}


async def _with_earned(
    reader: Reader, program: EngineProgram, states: dict[int, MemberState], days: Collection[date]
) -> dict[int, MemberState]:
    """The members with what they were given, as far back as rules ask for points over the last months."""
    if not program.windows or not days:
        return states
    types = {program.by_code[code].id for code, _ in program.windows.values()}
    after = earliest(program.windows, days)
    earned = await by_day(reader, {key: state.absorbed for key, state in states.items()}, types, after)
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
