"""What verification finds where partner accounts do not add up; each is broken inside a unit of work that is undone."""

from datetime import date

import pytest
from sqlalchemy import text

from domain.store import invariants
from domain.store.invariants import INVARIANTS
from tests.partner_accounts.kit import some_books
from tests.refunds.ledgers import violations

ROW = """insert into partner_transaction (program_id, partner_id, kind, direction, posted_on, points, amount, currency, block_id,
    reason_code, refunds_id) select program_id, partner_id, {kind}, {direction}, {day}, {points}, null, null, block_id,
    {reason}, {refunds} from partner_transaction where kind = 'FEE' and points is not null limit 1"""
STATEMENT = """insert into partner_statement (program_id, partner_id, number, from_on, through_on, opening, closing, document,
    hash, closed_at) select program_id, partner_id, {number}, {from_on}, '2027-01-31', {opening}, {opening},
    jsonb_build_object('movements', '[]'::jsonb, 'opening', '{opening}', 'closing', '{opening}'), hash, closed_at
    from partner_statement where number = 2"""
BREAKS = {
    "a part of a fee is given back": (
        "fees",
        ROW.format(kind="'REFUND'", direction="'CREDIT'", day="'2027-01-05'", points=5, reason="'GOODWILL'", refunds="id"),
    ),
    "something gets into a closed period": (
        "statements",
        ROW.format(kind="'ADJUSTMENT'", direction="'DEBIT'", day="'2026-11-30'", points=5, reason="null", refunds="null"),
    ),
    "something gets before the first period": (
        "statements",
        ROW.format(kind="'ADJUSTMENT'", direction="'DEBIT'", day="'2026-10-01'", points=5, reason="null", refunds="null"),
    ),
    "a day is left out": ("statements join", STATEMENT.format(number=3, from_on="'2027-01-02'", opening="900.00")),
    "an opening is not the closing before": (
        "statements join", STATEMENT.format(number=3, from_on="'2027-01-01'", opening="901.00"),
    ),
    "a number is left out": ("statements join", STATEMENT.format(number=4, from_on="'2027-01-01'", opening="900.00")),
}  # fmt: skip


async def test_what_is_wrong_with_an_account_is_found(fresh_database_url: str) -> None:
    async with some_books(fresh_database_url) as books:
        block = await books.block(1000)
        books.pass_to(2026, 11, 20)
        await books.fee(block, "100")
        books.pass_to(2027, 1, 3)
        await books.close(date(2026, 11, 30))
        await books.close(date(2026, 12, 31))
        assert await violations(books.database) == []
        for wrong, (name, statement) in BREAKS.items():
            [looked_at] = [each for each in INVARIANTS if each.name == name]
            async with books.database.rehearse() as writer:
                await writer.execute(text(statement))
                after = await invariants.violations(writer, looked_at, books.clock.now, 10)
            assert len(after) == 1, wrong


@pytest.mark.parametrize("name", ["fees", "statements", "statements join"])
def test_the_invariants_are_looked_at(name: str) -> None:
    assert [each.name for each in INVARIANTS].count(name) == 1
