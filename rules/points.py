"""Where the points of an award come from: a constant, an attribute × factor, a sum over lines, an expression, or a table.

Exactly one source per action. The result is exact, finite and not negative, or a fault.
"""

from collections.abc import Callable
from decimal import Decimal

from domain.problems import Refused
from domain.promotions import AssignPoints
from domain.rule_problems import InvalidRule
from domain.rules import Facts
from rules import lines
from rules.context import Context
from rules.criteria import compile_criteria
from rules.exact import MAX_DIGITS, multiply
from rules.faults import Fault
from rules.scope import Read

Points = Callable[[Facts], Decimal]


def compile_points(action: AssignPoints, context: Context) -> Points | Decimal:
    """The one source of an action's points; refuses none, several, and a constant that gives nothing."""
    sources = [name for name in ("constant", "attribute", "expression", "table") if getattr(action, name) is not None]
    if len(sources) != 1:
        given = ", ".join(sources) or "none of them"
        raise Refused(
            InvalidRule(
                reason=f"points come from exactly one of constant, attribute, expression or table; given: {given}"
            )
        )
    if action.lines is not None and sources != ["attribute"]:
        raise Refused(
            InvalidRule(path=("lines",), reason="`lines` selects the line items whose `attribute` is summed: name it")
        )
    if action.constant is not None:
        return _constant(action.constant)
    return _product(action, context)


def _constant(points: Decimal) -> Decimal:
    if not points.is_finite() or points <= 0:
        raise Refused(InvalidRule(path=("constant",), reason=f"{points} points are not an award: give more than zero"))
    return points


def _product(action: AssignPoints, context: Context) -> Points:
    factor, path = action.factor, action.attribute or ""
    if not factor.is_finite() or factor <= 0:
        raise Refused(
            InvalidRule(path=("factor",), reason=f"a factor of {factor} gives no points: give more than zero")
        )
    read = _line_sum(action, path, context) if action.lines is not None else _number(path, context)

    def points(facts: Facts) -> Decimal:
        value = read(facts)
        if value is None:
            raise Fault(f"{path} is empty and cannot be multiplied by {factor}")
        return awarded(multiply(value, factor))

    return points


def _number(path: str, context: Context) -> Read:
    attribute = context.scope.resolve(path)
    if not attribute.type.numeric:
        reason = f"{path} is {attribute.type.value}; points are made from numbers"
        raise Refused(InvalidRule(path=("attribute",), reason=reason))
    return attribute.read


def _line_sum(action: AssignPoints, path: str, context: Context) -> Read:
    scope = context.scope.lines
    assert scope is not None
    select = lines.selection(compile_criteria("lines", action.lines or (), scope))
    return lines.summed(select, path, scope).read


def awarded(points: Decimal) -> Decimal:
    """Points of an award as they may be: not negative, and of a size that is exact."""
    if points < 0:
        raise Fault(f"the award would be {points:f} points; an award is never negative")
    if points.adjusted() >= MAX_DIGITS:
        raise Fault(f"the award would be {points:E} points, which no transaction may have")
    return points
