"""One run of a compiled operation: the values that it still waits for, and what has gone wrong.

Nobody waits for anybody else: a value that comes later fills its own place in, and asks for what is below it, as soon as it is
there. What is loaded at the same moment still goes into one batch.
"""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

from graphql.execution.values import VariableValues

from app.execution.places import Failures

Arrived = Callable[["asyncio.Future[Any]"], None]

_AWAITABLE: dict[type, bool] = {}


def is_awaitable(value: object) -> bool:
    """Whether it must be awaited: asked once per type."""
    kind = type(value)
    found = _AWAITABLE.get(kind)
    if found is None:
        found = _AWAITABLE[kind] = hasattr(kind, "__await__")
    return found


class Run:
    """What one execution knows. It is handed to direct fields as their `info`: they ask it for nothing but its `context`."""

    __slots__ = ("_done", "_own", "_waiting", "context", "failures", "variables")

    def __init__(self, context: Any, variables: VariableValues) -> None:
        self.context = context
        self.variables = variables
        self.failures = Failures()
        self._waiting = 0
        self._own: list[asyncio.Future[Any]] = []
        self._done: asyncio.Future[None] | None = None

    def later(self, value: Awaitable[Any], arrived: Arrived) -> None:
        """Call `arrived` with the finished future of a value."""
        future = value if isinstance(value, asyncio.Future) else asyncio.ensure_future(value)
        if future is not value:
            self._own.append(future)
        self._waiting += 1
        future.add_done_callback(partial(self._arrive, arrived))

    async def settled(self) -> None:
        """Wait until nothing is missing any more. Whoever is cancelled here cancels what was begun for it."""
        if not self._waiting:
            return
        self._done = asyncio.get_running_loop().create_future()
        try:
            await self._done
        finally:
            for future in self._own:
                future.cancel()
            self._own.clear()

    def _arrive(self, arrived: Arrived, future: "asyncio.Future[Any]") -> None:
        try:
            arrived(future)
        except BaseException as error:  # noqa: BLE001 - whatever it is, it belongs to whoever waits for the run
            self._end(error)
        self._waiting -= 1
        if not self._waiting:
            self._end(None)

    def _end(self, error: BaseException | None) -> None:
        if self._done is None or self._done.done():
            return
        if error is None:
            self._done.set_result(None)
        elif isinstance(error, asyncio.CancelledError):
            self._done.cancel()
        else:
            self._done.set_exception(error)
