"""What waits in the outbox, as tests read it."""

from typing import Any

from sqlalchemy import text

from domain.store.database import Database
from domain.store.json import decode

ROWS = text("select * from outbox where program_id = :program_id order by id")


async def told(database: Database, program_id: int) -> list[tuple[str, dict[str, Any]]]:
    """Type and body of everything written for a program, the oldest first."""
    async with database.read() as reader:
        rows = await reader.execute(ROWS, {"program_id": program_id})
        return [(row.type, decode(row.body)) for row in rows]
