"""Commands and questions about products and their prices. A product is named by its code within its program."""

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from domain.programs import PriceKind
from domain.vouchers import VoucherTerms


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductCreate:
    """Add something that members buy, book or redeem for."""

    program: str
    code: str
    name: str
    active: bool = True
    attributes: Mapping[str, Any] = field(default_factory=dict)
    voucher: VoucherTerms | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductUpdate:
    """Change a product of the version that the caller has read. Attributes are added to the others; one of None is removed."""

    program: str
    product: str
    expected_version: int
    name: str | None = None
    active: bool | None = None
    attributes: Mapping[str, Any] = field(default_factory=dict)
    voucher: VoucherTerms | None = None
    """New terms; a voucher type stays one, and vouchers already issued keep their last day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductPriceSet:
    """Give a product a price in a span of dates, both included, for one partner or for all others.

    A price of the same product, partner and kind that starts on the same date is replaced; another one must not overlap.
    """

    program: str
    product: str
    kind: PriceKind
    points: Decimal
    starts_on: date
    ends_on: date | None = None
    point_type: str | None = None
    partner: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductPriceRemove:
    """Take a price away that should never have been there; what was processed with it stays as it is."""

    program: str
    product: str
    kind: PriceKind
    starts_on: date
    partner: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductFilter:
    """Which products of a list; all that is given must hold. `search`: part of the code or name."""

    program: str | None = None
    active: bool | None = None
    search: str | None = None


class ProductOrder(enum.Enum):
    """By what a list of products is sorted."""

    CODE = "CODE"
    NAME = "NAME"
    CREATED_AT = "CREATED_AT"
