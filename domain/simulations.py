"""Simulations: what a transaction would do, and what the transactions of a simulation come to. Nothing of it is ever stored."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from domain.approvals import Approval
from domain.decisions import Decision
from domain.engine import EngineProgram
from domain.engine.decision import Decision as Stored
from domain.engine.decision import decode, encode
from domain.engine.replay import paid
from domain.engine.updates import restored
from domain.lots import Lot, LotUse
from domain.members import Balance
from domain.receipts import Receipt
from domain.transactions import PointTotal, Transaction, Type


@dataclass(frozen=True, slots=True, kw_only=True)
class Simulation:
    """The answer, and the rows that would be behind it: lots and uses of the transaction, the lots that `uses` take from (in
    their order, as they would be afterwards), the decision, and the member's balances afterwards.

    For a transaction that was processed: its decision of `then`, and in what the two differ.
    """

    receipt: Receipt[Transaction]
    lots: list[Lot] = field(default_factory=list)
    uses: list[LotUse] = field(default_factory=list)
    used_lots: list[Lot | None] = field(default_factory=list)
    decisions: list[Decision] = field(default_factory=list)
    balances: list[Balance] = field(default_factory=list)
    approvals: list[Approval] = field(default_factory=list)
    """None: nobody has moved anything."""
    then: Decision | None = None
    differs: tuple[str, ...] = ()


COMPARED: dict[str, Callable[[EngineProgram, Stored], Any]] = {
    "subStatus": lambda _, decision: decision.sub_status,
    "base": lambda _, decision: decision.base and (decision.base.points, decision.base.point_type_id),
    "awards": lambda _, decision: sorted(
        (each.promotion_id, each.point_type_id, each.qualifying, each.limited) for each in paid(decision)
    ),
    "changes": lambda program, decision: [
        (
            each.promotion_id,
            each.path,
            *(restored(program.program.attributes, each.path, value) for value in (each.before, each.after)),
        )
        for each in decision.changes
    ],
    "refusal": lambda _, decision: decision.refusal,
}
"""What is compared of two decisions: what came of them, not what was merely considered."""


def differences(program: EngineProgram, then: Stored, now: Stored) -> tuple[str, ...]:
    """In what two decisions about the same transaction differ."""
    now = decode(encode(now))
    return tuple(name for name, part in COMPARED.items() if part(program, then) != part(program, now))


@dataclass(slots=True)
class Totals:
    """What transactions come to: how many ended how, and points by point type, and by promotion and point type."""

    outcomes: Counter[str] = field(default_factory=Counter)
    given: dict[str, Decimal] = field(default_factory=dict)
    taken: dict[str, Decimal] = field(default_factory=dict)
    by_promotion: dict[tuple[str, str], Decimal] = field(default_factory=dict)

    def add(self, kind: Type, points: Iterable[PointTotal]) -> None:
        """Take up what a transaction gave or took."""
        sums = self.given if kind is Type.ACCRUAL else self.taken
        for each in points:
            sums[each.point_type] = sums.get(each.point_type, Decimal(0)) + each.points

    def award(self, promotion: str, point_type: str, points: Decimal) -> None:
        """Take up what a promotion paid."""
        key = promotion, point_type
        self.by_promotion[key] = self.by_promotion.get(key, Decimal(0)) + points


@dataclass(slots=True)
class Compared:
    """Processed transactions as they were decided then and as they would be now, and how many differ."""

    then: Totals = field(default_factory=Totals)
    now: Totals = field(default_factory=Totals)
    transactions: int = 0
    differ: int = 0
