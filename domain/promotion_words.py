"""Rules of promotions in words, as a person reads them: `Gives 25 points if transaction.amount is more than 100`."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from domain.engine.wording import count, criterion, number, value
from domain.promotions import (
    Action,
    AssignPoints,
    AssignVoucher,
    AttributeOperation,
    ChangeTier,
    Criterion,
    Rule,
    RunRule,
    TierDirection,
    UpdateAttribute,
)

UPDATES: Mapping[AttributeOperation, str] = {
    AttributeOperation.SET: "sets {attribute} to {by}",
    AttributeOperation.ADD: "adds {by} to {attribute}",
    AttributeOperation.SUBTRACT: "subtracts {by} from {attribute}",
    AttributeOperation.MULTIPLY: "multiplies {attribute} by {by}",
    AttributeOperation.DIVIDE: "divides {attribute} by {by}",
}
MOVES: Mapping[TierDirection, str] = {
    TierDirection.UP: "moves the member up",
    TierDirection.DOWN: "moves the member down",
    TierDirection.KEEP: "keeps the member where it is",
}


def rule_words(rule: Rule) -> str:
    """A whole rule: what it does, and when."""
    does = ", and ".join(map(action_words, rule.actions)) or "does nothing"
    conditions = [*map(criterion, rule.criteria), *([rule.expression] if rule.expression else [])]
    when = f" if {' and '.join(conditions)}" if conditions else ""
    return f"{does[:1].upper()}{does[1:]}{when}."


def action_words(action: Action) -> str:
    """One action, as the end of a sentence about a rule."""
    return _WORDS[type(action)](action)


def _points(action: AssignPoints) -> str:
    kind = f" {action.point_type}" if action.point_type else ""
    after = action.starts_after_days
    delay = f", to be used {count(after, 'day')} after the transaction" if after else ""
    return f"gives {_amount(action, 'qualifying ' if action.qualifying else '', kind)}{delay}"


def _amount(action: AssignPoints, qualifying: str, kind: str) -> str:
    if action.constant is not None:
        return f"{number(action.constant)} {qualifying}{kind.strip() or _noun(action.constant)}"
    noun = f"{qualifying}{kind.strip() or 'points'}"
    if action.attribute is not None:
        times = "" if action.factor == 1 else f"{number(action.factor)} times "
        return f"{noun}: {times}{_source(action.attribute, action.lines)}"
    if action.expression is not None:
        return f"{noun}: {action.expression}"
    return noun if action.table is None else f"{noun} by a table"


def _noun(points: object) -> str:
    return count(points, "point").rpartition(" ")[2]


def _source(attribute: str, lines: Iterable[Criterion] | None) -> str:
    if lines is None:
        return attribute
    where = " and ".join(map(criterion, lines))
    return f"the sum of {attribute} over the lines" + (f" where {where}" if where else "")


def _update(action: UpdateAttribute) -> str:
    by = value(action.value) if action.other is None else action.other
    return UPDATES[action.operation].format(attribute=action.attribute, by=by)


def _voucher(action: AssignVoucher) -> str:
    return f"gives {count(action.quantity, 'voucher')} {action.voucher_type}"


def _tier(action: ChangeTier) -> str:
    to = f" to {action.tier}" if action.tier else ""
    return f"{MOVES[action.direction]} in {action.tier_class}{to}"


def _rule(action: RunRule) -> str:
    return f"does what the rule kind {action.kind}, version {action.version}, says"


_WORDS: Mapping[type, Callable[[Any], str]] = {
    AssignPoints: _points,
    UpdateAttribute: _update,
    AssignVoucher: _voucher,
    ChangeTier: _tier,
    RunRule: _rule,
}
