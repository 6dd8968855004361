"""What a partner has in its blocks now, and for how many days it lasts."""

from datetime import date, timedelta
from decimal import Decimal

from domain.blocks import BlockKind, use_order
from domain.calendars import business_date
from domain.partner_balances import PartnerBalance, balance_of
from domain.people import Scope
from domain.runway import Stocked, days_of_use, runway
from domain.services.partner_statements import Account, account_of
from domain.store import partner_statements, partner_usage, partners
from domain.store.database import Database, Reader

NO_CREDIT = Decimal(0)
GIVEN_AWAY = (BlockKind.NORMAL, BlockKind.RESERVE)


async def partner_balance(database: Database, scope: Scope, program: str, partner: str | None) -> PartnerBalance | None:
    """What is in the blocks of a partner (None: of the host) in a program; None: no account that one may see."""
    async with database.snapshot() as reader:
        account = await account_of(reader, scope, program, partner)
        if account is None:
            return None
        blocks = await partner_usage.approved(reader, account.owner)
        return balance_of(blocks, await _credit(reader, account), await _today(database, reader, account))


async def partner_runway(database: Database, scope: Scope, program: str, partner: str | None) -> int | None:
    """For how many days the points last at the rate of the last ones; None: nothing is used, or no account that one may see."""
    async with database.snapshot() as reader:
        account = await account_of(reader, scope, program, partner)
        if account is None:
            return None
        today = await _today(database, reader, account)
        first = await partner_statements.first_day(reader, account.owner)
        days = days_of_use(first or today, today)
        used = await partner_usage.used_since(reader, account.owner, today - timedelta(days))
        blocks = await partner_usage.approved(reader, account.owner)
    active = sorted((each for each in blocks if each.active(today) and each.kind in GIVEN_AWAY), key=use_order)
    return runway([Stocked(each.remaining, each.ends_on) for each in active], used, days, today)


async def _today(database: Database, reader: Reader, account: Account) -> date:
    return business_date(await database.now(reader), account.program.time_zone)


async def _credit(reader: Reader, account: Account) -> Decimal:
    if account.partner is None:
        return NO_CREDIT
    terms = await partners.terms(reader, account.program.id, account.partner.id)
    return NO_CREDIT if terms is None else terms.credit_limit
