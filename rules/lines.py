"""Tests and sums over line items: criteria select lines, then any, all, how many, or the sum of one of their attributes.

Nothing is ALL of no lines: a basket without lines is not "all groceries".
"""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from domain.attributes import AttributeType
from domain.problems import Refused
from domain.promotions import LineTest
from domain.rule_problems import InvalidRule
from rules.exact import add
from rules.faults import Fault
from rules.frames import MEMORY
from rules.operators import Holds
from rules.paths import ZERO
from rules.scope import LINES, Attribute, LineScope, Read

if TYPE_CHECKING:
    from rules.criteria import Test

Line = Sequence[Any]
"""A frame of one line item."""
Select = Callable[[Any], Sequence[Line]]
"""From a frame to line items."""


def selection(items: Read, tests: Sequence["Test"], key: int) -> Select:
    """The lines that meet all tests, found once per transaction under this key."""
    holds = all_of([test.holds for test in tests])

    def select(frame: Any) -> Sequence[Line]:
        memory: dict[int, Sequence[Line]] = frame[MEMORY]
        found = memory.get(key)
        if found is None:
            found = memory[key] = [line for line in items(frame) if holds(line)]
        return found

    return select


def all_of(holds: Sequence[Holds]) -> Holds:
    """One test for several; they are asked in their order."""
    if len(holds) == 1:
        return holds[0]
    first, rest = holds[0], all_of(holds[1:])
    return lambda line: first(line) and rest(line)


def _any(select: Select, holds: Holds) -> Holds:
    return lambda frame: any(holds(line) for line in select(frame))


def _all(select: Select, holds: Holds) -> Holds:
    return lambda frame: bool(lines := select(frame)) and all(holds(line) for line in lines)


QUANTIFIERS: Mapping[LineTest, Callable[[Select, Holds], Holds]] = {LineTest.ANY: _any, LineTest.ALL: _all}


def total(select: Select, read: Read, path: str) -> Read:
    """The exact sum of a line's attribute over selected lines; an empty one among them is a fault, not a zero."""

    def result(frame: Any) -> Decimal:
        sum_ = ZERO
        for line in select(frame):
            value = read(line)
            if value is None:
                raise Fault(f"{path} of a line item is empty and cannot be summed")
            sum_ = add(sum_, value)
        return sum_

    return result


def summed(select: Select, name: str, scope: LineScope) -> Attribute:
    attribute = scope.resolve(name)
    if not attribute.type.numeric:
        raise Refused(InvalidRule(reason=f"{name} is {attribute.type.value} and cannot be summed"))
    return Attribute(f"sum of {name}", AttributeType.NUMBER, total(select, attribute.read, name))


def _count(select: Select, name: str, scope: LineScope) -> Attribute:
    if name == LINES:
        return Attribute("count of lines", AttributeType.INTEGER, lambda frame: Decimal(len(select(frame))))
    read = scope.resolve(name).read
    return Attribute(
        f"count of {name}",
        AttributeType.INTEGER,
        lambda frame: Decimal(sum(read(line) is not None for line in select(frame))),
    )


TOTALS: Mapping[LineTest, Callable[[Select, str, LineScope], Attribute]] = {
    LineTest.SUM: summed,
    LineTest.COUNT: _count,
}
"""Numbers made from lines, which are then compared like an attribute. COUNT counts `lines`, or those whose attribute is not empty."""
