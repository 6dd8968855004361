"""Jobs as rows: whoever claims a due job has it alone for a while, so that two schedulers fire once.

A claim that is not followed by `finish` lapses by itself: what a killed worker had begun comes up again.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import DateTime, Interval, Row, Text, bindparam, literal, select, update
from sqlalchemy.dialects.postgresql import insert

from domain.jobs import Job, JobKind
from domain.store import tables as t
from domain.store.database import Reader, Writer

NIGHTLY = timedelta(days=1)
MOST = 100
"""How many jobs are claimed at once."""

NOW = bindparam("now", type_=DateTime(timezone=True))
UNTIL = bindparam("until", type_=DateTime(timezone=True))
NAME = bindparam("job", type_=Text)
_j = t.job.c

ALL = select(t.job).order_by(_j.name)
_due = select(_j.name).where(_j.next_run_at <= NOW).order_by(_j.next_run_at).limit(MOST)
_free = _due.with_for_update(skip_locked=True).cte("free")
CLAIM = (
    update(t.job)
    .where(_j.name.in_(select(_free.c.name)))
    .values(last_started_at=NOW, next_run_at=UNTIL)
    .returning(t.job)
)
EXTEND = update(t.job).where(_j.name == NAME).values(next_run_at=UNTIL)
FINISH = EXTEND.values(last_finished_at=NOW, last_result=bindparam("result", type_=Text))


def _add_missing(kind: JobKind) -> Any:
    name = (literal(f"{kind.value} ", Text) + t.program.c.code).label("name")
    missing = select(name, literal(NIGHTLY, Interval), NOW).where(name.not_in(select(_j.name)))
    return insert(t.job).from_select(["name", "every", "next_run_at"], missing).on_conflict_do_nothing()


ADD_MISSING = [_add_missing(kind) for kind in JobKind]


async def add_missing(writer: Writer, now: datetime) -> None:
    """Give every program its jobs; a new one is due at once."""
    for statement in ADD_MISSING:
        await writer.execute(statement, {"now": now})


async def claim(writer: Writer, now: datetime, until: datetime) -> Sequence[Job]:
    """The jobs that are due and that nobody else has; they come up again at `until`, unless they are finished."""
    return [job_of(row) for row in await writer.execute(CLAIM, {"now": now, "until": until})]


async def extend(writer: Writer, name: str, until: datetime) -> None:
    """Keep a claimed job for longer."""
    await writer.execute(EXTEND, {"job": name, "until": until})


async def finish(writer: Writer, name: str, now: datetime, next_run_at: datetime, result: str) -> None:
    """Say what became of a job, and when it is due again."""
    await writer.execute(FINISH, {"job": name, "now": now, "until": next_run_at, "result": result})


async def everything(reader: Reader) -> Sequence[Job]:
    """Every job, by name."""
    return [job_of(row) for row in await reader.execute(ALL)]


def job_of(row: Row[Any]) -> Job:
    """A job from its row, which holds kind and program in its name."""
    kind, _, program = row.name.partition(" ")
    return Job(
        kind=JobKind(kind), program=program, every=row.every, next_run_at=row.next_run_at,
        last_started_at=row.last_started_at, last_finished_at=row.last_finished_at, last_result=row.last_result,
    )  # fmt: skip
