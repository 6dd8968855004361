"""Comparisons of expressions: both sides are of one kind; a text constant beside a date is read as one."""

import operator
from collections.abc import Callable, Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from rules.expressions import logic
from rules.expressions.kinds import Kind, Part, Run
from rules.expressions.nodes import Binary, Interval, Listing, Node

if TYPE_CHECKING:
    from rules.expressions.compiler import Compiler

SIGNS: Mapping[str, Callable[[Any, Any], bool]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
EQUALITY = frozenset({"==", "!="})
ORDERED = (Kind.NUMBER, Kind.DATE, Kind.TEXT)


def compile_comparison(compiler: "Compiler", node: Binary) -> Part:
    """`==` to `>=`, `in` and `not in`."""
    left = compiler.compile(node.left)
    if node.operator in ("in", "not in"):
        found = _membership(compiler, left, node.right)
        return Part(Kind.BOOLEAN, found if node.operator == "in" else logic.negated(found), left.position)
    right = compiler.compile(node.right)
    if node.operator in EQUALITY and Kind.NULL in (left.kind, right.kind):
        operand = right if left.kind is Kind.NULL else left
        return Part(Kind.BOOLEAN, logic.emptiness(operand.run, wanted=node.operator == "=="), left.position)
    left, right = alike(compiler, left, right)
    if node.operator not in EQUALITY:
        compiler.need(left, *ORDERED)
    return Part(Kind.BOOLEAN, _compared(SIGNS[node.operator], left, right), left.position)


def _compared(compares: Callable[[Any, Any], bool], left: Part, right: Part) -> Run:
    if right.constant is not None:
        return logic.comparison_with_constant(compares, left, right.constant)
    return logic.comparison(compares, left.run, right.run)


def alike(compiler: "Compiler", left: Part, right: Part) -> tuple[Part, Part]:
    """Two parts of one kind."""
    if left.kind is Kind.DATE and right.kind is Kind.TEXT:
        right = compiler.need(right, Kind.DATE)
    elif right.kind is Kind.DATE and left.kind is Kind.TEXT:
        left = compiler.need(left, Kind.DATE)
    if left.kind != right.kind:
        raise compiler.wrong(right.position, f"{left.kind.value} cannot be compared with {right.kind.value}")
    return left, right


def dated(compiler: "Compiler", part: Part) -> Part:
    """A text constant as the date it is."""
    try:
        day = date.fromisoformat(part.constant)
    except ValueError:
        raise compiler.wrong(part.position, f"expected a date such as '2026-01-31', found {part.constant!r}") from None
    return Part(Kind.DATE, lambda frame, item: day, part.position, constant=day)


def _membership(compiler: "Compiler", left: Part, right: Node) -> Run:
    if isinstance(right, Interval):
        return _interval(compiler, left, right)
    if not isinstance(right, Listing) or not right.items:
        raise compiler.wrong(right.position, "`in` takes a list such as ['A', 'B'], or a range such as [1..10]")
    items = [alike(compiler, left, compiler.compile(item))[1] for item in right.items]
    if all(item.constant is not None for item in items):
        return logic.constant_membership(left, frozenset(item.constant for item in items))
    return logic.membership(left.run, [item.run for item in items])


def _interval(compiler: "Compiler", left: Part, right: Interval) -> Run:
    compiler.need(left, *ORDERED)
    low, high = (alike(compiler, left, compiler.compile(end))[1] for end in (right.low, right.high))
    return logic.interval(left.run, low.run, high.run, with_low=right.with_low, with_high=right.with_high)
