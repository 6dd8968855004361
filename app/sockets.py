"""GraphQL over WebSocket: the protocol `graphql-transport-ws`, strict about the shape of messages.

Another shape closes the socket with 4400, as the protocol says, and never becomes an error of ours. A socket may outlive its
token, and the rights of whoever opened it: both are asked again before every operation.
"""

from typing import Any

from strawberry.exceptions import ConnectionRejectionError
from strawberry.subscriptions.protocols.graphql_transport_ws.handlers import BaseGraphQLTransportWSHandler
from strawberry.subscriptions.protocols.graphql_transport_ws.types import SubscribeMessage

from resolvers.context import Context

FORBIDDEN = 4403
"""As for a socket that opens without a token that we accept."""


class Handler(BaseGraphQLTransportWSHandler[Context, None]):
    """Passes on messages of the right shape only, of those who may still use the API."""

    async def handle_message(self, message: Any) -> None:
        if _well_formed(message):
            await super().handle_message(message)
        else:
            await self.handle_invalid_message("Invalid message")

    async def handle_subscribe(self, message: SubscribeMessage) -> None:
        if self.connection_acknowledged:
            try:
                await self.view.on_ws_connect(self.context)
            except ConnectionRejectionError:
                await self.websocket.close(code=FORBIDDEN, reason="Forbidden")
                return
        await super().handle_subscribe(message)


def _well_formed(message: Any) -> bool:
    match message:
        case {"type": "subscribe", "id": str(), "payload": {"query": str(), **rest}}:
            variables, name = rest.get("variables"), rest.get("operationName")
            return isinstance(variables, dict | None) and isinstance(name, str | None)
        case {"type": "subscribe"}:
            return False
        case {"type": "complete", "id": id_}:
            return isinstance(id_, str)
        case {"type": str()}:
            return True
    return False
