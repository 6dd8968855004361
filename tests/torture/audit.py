"""The audit: what the account says beside what the database says, and every invariant of the ledger."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import asyncpg

from domain.services.verify import verify
from domain.store.database import Database
from tests.torture.account import QUEUED, Account

LABELLED = "select comment, status, attempts, count(*) from transaction where program_id = $1 and follows_id is null group by 1, 2, 3"
FOLLOWED = "select count(*) from transaction where program_id = $1 and follows_id is not null"
LEFT = (
    "select m.number, coalesce(sum(l.remaining), 0)::bigint from member m left join lot l on l.member_id = m.id"
    " where m.program_id = $1 group by 1"
)
BALANCES = (
    "select m.number, coalesce(sum(b.available + b.held), 0)::bigint from member m left join balance b on b.member_id = m.id"
    " where m.program_id = $1 group by 1"
)
HOLDS = "select comment, status, captured, points, count(*) over (partition by comment) from point_hold where program_id = $1"
BLOCK = "select original - remaining from point_block where program_id = $1"
OUT_OF_TIME = (
    "select id from transaction where program_id = $1 and not (created_at between $2 and $3"
    " and coalesce(processed_at, $2) between $2 and $3"
    " and transaction_date between ($2 at time zone 'UTC')::date and ($3 at time zone 'UTC')::date)"
)
NOW = "select clock_timestamp()"
FINAL = {"PROCESSED", "REJECTED_ENGINE"}


async def audit(url: str, database: Database, program_id: int, account: Account, began: datetime) -> list[str]:
    """Everything that is not as the account has it; nothing is what one hopes for."""
    connection = await asyncpg.connect(url)
    try:
        wrong = [*_rows(account, await connection.fetch(LABELLED, program_id))]
        followed = await connection.fetchval(FOLLOWED, program_id)
        if followed != account.transfers:
            wrong.append(f"{account.transfers} transfers were accepted, and {followed} arrived")
        for what, statement in (("lots", LEFT), ("balances", BALANCES)):
            wrong += _points(what, account, await connection.fetch(statement, program_id))
        wrong += _holds(account, await connection.fetch(HOLDS, program_id))
        drawn = await connection.fetchval(BLOCK, program_id)
        if drawn != account.drawn:
            wrong.append(f"the block has given {drawn} points, and should have given {account.drawn}")
        ended = await connection.fetchval(NOW)
        late = await connection.fetch(OUT_OF_TIME, program_id, began, ended)
        wrong += [f"transaction {row[0]} has a time that is not the database's" for row in late]
    finally:
        await connection.close()
    async for finding in verify(database):
        wrong += [f"verify: {finding.invariant.name}: {each}" for each in finding.violations]
    return wrong


def _rows(account: Account, found: list[Any]) -> Iterator[str]:
    """Of every label the one row it should have; a queued one is settled first."""
    times: Counter[str] = Counter()
    for label, status, attempts, count in found:
        times[label] += count
        if account.rows.get(label) == QUEUED and status in FINAL:
            if status != "PROCESSED" and account.waiting[label].points > 0:
                yield f"{label} was queued to earn points, and is {status}"
            account.settle(label, status)
        if account.rows.get(label) != status:
            yield f"{label} should be {account.rows.get(label)}, and is {status}"
        if attempts != 1:
            yield f"{label} was worked {attempts} times"
    for label, expected in account.rows.items():
        if times[label] != (expected is not None):
            yield f"{label} should be there {'once' if expected else 'never'}, and is there {times[label]} times"


def _points(what: str, account: Account, found: list[Any]) -> Iterator[str]:
    for number, points in found:
        if points != account.points[number]:
            yield f"member {number} should own {account.points[number]} points, and owns {points} by {what}"


def _holds(account: Account, found: list[Any]) -> Iterator[str]:
    """Every hold once; captured as the account says, or still there, or ended without anything."""
    seen = set()
    for label, status, captured, points, times in found:
        seen.add(label)
        hold = account.holds.get(label)
        if hold is None or times != 1:
            yield f"hold {label} should be there {'once' if hold else 'never'}, and is there {times} times"
            continue
        if (captured, points) != (hold.captured, hold.points):
            yield f"hold {label} of {hold.points} should have {hold.captured} captured, and has {captured} of {points}"
        if status == "HELD" and not hold.open:
            yield f"hold {label} should have ended, and is {status}"
    for label, hold in account.holds.items():
        if hold is not None and label not in seen:
            yield f"hold {label} should be there, and is not"
