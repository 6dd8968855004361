"""The ledger as it is read: lots, what was taken from them, and what lapses when. Points as people speak them.

A member reads its own rows; a partner's user reads those that came of the partner's transactions.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import Any, TypeVar

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Date,
    Row,
    Select,
    and_,
    exists,
    func,
    literal,
    select,
)

from domain.commands.ledger import LotFilter, LotOrder
from domain.lots import Lot, LotUse
from domain.people import Scope
from domain.points import from_units
from domain.store import tables as t
from domain.store.asked import arrays, asked
from domain.store.database import Reader
from domain.store.effective import expiry
from domain.store.keyset import Listing, Order

K = TypeVar("K", bound=tuple[int, ...])
V = TypeVar("V")

TransactionKey = tuple[int, int]
"""A member and one of its transactions: the ledger is kept by member."""

LotKey = tuple[int, int, int]
"""A member, the transaction that made the lot, and the lot's position there."""

LOT_KEY = ("member_id", "transaction_id", "position")
TRANSACTION_KEY = LOT_KEY[:2]

_EXPIRY = expiry().label("expires_on")

LOTS: Select[Any] = select(
    *(one for one in t.lot.c if one.name != "expires_on"), _EXPIRY, t.point_type.c.code, t.point_type.c.decimals
).join_from(t.lot, t.point_type, t.point_type.c.id == t.lot.c.point_type_id)
"""Every read of lots begins here."""

USES: Select[Any] = select(t.lot_use, t.point_type.c.code, t.point_type.c.decimals).join_from(
    t.lot_use, t.point_type, t.point_type.c.id == t.lot_use.c.point_type_id
)
"""Every read of lot uses begins here."""

ORDERS: dict[LotOrder, tuple[ColumnElement[Any], ...]] = {
    LotOrder.TRANSACTION_DATE: (t.lot.c.transaction_date, t.lot.c.transaction_id, t.lot.c.position),
    LotOrder.EXPIRES_ON: (
        func.coalesce(expiry(), literal(date.max, Date)),
        t.lot.c.transaction_date,
        t.lot.c.transaction_id,
        t.lot.c.position,
    ),
}


def _same(asked: Any, **columns: ColumnElement[int]) -> ColumnElement[bool]:
    return and_(*(asked.c[name] == mine for name, mine in columns.items()))


_transactions = asked(member_id=BigInteger, transaction_id=BigInteger)
_lots = asked(member_id=BigInteger, transaction_id=BigInteger, position=BigInteger)
_lot, _use = t.lot.c, t.lot_use.c

LOTS_OF_TRANSACTIONS = LOTS.join(
    _transactions, _same(_transactions, member_id=_lot.member_id, transaction_id=_lot.transaction_id)
).order_by(_lot.position)
LOTS_BY_KEY = LOTS.join(
    _lots, _same(_lots, member_id=_lot.member_id, transaction_id=_lot.transaction_id, position=_lot.position)
)
USES_OF_TRANSACTIONS = USES.join(
    _transactions, _same(_transactions, member_id=_use.member_id, transaction_id=_use.transaction_id)
).order_by(_use.position)
USES_OF_LOTS = USES.join(
    _lots, _same(_lots, member_id=_use.member_id, transaction_id=_use.lot_transaction_id, position=_use.lot_position)
).order_by(_use.created_at, _use.transaction_id, _use.position)


def in_scope(query: Select[Any], rows: Any, scope: Scope) -> Select[Any]:
    """The query, for the rows (lots or uses) that somebody may see."""
    if scope.program_id is not None:
        query = query.where(t.point_type.c.program_id == scope.program_id)
    if scope.partner_id is not None:
        mine = exists().where(t.transaction.c.id == rows.transaction_id, t.transaction.c.partner_id == scope.partner_id)
        query = query.where(mine)
    if scope.member_id is not None:
        query = query.where(rows.member_id == scope.member_id)
    return query


def lots(scope: Scope, member_id: int, wanted: LotFilter, order: LotOrder, *, descending: bool) -> Listing[Lot]:
    """The lots of a member."""
    query = in_scope(LOTS, _lot, scope).where(_lot.member_id == member_id)
    if wanted.open is not None:
        query = query.where(_lot.open if wanted.open else ~_lot.open)
    if wanted.point_type is not None:
        query = query.where(t.point_type.c.code == wanted.point_type)
    if wanted.qualifying is not None:
        query = query.where(_lot.qualifying == wanted.qualifying)
    return Listing(query, Order(ORDERS[order], descending), lot_of)


async def lots_of_transactions(reader: Reader, scope: Scope, keys: Sequence[TransactionKey]) -> list[list[Lot]]:
    """What each transaction gave, in the order of its awards."""
    rows = await reader.execute(in_scope(LOTS_OF_TRANSACTIONS, _lot, scope), arrays(keys, *TRANSACTION_KEY))
    return _grouped(keys, map(lot_of, rows), lambda lot: (lot.member_id, lot.transaction_id))


async def lots_by_key(reader: Reader, scope: Scope, keys: Sequence[LotKey]) -> list[Lot | None]:
    """The lots with these keys, in their order."""
    rows = await reader.execute(in_scope(LOTS_BY_KEY, _lot, scope), arrays(keys, *LOT_KEY))
    found = {(row.member_id, row.transaction_id, row.position): lot_of(row) for row in rows}
    return [found.get(key) for key in keys]


async def uses_of_transactions(reader: Reader, scope: Scope, keys: Sequence[TransactionKey]) -> list[list[LotUse]]:
    """What each transaction took, in the order in which it paid."""
    rows = await reader.execute(in_scope(USES_OF_TRANSACTIONS, _use, scope), arrays(keys, *TRANSACTION_KEY))
    return _grouped(keys, map(use_of, rows), lambda use: (use.member_id, use.transaction_id))


async def uses_of_lots(reader: Reader, scope: Scope, keys: Sequence[LotKey]) -> list[list[LotUse]]:
    """What was taken from each lot, and put back, in time."""
    rows = await reader.execute(in_scope(USES_OF_LOTS, _use, scope), arrays(keys, *LOT_KEY))
    return _grouped(keys, map(use_of, rows), lambda use: (use.member_id, use.lot_transaction_id, use.lot_position))


def _grouped(keys: Sequence[K], rows: Iterable[V], key: Callable[[V], K]) -> list[list[V]]:
    found: dict[K, list[V]] = {one: [] for one in keys}
    for row in rows:
        found[key(row)].append(row)
    return [found[one] for one in keys]


def lot_of(row: Row[Any]) -> Lot:
    """A lot as it is shown; `expires_on` is the effective one."""
    return Lot(
        member_id=row.member_id, transaction_id=row.transaction_id, position=row.position, point_type=row.code,
        qualifying=row.qualifying, origin=row.origin, promotion_id=row.promotion_id,
        points=from_units(row.points, row.decimals), remaining=from_units(row.remaining, row.decimals),
        transaction_date=row.transaction_date, effective_on=row.effective_on, expires_on=row.expires_on,
        created_at=row.created_at,
    )  # fmt: skip


def use_of(row: Row[Any]) -> LotUse:
    """A lot use as it is shown."""
    return LotUse(
        member_id=row.member_id, transaction_id=row.transaction_id, position=row.position,
        lot_transaction_id=row.lot_transaction_id, lot_position=row.lot_position, point_type=row.code,
        points=from_units(row.points, row.decimals), reverses_transaction_id=row.reverses_transaction_id,
        reverses_position=row.reverses_position, created_at=row.created_at,
    )  # fmt: skip
