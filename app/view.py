"""GraphQL over HTTP, server-sent events and WebSocket (graphql-transport-ws), to the letter of their specifications.

Every answer is JSON in the shape of GraphQL, refusals of the transport included; only a browser that asks for a page gets
one (GraphiQL, outside production).
"""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import msgspec
from cross_web import AsyncHTTPRequestAdapter, HTTPException
from graphql import GraphQLError
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, Response
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket
from strawberry.asgi import GraphQL
from strawberry.exceptions import ConnectionRejectionError
from strawberry.http import GraphQLRequestData
from strawberry.http.base import BaseRequestProtocol
from strawberry.schema import BaseSchema
from strawberry.subscriptions import GRAPHQL_SSE_PROTOCOL, GRAPHQL_TRANSPORT_WS_PROTOCOL
from strawberry.types.execution import PreExecutionError

from app.bodies import JSON, bounded, check_length, decode_anything, read_request
from app.clients import Clients, TooManyRequests, address_of, client_of
from app.errors import BUSY, RETRY_AFTER, busy, incident, passes
from app.identity import Identity, IdentityUnavailable, Unauthorized
from app.key_sets import REFETCH_SECONDS
from app.settings import Environment, Settings
from app.sockets import Handler
from domain.people import Principal
from resolvers.context import NOBODY, Context

GRAPHQL_JSON = "application/graphql-response+json"
EVENTS = "text/event-stream"
INIT_TIMEOUT = timedelta(seconds=10)
MAX_OPERATIONS_PER_SOCKET = 100
IDENTITY_RETRY = str(int(REFETCH_SECONDS))
"""Seconds after which an identity provider that is away is asked again."""

CODES = {403: "CSRF_HEADER_MISSING", 408: "BODY_TIMED_OUT", 413: "BODY_TOO_LARGE"}
"""Codes of refusals of the transport; of all others BAD_REQUEST."""
HEADERS = {405: {"allow": "GET, POST"}, 408: {"connection": "close"}, 413: {"connection": "close"}}
"""What they say beside: the rest of a body that was refused is not waited for."""

encode = msgspec.json.Encoder().encode

MakeContext = Callable[[Principal], Context]


def negotiate(accept: str) -> str:
    """The media type that the client likes best; JSON when it does not say."""
    best, best_weight = JSON, -1.0
    for part in accept.split(","):
        media_type, *parameters = (item.strip() for item in part.split(";"))
        weight = next((_weight(p[2:]) for p in parameters if p.startswith("q=")), 1.0)
        offer = GRAPHQL_JSON if media_type == GRAPHQL_JSON else JSON if media_type in _MEANS_JSON else None
        if offer and weight > best_weight:
            best, best_weight = offer, weight
    return best


_MEANS_JSON = frozenset({JSON, "application/*", "*/*"})


def _weight(text: str) -> float:
    return float(text) if text.isascii() and text.replace(".", "", 1).isdigit() else 1.0


class View(GraphQL[Context, None]):
    """One endpoint for all transports."""

    graphql_transport_ws_handler_class = Handler

    def __init__(self, schema: BaseSchema, identity: Identity, make_context: MakeContext, settings: Settings) -> None:
        super().__init__(
            schema,
            graphql_ide=None if settings.environment is Environment.PRODUCTION else "graphiql",
            allowed_origins=settings.cors_origins,
            subscription_protocols=[GRAPHQL_TRANSPORT_WS_PROTOCOL, GRAPHQL_SSE_PROTOCOL],
            connection_init_wait_timeout=INIT_TIMEOUT,
            max_subscriptions_per_connection=MAX_OPERATIONS_PER_SOCKET,
        )
        self.trusted = settings.trusted
        self.clients = Clients(settings.requests_per_second, settings.burst, settings.sockets_per_client)
        self._body_seconds, self._csrf_header = settings.body_seconds, settings.csrf_header
        self._identity = identity
        self._make_context = make_context

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await self.run(WebSocket(scope, receive, send))
            return
        request = Request(scope, bounded(receive, self._body_seconds))
        try:
            response = await self._respond(request)
        except ClientDisconnect:
            return
        await response(scope, receive, send)

    async def _respond(self, request: Request) -> Response:
        try:
            if self.graphql_ide and self.should_render_graphql_ide(self.request_adapter_class(request)):
                return HTMLResponse(self.graphql_ide_html)
            self._check_origin(request)
            check_length(request.headers.get("content-length", "0"))
            return await self.run(request)
        except Unauthorized as error:
            return self._unknown(request, error)
        except TooManyRequests as error:
            return _too_many(error)
        except GraphQLError as error:
            return _refusal(400, error.message, str((error.extensions or {}).get("code", "BAD_REQUEST")), {})
        except IdentityUnavailable:
            message = "The identity provider cannot be reached: try again in a moment."
            return _refusal(503, message, "IDENTITY_UNAVAILABLE", {"retry-after": IDENTITY_RETRY})
        except HTTPException as error:
            headers = HEADERS.get(error.status_code, {})
            return _refusal(error.status_code, error.reason, CODES.get(error.status_code, "BAD_REQUEST"), headers)
        except ClientDisconnect:
            raise
        except Exception as error:  # noqa: BLE001 the last door before the client
            return _unforeseen(error)

    def _unknown(self, request: Request, error: Unauthorized) -> Response:
        """Whoever is not known is told why, as often as a client may ask."""
        try:
            self.clients.ask(address_of(request.scope.get("client")))
        except TooManyRequests as too_many:
            return _too_many(too_many)
        return _refusal(401, error.message, "UNAUTHENTICATED", {"www-authenticate": error.challenge})

    def _check_origin(self, request: Request) -> None:
        """A GET that any page could make a browser send lacks the header that it could not make it send."""
        if self._csrf_header and request.method == "GET" and self._csrf_header not in request.headers:
            raise HTTPException(403, f"A GET must have the header {self._csrf_header}: pages elsewhere cannot send it.")

    def should_render_graphql_ide(self, request: BaseRequestProtocol) -> bool:
        asks_for_html = "text/html" in request.headers.get("accept", "")
        return request.method == "GET" and asks_for_html and request.query_params.get("query") is None

    async def get_context(self, request: Request | WebSocket, response: Response | WebSocket) -> Context:
        authorization = request.headers.get("authorization")
        if isinstance(request, WebSocket):
            # A browser has no headers to say who it is: it does so in `connection_init`.
            return replace(self._make_context(NOBODY), authorization=authorization)
        context = self._make_context(await self._identity.principal(authorization))
        self.clients.ask(client_of(context.principal))
        context.ask_again = lambda: self._now(authorization)
        return context

    async def _now(self, authorization: str | None) -> Principal:
        """Who somebody is who was known before."""
        try:
            return await self._identity.principal(authorization)
        except (Unauthorized, IdentityUnavailable):
            return NOBODY

    async def on_ws_connect(self, context: Context) -> Any:
        params = {str(name).lower(): value for name, value in context.connection_params.items()}
        given = params.get("authorization")
        found = context.authorization if given is None else given
        header = found if isinstance(found, str) else None
        try:
            context.principal = await self._identity.principal(header)
        except (Unauthorized, IdentityUnavailable) as error:
            raise ConnectionRejectionError from error
        context.ask_again = lambda: self._now(header)
        return await super().on_ws_connect(context)

    async def get_sub_response(self, request: Request | WebSocket) -> Response:
        answer = Response()
        del answer.headers["content-length"]
        # No header yet: a stream of events has a media type of its own.
        answer.media_type = negotiate(request.headers.get("accept", "*/*"))
        request.state.answer = answer
        return answer

    async def parse_http_body(self, request: AsyncHTTPRequestAdapter) -> GraphQLRequestData:
        streams = EVENTS in (request.headers.get("accept") or "")
        return await read_request(request, "sse" if streams else "http", self.trusted)

    async def process_result(self, request: Request, result: Any) -> Any:
        data = {"data": result.data}
        if result.errors:
            data["errors"] = [error.formatted for error in result.errors]
            answer = request.state.answer
            if answer.media_type == GRAPHQL_JSON and _ended_before_execution(result):
                del data["data"]
                answer.status_code = 400
            if (seconds := busy(result)) is not None:
                answer.status_code = 503
                answer.headers["retry-after"] = str(seconds)
        if result.extensions:
            data["extensions"] = result.extensions
        return data

    def create_response(self, response_data: Any, sub_response: Response) -> Response:
        media_type = f"{sub_response.media_type}; charset=utf-8"
        response = Response(encode(response_data), sub_response.status_code, media_type=media_type)
        response.raw_headers.extend(sub_response.raw_headers)
        response.background = sub_response.background
        return response

    def decode_json(self, data: str | bytes) -> object:
        try:
            return decode_anything(data)
        except (msgspec.MsgspecError, RecursionError, ArithmeticError, ValueError) as error:
            raise json.JSONDecodeError(str(error), "", 0) from error

    def encode_json(self, data: object) -> str:
        """Text, because a WebSocket sends bytes as a binary message, which clients of graphql-transport-ws do not read."""
        return encode(data).decode()


def _ended_before_execution(result: Any) -> bool:
    return isinstance(result, PreExecutionError) or (result.data is None and all(e.path is None for e in result.errors))


def _too_many(error: TooManyRequests) -> Response:
    return _refusal(429, error.message, "RATE_LIMITED", {"retry-after": str(error.retry_after)})


def _unforeseen(error: Exception) -> Response:
    """Before anything of the request was done: the database that knows who asks may be away for a moment."""
    if passes(error):
        return _refusal(503, BUSY, "OVERLOADED", {"retry-after": str(RETRY_AFTER)}, retryAfter=RETRY_AFTER)
    return _refusal(500, "Internal error.", "INTERNAL", {}, incident=incident(error))


def _refusal(status: int, message: str, code: str, headers: dict[str, str], **extensions: str | int) -> Response:
    """An answer of the transport, in the shape of GraphQL."""
    body = {"errors": [{"message": message, "extensions": {"code": code, **extensions}}]}
    return Response(encode(body), status, headers, media_type=JSON)
