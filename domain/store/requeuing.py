"""What the batch engine rejected, as a list to be worked off, and what became of requests to queue it again.

The list is a table of its own, like the queue: an index over the status of every transaction would cost each of them a write.
A redemption that was refused to somebody's face is not on it: nobody shall make up for it unasked.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import BigInteger, Row, any_, bindparam, delete, select, text
from sqlalchemy.dialects.postgresql import ARRAY, insert

from domain.commands.requeuing import RequeueFilter
from domain.engine import Outcome
from domain.people import Scope
from domain.requeuing import Requeue, RequeuedRow
from domain.store import tables as t
from domain.store.bulk import BulkInsert, BulkUpdate
from domain.store.database import Reader, Writer
from domain.store.transactions import in_scope
from domain.transactions import Status

_b, _t = t.batch_rejection.c, t.transaction.c

REJECTED = BulkInsert(
    "batch_rejection",
    [("transaction_id", "bigint"), ("program_id", "bigint"), ("sub_status", "text")],
    "on conflict (transaction_id) do update set sub_status = excluded.sub_status",
)
FORGET = delete(t.batch_rejection).where(_b.transaction_id == any_(bindparam("ids", type_=ARRAY(BigInteger))))
FOUND = (
    select(_b.transaction_id)
    .join(t.transaction, (_t.id == _b.transaction_id) & (_t.status == Status.REJECTED_ENGINE))
    .order_by(_b.transaction_id)
)
QUEUED = BulkUpdate(
    "transaction",
    [("id", "bigint"), ("status", "text")],
    keys=1,
    suffix=", sub_status = null, processed_at = null, external = false, submit_to_id = null, version = x.version + 1",
)
NEXT_ID = text("select nextval(pg_get_serial_sequence('requeue', 'id'))")
INSERT = insert(t.requeue)
BY_ID = select(t.requeue).where(t.requeue.c.id == bindparam("key"))


async def rejected(writer: Writer, program_id: int, done: Iterable[Outcome]) -> None:
    """Put what a chunk has rejected on the list."""
    rows = [
        (each.transaction_id, program_id, each.sub_status.value)
        for each in done
        if each.status is Status.REJECTED_ENGINE
    ]
    await REJECTED(writer, rows)


async def forget(writer: Writer, ids: Sequence[int]) -> None:
    """Take transactions off the list: somebody cares for them."""
    await writer.execute(FORGET, {"ids": list(ids)})


async def find(reader: Reader, scope: Scope, program_id: int, wanted: RequeueFilter, most: int) -> Sequence[int]:
    """The transactions of a filter, the oldest first."""
    query = in_scope(FOUND, scope).where(_b.program_id == program_id).limit(most)
    if wanted.sub_status:
        query = query.where(_b.sub_status.in_(wanted.sub_status))
    if wanted.partner is not None:
        query = query.where(_t.partner_id.in_(select(t.partner.c.id).where(t.partner.c.code == wanted.partner)))
    if wanted.transaction_date_from is not None:
        query = query.where(_t.transaction_date >= wanted.transaction_date_from)
    if wanted.transaction_date_through is not None:
        query = query.where(_t.transaction_date <= wanted.transaction_date_through)
    found: Sequence[int] = (await reader.execute(query)).scalars().all()
    return found


async def queued(writer: Writer, ids: Sequence[int]) -> None:
    """Rejected transactions that wait again."""
    await QUEUED(writer, [(each, Status.QUEUED.value) for each in ids])
    await forget(writer, ids)


async def next_id(writer: Writer) -> int:
    """The number of a new request."""
    found: int = (await writer.execute(NEXT_ID)).scalar_one()
    return found


async def keep(writer: Writer, requeue: Requeue, person_id: int | None) -> None:
    """Remember what became of a request."""
    rows = [[row.transaction_id, row.code, row.message] for row in requeue.rows]
    row = {
        "id": requeue.id,
        "person_id": person_id,
        "rows": rows,
        "more": requeue.more,
        "created_at": requeue.created_at,
    }
    await writer.execute(INSERT, row)


async def load(reader: Reader, key: int) -> Requeue:
    """What became of an earlier request."""
    return _requeue_of((await reader.execute(BY_ID, {"key": key})).one())


def _requeue_of(row: Row[Any]) -> Requeue:
    rows = [RequeuedRow(transaction_id=int(key), code=code, message=message) for key, code, message in row.rows]
    return Requeue(id=row.id, rows=rows, more=row.more, created_at=row.created_at)
