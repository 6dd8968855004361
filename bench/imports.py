"""Importing transactions: lines a second and the most memory that the process took, for a file of any length, twice.

The second import of the same file finds everything known. Memory must not grow with the file.
"""

import asyncio
import json
import resource
import tempfile
import time
from pathlib import Path
from typing import Any

from app import embedded
from app.files import open_lines
from app.memory import rare_collections
from domain.attributes import AttributeType
from domain.commands.imports import MembersImport, TransactionsImport
from domain.commands.programs import PointTypeCreate, ProgramActivate, ProgramCreate
from domain.imports import transactions
from domain.imports.lines import Line
from domain.imports.reports import Imported
from domain.people import ENGINE
from domain.services.engine_programs import EnginePrograms
from domain.services.imports import members_import, transactions_import
from domain.services.point_types import point_type_create
from domain.services.programs import program_activate, program_create
from domain.store import migrate
from domain.store.database import Database

PROGRAM = "BENCH"
HEADER = (
    "external_id,member_number,type,transaction_date,amount,currency,quantity,attributes.miles,attributes.channel\n"
)


def run(lines: int = 1_000_000, members: int = 50_000, json_lines: int = 0) -> dict[str, Any]:
    """Figures for a CSV file of so many lines (or, with `json_lines` 1, for the same in JSON Lines)."""
    with tempfile.TemporaryDirectory() as folder, embedded.server(Path(folder) / "db") as url:
        path = _write(Path(folder), lines, members, bool(json_lines))
        figures = asyncio.run(_measure(url, path, members))
        size = path.stat().st_size // 1_000_000
    return {"bench": "imports", "lines": lines, "megabytes": size, **figures}


def _write(folder: Path, lines: int, members: int, json_lines: bool) -> Path:
    path = folder / ("transactions.jsonl" if json_lines else "transactions.csv")
    with path.open("w") as file:
        if not json_lines:
            file.write(HEADER)
        for number in range(lines):
            member, cents, day = number * 7919 % members, number % 9973, number % 28 + 1
            amount = f"{cents // 100}.{cents % 100:02}"
            file.write(
                f'{{"external_id":"E{number}","member_number":"M{member}","type":"ACCRUAL","transaction_date":"2025-01-{day:02}",'
                f'"amount":{amount},"currency":"USD","quantity":1,"attributes":{{"miles":{cents},"channel":"SHOP"}}}}\n'
                if json_lines
                else f"E{number},M{member},ACCRUAL,2025-01-{day:02},{amount},USD,1,{cents},SHOP\n"
            )
    return path


async def _measure(url: str, path: Path, members: int) -> dict[str, Any]:
    migrate.upgrade(url)
    database = Database(url, pool_size=4)
    await _program(database, members)
    before = _peak()
    first, second = await _import(database, path), await _import(database, path)
    await database.close()
    return {
        "first": first,
        "again": second,
        "peak_rss_mb": {"before": before, "after": _peak()},
    }


async def _program(database: Database, members: int) -> None:
    declared = {"transaction.attributes.miles": AttributeType.NUMBER}
    await program_create(
        database,
        ENGINE,
        ProgramCreate(code=PROGRAM, name="Bench", time_zone="UTC", currency="USD", attributes=declared),
    )
    await point_type_create(database, ENGINE, PointTypeCreate(program=PROGRAM, code="POINTS", name="Points"))
    await program_activate(database, ENGINE, ProgramActivate(PROGRAM))
    rows = (Line(number, {"number": f"M{number}", "name": "Somebody"}) for number in range(members))
    async for _ in members_import(database, ENGINE, MembersImport(program=PROGRAM), rows):
        pass


async def _import(database: Database, path: Path) -> dict[str, Any]:
    began, total = time.perf_counter(), Imported()
    with rare_collections(), open_lines(path, transactions.LAYOUT) as lines:
        command = TransactionsImport(program=PROGRAM, source="bench")
        async for done in transactions_import(database, EnginePrograms(), ENGINE, command, lines):
            total += done
    seconds = time.perf_counter() - began
    return {
        "seconds": round(seconds, 1), "lines_per_second": round(total.lines / seconds), "added": total.added,
        "known": total.known, "bad": total.bad_lines,
    }  # fmt: skip


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


if __name__ == "__main__":
    print(json.dumps(run()))
