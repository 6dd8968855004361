"""How much waits in the database and for how long, for all processes together: the queue, the outbox, the jobs.

Counting is bounded: beyond MOST it is only known that there is more.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, literal, select

from domain.deliveries import DeliveryStatus
from domain.store import tables as t
from domain.store.database import Reader

MOST = 100_000

_q, _o, _j = t.queued.c, t.outbox.c, t.job.c
_some = select(_q.transaction_id).limit(MOST).subquery()
_queue = select(func.count().label("queued"), func.min(_some.c.transaction_id).label("oldest")).subquery()
_since = select(t.transaction.c.created_at).where(t.transaction.c.id == _queue.c.oldest).scalar_subquery()
_due = (
    select(_o.due_at).where(_o.status == DeliveryStatus.WAITING.value, _o.due_at <= func.now()).limit(MOST).subquery()
)


def _seconds(since: Any) -> Any:
    return func.coalesce(func.extract("epoch", func.now() - since), literal(0))


DEPTHS = select(
    _queue.c.queued,
    _seconds(_since).label("queue_age"),
    select(func.count()).select_from(_due).scalar_subquery().label("outbox"),
    _seconds(select(func.min(_due.c.due_at)).scalar_subquery()).label("outbox_age"),
    select(func.count()).where(_j.failures > 0).scalar_subquery().label("failing_jobs"),
    _seconds(select(func.min(_j.next_run_at)).where(_j.next_run_at <= func.now()).scalar_subquery()).label("job_delay"),
)


@dataclass(frozen=True, slots=True)
class Depths:
    """Counts, up to MOST, and ages in seconds: since the oldest of what was counted was recorded, or was due."""

    queued: int
    queue_age: int
    outbox: int
    outbox_age: int
    failing_jobs: int
    job_delay: int


async def depths(reader: Reader) -> Depths:
    """What waits now."""
    row = (await reader.execute(DEPTHS)).one()
    return Depths(
        row.queued, int(row.queue_age), row.outbox, int(row.outbox_age), row.failing_jobs, max(0, int(row.job_delay))
    )
