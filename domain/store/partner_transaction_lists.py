"""Reading partner transactions: by number, as lists, and which of them gave back a fee. A member sees none, a partner its own."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Select, any_, bindparam, exists, false, select
from sqlalchemy.dialects.postgresql import ARRAY

from domain.commands.partner_accounts import PartnerTransactionFilter, PartnerTransactionOrder
from domain.partner_transactions import PartnerTransaction, PartnerTransactionKind
from domain.people import Scope
from domain.store import tables as t
from domain.store.database import Reader
from domain.store.keyset import Listing, Order
from domain.store.partner_transactions import partner_transaction_of

IDS = bindparam("ids", type_=ARRAY(BigInteger))
_p = t.partner_transaction.c
_refund = t.partner_transaction.alias("refund")

ROWS: Select[Any] = select(t.partner_transaction)
BY_IDS = ROWS.where(_p.id == any_(IDS))
REFUNDS = ROWS.where(_p.refunds_id == any_(IDS))
ORDERS: dict[PartnerTransactionOrder, tuple[Any, ...]] = {
    PartnerTransactionOrder.POSTED_ON: (_p.posted_on, _p.id),
    PartnerTransactionOrder.CREATED_AT: (_p.created_at, _p.id),
}


def in_scope(query: Select[Any], scope: Scope) -> Select[Any]:
    """The query, for the partner transactions that somebody may see."""
    if scope.program_id is not None:
        query = query.where(_p.program_id == scope.program_id)
    if scope.partner_id is not None:
        query = query.where(_p.partner_id == scope.partner_id)
    return query if scope.member_id is None else query.where(false())


async def load_many(reader: Reader, scope: Scope, ids: Sequence[int]) -> list[PartnerTransaction | None]:
    """The partner transactions with these ids, in their order; None for one that the scope does not show."""
    rows = await reader.execute(in_scope(BY_IDS, scope), {"ids": list(ids)})
    found = {row.id: partner_transaction_of(row) for row in rows}
    return [found.get(each) for each in ids]


async def refunds_of(reader: Reader, scope: Scope, ids: Sequence[int]) -> list[PartnerTransaction | None]:
    """What gave these fees back, in their order."""
    rows = await reader.execute(in_scope(REFUNDS, scope), {"ids": list(ids)})
    found = {row.refunds_id: partner_transaction_of(row) for row in rows}
    return [found.get(each) for each in ids]


def listing(
    scope: Scope, filter: PartnerTransactionFilter, order: PartnerTransactionOrder, *, descending: bool
) -> Listing[PartnerTransaction]:
    """The partner transactions of a list."""
    query = in_scope(ROWS, scope).where(*_named(filter), *_plain(filter))
    return Listing(query, Order(ORDERS[order], descending), partner_transaction_of)


def _named(filter: PartnerTransactionFilter) -> list[ColumnElement[bool]]:
    """What names other things by their codes."""
    found: list[ColumnElement[bool]] = []
    if filter.program is not None:
        found.append(_p.program_id.in_(select(t.program.c.id).where(t.program.c.code == filter.program)))
    if filter.partner is not None:
        found.append(_p.partner_id.in_(select(t.partner.c.id).where(t.partner.c.code == filter.partner)))
    if filter.promotion is not None:
        found.append(_p.promotion_id.in_(select(t.promotion.c.id).where(t.promotion.c.code == filter.promotion)))
    if filter.host is not None:
        found.append(_p.partner_id.is_(None) if filter.host else _p.partner_id.is_not(None))
    return found


def _plain(filter: PartnerTransactionFilter) -> list[ColumnElement[bool]]:
    wanted = {
        _p.direction: filter.direction, _p.block_id: filter.block, _p.member_transaction_id: filter.transaction,
        _p.reason_code: filter.reason_code, _p.currency: filter.currency,
    }  # fmt: skip
    found: list[ColumnElement[bool]] = [column == value for column, value in wanted.items() if value is not None]
    if filter.kind:
        found.append(_p.kind.in_(filter.kind))
    if filter.posted_from is not None:
        found.append(_p.posted_on >= filter.posted_from)
    if filter.posted_through is not None:
        found.append(_p.posted_on <= filter.posted_through)
    if filter.refunded is not None:
        given_back = exists().where(_refund.c.refunds_id == _p.id)
        found += [_p.kind == PartnerTransactionKind.FEE, given_back if filter.refunded else ~given_back]
    return found
