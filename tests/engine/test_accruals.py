"""Accruals: where base points come from, when points lapse, and what is refused."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from domain.engine import PartnerState, Price, ProductState
from domain.engine.rejections import (
    CurrencyMismatch,
    LateReport,
    MemberInactive,
    MissingMemberData,
    PartnerInactive,
    PaymentShort,
    ProgramInactive,
    RuleFailed,
)
from domain.expiry import ExpiryKind, ExpiryPolicy, PeriodUnit, Snap
from domain.lots import LotOrigin
from domain.members import MemberStatus
from domain.programs import BaseRule, PriceKind, ProgramStatus
from domain.transactions import Status, SubStatus, SubType
from tests.engine.samples import (
    MEMBER,
    MILES,
    POINTS,
    TODAY,
    accrual,
    base_of,
    lot,
    member,
    one,
    point_type,
    points,
    program,
    promotion,
    redemption,
    worked,
)

YEAR = ExpiryPolicy(ExpiryKind.PERIOD, 12, PeriodUnit.MONTH, snap=Snap.END_OF_MONTH)
HOTEL = PartnerState(5, "HOTEL", active=True, report_within_days=30)


def product(*prices: Price) -> ProductState:
    return ProductState(3, "SKU", "A thing", active=True, attributes={}, prices=prices)


def price(number: str, partner: int | None = None, kind: PriceKind = PriceKind.ACCRUAL, **fields: Any) -> Price:
    options = {"point_type_id": POINTS, "starts_on": date(2026, 1, 1), "ends_on": None, **fields}
    return Price(kind, partner, options["point_type_id"], Decimal(number), options["starts_on"], options["ends_on"])


def test_points_that_come_with_a_purchase_win_over_prices_and_rules() -> None:
    outcome = one(program(), member(), accrual(base_points=Decimal(7), product=product(price("99"))))

    assert (base_of(outcome).source, outcome.lots[0].points) == ("GIVEN", 7)


def test_the_products_price_wins_over_base_rules_and_counts_the_quantity() -> None:
    outcome = one(program(), member(), accrual(product=product(price("2.5")), quantity=Decimal(3)))

    assert (base_of(outcome).source, outcome.base_points, outcome.lots[0].points) == ("PRICE", Decimal("7.50"), 8)


def test_a_price_for_the_partner_wins_over_the_one_for_all_and_others_do_not_count() -> None:
    priced = product(price("1"), price("2", partner=5), price("3", partner=6))

    assert one(program(), member(), accrual(product=priced, partner=HOTEL)).lots[0].points == 2
    assert one(program(), member(), accrual(product=priced)).lots[0].points == 1


@pytest.mark.parametrize(
    ("day", "source"),
    [
        (date(2026, 2, 28), "RULE"),
        (date(2026, 3, 1), "PRICE"),
        (date(2026, 3, 31), "PRICE"),
        (date(2026, 4, 1), "RULE"),
    ],
)
def test_a_price_is_in_force_from_its_first_day_through_its_last(day: date, source: str) -> None:
    march = product(price("9", starts_on=date(2026, 3, 1), ends_on=date(2026, 3, 31)))

    assert base_of(one(program(), member(), accrual(product=march, transaction_date=day))).source == source


def test_the_first_base_rule_that_applies_decides() -> None:
    dollars = BaseRule("perAmount", {"points": "5", "currency": "USD"})
    rules = (dollars, BaseRule("perAmount", {"points": "2", "currency": "EUR"}), BaseRule("constant", {"points": "1"}))

    outcome = one(program(base_rules=rules), member(), accrual(amount="10"))

    assert (base_of(outcome).rule, outcome.lots[0].points) == (1, 20)


def test_an_amount_in_a_currency_that_no_rule_is_for_is_refused() -> None:
    dollars = BaseRule("perAmount", {"points": "5", "currency": "USD"})

    outcome = one(program(base_rules=(dollars,)), member(), accrual(amount="10"))

    assert outcome.rejection == CurrencyMismatch(currency="EUR", expected=("USD",))


def test_no_base_points_is_an_accrual_of_nothing() -> None:
    outcome = one(program(base_rules=()), member(), accrual(amount="10"))

    assert (outcome.status, outcome.sub_status) == (Status.PROCESSED, SubStatus.NO_PROMOTIONS_QUALIFIED)
    assert (outcome.lots, outcome.base_points) == ((), Decimal("0.00"))


@pytest.mark.parametrize("sub_type", [SubType.GIFT, SubType.MANUAL_CREDIT, SubType.ACTION_BASED_BONUS])
def test_points_that_a_transaction_names_are_bonus_unless_it_says_that_they_qualify(sub_type: SubType) -> None:
    given: dict[str, Any] = {"amount": None, "sub_type": sub_type, "points": 25, "point_type_id": POINTS}

    plain = one(program(), member(), accrual(**given)).lots[0]
    qualifying = one(program(), member(), accrual(**given, qualifying=True)).lots[0]

    assert (plain.points, plain.origin, plain.qualifying) == (25, LotOrigin.ENTRY, False)
    assert qualifying.qualifying


def test_the_most_specific_expiry_wins_award_then_point_type_then_program() -> None:
    own = ExpiryPolicy(ExpiryKind.PERIOD, 1, PeriodUnit.MONTH)
    types = (point_type(), point_type(MILES, "MILES", expiry=ExpiryPolicy(ExpiryKind.FIXED_DAY, month=12, day=31)))
    bonus = promotion("A", points("1", expiry=own), points("1", "MILES"), always_apply=True)

    outcome = one(program(bonus, point_types=types, expiry=YEAR), member(), accrual())

    assert [lot.expires_on for lot in outcome.lots] == [date(2027, 6, 30), date(2026, 7, 15), date(2026, 12, 31)]


def test_an_award_may_start_later_than_its_transaction() -> None:
    later = promotion("A", points("5", starts_after_days=10), always_apply=True)

    done = worked(program(later), member(), accrual())

    assert [lot.effective_on for lot in done.outcomes[0].lots] == [None, date(2026, 6, 25)]
    balance = done.balances[MEMBER, POINTS]
    assert (balance.available, balance.pending, balance.earned, balance.changes_on) == (10, 5, 15, date(2026, 6, 25))


def test_points_of_a_late_report_may_have_lapsed_before_they_arrive() -> None:
    done = worked(program(expiry=YEAR), member(), accrual(transaction_date=date(2025, 3, 3)))

    assert done.outcomes[0].lots[0].expires_on == date(2026, 3, 31)
    balance = done.balances[MEMBER, POINTS]
    assert (balance.available, balance.pending, balance.earned) == (0, 0, 10)
    assert balance.changes_on == date(2026, 4, 1)


def test_an_activity_extends_points_that_lapse_by_inactivity_and_only_those() -> None:
    idle = ExpiryPolicy(ExpiryKind.INACTIVITY, 6, PeriodUnit.MONTH)
    lots = (
        lot(1, 10, expires=date(2026, 7, 1), extends_by="6:MONTH:NONE"),
        lot(2, 10, expires=date(2026, 7, 1)),
        lot(3, 10, expires=date(2026, 6, 14), extends_by="6:MONTH:NONE"),
    )

    done = worked(program(expiry=idle), member(*lots), accrual(9))

    assert [(each.lot_transaction_id, each.expires_on) for each in done.outcomes[0].extensions] == [
        (1, date(2026, 12, 15))
    ]
    assert done.outcomes[0].lots[0].extends_by == "6:MONTH:NONE"
    assert done.balances[MEMBER, POINTS].changes_on == date(2026, 6, 15)


def test_an_extension_moves_the_day_on_which_the_balance_changes() -> None:
    idle = ExpiryPolicy(ExpiryKind.INACTIVITY, 6, PeriodUnit.MONTH)
    only = lot(1, 10, expires=date(2026, 7, 1), extends_by="6:MONTH:NONE")
    done = worked(program(expiry=idle), member(only), accrual(9))
    assert done.balances[MEMBER, POINTS].changes_on == date(2026, 12, 16)


@pytest.mark.parametrize("status", [ProgramStatus.DRAFT, ProgramStatus.INACTIVE])
def test_only_an_active_program_processes(status: ProgramStatus) -> None:
    assert one(program(status=status), member(), accrual()).rejection == ProgramInactive(status=status.value)


@pytest.mark.parametrize(
    "status", [MemberStatus.PENDING, MemberStatus.INACTIVE, MemberStatus.CANCELLED, MemberStatus.MERGED]
)
def test_a_member_who_is_not_active_earns_nothing(status: MemberStatus) -> None:
    outcome = one(program(), member(status=status), accrual())

    assert outcome.rejection == MemberInactive(status=status.value, allowed=("ACTIVE", "DORMANT", "SUSPENDED"))


def test_required_data_that_is_empty_is_named() -> None:
    demanding = program(required_for_accrual=("email", "address.city", "attributes.store", "number"))
    known = member(email="", address={"city": None}, attributes={})

    outcome = one(demanding, known, accrual())

    assert outcome.rejection == MissingMemberData(fields=("email", "address.city", "attributes.store"))
    assert one(demanding, known, redemption(9, 0)).rejection is None


def test_a_partner_needs_active_terms_and_reports_in_time() -> None:
    idle = PartnerState(5, "HOTEL", active=False, report_within_days=None)

    assert one(program(), member(), accrual(partner=idle)).rejection == PartnerInactive(partner="HOTEL")
    last = accrual(partner=HOTEL, transaction_date=date(2026, 5, 16), reported_on=TODAY)
    late = accrual(partner=HOTEL, transaction_date=date(2026, 5, 15), reported_on=TODAY)
    assert one(program(), member(), last).rejection is None
    assert one(program(), member(), late).rejection == LateReport(days=30, earliest=date(2026, 5, 16))


def test_a_reward_costs_its_price_and_less_is_not_enough() -> None:
    reward = product(price("40", kind=PriceKind.REDEMPTION))
    rich = member(lot(1, 100))

    done = worked(program(), rich, redemption(9, None, product=reward, quantity=Decimal(2)))
    short = one(program(), rich, redemption(9, 39, product=reward))

    assert done.balances[MEMBER, POINTS].available == 20
    assert base_of(done.outcomes[0]).source == "PRICE"
    assert short.rejection == PaymentShort(point_type="POINTS", price=Decimal(40), offered=Decimal(39))


def test_a_reward_without_a_price_is_never_free() -> None:
    outcome = one(program(), member(lot(1, 100)), redemption(9, None, product=product()))

    assert outcome.rejection == RuleFailed(
        where="product 'SKU'",
        reason="it has no redemption price on 2026-06-15, and the transaction names no points",
    )


def test_the_decision_keeps_what_came_in_and_what_changed() -> None:
    outcome = one(program(), member(lot(1, 5)), accrual(amount="12.40"))

    decision = outcome.decision
    assert (decision.program_version, decision.today, decision.sub_status) == (3, TODAY, "NO_PROMOTIONS_QUALIFIED")
    assert [(line.before, line.after) for line in decision.balances] == [(5, 17)]


def test_the_same_chunk_gives_the_same_outcomes() -> None:
    chunk = (accrual(1, "100"), redemption(2, 40), accrual(3, "0.50"))

    assert worked(program(expiry=YEAR), member(), *chunk) == worked(program(expiry=YEAR), member(), *chunk)


def test_absurd_base_points_are_refused_with_their_number_and_harm_no_neighbour() -> None:
    absurd = accrual(101, product=product(price("999999999999")), quantity=Decimal(10**9))
    refused, good = worked(program(), member(), absurd, accrual(102)).outcomes
    reason = "999999999999000000000 POINTS are out of bounds: a transaction gives zero or more, and at most 9999999999999999 units"
    assert refused.rejection == RuleFailed(where="base points", reason=reason)
    assert (refused.status, refused.sub_status, refused.lots) == (Status.REJECTED_ENGINE, SubStatus.RULE_ERROR, ())
    assert good.status is Status.PROCESSED


def test_the_most_that_base_points_may_be_is_given() -> None:
    outcome = one(program(), member(), accrual(base_points=Decimal(10**16 - 1)))
    assert [made.points for made in outcome.lots] == [10**16 - 1]
