"""Base rules: the points of a transaction before any promotion. The first rule that applies decides.

A rule does not apply if its criteria fail, what it reads is empty, it selects no line, or the amount is in another currency.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from domain.problems import Refused
from domain.programs import BaseRule
from domain.rule_problems import InvalidRule
from domain.rules import RuleError
from rules.context import Context
from rules.criteria import compile_criteria, select_lines
from rules.exact import is_number
from rules.faults import Fault
from rules.findings import build_at, build_each
from rules.frames import Frame
from rules.kinds import Evaluate, Role, RuleKind, Snapshot
from rules.lines import Select
from rules.operators import Holds
from rules.parameters import Conditions, split, validated
from rules.plugins import evaluating
from rules.scope import Scope
from rules.snapshots import Take, paths_of, taking

BASE_POINTS = "transaction.basePoints"

Points = Callable[[Frame], Decimal | None]
"""Base points, None where the rule does not apply; raises Fault or WrongCurrency."""


@dataclass(frozen=True, slots=True)
class CompiledBase:
    """One base rule, ready to be tried; `uses` are the places of a frame that it reads."""

    index: int
    kind: str
    apply: Points
    uses: frozenset[int]

    def points(self, frame: Frame, broken: Mapping[int, Fault]) -> Decimal | None:
        """Base points, None where the rule does not apply; raises RuleError or WrongCurrency."""
        try:
            for place in sorted(self.uses.intersection(broken)):
                raise broken[place]
            return self.apply(frame)
        except (Fault, ArithmeticError) as fault:
            raise RuleError(f"base rule {self.index + 1} ({self.kind})", str(fault) or repr(fault)) from fault


def compile_base_rules(rules: Sequence[BaseRule], context: Context) -> tuple[CompiledBase, ...]:
    """All base rules in their order; refuses unknown kinds and wrong parameters, each with its place."""
    return build_each("baseRules", list(enumerate(rules)), lambda item: _compile(*item, context.for_rule()))


def _compile(index: int, rule: BaseRule, context: Context) -> CompiledBase:
    kind, scope = context.registry.find(rule.kind, rule.version), context.scope
    if not isinstance(kind, RuleKind):
        raise Refused(kind.at("kind"))
    if kind.role is not Role.BASE:
        raise Refused(InvalidRule(path=("kind",), reason=f"`{kind.name}` is an action of promotions, not a base rule"))
    own, parameters = split(rule.parameters)
    conditions, model = validated(Conditions, own), validated(kind.parameters, parameters)
    apply = build_at("parameters", lambda: _points(kind, parameters, model, conditions, context))
    if scope.places.get(BASE_POINTS) in scope.used:
        reason = f"a base rule cannot read {BASE_POINTS}, which it is to find"
        raise Refused(InvalidRule(path=("parameters",), reason=reason))
    return CompiledBase(index, rule.kind, apply, frozenset(scope.used))


def _points(
    kind: RuleKind[Any], given: Mapping[str, Any], parameters: Any, conditions: Conditions, context: Context
) -> Points:
    scope = context.scope
    when = [test.holds for test in compile_criteria("when", conditions.criteria(), scope)]
    chosen = _chosen(conditions, scope)
    take = taking(paths_of(kind, parameters), scope, chosen)
    return _applying(when, chosen, take, _numbers(kind, evaluating(kind, given, parameters, context)))


def _chosen(conditions: Conditions, scope: Scope) -> Select | None:
    criteria = conditions.selection()
    if criteria is None:
        return None
    return select_lines("lines", criteria, scope)


def _applying(
    when: list[Holds], chosen: Select | None, take: Take, points: Callable[[Snapshot], Decimal | None]
) -> Points:
    def apply(frame: Frame) -> Decimal | None:
        for holds in when:
            if not holds(frame):
                return None
        if chosen is not None and not chosen(frame):
            return None
        return points(take(frame))

    return apply


def _numbers(kind: RuleKind[Any], evaluate: Evaluate) -> Callable[[Snapshot], Decimal | None]:
    name = f"{kind.name} {kind.version}"

    def points(snapshot: Snapshot) -> Decimal | None:
        answer = evaluate(snapshot)
        if answer is None:
            return None
        if not is_number(answer):
            raise Fault(f"{name} gave {answer!r}; expected a finite Decimal, or None where it does not apply")
        if answer < 0:
            raise Fault(f"{name} gave {answer} points; base points are never negative")
        return Decimal(answer)

    return points
