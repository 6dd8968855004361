"""Criteria written as a ZEN expression: one test beside the structured ones, which must come out true.

What compares an empty value is unknown, and does not hold.
"""

from collections.abc import Callable
from typing import Any

from rules.criteria import MAX_SEEN, Test
from rules.expressions import Expression, Kind, compile_expression
from rules.findings import build_at
from rules.frames import remembering
from rules.scope import Scope
from rules.values import shown


def compile_condition(text: str, scope: Scope) -> Test:
    """The test of an expression that is true or false; refuses any other."""
    expression = build_at("expression", lambda: compile_expression(text, scope, Kind.BOOLEAN))
    run = expression.run
    return Test(lambda frame: run(frame, None) is True, _seen(expression))


def _seen(expression: Expression) -> Callable[[Any], str]:
    """The values that the expression read, such as `tier.code GOLD, transaction.amount empty`."""
    reads = [(attribute.path, attribute.place) for attribute in expression.attributes[:MAX_SEEN]]
    if not reads:
        return lambda frame: "false"
    key = tuple(place for _, place in reads)
    return remembering(key, lambda frame: ", ".join(f"{path} {shown(frame[place])}" for path, place in reads))
