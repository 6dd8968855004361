"""The queue of the batch engine: which transactions wait, by member, date and number.

A row is removed in the commit that processes its transaction, so that stopping anywhere loses and doubles nothing.
"""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from sqlalchemy import bindparam, exists, func, select

from domain.batch_runs import BatchRunState
from domain.store import driver
from domain.store import tables as t
from domain.store.bulk import BulkInsert
from domain.store.database import Reader, Writer
from domain.transactions import Transaction

INSERT = BulkInsert(
    "queued",
    [
        ("program_id", "bigint"),
        ("member_id", "bigint"),
        ("transaction_date", "date"),
        ("transaction_id", "bigint"),
        ("other_member_id", "bigint"),
    ],
)
_q = t.queued.c
NEXT = """
select program_id, member_id, transaction_date, transaction_id, other_member_id from queued
where program_id = $1 and member_id > $2 and member_id <= $3 and transaction_date <= $4
order by program_id, member_id, transaction_date, transaction_id limit $5
"""
COUNT = select(func.count()).select_from(t.queued).where(_q.program_id == bindparam("program_id"))
WAITS = select(exists().where(_q.program_id == bindparam("program_id")))
BOUNDS = select(func.min(_q.member_id), func.max(_q.member_id)).where(_q.program_id == bindparam("program_id"))
RETRY = timedelta(minutes=1)
"""How long a program whose run has failed is left alone."""
_r = t.batch_run.c
_held = exists().where(_r.program_id == t.program.c.id).where(
    _r.state.in_((BatchRunState.STOPPING, BatchRunState.STOPPED))
    | ((_r.state == BatchRunState.FAILED) & (_r.ended_at > func.now() - RETRY))
)  # fmt: skip
# A look into the index per program: distinct would read every row that waits.
PROGRAMS = (
    select(t.program.c.id).where(exists().where(_q.program_id == t.program.c.id), ~_held).order_by(t.program.c.id)
)
REMOVE = (
    "delete from queued q using unnest(cast($1 as bigint[]), cast($2 as bigint[]), cast($3 as date[]),"
    " cast($4 as bigint[])) as u(program_id, member_id, transaction_date, transaction_id)"
    " where (q.program_id, q.member_id, q.transaction_date, q.transaction_id)"
    " = (u.program_id, u.member_id, u.transaction_date, u.transaction_id) returning q.transaction_id"
)

LAST = 2**63 - 1
"""Above every member."""
Key = tuple[int, int, date, int, int | None]
"""Program, member, date, transaction, and the other member whom it touches."""


class Waiting(NamedTuple):
    """A key with its parts by name."""

    program_id: int
    member_id: int
    transaction_date: date
    transaction_id: int
    other_member_id: int | None


def key_of(transaction: Transaction) -> Key:
    """How a transaction waits."""
    each = transaction
    return each.program_id, each.member_id, each.transaction_date, each.id, each.other_member_id


async def add(writer: Writer, keys: Iterable[Key]) -> None:
    """Let transactions wait."""
    await INSERT(writer, keys)


async def remove(writer: Writer, transactions: Iterable[Transaction]) -> None:
    """These wait no longer."""
    await take(writer, [key_of(each) for each in transactions])


async def take(writer: Writer, keys: Sequence[Key]) -> set[int]:
    """Remove rows; those that were still there, which nobody else can take now."""
    if not keys:
        return set()
    rows = await driver.fetch(writer, REMOVE, *list(zip(*keys, strict=True))[:4])
    return {row[0] for row in rows}


async def upcoming(
    reader: Reader, program_id: int, after: int, most: int, through: date = date.max, *, last: int = LAST
) -> list[Waiting]:
    """The next rows of members above `after`, up to the member `last`, in the order in which they are worked."""
    return list(map(Waiting._make, await driver.fetch(reader, NEXT, program_id, after, last, through, most)))


async def bounds(reader: Reader, program_id: int) -> tuple[int, int] | None:
    """The lowest and the highest member for whom something waits."""
    lowest, highest = (await reader.execute(BOUNDS, {"program_id": program_id})).one()
    return None if lowest is None else (lowest, highest)


async def count(reader: Reader, program_id: int) -> int:
    """How many transactions of a program wait."""
    return (await reader.execute(COUNT, {"program_id": program_id})).scalar_one()


async def waits(reader: Reader, program_id: int) -> bool:
    """Whether anything of a program waits."""
    found: bool = (await reader.execute(WAITS, {"program_id": program_id})).scalar_one()
    return found


async def waiting_programs(reader: Reader) -> Sequence[int]:
    """The programs for which something waits that may be worked: not those whose run was stopped, or has just failed."""
    return (await reader.execute(PROGRAMS)).scalars().all()
