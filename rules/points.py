"""Where the points of an award come from: a constant, an attribute × factor, a sum over lines, an expression, or a table.

Exactly one source per action. The result is exact, finite and not negative, or a fault.
"""

from collections.abc import Callable, Mapping
from decimal import Decimal

from domain.problems import Refused
from domain.promotions import AssignPoints
from domain.rule_problems import InvalidRule
from rules import lines
from rules.context import Context
from rules.criteria import select_lines
from rules.exact import MAX_DIGITS, multiply
from rules.expressions import Kind, compile_expression
from rules.faults import Fault
from rules.findings import build_at
from rules.frames import Frame
from rules.scope import Read
from rules.tables import compile_table

Points = Callable[[Frame], Decimal]


def compile_points(action: AssignPoints, context: Context) -> Points | Decimal:
    """The one source of an action's points; refuses none, several, and a constant that gives nothing."""
    sources = [name for name in SOURCES if getattr(action, name) is not None]
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
    return SOURCES[sources[0]](action, context)


def _constant(action: AssignPoints, context: Context) -> Decimal:
    points = action.constant or Decimal(0)
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

    def points(frame: Frame) -> Decimal:
        value = read(frame)
        if value is None:
            raise Fault(f"{path} is empty and cannot be multiplied by {factor}")
        return awarded(multiply(value, factor))

    return points


def _number(path: str, context: Context) -> Read:
    attribute = build_at("attribute", lambda: context.scope.resolve(path))
    if not attribute.type.numeric:
        reason = f"{path} is {attribute.type.value}; points are made from numbers"
        raise Refused(InvalidRule(path=("attribute",), reason=reason))
    return attribute.read


def _line_sum(action: AssignPoints, path: str, context: Context) -> Read:
    scope = context.scope
    select = select_lines("lines", action.lines or (), scope)
    return build_at("attribute", lambda: lines.summed(select, path, scope.lines).read)


def _expression(action: AssignPoints, context: Context) -> Points:
    text = action.expression or ""
    run = build_at("expression", lambda: compile_expression(text, context.scope, Kind.NUMBER)).run

    def points(frame: Frame) -> Decimal:
        value = run(frame, None)
        if value is None:
            raise Fault(f"{text} is empty")
        return awarded(value)

    return points


def _table(action: AssignPoints, context: Context) -> Points:
    decide = build_at("table", lambda: compile_table(action.table or {}, context.scope))
    return lambda frame: awarded(decide(frame))


def awarded(points: Decimal) -> Decimal:
    """Points of an award as they may be: not negative, and of a size that is exact."""
    if points < 0:
        raise Fault(f"the award would be {points:f} points; an award is never negative")
    if points.adjusted() >= MAX_DIGITS:
        raise Fault(f"the award would be {points:.2E} points, which no transaction may have")
    return points


SOURCES: Mapping[str, Callable[[AssignPoints, Context], Points | Decimal]] = {
    "constant": _constant,
    "attribute": _product,
    "expression": _expression,
    "table": _table,
}
"""Where points may come from, by the name of the field that says so."""
