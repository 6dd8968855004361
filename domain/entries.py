"""New transactions as people, portals and files record them, and everything that can be wrong with one by itself.

All problems are found at once. What needs other data (does the product exist, is the member active) is asked later.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from domain.currencies import amount_problems, check_money
from domain.problems import Invalid, Missing, Problem, TooMany
from domain.programs import Program, ProgramSettings
from domain.transactions import LineItem, SubType, Type
from domain.values import attribute_problems, choice_problems, number_problems, text_problems

CREATABLE: dict[Type, frozenset[SubType]] = {
    Type.ACCRUAL: frozenset({SubType.PRODUCT, SubType.ACTION_BASED_BONUS, SubType.GIFT, SubType.MANUAL_CREDIT}),
    Type.REDEMPTION: frozenset({SubType.PRODUCT, SubType.MANUAL_DEBIT}),
}
"""What may be recorded as a new transaction; the engine and commands of their own make the others."""

NAMES_POINTS = frozenset({SubType.GIFT, SubType.MANUAL_CREDIT, SubType.MANUAL_DEBIT})
"""Sub-types that say themselves how many points they give or take."""

MAX_LINES = 1_000
MAX_QUANTITY = Decimal(10**9)
MAX_POINTS = Decimal(10**15)
POINT_DECIMALS = 4
QUANTITY_DECIMALS = 6
MAX_CODE = 64
MAX_COMMENT = 1_000
MAX_EXTERNAL_ID = 200
MAX_SOURCE = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class NewTransaction:
    """What a caller may say of a new transaction: things by their codes, the member by its number, points as people speak them."""

    program: str
    member: str
    type: Type
    sub_type: SubType = SubType.PRODUCT
    transaction_date: date | None = None
    product: str | None = None
    partner: str | None = None
    amount: Decimal | None = None
    currency: str | None = None
    quantity: Decimal | None = None
    line_items: tuple[LineItem, ...] = ()
    attributes: dict[str, Any] = field(default_factory=dict)
    base_points: Decimal | None = None
    point_type: str | None = None
    qualifying: bool | None = None
    points: Decimal | None = None
    source: str | None = None
    external_id: str | None = None
    comment: str | None = None
    submit_to: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DateOutOfRange(Problem):
    """A transaction date further back or ahead than the program takes."""

    code = "DATE_OUT_OF_RANGE"
    value: date
    earliest: date
    latest: date

    @property
    def message(self) -> str:
        return f"The date {self.value} is out of range: this program takes {self.earliest} to {self.latest}."


def with_defaults(entry: NewTransaction, program: Program, today: date) -> NewTransaction:
    """The entry with what the program fills in: today's date, and its currency for an amount without one."""
    priced = entry.amount is not None or any(line.amount is not None for line in entry.line_items)
    return replace(
        entry,
        transaction_date=entry.transaction_date or today,
        currency=program.currency if priced and entry.currency is None else entry.currency,
    )


def check(entry: NewTransaction, today: date, settings: ProgramSettings, *path: str) -> tuple[Problem, ...]:
    """Everything wrong with an entry by itself, `path` being the place of its fields; empty if nothing is."""
    checks = (_kind_problems, _code_problems, _number_problems, _points_problems, _line_problems)
    found = [problem for find in checks for problem in find(entry, path)]
    found.extend(_date_problems(entry.transaction_date, today, settings, path))
    found.extend(attribute_problems(entry.attributes, *path, "attributes"))
    return tuple(found)


def _kind_problems(entry: NewTransaction, path: tuple[str, ...]) -> Iterator[Problem]:
    if entry.sub_type not in CREATABLE[entry.type]:
        possible = sorted(sub_type.value for sub_type in CREATABLE[entry.type])
        yield from choice_problems(entry.sub_type.value, possible, *path, "subType")


def _code_problems(entry: NewTransaction, path: tuple[str, ...]) -> Iterator[Problem]:
    codes = (
        (entry.product, MAX_CODE, "product"),
        (entry.partner, MAX_CODE, "partner"),
        (entry.point_type, MAX_CODE, "pointType"),
        (entry.source, MAX_SOURCE, "source"),
        (entry.external_id, MAX_EXTERNAL_ID, "externalId"),
    )
    for code, longest, name in codes:
        if code is not None:
            yield from text_problems(code, longest, *path, name)
    yield from text_problems(entry.comment, MAX_COMMENT, *path, "comment", lines=True)


def _number_problems(entry: NewTransaction, path: tuple[str, ...]) -> Iterator[Problem]:
    yield from check_money(entry.amount, entry.currency, *path)
    numbers = (
        (entry.quantity, MAX_QUANTITY, QUANTITY_DECIMALS, "quantity"),
        (entry.base_points, MAX_POINTS, POINT_DECIMALS, "basePoints"),
        (entry.points, MAX_POINTS, POINT_DECIMALS, "points"),
    )
    for number, highest, decimals, name in numbers:
        if number is not None:
            yield from number_problems(number, highest, decimals, *path, name)


def _points_problems(entry: NewTransaction, path: tuple[str, ...]) -> Iterator[Problem]:
    sub_type = entry.sub_type
    if entry.points == 0:
        yield Invalid(value="0", expected="more than 0 points", path=(*path, "points"))
    if entry.points is None and sub_type in NAMES_POINTS:
        yield Missing(why=f"{sub_type.value} says how many points it is about", path=(*path, "points"))
    if entry.points is None and entry.product is None and sub_type is SubType.ACTION_BASED_BONUS:
        yield Missing(why=f"{sub_type.value} names its points, or a product that has a price", path=(*path, "points"))
    if sub_type is SubType.PRODUCT:
        yield from _product_problems(entry, path)


def _product_problems(entry: NewTransaction, path: tuple[str, ...]) -> Iterator[Problem]:
    if entry.type is Type.ACCRUAL and entry.points is not None:
        expected = "nothing here: give the points of a purchase before any promotion as basePoints"
        yield Invalid(value=str(entry.points), expected=expected, path=(*path, "points"))
    if entry.type is Type.REDEMPTION and entry.product is None and entry.points is None:
        yield Missing(why="a redemption names a product that has a price, or points", path=(*path, "product"))


def _line_problems(entry: NewTransaction, path: tuple[str, ...]) -> Iterator[Problem]:
    if len(entry.line_items) > MAX_LINES:
        yield TooMany(what="line items", limit=MAX_LINES, found=len(entry.line_items), path=(*path, "lineItems"))
        return
    if entry.currency is None and any(line.amount is not None for line in entry.line_items) and entry.amount is None:
        yield Missing(why="an amount needs its currency", path=(*path, "currency"))
    for index, line in enumerate(entry.line_items):
        yield from _one_line(line, entry.currency, (*path, "lineItems", str(index)))


def _one_line(line: LineItem, currency: str | None, path: tuple[str, ...]) -> Iterator[Problem]:
    if line.product is not None:
        yield from text_problems(line.product, MAX_CODE, *path, "product")
    if line.quantity is not None:
        yield from number_problems(line.quantity, MAX_QUANTITY, QUANTITY_DECIMALS, *path, "quantity")
    if line.amount is not None:
        yield from amount_problems(line.amount, currency, *path, "amount")
    if line.attributes:
        yield from attribute_problems(line.attributes, *path, "attributes")


def _date_problems(
    day: date | None, today: date, settings: ProgramSettings, path: tuple[str, ...]
) -> Iterator[Problem]:
    earliest = today - timedelta(settings.earliest_days_back)
    latest = today + timedelta(settings.max_days_ahead)
    if day is not None and not earliest <= day <= latest:
        yield DateOutOfRange(value=day, earliest=earliest, latest=latest, path=(*path, "transactionDate"))
