"""Whether two entries say the same: the content by which a repeated external id or idempotency key is recognized.

Equal content has an equal hash: 1.0 is 1, the order of attributes plays no part, and an empty field or attribute is an absent one,
so that a release which adds a field still recognizes what was recorded before it.
"""

import enum
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from decimal import MAX_EMAX, MAX_PREC, MIN_EMIN, Context, Decimal
from typing import Any

import msgspec

from domain.entries import NewTransaction

Canonical = str | bool | list["Canonical"] | dict[str, "Canonical"] | None

_EXACT = Context(prec=MAX_PREC, Emin=MIN_EMIN, Emax=MAX_EMAX, traps=[])
_encode = msgspec.json.Encoder(order="sorted").encode


def content_hash(entry: NewTransaction) -> bytes:
    """32 bytes that are equal for equal content, on every machine and in every release."""
    return hash_of(entry)


def hash_of(content: Any) -> bytes:
    """The same for any frozen dataclass of texts, numbers, dates, enums, tuples and bags of attributes: any command's input."""
    found = canonical(content)
    try:
        text = _encode(found)
    except UnicodeEncodeError:
        text = repr(
            found
        ).encode()  # half of a surrogate pair: it is refused later, but a key may be asked about before
    return hashlib.sha256(text).digest()


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
    form = _FORMS.get(type(value))
    if form is None:
        form = _FORMS[type(value)] = _form_of(type(value))
    return form(value)


Form = Callable[[Any], Canonical]


def _number(value: int | Decimal) -> str:
    """Exact digits without zeros at the end; a huge exponent stays small."""
    return f"number:{_EXACT.normalize(Decimal(value))}" if value else "number:0"


def _list(value: tuple[Any, ...] | list[Any]) -> Canonical:
    return [canonical(item) for item in value]


def _bag(value: Mapping[str, Any]) -> Canonical:
    return {
        name: f"text:{item}" if type(item) is str else canonical(item)
        for name, item in value.items()
        if item is not None
    }


def _dataclass(kind: type) -> Form:
    names = [item.name for item in fields(kind)]

    def form(value: Any) -> Canonical:
        found: dict[str, Canonical] = {}
        for name in names:
            item = getattr(value, name)
            if type(item) is str:  # nearly every field: spare it the call
                found[name] = f"text:{item}"
            elif item is not None:
                found[name] = canonical(item)
        return found

    return form


_FORMS: dict[type, Form] = {
    type(None): lambda value: None,
    bool: lambda value: value,
    str: lambda value: f"text:{value}",
    int: _number,
    Decimal: _number,
    date: lambda value: f"date:{value.isoformat()}",
    datetime: lambda value: f"date:{value.isoformat()}",
    tuple: _list,
    list: _list,
    dict: _bag,
}
"""By exact type; the forms of other types are found once and kept: there are as many as the program has classes."""


def _form_of(kind: type) -> Form:
    if issubclass(kind, enum.Enum):
        return {member: canonical(member.value) for member in kind}.__getitem__
    if is_dataclass(kind):
        return _dataclass(kind)
    for known in (str, int, Decimal, date, tuple, list):
        if issubclass(kind, known):
            return _FORMS[known]
    if issubclass(kind, Mapping):
        return _bag
    raise TypeError(f"{kind.__name__} has no canonical form")
