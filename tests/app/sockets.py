"""A WebSocket client that speaks to an ASGI application in the same loop, as a server would pass it on."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Any

from starlette.types import ASGIApp, Message

PATIENCE = 120
"""Seconds, for a machine that has much else to do."""


class Socket:
    """Messages to and from the application."""

    def __init__(self) -> None:
        self.to_app: asyncio.Queue[Message] = asyncio.Queue()
        self.from_app: asyncio.Queue[Message] = asyncio.Queue()

    def send(self, message: Any) -> None:
        self.to_app.put_nowait({"type": "websocket.receive", "text": json.dumps(message)})

    async def receive(self) -> Any:
        message = await asyncio.wait_for(self.from_app.get(), PATIENCE)
        assert message["type"] == "websocket.send", message
        return json.loads(message["text"])

    async def closed(self) -> int:
        """The code with which the application closes."""
        message = await asyncio.wait_for(self.from_app.get(), PATIENCE)
        assert message["type"] == "websocket.close", message
        return int(message["code"])


@asynccontextmanager
async def connected(
    app: ASGIApp, path: str, *, subprotocol: str = "graphql-transport-ws", headers: Mapping[str, str] | None = None
) -> AsyncIterator[Socket]:
    """An accepted socket; afterwards the application has ended."""
    socket = Socket()
    scope = {
        "type": "websocket",
        "path": path,
        "root_path": "",
        "query_string": b"",
        "subprotocols": [subprotocol],
        "headers": [(name.lower().encode(), value.encode()) for name, value in (headers or {}).items()],
    }
    task = asyncio.ensure_future(app(scope, socket.to_app.get, socket.from_app.put))
    try:
        socket.to_app.put_nowait({"type": "websocket.connect"})
        assert (await asyncio.wait_for(socket.from_app.get(), PATIENCE))["type"] == "websocket.accept"
        yield socket
    finally:
        socket.to_app.put_nowait({"type": "websocket.disconnect", "code": 1000})
        with suppress(asyncio.CancelledError):
            await asyncio.wait_for(task, PATIENCE)
