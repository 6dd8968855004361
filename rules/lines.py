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
from domain.rules import Facts
from rules.exact import add
from rules.faults import Fault
from rules.operators import Holds
from rules.scope import ZERO, Attribute, Read, Scope

if TYPE_CHECKING:
    from rules.criteria import Test

Line = Mapping[str, Any]
Select = Callable[[Facts], Sequence[Line]]

THE_LINES = "lines"
"""What COUNT counts if it is to count lines, whatever they hold."""


def selection(tests: Sequence["Test"]) -> Select:
    """The lines that meet all tests; every line, if there are none."""
    if not tests:
        return lambda facts: facts.get("lines") or ()
    holds = [test.holds for test in tests]
    return lambda facts: [line for line in facts.get("lines") or () if all(hold(line) for hold in holds)]


def _any(select: Select, holds: Holds) -> Holds:
    return lambda facts: any(holds(line) for line in select(facts))


def _all(select: Select, holds: Holds) -> Holds:
    return lambda facts: bool(lines := select(facts)) and all(holds(line) for line in lines)


QUANTIFIERS: Mapping[LineTest, Callable[[Select, Holds], Holds]] = {LineTest.ANY: _any, LineTest.ALL: _all}


def total(select: Select, read: Read, path: str) -> Read:
    """The exact sum of a line's attribute over selected lines; an empty one among them is a fault, not a zero."""

    def result(facts: Facts) -> Decimal:
        sum_ = ZERO
        for line in select(facts):
            value = read(line)
            if value is None:
                raise Fault(f"{path} of a line item is empty and cannot be summed")
            sum_ = add(sum_, value)
        return sum_

    return result


def summed(select: Select, name: str, scope: Scope) -> Attribute:
    attribute = scope.resolve(name)
    if not attribute.type.numeric:
        raise Refused(InvalidRule(reason=f"{name} is {attribute.type.value} and cannot be summed"))
    return Attribute(f"sum of {name}", AttributeType.NUMBER, total(select, attribute.read, name))


def _count(select: Select, name: str, scope: Scope) -> Attribute:
    if name == THE_LINES:
        return Attribute("count of lines", AttributeType.INTEGER, lambda facts: Decimal(len(select(facts))))
    read = scope.resolve(name).read
    return Attribute(
        f"count of {name}",
        AttributeType.INTEGER,
        lambda facts: Decimal(sum(read(line) is not None for line in select(facts))),
    )


TOTALS: Mapping[LineTest, Callable[[Select, str, Scope], Attribute]] = {LineTest.SUM: summed, LineTest.COUNT: _count}
"""Numbers made from lines, which are then compared like an attribute. COUNT counts `lines`, or those whose attribute is not empty."""
