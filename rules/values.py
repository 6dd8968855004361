"""Values and types: how a fact becomes a value of its declared type, how a constant of a rule does, and how either is shown.

A fact of another type than declared is a fault of that transaction; a constant of another type is a problem of the rule.
"""

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from domain.attributes import AttributeType
from domain.problems import Refused
from domain.rule_problems import InvalidRule
from rules.faults import Fault

EMPTY = "empty"
"""What a decision says of a value that is not there."""


def _number(value: Any) -> Decimal:
    if type(value) is Decimal and value.is_finite():
        return value
    if type(value) is int:
        return Decimal(value)
    raise TypeError


def _integer(value: Any) -> Decimal:
    number = _number(value)
    if number != number.to_integral_value():
        raise TypeError
    return number


def _text(value: Any) -> str | None:
    if type(value) is str:
        return value or None
    raise TypeError


def _date(value: Any) -> date:
    if type(value) is date:
        return value
    if type(value) is str:
        return date.fromisoformat(value)
    raise TypeError


def _boolean(value: Any) -> bool:
    if type(value) is bool:
        return value
    raise TypeError


CONVERT: Mapping[AttributeType, Callable[[Any], Any]] = {
    AttributeType.NUMBER: _number,
    AttributeType.INTEGER: _integer,
    AttributeType.TEXT: _text,
    AttributeType.DATE: _date,
    AttributeType.BOOLEAN: _boolean,
}
"""A value of each type from a fact: text that is blank is empty, a date may be ISO text (as in stored attributes)."""

EXPECTED: Mapping[AttributeType, str] = {
    AttributeType.NUMBER: "a number",
    AttributeType.INTEGER: "a whole number",
    AttributeType.TEXT: "text",
    AttributeType.DATE: "a date such as 2026-01-31",
    AttributeType.BOOLEAN: "true or false",
}


def typed(path: str, kind: AttributeType, get: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """A reader of an attribute that gives a value of its type, or None where it is empty; anything else is a fault."""
    convert, usual = CONVERT[kind], {AttributeType.NUMBER: Decimal, AttributeType.DATE: date}.get(kind)

    def read(source: Any) -> Any:
        value = get(source)
        if value is None or type(value) is usual:
            return value
        try:
            return convert(value)
        except (TypeError, ValueError):
            raise Fault(f"{path} is {value!r}; expected {EXPECTED[kind]}") from None

    return read


def constant(value: Any, kind: AttributeType) -> Any:
    """A constant of a rule as a value of the type it is compared with; numbers may be written as text."""
    try:
        converted = CONVERT[kind](exact(value) if kind.numeric else value)
    except (TypeError, ValueError, InvalidOperation):
        converted = None
    if converted is None:
        raise Refused(InvalidRule(reason=f"{value!r} is not {EXPECTED[kind]}"))
    return converted


def exact(value: Any) -> Any:
    """A number as written: text and JSON's floats become the decimal they show."""
    return Decimal(str(value)) if type(value) in (str, float) else value


def shown(value: Any) -> str:
    """A value as a decision shows it."""
    if value is None:
        return EMPTY
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, bool):
        return "true" if value else "false"
    return value.isoformat() if isinstance(value, date) else str(value)
