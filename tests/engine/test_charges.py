"""Whose blocks pay for which points, in which order, and what happens where there are too few."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from msgspec.structs import replace

from domain.blocks import BlockKind
from domain.cost_shares import CostShare
from domain.engine import EngineProgram, Entry, Outcomes, PartnerState, run
from domain.engine.outcome import Outcome
from domain.engine.rejections import InsufficientPointBlocks, PartnerInactive, PointTypeNotAgreed
from domain.engine.supply import BlockState, Owner, Rate, Supply, TermsState, supply_of
from domain.families import Flow
from domain.points import Units
from domain.promotions import AppliesToTransaction, Promotion
from domain.transactions import Status, SubStatus, SubType, Type
from tests.engine.samples import (
    MEMBER,
    MILES,
    NOW,
    POINTS,
    TODAY,
    accrual,
    lot,
    member,
    point_type,
    points,
    program,
    promotion,
    redemption,
)

HOTEL, AIRLINE = 5, 6
AT_HOTEL = PartnerState(HOTEL, "HOTEL", active=True, report_within_days=None)
ONE_FOR_ONE = TermsState(HOTEL, "HOTEL", conversions={POINTS: Decimal(1)})
PLAIN = program()


def block(
    key: int, remaining: str, owner: Owner = HOTEL, kind: BlockKind = BlockKind.NORMAL, **fields: Any
) -> BlockState:
    options: dict[str, Any] = {"ends_on": None, "price": Decimal("0.01"), "currency": "EUR", **fields}
    return BlockState(key, owner, kind, Units(int(Decimal(remaining) * 100)), **options)


def stock(*blocks: BlockState, terms: Iterable[TermsState] = (ONE_FOR_ONE,)) -> Supply:
    return supply_of(terms, blocks)


def earned(supply: Supply, *entries: Entry, program: EngineProgram = PLAIN) -> Outcomes:
    return run(program, {MEMBER: member()}, entries, NOW, supply=supply)


def stay(key: int = 100, amount: str | None = "10", **fields: Any) -> Entry:
    return accrual(key, amount, **{"partner": AT_HOTEL, **fields})


def drawn(outcome: Outcome) -> list[tuple[int, str]]:
    """Blocks and their points."""
    return [(each.block_id, str(Decimal(each.points).scaleb(-2))) for each in outcome.debits]


def test_the_transactions_partner_pays_and_the_debit_keeps_lot_block_points_and_price() -> None:
    [done] = earned(stock(block(1, "100")), stay(amount="12")).outcomes

    [debit] = done.debits
    assert (debit.member_id, debit.lot_transaction_id, debit.lot_position, debit.block_id) == (MEMBER, 100, 0, 1)
    assert (debit.points, debit.price, debit.owner, debit.promotion_id) == (1200, Decimal("0.01"), HOTEL, None)
    assert [(line.block_id, line.partner, line.points) for line in done.decision.debits] == [(1, "HOTEL", 1200)]


def test_points_are_converted_with_two_decimals() -> None:
    tenth = replace(ONE_FOR_ONE, conversions={POINTS: Decimal("0.1")})

    [done] = earned(stock(block(1, "100"), terms=[tenth]), stay(amount="545")).outcomes

    assert drawn(done) == [(1, "54.50")]


def test_what_is_less_than_half_a_hundredth_costs_nothing() -> None:
    tiny = replace(ONE_FOR_ONE, conversions={POINTS: Decimal("0.004")})

    [done] = earned(stock(terms=[tiny]), stay(amount="1")).outcomes

    assert done.status is Status.PROCESSED
    assert done.debits == ()


def test_normal_blocks_come_before_reserves_then_the_earliest_end_then_the_oldest() -> None:
    supply = stock(
        block(1, "10", kind=BlockKind.RESERVE, ends_on=date(2026, 6, 30)),
        block(2, "10"),
        block(3, "10", ends_on=date(2026, 12, 31)),
        block(4, "10", ends_on=date(2026, 9, 30)),
        block(5, "10", ends_on=date(2026, 9, 30)),
    )

    [done] = earned(supply, stay(amount="45.5", base_points=Decimal(45))).outcomes

    assert drawn(done) == [(4, "10.00"), (5, "10.00"), (3, "10.00"), (2, "10.00"), (1, "5.00")]


def test_what_one_transaction_draws_the_next_one_does_not_find() -> None:
    done = earned(stock(block(1, "15"), block(2, "4")), stay(1), stay(2), stay(3, "9"))

    assert [drawn(each) for each in done.outcomes] == [[(1, "10.00")], [], [(1, "5.00"), (2, "4.00")]]
    assert done.outcomes[1].rejection == InsufficientPointBlocks(
        partner="HOTEL", available=Decimal("9.00"), required=Decimal("10.00")
    )
    assert done.outcomes[1].sub_status is SubStatus.INSUFFICIENT_POINT_BLOCKS
    assert done.outcomes[1].lots == ()
    assert done.balances[MEMBER, POINTS].available == 19


def test_a_second_lot_that_is_too_much_gives_the_first_ones_points_back() -> None:
    bonus = program(promotion("BONUS", points("50"), always_apply=True))

    done = earned(stock(block(1, "59.99")), stay(1), stay(2, "9.99", base_points=Decimal(9)), program=bonus)

    assert done.outcomes[0].rejection == InsufficientPointBlocks(
        partner="HOTEL", available=Decimal("49.99"), required=Decimal("50.00")
    )
    assert drawn(done.outcomes[1]) == [(1, "9.00"), (1, "50.00")]


def test_lack_of_stock_never_falls_through_to_another_owner() -> None:
    terms = [ONE_FOR_ONE, replace(ONE_FOR_ONE, owner=AIRLINE, code="AIRLINE"), TermsState(None, None)]
    supply = stock(block(1, "1000", AIRLINE), block(2, "1000", None), block(3, "9.99"), terms=terms)

    [done] = earned(supply, stay()).outcomes

    assert isinstance(done.rejection, InsufficientPointBlocks)


def test_the_host_pays_one_for_one_if_the_program_says_so_and_nothing_otherwise() -> None:
    asked = stock(block(1, "10", None), terms=[TermsState(None, None)])
    free = stock(terms=[ONE_FOR_ONE])

    done = earned(asked, accrual(1), accrual(2))

    assert drawn(done.outcomes[0]) == [(1, "10.00")]
    assert done.outcomes[1].rejection == InsufficientPointBlocks(
        partner=None, available=Decimal("0.00"), required=Decimal("10.00")
    )
    assert earned(free, accrual(1)).outcomes[0].debits == ()


def test_a_point_type_without_a_conversion_is_not_charged() -> None:
    types = (point_type(), point_type(MILES, "MILES"))
    both = program(promotion("BONUS", points("50", "MILES"), always_apply=True), point_types=types)

    [done] = earned(stock(block(1, "10")), stay(), program=both).outcomes

    assert drawn(done) == [(1, "10.00")]
    assert len(done.lots) == 2


@pytest.mark.parametrize("sub_type", [SubType.MANUAL_CREDIT])
def test_what_is_credited_by_hand_draws_no_block(sub_type: SubType) -> None:
    by_hand = stay(sub_type=sub_type, amount=None, points=Units(10), point_type_id=POINTS)

    [done] = earned(stock(), by_hand).outcomes

    assert done.status is Status.PROCESSED
    assert done.debits == ()


@pytest.mark.parametrize("sub_type", [SubType.PRODUCT, SubType.MANUAL_CREDIT])
def test_a_partner_gives_only_what_its_terms_cover(sub_type: SubType) -> None:
    types = (point_type(), point_type(MILES, "MILES"))
    only_miles = replace(ONE_FOR_ONE, point_types=frozenset({MILES}))

    [done] = earned(
        stock(block(1, "100"), terms=[only_miles]), stay(sub_type=sub_type), program=program(point_types=types)
    ).outcomes

    assert done.rejection == PointTypeNotAgreed(point_type="POINTS", partner="HOTEL", allowed=("MILES",))
    assert done.sub_status is SubStatus.INVALID_POINT_TYPE


# Overdraft


def test_what_the_blocks_lack_is_overdrawn_up_to_the_credit_and_not_beyond() -> None:
    credit = replace(ONE_FOR_ONE, credit_limit=Units(500))
    over = block(9, "-1", kind=BlockKind.OVERDRAFT)

    done = earned(stock(block(1, "8"), over, terms=[credit]), stay(1), stay(2, "3"), stay(3, "2"))

    assert [drawn(each) for each in done.outcomes] == [[(1, "8.00"), (9, "2.00")], [], [(9, "2.00")]]
    assert done.outcomes[1].rejection == InsufficientPointBlocks(
        partner="HOTEL", available=Decimal("2.00"), required=Decimal("3.00")
    )


def test_partners_whose_overdraft_is_still_to_be_opened_do_not_share_one() -> None:
    terms = [
        replace(ONE_FOR_ONE, credit_limit=Units(1000)),
        replace(ONE_FOR_ONE, owner=AIRLINE, code="AIRLINE", credit_limit=Units(1000)),
    ]
    flight = PartnerState(AIRLINE, "AIRLINE", active=True, report_within_days=None)

    done = earned(stock(terms=terms), stay(1), accrual(2, partner=flight), stay(3, "1"))

    assert [each.status for each in done.outcomes] == [Status.PROCESSED, Status.PROCESSED, Status.REJECTED_ENGINE]
    assert [each.debits[0].owner for each in done.outcomes[:2]] == [HOTEL, AIRLINE]


# Promotions


def joint(*shares: tuple[Owner, str], **fields: Any) -> Promotion:
    made = tuple(CostShare(owner, Decimal(percent)) for owner, percent in shares)
    return promotion("JOINT", points("100"), always_apply=True, shares=made, **fields)


def test_without_a_partner_of_the_transaction_that_of_the_promotion_pays() -> None:
    shared = program(joint((HOTEL, "100")))

    [done] = earned(stock(block(1, "1000")), accrual(), program=shared).outcomes

    assert drawn(done) == [(1, "100.00")]
    assert done.debits[0].promotion_id == shared.rules.promotions[0].id


def test_several_share_the_cost_and_what_rounding_leaves_falls_to_the_last() -> None:
    airline = replace(ONE_FOR_ONE, owner=AIRLINE, code="AIRLINE")
    shared = program(joint((HOTEL, "33.3333"), (AIRLINE, "33.3333"), (None, "33.3334")))
    supply = stock(
        block(1, "1000"), block(2, "1000", AIRLINE), block(3, "1000", None),
        terms=[ONE_FOR_ONE, airline, TermsState(None, None)],
    )  # fmt: skip

    [done] = earned(supply, accrual(amount=None), program=shared).outcomes

    assert drawn(done) == [(1, "33.33"), (2, "33.33"), (3, "33.34")]


def test_each_share_is_paid_by_its_own_conversion_and_one_that_cannot_pay_stops_all() -> None:
    airline = replace(ONE_FOR_ONE, owner=AIRLINE, code="AIRLINE", conversions={POINTS: Decimal("0.5")})
    shared = program(joint((HOTEL, "40"), (AIRLINE, "60")))
    enough = stock(block(1, "40"), block(2, "30", AIRLINE), terms=[ONE_FOR_ONE, airline])
    short = stock(block(1, "40"), block(2, "29.99", AIRLINE), terms=[ONE_FOR_ONE, airline])

    [done] = earned(enough, accrual(amount=None), program=shared).outcomes
    [refused] = earned(short, accrual(amount=None), program=shared).outcomes

    assert drawn(done) == [(1, "40.00"), (2, "30.00")]
    assert isinstance(refused.rejection, InsufficientPointBlocks)
    assert refused.rejection.partner == "AIRLINE"


def test_a_partner_of_a_promotion_whose_terms_have_ended_pays_nothing_and_nobody_gets_it() -> None:
    ended = replace(ONE_FOR_ONE, active=False)

    [done] = earned(stock(block(1, "1000"), terms=[ended]), accrual(), program=program(joint((HOTEL, "100")))).outcomes

    assert done.rejection == PartnerInactive(partner="HOTEL")


def test_blocks_made_for_a_promotion_pay_first_for_it_and_for_nothing_else() -> None:
    bonus = promotion("BONUS", points("30"), always_apply=True)
    mine = block(7, "20", kind=BlockKind.PROMOTION, promotion_id=bonus.id)
    others = block(8, "999", kind=BlockKind.PROMOTION, promotion_id=bonus.id + 1)

    [done] = earned(stock(block(1, "20"), mine, others), stay(), program=program(bonus)).outcomes

    assert drawn(done) == [(1, "10.00"), (7, "20.00"), (1, "10.00")]


def test_a_promotion_that_draws_from_its_own_blocks_only_is_refused_when_they_are_empty() -> None:
    bonus = promotion("BONUS", points("30"), always_apply=True, own_blocks_only=True)
    mine = block(7, "29", kind=BlockKind.PROMOTION, promotion_id=bonus.id)

    [done] = earned(stock(block(1, "999"), mine), stay(), program=program(bonus)).outcomes

    assert done.rejection == InsufficientPointBlocks(
        partner="HOTEL", available=Decimal("29.00"), required=Decimal("30.00"), promotion="BONUS"
    )


# Billed afterwards


def rate(first: date, last: date | None, price: str, percentage: str = "100") -> Rate:
    return Rate(first, last, Decimal(price), "EUR", Decimal(percentage))


POSTPAID = TermsState(
    HOTEL, "HOTEL", postpaid=True,
    rates={POINTS: (rate(date(2026, 1, 1), date(2026, 5, 31), "0.012"), rate(date(2026, 6, 1), None, "0.01", "50"))},
)  # fmt: skip


@pytest.mark.parametrize(
    ("day", "price", "amount"),
    [
        (date(2026, 5, 31), "0.012", "0.120000"),
        (date(2026, 6, 1), "0.01", "0.050000"),
        (TODAY, "0.01", "0.050000"),
    ],
)
def test_a_bill_takes_the_rate_of_the_transaction_date_and_draws_no_block(day: date, price: str, amount: str) -> None:
    [done] = earned(stock(block(1, "1000"), terms=[POSTPAID]), stay(transaction_date=day)).outcomes

    [bill] = done.bills
    assert (bill.points, bill.price, bill.amount, bill.transaction_date) == (
        Decimal(10), Decimal(price), Decimal(amount), day,
    )  # fmt: skip
    assert done.debits == ()
    assert done.decision.bills[0].amount == Decimal(amount)


def test_a_day_without_a_rate_is_not_billed() -> None:
    [done] = earned(stock(terms=[POSTPAID]), stay(transaction_date=date(2025, 12, 31))).outcomes

    assert done.status is Status.PROCESSED
    assert done.bills == ()


# What follows from a transaction


def test_a_reward_of_a_redemption_is_paid_for_or_the_redemption_is_refused() -> None:
    reward = promotion("BACK", points("5"), applies_to=(AppliesToTransaction(Type.REDEMPTION, None),))
    rewarding, spender = program(reward), member(lot(1, 100))

    def redeemed(supply: Supply) -> Outcomes:
        entry = redemption(100, 50, partner=AT_HOTEL)
        return run(rewarding, {MEMBER: spender}, [entry], NOW, supply=supply, numbers=range(900, 910))

    _, paid = redeemed(stock(block(1, "5"))).outcomes
    refused = redeemed(stock(block(1, "4.99")))

    assert (drawn(paid), paid.transaction_id) == ([(1, "5.00")], 900)
    assert [each.sub_status for each in refused.outcomes] == [SubStatus.INSUFFICIENT_POINT_BLOCKS]
    assert (refused.balances, refused.remaining) == ({}, {})


def test_the_accrual_of_an_account_beside_its_employees_is_paid_for_too_or_neither_is() -> None:
    employee = replace(member(), flow=Flow(8, None, Decimal(50)))
    account = replace(member(), id=8)

    def worked(supply: Supply) -> Outcomes:
        return run(PLAIN, {MEMBER: employee, 8: account}, [stay()], NOW, supply=supply, numbers=range(900, 910))

    own, twin = worked(stock(block(1, "15"))).outcomes
    refused = worked(stock(block(1, "14.99")))

    assert (drawn(own), drawn(twin)) == ([(1, "10.00")], [(1, "5.00")])
    assert (twin.debits[0].member_id, twin.debits[0].transaction_id) == (8, 900)
    assert [each.sub_status for each in refused.outcomes] == [SubStatus.INSUFFICIENT_POINT_BLOCKS]
    assert refused.balances == {}


def test_what_is_lent_sent_or_put_back_draws_no_block() -> None:
    empty = stock(terms=[ONE_FOR_ONE, TermsState(None, None)])
    borrower = replace(member(lot(1, 50)), maximum_loans={POINTS: 100})
    lent = accrual(100, None, sub_type=SubType.LOAN, points=Units(80), point_type_id=POINTS, partner=AT_HOTEL)
    sent = redemption(101, 20, sub_type=SubType.TRANSFER, other_member_id=8)
    states = {MEMBER: borrower, 8: replace(member(), id=8)}

    done = run(PLAIN, states, [lent, sent], NOW, supply=empty, numbers=range(900, 910))

    assert [each.status for each in done.outcomes] == [Status.PROCESSED] * 3
    assert [each.debits for each in done.outcomes] == [(), (), ()]
