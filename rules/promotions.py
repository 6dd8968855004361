"""Promotions, compiled once: ordered rules with criteria and actions. For each thing they apply to, the first rule fires
whose criteria all hold, and all its actions run.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import chain

from domain.problems import Refused
from domain.promotions import AppliesTo, Promotion, Rule
from domain.rule_problems import InvalidRule
from domain.rules import Fired, NotFired, Proposal, RuleError, Verdict
from rules.actions import Propose, compile_action
from rules.conditions import compile_condition
from rules.context import Context
from rules.criteria import Test, compile_criteria
from rules.faults import Fault
from rules.findings import build_both, build_each
from rules.frames import Frame

MAX_RULES = 100
_new = tuple.__new__
"""Makes a named tuple in half the time of its own constructor: most promotions fail for most transactions."""

Faults = Mapping[int, Fault]


@dataclass(frozen=True, slots=True)
class CompiledRule:
    """One rule, ready to be tried. `index` is its place in the promotion; `uses` are the places of a frame that it reads."""

    index: int
    tests: tuple[Test, ...]
    holds: tuple[Callable[[Frame], bool], ...]
    actions: tuple[Propose, ...]
    uses: frozenset[int]

    def proposals(self, frame: Frame) -> tuple[Proposal, ...]:
        """What all its actions propose."""
        if len(self.actions) == 1:
            return self.actions[0](frame)
        return tuple(chain.from_iterable(action(frame) for action in self.actions))


@dataclass(frozen=True, slots=True)
class CompiledPromotion:
    """The rules of a promotion, grouped by what they apply to, each group in its order."""

    index: int
    code: str
    groups: tuple[tuple[CompiledRule, ...], ...]

    def judge(self, frame: Frame, broken: Faults) -> Verdict:
        """What it makes of a transaction; raises RuleError."""
        if broken:
            self._refuse(broken)
        fired: tuple[Fired, ...] = ()
        criterion, rule = 0, self.groups[0][0]
        try:
            for group in self.groups:
                for rule in group:
                    for criterion, holds in enumerate(rule.holds):  # noqa: B007 - the decision names it
                        if not holds(frame):
                            break
                    else:
                        fired += (Fired(self.index, rule.index, rule.proposals(frame)),)
                        break
            if fired:
                return Verdict(self.index, fired, None)
            seen = rule.tests[criterion].seen(frame)
        except (Fault, ArithmeticError) as fault:
            raise self._error(rule, fault) from fault
        return _new(Verdict, (self.index, (), _new(NotFired, (self.index, rule.index, criterion, seen))))

    def _refuse(self, broken: Faults) -> None:
        for rule in chain.from_iterable(self.groups):
            for place in sorted(rule.uses.intersection(broken)):
                raise self._error(rule, broken[place])

    def _error(self, rule: CompiledRule, fault: Exception) -> RuleError:
        return RuleError(f"promotion {self.code}, rule {rule.index + 1}", str(fault) or repr(fault))


def compile_promotion(index: int, promotion: Promotion, context: Context) -> CompiledPromotion:
    """A promotion whose rules are all sound; refuses with every problem of every rule."""
    if not 1 <= len(promotion.rules) <= MAX_RULES:
        raise Refused(
            InvalidRule(path=("rules",), reason=f"a promotion needs 1 to {MAX_RULES} rules, not {len(promotion.rules)}")
        )
    rules = build_each("rules", list(enumerate(promotion.rules)), lambda item: _rule(*item, context))
    groups = (
        tuple(rule for source, rule in zip(promotion.rules, rules, strict=True) if source.applies_to is applies_to)
        for applies_to in AppliesTo
    )
    return CompiledPromotion(index, promotion.code, tuple(group for group in groups if group))


def _rule(index: int, rule: Rule, context: Context) -> CompiledRule:
    if not rule.actions:
        raise Refused(InvalidRule(path=("actions",), reason="a rule without an action does nothing: give it one"))
    context = context.for_rule()
    tests, actions = build_both(
        lambda: _tests(rule, context),
        lambda: build_each("actions", rule.actions, lambda action: compile_action(action, context)),
    )
    return CompiledRule(index, tests, tuple(test.holds for test in tests), actions, frozenset(context.scope.used))


def _tests(rule: Rule, context: Context) -> tuple[Test, ...]:
    scope, text = context.scope, rule.expression
    if text is None:
        return compile_criteria("criteria", rule.criteria, scope)
    structured, condition = build_both(
        lambda: compile_criteria("criteria", rule.criteria, scope), lambda: compile_condition(text, scope)
    )
    return (*structured, condition)
