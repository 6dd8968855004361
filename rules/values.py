"""Values and types: how a fact becomes a value of its declared type, how a constant of a rule does, and how either is shown.

A fact of another type than declared is a fault of that transaction; a constant of another type is a problem of the rule.
"""

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from types import NoneType
from typing import Any

from domain.attributes import AttributeType
from domain.problems import Refused
from domain.rule_problems import InvalidRule
from rules.exact import is_number
from rules.faults import Fault

EMPTY = "empty"
"""What a decision says of a value that is not there."""


def _number(value: Any) -> Decimal:
    if is_number(value):
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

USUAL: Mapping[AttributeType, type] = {
    AttributeType.NUMBER: Decimal,
    AttributeType.DATE: date,
    AttributeType.BOOLEAN: bool,
}
"""The type of a fact that needs no conversion."""

EXPECTED: Mapping[AttributeType, str] = {
    AttributeType.NUMBER: "a number",
    AttributeType.INTEGER: "a whole number",
    AttributeType.TEXT: "text",
    AttributeType.DATE: "a date such as 2026-01-31",
    AttributeType.BOOLEAN: "true or false",
}


def typed(path: str, kind: AttributeType, get: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """A reader of an attribute that gives a value of its type, or None where it is empty; anything else is a fault."""
    convert, usual = CONVERT[kind], USUAL.get(kind)
    if kind is AttributeType.TEXT:
        return _text_reader(path, get)

    def read(source: Any) -> Any:
        value = get(source)
        if value is None or type(value) is usual:
            return value
        try:
            return convert(value)
        except (TypeError, ValueError):
            raise Fault(f"{path} is {value!r}; expected {EXPECTED[kind]}") from None

    return read


def _text_reader(path: str, get: Callable[[Any], Any]) -> Callable[[Any], str | None]:
    """The same for text, where most values are: blank is empty."""

    def read(source: Any) -> str | None:
        value = get(source)
        if type(value) is str:
            return value or None
        if value is None:
            return None
        raise Fault(f"{path} is {value!r}; expected {EXPECTED[AttributeType.TEXT]}")

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


def _shown_number(value: Decimal) -> str:
    text = str(value)
    return format(value, "f") if "E" in text else text


def _shown_boolean(value: bool) -> str:
    return "true" if value else "false"


SHOW_TYPE: Mapping[AttributeType, Callable[[Any], str]] = {
    AttributeType.NUMBER: _shown_number,
    AttributeType.INTEGER: _shown_number,
    AttributeType.TEXT: str,
    AttributeType.DATE: date.isoformat,
    AttributeType.BOOLEAN: _shown_boolean,
}
"""How a decision shows a value of each type that is not empty."""

_SHOW: Mapping[type, Callable[[Any], str]] = {
    Decimal: _shown_number,
    str: str,
    date: date.isoformat,
    bool: _shown_boolean,
    NoneType: lambda _: EMPTY,
}


def shown(value: Any) -> str:
    """Any value as a decision shows it."""
    return _SHOW[type(value)](value)
