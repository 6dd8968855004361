"""Sealing and verifying a ledger of so many stored transactions, each with four lots and a decision, on a durable server."""

import asyncio
import resource
import tempfile
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import asyncpg

from app import embedded
from bench import batch_stage
from bench.batch import command, plain
from bench.batch_stage import PROGRAM, Sizes
from domain.services import seals, verify
from domain.store.database import Database


def run(transactions: int = 200_000, members: int = 50_000, at_once: int = 2) -> dict[str, Any]:
    """Seconds to seal everything, and to verify it with all seals; and the most memory of this process."""
    with tempfile.TemporaryDirectory() as folder, embedded.server(Path(folder) / "db") as url:
        figures = asyncio.run(_measure(url, Sizes(members, 0, 50, transactions, 0), at_once))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return {"bench": "verify", **figures, "peak_rss_mib": peak, "transactions": transactions, "members": members}


async def _measure(url: str, sizes: Sizes, at_once: int) -> dict[str, Any]:
    command(url, "migrate")
    database = Database(url, pool_size=at_once + 1)
    await batch_stage.program(database, PROGRAM, sizes.promotions)
    connection = await asyncpg.connect(plain(url))
    await batch_stage.rows(connection, PROGRAM, sizes, queued=0, history=sizes.history, first=0)
    await connection.execute("vacuum analyze")
    began, sealed = time.perf_counter(), 0
    async for sealed in seals.seal(database, timedelta(0)):
        assert sealed
    made = time.perf_counter()
    found = [each async for each in verify.verify(database, at_once=at_once)]
    done = time.perf_counter()
    assert not any(each.violations for each in found), found
    size = await connection.fetchval("select pg_total_relation_size('seal_part')")
    await connection.close()
    await database.close()
    return {
        "seal_seconds": round(made - began, 1), "verify_seconds": round(done - made, 1), "sealed_rows": sealed,
        "verified_rows": sum(each.rows for each in found), "seal_bytes_per_row": round(size / sealed, 1),
    }  # fmt: skip
