"""Promotions, compiled once: ordered rules with criteria and actions. For each thing they apply to, the first rule fires
whose criteria all hold, and all its actions run.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate, chain

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


@dataclass(frozen=True)
class CompiledPromotion:
    """A promotion, ready to judge a frame; `rules` are all of them, in any group."""

    code: str
    rules: tuple[CompiledRule, ...]
    groups: tuple[tuple[CompiledRule, ...], ...]
    verdict: Callable[[Frame], Verdict]
    weigh: Callable[[Frame, list[Fired]], int]
    """The same as a number; what fired is added to the list."""

    first_places: tuple[int, ...]
    """For each rule, the number of its first criterion (`domain/verdicts.py`)."""

    @cached_property
    def tests(self) -> tuple[Test, ...]:
        """The criteria of all its rules, as they are numbered."""
        return tuple(test for rule in self.rules for test in rule.tests)

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
    by_subject = (
        tuple(rule for source, rule in zip(promotion.rules, rules, strict=True) if source.applies_to is applies_to)
        for applies_to in AppliesTo
    )
    groups = tuple(group for group in by_subject if group)
    verdict, first = _judging(index, promotion.code, groups), _first_places(rules)
    return CompiledPromotion(promotion.code, rules, groups, verdict, _weighing(verdict, first), first)


def _first_places(rules: tuple[CompiledRule, ...]) -> tuple[int, ...]:
    return tuple(accumulate((len(rule.tests) for rule in rules[:-1]), initial=1))


def _weighing(verdict: Callable[[Frame], Verdict], first: tuple[int, ...]) -> Callable[[Frame, list[Fired]], int]:
    def weigh(frame: Frame, fired: list[Fired]) -> int:
        found = verdict(frame)
        fired.extend(found.fired)
        return 0 if found.failed is None else first[found.failed.rule] + found.failed.criterion

    return weigh


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
