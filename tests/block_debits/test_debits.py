"""An accrual and the blocks that pay for it, in one commit: what is written, what is refused, and what a preview shows."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from domain.blocks import BlockKind
from domain.commands.programs import SettingsChange
from domain.commands.requeuing import RequeueFilter, TransactionsRequeue
from domain.engine.rejections import InsufficientPointBlocks
from domain.moves import Move
from domain.partner_transactions import PartnerTransactionKind
from domain.partners import Billing, BillingRate
from domain.promotions import Limits
from domain.services import batch
from domain.services.posting import Desk
from domain.services.transactions.previews import preview
from domain.services.transactions.requeuing import transactions_requeue
from domain.transactions import Status, SubStatus
from tests.support.factories import a_point_type, result_of
from tests.support.promotions import a_draft_promotion, a_promotion, gives
from tests.support.stock import Hotel, a_block, a_hotel, answer_of
from tests.support.transactions import a_key, counts

TODAY = datetime.now(UTC).date()
DEBIT = PartnerTransactionKind.ACCRUAL_DEBIT


async def worked(hotel: Hotel) -> list[int]:
    """What the batch engine has processed and rejected, when nothing is left that it could do."""
    done = [each async for each in batch.work(hotel.database, hotel.desk.programs, hotel.program.id)]
    return [done[-1].processed, done[-1].rejected] if done else [0, 0]


async def test_a_stay_draws_from_the_hotels_block_and_the_row_stands_for_its_debit(hotel: Hotel) -> None:
    block = await hotel.block(100)

    stay = result_of(await hotel.earn(30))

    assert await hotel.left(block) == 70
    assert await hotel.postings(DEBIT) == [("ACCRUAL_DEBIT", block.id, Decimal(30))]
    assert await hotel.debits(stay) == [(0, block.id, Decimal(30))]


async def test_what_is_refused_leaves_the_block_and_the_member_as_they_were(hotel: Hotel) -> None:
    block = await hotel.block("29.99")

    receipt = await hotel.earn(30)

    [problem] = receipt.errors
    assert isinstance(problem, InsufficientPointBlocks)
    assert (problem.partner, problem.available, problem.required) == (hotel.hotel.code, Decimal("29.99"), Decimal(30))
    assert receipt.result is not None
    assert (receipt.result.status, receipt.result.sub_status) == (
        Status.REJECTED_ENGINE, SubStatus.INSUFFICIENT_POINT_BLOCKS,
    )  # fmt: skip
    assert await hotel.left(block) == Decimal("29.99")
    assert await hotel.postings(DEBIT) == []
    assert await hotel.queued() == 0


async def test_a_chunk_writes_one_row_for_each_block_and_promotion_with_its_debits_as_detail(hotel: Hotel) -> None:
    first, second = await hotel.block(25, ends_on=TODAY), await hotel.block(1000)
    await a_promotion(hotel.database, hotel.program, gives(5))
    stays = [await hotel.record(queue=True) for _ in range(3)]

    assert await worked(hotel) == [3, 0]

    assert sorted(await hotel.postings(DEBIT)) == [
        ("ACCRUAL_DEBIT", first.id, Decimal(5)), ("ACCRUAL_DEBIT", first.id, Decimal(20)),
        ("ACCRUAL_DEBIT", second.id, Decimal(10)), ("ACCRUAL_DEBIT", second.id, Decimal(10)),
    ]  # fmt: skip
    assert [await hotel.debits(each) for each in stays] == [
        [(0, first.id, 10), (1, first.id, 5)],
        [(0, first.id, 10), (1, second.id, 5)],
        [(0, second.id, 10), (1, second.id, 5)],
    ]
    assert [await hotel.left(first), await hotel.left(second)] == [0, 980]


@pytest.mark.parametrize(
    "values",
    [
        {"starts_on": TODAY + timedelta(days=2)},
        {"ends_on": TODAY - timedelta(days=2)},
        {"kind": BlockKind.PROMOTION},
    ],
)
async def test_blocks_that_cannot_be_used_today_or_for_this_pay_nothing(
    hotel: Hotel, values: dict[str, object]
) -> None:
    if values.get("kind") is BlockKind.PROMOTION:
        values["promotion_id"] = (await a_draft_promotion(hotel.database, hotel.program, gives(1))).id
    block = await hotel.block(1000, **values)

    assert answer_of(await hotel.earn(30)) == ("INSUFFICIENT_POINT_BLOCKS",)
    assert await hotel.left(block) == 1000


async def test_a_conversion_of_a_tenth_debits_545_points_as_54_50(desk: Desk) -> None:
    hotel = await a_hotel(desk, agreed={"conversions": {"POINTS": Decimal("0.1")}})
    block = await hotel.block(100)

    stay = result_of(await hotel.earn(545))

    assert await hotel.debits(stay) == [(0, block.id, Decimal("54.50"))]
    assert await hotel.left(block) == Decimal("45.50")


async def test_what_is_not_charged_touches_no_block(desk: Desk) -> None:
    hotel = await a_hotel(desk, agreed={"conversions": {}})

    result_of(await hotel.earn(30))

    assert await hotel.postings() == []


async def test_what_a_person_credits_by_hand_draws_nothing(hotel: Hotel) -> None:
    by_hand = await hotel.record(hotel.credit(10), hotel.manager)
    await hotel.moved(Move.ACCEPT, by_hand, hotel.manager)

    done = await hotel.moved(Move.PROCESS, by_hand, hotel.manager)

    assert done.status is Status.PROCESSED
    assert await hotel.postings() == []


async def test_the_host_pays_from_its_own_blocks_only_if_the_program_says_so(desk: Desk) -> None:
    asked = await a_hotel(desk, settings=SettingsChange(host_blocks=True))
    block = await a_block(desk.database, asked.program, None, 15)

    answers = [answer_of(await asked.earn(10, partner=None)) for _ in range(2)]

    assert answers == [(), ("INSUFFICIENT_POINT_BLOCKS",)]
    assert await asked.left(block) == 5


async def test_an_overdraft_is_opened_when_credit_is_agreed_and_kept_within_it(hotel: Hotel) -> None:
    block = await hotel.block(5)
    await hotel.agree(credit_limit=Decimal(10))

    answers = [answer_of(await hotel.earn(dollars)) for dollars in (10, 6, 5)]

    assert answers == [(), ("INSUFFICIENT_POINT_BLOCKS",), ()]
    normal, overdraft = await hotel.blocks()
    assert (normal.id, normal.remaining) == (block.id, Decimal(0))
    assert (overdraft.kind, overdraft.remaining) == (BlockKind.OVERDRAFT, Decimal(-10))


async def test_a_postpaid_partner_is_billed_at_the_rate_of_the_transaction_date(desk: Desk) -> None:
    rates = (
        BillingRate(
            point_type="POINTS", valid_from=date(2020, 1, 1), valid_through=TODAY - timedelta(days=3),
            price=Decimal("0.012"), currency="EUR",
        ),
        BillingRate(
            point_type="POINTS", valid_from=TODAY - timedelta(days=2), valid_through=None, price=Decimal("0.01"),
            currency="EUR", percentage=Decimal(50),
        ),
    )  # fmt: skip
    hotel = await a_hotel(desk, agreed={"billing": Billing.POSTPAID, "rates": rates})
    block = await hotel.block(1000)

    result_of(await hotel.earn(30))
    result_of(await hotel.earn(30, transaction_date=TODAY - timedelta(days=5)))

    assert [(each.points, each.price, each.percentage, each.amount) for each in await hotel.bills()] == [
        (30, Decimal("0.01"), 50, Decimal("0.15")), (30, Decimal("0.012"), 100, Decimal("0.36")),
    ]  # fmt: skip
    assert await hotel.left(block) == 1000


async def test_a_partner_gives_only_point_types_that_its_terms_name(hotel: Hotel) -> None:

    other = await a_point_type(hotel.database, hotel.program)
    await hotel.agree(point_types=(other.code,), conversions={})

    assert answer_of(await hotel.earn(30)) == ("POINT_TYPE_NOT_AGREED",)


async def test_a_preview_says_what_would_happen_and_leaves_nothing(hotel: Hotel) -> None:
    block = await hotel.block(100)
    before = await counts(hotel.database)

    shown = await preview(hotel.desk, hotel.msr, hotel.earning(30))
    refused = await preview(hotel.desk, hotel.msr, hotel.earning(101))

    assert [(each.block_id, each.points) for each in shown.decisions[0].debits] == [(block.id, Decimal(30))]
    assert answer_of(refused.receipt) == ("INSUFFICIENT_POINT_BLOCKS",)
    assert await counts(hotel.database) == before
    assert await hotel.left(block) == 100


async def test_what_was_refused_for_lack_of_points_goes_through_after_a_purchase(hotel: Hotel) -> None:
    stays = [await hotel.record(queue=True) for _ in range(3)]
    assert await worked(hotel) == [0, 3]
    block = await hotel.block(25)

    again = TransactionsRequeue(
        idempotency_key=a_key(),
        filter=RequeueFilter(program=hotel.program.code, sub_status=(SubStatus.INSUFFICIENT_POINT_BLOCKS,)),
    )
    requeued = result_of(await transactions_requeue(hotel.database, hotel.desk.programs, hotel.manager, again))

    assert [row.code for row in requeued.rows] == [None, None, None]
    assert await worked(hotel) == [2, 1]
    assert [await hotel.status(each) for each in stays] == [Status.PROCESSED, Status.PROCESSED, Status.REJECTED_ENGINE]
    assert await hotel.left(block) == 5


async def test_a_limit_in_all_counts_what_goes_through_and_not_what_blocks_refuse(hotel: Hotel) -> None:
    await a_promotion(hotel.database, hotel.program, gives(10), limits=Limits(total=Decimal(15)))
    await hotel.block(11)

    refused = answer_of(await hotel.earn(2))
    await hotel.block(100)
    paid = [result_of(await hotel.earn(1)).totals[0].points for _ in range(3)]

    assert refused == ("INSUFFICIENT_POINT_BLOCKS",)
    assert paid == [11, 6, 1]
