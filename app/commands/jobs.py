"""`milepost jobs`: what runs by itself, when it last ran and when it runs next."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from app.commands.common import with_runtime

if TYPE_CHECKING:
    from app.runtime import Runtime
    from domain.jobs import Job

COLUMNS = ("JOB", "LAST STARTED", "LAST FINISHED", "NEXT RUN", "RESULT")


def jobs() -> None:
    """List the jobs that run by themselves, with their last and next runs (in UTC).

    Example: milepost jobs
    """

    async def read(runtime: "Runtime") -> "Sequence[Job]":
        from domain.services.jobs import jobs_list

        return await jobs_list(runtime.database)

    rows = [_cells(job) for job in with_runtime(read)]
    if not rows:
        print("There are no jobs yet: a worker makes those of every program (milepost work).")
        return
    widths = [max(len(row[column]) for row in (COLUMNS, *rows)) for column in range(len(COLUMNS))]
    for row in (COLUMNS, *rows):
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def _cells(job: "Job") -> tuple[str, ...]:
    moments = (job.last_started_at, job.last_finished_at, job.next_run_at)
    return (job.name, *map(_shown, moments), job.last_result or "")


def _shown(moment: datetime | None) -> str:
    return "never" if moment is None else f"{moment:%Y-%m-%d %H:%M}"
