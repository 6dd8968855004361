"""Processed transactions again: each finds its member as it was when it was processed, under the rules of now.

As it was then: attributes and counters, tier, joined promotions and lots. Profile, products, prices and terms are as they are
now. Program, member and partner count as active, for they were; limits allow what they would, had this not been paid.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from msgspec import structs

from domain.engine import BalanceState, EngineProgram, Entry, MemberState, Outcome
from domain.engine.decision import Decision, ReversalLine, decode
from domain.engine.limits import Stock
from domain.engine.replay import Past, before_all, earned_with, replay
from domain.members import MemberStatus
from domain.people import Scope
from domain.points import to_units
from domain.programs import ProgramStatus
from domain.services import working
from domain.services.posting import stored
from domain.services.simulations import showing
from domain.services.simulations.showing import Tried
from domain.services.working import MADE_UP
from domain.simulations import Simulation, differences
from domain.store import decision_reads, decisions, promotion_usage, replays, snapshots
from domain.store.database import Reader
from domain.store.promotion_enrollments import joined_at
from domain.store.replays import Given, Taken
from domain.transactions import SubType, Transaction, Type


@dataclass(frozen=True, slots=True)
class History:
    """A member as the first of some transactions found it, and these, in the order in which they were worked."""

    member: MemberState
    transactions: list[Transaction]
    pasts: list[Past]


async def again(
    reader: Reader, program: EngineProgram, scope: Scope, transaction: Transaction, now: datetime
) -> Simulation:
    """A processed transaction once more, at a moment, beside its decision of then."""
    program = running(program)
    since = await replays.processed(reader, [transaction.member_id], transaction.processed_at)
    [history] = await histories(reader, program, since, {transaction.id})
    past = replace(history.pasts[0], now=now)
    lent = {line.loan_id for line in past.then.loans if line.limit is not None}
    member = await _with_lots(reader, history.member, transaction, lent)
    stock = Stock(await promotion_usage.totals(reader, program.capped))
    [[outcome, *_]], book = replay(program, member, [past], stock)
    tried = Tried(outcome, {key: lot.remaining for key, lot in book.lots.items()}, {})
    shown = await showing.simulation(reader, scope, program, transaction, tried, now=now)
    [decided] = await decision_reads.of_transactions(reader, scope, [transaction.id])
    ledger = await _ledger_differences(reader, transaction, outcome)
    return replace(shown, then=decided[-1], differs=(*differences(program, past.then, outcome.decision), *ledger))


async def _with_lots(
    reader: Reader, member: MemberState, transaction: Transaction, lent: Collection[int]
) -> MemberState:
    """The member with the lots of then, without what was lent for this very transaction."""
    known = await replays.lots_before(reader, transaction)
    lots = tuple(lot for lot in known if lot.transaction_id not in lent)
    balances = {lot.point_type_id: BalanceState() for lot in lots}
    return structs.replace(member, lots=lots, balances=balances, complete=True)


async def _ledger_differences(reader: Reader, transaction: Transaction, outcome: Outcome) -> list[str]:
    given, taken = await replays.given_and_taken(reader, transaction)
    lots = [
        Given(lot.point_type_id, lot.qualifying, lot.promotion_id, lot.points, lot.effective_on, lot.expires_on)
        for lot in outcome.lots
    ]
    uses = [Taken(use.lot_transaction_id, use.lot_position, use.points) for use in outcome.uses]
    return [name for name, one, other in (("lots", given, lots), ("lotUses", taken, uses)) if one != other]


def running(program: EngineProgram) -> EngineProgram:
    """The program as if it were active."""
    return replace(program, program=replace(program.program, status=ProgramStatus.ACTIVE))


async def histories(
    reader: Reader, program: EngineProgram, processed: Sequence[Transaction], chosen: Collection[int]
) -> list[History]:
    """One per member who has some of the chosen transactions, beginning with the first of them.

    `processed`: all that was processed of these members since, in its order; what is not chosen is only taken into account.
    """
    following = _following(processed, chosen)
    everything = [each for mine in following.values() for each in mine]
    entered = await entries(reader, program, [each for each in everything if each.id in chosen])
    bodies = await decisions.latest(reader, [each.id for each in everything])
    joined = await joined_at(reader, following, program.joined)
    members = await _members(reader, program, following, [each for each in everything if each.id in chosen])
    found = []
    for member_id, mine in following.items():
        since = joined.get(member_id, {})
        pasts = [past_of(program, each, decode(bodies[each.id]), since, entered.get(each.id)) for each in mine]
        found.append(History(as_then(program, members[member_id], pasts), mine, pasts))
    return found


def _following(processed: Sequence[Transaction], chosen: Collection[int]) -> dict[int, list[Transaction]]:
    """By member, from the first chosen one on."""
    found: dict[int, list[Transaction]] = defaultdict(list)
    for each in processed:
        if each.id in chosen or each.member_id in found:
            found[each.member_id].append(each)
    return found


def past_of(
    program: EngineProgram,
    transaction: Transaction,
    then: Decision,
    joined: Mapping[int, datetime],
    entry: Entry | None,
) -> Past:
    moment = transaction.processed_at
    assert moment is not None
    if entry is not None and (then.base is None or then.base.source != "GIVEN"):
        entry = structs.replace(entry, base_points=None)  # the engine has written those that it found into the row
    promotions = frozenset(promotion for promotion, since in joined.items() if since <= moment)
    given, given_on = _given(program, transaction, then)
    return Past(then, moment, promotions, transaction.transaction_date, given, entry, given_on)


def _given(program: EngineProgram, transaction: Transaction, then: Decision) -> tuple[dict[int, int], date]:
    """What it gave, and on which date that counts; what it took back counts on the date of its original."""
    day = transaction.transaction_date
    if transaction.sub_type is SubType.CANCELLATION and then.reversal is not None:
        day = then.reversal.transaction_date
        return _taken_back(then.reversal) if transaction.type is Type.REDEMPTION else {}, day
    if transaction.type is not Type.ACCRUAL or transaction.sub_type is SubType.LOAN:
        return {}, day
    types = ((program.by_code[total.point_type], total.points) for total in transaction.totals)
    return {each.id: to_units(points, each.decimals) for each, points in types}, day


def _taken_back(reversal: ReversalLine) -> dict[int, int]:
    given: Counter[int] = Counter()
    for lot in reversal.lots:
        given[lot.point_type_id] -= lot.points
    return dict(given)


async def entries(reader: Reader, program: EngineProgram, chosen: Sequence[Transaction]) -> dict[int, Entry]:
    """What the engine gets, by transaction, under numbers of their own."""
    found = await stored.entries(reader, chosen, program)
    return {entry.id: _made_up(entry, MADE_UP + place) for place, entry in enumerate(found)}


def _made_up(entry: Entry, number: int) -> Entry:
    partner = None if entry.partner is None else structs.replace(entry.partner, active=True)
    return structs.replace(entry, id=number, partner=partner, hold_id=None)


async def _members(
    reader: Reader, program: EngineProgram, ids: Collection[int], chosen: Sequence[Transaction]
) -> dict[int, MemberState]:
    """The members as they are, without lots, and with as much of their past as these transactions ask for."""
    rows = await snapshots.member_rows(reader, ids)
    found = await snapshots.members(reader, rows, (), date.min)
    return await working.with_past(reader, program, found, {each.transaction_date for each in chosen})


def as_then(program: EngineProgram, member: MemberState, pasts: Sequence[Past]) -> MemberState:
    """The member as the first of these transactions found it, and active; without lots."""
    attributes, counters = dict(member.facts["attributes"]), dict(member.counters)
    for path, value in before_all(program, pasts).items():
        bag, _, name = path.rpartition(".")
        kept = counters if bag == "counters" else attributes
        kept[name] = value
        if value is None:
            del kept[name]
    earned = member.earned
    for past in pasts:
        earned = earned_with(earned, past, -1)
    active = MemberStatus.ACTIVE
    facts = {**member.facts, "status": active.value, "attributes": attributes}
    return structs.replace(
        member, status=active, facts=facts, counters=counters, earned=earned, balances={}, lots=(), complete=True,
        loans=(), flow=None,
    )  # fmt: skip
