"""A worker as a child process: it lives exactly as long as the process that wants it, even if that one is killed.

The child holds the reading end of a pipe and stops when the pipe ends, which the operating system sees to. One that dies is
started again.
"""

import asyncio
import sys
from asyncio.subprocess import Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from subprocess import PIPE

import structlog

RESTART_SECONDS = 2
STOP_SECONDS = 10
"""How long a worker may take to commit what it has in hand; then it is killed, and loses nothing but time."""

COMMAND = (sys.executable, "-m", "app", "work", "--while-input-open")

log = structlog.get_logger("milepost.worker")


@asynccontextmanager
async def worker_process() -> AsyncIterator[None]:
    """A worker beside this process, with the same environment."""
    keeper = asyncio.create_task(_keep())
    try:
        yield
    finally:
        keeper.cancel()
        with suppress(asyncio.CancelledError):
            await keeper


async def _keep() -> None:
    while True:
        # In a session of its own: Ctrl-C in the terminal is for the parent, which stops the worker in order.
        process = await asyncio.create_subprocess_exec(*COMMAND, stdin=PIPE, start_new_session=True)
        try:
            code = await process.wait()
        except asyncio.CancelledError:
            await asyncio.shield(_stop(process))
            raise
        log.error("the worker has ended and is started again", code=code)
        await asyncio.sleep(RESTART_SECONDS)


async def _stop(process: Process) -> None:
    assert process.stdin is not None
    process.stdin.close()
    _, running = await asyncio.wait([asyncio.ensure_future(process.wait())], timeout=STOP_SECONDS)
    if running:
        log.error("the worker did not stop in time and is killed")
        process.kill()
        await process.wait()
