"""The ASGI application: `/graphql` on all transports, `/` which points there, `/health`, `/ready`, `/metrics`.

It is given everything it works with and opens nothing itself; what must run beside it is handed in as `beside`.
"""

import gc
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager

import structlog
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route, WebSocketRoute
from strawberry.schema import BaseSchema

from app import build
from app.access import REQUEST_ID, Access
from app.exposition import metrics
from app.identity import Identity
from app.settings import Environment, Settings
from app.view import View
from domain.people import Principal
from domain.services.posting.desk import Desk
from domain.store.database import Database
from resolvers.context import Context, nobody_works
from resolvers.streams import Streams
from resolvers.watches import Watches

log = structlog.get_logger("milepost.app")

ROUTES = frozenset({"/", "/graphql", "/health", "/ready", "/metrics"})

Check = Callable[[], Awaitable[object]]
"""Raises if the thing it checks cannot work now."""


def create_app(
    settings: Settings,
    database: Database,
    realtime: Desk,
    *,
    identity: Identity,
    schema: BaseSchema | None = None,
    nudge: Callable[[int], None] = nobody_works,
    checks: Mapping[str, Check] | None = None,
    beside: Sequence[AbstractAsyncContextManager[object]] = (),
) -> Starlette:
    """The application. `nudge` tells workers that a program has something waiting; `checks` are asked by `/ready` beside
    the database; `beside` is entered before the first request and left after the last. `state.watches` ends subscriptions, `state.settings` are those given.
    """
    production = settings.environment is Environment.PRODUCTION

    watches = Watches(database)

    streams = Streams(settings.subscriptions_per_client)

    def make_context(principal: Principal) -> Context:
        return Context(settings, database, realtime, principal, nudge=nudge, streams=streams, _watches=watches)

    view = View(schema or build.schema(production=production), identity, make_context, settings)
    ready = _ready({"database": lambda: _can_read(database), **(checks or {})})
    app = Starlette(
        routes=[
            Route("/", _front),
            Route("/graphql", view),
            WebSocketRoute("/graphql", view),
            Route("/health", _health),
            Route("/ready", ready),
            Route("/metrics", metrics(settings, database)),
        ],
        middleware=[Middleware(Access, routes=ROUTES, production=production), *_cors(settings)],
        lifespan=_lifespan(beside),
    )
    app.state.watches, app.state.settings = watches, settings
    return app


def _cors(settings: Settings) -> list[Middleware]:
    """What lets pages of other origins read answers; nothing, if none are named."""
    if not settings.cors_origins:
        return []
    extra = [settings.csrf_header] if settings.csrf_header else []
    return [
        Middleware(
            CORSMiddleware,
            allow_origins=list(settings.cors_origins),
            allow_methods=["GET", "POST"],
            allow_headers=["authorization", "content-type", REQUEST_ID, *extra],
            expose_headers=["retry-after", "www-authenticate", REQUEST_ID],
        )
    ]


def _lifespan(
    beside: Sequence[AbstractAsyncContextManager[object]],
) -> Callable[[Starlette], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            for companion in beside:
                await stack.enter_async_context(companion)
            _calm_garbage_collector()
            yield

    return lifespan


def _calm_garbage_collector() -> None:
    """What exists at the start stays for ever: keep it out of every later collection. Requests leave no cycles behind."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)


async def _front(_request: Request) -> Response:
    return JSONResponse({"name": "Milepost", "graphql": "/graphql", "health": "/health", "ready": "/ready"})


async def _health(_request: Request) -> Response:
    return JSONResponse({"status": "ok"})


def _ready(checks: Mapping[str, Check]) -> Callable[[Request], Awaitable[Response]]:
    async def ready(_request: Request) -> Response:
        answers = {name: await _works(name, check) for name, check in checks.items()}
        return JSONResponse(answers, 200 if all(answer == "ok" for answer in answers.values()) else 503)

    return ready


async def _works(name: str, check: Check) -> str:
    try:
        await check()
    except Exception as error:  # noqa: BLE001 whatever it is, it is not ready
        log.warning("not ready", check=name, error=type(error).__name__)
        return "unavailable"
    return "ok"


async def _can_read(database: Database) -> None:
    async with database.read() as reader:
        await database.now(reader)
