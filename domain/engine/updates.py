"""Changes of member attributes and counters by fired rules; they run whether or not their promotion wins the contest.

Every rule has seen the values before the transaction; changes are made in the order of the promotions' starts, so that of two
that set the same attribute the later-starting promotion wins.
"""

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from functools import lru_cache
from operator import itemgetter
from typing import Any

import msgspec

from domain.attributes import AttributeType
from domain.engine.program import EngineProgram
from domain.promotions import AttributeOperation, Promotion
from domain.rules import AttributeUpdate, RuleError

DECIMALS = 12
"""A quotient keeps so many."""

OPERATIONS: dict[AttributeOperation, Callable[[Any, Any], Any]] = {
    AttributeOperation.SET: lambda _, value: value,
    AttributeOperation.ADD: lambda before, value: before + value,
    AttributeOperation.SUBTRACT: lambda before, value: before - value,
    AttributeOperation.MULTIPLY: lambda before, value: before * value,
    AttributeOperation.DIVIDE: lambda before, value: round(Decimal(before) / value, DECIMALS),
}


class AttributeChange(msgspec.Struct, frozen=True, gc=False):
    """One change, with what was there before: enough to take it back."""

    promotion_id: int
    path: str
    before: Any
    after: Any


Update = tuple[int, Promotion, AttributeUpdate]
"""What a fired rule asks for, with its promotion and the rank of that."""


def changes(
    wanted: list[Update], program: EngineProgram, attributes: Mapping[str, Any], counters: Mapping[str, Any]
) -> tuple[AttributeChange, ...]:
    """What updates change, in the order of their ranks; `attributes` and `counters` are as before the transaction. Raises RuleError."""
    current: dict[str, Any] = {}
    made = []
    for _, promotion, update in sorted(wanted, key=_rank):
        path, operation = update.attribute, update.operation
        if path in current:
            before = current[path]
        else:
            bag, name = bag_of(path)
            before = counters.get(name, program.counters.get(name)) if bag == "counters" else attributes.get(name)
        if before is None and operation is not AttributeOperation.SET:
            raise RuleError(f"promotion {promotion.code}", f"{path} is empty: there is nothing to change")
        after = current[path] = OPERATIONS[operation](before, update.value)
        made.append(AttributeChange(promotion.id, path, before, after))
    return tuple(made)


_rank = itemgetter(0)


@lru_cache(maxsize=4096)
def bag_of(path: str) -> tuple[str, str]:
    """Where a path is kept (`counters` or the member's attributes), and its name there."""
    bag, _, name = path.rpartition(".")
    return bag, name


def stored_value(value: Any) -> Any:
    """A value as the member's row keeps it."""
    return value.isoformat() if isinstance(value, date) else value


def restored(attributes: Mapping[str, AttributeType], path: str, value: Any) -> Any:
    """An attribute's value as the member's row has it: a decision keeps exact fractions as text."""
    return Decimal(value) if is_numeric(attributes, path) and isinstance(value, str) else value


def is_numeric(attributes: Mapping[str, AttributeType], path: str) -> bool:
    """Whether an attribute holds numbers; a counter that is only counted, and not declared, does."""
    kind = attributes.get(path)
    return kind.numeric if kind is not None else path.startswith("counters.")
