"""Base rules: the points of a transaction before any promotion. The first rule that applies decides.

A rule does not apply if its criteria fail, what it reads is empty, it selects no line, or the amount is in another currency.
"""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from domain.problems import Refused
from domain.programs import BaseRule
from domain.rule_problems import InvalidRule
from domain.rules import Facts
from rules.criteria import compile_criteria
from rules.exact import is_number
from rules.faults import Fault
from rules.findings import placed
from rules.kinds import Evaluate, Rejection, Role, RuleKind, Snapshot, WrongCurrency
from rules.lines import Select, selection
from rules.operators import Holds
from rules.parameters import Conditions, split, validated
from rules.registry import Registry
from rules.scope import Scope
from rules.snapshots import Take, paths_of, taking

Apply = Callable[[Facts], Decimal | None]
"""Base points, None where the rule does not apply; raises Fault or WrongCurrency."""


def compile_base_rule(rule: BaseRule, scope: Scope, registry: Registry) -> Apply:
    """One base rule; refuses an unknown kind and wrong parameters."""
    kind = registry.find(rule.kind, rule.version)
    if not isinstance(kind, RuleKind):
        raise Refused(kind.at("kind"))
    if kind.role is not Role.BASE:
        raise Refused(InvalidRule(path=("kind",), reason=f"{kind.name} is an action of promotions, not a base rule"))
    own, parameters = split(rule.parameters)
    conditions: Conditions = validated(Conditions, own)
    model = validated(kind.parameters, parameters)
    try:
        return _compiled(kind, model, conditions, scope)
    except Refused as refused:
        raise Refused(*placed(refused, "parameters")) from None


def _compiled(kind: RuleKind[Any], parameters: Any, conditions: Conditions, scope: Scope) -> Apply:
    when = [test.holds for test in compile_criteria("when", conditions.criteria(), scope)]
    chosen = _chosen(conditions, scope)
    take = taking(paths_of(kind, parameters), scope, chosen)
    return _applying(when, chosen, take, evaluating(kind, parameters))


def _chosen(conditions: Conditions, scope: Scope) -> Select | None:
    criteria = conditions.selection()
    if criteria is None or scope.lines is None:
        return None
    return selection(compile_criteria("lines", criteria, scope.lines))


def _applying(
    when: list[Holds], chosen: Select | None, take: Take, points: Callable[[Snapshot], Decimal | None]
) -> Apply:
    def apply(facts: Facts) -> Decimal | None:
        for holds in when:
            if not holds(facts):
                return None
        if chosen is not None and not chosen(facts):
            return None
        return points(take(facts))

    return apply


def evaluating(kind: RuleKind[Any], parameters: Any) -> Callable[[Snapshot], Decimal | None]:
    """A kind's own function, with everything that may come out of it made safe."""
    evaluate = guarded(kind, parameters)
    name = f"{kind.name} {kind.version}"

    def points(snapshot: Snapshot) -> Decimal | None:
        answer = evaluate(snapshot)
        if answer is None:
            return None
        if isinstance(answer, Rejection):
            raise Fault(f"{name} rejected it: {answer.reason}")
        if not is_number(answer):
            raise Fault(f"{name} gave {answer!r}; expected a finite Decimal or None")
        if answer < 0:  # type: ignore[operator]
            raise Fault(f"{name} gave {answer} points; base points are never negative")
        return Decimal(answer)  # type: ignore[arg-type]

    return points


def guarded(kind: RuleKind[Any], parameters: Any) -> Evaluate:
    """Compiled by the kind; whatever it raises, then or later, is a problem or a fault that names it."""
    try:
        evaluate = kind.compile(parameters)
    except Exception as error:
        raise Refused(InvalidRule(path=("kind",), reason=f"{kind.name} refuses these parameters: {error}")) from error

    def run(snapshot: Snapshot) -> Any:
        try:
            return evaluate(snapshot)
        except (Fault, WrongCurrency):
            raise
        except Exception as error:
            raise Fault(f"{kind.name} {kind.version} failed: {type(error).__name__}: {error}") from error

    return run
