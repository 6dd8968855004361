"""Rules and criteria in words, as a person reads them in an explanation: `transaction.amount is at least 100`.

The built-in rule kinds have sentences of their own; a stranger's is shown by its name and parameters.
"""

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Any

import msgspec

from domain.programs import BaseRule
from domain.promotions import Criterion, LineTest, Operator, Rule

Words = Callable[[Mapping[str, Any]], str]

CONDITIONS = ("when", "lines")
"""Parameters that every base rule may have beside those of its kind."""

OPERATORS: dict[Operator, str] = {
    Operator.EQUALS: "is {}",
    Operator.NOT_EQUALS: "is not {}",
    Operator.LESS: "is less than {}",
    Operator.AT_MOST: "is at most {}",
    Operator.GREATER: "is more than {}",
    Operator.AT_LEAST: "is at least {}",
    Operator.BETWEEN: "is between {}",
    Operator.IN: "is one of {}",
    Operator.NOT_IN: "is none of {}",
    Operator.IS_EMPTY: "is empty",
    Operator.IS_NOT_EMPTY: "is not empty",
    Operator.CONTAINS: "contains {}",
}

LINES: dict[LineTest, str] = {
    LineTest.ANY: "{} of any line{}",
    LineTest.ALL: "{} of every line{}",
    LineTest.COUNT: "the number of lines{1}",
    LineTest.SUM: "the sum of {} over the lines{}",
}


def number(value: object) -> str:
    """A number without zeros at its end, in groups of three digits."""
    exact = Decimal(str(value)).normalize()
    return f"{exact:,f}"


def count(value: object, noun: str) -> str:
    """So many of something: `1 point`, `2 points`."""
    return f"{number(value)} {noun}" if Decimal(str(value)) == 1 else f"{number(value)} {noun}s"


def criterion(each: Criterion) -> str:
    """One comparison."""
    return f"{_left(each)} {OPERATORS[each.operator].format(_right(each))}"


def criterion_of(rule: Rule, place: int) -> str:
    """A rule's criterion by its number; the one after the last is its expression."""
    return criterion(rule.criteria[place - 1]) if place <= len(rule.criteria) else str(rule.expression)


def _left(each: Criterion) -> str:
    if each.lines is None:
        return each.attribute
    where = f" where {_all(each.where)}" if each.where else ""
    return LINES[each.lines].format(each.attribute, where)


def _right(each: Criterion) -> str:
    if each.other is not None:
        return each.other if each.factor is None else f"{number(each.factor)} times {each.other}"
    return (" and " if each.operator is Operator.BETWEEN else ", ").join(map(value, each.values))


def value(each: object) -> str:
    """A value as rules see it."""
    if each is None:
        return "empty"
    if isinstance(each, Mapping):
        return _members(f"{name} {value(one)}" for name, one in each.items())
    if isinstance(each, list | tuple):
        return _members(map(value, each))
    return number(each) if isinstance(each, int | Decimal) and not isinstance(each, bool) else str(each)


def _members(texts: Iterable[str]) -> str:
    return f"({', '.join(texts)})"


def _all(criteria: Iterable[Criterion]) -> str:
    return " and ".join(map(criterion, criteria))


def base_rule(rule: BaseRule) -> str:
    """What a base rule gives, and when."""
    own = {name: value for name, value in rule.parameters.items() if name not in CONDITIONS}
    words = KINDS.get(rule.kind)
    gives = _unknown(rule, own) if words is None else words(own)
    return "".join([gives, *(_condition(name, rule.parameters.get(name)) for name in CONDITIONS)])


def _condition(name: str, given: Any) -> str:
    criteria = msgspec.convert(given or (), tuple[Criterion, ...], strict=False)
    if not criteria:
        return ""
    return f", if {_all(criteria)}" if name == "when" else f", on lines where {_all(criteria)}"


def _unknown(rule: BaseRule, own: Mapping[str, Any]) -> str:
    parameters = ", ".join(f"{name} {value(given)}" for name, given in own.items())
    return f"{rule.kind}, version {rule.version}" + (f": {parameters}" if parameters else "")


def _points(parameters: Mapping[str, Any]) -> str:
    return count(parameters.get("points", 1), "point")


def _unit(parameters: Mapping[str, Any], noun: str) -> str:
    """`full EUR`, `started 10 EUR`, `EUR` in proportion."""
    counting, unit = parameters.get("counting", "FULL"), parameters.get("unit", 1)
    size = noun if Decimal(str(unit)) == 1 else f"{number(unit)} {noun}"
    return size if counting == "PROPORTIONAL" else f"{counting.lower()} {size}"


def _distance(parameters: Mapping[str, Any]) -> str:
    attribute = parameters.get("attribute", "transaction.attributes.distance")
    minimum = parameters.get("minimum")
    least = "" if minimum is None else f", at least {number(minimum)}"
    return f"{_points(parameters)} per {_unit(parameters, f'unit of {attribute}')}{least}"


KINDS: dict[str, Words] = {
    "perAmount": lambda own: f"{_points(own)} per {_unit(own, own['currency'])}",
    "perQuantity": lambda own: f"{_points(own)} per {_unit(own, 'unit of quantity')}",
    "perDistance": _distance,
    "ranges": lambda own: f"points by ranges of {own['attribute']}",
    "constant": lambda own: f"{_points(own)} per transaction",
}
"""The built-in rule kinds in words."""
