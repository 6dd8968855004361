"""Criteria written as a ZEN expression: one test beside the structured ones, which must come out true.

What compares an empty value is unknown, and does not hold.
"""

from typing import Any

from rules.criteria import MAX_SEEN, Test
from rules.expressions import Expression, Kind, compile_expression
from rules.findings import build_at
from rules.scope import Scope
from rules.values import EMPTY, shown


def compile_condition(text: str, scope: Scope) -> Test:
    """The test of an expression that is true or false; refuses any other."""
    expression = build_at("expression", lambda: compile_expression(text, scope, Kind.BOOLEAN))
    run = expression.run
    return Test(lambda frame: run(frame, None) is True, lambda frame: _seen(expression, frame))


def _seen(expression: Expression, frame: Any) -> str:
    if expression.run(frame, None) is None:
        return EMPTY
    values = [f"{attribute.path} {shown(attribute.read(frame))}" for attribute in expression.attributes]
    return ", ".join(values[:MAX_SEEN]) or "false"
