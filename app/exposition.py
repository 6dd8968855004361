"""`/metrics`: the figures of this process, and what waits in the database for all of them.

In production it answers only those who know MILEPOST_METRICS_TOKEN; without one it is not there at all. A worker has no API:
MILEPOST_METRICS_PORT gives it a small server of its own, with the same guard.
"""

import secrets
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from threading import Thread
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

import structlog
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from app.settings import Environment, Settings
from domain.store.database import Database
from domain.store.depths import Depths, depths

log = structlog.get_logger("milepost.metrics")

OF_DATABASE = CollectorRegistry()
QUEUE_DEPTH = Gauge(
    "milepost_queue_depth", "Transactions that wait for the batch engine, up to 100,000.", registry=OF_DATABASE
)
QUEUE_AGE = Gauge("milepost_queue_age_seconds", "Since the oldest of them was recorded.", registry=OF_DATABASE)
OUTBOX_DEPTH = Gauge(
    "milepost_outbox_depth", "Messages that are due and not delivered, up to 100,000.", registry=OF_DATABASE
)
OUTBOX_AGE = Gauge("milepost_outbox_age_seconds", "Since the oldest of them was due.", registry=OF_DATABASE)
JOBS_FAILING = Gauge("milepost_jobs_failing", "Jobs whose last run failed.", registry=OF_DATABASE)
JOB_DELAY = Gauge("milepost_job_delay_seconds", "Since the most delayed job was due.", registry=OF_DATABASE)
DATABASE_UP = Gauge("milepost_database_up", "1 if the database told what waits, else 0.", registry=OF_DATABASE)


def is_shown(settings: Settings) -> bool:
    """Whether figures are shown to anybody."""
    return settings.metrics_token is not None or settings.environment is not Environment.PRODUCTION


def may_see(settings: Settings, authorization: str | None) -> bool:
    """Whether somebody may see them: whoever knows the token, where there is one."""
    if settings.metrics_token is None:
        return is_shown(settings)
    expected = f"Bearer {settings.metrics_token.get_secret_value()}"
    return secrets.compare_digest((authorization or "").encode(), expected.encode())


def metrics(settings: Settings, database: Database) -> Callable[[Request], Awaitable[Response]]:
    """The answer to `GET /metrics` of the API."""

    async def answer(request: Request) -> Response:
        if not is_shown(settings):
            return JSONResponse({"detail": "Not found"}, 404)
        if not may_see(settings, request.headers.get("authorization")):
            return Response(status_code=401, headers={"www-authenticate": "Bearer"})
        await _look(database)
        return Response(generate_latest() + generate_latest(OF_DATABASE), media_type=CONTENT_TYPE_LATEST)

    return answer


async def _look(database: Database) -> None:
    try:
        async with database.read() as reader:
            _show(await depths(reader))
    except Exception as error:  # noqa: BLE001 - the figures of the process are worth telling without the database
        DATABASE_UP.set(0)
        log.warning("could not look what waits", error=type(error).__name__)


def _show(found: Depths) -> None:
    DATABASE_UP.set(1)
    QUEUE_DEPTH.set(found.queued)
    QUEUE_AGE.set(found.queue_age)
    OUTBOX_DEPTH.set(found.outbox)
    OUTBOX_AGE.set(found.outbox_age)
    JOBS_FAILING.set(found.failing_jobs)
    JOB_DELAY.set(found.job_delay)


class _Quiet(WSGIRequestHandler):
    """Who asks every few seconds is not logged."""

    timeout = 10

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing."""


@contextmanager
def of_worker(settings: Settings) -> Iterator[int | None]:
    """Show the figures of a worker at MILEPOST_METRICS_PORT as long as the block lasts, where that is set; the port."""
    if settings.metrics_port is None or not is_shown(settings):
        yield None
        return

    def answer(environ: dict[str, Any], start: Callable[..., Any]) -> list[bytes]:
        if environ["PATH_INFO"] != "/metrics":
            start("404 Not Found", [])
            return []
        if not may_see(settings, environ.get("HTTP_AUTHORIZATION")):
            start("401 Unauthorized", [("WWW-Authenticate", "Bearer")])
            return []
        start("200 OK", [("Content-Type", CONTENT_TYPE_LATEST)])
        return [generate_latest()]

    with make_server(settings.host, settings.metrics_port, answer, handler_class=_Quiet) as server:
        thread = Thread(target=server.serve_forever, name="metrics", daemon=True)
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join()
