"""What a bill is made of: points given on postpaid terms by rate, and fees in money. Rows are selected by the day of processing."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import BigInteger, Date, Select, bindparam, func, select

from domain.billing import BillFee, BillLine, ChargeKind, owed
from domain.currencies import as_written
from domain.partner_transactions import PartnerTransactionKind
from domain.store import tables as t
from domain.store.database import Reader
from domain.store.numbers import exact

_e, _p = t.billing_entry.c, t.partner_transaction.c
PROGRAM = bindparam("program_id", type_=BigInteger)
PARTNER = bindparam("partner_id", type_=BigInteger)
FROM, THROUGH = bindparam("from_on", type_=Date), bindparam("through_on", type_=Date)

LINES: Select[Any] = (
    select(
        t.point_type.c.code.label("point_type"), t.promotion.c.code.label("promotion"), _e.price, _e.percentage,
        _e.currency, func.count().label("entries"), func.sum(_e.points).label("points"),
    )
    .join_from(t.billing_entry, t.point_type, t.point_type.c.id == _e.point_type_id)
    .outerjoin(t.promotion, t.promotion.c.id == _e.promotion_id)
    .where(_e.program_id == PROGRAM, _e.partner_id == PARTNER, _e.posted_on.between(FROM, THROUGH))
    .group_by(t.point_type.c.code, t.promotion.c.code, _e.price, _e.percentage, _e.currency)
    .order_by(
        t.point_type.c.code, t.promotion.c.code.nulls_first(), _e.currency, _e.price, _e.percentage
    )
)  # fmt: skip

FEES: Select[Any] = (
    select(_p.id, _p.posted_on, _p.kind, _p.description, _p.reason_code, _p.amount, _p.currency)
    .where(_p.program_id == PROGRAM, _p.partner_id == PARTNER, _p.posted_on.between(FROM, THROUGH))
    .where(_p.amount.is_not(None))
    .order_by(_p.posted_on, _p.id)
    .limit(bindparam("most"))
)
KINDS = {PartnerTransactionKind.FEE: ChargeKind.FEE, PartnerTransactionKind.REFUND: ChargeKind.REFUND}


async def lines(reader: Reader, program_id: int, partner_id: int, starts_on: date, ends_on: date) -> list[BillLine]:
    """Points given in a period, per point type, promotion and rate; what was taken back of them is taken off."""
    given = {"program_id": program_id, "partner_id": partner_id, "from_on": starts_on, "through_on": ends_on}
    return [
        BillLine(
            point_type=row.point_type, promotion=row.promotion, entries=row.entries, points=exact(row.points),
            price=exact(row.price), percentage=exact(row.percentage),
            amount=owed(row.points, row.price, row.percentage, row.currency), currency=row.currency,
        )
        for row in await reader.execute(LINES, given)
    ]  # fmt: skip


async def fees(
    reader: Reader, program_id: int, partner_id: int, period: tuple[date, date], most: int
) -> Sequence[BillFee]:
    """The first `most` fees in money of a period and their refunds, which are below zero."""
    given = {"program_id": program_id, "partner_id": partner_id, "from_on": period[0], "through_on": period[1]}
    return [
        BillFee(
            id=row.id, posted_on=row.posted_on, kind=KINDS[row.kind], description=row.description,
            reason_code=row.reason_code, currency=row.currency,
            amount=as_written(row.amount if row.kind is PartnerTransactionKind.FEE else -row.amount, row.currency),
        )
        for row in await reader.execute(FEES, {**given, "most": most})
    ]  # fmt: skip
