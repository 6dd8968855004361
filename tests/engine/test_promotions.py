"""Promotions compute from base points, each award is rounded on its own, and the calculation rule says who pays."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from msgspec.structs import replace

from domain.engine import EngineProgram, Outcome, ProductState
from domain.programs import CalculationRule
from domain.promotions import (
    AppliesToTransaction,
    AssignPoints,
    AssignVoucher,
    ChangeTier,
    ProductScope,
    Promotion,
    TierDirection,
)
from domain.tiers import HeldTier
from domain.transactions import LineItem, SubStatus, SubType, Type
from tests.engine.generated import JOINED, LADDER, RUNGS
from tests.engine.samples import (
    MEMBER,
    POINTS,
    TODAY,
    accrual,
    member,
    one,
    point_type,
    points,
    program,
    promotion,
    worked,
)

WEIGHTED = (
    point_type(1, "BASE", weights=(Decimal("1.0"), Decimal("0.5"))),
    point_type(2, "BONUS", weights=(Decimal("0.8"), Decimal("0.4"))),
)
CONTEST = (
    promotion("1", points("250", "BASE", qualifying=True), points("350", "BONUS"), always_apply=True),
    promotion("2", points("225", "BASE"), points("700", "BONUS")),
    promotion("3", points("125", "BASE"), points("100", "BONUS")),
    promotion("4", points("150", "BASE", qualifying=True), points("550", "BONUS", qualifying=True)),
)


def paid(outcome: Outcome) -> list[tuple[int, int, int]]:
    return [(lot.promotion_id, lot.point_type_id, lot.points) for lot in outcome.lots if lot.promotion_id]


@pytest.mark.parametrize(
    ("rule", "payers"),
    [
        (CalculationRule.MAX_BY_PROMOTION, "14"),
        (CalculationRule.MAX_BY_POINT_TYPE, "14"),
        (CalculationRule.MAX_BY_POINT_TYPE_AND_QUALIFYING, "124"),
        (CalculationRule.ALL, "1234"),
    ],
)
@pytest.mark.parametrize("order", [1, -1])
def test_the_golden_contest(rule: CalculationRule, payers: str, order: int) -> None:
    contested = program(*CONTEST[::order], point_types=WEIGHTED, calculation_rule=rule)

    outcome = one(contested, member(), accrual(amount=None))

    expected = {
        (each.id, 1 if action.point_type == "BASE" else 2, int(action.constant))
        for each in CONTEST
        if each.code in payers
        for action in each.rules[0].actions
        if isinstance(action, AssignPoints) and action.constant is not None
    }
    assert set(paid(outcome)) == expected
    assert len(paid(outcome)) == len(expected)


@pytest.mark.parametrize(("award", "lot", "total"), [("20.158", 2016, 4032), ("20.987", 2099, 4198)])
def test_the_golden_rounding_half_up_per_lot_and_then_the_sum(award: str, lot: int, total: int) -> None:
    fine = point_type(decimals=2)
    both = program(
        promotion("A", points(award)),
        promotion("B", points(award)),
        point_types=(fine,),
        calculation_rule=CalculationRule.ALL,
    )

    done = worked(both, member(), accrual(amount=None))

    assert [each.points for each in done.outcomes[0].lots] == [lot, lot]
    assert done.outcomes[0].totals[0].points == total
    assert done.balances[MEMBER, POINTS].available == total


@pytest.mark.parametrize(("exact", "rounded"), [("0.5", 1), ("0.49", 0), ("1.5", 2), ("2.5", 3), ("2.4999", 2)])
def test_half_a_point_is_rounded_up(exact: str, rounded: int) -> None:
    outcome = one(program(promotion("A", points(exact))), member(), accrual(amount=None))

    assert [each.points for each in outcome.lots] == ([rounded] if rounded else [])


def test_awards_compute_from_exact_base_points_and_not_from_what_the_base_lot_got() -> None:
    double = promotion("DOUBLE", AssignPoints("POINTS", attribute="transaction.basePoints", factor=Decimal(2)))

    outcome = one(program(double), member(), accrual(amount="10.40"))

    assert [(lot.promotion_id, lot.points) for lot in outcome.lots] == [(None, 10), (double.id, 21)]
    assert outcome.base_points == Decimal("10.40")


@pytest.mark.parametrize(
    ("day", "applies"),
    [
        (date(2026, 4, 30), False),
        (date(2026, 5, 1), True),
        (date(2026, 5, 31), True),
        (date(2026, 6, 1), False),
    ],
)
def test_the_transaction_date_decides_and_both_ends_are_included(day: date, *, applies: bool) -> None:
    may = promotion("MAY", points("5"), starts_on=date(2026, 5, 1), ends_on=date(2026, 5, 31))

    outcome = one(program(may), member(), accrual(transaction_date=day))

    assert paid(outcome) == ([(may.id, POINTS, 5)] if applies else [])
    assert outcome.decision.verdicts == ((0,) if applies else (-1,))


def test_an_open_end_never_ends() -> None:
    forever = promotion("EVER", points("5"), ends_on=None)

    assert paid(one(program(forever), member(), accrual(transaction_date=TODAY + timedelta(3650))))


def test_a_promotion_is_for_purchases_unless_it_says_otherwise() -> None:
    plain = promotion("PLAIN", points("5"))
    gifts = promotion("GIFTS", points("5"), applies_to=(AppliesToTransaction(Type.ACCRUAL, SubType.GIFT),))
    all_accruals = promotion("ALL", points("5"), applies_to=(AppliesToTransaction(Type.ACCRUAL, None),))
    everything = program(plain, gifts, all_accruals, calculation_rule=CalculationRule.ALL)

    bought = one(everything, member(), accrual())
    given = one(everything, member(), accrual(amount=None, sub_type=SubType.GIFT, points=10, point_type_id=POINTS))

    assert {each[0] for each in paid(bought)} == {plain.id, all_accruals.id}
    assert {each[0] for each in paid(given)} == {gifts.id, all_accruals.id}


def test_ties_go_to_the_higher_unweighted_points_then_the_earlier_start_then_the_code() -> None:
    heavy = point_type(2, "HEAVY", weights=(Decimal(2), Decimal(2)))
    many, few = promotion("MANY", points("20")), promotion("FEW", points("10", "HEAVY"))
    early = promotion("Z", points("20"), starts_on=date(2025, 12, 31))
    a, b = promotion("A", points("20")), promotion("B", points("20"))

    def winner(*promotions: Promotion) -> list[int]:
        outcome = one(program(*promotions, point_types=(point_type(), heavy)), member(), accrual(amount=None))
        return [each[0] for each in paid(outcome)]

    assert winner(few, many) == winner(many, few) == [many.id]
    assert winner(a, early) == winner(early, a) == [early.id]
    assert winner(b, a) == winner(a, b) == [a.id]


@pytest.mark.parametrize("order", [1, -1])
def test_tiers_move_in_the_order_of_starts_however_promotions_are_stored(order: int) -> None:
    up = promotion("B", ChangeTier("STATUS", TierDirection.UP), starts_on=date(2026, 1, 1))
    down = promotion("A", ChangeTier("STATUS", TierDirection.DOWN), starts_on=date(2026, 1, 2))
    made = program(*(up, down)[::order])
    tiered = EngineProgram(made.program, made.point_types, made.rules, RUNGS, {LADDER.code: LADDER})
    someone = replace(member(enrolledOn=JOINED), held=(HeldTier("GOLD", JOINED, None),))

    moved = one(tiered, someone, accrual(amount=None)).tier_changes

    assert [(each.before, each.after, each.promotion_id) for each in moved] == [
        ("GOLD", "TOP", up.id), ("TOP", "GOLD", down.id),
    ]  # fmt: skip


def test_a_promotion_that_won_nothing_is_in_the_decision_all_the_same() -> None:
    small, large = promotion("SMALL", points("1")), promotion("LARGE", points("2"))

    outcome = one(program(small, large), member(), accrual(amount=None))

    assert [(line.promotion_id, line.rounded, line.paid) for line in outcome.decision.awards] == [
        (small.id, 1, False),
        (large.id, 2, True),
    ]
    assert outcome.sub_status is SubStatus.SUCCESS


@pytest.mark.parametrize(
    ("scope", "product", "lines", "applies"),
    [
        (ProductScope.INCLUDED, "A", (), True),
        (ProductScope.INCLUDED, "B", (), False),
        (ProductScope.INCLUDED, None, ("B", "A"), True),
        (ProductScope.INCLUDED, None, (), False),
        (ProductScope.EXCLUDED, "A", (), False),
        (ProductScope.EXCLUDED, "B", (), True),
        (ProductScope.EXCLUDED, None, ("A",), False),
        (ProductScope.EXCLUDED, None, ("A", "B"), True),
        (ProductScope.EXCLUDED, None, (), True),
    ],
)
def test_products_are_included_or_excluded(
    scope: ProductScope, product: str | None, lines: tuple[str, ...], *, applies: bool
) -> None:
    for_some = promotion("SOME", points("5"), product_scope=scope, products=("A",))
    bought = None if product is None else ProductState(1, product, product, active=True, attributes={}, prices=())

    outcome = one(
        program(for_some), member(), accrual(product=bought, line_items=tuple(LineItem(code) for code in lines))
    )

    assert bool(paid(outcome)) is applies


def test_an_award_below_zero_is_a_rule_error_that_names_the_promotion() -> None:
    backwards = promotion("BACK", AssignPoints("POINTS", expression="transaction.basePoints - 100"))

    outcome = one(program(backwards), member(), accrual())

    assert outcome.sub_status is SubStatus.RULE_ERROR
    assert outcome.rejection is not None
    assert "BACK" in outcome.rejection.message
    assert outcome.lots == ()


def test_a_voucher_that_cannot_be_given_is_a_rule_error_and_never_dropped() -> None:
    generous = promotion("VOUCHER", points("5"), AssignVoucher("COFFEE"))

    outcome = one(program(generous), member(), accrual())

    assert outcome.sub_status is SubStatus.RULE_ERROR
    assert outcome.rejection is not None
    assert "voucher type 'COFFEE' does not exist" in outcome.rejection.message
    assert outcome.lots == ()
