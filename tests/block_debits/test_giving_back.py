"""What cancellations give back to the blocks that paid, and take off bills."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.blocks import BlockKind, BlockStatus
from domain.engine.giving_back import give_back
from domain.engine.limits import Stock
from domain.engine.originals import GivenBill, GivenDebit, GivenLot, OriginalState
from domain.engine.outcome import NewReversal
from domain.engine.supply import BlockState, supply_of
from domain.partner_transactions import PartnerTransactionKind
from domain.partners import Billing, BillingRate
from domain.points import Units
from domain.services.posting import Desk
from domain.transactions import Status, SubType, Type
from tests.engine.samples import MEMBER, POINTS, lot
from tests.support.factories import result_of
from tests.support.stock import Hotel, a_block, a_hotel, close_block

TODAY = datetime.now(UTC).date()
BACK = PartnerTransactionKind.ACCRUAL_REVERSAL
CENT, EUR = Decimal("0.01"), "EUR"


async def test_a_cancelled_stay_gives_every_block_its_points_back(hotel: Hotel) -> None:
    first, second = await hotel.block(25, ends_on=TODAY + timedelta(days=300)), await hotel.block(100)
    stay = result_of(await hotel.earn(30))

    back = result_of(await hotel.cancel(stay))

    assert await hotel.debits(back) == [(0, first.id, -25), (0, second.id, -5)]
    assert await hotel.postings(BACK) == [("ACCRUAL_REVERSAL", first.id, 25), ("ACCRUAL_REVERSAL", second.id, 5)]
    assert [await hotel.left(first), await hotel.left(second)] == [25, 100]
    assert await hotel.status(stay) is Status.CANCELLED


async def test_parts_give_back_the_cumulative_share_rounded(desk: Desk) -> None:
    hotel = await a_hotel(desk, agreed={"conversions": {"POINTS": Decimal("0.01")}})
    block = await hotel.block(1)
    stay = result_of(await hotel.earn(30))

    backs = [result_of(await hotel.refund(stay, amount=amount)) for amount in (7, 14, 9)]

    assert [await hotel.debits(each) for each in backs] == [
        [(0, block.id, Decimal("-0.07"))], [(0, block.id, Decimal("-0.14"))], [(0, block.id, Decimal("-0.09"))],
    ]  # fmt: skip
    assert await hotel.left(block) == 1


async def test_what_a_closed_block_had_paid_goes_to_the_one_of_its_owner_that_ends_first(hotel: Hotel) -> None:
    closed = await hotel.block(10)
    stay = result_of(await hotel.earn(10))
    await close_block(hotel.database, closed)
    await hotel.block(10)
    sooner = await hotel.block(10, ends_on=TODAY + timedelta(days=300), kind=BlockKind.RESERVE)
    strangers = await a_block(hotel.database, hotel.program, None, 10, ends_on=TODAY + timedelta(days=2))

    result_of(await hotel.cancel(stay))

    assert await hotel.left(closed) == 0
    assert await hotel.left(sooner) == 20
    assert await hotel.left(strangers) == 10


async def test_where_no_block_is_left_the_points_make_a_new_one_of_the_same_price(hotel: Hotel) -> None:
    closed = await hotel.block(100, price=Decimal("0.012"))
    stays = [result_of(await hotel.earn(10)) for _ in range(2)]
    await close_block(hotel.database, closed)

    result_of(await hotel.cancel(stays[0]))
    result_of(await hotel.cancel(stays[1]))

    _, made = await hotel.blocks()
    assert (made.kind, made.status, made.partner_id) == (BlockKind.NORMAL, BlockStatus.APPROVED, hotel.hotel.id)
    assert [made.original, made.remaining, made.price] == [10, 20, Decimal("0.012")]
    assert made.ends_on is None


async def test_an_overdraft_takes_back_what_is_overdrawn_and_a_block_the_rest(hotel: Hotel) -> None:
    await hotel.agree(credit_limit=Decimal(100))
    stay = result_of(await hotel.earn(30))
    other = result_of(await hotel.earn(5))
    [overdraft] = await hotel.blocks()
    assert overdraft.remaining == -35

    result_of(await hotel.cancel(stay))
    assert await hotel.left(overdraft) == -5
    result_of(await hotel.cancel(other))
    assert await hotel.left(overdraft) == 0


async def test_points_that_were_spent_come_back_to_the_block_though_others_pay_for_them(hotel: Hotel) -> None:
    block = await hotel.block(100)
    stay = result_of(await hotel.earn(30))
    result_of(await hotel.redeem(30))
    result_of(await hotel.earn(40))

    result_of(await hotel.cancel(stay))

    assert await hotel.left(block) == 60


async def test_a_bill_is_taken_back_at_the_price_of_then(desk: Desk) -> None:
    def rate(price: str) -> tuple[BillingRate, ...]:
        return (
            BillingRate(
                point_type="POINTS", valid_from=date(2020, 1, 1), valid_through=None, price=Decimal(price), currency=EUR
            ),
        )

    hotel = await a_hotel(desk, agreed={"billing": Billing.POSTPAID, "rates": rate("0.01")})
    stay = result_of(await hotel.earn(30))
    await hotel.agree(rates=rate("0.02"))

    result_of(await hotel.refund(stay, amount=10))
    result_of(await hotel.cancel(stay))

    made, part, rest = await hotel.bills()
    assert [(each.points, each.price, each.amount, each.reverses_id) for each in (made, part, rest)] == [
        (30, CENT, Decimal("0.30"), None), (-10, CENT, Decimal("-0.10"), made.id), (-20, CENT, Decimal("-0.20"), made.id),
    ]  # fmt: skip
    assert {each.transaction_date for each in (made, part, rest)} == {TODAY}


# Shares, without a database


def original(*debits: GivenDebit, points: int, lapsed: int = 0, bills: tuple[GivenBill, ...] = ()) -> OriginalState:
    given = GivenLot(lot(100, 0), None, Units(points), lapsed=lapsed, debits=debits, bills=bills)
    return OriginalState(
        id=100, program_id=1, member_id=MEMBER, type=Type.ACCRUAL, sub_type=SubType.PRODUCT, status=Status.PROCESSED,
        transaction_date=TODAY, lots=(given,),
    )  # fmt: skip


def debit(key: int, points: int) -> GivenDebit:
    return GivenDebit(key, key, 5, "HOTEL", points, CENT, EUR, None)


def reversal(points: int, reversed_: int, lapsed: int = 0) -> NewReversal:
    return NewReversal(MEMBER, 200, 100, 0, POINTS, Units(points), lapsed, reversed_)


def a_stock(*blocks: Any) -> Stock:
    states = (BlockState(key, 5, BlockKind.NORMAL, Units(0), None, CENT, EUR) for key in blocks)
    return Stock({}, supply_of([], states))


def test_what_has_expired_never_returns_to_a_block() -> None:
    charged, [after] = give_back(
        a_stock(1), original(debit(1, 10_000), points=100, lapsed=40), [reversal(100, 100, 40)]
    )

    assert [each.points for each in charged.debits] == [-6_000]
    assert (after.debits[0].returned, after.counted) == (6_000, 40)


@given(
    st.lists(st.integers(1, 400), min_size=1, max_size=8),
    st.lists(st.integers(1, 100_000), min_size=1, max_size=4),
    st.decimals("0.01", 1_000, places=2),
)
def test_any_parts_that_add_up_to_the_whole_give_back_exactly_what_was_drawn_and_billed(
    parts: list[int], drawn: list[int], amount: Decimal
) -> None:
    bill = GivenBill(9, 5, "HOTEL", None, Decimal(sum(parts)), CENT, EUR, Decimal(100), amount)
    known = original(*(debit(key, each) for key, each in enumerate(drawn, 1)), points=sum(parts), bills=(bill,))
    stock, done, back, off = (
        a_stock(*range(1, len(drawn) + 1)),
        0,
        dict.fromkeys(range(1, len(drawn) + 1), 0),
        Decimal(0),
    )

    for part in parts:
        done += part
        charged, lots = give_back(stock, known, [reversal(part, done)])
        known = original(*lots[0].debits, points=sum(parts), bills=lots[0].bills)
        for each in charged.debits:
            assert each.points < 0
            back[each.block_id] -= each.points
        off -= sum((each.amount for each in charged.bills), Decimal(0))
        assert all(back[key] <= each for key, each in enumerate(drawn, 1))

    assert list(back.values()) == drawn
    assert stock.left == dict(enumerate(drawn, 1))
    assert off == amount


@pytest.mark.parametrize("points", [1, 7, 100])
def test_an_overdraft_that_was_paid_meanwhile_leaves_the_rest_to_a_new_block(points: int) -> None:
    overdraft = BlockState(1, 5, BlockKind.OVERDRAFT, Units(-50), None, Decimal(0), EUR)
    stock = Stock({}, supply_of([], [overdraft]))

    charged, _ = give_back(stock, original(debit(1, points), points=points), [reversal(points, points)])

    assert [(each.block_id, -each.points) for each in charged.debits] == [
        (block, part) for block, part in ((1, min(points, 50)), (0, max(0, points - 50))) if part
    ]
