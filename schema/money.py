"""Money: an exact amount and its ISO 4217 currency, never one without the other."""

from decimal import Decimal

import strawberry

import domain.transactions as d
from schema.base import shows, takes


@shows(d.Money)
class Money:
    """An exact amount of money."""

    amount: Decimal
    currency: str = strawberry.field(description="ISO 4217: `EUR`.")


@takes
class MoneyInput:
    """An exact amount of money."""

    amount: Decimal
    currency: str = strawberry.field(description="ISO 4217: `EUR`.")
