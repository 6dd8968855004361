"""The bill of a partner for a period: points given on postpaid terms, at the rate of each transaction's date, and fees in money."""

from domain.billing import MAX_FEES, Bill, BillTooLong
from domain.calendars import business_date
from domain.commands.partner_accounts import AccountPeriod
from domain.partner_statements import asked_problems
from domain.people import Scope
from domain.problems import Refused
from domain.services.partner_statements import account_of
from domain.store import partner_bills
from domain.store.database import Database


async def partner_bill(database: Database, scope: Scope, asked: AccountPeriod) -> Bill | None:
    """What was processed in a period, in the program's time zone; None: no partner that one may see."""
    period = asked.starts_on, asked.ends_on
    async with database.snapshot() as reader:
        account = await account_of(reader, scope, asked.program, asked.partner)
        if account is None or account.partner is None:
            return None
        today = business_date(await database.now(reader), account.program.time_zone)
        if problems := asked_problems(*period, today):
            raise Refused(*problems)
        owner = account.program.id, account.partner.id
        lines = await partner_bills.lines(reader, *owner, *period)
        fees = await partner_bills.fees(reader, *owner, period, MAX_FEES + 1)
    if len(fees) > MAX_FEES:
        raise Refused(BillTooLong(limit=MAX_FEES, path=("through",)))
    return Bill(
        program=account.program.code, partner=account.partner.code, starts_on=asked.starts_on, ends_on=asked.ends_on,
        complete=asked.ends_on < today, lines=tuple(lines), fees=tuple(fees),
    )  # fmt: skip
