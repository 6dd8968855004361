"""Partner transactions: written once, together with what they change of their block."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, insert, text

from domain.partner_transactions import Direction, NewPartnerTransaction, PartnerTransaction
from domain.store import tables as t
from domain.store.database import Writer
from domain.store.numbers import exact

FIELDS = NewPartnerTransaction.__slots__
MOVE_POINTS = text("update point_block set remaining = remaining + cast(:points as numeric) where id = :block_id")
NEXT_ID = text("select nextval(pg_get_serial_sequence('partner_transaction', 'id'))")


async def next_id(writer: Writer) -> int:
    """The number of one that is about to be written."""
    return int((await writer.execute(NEXT_ID)).scalar_one())


async def post(
    writer: Writer, rows: Sequence[NewPartnerTransaction], *, key: int | None = None
) -> list[PartnerTransaction]:
    """Write them, and move the points of their locked blocks; `key` is the number of the first, if one was taken for it."""
    written = []
    for index, row in enumerate(rows):
        number = {"id": key} if key is not None and index == 0 else {}
        values = {name: getattr(row, name) for name in FIELDS} | number
        statement = insert(t.partner_transaction).values(**values).returning(t.partner_transaction)
        written.append(partner_transaction_of((await writer.execute(statement)).one()))
        if row.points is not None:
            points = row.points if row.direction is Direction.CREDIT else -row.points
            await writer.execute(MOVE_POINTS, {"points": points, "block_id": row.block_id})
    return written


def partner_transaction_of(row: Row[Any]) -> PartnerTransaction:
    """A partner transaction from its row."""
    values = {name: getattr(row, name) for name in FIELDS}
    for name in ("amount", "price"):
        values[name] = None if values[name] is None else exact(values[name])
    return PartnerTransaction(id=row.id, created_at=row.created_at, **values)
