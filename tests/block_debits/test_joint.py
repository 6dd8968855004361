"""What joint promotions give is paid by all who share the cost, each out of its own blocks and by its own terms."""

from decimal import Decimal

import pytest_asyncio

from domain.commands.joint_promotions import JointPromotionMoved
from domain.cost_shares import ShareGiven
from domain.decided_costs import shown_to
from domain.partners import Partner
from domain.people import ENGINE, Role, Scope
from domain.promotions import Promotion
from domain.services import joint_promotions
from domain.store import decision_reads
from tests.support.factories import a_partner, a_person, acting, result_of, terms
from tests.support.graphql import Client
from tests.support.promotions import a_draft_promotion, activated, gives
from tests.support.stock import ONE_FOR_ONE, Hotel, a_block, answer_of
from tests.support.transactions import EVERYTHING, a_key


@pytest_asyncio.fixture
async def airline(hotel: Hotel) -> Partner:
    partner = await a_partner(hotel.database)
    await terms(hotel.database, hotel.program, partner, conversions=ONE_FOR_ONE)
    return partner


async def joint(hotel: Hotel, *payers: tuple[Partner, str], points: int = 25) -> Promotion:
    """A promotion whose cost partners share; all of them have agreed."""
    shares = tuple(ShareGiven(payer.code, Decimal(percent)) for payer, percent in payers)
    draft = await a_draft_promotion(hotel.database, hotel.program, gives(points), shares=shares)
    said = JointPromotionMoved(program=hotel.program.code, promotion=draft.code)
    await joint_promotions.joint_promotion_propose(hotel.database, ENGINE, said)
    for payer, _ in payers:
        approver = acting(await a_person(hotel.database, Role.PARTNER_APPROVER, partner=payer.code))
        await joint_promotions.joint_promotion_approve(hotel.database, approver, said)
    return await activated(hotel.database, hotel.program, draft)


async def test_the_cost_is_shared_and_goes_back_to_whom_it_came_from(hotel: Hotel, airline: Partner) -> None:
    mine, others = await hotel.block(100), await a_block(hotel.database, hotel.program, airline, 100)
    await joint(hotel, (hotel.hotel, "33.3333"), (airline, "66.6667"))

    stay = result_of(await hotel.earn(10))

    assert await hotel.debits(stay) == [
        (0, mine.id, 10),
        (1, mine.id, Decimal("8.33")),
        (1, others.id, Decimal("16.67")),
    ]
    assert [await hotel.left(mine), await hotel.left(others)] == [Decimal("81.67"), Decimal("83.33")]
    result_of(await hotel.cancel(stay))
    assert [await hotel.left(mine), await hotel.left(others)] == [100, 100]
    async with hotel.database.read() as reader:
        [[decided]] = await decision_reads.of_transactions(reader, EVERYTHING, [stay.id])
    assert [each.points for each in shown_to(Scope(partner_id=airline.id), decided.debits)] == [Decimal("16.67")]


async def test_one_who_cannot_pay_its_share_stops_the_whole(hotel: Hotel, airline: Partner) -> None:
    mine, others = await hotel.block(100), await a_block(hotel.database, hotel.program, airline, "12.49")
    await joint(hotel, (hotel.hotel, "50"), (airline, "50"))

    assert answer_of(await hotel.earn(10)) == ("INSUFFICIENT_POINT_BLOCKS",)
    assert [await hotel.left(mine), await hotel.left(others)] == [100, Decimal("12.49")]


async def test_a_partner_is_not_told_how_little_the_other_one_has_left(hotel: Hotel, airline: Partner) -> None:
    await hotel.block(100)
    await a_block(hotel.database, hotel.program, airline, "12.49")
    await joint(hotel, (hotel.hotel, "50"), (airline, "50"))
    approver = acting(await a_person(hotel.database, Role.PARTNER_APPROVER, partner=hotel.hotel.code))
    said = {
        "idempotencyKey": a_key(), "program": hotel.program.code, "member": {"number": hotel.member.number},
        "partner": hotel.hotel.code, "amount": "10",
    }  # fmt: skip

    shown = await Client(hotel.database, approver, hotel.desk).command(
        "pointsEarn", "errors { ... on InsufficientPointBlocks { partner available required } }", **said
    )

    assert shown["errors"] == [
        {
            "code": "INSUFFICIENT_POINT_BLOCKS", "partner": airline.code, "available": None, "required": None,
            "message": f"Too few points are left of the blocks of partner '{airline.code}'.", "path": ["input"],
        }
    ]  # fmt: skip


async def test_who_bears_all_of_it_pays_where_the_transaction_has_no_partner(hotel: Hotel, airline: Partner) -> None:
    mine, others = await hotel.block(100), await a_block(hotel.database, hotel.program, airline, 100)
    await joint(hotel, (airline, "100"))

    bought = result_of(await hotel.earn(10, partner=None))
    stay = result_of(await hotel.earn(10))

    assert await hotel.debits(bought) == [(1, others.id, 25)]
    assert await hotel.debits(stay) == [(0, mine.id, 10), (1, mine.id, 25)]
