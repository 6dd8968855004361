"""Statements of partners: of an open period as it is now, and closing a period for good.

Whoever closes a period has the program alone for a moment: every chunk and booking that was begun has committed, and those that
follow are posted on that day or later. So nothing slips into a period that had passed by then, and nobody waits while it is added up.
"""

from collections.abc import AsyncGenerator
from dataclasses import dataclass, replace
from datetime import date, datetime

from domain.billing import charges_of
from domain.calendars import business_date
from domain.commands.partner_accounts import AccountPeriod, StatementClose
from domain.partner_statements import (
    FIRST_NUMBER,
    Named,
    PartnerStatement,
    asked_problems,
    closing_problems,
    months_to_close,
    movements_of,
    next_period,
)
from domain.partners import Partner
from domain.people import ENGINE, Principal, Scope
from domain.problems import Refused
from domain.programs import Program
from domain.receipts import Receipt
from domain.services.checks import INPUT, found, refuse
from domain.store import locks, partners, programs
from domain.store import partner_statements as store
from domain.store.database import Database, Reader, Writer
from domain.store.partner_statements import Owner
from domain.values import shown


@dataclass(frozen=True, slots=True)
class Account:
    """Whose statement: a partner in a program, or (None) the host."""

    program: Program
    partner: Partner | None

    @property
    def owner(self) -> Owner:
        """Whose rows it is made of."""
        return Owner(self.program.id, None if self.partner is None else self.partner.id)


async def account_of(reader: Reader, scope: Scope, program: str, partner: str | None) -> Account | None:
    """The account that is named, if the scope shows it: a member sees none, a partner its own."""
    if scope.member_id is not None:
        return None
    known = await programs.find(reader, scope, program)
    if known is None:
        return None
    if partner is None:
        return Account(known, None) if scope.partner_id is None else None
    named = await partners.find(reader, scope, partner)
    return None if named is None else Account(known, named)


async def partner_statement(database: Database, scope: Scope, asked: AccountPeriod) -> PartnerStatement | None:
    """The statement of a period, as it was closed or as it is now; None: no account that one may see."""
    period = asked.starts_on, asked.ends_on
    async with database.snapshot() as reader:
        account = await account_of(reader, scope, asked.program, asked.partner)
        if account is None:
            return None
        today = business_date(await database.now(reader), account.program.time_zone)
        if problems := asked_problems(*period, today):
            raise Refused(*problems)
        closed = await store.of_period(reader, account.owner, *period)
        return closed or await _worked_out(reader, account, *period)


async def statement_close(database: Database, actor: Principal, command: StatementClose) -> Receipt[PartnerStatement]:
    """Close the period that follows the last closed one; what is processed from now on belongs to the next."""
    async with database.read() as reader:
        known = await programs.find(reader, actor.scope, command.program)
        program = found(known, "program", shown(command.program), "program")
        partner = None
        if command.partner is not None:
            named = await partners.find(reader, actor.scope, command.partner)
            partner = found(named, "partner", shown(command.partner), "partner")
    account = Account(program, partner)
    now = await _all_done(database, program)
    async with database.write() as writer:
        closing = await _closing(writer, account, now)
        starts_on = next_period(closing.closed_through, closing.first, command.through)
        if closing.last is None and command.starts_on is not None:
            starts_on = command.starts_on
        wrong = closing_problems(starts_on, command.through, closing.today, closing.closed_through, command.starts_on)
        refuse(each.at(INPUT, *each.path) for each in wrong)
        return Receipt(await closing.close(writer, (starts_on, command.through), actor))


async def close_months(database: Database, program: Program) -> AsyncGenerator[int, None]:
    """Close every calendar month that has passed of every account of a program, if it says so; yields how many so far.

    The program is had alone once, however many accounts there are.
    """
    if not program.settings.close_statements_monthly:
        return
    async with database.read() as reader:
        ids = await store.owners(reader, program.id)
        known = await partners.load_many(reader, ENGINE.scope, [each for each in ids if each is not None])
    total, now = 0, None
    for partner in (*known, *([None] if None in ids else [])):
        account = Account(program, partner)
        while await _is_due(database, account):
            now = now or await _all_done(database, program)
            if not await _close_month(database, account, now):
                break
            total += 1
            yield total


async def _is_due(database: Database, account: Account) -> bool:
    """Whether a month of an account has passed and is not closed. Where there is none, nobody waits."""
    async with database.read() as reader:
        return bool((await _state(reader, account, await database.now(reader))).months)


async def _close_month(database: Database, account: Account, now: datetime) -> bool:
    """Close the next month of an account, in a commit of its own; whether there was one at a moment by which all was done."""
    async with database.write() as writer:
        closing = await _closing(writer, account, now)
        if closing.months:
            await closing.close(writer, closing.months[0], ENGINE)
        return bool(closing.months)


async def _all_done(database: Database, program: Program) -> datetime:
    """Have the program alone for a moment, and answer which: whatever is posted on an earlier day has been committed by then."""
    async with database.write() as writer:
        await locks.patience(writer)
        await locks.program_alone(writer, program.id)
        return await database.now(writer)


async def _closing(writer: Writer, account: Account, now: datetime) -> "_Closing":
    """What is closed of an account, for whoever closes more of it: others who would wait until that is done."""
    await locks.patience(writer)
    await locks.closing(writer, account.program.id)
    return await _state(writer, account, now)


@dataclass(frozen=True, slots=True)
class _Closing:
    """What is closed of an account at a moment. `last`: its latest closed statement; `first`: the day of its first row."""

    account: Account
    now: datetime
    last: PartnerStatement | None
    first: date | None

    @property
    def today(self) -> date:
        """In the program's time zone."""
        return business_date(self.now, self.account.program.time_zone)

    @property
    def closed_through(self) -> date | None:
        """The last day that is closed."""
        return None if self.last is None else self.last.ends_on

    @property
    def months(self) -> list[tuple[date, date]]:
        """The calendar months that have passed and are not closed; of an account with nothing in it, none."""
        if self.first is None and self.last is None:
            return []
        return months_to_close(next_period(self.closed_through, self.first, self.today), self.today)

    async def close(self, writer: Writer, period: tuple[date, date], actor: Principal) -> PartnerStatement:
        """Keep the statement of a period for good."""
        said = await _worked_out(writer, self.account, *period)
        number = FIRST_NUMBER if self.last is None or self.last.number is None else self.last.number + 1
        return await store.add(writer, replace(said, number=number), self.now, actor.person_id)


async def _state(reader: Reader, account: Account, now: datetime) -> _Closing:
    last, first = await store.last_closed(reader, account.owner), await store.first_day(reader, account.owner)
    return _Closing(account, now, last, first)


async def _worked_out(reader: Reader, account: Account, starts_on: date, ends_on: date) -> PartnerStatement:
    """From the rows, in a snapshot, or of days to which nothing is added any more."""
    program, partner, owner = account.program, account.partner, account.owner
    return PartnerStatement(
        program_id=owner.program_id,
        partner_id=owner.partner_id,
        program=Named(program.code, program.name),
        partner=None if partner is None else Named(partner.code, partner.name),
        time_zone=program.time_zone,
        starts_on=starts_on,
        ends_on=ends_on,
        opening=await store.opening(reader, owner, starts_on),
        movements=movements_of(await store.sums(reader, owner, starts_on, ends_on)),
        charges=charges_of(await store.charges(reader, owner, starts_on, ends_on)),
    )
