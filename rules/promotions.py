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
    """A promotion, ready to judge a frame; `rules` are all of them, in any group."""

    code: str
    rules: tuple[CompiledRule, ...]
    verdict: Callable[[Frame], Verdict]

    def judge(self, frame: Frame, broken: Faults) -> Verdict:
        """What it makes of a transaction; raises RuleError."""
        if broken:
            self._refuse(broken)
        return self.verdict(frame)

    def _refuse(self, broken: Faults) -> None:
        for rule in self.rules:
            for place in sorted(rule.uses.intersection(broken)):
                raise _error(self.code, rule.index, broken[place])


def _error(code: str, rule: int, fault: Exception) -> RuleError:
    return RuleError(f"promotion {code}, rule {rule + 1}", str(fault) or repr(fault))


def _judging(index: int, code: str, groups: tuple[tuple[CompiledRule, ...], ...]) -> Callable[[Frame], Verdict]:
    """Rules in groups by what they apply to: in each, the first whose criteria all hold fires."""

    def verdict(frame: Frame) -> Verdict:
        fired: tuple[Fired, ...] = ()
        criterion, rule = 0, groups[0][0]
        try:
            for group in groups:
                for rule in group:
                    for criterion, holds in enumerate(rule.holds):  # noqa: B007 - the decision names it
                        if not holds(frame):
                            break
                    else:
                        fired += (Fired(index, rule.index, rule.proposals(frame)),)
                        break
            if fired:
                return Verdict(index, fired, None)
            seen = rule.tests[criterion].seen(frame)
        except (Fault, ArithmeticError) as fault:
            raise _error(code, rule.index, fault) from fault
        return _new(Verdict, (index, (), _new(NotFired, (index, rule.index, criterion, seen))))

    return verdict


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
    judging = _judging(index, promotion.code, tuple(group for group in groups if group))
    return CompiledPromotion(promotion.code, rules, judging)


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
