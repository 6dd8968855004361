"""The one door to ZEN, the language of expressions and decision tables: what it finds wrong with their syntax.

Expressions run as closures (`rules/expressions`), which are stricter and exact; ZEN's own evaluator is the referee in the tests.
"""

import zen


def complaint(expression: str, *, cell: bool = False) -> str | None:
    """What ZEN finds wrong with an expression, or with a cell of a decision table; None if nothing.

    A cell is compiled: ZEN's validation of cells takes them for whole expressions.
    """
    try:
        if cell:
            zen.compile_unary_expression(expression)
        else:
            zen.compile_expression(expression)
    except RuntimeError as error:
        return str(error).partition("\n")[0]
    return None
