"""Redemptions take lots nearest expiry first, split them, and never take what is not there."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from msgspec.structs import replace

from domain.engine import BalanceState, HoldState, MemberState, MoreLots, Outcome, run
from domain.engine.rejections import InsufficientPoints, PaymentShort
from domain.members import MemberStatus
from domain.transactions import Status, SubStatus, SubType
from tests.engine.samples import MEMBER, POINTS, TODAY, accrual, lot, member, one, program, redemption, worked


def taken(outcome: Outcome) -> list[tuple[int, int]]:
    return [(use.lot_transaction_id, use.points) for use in outcome.uses]


def test_the_lot_that_lapses_first_pays_first_and_the_last_one_is_split() -> None:
    rich = member(lot(1, 50), lot(2, 50, expires=date(2026, 9, 1)), lot(3, 50, expires=date(2026, 7, 1)))

    done = worked(program(), rich, redemption(9, 120))

    assert taken(done.outcomes[0]) == [(3, 50), (2, 50), (1, 20)]
    assert done.remaining == {(MEMBER, (3, 0)): 0, (MEMBER, (2, 0)): 0, (MEMBER, (1, 0)): 30}
    assert done.balances[MEMBER, POINTS].available == 30
    assert done.balances[MEMBER, POINTS].redeemed == 120


def test_among_equal_expiries_the_older_transaction_pays_first_and_then_the_lower_number() -> None:
    same = {"expires": date(2026, 9, 1)}
    rich = member(
        lot(5, 10, **same, transaction_date=date(2026, 2, 1)),
        lot(4, 10, **same, transaction_date=date(2026, 2, 1)),
        lot(6, 10, **same, transaction_date=date(2026, 1, 31)),
    )

    assert taken(one(program(), rich, redemption(9, 25))) == [(6, 10), (4, 10), (5, 5)]


def test_a_lot_pays_on_its_expiry_date_and_not_the_day_after() -> None:
    assert taken(one(program(), member(lot(1, 10, expires=TODAY)), redemption(9, 10))) == [(1, 10)]

    late = one(program(), member(lot(1, 10, expires=date(2026, 6, 14))), redemption(9, 10))

    assert late.status is Status.REJECTED_ENGINE
    assert late.uses == ()


def test_today_is_the_date_in_the_programs_time_zone() -> None:
    """At 23:30 UTC it is the next day in Berlin: a lot that lapsed there is gone."""
    last_day = {MEMBER: member(lot(1, 10, expires=TODAY))}
    before = run(program(), last_day, [redemption(9, 10)], datetime(2026, 6, 15, 21, 59, tzinfo=UTC))
    after = run(program(), last_day, [redemption(9, 10)], datetime(2026, 6, 15, 22, 0, tzinfo=UTC))

    assert [each.outcomes[0].sub_status for each in (before, after)] == [
        SubStatus.SUCCESS,
        SubStatus.INSUFFICIENT_POINTS,
    ]


def test_points_that_are_not_effective_yet_are_pending_and_do_not_pay() -> None:
    waiting = member(lot(1, 10, effective=date(2026, 6, 16)), lot(2, 5, effective=TODAY))

    refused = one(program(), waiting, redemption(9, 6))
    done = worked(program(), waiting, redemption(9, 5))

    assert refused.rejection == InsufficientPoints(point_type="POINTS", available=Decimal(5), required=Decimal(6))
    assert taken(done.outcomes[0]) == [(2, 5)]
    assert (done.balances[MEMBER, POINTS].available, done.balances[MEMBER, POINTS].pending) == (0, 10)
    assert done.balances[MEMBER, POINTS].changes_on == date(2026, 6, 16)


def test_each_transaction_of_a_chunk_finds_the_member_as_the_one_before_left_it() -> None:
    done = worked(program(), member(), accrual(1, "100"), redemption(2, 70), redemption(3, 70), redemption(4, 30))

    assert [each.status for each in done.outcomes] == [
        Status.PROCESSED, Status.PROCESSED, Status.REJECTED_ENGINE, Status.PROCESSED,
    ]  # fmt: skip
    assert done.balances[MEMBER, POINTS].available == 0
    assert done.remaining == {(MEMBER, (1, 0)): 0}


def test_a_refusal_says_what_is_available_and_leaves_nothing() -> None:
    done = worked(program(), member(lot(1, 10)), redemption(9, 11))

    assert done.outcomes[0].rejection == InsufficientPoints(
        point_type="POINTS", available=Decimal(10), required=Decimal(11)
    )
    assert done.outcomes[0].rejection is not None
    assert done.outcomes[0].rejection.message == "11 POINTS are needed, 10 are available."
    assert (done.outcomes[0].uses, done.outcomes[0].lots, done.outcomes[0].totals) == ((), (), ())
    assert (done.balances, done.remaining) == ({}, {})


def test_a_program_may_keep_qualifying_points_from_being_spent() -> None:
    both = member(lot(1, 10), lot(2, 10, qualifying=False))

    assert taken(one(program(spend_qualifying=False), both, redemption(9, 10))) == [(2, 10)]
    refused = one(program(spend_qualifying=False), both, redemption(9, 11))
    assert refused.rejection == InsufficientPoints(point_type="POINTS", available=Decimal(10), required=Decimal(11))


def test_spending_never_lowers_what_has_qualified() -> None:
    done = worked(program(), member(), accrual(1, "100"), redemption(2, 100))

    assert done.balances[MEMBER, POINTS].lifetime_qualifying == 100
    assert done.outcomes[1].totals[0].qualifying == 100


def test_expiry_takes_all_that_has_lapsed_and_nothing_else_whatever_the_members_status() -> None:
    gone = member(
        lot(1, 10, expires=date(2026, 6, 14)), lot(2, 20, expires=TODAY), lot(3, 30, expires=date(2026, 1, 1)),
        status=MemberStatus.INACTIVE,
    )  # fmt: skip

    done = worked(program(), gone, redemption(9, None, sub_type=SubType.EXPIRY))

    assert taken(done.outcomes[0]) == [(3, 30), (1, 10)]
    balance = done.balances[MEMBER, POINTS]
    assert (balance.available, balance.expired, balance.redeemed) == (20, 40, 0)
    assert balance.changes_on == date(2026, 6, 16)


def test_a_suspended_member_earns_and_does_not_burn() -> None:
    suspended = member(lot(1, 10), status=MemberStatus.SUSPENDED)

    done = worked(program(), suspended, accrual(2), redemption(3, 1))

    assert [each.sub_status for each in done.outcomes] == [
        SubStatus.NO_PROMOTIONS_QUALIFIED,
        SubStatus.MEMBER_INACTIVE,
    ]


def test_a_dormant_member_wakes_at_an_accrual_and_not_at_a_redemption() -> None:
    dormant = member(lot(1, 10), status=MemberStatus.DORMANT)

    assert worked(program(), dormant, redemption(3, 1)).woken == frozenset()
    assert worked(program(), dormant, accrual(2)).woken == {MEMBER}


def first_lots(*lots: tuple[int, int], available: int) -> MemberState:
    """A member with more points than those of the first lots, which are all that was read."""
    known = member(*[lot(number, units, expires=date(2026, 7, 1)) for number, units in lots])
    return replace(known, complete=False, balances={POINTS: BalanceState(available=available, earned=available)})


def test_the_first_lots_are_enough_while_they_cover_the_need() -> None:
    done = worked(program(), first_lots((1, 50), (2, 50), available=500), accrual(100, "70"), redemption(101, 100))
    assert taken(done.outcomes[1]) == [(1, 50), (2, 50)]


def test_all_lots_are_asked_for_when_the_first_do_not_cover_what_the_balance_does() -> None:
    with pytest.raises(MoreLots):
        worked(program(), first_lots((1, 50), (2, 50), available=500), redemption(101, 101))


def test_a_new_lot_never_pays_before_older_ones_that_were_not_read() -> None:
    with pytest.raises(MoreLots):
        worked(program(), first_lots((1, 50), (2, 50), available=500), accrual(100, "70"), redemption(101, 101))


def test_more_than_the_balance_is_refused_without_asking_for_all_lots() -> None:
    done = worked(program(), first_lots((1, 50), (2, 50), available=100), redemption(101, 101))
    assert done.outcomes[0].rejection == InsufficientPoints(
        point_type="POINTS", available=Decimal(100), required=Decimal(101)
    )


LAPSES_FIRST = lot(1, 10, effective=date(2026, 7, 15), expires=date(2026, 6, 14))
"""Its start was delayed beyond its last day, which was yesterday."""


def test_points_that_lapse_before_they_begin_are_no_longer_pending() -> None:
    balance = worked(program(), member(LAPSES_FIRST), accrual(9, "3")).balances[MEMBER, POINTS]
    assert (balance.available, balance.pending, balance.earned) == (3, 0, 13)
    assert balance.changes_on == TODAY


def test_the_balance_changes_on_the_day_after_they_lapse() -> None:
    later = replace(LAPSES_FIRST, expires_on=date(2026, 6, 20))
    balance = worked(program(), member(later), accrual(9, "3")).balances[MEMBER, POINTS]
    assert (balance.available, balance.pending, balance.changes_on) == (3, 10, date(2026, 6, 21))


def test_they_expire_without_having_been_available() -> None:
    done = worked(program(), member(LAPSES_FIRST), redemption(9, None, sub_type=SubType.EXPIRY))
    balance = done.balances[MEMBER, POINTS]
    assert (balance.available, balance.pending, balance.expired, balance.changes_on) == (0, 0, 10, None)


def test_what_is_held_is_not_available_also_when_the_balance_is_summed_anew() -> None:
    rich = member(replace(lot(1, 70), kept=30))
    hold = HoldState(5, POINTS, (((1, 0), 30),))
    held = replace(rich, holds=(hold,), balances={POINTS: replace(rich.balances[POINTS], available=70, held=30)})
    refused, paid = worked(program(), held, redemption(8, 71), redemption(9, 70)).outcomes
    assert refused.sub_status is SubStatus.INSUFFICIENT_POINTS
    assert taken(paid) == [(1, 70)]


def test_what_a_capture_leaves_of_a_hold_pays_for_what_follows_in_the_same_chunk() -> None:
    rich = member(replace(lot(1, 40), kept=60))
    held = replace(
        rich,
        holds=(HoldState(5, POINTS, (((1, 0), 60),)),),
        balances={POINTS: replace(rich.balances[POINTS], available=40, held=60)},
    )
    done = worked(program(), held, redemption(8, 25, hold_id=5), redemption(9, 75))
    assert [taken(each) for each in done.outcomes] == [[(1, 25)], [(1, 75)]]
    assert (done.balances[MEMBER, POINTS].available, done.balances[MEMBER, POINTS].held) == (0, 0)
    assert done.remaining == {(MEMBER, (1, 0)): 0}


def test_a_refusal_writes_numbers_as_the_sentences_of_a_decision_do() -> None:
    short = InsufficientPoints(point_type="POINTS", available=Decimal("1072.50"), required=Decimal(99_999))
    assert short.message == "99,999 POINTS are needed, 1,072.50 are available."
    unpaid = PaymentShort(point_type="POINTS", price=Decimal(9_000), offered=Decimal(8_999))
    assert unpaid.message == "The price is 9,000 POINTS; 8,999 were offered."
