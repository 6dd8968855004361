"""Asking what would happen, and comparing it with what did: without the numbers and moments that no two runs share."""

from dataclasses import fields
from decimal import Decimal
from typing import Any

from domain.commands.simulations import TransactionSimulate
from domain.decisions import Decision
from domain.entries import NewTransaction
from domain.lots import Lot, LotUse
from domain.members import Balance, Member
from domain.people import Principal
from domain.promotions import (
    AppliesToTransaction,
    AssignPoints,
    AttributeOperation,
    Criterion,
    Limits,
    Operator,
    Promotion,
    Rule,
    UpdateAttribute,
)
from domain.services.simulations import transaction_simulate
from domain.simulations import Simulation
from domain.store import balances, decision_reads, ledger_reads
from domain.store.definitions import definition
from domain.transactions import SubType, Transaction, Type
from tests.support.members import by_number
from tests.support.promotions import a_promotion, gives, joins, over
from tests.support.transactions import EVERYTHING, Stage

PURCHASE = AppliesToTransaction(Type.ACCRUAL, SubType.PRODUCT)
SPENDING = AppliesToTransaction(Type.REDEMPTION, SubType.PRODUCT)


async def simulated(stage: Stage, actor: Principal | None = None, **values: Any) -> Simulation:
    """The answer to a question about the stage's program."""
    command = TransactionSimulate(program=stage.program.code, **values)
    return await transaction_simulate(stage.database, stage.desk.programs, actor or stage.msr, command)


async def simulated_entry(
    stage: Stage, entry: NewTransaction, member: Member | None = None, **values: Any
) -> Simulation:
    """The answer for a new transaction of the stage's member."""
    return await simulated(stage, member=by_number(member or stage.member), entry=entry, **values)


async def again(stage: Stage, transaction: Transaction, **values: Any) -> Simulation:
    """The answer for a stored transaction."""
    return await simulated(stage, transaction_id=transaction.id, **values)


async def a_rich_program(stage: Stage) -> list[Promotion]:
    """Promotions of many kinds: with criteria, counting, limited per member and in all, joined, for redemptions, looking back."""
    database, program = stage.database, stage.program
    lately = Criterion("points.POINTS.lastMonths.2", Operator.BETWEEN, (Decimal(40), Decimal(80)))
    third = Criterion("counters.purchases", Operator.EQUALS, (Decimal(2),))
    counting = UpdateAttribute("counters.purchases", AttributeOperation.ADD, Decimal(1))
    resetting = UpdateAttribute("counters.purchases", AttributeOperation.SET, Decimal(0))
    third_pays = Rule((AssignPoints(constant=Decimal(40)), resetting), (third,))
    made = [
        await a_promotion(database, program, gives(25, over(20))),
        await a_promotion(database, program, third_pays, Rule((counting,)), always_apply=True),
        await a_promotion(database, program, gives(7), always_apply=True, limits=Limits(per_member_month=Decimal(15))),
        await a_promotion(database, program, gives(9), always_apply=True, limits=Limits(total=Decimal(30))),
        await a_promotion(database, program, gives(3), always_apply=True, enrollment_required=True),
        await a_promotion(database, program, gives(2), applies_to=(SPENDING,)),
        await a_promotion(database, program, gives(1, lately), always_apply=True),
    ]
    await joins(database, program, stage.member, made[4])
    return made


async def active_promotions(stage: Stage) -> tuple[Promotion, ...]:
    """The active promotions of the program."""
    async with stage.database.read() as reader:
        _, _, found = await definition(reader, stage.program.id)
    return found


def decision_of(decision: Decision) -> tuple[Any, ...]:
    """What was decided: everything but whose and when."""
    apart = {"transaction_id", "processed_at", "attempt"}
    return tuple(getattr(decision, each.name) for each in fields(decision) if each.name not in apart)


def lots_of(lots: list[Lot]) -> list[tuple[Any, ...]]:
    """Lots, as far as two runs share them."""
    return [
        (each.position, each.point_type, each.qualifying, each.origin, each.promotion_id, each.points, each.remaining,
         each.transaction_date, each.effective_on, each.expires_on)
        for each in lots
    ]  # fmt: skip


def uses_of(uses: list[LotUse]) -> list[tuple[Any, ...]]:
    """Uses, as far as two runs share them."""
    return [(each.position, each.lot_transaction_id, each.lot_position, each.point_type, each.points) for each in uses]


Seen = tuple[Any, ...]


def seen(simulation: Simulation) -> Seen:
    """All that a simulation shows."""
    ledger = simulation.lots, simulation.uses, simulation.used_lots
    return _seen(simulation.receipt.result, ledger, simulation.decisions[-1], simulation.balances)


async def done(stage: Stage, transaction: Transaction) -> Seen:
    """The same of a transaction that was really processed."""
    key = (transaction.member_id, transaction.id)
    async with stage.database.read() as reader:
        [lots] = await ledger_reads.lots_of_transactions(reader, EVERYTHING, [key])
        [uses] = await ledger_reads.uses_of_transactions(reader, EVERYTHING, [key])
        used = [(use.member_id, use.lot_transaction_id, use.lot_position) for use in uses]
        left = await ledger_reads.lots_by_key(reader, EVERYTHING, used)
        [[*_, decision]] = await decision_reads.of_transactions(reader, EVERYTHING, [transaction.id])
        now = await stage.database.now(reader)
        [after] = await balances.load_many(reader, EVERYTHING, [transaction.member_id], now)
    return _seen(transaction, (lots, uses, left), decision, after)


def _seen(
    transaction: Transaction | None,
    ledger: tuple[list[Lot], list[LotUse], list[Lot | None]],
    decision: Decision,
    after: list[Balance],
) -> Seen:
    assert transaction is not None
    lots, uses, used = ledger
    what = (transaction.status, transaction.sub_status, transaction.base_points, transaction.totals)
    return what, lots_of(lots), uses_of(uses), used, decision_of(decision), after
