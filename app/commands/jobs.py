"""`milepost jobs`: what runs by itself, when it last ran and when it runs next; `milepost jobs start NAME` runs one now."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from app.commands.common import with_runtime

if TYPE_CHECKING:
    from app.runtime import Runtime
    from domain.jobs import Job

app = typer.Typer(
    name="jobs",
    help="List the jobs that run by themselves, with their last and next runs (in UTC), or run one now.",
    invoke_without_command=True,
)

COLUMNS = ("JOB", "WHEN", "LAST STARTED", "LAST FINISHED", "NEXT RUN", "RESULT")


@app.callback()
def jobs(context: typer.Context) -> None:
    """List the jobs that run by themselves, with their last and next runs (in UTC).

    Example: milepost jobs
    """
    if context.invoked_subcommand is not None:
        return

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


@app.command()
def start(
    name: Annotated[list[str], typer.Argument(help="As `milepost jobs` lists it, with its program.", metavar="NAME")],
) -> None:
    """Run a job here and now, whatever its schedule says, and say what it did. Running one twice does nothing twice.

    Example: milepost jobs start EXPIRY GROCER
    """
    job = " ".join(name)

    async def run(runtime: "Runtime") -> str:
        from domain.people import ENGINE
        from domain.services.jobs import job_claim, perform

        await job_claim(runtime.database, ENGINE, job)
        return await perform(runtime.database, runtime.programs, job, lambda: True) or "not finished"

    print(f"{job}: {with_runtime(run)}")


def _cells(job: "Job") -> tuple[str, ...]:
    from domain.services.job_list import BY_CODE

    moments = (job.last_started_at, job.last_finished_at, job.next_run_at)
    return (job.name, str(BY_CODE[job.kind].when), *map(_shown, moments), job.last_result or "")


def _shown(moment: datetime | None) -> str:
    return "never" if moment is None else f"{moment:%Y-%m-%d %H:%M}"
