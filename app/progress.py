"""A progress bar on standard error for work that is done in chunks; nothing where nobody watches."""

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from typing import TypeVar

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

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


def _bar() -> Progress:
    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[speed]}"),
        TimeRemainingColumn(),
    )
    return Progress(*columns, console=console, transient=True, disable=not console.is_terminal)
