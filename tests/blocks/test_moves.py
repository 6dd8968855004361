"""Deciding about purchases: by the person asked and nobody else, never by who asked; and ending a block."""

import asyncio
from datetime import UTC, date, datetime
from decimal import Decimal

from domain.block_problems import OwnPurchase, WrongBlockKind, WrongBlockStatus
from domain.blocks import BlockKind, BlockMove, BlockStatus
from domain.people import Role, Scope
from domain.problems import IdempotencyKeyReused, Refused, VersionConflict
from domain.store import blocks as store
from tests.blocks.market import Market
from tests.support.factories import a_person, acting, result_of, somebody
from tests.support.refusals import places, problems_of

ID = ("input", "id")
APPROVE, REJECT, FORWARD, CARVE, CLOSE = (
    BlockMove.APPROVE, BlockMove.REJECT, BlockMove.FORWARD, BlockMove.CARVE, BlockMove.CLOSE,
)  # fmt: skip


async def moves_kept(market: Market, block_id: int) -> list[tuple[str, str | None, str, int | None, str | None]]:
    async with market.database.read() as reader:
        [moves] = await store.load_moves(reader, Scope(), [block_id])
    return [
        (
            each.move.value,
            each.from_status and each.from_status.value,
            each.to_status.value,
            each.person_id,
            each.comment,
        )
        for each in moves
    ]


async def test_a_purchase_waits_for_the_person_asked_and_is_there_once_they_say_yes(market: Market) -> None:
    asked = await market.asked(comment="for spring")
    assert (asked.status, asked.remaining, asked.submit_to_id) == (BlockStatus.SUBMITTED, Decimal(0), market.boss.id)
    assert await market.ledger(asked) == []

    bought = result_of(await market.approve(asked, comment="fine"))

    assert (bought.status, bought.remaining, bought.submit_to_id) == (BlockStatus.APPROVED, Decimal(100_000), None)
    assert await market.ledger(asked) == [("PURCHASE", "CREDIT", Decimal(100_000), "2026-03-01")]
    assert await moves_kept(market, asked.id) == [
        ("PURCHASE", None, "SUBMITTED", market.seller.id, "for spring"),
        ("APPROVE", "SUBMITTED", "APPROVED", market.boss.id, "fine"),
    ]


async def test_nobody_approves_what_they_asked_for(market: Market) -> None:
    asked = await market.asked()

    assert await problems_of(market.approve(asked, market.selling)) == [OwnPurchase(path=ID)]
    assert (await market.now(asked)).status is BlockStatus.SUBMITTED


async def test_only_the_person_asked_decides(market: Market) -> None:
    asked = await market.asked()
    other = acting(await a_person(market.database, Role.PARTNER_MANAGER))
    clerk = somebody(Role.MSR)

    for actor in (other, clerk):
        assert places(await problems_of(market.approve(asked, actor))) == [("NOT_ALLOWED", "input.id")]
        assert places(await problems_of(market.reject(asked, actor))) == [("NOT_ALLOWED", "input.id")]
        assert places(await problems_of(market.forward(asked, market.boss.subject, actor))) == [
            ("NOT_ALLOWED", "input.id")
        ]


async def test_what_is_rejected_is_final(market: Market) -> None:
    asked = await market.asked()

    rejected = result_of(await market.reject(asked))

    assert (rejected.status, rejected.remaining) == (BlockStatus.REJECTED, Decimal(0))
    assert await market.ledger(asked) == []
    again = await problems_of(market.approve(rejected))
    assert again == [WrongBlockStatus(status=BlockStatus.REJECTED, move=APPROVE, allowed=(), path=ID)]
    assert (await moves_kept(market, asked.id))[-1] == ("REJECT", "SUBMITTED", "REJECTED", market.boss.id, "too much")


async def test_a_purchase_is_forwarded_to_somebody_else(market: Market) -> None:
    asked = await market.asked()
    deputy = await a_person(market.database, Role.PROGRAM_ADMINISTRATOR, program=market.program.code)

    same = await problems_of(market.forward(asked, market.boss.subject))
    own = await problems_of(market.forward(asked, market.seller.subject))
    forwarded = result_of(await market.forward(asked, deputy.subject, market.selling))

    assert places(same) == places(own) == [("UNSUITABLE_APPROVER", "input.submitTo")]
    assert (forwarded.status, forwarded.submit_to_id) == (BlockStatus.SUBMITTED, deputy.id)
    assert places(await problems_of(market.approve(forwarded))) == [("NOT_ALLOWED", "input.id")]
    assert result_of(await market.approve(forwarded, acting(deputy))).status is BlockStatus.APPROVED


async def test_an_approval_is_given_once_and_its_key_gives_it_again(market: Market) -> None:
    asked = await market.asked()

    first = await market.approve(asked, idempotency_key="yes")
    again = await market.approve(asked, idempotency_key="yes")
    other = await problems_of(market.approve(asked, idempotency_key="yes", comment="really"))
    late = await problems_of(market.approve(result_of(first), idempotency_key="yes again"))

    assert (first.replayed, again.replayed) == (False, True)
    assert result_of(again) == result_of(first)
    assert other == [IdempotencyKeyReused(path=("input", "idempotencyKey"))]
    assert places(late) == [("WRONG_BLOCK_STATUS", "input.id")]
    assert len(await market.ledger(asked)) == 1


async def test_two_who_decide_at_once_decide_once(market: Market) -> None:
    asked = await market.asked()

    answers = await asyncio.gather(*(market.approve(asked) for _ in range(3)), return_exceptions=True)

    assert sorted(isinstance(answer, Refused) for answer in answers) == [False, True, True]
    assert len(await market.ledger(asked)) == 1


async def test_who_has_seen_another_version_moves_nothing(market: Market) -> None:
    asked = await market.asked()

    problems = await problems_of(market.approve(asked, expected_version=asked.version + 1))

    path = ("input", "expectedVersion")
    assert problems == [VersionConflict(expected=asked.version + 1, current=asked.version, path=path)]


async def test_an_approval_can_be_tried(market: Market) -> None:
    asked = await market.asked()

    seen = result_of(await market.approve(asked, preview=True))

    assert (seen.status, seen.remaining) == (BlockStatus.APPROVED, Decimal(100_000))
    assert await market.now(asked) == asked


async def test_what_would_have_ended_is_not_approved_any_more(market: Market) -> None:
    asked = await market.asked(ends_on=date(2026, 3, 31))
    market.on(date(2026, 4, 1))

    assert places(await problems_of(market.approve(asked))) == [("NOT_ALLOWED", "input.id")]
    assert await market.moves(asked, market.deciding) == (FORWARD, REJECT)


async def test_a_closed_block_loses_what_is_left(market: Market) -> None:
    block = await market.bought(500)

    seen = result_of(await market.close(block, preview=True))
    untouched = await market.now(block)
    closed = result_of(await market.close(block, comment="contract ended"))

    assert (seen.status, untouched) == (BlockStatus.CLOSED, block)
    assert (closed.status, closed.remaining) == (BlockStatus.CLOSED, Decimal(0))
    assert await market.ledger(block) == [
        ("PURCHASE", "CREDIT", Decimal(500), "2026-03-01"), ("LAPSE", "DEBIT", Decimal(500), "2026-03-01"),
    ]  # fmt: skip
    assert places(await problems_of(market.close(closed))) == [("WRONG_BLOCK_STATUS", "input.id")]


async def test_moves_are_offered_exactly_where_they_are_possible(market: Market) -> None:
    asked, bought = await market.asked(), await market.bought()
    partner = somebody(Role.PARTNER_APPROVER, partner=market.hotel)
    administrator = acting(await a_person(market.database, Role.PROGRAM_ADMINISTRATOR))

    assert await market.moves(asked, market.deciding) == (FORWARD, APPROVE, REJECT)
    assert await market.moves(asked, market.selling) == (FORWARD,)
    assert await market.moves(asked, administrator) == (FORWARD,)
    assert await market.moves(bought, market.selling) == (CARVE, CLOSE)
    for block in (asked, bought):
        assert await market.moves(block, partner) == await market.moves(block, somebody(Role.MANAGER)) == ()
    market.on(date(2026, 2, 28))
    assert await market.moves(bought, market.selling) == (CLOSE,)


async def test_an_overdraft_is_not_closed(market: Market) -> None:
    kind, approved_at = BlockKind.OVERDRAFT, datetime(2026, 1, 1, tzinfo=UTC)
    async with market.database.write() as writer:
        block = await store.add(
            writer, program_id=market.program.id, partner_id=market.hotel.id, kind=kind, status=BlockStatus.APPROVED,
            original=0, starts_on=date(2026, 1, 1), price=0, currency="USD", cost=0, approved_at=approved_at,
        )  # fmt: skip

    allowed = (BlockKind.NORMAL, BlockKind.RESERVE, BlockKind.PROMOTION)
    assert await problems_of(market.close(block)) == [WrongBlockKind(kind=kind, move=CLOSE, allowed=allowed, path=ID)]
