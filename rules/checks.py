"""What is asked before a promotion or base rules are saved or activated: every problem at once, each with its place."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from domain.problems import Problem, Refused
from domain.programs import BaseRule
from domain.promotions import Limits, ProductScope, Promotion
from domain.rule_problems import InvalidRule
from domain.rules import RuleKindInfo
from domain.transactions import ENGINE_ONLY, SUB_TYPES
from rules.base import compile_base_rules
from rules.context import context_of
from rules.definition import Definition
from rules.parameters import described
from rules.promotions import compile_promotion
from rules.registry import Registry, installed

LIMITS = {
    "total": "total",
    "per_member_day": "perMemberDay",
    "per_member_week": "perMemberWeek",
    "per_member_month": "perMemberMonth",
    "per_member_year": "perMemberYear",
    "per_member_ever": "perMemberEver",
}


def check_promotion(promotion: Promotion, definition: Definition, kinds: Registry | None = None) -> tuple[Problem, ...]:
    """Everything that keeps a promotion from being activated in a program; paths begin at its own fields (`rules`, `0`, …).

    The definition need not hold the promotion itself.
    """
    within = replace(definition, promotions=(*definition.promotions, promotion))
    context = context_of(within, kinds or installed())
    compiled = _refusals(lambda: compile_promotion(0, promotion, context))
    return (*_dates(promotion), *_products(promotion), *_limits(promotion.limits), *_applies_to(promotion), *compiled)


def check_base_rules(
    base_rules: Sequence[BaseRule], definition: Definition, kinds: Registry | None = None
) -> tuple[Problem, ...]:
    """Everything that keeps base rules from being those of a program; paths begin with `baseRules` and the index."""
    return _refusals(lambda: compile_base_rules(base_rules, context_of(definition, kinds or installed())))


def rule_kinds(kinds: Registry | None = None) -> tuple[RuleKindInfo, ...]:
    """All rule kinds that are installed, by name and version, with the JSON schema of their parameters."""
    registry = kinds or installed()
    return tuple(described(kind) for _, kind in sorted(registry.kinds.items()))


def _refusals(step: Callable[[], object]) -> tuple[Problem, ...]:
    try:
        step()
    except Refused as refused:
        return refused.problems
    return ()


def _dates(promotion: Promotion) -> list[Problem]:
    if promotion.ends_on is None or promotion.starts_on <= promotion.ends_on:
        return []
    return [
        InvalidRule(
            path=("endsOn",), reason=f"it ends on {promotion.ends_on}, before it starts on {promotion.starts_on}"
        )
    ]


def _products(promotion: Promotion) -> list[Problem]:
    if promotion.product_scope is ProductScope.ALL and promotion.products:
        return [
            InvalidRule(path=("products",), reason="a promotion for ALL products names none: include or exclude them")
        ]
    if promotion.product_scope is not ProductScope.ALL and not promotion.products:
        return [
            InvalidRule(path=("products",), reason=f"products that are {promotion.product_scope.value} must be named")
        ]
    return []


def _limits(limits: Limits) -> list[Problem]:
    return [
        InvalidRule(
            path=("limits", name), reason=f"a limit of {value} points lets nothing through: give more, or no limit"
        )
        for field, name in LIMITS.items()
        if (value := getattr(limits, field)) is not None and not value > 0
    ]


def _applies_to(promotion: Promotion) -> list[Problem]:
    return [
        InvalidRule(
            path=("appliesTo", str(index), "subType"),
            reason=f"no promotion applies to {scope.type.value} / {scope.sub_type.value}, which nobody records",
        )
        for index, scope in enumerate(promotion.applies_to)
        if scope.sub_type is not None and (scope.sub_type in ENGINE_ONLY or scope.sub_type not in SUB_TYPES[scope.type])
    ]
