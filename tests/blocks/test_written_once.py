"""Blocks and their rows against raw SQL: nothing that was written is changed or removed, whoever asks, and no block overdraws."""

from decimal import Decimal

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from tests.blocks.market import Market
from tests.support.guards import fixed_columns

CHANGES = {
    "a row of a block": "update partner_transaction set points = points + 1 where block_id = {block}",
    "what is said of it": "update partner_transaction set description = 'corrected' where block_id = {block}",
    "its removal": "delete from partner_transaction where block_id = {block}",
    "the removal of all": "truncate partner_transaction cascade",
    "a row made another": (
        "insert into partner_transaction (id, program_id, kind, direction, posted_on, points, block_id)"
        " select id, program_id, kind, direction, posted_on, 5, block_id from partner_transaction where block_id = {block}"
        " on conflict (id) do update set points = excluded.points"
    ),
    "a merge": (
        "merge into partner_transaction t using (select {block} as id) b on t.block_id = b.id"
        " when matched then update set points = 1"
    ),
    "a move": "update point_block_move set comment = null where point_block_id = {block}",
    "the removal of a block": "delete from point_block where id = {block}",
}


@pytest.mark.parametrize("what", CHANGES)
@pytest.mark.parametrize("role", ["origin", "replica"])
async def test_what_was_written_stays(market: Market, what: str, role: str) -> None:
    block = await market.bought(500)

    async with market.database.write() as writer:
        await writer.execute(text(f"set local session_replication_role = {role}"))
        with pytest.raises(IntegrityError, match="is refused: its rows are append-only"):
            await writer.execute(text(CHANGES[what].format(block=block.id)))
        await writer.rollback()

    assert await market.ledger(block) == [("PURCHASE", "CREDIT", Decimal(500), "2026-03-01")]


@pytest.mark.parametrize("column", fixed_columns("point_block"))
async def test_of_a_block_only_its_state_may_change(market: Market, column: str) -> None:
    block = await market.bought(500)

    async with market.database.write() as writer:
        with pytest.raises(IntegrityError, match="UPDATE of point_block is refused: only status and remaining"):
            await writer.execute(text(f"update point_block set {column} = {column} where id = {block.id}"))
        await writer.rollback()


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ("remaining = -0.01", "ck_point_block_remaining"),
        ("status = 'CLOSED', closed_at = now()", "ck_point_block_unapproved"),
        ("status = 'SUBMITTED', remaining = 0", "ck_point_block_submit_to"),
        ("approved_at = null", "ck_point_block_approved"),
    ],
)
async def test_the_database_is_the_last_witness(market: Market, change: str, constraint: str) -> None:
    block = await market.bought(500)

    async with market.database.write() as writer:
        with pytest.raises(IntegrityError, match=constraint):
            await writer.execute(text(f"update point_block set {change} where id = {block.id}"))
        await writer.rollback()


@pytest.mark.parametrize(
    ("values", "constraint"),
    [
        ("'PURCHASE', 'DEBIT', 5, null, null, null", "ck_partner_transaction_one_way"),
        ("'LAPSE', 'CREDIT', 5, null, null, null", "ck_partner_transaction_one_way"),
        ("'FEE', 'DEBIT', 0, null, null, null", "ck_partner_transaction_points_or_amount"),
        ("'FEE', 'DEBIT', 5, 5, 'USD', null", "ck_partner_transaction_points_or_amount"),
        ("'REFUND', 'CREDIT', 5, null, null, null", "ck_partner_transaction_re"),
    ],
)
async def test_a_row_that_cannot_be_is_not_written(market: Market, values: str, constraint: str) -> None:
    block = await market.bought(500)
    statement = (
        "insert into partner_transaction (program_id, posted_on, block_id, kind, direction, points, amount, currency, refunds_id)"
        f" values ({market.program.id}, '2026-03-01', {block.id}, {values})"
    )

    async with market.database.write() as writer:
        with pytest.raises(IntegrityError, match=constraint):
            await writer.execute(text(statement))
        await writer.rollback()
