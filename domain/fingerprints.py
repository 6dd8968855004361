"""Whether two entries say the same: the content by which a repeated external id or idempotency key is recognized.

Equal content has an equal hash: 1.0 is 1, the order of attributes plays no part, and an empty attribute is an absent one.
"""

import enum
import hashlib
import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from domain.entries import NewTransaction

Canonical = str | bool | list["Canonical"] | dict[str, "Canonical"] | None


def content_hash(entry: NewTransaction) -> bytes:
    """32 bytes that are equal for equal content, on every machine and in every release."""
    return hash_of(entry)


def hash_of(content: Any) -> bytes:
    """The same for any frozen dataclass of texts, numbers, dates, enums, tuples and bags of attributes: any command's input."""
    text = json.dumps(canonical(content), sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).digest()


def differences(one: NewTransaction, other: NewTransaction) -> tuple[str, ...]:
    """The columns in which two entries differ, in alphabetical order: `amount`, `attributes.channel`, `line_items`."""
    first, second = _columns(one), _columns(other)
    return tuple(sorted(name for name in first.keys() | second.keys() if first.get(name) != second.get(name)))


def _columns(entry: NewTransaction) -> dict[str, Canonical]:
    columns = {item.name: canonical(getattr(entry, item.name)) for item in fields(entry) if item.name != "attributes"}
    columns.update((f"attributes.{name}", canonical(value)) for name, value in entry.attributes.items())
    return columns


def canonical(value: Any) -> Canonical:
    """A value as JSON in which equal things look equal and different things different: kinds that JSON lacks are marked."""
    match value:
        case None | bool():
            return value
        case enum.Enum():
            return canonical(value.value)
        case str():
            return f"text:{value}"
        case int() | Decimal():
            return f"number:{_digits(Decimal(value))}"
        case date():
            return f"date:{value.isoformat()}"
        case tuple() | list():
            return [canonical(item) for item in value]
        case Mapping():
            return {name: canonical(item) for name, item in value.items() if item is not None}
        case _ if is_dataclass(value):
            return {item.name: canonical(getattr(value, item.name)) for item in fields(value)}
    raise TypeError(f"{type(value).__name__} has no canonical form")


def _digits(number: Decimal) -> str:
    """Exact digits and exponent, without zeros at the end; a huge exponent stays small."""
    sign, digits, exponent = number.as_tuple()
    text = "".join(map(str, digits))
    significant = text.rstrip("0")
    if not significant:
        return "0"
    assert isinstance(exponent, int)
    return f"{'-' * sign}{significant.lstrip('0')}e{exponent + len(text) - len(significant)}"
