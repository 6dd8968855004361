"""What a partner owes in money: points given on postpaid terms, at the rate of each transaction's date, and fees.

A line is the points of one kind, promotion and rate; its amount is rounded once, half up, to the currency's decimals. What is
taken back is a line below zero, and so is the refund of a fee.
"""

import enum
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from domain.currencies import DECIMALS
from domain.problems import Problem
from domain.transactions import Money

HUNDRED = Decimal(100)
USUAL_DECIMALS = 2
MAX_FEES = 10_000


class ChargeKind(enum.Enum):
    """What money is owed for."""

    PURCHASE = "PURCHASE"
    """Blocks of points, at their price."""
    POINTS = "POINTS"
    """Points given on postpaid terms."""
    FEE = "FEE"
    REFUND = "REFUND"
    """Of a fee: below zero."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Charge:
    """Money of one kind, for one promotion or for none."""

    kind: ChargeKind
    promotion: str | None
    entries: int
    amount: Decimal
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BillLine:
    """Points given on postpaid terms at one rate: price per point, and the percentage of it that is charged."""

    point_type: str
    promotion: str | None
    entries: int
    points: Decimal
    price: Decimal
    percentage: Decimal
    amount: Decimal
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BillFee:
    """A fee in a currency, or the refund of one, which is below zero."""

    id: int
    posted_on: date
    kind: ChargeKind
    description: str | None
    reason_code: str | None
    amount: Decimal
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Bill:
    """What a partner owes for a period: postpaid points and fees; `totals`: one per currency.

    `program` and `partner` by code; `complete`: the last day has passed, so that nothing is added any more.
    """

    program: str
    partner: str
    starts_on: date
    ends_on: date
    complete: bool
    lines: tuple[BillLine, ...]
    fees: tuple[BillFee, ...]

    @property
    def totals(self) -> tuple[Money, ...]:
        """What all of it comes to."""
        lines = [(each.currency, each.amount) for each in self.lines]
        return totals([*lines, *((each.currency, each.amount) for each in self.fees)])


@dataclass(frozen=True, slots=True, kw_only=True)
class BillTooLong(Problem):
    """A period in which more fees were charged than one bill holds."""

    code = "BILL_TOO_LONG"
    limit: int

    @property
    def message(self) -> str:
        return f"In this period more was charged than one bill holds ({self.limit:,} fees): ask for shorter ones."


def rounded(amount: Decimal, currency: str) -> Decimal:
    """An amount as it is paid: half up, with the decimals of its currency."""
    return amount.quantize(Decimal(1).scaleb(-DECIMALS.get(currency, USUAL_DECIMALS)), ROUND_HALF_UP)


def owed(points: Decimal, price: Decimal, percentage: Decimal, currency: str) -> Decimal:
    """Points × price × percentage, as it is paid."""
    return rounded(points * price * percentage / HUNDRED, currency)


def totals(amounts: Iterable[tuple[str, Decimal]]) -> tuple[Money, ...]:
    """The sum of each currency, in the order of their codes."""
    found: dict[str, Decimal] = defaultdict(Decimal)
    for currency, amount in amounts:
        found[currency] += amount
    return tuple(Money(found[currency], currency) for currency in sorted(found))


def charges_of(amounts: Iterable[Charge]) -> tuple[Charge, ...]:
    """One charge per kind, currency and promotion, in this order; those without a promotion first."""
    found: dict[tuple[ChargeKind, str, str | None], list[Charge]] = defaultdict(list)
    for each in amounts:
        found[each.kind, each.currency, each.promotion].append(each)
    kinds = list(ChargeKind)
    keys = sorted(found, key=lambda key: (kinds.index(key[0]), key[1], key[2] is not None, key[2] or ""))
    return tuple(
        Charge(
            kind=kind,
            promotion=promotion,
            entries=sum(each.entries for each in found[kind, currency, promotion]),
            amount=sum((each.amount for each in found[kind, currency, promotion]), Decimal(0)),
            currency=currency,
        )
        for kind, currency, promotion in keys
    )
