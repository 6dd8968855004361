"""The queue of the batch engine: which transactions wait, by member, date and number.

A row is removed in the commit that processes its transaction, so that stopping anywhere loses and doubles nothing.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Row, bindparam, exists, func, select, text

from domain.store import tables as t
from domain.store.bulk import BulkInsert
from domain.store.database import Reader, Writer
from domain.transactions import Transaction

INSERT = BulkInsert(
    "queued",
    [("program_id", "bigint"), ("member_id", "bigint"), ("transaction_date", "date"), ("transaction_id", "bigint")],
)
_q = t.queued.c
NEXT = (
    select(t.queued)
    .where(_q.program_id == bindparam("program_id"), _q.member_id > bindparam("after"))
    .where(_q.transaction_date <= bindparam("through"))
    .order_by(_q.program_id, _q.member_id, _q.transaction_date, _q.transaction_id)
    .limit(bindparam("most"))
)
COUNT = select(func.count()).select_from(t.queued).where(_q.program_id == bindparam("program_id"))
# A look into the index per program: distinct would read every row that waits.
PROGRAMS = select(t.program.c.id).where(exists().where(_q.program_id == t.program.c.id)).order_by(t.program.c.id)
REMOVE = text(
    "delete from queued q using unnest(cast(:programs as bigint[]), cast(:members as bigint[]), cast(:dates as date[]),"
    " cast(:ids as bigint[])) as u(program_id, member_id, transaction_date, transaction_id)"
    " where (q.program_id, q.member_id, q.transaction_date, q.transaction_id)"
    " = (u.program_id, u.member_id, u.transaction_date, u.transaction_id) returning q.transaction_id"
)

Key = tuple[int, int, date, int]


async def add(writer: Writer, keys: Iterable[Key]) -> None:
    """Let transactions wait: (program, member, date, transaction)."""
    await INSERT(writer, keys)


async def remove(writer: Writer, transactions: Iterable[Transaction]) -> None:
    """These wait no longer."""
    await take(writer, [(each.program_id, each.member_id, each.transaction_date, each.id) for each in transactions])


async def take(writer: Writer, keys: Sequence[Key]) -> set[int]:
    """Remove rows; those that were still there, which nobody else can take now."""
    if not keys:
        return set()
    programs, members, dates, ids = (list(column) for column in zip(*keys, strict=True))
    rows = await writer.execute(REMOVE, {"programs": programs, "members": members, "dates": dates, "ids": ids})
    return set(rows.scalars())


async def upcoming(
    reader: Reader, program_id: int, after: int, most: int, through: date = date.max
) -> Sequence[Row[Any]]:
    """The next rows of members above `after`, in the order in which they are worked."""
    rows = await reader.execute(NEXT, {"program_id": program_id, "after": after, "most": most, "through": through})
    return rows.all()


async def count(reader: Reader, program_id: int) -> int:
    """How many transactions of a program wait."""
    return (await reader.execute(COUNT, {"program_id": program_id})).scalar_one()


async def waiting_programs(reader: Reader) -> Sequence[int]:
    """The programs for which something waits."""
    return (await reader.execute(PROGRAMS)).scalars().all()
