"""What a night does: blocks that have ended lose what is left, and points that run low are bought anew, once."""

import asyncio
from contextlib import aclosing
from datetime import date
from decimal import Decimal
from typing import Any

from domain.activities import ActivityStatus, ActivityType
from domain.blocks import BlockKind, BlockStatus, PointBlock
from domain.commands.activities import ActivityFilter
from domain.commands.blocks import PointBlockFilter, PointBlockOrder
from domain.commands.pricing_rules import PricingRuleUpdate
from domain.pages import PageRequest
from domain.partners import Billing
from domain.people import ENGINE, Role, Scope
from domain.services.block_dates import Kept, keep_dates
from domain.services.pricing_rules import pricing_rule_update
from domain.store import activities, blocks
from domain.store.keyset import page_of
from tests.blocks.market import Market
from tests.support.factories import result_of, somebody, terms
from tests.support.partners import a_rate
from tests.support.promotions import a_draft_promotion

ENDS = date(2026, 3, 31)
NEXT = date(2026, 4, 1)


async def night(market: Market) -> Kept:
    """What the job says in the end."""
    said = Kept()
    async with aclosing(keep_dates(market.database, market.program.id)) as chunks:
        async for kept in chunks:
            said = kept
    return said


async def agreed(market: Market, **values: Any) -> None:
    """The hotel reorders 50,000 points when it has 1,000 or less."""
    given = {"reorder_limit": Decimal(1000), "minimum_order": Decimal(50_000), "expected_version": 1, **values}
    await terms(market.database, market.program, market.hotel, **given)


async def of_engine(market: Market) -> list[PointBlock]:
    """The blocks that nobody asked for."""
    wanted = PointBlockFilter(program=market.program.code)
    listing = blocks.listing(Scope(), wanted, PointBlockOrder.CREATED_AT, descending=False)
    page = await page_of(market.database, listing, PageRequest(first=100))
    return [edge.node for edge in page.edges if edge.node.requested_by_id is None]


async def reminders(market: Market) -> list[tuple[ActivityType, ActivityStatus, str]]:
    listing = activities.listing(Scope(), ActivityFilter(partner=market.hotel.code), descending=False)
    page = await page_of(market.database, listing, PageRequest(first=100))
    return [(edge.node.type, edge.node.status, edge.node.subject) for edge in page.edges]


async def test_what_is_left_lapses_on_the_day_after_the_last_one(market: Market) -> None:
    block, other = await market.bought(500, ends_on=ENDS), await market.bought(500)

    market.on(ENDS)
    assert (await night(market)).lapsed == 0
    market.on(NEXT)
    assert (await night(market)).lapsed == 1

    ended = await market.now(block)
    assert (ended.status, ended.remaining) == (BlockStatus.APPROVED, Decimal(0))
    assert (await market.ledger(block))[1:] == [("LAPSE", "DEBIT", Decimal(500), "2026-04-01")]
    assert (await market.now(other)).remaining == Decimal(500)
    assert result_of(await market.close(ended)).status is BlockStatus.CLOSED


async def test_a_night_may_come_twice_also_at_the_same_time(market: Market) -> None:
    await agreed(market, reorder_automatically=True)
    block = await market.bought(500, ends_on=ENDS)
    market.on(NEXT)

    await asyncio.gather(*(night(market) for _ in range(3)))
    again = await night(market)

    assert (again.lapsed, again.reordered) == (0, 0)
    assert len(await market.ledger(block)) == 2
    assert len(await of_engine(market)) == 1


async def test_what_was_set_aside_returns_while_its_block_can_be_used_and_lapses_with_it(market: Market) -> None:
    parent = await market.bought(1000, ends_on=date(2026, 4, 30))
    summer = (await a_draft_promotion(market.database, market.program)).code
    early = result_of(await market.carve(parent, summer, 100, ends_on=ENDS))
    late = result_of(await market.carve(parent, summer, 200))

    market.on(NEXT)
    await night(market)
    returned = await market.now(parent)
    market.on(date(2026, 5, 1))
    await night(market)

    assert returned.remaining == Decimal(800)
    assert [(await market.ledger(each))[-1][0] for each in (early, late, parent)] == ["RETURN", "LAPSE", "LAPSE"]
    assert [(await market.now(each)).remaining for each in (early, late, parent)] == [Decimal(0)] * 3


async def test_at_the_limit_a_purchase_is_proposed_and_waits_for_whoever_is_in_charge(market: Market) -> None:
    await agreed(market)
    await market.bought(1001)
    assert (await night(market)).reordered == 0
    await market.close(await market.bought(1))
    [only] = await market.active()
    summer = (await a_draft_promotion(market.database, market.program)).code
    await market.carve(only, summer, 1)

    assert (await night(market)).reordered == 1

    [proposed] = await of_engine(market)
    assert (proposed.status, proposed.kind, proposed.original) == (
        BlockStatus.IN_PROGRESS,
        BlockKind.NORMAL,
        Decimal(50_000),
    )
    assert (proposed.remaining, proposed.cost, proposed.submit_to_id) == (Decimal(0), Decimal(500), None)
    subject = f"{market.hotel.name} has run low: 50,000 points for 500.00 USD are proposed"
    assert await reminders(market) == [(ActivityType.REORDER, ActivityStatus.OPEN, subject)]
    administrator = somebody(Role.PROGRAM_ADMINISTRATOR, program=market.program)
    assert result_of(await market.approve(proposed, administrator)).remaining == Decimal(50_000)
    assert await reminders(market) == [(ActivityType.REORDER, ActivityStatus.DONE, subject)]


async def test_nothing_more_is_proposed_while_something_waits(market: Market) -> None:
    await agreed(market)
    await night(market)
    market.on(date(2026, 3, 2))
    assert (await night(market)).reordered == 0

    [proposed] = await of_engine(market)
    await market.reject(proposed, market.selling)
    assert (await night(market)).reordered == 1
    [_, again] = await of_engine(market)
    await market.reject(again, market.selling)
    assert (await night(market)).reordered == 0  # not twice on one day
    market.on(date(2026, 3, 3))
    assert (await night(market)).reordered == 1


async def test_an_automatic_reorder_is_bought_at_once(market: Market) -> None:
    await agreed(market, reorder_automatically=True)

    assert (await night(market)).reordered == 1

    [bought] = await of_engine(market)
    assert (bought.status, bought.remaining) == (BlockStatus.APPROVED, Decimal(50_000))
    assert await market.ledger(bought) == [("PURCHASE", "CREDIT", Decimal(50_000), "2026-03-01")]
    subject = f"{market.hotel.name} has run low: 50,000 points for 500.00 USD were bought"
    assert await reminders(market) == [(ActivityType.REORDER, ActivityStatus.DONE, subject)]


async def test_what_is_on_its_way_counts(market: Market) -> None:
    await agreed(market)
    await market.bought(2000, starts_on=NEXT)

    assert (await night(market)).reordered == 0

    market.on(date(2026, 3, 15))
    asked = await market.asked(5)
    assert (await night(market)).reordered == 0
    await market.reject(asked)
    assert (await night(market)).reordered == 0


async def test_a_reorder_without_a_price_any_more_is_left_and_told(market: Market) -> None:
    await agreed(market)
    change = PricingRuleUpdate(
        program=market.program.code, pricing_rule=market.rule.code, expected_version=1, active=False
    )
    await pricing_rule_update(market.database, ENGINE, change)

    kept = await night(market)

    assert (kept.reordered, kept.unpriced) == (0, 1)
    assert await of_engine(market) == []


async def test_nobody_reorders_whose_terms_are_halted_postpaid_or_say_nothing(market: Market) -> None:
    assert (await night(market)).reordered == 0
    await agreed(market, active=False)
    assert (await night(market)).reordered == 0
    rates = (a_rate("POINTS", "2026-01-01"),)
    await agreed(market, expected_version=2, active=True, billing=Billing.POSTPAID, rates=rates)
    assert (await night(market)).reordered == 0
    await agreed(market, expected_version=3, billing=Billing.PREPAID)
    assert (await night(market)).reordered == 1
