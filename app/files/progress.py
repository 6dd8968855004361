"""How far a file was read: a bar on standard error, by bytes or rows; nothing where nobody watches."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from domain.services.imports.files.lines import LineFile


@contextmanager
def reading(name: str, file: LineFile) -> Iterator[Callable[[int], None]]:
    """A bar for a file; call the answer with the number of lines that are done."""
    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn() if file.unit == "bytes" else MofNCompleteColumn(),
        TextColumn("{task.fields[speed]}"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(name, total=file.size, speed="")

        def advance(lines: int) -> None:
            elapsed = bar.tasks[task].elapsed or 0
            speed = f"{lines / elapsed:,.0f} lines/s" if elapsed else ""
            bar.update(task, completed=file.position, speed=speed)

        yield advance
