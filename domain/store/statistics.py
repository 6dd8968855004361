"""Figures over all members of a program, summed from the ledger itself, never from the balances that are caches of it."""

from datetime import date
from decimal import Decimal

from sqlalchemy import BigInteger, Date, bindparam, cast, func, select, union_all

from domain.points import from_units
from domain.programs import PointType
from domain.statistics import MonthOfPoints, PointsOfPromotion
from domain.store import tables as t
from domain.store.database import Reader
from domain.transactions import SubType

POINT_TYPE = bindparam("point_type_id", type_=BigInteger)

_lot_month = cast(func.date_trunc("month", t.lot.c.transaction_date), Date)
_month = cast(func.date_trunc("month", t.transaction.c.transaction_date), Date)
_expiry = t.transaction.c.sub_type == SubType.EXPIRY

ISSUED = select(_lot_month, func.sum(t.lot.c.points)).where(t.lot.c.point_type_id == POINT_TYPE).group_by(_lot_month)
TAKEN = (
    select(
        _month,
        func.coalesce(func.sum(t.lot_use.c.points).filter(~_expiry), 0),
        func.coalesce(func.sum(t.lot_use.c.points).filter(_expiry), 0),
    )
    .join_from(t.lot_use, t.transaction, t.transaction.c.id == t.lot_use.c.transaction_id)
    .where(t.lot_use.c.point_type_id == POINT_TYPE)
    .group_by(_month)
)
_given = union_all(
    select(t.lot.c.promotion_id, t.lot.c.points).where(
        t.lot.c.point_type_id == POINT_TYPE, t.lot.c.promotion_id.is_not(None)
    ),
    select(t.promotion_payout.c.promotion_id, t.lot.c.points)
    .join_from(
        t.promotion_payout,
        t.transaction,
        t.transaction.c.id == t.promotion_payout.c.transaction_id,
    )
    .join(
        t.lot,
        (t.lot.c.member_id == t.transaction.c.member_id) & (t.lot.c.transaction_id == t.transaction.c.id),
    )
    .where(t.lot.c.point_type_id == POINT_TYPE, t.lot.c.promotion_id.is_(None)),
).subquery()
PROMOTIONS = (
    select(t.promotion.c.code, t.promotion.c.name, func.count(), func.sum(_given.c.points))
    .join_from(t.promotion, _given, _given.c.promotion_id == t.promotion.c.id)
    .group_by(t.promotion.c.code, t.promotion.c.name)
    .order_by(t.promotion.c.code)
)


async def by_promotion(reader: Reader, point_type: PointType) -> list[PointsOfPromotion]:
    """Every promotion that has given something, by its code."""
    return [
        PointsOfPromotion(code, name, lots, from_units(int(units), point_type.decimals))
        for code, name, lots, units in await reader.execute(PROMOTIONS, {"point_type_id": point_type.id})
    ]


async def by_month(reader: Reader, point_type: PointType) -> list[MonthOfPoints]:
    """Every month in which something happened, in order."""
    asked = {"point_type_id": point_type.id}
    issued: dict[date, Decimal] = {row[0]: row[1] for row in await reader.execute(ISSUED, asked)}
    taken: dict[date, tuple[Decimal, Decimal]] = {row[0]: row[1:] for row in await reader.execute(TAKEN, asked)}

    def points(units: Decimal | int) -> Decimal:
        return from_units(int(units), point_type.decimals)

    return [
        MonthOfPoints(month, points(issued.get(month, 0)), *map(points, taken.get(month, (0, 0))))
        for month in sorted(issued.keys() | taken.keys())
    ]
