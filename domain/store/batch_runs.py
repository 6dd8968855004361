"""Runs of the batch engine as rows, and what every worker has counted for them.

A worker counts in rows of its own, in the commit that works what it counts, so that workers never wait for each other.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, DateTime, Row, Select, any_, bindparam, exists, func, select, update
from sqlalchemy.dialects.postgresql import ARRAY, insert

from domain.batch_runs import BatchRun, BatchRunState, WorkerCount
from domain.people import Scope
from domain.store import tables as t
from domain.store.bulk import BulkInsert
from domain.store.database import Reader, Writer
from domain.store.keyset import Listing, Order
from domain.transactions import SubStatus

_r, _c, _q = t.batch_run.c, t.batch_count.c, t.queued.c
IDS = bindparam("ids", type_=ARRAY(BigInteger))
KEY = bindparam("key", type_=BigInteger)
NOW = bindparam("now", type_=DateTime(timezone=True))
LINGER = timedelta(minutes=1)
"""How long a continuous run stays open when nothing waits."""
OPEN = (BatchRunState.RUNNING, BatchRunState.STOPPING)

_counts = select(
    func.coalesce(
        func.jsonb_agg(func.jsonb_build_array(_c.worker, _c.sub_status, _c.count, _c.counted_at)),
        func.jsonb_build_array(),
    )
).where(_c.run_id == _r.id)
# In one statement with the run, so that both are of one moment.
ROWS: Select[Any] = select(t.batch_run, _counts.scalar_subquery().label("counts"))
BY_IDS = ROWS.where(_r.id == any_(IDS))
UNFINISHED = ROWS.where(_r.program_id == bindparam("program_id"), _r.state != BatchRunState.DONE)
LOCK = select(_r.id).where(_r.id == KEY).with_for_update(key_share=True)
LOCK_UNFINISHED = (
    select(_r.id)
    .where(_r.program_id == bindparam("program_id"), _r.state != BatchRunState.DONE)
    .with_for_update(key_share=True)
)
STATE = select(_r.state).where(_r.id == KEY)
_worked = select(func.coalesce(func.sum(_c.count), 0)).where(_c.run_id == _r.id).scalar_subquery()
_waiting = select(func.count()).where(_q.program_id == _r.program_id).scalar_subquery()
_last = select(func.max(_c.counted_at)).where(_c.run_id == _r.id).scalar_subquery()
_since = func.greatest(func.coalesce(_last, _r.resumed_at), _r.resumed_at) - _r.resumed_at
_idle = ~exists().where(_q.program_id == _r.program_id) & (
    ~_r.continuous | (func.greatest(func.coalesce(_last, _r.resumed_at), _r.resumed_at) < NOW - LINGER)
)
_change = update(t.batch_run).where(_r.id == KEY)

BEGIN = insert(t.batch_run).on_conflict_do_nothing().returning(_r.id)
EXPECT = _change.values(expected=_worked + _waiting)
RESUME = _change.values(
    state=BatchRunState.RUNNING, resumed_at=NOW, ended_at=None, failure=None, expected=_worked + _waiting
)
STOPPING = _change.where(_r.state == BatchRunState.RUNNING).values(state=BatchRunState.STOPPING)
HOLD = _change.where(_r.state == BatchRunState.FAILED).values(state=BatchRunState.STOPPED, failure=None)
END = _change.where(_r.state.in_(OPEN)).values(
    state=bindparam("to", type_=_r.state.type), failure=bindparam("failure", type_=_r.failure.type),
    ended_at=NOW, active=_r.active + _since,
)  # fmt: skip
TO_SETTLE = select(_r.id).where((_r.state == BatchRunState.STOPPING) | ((_r.state == BatchRunState.RUNNING) & _idle))
STOPPED = END.where(_r.state == BatchRunState.STOPPING)
DONE = END.where(_r.state == BatchRunState.RUNNING, _idle)

COUNT = BulkInsert(
    "batch_count",
    [
        ("run_id", "bigint"), ("worker", "text"), ("sub_status", "text"), ("count", "bigint"),
        ("counted_at", "timestamptz"),
    ],
    "on conflict (run_id, worker, sub_status) do update"
    " set count = batch_count.count + excluded.count, counted_at = excluded.counted_at",
)  # fmt: skip


def in_scope(query: Select[Any], scope: Scope) -> Select[Any]:
    """The query, for the runs that somebody may see: the host's people, within their program."""
    if scope.partner_id is not None or scope.member_id is not None:
        return query.where(_r.id.is_(None))
    return query if scope.program_id is None else query.where(_r.program_id == scope.program_id)


async def load_many(reader: Reader, scope: Scope, ids: Sequence[int]) -> list[BatchRun | None]:
    """The runs with these ids, in their order; None for one that the scope does not show."""
    rows = await reader.execute(in_scope(BY_IDS, scope), {"ids": list(ids)})
    found = {row.id: run_of(row) for row in rows}
    return [found.get(each) for each in ids]


async def of_id(reader: Reader, run_id: int) -> BatchRun:
    """A run that is there."""
    return run_of((await reader.execute(BY_IDS, {"ids": [run_id]})).one())


async def unfinished(reader: Reader, program_id: int) -> BatchRun | None:
    """The one run of a program that is not DONE."""
    row = (await reader.execute(UNFINISHED, {"program_id": program_id})).one_or_none()
    return None if row is None else run_of(row)


async def lock(writer: Writer, run_id: int) -> BatchRun:
    """A run that is there, as it is now, locked."""
    await writer.execute(LOCK, {"key": run_id})
    return await of_id(writer, run_id)


async def lock_unfinished(writer: Writer, program_id: int) -> BatchRun | None:
    """The one run of a program that is not DONE, locked."""
    await writer.execute(LOCK_UNFINISHED, {"program_id": program_id})
    return await unfinished(writer, program_id)


async def state(reader: Reader, run_id: int) -> BatchRunState:
    """How a run stands."""
    found: BatchRunState = (await reader.execute(STATE, {"key": run_id})).scalar_one()
    return found


async def begin(writer: Writer, program_id: int, started_by_id: int | None, now: datetime, *, continuous: bool) -> bool:
    """A new run; False if somebody else has just begun one."""
    row = {
        "program_id": program_id, "state": BatchRunState.RUNNING, "continuous": continuous,
        "started_by_id": started_by_id, "started_at": now, "resumed_at": now, "active": now - now, "expected": 0,
    }  # fmt: skip
    run_id = (await writer.execute(BEGIN, row)).scalar_one_or_none()
    if run_id is not None:
        await expect(writer, run_id)
    return run_id is not None


async def expect(writer: Writer, run_id: int) -> None:
    """Look how much a run will have worked when all is worked that waits now."""
    await writer.execute(EXPECT, {"key": run_id})


async def resume(writer: Writer, run_id: int, now: datetime) -> None:
    """Let a locked run go on."""
    await writer.execute(RESUME, {"key": run_id, "now": now})


async def stopping(writer: Writer, run_id: int) -> None:
    """No chunk of the run begins any more; one that FAILED is not tried again."""
    await writer.execute(STOPPING, {"key": run_id})
    await writer.execute(HOLD, {"key": run_id})


async def settle(writer: Writer, run_id: int, now: datetime) -> None:
    """STOPPED if it was stopping, DONE if it has nothing left to do; nobody may be working on it."""
    for statement, to in ((STOPPED, BatchRunState.STOPPED), (DONE, BatchRunState.DONE)):
        await writer.execute(statement, {"key": run_id, "now": now, "to": to, "failure": None})


async def fail(writer: Writer, run_id: int, now: datetime, failure: str) -> None:
    """The run met something that it cannot go on from."""
    await writer.execute(END, {"key": run_id, "now": now, "to": BatchRunState.FAILED, "failure": failure})


async def to_settle(reader: Reader, now: datetime) -> Sequence[int]:
    """The runs that are stopping, and those that have nothing left to do."""
    return (await reader.execute(TO_SETTLE, {"now": now})).scalars().all()


async def count(writer: Writer, run_id: int, worker: str, counts: Mapping[SubStatus, int], now: datetime) -> None:
    """Add what a chunk came to, in the chunk's own commit."""
    await COUNT(writer, [(run_id, worker, sub_status.value, count, now) for sub_status, count in counts.items()])


def listing(scope: Scope, program: str | None) -> Listing[BatchRun]:
    """The runs, the newest first."""
    rows = in_scope(ROWS, scope)
    if program is not None:
        rows = rows.where(_r.program_id.in_(select(t.program.c.id).where(t.program.c.code == program)))
    return Listing(rows, Order((_r.id,), descending=True), run_of)


def run_of(row: Row[Any]) -> BatchRun:
    """A run from its row."""
    return BatchRun(
        id=row.id, program_id=row.program_id, state=row.state, continuous=row.continuous,
        started_by_id=row.started_by_id, started_at=row.started_at, resumed_at=row.resumed_at, ended_at=row.ended_at,
        active=row.active, expected=row.expected, failure=row.failure,
        counts=[_count_of(*each) for each in sorted(row.counts)],
    )  # fmt: skip


def _count_of(worker: str, sub_status: str, count: int, counted_at: str) -> WorkerCount:
    return WorkerCount(
        worker=worker,
        sub_status=SubStatus(sub_status),
        count=int(count),
        counted_at=datetime.fromisoformat(counted_at),
    )
