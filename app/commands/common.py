"""What commands share: their settings, logs on standard error, and how a program is named."""

from collections.abc import Awaitable, Callable
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


def counted(number: int, what: str) -> str:
    """`1 member`, `2,000 members`."""
    return f"{number:,} {what}" if number == 1 else f"{number:,} {what}s"
