"""What verification finds where blocks do not add up; each is broken inside a unit of work that is undone."""

from collections.abc import AsyncIterator
from decimal import Decimal

import pytest_asyncio
from sqlalchemy import text

from domain.commands.partner_accounts import PartnerFeeCharge, PartnerFeeRefund
from domain.commands.programs import ProgramUpdate, SettingsChange
from domain.people import ENGINE
from domain.services.fee_refunds import partner_fee_refund
from domain.services.partner_accounts import partner_fee_charge
from domain.services.programs import program_update
from domain.services.verify import verify
from domain.store import invariants
from domain.store.block_invariants import OF_BLOCKS
from domain.store.database import Database
from tests.blocks.market import Market, a_market
from tests.support.factories import a_code, result_of, terms
from tests.support.promotions import a_draft_promotion

ROW = "insert into partner_transaction (program_id, posted_on, partner_id, kind, direction, points, block_id{}) values"
OF_BLOCK = ROW.format("")
OF_FEE = ROW.format(", reason_code, refunds_id")
DAY = "({program}, '2026-03-01'"
MOVE = "insert into point_block_move (point_block_id, move, from_status, to_status) values"
CHANGE = "update point_block set"

BREAKS = {
    "a point too many": ("blocks", f"{CHANGE} remaining = remaining + 0.01 where id = {{block}}"),
    "a row of nobody's": (
        "blocks",
        f"{OF_BLOCK} {DAY}, null, 'ADJUSTMENT', 'CREDIT', 5, {{block}}); {CHANGE} remaining = remaining + 5 where id = {{block}}",
    ),
    "points that nobody bought": (
        "blocks", f"{CHANGE} status = 'APPROVED', submit_to_id = null, approved_at = now() where id = {{asked}}",
    ),
    "more owed than credit": ("overdrafts", f"{CHANGE} remaining = -10.01 where id = {{overdraft}}"),
    "more carved than left": ("carvings", f"{OF_BLOCK} {DAY}, {{hotel}}, 'CARVE', 'DEBIT', 5, {{block}})"),
    "a return from nowhere": ("carvings", f"{OF_BLOCK} {DAY}, {{hotel}}, 'RETURN', 'CREDIT', 5, {{block}})"),
    "a status without a move": ("block moves", f"{CHANGE} status = 'REJECTED', submit_to_id = null where id = {{asked}}"),
    "a move from elsewhere": ("block moves", f"{MOVE} ({{asked}}, 'FORWARD', 'IN_PROGRESS', 'SUBMITTED')"),
    "half a refund": (
        "fee refunds", f"{OF_FEE} {DAY}, {{hotel}}, 'REFUND', 'CREDIT', 1, {{block}}, 'GOODWILL', {{fee}})",
    ),
}  # fmt: skip
"""What breaks -> the invariant that finds it, and how it is broken behind the product's back."""


@pytest_asyncio.fixture
async def market(fresh_database: Database) -> AsyncIterator[Market]:
    async with a_market(fresh_database) as market:
        yield market


async def a_story(market: Market) -> dict[str, int]:
    """A hotel that has bought, set aside, given back, overdrawn, paid fees and got one back."""
    program, hotel = market.program, market.hotel
    reasons = SettingsChange(refund_reasons=("GOODWILL",))
    update = ProgramUpdate(program=program.code, expected_version=program.version, settings=reasons)
    await program_update(market.database, ENGINE, update)
    await terms(market.database, program, hotel, expected_version=1, credit_limit=Decimal(10))
    block, asked = await market.bought(1000), await market.asked(500)
    summer = (await a_draft_promotion(market.database, program)).code
    await market.close(result_of(await market.carve(block, summer, 100)))
    await market.carve(block, summer, 50)
    await market.close(await market.bought(7))
    fees = []
    for _ in range(2):
        charge = PartnerFeeCharge(
            idempotency_key=a_code("K"), program=program.code, partner=hotel.code, block=block.id, points=Decimal(5),
            description="A fee",
        )  # fmt: skip
        fees.append(result_of(await partner_fee_charge(market.database, ENGINE, charge)).transaction.id)
    refund = PartnerFeeRefund(idempotency_key=a_code("K"), fee=fees[0], reason_code="GOODWILL")
    await partner_fee_refund(market.database, ENGINE, refund)
    overdraft = await market.overdrawn(8)
    return {
        "block": block.id, "asked": asked.id, "overdraft": overdraft, "fee": fees[1], "program": program.id,
        "hotel": hotel.id,
    }  # fmt: skip


async def test_a_sound_story_has_nothing_to_find_and_every_break_is_found(market: Market) -> None:
    keys = await a_story(market)
    assert [each.invariant.name async for each in verify(market.database) if each.violations] == []

    for wrong, (name, statements) in BREAKS.items():
        [looked_at] = [each for each in OF_BLOCKS if each.name == name]
        async with market.database.rehearse() as writer:
            now = await market.database.now(writer)
            for statement in statements.format(**keys).split(";"):
                await writer.execute(text(statement))
            found = await invariants.violations(writer, looked_at, now, 10)
        assert len(found) >= 1, wrong
    assert {name for name, _ in BREAKS.values()} == {each.name for each in OF_BLOCKS}
