"""Promotions, compiled once: ordered rules with criteria and actions. For each thing they apply to, the first rule fires
whose criteria all hold, and all its actions run.
"""

from dataclasses import dataclass
from itertools import chain

from domain.problems import Refused
from domain.promotions import AppliesTo, Promotion, Rule
from domain.rule_problems import InvalidRule
from domain.rules import Facts, Fired, NotFired, RuleError, Verdict
from rules.actions import COMPILE, Propose
from rules.context import Context
from rules.criteria import Test, compile_criteria
from rules.faults import Fault
from rules.findings import build_both, build_each


@dataclass(frozen=True, slots=True)
class CompiledRule:
    """One rule, ready to be tried; `index` is its place in the promotion."""

    index: int
    tests: tuple[Test, ...]
    actions: tuple[Propose, ...]

    def failing(self, facts: Facts) -> int | None:
        """The index of the first criterion that does not hold; None if all do."""
        for index, test in enumerate(self.tests):
            if not test.holds(facts):
                return index
        return None


@dataclass(frozen=True, slots=True)
class CompiledPromotion:
    """The rules of a promotion, grouped by what they apply to, each group in its order."""

    index: int
    code: str
    groups: tuple[tuple[CompiledRule, ...], ...]

    def judge(self, facts: Facts) -> Verdict:
        """What it makes of a transaction; raises RuleError."""
        fired: list[Fired] = []
        failed: NotFired | None = None
        for group in self.groups:
            rule = group[0]
            try:
                for rule in group:
                    criterion = rule.failing(facts)
                    if criterion is None:
                        proposals = tuple(chain.from_iterable(action(facts) for action in rule.actions))
                        fired.append(Fired(self.index, rule.index, proposals))
                        break
                    failed = NotFired(self.index, rule.index, criterion, rule.tests[criterion].seen(facts))
            except (Fault, ArithmeticError) as fault:
                raise RuleError(f"promotion {self.code}, rule {rule.index + 1}", str(fault) or repr(fault)) from fault
        return Verdict(self.index, tuple(fired), None if fired else failed)


def compile_promotion(index: int, promotion: Promotion, context: Context) -> CompiledPromotion:
    """A promotion whose rules are all sound; refuses with every problem of every rule."""
    if not promotion.rules:
        raise Refused(InvalidRule(path=("rules",), reason="a promotion needs at least one rule with an action"))
    numbered = list(enumerate(promotion.rules))
    rules = build_each("rules", numbered, lambda item: _rule(item[0], item[1], context))
    groups = (
        tuple(rule for (_, source), rule in zip(numbered, rules, strict=True) if source.applies_to is applies_to)
        for applies_to in AppliesTo
    )
    return CompiledPromotion(index, promotion.code, tuple(group for group in groups if group))


def _rule(index: int, rule: Rule, context: Context) -> CompiledRule:
    if not rule.actions:
        raise Refused(InvalidRule(path=("actions",), reason="a rule without an action does nothing: give it one"))
    tests, actions = build_both(
        lambda: compile_criteria("criteria", rule.criteria, context.scope),
        lambda: build_each("actions", rule.actions, lambda action: COMPILE[type(action)](action, context)),
    )
    return CompiledRule(index, tests, actions)
