"""A program's rules, compiled once per version: base rules and promotions, ready to judge transactions.

Pure: the same facts give the same verdicts, on any thread, at any time.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from domain.promotions import Promotion
from domain.rules import Base, CompiledRules, CurrencyMismatch, Facts, Verdict
from rules.base import CompiledBase, compile_base_rules
from rules.context import Context, context_of
from rules.definition import Definition
from rules.findings import build_both, build_each
from rules.frames import Framing, framing
from rules.kinds import WrongCurrency
from rules.paths import ZERO
from rules.promotions import CompiledPromotion, compile_promotion
from rules.registry import Registry, installed


@dataclass(frozen=True, slots=True)
class CompiledProgram:
    """What `domain.rules.CompiledRules` asks for."""

    promotions: Sequence[Promotion]
    reads: frozenset[str]
    base_framing: Framing
    base_rules: tuple[CompiledBase, ...]
    framing: Framing
    compiled: tuple[CompiledPromotion, ...]

    def base(self, facts: Facts) -> Base:
        """Base points by the first base rule that applies; zero if none does."""
        if not self.base_rules:
            return NO_BASE
        frame, broken = self.base_framing.frame(facts)
        expected: list[str] = []
        for rule in self.base_rules:
            try:
                points = rule.points(frame, broken)
            except WrongCurrency as wrong:
                expected.append(wrong.expected)
                continue
            if points is not None:
                return Base(points, rule.index)
        if expected:
            raise CurrencyMismatch(facts["transaction"].get("currency"), tuple(dict.fromkeys(expected)))
        return NO_BASE

    def judge(self, facts: Facts, candidates: Sequence[int]) -> Sequence[Verdict]:
        """One verdict per candidate, in the given order."""
        if not candidates:
            return ()
        frame, broken = self.framing.frame(facts)
        compiled = self.compiled
        if broken:
            return [compiled[index].judge(frame, broken) for index in candidates]
        return [compiled[index].verdict(frame) for index in candidates]


NO_BASE = Base(ZERO, None)


def compile_program(definition: Definition, kinds: Registry | None = None) -> CompiledRules:
    """The rules of a program's version; refuses with every problem found, each with its place.

    Paths begin with `baseRules` and the rule's index, or `promotions` and the promotion's code.
    """
    registry = kinds or installed()
    for_base, for_promotions = context_of(definition, registry), context_of(definition, registry)
    base, promotions = build_both(
        lambda: compile_base_rules(definition.base_rules, for_base),
        lambda: _promotions(definition, for_promotions),
    )
    reads = frozenset(for_base.scope.reads | for_promotions.scope.reads)
    base_framing, promotions_framing = framing(for_base.scope), framing(for_promotions.scope)
    return CompiledProgram(definition.promotions, reads, base_framing, base, promotions_framing, promotions)


def _promotions(definition: Definition, context: Context) -> tuple[CompiledPromotion, ...]:
    return build_each(
        "promotions",
        enumerate(definition.promotions),
        lambda numbered: compile_promotion(*numbered, context),
        key=lambda _, numbered: numbered[1].code,
    )
