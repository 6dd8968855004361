"""Structured criteria, compiled once into closures over a frame (or over one line item).

Each test can say whether it holds, and what it saw; everything that could be wrong with it is refused at compile time.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from domain.attributes import AttributeType
from domain.problems import Refused
from domain.promotions import Criterion, LineTest, Operator
from domain.rule_problems import InvalidRule
from rules import lines
from rules.exact import multiply
from rules.findings import build_at, build_each
from rules.operators import COMPARISONS, OPERATORS, ORDERED, Holds, compare
from rules.scope import Attribute, LineScope, Read, Scope
from rules.values import EMPTY, SHOW_TYPE, constant, shown

MAX_VALUES = 10_000
MAX_SEEN = 5
"""Different values of line items that a decision shows."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """A criterion that compares the value at one place of a frame: with constants, or with the value at another place."""

    operator: Operator
    place: int
    values: tuple[Any, ...] = ()
    other: int | None = None


@dataclass(frozen=True, slots=True)
class Test:
    """One compiled criterion: `seen` is the value it found, or `empty`, for the decision. `plain`: what it does, if no more than
    that.
    """

    holds: Holds
    seen: Callable[[Any], str]
    plain: Comparison | None = None


def compile_criteria(name: str, criteria: tuple[Criterion, ...], scope: Scope | LineScope) -> tuple[Test, ...]:
    """All criteria in their order; refuses with every problem found, under `name` and index."""
    return build_each(name, criteria, lambda criterion: compile_criterion(criterion, scope))


def select_lines(name: str, criteria: tuple[Criterion, ...], scope: Scope) -> lines.Select:
    """The line items that meet all criteria; every one, if there are none. Equal criteria share what they find."""
    tests, items = compile_criteria(name, criteria, scope.lines), scope.line_items()
    if not tests:
        return items
    key = scope.selections.setdefault(repr(criteria), len(scope.selections))
    return lines.selection(items, tests, key)


def compile_criterion(criterion: Criterion, scope: Scope | LineScope) -> Test:
    """One criterion; on line items if it says so."""
    if criterion.lines is not None:
        return _on_lines(criterion, criterion.lines, scope)
    if criterion.where:
        raise Refused(
            InvalidRule(path=("where",), reason="`where` selects line items: say in `lines` how to look at them")
        )
    return _comparison(criterion, build_at("attribute", lambda: scope.resolve(criterion.attribute)), scope)


def _on_lines(criterion: Criterion, test: LineTest, scope: Scope | LineScope) -> Test:
    if isinstance(scope, LineScope):
        raise Refused(InvalidRule(path=("lines",), reason="a line item has no line items of its own"))
    inner = scope.lines
    selected = select_lines("where", criterion.where, scope)
    if test in lines.TOTALS:
        _refuse_emptiness(criterion.operator, test)
        total = build_at("attribute", lambda: lines.TOTALS[test](selected, criterion.attribute, inner))
        return _comparison(criterion, total, scope)
    attribute = build_at("attribute", lambda: inner.resolve(criterion.attribute))
    holds = lines.QUANTIFIERS[test](selected, _comparison(criterion, attribute, inner).holds)
    return Test(holds, lambda frame: _seen_in_lines(attribute, selected(frame)))


def _refuse_emptiness(operator: Operator, test: LineTest) -> None:
    if operator in (Operator.IS_EMPTY, Operator.IS_NOT_EMPTY):
        raise Refused(
            InvalidRule(
                path=("operator",), reason=f"a {test.value} of line items is never empty: compare it with a number"
            )
        )


def _seen_in_lines(attribute: Attribute, selected: Sequence[lines.Line]) -> str:
    found = dict.fromkeys(shown(attribute.read(line)) for line in selected)
    return ", ".join(list(found)[:MAX_SEEN]) or EMPTY


def _comparison(criterion: Criterion, attribute: Attribute, scope: Scope | LineScope) -> Test:
    _check_operator(criterion.operator, attribute)
    if criterion.other is not None:
        return _with_other(criterion, attribute, scope)
    if criterion.factor is not None:
        raise Refused(InvalidRule(path=("factor",), reason="`factor` scales another attribute: name it in `other`"))
    values = _values(criterion, attribute.type)
    read, show = attribute.read, SHOW_TYPE[attribute.type]
    return Test(
        OPERATORS[criterion.operator](read, values),
        lambda source: EMPTY if (value := read(source)) is None else show(value),
        None if attribute.place < 0 else Comparison(criterion.operator, attribute.place, values),
    )


def _check_operator(operator: Operator, attribute: Attribute) -> None:
    if operator in ORDERED and attribute.type is AttributeType.BOOLEAN:
        raise Refused(
            InvalidRule(path=("operator",), reason=f"{attribute.path} is true or false and has no order: use EQUALS")
        )
    if operator is Operator.CONTAINS and attribute.type is not AttributeType.TEXT:
        raise Refused(
            InvalidRule(path=("operator",), reason=f"{attribute.path} is no text, only a text CONTAINS something")
        )


def _values(criterion: Criterion, kind: AttributeType) -> tuple[Any, ...]:
    low, high, wanted = {
        Operator.BETWEEN: (2, 2, "two values, the lower first"),
        Operator.IN: (1, MAX_VALUES, "at least one value"),
        Operator.NOT_IN: (1, MAX_VALUES, "at least one value"),
        Operator.IS_EMPTY: (0, 0, "no value"),
        Operator.IS_NOT_EMPTY: (0, 0, "no value"),
    }.get(criterion.operator, (1, 1, "one value, or another attribute in `other`"))
    if not low <= len(criterion.values) <= high:
        found = len(criterion.values)
        raise Refused(
            InvalidRule(path=("values",), reason=f"{criterion.operator.value} takes {wanted}, not {found} values")
        )
    values = build_each("values", criterion.values, lambda value: constant(value, kind))
    if criterion.operator is Operator.BETWEEN and values[0] > values[1]:
        raise Refused(
            InvalidRule(path=("values",), reason=f"nothing is between {shown(values[0])} and {shown(values[1])}")
        )
    return values


def _with_other(criterion: Criterion, attribute: Attribute, scope: Scope | LineScope) -> Test:
    path = criterion.other or ""
    other = build_at("other", lambda: scope.resolve(path))
    if criterion.operator not in COMPARISONS:
        raise Refused(
            InvalidRule(path=("other",), reason=f"{criterion.operator.value} takes values, not another attribute")
        )
    if criterion.values:
        raise Refused(InvalidRule(path=("values",), reason="give values or another attribute in `other`, not both"))
    if other.type is not attribute.type and not (other.type.numeric and attribute.type.numeric):
        kinds = f"{attribute.path} is {attribute.type.value} and {other.path} is {other.type.value}"
        raise Refused(InvalidRule(path=("other",), reason=f"{kinds}: they cannot be compared"))
    right = _scaled(criterion, other)

    def seen(source: Any) -> str:
        return shown(attribute.read(source)) if right(source) is not None else EMPTY

    plain = None
    if criterion.factor is None and min(attribute.place, other.place) >= 0:
        plain = Comparison(criterion.operator, attribute.place, other=other.place)
    return Test(compare(attribute.read, criterion.operator, right), seen, plain)


def _scaled(criterion: Criterion, other: Attribute) -> Read:
    factor, read = criterion.factor, other.read
    if factor is None:
        return read
    if not other.type.numeric:
        raise Refused(InvalidRule(path=("factor",), reason=f"{other.path} is {other.type.value} and cannot be scaled"))
    return lambda source: None if (value := read(source)) is None else multiply(value, factor)
