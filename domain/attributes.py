"""Attributes that rules may read: the built-in catalogue, and those a program defines for itself.

An attribute is named by a path (`transaction.amount`, `member.attributes.homeStore`) and has one type; a path that is
neither built in nor declared does not exist for rules.
"""

import enum
import re
from collections.abc import Mapping
from types import MappingProxyType


class AttributeType(enum.Enum):
    """What an attribute holds. INTEGER and NUMBER are both exact; a NUMBER may have decimals."""

    DATE = "DATE"
    INTEGER = "INTEGER"
    NUMBER = "NUMBER"
    TEXT = "TEXT"
    BOOLEAN = "BOOLEAN"

    @property
    def numeric(self) -> bool:
        """Whether arithmetic is possible."""
        return self in {AttributeType.INTEGER, AttributeType.NUMBER}


class OnReversal(enum.Enum):
    """What becomes of an attribute's changes when the transaction that made them is taken back."""

    LEAVE = "LEAVE"
    """It stays as it is."""
    RESTORE = "RESTORE"
    """Once all of the transaction is taken back, it is what it was before, unless something has changed it since."""
    UNDO = "UNDO"
    """A number falls (or rises) again by the share of the change that is taken back."""


def usual_reversal(kind: AttributeType | None) -> OnReversal:
    """What an attribute does that does not say; an undeclared one is a counter."""
    return OnReversal.UNDO if kind is None or kind.numeric else OnReversal.RESTORE


BUILT_IN: Mapping[str, AttributeType] = MappingProxyType({
    "transaction.type": AttributeType.TEXT,
    "transaction.subType": AttributeType.TEXT,
    "transaction.date": AttributeType.DATE,
    "transaction.amount": AttributeType.NUMBER,
    "transaction.currency": AttributeType.TEXT,
    "transaction.quantity": AttributeType.NUMBER,
    "transaction.basePoints": AttributeType.NUMBER,
    "transaction.product": AttributeType.TEXT,
    "transaction.partner": AttributeType.TEXT,
    "member.number": AttributeType.TEXT,
    "member.name": AttributeType.TEXT,
    "member.status": AttributeType.TEXT,
    "member.kind": AttributeType.TEXT,
    "member.birthDate": AttributeType.DATE,
    "member.enrolledOn": AttributeType.DATE,
    "member.language": AttributeType.TEXT,
    "member.address.city": AttributeType.TEXT,
    "member.address.region": AttributeType.TEXT,
    "member.address.postalCode": AttributeType.TEXT,
    "member.address.country": AttributeType.TEXT,
    "product.code": AttributeType.TEXT,
    "partner.code": AttributeType.TEXT,
    "tier.code": AttributeType.TEXT,
    "tier.class": AttributeType.TEXT,
})  # fmt: skip
"""Attributes every program has, by path."""

LINE: Mapping[str, AttributeType] = MappingProxyType({
    "product": AttributeType.TEXT,
    "quantity": AttributeType.NUMBER,
    "amount": AttributeType.NUMBER,
})  # fmt: skip
"""Attributes every line item has, by their name within the line; a declared one is `attributes.department` there."""

LINE_PREFIX = "line."
"""How a declaration names an attribute of line items: `line.attributes.department`."""

_NAME = r"[A-Za-z_][A-Za-z0-9_]*"
_DECLARABLE = re.compile(rf"(?:(?:transaction|line|member|product)\.attributes|counters)\.{_NAME}\Z")
_LAST_MONTHS = re.compile(r"points\.(?P<point_type>[^.]+)\.lastMonths\.(?P<months>[1-9][0-9]{0,2})\Z")

MAX_MONTHS = 120
"""How far back points may be summed."""


def is_declarable(path: str) -> bool:
    """Whether a program may define an attribute by this path."""
    return _DECLARABLE.match(path) is not None


def last_months(path: str) -> tuple[str, int] | None:
    """The point type and number of months of `points.<TYPE>.lastMonths.<N>`; None for any other path."""
    found = _LAST_MONTHS.match(path)
    if found is None or int(found["months"]) > MAX_MONTHS:
        return None
    return found["point_type"], int(found["months"])
