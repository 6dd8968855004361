"""From a path to the raw value in the facts, or in one line item."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

Get = Callable[[Any], Any]

ZERO = Decimal(0)


def getter(path: str) -> Get:
    """Of `amount` (of a line), `transaction.amount`, `member.address.country`, `points.<rest>`, `counters.<name>`."""
    section, _, rest = path.partition(".")
    if not rest:
        return lambda source: source.get(section)
    if section == "counters":
        return lambda source: source[section].get(rest) or ZERO
    if section == "points" or "." not in rest:
        return lambda source: None if (inner := source.get(section)) is None else inner.get(rest)
    middle, _, name = rest.partition(".")

    def get(source: Any) -> Any:
        outer = source.get(section)
        inner = None if outer is None else outer.get(middle)
        return None if inner is None else inner.get(name)

    return get
