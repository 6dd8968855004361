"""Logs: structlog for our own events and for what the libraries log, one line each, on standard error.

Standard output belongs to the answer of a command; nothing is ever logged there. Values that identify a person are not
logged: events carry ids.
"""

import logging
import sys

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from app.settings import Settings

# Libraries that tell at INFO what we tell better, or not at all.
QUIETER_LIBRARIES = ("alembic", "asyncio", "dramatiq", "httpx", "pika", "sqlalchemy", "uvicorn")


def configure(settings: Settings) -> None:
    """Set up logging for this process, once, before anything logs."""
    shared = _shared_processors()
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *_renderers(settings)],
        )
    )
    _install(handler, settings.log_level.upper())


def _install(handler: logging.Handler, level: str) -> None:
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    for name in QUIETER_LIBRARIES:
        logging.getLogger(name).setLevel(logging.WARNING)
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):
        library = logging.getLogger(name)
        library.handlers = []
        library.propagate = True


def _shared_processors() -> list[Processor]:
    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
        _without_color_copies,
    ]


def _renderers(settings: Settings) -> list[Processor]:
    if settings.logs_as_json:
        return [structlog.processors.format_exc_info, structlog.processors.JSONRenderer(default=str)]
    # The prettier tracebacks show the values of variables, which may be somebody's name.
    plain = structlog.dev.plain_traceback
    return [structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=plain)]


def _without_color_copies(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    # uvicorn adds every message a second time with terminal colors.
    event.pop("color_message", None)
    return event
