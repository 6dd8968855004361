"""Transactions: their rows in and out, one or a set at a time. A row outside the reader's scope does not exist."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

from sqlalchemy import BigInteger, Row, Select, any_, bindparam, delete, select, update
from sqlalchemy.dialects.postgresql import ARRAY

from domain.drafts import Draft
from domain.engine import Outcome
from domain.entries import NewTransaction
from domain.people import Scope
from domain.points import from_units
from domain.store import tables as t
from domain.store.bulk import BulkInsert, BulkUpdate
from domain.store.database import KNOWN_SCOPES, Reader, Writer
from domain.store.json import decode, encode
from domain.store.numbers import exact
from domain.store.refunds import read_lines as read_refund_lines
from domain.store.refunds import read_share, refund_document, write_refund
from domain.store.totals import read_totals, write_totals
from domain.transactions import LineItem, Tender, Transaction, VoucherWish

IDS = bindparam("ids", type_=ARRAY(BigInteger))

COLUMNS = [
    ("id", "bigint"), ("program_id", "bigint"), ("member_id", "bigint"), ("type", "text"), ("sub_type", "text"),
    ("status", "text"), ("sub_status", "text"), ("transaction_date", "date"), ("processed_at", "timestamptz"),
    ("created_at", "timestamptz"), ("created_by_id", "bigint"), ("product_id", "bigint"), ("amount", "numeric"),
    ("currency", "text"), ("quantity", "numeric"), ("line_items", "jsonb"), ("attributes", "jsonb"),
    ("partner_id", "bigint"), ("base_points", "numeric"), ("point_type_id", "bigint"), ("qualifying", "boolean"),
    ("points", "bigint"), ("submit_to_id", "bigint"), ("external", "boolean"), ("source", "text"),
    ("external_id", "text"), ("comment", "text"), ("hold_id", "bigint"), ("voucher_number", "text"), ("voucher_type", "text"),
    ("voucher_quantity", "integer"), ("tender_amount", "numeric"), ("tender_currency", "text"), ("tender_kind", "text"),
    ("totals", "jsonb"), ("attempts", "integer"), ("version", "integer"), ("other_member_id", "bigint"),
]  # fmt: skip
INSERT = BulkInsert("transaction", COLUMNS)
CANCELLATIONS = BulkInsert("transaction", [*COLUMNS, ("cancels_id", "bigint"), ("refund", "jsonb")])
REPAY = BulkUpdate("transaction", [("id", "bigint"), ("loan_id", "bigint")], keys=1)
"""Only repayments name a loan: a column more would cost every other row."""

ROWS: Select[Any] = select(t.transaction, t.point_type.c.decimals.label("decimals")).outerjoin(
    t.point_type, t.point_type.c.id == t.transaction.c.point_type_id
)
"""Every read of transactions begins here."""

BY_IDS = ROWS.where(t.transaction.c.id == any_(IDS))
_KEY = t.transaction.c.id == bindparam("key", type_=BigInteger)
UPDATE = update(t.transaction).where(_KEY).values(version=t.transaction.c.version + 1)
DELETE = delete(t.transaction).where(_KEY)


async def insert(writer: Writer, drafts: Sequence[Draft], outcomes: dict[int, Outcome], now: datetime) -> None:
    """New transactions; those that the engine has already worked are written as it left them."""
    plain = [draft for draft in drafts if draft.entry.cancels is None]
    await INSERT(writer, [_row(draft, outcomes.get(draft.id), now) for draft in plain])
    if len(plain) < len(drafts):
        others = [draft for draft in drafts if draft.entry.cancels is not None]
        await CANCELLATIONS(writer, [(*_row(each, outcomes.get(each.id), now), *_cancels(each)) for each in others])
    await REPAY(writer, [(draft.id, draft.entry.loan) for draft in drafts if draft.entry.loan is not None])


def _cancels(draft: Draft) -> tuple[int | None, str | None]:
    return draft.entry.cancels, write_refund(draft.entry.refund_lines)


def _row(draft: Draft, outcome: Outcome | None, now: datetime) -> Sequence[Any]:
    entry = draft.entry
    status = outcome.status if outcome else draft.status
    base_points = outcome.base_points if outcome and outcome.base_points is not None else entry.base_points
    return (
        draft.id, draft.program_id, draft.member_id, entry.type.value, entry.sub_type.value, status.value,
        outcome.sub_status.value if outcome else None, draft.transaction_date, now if outcome else None,
        draft.created_at, draft.created_by_id, draft.product_id, entry.amount, entry.currency, entry.quantity,
        lines_json(entry.line_items), encode(entry.attributes) if entry.attributes else None, draft.partner_id,
        base_points, draft.point_type_id, entry.qualifying, draft.points, draft.submit_to_id, draft.external,
        entry.source, entry.external_id, entry.comment, entry.hold, *voucher_columns(entry).values(), *tender_columns(entry).values(),
        write_totals(outcome.totals) if outcome else None, 1 if outcome else 0, 1, draft.other_member_id,
    )  # fmt: skip


async def change(writer: Writer, transaction_id: int, **values: Any) -> Transaction:
    """Write some of a locked transaction's columns; the transaction as it is now."""
    await writer.execute(UPDATE.values(**values), {"key": transaction_id})
    [changed] = await load_many(writer, Scope(), [transaction_id])
    assert changed is not None
    return changed


async def rewrite(writer: Writer, draft: Draft) -> Transaction:
    """Write anew all that people say of a locked transaction."""
    entry = draft.entry
    return await change(
        writer, draft.id, sub_type=entry.sub_type, transaction_date=draft.transaction_date,
        product_id=draft.product_id, amount=entry.amount, currency=entry.currency, quantity=entry.quantity,
        line_items=lines_document(entry.line_items), attributes=entry.attributes or None, partner_id=draft.partner_id,
        base_points=entry.base_points, point_type_id=draft.point_type_id, qualifying=entry.qualifying,
        points=draft.points, submit_to_id=draft.submit_to_id, source=entry.source, external_id=entry.external_id,
        comment=entry.comment, other_member_id=draft.other_member_id, **voucher_columns(entry), **tender_columns(entry),
        refund=refund_document(entry.refund_lines),
    )  # fmt: skip


async def remove(writer: Writer, transaction_id: int) -> None:
    """Delete a locked transaction."""
    await writer.execute(DELETE, {"key": transaction_id})


def as_stored(entry: NewTransaction) -> NewTransaction:
    """An entry as it will be read back: what JSON has no kind for, such as dates among attributes, has become text."""
    lines = read_lines(decode(lines_json(entry.line_items) or "null"))
    return replace(entry, attributes=decode(encode(entry.attributes)), line_items=lines)


def voucher_columns(entry: NewTransaction) -> dict[str, Any]:
    """The vouchers that are to pay, as the row has them."""
    wish = entry.voucher
    return {
        "voucher_number": None if wish is None else wish.number,
        "voucher_type": None if wish is None else wish.voucher_type,
        "voucher_quantity": None if wish is None else wish.quantity,
    }


def tender_columns(entry: NewTransaction) -> dict[str, Any]:
    """The money part of a mixed payment, as the row has it."""
    tender = entry.tender
    return {
        "tender_amount": None if tender is None else tender.amount,
        "tender_currency": None if tender is None else tender.currency,
        "tender_kind": None if tender is None else tender.kind,
    }


def lines_document(lines: Sequence[LineItem]) -> list[list[Any]] | None:
    """Line items as the row keeps them: an array of [product, quantity, amount, attributes]."""
    return [[line.product, line.quantity, line.amount, line.attributes] for line in lines] or None


def lines_json(lines: Sequence[LineItem]) -> str | None:
    """The same as text."""
    document = lines_document(lines)
    return None if document is None else encode(document)


def read_lines(stored: Any) -> tuple[LineItem, ...]:
    """Line items from a row."""
    return tuple(
        LineItem(product, _exact(quantity), _exact(amount), attributes)
        for product, quantity, amount, attributes in stored or ()
    )


def _exact(value: Any) -> Decimal | None:
    return None if value is None else Decimal(value)


def transaction_of(row: Row[Any]) -> Transaction:
    """A transaction as it is shown."""
    points = None if row.points is None else from_units(row.points, row.decimals)
    return Transaction(
        id=row.id, program_id=row.program_id, member_id=row.member_id, type=row.type, sub_type=row.sub_type,
        status=row.status, sub_status=row.sub_status, transaction_date=row.transaction_date,
        processed_at=row.processed_at, created_at=row.created_at, created_by_id=row.created_by_id,
        product_id=row.product_id, amount=plain(row.amount), currency=row.currency, quantity=plain(row.quantity),
        line_items=read_lines(row.line_items), attributes=row.attributes or {}, partner_id=row.partner_id,
        base_points=plain(row.base_points), point_type_id=row.point_type_id, qualifying=row.qualifying, points=points,
        submit_to_id=row.submit_to_id, external=row.external, source=row.source, external_id=row.external_id,
        comment=row.comment, totals=read_totals(row.totals), attempts=row.attempts, version=row.version,
        voucher=_voucher(row), tender=_tender(row), hold_id=row.hold_id, follows_id=row.follows_id,
        other_member_id=row.other_member_id, cancels_id=row.cancels_id, refund_lines=read_refund_lines(row.refund),
        refund_share=read_share(row.refund),
        loan_id=row.loan_id, disputes_id=row.disputes_id,
    )  # fmt: skip


def _voucher(row: Row[Any]) -> VoucherWish | None:
    if row.voucher_quantity is None:
        return None
    return VoucherWish(row.voucher_number, row.voucher_type, row.voucher_quantity)


def _tender(row: Row[Any]) -> Tender | None:
    return None if row.tender_amount is None else Tender(exact(row.tender_amount), row.tender_currency, row.tender_kind)


def plain(value: Decimal | None) -> Decimal | None:
    """A stored decimal without the zeros that its column adds."""
    if value is None:
        return None
    short = value.normalize()
    return short.quantize(Decimal(1)) if short == short.to_integral_value() else short


@lru_cache(maxsize=KNOWN_SCOPES)
def in_scope(query: Select[Any], scope: Scope) -> Select[Any]:
    """The query, for the rows that somebody may see."""
    if scope.program_id is not None:
        query = query.where(t.transaction.c.program_id == scope.program_id)
    if scope.partner_id is not None:
        query = query.where(t.transaction.c.partner_id == scope.partner_id)
    if scope.member_id is not None:
        query = query.where(t.transaction.c.member_id == scope.member_id)
    return query


async def load_many(reader: Reader, scope: Scope, ids: Sequence[int]) -> list[Transaction | None]:
    """The transactions with these ids, in their order; None for one that the scope does not show."""
    rows = await reader.execute(in_scope(BY_IDS, scope), {"ids": list(ids)})
    found = {row.id: transaction_of(row) for row in rows}
    return [found.get(each) for each in ids]
