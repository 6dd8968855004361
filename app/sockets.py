"""GraphQL over WebSocket: the protocol `graphql-transport-ws`, strict about the shape of messages.

Another shape closes the socket with 4400, as the protocol says, and never becomes an error of ours.
"""

from typing import Any

from strawberry.subscriptions.protocols.graphql_transport_ws.handlers import BaseGraphQLTransportWSHandler

from resolvers.context import Context


class Handler(BaseGraphQLTransportWSHandler[Context, None]):
    """Passes on messages of the right shape only."""

    async def handle_message(self, message: Any) -> None:
        if _well_formed(message):
            await super().handle_message(message)
        else:
            await self.handle_invalid_message("Invalid message")


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
