"""The door to the application: every request gets an id, a line in the log and a place in the figures.

The line names route, status, time, actor (a person's number) and operation, never a name, an address or a value.
"""

import re
import secrets
import time

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.metrics import REQUEST_SECONDS, REQUESTS

log = structlog.get_logger("milepost.access")

REQUEST_ID = "x-request-id"
_ACCEPTABLE = re.compile(r"[A-Za-z0-9._-]{1,64}", re.ASCII)
QUIET = frozenset({"/health", "/ready", "/metrics"})
"""Asked every few seconds by machines: counted, not logged."""
OTHER = "other"
SECURITY = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-site"),
    (b"cache-control", b"no-store"),
)
"""Headers of every answer: it is data for whoever asked, never a page, a frame or a thing to be kept by proxies."""
PLAIN = (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'")
HTTPS_ONLY = (b"strict-transport-security", b"max-age=31536000")


class Access:
    """Middleware around the whole application."""

    def __init__(self, app: ASGIApp, *, routes: frozenset[str], production: bool = False) -> None:
        self._app = app
        self._routes = routes
        self._headers = (*SECURITY, PLAIN, HTTPS_ONLY) if production else SECURITY

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        request_id = _request_id(scope)
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request_id)
        if scope["type"] == "websocket":
            await self._app(scope, receive, send)
        else:
            await self._answer(scope, receive, send, request_id)

    async def _answer(self, scope: Scope, receive: Receive, send: Send, request_id: str) -> None:
        started, status = time.perf_counter(), 500

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message = {
                    **message,
                    "headers": [*message["headers"], *self._headers, (REQUEST_ID.encode(), request_id.encode())],
                }
            await send(message)

        try:
            await self._app(scope, receive, send_with_id)
        finally:
            self._record(scope, status, time.perf_counter() - started)

    def _record(self, scope: Scope, status: int, seconds: float) -> None:
        route = scope["path"] if scope["path"] in self._routes else OTHER
        REQUESTS.labels(route, str(status)).inc()
        REQUEST_SECONDS.labels(route).observe(seconds)
        if route not in QUIET:
            log.info("request", route=route, method=scope["method"], status=status, ms=round(seconds * 1000, 1))


def _request_id(scope: Scope) -> str:
    """The id that a proxy gave, if it is one, else a new one."""
    given = next((value.decode("latin-1") for name, value in scope["headers"] if name == REQUEST_ID.encode()), "")
    return given if _ACCEPTABLE.fullmatch(given) else secrets.token_hex(8)
