"""A program's rules, compiled once per version: base rules and promotions, ready to judge transactions.

Pure: the same facts give the same verdicts, on any thread, at any time.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from domain.promotions import Promotion
from domain.rules import Base, CompiledRules, CurrencyMismatch, Facts, RuleError, Verdict
from rules import registry as installed_kinds
from rules.base import Apply, compile_base_rule
from rules.context import Context
from rules.definition import Definition
from rules.faults import Fault
from rules.findings import build_both, build_each
from rules.kinds import WrongCurrency
from rules.promotions import CompiledPromotion, compile_promotion
from rules.registry import Registry
from rules.scope import ZERO, scope_of


@dataclass(frozen=True, slots=True)
class CompiledProgram:
    """What `domain.rules.CompiledRules` asks for."""

    promotions: Sequence[Promotion]
    reads: frozenset[str]
    base_rules: tuple[tuple[str, Apply], ...]
    compiled: tuple[CompiledPromotion, ...]

    def base(self, facts: Facts) -> Base:
        """Base points by the first base rule that applies; zero if none does."""
        expected: list[str] = []
        for index, (kind, apply) in enumerate(self.base_rules):
            try:
                points = apply(facts)
            except WrongCurrency as wrong:
                expected.append(wrong.expected)
                continue
            except (Fault, ArithmeticError) as fault:
                raise RuleError(f"base rule {index + 1} ({kind})", str(fault) or repr(fault)) from fault
            if points is not None:
                return Base(points, index)
        if expected:
            raise CurrencyMismatch(facts["transaction"].get("currency"), tuple(dict.fromkeys(expected)))
        return Base(ZERO, None)

    def judge(self, facts: Facts, candidates: Sequence[int]) -> Sequence[Verdict]:
        """One verdict per candidate, in the given order."""
        compiled = self.compiled
        return [compiled[index].judge(facts) for index in candidates]


def compile_program(definition: Definition, kinds: Registry | None = None) -> CompiledRules:
    """The rules of a program's version; refuses with every problem found, each with its place.

    Paths begin with `baseRules` and the rule's index, or `promotions` and the promotion's code.
    """
    scope = scope_of(definition)
    context = Context(scope, definition.point_types, kinds or installed_kinds.installed())
    base, promotions = build_both(
        lambda: build_each(
            "baseRules", definition.base_rules, lambda rule: compile_base_rule(rule, scope, context.registry)
        ),
        lambda: _promotions(definition, context),
    )
    named = tuple(zip((rule.kind for rule in definition.base_rules), base, strict=True))
    return CompiledProgram(definition.promotions, frozenset(scope.reads), named, promotions)


def _promotions(definition: Definition, context: Context) -> tuple[CompiledPromotion, ...]:
    return build_each(
        "promotions",
        enumerate(definition.promotions),
        lambda numbered: compile_promotion(*numbered, context),
        key=lambda _, numbered: numbered[1].code,
    )
