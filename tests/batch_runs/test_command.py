"""`milepost process` as people use it: watched, interrupted, gone on with, and beside others."""

import asyncio
import os
import pty
import signal
from pathlib import Path

from domain.batch_runs import BatchRunState
from domain.commands.batch_runs import BatchStart
from domain.people import ENGINE
from domain.services import batch_runs
from domain.services.engine_programs import EnginePrograms
from domain.services.posting import Desk
from domain.store import batch_runs as store
from domain.store import queue
from domain.store.database import Database
from tests.app.milepost import COMMAND, environment_of, milepost, running
from tests.support.factories import result_of
from tests.support.members import a_member, by_number
from tests.support.transactions import Stage, a_stage, holding, until_waiting
from workers.work import Work


async def waiting(database: Database, count: int) -> tuple[Stage, list[int]]:
    """A stage for which so many members wait, and their transactions."""
    stage = await a_stage(Desk(database, EnginePrograms()))
    for _ in range(count):
        await stage.record(member=by_number(await a_member(database, stage.program)), queue=True)
    async with database.read() as reader:
        return stage, [row.transaction_id for row in await queue.upcoming(reader, stage.program.id, 0, 100)]


async def test_ctrl_c_stops_the_run_and_the_same_command_goes_on(fresh_database: Database, tmp_path: Path) -> None:
    stage, ids = await waiting(fresh_database, 3)
    url, code = fresh_database.engine.url.render_as_string(hide_password=False), stage.program.code
    held = f"{code}: stopped after 0 transactions; 3 wait, and are held until it goes on: milepost process --program {code}"
    async with holding(fresh_database, transactions=ids[1:2]):
        with running(tmp_path, "process", "--program", code, DATABASE_URL=url) as command:
            await until_waiting(fresh_database)
            assert await asyncio.to_thread(command.stop, signal.SIGINT) == 130
            assert command.said == f"{held}\n"
            assert "Traceback" not in command.logged
    async with fresh_database.read() as reader:
        assert await queue.waiting_programs(reader) == []
    again = await milepost("process", "--program", code, DATABASE_URL=url)
    assert (again.code, again.out.splitlines()[0].split(" in ")[0]) == (0, f"{code}: 3 transactions worked")
    async with fresh_database.read() as reader:
        assert await store.unfinished(reader, stage.program.id) is None


async def test_who_joins_a_run_of_others_only_leaves_it(fresh_database: Database, tmp_path: Path) -> None:
    stage, ids = await waiting(fresh_database, 2)
    url, code = fresh_database.engine.url.render_as_string(hide_password=False), stage.program.code
    run = result_of(await batch_runs.batch_start(fresh_database, ENGINE, BatchStart(program=code)))
    async with holding(fresh_database, transactions=ids):
        with running(tmp_path, "process", "--program", code, DATABASE_URL=url) as command:
            await until_waiting(fresh_database)
            assert await asyncio.to_thread(command.stop, signal.SIGTERM) == 130
            assert command.said == f"{code}: left; the run goes on without this command.\n"
    assert (await batch_runs.batch_run(fresh_database, run.id)).state is BatchRunState.RUNNING


async def test_who_counts_is_told_what_others_worked_of_the_run(fresh_database: Database) -> None:
    stage, _ = await waiting(fresh_database, 2)
    url, code = fresh_database.engine.url.render_as_string(hide_password=False), stage.program.code
    await Work(fresh_database).process_queue(stage.program.id)
    await stage.record(member=by_number(await a_member(fresh_database, stage.program)), queue=True)
    heading, _, others = (await milepost("process", "--program", code, DATABASE_URL=url)).out.splitlines()
    assert heading.split(" in ")[0] == f"{code}: 1 transaction worked"
    assert others == "This command worked 1 of the 3 of the run; other workers, or an earlier command, the others."


async def test_in_a_terminal_a_bar_shows_the_whole_run(fresh_database: Database) -> None:
    stage, ids = await waiting(fresh_database, 4)
    url, code = fresh_database.engine.url.render_as_string(hide_password=False), stage.program.code
    ours, theirs = pty.openpty()
    environment = environment_of({"DATABASE_URL": url, "TERM": "xterm", "COLUMNS": "150"})
    async with holding(fresh_database, transactions=ids[1:2]):
        process = await asyncio.create_subprocess_exec(
            *COMMAND, "process", "--program", code, env=environment, stdout=asyncio.subprocess.PIPE, stderr=theirs
        )
        await until_waiting(fresh_database)
        shown = await asyncio.to_thread(read_until, ours, "0/4")
    out, _ = await process.communicate()
    os.close(theirs)
    os.close(ours)
    assert f"Processing {code}" in shown
    assert (process.returncode, out.decode().splitlines()[0].split(" in ")[0]) == (0, f"{code}: 4 transactions worked")


def read_until(descriptor: int, told: str) -> str:
    said = ""
    while told not in said:
        said += os.read(descriptor, 4096).decode(errors="replace")
    return said
