"""What is pure about partner accounts: movements, documents and their bytes, bills, how long points last."""

import hashlib
import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.billing import Bill, BillFee, BillLine, Charge, ChargeKind, charges_of, owed, rounded
from domain.partner_statements import (
    Named,
    PartnerMovement,
    PartnerStatement,
    PeriodClosed,
    PeriodGap,
    PeriodNotOver,
    Sum,
    canonical,
    closing_problems,
    document_of,
    months_to_close,
    movements_of,
    net,
    next_period,
    statement_of,
)
from domain.partner_transactions import DIRECTIONS, Direction, PartnerTransactionKind
from domain.runway import MOST_DAYS, Stocked, days_of_use, runway
from domain.transactions import Money

Kind = PartnerTransactionKind
TODAY = date(2026, 11, 22)


def a_sum(kind: Kind, points: str, direction: Direction | None = None, promotion: str | None = None) -> Sum:
    return Sum(
        kind=kind, direction=direction or DIRECTIONS[kind][0], promotion=promotion, entries=1, points=Decimal(points)
    )


def a_statement(*sums: Sum, opening: str = "0.00") -> PartnerStatement:
    return PartnerStatement(
        program_id=1,
        partner_id=2,
        program=Named("ISLES", "Isles"),
        partner=Named("INN", "Søren's Inn"),
        time_zone="Europe/Berlin",
        starts_on=date(2026, 11, 1),
        ends_on=date(2026, 11, 30),
        opening=Decimal(opening),
        movements=movements_of(sums),
        charges=(Charge(kind=ChargeKind.FEE, promotion=None, entries=1, amount=Decimal("25.00"), currency="EUR"),),
    )


def test_movements_are_one_per_kind_and_promotion_in_a_fixed_order() -> None:
    sums = [
        a_sum(Kind.FEE, "5.00"),
        a_sum(Kind.ADJUSTMENT, "3.00", Direction.CREDIT),
        a_sum(Kind.ACCRUAL_DEBIT, "2.50", promotion="SUMMER"),
        a_sum(Kind.ADJUSTMENT, "1.00", Direction.DEBIT),
        a_sum(Kind.ACCRUAL_DEBIT, "1.50"),
        a_sum(Kind.PURCHASE, "100.00"),
    ]

    found = [(each.kind, each.promotion, each.entries, each.credited, each.debited) for each in movements_of(sums)]

    zero = Decimal("0.00")
    assert found == [
        (Kind.PURCHASE, None, 1, Decimal("100.00"), zero),
        (Kind.ACCRUAL_DEBIT, None, 1, zero, Decimal("1.50")),
        (Kind.ACCRUAL_DEBIT, "SUMMER", 1, zero, Decimal("2.50")),
        (Kind.ADJUSTMENT, None, 2, Decimal("3.00"), Decimal("1.00")),
        (Kind.FEE, None, 1, zero, Decimal("5.00")),
    ]
    assert net(sums) == Decimal("93.00")


SUMS = st.lists(
    st.sampled_from(list(Kind)).flatmap(
        lambda kind: st.builds(
            Sum,
            kind=st.just(kind),
            direction=st.sampled_from(DIRECTIONS[kind]),
            promotion=st.sampled_from([None, "A", "Ä", "z"]),
            entries=st.integers(1, 10**9),
            points=st.integers(1, 10**17).map(lambda cents: Decimal(cents).scaleb(-2)),
        )
    ),
    max_size=20,
)


@given(sums=SUMS, opening=st.integers(-(10**17), 10**17).map(lambda cents: Decimal(cents).scaleb(-2)))
def test_any_statement_closes_with_its_opening_and_movements_and_is_read_back_from_its_document(
    sums: list[Sum], opening: Decimal
) -> None:
    statement = replace(a_statement(*sums), opening=opening)
    assert statement.closing == opening + net(sums)
    assert statement.opening + statement.credited - statement.debited == statement.closing
    assert sum(each.entries for each in statement.movements) == sum(each.entries for each in sums)
    stored = json.loads(json.dumps(document_of(statement)))
    again = statement_of(stored, program_id=1, partner_id=2)
    assert (again, canonical(again)) == (statement, canonical(statement))


def test_the_order_of_rows_changes_no_byte_of_a_statement() -> None:
    sums = [a_sum(Kind.FEE, "5.00"), a_sum(Kind.PURCHASE, "100.00"), a_sum(Kind.FEE, "2.00")]
    one, other = a_statement(*sums), a_statement(*reversed(sums))
    assert canonical(one) == canonical(other)
    assert canonical(one) == (
        b'{"charges":[{"amount":"25.00","currency":"EUR","entries":"1","kind":"FEE","promotion":null}],'
        b'"closing":"93.00","credited":"100.00","debited":"7.00","from":"2026-11-01","movements":['
        b'{"credited":"100.00","debited":"0.00","entries":"1","kind":"PURCHASE","promotion":null},'
        b'{"credited":"0.00","debited":"7.00","entries":"2","kind":"FEE","promotion":null}],"number":null,'
        b'"opening":"0.00","partner":{"code":"INN","name":"S\xc3\xb8ren\'s Inn"},'
        b'"program":{"code":"ISLES","name":"Isles"},"through":"2026-11-30","timeZone":"Europe/Berlin"}'
    )
    assert one.sha256 == hashlib.sha256(canonical(one)).hexdigest()


def test_the_hash_tells_any_two_statements_apart() -> None:
    one = a_statement(a_sum(Kind.FEE, "5.00"))
    others = [
        a_statement(a_sum(Kind.FEE, "5.01")),
        replace(one, opening=Decimal("0.01")),
        replace(one, number=1, closed_at=datetime(2026, 12, 1, tzinfo=UTC)),
        replace(one, ends_on=date(2026, 11, 29)),
        replace(one, partner=None),
    ]
    assert len({one.sha256, *(each.sha256 for each in others)}) == 6


@pytest.mark.parametrize(
    ("closed_through", "first", "through", "expected"),
    [
        (None, None, date(2026, 10, 31), date(2026, 10, 1)),
        (None, date(2026, 8, 14), date(2026, 10, 31), date(2026, 8, 1)),
        (None, date(2026, 11, 2), date(2026, 10, 15), date(2026, 10, 1)),
        (date(2026, 9, 30), date(2026, 8, 14), date(2026, 10, 31), date(2026, 10, 1)),
        (date(2026, 10, 7), date(2026, 8, 14), date(2026, 10, 31), date(2026, 10, 8)),
    ],
)
def test_a_period_begins_the_day_after_the_one_before_or_where_it_all_began(
    closed_through: date | None, first: date | None, through: date, expected: date
) -> None:
    assert next_period(closed_through, first, through) == expected


def test_only_days_that_have_passed_can_be_closed() -> None:
    begin, yesterday = date(2026, 11, 1), TODAY - timedelta(1)
    assert closing_problems(begin, yesterday, TODAY, None, None) == []
    assert closing_problems(begin, TODAY, TODAY, None, None) == [PeriodNotOver(last=yesterday, path=("through",))]


def test_a_period_is_closed_once_and_follows_the_one_before() -> None:
    closed, begin = date(2026, 10, 31), date(2026, 11, 1)
    again = PeriodClosed(closed_through=closed, next_from=begin, path=("through",))
    assert closing_problems(begin, closed, TODAY, closed, None) == [again]
    gap = PeriodGap(next_from=begin, path=("from",))
    assert closing_problems(begin, date(2026, 11, 21), TODAY, closed, date(2026, 11, 2)) == [gap]
    assert closing_problems(begin, date(2026, 11, 21), TODAY, closed, begin) == []


def test_the_months_that_have_passed() -> None:
    assert months_to_close(date(2026, 9, 15), TODAY) == [
        (date(2026, 9, 15), date(2026, 9, 30)),
        (date(2026, 10, 1), date(2026, 10, 31)),
    ]
    assert months_to_close(date(2026, 11, 1), date(2026, 11, 30)) == []
    assert months_to_close(date(2026, 11, 1), date(2026, 12, 1)) == [(date(2026, 11, 1), date(2026, 11, 30))]


@pytest.mark.parametrize(
    ("points", "price", "percentage", "currency", "expected"),
    [
        ("545", "0.012", "100", "EUR", "6.54"),
        ("1", "0.005", "100", "EUR", "0.01"),
        ("-1", "0.005", "100", "EUR", "-0.01"),
        ("1000", "0.012", "33.333333", "EUR", "4.00"),
        ("1000", "0.0125", "100", "JPY", "13"),
        ("1000", "0.0125", "100", "KWD", "12.500"),
    ],
)
def test_what_points_cost_at_a_rate(points: str, price: str, percentage: str, currency: str, expected: str) -> None:
    found = owed(Decimal(points), Decimal(price), Decimal(percentage), currency)
    assert (found, str(found)) == (Decimal(expected), expected)


def test_a_bill_sums_up_each_currency_and_a_refund_is_below_zero() -> None:
    def fee(kind: ChargeKind, amount: str, currency: str) -> BillFee:
        return BillFee(
            id=1, posted_on=TODAY, kind=kind, description=None, reason_code=None, amount=Decimal(amount),
            currency=currency,
        )  # fmt: skip

    line = BillLine(
        point_type="MILES", promotion=None, entries=2, points=Decimal(1000), price=Decimal("0.01"),
        percentage=Decimal(100), amount=Decimal("10.00"), currency="EUR",
    )  # fmt: skip
    fees = (
        fee(ChargeKind.FEE, "25.00", "USD"),
        fee(ChargeKind.FEE, "5.00", "EUR"),
        fee(ChargeKind.REFUND, "-25", "USD"),
    )
    bill = Bill(program="P", partner="H", starts_on=TODAY, ends_on=TODAY, complete=True, lines=(line,), fees=fees)
    assert bill.totals == (Money(Decimal("15.00"), "EUR"), Money(Decimal("0.00"), "USD"))


def test_charges_are_one_per_kind_currency_and_promotion() -> None:
    def charge(kind: ChargeKind, amount: str, currency: str = "EUR", promotion: str | None = None) -> Charge:
        return Charge(kind=kind, promotion=promotion, entries=1, amount=Decimal(amount), currency=currency)

    found = charges_of([
        charge(ChargeKind.REFUND, "-3"), charge(ChargeKind.POINTS, "2", promotion="A"), charge(ChargeKind.POINTS, "1"),
        charge(ChargeKind.FEE, "4", "USD"), charge(ChargeKind.FEE, "3"), charge(ChargeKind.FEE, "3"),
    ])  # fmt: skip

    assert [(each.kind.value, each.currency, each.promotion, each.entries, int(each.amount)) for each in found] == [
        ("POINTS", "EUR", None, 1, 1), ("POINTS", "EUR", "A", 1, 2), ("FEE", "EUR", None, 2, 6), ("FEE", "USD", None, 1, 4),
        ("REFUND", "EUR", None, 1, -3),
    ]  # fmt: skip


def test_an_amount_is_rounded_half_up_also_below_zero() -> None:
    assert [str(rounded(Decimal(each), "EUR")) for each in ("0.125", "-0.125", "2")] == ["0.13", "-0.13", "2.00"]


def stock(*blocks: tuple[int, int | None]) -> list[Stocked]:
    return [Stocked(Decimal(points), None if days is None else TODAY + timedelta(days - 1)) for points, days in blocks]


@pytest.mark.parametrize(
    ("blocks", "used", "expected"),
    [
        (stock((3000, None)), 300, 300),
        (stock((305, None)), 300, 30),
        (stock((0, None)), 300, 0),
        (stock(), 300, 0),
        (stock((3000, 10), (500, None)), 300, 60),  # 100 used in ten days, the rest of the first is lost
        (stock((100, 10), (500, 15)), 300, 15),
        (stock((100, 10), (500, 5)), 300, 10),  # the second is past its last day when its turn comes
        (stock((10**9, None)), 300, MOST_DAYS),
    ],
)
def test_how_long_points_last(blocks: list[Stocked], used: int, expected: int) -> None:
    assert runway(blocks, Decimal(used), 30, TODAY) == expected


def test_points_that_nobody_uses_last_for_ever() -> None:
    assert runway(stock((3000, None)), Decimal(0), 30, TODAY) is None
    assert runway(stock((3000, None)), Decimal(-5), 30, TODAY) is None


@pytest.mark.parametrize(("ago", "expected"), [(0, 1), (6, 7), (29, 30), (400, 30)])
def test_use_is_counted_over_thirty_days_or_since_the_first_points(ago: int, expected: int) -> None:
    assert days_of_use(TODAY - timedelta(ago), TODAY) == expected


def test_a_movement_that_is_missing_is_seen_in_the_closing() -> None:
    statement = a_statement(a_sum(Kind.PURCHASE, "100.00"), opening="7.00")
    assert statement.closing == Decimal("107.00")
    less = replace(statement, movements=())
    assert less.closing == Decimal("7.00")
    assert PartnerMovement in {type(each) for each in statement.movements}
