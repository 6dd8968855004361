"""A progress bar on standard error for work that is done in chunks; nothing where nobody watches."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from contextlib import aclosing, contextmanager
from typing import TypeVar

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, TextColumn, TimeRemainingColumn

from domain.batch_runs import BatchRun

LOOK_SECONDS = 0.5

T = TypeVar("T")


async def watched(
    chunks: AsyncGenerator[T, None], title: str, total: int | None, count: Callable[[T], int]
) -> T | None:
    """Let the work go on to its end; the last it said, or None if there was nothing to do."""
    last = None
    with _bar() as bar:
        task = bar.add_task(title, total=total, speed="")
        async with aclosing(chunks) as running:
            async for last in running:
                done = count(last)
                elapsed = bar.tasks[task].elapsed or 0
                bar.update(task, completed=done, speed=f"{done / elapsed:,.0f}/s" if elapsed else "")
    return last


@contextmanager
def followed(title: str, look: Callable[[], Awaitable[BatchRun]]) -> Iterator[None]:
    """A bar for a run of the batch engine that any number of workers share, as long as the block lasts."""
    with _bar(TextColumn("{task.fields[outcomes]}")) as bar:
        following = asyncio.create_task(_follow(bar, title, look)) if not bar.disable else None
        try:
            yield
        finally:
            if following is not None:
                following.cancel()


async def _follow(bar: Progress, title: str, look: Callable[[], Awaitable[BatchRun]]) -> None:
    task = bar.add_task(title, total=None, speed="", outcomes="")
    while True:
        run = await look()
        speed = "" if run.per_second is None else f"{run.per_second:,}/s"
        outcomes = ", ".join(f"{count:,} {name.value}" for name, count in run.outcomes.items())
        bar.update(task, completed=run.worked, total=run.worked + run.remaining, speed=speed, outcomes=outcomes)
        await asyncio.sleep(LOOK_SECONDS)


def _bar(*more: ProgressColumn) -> Progress:
    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[speed]}"),
        TimeRemainingColumn(),
        *more,
    )
    return Progress(*columns, console=console, transient=True, disable=not console.is_terminal)
