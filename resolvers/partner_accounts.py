"""Root fields about accounts of partners, and what the fields of a partner ask of them."""

import domain.billing as b
import domain.commands.partner_accounts as c
import domain.partner_statements as d
import schema.partner_accounts as s
from domain.pages import Page
from domain.partner_balances import PartnerBalance
from domain.receipts import Receipt
from domain.services import partner_balances, partner_bills, partner_statements
from domain.store import partner_statements as store
from domain.store.keyset import page_of
from resolvers.context import Context, Info
from resolvers.roots import mutation, query


@s.BALANCE.answered_by
async def _balance(context: Context, asked: s.AccountAsked) -> PartnerBalance | None:
    scope = context.principal.scope
    return await partner_balances.partner_balance(context.database, scope, asked.program, asked.partner)


@s.RUNWAY.answered_by
async def _runway(context: Context, asked: s.AccountAsked) -> int | None:
    scope = context.principal.scope
    return await partner_balances.partner_runway(context.database, scope, asked.program, asked.partner)


@s.PARTNER_STATEMENT.answered_by
async def _statement(context: Context, asked: c.AccountPeriod) -> d.PartnerStatement | None:
    return await partner_statements.partner_statement(context.database, context.principal.scope, asked)


@s.PARTNER_STATEMENTS.answered_by
async def _statements(context: Context, asked: s.StatementsAsked) -> Page[d.PartnerStatement]:
    listing = store.listing(context.principal.scope, asked.program, asked.partner_id)
    return await page_of(context.database, listing, asked.request)


@s.BILL.answered_by
async def _bill(context: Context, asked: c.AccountPeriod) -> b.Bill | None:
    return await partner_bills.partner_bill(context.database, context.principal.scope, asked)


@query(s.PartnerBalance | None)
async def partner_balance(info: Info, program: str, partner: str | None = None) -> PartnerBalance | None:
    """What is in the blocks of a partner; of the host, if no partner is named. Null: no account that you may see."""
    return await _balance(info.context, s.AccountAsked(program, partner))


@query(s.PartnerStatement | None)
async def partner_statement(
    info: Info, program: str, from_: s.From, through: s.Through, partner: str | None = None
) -> d.PartnerStatement | None:
    """The statement of a partner; of the host, if no partner is named. Null: no account that you may see."""
    return await _statement(info.context, c.AccountPeriod(program, partner, from_, through))


@query(s.PartnerBill | None)
async def partner_bill(info: Info, program: str, partner: str, from_: s.From, through: s.Through) -> b.Bill | None:
    """What a partner owes for what was processed in a period. Null: no partner that you may see."""
    return await _bill(info.context, c.AccountPeriod(program, partner, from_, through))


@mutation(s.StatementClosePayload)
async def statement_close(info: Info, input: s.StatementCloseInput) -> Receipt[d.PartnerStatement]:
    """Close the next period of a partner for good: what is processed from now on belongs to the one after it."""
    command = c.StatementClose(
        program=input.program, partner=input.partner, through=input.through, starts_on=input.starts_on
    )
    return await partner_statements.statement_close(info.context.database, info.context.principal, command)
