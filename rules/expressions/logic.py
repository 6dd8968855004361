"""Comparisons and logic of expressions. A comparison with an empty value is unknown: it does not hold, and neither does `not` of it.

Unknown is None. `x == null` and `x != null` ask for emptiness itself and are always known.
"""

from collections.abc import Callable, Sequence
from typing import Any

from rules.expressions.kinds import Part, Run
from rules.faults import Fault


def comparison(compares: Callable[[Any, Any], bool], left: Run, right: Run) -> Run:
    """Two values, neither of them empty."""

    def run(frame: Any, item: Any) -> bool | None:
        a, b = left(frame, item), right(frame, item)
        return None if a is None or b is None else compares(a, b)

    return run


def comparison_with_constant(compares: Callable[[Any, Any], bool], left: Part, constant: Any) -> Run:
    """A value, if it is not empty, and a constant."""
    if left.place is None:
        take = left.run
        return lambda frame, item: None if (value := take(frame, item)) is None else compares(value, constant)
    place = left.place
    return lambda frame, item: None if (value := frame[place]) is None else compares(value, constant)


def emptiness(operand: Run, *, wanted: bool) -> Run:
    """Whether a value is empty, or is not."""
    return lambda frame, item: (operand(frame, item) is None) is wanted


def conjunction(left: Run, right: Run) -> Run:
    """`and`: the right side is looked at only if the left one holds, so that the left one can protect it."""
    return lambda frame, item: right(frame, item) if (first := left(frame, item)) is True else first


def disjunction(left: Run, right: Run) -> Run:
    """`or`: unknown only if neither side holds and one of them is unknown."""

    def run(frame: Any, item: Any) -> bool | None:
        first = left(frame, item)
        if first is True:
            return True
        second = right(frame, item)
        return True if second is True else (None if first is None else second)

    return run


def negated(operand: Run) -> Run:
    """`not`: of something unknown, unknown."""

    def run(frame: Any, item: Any) -> bool | None:
        value = operand(frame, item)
        return None if value is None else not value

    return run


def membership(operand: Run, items: Sequence[Run]) -> Run:
    """`in [a, b]`: unknown if it is not found and something in the list is empty."""

    def run(frame: Any, item: Any) -> bool | None:
        value = operand(frame, item)
        if value is None:
            return None
        found = [take(frame, item) for take in items]
        return True if value in found else (None if None in found else False)

    return run


def constant_membership(operand: Part, values: frozenset[Any]) -> Run:
    """`in` a list of constants."""
    if operand.place is None:
        take = operand.run
        return lambda frame, item: None if (value := take(frame, item)) is None else value in values
    place = operand.place
    return lambda frame, item: None if (value := frame[place]) is None else value in values


def interval(operand: Run, low: Run, high: Run, *, with_low: bool, with_high: bool) -> Run:
    """`in [low..high]`: round brackets exclude the end."""

    def run(frame: Any, item: Any) -> bool | None:
        value, lowest, highest = operand(frame, item), low(frame, item), high(frame, item)
        if value is None or lowest is None or highest is None:
            return None
        above = value >= lowest if with_low else value > lowest
        return bool(above and (value <= highest if with_high else value < highest))

    return run


def choice(condition: Part, yes: Run, no: Run) -> Run:
    """`condition ? yes : no`; neither is right where the condition is unknown."""
    ask = condition.run

    def run(frame: Any, item: Any) -> Any:
        answer = ask(frame, item)
        if answer is None:
            raise Fault(
                f"the condition at position {condition.position} compares an empty value: ask for `!= null` first"
            )
        return yes(frame, item) if answer else no(frame, item)

    return run


def default(operand: Run, otherwise: Run) -> Run:
    """`a ?? b`: b where a is empty; a fault in a stays a fault."""
    return lambda frame, item: otherwise(frame, item) if (value := operand(frame, item)) is None else value
