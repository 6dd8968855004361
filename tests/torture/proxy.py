"""A proxy between clients and a server that cuts connections where a client asks it to, the first time: one request to a connection.

`x-cut: request` cuts as soon as the request has gone to the server, which may or may not carry it out; `x-cut: answer` cuts
when the answer comes: what was asked is committed by then, and the client does not know.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

LONGEST = 1 << 20


@dataclass
class Proxy:
    """In front of a server's port; `cut` are the requests that it, or another proxy, has cut."""

    target: int
    cut: set[bytes]
    port: int = 0
    _open: set[asyncio.Task[None]] = field(default_factory=set)

    async def accept(self, client: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        """A new connection."""
        task = asyncio.create_task(self.pass_on(client, back))
        self._open.add(task)
        task.add_done_callback(self._open.discard)

    async def close(self) -> None:
        """No connection is left."""
        for task in self._open:
            task.cancel()
        await asyncio.gather(*self._open, return_exceptions=True)

    async def pass_on(self, client: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        """One request and its answer, as far as they come."""
        server: asyncio.StreamWriter | None = None
        try:
            head, body = await self._request(client)
            cut = None if body in self.cut else head.get(b"x-cut")
            answers, server = await asyncio.open_connection("127.0.0.1", self.target, limit=LONGEST)
            server.write(head[b""] + body)
            await server.drain()
            if cut == b"request":
                self.cut.add(body)
                return
            while piece := await answers.read(65536):
                if cut == b"answer":
                    self.cut.add(body)
                    return
                back.write(piece)
                await back.drain()
            back.close()
        except (OSError, asyncio.IncompleteReadError):
            return  # the server is no more: neither is the connection
        finally:
            if server is not None:
                server.transport.abort()
            if not back.is_closing():
                back.transport.abort()

    async def _request(self, client: asyncio.StreamReader) -> tuple[dict[bytes, bytes], bytes]:
        """Its headers by name, all of them as they came under the empty one; and its body."""
        head = await client.readuntil(b"\r\n\r\n")
        said = dict(line.split(b": ", 1) for line in head.lower().split(b"\r\n")[1:] if line)
        return {**said, b"": head}, await client.readexactly(int(said[b"content-length"]))


@asynccontextmanager
async def proxy(target: int, cut: set[bytes]) -> AsyncIterator[Proxy]:
    """A proxy that listens as long as the block."""
    made = Proxy(target, cut)
    server = await asyncio.start_server(made.accept, "127.0.0.1", 0, limit=LONGEST)
    made.port = server.sockets[0].getsockname()[1]
    try:
        yield made
    finally:
        server.close()
        await made.close()
        with suppress(OSError):
            await server.wait_closed()
