"""Lines in chunks: while the database writes one chunk, the next one is read and checked.

A chunk is bounded in lines and bytes, and at most two are in memory at once, however long the file.
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from domain.imports.lines import BadLine, Line

T = TypeVar("T")
R = TypeVar("R")

CHUNK_LINES = 4_000
CHUNK_BYTES = 8 << 20
SLICE = 50
"""After so many lines the database is served, if it waits: a few milliseconds."""


@dataclass(slots=True)
class Chunk(Generic[T]):
    """Lines that will be committed together: what each good one says, and what is wrong with the others."""

    lines: int = 0
    size: int = 0
    good: list[tuple[Line, T]] = field(default_factory=list)
    bad: list[BadLine] = field(default_factory=list)

    @property
    def full(self) -> bool:
        """Whether another line must wait for the next chunk."""
        return self.lines >= CHUNK_LINES or self.size >= CHUNK_BYTES

    def add(self, line: Line | BadLine, read: Callable[[Line], T | tuple[BadLine, ...]]) -> None:
        """Read a line, and keep what it says."""
        self.lines += 1
        if isinstance(line, BadLine):
            self.bad.append(line)
            return
        self.size += line.size
        said = read(line)
        if isinstance(said, tuple):
            self.bad.extend(said)
        else:
            self.good.append((line, said))


async def pipeline(
    lines: Iterator[Line | BadLine],
    read: Callable[[Line], T | tuple[BadLine, ...]],
    commit: Callable[[Chunk[T]], Awaitable[R]],
) -> AsyncGenerator[R, None]:
    """What became of each chunk, in order; whoever stops early loses nothing that was committed."""
    pending: asyncio.Future[R] | None = None
    try:
        while (chunk := await _next(lines, read)) is not None:
            if pending is not None:
                done, pending = await pending, None
                yield done
            pending = asyncio.ensure_future(commit(chunk))
        if pending is not None:
            done, pending = await pending, None
            yield done
    finally:
        if pending is not None:
            await asyncio.gather(pending, return_exceptions=True)


async def _next(lines: Iterator[Line | BadLine], read: Callable[[Line], T | tuple[BadLine, ...]]) -> Chunk[T] | None:
    chunk = Chunk[T]()
    for line in lines:
        chunk.add(line, read)
        if chunk.full:
            break
        if chunk.lines % SLICE == 0:
            await asyncio.sleep(0)
    return chunk if chunk.lines else None
