"""The credit of a partner: never below what it owes, and never changed under the hands of whoever is overdrawing."""

import asyncio
from decimal import Decimal

from sqlalchemy import text

from domain.commands.partners import PartnerTermsSet
from domain.people import ENGINE
from domain.services.partners import partner_terms_set
from domain.store import locks
from domain.terms import CreditInUse
from tests.blocks.market import Market
from tests.support.factories import result_of, terms
from tests.support.refusals import problems_of

WAITING = text(
    "select count(*) from pg_locks where locktype = 'advisory' and classid = 1 and objid = :id and not granted"
    " and database = (select oid from pg_database where datname = current_database())"
)


async def waiting(market: Market) -> bool:
    """Whether somebody waits to have the program alone."""
    async with market.database.read() as reader:
        return bool((await reader.execute(WAITING, {"id": market.program.id})).scalar_one())


async def test_credit_that_is_used_cannot_be_taken_away(market: Market) -> None:
    await terms(market.database, market.program, market.hotel, expected_version=1, credit_limit=Decimal(10))
    await market.overdrawn(8)
    less = PartnerTermsSet(
        program=market.program.code, partner=market.hotel.code, expected_version=2, credit_limit=Decimal("7.99")
    )

    assert await problems_of(partner_terms_set(market.database, ENGINE, less)) == [
        CreditInUse(overdrawn=Decimal(8), credit_limit=Decimal("7.99"), path=("input", "creditLimit"))
    ]
    enough = await terms(market.database, market.program, market.hotel, expected_version=2, credit_limit=Decimal(8))
    assert enough.credit_limit == Decimal(8)


async def test_a_new_credit_limit_waits_for_the_chunks_that_work_by_the_old_one(market: Market) -> None:
    command = PartnerTermsSet(
        program=market.program.code, partner=market.hotel.code, expected_version=1, credit_limit=Decimal(5)
    )
    async with market.database.write() as chunk:
        await locks.program(chunk, market.program.id)
        change = asyncio.create_task(partner_terms_set(market.database, ENGINE, command))
        while not await waiting(market):
            assert not change.done()
            await asyncio.sleep(0.02)

    assert result_of(await change).credit_limit == Decimal(5)


async def test_other_terms_wait_for_nobody(market: Market) -> None:
    async with market.database.write() as chunk:
        await locks.program(chunk, market.program.id)
        agreed = await terms(market.database, market.program, market.hotel, expected_version=1, report_within_days=3)

    assert agreed.report_within_days == 3
