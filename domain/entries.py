"""New transactions as people, portals and files record them, and everything that can be wrong with one by itself.

All problems are found at once. What needs other data (does the product exist, is the member active) is asked later.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from domain.currencies import amount_problems, check_money
from domain.problems import Invalid, Missing, Problem, TooMany
from domain.programs import Program, ProgramSettings
from domain.transactions import LineItem, RefundLine, SubType, Tender, Type, VoucherWish
from domain.values import attribute_problems, choice_problems, number_problems, text_problems
from domain.vouchers import MAX_AT_ONCE, as_kept

Creatable = Mapping[Type, frozenset[SubType]]

CREATABLE: Creatable = {
    Type.ACCRUAL: frozenset({SubType.PRODUCT, SubType.ACTION_BASED_BONUS, SubType.GIFT, SubType.MANUAL_CREDIT}),
    Type.REDEMPTION: frozenset({SubType.PRODUCT, SubType.MANUAL_DEBIT, SubType.TRANSFER}),
}
"""What may be recorded as a new transaction; the engine and commands of their own make the others."""

CANCELLING = frozenset({SubType.CANCELLATION})
"""What a transaction that takes another one back is."""

LOANS: Creatable = {Type.ACCRUAL: frozenset({SubType.LOAN}), Type.REDEMPTION: frozenset({SubType.LOAN_REPAYMENT})}
"""What only the commands about loans record."""

NAMES_POINTS = frozenset({
    SubType.GIFT, SubType.MANUAL_CREDIT, SubType.MANUAL_DEBIT, SubType.LOAN, SubType.LOAN_REPAYMENT,
    SubType.TRANSFER,
})  # fmt: skip
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
    voucher: VoucherWish | None = None
    tender: Tender | None = None
    hold: int | None = None
    """The hold that it captures."""
    submit_to: str | None = None
    transfer_to: str | None = None
    """The number of the member whom a transfer is for."""
    cancels: int | None = None
    """The transaction that is taken back, by its number; what is said of it besides is the part: none, the rest."""
    refund_lines: tuple[RefundLine, ...] | None = None
    loan: int | None = None
    """The loan that it repays, by its transaction."""


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


@dataclass(frozen=True, slots=True, kw_only=True)
class QualifyingLoan(Problem):
    """A loan of points that would count towards a tier."""

    code = "QUALIFYING_LOAN"

    @property
    def message(self) -> str:
        return "What is lent never qualifies: a loan is of bonus points only."


def with_defaults(entry: NewTransaction, program: Program, today: date, /, **known: Any) -> NewTransaction:
    """The entry with what the program fills in (today's date, and its currency for an amount without one), and what is `known`."""
    priced = entry.amount is not None or any(line.amount is not None for line in entry.line_items)
    return replace(
        entry,
        transaction_date=entry.transaction_date or today,
        currency=program.currency if priced and entry.currency is None else entry.currency,
        voucher=entry.voucher and as_written(entry.voucher),
        **known,
    )


def as_written(wish: VoucherWish) -> VoucherWish:
    """A voucher's number as it is kept, however somebody typed it."""
    return wish if wish.number is None else replace(wish, number=as_kept(wish.number))


def check(
    entry: NewTransaction, today: date, settings: ProgramSettings, *path: str, creatable: Creatable = CREATABLE
) -> tuple[Problem, ...]:
    """Everything wrong with an entry by itself, `path` being the place of its fields; empty if nothing is."""
    checks = (
        _code_problems,
        _number_problems,
        _points_problems,
        _loan_problems,
        _line_problems,
        _payment_problems,
        _refund_problems,
    )
    found = list(_kind_problems(entry, creatable, path))
    found.extend(problem for find in checks for problem in find(entry, path))
    found.extend(_date_problems(entry.transaction_date, today, settings, path))
    found.extend(attribute_problems(entry.attributes, *path, "attributes"))
    return tuple(found)


def _kind_problems(entry: NewTransaction, creatable: Creatable, path: tuple[str, ...]) -> Iterator[Problem]:
    kinds = creatable[entry.type] if entry.cancels is None else CANCELLING
    if entry.sub_type not in kinds:
        possible = sorted(sub_type.value for sub_type in kinds)
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
    yield from _transfer_problems(entry, path)
    if sub_type is SubType.PRODUCT:
        yield from _product_problems(entry, path)


def _transfer_problems(entry: NewTransaction, path: tuple[str, ...]) -> Iterator[Problem]:
    transfer = (entry.type, entry.sub_type) == (Type.REDEMPTION, SubType.TRANSFER)
    if transfer and entry.transfer_to is None:
        yield Missing(why="a transfer says whom the points are for", path=(*path, "transferTo"))
    if not transfer and entry.transfer_to is not None:
        expected = "nothing here: only a transfer has a recipient"
        yield Invalid(value=entry.transfer_to, expected=expected, path=(*path, "transferTo"))


def _product_problems(entry: NewTransaction, path: tuple[str, ...]) -> Iterator[Problem]:
    if entry.type is Type.ACCRUAL and entry.points is not None:
        expected = "nothing here: give the points of a purchase before any promotion as basePoints"
        yield Invalid(value=str(entry.points), expected=expected, path=(*path, "points"))
    if entry.type is Type.REDEMPTION and entry.product is None and entry.points is None and entry.hold is None:
        yield Missing(why="a redemption names a product that has a price, or points", path=(*path, "product"))


def _payment_problems(entry: NewTransaction, path: tuple[str, ...]) -> Iterator[Problem]:
    """Vouchers and money pay a part of a product's price in points, and nothing else."""
    voucher, tender = entry.voucher, entry.tender
    pays = entry.type is Type.REDEMPTION and entry.sub_type is SubType.PRODUCT and entry.product is not None
    for given, name in ((voucher, "voucher"), (tender, "tender")):
        if given is not None and not pays:
            expected = "nothing here: only the redemption of a product with a price can be paid so"
            yield Invalid(value=name, expected=expected, path=(*path, name))
    if voucher is not None:
        yield from _voucher_problems(voucher, (*path, "voucher"))
    if tender is not None:
        yield from check_money(tender.amount, tender.currency, *path, "tender")
        yield from text_problems(tender.kind, MAX_CODE, *path, "tender", "kind")
        if tender.amount <= 0:
            yield Invalid(value=f"{tender.amount:f}", expected="more than 0", path=(*path, "tender", "amount"))


def _voucher_problems(voucher: VoucherWish, path: tuple[str, ...]) -> Iterator[Problem]:
    if (voucher.number is None) == (voucher.voucher_type is None):
        yield Missing(why="name a voucher by its number, or some by their type: exactly one of the two", path=path)
    for text, name in ((voucher.number, "number"), (voucher.voucher_type, "voucherType")):
        if text is not None:
            yield from text_problems(text, MAX_CODE, *path, name)
    if not 1 <= voucher.quantity <= MAX_AT_ONCE:
        expected = f"1 to {MAX_AT_ONCE} vouchers"
        yield Invalid(value=str(voucher.quantity), expected=expected, path=(*path, "quantity"))


def _refund_problems(entry: NewTransaction, path: tuple[str, ...]) -> Iterator[Problem]:
    """A refund says in one way what comes back, and nothing of what only its original can say."""
    if entry.cancels is None:
        return
    ways = {"lines": entry.refund_lines, "quantity": entry.quantity, "amount": entry.amount, "points": entry.points}
    given = [name for name, value in ways.items() if value is not None]
    for name in given[1:]:
        expected = f"nothing here: {given[0]} is given, and one of the two says what comes back"
        yield Invalid(value=str(ways[name]), expected=expected, path=(*path, name))
    for name, zero in ((name, ways[name]) for name in ("quantity", "amount")):
        if zero == 0:
            yield Invalid(value="0", expected="more than 0", path=(*path, name))
    others = {
        "product": entry.product,
        "lineItems": entry.line_items or None,
        "basePoints": entry.base_points,
        "qualifying": entry.qualifying,
    }
    for name, value in others.items():
        if value is not None:
            said = str(len(value)) if isinstance(value, tuple) else str(value)
            expected = "nothing here: the transaction that is taken back says it"
            yield Invalid(value=said, expected=expected, path=(*path, name))
    yield from _refund_line_problems(entry.refund_lines, entry.currency, path)


def _refund_line_problems(
    lines: tuple[RefundLine, ...] | None, currency: str | None, path: tuple[str, ...]
) -> Iterator[Problem]:
    if lines is None:
        return
    if not 0 < len(lines) <= MAX_LINES:
        yield TooMany(what="lines", limit=MAX_LINES, found=len(lines), path=(*path, "lines"))
        return
    seen: set[int] = set()
    for index, line in enumerate(lines):
        place = (*path, "lines", str(index))
        if line.line in seen:
            yield Invalid(value=str(line.line), expected="every line once", path=(*place, "line"))
        seen.add(line.line)
        if line.quantity is not None and line.amount is not None:
            expected = "nothing here: quantity is given, and one of the two says what comes back"
            yield Invalid(value=f"{line.amount:f}", expected=expected, path=(*place, "amount"))
        if line.quantity is not None:
            yield from number_problems(line.quantity, MAX_QUANTITY, QUANTITY_DECIMALS, *place, "quantity")
        if line.amount is not None:
            yield from amount_problems(line.amount, currency, *place, "amount")
        for name, value in (("quantity", line.quantity), ("amount", line.amount)):
            if value == 0:
                yield Invalid(value="0", expected="more than 0", path=(*place, name))


def _loan_problems(entry: NewTransaction, path: tuple[str, ...]) -> Iterator[Problem]:
    if entry.sub_type is SubType.LOAN and entry.qualifying:
        yield QualifyingLoan(path=(*path, "qualifying"))


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
