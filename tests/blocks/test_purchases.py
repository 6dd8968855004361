"""Buying points: what they cost, when they are there, and what cannot be bought."""

import asyncio
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from domain.blocks import BlockKind, BlockStatus, PointBlock
from domain.commands.pricing_rules import PricingRuleUpdate
from domain.engine.rejections import PartnerInactive
from domain.partners import Billing
from domain.people import ENGINE, Role
from domain.pricing_rules import CurrenciesDiffer, NoPriceForQuantity
from domain.problems import IdempotencyKeyReused
from domain.services.pricing_rules import pricing_rule_update
from tests.blocks.market import BEGIN, Market
from tests.support.factories import a_partner, a_person, result_of, somebody, terms
from tests.support.partners import a_rate
from tests.support.refusals import places, problems_of


async def test_a_hundred_thousand_points_cost_a_thousand(market: Market) -> None:
    block = await market.bought(100_000)

    assert block == PointBlock(
        id=block.id, program_id=market.program.id, partner_id=market.hotel.id, kind=BlockKind.NORMAL,
        status=BlockStatus.APPROVED, original=Decimal(100_000), remaining=Decimal(100_000), starts_on=BEGIN, ends_on=None,
        price=Decimal("0.01"), currency="USD", cost=Decimal(1000), promotion_id=None, parent_id=None, submit_to_id=None,
        requested_by_id=market.seller.id, comment=None, version=block.version, created_at=block.created_at,
        approved_at=block.approved_at, closed_at=None,
    )  # fmt: skip
    assert await market.ledger(block) == [("PURCHASE", "CREDIT", Decimal(100_000), "2026-03-01")]


async def test_points_have_two_decimals_and_a_block_its_own_dates(market: Market) -> None:
    block = await market.bought(
        "333.33", kind=BlockKind.RESERVE, starts_on=date(2026, 4, 1), ends_on=date(2026, 12, 31), comment="for summer"
    )

    assert (block.original, block.remaining, block.cost) == (Decimal("333.33"), Decimal("333.33"), Decimal(4))
    assert (block.kind, block.starts_on, block.ends_on) == (BlockKind.RESERVE, date(2026, 4, 1), date(2026, 12, 31))
    assert block.comment == "for summer"
    assert [block.active(date.fromisoformat(day)) for day in ("2026-03-31", "2026-04-01", "2026-12-31", "2027-01-01")] == [
        False, True, True, False,
    ]  # fmt: skip


async def test_the_price_that_was_paid_stays_when_the_rule_changes(market: Market) -> None:
    before = await market.bought(100_000)
    dearer = tuple(replace(each, price=each.price * 2) for each in market.rule.ranges)
    change = PricingRuleUpdate(
        program=market.program.code, pricing_rule=market.rule.code, expected_version=1, ranges=dearer
    )
    await pricing_rule_update(market.database, ENGINE, change)

    after = await market.bought(100_000)

    assert (after.price, after.cost) == (Decimal("0.02"), Decimal(2000))
    assert await market.now(before) == before


async def test_the_same_key_buys_once_also_at_the_same_time(market: Market) -> None:
    command = market.purchase(500)

    receipts = await asyncio.gather(*(market.buy(command) for _ in range(3)))

    assert len({result_of(receipt).id for receipt in receipts}) == 1
    assert sorted(receipt.replayed for receipt in receipts) == [False, True, True]
    assert await market.count() == 1
    other = await problems_of(market.buy(replace(command, points=Decimal(501))))
    assert other == [IdempotencyKeyReused(path=("input", "idempotencyKey"))]


async def test_a_preview_shows_the_block_and_buys_nothing(market: Market) -> None:
    command = market.purchase(50_000)

    seen = result_of(await market.buy(command, preview=True))

    assert (seen.status, seen.remaining, seen.cost) == (BlockStatus.APPROVED, Decimal(50_000), Decimal(500))
    assert await market.count() == 0
    assert (await market.buy(command)).replayed is False


async def test_the_host_buys_for_itself_at_no_price_or_at_one_it_names(market: Market) -> None:
    free = await market.bought(1000, partner=None)
    priced = await market.bought(1000, partner=None, price=Decimal("0.005"), currency="EUR")

    assert (free.partner_id, free.price, free.cost, free.currency) == (None, Decimal(0), Decimal(0), "USD")
    assert (priced.price, priced.cost, priced.currency) == (Decimal("0.005"), Decimal(5), "EUR")


async def test_a_quantity_outside_the_ranges_is_refused_and_named(market: Market) -> None:
    problems = await problems_of(market.buy(market.purchase(200_000)))

    assert problems == [
        NoPriceForQuantity(
            quantity=Decimal(200_000), pricing_rule=market.rule.code, ranges=("1 to 49,999", "50,000 to 199,999"),
            path=("input", "points"),
        )
    ]  # fmt: skip
    assert await market.count() == 0


async def test_another_currency_than_that_of_the_rule_is_refused(market: Market) -> None:
    problems = await problems_of(market.buy(market.purchase(currency="EUR")))

    of = f"the pricing rule {market.rule.code}"
    assert problems == [CurrenciesDiffer(given="EUR", expected="USD", of=of, path=("input", "currency"))]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"points": 0}, [("INVALID_INPUT", "input.points")]),
        ({"points": -5}, [("INVALID_INPUT", "input.points")]),
        ({"points": "1.001"}, [("INVALID_INPUT", "input.points")]),
        ({"points": 10**15}, [("INVALID_INPUT", "input.points")]),
        ({"idempotency_key": ""}, [("MISSING_INPUT", "input.idempotencyKey")]),
        ({"comment": " "}, [("INVALID_INPUT", "input.comment")]),
        ({"kind": BlockKind.PROMOTION}, [("INVALID_INPUT", "input.kind")]),
        ({"kind": BlockKind.OVERDRAFT}, [("INVALID_INPUT", "input.kind")]),
        ({"starts_on": date(2026, 5, 2), "ends_on": date(2026, 5, 1)}, [("INVALID_INPUT", "input.endsOn")]),
        ({"starts_on": date(2026, 1, 1), "ends_on": date(2026, 2, 28)}, [("INVALID_INPUT", "input.endsOn")]),
        ({"price": Decimal("0.01")}, [("INVALID_INPUT", "input.price")]),
        ({"program": "NONE"}, [("NOT_FOUND", "input.program")]),
        ({"partner": "NONE"}, [("NOT_FOUND", "input.partner")]),
        ({"submit_to": "nobody"}, [("NOT_FOUND", "input.submitTo")]),
        ({"partner": None, "price": Decimal(-1)}, [("INVALID_INPUT", "input.price")]),
        ({"partner": None, "currency": "EURO"}, [("UNKNOWN_CURRENCY", "input.currency")]),
        (
            {"partner": None, "points": 10**14, "price": Decimal(100)},
            [("AMOUNT_OUT_OF_RANGE", "input.points")],
        ),
    ],
)
async def test_a_wrong_purchase_is_refused_with_the_place(
    market: Market, values: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    assert places(await problems_of(market.buy(market.purchase(**values)))) == expected

    assert await market.count() == 0


async def test_a_partner_without_a_rule_buys_at_a_price_that_somebody_names(market: Market) -> None:
    partner = await a_partner(market.database, market.program)
    given = {"partner": partner.code}

    unpriced = await problems_of(market.buy(market.purchase(5, **given)))
    block = await market.bought(5, price=Decimal(2), **given)

    assert places(unpriced) == [("MISSING_INPUT", "input.price")]
    assert (block.cost, block.currency) == (Decimal(10), "USD")
    rated = (a_rate("POINTS", "2026-01-01", currency="EUR"),)
    await terms(market.database, market.program, partner, expected_version=1, rates=rated)
    differs = await problems_of(market.buy(market.purchase(5, price=Decimal(2), currency="USD", **given)))
    assert differs == [
        CurrenciesDiffer(given="USD", expected="EUR", of="the rates of the partner", path=("input", "currency"))
    ]
    assert (await market.bought(5, price=Decimal(2), **given)).currency == "EUR"


async def test_who_takes_no_part_or_pays_afterwards_buys_nothing(market: Market) -> None:
    stranger, halted = await a_partner(market.database), await a_partner(market.database, market.program)
    await terms(market.database, market.program, halted, expected_version=1, active=False)
    postpaid = await a_partner(market.database)
    rates = (a_rate("POINTS", "2026-01-01"),)
    await terms(market.database, market.program, postpaid, billing=Billing.POSTPAID, rates=rates)

    for partner in (stranger, halted):
        problems = await problems_of(market.buy(market.purchase(partner=partner.code)))
        assert problems == [PartnerInactive(partner=partner.code, path=("input", "partner"))]
    problems = await problems_of(market.buy(market.purchase(partner=postpaid.code, price=Decimal(1))))
    assert places(problems) == [("NOT_ALLOWED", "input.partner")]


async def test_nothing_is_sold_by_an_inactive_rule(market: Market) -> None:
    change = PricingRuleUpdate(
        program=market.program.code, pricing_rule=market.rule.code, expected_version=1, active=False
    )
    await pricing_rule_update(market.database, ENGINE, change)

    assert places(await problems_of(market.buy(market.purchase()))) == [("PRICING_RULE_INACTIVE", "input.partner")]


async def test_only_somebody_who_may_decide_can_be_asked(market: Market) -> None:
    clerk = await a_person(market.database, Role.MSR, program=market.program.code)
    gone = await a_person(market.database, Role.PARTNER_MANAGER, program=market.program.code, active=False)
    agent = await a_person(market.database, Role.PARTNER_APPROVER, partner=market.hotel.code)

    for subject in (clerk.subject, gone.subject, market.seller.subject):
        problems = await problems_of(market.buy(market.purchase(submit_to=subject)))
        assert places(problems) == [("UNSUITABLE_APPROVER", "input.submitTo")]
    foreign = await problems_of(market.buy(market.purchase(submit_to=agent.subject)))
    assert places(foreign)[0][1] == "input.submitTo"
    assert await market.count() == 0


async def test_whoever_is_bound_to_another_program_sells_nothing_here(market: Market) -> None:
    elsewhere = somebody(Role.PARTNER_MANAGER, program=replace(market.program, id=market.program.id + 10**9))
    given = {
        "idempotencyKey": "K", "program": market.program.code, "partner": market.hotel.code, "points": 5,
    }  # fmt: skip

    assert await market.client(elsewhere).refused("pointBlockPurchase", **given) == [("NOT_FOUND", "program")]
