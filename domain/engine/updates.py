"""Changes of member attributes and counters by fired rules; they run whether or not their promotion wins the contest.

Every rule has seen the values before the transaction; changes are made in the order of the promotions' starts, so that of two
that set the same attribute the later-starting promotion wins.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from domain.promotions import AttributeOperation, Promotion
from domain.rules import AttributeUpdate, RuleError, Verdict

DECIMALS = 12
"""A quotient keeps so many."""

OPERATIONS: dict[AttributeOperation, Callable[[Any, Any], Any]] = {
    AttributeOperation.SET: lambda _, value: value,
    AttributeOperation.ADD: lambda before, value: before + value,
    AttributeOperation.SUBTRACT: lambda before, value: before - value,
    AttributeOperation.MULTIPLY: lambda before, value: before * value,
    AttributeOperation.DIVIDE: lambda before, value: round(Decimal(before) / value, DECIMALS),
}


@dataclass(frozen=True, slots=True)
class AttributeChange:
    """One change, with what was there before: enough to take it back."""

    promotion_id: int
    path: str
    before: Any
    after: Any


def changes(
    promotions: Sequence[Promotion], verdicts: Iterable[Verdict], values: Mapping[str, Any]
) -> tuple[AttributeChange, ...]:
    """What the fired rules change, in order; `values` are the attributes by path before the transaction. Raises RuleError."""
    wanted = [
        (promotions[verdict.promotion], update)
        for verdict in verdicts
        for fired in verdict.fired
        for update in fired.proposals
        if isinstance(update, AttributeUpdate)
    ]
    current = dict(values)
    made = []
    for promotion, update in sorted(wanted, key=lambda each: (each[0].starts_on, each[0].code)):
        before = current.get(update.attribute)
        if before is None and update.operation is not AttributeOperation.SET:
            raise RuleError(f"promotion {promotion.code}", f"{update.attribute} is empty: there is nothing to change")
        after = OPERATIONS[update.operation](before, update.value)
        current[update.attribute] = after
        made.append(AttributeChange(promotion.id, update.attribute, before, after))
    return tuple(made)


def stored_value(value: Any) -> Any:
    """A value as the member's row keeps it."""
    return value.isoformat() if isinstance(value, date) else value
