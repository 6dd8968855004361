"""The ceiling of the batch benchmark: a bare program that writes the rows that the engine wrote, for other members.

It reads nothing, decides nothing and has all rows in memory before its clock starts; tables, indexes, triggers, durability and
the number of processes are the same. Run as `python -m bench.batch_ceiling URL FIRST LAST SHIFT_T SHIFT_M CHUNK`.
"""

import asyncio
import json
import sys
import time
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import asyncpg

COLUMNS = {
    "lot": (
        "member_id, transaction_id, position, program_id, point_type_id, qualifying, origin, promotion_id, points, remaining,"
        " open, transaction_date, effective_on, expires_on, extends_by, created_at"
    ),
    "decision": "transaction_id, attempt, member_id, program_version, body, created_at",
}
READ = "select {columns} from {table} where transaction_id between $1 and $2 order by transaction_id"
RESULTS = """
select id, status, sub_status, processed_at, base_points, totals::text as totals, attempts, member_id, transaction_date
from transaction where id between $1 and $2 order by id
"""
MEMBERS = "select id, attributes::text as attributes, counters::text as counters from member where id = any($1)"
BALANCES = """
select member_id, point_type_id, available, held, pending, earned, redeemed, expired, lifetime_qualifying, loan_outstanding,
       changes_on from balance where member_id = any($1)
"""
SET_RESULTS = """
update transaction x set status = u.c1, sub_status = u.c2, processed_at = u.c3, base_points = u.c4, totals = u.c5::jsonb,
       attempts = u.c6, version = x.version + 1
from unnest($1::bigint[], $2::text[], $3::text[], $4::timestamptz[], $5::numeric[], $6::text[], $7::int[])
     u(c0, c1, c2, c3, c4, c5, c6) where x.id = u.c0
"""
SET_MEMBERS = """
update member x set attributes = u.c1::jsonb, counters = u.c2::jsonb, version = x.version + 1
from unnest($1::bigint[], $2::text[], $3::text[]) u(c0, c1, c2) where x.id = u.c0
"""
SET_BALANCES = """
insert into balance select * from unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[],
     $7::bigint[], $8::bigint[], $9::bigint[], $10::bigint[], $11::date[])
on conflict (member_id, point_type_id) do update set available = excluded.available, held = excluded.held,
     pending = excluded.pending, earned = excluded.earned, redeemed = excluded.redeemed, expired = excluded.expired,
     lifetime_qualifying = excluded.lifetime_qualifying, loan_outstanding = excluded.loan_outstanding,
     changes_on = excluded.changes_on
"""
DEQUEUE = """
delete from queued q using unnest($1::bigint[], $2::date[], $3::bigint[]) u(m, d, t)
where q.program_id = $4 and q.member_id = u.m and q.transaction_date = u.d and q.transaction_id = u.t
"""

Rows = list[tuple[Any, ...]]


class Chunk:
    """The rows of one commit."""

    def __init__(self, results: Sequence[Any]) -> None:
        self.results = results
        self.rows: dict[str, Rows] = {}
        self.members: Rows = []
        self.balances: Rows = []


async def _chunks(connection: Any, first: int, last: int, shift: tuple[int, int], size: int) -> list[Chunk]:
    by_transaction: dict[str, dict[int, Rows]] = {name: defaultdict(list) for name in COLUMNS}
    for table, columns in COLUMNS.items():
        names = [name.strip() for name in columns.split(",")]
        for row in await connection.fetch(READ.format(columns=columns, table=table), first, last):
            moved = {
                **row,
                "transaction_id": row["transaction_id"] + shift[0],
                "member_id": row["member_id"] + shift[1],
            }
            by_transaction[table][row["transaction_id"]].append(tuple(moved[name] for name in names))
    results = sorted(await connection.fetch(RESULTS, first, last), key=lambda row: (row["member_id"], row["id"]))
    chunks = [Chunk(results[place : place + size]) for place in range(0, len(results), size)]
    members, balances = await _owned(connection, [row["member_id"] for row in results], shift[1])
    for chunk in chunks:
        for table, found in by_transaction.items():
            chunk.rows[table] = [row for each in chunk.results for row in found[each["id"]]]
        ids = dict.fromkeys(row["member_id"] for row in chunk.results)
        chunk.members = [members[each] for each in ids]
        chunk.balances = [row for each in ids for row in balances[each]]
        chunk.results = [
            (row["id"] + shift[0], *list(row)[1:7], row["member_id"] + shift[1], row["transaction_date"])
            for row in chunk.results
        ]
    return chunks


async def _owned(connection: Any, ids: list[int], shift: int) -> tuple[dict[int, tuple[Any, ...]], dict[int, Rows]]:
    members = {row[0]: (row[0] + shift, *list(row)[1:]) for row in await connection.fetch(MEMBERS, ids)}
    balances: dict[int, Rows] = defaultdict(list)
    for row in await connection.fetch(BALANCES, ids):
        balances[row[0]].append((row[0] + shift, *list(row)[1:]))
    return members, balances


async def _write(connection: Any, chunk: Chunk, program_id: int) -> None:
    async with connection.transaction():
        for table, columns in COLUMNS.items():
            names = [name.strip() for name in columns.split(",")]
            await connection.copy_records_to_table(table, records=chunk.rows[table], columns=names)
        await connection.execute(SET_BALANCES, *_columns(chunk.balances))
        await connection.execute(SET_MEMBERS, *_columns(chunk.members))
        ids, *results, members, dates = _columns(chunk.results)
        await connection.execute(SET_RESULTS, ids, *results)
        await connection.execute(DEQUEUE, members, dates, ids, program_id)


def _columns(rows: Sequence[Any]) -> list[list[Any]]:
    return [list(column) for column in zip(*rows, strict=True)]


async def main(url: str, numbers: list[int]) -> None:
    """Get ready, wait for a line on standard input, write, and print the seconds."""
    first, last, shift_t, shift_m, size = numbers
    connection = await asyncpg.connect(url)
    chunks = await _chunks(connection, first, last, (shift_t, shift_m), size)
    program_id = await connection.fetchval("select program_id from transaction where id = $1", first + shift_t)
    print("ready", flush=True)
    sys.stdin.readline()
    began = time.perf_counter()
    for chunk in chunks:
        await _write(connection, chunk, program_id)
    seconds = time.perf_counter() - began
    print(json.dumps({"seconds": seconds, "transactions": last - first + 1}), flush=True)
    await connection.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], [*map(int, sys.argv[2:])]))
