"""What commands share: their settings, logs on standard error, and how a program is named."""

import os
from collections.abc import Awaitable, Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from app.settings import Settings, load
from app.signals import interrupt_on_sigterm

if TYPE_CHECKING:
    from app.runtime import Runtime

T = TypeVar("T")

Program = Annotated[str, typer.Option("--program", help="The code of the program.", metavar="CODE", show_default=False)]


def begin(**overrides: object) -> Settings:
    """Read the settings, set up logs, and let SIGTERM end the command as Ctrl-C does."""
    from app import logs

    settings = load(**overrides)
    logs.configure(settings)
    interrupt_on_sigterm()
    return settings


def with_runtime(do: "Callable[[Runtime], Awaitable[T]]") -> T:
    """Do something with a migrated database; raises what `app.failures` explains."""
    from app.runtime import run

    return run(begin(), do)


def a_day(text: str) -> datetime:
    """A date as an option takes it, at its first moment."""
    try:
        return datetime.strptime(text, "%Y-%m-%d")  # noqa: DTZ007  (a date of a program's calendar: it has no zone)
    except ValueError:
        raise typer.BadParameter(f"{text!r} is not a date such as 2026-01-31.") from None


def writable(path: Path | None) -> Path | None:
    """A file as an option names it, if it can be written: asked before the work is done, not after."""
    if path is not None and not os.access(path.parent, os.W_OK):
        raise typer.BadParameter(f"{path} cannot be written: there is no folder {path.parent}, or it is not yours.")
    return path


def counted(number: int, what: str) -> str:
    """`1 member`, `2,000 members`."""
    return f"{number:,} {what}" if number == 1 else f"{number:,} {what}s"
