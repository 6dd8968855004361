"""`milepost process` and `expire`: the batch engine and the nightly expiry, by hand and watched.

Workers do both by themselves. Whoever interrupts them loses nothing: every chunk is a commit of its own.
"""

import time
from typing import TYPE_CHECKING

from app.commands.common import Program, counted, with_runtime

if TYPE_CHECKING:
    from app.runtime import Runtime
    from domain.services.batch import Progress
    from domain.services.expiry import Expired


def process(program: Program) -> None:
    """Work a program's queue until it is empty, with counts by outcome and the speed.

    Example: milepost process --program GROCER
    """

    async def work(runtime: "Runtime") -> str:
        from app.progress import watched
        from domain.services import batch
        from domain.store import queue

        async with runtime.database.read() as reader:
            program_id = await runtime.programs.id_of(reader, program, "program")
            waiting = await queue.count(reader, program_id)
        if not waiting:
            return f"{program}: nothing waits."
        began = time.perf_counter()
        chunks = batch.work(runtime.database, runtime.programs, program_id)
        done = await watched(chunks, f"Processing {program}", waiting, lambda progress: progress.total)
        seconds = time.perf_counter() - began
        async with runtime.database.read() as reader:
            left = await queue.count(reader, program_id)
        return _worked(program, done or batch.Progress(), seconds, left)

    print(with_runtime(work))


def expire(program: Program) -> None:
    """Expire what has lapsed in a program by today. Balances know it before; this writes it down.

    Example: milepost expire --program GROCER
    """

    async def work(runtime: "Runtime") -> str:
        from app.progress import watched
        from domain.services import expiry

        async with runtime.database.read() as reader:
            program_id = await runtime.programs.id_of(reader, program, "program")
        chunks = expiry.expire(runtime.database, runtime.programs, program_id)
        done = await watched(chunks, f"Expiring {program}", None, lambda expired: expired.members)
        return _expired(program, done or expiry.Expired())

    print(with_runtime(work))


def _worked(program: str, done: "Progress", seconds: float, left: int) -> str:
    speed = f" in {seconds:,.1f} s, {done.total / seconds:,.0f} a second" if done.total else ""
    lines = [f"{program}: {counted(done.total, 'transaction')} worked{speed}; {left:,} wait."]
    lines += [f"  {count:>12,}  {outcome}" for outcome, count in sorted(done.by_sub_status.items())]
    return "\n".join(lines)


def _expired(program: str, done: "Expired") -> str:
    if not done.transactions:
        return f"{program}: nothing has lapsed that is not written down already."
    made = f"{counted(done.transactions, 'transaction')} of {counted(done.members, 'member')}"
    lines = [f"{program}: {made} made for what has lapsed."]
    lines += [f"  {points:>12,f}  {code}" for code, points in sorted(done.points.items())]
    return "\n".join(lines)
