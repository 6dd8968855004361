"""The one door to ZEN, the language of expressions and decision tables: what it finds wrong with their syntax.

Expressions run as closures (`rules/expressions`), which are stricter and exact; ZEN's own evaluator is the referee in the tests.
"""

import zen


def complaint(expression: str, *, cell: bool = False) -> str | None:
    """What ZEN finds wrong with an expression, or with a cell of a decision table; None if nothing."""
    found = zen.validate_unary_expression(expression) if cell else zen.validate_expression(expression)
    return None if found is None else f"{found['type']}: {found['source']}"
