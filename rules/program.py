"""A program's rules, compiled once per version: base rules and promotions, ready to judge transactions.

Pure: the same facts give the same verdicts, on any thread, at any time.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

from domain.promotions import Promotion
from domain.rules import Base, CompiledRules, CurrencyMismatch, Facts, Fired, RuleError, Verdict, Weighed
from domain.verdicts import FIRED, sights
from rules.base import CompiledBase, compile_base_rules
from rules.context import Context, context_of
from rules.definition import Definition
from rules.faults import Fault
from rules.findings import build_both, build_each
from rules.frames import Frame, Framing, framing
from rules.generated import Weigh, generate
from rules.kinds import WrongCurrency
from rules.paths import ZERO
from rules.promotions import CompiledPromotion, compile_promotion
from rules.registry import Registry, installed

Seen = tuple[Callable[[Frame], str], ...]

MOST_REMEMBERED = 4_096
"""Combinations of verdicts for which it is known what they show."""


@dataclass(frozen=True)
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

    def weigh(self, facts: Facts, unfit: Sequence[int]) -> Weighed:
        """A number for every promotion, what fired, and what the others saw."""
        frame, broken = self.framing.frame(facts)
        if broken:
            return self._one_by_one(facts, frame, unfit)
        verdicts, fired = list(unfit), list[Fired]()
        try:
            self._weigh(frame, verdicts, fired)
            numbers = tuple(verdicts)
            return Weighed(numbers, fired, tuple([show(frame) for show in self._shown(numbers)]))
        except (RuleError, Fault, ArithmeticError):
            return self._one_by_one(facts, frame, unfit)

    @cached_property
    def _weigh(self) -> Weigh:
        return generate(self.compiled)

    @cached_property
    def _remembered(self) -> dict[tuple[int, ...], Seen]:
        return {}

    def _shown(self, numbers: tuple[int, ...]) -> Seen:
        """How to show what the failed criteria found, each value once."""
        known = self._remembered.get(numbers)
        if known is None:
            found: dict[object, Callable[[Frame], str]] = {}
            for promotion, number, sight in zip(self.compiled, numbers, sights(self.promotions, numbers), strict=True):
                if sight is not None:
                    found.setdefault(sight, promotion.tests[number - 1].seen)
            if len(self._remembered) >= MOST_REMEMBERED:
                self._remembered.clear()
            known = self._remembered[numbers] = tuple(found.values())
        return known

    def _one_by_one(self, facts: Facts, frame: Frame, unfit: Sequence[int]) -> Weighed:
        """The same, and where something is wrong, the promotion and rule in which it is."""
        fired: list[Fired] = []
        verdicts = list(unfit)
        for found in self.judge(facts, [index for index, obstacle in enumerate(unfit) if obstacle == FIRED]):
            fired.extend(found.fired)
            if found.failed is not None:
                first = self.compiled[found.promotion].first_places[found.failed.rule]
                verdicts[found.promotion] = first + found.failed.criterion
        numbers = tuple(verdicts)
        return Weighed(numbers, fired, tuple(show(frame) for show in self._shown(numbers)))

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
