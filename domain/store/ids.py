"""Numbers for transactions, taken from the database a block at a time."""

import asyncio
from collections import deque

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.store.tables.transactions import ID_BLOCK

TAKE = text("select nextval('transaction_id_seq') from generate_series(1, :blocks)")


class Ids:
    """Numbers that no other process has. Those of a roll-back are lost, which is harmless: they need not be dense."""

    def __init__(self) -> None:
        self._free: deque[int] = deque()
        self._lock = asyncio.Lock()

    async def take(self, connection: AsyncConnection, count: int) -> list[int]:
        """`count` numbers, ascending within a block."""
        async with self._lock:
            if (lacking := count - len(self._free)) > 0:
                rows = await connection.execute(TAKE, {"blocks": -(-lacking // ID_BLOCK)})
                for first in rows.scalars():
                    self._free.extend(range(first, first + ID_BLOCK))
            return [self._free.popleft() for _ in range(count)]
