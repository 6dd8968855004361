"""New transactions: what is refused before anything is looked up, and where the fault is said to be."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from domain.currencies import AmountOutOfRange, AmountTooFine, UnknownCurrency
from domain.entries import CREATABLE, DateOutOfRange, NewTransaction, check, with_defaults
from domain.problems import Invalid, Missing, Problem, TooMany
from domain.programs import Program, ProgramSettings, ProgramStatus
from domain.transactions import ENGINE_ONLY, SUB_TYPES, LineItem, SubType, Type

TODAY = date(2025, 6, 15)
SETTINGS = ProgramSettings(earliest_days_back=30, max_days_ahead=2)
PURCHASE = NewTransaction(program="GROCER", member="1001", type=Type.ACCRUAL, amount=Decimal("12.50"), currency="USD")
REDEMPTION = NewTransaction(program="GROCER", member="1001", type=Type.REDEMPTION, product="MUG")
GROCER = Program(
    id=1, code="GROCER", name="Grocer", status=ProgramStatus.ACTIVE, time_zone="UTC", currency="USD", settings=SETTINGS,
    base_rules=(), attributes={}, version=1, created_at=datetime(2025, 1, 1, tzinfo=UTC),
)  # fmt: skip


def problems(entry: NewTransaction, **changes: Any) -> tuple[Problem, ...]:
    return check(replace(entry, **changes), TODAY, SETTINGS, "input")


def manual(**changes: Any) -> NewTransaction:
    entry = NewTransaction(program="GROCER", member="1001", type=Type.ACCRUAL, sub_type=SubType.MANUAL_CREDIT)
    return replace(entry, **changes)


def test_an_ordinary_purchase_and_an_ordinary_redemption_are_fine() -> None:
    assert problems(PURCHASE) == ()
    assert problems(REDEMPTION) == ()


def test_a_full_entry_is_fine() -> None:
    line = LineItem("SKU1", Decimal("0.250"), Decimal("3.99"), {"department": "DAIRY", "organic": True})
    full = replace(
        PURCHASE, product="SKU1", partner="HOTEL", quantity=Decimal(3), line_items=(line,) * 1000, point_type="POINTS",
        attributes={"channel": "web"}, base_points=Decimal("12.5"), qualifying=True, source="pos", external_id="2025/1",
        comment="two\nlines", submit_to="boss", transaction_date=TODAY,
    )  # fmt: skip
    assert problems(full) == ()


@pytest.mark.parametrize(
    ("type_", "sub_type"),
    [(type_, sub_type) for type_ in Type for sub_type in SubType if sub_type not in CREATABLE[type_]],
)
def test_sub_types_that_cannot_be_recorded_as_new(type_: Type, sub_type: SubType) -> None:
    possible = ", ".join(sorted(other.value for other in CREATABLE[type_]))
    found = problems(manual(type=type_, sub_type=sub_type, points=Decimal(5)))
    assert found == (Invalid(value=sub_type.value, expected=f"one of {possible}", path=("input", "subType")),)


def test_what_can_be_recorded_belongs_to_its_type_and_not_to_the_engine() -> None:
    for type_, sub_types in CREATABLE.items():
        assert sub_types <= SUB_TYPES[type_] - ENGINE_ONLY


@pytest.mark.parametrize("day", ["2025-05-16", "2025-06-15", "2025-06-17"])
def test_dates_within_the_programs_range_both_ends_included(day: str) -> None:
    assert problems(PURCHASE, transaction_date=date.fromisoformat(day)) == ()


@pytest.mark.parametrize("day", ["2025-05-15", "2025-06-18", "0001-01-01", "9999-12-31"])
def test_dates_out_of_range(day: str) -> None:
    (problem,) = problems(PURCHASE, transaction_date=date.fromisoformat(day))
    assert problem == DateOutOfRange(
        value=date.fromisoformat(day),
        earliest=date(2025, 5, 16),
        latest=date(2025, 6, 17),
        path=("input", "transactionDate"),
    )
    assert problem.message == f"The date {day} is out of range: this program takes 2025-05-16 to 2025-06-17."


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"amount": Decimal(-1)}, AmountOutOfRange(value="-1", path=("input", "amount"))),
        (
            {"amount": Decimal("0.001")},
            AmountTooFine(value="0.001", currency="USD", decimals=2, path=("input", "amount")),
        ),
        ({"currency": "USDT"}, UnknownCurrency(value="USDT", path=("input", "currency"))),
        ({"currency": None}, Missing(why="an amount needs its currency", path=("input", "currency"))),
        (
            {"quantity": Decimal(-1)},
            Invalid(value="-1", expected="0 or more, and less than 1,000,000,000", path=("input", "quantity")),
        ),
        (
            {"base_points": Decimal("1.00001")},
            Invalid(value="1.00001", expected="at most 4 decimals", path=("input", "basePoints")),
        ),
        (
            {"external_id": "x" * 201},
            Invalid(value="x" * 60 + "…", expected="at most 200 characters, not 201", path=("input", "externalId")),
        ),
        (
            {"product": "A\0"},
            Invalid(value="A\0", expected="a text without control characters", path=("input", "product")),
        ),
        (
            {"source": " "},
            Invalid(value=" ", expected="a text that is not blank", path=("input", "source")),
        ),
        (
            {"points": Decimal(5)},
            Invalid(
                value="5",
                expected="nothing here: give the points of a purchase before any promotion as basePoints",
                path=("input", "points"),
            ),
        ),
        (
            {"line_items": (LineItem(),) * 1001},
            TooMany(what="line items", limit=1000, found=1001, path=("input", "lineItems")),
        ),
        (
            {"line_items": (LineItem(), LineItem(amount=Decimal(-2)))},
            AmountOutOfRange(value="-2", path=("input", "lineItems", "1", "amount")),
        ),
        (
            {"line_items": (LineItem(quantity=Decimal("NaN")),)},
            Invalid(value="NaN", expected="a finite number", path=("input", "lineItems", "0", "quantity")),
        ),
    ],
)
def test_a_fault_is_named_with_its_place(changes: dict[str, Any], expected: Problem) -> None:
    assert problems(PURCHASE, **changes) == (expected,)


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"attributes": {"a b": 1}}, ("input", "attributes", "a b")),
        ({"attributes": {"store": [1]}}, ("input", "attributes", "store")),
        ({"line_items": (LineItem(attributes={"x": {}}),)}, ("input", "lineItems", "0", "attributes", "x")),
        ({"line_items": (LineItem(product=""),)}, ("input", "lineItems", "0", "product")),
        ({"comment": "\x07"}, ("input", "comment")),
        ({"partner": "x" * 65}, ("input", "partner")),
        ({"point_type": ""}, ("input", "pointType")),
    ],
)
def test_the_place_of_a_fault_inside(changes: dict[str, Any], path: tuple[str, ...]) -> None:
    assert [problem.path for problem in problems(PURCHASE, **changes)] == [path]


def test_all_faults_are_found_at_once() -> None:
    found = problems(
        PURCHASE, sub_type=SubType.EXPIRY, amount=Decimal(-1), currency="usd", quantity=Decimal(-1), external_id="",
        transaction_date=date(1999, 1, 1), attributes={"x": 1.5}, line_items=(LineItem(amount=Decimal(-1)),),
    )  # fmt: skip
    assert {problem.path[1:] for problem in found} == {
        ("subType",), ("amount",), ("currency",), ("quantity",), ("externalId",), ("transactionDate",),
        ("attributes", "x"), ("lineItems", "0", "amount"),
    }  # fmt: skip


@pytest.mark.parametrize("sub_type", [SubType.GIFT, SubType.MANUAL_CREDIT])
def test_what_gives_points_by_hand_says_how_many(sub_type: SubType) -> None:
    why = f"{sub_type.value} says how many points it is about"
    assert problems(manual(sub_type=sub_type)) == (Missing(why=why, path=("input", "points")),)
    assert problems(manual(sub_type=sub_type, points=Decimal("0.5"))) == ()


def test_no_points_are_not_a_number_of_points() -> None:
    assert problems(manual(points=Decimal("0.00"))) == (
        Invalid(value="0", expected="more than 0 points", path=("input", "points")),
    )


def test_a_manual_debit_says_how_many() -> None:
    debit = manual(type=Type.REDEMPTION, sub_type=SubType.MANUAL_DEBIT)
    assert [problem.path for problem in problems(debit)] == [("input", "points")]


def test_a_bonus_names_points_or_a_product() -> None:
    bonus = manual(sub_type=SubType.ACTION_BASED_BONUS)
    why = "ACTION_BASED_BONUS names its points, or a product that has a price"
    assert problems(bonus) == (Missing(why=why, path=("input", "points")),)
    assert problems(bonus, product="WELCOME") == ()
    assert problems(bonus, points=Decimal(500)) == ()


def test_a_redemption_has_a_price() -> None:
    why = "a redemption names a product that has a price, or points"
    missing = (Missing(why=why, path=("input", "product")),)
    assert problems(REDEMPTION, product=None) == missing
    assert problems(REDEMPTION, product=None, points=Decimal(100)) == ()
    assert problems(REDEMPTION, product=None, base_points=Decimal(100)) == missing
    assert problems(REDEMPTION, product=None, line_items=(LineItem("MUG"),)) == missing


def test_amounts_of_lines_need_a_currency_too() -> None:
    lines = (LineItem(amount=Decimal(1)),)
    missing = Missing(why="an amount needs its currency", path=("input", "currency"))
    assert problems(PURCHASE, amount=None, currency=None, line_items=lines) == (missing,)
    assert problems(PURCHASE, currency=None, line_items=lines) == (missing,)


def test_the_program_fills_in_date_and_currency() -> None:
    bare = replace(PURCHASE, currency=None)
    assert with_defaults(bare, GROCER, TODAY) == replace(PURCHASE, transaction_date=TODAY)
    by_lines = replace(bare, amount=None, line_items=(LineItem(amount=Decimal(1)),))
    assert with_defaults(by_lines, GROCER, TODAY).currency == "USD"


def test_the_program_overrides_nothing_and_gives_no_currency_without_an_amount() -> None:
    said = replace(PURCHASE, currency="EUR", transaction_date=date(2025, 6, 1))
    assert with_defaults(said, GROCER, TODAY) == said
    assert with_defaults(REDEMPTION, GROCER, TODAY).currency is None
