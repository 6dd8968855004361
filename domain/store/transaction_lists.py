"""Lists of transactions, read by key within somebody's scope."""

from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Date, DateTime, cast, func, literal, select

from domain.commands.transactions import TransactionFilter, TransactionOrder
from domain.people import Scope
from domain.store import tables as t
from domain.store.keyset import Listing, Order
from domain.store.people import in_scope as people_in_scope
from domain.store.transactions import ROWS, in_scope, transaction_of
from domain.transactions import Transaction

_t = t.transaction.c

ORDERS: dict[TransactionOrder, tuple[ColumnElement[Any], ...]] = {
    TransactionOrder.CREATED: (_t.id,),
    TransactionOrder.TRANSACTION_DATE: (_t.transaction_date, _t.id),
}

_zone = select(t.program.c.time_zone).where(t.program.c.id == _t.program_id).scalar_subquery()


def listing(
    scope: Scope, wanted: TransactionFilter, order: TransactionOrder, *, member_id: int | None, descending: bool
) -> Listing[Transaction]:
    """The transactions of a list; the member in the filter comes with the key that it stands for."""
    conditions = [*_plain(wanted), *_coded(wanted, scope), *_dated(wanted)]
    if member_id is not None:
        conditions.append(_t.member_id == member_id)
    return Listing(in_scope(ROWS, scope).where(*conditions), Order(ORDERS[order], descending), transaction_of)


def _plain(wanted: TransactionFilter) -> list[ColumnElement[bool]]:
    chosen = {
        _t.type: () if wanted.type is None else (wanted.type,),
        _t.sub_type: wanted.sub_type,
        _t.status: wanted.status,
        _t.sub_status: wanted.sub_status,
    }
    conditions: list[ColumnElement[bool]] = [column.in_(values) for column, values in chosen.items() if values]
    if wanted.external_id is not None:
        conditions.append(_t.id.in_(_with_external_id(wanted.external_id)))
    if wanted.cancels is not None:
        conditions.append(_t.cancels_id == wanted.cancels)
    if wanted.source is not None:
        conditions.append(_t.source == wanted.source)
    return conditions


def _with_external_id(external_id: str) -> Any:
    """Asked of every program, because the index begins with it; there are few."""
    named = t.external_id.c
    return select(named.transaction_id).where(
        named.program_id.in_(select(t.program.c.id)), named.external_id == external_id
    )


def _coded(wanted: TransactionFilter, scope: Scope) -> list[ColumnElement[bool]]:
    """What is named by code; people whom the caller may not see recorded nothing, and nothing waits for them."""
    conditions: list[ColumnElement[bool]] = []
    seen = people_in_scope(select(t.person.c.id), scope)
    codes = {
        "program": (_t.program_id, select(t.program.c.id), t.program.c.code),
        "partner": (_t.partner_id, select(t.partner.c.id), t.partner.c.code),
        "product": (_t.product_id, select(t.product.c.id), t.product.c.code),
        "created_by": (_t.created_by_id, seen, t.person.c.subject),
        "submit_to": (_t.submit_to_id, seen, t.person.c.subject),
    }
    for name, (column, keys, code) in codes.items():
        if (value := getattr(wanted, name)) is not None:
            conditions.append(column.in_(keys.where(code == value)))
    return conditions


def _dated(wanted: TransactionFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.transaction_date_from is not None:
        conditions.append(_t.transaction_date >= wanted.transaction_date_from)
    if wanted.transaction_date_through is not None:
        conditions.append(_t.transaction_date <= wanted.transaction_date_through)
    if wanted.processed_from is not None:
        conditions.append(_t.processed_at >= _midnight(wanted.processed_from))
    if wanted.processed_through is not None:
        conditions.append(_t.processed_at < _midnight(wanted.processed_through, later=1))
    return conditions


def _midnight(day: date, *, later: int = 0) -> ColumnElement[Any]:
    """The moment at which a day, or one so many days later, begins in the program's time zone."""
    # The database counts on where our calendar ends.
    return func.timezone(_zone, cast(literal(day, Date) + later, DateTime))
