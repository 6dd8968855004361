"""Of which lines an award was made: for a sum over lines, what each line contributed to it.

Nothing is judged again: whether a rule fires plays no part, only what its sum was made of.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

from domain.promotions import AssignPoints, Promotion, Rule
from domain.rules import Award, RuleError, Verdict
from rules.definition import Definition
from rules.program import compile_program

Weights = Mapping[int, Fraction]
"""By the number of the line; the first is 1."""


def line_weights(
    actions: Sequence[tuple[Promotion, AssignPoints]], definition: Definition, facts: Mapping[str, Any]
) -> list[Weights]:
    """For each action that sums lines, what each line of a transaction weighs in it; raises RuleError."""
    promotions = tuple(
        replace(promotion, rules=(Rule((replace(action, factor=Decimal(1)),)),)) for promotion, action in actions
    )
    compiled = compile_program(replace(definition, base_rules=(), promotions=promotions))
    found: list[dict[int, Fraction]] = [{} for _ in actions]
    for number, line in enumerate(facts["lines"], 1):
        verdicts = compiled.judge({**facts, "lines": [line]}, range(len(actions)))
        for weights, verdict in zip(found, verdicts, strict=True):
            weights[number] = _weight(verdict)
    return list(found)


def _weight(verdict: Verdict) -> Fraction:
    [award] = [each for fired in verdict.fired for each in fired.proposals if isinstance(each, Award)]
    if award.points < 0:
        raise RuleError("refund", "a line that takes points away has no share of an award")
    return Fraction(award.points)
