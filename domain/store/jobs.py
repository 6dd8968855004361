"""Jobs as rows: whoever claims a due job has it alone for a while, so that two schedulers fire once.

A claim that is not followed by `finish` lapses by itself: what a killed worker had begun comes up again.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    DateTime,
    Row,
    Select,
    Text,
    any_,
    bindparam,
    column,
    false,
    func,
    literal,
    null,
    or_,
    select,
    true,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY, insert

from domain.jobs import Job, JobOutcome
from domain.people import Scope
from domain.store import tables as t
from domain.store.database import Reader, Writer

MOST = 100
"""How many jobs are claimed at once."""

NOW = bindparam("now", type_=DateTime(timezone=True))
UNTIL = bindparam("until", type_=DateTime(timezone=True))
NEXT = bindparam("next", type_=DateTime(timezone=True))
SINCE = bindparam("since", type_=DateTime(timezone=True))
NAME = bindparam("job", type_=Text)
KINDS = bindparam("kinds", type_=ARRAY(Text))
_j = t.job.c

ROWS: Select[Any] = select(
    t.job, t.program.c.code.label("program"), func.coalesce(t.program.c.time_zone, "UTC").label("time_zone")
).select_from(t.job.outerjoin(t.program, _j.program_id == t.program.c.id))
ALL = ROWS.where(_j.kind == any_(KINDS)).order_by(_j.name)
LOCK = ROWS.where(_j.name == NAME).with_for_update(of=t.job)
DUE = (
    ROWS.where(_j.kind == any_(KINDS), _j.next_run_at <= NOW, or_(_j.claimed_until.is_(None), _j.claimed_until <= NOW))
    .order_by(_j.next_run_at)
    .limit(MOST)
    .with_for_update(of=t.job, skip_locked=True)
)
_ONE = update(t.job).where(_j.name == NAME)
_MINE = _ONE.where(_j.last_started_at == SINCE, _j.claimed_until.is_not(None))
CLAIM = _ONE.values(claimed_until=UNTIL, last_started_at=NOW, begun=false())
BEGIN = _ONE.where(_j.claimed_until.is_not(None), ~_j.begun).values(begun=true()).returning(_j.last_started_at)
EXTEND = _MINE.values(claimed_until=UNTIL).returning(_j.name)
RELEASE = _MINE.values(claimed_until=None, begun=false())
END = {
    "claimed_until": None, "last_finished_at": NOW, "next_run_at": NEXT,
    "last_outcome": bindparam("outcome", type_=_j.last_outcome.type), "last_result": bindparam("result", type_=Text),
}  # fmt: skip
FAILED = JobOutcome.FAILED
FINISH = _MINE.values(**END, failures=0)
FAIL = _MINE.values(**END, failures=_j.failures + 1)
SKIP = _ONE.values(last_outcome=JobOutcome.SKIPPED, last_result=bindparam("result", type_=Text), next_run_at=NEXT)
PULL = _ONE.values(next_run_at=NOW)

_kinds = func.unnest(KINDS).table_valued(column("kind", Text)).render_derived(name="kinds")
_kind = _kinds.c.kind
_name = (_kind + literal(" ", Text) + t.program.c.code).label("name")
_COLUMNS = ["name", "kind", "program_id", "next_run_at"]
_each = t.program.join(_kinds, true())
_of_programs = select(_name, _kind, t.program.c.id, NOW).select_from(_each).where(_name.not_in(select(_j.name)))
_of_all = select(_kind, _kind, null(), NOW).where(_kind.not_in(select(_j.name)))
ADD_OF_PROGRAMS = insert(t.job).from_select(_COLUMNS, _of_programs).on_conflict_do_nothing()
ADD_OF_ALL = insert(t.job).from_select(_COLUMNS, _of_all).on_conflict_do_nothing()


async def add_missing(writer: Writer, of_programs: Collection[str], of_all: Collection[str], now: datetime) -> None:
    """Give every program its jobs, and the installation its own; a new one is due at once."""
    await writer.execute(ADD_OF_PROGRAMS, {"kinds": list(of_programs), "now": now})
    await writer.execute(ADD_OF_ALL, {"kinds": list(of_all), "now": now})


async def due(writer: Writer, kinds: Collection[str], now: datetime) -> Sequence[Job]:
    """The jobs that are due and that nobody else has, locked."""
    return [job_of(row) for row in await writer.execute(DUE, {"kinds": list(kinds), "now": now})]


async def lock(writer: Writer, name: str) -> Job | None:
    """The job of this name, locked."""
    row = (await writer.execute(LOCK, {"job": name})).one_or_none()
    return None if row is None else job_of(row)


async def claim(writer: Writer, names: Sequence[str], now: datetime, until: datetime) -> None:
    """Have locked jobs alone until then; they come up again, unless they are finished."""
    if names:
        await writer.execute(CLAIM, [{"job": name, "now": now, "until": until} for name in names])


async def skip(writer: Writer, name: str, next_run_at: datetime, result: str) -> None:
    """Let a locked job wait for its next slot."""
    await writer.execute(SKIP, {"job": name, "next": next_run_at, "result": result})


async def pull(writer: Writer, name: str, now: datetime) -> None:
    """Let a locked job be due now."""
    await writer.execute(PULL, {"job": name, "now": now})


async def begin(writer: Writer, name: str) -> datetime | None:
    """Begin a claimed job; since when it is claimed, or None if it is not, or somebody has begun it."""
    found: datetime | None = (await writer.execute(BEGIN, {"job": name})).scalar_one_or_none()
    return found


async def extend(writer: Writer, name: str, since: datetime, until: datetime) -> bool:
    """Keep a job claimed for longer; whether it still was."""
    return (await writer.execute(EXTEND, {"job": name, "since": since, "until": until})).one_or_none() is not None


async def release(writer: Writer, name: str, since: datetime) -> None:
    """Give a claimed job back unfinished: it is due again at once."""
    await writer.execute(RELEASE, {"job": name, "since": since})


async def finish(
    writer: Writer,
    name: str,
    since: datetime,
    *,
    now: datetime,
    next_run_at: datetime,
    outcome: JobOutcome,
    result: str,
) -> None:
    """Say what became of a job claimed since then, and when it is due again."""
    values: Mapping[str, Any] = {"since": since, "now": now, "next": next_run_at, "outcome": outcome, "result": result}
    await writer.execute(FAIL if outcome is FAILED else FINISH, {"job": name, **values})


async def everything(reader: Reader, scope: Scope, kinds: Collection[str]) -> Sequence[Job]:
    """The jobs that somebody may see, by name: those of a program, or also those of the installation."""
    query = ALL if scope.program_id is None else ALL.where(_j.program_id == scope.program_id)
    return [job_of(row) for row in await reader.execute(query, {"kinds": list(kinds)})]


def job_of(row: Row[Any]) -> Job:
    """A job from its row."""
    return Job(
        kind=row.kind, program_id=row.program_id, program=row.program, time_zone=row.time_zone,
        next_run_at=row.next_run_at, claimed_until=row.claimed_until, last_started_at=row.last_started_at,
        last_finished_at=row.last_finished_at, last_outcome=row.last_outcome, last_result=row.last_result,
        failures=row.failures,
    )  # fmt: skip
