"""From an outcome that is not written to what would be shown if it were: the same values that are read back from real rows."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from msgspec import structs

from domain.decisions import Decision, ProgramVersion, read
from domain.drafts import Draft
from domain.engine import BalanceState, EngineProgram, NewLot, NewUse, Outcome
from domain.engine.decision import decode, encode
from domain.engine.outcome import NewRestore
from domain.engine.snapshot import LotKey
from domain.lots import Lot, LotUse
from domain.members import Balance
from domain.people import Scope
from domain.points import Units, from_units
from domain.programs import PointType
from domain.receipts import Receipt
from domain.services.checks import INPUT
from domain.simulations import Simulation
from domain.store import balances, ledger_reads
from domain.store.database import Reader
from domain.transactions import PointTotal, Transaction


@dataclass(frozen=True, slots=True)
class Tried:
    """What the engine has made of a transaction: what would be left of lots that it takes from, and the balances that change."""

    outcome: Outcome
    left: Mapping[LotKey, int]
    balances: Mapping[int, BalanceState]


async def simulation(
    reader: Reader, scope: Scope, program: EngineProgram, before: Transaction, tried: Tried, *, now: datetime
) -> Simulation:
    """All that would be shown of a transaction, as far as the scope shows it."""
    outcome = tried.outcome
    errors = () if outcome.rejection is None else (outcome.rejection.at(INPUT),)
    return Simulation(
        receipt=Receipt(worked(before, outcome, now), errors),
        lots=[lot_of(program, lot, now) for lot in outcome.lots],
        uses=uses_of(program, outcome, now),
        used_lots=await _used_lots(reader, scope, program, tried),
        decisions=[decided(program, outcome)],
        balances=await _balances_after(reader, scope, program, tried, now),
    )


def recorded(draft: Draft) -> Transaction:
    """A draft as it would be read back before it is worked."""
    entry = draft.entry
    return Transaction(
        id=draft.id, program_id=draft.program_id, member_id=draft.member_id, type=entry.type, sub_type=entry.sub_type,
        status=draft.status, sub_status=None, transaction_date=draft.transaction_date, processed_at=None,
        created_at=draft.created_at, created_by_id=draft.created_by_id, product_id=draft.product_id,
        amount=entry.amount, currency=entry.currency, quantity=entry.quantity, line_items=entry.line_items,
        attributes=entry.attributes, partner_id=draft.partner_id, base_points=entry.base_points,
        point_type_id=draft.point_type_id, qualifying=entry.qualifying, points=entry.points, submit_to_id=None,
        external=False, source=entry.source, external_id=entry.external_id, comment=entry.comment, totals=(),
        attempts=0, version=1, other_member_id=draft.other_member_id,
    )  # fmt: skip


def worked(before: Transaction, outcome: Outcome, now: datetime) -> Transaction:
    """The transaction as the engine would leave it."""
    return replace(
        before,
        id=outcome.transaction_id,
        status=outcome.status,
        sub_status=outcome.sub_status,
        processed_at=now,
        base_points=before.base_points if outcome.base_points is None else outcome.base_points,
        totals=totals_of(outcome),
        attempts=outcome.attempt,
    )


def totals_of(outcome: Outcome) -> tuple[PointTotal, ...]:
    """What a transaction would give or take, in points as people speak them."""
    return tuple(
        PointTotal(each.point_type, from_units(each.points, each.decimals), from_units(each.qualifying, each.decimals))
        for each in outcome.totals
    )


def decided(program: EngineProgram, outcome: Outcome) -> Decision:
    """The decision in the words of the program, its drafts included."""
    promotions = {each.id: each for each in program.rules.promotions}
    return read(
        decode(encode(outcome.decision)),  # as it would be read back: in a stored one exact fractions are text
        ProgramVersion(program.program, program.point_types, promotions),
        transaction_id=outcome.transaction_id,
        member_id=outcome.member_id,
        attempt=outcome.attempt,
    )


def lot_of(program: EngineProgram, new: NewLot, now: datetime) -> Lot:
    """A lot that would be made."""
    point_type = program.point_types[new.point_type_id]
    points = from_units(new.points, point_type.decimals)
    return Lot(
        member_id=new.member_id, transaction_id=new.transaction_id, position=new.position, point_type=point_type.code,
        qualifying=new.qualifying, origin=new.origin, promotion_id=new.promotion_id, points=points, remaining=points,
        transaction_date=new.transaction_date, effective_on=new.effective_on, expires_on=new.expires_on, created_at=now,
    )  # fmt: skip


def uses_of(program: EngineProgram, outcome: Outcome, now: datetime) -> list[LotUse]:
    """The uses that would be made: of lots that pay, or of those that would get points back."""
    if outcome.reversed is None:
        return [use_of(program, use, now) for use in outcome.uses]
    backs = (structs.replace(each, points=Units(-each.points)) for each in outcome.reversed.restores)
    return [*(use_of(program, use, now) for use in outcome.uses), *(use_of(program, back, now) for back in backs)]


def use_of(program: EngineProgram, new: NewUse | NewRestore, now: datetime) -> LotUse:
    """A use that would be made."""
    point_type = program.point_types[new.point_type_id]
    reverses = (new.reverses_transaction_id, new.reverses_position) if isinstance(new, NewRestore) else (None, None)
    return LotUse(
        member_id=new.member_id, transaction_id=new.transaction_id, position=new.position,
        lot_transaction_id=new.lot_transaction_id, lot_position=new.lot_position, point_type=point_type.code,
        points=from_units(new.points, point_type.decimals), reverses_transaction_id=reverses[0], reverses_position=reverses[1],
        created_at=now,
    )  # fmt: skip


async def _used_lots(reader: Reader, scope: Scope, program: EngineProgram, tried: Tried) -> list[Lot | None]:
    """The lots that would have paid, in their order, with what would be left of them."""
    outcome = tried.outcome
    used: list[NewUse | NewRestore] = [*outcome.uses, *(outcome.reversed.restores if outcome.reversed else ())]
    keys = [(use.member_id, use.lot_transaction_id, use.lot_position) for use in used]
    found = await ledger_reads.lots_by_key(reader, scope, keys) if keys else []
    return [lot and replace(lot, remaining=_left(program, lot, tried.left)) for lot in found]


def _left(program: EngineProgram, lot: Lot, left: Mapping[LotKey, int]) -> Decimal:
    return from_units(left[lot.transaction_id, lot.position], program.by_code[lot.point_type].decimals)


async def _balances_after(
    reader: Reader, scope: Scope, program: EngineProgram, tried: Tried, now: datetime
) -> list[Balance]:
    [before] = await balances.load_many(reader, scope, [tried.outcome.member_id], now)
    changed = {program.point_types[point_type_id].code: after for point_type_id, after in tried.balances.items()}
    return [
        _balance(each, program.by_code[each.point_type], changed[each.point_type])
        if each.point_type in changed
        else each
        for each in before
    ]


def _balance(before: Balance, point_type: PointType, after: BalanceState) -> Balance:
    left = after.available + after.held + after.pending + after.redeemed
    figures = {
        "available": after.available,
        "held": after.held,
        "pending": after.pending,
        "earned": after.earned,
        "redeemed": after.redeemed,
        "expired": after.earned - left,
        "lifetime_qualifying": after.lifetime_qualifying,
        "loan_outstanding": after.loan_outstanding,
    }
    shown: dict[str, Any] = {name: from_units(units, point_type.decimals) for name, units in figures.items()}
    return replace(before, **shown)
