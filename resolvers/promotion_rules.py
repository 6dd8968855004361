"""From the inputs of rules to the rules of the domain."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import strawberry

import domain.promotions as d
import schema.promotion_rule_inputs as i
from resolvers.inputs import some
from resolvers.programs import expiry_policy


def rules(given: Iterable[i.PromotionRuleInput]) -> tuple[d.Rule, ...]:
    """The rules of a promotion."""
    return tuple(map(_rule, given))


def _rule(given: i.PromotionRuleInput) -> d.Rule:
    return d.Rule(tuple(map(_action, given.actions)), _criteria(given.criteria), given.expression, given.applies_to)


def _criteria(given: Iterable[i.CriterionInput] | None) -> tuple[d.Criterion, ...]:
    return tuple(map(_criterion, some(given)))


def _criterion(given: i.CriterionInput) -> d.Criterion:
    return d.Criterion(
        given.attribute,
        given.operator,
        some(given.values),
        given.other,
        given.factor,
        given.lines,
        _criteria(given.where),
    )


def _action(given: i.PromotionActionInput) -> d.Action:
    """GraphQL has seen to it that exactly one is given."""
    name, make = next(pair for pair in _MADE_BY.items() if getattr(given, pair[0]) is not strawberry.UNSET)
    return make(getattr(given, name))


def _assign_points(given: i.AssignPointsInput) -> d.AssignPoints:
    return d.AssignPoints(
        point_type=given.point_type,
        qualifying=given.qualifying,
        constant=given.constant,
        attribute=given.attribute,
        factor=given.factor,
        expression=given.expression,
        table=given.table,
        lines=None if given.lines is None else _criteria(given.lines),
        starts_after_days=given.starts_after_days,
        expiry=None if given.expiry is None else expiry_policy(given.expiry),
    )


def _update_attribute(given: i.UpdateAttributeInput) -> d.UpdateAttribute:
    return d.UpdateAttribute(given.attribute, given.operation, given.value, given.other)


def _assign_voucher(given: i.AssignVoucherInput) -> d.AssignVoucher:
    return d.AssignVoucher(given.voucher_type, given.quantity)


def _change_tier(given: i.ChangeTierInput) -> d.ChangeTier:
    return d.ChangeTier(given.tier_class, given.direction, given.tier)


def _run_rule(given: i.RunRuleInput) -> d.RunRule:
    return d.RunRule(given.kind, given.parameters, given.version)


_MADE_BY: Mapping[str, Callable[[Any], d.Action]] = {
    "assign_points": _assign_points,
    "update_attribute": _update_attribute,
    "assign_voucher": _assign_voucher,
    "change_tier": _change_tier,
    "run_rule": _run_rule,
}
