"""GraphQL over WebSocket: the protocol `graphql-transport-ws`, strict about the shape of messages.

Another shape closes the socket with 4400, as the protocol says, and never becomes an error of ours. A socket may outlive its
token, and the rights of whoever opened it: both are asked again before every operation.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

from graphql import GraphQLError
from strawberry.exceptions import ConnectionRejectionError
from strawberry.subscriptions.protocols.graphql_transport_ws.handlers import BaseGraphQLTransportWSHandler
from strawberry.subscriptions.protocols.graphql_transport_ws.types import ConnectionInitMessage, SubscribeMessage

from app.clients import TooManyRequests, client_of
from app.trusted import id_in
from resolvers.context import Context

if TYPE_CHECKING:
    from app.view import View

TRY_AGAIN_LATER = 1013
"""As a server says that has no room for one more."""

FORBIDDEN = 4403
"""As for a socket that opens without a token that we accept."""


class Handler(BaseGraphQLTransportWSHandler[Context, None]):
    """Passes on messages of the right shape only, of those who may still use the API."""

    async def handle_message(self, message: Any) -> None:
        if _well_formed(message):
            await super().handle_message(message)
        else:
            await self.handle_invalid_message("Invalid message")

    _counted: str | None = None
    """As whose socket this one counts, once it is known."""

    async def handle_connection_init(self, message: ConnectionInitMessage) -> None:
        await super().handle_connection_init(message)
        if self.connection_acknowledged and self._counted is None:
            client = client_of(self.context.principal)
            if not self._view.clients.open(client):
                await self.websocket.close(code=TRY_AGAIN_LATER, reason="Too many connections")
                return
            self._counted = client

    async def shutdown(self) -> None:
        if self._counted is not None:
            self._view.clients.close(self._counted)
            self._counted = None
        await super().shutdown()

    async def handle_subscribe(self, message: SubscribeMessage) -> None:
        if self.connection_acknowledged:
            try:
                await self.view.on_ws_connect(self.context)
            except ConnectionRejectionError:
                await self.websocket.close(code=FORBIDDEN, reason="Forbidden")
                return
        try:
            self._allow(message)
        except GraphQLError as error:
            await self.send_message({"id": message["id"], "type": "error", "payload": [error.formatted]})
            return
        await super().handle_subscribe(message)

    def _allow(self, message: SubscribeMessage) -> None:
        """What is asked of every request over HTTP as well: not too often, and of trusted documents; raises GraphQLError."""
        payload: Any = message["payload"]
        try:
            self._view.clients.ask(client_of(self.context.principal))
        except TooManyRequests as error:
            extensions = {"code": "RATE_LIMITED", "retryAfter": error.retry_after}
            raise GraphQLError(error.message, extensions=extensions) from None
        if self._view.trusted is not None:
            id_ = id_in(payload.get("documentId"), payload.get("extensions"))
            payload["query"] = self._view.trusted.text(payload.get("query"), id_)
        if not payload.get("query"):
            raise GraphQLError("No GraphQL query found in the request", extensions={"code": "BAD_REQUEST"})

    @property
    def _view(self) -> "View":
        return cast("View", self.view)


def _right(rest: Mapping[Any, Any]) -> bool:
    variables, name = rest.get("variables"), rest.get("operationName")
    return isinstance(variables, dict | None) and isinstance(name, str | None)


def _well_formed(message: Any) -> bool:
    match message:
        case {"type": "subscribe", "id": str(), "payload": {"query": str(), **rest}}:
            return _right(rest)
        case {"type": "subscribe", "id": str(), "payload": {"documentId": str(), **rest}} if "query" not in rest:
            return _right(rest)
        case {"type": "subscribe", "id": str(), "payload": {"extensions": {"persistedQuery": dict()}, **rest}} if (
            "query" not in rest
        ):
            return _right(rest)
        case {"type": "subscribe"}:
            return False
        case {"type": "complete", "id": id_}:
            return isinstance(id_, str)
        case {"type": str()}:
            return True
    return False
