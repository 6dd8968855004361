"""Actions of a fired rule, compiled once: each becomes a function from a frame to what it proposes.

What an action computes is exact and not yet rounded; anything that cannot be computed is a fault, never a zero.
"""

from collections.abc import Callable, Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any

from domain.problems import Refused
from domain.promotions import (
    Action,
    AssignPoints,
    AssignVoucher,
    AttributeOperation,
    ChangeTier,
    RunRule,
    TierDirection,
    UpdateAttribute,
)
from domain.rule_problems import InvalidRule
from domain.rules import AttributeUpdate, Award, Proposal, TierMove, VoucherAward
from rules.context import Context
from rules.faults import Fault
from rules.findings import build_at
from rules.frames import Frame
from rules.kinds import Role, RuleKind
from rules.parameters import validated
from rules.plugins import evaluating, proposing
from rules.points import compile_points
from rules.proposals import CHANGEABLE, MAX_VOUCHERS
from rules.scope import Attribute, Read
from rules.snapshots import paths_of, taking
from rules.values import constant

MAX_DAYS = 36_500

Propose = Callable[[Frame], tuple[Proposal, ...]]


def assign_points(action: AssignPoints, context: Context) -> Propose:
    """Points of a type that the program has, from one source."""
    _refuse(
        action.point_type is not None and action.point_type not in context.point_types,
        "pointType", f"there is no point type {action.point_type!r}; there are {', '.join(sorted(context.point_types)) or 'none'}",
    )  # fmt: skip
    after = action.starts_after_days
    _refuse(
        after is not None and not 0 <= after <= MAX_DAYS,
        "startsAfterDays",
        "points start 0 to 36500 days after the transaction",
    )
    points = compile_points(action, context)
    if after is None and not callable(points):
        award = Award(action.point_type, action.qualifying, points, None, action.expiry)
        return lambda frame: (award,)
    return _award(action, points if callable(points) else lambda frame: points, context)


def _award(action: AssignPoints, points: Callable[[Frame], Decimal], context: Context) -> Propose:
    point_type, qualifying, expiry = action.point_type, action.qualifying, action.expiry
    if action.starts_after_days is None:
        return lambda frame: (Award(point_type, qualifying, points(frame), None, expiry),)
    on, after = context.scope.resolve("transaction.date"), timedelta(days=action.starts_after_days)
    return lambda frame: (Award(point_type, qualifying, points(frame), _present(on, frame) + after, expiry),)


def update_attribute(action: UpdateAttribute, context: Context) -> Propose:
    """A change of an attribute of the member or of a counter, by a constant or by another attribute."""
    path, operation = action.attribute, action.operation
    target = build_at("attribute", lambda: context.scope.resolve(path))
    changeable = path.startswith(CHANGEABLE)
    _refuse(
        not changeable, "attribute", f"{path} cannot be changed: only member attributes of the program and counters can"
    )
    arithmetic = operation is not AttributeOperation.SET
    _refuse(arithmetic and not target.type.numeric, "operation", f"{path} is {target.type.value}: only SET is possible")
    _refuse(
        (action.value is None) == (action.other is None), "value", "give either a value or another attribute in `other`"
    )
    if action.other is None:
        return _by_constant(action, target)
    by = _operand(action, target, context)
    if arithmetic:
        return _arithmetic(path, operation, target.read, by)
    return lambda frame: (AttributeUpdate(path, operation, by(frame)),)


def _by_constant(action: UpdateAttribute, target: Attribute) -> Propose:
    """A change that is always the same, and made once."""
    value = build_at("value", lambda: constant(action.value, target.type))
    zero = action.operation is AttributeOperation.DIVIDE and value == 0
    _refuse(zero, "value", "nothing can be divided by zero")
    path, update = target.path, (AttributeUpdate(action.attribute, action.operation, value),)
    if action.operation is AttributeOperation.SET:
        return lambda frame: update
    current = target.read

    def propose(frame: Frame) -> tuple[Proposal, ...]:
        if current(frame) is None:
            raise Fault(f"{path} is empty: {action.operation.value} needs a number there")
        return update

    return propose


def _operand(action: UpdateAttribute, target: Attribute, context: Context) -> Read:
    path = action.other or ""
    other = build_at("other", lambda: context.scope.resolve(path))
    fits = other.type is target.type or (other.type.numeric and target.type.numeric)
    _refuse(not fits, "other", f"{target.path} is {target.type.value} and {other.path} is {other.type.value}")
    return lambda frame: _present(other, frame)


def _present(attribute: Attribute, frame: Frame) -> Any:
    value = attribute.read(frame)
    if value is None:
        raise Fault(f"{attribute.path} is empty")
    return value


def _arithmetic(path: str, operation: AttributeOperation, current: Read, by: Read) -> Propose:
    def propose(frame: Frame) -> tuple[Proposal, ...]:
        if current(frame) is None:
            raise Fault(f"{path} is empty: {operation.value} needs a number there")
        value = by(frame)
        if operation is AttributeOperation.DIVIDE and value == 0:
            raise Fault(f"{path} would be divided by zero")
        return (AttributeUpdate(path, operation, value),)

    return propose


def assign_voucher(action: AssignVoucher, context: Context) -> Propose:
    """Vouchers, always the same."""
    _refuse(not action.voucher_type, "voucherType", "a voucher needs a type")
    _refuse(not 1 <= action.quantity <= MAX_VOUCHERS, "quantity", "1 to 1000 vouchers can be given at once")
    award = (VoucherAward(action.voucher_type, action.quantity),)
    return lambda frame: award


def change_tier(action: ChangeTier, context: Context) -> Propose:
    """A move of tier, always the same."""
    _refuse(not action.tier_class, "tierClass", "a change of tier needs a tier class")
    keeps = action.direction is TierDirection.KEEP
    _refuse(keeps and action.tier is not None, "tier", "KEEP keeps whatever tier the member has: name none")
    move = (TierMove(action.tier_class, action.direction, action.tier),)
    return lambda frame: move


def _refuse(wrong: bool, name: str, reason: str) -> None:
    if wrong:
        raise Refused(InvalidRule(path=(name,), reason=reason))


def run_rule(action: RunRule, context: Context) -> Propose:
    """What a rule kind answers to its parameters."""
    kind = context.registry.find(action.kind, action.version)
    if not isinstance(kind, RuleKind):
        raise Refused(kind.at("kind"))
    _refuse(kind.role is not Role.ACTION, "kind", f"`{kind.name}` is a base rule of programs, not an action")
    parameters = validated(kind.parameters, action.parameters)
    take = build_at("parameters", lambda: taking(paths_of(kind, parameters), context.scope))
    evaluate, proposals = evaluating(kind, action.parameters, parameters, context), proposing(kind, context)
    return lambda frame: proposals(evaluate(take(frame)))


def compile_action(action: Action, context: Context) -> Propose:
    """Any action."""
    return _COMPILE[type(action)](action, context)


_COMPILE: Mapping[type, Callable[[Any, Context], Propose]] = {
    AssignPoints: assign_points,
    UpdateAttribute: update_attribute,
    AssignVoucher: assign_voucher,
    ChangeTier: change_tier,
    RunRule: run_rule,
}
