"""`milepost process`: the batch engine by hand, watched in the terminal and stopped by Ctrl-C.

It takes part in the program's run beside whatever workers there are. Who interrupts it loses nothing: the run is stopped
between two chunks, and the same command goes on exactly there.
"""

import asyncio
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

import typer

from app.commands.common import Program, counted, with_runtime

if TYPE_CHECKING:
    from app.runtime import Runtime
    from domain.batch_runs import BatchRun
    from domain.services.batch import Progress

INTERRUPTED = 130
"""The exit code of a command that was ended by Ctrl-C."""


def process(program: Program) -> None:
    """Work a program's queue until it is empty, with counts by outcome, the speed and when it will be done.

    Ctrl-C stops the run, also for the workers beside it; the same command goes on where it was.
    A run that others have begun goes on without this command.

    Example: milepost process --program GROCER
    """
    text, code = with_runtime(lambda runtime: _process(runtime, program))
    print(text)
    if code:
        raise typer.Exit(code)


async def _process(runtime: "Runtime", program: str) -> tuple[str, int]:
    """What to say at the end, and the exit code."""
    from domain.commands.batch_runs import BatchStart
    from domain.people import ENGINE
    from domain.services import batch_runs
    from domain.store import queue

    database = runtime.database
    async with database.read() as reader:
        program_id = await runtime.programs.id_of(reader, program, "program")
        if not await queue.waits(reader, program_id):
            return f"{program}: nothing waits.", 0
    began = time.perf_counter()
    started = await batch_runs.batch_start(database, ENGINE, BatchStart(program=program))
    assert started.result is not None
    try:
        done = await _watched(runtime, started.result, program)
    except asyncio.CancelledError:
        return await _interrupted(runtime, started.result, program, joined=started.replayed), INTERRUPTED
    seconds, whole = time.perf_counter() - began, await batch_runs.batch_run(database, started.result.id)
    async with database.read() as reader:
        left = await queue.count(reader, program_id)
    return "\n".join([_worked(program, done, seconds, left), *_by_others(done.total, whole.worked)]), 0


async def _watched(runtime: "Runtime", run: "BatchRun", program: str) -> "Progress":
    """Take part in the run, beside a bar that shows all of it."""
    from contextlib import aclosing

    from app.progress import followed
    from domain.services import batch_runs
    from domain.services.batch import Progress

    async def look() -> "BatchRun":
        return await batch_runs.batch_run(runtime.database, run.id)

    done = Progress()
    with followed(f"Processing {program}", look):
        async with aclosing(batch_runs.work_to_the_end(runtime.database, runtime.programs, run)) as chunks:
            async for so_far in chunks:
                done = so_far
    return done


async def _interrupted(runtime: "Runtime", run: "BatchRun", program: str, *, joined: bool) -> str:
    """Stop what this command has begun; leave what others have."""
    from domain.commands.batch_runs import BatchStop
    from domain.people import ENGINE
    from domain.services import batch_runs

    if joined:
        return f"{program}: left; the run goes on without this command."
    receipt = await batch_runs.batch_stop(runtime.database, ENGINE, BatchStop(id=run.id))
    assert receipt.result is not None
    stopped = receipt.result
    said = f"{stopped.state.value.lower()} after {counted(stopped.worked, 'transaction')}; {stopped.remaining:,} wait"
    return f"{program}: {said}, and are held until it goes on: milepost process --program {program}"


def _by_others(here: int, whole: int) -> Iterator[str]:
    """Where the rest is, for whoever counts: workers have taken part, or the run was stopped and went on."""
    if whole > here:
        yield f"This command worked {here:,} of the {whole:,} of the run; other workers, or an earlier command, the others."


def _worked(program: str, done: "Progress", seconds: float, left: int) -> str:
    speed = f" in {seconds:,.1f} s, {done.total / seconds:,.0f} a second" if done.total else ""
    lines = [f"{program}: {counted(done.total, 'transaction')} worked{speed}; {left:,} wait."]
    lines += [f"  {count:>12,}  {outcome}" for outcome, count in sorted(done.by_sub_status.items())]
    return "\n".join(lines)
