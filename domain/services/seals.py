"""Sealing what was written, in the background; and finding what no longer is as it was sealed.

A seal is made of rows that are safely older than anybody still at work, so the hot path knows nothing of it.
"""

from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from domain.seals import BEGINNING, SAFETY, Checkpoint, Seal, SealPart, hash_of, split
from domain.store import seals as store
from domain.store.database import Database, Reader
from domain.store.invariants import Violation
from domain.store.sealed_tables import BY_NAME, SEALED, SealedTable
from domain.store.seals import SealedRow

MOST = 100_000
"""Decisions that one seal covers, about: longer spans of time are sealed in parts."""

SHORTEST = timedelta(milliseconds=1)
ALWAYS = datetime(1970, 1, 1, tzinfo=UTC)
"""From here on the first seal covers what was written."""


async def seal(database: Database, safety: timedelta = SAFETY) -> AsyncGenerator[int]:
    """Seal everything that is older than `safety`; the number of rows sealed so far, after each seal."""
    total = 0
    while (made := await _seal_next(database, safety)) is not None:
        total += made
        yield total


async def _seal_next(database: Database, safety: timedelta) -> int | None:
    """One more seal, if there is anything to seal; a span without rows becomes part of the next one."""
    async with database.write() as writer:
        await store.alone(writer)
        head, horizon = await store.last(writer), await store.horizon(writer, safety)
        begins = ALWAYS if head is None else head.through_at
        after = await store.first_written(writer) if head is None else begins
        while after is not None and after < horizon:
            ends = await _span(writer, after, horizon)
            if parts := await _parts(writer, begins, ends):
                made = _linked(head, begins, ends.astimezone(UTC), parts, await database.now(writer))
                await store.write(writer, made, parts)
                return sum(part.rows for part in parts)
            after = ends
    return None


async def _parts(reader: Reader, begins: datetime, ends: datetime) -> list[SealPart]:
    return [made for table in SEALED if (made := await store.part(reader, table, begins, ends)).rows]


def _linked(head: Seal | None, begins: datetime, ends: datetime, parts: Sequence[SealPart], now: datetime) -> Seal:
    """The seal that follows the head of the chain."""
    number, previous = (1, BEGINNING) if head is None else (head.number + 1, head.hash)
    return Seal(number, begins, ends, previous, hash_of(number, ends, previous, parts), now)


async def _span(reader: Reader, begins: datetime, ends: datetime) -> datetime:
    """The end of a span that is not too much for one seal."""
    while ends - begins > SHORTEST and await store.crowd(reader, begins, ends, MOST) >= MOST:
        ends = begins + (ends - begins) / 2
    return ends


@dataclass(frozen=True, slots=True)
class SealCheck:
    """What became of one seal: the rows that were compared, and what no longer fits."""

    seal: Seal
    rows: int
    violations: Sequence[Violation]


async def check(database: Database, since: datetime | None = None) -> AsyncIterator[SealCheck]:
    """Make every seal again (with `since`, those that reach beyond it) and compare; one after the other, in their order."""
    async with database.read() as reader:
        chain = await store.every(reader)
    previous, number = BEGINNING, 0
    for seal in chain:
        async with database.read() as reader:
            broken = _links(seal, number + 1, previous, await store.parts(reader, seal.number))
            rows = 0
            if since is None or seal.through_at > since:
                rows, found = await compare(reader, seal)
                broken += found
        previous, number = seal.hash, seal.number
        yield SealCheck(seal, rows, broken)


def _links(seal: Seal, number: int, previous: bytes, parts: Sequence[SealPart]) -> list[Violation]:
    """Whether a seal stands in its place in the chain, and its hash is that of its parts."""
    place = f"seal {seal.number}"
    if seal.number != number:
        return [Violation(place, f"seal {number} after seal {number - 1}", f"seal {seal.number}")]
    if seal.previous != previous:
        return [Violation(place, f"the hash of the seal before, {previous.hex()}", seal.previous.hex())]
    made = hash_of(seal.number, seal.through_at.astimezone(UTC), seal.previous, parts)
    return [] if made == seal.hash else [Violation(place, f"the hash of its parts, {made.hex()}", seal.hash.hex())]


async def compare(reader: Reader, seal: Seal) -> tuple[int, list[Violation]]:
    """The rows of the seal's time against its digests."""
    sealed = {part.table: part for part in await store.parts(reader, seal.number)}
    rows, found = 0, list[Violation]()
    for table in SEALED:
        now = await store.part(reader, table, seal.from_at, seal.through_at)
        before = sealed.pop(table.name, SealPart(table.name, 0, b""))
        rows += now.rows
        if now != before:
            found += await _differences(reader, seal, table, before)
    unknown = [f"{name} of {part.rows} rows" for name, part in sealed.items() if name not in BY_NAME]
    return rows, [*found, *(Violation(f"seal {seal.number}", "parts of tables there are", each) for each in unknown)]


async def _differences(reader: Reader, seal: Seal, table: SealedTable, before: SealPart) -> list[Violation]:
    """Which rows no longer fit: changed or added ones by their key, removed ones by their neighbours."""
    now, sealed = await store.rows(reader, table, seal.from_at, seal.through_at), split(before.digests)
    known = Counter(sealed)
    new = [row for row in now if not _known(known, row.digest)]
    gone = list(known.elements())
    excused = sum(row.erased for row in new)
    found = [
        Violation(row.place, f"as seal {seal.number} has it", "changed since, or added")
        for row in new
        if not row.erased
    ]
    lost = len(gone) - excused - len(found)
    if lost > 0:
        found.append(_removed(seal, table, sealed, now, lost))
    return found


def _known(known: Counter[bytes], digest: bytes) -> bool:
    if known[digest] <= 0:
        return False
    known[digest] -= 1
    return True


def _removed(seal: Seal, table: SealedTable, sealed: Sequence[bytes], now: Sequence[SealedRow], lost: int) -> Violation:
    """Rows that are missing: behind which of those that are there."""
    there = {row.digest: row.place for row in now}
    behind = ""
    for digest in sealed:
        if digest not in there:
            break
        behind = there[digest]
    where = f"after {behind}" if behind else "at the beginning"
    name = table.name.replace("_", " ")
    return Violation(f"{name} {where}", f"{lost} more as seal {seal.number} has them", "removed since")


async def head(database: Database) -> Checkpoint | None:
    """The head of the chain; None while nothing is sealed."""
    async with database.read() as reader:
        found = await store.last(reader)
    return None if found is None else Checkpoint(found.number, found.through_at.astimezone(UTC), found.hash)


async def holds(database: Database, checkpoint: Checkpoint) -> bool:
    """Whether the chain still contains what a checkpoint saw."""
    async with database.read() as reader:
        found = await store.numbered(reader, checkpoint.number)
    return found is not None and found.hash == checkpoint.hash and found.through_at == checkpoint.through_at
