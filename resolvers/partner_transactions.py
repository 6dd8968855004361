"""Root fields about partner transactions: the list, and what is booked by hand."""

from collections.abc import Sequence

import domain.commands.partner_accounts as c
import domain.partner_transactions as d
import schema.partner_transactions as s
from domain.fees import Booked
from domain.pages import Page, PageRequest
from domain.people import Scope
from domain.receipts import Receipt
from domain.services import fee_refunds, partner_accounts
from domain.store import partner_transaction_lists as store
from domain.store.database import Reader
from domain.store.keyset import page_of
from domain.transactions import Money
from resolvers.context import Context, Info
from resolvers.ids import key
from resolvers.inputs import some
from resolvers.loaders import loads
from resolvers.roots import mutation, query
from schema.loads import PARTNER_TRANSACTION, REFUND_OF_FEE
from schema.pages import After, Connection, First


@loads(PARTNER_TRANSACTION, node="PartnerTransaction")
async def _by_id(reader: Reader, scope: Scope, ids: list[int]) -> Sequence[d.PartnerTransaction | None]:
    return await store.load_many(reader, scope, ids)


@loads(REFUND_OF_FEE)
async def _refunds(reader: Reader, scope: Scope, ids: list[int]) -> Sequence[d.PartnerTransaction | None]:
    return await store.refunds_of(reader, scope, ids)


@s.PARTNER_TRANSACTIONS.answered_by
async def _page(context: Context, asked: s.PartnerTransactionsAsked) -> Page[d.PartnerTransaction]:
    """Those of a partner, if one is asked about; else what the filter says."""
    wanted, order = asked.filter or s.PartnerTransactionFilter(), asked.order_by or s.PartnerTransactionOrderBy()
    listing = store.listing(
        context.principal.scope,
        filter_of(wanted, asked.partner or wanted.partner),
        order.field,
        descending=order.direction.descending,
    )
    return await page_of(context.database, listing, asked.request)


def filter_of(wanted: s.PartnerTransactionFilter, partner: str | None) -> c.PartnerTransactionFilter:
    """What an input asks for."""
    return c.PartnerTransactionFilter(
        program=wanted.program,
        partner=partner,
        host=wanted.host,
        kind=some(wanted.kind),
        direction=wanted.direction,
        block=_named(wanted.block, "PointBlock", "block"),
        promotion=wanted.promotion,
        transaction=_named(wanted.transaction, "Transaction", "transaction"),
        reason_code=wanted.reason_code,
        currency=wanted.currency,
        refunded=wanted.refunded,
        posted_from=wanted.posted_from,
        posted_through=wanted.posted_through,
    )


def _named(id: str | None, kind: str, name: str, place: str = "filter") -> int | None:
    return None if id is None else key(id, kind, place, name)


@query(Connection[s.PartnerTransaction])
async def partner_transactions(
    info: Info,
    filter: s.PartnerTransactionFilter | None = None,
    order_by: s.PartnerTransactionOrderBy | None = None,
    first: First = 20,
    after: After = None,
) -> Page[d.PartnerTransaction]:
    """The partner transactions that you may see, the newest first."""
    return await _page(info.context, s.PartnerTransactionsAsked(None, filter, order_by, PageRequest(first, after)))


@mutation(s.PartnerBalanceAdjustPayload)
async def partner_balance_adjust(info: Info, input: s.PartnerBalanceAdjustInput) -> Receipt[Booked]:
    """Correct what is in an active block of a partner or of the host."""
    command = c.PartnerBalanceAdjust(
        idempotency_key=input.idempotency_key,
        program=input.program,
        partner=input.partner,
        block=key(input.block, "PointBlock", "input", "block"),
        direction=input.direction,
        points=input.points,
        description=input.description,
        transaction=_named(input.transaction, "Transaction", "transaction", "input"),
    )
    context = info.context
    return await partner_accounts.partner_balance_adjust(
        context.database, context.principal, command, preview=input.preview
    )


@mutation(s.PartnerFeeChargePayload)
async def partner_fee_charge(info: Info, input: s.PartnerFeeChargeInput) -> Receipt[Booked]:
    """Charge a partner a fee: points of an active block, or money for the bill."""
    command = c.PartnerFeeCharge(
        idempotency_key=input.idempotency_key,
        program=input.program,
        partner=input.partner,
        description=input.description,
        block=_named(input.block, "PointBlock", "block", "input"),
        points=input.points,
        money=None if input.money is None else Money(input.money.amount, input.money.currency),
        transaction=_named(input.transaction, "Transaction", "transaction", "input"),
    )
    context = info.context
    return await partner_accounts.partner_fee_charge(
        context.database, context.principal, command, preview=input.preview
    )


@mutation(s.PartnerFeeRefundPayload)
async def partner_fee_refund(info: Info, input: s.PartnerFeeRefundInput) -> Receipt[Booked]:
    """Give a fee back, whole and once, for a reason."""
    command = c.PartnerFeeRefund(
        idempotency_key=input.idempotency_key,
        fee=key(input.fee, "PartnerTransaction", "input", "fee"),
        reason_code=input.reason_code,
        description=input.description,
    )
    context = info.context
    return await fee_refunds.partner_fee_refund(context.database, context.principal, command, preview=input.preview)
