"""Points set aside for a promotion, and where they go when its block is closed."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from domain.block_problems import BlockInactive, InsufficientBlockPoints, WrongBlockKind
from domain.blocks import BlockKind, BlockMove, BlockStatus, PointBlock
from domain.promotions import Promotion
from domain.store import blocks as store
from tests.blocks.market import Market
from tests.support.factories import a_program, result_of
from tests.support.promotions import a_draft_promotion
from tests.support.refusals import places, problems_of

ENDS = date(2026, 12, 31)


async def a_summer(market: Market) -> Promotion:
    return await a_draft_promotion(market.database, market.program)


async def carved(market: Market, parent: PointBlock, points: int | str, **values: Any) -> PointBlock:
    return result_of(await market.carve(parent, (await a_summer(market)).code, points, **values))


async def test_a_promotion_gets_a_block_of_its_own_out_of_another(market: Market) -> None:
    parent, summer = await market.bought(1000, ends_on=ENDS), await a_summer(market)

    child = result_of(await market.carve(parent, summer.code, "250.50", comment="summer"))

    assert (child.kind, child.status, child.promotion_id) == (BlockKind.PROMOTION, BlockStatus.APPROVED, summer.id)
    assert (child.parent_id, child.partner_id, child.ends_on) == (parent.id, market.hotel.id, ENDS)
    assert (child.original, child.remaining, child.price) == (Decimal("250.50"), Decimal("250.50"), Decimal("0.012"))
    assert (child.cost, child.starts_on) == (Decimal("3.01"), date(2026, 3, 1))
    assert (await market.now(parent)).remaining == Decimal("749.50")
    assert (await market.ledger(parent))[1:] == [("CARVE", "DEBIT", Decimal("250.50"), "2026-03-01")]
    assert await market.ledger(child) == [("CARVE", "CREDIT", Decimal("250.50"), "2026-03-01")]


async def test_a_closed_promotion_block_returns_the_rest_to_its_parent(market: Market) -> None:
    parent = await market.bought(1000)
    child = await carved(market, parent, 250)

    closed = result_of(await market.close(child))

    assert (closed.status, closed.remaining) == (BlockStatus.CLOSED, Decimal(0))
    assert (await market.now(parent)).remaining == Decimal(1000)
    assert (await market.ledger(child))[1:] == [("RETURN", "DEBIT", Decimal(250), "2026-03-01")]
    assert (await market.ledger(parent))[-1] == ("RETURN", "CREDIT", Decimal(250), "2026-03-01")


async def test_where_the_parent_has_ended_the_rest_goes_to_the_block_that_ends_first(market: Market) -> None:
    parent = await market.bought(1000)
    child = await carved(market, parent, 250, ends_on=ENDS)
    endless, later = await market.bought(10), await market.bought(10, ends_on=ENDS)
    sooner = await market.bought(10, ends_on=date(2026, 11, 30))
    await market.bought(10, partner=None, ends_on=date(2026, 4, 1))
    await market.close(parent)

    await market.close(child)

    remaining = [(await market.now(block)).remaining for block in (parent, endless, later, sooner)]
    assert remaining == [Decimal(0), Decimal(10), Decimal(10), Decimal(260)]


async def test_where_there_is_no_other_block_the_rest_gets_a_new_one_of_the_same_price(market: Market) -> None:
    parent = await market.bought(1000)
    child = await carved(market, parent, 250)
    await market.close(parent)
    before = await market.count()

    await market.close(child)

    assert await market.count() == before + 1
    [home] = await market.active()
    assert (home.kind, home.status, home.remaining) == (BlockKind.NORMAL, BlockStatus.APPROVED, Decimal(250))
    assert (home.price, home.original, home.cost) == (Decimal("0.012"), Decimal(250), Decimal(3))
    assert await market.ledger(home) == [("RETURN", "CREDIT", Decimal(250), "2026-03-01")]


async def test_what_was_bought_and_closed_meanwhile_takes_nothing(
    market: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the look for a home and the return somebody buys a block and closes it: its points would be lost there."""
    parent = await market.bought(1000)
    child = await carved(market, parent, 250)
    await market.close(parent)
    looked, meanwhile = store.active_of, list[PointBlock]()

    async def and_then(*asked: Any) -> list[PointBlock]:
        if len(meanwhile) == 0:
            meanwhile.append(parent)
            return await looked(*asked)
        monkeypatch.setattr(store, "active_of", looked)
        meanwhile.append(await market.bought(10))
        found = await looked(*asked)
        result_of(await market.close(meanwhile[-1]))
        return found

    monkeypatch.setattr(store, "active_of", and_then)
    result_of(await market.close(child))

    [home] = await market.active()
    assert (home.remaining, home.price) == (Decimal(250), Decimal("0.012"))
    assert (await market.now(meanwhile[-1])).remaining == 0


async def test_no_more_is_carved_than_there_is(market: Market) -> None:
    parent, summer = await market.bought(100), await a_summer(market)

    some = result_of(await market.carve(parent, summer.code, 40))
    problems = await problems_of(market.carve(parent, summer.code, "60.01"))
    rest = result_of(await market.carve(parent, summer.code, 60))
    empty = await problems_of(market.carve(parent, summer.code, 1))

    assert problems == [
        InsufficientBlockPoints(available=Decimal(60), required=Decimal("60.01"), path=("input", "points"))
    ]
    assert (some.remaining, rest.remaining) == (Decimal(40), Decimal(60))
    assert places(empty) == [("INSUFFICIENT_BLOCK_POINTS", "input.id")]
    assert await market.moves(await market.now(parent), market.selling) == (BlockMove.CLOSE,)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"points": 0}, [("INVALID_INPUT", "input.points")]),
        ({"points": "0.001"}, [("INVALID_INPUT", "input.points")]),
        ({"promotion": "NONE"}, [("NOT_FOUND", "input.promotion")]),
        ({"ends_on": date(2027, 1, 1)}, [("INVALID_INPUT", "input.endsOn")]),
        ({"ends_on": date(2026, 2, 28)}, [("INVALID_INPUT", "input.endsOn")]),
        ({"starts_on": date(2027, 1, 1)}, [("INVALID_INPUT", "input.endsOn")]),
        ({"idempotency_key": ""}, [("MISSING_INPUT", "input.idempotencyKey")]),
    ],
)
async def test_a_wrong_carving_is_refused_with_the_place(
    market: Market, values: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    parent, summer = await market.bought(100, ends_on=ENDS), await a_summer(market)
    given = {"promotion": summer.code, "points": 10, **values}

    assert (
        places(await problems_of(market.carve(parent, given.pop("promotion"), given.pop("points"), **given)))
        == expected
    )

    assert await market.now(parent) == parent


async def test_only_an_active_block_that_was_bought_is_carved(market: Market) -> None:
    parent, summer = await market.bought(100, starts_on=date(2026, 4, 1)), await a_summer(market)
    child = await carved(market, await market.bought(100), 50)
    asked = await market.asked()

    early = await problems_of(market.carve(parent, summer.code, 1))
    nested = await problems_of(market.carve(child, summer.code, 1))
    waiting = await problems_of(market.carve(asked, summer.code, 1))

    assert early == [
        BlockInactive(
            status=BlockStatus.APPROVED, starts_on=date(2026, 4, 1), ends_on=None, today=date(2026, 3, 1),
            path=("input", "id"),
        )
    ]  # fmt: skip
    allowed = (BlockKind.NORMAL, BlockKind.RESERVE)
    assert nested == [
        WrongBlockKind(kind=BlockKind.PROMOTION, move=BlockMove.CARVE, allowed=allowed, path=("input", "id"))
    ]
    assert places(waiting) == [("WRONG_BLOCK_STATUS", "input.id")]


async def test_a_promotion_of_another_program_does_not_exist_here(market: Market) -> None:
    elsewhere = await a_draft_promotion(market.database, await a_program(market.database))

    problems = await problems_of(market.carve(await market.bought(100), elsewhere.code, 1))

    assert places(problems) == [("NOT_FOUND", "input.promotion")]


async def test_a_carving_can_be_tried_and_is_done_once_per_key(market: Market) -> None:
    parent, summer = await market.bought(100), await a_summer(market)

    seen = result_of(await market.carve(parent, summer.code, 40, preview=True))
    untouched = await market.now(parent)
    first = await market.carve(parent, summer.code, 40, idempotency_key="once")
    again = await market.carve(parent, summer.code, 40, idempotency_key="once")

    assert (seen.remaining, untouched) == (Decimal(40), parent)
    assert (result_of(again).id, again.replayed) == (result_of(first).id, True)
    assert (await market.now(parent)).remaining == Decimal(60)
